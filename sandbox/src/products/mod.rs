//! The products: what each operation does to the platform's state.

pub(crate) mod bills;
pub(crate) mod certificates;
pub(crate) mod media;
pub(crate) mod payments;
pub(crate) mod refunds;
pub(crate) mod security;

use wechatpay_core::http::Method::{self, Get, Post};

use crate::call::{Call, Reply};
use crate::refusal::Outcome;
use crate::state::State;

/// Carries out an operation.
pub(crate) type Handler = fn(&mut State, &Call) -> Outcome<Reply>;

/// A method and a path of the API, and what carries it out.
pub(crate) struct Route {
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) handler: Handler,
}

impl std::fmt::Debug for Route {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

const fn route(method: Method, path: &'static str, handler: Handler) -> Route {
    Route { method, path, handler }
}

/// Every operation that the sandbox knows.
pub(crate) const ROUTES: &[Route] = &[
    route(Post, "/v3/pay/transactions/jsapi", payments::jsapi),
    route(Post, "/v3/pay/transactions/app", payments::app),
    route(Post, "/v3/pay/transactions/h5", payments::h5),
    route(Post, "/v3/pay/transactions/native", payments::native),
    route(Get, "/v3/pay/transactions/id/{transaction_id}", payments::query_by_transaction_id),
    route(Get, "/v3/pay/transactions/out-trade-no/{out_trade_no}", payments::query_by_out_trade_no),
    route(Post, "/v3/pay/transactions/out-trade-no/{out_trade_no}/close", payments::close),
    route(Post, "/v3/refund/domestic/refunds", refunds::create),
    route(Get, "/v3/refund/domestic/refunds/{out_refund_no}", refunds::query),
    route(Post, "/v3/refund/domestic/refunds/{refund_id}/apply-abnormal-refund", refunds::apply_abnormal),
    route(Get, "/v3/bill/tradebill", bills::trade),
    route(Get, "/v3/bill/fundflowbill", bills::fund_flow),
    route(Get, "/v3/billdownload/file", bills::download),
    route(Get, "/v3/certificates", certificates::list),
    route(Post, "/v3/security/echo", security::echo),
    route(Post, "/v3/merchant/media/upload", media::upload),
    route(Post, "/v3/merchant/media/video_upload", media::upload),
    route(Post, "/v3/marketing/favor/media/image-upload", media::upload_marketing),
];

#[cfg(test)]
pub(crate) mod testing {
    //! Calls without HTTP, for tests of the state machines.

    use serde_json::Value;

    use super::*;
    use crate::keys::Keys;
    use crate::state::Settings;

    pub(crate) fn state() -> State {
        State::new(Keys::shared().unwrap(), Settings::default())
    }

    /// A call with these parameters in the body.
    pub(crate) fn call(body: Value) -> Call {
        let Value::Object(body) = body else { panic!("an object is expected") };
        Call { body, base_url: "http://127.0.0.1:1".to_owned(), ..Call::default() }
    }

    /// The JSON object that was answered.
    pub(crate) fn reply(outcome: Outcome<Reply>) -> Value {
        match outcome {
            Ok(Reply::Json(value)) => value,
            other => panic!("a JSON answer is expected, not {other:?}"),
        }
    }
}
