//! The blocking client: the kernel, a transport, and the rules for sending again.

mod builder;
mod certificates;
mod files;
mod typed;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;

pub use self::builder::ClientBuilder;
use self::certificates::Refresh;
use crate::bridge::{AppPayment, JsapiPayment};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::finish::Answer;
use crate::http::{Headers, HttpRequest, HttpResponse, Method};
use crate::kernel::{Kernel, only_reads};
use crate::notification::Notification;
use crate::operation::{self, Operation, Reply};
use crate::retry::{self, Domains, Environment, Failure, RetryOptions, Safety};
use crate::transport::{Limits, Transport};
use crate::validate::nearest;

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
pub struct Client(Arc<Inner>);

struct Inner {
    kernel: Kernel,
    transport: Box<dyn Transport>,
    retry: RetryOptions,
    domains: Domains,
    /// For downloads.
    no_domains: Domains,
    max_body: u64,
    refresh: Refresh,
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

    /// Carries out an operation by its name: `payments.jsapi.prepay`. `params` is one object with all fields of path,
    /// query and body. Returns the verified answer, `null` when there is none to return.
    ///
    /// # Errors
    /// Every kind; see [`ErrorKind`](crate::ErrorKind). Look at [`Error::outcome_unknown`] before doing anything else.
    pub fn call(&self, operation: &str, params: Value) -> Result<Value> {
        self.execute(find(operation)?, params).map(|answer| answer.value)
    }

    /// Carries out an operation of the table. As [`call`](Self::call), with the request id and the serial of the
    /// answer.
    ///
    /// # Errors
    /// As for [`call`](Self::call).
    pub fn execute(&self, operation: &'static Operation, params: Value) -> Result<Answer> {
        if let Reply::File = operation.reply {
            let error =
                Error::invalid_request("WRONG_TYPE", "this operation answers with a file: use download.");
            return Err(error.with_operation(operation.id));
        }
        if operation.id != crate::certificates::OPERATION {
            self.ensure_certificates()?;
        }
        // The last attempt could take the parameters; they are small beside a signature.
        self.exchange(
            Some(operation.id),
            Safety::of(operation),
            &|| self.kernel().prepare(operation, params.clone()),
            &|response| self.finish_refreshing(&|| self.kernel().finish(operation, response)),
        )
    }

    /// Calls an endpoint that is not typed here. The path carries its query and is percent-encoded already; the body
    /// is sent as it is, without members that are `null`. Nothing is checked, encrypted or decrypted. Requests other
    /// than GET are sent again only when they cannot have arrived or WeChat Pay asks for it.
    ///
    /// # Errors
    /// As for [`call`](Self::call).
    pub fn request(&self, method: Method, path_and_query: &str, body: Option<Value>) -> Result<Answer> {
        self.ensure_certificates()?;
        let reads = only_reads(method);
        let safety = Safety { read_only: reads, idempotent: reads, confirm: None };
        self.exchange(
            None,
            safety,
            &|| self.kernel().prepare_request(method, path_and_query, body.clone()),
            &|response| self.finish_refreshing(&|| self.kernel().finish_request(method, response)),
        )
    }

    /// Verifies and decrypts a notification: the headers and the raw bytes of the body, exactly as they came. Downloads
    /// platform certificates when the notification is signed with one that is not known yet.
    ///
    /// # Errors
    /// [`ErrorKind::Verification`](crate::ErrorKind::Verification) and
    /// [`ErrorKind::Decryption`](crate::ErrorKind::Decryption): answer with 401 and do nothing else.
    pub fn parse_notification(&self, headers: &Headers, body: &[u8]) -> Result<Notification> {
        self.finish_refreshing(&|| self.kernel().parse_notification(headers, body))
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

    /// The kernel inside: to prepare requests and finish answers for an HTTP client of your own.
    pub fn kernel(&self) -> &Kernel {
        &self.0.kernel
    }

    /// Signs, sends and finishes, until it succeeds or must not be tried again.
    fn exchange<T>(
        &self,
        id: Option<&'static str>,
        safety: Safety,
        prepare: &dyn Fn() -> Result<HttpRequest>,
        finish: &dyn Fn(&HttpResponse) -> Result<T>,
    ) -> Result<T> {
        let name = |error: Error| match (id, error.operation()) {
            (Some(id), None) => error.with_operation(id),
            _ => error,
        };
        let inner = &*self.0;
        retry::run(&inner.retry, &inner.domains, safety, &World(&inner.kernel), |base, left| {
            let request = at(prepare().map_err(name)?, inner.kernel.base_url(), base);
            let limits = Limits::new(left, inner.max_body);
            let response = inner.transport.send(&request, &limits).map_err(name)?;
            finish(&response)
                .map_err(|error| Failure { error: request.explain(error), headers: Some(response.headers) })
        })
    }
}

impl Safety {
    fn of(operation: &Operation) -> Self {
        let read_only = only_reads(operation.method);
        Self { read_only, idempotent: operation.idempotent || read_only, confirm: operation.confirm }
    }
}

/// The operation of this name.
pub(crate) fn find(id: &str) -> Result<&'static Operation> {
    operation::find(id).ok_or_else(|| {
        let near = nearest(id, operation::all().map(|operation| operation.id));
        let hint = match near {
            Some(near) => format!("Did you mean {near:?}?"),
            None => "An endpoint that is not typed here can be called with `request`.".to_owned(),
        };
        Error::invalid_request("UNKNOWN_OPERATION", format!("there is no operation {id:?}. {hint}"))
    })
}

/// The request, at another domain. The signature does not cover the host.
fn at(mut request: HttpRequest, base_url: &str, other: &str) -> HttpRequest {
    if let Some(path_and_query) = request.url.strip_prefix(base_url).filter(|_| base_url != other) {
        request.url = format!("{other}{path_and_query}");
    }
    request
}

/// The clock for time-outs is the machine's own: it must never jump.
struct World<'a>(&'a Kernel);

impl Environment for World<'_> {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn unix_time(&self) -> i64 {
        i64::try_from(self.0.now()).unwrap_or(i64::MAX)
    }

    fn sleep(&self, pause: Duration) {
        std::thread::sleep(pause);
    }

    fn random(&self) -> u32 {
        getrandom::u32().unwrap_or_default()
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
