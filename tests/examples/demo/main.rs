//! The main job of a merchant's backend, against the sandbox: `cargo xtask demo` starts the sandbox and runs this.
//!
//! Everything printed is what really happened: the texts that were signed, the serials that answers were verified
//! with, the notifications as they were decrypted. A step that fails ends the demo with a non-zero status.

mod attacks;
mod coupons;
mod listener;
mod payment;
mod score;
mod show;
mod world;

use std::path::Path;
use std::process::ExitCode;

use crate::world::{Result, World};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nThe demo failed: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let Some(folder) = std::env::args_os().nth(1) else {
        return Err("give the folder with the sandbox's credentials; `cargo xtask demo` does".into());
    };
    let world = World::new(Path::new(&folder))?;
    payment::run(&world)?;
    attacks::run(&world)?;
    coupons::run(&world)?;
    score::run(&world)?;
    println!("\nEvery step did what it should. Keys and files of this run: {}", Path::new(&folder).display());
    Ok(())
}
