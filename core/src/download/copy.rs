//! From the wire to a writer: counted, decrypted, decompressed, hashed, limited.

use std::cell::Cell;
use std::io::{self, BufReader, Read, Write};
use std::rc::Rc;

use data_encoding::HEXLOWER;
use flate2::bufread::MultiGzDecoder;
use sha1::{Digest, Sha1};

use super::sealed::{self, Opened};
use super::{Download, Downloaded, Progress};
use crate::crypto::GcmOpener;
use crate::error::{Error, ErrorKind, Result, codes};
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
    opener: Option<GcmOpener>,
    response: StreamingResponse,
    out: &mut dyn Write,
    given_up: &dyn Fn() -> Result<()>,
) -> Result<Downloaded> {
    let expected = download.expected()?;
    let StreamingResponse { status, headers, body } = response;
    let with_answer =
        |error: Error| error.with_response(&HttpResponse::new(status, headers.clone(), Vec::new()));
    copy_body(download, expected, &headers, Body::new(body, opener), out, given_up).map_err(with_answer)
}

fn copy_body(
    download: &Download,
    expected: Option<[u8; 20]>,
    headers: &Headers,
    Body { plain, received, whole }: Body,
    out: &mut dyn Write,
    given_up: &dyn Fn() -> Result<()>,
) -> Result<Downloaded> {
    // A transport that undoes a content encoding delivers another number of bytes than the header says.
    let encoded =
        headers.get("Content-Encoding").is_some_and(|encoding| !encoding.eq_ignore_ascii_case("identity"));
    let total = headers.get("Content-Length").and_then(|length| length.parse().ok()).filter(|_| !encoded);
    let mut plain = decompressed(plain).map_err(read_error)?;
    let mut sha1 = Sha1::new();
    let mut written: u64 = 0;
    let mut piece = vec![0; PIECE];
    loop {
        given_up()?;
        let count = match plain.read(&mut piece) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(read_error(error)),
        };
        let bytes = &piece[..count];
        written += count as u64;
        if written > download.max_bytes {
            return Err(Error::malformed(
                codes::BODY_TOO_LARGE,
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
            progress(Progress { received: received.get(), total, written });
        }
    }
    out.flush().map_err(|error| Error::io(format!("the file could not be written: {error}."), error))?;
    let received = received.get();
    if let Some(total) = total.filter(|total| *total != received) {
        return Err(cut(format!("{received} of {total} bytes came.")));
    }
    // Whoever reads to the end has been told of a tag that does not fit; this is said once more where it matters.
    if !whole.get() {
        return Err(sealed::broken());
    }
    let hash: [u8; 20] = sha1.finalize().into();
    let hex = HEXLOWER.encode(&hash);
    if expected.is_some_and(|expected| expected != hash) {
        return Err(Error::new(
            ErrorKind::Integrity,
            codes::HASH_MISMATCH,
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
    Error::new(ErrorKind::Integrity, codes::DOWNLOAD_CUT, message).with_retryable(true)
}

fn read_error(error: io::Error) -> Error {
    let error = match error.downcast::<Error>() {
        Ok(own) => return own,
        Err(error) => error,
    };
    match error.kind() {
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => {
            Error::timeout("the download stopped: no more bytes came in time. Fetch the file again.")
                .with_retryable(true)
        }
        // What the gzip decoder says of bytes that are not gzip.
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => Error::new(
            ErrorKind::Integrity,
            codes::GZIP_CORRUPT,
            format!("the compressed file is damaged: {error}. Fetch it again."),
        )
        .with_retryable(true),
        _ => cut(format!("{error}.")),
    }
    .with_source(error)
}

/// What comes, decrypted.
struct Body {
    plain: Box<dyn Read>,
    /// Bytes that came over the wire.
    received: Rc<Cell<u64>>,
    /// Whether all of it is known to be as it was encrypted; always true of what is not.
    whole: Rc<Cell<bool>>,
}

impl Body {
    fn new(body: Box<dyn Read + Send>, opener: Option<GcmOpener>) -> Self {
        let received = Rc::new(Cell::new(0));
        let whole = Rc::new(Cell::new(opener.is_none()));
        let counted = Box::new(Counted { body, received: Rc::clone(&received) });
        let plain: Box<dyn Read> = match opener {
            Some(opener) => Box::new(Opened::new(counted, opener, Rc::clone(&whole))),
            None => counted,
        };
        Self { plain, received, whole }
    }
}

/// Undoes gzip, which is told by the first two bytes: no header says so reliably.
fn decompressed(mut body: Box<dyn Read>) -> io::Result<Box<dyn Read>> {
    let mut magic = Vec::with_capacity(2);
    body.by_ref().take(2).read_to_end(&mut magic)?;
    let gzip = magic == GZIP_MAGIC;
    let body = BufReader::with_capacity(PIECE, io::Cursor::new(magic).chain(body));
    Ok(if gzip { Box::new(MultiGzDecoder::new(body)) } else { Box::new(body) })
}

/// The body as it comes, counted.
struct Counted {
    body: Box<dyn Read + Send>,
    received: Rc<Cell<u64>>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.body.read(buffer)?;
        self.received.set(self.received.get() + count as u64);
        Ok(count)
    }
}
