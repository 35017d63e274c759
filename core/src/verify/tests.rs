//! What a forgery costs, counted in RSA verifications.

use std::cell::Cell;

use super::explain::EXPLAIN_LIMIT;
use super::*;

const NO_OTHERS: Headers = Headers::new();
const SIGNED: Signed<'static> = Signed {
    headers: &NO_OTHERS,
    serial: "PUB_KEY_ID_1",
    timestamp: "1767225600",
    nonce: "n",
    signature: "Zm9yZ2Vk",
};

/// How many RSA verifications a forged body costs, and what is said of it.
fn forgery(body: &[u8]) -> (usize, String) {
    let verifications = Cell::new(0);
    let error = check_fit(&SIGNED, body, &|_, _| {
        verifications.set(verifications.get() + 1);
        false
    })
    .unwrap_err();
    assert_eq!(error.code(), "SIGNATURE_MISMATCH");
    (verifications.get(), error.message().to_owned())
}

/// JSON of exactly this many bytes that invites every try: blanks around it and inside, and Latin letters with accents.
fn json_of(bytes: usize) -> Vec<u8> {
    let mut body = " {\"summary\" : \"é".as_bytes().to_vec();
    body.resize(bytes - 3, b'x');
    body.extend_from_slice(b"\"} ");
    body
}

#[test]
fn a_large_forgery_costs_one_verification() {
    for bytes in [2 * 1024 * 1024, EXPLAIN_LIMIT + 1] {
        let (verifications, message) = forgery(&json_of(bytes));
        assert_eq!(verifications, 1, "{bytes}");
        assert!(message.contains("raw bytes"), "{message}");
    }
}

#[test]
fn a_small_forgery_costs_a_few() {
    let (verifications, _) = forgery(&json_of(EXPLAIN_LIMIT));
    assert_eq!(verifications, MOST_VERIFICATIONS);
}

/// Above this, a small forgery would cost noticeably more than an answer that is good.
const MOST_VERIFICATIONS: usize = 5;
