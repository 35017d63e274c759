use std::cell::{Cell, RefCell};

use super::*;
use crate::http::HttpResponse;

const READ: Safety = Safety { read_only: true, idempotent: true, confirm: None };
const PAY: Safety =
    Safety { read_only: false, idempotent: true, confirm: Some("payments.query_by_out_trade_no") };
const ONCE: Safety = Safety { read_only: false, idempotent: false, confirm: None };

/// A world in which sleeping and sending take time, and nobody waits.
struct World {
    now: Cell<Instant>,
    slept: RefCell<Vec<Duration>>,
    random: u32,
}

impl World {
    fn new() -> Self {
        Self { now: Cell::new(Instant::now()), slept: RefCell::default(), random: 0 }
    }

    fn pass(&self, time: Duration) {
        self.now.set(self.now.get() + time);
    }
}

impl Environment for World {
    fn now(&self) -> Instant {
        self.now.get()
    }
    fn unix_time(&self) -> i64 {
        784_111_777 // Sun, 06 Nov 1994 08:49:37 GMT
    }
    fn sleep(&self, pause: Duration) {
        self.slept.borrow_mut().push(pause);
        self.pass(pause);
    }
    fn random(&self) -> u32 {
        self.random
    }
}

fn one_domain() -> Domains {
    Domains::new("https://proxy.example", &RetryOptions::default())
}

fn two_domains() -> Domains {
    Domains::new("https://api.mch.weixin.qq.com", &RetryOptions::default())
}

fn connect_timeout() -> Error {
    Error::connection("x", true)
}

fn refused() -> Error {
    Error::connection("x", false)
}

fn api(status: u16, code: &str) -> Error {
    Error::new(ErrorKind::Api, code, "x").with_response(&HttpResponse::new(
        status,
        Headers::new(),
        Vec::new(),
    ))
}

fn probe() -> Error {
    Error::new(ErrorKind::Verification, "SIGNTEST_PROBE", "x").with_outcome_unknown(true)
}

/// Runs with these failures, then success; the bases tried and the result.
fn play(domains: &Domains, safety: Safety, world: &World, failures: Vec<Error>) -> (Vec<String>, Result<()>) {
    let mut failures = failures.into_iter();
    let mut bases = Vec::new();
    let result = run(&RetryOptions::default(), domains, safety, world, |base, _| {
        bases.push(base.to_owned());
        failures.next().map_or(Ok(()), |error| Err(error.into()))
    });
    (bases, result)
}

fn attempts(safety: Safety, failure: impl Fn() -> Error) -> (usize, Error) {
    let failures = (0..9).map(|_| failure()).collect();
    let (bases, result) = play(&one_domain(), safety, &World::new(), failures);
    (bases.len(), result.unwrap_err())
}

#[test]
fn what_is_sent_again() {
    let cases: &[(&dyn Fn() -> Error, [usize; 3])] = &[
        // attempts of: a read, an idempotent change, another change
        (&refused, [3, 3, 3]),
        (&connect_timeout, [3, 3, 3]),
        (&|| Error::timeout("x"), [3, 3, 1]),
        (&|| Error::network("x"), [3, 3, 1]),
        (&probe, [3, 3, 1]),
        (&|| api(500, "SYSTEM_ERROR"), [3, 3, 3]),
        (&|| api(500, "SYSTEMERROR"), [3, 3, 3]),
        (&|| api(502, "BAD_GATEWAY"), [3, 3, 1]),
        (&|| api(503, "X"), [3, 3, 1]),
        (&|| api(429, "ANYTHING"), [3, 3, 3]),
        (&|| api(403, "FREQENCY_LIMIT"), [3, 3, 3]),
        (&|| api(400, "PARAM_ERROR"), [1, 1, 1]),
        (&|| api(404, "ORDER_NOT_EXIST"), [1, 1, 1]),
        (&|| api(401, "SIGN_ERROR"), [1, 1, 1]),
        (&|| Error::malformed("NOT_HTTP", "x"), [1, 1, 1]),
        (&|| Error::malformed("BODY_TOO_LARGE", "x"), [1, 1, 1]),
        (&|| Error::new(ErrorKind::Verification, "SIGNATURE_MISMATCH", "x"), [1, 1, 1]),
        (&|| Error::config("x"), [1, 1, 1]),
    ];
    for (failure, expected) in cases {
        let got = [READ, PAY, ONCE].map(|safety| attempts(safety, failure).0);
        assert_eq!(got, *expected, "{}", failure());
        for (safety, count) in [READ, PAY, ONCE].into_iter().zip(expected) {
            assert_eq!(attempts(safety, failure).1.retryable(), *count > 1, "{}", failure());
        }
    }
}

#[test]
fn outcome_is_unknown_exactly_when_it_is() {
    let cases: &[(&dyn Fn() -> Error, bool)] = &[
        (&refused, false),
        (&connect_timeout, false),
        (&|| Error::timeout("x"), true),
        (&|| Error::network("x"), true),
        (&probe, true),
        (&|| Error::malformed("BODY_TOO_LARGE", "x"), true),
        (&|| Error::malformed("NOT_HTTP", "x"), true),
        (&|| Error::malformed("REDIRECT", "x"), false),
        (&|| api(500, "SYSTEM_ERROR"), true),
        (&|| api(503, "X"), true),
        (&|| api(429, "RATELIMIT_EXCEEDED"), false),
        (&|| api(400, "PARAM_ERROR"), false),
        (&|| api(404, "X"), false),
        (&|| Error::invalid_request("X", "x"), false),
    ];
    for (failure, expected) in cases {
        for safety in [PAY, ONCE] {
            let error = attempts(safety, failure).1;
            assert_eq!(error.outcome_unknown(), *expected, "{error}");
        }
        assert!(!attempts(READ, failure).1.outcome_unknown(), "reading changes nothing");
    }
    assert!(attempts(PAY, || Error::timeout("x")).1.message().contains("payments.query_by_out_trade_no"));
    assert!(attempts(ONCE, || Error::timeout("x")).1.message().contains("query its state"));
    assert!(!attempts(READ, || Error::timeout("x")).1.message().contains("taken effect"));
}

#[test]
fn an_earlier_attempt_is_not_forgotten() {
    // The first attempt may have paid; that the second was refused or found the order paid changes nothing.
    for last in [refused(), api(400, "ORDERPAID")] {
        let world = World::new();
        let (_, result) = play(&one_domain(), PAY, &world, vec![Error::timeout("x"), refused(), last]);
        assert!(result.unwrap_err().outcome_unknown());
    }
}

#[test]
fn time_outs_switch_the_domain_once_and_calls_stay_there() {
    let (main, second) = ("https://api.mch.weixin.qq.com", "https://api2.mch.weixin.qq.com");
    for (failure, safety) in [
        (connect_timeout as fn() -> Error, ONCE),
        (|| Error::timeout("x"), PAY),
        (|| Error::timeout("x"), READ),
    ] {
        let (domains, world) = (two_domains(), World::new());
        let (bases, result) = play(&domains, safety, &world, vec![failure()]);
        assert_eq!((bases, result.is_ok()), (vec![main.to_owned(), second.to_owned()], true));
        assert!(world.slept.borrow().is_empty(), "the other domain is tried at once");
        assert_eq!(play(&domains, READ, &world, vec![]).0, [second]);
        world.pass(Duration::from_secs(59));
        assert_eq!(play(&domains, READ, &world, vec![]).0, [second]);
        world.pass(Duration::from_secs(1));
        assert_eq!(play(&domains, READ, &world, vec![]).0, [main]);
    }
    // Only time-outs count.
    for failure in [refused(), Error::network("x"), api(500, "SYSTEM_ERROR"), api(503, "X"), probe()] {
        let (bases, _) = play(&two_domains(), PAY, &World::new(), vec![failure]);
        assert_eq!(bases, [main, main]);
    }
    // A change that is not idempotent is not sent again after a read time-out, yet later calls avoid the domain.
    let (domains, world) = (two_domains(), World::new());
    let (bases, result) = play(&domains, ONCE, &world, vec![Error::timeout("x")]);
    assert_eq!(
        (bases.as_slice(), result.unwrap_err().outcome_unknown()),
        ([main.to_owned()].as_slice(), true)
    );
    assert_eq!(play(&domains, READ, &world, vec![]).0, [second]);
    // When the second domain is in trouble too, calls return to the first.
    let failures = (0..9).map(|_| connect_timeout()).collect();
    assert_eq!(play(&two_domains(), READ, &World::new(), failures).0, [main, second, main, second]);
}

#[test]
fn failover_can_be_off_or_elsewhere() {
    let off = RetryOptions { failover: false, ..RetryOptions::default() };
    let domains = Domains::new("https://api.mch.weixin.qq.com", &off);
    assert!(!domains.leave("https://api.mch.weixin.qq.com", Instant::now()));
    assert!(
        !one_domain().leave("https://proxy.example", Instant::now()),
        "another base URL has no second domain"
    );
    let own =
        RetryOptions { failover_base_url: Some("http://127.0.0.1:2/".into()), ..RetryOptions::default() };
    let domains = Domains::new("http://127.0.0.1:1", &own);
    let world = World::new();
    assert_eq!(
        play(&domains, READ, &world, vec![connect_timeout()]).0,
        ["http://127.0.0.1:1", "http://127.0.0.1:2"]
    );
}

#[test]
fn pauses_grow_and_are_random_in_half() {
    let options = RetryOptions::default();
    let ms = |retry, again, random| pause(&options, retry, again, random).as_millis();
    assert_eq!([1, 2, 3, 4, 5, 40].map(|retry| ms(retry, Again::Yes, 0)), [100, 200, 400, 800, 1000, 1000]);
    assert_eq!([1, 2, 3, 4, 5].map(|retry| ms(retry, Again::Yes, u32::MAX)), [200, 400, 800, 1600, 2000]);
    assert_eq!([1, 2, 3].map(|retry| ms(retry, Again::Throttled, u32::MAX)), [1000, 2000, 2000]);
}

#[test]
fn retry_after_is_honoured_when_it_fits() {
    let header = |value: &str| Headers::from_iter([("retry-after", value)]);
    assert_eq!(retry_after(&header("3"), 0), Some(Duration::from_secs(3)));
    let date = "Sun, 06 Nov 1994 08:49:47 GMT";
    assert_eq!(retry_after(&header(date), 784_111_777), Some(Duration::from_secs(10)));
    assert_eq!(retry_after(&header(date), 784_222_222), Some(Duration::ZERO));
    for odd in ["", "-1", "soon", "99999999999999999999"] {
        assert_eq!(retry_after(&header(odd), 0), None, "{odd}");
    }
    for (value, attempts, slept) in [("3", 2, vec![3]), ("31", 1, vec![])] {
        let world = World::new();
        let mut count = 0;
        let _ = run(&RetryOptions::default(), &one_domain(), READ, &world, |_, _| {
            count += 1;
            let failure = Failure { error: api(429, "X"), headers: Some(header(value)) };
            if count == 1 { Err(failure) } else { Ok(()) }
        });
        let seconds: Vec<u64> = world.slept.borrow().iter().map(Duration::as_secs).collect();
        assert_eq!((count, seconds), (attempts, slept), "{value}");
    }
}

#[test]
fn the_whole_call_keeps_its_limit() {
    let world = World::new();
    let mut given = Vec::new();
    let error =
        run(&RetryOptions::default(), &one_domain(), READ, &world, |_, left| -> Result<(), Failure> {
            given.push(left.as_secs_f32().round());
            world.pass(Duration::from_secs(16).min(left));
            Err(Error::timeout("x").into())
        })
        .unwrap_err();
    assert_eq!((given, error.kind()), (vec![30.0, 14.0], ErrorKind::Timeout));
}
