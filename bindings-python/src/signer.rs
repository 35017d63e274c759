//! A signer of the caller's own, in front of a KMS or an HSM.

use std::fmt;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use wechatpay_core::crypto::MerchantKey;
use zeroize::Zeroizing;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Callables of Python: bytes to bytes.
#[derive(Debug)]
pub(crate) struct Signer {
    pub(crate) sign: Py<PyAny>,
    pub(crate) decrypt: Option<Py<PyAny>>,
}

impl MerchantKey for Signer {
    fn sign_sha256(&self, message: &[u8]) -> Result<Vec<u8>, BoxError> {
        call(&self.sign, "sign", message)
    }

    fn decrypt_oaep(&self, ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>, BoxError> {
        match &self.decrypt {
            Some(decrypt) => call(decrypt, "decrypt", ciphertext).map(Zeroizing::new),
            None => Err("the signer has no method decrypt, so that sensitive fields stay closed".into()),
        }
    }
}

/// What a signer raised: the cause of the exception that its caller gets.
#[derive(Debug)]
pub(crate) struct Raised(pub(crate) PyErr);

impl fmt::Display for Raised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Raised {}

fn call(function: &Py<PyAny>, name: &str, bytes: &[u8]) -> Result<Vec<u8>, BoxError> {
    // Not while the interpreter ends: who attaches then hangs.
    let called = Python::try_attach(|py| {
        let answer = function.bind(py).call1((PyBytes::new(py, bytes),))?;
        match answer.cast::<PyBytes>() {
            Ok(bytes) => Ok(bytes.as_bytes().to_vec()),
            Err(_) => {
                let class = answer.get_type().qualname()?;
                Err(PyTypeError::new_err(format!("{name} of the signer must return bytes, not {class}")))
            }
        }
    });
    match called {
        Some(answer) => answer.map_err(|raised: PyErr| Box::new(Raised(raised)) as BoxError),
        None => Err("the interpreter is ending".into()),
    }
}
