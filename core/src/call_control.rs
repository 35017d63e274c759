//! The caller's hold on a call under way: giving it up, for good, and knowing what that leaves behind.

use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::error::{Error, ErrorKind, Result, codes};
use crate::outcome::{self, Safety};

/// Holds one call of a [`Client`](crate::Client): limits its time, and gives it up from another thread.
///
/// Hand it to the client with [`Client::controlled`](crate::Client::controlled), and use it for one call only. A call that was given up
/// makes no further attempt, sends no byte more, and holds its thread no longer than it takes to notice.
///
/// ```no_run
/// # use std::time::Duration;
/// # use wechatpay_core::{CallControl, Client, GivenUp};
/// # fn example(client: &Client) {
/// let control = CallControl::with_timeout(Duration::from_secs(3));
/// let (call, held) = (client.controlled(&control), control.clone());
/// std::thread::spawn(move || call.call("refunds.create", serde_json::json!({ "out_refund_no": "R-20260808-1" })));
/// // The user closed the page:
/// let error = held.give_up(GivenUp::Cancelled);
/// println!("may it have taken effect? {}", error.outcome_unknown());
/// # }
/// ```
#[derive(Clone)]
pub struct CallControl(Arc<Shared>);

/// Why a call is given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum GivenUp {
    /// The caller does not want it any more.
    Cancelled,
    /// The caller's time is up.
    TimedOut,
}

struct Shared {
    deadline: Option<Instant>,
    state: Mutex<State>,
    given_up: Condvar,
}

#[derive(Default)]
struct State {
    given_up: Option<GivenUp>,
    /// A byte of a request that changes something has left, and no answer has said yet that nothing came of it.
    effect_possible: bool,
    /// Requests for what the caller wants that went out, or may have.
    attempts: u32,
    operation: Option<&'static str>,
    safety: Option<Safety>,
    /// Ends what the call waits for on the network.
    interrupt: Option<Interrupt>,
}

type Interrupt = Arc<dyn Fn() + Send + Sync>;

impl CallControl {
    /// A hold on a call that may take as long as the client allows.
    pub fn new() -> Self {
        Self::until(None)
    }

    /// A hold on a call that ends after `timeout`, counted from now. The client's own limits stay.
    pub fn with_timeout(timeout: Duration) -> Self {
        Self::until(Instant::now().checked_add(timeout))
    }

    fn until(deadline: Option<Instant>) -> Self {
        Self(Arc::new(Shared { deadline, state: Mutex::default(), given_up: Condvar::new() }))
    }

    /// Gives the call up, whether it has begun or not, and says in an error what that leaves behind: code `ABORTED` or
    /// `NO_ANSWER`, and [`Error::outcome_unknown`] when a byte of a request that changes something has left the machine and nothing
    /// has answered it. After this returns, no further byte leaves.
    pub fn give_up(&self, why: GivenUp) -> Error {
        let mut state = self.lock();
        state.given_up.get_or_insert(why);
        let interrupt = state.interrupt.take();
        let error = state.error(why);
        drop(state);
        self.0.given_up.notify_all();
        if let Some(interrupt) = interrupt {
            interrupt();
        }
        error
    }

    /// Whether the call was given up.
    pub fn is_given_up(&self) -> bool {
        self.lock().given_up.is_some()
    }

    /// The error of a call that was given up.
    pub(crate) fn check(&self) -> Result<()> {
        let state = self.lock();
        state.given_up.map_or(Ok(()), |why| Err(state.error(why)))
    }

    /// What is left of the caller's time; none when it is not limited.
    pub(crate) fn left(&self) -> Option<Duration> {
        self.0.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()))
    }

    /// Says what the call is about, for the error when it is given up.
    pub(crate) fn begin(&self, operation: Option<&'static str>, safety: Safety) {
        let mut state = self.lock();
        state.operation = operation;
        state.safety = Some(safety);
    }

    /// To be called before the first byte of a request leaves. Refused when the call was given up: either this comes
    /// first, and `give_up` knows that something was sent, or `give_up` does, and nothing is.
    pub(crate) fn about_to_send(&self, changes: bool) -> Result<()> {
        let mut state = self.lock();
        if let Some(why) = state.given_up {
            return Err(state.error(why));
        }
        state.effect_possible |= changes;
        Ok(())
    }

    /// Notes what is known after an attempt: whether any attempt so far may have taken effect.
    pub(crate) fn note_effect(&self, possible: bool) {
        self.lock().effect_possible = possible;
    }

    /// A request for what the caller wants goes out.
    pub(crate) fn note_attempt(&self) {
        self.lock().attempts += 1;
    }

    pub(crate) fn attempts(&self) -> u32 {
        self.lock().attempts
    }

    /// What ends the call's wait for the network; run at once when the call was given up already.
    pub(crate) fn interrupt_with(&self, interrupt: Interrupt) {
        let mut state = self.lock();
        if state.given_up.is_none() {
            state.interrupt = Some(interrupt);
        } else {
            drop(state);
            interrupt();
        }
    }

    /// The connection is not this call's any more.
    pub(crate) fn do_not_interrupt(&self) {
        self.lock().interrupt = None;
    }

    /// Waits, or until the call is given up.
    pub(crate) fn pause(&self, pause: Duration) {
        let state = self.lock();
        drop(
            self.0
                .given_up
                .wait_timeout_while(state, pause, |state| state.given_up.is_none())
                .unwrap_or_else(PoisonError::into_inner),
        );
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn error(&self, why: GivenUp) -> Error {
        let (code, what) = match why {
            GivenUp::Cancelled => (codes::ABORTED, "the call was given up."),
            GivenUp::TimedOut => (codes::NO_ANSWER, "the caller's time for the call ran out."),
        };
        let error = Error::new(ErrorKind::Timeout, code, what);
        let error = error.with_attempts(self.attempts);
        let error = match self.operation {
            Some(operation) => error.with_operation(operation),
            None => error,
        };
        outcome::settle_given_up(error, self.safety.unwrap_or(Safety::READ), self.effect_possible)
    }
}

impl Default for CallControl {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for CallControl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallControl").field("given_up", &self.is_given_up()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAY: Safety = Safety { read_only: false, idempotent: false, confirm: Some("refunds.query") };

    fn held() -> CallControl {
        let control = CallControl::new();
        control.begin(Some("refunds.create"), PAY);
        control
    }

    #[test]
    fn either_the_byte_comes_first_or_giving_up_does() {
        let control = held();
        control.about_to_send(true).unwrap();
        let error = control.give_up(GivenUp::Cancelled);
        assert!(error.outcome_unknown() && error.message().contains("refunds.query"), "{error}");
        let control = held();
        assert!(!control.give_up(GivenUp::Cancelled).outcome_unknown());
        assert!(control.about_to_send(true).unwrap_err().message().ends_with("Nothing was sent."));
        // Giving up twice tells the same, and a late answer unsays nothing.
        assert!(!control.give_up(GivenUp::TimedOut).outcome_unknown());
    }

    #[test]
    fn an_answer_that_nothing_was_done_counts() {
        let control = held();
        control.about_to_send(true).unwrap();
        control.note_effect(false);
        assert!(!control.give_up(GivenUp::Cancelled).outcome_unknown());
        let control = held();
        control.about_to_send(false).unwrap();
        assert!(!control.give_up(GivenUp::Cancelled).outcome_unknown(), "a download of certificates");
    }

    #[test]
    fn a_pause_that_was_given_up_before_does_not_begin() {
        let control = held();
        control.give_up(GivenUp::Cancelled);
        control.pause(Duration::from_secs(80_000));
    }

    #[test]
    fn the_longest_time_is_no_limit() {
        assert_eq!(CallControl::with_timeout(Duration::MAX).left(), None);
        assert_eq!(CallControl::with_timeout(Duration::ZERO).left(), Some(Duration::ZERO));
    }
}
