//! What the Python side of a probe answers.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::base::exchange;
use crate::base::yaml::Value;
use crate::flags::{self, FlagSpec};
use crate::guildfile::{Choice, FlagDef};
use crate::python::found::{Found, FoundFlag, Skipped};

/// An answer, as it comes and as it is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Answer {
    flags: Vec<Flag>,
    skipped: Vec<Skip>,
    /// Why the script ended before it read all of its arguments; empty if what
    /// it printed says that. An answer that was read has one only if it took too
    /// long.
    pub error: Option<String>,
    /// Whether it ended since it took too long.
    ended: bool,
    /// Files of the project that were read.
    pub reads: Vec<PathBuf>,
    /// Variables that the project's code asked for.
    pub variables: Vec<String>,
    /// Folders that libraries are imported from, and those of the project that
    /// were listed.
    pub folders: Vec<PathBuf>,
    /// Whether that is all that was read.
    pub complete: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Flag {
    name: String,
    file: PathBuf,
    line: usize,
    how: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    default: Json,
    #[serde(default)]
    choices: Option<Vec<Json>>,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    r#type: Option<String>,
    #[serde(default)]
    arg_name: Option<String>,
    #[serde(default)]
    arg_switch: Option<bool>,
    #[serde(default)]
    arg_split: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Skip {
    name: String,
    file: PathBuf,
    line: usize,
    why: String,
}

/// Reads what the process of a probe told.
///
/// # Errors
/// What the script said, or how it ended, where it did not come to its arguments.
pub(super) fn read(told: &exchange::Answer) -> Result<Answer, String> {
    let printed = String::from_utf8_lossy(&told.errors);
    let printed = printed.trim();
    let Ok(answer) = serde_json::from_slice::<Answer>(&told.output) else {
        // It ended itself, as a crash in a library does.
        return Err(match printed.lines().last() {
            Some(line) => line.to_string(),
            None => "it ended before it read its arguments".to_string(),
        });
    };
    match answer.error.as_deref() {
        None => Ok(answer),
        Some(_) if answer.ended => Ok(answer),
        Some("") if printed.is_empty() => {
            Err("it ended with an error before it read its arguments".to_string())
        }
        Some("") => Err(printed.to_string()),
        Some(error) if printed.contains("Traceback (most recent call last)") => {
            Err(format!("{error} (run with guild --debug for details)"))
        }
        Some(error) => Err(error.to_string()),
    }
}

impl Answer {
    /// The flags, of a script that takes them as `dest` says.
    pub(super) fn into_found(self, dest: &str) -> Found {
        Found {
            dest: dest.to_string(),
            flags: self.flags.into_iter().map(Flag::into_found).collect(),
            skipped: self
                .skipped
                .into_iter()
                .map(|skip| Skipped {
                    name: skip.name,
                    file: skip.file,
                    line: skip.line,
                    why: skip.why,
                })
                .collect(),
        }
    }
}

impl Flag {
    fn into_found(self) -> FoundFlag {
        let default = match value(&self.default) {
            Value::List(items) if self.arg_split => joined(&items),
            default => default,
        };
        let choices = self.choices.iter().flatten().map(|choice| Choice {
            value: value(choice),
            ..Choice::default()
        });
        FoundFlag {
            definition: FlagDef {
                name: self.name,
                default,
                kind: self.r#type,
                description: self.description,
                required: self.required,
                choices: choices.collect(),
                spec: FlagSpec {
                    arg_name: self.arg_name,
                    arg_switch: self.arg_switch.map(Value::Bool),
                    arg_split: self.arg_split.then_some(Value::Bool(true)),
                    ..FlagSpec::default()
                },
                ..FlagDef::default()
            },
            file: self.file,
            line: self.line,
            how: self.how,
        }
    }
}

/// A list as the text that is split into its items.
fn joined(items: &[Value]) -> Value {
    let items: Vec<_> = items
        .iter()
        .map(|item| crate::base::shell_text::quote(&flags::format_value(item)))
        .collect();
    Value::from(items.join(" "))
}

/// A value of the answer; `{"int": DIGITS}` and `{"float": NAME}` are numbers
/// that JSON has not.
fn value(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(truth) => Value::Bool(*truth),
        Json::String(text) => Value::from(text.as_str()),
        Json::Number(number) => match number.as_i64() {
            Some(int) => Value::Int(int),
            None => Value::Float(number.as_f64().unwrap_or(f64::NAN)),
        },
        Json::Array(items) => Value::List(items.iter().map(value).collect()),
        Json::Object(map) => {
            let text = |key| map.get(key).and_then(Json::as_str);
            match (text("int"), text("float")) {
                (Some(digits), _) => Value::BigInt(digits.to_string()),
                (None, Some("inf")) => Value::Float(f64::INFINITY),
                (None, Some("-inf")) => Value::Float(f64::NEG_INFINITY),
                _ => Value::Float(f64::NAN),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(output: &str, errors: &str) -> exchange::Answer {
        exchange::Answer {
            success: false,
            output: output.into(),
            errors: errors.into(),
        }
    }

    const REST: &str =
        r#""ended": false, "reads": [], "variables": [], "folders": [], "complete": true}"#;

    #[test]
    fn flags_have_the_values_of_the_script() {
        let text = format!(
            r#"{{"flags": [
                {{"name": "a", "file": "/p/t.py", "line": 3, "how": "h", "default": [1, "x y", true],
                  "arg-split": true, "choices": [1.0, {{"float": "inf"}}], "type": "int"}},
                {{"name": "b", "file": "/p/t.py", "line": 4, "how": "h", "default": {{"int": "99999999999999999999"}},
                  "arg-switch": false, "arg-name": "no-b", "required": true}}],
               "skipped": [{{"name": "c", "file": "/p/t.py", "line": 5, "why": "w"}}],
               "error": null, {REST}"#
        );
        let found = read(&told(&text, "printed")).unwrap().into_found("args");
        let [a, b] = &found.flags[..] else { panic!() };
        assert_eq!(a.definition.default, Value::from("1 'x y' yes"));
        assert_eq!(a.definition.kind.as_deref(), Some("int"));
        let choices: Vec<_> = a.definition.choices.iter().map(|c| &c.value).collect();
        assert_eq!(choices, [&Value::Float(1.0), &Value::Float(f64::INFINITY)]);
        let big = Value::BigInt("99999999999999999999".to_string());
        assert_eq!(b.definition.default, big);
        assert_eq!(b.definition.spec.arg_switch, Some(Value::Bool(false)));
        assert_eq!(b.definition.spec.arg_name.as_deref(), Some("no-b"));
        assert!(b.definition.required);
        assert_eq!(found.skipped[0].why, "w");
    }

    #[test]
    fn a_script_that_fails_says_why() {
        let answer =
            |error: &str| format!(r#"{{"flags": [], "skipped": [], "error": "{error}", {REST}"#);
        for (output, errors, expected) in [
            (answer("E: x"), "noise", "E: x"),
            (
                answer("E: x"),
                "Traceback (most recent call last):\nE: x",
                "E: x (run with guild --debug for details)",
            ),
            (answer(""), "no data\n", "no data"),
            (
                answer(""),
                "",
                "it ended with an error before it read its arguments",
            ),
            (String::new(), "a\nabort\n", "abort"),
            (String::new(), "", "it ended before it read its arguments"),
        ] {
            assert_eq!(read(&told(&output, errors)).unwrap_err(), expected);
        }
    }

    #[test]
    fn a_script_that_took_too_long_is_an_answer_too() {
        let rest = REST.replace("\"ended\": false", "\"ended\": true");
        let text = format!(r#"{{"flags": [], "skipped": [], "error": "too long", {rest}"#);
        let answer = read(&told(&text, "Traceback (most recent call last):")).unwrap();
        assert_eq!(answer.error.as_deref(), Some("too long"));
    }
}
