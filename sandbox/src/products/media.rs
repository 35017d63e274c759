//! Uploads of images and videos.

use serde_json::json;

use crate::call::{Call, Reply};
use crate::ids;
use crate::refusal::{Refusal, Result};
use crate::store::State;
use crate::store::media::Uploaded;

fn uploaded(call: &Call) -> Result<&Uploaded> {
    call.upload.as_ref().ok_or_else(|| Refusal::bug("media", &json!("a file")))
}

/// Images and videos that other operations name by `media_id`.
pub(crate) fn upload(state: &mut State, call: &Call) -> Result<Reply> {
    let upload = uploaded(call)?;
    let id = format!("{}-{}", ids::alphanumeric(20), ids::alphanumeric(39));
    Ok(state.media.keep(upload, "media_id", &id).into())
}

/// Marketing images, which are named by their address.
pub(crate) fn upload_marketing(state: &mut State, call: &Call) -> Result<Reply> {
    let upload = uploaded(call)?;
    let url = format!("https://wxpaylogo.qpic.cn/wxpaylogo/{}/0", ids::alphanumeric(40));
    Ok(state.media.keep(upload, "media_url", &url).into())
}
