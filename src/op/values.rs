//! Flag values: what the user gives over what the operation defines, checked.

use std::path::Path;

use super::coerce::{Places, coerce};
use crate::base::text;
use crate::base::yaml::{Map, Value};
use crate::flags;
use crate::guildfile::{Choice, FlagDef};
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

/// Where the values of a run come from, beside the operation.
#[derive(Debug, Clone, Copy)]
pub struct Given<'a> {
    /// Values that hold before the operation's defaults, such as those of a
    /// restarted run.
    pub base: Option<&'a Map>,
    /// What the user typed, by name.
    pub typed: &'a [(String, String)],
    /// Where paths that the user typed are relative to.
    pub dir: &'a Path,
    /// The user's home, for `~` in paths.
    pub user_home: Option<&'a Path>,
    /// Whether nothing is checked.
    pub force: bool,
}

/// The values of `operation` with those of `given` applied.
///
/// # Errors
/// A flag or a value that the operation does not take.
pub fn resolve(operation: &Operation, given: &Given<'_>) -> Result<FlagValues, Error> {
    let user = typed_values(operation, given)?;
    if !given.force {
        check_names(operation, &user)?;
    }
    let mut merged = default_values(operation, given)?;
    for (name, value) in given
        .base
        .into_iter()
        .flat_map(Map::iter)
        .chain(user.iter())
    {
        merged.insert(name.clone(), value.clone());
    }
    if !given.force {
        for flag in &operation.flags {
            if let Some(value) = merged.get(&flag.name) {
                check(flag, value)?;
            }
        }
        check_required(operation, &merged)?;
    }
    apply_choices(&operation.flags, &user, &mut merged);
    let all: Map = merged
        .sorted()
        .into_iter()
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    check_no_batch(&all)?;
    Ok(FlagValues { all, user })
}

/// What the user typed, as values of the flags' types.
fn typed_values(operation: &Operation, given: &Given<'_>) -> Result<Map, Error> {
    let mut user = Map::new();
    for (name, text) in given.typed {
        let flag = operation.flags.iter().find(|flag| flag.name == *name);
        let kind = flag.and_then(|flag| flag.kind.as_deref());
        let value = match kind {
            Some(kind) => flags::decode_as(text, kind),
            None => flags::decode(text),
        };
        let value = match flag {
            Some(flag) => coerced(flag, value, given.dir, given)?,
            None => value,
        };
        user.insert(name.as_str(), value);
    }
    Ok(user)
}

fn default_values(operation: &Operation, given: &Given<'_>) -> Result<Map, Error> {
    let mut values = Map::new();
    for flag in &operation.flags {
        let value = coerced(flag, flag.default.clone(), &operation.project_dir, given)?;
        values.insert(flag.name.as_str(), value);
    }
    Ok(values)
}

fn coerced(flag: &FlagDef, value: Value, dir: &Path, given: &Given<'_>) -> Result<Value, Error> {
    let places = Places {
        dir,
        user_home: given.user_home,
    };
    match coerce(&value, flag, places) {
        Ok(value) => Ok(value),
        Err(_) if given.force => Ok(value),
        Err(reason) => Err(invalid(flag, &value, reason)),
    }
}

fn invalid(flag: &FlagDef, value: &Value, reason: String) -> Error {
    let text = match value {
        Value::Str(text) => text.clone(),
        value => flags::format_value(value),
    };
    Error::Invalid {
        name: flag.name.clone(),
        text,
        reason,
    }
}

/// Replaces aliases by the values they stand for, and sets the flags that a
/// choice brings with it unless the user gave those.
fn apply_choices(flags: &[FlagDef], user: &Map, values: &mut Map) {
    for flag in flags {
        let Some(value) = values.get(&flag.name).filter(|value| !value.is_null()) else {
            continue;
        };
        let meant = |choice: &&Choice| choice.shown().python_eq(value);
        let Some(choice) = flag.choices.iter().find(meant) else {
            continue;
        };
        values.insert(flag.name.as_str(), choice.value.clone());
        for (name, value) in choice.flags.iter() {
            if user.get_value(name).is_none_or(Value::is_null) {
                values.insert(name.clone(), value.clone());
            }
        }
    }
}

fn check_names(operation: &Operation, user: &Map) -> Result<(), Error> {
    if operation.takes_any_flag {
        return Ok(());
    }
    let known = |name: &str| operation.flags.iter().any(|flag| flag.name == name);
    match user
        .keys()
        .filter_map(Value::as_str)
        .find(|name| !known(name))
    {
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

fn check(flag: &FlagDef, value: &Value) -> Result<(), Error> {
    if value.is_null() || value.as_list().is_some() {
        return Ok(());
    }
    let invalid = |reason: String| invalid(flag, value, reason);
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
        if !path.is_empty() && !Path::new(path).exists() {
            return Err(invalid(format!("{path} does not exist")));
        }
    }
    let is_choice = flag
        .choices
        .iter()
        .any(|choice| choice.value.python_eq(value) || choice.shown().python_eq(value));
    if flag.choices.is_empty() || flag.allow_other || is_choice || !value.is_truthy() {
        return Ok(());
    }
    let rows: Vec<_> = flag
        .choices
        .iter()
        .map(|choice| {
            vec![
                flags::format_value(&choice.value),
                choice.description.clone(),
            ]
        })
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

    #[test]
    fn a_choice_may_have_an_alias_and_bring_flags() {
        let flag = FlagDef {
            name: "size".into(),
            choices: vec![Choice {
                value: Value::Int(100),
                alias: Some(Value::from("big")),
                flags: [(Value::from("steps"), Value::Int(9))]
                    .into_iter()
                    .collect(),
                ..Choice::default()
            }],
            ..FlagDef::default()
        };
        assert!(check(&flag, &Value::from("big")).is_ok());
        assert!(check(&flag, &Value::Int(100)).is_ok());
        assert!(check(&flag, &Value::from("huge")).is_err());
        let user: Map = [("size", Value::from("big"))].into_iter().collect();
        let mut values = user.clone();
        apply_choices(std::slice::from_ref(&flag), &user, &mut values);
        assert_eq!(values.get("size"), Some(&Value::Int(100)));
        assert_eq!(values.get("steps"), Some(&Value::Int(9)));
        let user: Map = [("size", Value::from("big")), ("steps", Value::Int(1))]
            .into_iter()
            .collect();
        let mut values = user.clone();
        apply_choices(&[flag], &user, &mut values);
        assert_eq!(values.get("steps"), Some(&Value::Int(1)));
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
