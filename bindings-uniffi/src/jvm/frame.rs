//! What crosses between the JVM and here: numbers with four or eight bytes, the highest first; texts and bytes after their length.
//! `Frame.kt` is the other side.

use std::any::Any;

use serde_json::{Map, Value};
use wechatpay_core::host::{HostAnswer, error_json, panic_error};
use wechatpay_core::http::HttpRequest;
use wechatpay_core::{Error, Notification, NotificationReply};

/// The two sides of this border are made together: what does not fit is a bug.
pub(super) fn bug(what: &'static str) -> Error {
    let what: &(dyn Any + Send) = &what;
    panic_error(what)
}

/// Reads arguments.
pub(super) struct Input<'a>(pub(super) &'a [u8]);

impl<'a> Input<'a> {
    fn chunk<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let (chunk, rest) = self.0.split_first_chunk().ok_or_else(|| bug("the input is cut short"))?;
        self.0 = rest;
        Ok(*chunk)
    }

    pub(super) fn number(&mut self) -> Result<u32, Error> {
        self.chunk().map(u32::from_be_bytes)
    }

    pub(super) fn long(&mut self) -> Result<u64, Error> {
        self.chunk().map(u64::from_be_bytes)
    }

    pub(super) fn bytes(&mut self) -> Result<&'a [u8], Error> {
        let length = self.number()? as usize;
        let (bytes, rest) = self.0.split_at_checked(length).ok_or_else(|| bug("the input is cut short"))?;
        self.0 = rest;
        Ok(bytes)
    }

    pub(super) fn text(&mut self) -> Result<&'a str, Error> {
        std::str::from_utf8(self.bytes()?).map_err(|_| bug("a text is not UTF-8"))
    }

    /// A text after 1, or nothing after 0.
    pub(super) fn option(&mut self) -> Result<Option<&'a str>, Error> {
        match self.number()? {
            0 => Ok(None),
            _ => self.text().map(Some),
        }
    }

    /// Texts after their count.
    pub(super) fn texts(&mut self) -> Result<Vec<String>, Error> {
        (0..self.number()?).map(|_| self.text().map(str::to_owned)).collect()
    }

    /// Names and values after their count.
    pub(super) fn pairs(&mut self) -> Result<Vec<(&'a str, &'a str)>, Error> {
        (0..self.number()?).map(|_| Ok((self.text()?, self.text()?))).collect()
    }
}

/// Writes results; before them 0, or 1 and an error as JSON.
pub(super) struct Output(Vec<u8>);

impl Output {
    pub(super) fn done() -> Self {
        let mut output = Self(Vec::with_capacity(2048));
        // Place for the length of the block.
        output.number(0);
        output.number(0);
        output
    }

    pub(super) fn failed(error: &Error) -> Self {
        let mut output = Self(Vec::new());
        output.number(0);
        output.number(1);
        output.text(&error_json(error));
        output
    }

    pub(super) fn number(&mut self, number: u32) {
        self.0.extend(number.to_be_bytes());
    }

    /// A count of what is in memory: there are never four thousand million of anything.
    pub(super) fn count(&mut self, count: usize) {
        self.number(u32::try_from(count).unwrap_or_default());
    }

    pub(super) fn long(&mut self, number: u64) {
        self.0.extend(number.to_be_bytes());
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        // No answer has four gigabytes: the client refuses to read as much.
        self.count(bytes.len());
        self.0.extend(bytes);
    }

    pub(super) fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    pub(super) fn option(&mut self, text: Option<&str>) {
        self.number(u32::from(text.is_some()));
        if let Some(text) = text {
            self.text(text);
        }
    }

    pub(super) fn answer(&mut self, answer: &HostAnswer) {
        self.text(&answer.json);
        self.option(answer.request_id.as_deref());
        self.number(u32::from(answer.status));
        self.text(&answer.serial);
        self.number(answer.attempts);
    }

    pub(super) fn request(&mut self, request: &HttpRequest) {
        self.text(request.method.as_str());
        self.text(&request.url);
        self.count(request.headers.iter().count());
        for (name, value) in request.headers.iter() {
            self.text(name);
            self.text(value);
        }
        self.bytes(&request.body);
    }

    pub(super) fn notification(&mut self, notification: &Notification) {
        self.text(&notification.id);
        self.text(&notification.create_time);
        self.text(&notification.event_type);
        self.text(&notification.resource_type);
        self.text(&notification.summary);
        self.text(&notification.original_type);
        self.text(&notification.associated_data);
        self.text(&notification.serial);
        self.option(notification.kind.map(|kind| kind.id()));
        self.text(&notification.resource.to_string());
    }

    pub(super) fn reply(&mut self, reply: &NotificationReply) {
        self.number(u32::from(reply.status));
        self.text(&reply.body);
        self.text(&reply.authorization);
    }

    /// Members of a flat object: their count, then each one's name, 0 for nothing, 1 for a text or 2 for a whole number, and the value.
    pub(super) fn members(&mut self, object: &Map<String, Value>) -> Result<(), Error> {
        self.count(object.len());
        for (name, value) in object {
            self.text(name);
            match value {
                Value::Null => self.number(0),
                Value::String(text) => {
                    self.number(1);
                    self.text(text);
                }
                Value::Number(number) => {
                    let number = number.as_i64().ok_or_else(|| bug("a number in a bill is not whole"))?;
                    self.number(2);
                    self.long(number.cast_unsigned());
                }
                _ => return Err(bug("a row of a bill is not flat")),
            }
        }
        Ok(())
    }

    /// Leaves the bytes to the caller, after their length in the machine's own order.
    pub(super) fn into_block(mut self) -> u64 {
        // A wrong length would have the wrong amount of memory freed.
        let Ok(length) = u32::try_from(self.0.len() - 4) else {
            return Self::failed(&bug("an answer does not fit four gigabytes")).into_block();
        };
        self.0[..4].copy_from_slice(&length.to_ne_bytes());
        Box::into_raw(self.0.into_boxed_slice()).cast::<u8>() as usize as u64
    }
}
