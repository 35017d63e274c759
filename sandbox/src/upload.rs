//! Uploads: the parts of `multipart/form-data`, and whether the file is what they say.

use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, FromRequest as _, Multipart, Request};
use axum::http::header;
use data_encoding::HEXLOWER;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use sm3::Sm3;
use wechatpay_core::operation::{self, Operation};

use crate::refusal::{Refusal, Result};
use crate::store::media::Uploaded;

/// The parts of a multipart upload.
pub(crate) struct Parts {
    pub(crate) meta: String,
    pub(crate) file_name: String,
    pub(crate) file: Bytes,
}

/// The media type in lower case and without parameters.
pub(crate) fn media_type(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// A much used SDK (wechatpayv3) sends uploads whose header does not say the boundary. Its users upload to WeChat Pay like this,
/// so what the header lacks is read from the first line of the body.
fn with_boundary(content_type: &str, body: &[u8]) -> String {
    let said = content_type.to_ascii_lowercase().contains("boundary=");
    let first = body.split(|&byte| byte == b'\r').next().and_then(|line| line.strip_prefix(b"--"));
    match first.map(std::str::from_utf8) {
        Some(Ok(boundary)) if !said && !boundary.contains(['"', '\\', '\n']) => {
            format!("{content_type}; boundary=\"{boundary}\"")
        }
        _ => content_type.to_owned(),
    }
}

/// The parts of a body of this `Content-Type`; none when it is no upload.
pub(crate) async fn parse(content_type: &str, body: &Bytes) -> Result<Option<Parts>> {
    if media_type(content_type) != "multipart/form-data" {
        return Ok(None);
    }
    let malformed = |why: String| Refusal::invalid(format!("multipart/form-data格式错误：{why}"));
    let mut request = Request::builder()
        .header(header::CONTENT_TYPE, with_boundary(content_type, body))
        .body(Body::from(body.clone()))
        .map_err(|error| malformed(error.to_string()))?;
    // The whole was measured when it was read; videos are longer than the 2 MB that axum allows by itself.
    DefaultBodyLimit::disable().apply(&mut request);
    let mut multipart =
        Multipart::from_request(request, &()).await.map_err(|error| malformed(error.body_text()))?;
    let (mut meta, mut file) = (None, None);
    while let Some(field) = multipart.next_field().await.map_err(|error| malformed(error.body_text()))? {
        let name = field.name().unwrap_or_default().to_owned();
        let file_name = field.file_name().map(str::to_owned);
        let bytes = field.bytes().await.map_err(|error| malformed(error.body_text()))?;
        match name.as_str() {
            "meta" => {
                let text =
                    String::from_utf8(bytes.to_vec()).map_err(|_| malformed("meta不是UTF-8".into()))?;
                meta = Some(text);
            }
            "file" => file = Some((file_name, bytes)),
            other => return Err(malformed(format!("未知的部分 {other}，应为meta与file"))),
        }
    }
    let meta = meta.ok_or_else(|| malformed("缺少meta部分".into()))?;
    let (file_name, file) = file.ok_or_else(|| malformed("缺少file部分".into()))?;
    let file_name = file_name.ok_or_else(|| malformed("file部分缺少filename".into()))?;
    Ok(Some(Parts { meta, file_name, file }))
}

/// Whether the file is what `meta` says and what the operation takes. Gives also what `meta` says besides of the file: parameters.
pub(crate) fn check(parts: Parts, operation: Operation) -> Result<(Uploaded, Map<String, Value>)> {
    let operation::Body::Upload(limits) = operation.body() else {
        return Err(Refusal::invalid("该接口不接受multipart/form-data"));
    };
    let bad =
        |field: &str, value: &str, issue: &str| Refusal::param("body", field, &Value::from(value), issue);
    let mut meta: Map<String, Value> =
        serde_json::from_str(&parts.meta).map_err(|_| bad("/meta", &parts.meta, "meta不是JSON对象"))?;
    let of_meta = |name: &str| meta.get(name).and_then(Value::as_str).unwrap_or_default();
    let sha256 = HEXLOWER.encode(&Sha256::digest(&parts.file));
    let (digest, algorithm) = match limits.digest() {
        operation::Digest::Sm3 => (HEXLOWER.encode(&Sm3::digest(&parts.file)), "SM3"),
        _ => (sha256.clone(), "SHA256"),
    };
    let member = limits.digest_member();
    if !of_meta(member).eq_ignore_ascii_case(&digest) {
        let issue = format!("与文件不符，文件的{algorithm}为{digest}");
        return Err(bad(&format!("/meta/{member}"), of_meta(member), &issue));
    }
    if let Some(member) = limits.name_member().filter(|member| of_meta(member) != parts.file_name) {
        return Err(bad(&format!("/meta/{member}"), of_meta(member), "与file部分的filename不一致"));
    }
    if let Some(member) = limits.algorithm_member().filter(|member| of_meta(member) != algorithm) {
        return Err(bad(&format!("/meta/{member}"), of_meta(member), &format!("应为{algorithm}")));
    }
    let extension = parts.file_name.rsplit_once('.').map(|(_, extension)| extension.to_lowercase());
    if !extension.is_some_and(|extension| limits.extensions().any(|allowed| allowed == extension)) {
        return Err(bad(
            "/meta/filename",
            &parts.file_name,
            &format!("扩展名应为{}", limits.extensions().collect::<Vec<_>>().join("、")),
        ));
    }
    if parts.file.len() as u64 > limits.max_bytes() {
        return Err(bad("/file", &parts.file_name, &format!("文件大小超过{}字节", limits.max_bytes())));
    }
    let of_the_file = [limits.name_member(), Some(limits.digest_member()), limits.algorithm_member()];
    for member in of_the_file.into_iter().flatten() {
        meta.remove(member);
    }
    let uploaded = Uploaded { file_name: parts.file_name, bytes: parts.file.len(), sha256, meta: parts.meta };
    Ok((uploaded, meta))
}
