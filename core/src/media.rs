//! Uploads of images and videos as `multipart/form-data`.
//!
//! What is signed is not the whole body but the `meta` part, which names the file and its SHA-256.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use data_encoding::HEXLOWER;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use sm3::Sm3;

use crate::clock::{self, NonceSource};
use crate::encode::path_and_query;
use crate::error::{Error, Result, codes};
use crate::http::HttpRequest;
use crate::kernel::Kernel;
use crate::operation::{Body, Digest, Operation, Upload};

/// A file to upload: its name and its content.
#[derive(Clone)]
pub struct File {
    name: String,
    // Shared by clones: they differ in what goes with it.
    content: Arc<Vec<u8>>,
    with: Map<String, Value>,
}

impl File {
    /// A file in memory. The name is what WeChat Pay sees, with `'` for each `"`; its extension must fit the content.
    pub fn from_bytes(name: impl Into<String>, content: impl Into<Vec<u8>>) -> Self {
        Self { name: name.into(), content: Arc::new(content.into()), with: Map::new() }
    }

    /// A file on disk, under its own name.
    ///
    /// # Errors
    /// `io` when it cannot be read, `invalid_request` when its name is not UTF-8.
    pub fn from_path(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let name = path.file_name().and_then(|name| name.to_str()).ok_or_else(|| {
            Error::invalid_request(codes::FILE_NAME, format!("{} has no file name in UTF-8.", path.display()))
        })?;
        let content = std::fs::read(path).map_err(|error| {
            Error::io(format!("the file {} could not be read: {error}.", path.display()), error)
        })?;
        Ok(Self { name: name.to_owned(), content: Arc::new(content), with: Map::new() })
    }

    /// The same file under another name.
    #[must_use]
    pub fn named(self, name: impl Into<String>) -> Self {
        Self { name: name.into(), ..self }
    }

    /// What else the operation wants to be told: parameters of its path, and members of `meta` such as `bank_type`. Most
    /// operations want nothing.
    #[must_use]
    pub fn with(self, params: Map<String, Value>) -> Self {
        Self { with: params, ..self }
    }

    /// The same file, with what `fill` adds to what goes with it.
    #[cfg(feature = "transport")]
    pub(crate) fn filled(&self, fill: impl FnOnce(&mut Map<String, Value>)) -> Self {
        let mut file = self.clone();
        fill(&mut file.with);
        file
    }

    /// The name that WeChat Pay sees.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Size in bytes.
    pub fn size(&self) -> usize {
        self.content.len()
    }
}

/// Shows the name and the size.
impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("File").field("name", &self.name).field("bytes", &self.content.len()).finish()
    }
}

impl Kernel {
    /// Turns a file into the signed request of an upload operation, for example `media.upload_image`.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest) when the operation takes no file, or the file's
    /// name, kind or size is not what it accepts; [`ErrorKind::Signing`](crate::ErrorKind::Signing) when the signer
    /// fails.
    pub fn prepare_upload(&self, operation: Operation, file: &File) -> Result<HttpRequest> {
        let Body::Upload(limits) = operation.body() else {
            let error =
                Error::invalid_request(codes::WRONG_TYPE, "this operation takes no file: use prepare.");
            return Err(error.with_operation(operation.id()));
        };
        let mut params = file.with.clone();
        self.complete(operation, &mut params)?;
        let target = path_and_query(operation, |name| params.get(name))?;
        let Multipart { meta, content_type, body } = multipart(limits, file, &params, self.nonces())
            .map_err(|error| error.with_operation(operation.id()))?;
        let (method, host) = (operation.method(), operation.host());
        let mut request =
            self.signed_with(method, &target, meta.as_bytes(), body, Some(&content_type), host)?;
        self.send_to_host_of(operation, &mut request);
        Ok(request)
    }
}

/// An upload, ready to be signed and sent.
struct Multipart {
    /// The text that the signature covers, and that the `meta` part holds.
    meta: String,
    content_type: String,
    body: Vec<u8>,
}

/// Checks the file against the limits of the operation and packs it.
fn multipart(
    limits: Upload,
    file: &File,
    params: &Map<String, Value>,
    nonces: &dyn NonceSource,
) -> Result<Multipart> {
    check(limits, file)?;
    let (digest, algorithm) = match limits.digest() {
        Digest::Sha256 => (HEXLOWER.encode(&Sha256::digest(file.content.as_slice())), "SHA256"),
        Digest::Sm3 => (HEXLOWER.encode(&Sm3::digest(file.content.as_slice())), "SM3"),
    };
    // One name for both parts: what escapes a quotation mark in JSON does not in a header, and receivers differ in how
    // they read it there. Line breaks, the other danger, are refused above.
    let name = file.name.replace('"', "'");
    let mut members = Map::new();
    for field in limits.fields() {
        if let Some(value) = params.get(field.name()) {
            members.insert(field.name().to_owned(), value.clone());
        }
    }
    members.extend(limits.name_member().map(|member| (member.to_owned(), Value::from(name.as_str()))));
    members.insert(limits.digest_member().to_owned(), Value::from(digest));
    members.extend(limits.algorithm_member().map(|member| (member.to_owned(), Value::from(algorithm))));
    let meta = Value::Object(members).to_string();
    let boundary = boundary(nonces, &[meta.as_bytes(), &file.content])?;
    let mut body = Vec::with_capacity(file.content.len() + meta.len() + 512);
    let head = format!(
        "--{boundary}\r\n\
         Content-Disposition: form-data; name=\"meta\"\r\n\
         Content-Type: application/json\r\n\r\n\
         {meta}\r\n\
         --{boundary}\r\n\
         Content-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         Content-Type: {}\r\n\r\n",
        media_type(extension(&file.name)),
    );
    body.extend_from_slice(head.as_bytes());
    body.extend_from_slice(&file.content);
    body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    Ok(Multipart { meta, content_type: format!("multipart/form-data; boundary={boundary}"), body })
}

fn check(limits: Upload, file: &File) -> Result<()> {
    let name = &file.name;
    if name.trim().is_empty() || name.contains(['/', '\\']) || name.chars().any(char::is_control) {
        return Err(Error::invalid_request(
            codes::FILE_NAME,
            format!(
                "{name:?} cannot be the name of an upload: give a plain file name without folders and line breaks."
            ),
        ));
    }
    if name.chars().any(|c| c.len_utf8() == 4) {
        return Err(Error::invalid_request(
            codes::UNSUPPORTED_CHARACTER,
            format!(
                "the file name {name:?} holds a character such as an emoji, which WeChat Pay does not accept."
            ),
        ));
    }
    let extension = extension(name);
    if limits.extensions().len() > 0
        && !limits.extensions().any(|known| known.eq_ignore_ascii_case(extension))
    {
        return Err(Error::invalid_request(
            codes::FILE_EXTENSION,
            format!(
                "{name:?} does not end in {}, which are the kinds of file accepted here.",
                limits.extensions().collect::<Vec<_>>().join(", ")
            ),
        ));
    }
    if file.content.is_empty() {
        return Err(Error::invalid_request(codes::FILE_EMPTY, format!("the file {name:?} is empty.")));
    }
    let size = file.content.len() as u64;
    if limits.max_bytes() > 0 && size > limits.max_bytes() {
        return Err(Error::invalid_request(
            codes::FILE_TOO_LARGE,
            format!("the file {name:?} has {size} bytes; at most {} are accepted here.", limits.max_bytes()),
        ));
    }
    Ok(())
}

/// A boundary that occurs in none of the parts.
fn boundary(nonces: &dyn NonceSource, parts: &[&[u8]]) -> Result<String> {
    let mut boundary = clock::nonce(nonces)?;
    while parts.iter().any(|part| part.windows(boundary.len()).any(|window| window == boundary.as_bytes())) {
        // Ends: the boundary soon is longer than any part. With real randomness this never runs.
        boundary.push('0');
    }
    Ok(boundary)
}

fn extension(name: &str) -> &str {
    name.rsplit_once('.').map_or("", |(_, extension)| extension)
}

fn media_type(extension: &str) -> &'static str {
    match extension.to_ascii_lowercase().as_str() {
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "bmp" => "image/bmp",
        "gif" => "image/gif",
        "mp4" | "m4v" | "f4v" => "video/mp4",
        "mpeg" => "video/mpeg",
        "mov" => "video/quicktime",
        "avi" => "video/x-msvideo",
        "wmv" => "video/x-ms-wmv",
        "flv" => "video/x-flv",
        "mkv" => "video/x-matroska",
        "pdf" => "application/pdf",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests;
