//! Whom this client signs for: the hosts that may get an `Authorization` header.
//!
//! The signature covers path and query but not the host. Whoever gets a signed request can pass it on to WeChat Pay, where
//! it is good for five minutes. So a URL that comes from outside (a `download_url`) is signed only when its host is one of
//! WeChat Pay's or one that the configuration names. That also keeps such a URL from reaching into a private network.

use std::net::{IpAddr, Ipv6Addr};

use ::http::Uri;

use crate::config::Config;
use crate::error::{Error, Result, codes};

/// The documentation says that the host of a file may change: everything under these two is WeChat Pay's.
const DOMAINS: [&str; 2] = ["mch.weixin.qq.com", "wechatpay.cn"];

/// Where a URL leads to. The host is in lower case, without the brackets of IPv6 and without a dot at its end.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Address {
    https: bool,
    host: String,
    port: u16,
}

impl Address {
    /// Reads the address of an absolute URL. The parser is the transport's, and what it lets through is narrowed down to
    /// what every other parser reads alike: no user name, no escapes, nothing but letters, digits, hyphens and dots.
    fn of(url: &str) -> Result<Self, &'static str> {
        let uri: Uri = url.parse().map_err(|_| "is not a URL")?;
        let https = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err("must start with https://"),
        };
        let Some(authority) = uri.authority().map(|authority| authority.as_str()) else {
            return Err("names no host");
        };
        if authority.contains('@') {
            return Err("must not hold a user name or password");
        }
        let (host, port) = match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((host, port)) => (host, port),
            None => authority.split_at(authority.find(':').unwrap_or(authority.len())),
        };
        let port = match port.strip_prefix(':') {
            None if port.is_empty() => default_port(https),
            Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => {
                digits.parse().map_err(|_| "has no usable port")?
            }
            _ => return Err("has no usable port"),
        };
        let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
        let name = |label: &str| {
            !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
        };
        if host.parse::<Ipv6Addr>().is_err() && !host.split('.').all(name) {
            return Err("has no usable host name");
        }
        Ok(Self { https, host, port })
    }

    fn shown(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        if self.port == default_port(self.https) { host } else { format!("{host}:{}", self.port) }
    }
}

const fn default_port(https: bool) -> u16 {
    if https { 443 } else { 80 }
}

/// Whether the host is this machine, by its name or address. Brackets of IPv6 may be there or not.
pub(crate) fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Whether some parser would take the host for an IP address: a last label that is a number is one to browsers.
fn is_ip_literal(host: &str) -> bool {
    let last = host.rsplit('.').next().unwrap_or_default();
    host.contains(':') || last.starts_with("0x") || last.bytes().all(|b| b.is_ascii_digit())
}

/// A base URL is scheme, host and port. Plain HTTP is only for a sandbox on this machine.
pub(crate) fn check_base_url(url: &str) -> Result<()> {
    let bad = |why: &str| Err(Error::config(format!("the base URL {url:?} {why}.")));
    let Some((_, rest)) = url.split_once("://") else {
        return bad("must start with https://");
    };
    if rest.is_empty() || rest.contains(['/', '?', '#', '@', ' ']) {
        return bad(
            "must be scheme, host and port only, such as https://api.mch.weixin.qq.com, without a slash at the end",
        );
    }
    match Address::of(url) {
        Ok(address) if address.https || is_loopback(&address.host) => Ok(()),
        Ok(_) => bad("must use https; plain http is accepted for this machine only (a sandbox on 127.0.0.1)"),
        Err(why) => bad(why),
    }
}

/// Whether the text is a host, with or without a port.
#[cfg(feature = "transport")]
pub(crate) fn is_host_and_port(text: &str) -> bool {
    !text.contains(['/', '?', '#']) && Address::of(&format!("https://{text}")).is_ok()
}

/// The hosts that one client signs for.
#[derive(Debug)]
pub(crate) struct SignedHosts {
    /// Of the base URL, and of the one for failover: they get every other request too.
    base: Vec<Address>,
    /// Those that the configuration adds, with their port where one was given.
    added: Vec<(String, Option<u16>)>,
}

impl SignedHosts {
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) when a base URL or an added host is not usable.
    pub(crate) fn new(config: &Config) -> Result<Self> {
        check_base_url(&config.base_url)?;
        let second = config.failover_base_url.as_deref();
        let base: Vec<Address> =
            [Some(config.base_url.as_str()), second].into_iter().flatten().flat_map(Address::of).collect();
        let loopback = base.iter().any(|base| is_loopback(&base.host));
        let added = config.download_hosts.iter().map(|host| added(host, loopback)).collect::<Result<_>>()?;
        Ok(Self { base, added })
    }

    /// Checks that the URL may be asked for with a signature.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest): `BAD_URL` when it is not an https address,
    /// `FOREIGN_HOST` when it is a stranger's.
    pub(crate) fn check(&self, url: &str) -> Result<()> {
        let bad = |why: &str| {
            Error::invalid_request(
                codes::BAD_URL,
                format!(
                    "the download URL {why}; it must be an https address, exactly as WeChat Pay answered it."
                ),
            )
        };
        let address = Address::of(url).map_err(bad)?;
        let on_this_machine = is_loopback(&address.host) && self.base.iter().any(|base| !base.https);
        if !(address.https || on_this_machine) {
            return Err(bad("is plain http"));
        }
        if self.has(&address) {
            return Ok(());
        }
        Err(Error::invalid_request(
            codes::FOREIGN_HOST,
            format!(
                "nothing was sent to {:?}, which is not a host that this client signs for: a signature does not name the host, so \
                 whoever gets it could use it at WeChat Pay. Signed for are the base URL's host and, on the usual port, all under \
                 {}. If files come from another host that you trust (a gateway of yours), add it: option download_hosts \
                 (Config::download_host).",
                address.shown(),
                DOMAINS.join(" and ")
            ),
        ))
    }

    fn has(&self, address: &Address) -> bool {
        let Address { https, host, port } = address;
        let usual_port = default_port(*https);
        self.base.iter().any(|base| {
            // 127.0.0.1, ::1 and localhost are one machine.
            base.port == *port && (base.host == *host || is_loopback(host) && is_loopback(&base.host))
        }) || self.added.iter().any(|(added, on)| added == host && on.unwrap_or(usual_port) == *port)
            || *https && *port == usual_port && DOMAINS.iter().any(|domain| is_under(host, domain))
    }
}

/// Whether the host is the domain or lies under it.
fn is_under(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

fn added(entry: &str, loopback: bool) -> Result<(String, Option<u16>)> {
    let bad = |why: &str| {
        Error::config(format!(
            "download_hosts: {entry:?} {why}. Give the name of one host, such as files.example.com or files.example.com:8443."
        ))
    };
    if entry.contains(['/', '?', '#', '*']) {
        return Err(bad("is more than a host"));
    }
    let address = Address::of(&format!("https://{entry}")).map_err(bad)?;
    if is_ip_literal(&address.host) && !(loopback && is_loopback(&address.host)) {
        return Err(bad("is an IP address, which vouches for nobody"));
    }
    let has_port = !entry.ends_with(']') && entry.contains(':');
    Ok((address.host, has_port.then_some(address.port)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAIN: &str = "https://api.mch.weixin.qq.com";

    fn hosts(base: &[&str], entries: &[&str]) -> SignedHosts {
        let base: Vec<Address> = base.iter().map(|url| Address::of(url).unwrap()).collect();
        let loopback = base.iter().any(|base| is_loopback(&base.host));
        SignedHosts { base, added: entries.iter().map(|entry| added(entry, loopback).unwrap()).collect() }
    }

    #[track_caller]
    fn check(hosts: &SignedHosts, cases: &[(&str, &str)]) {
        for (url, expected) in cases {
            let outcome = hosts.check(url);
            let code = outcome.as_ref().err().map_or("", Error::code);
            assert_eq!(code, *expected, "{url}: {outcome:?}");
        }
    }

    #[test]
    fn the_domains_of_wechat_pay_are_signed_for_and_no_others() {
        check(
            &hosts(&[MAIN], &[]),
            &[
                ("https://api.mch.weixin.qq.com/v3/billdownload/file?token=x", ""),
                ("https://mch.weixin.qq.com/x", ""),
                ("https://files.of.mch.weixin.qq.com/x", ""),
                ("https://api2.wechatpay.cn/x", ""),
                ("https://wechatpay.cn/x", ""),
                ("HTTPS://API.MCH.WEIXIN.QQ.COM/x", ""),
                ("https://api.mch.weixin.qq.com./x", ""),
                ("https://api.mch.weixin.qq.com:443/x", ""),
                ("https://evil.example/x", "FOREIGN_HOST"),
                ("https://evilmch.weixin.qq.com/x", "FOREIGN_HOST"),
                ("https://evilwechatpay.cn/x", "FOREIGN_HOST"),
                ("https://mch.weixin.qq.com.evil.example/x", "FOREIGN_HOST"),
                ("https://api.mch.weixin.qq.com:8443/x", "FOREIGN_HOST"),
                ("https://api.mch.weixin.qq.com:80/x", "FOREIGN_HOST"),
                ("https://weixin.qq.com/x", "FOREIGN_HOST"),
                ("https://169.254.169.254/latest", "FOREIGN_HOST"),
                ("https://[fd00:ec2::254]/latest", "FOREIGN_HOST"),
                ("https://127.0.0.1/x", "FOREIGN_HOST"),
                ("https://localhost/x", "FOREIGN_HOST"),
            ],
        );
    }

    #[test]
    fn what_parsers_read_differently_is_no_url() {
        check(
            &hosts(&[MAIN], &[]),
            &[
                ("https://api.mch.weixin.qq.com@evil.example/x", "BAD_URL"),
                ("https://user:password@api.mch.weixin.qq.com/x", "BAD_URL"),
                ("https://evil.example\\@api.mch.weixin.qq.com/x", "BAD_URL"),
                ("https://evil.example\\.mch.weixin.qq.com/x", "BAD_URL"),
                ("https://evil.example%2f.mch.weixin.qq.com/x", "BAD_URL"),
                ("https://evil.example%00.mch.weixin.qq.com/x", "BAD_URL"),
                ("https://evil.example;.mch.weixin.qq.com/x", "BAD_URL"),
                ("https://evil.example\t.mch.weixin.qq.com/x", "BAD_URL"),
                ("https://api..mch.weixin.qq.com/x", "BAD_URL"),
                ("https://api.mch.weixin.qq.com../x", "BAD_URL"),
                ("https://.mch.weixin.qq.com/x", "BAD_URL"),
                ("https://ａpi.mch.weixin.qq.com/x", "BAD_URL"),
                ("https://api.mch.weixin.qq.com:99999/x", "BAD_URL"),
                ("https://api.mch.weixin.qq.com:/x", "BAD_URL"),
                ("https:///x", "BAD_URL"),
                ("https:/api.mch.weixin.qq.com/x", "BAD_URL"),
                ("//api.mch.weixin.qq.com/x", "BAD_URL"),
                ("api.mch.weixin.qq.com/x", "BAD_URL"),
                ("ftp://api.mch.weixin.qq.com/x", "BAD_URL"),
                ("http://api.mch.weixin.qq.com/x", "BAD_URL"),
                (" https://api.mch.weixin.qq.com/x", "BAD_URL"),
                ("", "BAD_URL"),
            ],
        );
    }

    #[test]
    fn the_base_urls_are_signed_for_with_their_port() {
        check(
            &hosts(&["https://gateway.example:8443"], &[]),
            &[
                ("https://gateway.example:8443/x", ""),
                ("https://Gateway.Example.:8443/x", ""),
                ("https://gateway.example/x", "FOREIGN_HOST"),
                ("https://files.gateway.example:8443/x", "FOREIGN_HOST"),
                ("http://gateway.example:8443/x", "BAD_URL"),
            ],
        );
        check(
            &hosts(&["http://127.0.0.1:8080", "http://localhost:9090"], &[]),
            &[
                ("http://127.0.0.1:8080/x", ""),
                ("http://localhost:8080/x", ""),
                ("http://[::1]:9090/x", ""),
                ("http://127.0.0.1:22/x", "FOREIGN_HOST"),
                ("http://10.0.0.1:8080/x", "BAD_URL"),
                ("https://10.0.0.1:8080/x", "FOREIGN_HOST"),
                ("http://localhost.evil.example:8080/x", "BAD_URL"),
            ],
        );
    }

    #[test]
    fn the_configuration_adds_single_hosts() {
        check(
            &hosts(&[MAIN], &["Files.example.com", "other.example:8443"]),
            &[
                ("https://files.example.com/x", ""),
                ("https://other.example:8443/x", ""),
                ("https://files.example.com:8443/x", "FOREIGN_HOST"),
                ("https://a.files.example.com/x", "FOREIGN_HOST"),
                ("https://other.example/x", "FOREIGN_HOST"),
                ("http://files.example.com/x", "BAD_URL"),
            ],
        );
        check(
            &hosts(&["http://127.0.0.1:8080"], &["127.0.0.1:9"]),
            &[("http://127.0.0.1:9/x", ""), ("http://127.0.0.1:10/x", "FOREIGN_HOST")],
        );
        for bad in [
            "",
            "https://files.example.com",
            "files.example.com/x",
            "*.example.com",
            "user@files.example.com",
            "a b",
            "files.example.com:",
            "files.example.com:x",
            "10.0.0.1",
            "[fd00::1]",
            "[::1]",
            "127.0.0.1",
            "0x7f000001",
            "2130706433",
            "a\r\nb",
            "..",
        ] {
            let error = added(bad, false).unwrap_err();
            assert!(error.message().contains("files.example.com:8443"), "{bad:?}: {error}");
        }
    }

    #[test]
    fn the_error_names_host_reason_and_option_and_keeps_the_token() {
        let url = "https://evil.example:444/v3/billdownload/file?token=SECRET";
        let error = hosts(&[MAIN], &[]).check(url).unwrap_err();
        for part in
            ["evil.example:444", "could use it at WeChat Pay", "download_hosts", "Config::download_host"]
        {
            assert!(error.message().contains(part), "{error}");
        }
        assert!(!format!("{error:?}").contains("SECRET"));
        let error = hosts(&[MAIN], &[]).check("ftp://evil.example/?token=SECRET").unwrap_err();
        assert!(!format!("{error:?}").contains("SECRET"));
    }

    #[test]
    fn loopback_names() {
        for (host, expected) in [
            ("127.0.0.1", true),
            ("127.8.9.1", true),
            ("[::1]", true),
            ("::1", true),
            ("LocalHost", true),
            ("localhost.example.com", false),
            ("10.0.0.1", false),
            ("0.0.0.0", false),
        ] {
            assert_eq!(is_loopback(host), expected, "{host}");
        }
    }
}
