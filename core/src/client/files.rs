//! Uploads and downloads.

use std::io::{Read, Write};
use std::path::Path;

use serde_json::Value;

use super::{Client, World, find};
use crate::download::{self, Download, Downloaded};
use crate::error::Result;
use crate::finish::Answer;
use crate::http::HttpResponse;
use crate::media::File;
use crate::operation::Operation;
use crate::retry::{self, Failure, Safety};
use crate::transport::{Limits, StreamingResponse};

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
        self.ensure_certificates()?;
        self.exchange(
            Some(operation.id),
            Safety::of(operation),
            &|| self.kernel().prepare_upload(operation, file),
            &|response| self.finish_refreshing(&|| self.kernel().finish(operation, response)),
        )
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
        download::copy(download, self.open(download)?, &mut out)
    }

    /// Fetches a file to this path, which appears only when the file is whole, checked and on the disk. On any error
    /// nothing is left behind, and a file that was there before stays.
    ///
    /// # Errors
    /// As for [`download`](Self::download).
    pub fn download_to_path(&self, download: &Download, path: impl AsRef<Path>) -> Result<Downloaded> {
        let response = self.open(download)?;
        download::to_path(path.as_ref(), self.kernel().nonces(), |out| {
            download::copy(download, response, out)
        })
    }

    /// Asks for the file until its first bytes come. What follows is not repeated: bytes were handed on already.
    fn open(&self, download: &Download) -> Result<StreamingResponse> {
        download.expected()?;
        let inner = &*self.0;
        let safety = Safety { read_only: true, idempotent: true, confirm: None };
        let limits = Limits::new(download.timeout, u64::MAX);
        retry::run(&inner.retry, &inner.no_domains, safety, &World(&inner.kernel), |_, _| {
            let request = inner.kernel.prepare_download(&download.url)?;
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
        })
    }
}
