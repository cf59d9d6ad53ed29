//! Flag values as an operation's process gets them: arguments for an argument
//! parser, YAML for module globals, and environment variables. The rules are
//! those of sections 4.2 and 5.2 of the run format.

#[cfg(test)]
mod tests;

use super::decode::decode;
use super::format::{format_value, name_text};
use crate::base::python_text;
use crate::base::shell_text;
use crate::base::yaml::{self, Map, Value};

/// How a flag is handed over, beside its value.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FlagSpec {
    /// The name of the argument, if not the flag's own.
    pub arg_name: Option<String>,
    /// Whether the flag is no argument at all; the operation says if not set.
    pub arg_skip: Option<bool>,
    /// The value for which the bare argument is given; for others it is not.
    pub arg_switch: Option<Value>,
    /// How the value is split into several arguments: `true` or `shlex` as a
    /// shell does, any other text at that text.
    pub arg_split: Option<Value>,
    /// The whole name of the environment variable, if not `FLAG_` and the name.
    pub env_name: Option<String>,
    /// Values and the arguments they become.
    pub arg_encoding: Option<Map>,
    /// Values and the contents of variables they become.
    pub env_encoding: Option<Map>,
}

/// How flags reach the code of an operation, as far as it decides their form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlagDest {
    /// Arguments for a parser: `args`, `config:FILE`, `none` and what is unknown.
    Args,
    /// Globals of a module: `globals`.
    Globals,
    /// Members of one global: `global:NAME`, `dict:NAME`, `namespace:NAME`.
    Members,
}

impl FlagDest {
    /// Reads a guild file's `flags-dest`; none means arguments.
    pub fn parse(dest: Option<&str>) -> Self {
        let kind = dest.map(|dest| {
            dest.split_once(':')
                .map_or((dest, false), |(k, _)| (k, true))
        });
        match kind {
            Some(("globals", false)) => Self::Globals,
            Some(("global" | "dict" | "namespace", true)) => Self::Members,
            _ => Self::Args,
        }
    }
}

/// How a text is split.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Split {
    Shell,
    At(String),
}

impl Split {
    /// Nothing for a flag that is not split. `no` reads as that, too, though
    /// Guild AI would split at `False`.
    fn of(split: Option<&Value>) -> Option<Self> {
        match split? {
            Value::Null | Value::Bool(false) => None,
            Value::Bool(true) => Some(Self::Shell),
            Value::Str(text) if text == "shlex" => Some(Self::Shell),
            other => Some(Self::At(plain_text(other))),
        }
    }

    /// The parts of a text. One that a shell would refuse is a single part.
    fn parts(&self, text: &str) -> Vec<String> {
        match self {
            Self::Shell => shell_text::split(text).unwrap_or_else(|_| vec![text.to_owned()]),
            Self::At(separator) if separator.is_empty() => vec![text.to_owned()],
            Self::At(separator) => text
                .split(separator.as_str())
                .filter(|part| !part.is_empty())
                .map(str::to_owned)
                .collect(),
        }
    }
}

/// Joins the items of a list into one argument.
fn join(items: &[Value], split: Option<&Value>) -> String {
    let shell = Value::Bool(true);
    join_words(items.iter().map(format_value), split.unwrap_or(&shell))
}

/// Joins words into a text that an `arg-split` setting takes apart again: with a
/// separator between them, or with the quotes that a shell needs.
pub fn join_words(words: impl Iterator<Item = String>, split: &Value) -> String {
    match split {
        Value::Str(separator) if separator != "shlex" => words.collect::<Vec<_>>().join(separator),
        _ => words
            .map(|word| shell_text::quote_opref(&word))
            .collect::<Vec<_>>()
            .join(" "),
    }
}

/// The parts of a text by an `arg-split` setting, or nothing if the setting
/// does not split.
pub fn split_text(text: &str, split: &Value) -> Option<Vec<String>> {
    Split::of(Some(split)).map(|split| split.parts(text))
}

/// A value as Python's `str` writes it, for the places where text is a must.
pub fn plain_text(value: &Value) -> String {
    match value {
        Value::Str(text) | Value::Timestamp(text) => text.clone(),
        _ => python_repr(value),
    }
}

/// A value as a Python literal. Dates have none; theirs is their text in quotes.
pub fn python_repr(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(truth) => if *truth { "True" } else { "False" }.to_owned(),
        Value::Int(number) => number.to_string(),
        Value::BigInt(digits) => digits.clone(),
        Value::Float(number) => python_text::float_repr(*number),
        Value::Str(text) | Value::Timestamp(text) => python_text::str_repr(text),
        Value::Bytes(bytes) => python_text::bytes_repr(bytes),
        Value::List(items) => {
            let items: Vec<_> = items.iter().map(python_repr).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Map(map) => {
            let entries: Vec<_> = map
                .sorted()
                .into_iter()
                .map(|(key, value)| format!("{}: {}", python_repr(key), python_repr(value)))
                .collect();
            format!("{{{}}}", entries.join(", "))
        }
        Value::Set(keys) if keys.is_empty() => "set()".to_owned(),
        Value::Set(keys) => {
            let keys = keys.sorted().into_iter().map(|(key, _)| python_repr(key));
            format!("{{{}}}", keys.collect::<Vec<_>>().join(", "))
        }
    }
}

/// A value as one argument for an argument parser: what the encoding has for
/// it, else `1` for true and nothing for false and null, text as it is, the
/// items of a list joined by the split setting, and Python's notation for
/// numbers and maps. Unlike Guild AI's, a wide map stays on one line, and dates
/// are dates and not `datetime.date(...)`.
pub fn encode_arg(value: &Value, encoding: Option<&Map>, split: Option<&Value>) -> String {
    match encoding.and_then(|encoding| lookup(encoding, value)) {
        Some(encoded) => encode_arg(encoded, None, split),
        None => match value {
            Value::Bool(true) => "1".to_owned(),
            Value::Bool(false) | Value::Null => String::new(),
            Value::List(items) => join(items, split),
            _ => plain_text(value),
        },
    }
}

fn lookup<'a>(encoding: &'a Map, value: &Value) -> Option<&'a Value> {
    encoding.get_value(value)
}

/// A value as the content of an environment variable: what the environment
/// encoding has for it, else as an argument.
pub fn encode_env(value: &Value, spec: Option<&FlagSpec>) -> String {
    let Some(spec) = spec else {
        return encode_arg(value, None, None);
    };
    match spec
        .env_encoding
        .as_ref()
        .and_then(|encoding| lookup(encoding, value))
    {
        Some(encoded) => encode_arg(encoded, None, spec.arg_split.as_ref()),
        None => encode_arg(value, spec.arg_encoding.as_ref(), spec.arg_split.as_ref()),
    }
}

/// A value as one argument for module globals: YAML.
pub fn encode_globals(value: &Value) -> String {
    let text = yaml::dump_flow(value);
    // A plain text that starts like an argument would be read as the next one.
    if text.starts_with("--") {
        format!("'{}'", text.replace('\'', "''"))
    } else {
        text
    }
}

/// The environment variable of a flag: `FLAG_` and the name in capitals, with
/// `_` for whatever is neither letter nor digit.
pub fn env_name(flag_name: &str) -> String {
    let mut name = String::from("FLAG_");
    for c in flag_name.chars().flat_map(char::to_uppercase) {
        let is_kept = c.is_ascii_uppercase() || c.is_ascii_digit();
        name.push(if is_kept { c } else { '_' });
    }
    name
}

/// The environment variables of all flags, those that are null or no arguments
/// included.
pub fn flag_env<'a>(
    flags: &Map,
    spec_of: impl Fn(&str) -> Option<&'a FlagSpec>,
) -> Vec<(String, String)> {
    let variable = |(name, value): (&Value, &Value)| {
        let name = name_text(name);
        let spec = spec_of(&name);
        let own_name = spec.and_then(|spec| spec.env_name.clone());
        let variable = own_name.filter(|name| !name.is_empty());
        (
            variable.unwrap_or_else(|| env_name(&name)),
            encode_env(value, spec),
        )
    };
    flags.iter().map(variable).collect()
}

/// The arguments made of flags.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FlagArgs {
    /// The arguments.
    pub args: Vec<String>,
    /// Messages about flags that have no effect.
    pub warnings: Vec<String>,
}

/// The arguments that stand for an operation's flags, by name.
///
/// Flags without a specification are left out unless `force`. A flag is also
/// left out if its argument is among those that precede, which the warnings
/// tell.
pub fn flag_args<'a>(
    flags: &Map,
    dest: FlagDest,
    spec_of: impl Fn(&str) -> Option<&'a FlagSpec>,
    force: bool,
    preceding: &[String],
) -> FlagArgs {
    let default = FlagSpec::default();
    let mut made = FlagArgs::default();
    for (name, value) in flags.sorted() {
        let name = name_text(name);
        let Some(spec) = spec_of(&name).or(force.then_some(&default)) else {
            continue;
        };
        if spec.arg_skip == Some(true) {
            continue;
        }
        let arg_name = spec.arg_name.as_ref().filter(|name| !name.is_empty());
        let arg_name = arg_name.unwrap_or(&name);
        let arg = format!("--{arg_name}");
        if preceding.contains(&arg) {
            let value = format_value(value);
            made.warnings.push(format!(
                "ignoring flag '{name}={value}' because it's shadowed in the operation cmd as {arg}"
            ));
            continue;
        }
        if let Some(values) = arg_values(value, dest, spec) {
            made.args.push(arg);
            made.args.extend(values);
        }
    }
    made
}

/// What follows a flag's argument, or nothing if there is no argument at all.
fn arg_values(value: &Value, dest: FlagDest, spec: &FlagSpec) -> Option<Vec<String>> {
    if let Some(switch) = spec.arg_switch.as_ref().filter(|switch| !switch.is_null()) {
        return switch.python_eq(value).then(Vec::new);
    }
    if value.is_null() {
        return None;
    }
    let encode = |value: &Value| match dest {
        FlagDest::Args => encode_arg(value, spec.arg_encoding.as_ref(), spec.arg_split.as_ref()),
        FlagDest::Globals | FlagDest::Members => encode_globals(value),
    };
    let split = Split::of(spec.arg_split.as_ref()).filter(|_| !matches!(value, Value::List(_)));
    let Some(split) = split else {
        return Some(vec![encode(value)]);
    };
    // Guild AI crashes on values that are neither text nor for globals.
    let parts = split.parts(&value.as_str().map_or_else(|| encode(value), str::to_owned));
    match dest {
        FlagDest::Args => (!parts.is_empty()).then_some(parts),
        FlagDest::Members if is_list_to_members(&parts) => Some(parts),
        FlagDest::Globals | FlagDest::Members => {
            let items = parts.iter().map(|part| decode(part)).collect();
            Some(vec![encode_globals(&Value::List(items))])
        }
    }
}

/// Whether arguments one by one come out as the list that they are: those of one
/// member are read as YAML, and only several make a list.
fn is_list_to_members(parts: &[String]) -> bool {
    parts.len() > 1
        && parts.iter().all(|part| {
            let value = decode(part);
            let is_name = part.starts_with('-') && value.as_f64().is_none();
            !is_name && yaml::load(part) == Ok(value)
        })
}
