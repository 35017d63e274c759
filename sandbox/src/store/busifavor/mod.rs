//! Merchant coupons (商家券): stocks, uploaded codes, users' coupons, subsidies, consumption cards.

mod codes;
mod coupons;
mod stocks;
mod subsidies;

use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::refusal::{Refusal, Result};

pub(crate) use codes::Code;
pub(crate) use coupons::{Coupon, CouponState, life};
pub(crate) use stocks::Stock;
pub(crate) use subsidies::Subsidies;

/// Everything about merchant coupons.
#[derive(Debug, Default)]
pub(crate) struct Busifavor {
    pub(crate) stocks: HashMap<String, Stock>,
    pub(crate) coupons: Vec<Coupon>,
    pub(crate) subsidies: Subsidies,
    /// Where events go.
    pub(crate) callback: Option<String>,
    pub(crate) cards: Vec<Card>,
    /// What was asked under a request number, and what was answered.
    pub(crate) asked: HashMap<(&'static str, String), Asked>,
}

/// The parameters of a request and the answer to it.
type Asked = (Map<String, Value>, Value);

/// A consumption card that a user has.
#[derive(Debug)]
pub(crate) struct Card {
    pub(crate) card_id: String,
    pub(crate) openid: String,
}

impl Busifavor {
    /// The answer to an earlier request with the same number and content; refused when only the number is the same.
    pub(crate) fn repeated(
        &self,
        kind: &'static str,
        number: &str,
        body: &Map<String, Value>,
    ) -> Result<Option<Value>> {
        match self.asked.get(&(kind, number.to_owned())) {
            None => Ok(None),
            Some((asked, answer)) if asked == body => Ok(Some(answer.clone())),
            Some(_) => Err(Refusal::invalid(format!("请求单号{number}已使用过，且请求参数与首次不一致"))),
        }
    }

    /// Remembers an answer under its request number.
    pub(crate) fn remember(
        &mut self,
        kind: &'static str,
        number: &str,
        body: &Map<String, Value>,
        answer: &Value,
    ) {
        self.asked.insert((kind, number.to_owned()), (body.clone(), answer.clone()));
    }

    pub(crate) fn stock(&mut self, stock_id: &str) -> Result<&mut Stock> {
        self.stocks.get_mut(stock_id).ok_or_else(|| Refusal::not_found("RESOURCE_NOT_EXISTS", "批次不存在"))
    }
}
