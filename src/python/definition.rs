//! Parts of a flag's definition from what is known of a script's values.

use ruff_text_size::TextSize;

use super::follow::{Stop, Value};
use crate::base::shell_text;
use crate::base::yaml::{self, Map, Value as Yaml};
use crate::flags;
use crate::guildfile::{Choice, FlagDef};

/// An argument of a script.
pub(super) struct Argument {
    /// Its name.
    pub name: String,
    /// Its flag and how it is defined, or why it is none.
    pub flag: Result<(FlagDef, String), String>,
    /// The place of its definition.
    pub at: TextSize,
}

/// What argparse takes for nothing: `argparse.SUPPRESS`.
const SUPPRESS: &str = "==SUPPRESS==";

/// Values that a default may consist of.
const MAX_PARTS: usize = 2_000;

/// That `what` is not known, since `value` is not.
pub(super) fn computed(value: &Value, what: &str, at: TextSize) -> Stop {
    let at = match value {
        Value::Unknown(from) => *from,
        _ => at,
    };
    Stop::cannot_tell(format!("{what} is computed"), at)
}

/// A help text; `None` and what is suppressed are empty.
pub(super) fn description(value: &Value, what: &str, at: TextSize) -> Result<String, Stop> {
    match value {
        Value::Null => Ok(String::new()),
        Value::Str(text) if **text == *SUPPRESS => Ok(String::new()),
        Value::Str(text) => Ok(text.to_string()),
        other => Err(computed(other, what, at)),
    }
}

/// A default.
pub(super) fn default(value: &Value, what: &str, at: TextSize) -> Result<Yaml, Stop> {
    if value.as_str() == Some(SUPPRESS) {
        return Ok(Yaml::Null);
    }
    let mut parts = 0;
    plain(value, &mut parts).ok_or_else(|| computed(unknown_part(value), what, at))
}

/// What of a container is not known, for the place where it is from.
fn unknown_part<'v, 'a>(value: &'v Value<'a>) -> &'v Value<'a> {
    match value {
        Value::Tuple(items) => items.iter().find(|item| item.is_unknown()).unwrap_or(value),
        other => other,
    }
}

/// A value as YAML has it; `None` if it is not known or no plain value.
fn plain(value: &Value, parts: &mut usize) -> Option<Yaml> {
    *parts += 1;
    if *parts > MAX_PARTS {
        return None;
    }
    let mut list = |items: &[Value]| {
        let items: Option<Vec<_>> = items.iter().map(|item| plain(item, parts)).collect();
        items.map(Yaml::List)
    };
    match value {
        Value::Null => Some(Yaml::Null),
        Value::Bool(truth) => Some(Yaml::Bool(*truth)),
        Value::Int(number) => Some(Yaml::Int(*number)),
        Value::Float(number) => Some(Yaml::Float(*number)),
        Value::Str(text) | Value::Path(text) => Some(Yaml::Str(text.to_string())),
        Value::Tuple(items) => list(items),
        Value::List(items) => list(items.borrow().as_deref()?),
        Value::Dict(entries) => {
            let mut map = Map::new();
            for (key, value) in entries.borrow().as_ref()? {
                map.insert(plain(key, parts)?, plain(value, parts)?);
            }
            Some(Yaml::Map(map))
        }
        _ => None,
    }
}

/// The type that a converting function means: none for all but Python's own.
pub(super) fn kind(value: &Value, what: &str, at: TextSize) -> Result<Option<String>, Stop> {
    let kind = match value {
        Value::External(name) => match &**name {
            "builtins.int" => "int",
            "builtins.float" => "float",
            "builtins.str" => "string",
            "builtins.bool" => "boolean",
            name if is_converter(name) => return Ok(None),
            _ => return Err(computed(value, what, at)),
        },
        // Functions of the script, and names of types that it registers.
        Value::Null | Value::Function(_) | Value::Class(_) | Value::Str(_) => return Ok(None),
        Value::Method(..) | Value::Instance(_) => return Ok(None),
        other => return Err(computed(other, what, at)),
    };
    Ok(Some(kind.to_string()))
}

/// Functions of Python that convert to something without a type of its own.
fn is_converter(name: &str) -> bool {
    let (module, _) = name.rsplit_once('.').unwrap_or(("", name));
    matches!(
        module,
        "builtins"
            | "pathlib"
            | "json"
            | "os.path"
            | "ast"
            | "datetime"
            | "decimal"
            | "fractions"
            | "shlex"
            | "distutils.util"
            | "uuid"
            | "ipaddress"
            | "argparse"
    )
}

/// The choices in any container.
pub(super) fn choices(value: &Value, what: &str, at: TextSize) -> Result<Vec<Choice>, Stop> {
    let items = match value {
        Value::Null => return Ok(Vec::new()),
        Value::Set(items) => items.borrow().clone(),
        other => other.items(),
    };
    let items = items.ok_or_else(|| computed(value, what, at))?;
    let mut parts = 0;
    let mut values = Vec::new();
    for item in &items {
        values.push(plain(item, &mut parts).ok_or_else(|| computed(item, what, at))?);
    }
    if matches!(value, Value::Set(_)) {
        values.sort_by_key(yaml::dump_flow);
    }
    Ok(values.into_iter().map(choice).collect())
}

fn choice(value: Yaml) -> Choice {
    Choice {
        value,
        ..Choice::default()
    }
}

/// The choices of a switch.
pub(super) fn yes_or_no() -> Vec<Choice> {
    [true, false].map(|on| choice(Yaml::Bool(on))).into()
}

/// A list as the text that is split into several arguments.
pub(super) fn joined(items: &[Yaml]) -> Yaml {
    let items: Vec<_> = items
        .iter()
        .map(|item| shell_text::quote(&flags::format_value(item)))
        .collect();
    Yaml::from(items.join(" "))
}
