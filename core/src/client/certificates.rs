//! When platform certificates are downloaded: before the first call, every 12 hours, and when something is signed
//! with one that is not known. One thread downloads, however many need it.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;

use super::{Call, Client};
use crate::certificates::operation_of;
use crate::error::{Error, ErrorKind, Result};
use crate::operation::{self, Host};

/// A caller that waits for another's download looks so often whether it still wants to.
const LOOK_UP: Duration = Duration::from_millis(50);

/// Downloads from one host do not wait for another's.
#[derive(Default)]
pub(super) struct Refreshes {
    main: Refresh,
    hk: Refresh,
}

impl Refreshes {
    fn of(&self, host: Host) -> &Refresh {
        match host {
            Host::Main => &self.main,
            Host::Hk => &self.hk,
        }
    }
}

/// Makes downloads of certificates happen one at a time.
#[derive(Default)]
struct Refresh {
    state: Mutex<State>,
    ended: Condvar,
}

#[derive(Default)]
struct State {
    under_way: bool,
    /// How many downloads have ended.
    downloads: u64,
    /// What came of the last one: `None` when it succeeded.
    last: Option<Failed>,
}

impl Refresh {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The download that this thread does for all. When it ends, however it ends (by a panic, too), the next may begin.
struct Download<'a> {
    refresh: &'a Refresh,
    outcome: Option<Failed>,
}

impl Drop for Download<'_> {
    fn drop(&mut self) {
        let mut state = self.refresh.lock();
        state.under_way = false;
        state.downloads += 1;
        state.last = self.outcome.take();
        drop(state);
        self.refresh.ended.notify_all();
    }
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

    fn error(&self, host: Host) -> Error {
        Error::new(self.kind, self.code.clone(), self.message.clone())
            .with_retryable(self.retryable)
            .with_operation(operation_of(host))
    }
}

impl Client {
    /// Sees to it that there is a key to verify the answer with *before* anything is sent: an answer that cannot be
    /// verified would leave the outcome unknown.
    pub(super) fn ensure_certificates(&self, call: &Call) -> Result<()> {
        let kernel = self.kernel();
        let host = call.host;
        let missing = || kernel.ring(host).current(kernel.now()).is_none();
        if missing() && kernel.config().api_v3_key.is_some() {
            return self.refresh(call, &missing).map_err(|error| {
                error.with_hint(
                    "Nothing was sent: the platform certificates, which verify the answer, could not be downloaded.",
                )
            });
        }
        // One thread refreshes; the others go on with the certificates held, and so does everyone if it fails.
        if kernel.certificates_due(host)
            && let Some(download) = self.begin_download(host, || kernel.certificates_due(host))
        {
            // The call itself must not run out of time over this.
            let _ = self.download_certificates(&call.half(), download);
        }
        call.control.check()
    }

    /// Runs `finish`. When it fails for want of a certificate, downloads the certificates and runs it **again on the
    /// same message**: nothing is sent a second time.
    pub(super) fn finish_refreshing<T>(&self, call: &Call, finish: &dyn Fn() -> Result<T>) -> Result<T> {
        let kernel = self.kernel();
        let error = match finish() {
            // Not `wants_certificates` yet: another thread may be downloading at this moment.
            Err(error) if kernel.certificates_may_help(&error) => error,
            done => return done,
        };
        let wanted = || finish().is_err_and(|error| kernel.wants_certificates(call.host, &error));
        match self.refresh(call, &wanted) {
            Ok(()) => finish().map_err(|error| self.explain_pause(call.host, error)),
            Err(failed) => {
                Err(error.with_hint(format!("Downloading the platform certificates failed: {failed}")))
            }
        }
    }

    /// Says so when certificates would be downloaded, had that not just been tried.
    fn explain_pause(&self, host: Host, error: Error) -> Error {
        match self.kernel().certificates_wait(host, &error) {
            Some(seconds) => error.with_hint(format!(
                "The platform certificates were downloaded a moment ago, or that was tried; it is done again after {seconds} s at \
                 the earliest, when something needs it."
            )),
            None => error,
        }
    }

    /// Downloads, unless another thread did while this one waited. The wait ends with the call's time.
    fn refresh(&self, call: &Call, needed: &dyn Fn() -> bool) -> Result<()> {
        let refresh = self.inner.refresh.of(call.host);
        let before = refresh.lock().downloads;
        loop {
            self.wait_for_download(call)?;
            let needed_now = needed();
            let state = refresh.lock();
            if !needed_now {
                // It may only be too early to try again because another thread has begun to since: what it gets counts here too.
                if state.under_way {
                    continue;
                }
                return Ok(());
            }
            if state.downloads != before && !state.under_way {
                // Many threads that waited for one failed download must not each wait for another.
                return state.last.as_ref().map_or(Ok(()), |failed| Err(failed.error(call.host)));
            }
            drop(state);
            if let Some(download) = self.begin_download(call.host, needed) {
                return self.download_certificates(call, download);
            }
        }
    }

    /// Waits until no thread downloads.
    fn wait_for_download(&self, call: &Call) -> Result<()> {
        let refresh = self.inner.refresh.of(call.host);
        let mut state = refresh.lock();
        while state.under_way {
            state = refresh.ended.wait_timeout(state, LOOK_UP).unwrap_or_else(PoisonError::into_inner).0;
            call.control.check()?;
            if call.left().is_zero() {
                return Err(Error::connection(
                    "the time for the whole call ran out while another call downloaded the platform certificates.",
                    true,
                ));
            }
        }
        Ok(())
    }

    /// The right to download, unless another thread has it or it is not needed any more.
    fn begin_download(&self, host: Host, needed: impl Fn() -> bool) -> Option<Download<'_>> {
        let refresh = self.inner.refresh.of(host);
        let mut state = refresh.lock();
        if state.under_way || !needed() {
            return None;
        }
        state.under_way = true;
        Some(Download { refresh, outcome: None })
    }

    fn download_certificates(&self, call: &Call, mut download: Download<'_>) -> Result<()> {
        let id = operation_of(call.host);
        let Some(operation) = operation::find(id) else {
            return Err(Error::config(format!("this build has no operation {id}.")));
        };
        let kernel = self.kernel();
        kernel.note_certificate_download(call.host);
        let outcome = self.exchange(
            &call.reading(operation.id()),
            &|| kernel.prepare(operation, Value::Null),
            &|response| kernel.open_answer(operation, response),
        );
        download.outcome = outcome.as_ref().err().map(Failed::of);
        outcome.map(drop)
    }
}
