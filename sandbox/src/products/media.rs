//! Uploads of images and videos. The files themselves are not kept, only what they were.

use serde_json::{Value, json};

use crate::call::{Call, Reply, Uploaded};
use crate::ids;
use crate::refusal::{Outcome, Refusal};
use crate::state::State;

/// What was uploaded.
#[derive(Debug, Default)]
pub(crate) struct Media {
    uploads: Vec<Value>,
}

impl Media {
    pub(crate) fn to_json(&self) -> Value {
        json!(self.uploads)
    }

    fn keep(&mut self, upload: &Uploaded, name: &str, value: &str) -> Value {
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

fn uploaded(call: &Call) -> Outcome<&Uploaded> {
    call.upload.as_ref().ok_or_else(|| Refusal::invalid("应为multipart/form-data，包含meta与file两部分"))
}

/// Images and videos that other operations name by `media_id`.
pub(crate) fn upload(state: &mut State, call: &Call) -> Outcome<Reply> {
    let upload = uploaded(call)?;
    let id = format!("{}-{}", ids::alphanumeric(20), ids::alphanumeric(39));
    Ok(state.media.keep(upload, "media_id", &id).into())
}

/// Marketing images, which are named by their address.
pub(crate) fn upload_marketing(state: &mut State, call: &Call) -> Outcome<Reply> {
    let upload = uploaded(call)?;
    let url = format!("https://wxpaylogo.qpic.cn/wxpaylogo/{}/0", ids::alphanumeric(40));
    Ok(state.media.keep(upload, "media_url", &url).into())
}
