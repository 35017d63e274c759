//! Names of columns: looked up, and held against what a kind of bill must have.

use serde_json::json;

use crate::error::{Error, Result};

/// Which bill it is, by its columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BillKind {
    /// The trade bill (交易账单): payments and refunds.
    Trade,
    /// The fund-flow bill (资金账单): money in and out of an account.
    FundFlow,
}

/// Columns without which rows of the kind would be rows of nothing. One of several names is enough: some merchants still
/// get the early format, with `总金额` in place of `应结订单金额`.
const TRADE: &[&[&str]] =
    &[&["交易时间"], &["微信订单号"], &["商户订单号"], &["交易状态"], &["应结订单金额", "总金额"]];
/// A trade bill has all of these or, with `bill_type` `SUCCESS`, none.
const REFUND: &[&[&str]] = &[&["微信退款单号"], &["商户退款单号"], &["退款金额"]];
const FUND_FLOW: &[&[&str]] = &[
    &["记账时间"],
    &["微信支付业务单号"],
    &["资金流水单号"],
    &["业务类型"],
    &["收支类型"],
    &["收支金额(元)"],
    &["业务凭证号"],
];

impl BillKind {
    /// The name of the kind, as bindings take it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Trade => "trade",
            Self::FundFlow => "fund_flow",
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::Trade => "a trade bill (交易账单)",
            Self::FundFlow => "a fund-flow bill (资金账单)",
        }
    }

    /// The total that says how many rows there are.
    pub(super) const fn count(self) -> &'static str {
        match self {
            Self::Trade => "总交易单数",
            Self::FundFlow => "资金流水总笔数",
        }
    }
}

/// Names of the columns of one section.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Columns {
    pub(super) names: Vec<String>,
    /// The same names without blanks and with ASCII brackets, for the lookup.
    keys: Vec<String>,
    kind: Option<BillKind>,
}

impl Columns {
    pub(super) fn new(names: Vec<String>) -> Self {
        let keys = names.iter().map(|name| key(name)).collect();
        let mut columns = Self { names, keys, kind: None };
        columns.kind =
            [BillKind::Trade, BillKind::FundFlow].into_iter().find(|kind| columns.missing(*kind).is_empty());
        columns
    }

    pub(super) const fn kind(&self) -> Option<BillKind> {
        self.kind
    }

    pub(super) fn position(&self, name: &str) -> Option<usize> {
        let wanted = key(name);
        self.keys.iter().position(|key| *key == wanted)
    }

    /// What a bill of this kind has and this one has not.
    fn missing(&self, kind: BillKind) -> Vec<String> {
        let absent = |names: &[&str]| names.iter().all(|name| self.position(name).is_none());
        let mut groups = match kind {
            BillKind::Trade => TRADE.to_vec(),
            BillKind::FundFlow => FUND_FLOW.to_vec(),
        };
        if kind == BillKind::Trade && !REFUND.iter().all(|names| absent(names)) {
            groups.extend(REFUND);
        }
        groups.into_iter().filter(|names| absent(names)).map(|names| names.join(" or ")).collect()
    }

    /// The error that names what is missing when this is no bill of the kind.
    pub(super) fn demand(&self, kind: BillKind) -> Result<()> {
        if self.kind == Some(kind) {
            return Ok(());
        }
        let missing = self.missing(kind);
        let looks = match self.kind {
            Some(other) => format!("It looks like {}: read it as one.", other.title()),
            None if self.position("分账金额").is_some() || self.position("分账接收方").is_some() => {
                "It looks like a profit-sharing bill (分账账单): read it by the names of its columns."
                    .to_owned()
            }
            None => format!("Its columns are {}.", self.names.join(", ")),
        };
        Err(Error::malformed(
            "BILL_COLUMNS",
            format!("this is not {}: it lacks {}. {looks}", kind.title(), missing.join(", ")),
        )
        .with_detail(json!({
            "kind": kind.as_str(), "missing": missing, "found": self.kind.map(BillKind::as_str), "columns": self.names,
        })))
    }
}

/// `收支金额（元）`, `收支金额 (元)` and `收支金额(元)` are one column.
fn key(name: &str) -> String {
    let bracket = |c| match c {
        '（' => '(',
        '）' => ')',
        other => other,
    };
    name.chars().filter(|c| !c.is_whitespace()).map(bracket).collect()
}
