//! When platform certificates are downloaded: before the first call, every 12 hours, and when something is signed
//! with one that is not known. One thread downloads, however many need it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use super::Client;
use crate::certificates::OPERATION;
use crate::error::{Error, ErrorKind, Result};
use crate::operation;
use crate::retry::Safety;

/// Makes downloads of certificates happen one at a time.
#[derive(Default)]
pub(super) struct Refresh {
    downloads: AtomicU64,
    /// What came of the last download: `None` when it succeeded.
    last: Mutex<Option<Failed>>,
}

struct Failed {
    kind: ErrorKind,
    code: String,
    message: String,
    retryable: bool,
}

impl Failed {
    fn of(error: &Error) -> Self {
        Self {
            kind: error.kind(),
            code: error.code().to_owned(),
            message: error.message().to_owned(),
            retryable: error.retryable(),
        }
    }

    fn error(&self) -> Error {
        Error::new(self.kind, self.code.clone(), self.message.clone())
            .with_retryable(self.retryable)
            .with_operation(OPERATION)
    }
}

impl Client {
    /// Sees to it that there is a key to verify the answer with *before* anything is sent: an answer that cannot be
    /// verified would leave the outcome unknown.
    pub(super) fn ensure_certificates(&self) -> Result<()> {
        let kernel = self.kernel();
        let missing = || kernel.ring().current(kernel.now()).is_none();
        if missing() && kernel.config().api_v3_key.is_some() {
            return self.refresh(&missing).map_err(|error| {
                error.with_hint(
                    "Nothing was sent: the platform certificates, which verify the answer, could not be downloaded.",
                )
            });
        }
        if kernel.certificates_due() {
            // One thread refreshes; the others go on with the certificates held, and so does everyone if it fails.
            if let Ok(mut last) = self.0.refresh.last.try_lock()
                && kernel.certificates_due()
            {
                *last = self.download_certificates().err().map(|error| Failed::of(&error));
            }
        }
        Ok(())
    }

    /// Runs `finish`. When it fails for want of a certificate, downloads the certificates and runs it **again on the
    /// same message**: nothing is sent a second time.
    pub(super) fn finish_refreshing<T>(&self, finish: &dyn Fn() -> Result<T>) -> Result<T> {
        let kernel = self.kernel();
        let error = match finish() {
            // Not `wants_certificates` yet: another thread may be downloading at this moment.
            Err(error)
                if matches!(error.code(), "UNKNOWN_SERIAL" | "CERTIFICATE_UNTRUSTED" | "NO_PLATFORM_KEY") =>
            {
                error
            }
            done => return done,
        };
        let wanted = || finish().is_err_and(|error| kernel.wants_certificates(&error));
        match self.refresh(&wanted) {
            Ok(()) => finish().map_err(|error| self.explain_pause(error)),
            Err(failed) => {
                Err(error.with_hint(format!("Downloading the platform certificates failed: {failed}")))
            }
        }
    }

    /// Says so when certificates would be downloaded, had that not just been tried.
    fn explain_pause(&self, error: Error) -> Error {
        match self.kernel().certificates_wait(&error) {
            Some(seconds) => error.with_hint(format!(
                "The platform certificates were downloaded a moment ago, or that was tried; it is done again after {seconds} s at \
                 the earliest, when something needs it."
            )),
            None => error,
        }
    }

    /// Downloads, unless another thread did while this one waited.
    fn refresh(&self, needed: &dyn Fn() -> bool) -> Result<()> {
        let refresh = &self.0.refresh;
        let before = refresh.downloads.load(Ordering::Acquire);
        let mut last: MutexGuard<'_, Option<Failed>> =
            refresh.last.lock().unwrap_or_else(PoisonError::into_inner);
        if !needed() {
            return Ok(());
        }
        if refresh.downloads.load(Ordering::Acquire) != before {
            // Many threads that waited for one failed download must not each wait for another.
            return last.as_ref().map_or(Ok(()), |failed| Err(failed.error()));
        }
        let outcome = self.download_certificates();
        *last = outcome.as_ref().err().map(Failed::of);
        outcome
    }

    fn download_certificates(&self) -> Result<()> {
        let Some(operation) = operation::find(OPERATION) else {
            return Err(Error::config("this build has no operation certificates.list."));
        };
        let kernel = self.kernel();
        kernel.note_certificate_download();
        let outcome = self.exchange(
            Some(operation.id),
            Safety { read_only: true, idempotent: true, confirm: None },
            &|| kernel.prepare(operation, Value::Null),
            &|response| kernel.finish(operation, response),
        );
        self.0.refresh.downloads.fetch_add(1, Ordering::AcqRel);
        outcome.map(drop)
    }
}
