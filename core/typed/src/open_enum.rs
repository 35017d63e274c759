//! Enums that let unknown values through: WeChat Pay adds new ones without notice.

/// Defines an enum whose variants stand for texts, with `Other` for every text that is not listed.
macro_rules! open_enum {
    (
        $(#[$meta:meta])*
        $name:ident {
            $($(#[$variant_meta:meta])* $variant:ident = $text:literal,)*
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_meta])* $variant,)*
            /// A value that this version of the library does not list, as it came.
            Other(String),
        }

        impl $name {
            /// The value as it is on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)*
                    Self::Other(text) => text,
                }
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                match text {
                    $($text => Self::$variant,)*
                    _ => Self::Other(text.to_owned()),
                }
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self::from(text.as_str())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl $crate::model::Read<'_> for $name {
            fn read(json: &serde_json::Value) -> Option<Self> {
                json.as_str().map(Self::from)
            }
        }

        impl $crate::model::Write for $name {
            fn write(self) -> serde_json::Value {
                serde_json::Value::from(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                <String as serde::Deserialize>::deserialize(deserializer).map(Self::from)
            }
        }
    };
}

pub(crate) use open_enum;

#[cfg(test)]
#[allow(unreachable_pub)]
mod tests {
    open_enum! {
        /// Test values.
        State {
            /// Paid.
            Success = "SUCCESS",
            /// Not paid.
            NotPay = "NOTPAY",
        }
    }

    #[test]
    fn known_and_unknown_values_survive_a_round_trip() {
        for (text, state) in [
            ("\"SUCCESS\"", State::Success),
            ("\"NOTPAY\"", State::NotPay),
            ("\"BRAND_NEW\"", State::Other("BRAND_NEW".into())),
        ] {
            let read: State = serde_json::from_str(text).unwrap();
            assert_eq!(read, state);
            assert_eq!(serde_json::to_string(&read).unwrap(), text);
        }
        // However it is made, a known value is never `Other`.
        assert_eq!(State::from("NOTPAY"), State::NotPay);
        assert_eq!(State::from("NOTPAY".to_owned()), State::NotPay);
        assert_eq!(State::from("X").to_string(), "X");
    }
}
