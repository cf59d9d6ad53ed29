//! A table as lines of JSON, an object for each run.

use std::io::{self, Write};

use super::Table;
use crate::base::yaml::Value;
use crate::flags;

/// Writes `table` to `out`: for each run a line with an object, whose keys are the
/// headings in their order. Numbers that JSON does not have are null, as what a
/// run has no value of; dates and bytes are text.
///
/// # Errors
/// `out` takes no more.
pub fn write_json_lines(table: &Table, mut out: impl Write) -> io::Result<()> {
    let keys: Vec<String> = table
        .columns
        .iter()
        .map(|column| text(&column.heading))
        .collect();
    for row in &table.rows {
        let mut line = String::new();
        for (key, cell) in keys.iter().zip(&row.cells) {
            line.push_str(if line.is_empty() { "{" } else { "," });
            line.push_str(key);
            line.push(':');
            push(cell, &mut line);
        }
        line.push_str("}\n");
        out.write_all(line.as_bytes())?;
    }
    out.flush()
}

fn text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn push(value: &Value, json: &mut String) {
    match value {
        Value::Bool(truth) => json.push_str(if *truth { "true" } else { "false" }),
        Value::Int(number) => json.push_str(&number.to_string()),
        Value::BigInt(digits) => json.push_str(digits),
        Value::Float(number) if number.is_finite() => json.push_str(&flags::plain_text(value)),
        Value::Null | Value::Float(_) => json.push_str("null"),
        Value::Str(words) => json.push_str(&text(words)),
        Value::List(items) => {
            json.push('[');
            for (at, item) in items.iter().enumerate() {
                json.push_str(if at > 0 { "," } else { "" });
                push(item, json);
            }
            json.push(']');
        }
        Value::Map(map) => {
            json.push('{');
            for (at, (key, item)) in map.iter().enumerate() {
                json.push_str(if at > 0 { "," } else { "" });
                json.push_str(&text(&flags::plain_text(key)));
                json.push(':');
                push(item, json);
            }
            json.push('}');
        }
        Value::Timestamp(_) | Value::Bytes(_) | Value::Set(_) => {
            json.push_str(&text(&flags::plain_text(value)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::yaml;

    #[test]
    fn values_are_json() {
        for (yaml, expected) in [
            ("[1, -2.5, 1e20, yes, null]", "[1,-2.5,1e+20,true,null]"),
            ("[.nan, .inf, -.inf]", "[null,null,null]"),
            ("123456789012345678901", "123456789012345678901"),
            (r#""a \"b\" \\ é\n""#, r#""a \"b\" \\ é\n""#),
            ("{a: {1: x}, yes: []}", r#"{"a":{"1":"x"},"True":[]}"#),
            ("2020-01-02", r#""2020-01-02""#),
        ] {
            let mut json = String::new();
            push(&yaml::load(yaml).unwrap(), &mut json);
            assert_eq!(json, expected);
            assert!(serde_json::from_str::<serde_json::Value>(&json).is_ok());
        }
    }
}
