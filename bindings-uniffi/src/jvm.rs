//! The JVM's short way in, for the calls that a busy service makes all day.
//!
//! uniffi's Kotlin goes through JNA structures, each with native memory and a cleaner of its own: five of them or more for a
//! call, which cost several times what a notification costs in here (docs/adr/0013). So these calls are one array of bytes in
//! and one block of memory out. Everything else, and Swift, goes through uniffi.

use std::any::Any;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{LazyLock, PoisonError, RwLock};

use wechatpay_core::host::{HostAnswer, HostClient, error_json, panic_error};
use wechatpay_core::http::{Headers, HttpRequest};
use wechatpay_core::{Error, Notification};

use crate::calls;

/// Clients by number, so that no pointer to one is ever handed out.
static CLIENTS: LazyLock<RwLock<HashMap<u64, HostClient>>> = LazyLock::new(RwLock::default);
static NUMBERS: AtomicU64 = AtomicU64::new(1);

/// Makes a client known here, under a number of its own.
pub(crate) fn register(client: &HostClient) -> u64 {
    let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
    CLIENTS.write().unwrap_or_else(PoisonError::into_inner).insert(number, client.clone());
    number
}

/// Forgets a client.
pub(crate) fn forget(number: u64) {
    CLIENTS.write().unwrap_or_else(PoisonError::into_inner).remove(&number);
}

/// Carries out a call: the name of a function, the number of the call (0: nobody will give it up), and its arguments, as [`Input`] reads them. The block
/// that comes back starts with its length; [`wechatpay_jvm_free`] takes it back.
///
/// # Safety
/// `input` points to `length` bytes, which nobody changes during the call.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn wechatpay_jvm_call(client: u64, input: *const u8, length: u32) -> u64 {
    // SAFETY: the caller promises it; JNA keeps the array in place until the call returns.
    let input = unsafe { std::slice::from_raw_parts(input, length as usize) };
    let outcome = catch_unwind(AssertUnwindSafe(|| carry_out(client, Input(input))));
    let output = match outcome {
        Ok(Ok(output)) => output,
        Ok(Err(error)) => Output::failed(&error),
        Err(panic) => Output::failed(&panic_error(&*panic)),
    };
    output.into_block()
}

/// See [`calls::open_call`].
#[unsafe(no_mangle)]
pub(crate) extern "C" fn wechatpay_jvm_open_call() -> u64 {
    catch_unwind(calls::open_call).unwrap_or_default()
}

/// See [`calls::close_call`].
#[unsafe(no_mangle)]
pub(crate) extern "C" fn wechatpay_jvm_close_call(number: u64) {
    let _ = catch_unwind(|| calls::close_call(number));
}

/// Frees what [`wechatpay_jvm_call`] gave.
///
/// # Safety
/// `block` came from there, and is freed once.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn wechatpay_jvm_free(block: u64) {
    let start = block as usize as *mut u8;
    // SAFETY: a block starts with the length of what follows (see `into_block`), and was a boxed slice.
    unsafe {
        let length = u32::from_ne_bytes(*start.cast::<[u8; 4]>()) as usize;
        drop(Box::from_raw(std::ptr::slice_from_raw_parts_mut(start, 4 + length)));
    }
}

fn carry_out(client: u64, mut input: Input<'_>) -> Result<Output, Error> {
    let clients = CLIENTS.read().unwrap_or_else(PoisonError::into_inner);
    let client = clients.get(&client).cloned().ok_or_else(|| bug("there is no client of this number"))?;
    // Calls take long; nobody waits for them to make or close another client.
    drop(clients);
    let mut output = Output::done();
    let function = input.text()?;
    let client = calls::held(&client, input.long()?);
    match function {
        "call" => {
            let (operation, params) = (input.text()?, input.text()?);
            #[cfg(feature = "provoke-panic")]
            crate::client::provoke_panic(operation);
            output.answer(&client.call(operation, params)?);
        }
        "request" => {
            let (method, path, body) = (input.text()?, input.text()?, input.option()?);
            output.answer(&client.request(method, path, body)?);
        }
        "prepare" => {
            let (operation, params) = (input.text()?, input.text()?);
            output.request(&client.prepare(operation, params)?);
        }
        "finish" => {
            let operation = input.text()?;
            let status = u16::try_from(input.number()?).map_err(|_| bug("a status has 16 bits"))?;
            let (headers, body) = (input.headers()?, input.bytes()?);
            output.answer(&client.finish(operation, status, headers, body.to_vec())?);
        }
        "parse_notification" => {
            let (headers, body) = (input.headers()?, input.bytes()?);
            output.notification(&client.client()?.parse_notification(&headers, body)?);
        }
        _ => return Err(bug("there is no such function")),
    }
    Ok(output)
}

/// The two sides of this border are made together: what does not fit is a bug.
fn bug(what: &'static str) -> Error {
    let what: &(dyn Any + Send) = &what;
    panic_error(what)
}

/// Reads arguments: numbers have four bytes, the highest first; texts and bytes come after their length.
struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn number(&mut self) -> Result<u32, Error> {
        let (number, rest) = self.0.split_first_chunk().ok_or_else(|| bug("the input is cut short"))?;
        self.0 = rest;
        Ok(u32::from_be_bytes(*number))
    }

    fn long(&mut self) -> Result<u64, Error> {
        let (number, rest) = self.0.split_first_chunk().ok_or_else(|| bug("the input is cut short"))?;
        self.0 = rest;
        Ok(u64::from_be_bytes(*number))
    }

    fn bytes(&mut self) -> Result<&'a [u8], Error> {
        let length = self.number()? as usize;
        let (bytes, rest) = self.0.split_at_checked(length).ok_or_else(|| bug("the input is cut short"))?;
        self.0 = rest;
        Ok(bytes)
    }

    fn text(&mut self) -> Result<&'a str, Error> {
        std::str::from_utf8(self.bytes()?).map_err(|_| bug("a text is not UTF-8"))
    }

    /// A text after 1, or nothing after 0.
    fn option(&mut self) -> Result<Option<&'a str>, Error> {
        match self.number()? {
            0 => Ok(None),
            _ => self.text().map(Some),
        }
    }

    fn headers(&mut self) -> Result<Headers, Error> {
        let count = self.number()?;
        let mut headers = Headers::default();
        for _ in 0..count {
            let (name, value) = (self.text()?, self.text()?);
            headers.push(name, value);
        }
        Ok(headers)
    }
}

/// Writes results, as [`Input`] reads arguments; before them 0, or 1 and an error as JSON.
struct Output(Vec<u8>);

impl Output {
    fn done() -> Self {
        let mut output = Self(Vec::with_capacity(2048));
        // Place for the length of the block.
        output.number(0);
        output.number(0);
        output
    }

    fn failed(error: &Error) -> Self {
        let mut output = Self(Vec::new());
        output.number(0);
        output.number(1);
        output.text(&error_json(error));
        output
    }

    fn number(&mut self, number: u32) {
        self.0.extend(number.to_be_bytes());
    }

    fn bytes(&mut self, bytes: &[u8]) {
        // No answer has four gigabytes: the client refuses to read as much.
        self.number(u32::try_from(bytes.len()).unwrap_or_default());
        self.0.extend(bytes);
    }

    fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    fn option(&mut self, text: Option<&str>) {
        self.number(u32::from(text.is_some()));
        if let Some(text) = text {
            self.text(text);
        }
    }

    fn answer(&mut self, answer: &HostAnswer) {
        self.text(&answer.json);
        self.option(answer.request_id.as_deref());
    }

    fn request(&mut self, request: &HttpRequest) {
        self.text(request.method.as_str());
        self.text(&request.url);
        self.number(u32::try_from(request.headers.iter().count()).unwrap_or_default());
        for (name, value) in request.headers.iter() {
            self.text(name);
            self.text(value);
        }
        self.bytes(&request.body);
    }

    fn notification(&mut self, notification: &Notification) {
        self.text(&notification.id);
        self.text(&notification.create_time);
        self.text(&notification.event_type);
        self.text(&notification.resource_type);
        self.text(&notification.summary);
        self.text(&notification.original_type);
        self.text(&notification.associated_data);
        self.text(&notification.serial);
        self.option(notification.kind.map(|kind| kind.id));
        self.text(&notification.resource.to_string());
    }

    /// Leaves the bytes to the caller, after their length in the machine's own order.
    fn into_block(mut self) -> u64 {
        // A wrong length would have the wrong amount of memory freed.
        let Ok(length) = u32::try_from(self.0.len() - 4) else {
            return Self::failed(&bug("an answer does not fit four gigabytes")).into_block();
        };
        self.0[..4].copy_from_slice(&length.to_ne_bytes());
        Box::into_raw(self.0.into_boxed_slice()).cast::<u8>() as usize as u64
    }
}
