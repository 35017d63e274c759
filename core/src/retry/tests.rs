use std::cell::{Cell, RefCell};

use super::*;
use crate::http::HttpResponse;

const READ: Safety = Safety::READ;
const PAY: Safety =
    Safety { read_only: false, idempotent: true, confirm: Some("payments.query_by_out_trade_no") };
const WHOLE: Duration = Duration::from_secs(30);
const ONCE: Safety = Safety { read_only: false, idempotent: false, confirm: None };

/// A world in which sleeping and sending take time, and nobody waits.
struct World {
    now: Cell<Instant>,
    slept: RefCell<Vec<Duration>>,
    random: u32,
    gives_up_after_pauses: usize,
    effects: RefCell<Vec<bool>>,
}

impl World {
    fn new() -> Self {
        Self {
            now: Cell::new(Instant::now()),
            slept: RefCell::default(),
            random: 0,
            gives_up_after_pauses: usize::MAX,
            effects: RefCell::default(),
        }
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
    fn pause(&self, pause: Duration) {
        self.slept.borrow_mut().push(pause);
        self.pass(pause);
    }
    fn random(&self) -> u32 {
        self.random
    }
    fn given_up(&self) -> Result<()> {
        if self.slept.borrow().len() == self.gives_up_after_pauses {
            return Err(Error::timeout("given up"));
        }
        Ok(())
    }
    fn note_effect(&self, possible: bool) {
        self.effects.borrow_mut().push(possible);
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
    let result = run(&RetryOptions::default(), domains, safety, WHOLE, world, |base, _| {
        bases.push(base.to_owned());
        failures.next().map_or(Ok(()), |error| Err(error.into()))
    });
    (bases, result)
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
    assert_eq!([1, 2, 3].map(|retry| ms(retry, Again::Slowly, u32::MAX)), [1000, 2000, 2000]);
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
        let _ = run(&RetryOptions::default(), &one_domain(), READ, WHOLE, &world, |_, _| {
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
        run(&RetryOptions::default(), &one_domain(), READ, WHOLE, &world, |_, left| -> Result<(), Failure> {
            given.push(left.as_secs_f32().round());
            world.pass(Duration::from_secs(16).min(left));
            Err(Error::timeout("x").into())
        })
        .unwrap_err();
    assert_eq!((given, error.kind()), (vec![30.0, 14.0], ErrorKind::Timeout));
}

#[test]
fn the_longest_times_are_taken() {
    let options = RetryOptions {
        retries: 0,
        timeout: Duration::MAX,
        base_delay: Duration::MAX,
        max_delay: Duration::MAX,
        failover_hold: Duration::MAX,
        failover_base_url: Some("http://127.0.0.1:2".into()),
        ..RetryOptions::default()
    };
    let domains = Domains::new("http://127.0.0.1:1", &options);
    let world = World::new();
    let mut bases = Vec::new();
    let error = run(&options, &domains, READ, Duration::MAX, &world, |base, left| -> Result<(), Failure> {
        bases.push(base.to_owned());
        world.pass(Duration::from_secs(1));
        assert!(left > Duration::from_secs(u64::MAX - 100));
        Err(Error::timeout("x").into())
    });
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Timeout);
    assert_eq!(bases, ["http://127.0.0.1:1", "http://127.0.0.1:2"]);
    for again in [Again::Yes, Again::Slowly] {
        assert!(pause(&options, 1, again, u32::MAX) >= Duration::from_secs(u64::MAX - 1));
    }
}

#[test]
fn a_call_that_was_given_up_makes_no_further_attempt() {
    for gives_up_after_pauses in 0..=2 {
        let world = World { gives_up_after_pauses, ..World::new() };
        let failures = (0..9).map(|_| refused()).collect();
        let (bases, result) = play(&one_domain(), READ, &world, failures);
        assert_eq!(bases.len(), gives_up_after_pauses, "one attempt before each pause");
        assert_eq!(result.unwrap_err().message(), "given up");
    }
}

#[test]
fn after_each_attempt_it_is_noted_whether_it_may_have_taken_effect() {
    let noted = |safety, failures| {
        let world = World::new();
        let _ = play(&one_domain(), safety, &world, failures);
        world.effects.into_inner()
    };
    assert_eq!(noted(PAY, vec![refused(), Error::timeout("x"), refused()]), [false, true, true]);
    assert_eq!(noted(PAY, vec![api(429, "X"), api(429, "X")]), [false, false], "not accepted");
    assert_eq!(noted(READ, vec![Error::timeout("x")]), [false], "reading changes nothing");
}
