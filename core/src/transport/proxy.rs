//! Which proxy calls go through: the one of the options, or the one of the environment.
//!
//! One that cannot be used is an error when the client is made. Going past it would be worse than not going at all: whoever
//! set it may rely on what it logs and lets through.

use std::ffi::OsString;

use ::ureq::Proxy;

use super::ProxySetting;
use crate::error::{Error, Result};
use crate::hosts::is_host_and_port;

/// The first of these that is set decides. All of WeChat Pay is https.
const VARIABLES: [&str; 6] =
    ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy"];
/// Hosts that are reached without the proxy of the environment.
const EXCEPTIONS: [&str; 2] = ["NO_PROXY", "no_proxy"];

/// The proxy that this setting means. `variable` reads the environment.
///
/// # Errors
/// [`ErrorKind::Config`](crate::ErrorKind::Config) when it cannot be used. The text never shows it: there may be a password.
pub(super) fn proxy_of(
    setting: &ProxySetting,
    variable: &dyn Fn(&str) -> Option<OsString>,
) -> Result<Option<Proxy>> {
    match setting {
        ProxySetting::Direct => Ok(None),
        ProxySetting::Url(url) => match parse(url) {
            Some(proxy) => Ok(Some(proxy)),
            None => Err(unusable("the proxy given in the options")),
        },
        ProxySetting::Environment => {
            let set = |name: &&'static str| Some((*name, variable(name).filter(|value| !value.is_empty())?));
            let Some((name, value)) = VARIABLES.iter().find_map(set) else { return Ok(None) };
            let unusable = || {
                unusable(&format!("the proxy in the environment variable {name}"))
                    .with_hint("To use none, whatever the environment says, set the option no_proxy.")
            };
            let proxy = value.to_str().and_then(parse).ok_or_else(unusable)?;
            let exceptions = EXCEPTIONS.iter().find_map(set).map(|(_, value)| value).unwrap_or_default();
            except(&proxy, &exceptions.to_string_lossy()).map(Some).ok_or_else(unusable)
        }
    }
}

fn unusable(what: &str) -> Error {
    Error::config(format!(
        "{what} cannot be used. Supported are http://, https://, socks5:// (names are resolved here), socks5h:// (names are \
         resolved by the proxy), socks4:// and socks4a://, such as http://user:password@proxy.example:8080; in user name and \
         password everything but letters and digits is percent-encoded."
    ))
}

fn parse(url: &str) -> Option<Proxy> {
    // A line end is easily taken along from a file.
    let proxy = Proxy::new(url.trim()).ok()?;
    let authority = proxy.uri().authority()?.as_str();
    let place = authority.rsplit_once('@').map_or(authority, |(_, place)| place);
    // ureq would take the usual port for one that is none.
    is_host_and_port(place).then_some(proxy)
}

/// The same proxy, with hosts that are reached without it.
fn except(proxy: &Proxy, hosts: &str) -> Option<Proxy> {
    let mut builder = Proxy::builder(proxy.protocol())
        .host(proxy.host())
        .port(proxy.port())
        .resolve_target(proxy.resolve_target());
    if let Some(username) = proxy.username() {
        builder = builder.username(username);
    }
    if let Some(password) = proxy.password() {
        builder = builder.password(password);
    }
    let hosts = hosts.split(',').map(str::trim).filter(|host| !host.is_empty());
    hosts.fold(builder, |builder, host| builder.no_proxy(host)).build().ok()
}

#[cfg(test)]
mod tests {
    use ::ureq::ProxyProtocol;
    use ::ureq::http::Uri;

    use super::*;
    use crate::error::ErrorKind;

    fn in_environment(variables: &[(&str, &str)]) -> Result<Option<Proxy>> {
        proxy_of(&ProxySetting::Environment, &|name| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into())
        })
    }

    fn in_options(url: &str) -> Result<Option<Proxy>> {
        proxy_of(&ProxySetting::Url(url.to_owned()), &|_| None)
    }

    #[test]
    fn every_supported_kind_is_taken_from_both_places() {
        for (url, protocol, port) in [
            ("http://proxy.example:8080", ProxyProtocol::Http, 8080),
            ("proxy.example:8080", ProxyProtocol::Http, 8080),
            ("https://proxy.example", ProxyProtocol::Https, 443),
            ("socks5://user:p%40ss@proxy.example:1080", ProxyProtocol::Socks5, 1080),
            ("SOCKS5h://proxy.example", ProxyProtocol::Socks5h, 1080),
            ("socks4://10.0.0.1", ProxyProtocol::Socks4, 1080),
            ("socks4a://[::1]:1", ProxyProtocol::Socks4A, 1),
            (" http://proxy.example:8080/\n", ProxyProtocol::Http, 8080),
        ] {
            for proxy in [in_options(url), in_environment(&[("HTTPS_PROXY", url)])] {
                let proxy = proxy.unwrap().unwrap();
                assert_eq!((proxy.protocol(), proxy.port()), (protocol, port), "{url}");
            }
        }
        let proxy = in_environment(&[("all_proxy", "socks5://us%25er:p%40s%3As@[::1]:9")]).unwrap().unwrap();
        assert_eq!((proxy.username(), proxy.password()), (Some("us%er"), Some("p@s:s")));
        assert_eq!((proxy.host(), proxy.resolve_target()), ("[::1]", true));
    }

    #[test]
    fn one_that_cannot_be_used_is_an_error_and_not_gone_past() {
        for url in [
            "ftp://user:hunter2@proxy.example",
            "http://user:hunter2@",
            "http://user:hunter2@:8080",
            "http://user:hunter2@proxy.example:99999",
            "http://user:hunter2@proxy.example:80a",
            "http://user:hunter2@proxy.example:",
            "http://user:hunter2@proxy example:80",
            "http://user:hunter2@proxy\n.example:80",
            "http://user:hunter2/@proxy.example:80",
            "http://user:hunter2%ff@proxy.example:80",
            "socks6://user:hunter2@proxy.example",
            "://hunter2",
        ] {
            for (error, place) in [
                (in_options(url).unwrap_err(), "options"),
                (in_environment(&[("HTTPS_PROXY", url)]).unwrap_err(), "HTTPS_PROXY"),
                (in_environment(&[("http_proxy", url)]).unwrap_err(), "http_proxy"),
                // Not passed over for another one that could be used.
                (
                    in_environment(&[("ALL_PROXY", url), ("HTTP_PROXY", "http://p:1")]).unwrap_err(),
                    "ALL_PROXY",
                ),
            ] {
                assert_eq!(error.kind(), ErrorKind::Config);
                assert!(error.message().contains(place) && error.message().contains("socks5h://"), "{error}");
                assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
            }
        }
    }

    #[test]
    fn the_environment_is_read_as_everywhere() {
        let host = |variables: &[(&str, &str)]| {
            in_environment(variables).unwrap().map(|proxy| proxy.host().to_owned())
        };
        assert_eq!(host(&[]), None);
        assert_eq!(host(&[("HTTPS_PROXY", "")]), None);
        assert_eq!(host(&[("ALL_PROXY", "http://all"), ("https_proxy", "http://https")]).unwrap(), "https");
        assert_eq!(host(&[("HTTP_PROXY", "http://http"), ("ALL_PROXY", "http://all")]).unwrap(), "all");
        let proxy = in_environment(&[
            ("HTTPS_PROXY", "http://user:hunter2@proxy.example:1"),
            ("NO_PROXY", "localhost, api.mch.weixin.qq.com ,.wechatpay.cn"),
        ]);
        let proxy = proxy.unwrap().unwrap();
        for (host, without) in
            [("api.mch.weixin.qq.com", true), ("api.wechatpay.cn", true), ("api2.mch.weixin.qq.com", false)]
        {
            let uri: Uri = format!("https://{host}/").parse().unwrap();
            assert_eq!(proxy.is_no_proxy(&uri), without, "{host}");
        }
        assert!(!format!("{proxy:?}").contains("hunter2"));
        assert!(proxy_of(&ProxySetting::Direct, &|_| Some("nonsense://".into())).unwrap().is_none());
    }
}
