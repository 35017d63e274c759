//! What was uploaded. The files themselves are not kept, only what they were.

use serde_json::{Value, json};

/// A file that was uploaded; its hash has been checked against the `meta` part.
#[derive(Debug, Clone)]
pub(crate) struct Uploaded {
    pub(crate) file_name: String,
    pub(crate) bytes: usize,
    pub(crate) sha256: String,
    pub(crate) meta: String,
}

/// What was uploaded.
#[derive(Debug, Default)]
pub(crate) struct Media {
    uploads: Vec<Value>,
}

impl Media {
    pub(crate) fn to_json(&self) -> Value {
        json!(self.uploads)
    }

    pub(crate) fn keep(&mut self, upload: &Uploaded, name: &str, value: &str) -> Value {
        let mut kept = json!({
            "file_name": upload.file_name,
            "bytes": upload.bytes,
            "sha256": upload.sha256,
            "meta": upload.meta,
        });
        kept[name] = json!(value);
        self.uploads.push(kept);
        json!({ name: value })
    }
}
