//! What a program's surroundings must say so that it takes the sandbox for WeChat Pay: lines for a shell.

use clap::ValueEnum;

use crate::transparent::access::TransparentAccess;

/// Who is to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[non_exhaustive]
pub enum Language {
    /// Requests, httpx, aiohttp with `trust_env`.
    Python,
    /// Axios and what else reads `HTTPS_PROXY`; `fetch` from Node.js 24 on.
    Node,
    /// `net/http`.
    Go,
    /// Everything that takes the JVM's own proxy and trust store.
    Java,
    /// Guzzle and curl.
    Php,
    /// `HttpClient` on Linux.
    Dotnet,
    /// The program `curl`.
    Curl,
}

/// Loopback is reached without the proxy, which leads to WeChat Pay's names only: there is the merchant's own receiver.
const LOOPBACK: &str = "127.0.0.1,localhost";

/// The lines to paste into a POSIX shell before a program of this language is started there.
pub fn lines(access: &TransparentAccess, language: Language) -> String {
    let proxy = access.proxy_url.as_str();
    let bundle = access.ca_bundle.display().to_string();
    let exports: Vec<(&str, String)> = match language {
        Language::Python => {
            vec![("REQUESTS_CA_BUNDLE", bundle.clone()), ("SSL_CERT_FILE", bundle)]
        }
        Language::Node => vec![
            ("NODE_EXTRA_CA_CERTS", access.ca_file.display().to_string()),
            // Since Node.js 24; older ones do not know it.
            ("NODE_USE_ENV_PROXY", "1".to_owned()),
        ],
        Language::Go | Language::Dotnet => vec![("SSL_CERT_FILE", bundle)],
        Language::Java => return format!("export JAVA_TOOL_OPTIONS={}\n", quoted(&java(access))),
        Language::Php => {
            let set = format!("curl.cainfo={bundle}");
            let also = format!("openssl.cafile={bundle}");
            let function =
                format!("php() {{ command php -d {} -d {} \"$@\"; }}\n", quoted(&set), quoted(&also));
            return exported(&proxied(proxy)) + &function;
        }
        Language::Curl => vec![("CURL_CA_BUNDLE", bundle)],
    };
    exported(&[proxied(proxy), exports].concat())
}

/// In small letters too: some programs read the one, some the other.
fn proxied(proxy: &str) -> Vec<(&'static str, String)> {
    [("HTTPS_PROXY", proxy), ("https_proxy", proxy), ("NO_PROXY", LOOPBACK), ("no_proxy", LOOPBACK)]
        .map(|(name, value)| (name, value.to_owned()))
        .to_vec()
}

fn java(access: &TransparentAccess) -> String {
    let address = access.proxy_url.trim_start_matches("http://");
    let (host, port) = address.rsplit_once(':').unwrap_or((address, "80"));
    // The JVM splits the variable at blanks, and takes quotes away.
    let store = format!("\"-Djavax.net.ssl.trustStore={}\"", access.trust_store.display());
    [
        &format!("-Dhttps.proxyHost={host}"),
        &format!("-Dhttps.proxyPort={port}"),
        "-Dhttp.nonProxyHosts=localhost|127.*",
        &store,
        "-Djavax.net.ssl.trustStoreType=PKCS12",
        &format!("-Djavax.net.ssl.trustStorePassword={}", access.trust_store_password),
    ]
    .join(" ")
}

fn exported(variables: &[(&str, String)]) -> String {
    variables.iter().map(|(name, value)| format!("export {name}={}\n", quoted(value))).collect()
}

/// As one word of a POSIX shell.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/:._-,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn access(folder: &str) -> TransparentAccess {
        let file = |name: &str| PathBuf::from(folder).join(name);
        TransparentAccess {
            proxy_url: "http://127.0.0.1:8444".to_owned(),
            tls_address: "127.0.0.1:8445".to_owned(),
            ca_file: file("ca.pem"),
            ca_bundle: file("bundle.pem"),
            trust_store: file("trust.p12"),
            trust_store_password: "changeit".to_owned(),
        }
    }

    #[test]
    fn every_language_learns_of_the_proxy_of_whom_to_trust_and_that_loopback_is_near() {
        for &language in Language::value_variants() {
            let lines = lines(&access("/ca"), language);
            assert!(lines.contains("127.0.0.1:8444") || lines.contains("proxyPort=8444"), "{lines}");
            assert!(
                ["/ca/ca.pem", "/ca/bundle.pem", "/ca/trust.p12"].iter().any(|file| lines.contains(file)),
                "{lines}"
            );
            assert!(lines.contains("127.0.0.1,localhost") || lines.contains("localhost|127.*"), "{lines}");
            assert!(lines.ends_with('\n'), "{lines}");
        }
    }

    #[test]
    fn a_folder_with_blanks_and_quotes_stays_one_word() {
        let lines = lines(&access("/it's my/ca"), Language::Curl);
        assert!(lines.contains(r"export CURL_CA_BUNDLE='/it'\''s my/ca/bundle.pem'"), "{lines}");
    }
}
