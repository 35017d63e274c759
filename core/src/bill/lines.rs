//! Lines of a bill, one at a time: UTF-8, of bounded length, without what stands around them.

use std::io::{BufRead, Read};

use serde_json::json;

use super::binary::not_text;
use crate::error::{Error, Result, codes};

/// Longest line accepted, in bytes. Real lines stay below two kilobytes.
pub(super) const MAX_LINE: u64 = 1 << 20;

pub(super) struct Lines<R> {
    source: R,
    number: u64,
    buffer: Vec<u8>,
}

/// A line without its end and without a byte order mark.
pub(super) struct Line {
    pub(super) text: String,
    pub(super) number: u64,
    /// Whether a line end followed; the last line of a file may have none.
    pub(super) ended: bool,
}

impl<R> Lines<R> {
    pub(super) const fn new(source: R) -> Self {
        Self { source, number: 0, buffer: Vec::new() }
    }

    /// Number of the line that was read last; the first is 1.
    pub(super) const fn number(&self) -> u64 {
        self.number
    }

    pub(super) fn malformed(&self, code: &str, what: &str) -> Error {
        Error::malformed(code, format!("line {} of the bill {what}.", self.number))
            .with_detail(json!({ "line": self.number }))
    }
}

impl<R: BufRead> Lines<R> {
    /// The next line; `None` at the end of the file.
    pub(super) fn next(&mut self) -> Result<Option<Line>> {
        self.buffer.clear();
        let read =
            (&mut self.source).take(MAX_LINE).read_until(b'\n', &mut self.buffer).map_err(|error| {
                Error::io(format!("line {} of the bill could not be read.", self.number + 1), error)
            })?;
        if read == 0 {
            return Ok(None);
        }
        self.number += 1;
        let bytes = self.buffer.as_slice();
        let ended = bytes.last() == Some(&b'\n');
        if !ended && read as u64 == MAX_LINE {
            return Err(
                self.malformed(codes::BILL_LINE_TOO_LONG, "is longer than a megabyte; this is not a bill")
            );
        }
        let mut bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        if self.number == 1 {
            if let Some(error) = not_text(bytes) {
                return Err(error);
            }
            bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
        }
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Some(Line { text: text.to_owned(), number: self.number, ended })),
            Err(error) if error.error_len().is_none() && !ended => {
                Err(self.malformed(codes::BILL_CUT, "ends in the middle of a character"))
            }
            Err(_) => Err(self.malformed(
                codes::BILL_ENCODING,
                "is not UTF-8; bills of the API are, a file saved by a spreadsheet program may be GBK",
            )),
        }
    }

    /// What follows, up to so many bytes, for a look at a text that is no bill.
    pub(super) fn rest(&mut self, limit: u64) -> Vec<u8> {
        let mut rest = Vec::new();
        // What cannot be read is not looked at.
        let _ = (&mut self.source).take(limit).read_to_end(&mut rest);
        rest
    }
}
