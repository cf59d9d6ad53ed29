//! Flag values: what the user gives over what the operation defines, checked.

use crate::base::text;
use crate::base::yaml::{Map, Value};
use crate::flags;
use crate::guildfile::FlagDef;
use crate::project::Operation;

/// Why flag values cannot be used.
#[derive(Debug, thiserror::Error, PartialEq)]
pub enum Error {
    /// Words that set no flag.
    #[error("invalid argument(s):\n{}\nexpected NAME=VAL", .0.join("\n"))]
    NoAssignment(Vec<String>),
    /// A flag that the operation does not have.
    #[error(
        "unsupported flag '{name}'\nTry 'guild run {op} --help-op' for a list of flags or use \
         --force-flags to skip this check."
    )]
    Unsupported {
        /// The flag.
        name: String,
        /// The operation as shown.
        op: String,
    },
    /// A value that the flag cannot have.
    #[error("invalid value {text} for {name}: {reason}")]
    Invalid {
        /// The flag.
        name: String,
        /// The value as typed.
        text: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A value that is none of the choices; the whole message.
    #[error("{0}")]
    NotAChoice(String),
    /// Flags without a value that need one; the whole message.
    #[error("{0}")]
    Missing(String),
    /// A batch, which is not available yet.
    #[error(
        "batches are not available yet: flag '{0}' has several values\nGive it one value, or quote \
         the value to have it taken as text."
    )]
    Batch(String),
    /// A batch file, which is not available yet.
    #[error("batch files are not available yet: '{0}'")]
    BatchFile(String),
}

impl Error {
    /// Whether the message stands alone, without the program's name before it.
    pub fn is_bare(&self) -> bool {
        matches!(self, Error::NotAChoice(_) | Error::Missing(_))
    }
}

/// Flag values of a run.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FlagValues {
    /// All flags, in name order.
    pub all: Map,
    /// Those that the user gave.
    pub user: Map,
}

/// Reads `NAME=VAL` words into values; names in the order given, the last of a
/// name holds.
///
/// # Errors
/// Words of another form.
pub fn parse_words(words: &[String]) -> Result<Vec<(String, String)>, Error> {
    if let Some(file) = words.iter().find_map(|word| word.strip_prefix('@')) {
        return Err(Error::BatchFile(file.to_string()));
    }
    let bad: Vec<String> = words
        .iter()
        .filter(|word| !word.contains('='))
        .cloned()
        .collect();
    if !bad.is_empty() {
        return Err(Error::NoAssignment(bad));
    }
    Ok(words
        .iter()
        .filter_map(|word| word.split_once('='))
        .map(|(name, value)| (name.to_string(), value.to_string()))
        .collect())
}

/// The values of `operation` with `given` applied; `base` are values that hold
/// before the operation's defaults, such as those of a restarted run. With
/// `force` nothing is checked.
///
/// # Errors
/// A flag or a value that the operation does not take.
pub fn resolve(
    operation: &Operation,
    base: Option<&Map>,
    given: &[(String, String)],
    force: bool,
) -> Result<FlagValues, Error> {
    let definition = |name: &str| operation.flags.iter().find(|flag| flag.name == name);
    let mut user = Map::new();
    for (name, text) in given {
        let value = match definition(name) {
            Some(flag) => coerce(flag, text, force)?,
            None => flags::decode(text),
        };
        user.insert(name.as_str(), value);
    }
    if !force {
        check_names(operation, &user)?;
    }
    let mut merged: Map = operation
        .flags
        .iter()
        .map(|flag| (Value::from(flag.name.as_str()), flag.default.clone()))
        .collect();
    for (name, value) in base.into_iter().flat_map(Map::iter).chain(user.iter()) {
        merged.insert(name.clone(), value.clone());
    }
    if !force {
        for flag in &operation.flags {
            if let Some(value) = merged.get(&flag.name) {
                check(flag, value)?;
            }
        }
        check_required(operation, &merged)?;
    }
    let mut names: Vec<_> = merged.iter().collect();
    names.sort_by(|(left, _), (right, _)| left.as_str().cmp(&right.as_str()));
    let all: Map = names
        .into_iter()
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    check_no_batch(&all)?;
    Ok(FlagValues { all, user })
}

fn check_names(operation: &Operation, user: &Map) -> Result<(), Error> {
    if operation.takes_any_flag {
        return Ok(());
    }
    let known = |name: &str| operation.flags.iter().any(|flag| flag.name == name);
    match user.keys().filter_map(Value::as_str).find(|name| !known(name)) {
        Some(name) => Err(Error::Unsupported {
            name: name.to_string(),
            op: operation.spec.clone(),
        }),
        None => Ok(()),
    }
}

fn check_no_batch(values: &Map) -> Result<(), Error> {
    for (name, value) in values.iter() {
        let name = name.as_str().unwrap_or_default().to_string();
        let function = value.as_str().and_then(flags::parse_function);
        if value.as_list().is_some() || function.is_some() {
            return Err(Error::Batch(name));
        }
    }
    Ok(())
}

/// The value that `text` means for `flag`.
fn coerce(flag: &FlagDef, text: &str, force: bool) -> Result<Value, Error> {
    let invalid = |reason: String| Error::Invalid {
        name: flag.name.clone(),
        text: text.to_string(),
        reason,
    };
    let decoded = flags::decode(text);
    let Some(kind) = flag.kind.as_deref() else {
        return Ok(decoded);
    };
    let wrong = || {
        if force {
            Ok(decoded.clone())
        } else {
            Err(invalid(format!("invalid value for type '{kind}'")))
        }
    };
    if matches!(decoded, Value::List(_)) {
        return Ok(decoded);
    }
    if decoded.as_str().and_then(flags::parse_function).is_some() {
        return Ok(decoded);
    }
    match kind {
        "string" => Ok(match text.chars().next() {
            // Only what is clearly quoted is anything but the text itself.
            Some('\'' | '"') if decoded.as_str().is_some() => decoded,
            _ => Value::from(text),
        }),
        "path" | "existing-path" => Ok(Value::from(text)),
        "int" => match decoded {
            Value::Int(_) | Value::BigInt(_) => Ok(decoded),
            _ => wrong(),
        },
        "float" => match (&decoded, text.replace('_', "").parse::<f64>()) {
            (Value::Int(number), _) => Ok(Value::Float(*number as f64)),
            (Value::Float(_), _) => Ok(decoded),
            (_, Ok(number)) => Ok(Value::Float(number)),
            _ => wrong(),
        },
        "number" => match &decoded {
            Value::Int(_) | Value::BigInt(_) | Value::Float(_) | Value::Bool(_) => Ok(decoded),
            _ => match text.replace('_', "").parse::<i64>() {
                Ok(number) if !text.starts_with('_') => Ok(Value::Int(number)),
                _ => wrong(),
            },
        },
        "boolean" => Ok(Value::Bool(decoded.is_truthy())),
        _ => Ok(decoded),
    }
}

fn check(flag: &FlagDef, value: &Value) -> Result<(), Error> {
    if value.is_null() || value.as_list().is_some() {
        return Ok(());
    }
    let invalid = |reason: String| Error::Invalid {
        name: flag.name.clone(),
        text: flags::format_value(value),
        reason,
    };
    if let Some(number) = value.as_f64() {
        if let Some(min) = flag.min.filter(|min| number < *min) {
            return Err(invalid(format!("out of range (less than min {min})")));
        }
        if let Some(max) = flag.max.filter(|max| number > *max) {
            return Err(invalid(format!("out of range (greater than max {max})")));
        }
    }
    if flag.kind.as_deref() == Some("existing-path") {
        let path = value.as_str().unwrap_or_default();
        if !std::path::Path::new(path).exists() {
            return Err(invalid(format!("{path} does not exist")));
        }
    }
    let is_choice = flag.choices.iter().any(|choice| choice.python_eq(value));
    if flag.choices.is_empty() || flag.allow_other || is_choice {
        return Ok(());
    }
    let rows: Vec<_> = flag
        .choices
        .iter()
        .map(|choice| vec![flags::format_value(choice), String::new()])
        .collect();
    let lines: String = text::table(&rows, 2)
        .iter()
        .map(|line| format!("  {line}\n"))
        .collect();
    Err(Error::NotAChoice(format!(
        "Unsupported value for '{}' - supported values are:\n\n{lines}\nRun the command again \
         using one of these options.",
        flag.name
    )))
}

fn check_required(operation: &Operation, values: &Map) -> Result<(), Error> {
    let missing: Vec<_> = operation
        .flags
        .iter()
        .filter(|flag| flag.required && values.get(&flag.name).is_none_or(Value::is_null))
        .map(|flag| vec![flag.name.clone(), flag.description.clone()])
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let lines: String = text::table(&missing, 2)
        .iter()
        .map(|line| format!("  {line}\n"))
        .collect();
    Err(Error::Missing(format!(
        "Operation requires the following missing flags:\n\n{lines}\nRun the command again with \
         these flags or try 'guild run {} --help-op' for help.",
        operation.spec
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flag(kind: &str) -> FlagDef {
        FlagDef {
            name: "x".into(),
            kind: Some(kind.into()),
            ..FlagDef::default()
        }
    }

    #[test]
    fn a_value_is_read_by_the_type_of_its_flag() {
        let read = |kind: &str, text: &str| coerce(&flag(kind), text, false);
        assert_eq!(read("string", "123"), Ok(Value::from("123")));
        assert_eq!(read("string", "'123'"), Ok(Value::from("123")));
        assert_eq!(read("string", "yes"), Ok(Value::from("yes")));
        assert_eq!(read("number", "1e3"), Ok(Value::Float(1000.0)));
        assert_eq!(read("number", "1_000"), Ok(Value::Int(1000)));
        assert_eq!(read("number", "yes"), Ok(Value::Bool(true)));
        assert_eq!(read("float", "1"), Ok(Value::Float(1.0)));
        let message = read("number", "abc").unwrap_err().to_string();
        assert_eq!(
            message,
            "invalid value abc for x: invalid value for type 'number'"
        );
        assert!(read("int", "1.5").is_err());
        assert!(coerce(&flag("int"), "1.5", true).is_ok());
    }

    #[test]
    fn words_without_an_equals_sign_are_named() {
        let words: Vec<String> = ["a=1", "foo", "b=x=y", "bar"].map(String::from).into();
        let message = parse_words(&words).unwrap_err().to_string();
        assert_eq!(message, "invalid argument(s):\nfoo\nbar\nexpected NAME=VAL");
        let pairs = parse_words(&words[2..3]).unwrap();
        assert_eq!(pairs, [("b".to_string(), "x=y".to_string())]);
    }
}
