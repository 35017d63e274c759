//! Text that must not be logged.

use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Plain text of a field that is encrypted on the wire: a name, a number of an identity card or of a bank card.
///
/// `Debug` does not show it, there is no `Display`, and the memory is overwritten when the value is dropped.
/// Serialising gives the plain text: that is how it reaches the kernel, which encrypts it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(transparent)]
pub struct Sensitive(String);

impl Sensitive {
    /// The plain text.
    pub fn expose(&self) -> &str {
        &self.0
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
