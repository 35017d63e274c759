//! Uploads and downloads.

use std::io::{Read, Write};
use std::path::Path;

use serde_json::Value;

use super::{Call, Client, World, find};
use crate::download::{self, Download, Downloaded};
use crate::error::Result;
use crate::finish::Answer;
use crate::http::HttpResponse;
use crate::media::File;
use crate::operation::Operation;
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
        self.execute_upload(find(operation)?, file).map(|answer| answer.value)
    }

    /// Uploads a file to an operation of the table.
    ///
    /// # Errors
    /// As for [`upload`](Self::upload).
    pub fn execute_upload(&self, operation: &'static Operation, file: &File) -> Result<Answer> {
        let call = self.begin(Some(operation.id), Safety::of(operation));
        self.ensure_certificates(&call)?;
        self.exchange(&call, &|| self.kernel().prepare_upload(operation, file), &|response| {
            self.finish_refreshing(&call, &|| self.kernel().open_answer(operation, response))
        })
    }

    /// Fetches a file into a writer, decompressed, with flat memory.
    ///
    /// The writer has got bytes before they could be checked: they are the file only when this returns without an
    /// error. [`download_to_path`](Self::download_to_path) takes care of that.
    ///
    /// # Errors
    /// `integrity` when the hash differs or the file was cut, `api` when WeChat Pay answers with an error (the URL is
    /// good for minutes only), `io` when the writer fails, and the kinds of a connection.
    pub fn download<W: Write + ?Sized>(&self, download: &Download, mut out: &mut W) -> Result<Downloaded> {
        let call = self.begin(None, Safety::READ);
        self.copy(&call, download, self.open(&call, download)?, &mut out)
    }

    /// Fetches a file to this path, which appears only when the file is whole, checked and on the disk. On any error
    /// nothing is left behind, and a file that was there before stays.
    ///
    /// # Errors
    /// As for [`download`](Self::download).
    pub fn download_to_path(&self, download: &Download, path: impl AsRef<Path>) -> Result<Downloaded> {
        let call = self.begin(None, Safety::READ);
        let response = self.open(&call, download)?;
        download::to_path(path.as_ref(), self.kernel().nonces(), |out| {
            self.copy(&call, download, response, out)
        })
    }

    /// Once bytes were handed on, nothing is repeated. Giving the call up ends it, and says no more than that.
    fn copy(
        &self,
        call: &Call,
        download: &Download,
        response: StreamingResponse,
        out: &mut dyn Write,
    ) -> Result<Downloaded> {
        let given_up = || call.control.check();
        download::copy(download, response, out, &given_up).map_err(|error| given_up().err().unwrap_or(error))
    }

    /// Asks for the file until its first bytes come. What follows is not repeated: bytes were handed on already.
    fn open(&self, call: &Call, download: &Download) -> Result<StreamingResponse> {
        download.expected()?;
        let inner = &*self.inner;
        let time = call.control.left().map_or(download.timeout, |left| left.min(download.timeout));
        let world = World { kernel: &inner.kernel, call };
        let attempt = |_: &str, _| -> Result<StreamingResponse, Failure> {
            let request = inner.kernel.prepare_download(&download.url)?;
            let limits = call.limits(time, u64::MAX);
            let StreamingResponse { status, headers, body } = inner.transport.open(&request, &limits)?;
            if status == 200 {
                return Ok(StreamingResponse::new(status, headers, body));
            }
            let mut text = Vec::new();
            // A cut error answer still tells its status.
            let _ = body.take(MAX_ERROR_BODY).read_to_end(&mut text);
            let response = HttpResponse::new(status, headers, text);
            let error = request.explain(inner.kernel.download_error(&response));
            Err(Failure { error, headers: Some(response.headers) })
        };
        retry::run(&inner.retry, &inner.no_domains, call.safety, call.left(), &world, attempt)
    }
}
