//! The tables of a suite file that name regular expressions.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use toml::{Spanned, Value};

use super::SuiteError;
use crate::match_type::MatchTypes;
use crate::redact::{Redaction, Redactions};

/// A table of names, with the place of each value in the file.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub(super) struct Patterns(BTreeMap<String, Spanned<Value>>);

impl Patterns {
    /// The match types that `[match-types]` of a file with this text defines.
    pub fn match_types(&self, path: &Path, text: &str) -> Result<MatchTypes, SuiteError> {
        let mut types = MatchTypes::default();
        self.each(path, text, |name, value| match value {
            Value::String(pattern) => types
                .define(name, pattern)
                .map_err(|error| error.to_string()),
            _ => Err(format!("match type `{name}` is not a string")),
        })?;
        Ok(types)
    }

    /// The redactions that `[redactions]` of a file with this text defines.
    pub fn redactions(&self, path: &Path, text: &str) -> Result<Redactions, SuiteError> {
        let mut redactions = Redactions::default();
        self.each(path, text, |name, value| {
            let redaction = match value {
                Value::String(pattern) => Redaction::Pattern(pattern.clone()),
                Value::Boolean(on) => Redaction::BuiltIn(*on),
                _ => return Err(format!("redaction `{name}` is not a string or `true`")),
            };
            let defined = redactions.define(name, redaction);
            defined.map_err(|error| error.to_string())
        })?;
        Ok(redactions)
    }

    fn each(
        &self,
        path: &Path,
        text: &str,
        mut define: impl FnMut(&str, &Value) -> Result<(), String>,
    ) -> Result<(), SuiteError> {
        for (name, value) in &self.0 {
            define(name, value.get_ref()).map_err(|message| SuiteError::Pattern {
                path: path.to_owned(),
                line: text[..value.span().start].matches('\n').count() + 1,
                message,
            })?;
        }
        Ok(())
    }
}
