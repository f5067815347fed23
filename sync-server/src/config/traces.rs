//! The settings of traces: which collector takes them, and how many.

use super::told_by_file;
use anyhow::{Result, bail, ensure};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Variables that every program with traces knows, for what is not said of the relay alone, and the settings that they give.
pub(super) const KNOWN_EVERYWHERE: [(&str, &str); 2] =
    [("OTEL_EXPORTER_OTLP_ENDPOINT", "traces.endpoint"), ("OTEL_SERVICE_NAME", "traces.service")];

/// Who is told what the relay spends its time with.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "keys::KEYS says what each is")]
pub struct Traces {
    pub endpoint: String,
    pub per_thousand: u32,
    pub service: String,
    pub headers: Vec<String>,
    pub headers_file: PathBuf,
}

impl Default for Traces {
    fn default() -> Self {
        Self {
            endpoint: String::new(),
            per_thousand: 100,
            service: "quire-relay".to_owned(),
            headers: Vec::new(),
            headers_file: PathBuf::new(),
        }
    }
}

impl Traces {
    /// True when there is a collector.
    pub fn is_set(&self) -> bool {
        !self.endpoint.is_empty()
    }

    /// The headers of a request to the collector: names and values.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        let parts = self.headers.iter().filter_map(|header| header.split_once('='));
        parts.map(|(name, value)| (name.trim(), value.trim()))
    }

    /// Complete and check them.
    ///
    /// # Errors
    /// When they make no sense. What a header says is in no error.
    pub(super) fn check(&mut self) -> Result<()> {
        let is_web = |url: &str| url.starts_with("https://") || url.starts_with("http://");
        ensure!(
            self.endpoint.is_empty() || is_web(&self.endpoint),
            "traces.endpoint begins with https:// or http://"
        );
        ensure!(self.per_thousand <= 1000, "traces.per_thousand is at most 1000");
        let is_given = !self.headers.is_empty();
        if let Some(text) = told_by_file("traces.headers", is_given, &self.headers_file)? {
            let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
            self.headers = lines.map(str::to_owned).collect();
        }
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.!#$%&'*+^`|~".contains(&byte);
        for header in &self.headers {
            let Some((name, value)) = header.split_once('=') else {
                bail!("a header of traces.headers is like NAME=VALUE");
            };
            let name = name.trim();
            ensure!(
                !name.is_empty()
                    && name.bytes().all(is_name)
                    && value.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()),
                "traces.headers: no header can be made of what is said of {name:?}"
            );
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::config::tests::load;

    #[test]
    fn what_is_said_of_the_relay_goes_before_what_is_said_of_all_programs() {
        let everywhere = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://everywhere.example.org:4318");
        let config = load(&[], &[everywhere, ("OTEL_SERVICE_NAME", "our relay")]).unwrap();
        assert_eq!(config.traces.endpoint, everywhere.1);
        assert_eq!(config.traces.service, "our relay");
        let ours = ("QUIRE_RELAY_TRACES_ENDPOINT", "http://ours.example.org:4318");
        for environment in [[everywhere, ours], [ours, everywhere]] {
            let config = load(&["traces.headers=a=b=c, d = e"], &environment).unwrap();
            assert_eq!(config.traces.endpoint, ours.1);
            assert_eq!(config.traces.headers().collect::<Vec<_>>(), [("a", "b=c"), ("d", "e")]);
        }
    }

    #[test]
    fn a_header_that_makes_no_sense_is_refused_and_not_shown() {
        for header in
            ["traces.headers=s3cret", "traces.headers=a b=s3cret", "traces.headers=a=s3\u{7}cret"]
        {
            let fault = format!("{:#}", load(&[header], &[]).unwrap_err());
            assert!(!fault.contains("cret"), "{fault}");
        }
        assert!(load(&["traces.per_thousand=1001"], &[]).is_err());
        assert!(load(&["traces.endpoint=collector:4318"], &[]).is_err());
    }
}
