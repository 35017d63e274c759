//! Text that must not be logged.

use std::fmt;

use ref_cast::RefCast;
use serde::{Deserialize, Serialize};

/// Plain text of a field that is encrypted on the wire: a name, a number of an identity card or of a bank card.
///
/// `Debug` does not show it and there is no `Display`. Serialising gives the plain text: that is how it reaches the
/// kernel, which encrypts it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, RefCast)]
#[serde(transparent)]
#[repr(transparent)]
pub struct Sensitive(String);

impl Sensitive {
    /// The plain text.
    pub fn expose(&self) -> &str {
        &self.0
    }

    pub(crate) fn into_text(self) -> String {
        self.0
    }
}

impl From<String> for Sensitive {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Sensitive {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for Sensitive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sensitive(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_not_shown() {
        let name = Sensitive::from("张三");
        assert_eq!(format!("{name:?}"), "Sensitive(…)");
        assert_eq!(name.expose(), "张三");
        assert_eq!(serde_json::to_string(&name).unwrap(), "\"张三\"");
    }
}
