//! Values in JSON texts, as Python's `json` has them: numbers of any size,
//! `NaN` and `Infinity`.

use jsonc_parser::ast;
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use super::Error;
use super::edit::Notation;
use crate::base::python_text;
use crate::base::yaml::{Layout, LayoutKind, Map, Value};

/// The notation of JSON.
pub struct Json;

/// The notation of JSON.
pub const JSON: Json = Json;

/// The value of a text and where its parts are; null and nothing for an empty
/// text.
///
/// # Errors
/// The text is not JSON.
pub fn parse(text: &str) -> Result<(Value, Option<Layout>), Error> {
    let options = ParseOptions {
        allow_comments: true,
        allow_trailing_commas: true,
        allow_non_finite_numbers: true,
        allow_loose_object_property_names: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_extended_string_escapes: false,
    };
    let parsed = parse_to_ast(text, &CollectOptions::default(), &options)
        .map_err(|error| Error::Syntax(format!("not JSON: {error}")))?;
    match parsed.value {
        None => Err(Error::Syntax("not JSON: no value on line 1".to_string())),
        Some(root) => Ok((value(&root), Some(layout(&root)))),
    }
}

fn value(node: &ast::Value<'_>) -> Value {
    match node {
        ast::Value::StringLit(text) => Value::Str(text.value.to_string()),
        ast::Value::NumberLit(number) => number_value(number.value),
        ast::Value::BooleanLit(truth) => Value::Bool(truth.value),
        ast::Value::NullKeyword(_) => Value::Null,
        ast::Value::Array(list) => Value::List(list.elements.iter().map(value).collect()),
        ast::Value::Object(map) => {
            let entry = |property: &ast::ObjectProp<'_>| {
                (Value::from(property.name.as_str()), value(&property.value))
            };
            Value::Map(map.properties.iter().map(entry).collect::<Map>())
        }
    }
}

fn number_value(text: &str) -> Value {
    let is_integer = !text.contains(['.', 'e', 'E', 'N', 'I']);
    if let Ok(number) = text.parse() {
        return Value::Int(number);
    }
    if is_integer {
        return Value::BigInt(text.to_owned());
    }
    Value::Float(python_text::parse_float(text).unwrap_or(f64::NAN))
}

fn layout(node: &ast::Value<'_>) -> Layout {
    let range = node.range();
    let kind = match node {
        ast::Value::Array(list) => LayoutKind::List {
            items: list.elements.iter().map(layout).collect(),
            indent: None,
        },
        ast::Value::Object(map) => LayoutKind::Map {
            entries: map
                .properties
                .iter()
                .map(|property| {
                    let key = property.name.range();
                    (
                        Value::from(property.name.as_str()),
                        key.start..key.end,
                        layout(&property.value),
                    )
                })
                .collect(),
            indent: None,
        },
        _ => LayoutKind::Scalar,
    };
    Layout {
        range: range.start..range.end,
        kind,
    }
}

/// A text in double quotes, in ASCII. YAML reads it as well.
pub fn string(text: &str) -> String {
    let mut written = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => written.push_str("\\\""),
            '\\' => written.push_str("\\\\"),
            '\n' => written.push_str("\\n"),
            '\r' => written.push_str("\\r"),
            '\t' => written.push_str("\\t"),
            ' '..='~' => written.push(c),
            c => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    written.push_str(&format!("\\u{unit:04x}"));
                }
            }
        }
    }
    written.push('"');
    written
}

impl Notation for Json {
    fn inline(&self, value: &Value) -> String {
        match value {
            Value::Null => "null".to_string(),
            Value::Bool(truth) => truth.to_string(),
            Value::Int(number) => number.to_string(),
            Value::BigInt(digits) => digits.clone(),
            Value::Float(number) if number.is_nan() => "NaN".to_string(),
            Value::Float(number) if number.is_infinite() => if *number > 0.0 {
                "Infinity"
            } else {
                "-Infinity"
            }
            .to_string(),
            Value::Float(number) => python_text::float_repr(*number),
            Value::Str(text) | Value::Timestamp(text) => string(text),
            Value::Bytes(bytes) => string(&String::from_utf8_lossy(bytes)),
            Value::List(items) => {
                let items: Vec<_> = items.iter().map(|item| self.inline(item)).collect();
                format!("[{}]", items.join(", "))
            }
            // There are none: it reads back as another value, which is refused.
            Value::Set(items) => self.inline(&items.keys().cloned().collect()),
            Value::Map(map) => {
                let entry = |(key, value): (&Value, &Value)| {
                    format!("{}: {}", self.inline(key), self.inline(value))
                };
                let entries: Vec<_> = map.iter().map(entry).collect();
                format!("{{{}}}", entries.join(", "))
            }
        }
    }

    fn in_place_of(&self, _old: &str, _dashes: Option<usize>, value: &Value) -> String {
        self.inline(value)
    }

    fn entry(&self, key: &Value, value: &Value, _indent: usize) -> String {
        format!("{}: {}", self.inline(key), self.inline(value))
    }

    fn whole(&self, value: &Value) -> String {
        self.inline(value) + "\n"
    }
}
