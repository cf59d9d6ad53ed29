//! Whether values suit their flags.

use std::cmp::Ordering;
use std::path::Path;

use super::Error;
use crate::base::text;
use crate::base::yaml::{Map, Value};
use crate::flags;
use crate::guildfile::FlagDef;
use crate::project::Operation;

/// Objects to a value that `flag` cannot have: each item of a list, and each
/// part of a text that is split, must suit it. Null suits, and so do functions,
/// whose values are not known yet.
///
/// # Errors
/// The value is none of the choices, does not exist, or is out of range.
pub fn value(flag: &FlagDef, value: &Value) -> Result<(), Error> {
    match (value, &flag.spec.arg_split) {
        (Value::Null, _) => Ok(()),
        (Value::List(items), _) => items.iter().try_for_each(|item| self::value(flag, item)),
        (_, Some(split)) => {
            let text = text_of(value);
            let parts = flags::split_text(&text, split).unwrap_or_else(|| vec![text.clone()]);
            parts
                .iter()
                .try_for_each(|part| one(flag, &flags::decode(part)))
        }
        (_, None) => one(flag, value),
    }
}

/// A value as a command line has it.
fn text_of(value: &Value) -> String {
    match value {
        Value::Str(text) => text.clone(),
        other => flags::format_value(other),
    }
}

fn one(flag: &FlagDef, value: &Value) -> Result<(), Error> {
    if value.as_str().is_some_and(flags::is_function) {
        return Ok(());
    }
    choice(flag, value)?;
    existence(flag, value)?;
    range(flag, value)
}

fn choice(flag: &FlagDef, value: &Value) -> Result<(), Error> {
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
    Err(Error::NotAChoice(format!(
        "Unsupported value for '{}' - supported values are:\n\n{}\nRun the command again \
         using one of these options.",
        flag.name,
        indented_table(&rows)
    )))
}

fn existence(flag: &FlagDef, value: &Value) -> Result<(), Error> {
    if flag.kind.as_deref() != Some("existing-path") {
        return Ok(());
    }
    let path = flags::plain_text(value);
    if path.is_empty() || Path::new(&path).exists() {
        return Ok(());
    }
    Err(invalid(flag, value, format!("{path} does not exist")))
}

fn range(flag: &FlagDef, value: &Value) -> Result<(), Error> {
    if matches!(value, Value::Float(number) if number.is_nan()) {
        return Ok(());
    }
    let bounds = [
        (&flag.min, "min", "less than", Ordering::Less),
        (&flag.max, "max", "greater than", Ordering::Greater),
    ];
    for (bound, name, relation, wrong) in bounds {
        let Some(bound) = bound else { continue };
        let shown = flags::plain_text(bound);
        let reason = match value.python_cmp(bound) {
            None => format!("not a number ({name} is {shown})"),
            Some(order) if order == wrong => format!("out of range ({relation} {name} {shown})"),
            Some(_) => continue,
        };
        return Err(invalid(flag, value, reason));
    }
    Ok(())
}

/// The objection to a value, which it shows as Python does.
pub fn invalid(flag: &FlagDef, value: &Value, reason: String) -> Error {
    Error::Invalid {
        name: flag.name.clone(),
        text: flags::plain_text(value),
        reason,
    }
}

/// Objects to flags of `operation` that need a value and have none.
///
/// # Errors
/// There are any; all are named.
pub fn required(operation: &Operation, values: &Map) -> Result<(), Error> {
    let is_missing = |flag: &FlagDef| match values.get(&flag.name) {
        None | Some(Value::Null) => true,
        Some(value) => value.as_str() == Some(""),
    };
    let mut missing: Vec<&FlagDef> = operation
        .flags
        .iter()
        .filter(|flag| flag.required && is_missing(flag))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    missing.sort_by(|left, right| left.name.cmp(&right.name));
    let rows: Vec<_> = missing
        .iter()
        .map(|flag| {
            let description = flag.description.lines().next().unwrap_or_default();
            vec![flag.name.clone(), description.to_string()]
        })
        .collect();
    let name = match operation.opref.kind.as_str() {
        "guildfile" => &operation.opref.op,
        _ => &operation.spec,
    };
    Err(Error::Missing(format!(
        "Operation requires the following missing flags:\n\n{}\nRun the command again with \
         these flags or try 'guild run {name} --help-op' for help.",
        indented_table(&rows)
    )))
}

fn indented_table(rows: &[Vec<String>]) -> String {
    let lines = text::table(rows, 2);
    lines.iter().map(|line| format!("  {line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guildfile::Choice;

    fn objection(flag: &FlagDef, given: impl Into<Value>) -> Option<String> {
        let error = value(flag, &given.into()).err()?;
        Some(
            error
                .to_string()
                .lines()
                .next()
                .unwrap_or_default()
                .to_string(),
        )
    }

    #[test]
    fn bounds_are_shown_as_they_were_written() {
        let flag = FlagDef {
            name: "x".into(),
            min: Some(Value::Float(1.0)),
            max: Some(Value::Int(5)),
            ..FlagDef::default()
        };
        for (given, expected) in [
            (
                Value::Int(0),
                "invalid value 0 for x: out of range (less than min 1.0)",
            ),
            (
                Value::Float(6.5e-7),
                "invalid value 6.5e-07 for x: out of range (less than min 1.0)",
            ),
            (
                Value::Bool(false),
                "invalid value False for x: out of range (less than min 1.0)",
            ),
            (
                Value::from("abc"),
                "invalid value abc for x: not a number (min is 1.0)",
            ),
            (
                Value::List(vec![1.into(), 6.into()]),
                "invalid value 6 for x: out of range (greater than max 5)",
            ),
        ] {
            assert_eq!(objection(&flag, given).as_deref(), Some(expected));
        }
        for given in [
            Value::Int(1),
            Value::Float(5.0),
            Value::Float(f64::NAN),
            Value::Null,
            Value::from("uniform[1:9]"),
            Value::from("[1:9]"),
        ] {
            assert_eq!(objection(&flag, given), None);
        }
    }

    #[test]
    fn choices_are_values_and_aliases() {
        let mut flag = FlagDef {
            name: "size".into(),
            choices: vec![
                Choice {
                    value: 100.into(),
                    alias: Some("big".into()),
                    ..Choice::default()
                },
                Choice {
                    value: true.into(),
                    ..Choice::default()
                },
            ],
            ..FlagDef::default()
        };
        for fine in [
            Value::from("big"),
            100.into(),
            1.into(),
            0.into(),
            "".into(),
        ] {
            assert_eq!(objection(&flag, fine), None);
        }
        assert!(objection(&flag, "huge").is_some());
        flag.allow_other = true;
        assert_eq!(objection(&flag, "huge"), None);
    }

    #[test]
    fn parts_of_a_text_are_checked_one_by_one() {
        let mut flag = FlagDef {
            name: "x".into(),
            max: Some(5.into()),
            ..FlagDef::default()
        };
        flag.spec.arg_split = Some(Value::from(","));
        assert_eq!(objection(&flag, "1,5"), None);
        assert!(
            objection(&flag, "1,9,2")
                .unwrap()
                .starts_with("invalid value 9 for x")
        );
        assert!(objection(&flag, 9).is_some());
    }
}
