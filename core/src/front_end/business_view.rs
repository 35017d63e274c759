//! `openBusinessView`: how pages, mini-programs and apps open what is not the cashier.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use crate::encode;

/// What `openBusinessView` takes, under the names of each client side: a mini-program gives `businessType` and `extraData`, a
/// page in WeChat `businessType` and `queryString`, an app (`WXOpenBusinessView`) `businessType`, `query` and `extInfo`. Members that
/// the client side does not take do no harm.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct BusinessView {
    /// What is opened, such as `wxpayScoreUse`.
    pub business_type: String,
    /// For `wx.openBusinessView` of a mini-program.
    pub extra_data: BTreeMap<String, String>,
    /// The same for a page in WeChat, as a query string.
    pub query_string: String,
    /// The same for an app.
    pub query: String,
    /// For an app: the released mini-program is opened.
    pub ext_info: String,
}

impl BusinessView {
    pub(super) fn new(business_type: &str, data: &[(&str, &str)]) -> Self {
        let query = query(data);
        Self {
            business_type: business_type.to_owned(),
            extra_data: data.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            query_string: query.clone(),
            query,
            ext_info: r#"{"miniProgramType":0}"#.to_owned(),
        }
    }
}

/// What opens an order is nobody's business but the payer's.
impl fmt::Debug for BusinessView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BusinessView").field("business_type", &self.business_type).finish_non_exhaustive()
    }
}

/// `name=value&…` with the values escaped.
pub(super) fn query(data: &[(&str, &str)]) -> String {
    data.iter()
        .map(|(name, value)| format!("{name}={}", encode::encoded(value)))
        .collect::<Vec<_>>()
        .join("&")
}
