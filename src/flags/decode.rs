//! The values that texts on a command line stand for: Python's numbers first,
//! then functions and repeated lists, then YAML, and the text itself if all else
//! fails. The rules are at the end of section 2.8 of the run format.

use super::function::{self, Function};
use super::sequence;
use crate::base::python_text;
use crate::base::yaml::{self, Value};

/// How deep values may be spelled inside one another. The text of a value that
/// is deeper stands for itself.
const MAX_DEPTH: usize = 32;

/// The most items a repeated list may come to.
const MAX_ITEMS: usize = sequence::MAX_ITEMS;

/// Reads a value of no particular type.
pub fn decode(text: &str) -> Value {
    decode_at(text, 0)
}

/// Reads a value for a flag that has a type in the guild file. A text that does
/// not suit the type is read as if it had none; an unknown type is no type.
pub fn decode_as(text: &str, flag_type: &str) -> Value {
    if text.is_empty() {
        return Value::from(text);
    }
    let value = typed(text, flag_type).unwrap_or_else(|| untyped(text, 0));
    undo_surprise(value, text)
}

/// Whether a guild file may give a flag this type.
pub fn is_type(name: &str) -> bool {
    let types = [
        "auto",
        "boolean",
        "existing-path",
        "float",
        "int",
        "number",
        "path",
        "string",
    ];
    types.contains(&name)
}

/// What is wrong with a text that looks like a `range`, `linspace` or `logspace`
/// and stays text.
pub fn sequence_fault(text: &str) -> Option<String> {
    let function = function::parse_at(text, 0)?;
    let reason = sequence::fault(function.name.as_deref()?, &function.args)?;
    let text = python_text::str_repr(text);
    Some(format!("error decoding {text}: {reason}"))
}

/// The value that `text` writes, which stands in `depth` functions.
pub(super) fn decode_at(text: &str, depth: usize) -> Value {
    undo_surprise(untyped(text, depth), text)
}

fn typed(text: &str, flag_type: &str) -> Option<Value> {
    match flag_type {
        "int" => int(text),
        "float" => python_text::parse_float(text).map(Value::Float),
        "number" => number(text),
        "boolean" => boolean(text),
        // Text that looks like a list or is in quotes is YAML all the same.
        "string" | "path" | "existing-path" => {
            (!text.starts_with(['[', '{', '\'', '"'])).then(|| Value::from(text))
        }
        _ => None,
    }
}

fn boolean(text: &str) -> Option<Value> {
    let value = yaml::load(text).ok()?;
    Some(match value {
        Value::Bool(_) | Value::Int(_) | Value::BigInt(_) | Value::Float(_) => {
            Value::Bool(value.is_truthy())
        }
        _ => value,
    })
}

fn int(text: &str) -> Option<Value> {
    let digits = python_text::parse_int(text)?;
    Some(match digits.parse() {
        Ok(number) => Value::Int(number),
        Err(_) => Value::BigInt(digits),
    })
}

fn number(text: &str) -> Option<Value> {
    int(text).or_else(|| python_text::parse_float(text).map(Value::Float))
}

fn untyped(text: &str, depth: usize) -> Value {
    if text.is_empty() || depth > MAX_DEPTH {
        return Value::from(text);
    }
    number(text)
        .or_else(|| function_or_sequence(text, depth))
        .or_else(|| repeated_list(text, depth))
        .or_else(|| yaml::load(text).ok())
        .unwrap_or_else(|| Value::from(text))
}

/// `[1:2]` stays text, which YAML would take for a list of 62 minutes; `range`
/// and its kin become lists. Other functions are text too, but may be YAML.
fn function_or_sequence(text: &str, depth: usize) -> Option<Value> {
    let function = function::parse_at(text, depth)?;
    match &function {
        Function { name: None, args } => (args.len() >= 2).then(|| Value::from(text)),
        Function {
            name: Some(name),
            args,
        } => sequence::expand(name, args).map(Value::List),
    }
}

/// `[1, 2]*3` is the list three times over.
fn repeated_list(text: &str, depth: usize) -> Option<Value> {
    let (before, count) = text.trim_matches(python_text::is_space).rsplit_once('*')?;
    let count = count.trim_start_matches(python_text::is_space);
    if count.is_empty() || !count.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let list = before.trim_end_matches(python_text::is_space);
    if !list.starts_with('[') || !list.ends_with(']') || list.contains('\n') {
        return None;
    }
    let Value::List(items) = untyped(list, depth + 1) else {
        return Some(Value::from(text));
    };
    let count: usize = count.parse().ok()?;
    if items.len().checked_mul(count)? > MAX_ITEMS {
        return None;
    }
    Some(std::iter::repeat_n(items, count).flatten().collect())
}

/// Gives back the text of a number that few would take for one: `1_2_3`, `1:30`.
fn undo_surprise(value: Value, text: &str) -> Value {
    let is_number = matches!(
        value,
        Value::Bool(_) | Value::Int(_) | Value::BigInt(_) | Value::Float(_)
    );
    if is_number && text.contains(['_', ':']) && !text.contains("!!") {
        return Value::from(text);
    }
    value
}
