//! One file for each command, or for a few that are alike.

mod bill;
mod calls;
mod doctor;
mod explain;
mod ops;
mod sandbox;
mod secrets;

use std::process::ExitCode;

use clap::CommandFactory as _;

use crate::arguments::{Arguments, Command};
use crate::failure::Result;
use crate::options;
use crate::output::Output;

pub(crate) fn run(arguments: &Arguments, output: &Output) -> Result<ExitCode> {
    let options = || options::gather(arguments);
    let client = || options::client(&options()?);
    match &arguments.command {
        Command::Doctor { offline, notify_url } => {
            doctor::run(&options()?, *offline, notify_url.as_deref(), output)
        }
        Command::Explain { file, signed_text } => explain::run(&options()?, file, *signed_text, output),
        Command::Ops { search } => ops::list(search, output),
        Command::Op { id } => ops::show(id, output),
        Command::Call { id, params, dry_run } => calls::call(&client()?, id, params, *dry_run, output),
        Command::Request { method, path, body } => {
            calls::request(&client()?, method, path, body.as_deref(), output)
        }
        Command::Certs => calls::certificates(&client()?, output),
        Command::Bill { date, to, kind, rows } => bill::run(&client()?, date, to, kind, *rows, output),
        Command::Encrypt => secrets::encrypt(&client()?, output),
        Command::Decrypt => secrets::decrypt(&client()?, output),
        Command::Sandbox { arguments } => sandbox::run(arguments),
        Command::Completions { shell } => {
            clap_complete::generate(*shell, &mut Arguments::command(), "wechatpay", &mut std::io::stdout());
            Ok(ExitCode::SUCCESS)
        }
    }
}
