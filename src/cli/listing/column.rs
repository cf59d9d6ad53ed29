//! What runs are compared by: a scalar, a flag or an attribute.

use std::cmp::Ordering;

use super::details::detail;
use super::flag_text;
use super::shown::Shown;
use crate::base::text::natural_cmp;
use crate::base::yaml::Value;
use crate::query::columns::{ColumnSpec, Source};

/// A value that runs have.
#[derive(Debug, PartialEq, Eq)]
pub struct Column(Source);

impl Column {
    /// Reads `=FLAG`, `.ATTRIBUTE` or `[first|last|min|max|avg|total|count] SCALAR
    /// [step]`. A name for the column, as in `loss as x`, is passed over.
    ///
    /// # Errors
    /// What is wrong with another text.
    pub fn parse(text: &str) -> Result<Self, String> {
        let columns = ColumnSpec::parse_list(text).map_err(|error| error.to_string())?;
        match <[ColumnSpec; 1]>::try_from(columns) {
            Ok([column]) => Ok(Self(column.source)),
            Err(_) => Err("multiple cols not supported".to_string()),
        }
    }

    /// The run's value, if it has one that compares.
    pub fn value(&self, shown: &Shown<'_>) -> Option<Value> {
        let value = match &self.0 {
            Source::Flag(name) => shown.attr("flags")?.as_map()?.get(name)?.clone(),
            Source::Attribute(name) => match shown.attr(name) {
                Some(value) => value,
                None => Value::Str(detail(shown, name).filter(|text| !text.is_empty())?),
            },
            Source::Scalar(scalar) => {
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

    #[test]
    fn it_is_one_column() {
        let parsed = |text| Column::parse(text).map(|Column(source)| source.to_string());
        for (text, expected) in [
            ("flag:x", Ok("=x")),
            (".started as y", Ok(".started")),
            ("min scalar:a/b#loss step", Ok("min a/b#loss step")),
            ("a,b", Err("multiple cols not supported")),
            ("  ", Err("query string cannot be empty")),
            ("least loss", Err("unexpected token 'loss', line 1, pos 13")),
        ] {
            let expected = expected.map(str::to_string).map_err(str::to_string);
            assert_eq!(parsed(text), expected, "{text}");
        }
    }
}
