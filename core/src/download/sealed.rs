//! Encrypted files: some bills come sealed with a key of their own, which is encrypted to the merchant.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::crypto::{BLOCK, GcmOpener, MerchantKey, TAG};
use crate::error::{Error, ErrorKind, Result, codes};

const PIECE: usize = 16 * 1024;

/// How a file is sealed, as the answer that announces it says.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Seal {
    /// The file's key, encrypted to the merchant's certificate, as base64.
    pub(crate) encrypt_key: String,
    pub(crate) nonce: String,
}

impl Seal {
    /// Opens the file's key with the merchant's.
    pub(crate) fn opener(&self, key: &dyn MerchantKey) -> Result<GcmOpener> {
        let failed = |why: &str| {
            let message = format!("the key of the encrypted file (`encrypt_key`) cannot be opened: {why}.");
            Error::new(ErrorKind::Decryption, codes::SENSITIVE_FIELD, message)
        };
        let bytes = STANDARD.decode(&self.encrypt_key).map_err(|_| failed("it is not base64"))?;
        let opened = key.decrypt_oaep(&bytes).map_err(|error| {
            failed("it was encrypted to another merchant certificate, or the signer cannot decrypt")
                .with_source(error)
        })?;
        let key = <[u8; 32]>::try_from(&opened[..]).map(Zeroizing::new).map_err(|_| {
            failed("it is not the 32 bytes of AEAD_AES_256_GCM; ask for the bill with this `algorithm`")
        })?;
        GcmOpener::new(&key, self.nonce.as_bytes())
    }
}

/// What is sealed, opened while it is read. Bytes come out before the tag at the end was seen, the last ones after.
pub(crate) struct Opened {
    sealed: Box<dyn Read>,
    /// None when the end was seen and was right.
    opener: Option<GcmOpener>,
    /// What was read and is not handed on; behind `ready` it is still sealed.
    held: Vec<u8>,
    ready: usize,
    handed_on: usize,
    whole: Rc<Cell<bool>>,
}

impl Opened {
    /// `whole` becomes true when the tag at the end was right.
    pub(crate) fn new(sealed: Box<dyn Read>, opener: GcmOpener, whole: Rc<Cell<bool>>) -> Self {
        let held = Vec::with_capacity(PIECE + TAG);
        Self { sealed, opener: Some(opener), held, ready: 0, handed_on: 0, whole }
    }

    /// Opens as much as can be told from the tag.
    fn refill(&mut self) -> io::Result<()> {
        let Some(opener) = &mut self.opener else { return Ok(()) };
        self.held.drain(..self.ready);
        (self.ready, self.handed_on) = (0, 0);
        let missing = (PIECE + TAG).saturating_sub(self.held.len());
        let came = self.sealed.by_ref().take(missing as u64).read_to_end(&mut self.held)?;
        let ends = came < missing;
        let Some(text) = self.held.len().checked_sub(TAG) else {
            return Err(altered());
        };
        let text = if ends { text } else { text / BLOCK * BLOCK };
        opener.open(&mut self.held[..text]).map_err(io::Error::other)?;
        if ends {
            let tag = self.held[text..].try_into().map_err(|_| altered())?;
            if !self.opener.take().is_some_and(|opener| opener.finish(&tag)) {
                return Err(altered());
            }
            self.whole.set(true);
        }
        self.ready = text;
        Ok(())
    }
}

impl Read for Opened {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.handed_on == self.ready {
            self.refill()?;
        }
        let count = (&self.held[self.handed_on..self.ready]).read(buffer)?;
        self.handed_on += count;
        Ok(count)
    }
}

/// The tag at the end does not fit.
pub(crate) fn broken() -> Error {
    Error::new(
        ErrorKind::Integrity,
        codes::SEAL_BROKEN,
        "the encrypted file was altered or cut, or another key belongs to it: the tag at its end does not fit. Ask for a new \
         download URL and fetch it again; use nothing of what was written.",
    )
}

fn altered() -> io::Error {
    io::Error::other(broken())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_does_not_grow_with_the_file() {
        let opener = GcmOpener::new(&[7; 32], b"a8607ef79034c49c").unwrap();
        let endless = Box::new(io::repeat(1));
        let mut opened = Opened::new(endless, opener, Rc::default());
        let read = io::copy(&mut opened.by_ref().take(20 << 20), &mut io::sink()).unwrap();
        assert_eq!(read, 20 << 20);
        assert!(opened.held.capacity() <= 4 * PIECE, "{}", opened.held.capacity());
        assert!(!opened.whole.get());
    }
}
