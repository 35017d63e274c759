//! What is typed.

use std::path::PathBuf;

use clap::{Parser, Subcommand};
use clap_complete::Shell;

/// WeChat Pay on the command line.
///
/// Exit codes: 0 done; 1 refused, failed, or doctor found something; 2 wrong arguments; 3 a request may have taken effect and nobody knows:
/// look it up before doing anything else.
#[derive(Debug, Parser)]
#[command(name = "wechatpay", version)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// JSON file with options of a client under their names (mchid, private_key_path, …), or the sandbox's credentials.json.
    #[arg(long, short, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// An option of a client, before those of the file and of the environment (WECHATPAY_MCHID and so on): -o retries=0.
    #[arg(short = 'o', long = "option", global = true, value_name = "NAME=VALUE")]
    pub(crate) options: Vec<String>,
    /// Print JSON.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Language of what is said: en or zh [default: what LANG says].
    #[arg(long, global = true, value_name = "en|zh", value_parser = ["en", "zh"])]
    pub(crate) lang: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Find out why calls or notifications fail: each key and number alone, then all of them together in a signed call.
    Doctor {
        /// Send nothing: look only at what is on this machine.
        #[arg(long)]
        offline: bool,
        /// Also have WeChat Pay send a notification there.
        #[arg(long, value_name = "URL", conflicts_with = "offline")]
        notify_url: Option<String>,
    },
    /// Say whether a saved notification, answer or request holds, and why not.
    ///
    /// FILE is HTTP as text (headers, an empty line, the body), a HAR file, or a curl command; - is standard input.
    Explain {
        /// The file.
        file: PathBuf,
        /// Print the text that is signed, and nothing else.
        #[arg(long)]
        signed_text: bool,
    },
    /// List operations, or those that a text in English or Chinese, a path or an id leads to.
    Ops {
        /// What to look for.
        search: Vec<String>,
    },
    /// Show an operation with its parameters.
    Op {
        /// Its id: payments.jsapi.prepay.
        id: String,
    },
    /// Carry out an operation.
    Call {
        /// Its id: payments.query_by_out_trade_no.
        id: String,
        /// Its parameters as JSON; @FILE reads them from a file, - from standard input.
        #[arg(default_value = "{}")]
        params: String,
        /// Print the signed request and send nothing.
        #[arg(long)]
        dry_run: bool,
    },
    /// Call an endpoint that is not typed.
    Request {
        /// GET, POST, …
        method: String,
        /// Path with its query, percent-encoded.
        path: String,
        /// Body as JSON; @FILE reads it from a file, - from standard input.
        body: Option<String>,
    },
    /// List WeChat Pay's platform certificates.
    Certs,
    /// Fetch a day's bill, checked against its announced hash and its own totals.
    Bill {
        /// The day: 2026-11-26.
        date: String,
        /// Where to; - is standard output.
        #[arg(default_value = "-")]
        to: PathBuf,
        /// trade or fund_flow.
        #[arg(long, default_value = "trade", value_parser = ["trade", "fund_flow"])]
        kind: String,
        /// One JSON object per row, amounts in fen, in place of WeChat Pay's own table.
        #[arg(long)]
        rows: bool,
    },
    /// Encrypt a text to WeChat Pay, for a request that is not typed. The text comes from standard input.
    Encrypt,
    /// Decrypt what WeChat Pay encrypted to the merchant. The ciphertext comes from standard input.
    Decrypt,
    /// Start the local WeChat Pay: wechatpay-sandbox, beside this program or on the PATH.
    #[command(disable_help_flag = true)]
    Sandbox {
        /// Its own arguments.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Print completions for a shell.
    Completions {
        /// The shell.
        shell: Shell,
    },
}
