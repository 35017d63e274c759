//! What `tsc` costs a program of three lines that imports the package, beside the same with few families. As `tsc --init`
//! sets it up: the declarations of libraries are read, and not checked.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result};

use super::{Repository, Scale, Table, meter};
use crate::node::Project;
use crate::run;

/// What a user writes first.
const PROGRAM: &str = "import { Client } from 'wechatpay-rs'\n\
                       const client = new Client({ mchid: '1900000001' })\n\
                       export const order = client.payments.native.prepay\n";

pub(super) fn measure(scale: &Scale, table: &mut Table) -> Result<()> {
    let few = scale.with_few()?;
    let tools = Project::with_lock("tools", "", &[])?;
    let small = compile(&few, &tools)?;
    let whole = compile(&scale.whole, &tools)?;
    table.told("TypeScript: tsc of three lines with few families", small, "CPU-s");
    table.most("the same with all families, beside that", whole / small, 1.25, "times");
    Ok(())
}

/// The faster of three runs.
fn compile(repository: &Repository, tools: &Project) -> Result<f64> {
    let program = repository.root.join("bindings-node/three-lines.mts");
    fs::write(&program, PROGRAM).with_context(|| program.display().to_string())?;
    let package = repository.root.join("bindings-node/index.d.mts");
    let config = serde_json::json!({
        "compilerOptions": {
            "strict": true, "noEmit": true, "skipLibCheck": true, "target": "es2022", "lib": ["es2022"], "module": "node16", "types": ["node"],
            "typeRoots": [tools.folder().join("node_modules/@types")],
            "paths": { "wechatpay-rs": [package] },
        },
        "files": [program],
    });
    let file = repository.root.join("bindings-node/three-lines.json");
    fs::write(&file, config.to_string()).with_context(|| file.display().to_string())?;
    let mut command = Command::new("node");
    command.arg(tools.folder().join("node_modules/typescript/bin/tsc")).arg("-p").arg(&file);
    run::announce(&command);
    let mut fastest = f64::INFINITY;
    for _ in 0..3 {
        fastest = fastest.min(meter::measure(&command)?.cpu);
    }
    Ok(fastest)
}
