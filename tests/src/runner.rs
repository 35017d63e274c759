//! Carries out scenarios through the Rust client.

use std::io::Cursor;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use wechatpay_core::Error;
use wechatpay_core::host::{self, BillRows, RowsOf};
use wechatpay_core::http::{Headers, HttpRequest, HttpResponse};
use wechatpay_sandbox::{Options, Running, Sandbox};

use crate::client::default_options;
use crate::control::Control;
use crate::matching::mismatch;
use crate::scenario::{File, Scenario, Step};
use crate::secrets::{Printed, secrets};
use crate::subject::{Make, Subject};
use crate::variables::Variables;

/// What became of the scenarios of a file.
#[derive(Debug, Default)]
pub struct Report {
    /// How many scenarios ran.
    pub scenarios: usize,
    /// How many steps ran.
    pub steps: usize,
    /// How many texts that clients printed were searched for secrets.
    pub printed: usize,
    /// What went wrong.
    pub failures: Vec<String>,
}

/// Runs scenarios one after the other against a sandbox of its own.
pub struct Runner {
    sandbox: Running,
    control: Control,
    make: Make,
}

/// A scenario under way.
struct Play<'a> {
    control: &'a Control,
    credentials: Value,
    variables: Variables,
    make: Make,
    client: Box<dyn Subject>,
    /// Type of the notification that was handed over last.
    last_type: Option<String>,
    printed: Printed,
    secrets: Vec<String>,
}

/// What a step gives: a value, or the library's error. The runner's own troubles are texts.
type Given = Result<Result<Value, Error>, String>;

impl Runner {
    /// Starts a sandbox, for clients that are made like this.
    pub fn start(make: Make) -> Self {
        let sandbox = Sandbox::start(Options::default()).expect("the sandbox starts");
        let control = Control::new(sandbox.base_url());
        Self { sandbox, control, make }
    }

    /// Runs all scenarios of a file.
    pub fn run(&self, name: &str, file: &File) -> Report {
        let mut report = Report::default();
        for scenario in &file.scenarios {
            report.scenarios += 1;
            if let Err(failure) = self.play(file, scenario, &mut report) {
                report.failures.push(format!("{name}: {}: {failure}", scenario.name));
            }
        }
        report
    }

    fn play(&self, file: &File, scenario: &Scenario, report: &mut Report) -> Result<(), String> {
        self.control.ask("POST /sandbox/reset", None)?;
        let credentials = self.control.ask("GET /sandbox/credentials", None)?;
        let clock = self.control.ask("GET /sandbox/clock", None)?;
        let mut variables = Variables::default();
        for (name, value) in credentials.as_object().into_iter().flatten().chain(&file.constants) {
            variables.set(name, value.clone());
        }
        variables.set("today", json!(clock["time"].as_str().and_then(|time| time.get(..10))));
        // Nothing listens there: the sandbox keeps what it sent, and the runner takes it from there.
        variables.set("notify_url", json!("http://127.0.0.1:1/notify"));
        variables.set("dead_url", json!("http://127.0.0.1:1"));
        variables.set("second_base_url", json!(self.sandbox.base_url().replace("127.0.0.1", "localhost")));

        let options = merged(&credentials, &variables, &scenario.client)?;
        let first = (self.make)(&options).map_err(|error| format!("the client was not built: {error}"))?;
        let mut play = Play {
            control: &self.control,
            credentials,
            variables,
            make: self.make,
            client: first,
            last_type: None,
            printed: Printed::default(),
            secrets: scenario.secrets.clone(),
        };
        play.printed.text(play.client.shown());
        for (index, step) in scenario.steps.iter().enumerate() {
            report.steps += 1;
            play.step(step).map_err(|failure| format!("step {} ({}): {failure}", index + 1, step.verb))?;
        }
        play.search_for_secrets()?;
        report.printed += play.printed.count();
        Ok(())
    }
}

/// The default options with those of a scenario over them.
fn merged(
    credentials: &Value,
    variables: &Variables,
    changes: &Map<String, Value>,
) -> Result<Map<String, Value>, String> {
    let mut options = default_options(credentials);
    for (name, value) in changes {
        match variables.fill(value)? {
            Value::Null => drop(options.remove(name)),
            value => drop(options.insert(name.clone(), value)),
        }
    }
    Ok(options)
}

impl Play<'_> {
    fn step(&mut self, step: &Step) -> Result<(), String> {
        let given = self.carry_out(step)?;
        if let Err(error) = &given {
            self.printed.error(error);
        }
        let fill = |name: &str| step.option(name).map(|value| self.variables.fill(value)).transpose();
        let (expected, wrong) = (fill("expect")?, fill("error")?);
        let result = match (given, wrong) {
            (Ok(value), None) => {
                if let Some(difference) = expected.and_then(|expected| mismatch(&expected, Some(&value))) {
                    return Err(format!("{difference}\n  in {value}"));
                }
                value
            }
            (Err(error), Some(wrong)) => {
                let error = self.client.error(&error);
                if let Some(difference) = mismatch(&wrong, Some(&error)) {
                    return Err(format!("{difference}\n  in {error}"));
                }
                error
            }
            (Ok(value), Some(wrong)) => return Err(format!("succeeded with {value}, expected {wrong}")),
            (Err(error), None) => return Err(format!("{error}\n  ({error:?})")),
        };
        if let Some(name) = step.save() {
            self.variables.set(name, result);
        }
        Ok(())
    }

    /// Goes on with another client.
    fn replaced(&mut self, client: Result<Box<dyn Subject>, Error>) -> Result<Value, Error> {
        self.client = client?;
        self.printed.text(self.client.shown());
        Ok(Value::Null)
    }

    fn carry_out(&mut self, step: &Step) -> Given {
        let argument = self.variables.fill(&step.argument)?;
        let fill = |name: &str| step.option(name).map(|value| self.variables.fill(value)).transpose();
        let text = || argument.as_str().ok_or_else(|| format!("{} takes a text", step.verb));
        let field = |name: &str| {
            argument[name].as_str().ok_or_else(|| format!("{} takes an object with {name}", step.verb))
        };
        Ok(match step.verb.as_str() {
            "client" => {
                let changes = argument.as_object().ok_or("client takes options")?;
                let options = merged(&self.credentials, &self.variables, changes)?;
                self.replaced((self.make)(&options))
            }
            "with_options" => self.replaced(self.client.with_options(&argument)),
            "for_sub_merchant" => self.replaced(self.client.for_sub_merchant(text()?)),
            "call" => self.client.call(text()?, fill("params")?.unwrap_or_default()),
            "request" => {
                let (method, path) = text()?.split_once(' ').ok_or("request takes `METHOD /path`")?;
                self.client.request(method, path, fill("body")?)
            }
            "prepare" => {
                let params = fill("params")?.unwrap_or_default();
                self.client.prepare(text()?, params).map(|request| {
                    self.printed.text(format!("{request:?}"));
                    request_json(&request)
                })
            }
            "send" => Ok(self.control.send(&argument)?),
            "finish" => {
                let response = response(&fill("response")?.unwrap_or_default())?;
                self.printed.text(format!("{response:?}"));
                self.client.finish(text()?, response)
            }
            "upload" => {
                let file = fill("file")?.ok_or("upload takes a file")?;
                let (name, content) = file_of(&file)?;
                self.client.upload(text()?, fill("params")?.unwrap_or_default(), name, content)
            }
            "download" => match (argument.get("answer"), argument["operation"].as_str()) {
                (Some(answer), _) => fetch(&|path| self.client.download_announced(answer, path))?,
                (None, Some(operation)) => {
                    fetch(&|path| self.client.call_for_file(operation, argument["params"].clone(), path))?
                }
                (None, None) => {
                    let (url, sha1) = (field("url")?, argument["sha1"].as_str());
                    fetch(&|path| self.client.download(url, sha1, path))?
                }
            },
            "bill" => {
                let kind = fill("kind")?.unwrap_or_else(|| json!("any"));
                bill(text()?, kind.as_str().ok_or("kind is a text")?)
            }
            "fen" => host::fen(text()?, None).map(Value::from),
            "notification" => {
                let (headers, body) = self.received(text()?, step)?;
                let parsed = self.client.parse_notification(&headers, &body);
                self.handed_over(parsed)
            }
            "parse_notification" => {
                let body = bytes_of(&argument, "body")?;
                let parsed = self.client.parse_notification(&headers(&argument["headers"])?, &body);
                self.handed_over(parsed)
            }
            "answer_notification" => {
                let answered = self.client.answer_notification(self.last_type.as_deref(), &argument);
                self.shown(answered)
            }
            opens @ ("jsapi_payment" | "app_payment") => {
                let made = self.client.front_end(opens, &argument);
                self.shown(made)
            }
            "front_end" => {
                let made = self.client.front_end(text()?, &fill("params")?.unwrap_or_else(|| json!({})));
                self.shown(made)
            }
            "encrypt_field" => self
                .client
                .encrypt_field(text()?)
                .map(|(ciphertext, serial)| json!({ "ciphertext": ciphertext, "serial": serial })),
            "decrypt_field" => self.client.decrypt_field(text()?).map(Value::from),
            "sandbox" => Ok(self.control.ask(text()?, fill("body")?.as_ref())?),
            other => return Err(format!("the runner does not know {other:?}")),
        })
    }

    /// The newest notification of this event type, as the sandbox sent it.
    fn received(&self, event_type: &str, step: &Step) -> Result<(Headers, Vec<u8>), String> {
        let sent = self.control.ask("GET /sandbox/notifications?wait=true", None)?;
        let notification = sent["notifications"]
            .as_array()
            .into_iter()
            .flatten()
            .rfind(|notification| notification["event_type"] == event_type)
            .ok_or_else(|| format!("no notification {event_type} was sent: {sent}"))?;
        let attempts = notification["attempts"].as_array().filter(|attempts| !attempts.is_empty());
        let attempts = attempts.ok_or_else(|| format!("the notification was not sent: {notification}"))?;
        let index = match step.option("attempt") {
            Some(index) => {
                index.as_u64().and_then(|index| usize::try_from(index).ok()).ok_or("attempt is a number")?
            }
            None => attempts.len() - 1,
        };
        let attempt = attempts.get(index).ok_or("the notification was not sent that often")?;
        let headers = headers(&attempt["headers"])?;
        let headers = match step.option("header_case").and_then(Value::as_str) {
            None => headers,
            Some("lower") => headers.iter().map(|(name, value)| (name.to_lowercase(), value)).collect(),
            Some("upper") => headers.iter().map(|(name, value)| (name.to_uppercase(), value)).collect(),
            Some(other) => return Err(format!("header_case is lower or upper, not {other}")),
        };
        if step.option("header_lists").is_some_and(|lists| *lists != json!(true)) {
            return Err("header_lists is true or not there".to_owned());
        }
        let mut body = attempt["body"].as_str().ok_or("a notification has a body")?.to_owned();
        body.push_str(step.option("body_suffix").and_then(Value::as_str).unwrap_or_default());
        let body = match step.option("body_as").and_then(Value::as_str) {
            None => body.into_bytes(),
            Some("base64") => STANDARD.encode(body).into_bytes(),
            Some("bom") => ["\u{feff}", &body].concat().into_bytes(),
            Some(other) => return Err(format!("body_as is base64 or bom, not {other}")),
        };
        Ok((headers, body))
    }

    /// Keeps what the value looks like when it is printed.
    /// A notification, whose type the next answer is for.
    fn handed_over(&mut self, given: Result<(Value, String), Error>) -> Result<Value, Error> {
        let notification = self.shown(given)?;
        self.last_type = notification["type"].as_str().map(str::to_owned);
        Ok(notification)
    }

    fn shown(&mut self, given: Result<(Value, String), Error>) -> Result<Value, Error> {
        given.map(|(value, shown)| {
            self.printed.text(shown);
            value
        })
    }

    fn search_for_secrets(&mut self) -> Result<(), String> {
        let requests = self.control.ask("GET /sandbox/requests", None)?;
        self.secrets.extend(secrets(&self.credentials, &requests));
        self.printed.leak(&self.secrets).map_or(Ok(()), Err)
    }
}

/// Headers; of one whose value is a list, each element is a header of that name.
fn headers(headers: &Value) -> Result<Headers, String> {
    let mut all = Headers::new();
    for (name, value) in headers.as_object().ok_or("headers are an object")? {
        let values = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        for value in values {
            all.push(name, value.as_str().ok_or("a header is a text or a list of texts")?);
        }
    }
    Ok(all)
}

fn response(response: &Value) -> Result<HttpResponse, String> {
    let status = response["status"].as_u64().and_then(|status| u16::try_from(status).ok());
    let body = response["body"].as_str().ok_or("a response has a body")?;
    Ok(HttpResponse::new(
        status.ok_or("a response has a status")?,
        headers(&response["headers"])?,
        body.as_bytes().to_vec(),
    ))
}

fn request_json(request: &HttpRequest) -> Value {
    let headers: Map<String, Value> =
        request.headers.iter().map(|(name, value)| (name.to_owned(), json!(value))).collect();
    json!({
        "method": request.method.as_str(),
        "url": request.url,
        "headers": headers,
        "body": String::from_utf8_lossy(&request.body),
    })
}

/// `{name, text}`, `{name, base64}` or `{name, zeros}`.
fn file_of(file: &Value) -> Result<(&str, Vec<u8>), String> {
    let name = file["name"].as_str().ok_or("a file has a name")?;
    Ok((name, bytes_of(file, "text")?))
}

/// Bytes given as text (under this name), as `base64`, or as a number of `zeros`.
fn bytes_of(given: &Value, text: &str) -> Result<Vec<u8>, String> {
    match (&given[text], &given["base64"], &given["zeros"]) {
        (Value::String(text), Value::Null, Value::Null) => Ok(text.clone().into_bytes()),
        (Value::Null, Value::String(text), Value::Null) => {
            STANDARD.decode(text).map_err(|error| error.to_string())
        }
        (Value::Null, Value::Null, Value::Number(bytes)) => {
            let bytes = bytes.as_u64().and_then(|bytes| usize::try_from(bytes).ok());
            Ok(vec![0; bytes.ok_or("zeros is a size")?])
        }
        _ => Err(format!("one of {text}, base64 and zeros is needed")),
    }
}

/// Downloads into a folder of its own. A failed download must leave it empty.
fn fetch(download: &dyn Fn(&Path) -> Result<Value, Error>) -> Given {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let path = folder.path().join("file");
    let downloaded = download(&path);
    let left: Vec<_> =
        std::fs::read_dir(folder.path()).map_err(|error| error.to_string())?.filter_map(Result::ok).collect();
    match downloaded {
        Ok(mut downloaded) => {
            downloaded["text"] = json!(read_text(&path)?);
            Ok(Ok(downloaded))
        }
        Err(error) if left.is_empty() => Ok(Err(error)),
        Err(error) => Err(format!("the failed download left {left:?} behind ({error})")),
    }
}

fn read_text(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn bill(text: &str, kind: &str) -> Result<Value, Error> {
    let mut bill = BillRows::new(Cursor::new(text), RowsOf::named(kind)?)?;
    let mut rows = Vec::new();
    while let Some(row) = bill.next_object()? {
        rows.push(Value::Object(row));
    }
    Ok(json!({ "rows": rows, "summary": bill.summary_object() }))
}
