//! What came when it is no text: said by its first bytes.

use crate::error::{Error, codes};

/// Files that are no text, by their first bytes.
pub(super) fn not_text(bytes: &[u8]) -> Option<Error> {
    let header = |what: &str, hint: &str| Some(refusal(what, hint));
    match bytes {
        [0x1f, 0x8b, ..] => Some(Error::malformed(
            codes::BILL_COMPRESSED,
            "the bill is still compressed (gzip). Download it with `download`, which decompresses, \
             or pass it through a gzip decoder first.",
        )),
        [b'P', b'K', 3, 4, ..] => header(
            "a zip archive or a spreadsheet (xlsx)",
            "Unpack it, or ask the API for the bill: the merchant platform's files are made differently.",
        ),
        [b'%', b'P', b'D', b'F', ..] => header("a PDF", "Check which file was opened."),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Some(Error::malformed(
            codes::BILL_ENCODING,
            "the bill is UTF-16; bills of the API are UTF-8. Use the file as it was downloaded.",
        )),
        _ => None,
    }
}

/// Says what came instead of a bill, and what to do.
pub(super) fn refusal(what: &str, hint: &str) -> Error {
    Error::malformed(
        codes::BILL_HEADER,
        format!(
            "this is not a bill but {what}: a bill starts with a line of column names separated by commas. {hint}"
        ),
    )
}
