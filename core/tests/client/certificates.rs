//! Certificate mode: what is downloaded, when, and by how many threads.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex, mpsc};
use std::time::Duration;

use serde_json::json;
use wechatpay_core::http::{HttpRequest, HttpResponse, Method};
use wechatpay_core::retry::RetryOptions;
use wechatpay_core::transport::Limits;
use wechatpay_core::{Client, Error, ErrorKind, Result};

use crate::platform::{API_V3_KEY, DAY, NOW, Party, TestClock, cast, certificate_list, merchant, seal};

/// WeChat Pay with platform certificates.
#[derive(Clone)]
struct Platform(Arc<State>);

struct State {
    clock: TestClock,
    now: Mutex<u64>,
    /// Signs answers to calls.
    signer: Mutex<&'static Party>,
    /// Signs the list of certificates.
    list_signer: Mutex<&'static Party>,
    /// In the list of certificates.
    listed: Mutex<Vec<&'static Party>>,
    broken: Mutex<bool>,
    panics: AtomicBool,
    downloads: AtomicUsize,
    calls: AtomicUsize,
}

impl Platform {
    fn new() -> Self {
        Self(Arc::new(State {
            clock: TestClock::new(),
            now: Mutex::new(NOW),
            signer: Mutex::new(&cast().first),
            list_signer: Mutex::new(&cast().first),
            listed: Mutex::new(vec![&cast().first]),
            broken: Mutex::new(false),
            panics: AtomicBool::new(false),
            downloads: AtomicUsize::new(0),
            calls: AtomicUsize::new(0),
        }))
    }

    fn client(&self) -> Client {
        let platform = self.clone();
        let mut retry = RetryOptions::default();
        retry.retries = 0;
        Client::builder(merchant(&self.0.clock))
            .retry_options(retry)
            .transport(move |request: &HttpRequest, _: &_| platform.answer(request))
            .build()
            .unwrap()
    }

    fn answer(&self, request: &HttpRequest) -> Result<HttpResponse> {
        let now = *self.0.now.lock().unwrap();
        let (signer, body) = if request.url.contains("/v3/certificates") {
            self.0.downloads.fetch_add(1, Ordering::SeqCst);
            assert!(!self.0.panics.swap(false, Ordering::SeqCst), "expected in this test");
            if *self.0.broken.lock().unwrap() {
                return Err(Error::connection("the network is down.", false));
            }
            (*self.0.list_signer.lock().unwrap(), certificate_list(&self.0.listed.lock().unwrap()))
        } else {
            self.0.calls.fetch_add(1, Ordering::SeqCst);
            (*self.0.signer.lock().unwrap(), b"{}".to_vec())
        };
        Ok(HttpResponse::new(200, signer.sign(signer.serial(), now, &body), body))
    }

    fn pass(&self, seconds: u64) {
        let mut now = self.0.now.lock().unwrap();
        *now += seconds;
        self.0.clock.set(*now);
    }

    fn counts(&self) -> (usize, usize) {
        (self.0.downloads.load(Ordering::SeqCst), self.0.calls.load(Ordering::SeqCst))
    }
}

fn pay(client: &Client) -> Result<()> {
    client.request(Method::Post, "/v3/x", Some(json!({ "a": 1 }))).map(drop)
}

#[test]
fn many_first_calls_share_one_download() {
    let platform = Platform::new();
    let client = platform.client();
    let start = Barrier::new(16);
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                start.wait();
                pay(&client).unwrap();
            });
        }
    });
    assert_eq!(platform.counts(), (1, 16));
}

#[test]
fn without_certificates_nothing_is_sent() {
    let platform = Platform::new();
    *platform.0.broken.lock().unwrap() = true;
    let client = platform.client();
    for _ in 0..2 {
        let error = pay(&client).unwrap_err();
        assert_eq!((error.kind(), error.outcome_unknown()), (ErrorKind::Connection, false));
        assert!(error.message().contains("Nothing was sent"), "{error}");
        assert_eq!(error.operation(), Some("certificates.list"));
    }
    assert_eq!(platform.counts(), (2, 0), "the next call tries again");
    *platform.0.broken.lock().unwrap() = false;
    pay(&client).unwrap();
    assert_eq!(platform.counts(), (3, 1));
}

#[test]
fn a_refresh_that_hangs_is_within_the_calls_time_and_leaves_half_of_it() {
    let platform = Platform::new();
    let (limits, given) = mpsc::channel();
    let (limits, answers, hangs) = (Mutex::new(limits), platform.clone(), Arc::new(Mutex::new(false)));
    let hanging = Arc::clone(&hangs);
    let mut retry = RetryOptions::default();
    retry.retries = 0;
    retry.timeout = Duration::from_millis(400);
    let client = Client::builder(merchant(&platform.0.clock))
        .retry_options(retry)
        .transport(move |request: &HttpRequest, bounds: &Limits| {
            limits.lock().unwrap().send(bounds.time).unwrap();
            if request.url.contains("/v3/certificates") && *hanging.lock().unwrap() {
                // Says nothing for as long as it may.
                let (_silent, wait) = mpsc::channel::<()>();
                let _ = wait.recv_timeout(bounds.time);
                return Err(Error::timeout("no answer."));
            }
            answers.answer(request)
        })
        .build()
        .unwrap();
    pay(&client).unwrap();
    assert_eq!(given.iter().take(2).count(), 2, "certificates, then the call");
    *hangs.lock().unwrap() = true;
    platform.pass(DAY / 2 + 60);
    pay(&client).unwrap();
    let [refresh, call] = [given.recv().unwrap(), given.recv().unwrap()];
    assert!(refresh <= Duration::from_millis(200), "half of the time: {refresh:?}");
    assert!(!call.is_zero() && call <= Duration::from_millis(200), "what that left: {call:?}");
}

#[test]
fn threads_that_wait_for_a_failing_download_fail_with_it() {
    let platform = Platform::new();
    *platform.0.broken.lock().unwrap() = true;
    let client = platform.client();
    let start = Barrier::new(8);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                start.wait();
                assert_eq!(pay(&client).unwrap_err().kind(), ErrorKind::Connection);
            });
        }
    });
    assert_eq!(platform.0.calls.load(Ordering::SeqCst), 0);
}

#[test]
fn an_unknown_serial_is_looked_up_and_the_same_answer_finished() {
    let platform = Platform::new();
    let client = platform.client();
    pay(&client).unwrap();
    *platform.0.signer.lock().unwrap() = &cast().second;
    let error = pay(&client).unwrap_err();
    assert_eq!((error.code(), error.outcome_unknown()), ("UNKNOWN_SERIAL", true));
    assert_eq!(platform.counts(), (1, 2), "the list was fetched a moment ago");
    platform.pass(60);
    *platform.0.listed.lock().unwrap() = vec![&cast().first, &cast().second];
    let start = Barrier::new(8);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                start.wait();
                pay(&client).unwrap();
            });
        }
    });
    assert_eq!(platform.counts(), (2, 10), "one download, and each request was sent once");
}

thread_local! {
    /// How often this thread has looked at the clock since an answer came; something large before the first.
    static LOOKS: Cell<u32> = const { Cell::new(1 << 16) };
}

/// A thread finds that it lacks a certificate, and before it looks whether it may download, another one begins to: that is no reason
/// to give up an answer that can be verified in a moment.
#[test]
fn a_download_that_begins_meanwhile_is_waited_for() {
    let platform = Platform::new();
    let hold_at = Arc::new(AtomicU32::new(u32::MAX));
    let (reached, at_the_clock) = mpsc::channel();
    let (go_on, waits_to_go_on) = mpsc::channel();
    let (listing, begins_to_list) = mpsc::channel();
    let (list, waits_to_list) = mpsc::channel::<()>();
    let (time, at) = (platform.clone(), Arc::clone(&hold_at));
    let gate = Mutex::new((reached, waits_to_go_on));
    let config = merchant(&platform.0.clock).clock(move || {
        let looks = LOOKS.with(|looks| looks.replace(looks.get() + 1)) + 1;
        if std::thread::current().name() == Some("late") && looks == at.load(Ordering::SeqCst) {
            let (reached, waits_to_go_on) = &*gate.lock().unwrap();
            reached.send(()).unwrap();
            let _: Result<(), _> = waits_to_go_on.recv();
        }
        *time.0.now.lock().unwrap()
    });
    let (answering, lists) = (platform.clone(), Mutex::new((listing, waits_to_list)));
    let held = Arc::new(AtomicBool::new(false));
    let hold_list = Arc::clone(&held);
    let client = Client::builder(config)
        .retries(0)
        .transport(move |request: &HttpRequest, _: &Limits| {
            if !request.url.contains("/v3/certificates") {
                LOOKS.set(0);
            } else if hold_list.load(Ordering::SeqCst) {
                let (listing, waits_to_list) = &*lists.lock().unwrap();
                listing.send(()).unwrap();
                let _: Result<(), _> = waits_to_list.recv();
            }
            answering.answer(request)
        })
        .build()
        .unwrap();
    pay(&client).unwrap();
    *platform.0.signer.lock().unwrap() = &cast().second;
    pay(&client).unwrap_err();
    // It finished the answer three times, and asked the clock twice whether to download and how long not to.
    let a_finish = (LOOKS.get() - 2) / 3;
    assert_eq!(a_finish * 3 + 2, LOOKS.get());

    platform.pass(60);
    *platform.0.listed.lock().unwrap() = vec![&cast().first, &cast().second];
    held.store(true, Ordering::SeqCst);
    hold_at.store(a_finish + 1, Ordering::SeqCst);
    std::thread::scope(|scope| {
        let late = std::thread::Builder::new().name("late".to_owned());
        let late = late.spawn_scoped(scope, || pay(&client)).unwrap();
        at_the_clock.recv().unwrap();
        let first = scope.spawn(|| pay(&client));
        begins_to_list.recv().unwrap();
        go_on.send(()).unwrap();
        // Time enough to give up, for a thread that would.
        (0..10_000).take_while(|_| !late.is_finished()).for_each(|_| std::thread::yield_now());
        list.send(()).unwrap();
        first.join().unwrap().unwrap();
        late.join().unwrap().unwrap();
    });
    assert_eq!(platform.counts(), (2, 4), "one download for both");
}

#[test]
fn a_failed_look_up_says_so_and_keeps_the_answer() {
    let platform = Platform::new();
    let client = platform.client();
    pay(&client).unwrap();
    platform.pass(120);
    *platform.0.signer.lock().unwrap() = &cast().second;
    *platform.0.broken.lock().unwrap() = true;
    let error = pay(&client).unwrap_err();
    assert_eq!((error.code(), error.outcome_unknown(), error.status()), ("UNKNOWN_SERIAL", true, Some(200)));
    assert!(error.message().contains("the network is down"), "{error}");
    assert_eq!(platform.counts(), (2, 2));
}

#[test]
fn old_certificates_are_refreshed_by_one_call_and_kept_when_that_fails() {
    let platform = Platform::new();
    let client = platform.client();
    pay(&client).unwrap();
    platform.pass(DAY / 2 - 1);
    pay(&client).unwrap();
    assert_eq!(platform.counts(), (1, 2));
    platform.pass(1);
    *platform.0.broken.lock().unwrap() = true;
    pay(&client).unwrap();
    assert_eq!(platform.counts(), (2, 3), "the refresh failed, the call did not");
    pay(&client).unwrap();
    assert_eq!(platform.counts(), (2, 4), "and is not tried with every call");
    platform.pass(60);
    *platform.0.broken.lock().unwrap() = false;
    pay(&client).unwrap();
    assert_eq!(platform.counts(), (3, 5));
}

#[test]
fn a_panic_while_downloading_stops_no_refresh() {
    let platform = Platform::new();
    let client = platform.client();
    let panics = || {
        platform.0.panics.store(true, Ordering::SeqCst);
        assert!(catch_unwind(AssertUnwindSafe(|| pay(&client))).is_err());
    };
    panics();
    pay(&client).unwrap();
    assert_eq!(platform.counts(), (2, 1), "the first download, and the one after the panic");
    platform.pass(DAY / 2);
    panics();
    pay(&client).unwrap();
    assert_eq!(platform.counts(), (3, 2), "not at once again");
    platform.pass(60);
    pay(&client).unwrap();
    assert_eq!(platform.counts(), (4, 3), "but later");
    // Nor is a look-up of an unknown serial stopped.
    platform.pass(60);
    *platform.0.signer.lock().unwrap() = &cast().second;
    panics();
    platform.pass(60);
    *platform.0.listed.lock().unwrap() = vec![&cast().first, &cast().second];
    pay(&client).unwrap();
}

#[test]
fn a_notification_brings_the_certificates_when_none_are_held() {
    let platform = Platform::new();
    let client = platform.client();
    let resource = seal(API_V3_KEY, "transaction", "transaction", br#"{"trade_state":"SUCCESS"}"#);
    let body = json!({
        "id": "EV-1", "create_time": "2026-01-01T08:00:00+08:00", "event_type": "TRANSACTION.SUCCESS",
        "resource_type": "encrypt-resource", "summary": "支付成功", "resource": resource,
    })
    .to_string()
    .into_bytes();
    let headers = cast().first.sign(cast().first.serial(), NOW, &body);
    let notification = client.parse_notification(&headers, &body).unwrap();
    assert_eq!(notification.resource["trade_state"], "SUCCESS");
    let stranger = cast().stranger.sign(cast().stranger.serial(), NOW, &body);
    for _ in 0..3 {
        let error = client.parse_notification(&stranger, &body).unwrap_err();
        assert_eq!(error.code(), "UNKNOWN_SERIAL");
        assert!(error.message().contains("done again after 60 s"), "{error}");
    }
    assert_eq!(platform.counts(), (1, 0), "a stranger cannot make us download in a loop");
}

#[test]
fn an_expired_certificate_is_replaced() {
    let platform = Platform::new();
    *platform.0.listed.lock().unwrap() = vec![&cast().first, &cast().second];
    let client = platform.client();
    pay(&client).unwrap();
    platform.pass(301 * DAY); // the first one is over, the second valid
    *platform.0.signer.lock().unwrap() = &cast().second;
    *platform.0.list_signer.lock().unwrap() = &cast().second;
    pay(&client).unwrap();
    assert_eq!(client.kernel().platform_serials(), [cast().second.serial()]);
}
