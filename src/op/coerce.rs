//! Values made to suit the types of their flags.

use std::path::Path;

use crate::base::python_text;
use crate::base::yaml::Value;
use crate::flags::{self, FlagDest};
use crate::guildfile::FlagDef;
use crate::home::{expand_user, tidy};

/// Where relative paths among values start from.
#[derive(Debug, Clone, Copy)]
pub struct Places<'a> {
    /// The folder that a path is relative to.
    pub dir: &'a Path,
    /// The user's home, for `~`.
    pub user_home: Option<&'a Path>,
}

/// `value` as the type of `flag` has it; as it is where the flag has none.
///
/// A text that is split stays one, with each part as the type has it. Where the
/// flag is an argument the parts are words; for globals, which are read as YAML,
/// each part is YAML, so that a text that looks like a number stays a text.
///
/// # Errors
/// A value that the type cannot have; the message says which type.
pub fn coerce(
    value: &Value,
    flag: &FlagDef,
    dest: FlagDest,
    places: Places<'_>,
) -> Result<Value, String> {
    let Some(kind) = flag.kind.as_deref().filter(|kind| *kind != "auto") else {
        return Ok(value.clone());
    };
    let one = |value: &Value| coerce_one(value, kind, places);
    match (value, &flag.spec.arg_split) {
        (Value::Null, _) => Ok(Value::Null),
        (Value::Str(text), _) if flags::is_function(text) => Ok(value.clone()),
        (Value::List(items), _) => items
            .iter()
            .map(|item| coerce(item, flag, dest, places))
            .collect::<Result<_, _>>()
            .map(Value::List),
        (value, Some(split)) => {
            let text = flags::format_value(value);
            let Some(parts) = flags::split_text(plain(value).unwrap_or(&text), split) else {
                return one(value);
            };
            let parts = parts.into_iter().map(Value::from);
            let items: Vec<Value> = parts.map(|part| one(&part)).collect::<Result<_, _>>()?;
            Ok(joined(&items, split, dest).into())
        }
        (value, None) => one(value),
    }
}

/// The text that is split into `items` again.
fn joined(items: &[Value], split: &Value, dest: FlagDest) -> String {
    match dest {
        FlagDest::Args => flags::join_words(items.iter().map(part_text), split),
        FlagDest::Globals | FlagDest::Members => {
            flags::join_words(items.iter().map(flags::format_value), split)
        }
    }
}

fn part_text(item: &Value) -> String {
    match item {
        Value::Str(text) => text.clone(),
        other => flags::format_value(other),
    }
}

fn coerce_one(value: &Value, kind: &str, places: Places<'_>) -> Result<Value, String> {
    let coerced = match kind {
        "string" => Some(Value::from(flags::plain_text(value))),
        "int" => int(value),
        "float" => float(value),
        "number" => match value {
            Value::Int(_) | Value::BigInt(_) | Value::Float(_) | Value::Bool(_) => {
                Some(value.clone())
            }
            _ => int(value).or_else(|| float(value)),
        },
        // A word that is neither true nor false is a slip.
        "boolean" => match value {
            Value::Str(text) if !text.is_empty() => None,
            value => Some(Value::Bool(value.is_truthy())),
        },
        "path" | "existing-path" => plain(value).map(|text| absolute(text, places)),
        // What only a plugin knows.
        _ => Some(value.clone()),
    };
    coerced.ok_or_else(|| format!("invalid value for type '{kind}'"))
}

fn plain(value: &Value) -> Option<&str> {
    value.as_str()
}

/// A whole number; a fraction is none, even one that is whole.
fn int(value: &Value) -> Option<Value> {
    match value {
        Value::Int(_) | Value::BigInt(_) => Some(value.clone()),
        Value::Bool(truth) => Some(Value::Int(i64::from(*truth))),
        value => {
            let digits = python_text::parse_int(plain(value)?)?;
            Some(digits.parse().map_or(Value::BigInt(digits), Value::Int))
        }
    }
}

fn float(value: &Value) -> Option<Value> {
    let number = match value {
        Value::Float(number) => *number,
        Value::Bool(truth) => f64::from(u8::from(*truth)),
        Value::Int(_) | Value::BigInt(_) => value.as_f64()?,
        value => python_text::parse_float(plain(value)?)?,
    };
    Some(Value::Float(number))
}

/// A path that leads to the same place from the run's directory.
fn absolute(text: &str, places: Places<'_>) -> Value {
    if text.is_empty() {
        return Value::from("");
    }
    let path = places.dir.join(expand_user(text, places.user_home));
    tidy(&path).display().to_string().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places() -> Places<'static> {
        Places {
            dir: Path::new("/p"),
            user_home: None,
        }
    }

    fn coerced(kind: &str, value: impl Into<Value>) -> Option<Value> {
        let flag = FlagDef {
            kind: Some(kind.to_string()),
            ..FlagDef::default()
        };
        coerce(&value.into(), &flag, FlagDest::Args, places()).ok()
    }

    #[test]
    fn each_type_has_its_values() {
        for (kind, value, expected) in [
            ("string", Value::Int(5), Some(Value::from("5"))),
            ("string", Value::Bool(true), Some(Value::from("True"))),
            ("int", Value::from("1_000"), Some(Value::Int(1000))),
            ("int", Value::Bool(true), Some(Value::Int(1))),
            ("int", Value::Float(5.0), None),
            ("int", Value::from(""), None),
            ("float", Value::Int(1), Some(Value::Float(1.0))),
            ("float", Value::from("x"), None),
            ("number", Value::Bool(true), Some(Value::Bool(true))),
            ("number", Value::from("1_0.5"), Some(Value::Float(10.5))),
            ("number", Value::from("abc"), None),
            ("boolean", Value::from("maybe"), None),
            ("boolean", Value::Int(2), Some(Value::Bool(true))),
            ("boolean", Value::from(""), Some(Value::Bool(false))),
            ("path", Value::from("a/../b"), Some(Value::from("/p/b"))),
            ("path", Value::from("/x"), Some(Value::from("/x"))),
            ("path", Value::from(""), Some(Value::from(""))),
            ("auto", Value::Int(1), Some(Value::Int(1))),
            ("int", Value::Null, Some(Value::Null)),
        ] {
            assert_eq!(coerced(kind, value.clone()), expected, "{kind} {value:?}");
        }
    }

    #[test]
    fn parts_of_a_text_are_coerced_one_by_one() {
        let mut flag = FlagDef {
            kind: Some("float".to_string()),
            ..FlagDef::default()
        };
        flag.spec.arg_split = Some(Value::Bool(true));
        let coerced = |value: Value| coerce(&value, &flag, FlagDest::Args, places());
        assert_eq!(coerced("1 2.5".into()), Ok("1.0 2.5".into()));
        assert_eq!(coerced(3.into()), Ok("3.0".into()));
        assert!(coerced("1 x".into()).is_err());
    }

    #[test]
    fn texts_that_look_like_numbers_stay_texts_in_parts() {
        let mut flag = FlagDef {
            kind: Some("string".to_string()),
            ..FlagDef::default()
        };
        flag.spec.arg_split = Some(Value::Bool(true));
        let text = Value::from("012 'a b' yes");
        for (dest, expected) in [
            (FlagDest::Args, "012 'a b' yes"),
            (FlagDest::Globals, r#""'012'" 'a b' "'yes'""#),
        ] {
            let coerced = coerce(&text, &flag, dest, places()).unwrap();
            assert_eq!(coerced, expected.into());
        }
        flag.spec.arg_split = Some(",".into());
        let coerced = coerce(&"012,,b".into(), &flag, FlagDest::Args, places());
        assert_eq!(coerced, Ok("012,b".into()));
    }
}
