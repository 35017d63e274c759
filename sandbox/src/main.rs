//! `wechatpay-sandbox`: a local WeChat Pay as a program.

use std::io::{Read as _, Write as _};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use wechatpay_sandbox::environment::{self, Language};
use wechatpay_sandbox::{Options, Sandbox, TransparentAccess, TransparentOptions, usage};

/// A local WeChat Pay to develop and test against. Listens on this machine only; all keys are for tests only.
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
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
    /// Send notifications that nobody took again by the documented schedule, so many times as fast as WeChat Pay does.
    #[arg(long, value_name = "TIMES", value_parser = times)]
    time_scale: Option<f64>,
    /// Also be WeChat Pay under its own names, by a proxy and by TLS, for programs that cannot be told another address.
    #[arg(long)]
    transparent: bool,
    /// Port of that proxy; 0 takes a free one [default: the one after --port]
    #[arg(long, value_name = "PORT", requires = "transparent")]
    proxy_port: Option<u16>,
    /// Port of the TLS listener; 0 takes a free one [default: the second after --port]
    #[arg(long, value_name = "PORT", requires = "transparent")]
    tls_port: Option<u16>,
    /// Folder of the certificate authority that programs must trust [default: in the user's state folder]
    #[arg(long, value_name = "DIR", requires = "transparent")]
    ca: Option<PathBuf>,
    /// Stop when standard input is closed, so that a test that dies leaves nothing behind.
    #[arg(long)]
    exit_with_parent: bool,
    /// Print only the line that says that the sandbox is ready.
    #[arg(long, short)]
    quiet: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print the lines that lead programs of a language to a sandbox that was started with --transparent.
    ///
    /// In a shell: eval "$(wechatpay-sandbox env --lang python)".
    Env {
        /// Language of the program.
        #[arg(long)]
        lang: Language,
        /// The sandbox's folder, as it was given there.
        #[arg(long, value_name = "DIR", default_value = "wechatpay-sandbox")]
        out: PathBuf,
    },
}

fn times(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|times: &f64| *times > 0.0 && times.is_finite())
        .ok_or_else(|| "a number above 0 is wanted".to_owned())
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match &arguments.command {
        Some(Command::Env { lang, out }) => env(*lang, out),
        None => run(&arguments),
    };
    match done {
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
    options.time_scale = arguments.time_scale.unwrap_or_default();
    options.transparent = arguments.transparent.then(|| {
        let mut transparent = TransparentOptions::default();
        transparent.proxy_port = arguments.proxy_port;
        transparent.tls_port = arguments.tls_port;
        transparent.authority.clone_from(&arguments.ca);
        transparent
    });
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

fn env(language: Language, folder: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let path = folder.join("credentials.json");
    let json = std::fs::read(&path).map_err(|error| {
        format!("{}: {error}; start the sandbox first, or name its folder with --out", path.display())
    })?;
    let credentials: serde_json::Value =
        serde_json::from_slice(&json).map_err(|error| format!("{}: {error}", path.display()))?;
    if credentials.get("proxy_url").is_none() {
        return Err(format!("{}: this sandbox was started without --transparent", path.display()).into());
    }
    let access: TransparentAccess =
        serde_json::from_value(credentials).map_err(|error| format!("{}: {error}", path.display()))?;
    print!("{}", environment::lines(&access, language));
    Ok(())
}
