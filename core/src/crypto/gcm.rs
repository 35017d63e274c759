//! AES-256-GCM opened piece by piece, for files that are larger than memory. The crate `aes-gcm` opens a message only as a
//! whole; this puts together the same parts (AES, CTR, GHASH) as it does, and is tested against it.

use aes::Aes256;
use ctr::Ctr32BE;
use ctr::cipher::{BlockCipherEncrypt as _, KeyInit, KeyIvInit as _, StreamCipher as _};
use ghash::GHash;
use ghash::universal_hash::UniversalHash as _;

use crate::error::{Error, Result, codes};

/// Pieces are of whole blocks, but for the last.
pub(crate) const BLOCK: usize = 16;
/// At the end of a message.
pub(crate) const TAG: usize = 16;
/// The mode's own limit: 2^32 - 2 blocks.
const MOST_BYTES: u64 = ((1 << 32) - 2) * BLOCK as u64;

/// Opens one message without associated data. What it gives is WeChat Pay's only when [`finish`](Self::finish) says so.
pub(crate) struct GcmOpener {
    stream: Ctr32BE<Aes256>,
    hash: GHash,
    mask: [u8; TAG],
    bytes: u64,
}

impl GcmOpener {
    /// # Errors
    /// `malformed` when there is no nonce.
    pub(crate) fn new(key: &[u8; 32], nonce: &[u8]) -> Result<Self> {
        if nonce.is_empty() {
            return Err(Error::malformed(codes::BAD_NONCE, "the AES-256-GCM nonce is empty."));
        }
        let mut hash_key = ghash::Key::default();
        <Aes256 as KeyInit>::new(key.into()).encrypt_block(&mut hash_key);
        let hash = GHash::new(&hash_key);
        let mut first = ghash::Block::default();
        if nonce.len() == 12 {
            first[..12].copy_from_slice(nonce);
            first[BLOCK - 1] = 1;
        } else {
            let mut of_nonce = hash.clone();
            of_nonce.update_padded(nonce);
            of_nonce.update(&[lengths(0, nonce.len() as u64)]);
            first = of_nonce.finalize();
        }
        let mut stream = Ctr32BE::<Aes256>::new(key.into(), &first);
        // The first block of the key stream goes over the tag.
        let mut mask = [0; TAG];
        stream.apply_keystream(&mut mask);
        Ok(Self { stream, hash, mask, bytes: 0 })
    }

    /// Opens the next piece in place.
    ///
    /// # Errors
    /// `malformed` when the message is longer than the mode allows.
    pub(crate) fn open(&mut self, piece: &mut [u8]) -> Result<()> {
        self.bytes += piece.len() as u64;
        if self.bytes > MOST_BYTES {
            let message = "the encrypted file is longer than AES-256-GCM can encrypt.";
            return Err(Error::malformed(codes::BODY_TOO_LARGE, message));
        }
        self.hash.update_padded(piece);
        self.stream.apply_keystream(piece);
        Ok(())
    }

    /// Whether all that was opened was sealed with this key and is whole.
    pub(crate) fn finish(mut self, tag: &[u8; TAG]) -> bool {
        self.hash.update(&[lengths(0, self.bytes)]);
        let hash = self.hash.finalize();
        // Every byte is looked at: how many agree must not be told by the time it takes.
        let differing = hash.iter().zip(self.mask).zip(tag).fold(0, |all, ((h, m), t)| all | (h ^ m ^ t));
        differing == 0
    }
}

fn lengths(associated_data: u64, text: u64) -> ghash::Block {
    let mut block = ghash::Block::default();
    block[..8].copy_from_slice(&(associated_data * 8).to_be_bytes());
    block[8..].copy_from_slice(&(text * 8).to_be_bytes());
    block
}

#[cfg(test)]
mod tests {
    use aes_gcm::aead::array::ArraySize;
    use aes_gcm::aead::consts::{U12, U16};
    use aes_gcm::aead::{Aead as _, KeyInit as _};
    use aes_gcm::{AesGcm, Nonce};
    use proptest::prelude::*;

    use super::*;

    const KEY: [u8; 32] = *b"0123456789abcdef0123456789abcdef";

    fn seal<N: ArraySize>(nonce: &[u8], plain: &[u8]) -> Vec<u8> {
        let nonce = Nonce::<N>::try_from(nonce).unwrap();
        AesGcm::<Aes256, N>::new(&KEY.into()).encrypt(&nonce, plain).unwrap()
    }

    fn open(nonce: &[u8], sealed: &[u8], piece: usize) -> (Vec<u8>, bool) {
        let (text, tag) = sealed.split_at(sealed.len() - TAG);
        let mut opener = GcmOpener::new(&KEY, nonce).unwrap();
        let mut plain = text.to_vec();
        plain.chunks_mut(piece * BLOCK).for_each(|piece| opener.open(piece).unwrap());
        (plain, opener.finish(tag.try_into().unwrap()))
    }

    proptest! {
        #[test]
        fn opens_what_another_implementation_sealed(plain in prop::collection::vec(any::<u8>(), 0..200), piece in 1usize..5) {
            for (nonce, sealed) in [
                (&b"twelve bytes"[..], seal::<U12>(b"twelve bytes", &plain)),
                (&b"a8607ef79034c49c"[..], seal::<U16>(b"a8607ef79034c49c", &plain)),
            ] {
                prop_assert_eq!(open(nonce, &sealed, piece), (plain.clone(), true));
            }
        }

        #[test]
        fn no_change_goes_unnoticed(plain in prop::collection::vec(any::<u8>(), 0..100), at: prop::sample::Index, bit in 0u8..8) {
            let mut sealed = seal::<U16>(b"a8607ef79034c49c", &plain);
            let at = at.index(sealed.len());
            sealed[at] ^= 1 << bit;
            prop_assert!(!open(b"a8607ef79034c49c", &sealed, 1).1);
        }
    }
}
