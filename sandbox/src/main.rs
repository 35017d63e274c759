//! `wechatpay-sandbox`: a local WeChat Pay as a program.

use std::io::{Read as _, Write as _};
use std::net::IpAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use wechatpay_sandbox::{Options, Sandbox, usage};

/// A local WeChat Pay to develop and test against. Listens on this machine only; all keys are for tests only.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Folder for keys, certificates and credentials.json.
    #[arg(long, value_name = "DIR", default_value = "wechatpay-sandbox")]
    out: PathBuf,
    /// Loopback address to listen on.
    #[arg(long, default_value = "127.0.0.1")]
    host: IpAddr,
    /// Port to listen on; 0 takes a free one.
    #[arg(long, default_value_t = 8443)]
    port: u16,
    /// Play a new merchant, who has the WeChat Pay public key and no platform certificates.
    #[arg(long)]
    public_key_only: bool,
    /// Let through request fields that the spec does not know, as WeChat Pay does.
    #[arg(long)]
    lenient: bool,
    /// Stop when standard input is closed, so that a test that dies leaves nothing behind.
    #[arg(long)]
    exit_with_parent: bool,
    /// Print only the line that says that the sandbox is ready.
    #[arg(long, short)]
    quiet: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("wechatpay-sandbox: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let mut options = Options::default();
    options.host = arguments.host;
    options.port = arguments.port;
    options.out = Some(arguments.out.clone());
    options.fresh_keys = true;
    options.certificates = !arguments.public_key_only;
    options.strict = !arguments.lenient;
    let running = Sandbox::start(options)?;
    let credentials = running.credentials();

    let mut out = std::io::stdout().lock();
    if !arguments.quiet {
        write!(out, "{}", usage::text(credentials))?;
    }
    writeln!(out, "WECHATPAY_SANDBOX_READY {}", usage::ready(credentials))?;
    out.flush()?;
    drop(out);

    if arguments.exit_with_parent {
        // Whatever comes is thrown away; what counts is the end.
        let mut stdin = std::io::stdin().lock();
        let mut buffer = [0; 1024];
        while stdin.read(&mut buffer)? > 0 {}
        return Ok(());
    }
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(tokio::signal::ctrl_c())?;
    Ok(())
}
