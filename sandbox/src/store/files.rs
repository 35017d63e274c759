//! Files that can be downloaded for a while, under the token in their address.

use std::collections::HashMap;

use crate::file::File;
use crate::ids;

/// A download address is good for this many seconds.
pub(crate) const ADDRESS_LIFE: i64 = 300;

/// Where the file of this token is fetched.
pub(crate) fn address(base_url: &str, token: &str, gzip: bool) -> String {
    let tail = if gzip { "&tartype=gzip" } else { "" };
    format!("{base_url}/v3/billdownload/file?token={token}{tail}")
}

/// What came of a download address.
#[derive(Debug)]
pub(crate) enum Found<'a> {
    File(&'a File),
    Expired,
    Unknown,
}

/// All files, by token.
#[derive(Debug, Default)]
pub(crate) struct Files {
    by_token: HashMap<String, (File, i64)>,
}

impl Files {
    /// Keeps a file for download; gives its token.
    pub(crate) fn offer(&mut self, file: File, now: i64) -> String {
        let token = ids::alphanumeric(64);
        self.by_token.insert(token.clone(), (file, now + ADDRESS_LIFE));
        token
    }

    pub(crate) fn get(&self, token: &str, now: i64) -> Found<'_> {
        match self.by_token.get(token) {
            Some((file, expires)) if now < *expires => Found::File(file),
            Some(_) => Found::Expired,
            None => Found::Unknown,
        }
    }
}
