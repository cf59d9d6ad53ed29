//! Values as YAML text, byte for byte as PyYAML's safe emitter writes them with
//! an indent of two: where collections break, what is quoted, where long lines
//! fold. Its output is the contract; its structure is not PyYAML's.
//!
//! Nothing is ever written as an anchor: values here are not shared.

use super::analyze::{Analysis, analyze};
use super::resolve::{Tag, is_strict_bool, resolve};
use super::write::Writer;
use super::{Map, Value, binary};
use crate::base::python_text;

/// How collections are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// One entry per line.
    Block,
    /// In brackets and braces.
    Flow,
}

const INDENT: usize = 2;

/// Past this column PyYAML begins a new line at the next chance.
const WIDTH: usize = 80;

/// A key that is longer, its type's tag included, is written after a `?`.
const MAX_KEY_LENGTH: usize = 128;

/// Writes a value as a document, without line breaks at its end.
pub(super) fn emit(value: &Value, style: Style, strict: bool) -> String {
    let mut emitter = Emitter {
        out: Writer::new(WIDTH),
        style,
        strict,
        flow_depth: 0,
    };
    emitter.node(value, None, Place::Item);
    let text = emitter.out.into_text();
    text.trim_matches(python_text::is_space).to_owned()
}

struct Emitter {
    out: Writer,
    style: Style,
    strict: bool,
    flow_depth: usize,
}

/// What a node is part of. Decides about dashes and simple keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// The root or an item of a list.
    Item,
    /// A key on one line with its colon.
    SimpleKey,
    /// A key after a question mark or a value of a map.
    Entry,
}

/// A scalar ready to be written.
struct Scalar {
    text: String,
    /// Written in plain style, the text has the type of the value.
    plain_is_faithful: bool,
    /// Shown only where the style does not imply it.
    tag: &'static str,
    is_text: bool,
    is_binary: bool,
}

impl Scalar {
    fn of(value: &Value, strict: bool) -> Option<Self> {
        let (text, tag) = match value {
            Value::Null => ("null".to_owned(), "!!null"),
            Value::Bool(truth) => (truth.to_string(), "!!bool"),
            Value::Int(number) => (number.to_string(), "!!int"),
            Value::BigInt(digits) => (digits.clone(), "!!int"),
            Value::Float(number) => (float_text(*number), "!!float"),
            Value::Timestamp(text) => (text.clone(), "!!timestamp"),
            Value::Str(text) => (text.clone(), "!!str"),
            Value::Bytes(bytes) => (binary::encode(bytes), "!!binary"),
            Value::List(_) | Value::Map(_) | Value::Set(_) => return None,
        };
        let plain_is_faithful = match value {
            Value::Str(text) => {
                resolve(text) == Tag::Str
                    && !(strict && is_strict_bool(text))
                    && !matches!(text.as_str(), "!" | "&" | "*")
            }
            Value::Bytes(_) => false,
            _ => true,
        };
        Some(Self {
            text,
            plain_is_faithful,
            tag,
            is_text: matches!(value, Value::Str(_)),
            is_binary: matches!(value, Value::Bytes(_)),
        })
    }
}

/// A float as YAML 1.1 reads it: with a point even before an exponent.
fn float_text(number: f64) -> String {
    if number.is_nan() {
        return ".nan".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { ".inf" } else { "-.inf" }.to_owned();
    }
    let text = python_text::float_repr(number);
    if text.contains('.') {
        text
    } else {
        text.replacen('e', ".0e", 1)
    }
}

impl Emitter {
    /// Writes a node. The indent is that of the collection around it, nothing
    /// for the root.
    fn node(&mut self, value: &Value, indent: Option<usize>, place: Place) {
        let in_flow = self.flow_depth > 0 || self.style == Style::Flow;
        match value {
            Value::List(items) if in_flow || items.is_empty() => self.flow_list(items, indent),
            Value::List(items) => self.block_list(items, indent, place),
            Value::Map(map) if in_flow || map.is_empty() => self.flow_map(map, indent),
            Value::Map(map) => self.block_map(map, indent),
            Value::Set(keys) => {
                self.out.spaced_indicator("!!set");
                if in_flow || keys.is_empty() {
                    self.flow_map(keys, indent);
                } else {
                    self.block_map(keys, indent);
                }
            }
            _ => {
                if let Some(scalar) = Scalar::of(value, self.strict) {
                    self.scalar(&scalar, indent, place);
                }
            }
        }
    }

    fn block_list(&mut self, items: &[Value], indent: Option<usize>, place: Place) {
        // A list that is the value of a map's key has its dashes below the key;
        // one that starts on the line of a `?` or `:` has not.
        let is_flush = place == Place::Entry && !self.out.at_indention();
        let inner = match indent {
            None => 0,
            Some(indent) if is_flush => indent,
            Some(indent) => indent + INDENT,
        };
        for item in items {
            self.out.indent(inner);
            self.out.indicator_of_block("-");
            self.node(item, Some(inner), Place::Item);
        }
    }

    fn block_map(&mut self, map: &Map, indent: Option<usize>) {
        let inner = indent.map_or(0, |indent| indent + INDENT);
        for (key, value) in map.sorted() {
            self.out.indent(inner);
            if self.is_simple_key(key) {
                self.node(key, Some(inner), Place::SimpleKey);
                self.out.indicator(":");
            } else {
                self.out.indicator_of_block("?");
                self.node(key, Some(inner), Place::Entry);
                self.out.indent(inner);
                self.out.indicator_of_block(":");
            }
            self.node(value, Some(inner), Place::Entry);
        }
    }

    fn flow_list(&mut self, items: &[Value], indent: Option<usize>) {
        let inner = indent.map_or(INDENT, |indent| indent + INDENT);
        self.out.opening("[");
        self.flow_depth += 1;
        for (at, item) in items.iter().enumerate() {
            self.flow_separator(at, inner);
            self.node(item, Some(inner), Place::Item);
        }
        self.flow_depth -= 1;
        self.out.indicator("]");
    }

    fn flow_map(&mut self, map: &Map, indent: Option<usize>) {
        let inner = indent.map_or(INDENT, |indent| indent + INDENT);
        self.out.opening("{");
        self.flow_depth += 1;
        for (at, (key, value)) in map.sorted().into_iter().enumerate() {
            self.flow_separator(at, inner);
            if self.is_simple_key(key) {
                self.node(key, Some(inner), Place::SimpleKey);
                self.out.indicator(":");
            } else {
                self.out.spaced_indicator("?");
                self.node(key, Some(inner), Place::Entry);
                if self.out.is_past_width() {
                    self.out.indent(inner);
                }
                self.out.spaced_indicator(":");
            }
            self.node(value, Some(inner), Place::Entry);
        }
        self.flow_depth -= 1;
        self.out.indicator("}");
    }

    fn flow_separator(&mut self, at: usize, indent: usize) {
        if at > 0 {
            self.out.indicator(",");
        }
        if self.out.is_past_width() {
            self.out.indent(indent);
        }
    }

    /// Whether a key fits on one line with its colon.
    fn is_simple_key(&self, key: &Value) -> bool {
        match key {
            Value::List(items) => items.is_empty(),
            Value::Map(map) => map.is_empty(),
            _ => Scalar::of(key, self.strict).is_some_and(|scalar| {
                let analysis = analyze(&scalar.text);
                let length = scalar.tag.len() + scalar.text.chars().count();
                length < MAX_KEY_LENGTH && !analysis.is_empty && !analysis.has_breaks
            }),
        }
    }

    fn scalar(&mut self, scalar: &Scalar, indent: Option<usize>, place: Place) {
        let inner = indent.map_or(INDENT, |indent| indent + INDENT);
        let analysis = analyze(&scalar.text);
        let is_key = place == Place::SimpleKey;
        let folds = !is_key;
        if scalar.plain_is_faithful && self.allows_plain(&analysis, is_key) {
            return self.out.plain(&scalar.text, inner, folds);
        }
        if !scalar.is_text {
            self.out.spaced_indicator(scalar.tag);
        }
        if scalar.is_binary {
            // A literal block wherever one may stand; base64 has no character
            // that would forbid it.
            if self.flow_depth == 0 && !is_key && !analysis.is_empty {
                self.out.literal(&scalar.text, inner);
            } else {
                self.out.double_quoted(&scalar.text, inner, folds);
            }
        } else if analysis.single_quoted && !(is_key && analysis.has_breaks) {
            self.out.single_quoted(&scalar.text, inner, folds);
        } else {
            self.out.double_quoted(&scalar.text, inner, folds);
        }
    }

    fn allows_plain(&self, analysis: &Analysis, is_key: bool) -> bool {
        if is_key && (analysis.is_empty || analysis.has_breaks) {
            return false;
        }
        if self.flow_depth > 0 {
            analysis.flow_plain
        } else {
            analysis.block_plain
        }
    }
}
