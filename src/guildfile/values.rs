//! Values of a guild file whose form has been checked, as what they stand for.

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

/// The text under `key`, if there is one.
pub(super) fn text_at(map: &Map, key: &str) -> Option<String> {
    map.get(key).filter(|value| !value.is_null()).map(text)
}

/// The text under `key` without space around it; empty if there is none.
pub(super) fn prose_at(map: &Map, key: &str) -> String {
    map.get(key)
        .map(text)
        .unwrap_or_default()
        .trim()
        .to_string()
}

/// The texts of a list, or of a text that is one or writes a list; nothing for
/// null.
pub(super) fn texts(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::Null => None,
        Value::Str(text) => Some(text_list(text)),
        Value::List(items) => Some(items.iter().map(text).collect()),
        other => Some(vec![text(other)]),
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
