//! What only WeChat Pay can tell: a signed call, and what it says.

use std::net::ToSocketAddrs as _;

use serde_json::{Map, Value, json};
use wechatpay_core::{Client, Error, ErrorKind, MAIN_BASE_URL};

use super::{Finding, Verdict};
use crate::failure::Result;
use crate::language::Text;
use crate::options;

type Options = Map<String, Value>;

pub(super) fn look(options: &Options, notify_url: Option<&str>) -> Result<Vec<Finding>> {
    let base_url = options.get("base_url").and_then(Value::as_str).unwrap_or(MAIN_BASE_URL);
    let mut findings = Vec::new();
    let proxy = proxy_of(options, base_url);
    if let Some(proxy) = &proxy {
        findings.push(Finding::open(
            "proxy",
            Text::new(format!("{proxy} is used"), format!("通过 {proxy} 访问")),
        ));
    } else {
        let (host, port) = host_of(base_url);
        // Behind a proxy names are its business.
        match (host.as_str(), port).to_socket_addrs() {
            Ok(addresses) => {
                let found: Vec<String> = addresses.map(|address| address.ip().to_string()).collect();
                findings
                    .push(Finding::right("dns", Text::as_it_is(format!("{host} → {}", found.join(", ")))));
            }
            Err(error) => {
                findings.push(Finding::wrong(
                    "dns",
                    Text::new(format!("{host} is not found: {error}"), format!("无法解析 {host}：{error}")),
                    Text::new("mend the resolver of this machine or container", "检查本机或容器的 DNS 配置"),
                ));
                return Ok(findings);
            }
        }
    }
    let client = options::client(options)?.client()?;
    match client.call("certificates.list", json!({})) {
        Ok(_) => {
            let text = Text::new(
                "WeChat Pay accepted the signature, and its answer was verified and decrypted: key, serial number, clock and APIv3 key are right",
                "微信支付接受了签名，应答验签、解密成功：私钥、证书序列号、时钟、APIv3密钥都正确",
            );
            findings.push(Finding::right("call", text));
            findings.push(echo(&client));
        }
        // A new merchant has a public key and no certificates; WeChat Pay signs no error answer, so that something else is asked.
        Err(error) if error.status() == Some(404) && options.contains_key("wechatpay_public_key") => {
            match client.call("security.echo", echo_params()) {
                Ok(_) => {
                    let text = Text::new(
                        "WeChat Pay accepted the signature, and its answer was verified; there are no platform certificates, so that the \
                         APIv3 key was not tried",
                        "微信支付接受了签名，应答验签成功；该商户没有平台证书，未能验证APIv3密钥",
                    );
                    findings.push(Finding::right("call", text));
                    findings.push(echo(&client));
                }
                Err(error) => findings.push(of_error(&error, proxy.as_deref(), base_url)),
            }
        }
        Err(error) => findings.push(of_error(&error, proxy.as_deref(), base_url)),
    }
    if let (Some(url), true) = (notify_url, findings.iter().all(|one| one.verdict != Verdict::Wrong)) {
        findings.push(notification(&client, url));
    }
    Ok(findings)
}

/// Has WeChat Pay send one: what becomes of it is seen at the server only.
fn notification(client: &Client, url: &str) -> Finding {
    let mut params = echo_params();
    params["notify_url"] = json!(url);
    match client.call("security.echo", params) {
        Ok(_) => Finding::open(
            "notification",
            Text::new(
                format!(
                    "WeChat Pay was asked to notify {url}; if SECURITY_ECHO.SUCCESS does not arrive there in a minute, it cannot be reached from outside"
                ),
                format!(
                    "已请微信支付通知 {url}；如果一分钟内没有收到 SECURITY_ECHO.SUCCESS，说明外网无法访问该地址"
                ),
            ),
        ),
        Err(error) => Finding::wrong(
            "notification",
            Text::as_it_is(error.message()),
            Text::new(
                "the address must be one that WeChat Pay takes: https, no query, reachable from outside",
                "通知地址必须符合微信支付要求：https、不带参数、外网可访问",
            ),
        ),
    }
}

const WORD: &str = "wechatpay doctor";

fn echo_params() -> Value {
    json!({ "echo_message": WORD, "encrypted_echo_message": WORD })
}

/// Encryption both ways: to WeChat Pay's key, and back to the merchant's.
fn echo(client: &Client) -> Finding {
    match client.call("security.echo", echo_params()) {
        Ok(answer) if answer["encrypted_echo_message"] == WORD => Finding::right(
            "encryption",
            Text::new("fields are encrypted and decrypted both ways", "敏感字段双向加解密成功"),
        ),
        Ok(_) => Finding::open("encryption", Text::new("the echo was another text", "回显内容不一致")),
        Err(error) => Finding::open("encryption", Text::as_it_is(error.message())),
    }
}

/// The cause, by what was found where.
fn of_error(error: &Error, proxy: Option<&str>, base_url: &str) -> Finding {
    let told = Text::as_it_is(error.to_string());
    let wrong = |about, mend| Finding::wrong(about, told.clone(), mend);
    let network = matches!(error.kind(), ErrorKind::Connection | ErrorKind::Timeout | ErrorKind::Network);
    match (error.kind(), error.code()) {
        _ if network && proxy.is_some() => wrong(
            "proxy",
            Text::new(
                "the proxy is not reached, or does not lead on: correct it, or take it away (-o no_proxy=true)",
                "代理不可用或无法转发：修正代理地址，或不使用代理（-o no_proxy=true）",
            ),
        ),
        _ if network => wrong(
            "network",
            Text::new(
                format!(
                    "let this machine out to {base_url}: firewall, security group, and the certificate authorities of the system"
                ),
                format!("放行本机到 {base_url} 的出站访问：检查防火墙、安全组和系统根证书"),
            ),
        ),
        (_, "CLOCK_OFF") => wrong("clock", clock()),
        (ErrorKind::Api, "SIGN_ERROR") => wrong(refused_field(error), refused(refused_field(error))),
        (ErrorKind::Decryption, _) => wrong(
            "api_v3_key",
            Text::new(
                "this is not the APIv3 key of this merchant: set it anew under Account Center → API security",
                "这不是该商户的APIv3密钥：在 账户中心 → API安全 中重新设置",
            ),
        ),
        (ErrorKind::Verification, _) => wrong(
            "wechatpay_public_key",
            Text::new(
                "the key or its id is another merchant's, or an old one: download both anew under Account Center → API security",
                "公钥或公钥ID属于其他商户，或已更换：在 账户中心 → API安全 中重新下载公钥并核对ID",
            ),
        ),
        _ => {
            wrong("call", Text::new("the message says what WeChat Pay wants", "报错信息说明了微信支付的要求"))
        }
    }
}

/// Which part of the signature WeChat Pay did not accept: it names the field, or speaks of it.
fn refused_field(error: &Error) -> &'static str {
    let field = error.detail().and_then(|detail| detail["field"].as_str()).unwrap_or_default();
    let message = error.message();
    match field {
        "serial_no" => "merchant_serial",
        "timestamp" => "clock",
        "mchid" => "mchid",
        _ if message.contains("序列号") => "merchant_serial",
        _ if message.contains("timestamp") || message.contains("时间戳") => "clock",
        _ if message.contains("商户号") => "mchid",
        _ => "private_key",
    }
}

fn clock() -> Text {
    Text::new(
        "set this machine's clock (NTP): it is more than five minutes off",
        "校准本机时钟（NTP）：与微信支付的时间相差超过五分钟",
    )
}

fn refused(field: &str) -> Text {
    match field {
        "clock" => clock(),
        "mchid" => Text::new(
            "no merchant has this number, or the certificate is another merchant's",
            "商户号不存在，或证书属于其他商户",
        ),
        "merchant_serial" => Text::new(
            "the serial number is not that of the certificate that belongs to the private key; see API security → API certificate → manage",
            "证书序列号与签名私钥不匹配：在 API安全 → 商户API证书 → 管理证书 中核对",
        ),
        _ => Text::new(
            "the private key is not that of the certificate with this serial number: take key and certificate of the same download",
            "私钥与该序列号的证书不匹配：使用同一次下载的私钥和证书",
        ),
    }
}

/// The proxy that is used to get there: the option, or what the environment says. Without user and password.
fn proxy_of(options: &Options, base_url: &str) -> Option<String> {
    let (host, _) = host_of(base_url);
    if options.get("no_proxy") == Some(&json!(true))
        || host == "localhost"
        || host.starts_with("127.")
        || host == "[::1]"
    {
        // Loopback is reached without one; an option that is set all the same is looked at.
        return options
            .get("proxy")
            .and_then(Value::as_str)
            .map(without_password)
            .filter(|_| !host.is_empty());
    }
    let environment = || {
        ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy"]
            .iter()
            .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
    };
    options
        .get("proxy")
        .and_then(Value::as_str)
        .map(str::to_owned)
        .or_else(environment)
        .map(|url| without_password(&url))
}

fn without_password(url: &str) -> String {
    match (url.split_once("://"), url.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, host))) => format!("{scheme}://{host}"),
        (None, Some((_, host))) => host.to_owned(),
        _ => url.to_owned(),
    }
}

fn host_of(base_url: &str) -> (String, u16) {
    let (scheme, rest) = base_url.split_once("://").unwrap_or(("https", base_url));
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let default = if scheme == "http" { 80 } else { 443 };
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host.to_owned(), port.parse().unwrap_or(default)),
        _ => (authority.to_owned(), default),
    }
}
