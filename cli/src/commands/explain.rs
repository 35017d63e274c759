//! `explain`: whether a message that was kept holds, and why not.

use std::io::Read as _;
use std::path::Path;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use wechatpay_core::http::Method;
use wechatpay_core::protocol::{self, header};

use crate::failure::{Failure, Result};
use crate::language::Text;
use crate::message::{self, Message};
use crate::output::Output;
use crate::{keys, options};

/// No message of WeChat Pay is longer.
const MOST_BYTES: u64 = 16 << 20;

type Options = Map<String, Value>;

pub(crate) fn run(options: &Options, file: &Path, signed_text: bool, output: &Output) -> Result<ExitCode> {
    let message = message::read(&content(file)?)?;
    if message.headers.get(header::SIGNATURE).is_some() {
        return of_wechat_pay(options, &message, signed_text, output);
    }
    of_merchant(options, &message, signed_text, output)
}

fn content(file: &Path) -> Result<Vec<u8>> {
    let mut content = Vec::new();
    let read = if file == Path::new("-") {
        std::io::stdin().take(MOST_BYTES).read_to_end(&mut content)
    } else {
        std::fs::File::open(file).and_then(|file| file.take(MOST_BYTES).read_to_end(&mut content))
    };
    read.map_err(|error| Failure::file(file, &error))?;
    Ok(content)
}

fn write_signed(text: &[u8]) -> ExitCode {
    use std::io::Write as _;
    // Byte for byte: it ends with its own line feed.
    let _ = std::io::stdout().write_all(text);
    ExitCode::SUCCESS
}

/// A notification, or an answer. The moment when it was made counts as now: how old it is, is told and is no reason.
fn of_wechat_pay(
    options: &Options,
    message: &Message,
    signed_text: bool,
    output: &Output,
) -> Result<ExitCode> {
    let field = |name: &str| message.headers.get(name).unwrap_or_default();
    let (timestamp, nonce) = (field(header::TIMESTAMP), field(header::NONCE));
    if signed_text {
        return Ok(write_signed(&protocol::answer_message(timestamp, nonce, &message.body)));
    }
    let made: u64 = timestamp.parse().map_err(|_| {
        Failure::new(
            format!("Wechatpay-Timestamp is {timestamp:?}, which is no number of seconds"),
            format!("Wechatpay-Timestamp 是 {timestamp:?}，不是以秒为单位的时间戳"),
        )
    })?;
    let client = options::client(options)?.client()?;
    // Certificates are fetched with the clock of today, and kept for the look into the past.
    if client.kernel().platform_serials().is_empty() {
        client.call("certificates.list", json!({}))?;
    }
    let notification =
        serde_json::from_slice::<Value>(&message.body).is_ok_and(|body| body["resource"].is_object());
    let kernel = client.kernel().as_of(made)?;
    let opened = kernel.parse_notification(&message.headers, &message.body);
    let age = age(made);
    let shown = match opened {
        Ok(opened) => json!({
            "verified": true, "what": "notification", "type": opened.kind.map(|kind| kind.id()), "event_type": opened.event_type,
            "resource": opened.resource, "seconds_old": age,
        }),
        Err(error) if notification => {
            tell_age(age, output);
            return Err(error.into());
        }
        Err(error) if error.authenticated() => {
            json!({ "verified": true, "what": "answer", "body": String::from_utf8_lossy(&message.body), "seconds_old": age })
        }
        Err(error) => {
            tell_age(age, output);
            return Err(error.into());
        }
    };
    if !output.json {
        let holds = Text::new("The signature holds.", "签名正确。");
        output.line(output.styled("32", output.say(&holds)));
        tell_age(age, output);
    }
    output.value(&shown);
    Ok(ExitCode::SUCCESS)
}

fn age(made: u64) -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_secs());
    i64::try_from(now).unwrap_or(i64::MAX) - i64::try_from(made).unwrap_or(i64::MAX)
}

/// A client refuses what is older than five minutes, or ahead.
fn tell_age(age: i64, output: &Output) {
    if age.unsigned_abs() > protocol::CLOCK_WINDOW_SECONDS && !output.json {
        let text = Text::new(
            format!(
                "It is {age} seconds old: a client that gets it now refuses it with CLOCK_OFF, as a repetition."
            ),
            format!("该报文距今 {age} 秒：现在收到会以 CLOCK_OFF 拒绝（防重放）。"),
        );
        output.line(output.say(&text));
    }
}

/// A request that a merchant signed: what stands in it against what these options would have put there.
fn of_merchant(options: &Options, message: &Message, signed_text: bool, output: &Output) -> Result<ExitCode> {
    let authorization = message.headers.get("Authorization").unwrap_or_default();
    let field = |name: &str| {
        let value = authorization.split_once(&format!("{name}=\"")).map_or("", |(_, rest)| rest);
        value.split_once('"').map_or(value, |(value, _)| value).to_owned()
    };
    let text = protocol::request_message(
        Method::from_name(&message.method).ok_or_else(|| {
            Failure::new(
                format!("the method {:?} is none that is signed", message.method),
                format!("请求方法 {:?} 不能用于签名", message.method),
            )
        })?,
        path_and_query(&message.target),
        field("timestamp").parse().unwrap_or_default(),
        &field("nonce_str"),
        &message.body,
    );
    if signed_text {
        return Ok(write_signed(&text));
    }
    let mut wrong = Vec::new();
    if !authorization.starts_with(protocol::SIGNATURE_TYPE) {
        wrong.push(Text::new(
            format!("Authorization must begin with {}", protocol::SIGNATURE_TYPE),
            format!("Authorization 必须以 {} 开头", protocol::SIGNATURE_TYPE),
        ));
    }
    let own = |name: &str| options.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let serial =
        keys::certificate(options).and_then(|found| found.ok()).map(|found| found.serial().to_owned());
    for (name, expected) in
        [("mchid", own("mchid")), ("serial_no", serial.unwrap_or_else(|| own("merchant_serial")))]
    {
        if !expected.is_empty() && !expected.eq_ignore_ascii_case(&field(name)) {
            wrong.push(Text::new(
                format!("{name} is {:?} in the request, and {expected:?} in the options", field(name)),
                format!("请求中的 {name} 是 {:?}，配置中是 {expected:?}", field(name)),
            ));
        }
    }
    let age = age(field("timestamp").parse().unwrap_or_default());
    match keys::private_key(options) {
        None => wrong
            .push(Text::new("there is no private key to check the signature with", "没有私钥，无法检查签名")),
        Some(key) => {
            let signature = STANDARD.decode(field("signature")).unwrap_or_default();
            if !key?.public_key().verify_sha256(&text, &signature) {
                wrong.push(Text::new(
                    "the private key did not sign this text: another key, or a text that was changed after it was signed (body, \
                     order of the query, escapes). --signed-text shows what must be signed, byte for byte",
                    "私钥对不上这段签名串：用了别的私钥，或签名之后改动了报文（主体、查询参数的顺序、转义）。\
                     用 --signed-text 查看应当签名的每一个字节",
                ));
            }
        }
    }
    if output.json {
        let wrong: Vec<&str> = wrong.iter().map(|text| output.say(text)).collect();
        output.value(
            &json!({ "verified": wrong.is_empty(), "what": "request", "wrong": wrong, "seconds_old": age }),
        );
    } else if wrong.is_empty() {
        let holds = Text::new("The signature holds.", "签名正确。");
        output.line(output.styled("32", output.say(&holds)));
        tell_age(age, output);
    } else {
        for text in &wrong {
            output.line(format!("{} {}", output.styled("31", "✗"), output.say(text)));
        }
    }
    Ok(if wrong.is_empty() { ExitCode::SUCCESS } else { Output::failed() })
}

/// What of an address is signed.
fn path_and_query(target: &str) -> &str {
    let target = target.split_once('#').map_or(target, |(before, _)| before);
    match target.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("/", |slash| &rest[slash..]),
        None => target,
    }
}
