//! Values that look like functions: `uniform[0:1]`, `[0.1:0.5:0.2]`. What the
//! functions do is not known here.

use super::decode::decode_at;
use crate::base::python_text;
use crate::base::yaml::{self, Value};

/// A function and its arguments.
#[derive(Debug, Clone, PartialEq)]
pub struct Function {
    /// Nothing for `[1:2]`.
    pub name: Option<String>,
    /// The arguments between the colons, read as flag values.
    pub args: Vec<Value>,
}

/// Reads `name[arg:arg]`, or `[arg:arg]` where that is not a YAML list. What
/// follows the closing bracket of a named function is ignored, as Guild AI does.
pub fn parse_function(text: &str) -> Option<Function> {
    parse_at(text, 0)
}

/// Whether the text is a function. Takes any named one, sequences included.
pub fn is_function(text: &str) -> bool {
    split(text).is_some()
}

/// The function that `text` writes, which stands in `depth` others; none where it
/// writes none.
pub(super) fn parse_at(text: &str, depth: usize) -> Option<Function> {
    let (name, args) = split(text)?;
    let args = match args {
        "" => Vec::new(),
        _ => args
            .split(':')
            .map(|arg| decode_at(arg.trim_matches(python_text::is_space), depth + 1))
            .collect(),
    };
    Some(Function {
        name: name.map(str::to_owned),
        args,
    })
}

fn split(text: &str) -> Option<(Option<&str>, &str)> {
    if let Some((name, args)) = split_named(text) {
        return Some((Some(name), args.trim_matches(python_text::is_space)));
    }
    split_anonymous(text).map(|args| (None, args))
}

fn split_named(text: &str) -> Option<(&str, &str)> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let end = text.find(|c| !is_name(c))?;
    let (name, rest) = text.split_at(end);
    let line = rest.strip_prefix('[')?.split('\n').next()?;
    let (args, _) = line.rsplit_once(']')?;
    (!name.is_empty()).then_some((name, args))
}

/// `[1:2]` and `[a:b]` are lists of one number or text to YAML, while `[a: b]`
/// is a list of a map; only the former, and what is no YAML, are functions.
fn split_anonymous(text: &str) -> Option<&str> {
    let args = text.strip_prefix('[')?.strip_suffix(']')?;
    if !args.contains(':') {
        return None;
    }
    match yaml::load(text) {
        Err(_) => Some(args),
        Ok(Value::List(items)) => match items.as_slice() {
            [Value::Str(_) | Value::Int(_) | Value::BigInt(_) | Value::Bool(_)] => Some(args),
            _ => None,
        },
        Ok(_) => None,
    }
}
