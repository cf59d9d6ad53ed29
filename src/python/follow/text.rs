//! Texts as Python makes them.

use crate::base::python_text;

use super::MAX_SIZE;
use super::value::Value;

/// `str(value)` of a plain value.
pub(super) fn shown(value: &Value) -> Option<String> {
    match value {
        Value::Str(text) | Value::Path(text) => Some(text.to_string()),
        other => repr(other),
    }
}

/// `repr(value)` of a plain value.
fn repr(value: &Value) -> Option<String> {
    let joined = |items: &[Value]| {
        let items: Option<Vec<_>> = items.iter().map(flat_repr).collect();
        items.map(|items| items.join(", "))
    };
    match value {
        Value::List(items) => Some(format!("[{}]", joined(items.borrow().as_deref()?)?)),
        Value::Tuple(items) => match &items[..] {
            [only] => Some(format!("({},)", flat_repr(only)?)),
            items => Some(format!("({})", joined(items)?)),
        },
        other => flat_repr(other),
    }
}

fn flat_repr(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some("None".to_string()),
        Value::Bool(true) => Some("True".to_string()),
        Value::Bool(false) => Some("False".to_string()),
        Value::Int(number) => Some(number.to_string()),
        Value::Float(number) => Some(python_text::float_repr(*number)),
        Value::Str(text) => Some(python_text::str_repr(text)),
        _ => None,
    }
}

/// `format % values` with `%s`, `%d` of whole numbers, and `%%`.
pub(super) fn percent(format: &str, values: &Value) -> Option<String> {
    let values: Vec<Value> = match values {
        Value::Tuple(items) => items.to_vec(),
        Value::Dict(_) => return None,
        other => vec![other.clone()],
    };
    let mut values = values.into_iter();
    let mut text = String::new();
    let mut rest = format.chars();
    while let Some(c) = rest.next() {
        if c != '%' {
            text.push(c);
            continue;
        }
        match rest.next()? {
            '%' => text.push('%'),
            's' => text.push_str(&shown(&values.next()?)?),
            'd' => match values.next()? {
                Value::Int(number) => text.push_str(&number.to_string()),
                _ => return None,
            },
            _ => return None,
        }
    }
    values.next().is_none().then_some(text)
}

/// `template.format(*positional, **named)` with plain fields: `{}`, `{0}`, `{name}`.
pub(super) fn format<'a>(
    template: &str,
    positional: &[Value<'a>],
    named: &[(std::rc::Rc<str>, Value<'a>)],
) -> Option<String> {
    let mut text = String::new();
    let mut next = 0;
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        text.push_str(&rest[..at]);
        let brace = &rest[at..=at];
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix(brace) {
            text.push_str(brace);
            rest = after;
            continue;
        }
        if brace == "}" {
            return None;
        }
        let (field, after) = rest.split_once('}')?;
        rest = after;
        let value = if field.is_empty() {
            next += 1;
            positional.get(next - 1)?
        } else if let Ok(place) = field.parse::<usize>() {
            positional.get(place)?
        } else {
            &named.iter().find(|(name, _)| **name == *field)?.1
        };
        text.push_str(&shown(value)?);
    }
    text.push_str(rest);
    Some(text)
}

/// A method of a text that gives a plain value.
pub(super) fn method<'a>(text: &str, name: &str, args: &[Value<'a>]) -> Option<Value<'a>> {
    let texts: Option<Vec<&str>> = args.iter().map(Value::as_str).collect();
    let changed = match (name, args) {
        ("lower", []) if text.is_ascii() => text.to_lowercase(),
        ("upper", []) if text.is_ascii() => text.to_uppercase(),
        ("strip", []) => text.trim_matches(python_text::is_space).to_string(),
        ("lstrip", []) => text.trim_start_matches(python_text::is_space).to_string(),
        ("rstrip", []) => text.trim_end_matches(python_text::is_space).to_string(),
        ("capitalize", []) if text.is_ascii() => {
            let (first, rest) = text.split_at(usize::from(!text.is_empty()));
            first.to_uppercase() + &rest.to_lowercase()
        }
        ("join", [items]) => {
            let items = items.items()?;
            let items: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
            items?.join(text)
        }
        ("replace", [_, _]) => match texts?[..] {
            [from, to] if !from.is_empty() => text.replace(from, to),
            _ => return None,
        },
        ("startswith", [_]) => return Some(Value::Bool(text.starts_with(texts?[0]))),
        ("endswith", [_]) => return Some(Value::Bool(text.ends_with(texts?[0]))),
        ("split", []) => {
            let words = text.split(python_text::is_space);
            let words = words.filter(|word| !word.is_empty()).map(Value::text);
            return Some(Value::list(words.collect()));
        }
        ("split", [_]) => match texts?[0] {
            "" => return None,
            at => return Some(Value::list(text.split(at).map(Value::text).collect())),
        },
        _ => return None,
    };
    Some(Value::text(changed)).filter(|value| value.as_str().map_or(0, str::len) <= MAX_SIZE)
}
