//! What was uploaded. The files themselves are not kept, only what they were.

use serde_json::{Value, json};

use crate::call::Uploaded;

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
