//! A signer of the JVM's own, in front of a KMS or an HSM: one function of the JVM is asked for all of them.

use std::cell::RefCell;
use std::sync::OnceLock;

use wechatpay_core::crypto::MerchantKey;
use zeroize::Zeroizing;

type BoxError = Box<dyn std::error::Error + Send + Sync>;
type Answer = Result<Zeroizing<Vec<u8>>, String>;

/// Asks the signer of this number to sign a message, or to decrypt a ciphertext when `decrypt` is not 0. It calls `signer_answers` on the
/// same thread before it returns.
pub(super) type Ask = extern "C" fn(signer: u64, decrypt: u32, input: *const u8, length: u32);

/// The JVM's function. It is never collected there: a client may ask when nobody holds it any more.
static ASK: OnceLock<Ask> = OnceLock::new();

thread_local! {
    static ANSWER: RefCell<Option<Answer>> = const { RefCell::new(None) };
}

/// Whom clients with a signer ask, from now on.
pub(super) fn ask_by(ask: Ask) {
    // Another one would be of another class loader, which loads a library of its own.
    let _ = ASK.set(ask);
}

/// What the signer that was asked on this thread answers.
pub(super) fn answer(answer: Answer) {
    ANSWER.with(|place| *place.borrow_mut() = Some(answer));
}

/// A signer, by the number that the JVM knows it by.
pub(super) struct Signer(pub(super) u64);

impl Signer {
    fn have(&self, decrypt: bool, input: &[u8]) -> Result<Zeroizing<Vec<u8>>, BoxError> {
        let ask = ASK.get().ok_or("nobody is there to be asked")?;
        let length = u32::try_from(input.len())?;
        ANSWER.with(|place| place.borrow_mut().take());
        ask(self.0, u32::from(decrypt), input.as_ptr(), length);
        match ANSWER.with(|place| place.borrow_mut().take()) {
            Some(answer) => Ok(answer?),
            None => Err("it gave no answer".into()),
        }
    }
}

impl MerchantKey for Signer {
    fn sign_sha256(&self, message: &[u8]) -> Result<Vec<u8>, BoxError> {
        self.have(false, message).map(|signature| signature.to_vec())
    }

    fn decrypt_oaep(&self, ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>, BoxError> {
        self.have(true, ciphertext)
    }
}
