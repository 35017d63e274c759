//! WeChat Pay refused a signature. It quotes what it checked: compared with what was signed, that tells what went wrong.

use serde_json::Value;

use crate::encode::path_and_query_of;
use crate::error::{Error, ErrorKind};
use crate::http::HttpRequest;

/// What to say where WeChat Pay quotes nothing, or the request is not at hand.
pub(crate) const USUAL_CAUSES: &str = "WeChat Pay did not accept this client's signature. Usual causes: the private key and \
     the certificate serial number are not of the same download, the merchant number is another one, or this machine's \
     clock is off.";

/// Longest path or query that an error quotes.
const LONGEST_QUOTE: usize = 300;

impl HttpRequest {
    /// Adds to WeChat Pay's `SIGN_ERROR` what differs between what WeChat Pay checked and what this request signed. Other
    /// errors come back as they are.
    ///
    /// For those who send with an HTTP client of their own: a [`Client`](crate::Client) does it by itself.
    #[must_use]
    pub fn explain(&self, error: Error) -> Error {
        explain(error, self)
    }
}

/// See [`HttpRequest::explain`].
pub(crate) fn explain(error: Error, request: &HttpRequest) -> Error {
    if error.kind() != ErrorKind::Api || error.code() != "SIGN_ERROR" {
        return error;
    }
    let found = error
        .detail()
        .and_then(Checked::read)
        .zip(Signed::read(request))
        .map(|(checked, signed)| difference(&checked, &signed));
    match found {
        Some(text) => error.with_hint_instead(USUAL_CAUSES, &text),
        None => error,
    }
}

/// What this client signed.
struct Signed<'r> {
    method: &'static str,
    target: &'r str,
    timestamp: &'r str,
    nonce: &'r str,
    serial: &'r str,
    /// The body, or the `meta` part of an upload.
    body: &'r [u8],
    upload: bool,
}

impl<'r> Signed<'r> {
    fn read(request: &'r HttpRequest) -> Option<Self> {
        let authorization = request.headers.get("Authorization")?;
        let field = |name: &str| {
            let value = authorization.split_once(&format!("{name}=\""))?.1;
            value.split_once('"').map(|(value, _)| value)
        };
        let content_type = request.headers.get("Content-Type").unwrap_or_default();
        let boundary = content_type.strip_prefix("multipart/form-data; boundary=");
        Some(Self {
            method: request.method.as_str(),
            target: path_and_query_of(&request.url),
            timestamp: field("timestamp")?,
            nonce: field("nonce_str")?,
            serial: field("serial_no")?,
            body: match boundary {
                Some(boundary) => first_part(&request.body, boundary)?,
                None => &request.body,
            },
            upload: boundary.is_some(),
        })
    }
}

/// Content of the first part of a multipart body: `meta`, as this client makes it.
fn first_part<'b>(body: &'b [u8], boundary: &str) -> Option<&'b [u8]> {
    let find = |haystack: &[u8], needle: &[u8]| haystack.windows(needle.len()).position(|at| at == needle);
    let content = &body[find(body, b"\r\n\r\n")? + 4..];
    Some(&content[..find(content, format!("\r\n--{boundary}").as_bytes())?])
}

/// What WeChat Pay checked, as far as it says so. Not signed, so it only serves to explain.
struct Checked {
    method: String,
    target: String,
    timestamp: String,
    nonce: String,
    /// The first bytes of the body: WeChat Pay cuts it.
    beginning: String,
    body_length: Option<usize>,
}

impl Checked {
    fn read(detail: &Value) -> Option<Self> {
        let information = detail.get("sign_information")?;
        let message = information.get("truncated_sign_message")?.as_str()?;
        // The documentation shows the line ends written out.
        let message = if message.contains('\n') { message.to_owned() } else { message.replace("\\n", "\n") };
        let mut lines = message.splitn(5, '\n');
        let [method, target, timestamp, nonce, rest] = [(); 5].map(|()| lines.next());
        let (method, target, timestamp, nonce, rest) = (method?, target?, timestamp?, nonce?, rest?);
        let length = information.get("sign_message_length").and_then(|length| match length {
            Value::String(text) => text.parse().ok(),
            number => usize::try_from(number.as_u64()?).ok(),
        });
        // Each of the five lines ends with a line feed.
        let head = [method, target, timestamp, nonce].iter().map(|line| line.len() + 1).sum::<usize>() + 1;
        Some(Self {
            method: method.to_owned(),
            target: target.to_owned(),
            timestamp: timestamp.to_owned(),
            nonce: nonce.to_owned(),
            // A character that was cut in the middle comes as a replacement.
            beginning: rest.strip_suffix('\n').unwrap_or(rest).trim_end_matches('\u{fffd}').to_owned(),
            body_length: length.and_then(|length: usize| length.checked_sub(head)),
        })
    }
}

/// What differs first, in the order of the lines signed, and what to do.
fn difference(checked: &Checked, signed: &Signed<'_>) -> String {
    if checked.method != signed.method {
        return format!(
            "WeChat Pay received the method {}, but this client signed and sent {}: a gateway, a proxy or an HTTP library \
             changed it.",
            quoted(&checked.method),
            signed.method
        );
    }
    let (their_path, their_query) = checked.target.split_once('?').unwrap_or((&checked.target, ""));
    let (path, query) = signed.target.split_once('?').unwrap_or((signed.target, ""));
    for (what, theirs, ours) in [("path", their_path, path), ("query", their_query, query)] {
        if theirs != ours {
            return format!(
                "WeChat Pay received the {what} {}, but this client signed and sent {}: a gateway or proxy on the way \
                 rewrote it. Let it pass path and query on as they come, byte for byte.",
                quoted(theirs),
                quoted(ours)
            );
        }
    }
    for (what, theirs, ours) in
        [("timestamp", &checked.timestamp, signed.timestamp), ("nonce", &checked.nonce, signed.nonce)]
    {
        if theirs != ours {
            return format!(
                "WeChat Pay read the {what} {} in the Authorization header, but this client signed and sent {ours}: the header \
                 was replaced on the way, or belongs to another request.",
                quoted(theirs)
            );
        }
    }
    body_difference(checked, signed).unwrap_or_else(|| {
        format!(
            "As far as WeChat Pay quotes what it checked, that is what this client signed, so the request arrived as it was \
             sent: the private key does not belong to the certificate {}. Take key and serial number from the same download \
             (apiclient_key.pem and apiclient_cert.pem).",
            signed.serial
        )
    })
}

fn body_difference(checked: &Checked, signed: &Signed<'_>) -> Option<String> {
    let what = if signed.upload { "meta part" } else { "body" };
    let theirs = checked.body_length?;
    let ours = signed.body.len();
    let advice = "Let it pass bodies on as they come, byte for byte.";
    if theirs == 0 && ours > 0 {
        return Some(format!(
            "WeChat Pay received no {what}, but this client signed and sent one of {ours} bytes: a gateway, a proxy or an HTTP \
             library on the way took it out. {advice}"
        ));
    }
    if theirs != ours {
        return Some(format!(
            "WeChat Pay received a {what} of {theirs} bytes, but this client signed and sent {ours}: something on the way \
             wrote it anew (other blanks, another character set, other members). {advice}"
        ));
    }
    (!signed.body.starts_with(checked.beginning.as_bytes())).then(|| {
        format!(
            "WeChat Pay received a {what} that begins otherwise than the one this client signed and sent, though it is as long \
             ({ours} bytes): something on the way wrote it anew. {advice}"
        )
    })
}

fn quoted(text: &str) -> String {
    match text.char_indices().nth(LONGEST_QUOTE) {
        Some((end, _)) => format!("{:?}…", &text[..end]),
        None => format!("{text:?}"),
    }
}

#[cfg(test)]
mod tests;
