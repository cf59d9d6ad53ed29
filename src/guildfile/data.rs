//! What a guild file says, as a tree whose parts remember where they were
//! written, also after they were inherited or included elsewhere.

use std::fmt;
use std::path::Path;
use std::rc::Rc;

use indexmap::IndexMap;

use super::Error;
use crate::base::yaml::{self, Map, Node, NodeKind, Value};
use crate::flags::python_repr;

/// A part of a guild file.
#[derive(Debug, Clone)]
pub(super) struct Data {
    /// What it holds.
    pub kind: Kind,
    /// Where it was written.
    pub place: Place,
}

/// What a part holds.
#[derive(Debug, Clone)]
pub(super) enum Kind {
    /// Anything but a list or a map.
    Scalar(Value),
    /// A list.
    List(Vec<Data>),
    /// A map.
    Map(Fields),
}

/// The entries of a map in order. Keys that are not text do not meet those
/// that are.
#[derive(Debug, Clone, Default)]
pub(super) struct Fields(IndexMap<String, Field>);

/// An entry of a map.
#[derive(Debug, Clone)]
pub(super) struct Field {
    /// The key.
    pub key: Value,
    /// The value, whose place is that of the key.
    pub data: Data,
}

/// Where a part was written.
#[derive(Debug, Clone)]
pub(super) struct Place {
    file: Rc<Path>,
    line: usize,
    keys: Option<Rc<Step>>,
}

/// The last key or index of the way to a part, and the way to it.
#[derive(Debug)]
struct Step {
    text: String,
    before: Option<Rc<Step>>,
}

impl Place {
    /// The beginning of `file`.
    pub fn start(file: Rc<Path>) -> Self {
        Self {
            file,
            line: 1,
            keys: None,
        }
    }

    /// The file.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// The line, counted from one.
    pub fn line(&self) -> usize {
        self.line
    }

    fn below(&self, text: String, line: usize) -> Self {
        Self {
            file: Rc::clone(&self.file),
            line,
            keys: Some(Rc::new(Step {
                text,
                before: self.keys.clone(),
            })),
        }
    }

    /// That something is wrong here.
    pub fn error(&self, reason: impl Into<String>) -> Error {
        Error::Invalid {
            path: self.file.to_path_buf(),
            reason: reason.into(),
            place: format!("line {}{self}", self.line),
        }
    }
}

impl fmt::Display for Place {
    /// The keys that lead here, after a colon; nothing for the whole file.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut steps = Vec::new();
        let mut step = self.keys.as_ref();
        while let Some(this) = step {
            steps.push(this.text.as_str());
            step = this.before.as_ref();
        }
        if !steps.is_empty() {
            write!(out, ": ")?;
        }
        for (index, text) in steps.iter().rev().enumerate() {
            let dot = if index == 0 || text.starts_with('[') {
                ""
            } else {
                "."
            };
            write!(out, "{dot}{text}")?;
        }
        Ok(())
    }
}

impl Data {
    /// The data of a document of `file`.
    pub fn of_node(node: Node, file: &Rc<Path>) -> Self {
        let mut place = Place::start(Rc::clone(file));
        place.line = node.line;
        Self::read(node, place)
    }

    fn read(node: Node, place: Place) -> Self {
        let kind = match node.kind {
            NodeKind::Scalar(value) => Kind::Scalar(value),
            NodeKind::List(items) => Kind::List(
                items
                    .into_iter()
                    .enumerate()
                    .map(|(index, item)| {
                        let place = place.below(format!("[{index}]"), item.line);
                        Self::read(item, place)
                    })
                    .collect(),
            ),
            NodeKind::Map(entries) => {
                let mut fields = Fields::default();
                for entry in entries {
                    let line = entry.key.line;
                    let key = entry.key.into_value();
                    let place = place.below(key_text(&key), line);
                    fields.set(key, Self::read(entry.value, place));
                }
                Kind::Map(fields)
            }
        };
        Self { kind, place }
    }

    /// A map that stands where this does.
    pub fn with_fields(&self, fields: Fields) -> Self {
        self.with(Kind::Map(fields))
    }

    /// Something else that stands where this does.
    pub fn with(&self, kind: Kind) -> Self {
        Self {
            kind,
            place: self.place.clone(),
        }
    }

    /// The entries, if this is a map.
    pub fn fields(&self) -> Option<&Fields> {
        match &self.kind {
            Kind::Map(fields) => Some(fields),
            _ => None,
        }
    }

    /// The items, if this is a list.
    pub fn items(&self) -> Option<&[Self]> {
        match &self.kind {
            Kind::List(items) => Some(items),
            _ => None,
        }
    }

    /// The value, if this is neither a list nor a map.
    pub fn scalar(&self) -> Option<&Value> {
        match &self.kind {
            Kind::Scalar(value) => Some(value),
            _ => None,
        }
    }

    /// The text, if this is one.
    pub fn as_str(&self) -> Option<&str> {
        self.scalar().and_then(Value::as_str)
    }

    /// Whether this is null.
    pub fn is_null(&self) -> bool {
        self.scalar().is_some_and(Value::is_null)
    }

    /// Whether this counts as true in Python.
    pub fn is_truthy(&self) -> bool {
        match &self.kind {
            Kind::Scalar(value) => value.is_truthy(),
            Kind::List(items) => !items.is_empty(),
            Kind::Map(fields) => !fields.0.is_empty(),
        }
    }

    /// What is under a text key, if this is a map that has it.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.fields()?.get(key)
    }

    /// The value without its places.
    pub fn to_value(&self) -> Value {
        match &self.kind {
            Kind::Scalar(value) => value.clone(),
            Kind::List(items) => Value::List(items.iter().map(Self::to_value).collect()),
            Kind::Map(fields) => Value::Map(fields.to_map()),
        }
    }

    /// The value as Python shows it.
    pub fn shown(&self) -> String {
        python_repr(&self.to_value())
    }

    /// How many parts this has, itself included.
    pub fn size(&self) -> usize {
        1 + match &self.kind {
            Kind::Scalar(Value::Str(text)) => text.len() / 64,
            Kind::Scalar(_) => 0,
            Kind::List(items) => items.iter().map(Self::size).sum(),
            Kind::Map(fields) => fields.iter().map(|field| field.data.size()).sum(),
        }
    }

    /// That something is wrong here.
    pub fn error(&self, reason: impl Into<String>) -> Error {
        self.place.error(reason)
    }
}

impl Fields {
    /// What is under a text key.
    pub fn get(&self, key: &str) -> Option<&Data> {
        self.0.get(key).map(|field| &field.data)
    }

    /// What is under a key, to change in place.
    pub fn get_field_mut(&mut self, key: &Value) -> Option<&mut Data> {
        self.0.get_mut(&key_id(key)).map(|field| &mut field.data)
    }

    /// Puts `data` under `key`; a key that was there keeps its place.
    pub fn set(&mut self, key: Value, data: Data) {
        let id = key_id(&key);
        self.0.insert(id, Field { key, data });
    }

    /// The entries in order.
    pub fn iter(&self) -> impl Iterator<Item = &Field> {
        self.0.values()
    }

    /// The entries by key.
    pub fn sorted(&self) -> Vec<&Field> {
        let mut fields: Vec<_> = self.0.iter().collect();
        fields.sort_by(|left, right| left.0.cmp(right.0));
        fields.into_iter().map(|(_, field)| field).collect()
    }

    /// The map without its places.
    pub fn to_map(&self) -> Map {
        self.iter()
            .map(|field| (field.key.clone(), field.data.to_value()))
            .collect()
    }
}

impl Field {
    /// The key as text.
    pub fn name(&self) -> String {
        key_text(&self.key)
    }
}

/// What tells a key apart from others.
fn key_id(key: &Value) -> String {
    match key {
        Value::Str(text) => text.clone(),
        other => format!("\0{}", yaml::dump_flow(other)),
    }
}

/// A key as text.
pub(super) fn key_text(key: &Value) -> String {
    match key {
        Value::Str(text) => text.clone(),
        other => yaml::dump_flow(other),
    }
}
