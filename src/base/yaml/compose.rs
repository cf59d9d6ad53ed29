//! From the tree of a text to values that remember where they were written:
//! aliases, merge keys and tags carried out. Knows nothing of YAML's syntax,
//! which is `parse`'s affair, nor of how scalars are spelled, which is
//! `construct`'s.

use std::collections::HashMap;
use std::rc::Rc;

use super::parse::{Content, Syntax, parse};
use super::resolve::{Tag, resolve};
use super::{Error, Map, Mark, Value, construct};
use crate::base::python_text::str_repr;

/// How much aliases may add to a document, in the unit of [`weight`]. Without
/// it, nine lines of YAML ("billion laughs") fill any memory.
const MAX_EXPANSION: usize = 500_000;

/// A value and where it begins in the text.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The value.
    pub kind: NodeKind,
    /// The line where it begins, counted from one.
    pub line: usize,
    /// The column where it begins, in characters, counted from one.
    pub column: usize,
}

/// What a [`Node`] holds.
#[derive(Debug, Clone, PartialEq)]
pub enum NodeKind {
    /// Anything but a list or a map; a set is one, too.
    Scalar(Value),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping's entries as written, repeated keys included; entries that
    /// came by merge keys (`<<`) go first.
    Map(Vec<Entry>),
}

/// One entry of a mapping.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: Node,
    /// The value.
    pub value: Node,
    /// Whether it came by a merge key, so that a later entry of the same key
    /// replaces it by intent.
    pub merged: bool,
}

impl Node {
    fn new(kind: NodeKind, mark: Mark) -> Self {
        Self {
            kind,
            line: mark.line + 1,
            column: mark.column + 1,
        }
    }

    fn mark(&self) -> Mark {
        Mark {
            line: self.line - 1,
            column: self.column - 1,
        }
    }

    /// The value without its places. The last of repeated keys wins and keeps
    /// the place of the first, as in PyYAML.
    pub fn into_value(self) -> Value {
        match self.kind {
            NodeKind::Scalar(value) => value,
            NodeKind::List(items) => items.into_iter().map(Self::into_value).collect(),
            NodeKind::Map(entries) => Value::Map(
                entries
                    .into_iter()
                    .map(|entry| (entry.key.into_value(), entry.value.into_value()))
                    .collect::<Map>(),
            ),
        }
    }

    /// The value of a copy, see [`Node::into_value`].
    pub fn to_value(&self) -> Value {
        self.clone().into_value()
    }

    /// The text, if this is a string.
    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            NodeKind::Scalar(value) => value.as_str(),
            _ => None,
        }
    }

    /// The last entry under a text key, if this is a map.
    pub fn get(&self, key: &str) -> Option<&Entry> {
        match &self.kind {
            NodeKind::Map(entries) => entries
                .iter()
                .rev()
                .find(|entry| entry.key.as_str() == Some(key)),
            _ => None,
        }
    }
}

impl FromIterator<Value> for Value {
    fn from_iter<I: IntoIterator<Item = Value>>(items: I) -> Self {
        Self::List(items.into_iter().collect())
    }
}

/// Reads the one document of a text into a tree that knows its places; nothing
/// for an empty text. Merge keys and aliases are already carried out.
///
/// # Errors
/// As [`load`](super::load).
pub fn load_spanned(text: &str) -> Result<Option<Node>, Error> {
    let Some(root) = parse(text)? else {
        return Ok(None);
    };
    let mut composer = Composer {
        anchors: HashMap::new(),
        expansion: 0,
        refused: None,
    };
    let node = composer.node(root, 0)?;
    match composer.refused {
        Some((_, error)) => Err(error),
        None => Ok(Some(node)),
    }
}

struct Composer {
    /// Anchored nodes, once they are complete.
    anchors: HashMap<String, Rc<Node>>,
    expansion: usize,
    /// A value that nothing could be made of, and the depth of the collection it
    /// is in: PyYAML makes values from the outside in and reports the first of
    /// the outermost.
    refused: Option<(usize, Error)>,
}

/// What a tag asks for.
enum NodeTag {
    Scalar(Tag),
    Bytes,
    Sequence,
    Mapping,
    Set,
    Pairs,
    Unknown,
}

impl NodeTag {
    fn of(tag: &str) -> Self {
        match tag.strip_prefix("tag:yaml.org,2002:") {
            Some("null") => Self::Scalar(Tag::Null),
            Some("bool") => Self::Scalar(Tag::Bool),
            Some("int") => Self::Scalar(Tag::Int),
            Some("float") => Self::Scalar(Tag::Float),
            Some("timestamp") => Self::Scalar(Tag::Timestamp),
            Some("str") => Self::Scalar(Tag::Str),
            Some("binary") => Self::Bytes,
            Some("seq") => Self::Sequence,
            Some("map") => Self::Mapping,
            Some("set") => Self::Set,
            Some("omap" | "pairs") => Self::Pairs,
            _ => Self::Unknown,
        }
    }
}

/// How much a node adds when it is copied: one for itself and each one in it,
/// and more for long text.
fn weight(node: &Node) -> usize {
    match &node.kind {
        NodeKind::Scalar(value) => scalar_weight(value),
        NodeKind::List(items) => 1 + items.iter().map(weight).sum::<usize>(),
        NodeKind::Map(entries) => {
            let entry = |entry: &Entry| weight(&entry.key) + weight(&entry.value);
            1 + entries.iter().map(entry).sum::<usize>()
        }
    }
}

fn scalar_weight(value: &Value) -> usize {
    1 + match value {
        Value::Str(text) => text.len() / 64,
        Value::BigInt(digits) => digits.len() / 64,
        Value::Bytes(bytes) => bytes.len() / 64,
        Value::Set(keys) => keys.keys().map(scalar_weight).sum(),
        _ => 0,
    }
}

/// A node in the making.
#[derive(Clone, Copy)]
struct Made<'a> {
    tag: Option<&'a str>,
    mark: Mark,
    depth: usize,
}

impl Composer {
    /// Composes a node that is inside a number of others.
    fn node(&mut self, syntax: Syntax, depth: usize) -> Result<Node, Error> {
        let mark = syntax.mark;
        let made = Made {
            tag: syntax.tag.as_deref(),
            mark,
            depth,
        };
        let node = match syntax.content {
            Content::Alias(name) => return self.alias(&name, mark),
            Content::Scalar { text, is_plain } => self.scalar(text, is_plain, made),
            Content::Sequence(items) => {
                let items: Result<_, _> = items
                    .into_iter()
                    .map(|item| self.node(item, depth + 1))
                    .collect();
                self.sequence(items?, made)
            }
            Content::Mapping(pairs) => self.mapping(pairs, made)?,
        };
        if let Some(name) = syntax.anchor {
            self.expand(&node, mark)?;
            self.anchors.insert(name, Rc::new(node.clone()));
        }
        Ok(node)
    }

    fn alias(&mut self, name: &str, mark: Mark) -> Result<Node, Error> {
        // The parser knows the anchor, so its node must still be incomplete.
        let Some(node) = self.anchors.get(name).cloned() else {
            let name = str_repr(name);
            let problem = format!("found alias {name} inside the value it stands for");
            return Err(Error::new(problem, mark));
        };
        self.expand(&node, mark)?;
        Ok(Node::new(node.kind.clone(), mark))
    }

    /// Counts a copy of a node.
    fn expand(&mut self, node: &Node, mark: Mark) -> Result<(), Error> {
        self.expansion += weight(node);
        if self.expansion > MAX_EXPANSION {
            return Err(Error::new("aliases expand to too large a value", mark));
        }
        Ok(())
    }

    /// Composes a key; nothing for one that merges. The key `=` is but text.
    fn key(&mut self, syntax: Syntax, depth: usize) -> Result<Option<Node>, Error> {
        if let Content::Scalar {
            text,
            is_plain: true,
        } = &syntax.content
            && syntax.tag.is_none()
        {
            match resolve(text) {
                Tag::Merge => return Ok(None),
                Tag::Default => {
                    let kind = NodeKind::Scalar(Value::from("="));
                    return Ok(Some(Node::new(kind, syntax.mark)));
                }
                _ => {}
            }
        }
        self.node(syntax, depth).map(Some)
    }

    fn refuse(&mut self, depth: usize, error: Error) {
        if self
            .refused
            .as_ref()
            .is_none_or(|(least, _)| depth < *least)
        {
            self.refused = Some((depth, error));
        }
    }

    fn refuse_tag(&mut self, tag: &str, made: Made<'_>) {
        let tag = str_repr(tag);
        let problem = format!("could not determine a constructor for the tag {tag}");
        self.refuse(made.depth, Error::new(problem, made.mark));
    }

    fn refuse_kind(&mut self, expected: &str, found: &str, made: Made<'_>) {
        let problem = format!("expected a {expected} node, but found {found}");
        self.refuse(made.depth, Error::new(problem, made.mark));
    }

    fn refuse_pairs(&mut self, found: &str, made: Made<'_>) {
        let problem = format!("expected a sequence, but found {found}");
        let context = "while constructing an ordered map";
        let error = Error::new(problem, made.mark).within(context, made.mark);
        self.refuse(made.depth + 1, error);
    }

    fn refuse_inside(&mut self, problem: String, at: Mark, made: Made<'_>) {
        let error = Error::new(problem, at).within("while constructing a mapping", made.mark);
        self.refuse(made.depth + 1, error);
    }

    fn scalar(&mut self, text: String, is_plain: bool, made: Made<'_>) -> Node {
        let node_tag = match made.tag {
            Some(tag) => NodeTag::of(tag),
            None if is_plain => NodeTag::Scalar(resolve(&text)),
            None => NodeTag::Scalar(Tag::Str),
        };
        let value = match node_tag {
            NodeTag::Scalar(Tag::Null) => Ok(Value::Null),
            NodeTag::Scalar(Tag::Str) => Ok(Value::Str(text)),
            NodeTag::Scalar(Tag::Bool) => construct::bool(&text),
            NodeTag::Scalar(Tag::Int) => construct::int(&text),
            NodeTag::Scalar(Tag::Float) => construct::float(&text),
            NodeTag::Scalar(Tag::Timestamp) => construct::timestamp(&text),
            NodeTag::Bytes => construct::bytes(&text),
            _ => {
                match node_tag {
                    NodeTag::Scalar(Tag::Merge) => self.refuse_tag("tag:yaml.org,2002:merge", made),
                    NodeTag::Sequence => self.refuse_kind("sequence", "scalar", made),
                    NodeTag::Pairs => self.refuse_pairs("scalar", made),
                    NodeTag::Mapping | NodeTag::Set => self.refuse_kind("mapping", "scalar", made),
                    NodeTag::Unknown => self.refuse_tag(made.tag.unwrap_or_default(), made),
                    _ => self.refuse_tag("tag:yaml.org,2002:value", made),
                }
                Ok(Value::Null)
            }
        };
        let value = value.unwrap_or_else(|problem| {
            self.refuse(made.depth, Error::new(problem, made.mark));
            Value::Null
        });
        Node::new(NodeKind::Scalar(value), made.mark)
    }

    fn sequence(&mut self, mut items: Vec<Node>, made: Made<'_>) -> Node {
        match made.tag.map_or(NodeTag::Sequence, NodeTag::of) {
            NodeTag::Sequence => {}
            NodeTag::Pairs => {
                for item in &mut items {
                    self.make_pair(item, made);
                }
            }
            NodeTag::Mapping | NodeTag::Set => self.refuse_kind("mapping", "sequence", made),
            NodeTag::Scalar(_) | NodeTag::Bytes => self.refuse_kind("scalar", "sequence", made),
            NodeTag::Unknown => self.refuse_tag(made.tag.unwrap_or_default(), made),
        }
        Node::new(NodeKind::List(items), made.mark)
    }

    /// Turns a map of one entry, as ordered maps list them, into key and value.
    fn make_pair(&mut self, item: &mut Node, made: Made<'_>) {
        let found = match &mut item.kind {
            NodeKind::Map(entries) if entries.len() == 1 => {
                let pair = entries.drain(..).flat_map(|entry| [entry.key, entry.value]);
                item.kind = NodeKind::List(pair.collect());
                return;
            }
            NodeKind::Map(entries) => {
                format!(
                    "expected a single mapping item, but found {} items",
                    entries.len()
                )
            }
            NodeKind::List(_) => "expected a mapping of length 1, but found sequence".to_owned(),
            NodeKind::Scalar(_) => "expected a mapping of length 1, but found scalar".to_owned(),
        };
        let error = Error::new(found, item.mark());
        let error = error.within("while constructing an ordered map", made.mark);
        self.refuse(made.depth + 1, error);
    }

    fn mapping(&mut self, pairs: Vec<(Syntax, Syntax)>, made: Made<'_>) -> Result<Node, Error> {
        match made.tag.map_or(NodeTag::Mapping, NodeTag::of) {
            NodeTag::Mapping | NodeTag::Set => {}
            NodeTag::Sequence => self.refuse_kind("sequence", "mapping", made),
            NodeTag::Pairs => self.refuse_pairs("mapping", made),
            NodeTag::Scalar(_) | NodeTag::Bytes => self.refuse_kind("scalar", "mapping", made),
            NodeTag::Unknown => self.refuse_tag(made.tag.unwrap_or_default(), made),
        }
        let mut merged = Vec::new();
        let mut entries = Vec::new();
        for (key, value) in pairs {
            let Some(key) = self.key(key, made.depth + 1)? else {
                let value = self.node(value, made.depth + 1)?;
                self.merge(value, &mut merged, made);
                continue;
            };
            let is_hashable =
                matches!(&key.kind, NodeKind::Scalar(value) if !matches!(value, Value::Set(_)));
            if !is_hashable {
                self.refuse_inside("found unhashable key".to_owned(), key.mark(), made);
            }
            let value = self.node(value, made.depth + 1)?;
            entries.push(Entry {
                key,
                value,
                merged: false,
            });
        }
        merged.append(&mut entries);
        let is_set = matches!(made.tag.map(NodeTag::of), Some(NodeTag::Set));
        let kind = if is_set {
            let key = |entry: Entry| (entry.key.into_value(), Value::Null);
            NodeKind::Scalar(Value::Set(merged.into_iter().map(key).collect()))
        } else {
            NodeKind::Map(merged)
        };
        Ok(Node::new(kind, made.mark))
    }

    /// Adds the entries of a merge key's value: a map, or maps in falling
    /// precedence.
    fn merge(&mut self, value: Node, merged: &mut Vec<Entry>, made: Made<'_>) {
        let at = value.mark();
        match value.kind {
            NodeKind::Map(entries) => {
                merged.extend(entries.into_iter().map(|e| Entry { merged: true, ..e }));
            }
            NodeKind::List(maps) => {
                for map in maps.into_iter().rev() {
                    let at = map.mark();
                    let NodeKind::Map(entries) = map.kind else {
                        let found = kind_name(&map.kind);
                        let problem = format!("expected a mapping for merging, but found {found}");
                        self.refuse_inside(problem, at, made);
                        continue;
                    };
                    merged.extend(entries.into_iter().map(|e| Entry { merged: true, ..e }));
                }
            }
            NodeKind::Scalar(_) => {
                let problem = "expected a mapping or list of mappings for merging, \
                               but found scalar";
                self.refuse_inside(problem.to_owned(), at, made);
            }
        }
    }
}

fn kind_name(kind: &NodeKind) -> &'static str {
    match kind {
        NodeKind::Scalar(_) => "scalar",
        NodeKind::List(_) => "sequence",
        NodeKind::Map(_) => "mapping",
    }
}
