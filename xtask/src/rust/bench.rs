//! The cost of what the SDK does per call, for both cryptography backends, beside
//! `openssl speed` of the same run.
//!
//! Each backend is built and measured as a merchant would have it: alone. OpenSSL runs before, between and after, for a
//! machine's speed drifts during a run; the middle one of the three counts.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::run::{self, cargo, headline};

const BACKENDS: &[(&str, &str)] = &[("aws-lc", "aws-lc"), ("rustcrypto", "rustcrypto")];

/// What is measured, and which RSA operation is its floor.
const ROWS: &[(&str, &str, Option<Floor>)] = &[
    ("sign", "RSA sign (SHA-256)", Some(Floor::Sign)),
    ("verify", "RSA verify (SHA-256)", Some(Floor::Verify)),
    ("oaep_encrypt", "OAEP encrypt one field", Some(Floor::Verify)),
    ("oaep_decrypt", "OAEP decrypt one field", Some(Floor::Sign)),
    ("authorization", "Authorization header of a GET", Some(Floor::Sign)),
    ("prepare", "prepare: JSAPI prepay", Some(Floor::Sign)),
    ("finish", "finish: JSAPI prepay", Some(Floor::Verify)),
    ("notification", "notification: verify, decrypt, parse", Some(Floor::Verify)),
];

#[derive(Clone, Copy)]
enum Floor {
    Sign,
    Verify,
}

/// Measured with a signer that costs nothing; printed without one verification.
const OWN: &str = "own";

/// Both backends of the core.
pub(crate) fn bench(quick: bool) -> Result<()> {
    let home = run::target_dir()?.join("xtask-bench");
    let mut openssl = Vec::new();
    let mut measured = Vec::new();
    openssl.extend(openssl_speed(quick));
    for (name, features) in BACKENDS {
        headline(&format!("wechatpay-core with {name}"));
        let results = home.join(name);
        // Results of an earlier run must not pass for results of this one.
        if results.exists() {
            std::fs::remove_dir_all(&results).with_context(|| results.display().to_string())?;
        }
        let mut command = cargo(&["bench", "--locked", "-p", "wechatpay-core", "--bench", "protocol"]);
        command.args(["--no-default-features", "--features", features]).env("CRITERION_HOME", &results);
        command.args(["--", "--noplot"]);
        if quick {
            command.arg("--quick");
        }
        run::run(&mut command)?;
        measured.push(medians(&results)?);
        openssl.extend(openssl_speed(quick));
    }
    headline("summary");
    print_table(&measured, middle(openssl));
    Ok(())
}

/// Operations per second of OpenSSL.
#[derive(Clone, Copy)]
struct OpenSsl {
    sign: f64,
    verify: f64,
}

/// One run of `openssl speed`; none when the program is missing or prints something else.
fn openssl_speed(quick: bool) -> Option<OpenSsl> {
    headline("openssl speed rsa2048");
    let seconds = if quick { "1" } else { "5" };
    let output =
        Command::new("openssl").args(["speed", "-mr", "-seconds", seconds, "rsa2048"]).output().ok()?;
    let speed = parse_openssl(&String::from_utf8_lossy(&output.stdout));
    match speed {
        Some(OpenSsl { sign, verify }) => println!("    {sign:.0} signatures/s, {verify:.0} verifications/s"),
        None => println!("    openssl is missing or prints something unknown; no ratios"),
    }
    speed
}

/// Reads the machine-readable line `+F2:index:bits:signatures/s:verifications/s[:…]`.
fn parse_openssl(text: &str) -> Option<OpenSsl> {
    let line = text.lines().find(|line| line.starts_with("+F2:"))?;
    let mut numbers = line.split(':').skip(3).map(str::parse::<f64>);
    let (sign, verify) = (numbers.next()?.ok()?, numbers.next()?.ok()?);
    (sign > 1.0 && verify > 1.0).then_some(OpenSsl { sign, verify })
}

fn middle(mut runs: Vec<OpenSsl>) -> Option<OpenSsl> {
    runs.sort_by(|a, b| a.sign.total_cmp(&b.sign));
    runs.get(runs.len() / 2).copied()
}

/// Median of every benchmark in nanoseconds, as criterion left it.
fn medians(home: &Path) -> Result<BTreeMap<String, f64>> {
    let mut medians = BTreeMap::new();
    for name in ROWS.iter().map(|(name, ..)| *name).chain([OWN]) {
        let path: PathBuf =
            [home, Path::new(name), Path::new("new"), Path::new("estimates.json")].iter().collect();
        let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let estimates: Value = serde_json::from_str(&text).with_context(|| path.display().to_string())?;
        let Some(median) = estimates["median"]["point_estimate"].as_f64() else {
            bail!("{}: no median", path.display());
        };
        medians.insert(name.to_owned(), median);
    }
    Ok(medians)
}

/// Times, and in brackets the speed relative to OpenSSL's RSA operation that the row cannot do without.
fn print_table(measured: &[BTreeMap<String, f64>], openssl: Option<OpenSsl>) {
    print!("{:<38}", "");
    for (name, _) in BACKENDS {
        print!("{name:>20}");
    }
    println!("{:>20}", "openssl");
    for (name, title, floor) in ROWS {
        print!("{title:<38}");
        let floor = match (floor, openssl) {
            (Some(Floor::Sign), Some(openssl)) => Some(1e9 / openssl.sign),
            (Some(Floor::Verify), Some(openssl)) => Some(1e9 / openssl.verify),
            _ => None,
        };
        for backend in measured {
            let nanoseconds = backend.get(*name).copied().unwrap_or(f64::NAN);
            let ratio = floor.map_or_else(String::new, |floor| format!(" ({:.2})", floor / nanoseconds));
            print!("{:>20}", format!("{:.1} µs{ratio}", nanoseconds / 1e3));
        }
        println!("{:>20}", floor.map_or_else(String::new, |floor| format!("{:.1} µs (1.00)", floor / 1e3)));
    }
    print!("{:<38}", "prepare + finish without RSA");
    for backend in measured {
        let of = |name| backend.get(name).copied().unwrap_or(f64::NAN);
        print!("{:>20}", format!("{:.1} µs", (of(OWN) - of("verify")) / 1e3));
    }
    println!();
    println!(
        "\nMedians; in brackets the speed relative to OpenSSL's RSA-2048 sign or verify, whichever the row contains."
    );
}

#[cfg(test)]
mod tests {
    use super::parse_openssl;

    #[test]
    fn both_shapes_of_the_openssl_line_are_read() {
        for line in ["+F2:2:2048:3382.27:52176.04\n", "+F2:2:2048:3382.27:52176.04:51000.1:3300.0\n"] {
            let speed = parse_openssl(line).unwrap();
            assert_eq!((speed.sign.round(), speed.verify.round()), (3382.0, 52176.0));
        }
        assert!(parse_openssl("+F2:2:2048:x").is_none());
        assert!(parse_openssl("").is_none());
    }
}
