//! A signer of the caller's own, in front of a KMS or an HSM. JavaScript is asked as it is told results, and answers when it likes.

use std::collections::HashMap;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use wechatpay_core::crypto::MerchantKey;
use zeroize::Zeroizing;

use crate::texts::What;

type BoxError = Box<dyn std::error::Error + Send + Sync>;
type Answer = Result<Zeroizing<Vec<u8>>, String>;

/// An event loop that answers later than this is stuck, or the signer is: the thread is wanted for other calls.
const LONGEST: Duration = Duration::from_secs(30);

/// Asks JavaScript: id of the question, what is wanted, base64.
pub(crate) type Ask = Box<dyn Fn(u32, What, String) + Send + Sync>;

/// Who waits for an answer, by the id of the question.
#[derive(Default)]
pub(crate) struct Questions(Mutex<(u32, HashMap<u32, Sender<Answer>>)>);

impl Questions {
    fn open(&self) -> MutexGuard<'_, (u32, HashMap<u32, Sender<Answer>>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What JavaScript answered. Nothing when nobody waits any more.
    pub(crate) fn answer(&self, id: u32, answer: Answer) {
        let waiting = self.open().1.remove(&id);
        if let Some(waiting) = waiting {
            // Who gave up waiting in this moment needs no answer.
            let _ = waiting.send(answer);
        }
    }
}

pub(crate) struct Signer {
    pub(crate) ask: Ask,
    pub(crate) questions: Arc<Questions>,
    pub(crate) decrypts: bool,
}

impl Signer {
    fn have(&self, what: What, bytes: &[u8]) -> Result<Zeroizing<Vec<u8>>, BoxError> {
        let (sender, receiver) = channel();
        let id = {
            let mut questions = self.questions.open();
            questions.0 = questions.0.wrapping_add(1);
            let id = questions.0;
            questions.1.insert(id, sender);
            id
        };
        (self.ask)(id, what, STANDARD.encode(bytes));
        let answer = receiver.recv_timeout(LONGEST);
        self.questions.open().1.remove(&id);
        match answer {
            Ok(Ok(bytes)) => Ok(bytes),
            Ok(Err(why)) => Err(why.into()),
            Err(_) => Err(format!("the signer gave no answer within {} seconds", LONGEST.as_secs()).into()),
        }
    }
}

impl MerchantKey for Signer {
    fn sign_sha256(&self, message: &[u8]) -> Result<Vec<u8>, BoxError> {
        self.have(What::Sign, message).map(|signature| signature.to_vec())
    }

    fn decrypt_oaep(&self, ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>, BoxError> {
        if !self.decrypts {
            return Err("the signer has no method decrypt, so that sensitive fields stay closed".into());
        }
        self.have(What::Decrypt, ciphertext)
    }
}
