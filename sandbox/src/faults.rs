//! What a test can make go wrong: `POST /sandbox/faults`. The reference is in README.md.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::examples;

/// Of a documented error whose status no page gives.
const USUAL_STATUS: u16 = 400;

/// Which requests or notifications a fault strikes.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Match {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) method: Option<String>,
    /// Path without query; a `*` at the end stands for any rest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) path: Option<String>,
    /// Id of the operation, `payments.jsapi.prepay`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) operation: Option<String>,
    /// `event_type` of a notification, or `*`. With it the fault strikes notifications, not answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) notification: Option<String>,
    /// How many to let pass first.
    #[serde(default)]
    pub(crate) skip: u32,
    /// How many to strike: 1 when absent, all when `null`.
    #[serde(default = "one")]
    pub(crate) count: Option<u32>,
}

impl Default for Match {
    fn default() -> Self {
        Self { method: None, path: None, operation: None, notification: None, skip: 0, count: one() }
    }
}

impl Match {
    fn fits_request(&self, method: &str, path: &str, operation: &str) -> bool {
        self.notification.is_none()
            && self.method.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
            && self.operation.as_ref().is_none_or(|wanted| wanted == operation)
            && self.path.as_ref().is_none_or(|wanted| match wanted.strip_suffix('*') {
                Some(prefix) => path.starts_with(prefix),
                None => path == wanted,
            })
    }
}

#[expect(clippy::unnecessary_wraps, reason = "serde wants the type of the field")]
const fn one() -> Option<u32> {
    Some(1)
}

/// How a signature is spoilt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SignatureFault {
    /// One bit of a good signature is flipped.
    Altered,
    /// The header is there and empty.
    Empty,
    /// Characters that are not base64.
    NotBase64,
    /// `WECHATPAY/SIGNTEST/…`, 344 characters, as in the documentation: valid base64 as a whole.
    Probe,
    /// `WECHATPAY/SIGNTEST/…`, 355 characters, as seen in production: not valid base64.
    ProbeProduction,
    /// A good signature by a key that is not WeChat Pay's, under WeChat Pay's serial number.
    Stranger,
}

/// Which of the platform's keys signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Signer {
    Certificate,
    /// The certificate before the last rotation, as in the days when both are listed.
    PreviousCertificate,
    PublicKey,
}

/// Where the connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Close {
    /// Closed in order, without a single byte of an answer.
    BeforeAnswer,
    /// Closed after the first half of the head.
    MidHeaders,
    /// Closed after half of the body, or after `cut_after` bytes of it.
    MidBody,
    /// TCP reset, without a single byte of an answer.
    Reset,
}

/// How much of a request is taken before the connection ends. Nothing is carried out and nothing is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CutRequest {
    /// One byte. The first line is looked at before, to know what the request is.
    FirstByte,
    /// All of the head and nothing of the body.
    Head,
    /// Half of the body; of a request without a body, the head.
    MidBody,
}

/// How a connection ends in the middle of a request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CutBy {
    /// In order: the client reads the end of the stream.
    #[default]
    Close,
    /// By a TCP reset.
    Reset,
}

/// Where a request is held until `POST /sandbox/release/{name}`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum HoldAt {
    /// Before it is carried out.
    Request,
    /// After it was carried out, before the first byte of the answer.
    #[default]
    Answer,
    /// After half of the body.
    Body,
}

/// How header names are written; `Wechatpay-Nonce` without a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum HeaderCase {
    Lower,
    Upper,
}

/// What is wrong with the list of platform certificates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CertificatesFault {
    /// `{"data":[]}`.
    Empty,
    /// The decrypted text is no certificate.
    Garbled,
    /// The certificate was not issued by Tenpay, and the answer is signed with its key.
    Stranger,
    /// The certificate expired yesterday; the answer is signed with its key.
    Expired,
    /// The certificate is valid from tomorrow; the answer is signed with its key.
    NotYetValid,
    /// Encrypted with another APIv3 key.
    WrongApiV3Key,
    /// `404 RESOURCE_NOT_EXISTS`, as for merchants who only have the WeChat Pay public key.
    None,
}

/// What is wrong with an application for a bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum BillFault {
    /// `hash_value` is that of another file.
    WrongHash,
    /// `encrypt_key` is the key of another file.
    WrongKey,
}

/// What a gateway on the way made of a request, before its signature is checked.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Gateway {
    pub(crate) method: Option<String>,
    /// Path and query.
    pub(crate) target: Option<String>,
    pub(crate) body: Option<String>,
}

/// What goes wrong. All parts may be combined.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Fault {
    // Answers and notifications.
    pub(crate) signature: Option<SignatureFault>,
    pub(crate) signer: Option<Signer>,
    pub(crate) serial: Option<String>,
    pub(crate) drop_headers: Vec<String>,
    pub(crate) set_headers: BTreeMap<String, String>,
    pub(crate) timestamp_offset: i64,
    pub(crate) alter_body: bool,
    pub(crate) raw_body: Option<String>,
    pub(crate) wrong_field_key: bool,

    // Answers.
    /// A documented error of the operation: stands for its `status` and `code`.
    pub(crate) error: Option<String>,
    pub(crate) members: Map<String, Value>,
    pub(crate) status: Option<u16>,
    pub(crate) code: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) content_type: Option<String>,
    pub(crate) signed: Option<bool>,
    pub(crate) process: Option<bool>,
    pub(crate) redirect: Option<String>,
    pub(crate) huge_body: Option<u64>,
    pub(crate) hold: Option<String>,
    pub(crate) hold_at: HoldAt,
    pub(crate) cut_request: Option<CutRequest>,
    pub(crate) cut_by: CutBy,
    pub(crate) close: Option<Close>,
    pub(crate) cut_after: Option<usize>,
    pub(crate) header_case: Option<HeaderCase>,
    pub(crate) certificates: Option<CertificatesFault>,
    pub(crate) bill: Option<BillFault>,
    pub(crate) gateway: Option<Gateway>,

    // Notifications.
    pub(crate) wrong_api_v3_key: bool,
    pub(crate) flip_tag: bool,
    pub(crate) nonce_length: Option<usize>,
    pub(crate) event_type: Option<String>,
    pub(crate) duplicate: u32,
}

impl Fault {
    /// Whether the request is carried out. A fault that makes up the whole answer keeps it from being carried out,
    /// unless the test says otherwise.
    pub(crate) fn processes(&self) -> bool {
        let made_up = self.status.is_some()
            || self.raw_body.is_some()
            || self.redirect.is_some()
            || self.huge_body.is_some();
        self.process.unwrap_or(!made_up)
    }

    /// The name of a part that has no meaning for what the rule strikes.
    fn misplaced(&self, notification: bool) -> Option<&'static str> {
        let answers = [
            ("error", self.error.is_some()),
            ("members", !self.members.is_empty()),
            ("status", self.status.is_some()),
            ("code", self.code.is_some()),
            ("message", self.message.is_some()),
            ("content_type", self.content_type.is_some()),
            ("signed", self.signed.is_some()),
            ("process", self.process.is_some()),
            ("redirect", self.redirect.is_some()),
            ("huge_body", self.huge_body.is_some()),
            ("hold", self.hold.is_some()),
            ("cut_request", self.cut_request.is_some()),
            ("close", self.close.is_some()),
            ("cut_after", self.cut_after.is_some()),
            ("header_case", self.header_case.is_some()),
            ("certificates", self.certificates.is_some()),
            ("bill", self.bill.is_some()),
            ("gateway", self.gateway.is_some()),
        ];
        let notifications = [
            ("wrong_api_v3_key", self.wrong_api_v3_key),
            ("flip_tag", self.flip_tag),
            ("nonce_length", self.nonce_length.is_some()),
            ("event_type", self.event_type.is_some()),
            ("duplicate", self.duplicate > 0),
        ];
        let misplaced = if notification { answers.iter() } else { notifications.iter() };
        misplaced.clone().find(|(_, used)| *used).map(|(name, _)| *name)
    }
}

/// A fault and where it strikes.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
    #[serde(default, skip_deserializing)]
    pub(crate) id: u64,
    #[serde(default, rename = "match")]
    pub(crate) matches: Match,
    pub(crate) fault: Fault,
    /// How many it has struck.
    #[serde(default, skip_deserializing)]
    pub(crate) struck: u32,
}

impl Rule {
    fn is_left(&self) -> bool {
        self.matches.count.is_none_or(|count| self.struck < count)
    }
}

/// The rules in force.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    pub(crate) rules: Vec<Rule>,
    next_id: u64,
}

impl Faults {
    /// Adds a rule and gives its id; says what is wrong with it otherwise.
    pub(crate) fn add(&mut self, mut rule: Rule) -> Result<u64, String> {
        let notification = rule.matches.notification.is_some();
        if let Some(name) = rule.fault.misplaced(notification) {
            return Err(if notification {
                format!("`{name}` is for answers: leave out match.notification")
            } else {
                format!("`{name}` is for notifications: add match.notification (an event type, or \"*\")")
            });
        }
        if let Some(code) = rule.fault.error.clone() {
            let operation = rule.matches.operation.as_deref();
            let operation = operation.ok_or("`error` is one of an operation: add match.operation, its id")?;
            let error = examples::documented(operation, &code)?;
            rule.fault.status = rule.fault.status.or(error.status).or(Some(USUAL_STATUS));
            rule.fault.code = Some(code);
        }
        self.next_id += 1;
        rule.id = self.next_id;
        rule.struck = 0;
        self.rules.push(rule);
        Ok(self.next_id)
    }

    /// The fault for this request, if any; uses up one strike of the first rule that fits.
    pub(crate) fn for_request(&mut self, method: &str, path: &str, operation: &str) -> Option<Fault> {
        self.strike(|rule| rule.fits_request(method, path, operation))
    }

    /// The fault for a notification of this event, if any.
    pub(crate) fn for_notification(&mut self, event_type: &str) -> Option<Fault> {
        self.strike(|rule| {
            rule.notification.as_ref().is_some_and(|wanted| wanted == "*" || wanted == event_type)
        })
    }

    /// Whether this request is to be cut short, and how. Uses up a strike only when it is: every other fault strikes when
    /// the request is there.
    pub(crate) fn cut_of(
        &mut self,
        method: &str,
        path: &str,
        operation: &str,
    ) -> Option<(CutRequest, CutBy)> {
        let next = self.rules.iter().find(|rule| {
            rule.is_left() && rule.matches.skip == 0 && rule.matches.fits_request(method, path, operation)
        })?;
        let cut = (next.fault.cut_request?, next.fault.cut_by);
        self.for_request(method, path, operation).map(|_| cut)
    }

    fn strike(&mut self, fits: impl Fn(&Match) -> bool) -> Option<Fault> {
        for rule in &mut self.rules {
            if !fits(&rule.matches) || !rule.is_left() {
                continue;
            }
            if rule.matches.skip > 0 {
                rule.matches.skip -= 1;
                continue;
            }
            rule.struck += 1;
            return Some(rule.fault.clone());
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(json: Value) -> Rule {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn a_rule_skips_strikes_and_is_used_up() {
        let mut faults = Faults::default();
        faults
            .add(rule(serde_json::json!({
                "match": { "path": "/v3/pay/*", "skip": 1, "count": 2 },
                "fault": { "status": 500 },
            })))
            .unwrap();
        let struck: Vec<bool> =
            (0..4).map(|_| faults.for_request("GET", "/v3/pay/x", "").is_some()).collect();
        assert_eq!(struck, [false, true, true, false]);
        assert!(faults.for_request("GET", "/v3/refund", "").is_none());
    }

    #[test]
    fn a_rule_strikes_once_unless_told_otherwise() {
        let mut faults = Faults::default();
        faults.add(rule(serde_json::json!({ "fault": { "status": 500 } }))).unwrap();
        assert!(faults.for_request("GET", "/a", "").is_some());
        assert!(faults.for_request("GET", "/a", "").is_none());
        faults
            .add(rule(serde_json::json!({ "match": { "count": null }, "fault": { "status": 500 } })))
            .unwrap();
        assert!((0..5).all(|_| faults.for_request("GET", "/a", "").is_some()));
    }

    #[test]
    fn a_documented_error_has_its_status_and_others_are_refused_with_a_list() {
        let mut faults = Faults::default();
        let mut add = |json| faults.add(rule(json));
        let create = serde_json::json!({ "operation": "refunds.create" });
        add(serde_json::json!({ "match": create, "fault": { "error": "NOT_ENOUGH" } })).unwrap();
        let unknown = serde_json::json!({ "match": create, "fault": { "error": "NOT_ENUOGH" } });
        let refused = add(unknown).unwrap_err();
        assert!(refused.contains("NOT_ENOUGH, USER_ACCOUNT_ABNORMAL"), "{refused}");
        let of_what = add(serde_json::json!({ "fault": { "error": "NOT_ENOUGH" } })).unwrap_err();
        assert!(of_what.contains("match.operation"), "{of_what}");
        let fault = faults.for_request("POST", "/v3/refund/domestic/refunds", "refunds.create").unwrap();
        assert_eq!((fault.status, fault.code.as_deref()), (Some(403), Some("NOT_ENOUGH")));
        assert!(!fault.processes());
    }

    #[test]
    fn misspelt_and_misplaced_parts_are_refused() {
        assert!(serde_json::from_value::<Rule>(serde_json::json!({ "fault": { "sttus": 500 } })).is_err());
        let mut faults = Faults::default();
        let error = faults.add(rule(serde_json::json!({ "fault": { "flip_tag": true } }))).unwrap_err();
        assert!(error.contains("match.notification"), "{error}");
    }
}
