//! What some calls do otherwise, as JSON, the same names in every language.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::HostClient;
use super::options::{seconds, what_is_wrong};
use crate::call_options::CallOptions;
use crate::error::{Error, Result};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    timeout: Option<f64>,
    retries: Option<u32>,
    accept_language: Option<String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    sub_mchid: Option<String>,
}

impl HostClient {
    /// This client, for calls that do otherwise what the JSON object says: `timeout` in seconds, `retries`, `accept_language`, `headers`,
    /// `sub_mchid`. See [`CallOptions`].
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) when one is unknown or wrong.
    pub fn with_options(&self, options: &str) -> Result<Self> {
        let raw: Raw = serde_json::from_str(options).map_err(|error| Error::config(what_is_wrong(&error)))?;
        let mut options = CallOptions::new();
        if let Some(timeout) = seconds("timeout", raw.timeout)? {
            options = options.timeout(timeout);
        }
        if let Some(retries) = raw.retries {
            options = options.retries(retries);
        }
        if let Some(language) = raw.accept_language {
            options = options.accept_language(language)?;
        }
        for (name, value) in raw.headers {
            options = options.header(name, value)?;
        }
        if let Some(mchid) = raw.sub_mchid {
            options = options.sub_mchid(mchid);
        }
        Ok(Self { call_options: options.over(&self.call_options).into(), ..self.clone() })
    }
}
