//! Settings of samplers: the flags of an optimizer, checked.

use crate::base::yaml::{Map, Value};
use crate::flags::format_value;

use super::Error;

/// The settings of a sampler.
#[derive(Debug, Clone, Copy)]
pub(super) struct Settings<'a>(pub &'a Map);

impl Settings<'_> {
    /// A whole number, not negative.
    pub fn count(&self, name: &str, default: usize) -> Result<usize, Error> {
        match self.value(name) {
            None => Ok(default),
            Some(Value::Int(number)) if *number >= 0 => Ok(*number as usize),
            Some(value) => Err(fault(name, value, "a whole number")),
        }
    }

    /// A finite number, not negative.
    pub fn number(&self, name: &str, default: f64) -> Result<f64, Error> {
        let Some(value) = self.value(name) else {
            return Ok(default);
        };
        value
            .as_f64()
            .filter(|number| number.is_finite() && *number >= 0.0)
            .ok_or_else(|| fault(name, value, "a number that is not negative"))
    }

    /// One of some words.
    pub fn word<'w>(
        &self,
        name: &str,
        words: &[&'w str],
        default: &'w str,
    ) -> Result<&'w str, Error> {
        let Some(value) = self.value(name) else {
            return Ok(default);
        };
        let word = value
            .as_str()
            .and_then(|text| words.iter().find(|word| **word == text));
        word.copied()
            .ok_or_else(|| fault(name, value, &format!("one of {}", words.join(", "))))
    }

    /// The texts of a setting that is one text or a list of them.
    pub fn texts(&self, name: &str) -> Result<Vec<String>, Error> {
        let text = |value: &Value| match value {
            Value::Str(text) => Ok(text.clone()),
            _ => Err(fault(name, value, "a text")),
        };
        match self.value(name) {
            None => Ok(Vec::new()),
            Some(Value::List(items)) => items.iter().map(text).collect(),
            Some(value) => text(value).map(|text| vec![text]),
        }
    }

    /// What was set; null is nothing.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }
}

/// The error of a setting.
pub(super) fn fault(name: &str, value: &Value, expected: &str) -> Error {
    Error::Setting {
        name: name.to_owned(),
        value: format_value(value),
        expected: expected.to_owned(),
    }
}
