//! From the answer that announces a file to what must be fetched and compared.

use serde_json::Value;

use super::Download;
use super::sealed::Seal;
use crate::error::{Error, Result, codes};

/// What an answer says of a file.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Announcement<'a> {
    pub(crate) url: Option<&'a str>,
    pub(crate) hash_type: Option<&'a str>,
    pub(crate) hash_value: Option<&'a str>,
    pub(crate) encrypt_key: Option<&'a str>,
    pub(crate) nonce: Option<&'a str>,
}

impl Download {
    /// The file that an answer announces: an object with `download_url` (or `url`), `hash_type` and `hash_value`, such as
    /// the answer of `bills.trade_bill`. What is fetched will be compared with the hash.
    ///
    /// Of an answer with `download_bill_list`, such as that of `bills.ecommerce_fund_flow_bill`, give the elements one by one, in the
    /// order of `bill_sequence`: each is a file with `encrypt_key` and `nonce`, which is decrypted while it is fetched.
    ///
    /// # Errors
    /// `invalid_request` with code `WRONG_TYPE` when this is no object. `malformed` with code `FILE_ANNOUNCEMENT` when it
    /// names no URL or no hash (an unsigned file without a hash is worth nothing), or is a list of files; with code `HASH_TYPE`
    /// when the hash is no SHA-1.
    pub fn announced(answer: &Value) -> Result<Self> {
        if !answer.is_object() {
            return Err(Error::invalid_request(
                codes::WRONG_TYPE,
                "a file is announced by an answer with download_url, hash_type and hash_value; what was passed is no object.",
            ));
        }
        if answer["download_bill_list"].is_array() {
            return Err(refused(
                "it announces a list of files, each encrypted with a key of its own",
                "Pass the elements of `download_bill_list` one by one, in the order of `bill_sequence`.",
            ));
        }
        let text = |name: &str| answer[name].as_str();
        Announcement {
            url: text("download_url").or_else(|| text("url")),
            hash_type: text("hash_type"),
            hash_value: text("hash_value"),
            encrypt_key: text("encrypt_key"),
            nonce: text("nonce"),
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
                codes::HASH_TYPE,
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
        let mut download = Download::new(url).sha1(hash);
        download.expected()?;
        if let Some(encrypt_key) = given(self.encrypt_key) {
            let nonce = given(self.nonce).ok_or_else(|| {
                refused(
                    "the file is encrypted, and there is no nonce in it",
                    "Pass the whole element, as it came.",
                )
            })?;
            download.seal = Some(Seal { encrypt_key, nonce });
        }
        Ok(download)
    }
}

fn refused(what: &str, hint: &str) -> Error {
    Error::malformed(
        codes::FILE_ANNOUNCEMENT,
        format!("the answer announces no file to fetch: {what}. {hint}"),
    )
}
