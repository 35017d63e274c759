//! The flows that the sandbox plays: what an operation does to what is remembered.

pub(crate) mod bills;
pub(crate) mod busifavor;
pub(crate) mod certificates;
pub(crate) mod combine_payments;
#[cfg(test)]
mod conformity;
pub(crate) mod front_end;
pub(crate) mod media;
pub(crate) mod payments;
pub(crate) mod payscore;
pub(crate) mod profit_sharing;
pub(crate) mod refunds;
pub(crate) mod security;
pub(crate) mod transfers;

#[cfg(test)]
pub(crate) mod testing {
    //! Calls without HTTP, for tests of the flows.

    use serde_json::Value;

    use crate::call::{Call, Reply};
    use crate::keys::Keys;
    use crate::refusal::Result;
    use crate::store::{Settings, State};

    pub(crate) fn state() -> State {
        State::new(Keys::shared().unwrap(), Settings::default())
    }

    /// A call with these parameters in the body.
    pub(crate) fn call(body: Value) -> Call {
        let Value::Object(body) = body else { panic!("an object is expected") };
        Call { body, base_url: "http://127.0.0.1:1".to_owned(), ..Call::default() }
    }

    /// The JSON object that was answered.
    pub(crate) fn reply(answered: Result<Reply>) -> Value {
        match answered {
            Ok(Reply::Json(value)) => value,
            other => panic!("a JSON answer is expected, not {other:?}"),
        }
    }
}
