//! Files that answers carry: written again for each download, never held in memory.

use std::fmt::Debug;
use std::io::{self, Write};
use std::sync::Arc;

use data_encoding::HEXLOWER;
use sha1::Sha1;
use sha2::{Digest, Sha256};
use sm3::Sm3;

/// What can be written as a file, and gives the same bytes each time.
pub(crate) trait Content: Debug + Send + Sync {
    fn write_to(&self, out: &mut dyn Write) -> io::Result<()>;
}

impl Content for String {
    fn write_to(&self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(self.as_bytes())
    }
}

/// A file with the hash that announces it.
#[derive(Debug, Clone)]
pub(crate) struct File {
    content: Arc<dyn Content>,
    pub(crate) gzip: bool,
    /// Length of the content in bytes, before it is compressed.
    pub(crate) plain_bytes: u64,
    /// SHA-1 of the content before it is compressed, in hexadecimal.
    pub(crate) sha1: String,
}

impl File {
    pub(crate) fn new(content: impl Content + 'static, gzip: bool) -> io::Result<Self> {
        let mut measure = Measure { hash: Sha1::new(), bytes: 0 };
        content.write_to(&mut measure)?;
        let sha1 = HEXLOWER.encode(&measure.hash.finalize());
        Ok(Self { content: Arc::new(content), gzip, plain_bytes: measure.bytes, sha1 })
    }

    /// The hash of the content by the name that `hash_type` has for it: SHA-1 for what is not known here.
    pub(crate) fn hash(&self, name: &str) -> io::Result<String> {
        match name {
            "SHA256" => self.hashed(Sha256::new()),
            "SM3" => self.hashed(Sm3::new()),
            _ => Ok(self.sha1.clone()),
        }
    }

    fn hashed<D: Digest>(&self, hash: D) -> io::Result<String> {
        let mut measure = Measure { hash, bytes: 0 };
        self.content.write_to(&mut measure)?;
        Ok(HEXLOWER.encode(&measure.hash.finalize()))
    }

    /// Writes the file as it is downloaded.
    pub(crate) fn write_to(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.gzip {
            let mut encoder = flate2::write::GzEncoder::new(out, flate2::Compression::fast());
            self.content.write_to(&mut encoder)?;
            encoder.finish()?;
            return Ok(());
        }
        self.content.write_to(out)
    }
}

/// Hash and length of what is written.
struct Measure<D> {
    hash: D,
    bytes: u64,
}

impl<D: Digest> Write for Measure<D> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
