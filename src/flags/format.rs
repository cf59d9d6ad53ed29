//! Flag values as people read them: in previews, listings, labels and
//! `name=value` assignments.

use super::function::is_function;
use crate::base::python_text::str_repr;
use crate::base::yaml::{Map, Value, dump_flow};

/// What is shortened in an assignment.
#[derive(Clone, Copy, Default)]
pub struct Shorten<'a> {
    /// The most digits that floats keep after the point.
    pub float_digits: Option<usize>,
    /// Which paths lose their middle.
    pub paths: Option<ShortPaths<'a>>,
}

/// The shortening of paths.
#[derive(Clone, Copy)]
pub struct ShortPaths<'a> {
    /// The most characters that a path keeps.
    pub length: usize,
    /// Whether a text with a slash in it leads to a file or a folder. Others are
    /// no paths.
    pub is_file: &'a dyn Fn(&str) -> bool,
}

/// The digits and the path length that labels keep.
const LABEL_FLOAT_DIGITS: usize = 5;
const LABEL_PATH_LENGTH: usize = 20;

/// A value on one line, close to YAML: `yes`, `no`, `null`, `0.1`, `'1'`,
/// `[1, 2]`, `{a: 1}`.
pub fn format_value(value: &Value) -> String {
    match value {
        Value::Bool(truth) => if *truth { "yes" } else { "no" }.to_owned(),
        Value::Null => "null".to_owned(),
        Value::List(items) => {
            let items: Vec<_> = items.iter().map(format_item).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Map(map) => {
            let entries: Vec<_> = map
                .sorted()
                .into_iter()
                .map(|(key, value)| format!("{}: {}", format_value(key), format_value(value)))
                .collect();
            format!("{{{}}}", entries.join(", "))
        }
        _ => dump_flow(value),
    }
}

fn format_item(item: &Value) -> String {
    let text = format_value(item);
    if matches!(item, Value::Str(_)) && text.contains(',') {
        return str_repr(&text);
    }
    text
}

/// A value in the preview of a run: functions stand for themselves, and null
/// shows as the flag's null label or `default`.
pub fn preview_value(value: &Value, null_label: Option<&Value>) -> String {
    match value {
        Value::Null => null_label.map_or_else(|| "default".to_owned(), format_value),
        Value::Str(text) if is_function(text) => text.clone(),
        _ => format_value(value),
    }
}

/// A value as part of an assignment: shortened as asked, and in quotes if it is
/// text with a space.
fn assigned_value(value: &Value, shorten: Shorten<'_>) -> String {
    let mut text = format_value(value);
    if let (Value::Float(_), Some(digits)) = (value, shorten.float_digits) {
        text = cut_fractions(&text, digits);
    }
    let Value::Str(plain) = value else {
        return text;
    };
    if let Some(paths) = shorten.paths
        && plain.contains('/')
        && (paths.is_file)(plain)
    {
        text = shorten_path(plain, paths.length);
    }
    if !text.starts_with(['\'', '"']) && text.contains(' ') {
        return str_repr(&text);
    }
    text
}

/// A value as it stands behind `name=`: in quotes if it is text with a space.
pub fn quoted_value(value: &Value) -> String {
    assigned_value(value, Shorten::default())
}

/// A float with at the most so many digits behind the point, the rest of which is
/// cut off; other values as [`quoted_value`] has them.
pub fn short_float(value: &Value, digits: usize) -> String {
    let shorten = Shorten {
        float_digits: Some(digits),
        paths: None,
    };
    assigned_value(value, shorten)
}

/// A value in a label: floats cut to five digits, paths to twenty characters.
pub fn label_value(value: &Value, is_file: &dyn Fn(&str) -> bool) -> String {
    assigned_value(value, label_shortening(is_file))
}

fn label_shortening<'a>(is_file: &'a dyn Fn(&str) -> bool) -> Shorten<'a> {
    Shorten {
        float_digits: Some(LABEL_FLOAT_DIGITS),
        paths: Some(ShortPaths {
            length: LABEL_PATH_LENGTH,
            is_file,
        }),
    }
}

/// `name=value`.
pub fn assignment(name: &str, value: &Value, shorten: Shorten<'_>) -> String {
    format!("{name}={}", assigned_value(value, shorten))
}

/// The assignments of all flags, by name.
pub fn assignments(flags: &Map, shorten: Shorten<'_>) -> Vec<String> {
    flags
        .sorted()
        .into_iter()
        .map(|(name, value)| assignment(&name_text(name), value, shorten))
        .collect()
}

/// The label of a run that was given none: the assignments of its flags that
/// are not null. `is_file` says whether a path leads to a file or a folder.
pub fn default_label(flags: &Map, is_file: &dyn Fn(&str) -> bool) -> String {
    let set: Map = flags
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    assignments(&set, label_shortening(is_file)).join(" ")
}

/// The name of a flag, which is text unless the guild file made it a number.
pub fn name_text(name: &Value) -> String {
    match name {
        Value::Str(text) => text.clone(),
        _ => dump_flow(name),
    }
}

/// Cuts the digits after each point, without rounding.
fn cut_fractions(text: &str, digits: usize) -> String {
    let mut cut = String::with_capacity(text.len());
    let mut after_point = None;
    for c in text.chars() {
        after_point = match after_point {
            Some(count) if c.is_ascii_digit() => Some(count + 1),
            _ if c == '.' => Some(0),
            _ => None,
        };
        if after_point.is_none_or(|count| count <= digits) {
            cut.push(c);
        }
    }
    cut
}

/// Leaves out the middle of a path, from its ends as much as fits.
fn shorten_path(path: &str, length: usize) -> String {
    let size = |text: &str| text.chars().count();
    if size(path) <= length {
        return path.to_owned();
    }
    let mut parts: std::collections::VecDeque<_> = path_parts(path).into();
    let (Some(last), false) = (parts.pop_back(), parts.is_empty()) else {
        return path_parts(path).pop().unwrap_or_else(|| path.to_owned());
    };
    let mut left: Vec<String> = Vec::new();
    let mut right = vec![last];
    // An absolute path has its start only if that fits, a relative one always.
    let mut from_right = !path.starts_with('/');
    if from_right {
        left.extend(parts.pop_front());
    }
    let width = |side: &[String]| -> usize { side.iter().map(|part| size(part) + 1).sum() };
    loop {
        let part = if from_right {
            parts.pop_back()
        } else {
            parts.pop_front()
        };
        let Some(part) = part else { break };
        if width(&left) + width(&right) + size(&part) + 1 >= length {
            break;
        }
        if from_right { &mut right } else { &mut left }.push(part);
        from_right = !from_right;
    }
    right.reverse();
    let shortened = format!("{}/\u{2026}/{}", left.join("/"), right.join("/"));
    if size(&shortened) >= size(path) {
        path.to_owned()
    } else {
        shortened
    }
}

/// The parts of a path; slashes before a part, save the one that ends the part
/// before it, belong to it.
fn path_parts(path: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut slashes = String::new();
    for part in path.split('/') {
        if part.is_empty() {
            slashes.push('/');
        } else {
            parts.push(std::mem::take(&mut slashes) + part);
        }
    }
    if slashes.len() > 1 {
        slashes.pop();
        parts.push(slashes);
    }
    parts
}
