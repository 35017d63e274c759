//! Files that answers carry: written again for each download, never held in memory.

use std::fmt::Debug;
use std::io::{self, Write};
use std::sync::Arc;

use sha1::{Digest as _, Sha1};

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
        let mut measure = Measure::default();
        content.write_to(&mut measure)?;
        let sha1 = measure.hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { content: Arc::new(content), gzip, plain_bytes: measure.bytes, sha1 })
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
#[derive(Default)]
struct Measure {
    hash: Sha1,
    bytes: u64,
}

impl Write for Measure {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
