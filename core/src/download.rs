//! Files: streamed, decompressed on the fly, and checked against the hash that WeChat Pay announced.
//!
//! File answers carry no signature. What makes them trustworthy is the SHA-1 in the *signed* answer that gave the
//! URL: pass that answer on, to [`Download::announced`]. It is the hash of the decompressed bytes.
//!
//! Some bills are encrypted as well, each part with a key of its own. They are decrypted while they come, and the tag at the
//! end is checked like the hash: until then nothing of what was written may be used.

pub(crate) mod announced;
mod copy;
mod file;
mod sealed;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use data_encoding::HEXLOWER_PERMISSIVE;
use serde_json::Value;

pub(crate) use self::copy::copy;
pub(crate) use self::file::to_path;
use self::sealed::Seal;
use crate::error::{Error, Result, codes};
use crate::operation::{Operation, Reply};

/// A file to fetch: the `download_url` and `hash_value` of an answer, and the limits.
#[derive(Clone)]
#[must_use]
pub struct Download {
    pub(crate) source: Source,
    pub(crate) sha1: Option<String>,
    pub(crate) seal: Option<Seal>,
    pub(crate) max_bytes: u64,
    pub(crate) timeout: Duration,
    pub(crate) progress: Option<ProgressFn>,
}

/// Where the file comes from.
#[derive(Clone)]
pub(crate) enum Source {
    Url(String),
    /// The operation answers with the file itself.
    Operation(Operation, Value),
}

type ProgressFn = Arc<dyn Fn(Progress) + Send + Sync>;

/// How far a download has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Bytes received so far, compressed as they came.
    pub received: u64,
    /// Bytes to receive, when the server says so.
    pub total: Option<u64>,
    /// Bytes written so far, decompressed.
    pub written: u64,
}

/// A finished download.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Downloaded {
    /// Bytes written, decompressed.
    pub bytes: u64,
    /// SHA-1 of these bytes, lower-case hexadecimal.
    pub sha1: String,
    /// Whether `sha1` was compared with an announced hash. Without one, nothing vouches for the content. An encrypted file was
    /// authenticated besides.
    pub verified: bool,
}

impl Download {
    /// Fetches this URL, exactly as WeChat Pay answered it. Nothing is compared until a hash is [given](Self::sha1);
    /// [`announced`](Self::announced) takes both from the answer. The URL is good for minutes
    /// only (bills 5 minutes, profit-sharing bills 30 seconds).
    pub fn new(url: impl Into<String>) -> Self {
        Self::from(Source::Url(url.into()))
    }

    /// Fetches the file that an operation answers with, which takes parameters as any other. WeChat Pay signs the SHA-1 of
    /// some of these files ([`Operation::signs_digest`]); it is compared then. Nothing vouches for the others.
    ///
    /// # Errors
    /// `invalid_request` with code `WRONG_TYPE` when the operation answers with something else.
    pub fn answered(operation: Operation, params: Value) -> Result<Self> {
        if operation.reply() != Reply::File {
            let error =
                Error::invalid_request(codes::WRONG_TYPE, "this operation answers with no file: call it.");
            return Err(error.with_operation(operation.id()));
        }
        Ok(Self::from(Source::Operation(operation, params)))
    }

    fn from(source: Source) -> Self {
        Self {
            source,
            sha1: None,
            seal: None,
            max_bytes: 2 << 30,
            timeout: Duration::from_secs(600),
            progress: None,
        }
    }

    /// The announced hash (`hash_value` with `hash_type` `SHA1`): 40 hexadecimal digits.
    pub fn sha1(mut self, hash_value: impl Into<String>) -> Self {
        self.sha1 = Some(hash_value.into());
        self
    }

    /// Largest file accepted, in decompressed bytes: a few bytes of gzip can stand for gigabytes. Default 2 GiB.
    pub fn max_bytes(mut self, max_bytes: u64) -> Self {
        self.max_bytes = max_bytes;
        self
    }

    /// Longest time for the whole download. Default 10 minutes. A server that sends nothing is given up much earlier.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Is told about every piece written.
    pub fn progress(mut self, progress: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        self.progress = Some(Arc::new(progress));
        self
    }

    /// The announced hash as bytes.
    pub(crate) fn expected(&self) -> Result<Option<[u8; 20]>> {
        self.sha1.as_deref().map(parse_sha1).transpose()
    }
}

fn parse_sha1(text: &str) -> Result<[u8; 20]> {
    let hash = HEXLOWER_PERMISSIVE.decode(text.trim().as_bytes()).ok().and_then(|hash| hash.try_into().ok());
    hash.ok_or_else(|| Error::invalid_request(
        codes::HASH_VALUE,
        format!(
            "{text:?} is not a SHA-1: 40 hexadecimal digits are needed (`hash_value` of an answer whose `hash_type` is SHA1)."
        ),
    ))
}

/// Shows no query, which holds the token that opens the file, and no parameters.
impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(url) => f.debug_tuple("Url").field(&url.split('?').next()).finish(),
            Self::Operation(operation, _) => operation.fmt(f),
        }
    }
}

impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download")
            .field("source", &self.source)
            .field("sha1", &self.sha1)
            .field("encrypted", &self.seal.is_some())
            .field("max_bytes", &self.max_bytes)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
