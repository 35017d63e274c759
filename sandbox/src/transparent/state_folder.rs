//! Where a user's programs keep what they want to find again.

use std::path::PathBuf;

use crate::error::{Error, Result};

/// The sandbox's part of the user's state folder.
pub(super) fn find() -> Result<PathBuf> {
    let named =
        |variable| std::env::var_os(variable).map(PathBuf::from).filter(|folder| folder.is_absolute());
    let below_home = |path: &str| std::env::home_dir().map(|home| home.join(path));
    let folder = if cfg!(windows) {
        named("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        below_home("Library/Application Support")
    } else {
        named("XDG_STATE_HOME").or_else(|| below_home(".local/state"))
    };
    folder.filter(|folder| folder.is_absolute()).map(|folder| folder.join("wechatpay-sandbox")).ok_or_else(
        || Error::new("this user has no home folder: --ca says where the certificate authority is kept"),
    )
}
