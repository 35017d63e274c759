use super::*;
use crate::http::{Headers, HttpResponse};

const PAY: Safety =
    Safety { read_only: false, idempotent: true, confirm: Some("payments.query_by_out_trade_no") };
/// Sent twice, it does harm.
const ONCE: Safety = Safety { read_only: false, idempotent: false, confirm: None };
/// The same, and its documentation says to look it up first.
const LOOK_UP: Safety =
    Safety { read_only: false, idempotent: false, confirm: Some("busifavor.subsidies.list_pay_receipts") };

fn api(status: u16, code: &str) -> Error {
    answered(Error::new(ErrorKind::Api, code, "x"), status)
}

fn answered(error: Error, status: u16) -> Error {
    error.with_response(&HttpResponse::new(status, Headers::new(), Vec::new()))
}

fn verification(code: &str) -> Error {
    Error::new(ErrorKind::Verification, code, "x")
}

/// One failure, and what it means: whether it is sent again for a read, an idempotent change, another change, another
/// change that must be looked up; and whether it may have taken effect.
type Case = (fn() -> Error, [Again; 4], bool);

const CASES: &[Case] = {
    use Again::{No, Slowly, Yes};
    &[
        (|| Error::connection("x", false), [Yes, Yes, Yes, Yes], false),
        (|| Error::connection("x", true), [Yes, Yes, Yes, Yes], false),
        (|| Error::timeout("x"), [Yes, Yes, No, No], true),
        (|| Error::network("x"), [Yes, Yes, No, No], true),
        (|| answered(verification("SIGNTEST_PROBE"), 200), [Yes, Yes, No, No], true),
        (|| answered(verification("SIGNATURE_MISMATCH"), 200), [No, No, No, No], true),
        (|| verification("NO_PLATFORM_KEY"), [No, No, No, No], false),
        (|| answered(Error::new(ErrorKind::Decryption, "SENSITIVE_FIELD", "x"), 200), [No, No, No, No], true),
        (|| api(500, "SYSTEM_ERROR"), [Yes, Yes, No, No], true),
        (|| api(500, "SYSTEMERROR"), [Yes, Yes, No, No], true),
        (|| api(400, "SYSTEM_ERROR"), [No, No, No, No], true),
        (|| api(403, "SYSTEM_ERROR"), [No, No, No, No], true),
        (|| api(502, "HTTP_502"), [Yes, Yes, No, No], true),
        (|| api(503, "X"), [Yes, Yes, No, No], true),
        (|| api(500, "FREQUENCY_LIMITED"), [Yes, Yes, No, No], true),
        (|| api(429, "ANYTHING"), [Slowly, Slowly, Slowly, No], false),
        (|| api(403, "FREQENCY_LIMIT"), [Slowly, Slowly, No, No], false),
        (|| api(202, "USERPAYING"), [No, No, No, No], true),
        (|| api(101, "HTTP_101"), [No, No, No, No], true),
        (|| api(400, "PARAM_ERROR"), [No, No, No, No], false),
        (|| api(404, "ORDER_NOT_EXIST"), [No, No, No, No], false),
        (|| api(401, "SIGN_ERROR"), [No, No, No, No], false),
        (|| Error::malformed("NOT_HTTP", "x"), [No, No, No, No], true),
        (|| Error::malformed("BODY_TOO_LARGE", "x"), [No, No, No, No], true),
        (|| Error::malformed("REDIRECT", "x"), [No, No, No, No], true),
        (|| Error::new(ErrorKind::Internal, "PANIC", "x"), [No, No, No, No], true),
        (|| Error::new(ErrorKind::Signing, "SIGNING_FAILED", "x"), [No, No, No, No], false),
        (|| Error::invalid_request("X", "x"), [No, No, No, No], false),
        (|| Error::config("x"), [No, No, No, No], false),
    ]
};

#[test]
fn what_is_sent_again() {
    for (failure, again, effect) in CASES {
        for (safety, again) in [Safety::READ, PAY, ONCE, LOOK_UP].into_iter().zip(*again) {
            assert_eq!(
                judge(&failure(), safety),
                Verdict { again, effect: *effect },
                "{} {safety:?}",
                failure()
            );
        }
    }
}

#[test]
fn what_the_caller_is_told_is_what_the_client_does() {
    for (failure, again, effect) in CASES {
        for (safety, again) in [Safety::READ, PAY, ONCE, LOOK_UP].into_iter().zip(*again) {
            let error = settle(failure(), safety, false);
            assert_eq!(error.retryable(), again != Again::No, "{error} {safety:?}");
            assert_eq!(error.outcome_unknown(), *effect && !safety.read_only, "{error} {safety:?}");
            assert_eq!(error.message().contains("taken effect"), error.outcome_unknown(), "{error}");
            assert!(
                !(error.retryable() && error.outcome_unknown()) || safety.idempotent,
                "{error} {safety:?}"
            );
        }
    }
}

#[test]
fn the_text_names_the_query_or_says_that_nothing_was_sent() {
    let text = |error, safety, effect| settle(error, safety, effect).message().to_owned();
    assert!(text(Error::timeout("x"), PAY, false).contains("payments.query_by_out_trade_no"));
    assert!(text(Error::timeout("x"), ONCE, false).contains("query its state"));
    assert!(text(Error::connection("x", false), PAY, false).ends_with("Nothing was sent."));
    // The last attempt of a call was refused, and the one before may have paid.
    let after = settle(Error::connection("x", false), LOOK_UP, true);
    assert!(after.outcome_unknown() && !after.retryable(), "{after}");
    assert!(!after.message().contains("Nothing was sent") && after.message().contains("list_pay_receipts"));
    let given_up = |safety, effect| settle_given_up(Error::timeout("x"), safety, effect);
    assert!(given_up(LOOK_UP, true).outcome_unknown() && !given_up(LOOK_UP, true).retryable());
    assert!(!given_up(LOOK_UP, false).outcome_unknown() && given_up(LOOK_UP, false).retryable());
    assert!(given_up(LOOK_UP, false).message().ends_with("Nothing was sent."));
    assert!(!given_up(Safety::READ, true).outcome_unknown());
}
