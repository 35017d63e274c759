//! The products: what each operation does to the platform's state.

pub(crate) mod bills;
pub(crate) mod busifavor;
pub(crate) mod certificates;
pub(crate) mod media;
pub(crate) mod payments;
pub(crate) mod payscore;
pub(crate) mod refunds;
pub(crate) mod security;

use wechatpay_core::http::Method::{self, Delete, Get, Patch, Post};

use busifavor::{codes, coupons, stocks, subsidies};
use payscore::{orders, permissions};

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
    route(Post, "/v3/marketing/busifavor/stocks", stocks::create),
    route(Get, "/v3/marketing/busifavor/stocks/{stock_id}", stocks::query),
    route(Patch, "/v3/marketing/busifavor/stocks/{stock_id}", stocks::update),
    route(Patch, "/v3/marketing/busifavor/stocks/{stock_id}/budget", stocks::update_budget),
    route(Post, "/v3/marketing/busifavor/stocks/{stock_id}/couponcodes", codes::upload),
    route(Get, "/v3/marketing/busifavor/stocks/{stock_id}/couponcodes", codes::list),
    route(Get, "/v3/marketing/busifavor/stocks/{stock_id}/couponcodes/{coupon_code}", codes::query),
    route(Delete, "/v3/marketing/busifavor/stocks/{stock_id}/couponcodes/{coupon_code}", codes::delete),
    route(Post, "/v3/marketing/busifavor/coupons/send", coupons::send),
    route(Post, "/v3/marketing/busifavor/product-coupons/send", coupons::send),
    route(Post, "/v3/marketing/busifavor/product-coupons/pre-send", coupons::pre_send),
    route(Post, "/v3/marketing/busifavor/coupons/{card_id}/send", busifavor::send_card),
    route(Post, "/v3/marketing/busifavor/coupons/use", coupons::use_coupon),
    route(Post, "/v3/marketing/busifavor/coupons/return", coupons::return_coupon),
    route(Post, "/v3/marketing/busifavor/coupons/deactivate", coupons::deactivate),
    route(Post, "/v3/marketing/busifavor/coupons/associate", coupons::associate),
    route(Post, "/v3/marketing/busifavor/coupons/disassociate", coupons::disassociate),
    route(Get, "/v3/marketing/busifavor/users/{openid}/coupons", coupons::list),
    route(Get, "/v3/marketing/busifavor/users/{openid}/coupons/{coupon_code}/appids/{appid}", coupons::query),
    route(Post, "/v3/marketing/busifavor/callbacks", busifavor::set_callback),
    route(Get, "/v3/marketing/busifavor/callbacks", busifavor::query_callback),
    route(Post, "/v3/marketing/busifavor/subsidy/pay-receipts", subsidies::pay),
    route(Get, "/v3/marketing/busifavor/subsidy/pay-receipts", subsidies::list_payments),
    route(Get, "/v3/marketing/busifavor/subsidy/pay-receipts/{subsidy_receipt_id}", subsidies::query_payment),
    route(Post, "/v3/marketing/busifavor/subsidy/return-receipts", subsidies::give_back),
    route(
        Get,
        "/v3/marketing/busifavor/subsidy/return-receipts/{subsidy_return_receipt_id}",
        subsidies::query_return,
    ),
    route(Post, "/v3/payscore/acquiringbank/serviceorder", orders::create),
    route(Post, "/v3/payscore/acquiringbank/servicepayondeliveryorder", orders::create),
    route(Get, "/v3/payscore/acquiringbank/serviceorder", orders::query),
    route(Get, "/v3/payscore/acquiringbank/serviceorder/deduction", orders::query_deduction),
    route(Post, "/v3/payscore/acquiringbank/serviceorder/{out_order_no}/cancel", orders::cancel),
    route(Post, "/v3/payscore/acquiringbank/serviceorder/{out_order_no}/modify", orders::modify),
    route(Post, "/v3/payscore/acquiringbank/serviceorder/{out_order_no}/complete", orders::complete),
    route(Post, "/v3/payscore/acquiringbank/serviceorder/{out_order_no}/sync", orders::sync),
    route(
        Post,
        "/v3/payscore/acquiringbank/serviceorder/{out_order_no}/registerdeductinfo",
        orders::register_deduction,
    ),
    route(Post, "/v3/payscore/acquiringbank/permissions", permissions::apply),
    route(
        Get,
        "/v3/payscore/acquiringbank/permissions/authorization-code/{authorization_code}",
        permissions::query,
    ),
    route(
        Post,
        "/v3/payscore/acquiringbank/permissions/authorization-code/{authorization_code}/terminate",
        permissions::terminate,
    ),
];

#[cfg(test)]
mod conformity;

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

#[cfg(test)]
mod tests {
    use wechatpay_core::operation;

    use super::*;
    use crate::api::same_path;

    #[test]
    fn every_operation_of_the_table_has_a_handler_and_the_other_way_round() {
        let has_handler = |operation: &&operation::Operation| {
            ROUTES
                .iter()
                .any(|route| route.method == operation.method && same_path(route.path, operation.path))
        };
        let missing: Vec<&str> = operation::all()
            .filter(|operation| !has_handler(operation))
            .map(|operation| operation.id)
            .collect();
        assert!(missing.is_empty(), "add handlers for {missing:?}");
        let stray: Vec<String> = ROUTES
            .iter()
            .filter(|route| {
                !operation::all().any(|operation| {
                    route.method == operation.method && same_path(route.path, operation.path)
                })
            })
            .map(|route| format!("{route:?}"))
            .collect();
        assert!(stray.is_empty(), "not in the table, so never checked: {stray:?}");
    }

    #[test]
    fn path_parameters_are_named_as_in_the_table() {
        for route in ROUTES {
            let operation = operation::all()
                .find(|operation| route.method == operation.method && same_path(route.path, operation.path))
                .unwrap();
            assert_eq!(route.path, operation.path);
        }
    }
}
