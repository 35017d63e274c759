//! What a failure means for money: may the same request be sent again, may it have taken effect, and what to do next.
//!
//! This is decided here and nowhere else. The kernel, the client, the transport and every language ask. The rules and
//! their reasons are in `docs/adr/0009-sending-again.md`.

use crate::error::{Error, ErrorKind, codes};
use crate::http::Method;
use crate::operation::Operation;

/// What is known of a request before it is sent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Safety {
    /// The request changes nothing (GET).
    pub(crate) read_only: bool,
    /// The same request may arrive twice without harm.
    pub(crate) idempotent: bool,
    /// The operation that tells what became of the request.
    pub(crate) confirm: Option<&'static str>,
}

impl Safety {
    /// Of a request that changes nothing.
    #[cfg(feature = "transport")]
    pub(crate) const READ: Self = Self { read_only: true, idempotent: true, confirm: None };

    pub(crate) fn of(operation: Operation) -> Self {
        let read_only = operation.method().only_reads();
        Self { read_only, idempotent: operation.is_idempotent() || read_only, confirm: operation.confirm() }
    }

    /// Of a request of which only the method is known.
    pub(crate) fn of_method(method: Method) -> Self {
        let read_only = method.only_reads();
        Self { read_only, idempotent: read_only, confirm: None }
    }

    /// Sending it twice does harm, and its documentation names the query that tells what became of it: then nobody
    /// but the caller sends it again.
    const fn must_be_looked_up(self) -> bool {
        !self.idempotent && self.confirm.is_some()
    }
}

/// Whether sending the same request again is safe and has hope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Again {
    No,
    Yes,
    /// Yes, after a longer pause.
    Slowly,
}

/// What one failed attempt means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) again: Again,
    /// The attempt may have taken effect.
    pub(crate) effect: bool,
}

/// Judges one failed attempt.
///
/// `effect` is about the attempt, whatever the operation: that reading changes nothing is looked at in [`settle`].
pub(crate) fn judge(error: &Error, safety: Safety) -> Verdict {
    let if_idempotent = if safety.idempotent { Again::Yes } else { Again::No };
    let (again, effect) = match error.kind() {
        // No byte of the request left this machine.
        ErrorKind::Connection => (Again::Yes, false),
        ErrorKind::Timeout | ErrorKind::Network => (if_idempotent, true),
        ErrorKind::Api => return judge_answer(error, safety),
        // WeChat Pay never probes a retry.
        ErrorKind::Verification if error.code() == codes::SIGNTEST_PROBE => (if_idempotent, true),
        // With a status, the error is about an answer: the request arrived, and what became of it cannot be told.
        ErrorKind::Verification | ErrorKind::Decryption => (Again::No, error.status().is_some()),
        ErrorKind::Malformed | ErrorKind::Internal => (Again::No, true),
        _ => (Again::No, false),
    };
    Verdict { again, effect }
}

/// Judges an error answer. Such answers are usually not signed, and gateways write them too: so only the status 429
/// lets a request be sent again that does harm when it arrives twice, and no code in a body does.
fn judge_answer(error: &Error, safety: Safety) -> Verdict {
    let if_idempotent = if safety.idempotent { Again::Yes } else { Again::No };
    let (again, effect) = match (error.status().unwrap_or_default(), error.code()) {
        // Not accepted, so nothing happened.
        (429, _) if safety.must_be_looked_up() => (Again::No, false),
        (429, _) => (Again::Slowly, false),
        // The code for "not accepted" has five spellings, and comes with 403 too.
        (
            400..=499,
            "FREQUENCY_LIMITED" | "FREQUENCY_LIMIT" | "FREQENCY_LIMIT" | "RATELIMIT_EXCEEDED"
            | "RATE_LIMITED",
        ) => (if safety.idempotent { Again::Slowly } else { Again::No }, false),
        // WeChat Pay does not know itself what became of the request.
        (500.., _) => (if_idempotent, true),
        (_, "SYSTEM_ERROR" | "SYSTEMERROR") => (Again::No, true),
        (400..=499, _) => (Again::No, false),
        // 202 (accepted, not decided yet), or a status that ends no exchange.
        _ => (Again::No, true),
    };
    Verdict { again, effect }
}

/// Says on an error what the caller must know: whether to try again, and whether money may have moved. `effect` tells
/// whether an *earlier* attempt of the same call may have taken effect.
pub(crate) fn settle(error: Error, safety: Safety, effect: bool) -> Error {
    let verdict = judge(&error, safety);
    let effect = effect || verdict.effect;
    // A request that may have taken effect, and does harm when it does twice, is not sent again without a look.
    let retryable = verdict.again != Again::No && (safety.idempotent || !effect);
    let never_sent = error.kind() == ErrorKind::Connection && !effect;
    tell(error, safety, effect, retryable, never_sent)
}

/// The same for a call that its caller gave up. `effect` tells whether anything of it may have taken effect.
#[cfg(feature = "transport")]
pub(crate) fn settle_given_up(error: Error, safety: Safety, effect: bool) -> Error {
    tell(error, safety, effect, safety.idempotent || !effect, !effect && !safety.read_only)
}

fn tell(error: Error, safety: Safety, effect: bool, retryable: bool, never_sent: bool) -> Error {
    let unknown = effect && !safety.read_only;
    let error = error.with_retryable(retryable).with_outcome_unknown(unknown);
    match (unknown, safety.confirm) {
        (true, Some(confirm)) => error.with_hint(format!(
            "The request may have taken effect: find out with {confirm} before doing anything else."
        )),
        (true, None) => {
            error.with_hint("The request may have taken effect: query its state before doing anything else.")
        }
        (false, _) if never_sent => error.with_hint("Nothing was sent."),
        (false, _) => error,
    }
}

// The failures of a transport among them.
#[cfg(all(test, feature = "transport"))]
mod tests;
