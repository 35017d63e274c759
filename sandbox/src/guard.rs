//! Whether a request to the control plane comes from this machine's own programs, and not from a page of the web in its browser.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::answer;

/// A name of the web may be made to point here (DNS rebinding), and a page elsewhere may post here (CSRF): neither plays the payer.
pub(crate) async fn from_this_machine(request: Request, next: Next) -> Response {
    match refusal(request.headers()) {
        Some(why) => answer::plain(403, why),
        None => next.run(request).await,
    }
}

fn refusal(headers: &HeaderMap) -> Option<&'static str> {
    let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let host = text(header::HOST).unwrap_or_default();
    if !is_loopback(host) {
        return Some("the control plane is reached as 127.0.0.1, [::1] or localhost, and by no other name");
    }
    match text(header::ORIGIN) {
        Some(origin) if origin.strip_prefix("http://") != Some(host) => {
            Some("pages of other origins cannot use the control plane")
        }
        _ => None,
    }
}

fn is_loopback(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let address = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost")
        || address.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on shall say so and end")]

    use super::*;

    #[test]
    fn only_this_machine_and_its_own_page_get_in() {
        let refused = |host: &str, origin: Option<&str>| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, host.parse().unwrap());
            if let Some(origin) = origin {
                headers.insert(header::ORIGIN, origin.parse().unwrap());
            }
            refusal(&headers).is_some()
        };
        for host in ["127.0.0.1:8443", "127.0.0.2", "localhost:1", "LOCALHOST", "[::1]:8443", "[::1]"] {
            assert!(!refused(host, None), "{host}");
            assert!(!refused(host, Some(&format!("http://{host}"))), "{host}");
            for origin in
                ["https://evil.example", "null", "http://127.0.0.1:9", "http://127.0.0.1:8443.evil.example"]
            {
                assert!(refused(host, Some(origin)), "{host} {origin}");
            }
        }
        for host in [
            "evil.example",
            "127.0.0.1.evil.example",
            "localhost.evil.example:8443",
            "10.0.0.1",
            "",
            "api.mch.weixin.qq.com",
        ] {
            assert!(refused(host, None), "{host}");
        }
    }
}
