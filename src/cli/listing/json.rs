//! JSON as Python's `json.dumps` writes it: blanks behind `,` and `:`, only
//! ASCII, floats as Python shows them.

use crate::base::python_text;
use crate::base::yaml::{Map, Value};

/// Blanks that each level of JSON for people is indented by.
const INDENT: usize = 2;

/// `value` as one line of JSON. What JSON does not have becomes text.
pub fn python_json(value: &Value) -> String {
    let mut json = String::new();
    write(value, &mut json);
    json
}

/// `value` as JSON for people to read, as it stands `level` levels deep in other
/// values: an item or entry a line, indented, and entries in the order of their
/// keys.
pub fn formatted_json(value: &Value, level: usize) -> String {
    let mut json = String::new();
    write_formatted(value, level, &mut json);
    json
}

fn write_formatted(value: &Value, level: usize, json: &mut String) {
    let new_line = |level: usize| format!("\n{}", " ".repeat(level * INDENT));
    match value {
        Value::List(items) if !items.is_empty() => {
            for (at, item) in items.iter().enumerate() {
                json.push_str(if at == 0 { "[" } else { "," });
                json.push_str(&new_line(level + 1));
                write_formatted(item, level + 1, json);
            }
            json.push_str(&new_line(level));
            json.push(']');
        }
        Value::Map(map) if !map.is_empty() => {
            for (at, (key, item)) in sorted(map).into_iter().enumerate() {
                json.push_str(if at == 0 { "{" } else { "," });
                json.push_str(&new_line(level + 1));
                write_key(key, json);
                json.push_str(": ");
                write_formatted(item, level + 1, json);
            }
            json.push_str(&new_line(level));
            json.push('}');
        }
        value => write(value, json),
    }
}

fn sorted(map: &Map) -> Vec<(&Value, &Value)> {
    let mut entries: Vec<_> = map.iter().collect();
    entries.sort_by_cached_key(|(key, _)| match key {
        Value::Str(text) => text.clone(),
        other => python_json(other),
    });
    entries
}

fn write(value: &Value, json: &mut String) {
    match value {
        Value::Null => json.push_str("null"),
        Value::Bool(truth) => json.push_str(if *truth { "true" } else { "false" }),
        Value::Int(number) => json.push_str(&number.to_string()),
        Value::BigInt(digits) => json.push_str(digits),
        Value::Float(number) => json.push_str(&float(*number)),
        Value::Str(text) | Value::Timestamp(text) => write_text(text, json),
        Value::Bytes(bytes) => write_text(&String::from_utf8_lossy(bytes), json),
        Value::List(items) => {
            json.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    json.push_str(", ");
                }
                write(item, json);
            }
            json.push(']');
        }
        // There are none: a list is the nearest.
        Value::Set(items) => write(&items.keys().cloned().collect(), json),
        Value::Map(map) => {
            json.push('{');
            for (at, (key, item)) in map.iter().enumerate() {
                if at > 0 {
                    json.push_str(", ");
                }
                write_key(key, json);
                json.push_str(": ");
                write(item, json);
            }
            json.push('}');
        }
    }
}

fn float(number: f64) -> String {
    match number {
        number if number.is_nan() => "NaN".to_string(),
        f64::INFINITY => "Infinity".to_string(),
        f64::NEG_INFINITY => "-Infinity".to_string(),
        number => python_text::float_repr(number),
    }
}

/// Keys are text in JSON: other keys are put in quotes.
fn write_key(key: &Value, json: &mut String) {
    match key {
        Value::Str(text) => write_text(text, json),
        other => {
            let mut text = String::new();
            write(other, &mut text);
            if text.starts_with('"') {
                json.push_str(&text);
            } else {
                write_text(&text, json);
            }
        }
    }
}

fn write_text(text: &str, json: &mut String) {
    json.push('"');
    for c in text.chars() {
        match c {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\n' => json.push_str("\\n"),
            '\r' => json.push_str("\\r"),
            '\t' => json.push_str("\\t"),
            '\x08' => json.push_str("\\b"),
            '\x0c' => json.push_str("\\f"),
            ' '..='~' => json.push(c),
            _ => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    json.push_str(&format!("\\u{unit:04x}"));
                }
            }
        }
    }
    json.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::yaml;

    #[test]
    fn values_are_written_as_python_writes_them() {
        for (text, expected) in [
            (
                "{a: 1, b: [x, null, true]}",
                r#"{"a": 1, "b": ["x", null, true]}"#,
            ),
            (
                "[1.0e-06, 1e20, 0.1, .nan, -.inf]",
                "[1e-06, 1e+20, 0.1, NaN, -Infinity]",
            ),
            ("{1: a, yes: b, 1.5: c}", r#"{"1": "b", "1.5": "c"}"#),
            ("{}", "{}"),
            ("[]", "[]"),
            (
                r#""\"\\\n\te\u00e9\U0001F600\x7f""#,
                r#""\"\\\n\te\u00e9\ud83d\ude00\u007f""#,
            ),
            (
                "123456789012345678901234567890",
                "123456789012345678901234567890",
            ),
        ] {
            assert_eq!(python_json(&yaml::load(text).unwrap()), expected, "{text}");
        }
    }

    #[test]
    fn formatted_json_has_an_entry_a_line_in_the_order_of_keys() {
        let value = yaml::load("{b: [1, {}, []], a: {d: x, c: null}}").unwrap();
        let expected = "{\n  \"a\": {\n    \"c\": null,\n    \"d\": \"x\"\n  },\n  \"b\": [\n    \
                        1,\n    {},\n    []\n  ]\n}";
        assert_eq!(formatted_json(&value, 0), expected);
        assert_eq!(formatted_json(&yaml::load("{}").unwrap(), 0), "{}");
    }
}
