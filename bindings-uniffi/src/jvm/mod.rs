//! The JVM's way in: a few C functions, one array of bytes in and one block of memory out.
//!
//! uniffi's Kotlin goes through JNA structures, each with native memory and a cleaner of its own: five of them or more for a
//! call, which cost several times what a notification costs in here (docs/adr/0013), and a sixth of all classes (docs/adr/0028).

mod bills;
mod frame;
mod signer;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, LazyLock};

use wechatpay_core::host::{self, HostClient, NOTIFICATION_MAX_BYTES, ProgressFn, error_json, panic_error};
use wechatpay_core::http::Headers;
use wechatpay_core::{Error, NotificationReply};
use zeroize::Zeroizing;

use self::bills::Bill;
use self::frame::{Input, Output, bug};
use self::signer::{Ask, Signer};
use crate::calls;
use crate::numbered::Numbered;

/// What the JVM holds by number.
#[derive(Clone)]
enum Thing {
    Client(HostClient),
    Bill(Bill),
}

static THINGS: LazyLock<Numbered<Thing>> = LazyLock::new(Numbered::default);

/// Is told how many bytes of a download have come, and how many there will be, or -1.
type Progress = extern "C" fn(received: i64, total: i64);

/// Carries out a call: the name of a function, and its arguments, as [`Input`] reads them. The block that comes back starts with its
/// length; [`wechatpay_jvm_free`] takes it back.
///
/// # Safety
/// `input` points to `length` bytes, which nobody changes during the call.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn wechatpay_jvm_call(thing: u64, input: *const u8, length: u32) -> u64 {
    // SAFETY: the caller promises it; JNA keeps the array in place until the call returns.
    answer(thing, unsafe { std::slice::from_raw_parts(input, length as usize) }, None)
}

/// The same for a function that tells how far it has come.
///
/// # Safety
/// As for [`wechatpay_jvm_call`]; `progress` can be called until this returns.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn wechatpay_jvm_call_with_progress(
    thing: u64,
    input: *const u8,
    length: u32,
    progress: Option<Progress>,
) -> u64 {
    // SAFETY: the caller promises it; JNA keeps the array in place until the call returns.
    answer(thing, unsafe { std::slice::from_raw_parts(input, length as usize) }, progress)
}

/// Lets go of the client or bill of this number.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn wechatpay_jvm_forget(thing: u64) {
    // A panic while it is closed is nobody's to hear: the JVM has let go of it.
    let _ = catch_unwind(|| THINGS.forget(thing));
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

/// Whom clients with a signer of the JVM's ask.
///
/// # Safety
/// `ask` can be called as long as the process lives, reads its array only until it returns, and does not unwind.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn wechatpay_jvm_ask_signers_by(ask: Option<Ask>) {
    if let Some(ask) = ask {
        signer::ask_by(ask);
    }
}

fn answer(thing: u64, input: &[u8], progress: Option<Progress>) -> u64 {
    let outcome = catch_unwind(AssertUnwindSafe(|| carry_out(thing, Input(input), progress)));
    let output = match outcome {
        Ok(Ok(output)) => output,
        Ok(Err(error)) => Output::failed(&error),
        Err(panic) => Output::failed(&panic_error(&*panic)),
    };
    output.into_block()
}

fn carry_out(thing: u64, mut input: Input<'_>, progress: Option<Progress>) -> Result<Output, Error> {
    let mut output = Output::done();
    let function = input.text()?;
    if thing == 0 {
        return alone(function, &mut input, &mut output).map(|()| output);
    }
    match THINGS.get(thing) {
        Some(Thing::Client(client)) => {
            // 0 for a call that nobody will give up.
            let client = calls::held(&client, input.long()?);
            of_client(&client, function, &mut input, &mut output, progress)?;
        }
        Some(Thing::Bill(bill)) => bill.carry_out(function, &mut output)?,
        None => return Err(bug("there is nothing of this number")),
    }
    Ok(output)
}

/// Functions that need neither client nor bill.
fn alone(function: &str, input: &mut Input<'_>, output: &mut Output) -> Result<(), Error> {
    match function {
        "version" => output.text(host::VERSION),
        "options_from_env" => {
            let (variables, given) = (input.pairs()?, input.texts()?);
            let variables: Vec<(String, String)> =
                variables.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            output.text(&host::options_from_env(&variables, &given)?);
        }
        "new_client" => {
            let options = input.text()?.to_owned();
            let client = match input.long()? {
                0 => HostClient::from_text(options)?,
                number => HostClient::from_text_with_signer(options, Arc::new(Signer(number)))?,
            };
            let mchid = client.mchid().to_owned();
            output.long(THINGS.keep(Thing::Client(client)));
            output.text(&mchid);
        }
        "new_bill" => {
            let bill = Bill::open(Path::new(input.text()?), input.text()?)?;
            let columns = bill.columns();
            output.long(THINGS.keep(Thing::Bill(bill)));
            output.count(columns.len());
            columns.iter().for_each(|column| output.text(column));
        }
        "signer_answers" => signer::answer(match input.number()? {
            0 => Err(input.text()?.to_owned()),
            _ => Ok(Zeroizing::new(input.bytes()?.to_vec())),
        }),
        "fen" => output.long(host::fen(input.text()?, input.option()?)?.cast_unsigned()),
        "give_up_call" => {
            let number = input.long()?;
            output.option(calls::give_up_call(number, false).as_deref());
        }
        "notification_rules" => {
            output.count(NOTIFICATION_MAX_BYTES);
            output.reply(&NotificationReply::accepted());
            output.reply(&NotificationReply::handler_failed());
        }
        "notification_too_large" => output.text(&error_json(&host::notification_too_large())),
        _ => return Err(bug("there is no such function")),
    }
    Ok(())
}

fn of_client(
    client: &HostClient,
    function: &str,
    input: &mut Input<'_>,
    output: &mut Output,
    progress: Option<Progress>,
) -> Result<(), Error> {
    match function {
        "call" => {
            let (operation, params) = (input.text()?, input.text()?);
            #[cfg(feature = "provoke-panic")]
            crate::panics::provoke(operation);
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
            let (headers, body) = (Headers::from_iter(input.pairs()?), input.bytes()?);
            output.answer(&client.finish(operation, status, headers, body.to_vec())?);
        }
        "parse_notification" => {
            let (headers, body) = (Headers::from_iter(input.pairs()?), input.bytes()?);
            output.notification(&client.client()?.parse_notification(&headers, body)?);
        }
        "upload" => {
            let (operation, params) = (input.text()?, input.text()?);
            let (file_name, content) = (input.text()?, input.bytes()?);
            output.answer(&client.upload(operation, params, file_name, content.to_vec())?);
        }
        "call_for_file" => {
            let (operation, params, path) = (input.text()?, input.text()?, Path::new(input.text()?));
            output.text(&client.call_for_file_to_path(operation, params, path, progress.map(told))?);
        }
        "download" => {
            let (url, sha1, path) = (input.text()?, input.option()?, Path::new(input.text()?));
            output.text(&client.download_to_path(url, sha1, path, progress.map(told))?);
        }
        "download_announced" => {
            let (announced, path) = (input.text()?, Path::new(input.text()?));
            output.text(&client.download_announced_to_path(announced, path, progress.map(told))?);
        }
        "answer_notification" => output.reply(&client.answer_notification(input.option()?, input.text()?)?),
        "front_end" => output.text(&client.front_end(input.text()?, input.text()?)?),
        "encrypt_field" => {
            let (ciphertext, serial) = client.encrypt_field(input.text()?)?;
            output.text(&ciphertext);
            output.text(&serial);
        }
        "with_options" => output.long(THINGS.keep(Thing::Client(client.with_options(input.text()?)?))),
        "decrypt_field" => output.text(&client.decrypt_field(input.text()?)?),
        "shut_down" => client.close(),
        _ => return Err(bug("a client has no such function")),
    }
    Ok(())
}

fn told(progress: Progress) -> ProgressFn {
    let whole = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
    Box::new(move |received, total| progress(whole(received), total.map_or(-1, whole)))
}
