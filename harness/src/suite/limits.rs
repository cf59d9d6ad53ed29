//! How long the specs of a suite may take, and how much they may print.

use std::path::Path;
use std::time::Duration;

use serde::Deserialize;

use super::SuiteError;
use crate::duration::{parse_duration, parse_size};
use crate::front_matter::TimeLimits;

/// How long and how large things may get.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// One command, unless the spec says otherwise.
    pub command: Duration,
    /// One example, not counting the commands it runs.
    pub example: Duration,
    /// One spec.
    pub spec: Duration,
    /// The whole run.
    pub run: Duration,
    /// Bytes of output kept of one example.
    pub output: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            command: Duration::from_secs(5 * 60),
            example: Duration::from_secs(5 * 60),
            spec: Duration::from_secs(20 * 60),
            run: Duration::from_secs(45 * 60),
            output: 64 << 20,
        }
    }
}

impl Limits {
    /// These limits with those that a spec sets for itself.
    pub fn with(self, own: &TimeLimits) -> Self {
        Limits {
            command: own.command.unwrap_or(self.command),
            example: own.example.unwrap_or(self.example),
            spec: own.spec.unwrap_or(self.spec),
            ..self
        }
    }
}

/// The limits as written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct LimitsTable {
    command: Option<String>,
    example: Option<String>,
    spec: Option<String>,
    run: Option<String>,
    output: Option<String>,
}

impl LimitsTable {
    /// The limits, with those that are not written as they are else; `path` is for errors.
    pub(super) fn check(&self, path: &Path) -> Result<Limits, SuiteError> {
        let defaults = Limits::default();
        let fault = |key, source| SuiteError::Limit {
            path: path.to_owned(),
            key,
            source,
        };
        let duration = |key, text: &Option<String>, default| match text {
            None => Ok(default),
            Some(text) => parse_duration(text).map_err(|error| fault(key, error)),
        };
        let output = match &self.output {
            None => defaults.output,
            Some(text) => parse_size(text).map_err(|error| fault("output", error))?,
        };
        Ok(Limits {
            command: duration("command", &self.command, defaults.command)?,
            example: duration("example", &self.example, defaults.example)?,
            spec: duration("spec", &self.spec, defaults.spec)?,
            run: duration("run", &self.run, defaults.run)?,
            output,
        })
    }
}
