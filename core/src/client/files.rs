//! Uploads and downloads.

use std::io::{Read, Write};
use std::path::Path;

use serde_json::Value;

use super::{Call, Client, World};
use crate::answer::Answer;
use crate::crypto::GcmOpener;
use crate::download::{self, Download, Downloaded, Source};
use crate::error::Result;
use crate::http::HttpResponse;
use crate::media::File;
use crate::operation::{Operation, named};
use crate::outcome::Safety;
use crate::retry::{self, Failure};
use crate::transport::StreamingResponse;

/// Error answers are small; more than this of one is not read.
const MAX_ERROR_BODY: u64 = 64 * 1024;

impl Client {
    /// Uploads a file by the name of the operation: `media.upload_image`. Returns the verified answer.
    ///
    /// # Errors
    /// `invalid_request` when the file's name, kind or size is not what the operation accepts; otherwise as for
    /// [`call`](Self::call).
    pub fn upload(&self, operation: &str, file: &File) -> Result<Value> {
        self.execute_upload(named(operation)?, file).map(|answer| answer.value)
    }

    /// Uploads a file to an operation of the table.
    ///
    /// # Errors
    /// As for [`upload`](Self::upload).
    pub fn execute_upload(&self, operation: Operation, file: &File) -> Result<Answer> {
        let call = self.begin(Some(operation.id()), Safety::of(operation)).at(operation.host());
        self.ensure_certificates(&call)?;
        let file = &file.filled(|params| self.options.fill(operation, params));
        self.exchange(&call, &|| self.kernel().prepare_upload(operation, file), &|response| {
            self.finish_refreshing(&call, &|| self.kernel().open_answer(operation, response))
        })
    }

    /// Fetches a file into a writer, decompressed, with flat memory; also one that an operation answers with
    /// ([`Download::answered`]).
    ///
    /// The writer has got bytes before they could be checked: they are the file only when this returns without an
    /// error. [`download_to_path`](Self::download_to_path) takes care of that.
    ///
    /// # Errors
    /// `integrity` when the hash differs or the file was cut, `api` when WeChat Pay answers with an error (the URL is
    /// good for minutes only), `io` when the writer fails, and the kinds of a connection.
    pub fn download<W: Write + ?Sized>(&self, download: &Download, mut out: &mut W) -> Result<Downloaded> {
        let call = self.begin_download_of(download);
        let opener = self.opener(download)?;
        let (response, download) = self.open(&call, download)?;
        self.copy(&call, &download, opener, response, &mut out)
    }

    /// Fetches a file to this path, which appears only when the file is whole, checked and on the disk. On any error
    /// nothing is left behind, and a file that was there before stays.
    ///
    /// # Errors
    /// As for [`download`](Self::download).
    pub fn download_to_path(&self, download: &Download, path: impl AsRef<Path>) -> Result<Downloaded> {
        let call = self.begin_download_of(download);
        let opener = self.opener(download)?;
        let (response, download) = self.open(&call, download)?;
        download::to_path(path.as_ref(), self.kernel().nonces(), |out| {
            self.copy(&call, &download, opener, response, out)
        })
    }

    /// Opens the key of an encrypted file, before anything is asked for.
    fn opener(&self, download: &Download) -> Result<Option<GcmOpener>> {
        let key = &*self.kernel().config().key;
        download.seal.as_ref().map(|seal| seal.opener(key)).transpose()
    }

    fn begin_download_of(&self, download: &Download) -> Call {
        match &download.source {
            Source::Url(_) => self.begin(None, Safety::READ),
            Source::Operation(operation, _) => {
                self.begin(Some(operation.id()), Safety::of(*operation)).at(operation.host())
            }
        }
    }

    /// Once bytes were handed on, nothing is repeated. Giving the call up ends it, and says no more than that.
    fn copy(
        &self,
        call: &Call,
        download: &Download,
        opener: Option<GcmOpener>,
        response: StreamingResponse,
        out: &mut dyn Write,
    ) -> Result<Downloaded> {
        let given_up = || call.control.check();
        download::copy(download, opener, response, out, &given_up)
            .map_err(|error| call.named(given_up().err().unwrap_or(error)))
    }

    /// Asks for the file until its first bytes come. What follows is not repeated: bytes were handed on already. A digest
    /// that is signed is in what comes back.
    fn open(&self, call: &Call, download: &Download) -> Result<(StreamingResponse, Download)> {
        download.expected()?;
        let mut download = download.clone();
        if let Source::Operation(operation, params) = &mut download.source {
            *params = self.options.filled(*operation, params.take());
        }
        let signed = match &download.source {
            Source::Operation(operation, params) if operation.signs_digest() => {
                // Certificates are not downloaded for a call that cannot be made.
                self.kernel().complete_params(*operation, params.clone())?;
                self.ensure_certificates(call)?;
                true
            }
            _ => false,
        };
        let response =
            self.ask(call, &download).map_err(|error| call.named(error).with_attempts(call.attempts()))?;
        if signed {
            let verified =
                self.finish_refreshing(call, &|| self.kernel().signed_digest(call.host, &response.headers));
            download.sha1 = Some(verified.map_err(|error| call.named(error))?);
        }
        Ok((response, download))
    }

    fn ask(&self, call: &Call, download: &Download) -> Result<StreamingResponse> {
        let inner = &*self.inner;
        let time = self.options.timeout.unwrap_or(download.timeout);
        let time = call.control.left().map_or(time, |left| left.min(time));
        let world = World { kernel: &inner.kernel, call };
        let attempt = |_: &str, _| -> Result<StreamingResponse, Failure> {
            let request = match &download.source {
                Source::Url(url) => inner.kernel.prepare_download(url)?,
                Source::Operation(operation, params) => inner.kernel.prepare(*operation, params.clone())?,
            };
            let request = self.options.with_headers(request);
            let limits = call.limits(time, u64::MAX);
            call.note_attempt();
            let StreamingResponse { status, headers, body } = inner.transport.open(&request, &limits)?;
            if status == 200 {
                return Ok(StreamingResponse::new(status, headers, body));
            }
            let mut text = Vec::new();
            // A cut error answer still tells its status.
            let _ = body.take(MAX_ERROR_BODY).read_to_end(&mut text);
            let response = HttpResponse::new(status, headers, text);
            let error = request.explain(inner.kernel.download_error(call.host, &response));
            Err(Failure { error, headers: Some(response.headers) })
        };
        retry::run(&self.retries(), &inner.no_domains, call.safety, call.left(), &world, attempt)
    }
}
