//! One version everywhere: packages, what they ask of each other, and the change log.

use anyhow::{Context, Result, anyhow, bail};
use serde_json::Value;

use super::Checked;
use crate::run::{cargo, output_of, root};

pub(super) fn check() -> Result<Checked> {
    let metadata = output_of(&mut cargo(&["metadata", "--locked", "--no-deps", "--format-version", "1"]))?;
    let metadata: Value = serde_json::from_str(&metadata).context("cargo metadata")?;
    let packages = metadata["packages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let Some(version) =
        packages.iter().find(|p| p["name"] == "wechatpay-core").and_then(|p| p["version"].as_str())
    else {
        bail!("cargo metadata knows no wechatpay-core");
    };
    let mut wrong = Vec::new();
    for package in packages {
        let name = &package["name"];
        if package["version"] != version {
            wrong
                .push(format!("package {name} has version {}, wechatpay-core {version}", package["version"]));
        }
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            // Requirement of a sibling: published crates find each other by version, not by path.
            // What only tests need is named by its path alone: no registry has to have it.
            let for_tests = dependency["kind"] == "dev" && dependency["req"] == "*";
            if !dependency["path"].is_null() && !for_tests && dependency["req"] != format!("^{version}") {
                let (on, req) = (&dependency["name"], &dependency["req"]);
                wrong.push(format!("package {name} asks for {on} {req}, the version is {version}"));
            }
        }
    }
    for file in ["bindings-node/package.json", "sandbox/packages/npm/package.json"] {
        let text = std::fs::read_to_string(root().join(file)).with_context(|| file.to_owned())?;
        let manifest: Value = serde_json::from_str(&text).with_context(|| file.to_owned())?;
        if manifest["version"] != version {
            wrong.push(format!("{file} has version {}, wechatpay-core {version}", manifest["version"]));
        }
    }
    let wanted = format!("\"wechatpay-rs-sandbox>={version}\"");
    if !std::fs::read_to_string(root().join("pyproject.toml")).context("pyproject.toml")?.contains(&wanted) {
        wrong.push(format!("pyproject.toml does not ask for {wanted}"));
    }
    let changelog = std::fs::read_to_string(root().join("CHANGELOG.md")).context("CHANGELOG.md")?;
    if !changelog.lines().any(|line| line.starts_with("## ") && line.contains(version)) {
        wrong.push(format!("CHANGELOG.md has no section `## {version}`"));
    }
    if wrong.is_empty() { Ok(Checked::Ok) } else { Err(anyhow!(wrong.join("\n"))) }
}
