//! `sandbox`: starts the local WeChat Pay.

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use crate::failure::{Failure, Result};

pub(crate) fn run(arguments: &[String]) -> Result<ExitCode> {
    let name = format!("wechatpay-sandbox{}", std::env::consts::EXE_SUFFIX);
    let beside = std::env::current_exe().ok().and_then(|own| Some(own.parent()?.join(&name)));
    let program = beside.filter(|path| path.is_file()).unwrap_or_else(|| PathBuf::from(&name));
    let status = Command::new(&program).args(arguments).status().map_err(|error| {
        Failure::new(
            format!(
                "{} cannot be started ({error}); install it: cargo install wechatpay-sandbox",
                program.display()
            ),
            format!("无法启动 {}（{error}）；请先安装：cargo install wechatpay-sandbox", program.display()),
        )
    })?;
    Ok(ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)))
}
