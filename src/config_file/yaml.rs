//! Values in YAML texts.

use super::edit::Notation;
use crate::base::yaml::{self, Value};

/// How far in what belongs to a key is.
const INDENT: usize = 2;

/// The notation of YAML.
pub struct Yaml;

/// The notation of YAML.
pub const YAML: Yaml = Yaml;

impl Notation for Yaml {
    fn inline(&self, value: &Value) -> String {
        match value {
            Value::List(items) => {
                let items: Vec<_> = items.iter().map(|item| self.inline(item)).collect();
                format!("[{}]", items.join(", "))
            }
            Value::Map(map) => {
                let entry = |(key, value): (&Value, &Value)| {
                    format!("{}: {}", self.inline(key), self.inline(value))
                };
                let entries: Vec<_> = map.iter().map(entry).collect();
                format!("{{{}}}", entries.join(", "))
            }
            scalar => {
                // As an item of a list: what needs quotes there needs them here.
                let list = yaml::dump_flow(&Value::List(vec![scalar.clone()]));
                let item = list
                    .strip_prefix('[')
                    .and_then(|list| list.strip_suffix(']'));
                on_one_line(item.unwrap_or(&list), scalar)
            }
        }
    }

    fn in_place_of(&self, old: &str, dashes: Option<usize>, value: &Value) -> String {
        match (value, dashes) {
            (Value::List(items), Some(indent)) if !items.is_empty() => {
                let items = items.iter().map(|item| format!("- {}", self.inline(item)));
                let separator = format!("\n{}", " ".repeat(indent));
                items.collect::<Vec<_>>().join(&separator)
            }
            (Value::List(_) | Value::Map(_) | Value::Set(_), _) => self.inline(value),
            (Value::Str(text), _) if old.starts_with('"') => double_quoted(text),
            (Value::Str(text), _) if old.starts_with('\'') && is_plain_line(text) => {
                format!("'{}'", text.replace('\'', "''"))
            }
            (scalar, _) => on_one_line(&yaml::dump(scalar), scalar),
        }
    }

    fn entry(&self, key: &Value, value: &Value, indent: usize) -> String {
        let margin = " ".repeat(indent);
        let key = self.inline(key);
        let is_block = match value {
            Value::List(items) => !items.is_empty(),
            Value::Map(map) => !map.is_empty(),
            _ => false,
        };
        if !is_block {
            return format!("{margin}{key}: {}", self.in_place_of("", None, value));
        }
        let inner = " ".repeat(indent + INDENT);
        let lines: String = yaml::dump(value)
            .lines()
            .map(|line| format!("\n{inner}{line}"))
            .collect();
        format!("{margin}{key}:{lines}")
    }

    fn whole(&self, value: &Value) -> String {
        yaml::dump_file(value)
    }
}

/// The text of a scalar, as it was written or else in a form without line breaks.
fn on_one_line(written: &str, scalar: &Value) -> String {
    match scalar {
        Value::Str(text) if written.contains('\n') => double_quoted(text),
        _ => written.to_owned(),
    }
}

/// A text in double quotes, on one line and in ASCII.
fn double_quoted(text: &str) -> String {
    let mut written = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => written.extend(['\\', c]),
            '\n' => written.push_str("\\n"),
            '\t' => written.push_str("\\t"),
            ' '..='~' => written.push(c),
            c => written.push_str(&format!("\\U{:08X}", u32::from(c))),
        }
    }
    written.push('"');
    written
}

/// Whether single quotes can hold a text as it is.
fn is_plain_line(text: &str) -> bool {
    text.chars().all(|c| c == ' ' || c.is_ascii_graphic())
}
