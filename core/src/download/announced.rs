//! From the answer that announces a file to what must be fetched and compared.

use serde_json::Value;

use super::Download;
use crate::error::{Error, Result};

/// What an answer says of a file.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Announcement<'a> {
    pub(crate) url: Option<&'a str>,
    pub(crate) hash_type: Option<&'a str>,
    pub(crate) hash_value: Option<&'a str>,
}

impl Download {
    /// The file that an answer announces: an object with `download_url` (or `url`), `hash_type` and `hash_value`, such as
    /// the answer of `bills.trade_bill`. What is fetched will be compared with the hash.
    ///
    /// # Errors
    /// `invalid_request` with code `WRONG_TYPE` when this is no object. `malformed` with code `FILE_ANNOUNCEMENT` when it
    /// names no URL or no hash (an unsigned file without a hash is worth nothing), or announces an encrypted file; with code
    /// `HASH_TYPE` when the hash is no SHA-1.
    pub fn announced(answer: &Value) -> Result<Self> {
        if !answer.is_object() {
            return Err(Error::invalid_request(
                "WRONG_TYPE",
                "a file is announced by an answer with download_url, hash_type and hash_value; what was passed is no object.",
            ));
        }
        if answer["download_bill_list"].is_array() || answer["encrypt_key"].is_string() {
            return Err(refused(
                "the file is encrypted, one key for each part (`encrypt_key`), and its hash is that of the decrypted text",
                "Fetch `download_url` of each part without a hash and decrypt it; that it decrypts proves it whole.",
            ));
        }
        let text = |name: &str| answer[name].as_str();
        Announcement {
            url: text("download_url").or_else(|| text("url")),
            hash_type: text("hash_type"),
            hash_value: text("hash_value"),
        }
        .download()
    }
}

impl Announcement<'_> {
    pub(crate) fn download(self) -> Result<Download> {
        let given = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
        let url = given(self.url)
            .ok_or_else(|| refused("there is no download_url in it", "Pass the whole answer, as it came."))?;
        // Bills say SHA1, the files of coupons say sha1.
        let kind = given(self.hash_type);
        if let Some(kind) = kind.as_deref().filter(|kind| !kind.eq_ignore_ascii_case("SHA1")) {
            return Err(Error::malformed(
                "HASH_TYPE",
                format!(
                    "the announced hash is of type {kind:?}, and only SHA1 is compared here. Fetch the bare URL, compare \
                     the hash of the file yourself, and use nothing of it before."
                ),
            )
            .with_detail(serde_json::json!({ "field": "hash_type", "value": kind })));
        }
        let Some(hash) = given(self.hash_value).filter(|_| kind.is_some()) else {
            return Err(refused(
                "there is no hash_type with hash_value in it, and the file itself is not signed",
                "Pass the whole answer, as it came. Where WeChat Pay announces none, fetch the bare URL; nothing vouches \
                 for such a file.",
            ));
        };
        let download = Download::new(url).sha1(hash);
        download.expected()?;
        Ok(download)
    }
}

fn refused(what: &str, hint: &str) -> Error {
    Error::malformed("FILE_ANNOUNCEMENT", format!("the answer announces no file to fetch: {what}. {hint}"))
}
