//! Errors speak of options by the names that they have in the language at hand.

use crate::crypto::Names;
use crate::generated::options::SPELLED;

/// Who made the options: the binding says so in `language`, as in `Python/3.13.1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    Python,
    Node,
    Kotlin,
    Swift,
    /// The names of the JSON object.
    Other,
}

impl Language {
    pub(super) fn of(agent: Option<&str>) -> Self {
        let name = agent.unwrap_or_default().split('/').next().unwrap_or_default();
        match name {
            "Python" => Self::Python,
            "Node" => Self::Node,
            "Kotlin" => Self::Kotlin,
            "Swift" => Self::Swift,
            _ => Self::Other,
        }
    }

    /// Its name in `spec/options.yaml`.
    fn name(self) -> &'static str {
        match self {
            Self::Python => "python",
            Self::Node => "node",
            Self::Kotlin => "kotlin",
            Self::Swift => "swift",
            Self::Other => "",
        }
    }

    /// What users of the language call the option.
    pub(super) fn option(self, name: &str) -> String {
        let exception = SPELLED.iter().find(|(language, of, _)| *language == self.name() && *of == name);
        match (exception, self) {
            (Some((_, _, own)), _) => (*own).to_owned(),
            (None, Self::Python | Self::Other) => name.to_owned(),
            (None, Self::Node | Self::Kotlin | Self::Swift) => camel_case(name),
        }
    }

    /// The ways to give a key or certificate: as content by the option `name`, as a file by `path`.
    pub(super) fn names(self, name: &str, path: &str) -> Names {
        Names {
            content: self.option(name),
            file: self.option(path),
            pkcs12: format!(
                "{} or {}",
                self.option("private_key_p12_base64"),
                self.option("private_key_p12_path")
            ),
            password: Some(self.option("private_key_password")),
        }
    }
}

fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |mut name, word| {
        let mut letters = word.chars();
        name.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        name.push_str(letters.as_str());
        name
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_called_as_their_users_call_them() {
        for (agent, name, called) in [
            ("Python/3.13.1", "private_key_path", "private_key_path"),
            ("Python/3.13.1", "private_key_p12_base64", "private_key_p12"),
            ("Node/22.1.0", "private_key_path", "privateKeyPath"),
            ("Node/22.1.0", "private_key_p12_base64", "privateKeyP12"),
            ("Node/22.1.0", "api_v3_key", "apiV3Key"),
            ("Kotlin/2.1 Java/21", "merchant_certificate_path", "merchantCertificate (a Path)"),
            ("Swift", "private_key_p12_base64", "privateKeyPKCS12Base64"),
            ("", "private_key_path", "private_key_path"),
        ] {
            assert_eq!(Language::of(Some(agent)).option(name), called);
        }
        assert_eq!(Language::of(None), Language::Other);
    }
}
