//! A parsed key that survives `fork`.
//!
//! The libraries under the keys keep locked state beside a key (AWS-LC: blinding values, Montgomery contexts). A child that is
//! forked while another thread of its parent signs inherits that state locked, or half written, by a thread that it does not
//! have: to sign with it hangs, or ends the child by an assertion. So a child parses the key anew from its bytes and leaves
//! the parent's object alone; it does not even free it.

use std::sync::Arc;

use arc_swap::ArcSwap;

use super::RsaError;

/// How the bytes of a key are parsed.
type Parse<K> = fn(&[u8]) -> Result<K, RsaError>;

/// Gives each process a key of its own, parsed from the same bytes.
pub(super) struct OfProcess<K> {
    parse: Parse<K>,
    current: ArcSwap<Parsed<K>>,
}

struct Parsed<K> {
    process: u32,
    /// `None` only while it is dropped.
    key: Option<Arc<K>>,
}

impl<K> OfProcess<K> {
    /// Parses the key for this process.
    pub(super) fn new(parse: Parse<K>, der: &[u8]) -> Result<Self, RsaError> {
        Ok(Self { parse, current: ArcSwap::from_pointee(Parsed::new(parse, der)?) })
    }

    /// The key of this process. `der` are the bytes that it was made from.
    pub(super) fn get(&self, der: &[u8]) -> Result<Arc<K>, RsaError> {
        let parsed = self.current.load();
        if parsed.process == std::process::id() {
            return parsed.key.clone().ok_or(RsaError);
        }
        drop(parsed);
        let fresh = Parsed::new(self.parse, der)?;
        let key = fresh.key.clone().ok_or(RsaError)?;
        // Many threads of the child may come here at once; each key is good, and the last one stays.
        self.current.store(Arc::new(fresh));
        Ok(key)
    }
}

impl<K> Parsed<K> {
    fn new(parse: Parse<K>, der: &[u8]) -> Result<Self, RsaError> {
        Ok(Self { process: std::process::id(), key: Some(Arc::new(parse(der)?)) })
    }
}

impl<K> Drop for Parsed<K> {
    fn drop(&mut self) {
        if self.process != std::process::id() {
            std::mem::forget(self.key.take());
        }
    }
}
