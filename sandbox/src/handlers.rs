//! What carries out the operations whose flow the sandbox plays. All others are answered by example.

use std::collections::HashMap;
use std::sync::OnceLock;

use wechatpay_core::operation;

use crate::call::{Call, Reply};
use crate::error::{Error, Result};
use crate::examples;
use crate::products::busifavor::{self, codes, coupons, stocks, subsidies};
use crate::products::payscore::{orders, permissions};
use crate::products::{
    bills, certificates, combine_payments, media, payments, profit_sharing, refunds, security, transfers,
};
use crate::refusal;
use crate::store::State;

/// Carries out an operation.
pub(crate) type Handler = fn(&mut State, &Call) -> refusal::Result<Reply>;

/// By the id of the operation.
const HANDLERS: &[(&str, Handler)] = &[
    ("payments.jsapi.prepay", payments::jsapi),
    ("payments.app.prepay", payments::app),
    ("payments.h5.prepay", payments::h5),
    ("payments.native.prepay", payments::native),
    ("payments.query_by_transaction_id", payments::query_by_transaction_id),
    ("payments.query_by_out_trade_no", payments::query_by_out_trade_no),
    ("payments.close", payments::close),
    ("combine_payments.jsapi.prepay", combine_payments::jsapi),
    ("combine_payments.mini_program.prepay", combine_payments::jsapi),
    ("combine_payments.app.prepay", combine_payments::app),
    ("combine_payments.h5.prepay", combine_payments::h5),
    ("combine_payments.native.prepay", combine_payments::native),
    ("combine_payments.query_by_out_trade_no", combine_payments::query),
    ("combine_payments.close", combine_payments::close),
    ("refunds.create", refunds::create),
    ("refunds.query", refunds::query),
    ("refunds.apply_abnormal", refunds::apply_abnormal),
    ("transfers.create", transfers::create),
    ("transfers.create_with_authorization", transfers::create),
    ("transfers.create_authorized", transfers::create_authorized),
    ("transfers.cancel", transfers::cancel),
    ("transfers.query_by_out_bill_no", transfers::query),
    ("transfers.query_by_transfer_bill_no", transfers::query),
    ("profit_sharing.add_receiver", profit_sharing::add_receiver),
    ("profit_sharing.delete_receiver", profit_sharing::delete_receiver),
    ("profit_sharing.create_order", profit_sharing::create_order),
    ("profit_sharing.query_order", profit_sharing::query_order),
    ("profit_sharing.query_amounts", profit_sharing::query_amounts),
    ("profit_sharing.unfreeze", profit_sharing::unfreeze),
    ("profit_sharing.create_return", profit_sharing::create_return),
    ("profit_sharing.query_return", profit_sharing::query_return),
    ("bills.trade_bill", bills::trade),
    ("bills.fund_flow_bill", bills::fund_flow),
    ("bills.ecommerce_fund_flow_bill", bills::encrypted_fund_flow),
    ("bills.sub_merchant_fund_flow_bill", bills::encrypted_fund_flow),
    ("bills.download_by_token", bills::download),
    ("certificates.list", certificates::list),
    ("global.certificates.list", certificates::list_hk),
    ("security.echo", security::echo),
    ("media.upload_image", media::upload),
    ("media.upload_video", media::upload),
    ("media.upload_marketing_image", media::upload_marketing),
    ("busifavor.stocks.create", stocks::create),
    ("busifavor.stocks.query", stocks::query),
    ("busifavor.stocks.update", stocks::update),
    ("busifavor.stocks.update_budget", stocks::update_budget),
    ("busifavor.codes.upload", codes::upload),
    ("busifavor.codes.list", codes::list),
    ("busifavor.codes.query", codes::query),
    ("busifavor.codes.delete_code", codes::delete),
    ("busifavor.coupons.send", coupons::send),
    ("busifavor.product_coupons.send", coupons::send),
    ("busifavor.product_coupons.pre_send", coupons::pre_send),
    ("busifavor.cards.send", busifavor::send_card),
    ("busifavor.coupons.use_coupon", coupons::use_coupon),
    ("busifavor.coupons.return_coupon", coupons::return_coupon),
    ("busifavor.coupons.deactivate", coupons::deactivate),
    ("busifavor.coupons.associate", coupons::associate),
    ("busifavor.coupons.disassociate", coupons::disassociate),
    ("busifavor.coupons.list", coupons::list),
    ("busifavor.coupons.query", coupons::query),
    ("busifavor.callbacks.set", busifavor::set_callback),
    ("busifavor.callbacks.query", busifavor::query_callback),
    ("busifavor.subsidies.pay", subsidies::pay),
    ("busifavor.subsidies.list_pay_receipts", subsidies::list_payments),
    ("busifavor.subsidies.query_pay_receipt", subsidies::query_payment),
    ("busifavor.subsidies.return_subsidy", subsidies::give_back),
    ("busifavor.subsidies.query_return_receipt", subsidies::query_return),
    ("payscore.acquiring_bank.create", orders::create),
    ("payscore.acquiring_bank.create_pay_on_delivery", orders::create),
    ("payscore.acquiring_bank.query", orders::query),
    ("payscore.acquiring_bank.query_deduction", orders::query_deduction),
    ("payscore.acquiring_bank.cancel", orders::cancel),
    ("payscore.acquiring_bank.modify", orders::modify),
    ("payscore.acquiring_bank.complete", orders::complete),
    ("payscore.acquiring_bank.sync", orders::sync),
    ("payscore.acquiring_bank.register_deduction", orders::register_deduction),
    ("payscore.acquiring_bank.apply_permission", permissions::apply),
    ("payscore.acquiring_bank.query_permission", permissions::query),
    ("payscore.acquiring_bank.terminate_permission", permissions::terminate),
];

/// No flow: without them a client has no keys.
const NEVER_BY_EXAMPLE: [&str; 2] = ["certificates.list", "global.certificates.list"];

/// What carries out the operation of this id, by itself or by the one whose flow it shares; none when it is answered by
/// example.
pub(crate) fn find(id: &str, by_example: bool) -> Option<Handler> {
    static BY_ID: OnceLock<HashMap<&str, Handler>> = OnceLock::new();
    if by_example && !NEVER_BY_EXAMPLE.contains(&id) {
        return None;
    }
    let by_id = BY_ID.get_or_init(|| HANDLERS.iter().copied().collect());
    by_id.get(id).or_else(|| by_id.get(examples::of_operation(id)?.flow.as_deref()?)).copied()
}

/// Ids of the operations that are carried out here.
#[cfg(test)]
pub(crate) fn ids() -> impl Iterator<Item = &'static str> {
    HANDLERS.iter().map(|(id, _)| *id)
}

/// Whether the table has every operation that is carried out here. Asked at each start, so that an operation that was
/// renamed in the spec is noticed.
pub(crate) fn check() -> Result<()> {
    known(HANDLERS.iter().map(|(id, _)| *id))
}

fn known<'a>(ids: impl Iterator<Item = &'a str>) -> Result<()> {
    let strays: Vec<&str> = ids.filter(|id| operation::find(id).is_none()).collect();
    if strays.is_empty() {
        return Ok(());
    }
    Err(Error::new(format!(
        "sandbox/src/handlers.rs names operations that the spec does not have: {}",
        strays.join(", ")
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handler_for_an_operation_that_the_spec_does_not_have_is_an_error() {
        check().unwrap();
        let error = known(["payments.close", "payments.clsoe"].into_iter()).unwrap_err().to_string();
        assert!(error.ends_with("the spec does not have: payments.clsoe"), "{error}");
    }

    #[test]
    fn a_flow_that_the_spec_names_is_played() {
        for operation in operation::all() {
            let flow = examples::of_operation(operation.id()).and_then(|example| example.flow.as_deref());
            assert!(flow.is_none() || find(operation.id(), false).is_some(), "{}: {flow:?}", operation.id());
        }
    }

    #[test]
    fn the_readme_lists_the_operations_with_a_flow() {
        let readme = include_str!("../README.md");
        let (_, from) = readme.split_once("| flow | operations |").unwrap();
        let (table, _) = from.split_once("\n\n").unwrap();
        let mut listed: Vec<&str> = table.split('`').skip(1).step_by(2).collect();
        let mut flows: Vec<&str> = ids().collect();
        listed.sort_unstable();
        flows.sort_unstable();
        assert_eq!(listed, flows);
    }

    #[test]
    fn no_operation_has_two_handlers() {
        for (index, (id, _)) in HANDLERS.iter().enumerate() {
            assert!(HANDLERS.iter().skip(index + 1).all(|(other, _)| other != id), "{id}");
        }
    }
}
