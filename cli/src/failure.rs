//! Why a command ended without what was asked for.

use wechatpay_core::Error;

use crate::language::Text;

/// A failure, with what the user is told.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Of the core, or of WeChat Pay.
    Core(Error),
    /// Of this program.
    Own(Text),
}

pub(crate) type Result<T> = std::result::Result<T, Failure>;

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Core(error)
    }
}

impl Failure {
    pub(crate) fn new(english: impl Into<String>, chinese: impl Into<String>) -> Self {
        Self::Own(Text::new(english, chinese))
    }

    /// What happened, as a finding tells it.
    pub(crate) fn text(&self) -> Text {
        match self {
            Self::Core(error) => Text::as_it_is(error.message()),
            Self::Own(text) => text.clone(),
        }
    }

    /// A file that cannot be read or written.
    pub(crate) fn file(path: &std::path::Path, error: &std::io::Error) -> Self {
        Self::new(format!("{}: {error}", path.display()), format!("无法读写文件 {}：{error}", path.display()))
    }
}
