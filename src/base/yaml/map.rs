//! Mappings of YAML documents, which tell keys apart as Python's dictionaries do.

use std::hash::{Hash, Hasher};

use indexmap::IndexMap;

use super::Value;

/// A mapping that keeps the order its keys were first put in.
///
/// Keys are told apart as by a Python dictionary (`1`, `1.0` and `True` are one
/// key), except that all NaNs are one key too. Two maps are equal if they have
/// equal entries in any order.
#[derive(Debug, Clone, Default)]
pub struct Map(IndexMap<Key, Value>);

#[derive(Debug, Clone)]
struct Key(Value);

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0 || self.0.python_eq(&other.0)
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match &self.0 {
            Value::Null => 0u8.hash(state),
            Value::Bool(truth) => f64::from(u8::from(*truth)).to_bits().hash(state),
            // Numbers that are equal across types are equal as floats.
            Value::Int(number) => hash_float(*number as f64, state),
            Value::Float(number) => hash_float(*number, state),
            Value::BigInt(digits) => {
                hash_float(digits.parse().unwrap_or(f64::INFINITY), state);
            }
            Value::Str(text) | Value::Timestamp(text) => text.hash(state),
            Value::Bytes(bytes) => bytes.hash(state),
            Value::List(items) => items.len().hash(state),
            Value::Map(map) | Value::Set(map) => map.len().hash(state),
        }
    }
}

fn hash_float<H: Hasher>(number: f64, state: &mut H) {
    // One hash for both zeros.
    (number + 0.0).to_bits().hash(state);
}

impl Map {
    /// An empty map.
    pub fn new() -> Self {
        Self::default()
    }

    /// The value of a text key.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(&Key(key.into()))
    }

    /// The value of any key.
    pub fn get_value(&self, key: &Value) -> Option<&Value> {
        self.0.get(&Key(key.clone()))
    }

    /// The value of a text key, to change in place.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Value> {
        self.0.get_mut(&Key(key.into()))
    }

    /// Whether there is a text key.
    pub fn contains(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Puts a value under a key and returns the one it replaces. A key that was
    /// there keeps its place and its own type, as in Python.
    pub fn insert(&mut self, key: impl Into<Value>, value: impl Into<Value>) -> Option<Value> {
        self.0.insert(Key(key.into()), value.into())
    }

    /// Takes a text key out and returns its value. The others keep their order.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        self.0.shift_remove(&Key(key.into()))
    }

    /// The entries in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Value, &Value)> {
        self.0.iter().map(|(key, value)| (&key.0, value))
    }

    /// The entries by key as Python's `sorted` puts them, or in their own order
    /// if two keys do not compare.
    pub fn sorted(&self) -> Vec<(&Value, &Value)> {
        let mut entries: Vec<_> = self.iter().collect();
        entries.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        let is_comparable = entries
            .windows(2)
            .all(|pair| pair[0].0.python_cmp(pair[1].0).is_some());
        if is_comparable {
            entries
        } else {
            self.iter().collect()
        }
    }

    /// The keys in order.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &Value> {
        self.0.keys().map(|key| &key.0)
    }

    /// The values in order.
    pub fn values(&self) -> impl ExactSizeIterator<Item = &Value> {
        self.0.values()
    }

    /// The number of entries.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no entries.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl PartialEq for Map {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len()
            && self.0.iter().all(|(key, value)| {
                other
                    .0
                    .get_key_value(key)
                    .is_some_and(|(other_key, other)| key.0 == other_key.0 && value == other)
            })
    }
}

impl<K: Into<Value>, V: Into<Value>> FromIterator<(K, V)> for Map {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut map = Self::new();
        map.extend(entries);
        map
    }
}

impl<K: Into<Value>, V: Into<Value>> Extend<(K, V)> for Map {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, entries: I) {
        for (key, value) in entries {
            self.insert(key, value);
        }
    }
}

/// The entries of a [`Map`], taken out in order.
pub struct IntoEntries(indexmap::map::IntoIter<Key, Value>);

impl Iterator for IntoEntries {
    type Item = (Value, Value);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(key, value)| (key.0, value))
    }
}

impl IntoIterator for Map {
    type Item = (Value, Value);
    type IntoIter = IntoEntries;

    fn into_iter(self) -> Self::IntoIter {
        IntoEntries(self.0.into_iter())
    }
}
