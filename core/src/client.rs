//! The blocking client: the kernel, a transport, and the rules for sending again.

mod builder;
mod certificates;
mod files;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;

pub use self::builder::ClientBuilder;
use self::certificates::Refreshes;
use crate::answer::Answer;
use crate::call_control::CallControl;
use crate::call_options::CallOptions;
use crate::config::Config;
use crate::error::{Error, ErrorKind, Result, codes};
use crate::front_end::{AppPayment, FrontEnd, JsapiPayment};
use crate::http::{Headers, HttpRequest, HttpResponse, Method};
use crate::kernel::Kernel;
use crate::notification::Notification;
use crate::notification_reply::NotificationReply;
use crate::operation::{self, Host, Operation, Reply};
use crate::outcome::Safety;
use crate::retry::{self, Domains, Environment, Failure, RetryOptions};
use crate::transport::{Attempt, Limits, Transport};

/// Calls WeChat Pay for one merchant: signs, sends, verifies, and sends again where that is safe.
///
/// Make one per merchant and keep it. Cloning is cheap and clones share everything; all methods can be called from
/// many threads at once and block the calling one.
///
/// ```no_run
/// # use wechatpay_core::{Client, Config, Result, crypto::{PrivateKey, PublicKey}};
/// # use serde_json::json;
/// # fn main() -> Result<()> {
/// let config = Config::new("1900000001", PrivateKey::from_file("apiclient_key.pem")?)
///     .merchant_serial("5157F09EFDC096DE15EBE81A47057A7232F1B8E1")
///     .wechatpay_public_key("PUB_KEY_ID_0119000000012026000000000000000001", PublicKey::from_file("pub_key.pem")?);
/// let client = Client::new(config)?;
/// let order = client.call("payments.query_by_out_trade_no", json!({ "out_trade_no": "20260808-0001" }))?;
/// println!("{}", order["trade_state"]);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
    /// The caller's hold on the calls made through this clone.
    control: Option<CallControl>,
    /// What the calls made through this clone do otherwise.
    options: Arc<CallOptions>,
}

struct Inner {
    kernel: Kernel,
    transport: Box<dyn Transport>,
    retry: RetryOptions,
    domains: Domains,
    /// For downloads.
    no_domains: Domains,
    max_body: u64,
    refresh: Refreshes,
}

impl Client {
    /// A client with the default transport. Opens no connection.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) when something is missing or does not belong together.
    pub fn new(config: Config) -> Result<Self> {
        Self::builder(config).build()
    }

    /// A client with other time-outs, a proxy, or a transport of your own.
    pub fn builder(config: Config) -> ClientBuilder {
        ClientBuilder::new(config)
    }

    /// This client, for one call that `control` limits and may give up.
    #[must_use]
    pub fn controlled(&self, control: &CallControl) -> Self {
        Self { control: Some(control.clone()), ..self.clone() }
    }

    /// This client, for calls that do something otherwise: with the same keys, connections and certificates. What `options` do not say
    /// stays as it is here.
    #[must_use]
    pub fn with_options(&self, options: &CallOptions) -> Self {
        Self { options: Arc::new(options.over(&self.options)), ..self.clone() }
    }

    /// This client, for calls for a sub-merchant: `sub_mchid` is filled in where an operation has it and the call does not say it.
    #[must_use]
    pub fn for_sub_merchant(&self, sub_mchid: impl Into<String>) -> Self {
        self.with_options(&CallOptions::new().sub_mchid(sub_mchid))
    }

    /// Carries out an operation by its name: `payments.jsapi.prepay`. `params` is one object with all fields of path,
    /// query and body. Returns the verified answer, `null` when there is none to return.
    ///
    /// # Errors
    /// Every kind; see [`ErrorKind`](crate::ErrorKind). Look at [`Error::outcome_unknown`] before doing anything else.
    pub fn call(&self, operation: &str, params: Value) -> Result<Value> {
        self.execute(operation::named(operation)?, params).map(|answer| answer.value)
    }

    /// Carries out an operation of the table. As [`call`](Self::call), with the request id and the serial of the
    /// answer.
    ///
    /// # Errors
    /// As for [`call`](Self::call).
    pub fn execute(&self, operation: Operation, params: Value) -> Result<Answer> {
        if let Reply::File = operation.reply() {
            let error = Error::invalid_request(
                codes::WRONG_TYPE,
                "this operation answers with a file: use its own method, call_for_file, or in Rust download.",
            );
            return Err(error.with_operation(operation.id()));
        }
        let call = self.begin(Some(operation.id()), Safety::of(operation)).at(operation.host());
        if !crate::certificates::fills_ring(operation) {
            self.ensure_certificates(&call)?;
        }
        // The last attempt could take the parameters; they are small beside a signature.
        let params = self.options.filled(operation, params);
        let answer =
            self.exchange(&call, &|| self.kernel().prepare(operation, params.clone()), &|response| {
                self.finish_refreshing(&call, &|| self.kernel().open_answer(operation, response))
            })?;
        check_resource(operation, &params, &answer)?;
        Ok(answer)
    }

    /// Calls an endpoint that is not typed here. The path carries its query and is percent-encoded already; the body
    /// is sent as it is, without members that are `null`. Nothing is checked, encrypted or decrypted. Requests other
    /// than GET are sent again only when they cannot have arrived or WeChat Pay asks for it.
    ///
    /// # Errors
    /// As for [`call`](Self::call).
    pub fn request(&self, method: Method, path_and_query: &str, body: Option<Value>) -> Result<Answer> {
        let call = self.begin(None, Safety::of_method(method));
        self.ensure_certificates(&call)?;
        self.exchange(
            &call,
            &|| self.kernel().prepare_request(method, path_and_query, body.clone()),
            &|response| self.finish_refreshing(&call, &|| self.kernel().open_untyped_answer(response)),
        )
    }

    /// Verifies and decrypts a notification: the headers and the raw bytes of the body, exactly as they came. Downloads
    /// platform certificates when the notification is signed with one that is not known yet: of the hosts whose keys are held.
    ///
    /// # Errors
    /// As for [`Kernel::parse_notification`]; answer with [`Error::notification_reply`](crate::Error::notification_reply)
    /// and do nothing else.
    pub fn parse_notification(&self, headers: &Headers, body: &[u8]) -> Result<Notification> {
        let kernel = self.kernel();
        let call = self.begin(None, Safety::READ);
        let parse = || kernel.parse_notification(headers, body);
        let main = match kernel.rings().may_notify(Host::Main, kernel.now()) {
            true => self.finish_refreshing(&call, &parse),
            false => parse(),
        };
        match main {
            Err(error)
                if kernel.certificates_may_help(&error)
                    && kernel.rings().may_notify(Host::Hk, kernel.now()) =>
            {
                self.finish_refreshing(&call.at(Host::Hk), &parse)
            }
            done => done,
        }
    }

    /// Answers a notification that asks for something; see [`Kernel::answer_notification`].
    ///
    /// # Errors
    /// As there.
    pub fn answer_notification(
        &self,
        notification: &Notification,
        answer: &Value,
    ) -> Result<NotificationReply> {
        self.kernel().answer_notification(notification.kind, answer)
    }

    /// Parameters with which a web page or mini program opens the cashier; see [`Kernel::jsapi_payment`].
    ///
    /// # Errors
    /// As there.
    pub fn jsapi_payment(&self, appid: &str, prepay_id: &str) -> Result<JsapiPayment> {
        self.kernel().jsapi_payment(appid, prepay_id)
    }

    /// Parameters with which an app opens the cashier; see [`Kernel::app_payment`].
    ///
    /// # Errors
    /// As there.
    pub fn app_payment(&self, appid: &str, prepay_id: &str) -> Result<AppPayment> {
        self.kernel().app_payment(appid, prepay_id)
    }

    /// What pages, mini-programs and apps open WeChat with beside the cashier: orders of WeChat Pay score, coupons, the
    /// confirmation of a transfer, and the addresses of H5 and Native orders.
    pub fn front_end(&self) -> FrontEnd<'_> {
        self.kernel().front_end()
    }

    /// A signed request of an operation, to be sent with an HTTP client of your own: as [`Kernel::prepare`], with this client's
    /// [`CallOptions`].
    ///
    /// # Errors
    /// As there.
    pub fn prepare(&self, operation: Operation, params: Value) -> Result<HttpRequest> {
        let params = self.options.filled(operation, params);
        Ok(self.options.with_headers(self.kernel().prepare(operation, params)?))
    }

    /// The kernel inside: to prepare requests and finish answers for an HTTP client of your own.
    pub fn kernel(&self) -> &Kernel {
        &self.inner.kernel
    }

    /// How calls are repeated.
    fn retries(&self) -> RetryOptions {
        let retry = self.inner.retry.clone();
        RetryOptions { retries: self.options.retries.unwrap_or(retry.retries), ..retry }
    }

    /// A call begins: its time runs from here, downloads of certificates included.
    fn begin(&self, id: Option<&'static str>, safety: Safety) -> Call {
        let control = self.control.clone().unwrap_or_default();
        control.begin(id, safety);
        let time = self.options.timeout.unwrap_or(self.inner.retry.timeout);
        let time = control.left().map_or(time, |left| left.min(time));
        Call { id, safety, control, host: Host::Main, start: Instant::now(), time, is_callers: true }
    }

    /// Signs, sends and finishes, until it succeeds or must not be tried again.
    fn exchange(
        &self,
        call: &Call,
        prepare: &dyn Fn() -> Result<HttpRequest>,
        finish: &dyn Fn(&HttpResponse) -> Result<Answer>,
    ) -> Result<Answer> {
        let inner = &*self.inner;
        let attempt = |base: &str, left| -> Result<Answer, Failure> {
            let mut request = self.options.with_headers(prepare()?);
            if call.host == Host::Main {
                request = at(request, inner.kernel.base_url(), base);
            }
            call.note_attempt();
            let response = call.send(&*inner.transport, &request, left, inner.max_body)?;
            finish(&response)
                .map_err(|error| Failure { error: request.explain(error), headers: Some(response.headers) })
        };
        let world = World { kernel: &inner.kernel, call };
        // The other host has no second domain.
        let domains = if call.host == Host::Main { &inner.domains } else { &inner.no_domains };
        let done = retry::run(&self.retries(), domains, call.safety, call.left(), &world, attempt);
        match done {
            Ok(answer) => Ok(Answer { attempts: call.attempts(), ..answer }),
            Err(error) => Err(call.named(error).with_attempts(call.attempts())),
        }
    }
}

/// One call from its beginning to its end, with everything that is sent for it.
struct Call {
    id: Option<&'static str>,
    safety: Safety,
    control: CallControl,
    host: Host,
    start: Instant,
    time: Duration,
    /// Not the download of certificates that it needs.
    is_callers: bool,
}

impl Call {
    fn at(self, host: Host) -> Self {
        Self { host, ..self }
    }

    /// What is left of the time for the whole call.
    fn left(&self) -> Duration {
        self.time.saturating_sub(self.start.elapsed())
    }

    /// The part of this call that downloads certificates: it changes nothing, whatever the call does.
    fn reading(&self, id: &'static str) -> Self {
        let control = self.control.clone();
        Self { id: Some(id), safety: Safety::READ, control, is_callers: false, ..*self }
    }

    fn note_attempt(&self) {
        if self.is_callers {
            self.control.note_attempt();
        }
    }

    /// How many requests went out for what the caller wants.
    fn attempts(&self) -> u32 {
        if self.is_callers { self.control.attempts() } else { 0 }
    }

    /// The same call with half of the time that is left.
    fn half(&self) -> Self {
        let time = self.start.elapsed() + self.left() / 2;
        Self { time, control: self.control.clone(), ..*self }
    }

    fn named(&self, error: Error) -> Error {
        match (self.id, error.operation()) {
            (Some(id), None) => error.with_operation(id),
            _ => error,
        }
    }

    fn limits(&self, time: Duration, max_body: u64) -> Limits {
        let attempt = Attempt::new(self.control.clone(), !self.safety.read_only);
        Limits { attempt, ..Limits::new(time, max_body) }
    }

    fn send(
        &self,
        transport: &dyn Transport,
        request: &HttpRequest,
        time: Duration,
        max_body: u64,
    ) -> Result<HttpResponse> {
        let limits = self.limits(time, max_body);
        if !transport.announces_sending() {
            limits.about_to_send()?;
        }
        transport.send(request, &limits)
    }
}

/// An answer about something else than was asked for is refused, signed or not: an order's state must never be taken for
/// another's. A member of the answer that is named like a parameter of the path must have its value.
fn check_resource(operation: Operation, asked: &Value, answer: &Answer) -> Result<()> {
    if !operation.method().only_reads() {
        return Ok(());
    }
    for parameter in operation.path_params() {
        let [asked, answered] =
            [asked, &answer.value].map(|value| value.get(parameter.name()).and_then(text_of_scalar));
        if let (Some(asked), Some(answered)) = (asked, answered)
            && asked != answered
        {
            return Err(Error::new(
                ErrorKind::Verification,
                codes::WRONG_RESOURCE,
                format!(
                    "the answer is signed by WeChat Pay and is about another resource: {} is {answered:?}, and {asked:?} was \
                     asked for. Something between you and WeChat Pay mixes up answers.",
                    parameter.name()
                ),
            )
            .with_operation(operation.id())
            .with_authenticated(true));
        }
    }
    Ok(())
}

fn text_of_scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The request, at another domain. The signature does not cover the host.
fn at(mut request: HttpRequest, base_url: &str, other: &str) -> HttpRequest {
    if let Some(path_and_query) = request.url.strip_prefix(base_url).filter(|_| base_url != other) {
        request.url = format!("{other}{path_and_query}");
    }
    request
}

/// The clock for time-outs is the machine's own: it must never jump.
struct World<'a> {
    kernel: &'a Kernel,
    call: &'a Call,
}

impl Environment for World<'_> {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn unix_time(&self) -> i64 {
        i64::try_from(self.kernel.now()).unwrap_or(i64::MAX)
    }

    fn pause(&self, pause: Duration) {
        self.call.control.pause(pause);
    }

    fn random(&self) -> u32 {
        getrandom::u32().unwrap_or_default()
    }

    fn given_up(&self) -> Result<()> {
        self.call.control.check()
    }

    fn note_effect(&self, possible: bool) {
        // A download of certificates in the middle of a call says nothing about what the call changes.
        if !self.call.safety.read_only {
            self.call.control.note_effect(possible);
        }
    }
}

/// Shows who and where, and no key.
impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("mchid", &self.kernel().mchid())
            .field("base_url", &self.kernel().base_url())
            .finish_non_exhaustive()
    }
}
