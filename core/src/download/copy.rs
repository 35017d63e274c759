//! From the wire to a writer: counted, decompressed, hashed, limited.

use std::io::{self, BufRead, BufReader, Read, Write};

use flate2::bufread::MultiGzDecoder;
use sha1::{Digest, Sha1};

use super::{Download, Downloaded, Progress};
use crate::error::{Error, ErrorKind, Result};
use crate::http::{Headers, HttpResponse};
use crate::transport::StreamingResponse;

const PIECE: usize = 16 * 1024;
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Copies the body of a 200 answer to `out` and checks it. Holds a few buffers in memory, whatever the size.
///
/// `given_up` is asked between pieces and ends the copy with its error.
///
/// What was written before an error was found stays written: only a returned [`Downloaded`] makes it a file.
pub(crate) fn copy(
    download: &Download,
    response: StreamingResponse,
    out: &mut dyn Write,
    given_up: &dyn Fn() -> Result<()>,
) -> Result<Downloaded> {
    let expected = download.expected()?;
    let StreamingResponse { status, headers, body } = response;
    let with_answer =
        |error: Error| error.with_response(&HttpResponse::new(status, headers.clone(), Vec::new()));
    copy_body(download, expected, &headers, body, out, given_up).map_err(with_answer)
}

fn copy_body(
    download: &Download,
    expected: Option<[u8; 20]>,
    headers: &Headers,
    body: Box<dyn Read + Send>,
    out: &mut dyn Write,
    given_up: &dyn Fn() -> Result<()>,
) -> Result<Downloaded> {
    // A transport that undoes a content encoding delivers another number of bytes than the header says.
    let encoded =
        headers.get("Content-Encoding").is_some_and(|encoding| !encoding.eq_ignore_ascii_case("identity"));
    let total = headers.get("Content-Length").and_then(|length| length.parse().ok()).filter(|_| !encoded);
    let (source, gzip) = Source::open(body).map_err(read_error)?;
    let mut decoder = if gzip { Decoder::Gzip(MultiGzDecoder::new(source)) } else { Decoder::Plain(source) };
    let mut sha1 = Sha1::new();
    let mut written: u64 = 0;
    let mut piece = vec![0; PIECE];
    loop {
        given_up()?;
        let count = match decoder.read(&mut piece) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(read_error(error)),
        };
        let bytes = &piece[..count];
        written += count as u64;
        if written > download.max_bytes {
            return Err(Error::malformed(
                "BODY_TOO_LARGE",
                format!(
                    "the file is larger than {} bytes. If this is expected, raise max_bytes of the download.",
                    download.max_bytes
                ),
            ));
        }
        sha1.update(bytes);
        out.write_all(bytes)
            .map_err(|error| Error::io(format!("the file could not be written: {error}."), error))?;
        if let Some(progress) = &download.progress {
            progress(Progress { received: decoder.source().received, total, written });
        }
    }
    out.flush().map_err(|error| Error::io(format!("the file could not be written: {error}."), error))?;
    let received = decoder.source().received;
    if let Some(total) = total.filter(|total| *total != received) {
        return Err(cut(format!("{received} of {total} bytes came.")));
    }
    let hash: [u8; 20] = sha1.finalize().into();
    let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    if expected.is_some_and(|expected| expected != hash) {
        return Err(Error::new(
            ErrorKind::Integrity,
            "HASH_MISMATCH",
            format!(
                "the file is not the one announced: its SHA-1 is {hex}. Ask for a new download URL and fetch it again; if \
                 that does not help, something between you and WeChat Pay alters files."
            ),
        ));
    }
    Ok(Downloaded { bytes: written, sha1: hex, verified: expected.is_some() })
}

fn cut(what: impl AsRef<str>) -> Error {
    let message = format!("the download was cut: {} Fetch the file again.", what.as_ref());
    Error::new(ErrorKind::Integrity, "DOWNLOAD_CUT", message).with_retryable(true)
}

fn read_error(error: io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => {
            Error::timeout("the download stopped: no more bytes came in time. Fetch the file again.")
                .with_retryable(true)
        }
        // What the gzip decoder says of bytes that are not gzip.
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => Error::new(
            ErrorKind::Integrity,
            "GZIP_CORRUPT",
            format!("the compressed file is damaged: {error}. Fetch it again."),
        )
        .with_retryable(true),
        _ => cut(format!("{error}.")),
    }
    .with_source(error)
}

enum Decoder {
    Plain(Source),
    Gzip(MultiGzDecoder<Source>),
}

impl Decoder {
    fn source(&self) -> &Source {
        match self {
            Self::Plain(source) => source,
            Self::Gzip(decoder) => decoder.get_ref(),
        }
    }
}

impl Read for Decoder {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(source) => source.read(buffer),
            Self::Gzip(decoder) => decoder.read(buffer),
        }
    }
}

/// The first two bytes, which were looked at, and the rest.
type Chained = io::Chain<io::Cursor<Vec<u8>>, Box<dyn Read + Send>>;

/// The body as it comes, counted.
struct Source {
    body: BufReader<Chained>,
    received: u64,
}

impl Source {
    /// Also tells whether the body is gzip, by its first two bytes: no header says so reliably.
    fn open(mut body: Box<dyn Read + Send>) -> io::Result<(Self, bool)> {
        let mut magic = Vec::with_capacity(2);
        body.by_ref().take(2).read_to_end(&mut magic)?;
        let gzip = magic == GZIP_MAGIC;
        let body = BufReader::with_capacity(PIECE, io::Cursor::new(magic).chain(body));
        Ok((Self { body, received: 0 }, gzip))
    }
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.body.read(buffer)?;
        self.received += count as u64;
        Ok(count)
    }
}

impl BufRead for Source {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.body.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.received += count as u64;
        self.body.consume(count);
    }
}
