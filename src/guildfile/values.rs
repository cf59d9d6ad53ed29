//! Values of a guild file whose form has been checked, as what they stand for.
//! What is something else than expected even so counts as none.

use super::document::text_list;
use crate::base::yaml::{self, Map, Value};

/// A value as text; empty for null.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::Str(text) => text.clone(),
        Value::Null => String::new(),
        other => yaml::dump_flow(other),
    }
}

/// What `value` is as text; none for null and for what is no scalar.
pub(super) fn some_text(value: &Value) -> Option<String> {
    let is_none = matches!(value, Value::Null | Value::List(_) | Value::Map(_));
    (!is_none).then(|| text(value))
}

/// Whether `value` is a number, which a truth is not.
pub(super) fn is_number(value: &Value) -> bool {
    matches!(value, Value::Int(_) | Value::BigInt(_) | Value::Float(_))
}

/// The text under `key`, if there is one.
pub(super) fn text_at(map: &Map, key: &str) -> Option<String> {
    map.get(key).and_then(some_text)
}

/// The text under `key` without space around it; empty if there is none.
pub(super) fn prose_at(map: &Map, key: &str) -> String {
    text_at(map, key).unwrap_or_default().trim().to_string()
}

/// The texts of a list, or of a text that is one or writes a list.
pub(super) fn texts(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::Str(text) => Some(text_list(text)),
        Value::List(items) => Some(items.iter().map(text).collect()),
        _ => None,
    }
}

/// The texts under `key`.
pub(super) fn texts_at(map: &Map, key: &str) -> Vec<String> {
    map.get(key).and_then(texts).unwrap_or_default()
}

/// Whether what is under `key` counts as true.
pub(super) fn truth_at(map: &Map, key: &str) -> bool {
    map.get(key).is_some_and(Value::is_truthy)
}

/// What is under `key`, unless that is null.
pub(super) fn value_at(map: &Map, key: &str) -> Option<Value> {
    map.get(key).filter(|value| !value.is_null()).cloned()
}

/// The map under `key`; empty if there is none.
pub(super) fn map_at(map: &Map, key: &str) -> Map {
    map.get(key)
        .and_then(Value::as_map)
        .cloned()
        .unwrap_or_default()
}
