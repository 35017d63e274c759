//! Uploads of images and videos as `multipart/form-data`.
//!
//! What is signed is not the whole body but the `meta` part, which names the file and its SHA-256.

use std::fmt;
use std::path::Path;

use serde_json::json;
use sha2::{Digest, Sha256};

use crate::clock::{self, NonceSource};
use crate::error::{Error, Result};
use crate::http::HttpRequest;
use crate::kernel::Kernel;
use crate::operation::{Body, Operation, Upload};

/// A file to upload: its name and its content.
#[derive(Clone)]
pub struct File {
    name: String,
    content: Vec<u8>,
}

impl File {
    /// A file in memory. The name is what WeChat Pay sees, with `'` for each `"`; its extension must fit the content.
    pub fn from_bytes(name: impl Into<String>, content: impl Into<Vec<u8>>) -> Self {
        Self { name: name.into(), content: content.into() }
    }

    /// A file on disk, under its own name.
    ///
    /// # Errors
    /// `io` when it cannot be read, `invalid_request` when its name is not UTF-8.
    pub fn from_path(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let name = path.file_name().and_then(|name| name.to_str()).ok_or_else(|| {
            Error::invalid_request("FILE_NAME", format!("{} has no file name in UTF-8.", path.display()))
        })?;
        let content = std::fs::read(path).map_err(|error| {
            Error::io(format!("the file {} could not be read: {error}.", path.display()), error)
        })?;
        Ok(Self { name: name.to_owned(), content })
    }

    /// The same file under another name.
    #[must_use]
    pub fn named(self, name: impl Into<String>) -> Self {
        Self { name: name.into(), ..self }
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
    pub fn prepare_upload(&self, operation: &'static Operation, file: &File) -> Result<HttpRequest> {
        let Body::Upload(limits) = operation.body else {
            let error = Error::invalid_request("WRONG_TYPE", "this operation takes no file: use prepare.");
            return Err(error.with_operation(operation.id));
        };
        let Multipart { meta, content_type, body } =
            multipart(limits, file, self.nonces()).map_err(|error| error.with_operation(operation.id))?;
        self.signed_with(operation.method, operation.path, meta.as_bytes(), body, Some(&content_type))
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
fn multipart(limits: &Upload, file: &File, nonces: &dyn NonceSource) -> Result<Multipart> {
    check(limits, file)?;
    let digest: String = Sha256::digest(&file.content).iter().map(|byte| format!("{byte:02x}")).collect();
    // One name for both parts: what escapes a quotation mark in JSON does not in a header, and receivers differ in how
    // they read it there. Line breaks, the other danger, are refused above.
    let name = file.name.replace('"', "'");
    let meta = json!({ "filename": name, "sha256": digest }).to_string();
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

fn check(limits: &Upload, file: &File) -> Result<()> {
    let name = &file.name;
    if name.trim().is_empty() || name.contains(['/', '\\']) || name.chars().any(char::is_control) {
        return Err(Error::invalid_request(
            "FILE_NAME",
            format!(
                "{name:?} cannot be the name of an upload: give a plain file name without folders and line breaks."
            ),
        ));
    }
    if name.chars().any(|c| c.len_utf8() == 4) {
        return Err(Error::invalid_request(
            "UNSUPPORTED_CHARACTER",
            format!(
                "the file name {name:?} holds a character such as an emoji, which WeChat Pay does not accept."
            ),
        ));
    }
    let extension = extension(name);
    if !limits.extensions.is_empty()
        && !limits.extensions.iter().any(|known| known.eq_ignore_ascii_case(extension))
    {
        return Err(Error::invalid_request(
            "FILE_EXTENSION",
            format!(
                "{name:?} does not end in {}, which are the kinds of file accepted here.",
                limits.extensions.join(", ")
            ),
        ));
    }
    if file.content.is_empty() {
        return Err(Error::invalid_request("FILE_EMPTY", format!("the file {name:?} is empty.")));
    }
    let size = file.content.len() as u64;
    if limits.max_bytes > 0 && size > limits.max_bytes {
        return Err(Error::invalid_request(
            "FILE_TOO_LARGE",
            format!("the file {name:?} has {size} bytes; at most {} are accepted here.", limits.max_bytes),
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
