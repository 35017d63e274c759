//! English and Chinese.

/// What is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    Chinese,
}

impl Language {
    /// What was asked for, or what the environment says.
    pub(crate) fn from(asked: Option<&str>) -> Self {
        let environment = || {
            let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
            variable("LC_ALL").or_else(|| variable("LC_MESSAGES")).or_else(|| variable("LANG"))
        };
        let wanted = asked.map(str::to_owned).or_else(environment).unwrap_or_default();
        if wanted.starts_with("zh") { Self::Chinese } else { Self::English }
    }
}

/// The same in both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Text {
    english: String,
    chinese: String,
}

impl Text {
    pub(crate) fn new(english: impl Into<String>, chinese: impl Into<String>) -> Self {
        Self { english: english.into(), chinese: chinese.into() }
    }

    /// What comes from the core or from WeChat Pay, and has one language.
    pub(crate) fn as_it_is(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { english: text.clone(), chinese: text }
    }

    pub(crate) fn in_language(&self, language: Language) -> &str {
        match language {
            Language::English => &self.english,
            Language::Chinese => &self.chinese,
        }
    }
}
