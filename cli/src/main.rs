//! `wechatpay`: WeChat Pay on the command line.

mod arguments;
mod catalogue;
mod commands;
mod failure;
mod keys;
mod language;
mod message;
mod options;
mod output;

use std::process::ExitCode;

use clap::Parser as _;

use crate::arguments::Arguments;
use crate::language::Language;
use crate::output::Output;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let language = Language::from(arguments.lang.as_deref());
    let output = Output::new(arguments.json, language);
    match commands::run(&arguments, &output) {
        Ok(code) => code,
        Err(failure) => output.failure(&failure),
    }
}
