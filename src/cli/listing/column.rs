//! What runs are compared by: a scalar, a flag or an attribute.

use std::cmp::Ordering;

use super::details::detail;
use super::flag_text;
use super::shown::Shown;
use crate::base::text::natural_cmp;
use crate::base::yaml::Value;
use crate::query::{Scalar, Which};

/// A value that runs have.
#[derive(Debug, PartialEq, Eq)]
pub enum Column {
    /// The flag with this name.
    Flag(String),
    /// The attribute with this name.
    Attribute(String),
    /// A scalar.
    Scalar(Scalar),
}

impl Column {
    /// Reads `=FLAG`, `.ATTRIBUTE` or `[first|last|min|max|avg|total|count] SCALAR
    /// [step]`. A name for the column, as in `loss as x`, is passed over.
    ///
    /// # Errors
    /// What is wrong with another text.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.contains(',') {
            return Err("multiple cols not supported".to_string());
        }
        let mut words: Vec<&str> = text.split_whitespace().collect();
        if let [.., "as" | "AS", _] = words.as_slice() {
            words.truncate(words.len() - 2);
        }
        let name = |prefixes: [&str; 2]| {
            let [only] = words.as_slice() else {
                return None;
            };
            let named = prefixes.iter().find_map(|prefix| only.strip_prefix(prefix));
            named.filter(|name| !name.is_empty()).map(str::to_string)
        };
        if let Some(name) = name(["=", "flag:"]) {
            return Ok(Self::Flag(name));
        }
        if let Some(name) = name([".", "attr:"]) {
            return Ok(Self::Attribute(name));
        }
        let step = words.len() > 1 && words.last() == Some(&"step");
        if step {
            words.pop();
        }
        let (which, key) = match words.as_slice() {
            [key] => (Which::Last, *key),
            [] => return Err("query string cannot be empty".to_string()),
            [which, rest @ ..] => match (Which::of(which), rest) {
                (Some(which), [key]) => (which, *key),
                (Some(_), [_, more, ..]) | (None, [more, ..]) => {
                    return Err(unexpected(text, more));
                }
                (_, []) => return Err("query string cannot be empty".to_string()),
            },
        };
        let key = key.strip_prefix("scalar:").unwrap_or(key);
        if key.is_empty() || key.starts_with(['=', '.']) {
            return Err(format!("unexpected token '{key}'"));
        }
        Ok(Self::Scalar(Scalar {
            which,
            step,
            ..Scalar::last(key)
        }))
    }

    /// The run's value, if it has one that compares.
    pub fn value(&self, shown: &Shown<'_>) -> Option<Value> {
        let value = match self {
            Self::Flag(name) => shown.attr("flags")?.as_map()?.get(name)?.clone(),
            Self::Attribute(name) => match shown.attr(name) {
                Some(value) => value,
                None => Value::Str(detail(shown, name).filter(|text| !text.is_empty())?),
            },
            Self::Scalar(scalar) => {
                let summaries = shown.scalars();
                let summary = summaries.iter().find(|found| {
                    found.tag == scalar.tag && found.prefix.starts_with(&scalar.prefix)
                })?;
                summary.value(scalar.which, scalar.step)
            }
        };
        let nothing = value.is_null() || value.as_f64().is_some_and(f64::is_nan);
        (!nothing).then_some(value)
    }
}

/// Numbers by size and before all else, the rest in natural order.
pub fn compare_values(left: &Value, right: &Value) -> Ordering {
    let is_text = |value: &Value| value.as_f64().is_none() && value.as_bool().is_none();
    let by_kind = is_text(left).cmp(&is_text(right));
    by_kind.then_with(|| match left.python_cmp(right) {
        Some(order) if !is_text(left) => order,
        _ => natural_cmp(&sort_text(left), &sort_text(right)),
    })
}

fn sort_text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| flag_text(value), str::to_string)
}

/// `word`, a part of `text` that is one word too many, and its place as Guild AI counts it: in
/// the query `select TEXT`, from zero.
fn unexpected(text: &str, word: &str) -> String {
    let start = word.as_ptr() as usize - text.as_ptr() as usize;
    let place = "select ".len() + text[..start].chars().count();
    format!("unexpected token '{word}', line 1, pos {place}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::yaml;

    #[test]
    fn values_compare_by_size_then_by_natural_order() {
        let value = |text: &str| yaml::load(text).unwrap();
        for (left, right, expected) in [
            ("1", "2.5", Ordering::Less),
            ("10", "9", Ordering::Greater),
            ("true", "0", Ordering::Greater),
            ("99", "a", Ordering::Less),
            ("a10", "a9", Ordering::Greater),
            ("x", "x", Ordering::Equal),
        ] {
            let order = compare_values(&value(left), &value(right));
            assert_eq!(order, expected, "{left} {right}");
        }
    }

    fn scalar(prefix: &str, tag: &str, which: Which, step: bool) -> Result<Column, String> {
        Ok(Column::Scalar(Scalar {
            prefix: prefix.to_string(),
            tag: tag.to_string(),
            which,
            step,
        }))
    }

    #[test]
    fn a_column_is_a_scalar_a_flag_or_an_attribute() {
        for (text, expected) in [
            ("=x", Ok(Column::Flag("x".to_string()))),
            ("flag:x", Ok(Column::Flag("x".to_string()))),
            (".started", Ok(Column::Attribute("started".to_string()))),
            ("loss", scalar("", "loss", Which::Last, false)),
            ("scalar:loss", scalar("", "loss", Which::Last, false)),
            ("min a/b#loss step", scalar("a/b", "loss", Which::Min, true)),
            ("avg é as x", scalar("", "é", Which::Avg, false)),
            ("step", scalar("", "step", Which::Last, false)),
            ("a,b", Err("multiple cols not supported".to_string())),
            ("  ", Err("query string cannot be empty".to_string())),
            (
                "least loss",
                Err("unexpected token 'loss', line 1, pos 13".to_string()),
            ),
            (
                "min a b",
                Err("unexpected token 'b', line 1, pos 13".to_string()),
            ),
            ("=", Err("unexpected token '='".to_string())),
        ] {
            assert_eq!(Column::parse(text), expected, "{text}");
        }
    }
}
