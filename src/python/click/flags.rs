//! Flags of the options of a command of click, as guild files define them.

use super::super::definition::{self, Argument};
use super::super::follow::{Stop, Value};
use super::{ClickValue, Commands, Param, Type};
use crate::base::yaml::Value as Yaml;
use crate::guildfile::FlagDef;

/// The names of an option: the ones that set it, and the ones that unset it.
struct Names {
    on: Vec<String>,
    off: Vec<String>,
}

impl Names {
    /// The first one that starts with `--`, without that.
    fn long(&self) -> Option<&str> {
        self.on.iter().find_map(|name| name.strip_prefix("--"))
    }
}

impl<'a> Commands<'a> {
    /// The options and arguments of the command that was run, in order; none if
    /// none was.
    ///
    /// # Errors
    /// What an option is like is computed.
    pub(in super::super) fn arguments(&self) -> Result<Vec<Argument>, Stop> {
        let Some((command, _)) = self.ran else {
            return Ok(Vec::new());
        };
        let params = self.commands[command].params.iter();
        let mut found: Vec<_> = params
            .map(|param| argument(param))
            .collect::<Result<_, _>>()?;
        let outer = self
            .outer
            .iter()
            .flat_map(|&outer| &self.commands[outer].params);
        for param in outer {
            if let Some(name) = names(param)?.long() {
                found.push(Argument {
                    name: name.to_string(),
                    flag: Err("it belongs to the command before the sub-command".to_string()),
                    at: param.at,
                });
            }
        }
        Ok(found)
    }
}

fn argument(param: &Param) -> Result<Argument, Stop> {
    let at = param.at;
    if !param.complete || param.named("cls").is_some() {
        return Err(Stop::cannot_tell(
            "an option is made with what is computed",
            at,
        ));
    }
    let names = names(param)?;
    let long = names.long();
    let counts = param
        .named("count")
        .is_some_and(|count| count.truth() != Some(false));
    let skipped = match long {
        _ if param.positional => Some("it is a positional argument"),
        None => Some("it has no long name"),
        Some(_) if counts => Some("it counts how often it is given"),
        Some(_) => None,
    };
    let name = match (long, names.on.first()) {
        (Some(name), _) => name.to_string(),
        (None, Some(name)) => name.clone(),
        (None, None) => match param.declarations.first() {
            Some(Value::Str(name)) => name.to_string(),
            _ => String::new(),
        },
    };
    let flag = match skipped {
        Some(why) => Err(why.to_string()),
        None => Ok(flag(param, &name, &names)?),
    };
    Ok(Argument { name, flag, at })
}

fn names(param: &Param) -> Result<Names, Stop> {
    let mut names = Names {
        on: Vec::new(),
        off: Vec::new(),
    };
    for declaration in &param.declarations {
        let Value::Str(text) = declaration else {
            let what = "the name of an option";
            return Err(definition::computed(declaration, what, param.at));
        };
        if param.positional || !text.starts_with(['-', '/']) {
            continue;
        }
        let split = if text.starts_with('/') { ';' } else { '/' };
        match text.split_once(split) {
            Some((on, off)) => {
                names.on.push(on.trim_end().to_string());
                names.off.push(off.trim_start().to_string());
            }
            None => names.on.push(text.to_string()),
        }
    }
    Ok(names)
}

impl<'a> Param<'a> {
    fn named(&self, name: &str) -> Option<&Value<'a>> {
        let mut attributes = self.attributes.iter();
        let found = attributes.find(|(known, _)| **known == *name);
        found.map(|(_, value)| value)
    }

    /// An attribute that is on or off.
    fn truth(&self, name: &str, flag: &str) -> Result<Option<bool>, Stop> {
        match self.named(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => value.truth().map(Some).ok_or_else(|| {
                definition::computed(value, &format!("'{name}' of --{flag}"), self.at)
            }),
        }
    }
}

fn flag(param: &Param, name: &str, names: &Names) -> Result<(FlagDef, String), Stop> {
    let at = param.at;
    let what = |what: &str| format!("the {what} of --{name}");
    let null = Value::Null;
    let get = |key: &str| param.named(key).unwrap_or(&null);
    let flag_value = param
        .named("flag_value")
        .filter(|v| !matches!(v, Value::Null));
    let asks = param
        .named("prompt")
        .is_some_and(|prompt| prompt.truth() != Some(false))
        && param.truth("prompt_required", name)? == Some(false);
    let switch = match param.truth("is_flag", name)? {
        Some(on) => on,
        None if flag_value.is_some() => true,
        None => !asks && !names.off.is_empty(),
    };
    let help = definition::description(get("help"), &what("help"), at)?;
    let mut flag = FlagDef {
        name: name.to_string(),
        description: clean(&help),
        required: param.truth("required", name)?.unwrap_or(false),
        ..FlagDef::default()
    };
    // A function gives its default when the script runs.
    let default = match get("default") {
        Value::Function(_) | Value::Method(..) => &null,
        other => other,
    };
    flag.default = definition::default(default, &what("default"), at)?;
    if switch {
        set_switch(&mut flag, names, flag_value, param);
        let how = match names.off.first() {
            Some(off) => format!("click switch --{name} and {off}"),
            None => format!("click switch --{name}"),
        };
        return Ok((flag, how));
    }
    set_type(&mut flag, get("type"), default, &what("type"), param)?;
    let nargs = match (get("nargs"), get("type")) {
        (Value::Null, Value::Tuple(types)) => types.len() > 1,
        (Value::Null | Value::Int(..=1), _) => false,
        (Value::Int(_), _) => true,
        (other, _) => return Err(definition::computed(other, &what("'nargs'"), at)),
    };
    if param.truth("multiple", name)?.unwrap_or(false) {
        flag.default = Yaml::Null;
    } else if nargs {
        flag.spec.arg_split = Some(Yaml::Bool(true));
        if let Yaml::List(items) = &flag.default {
            flag.default = definition::joined(items);
        }
    }
    Ok((flag, format!("click option --{name}")))
}

/// A switch: given, it changes what its default says.
fn set_switch<'a>(flag: &mut FlagDef, names: &Names, value: Option<&Value<'a>>, param: &Param<'a>) {
    flag.kind = Some("boolean".to_string());
    let is_text = value.is_some_and(|value| !matches!(value, Value::Bool(_)));
    if is_text {
        // One of several values, which the option chooses.
        let default = param.named("default");
        let on = default.zip(value).is_some_and(|(default, value)| {
            default.truth() == Some(true)
                && (matches!(default, Value::Bool(_)) || default.equals(value) == Some(true))
        });
        flag.default = Yaml::Bool(on);
        flag.spec.arg_switch = Some(Yaml::Bool(true));
        return;
    }
    let on = flag.default.is_truthy();
    if flag.default.is_null() && !flag.required && param.named("default").is_none() {
        flag.default = Yaml::Bool(false);
    }
    flag.spec.arg_switch = Some(Yaml::Bool(!on));
    let off = names.off.iter().find_map(|name| name.strip_prefix("--"));
    if let (true, Some(off)) = (on, off) {
        flag.spec.arg_name = Some(off.to_string());
    }
}

fn set_type(
    flag: &mut FlagDef,
    given: &Value,
    default: &Value,
    what: &str,
    param: &Param,
) -> Result<(), Stop> {
    let kind = match given {
        Value::Null => guessed(default),
        Value::Click(ClickValue::Type(kind)) => match &**kind {
            Type::Kind(kind) => *kind,
            Type::Choice(choices) => {
                flag.choices = definition::choices(choices, what, param.at)?;
                None
            }
        },
        Value::Tuple(_) => None,
        Value::External(name) => match &**name {
            "click.INT" => Some("int"),
            "click.FLOAT" => Some("float"),
            "click.STRING" => Some("string"),
            "click.BOOL" => Some("boolean"),
            "click.UUID" | "click.UNPROCESSED" => None,
            _ => {
                flag.kind = definition::kind(given, what, param.at)?;
                return Ok(());
            }
        },
        other => {
            flag.kind = definition::kind(other, what, param.at)?;
            return Ok(());
        }
    };
    flag.kind = kind.map(str::to_string);
    Ok(())
}

/// The type that click takes from a default.
fn guessed(default: &Value) -> Option<&'static str> {
    match default {
        Value::Int(_) => Some("int"),
        Value::Float(_) => Some("float"),
        Value::Bool(_) => Some("boolean"),
        Value::Tuple(_) | Value::List(_) => {
            let items = default.items()?;
            match items.first() {
                Some(Value::Tuple(_) | Value::List(_)) => None,
                Some(first) => guessed(first),
                None => Some("string"),
            }
        }
        _ => Some("string"),
    }
}

/// A text without the margin that its lines have in common, and without blank
/// lines around it, as Python cleans documentation.
fn clean(text: &str) -> String {
    let text = text.replace('\t', "        ");
    let mut lines: Vec<&str> = text.split('\n').collect();
    let indent = |line: &str| line.len() - line.trim_start().len();
    let rest = lines.iter().skip(1).filter(|line| !line.trim().is_empty());
    let margin = rest.map(|line| indent(line)).min().unwrap_or(0);
    for (at, line) in lines.iter_mut().enumerate() {
        *line = match at {
            0 => line.trim_start(),
            _ => line.get(margin..).unwrap_or(""),
        };
    }
    while lines.last().is_some_and(|line| line.is_empty()) {
        lines.pop();
    }
    while lines.first().is_some_and(|line| line.is_empty()) {
        lines.remove(0);
    }
    lines.join("\n")
}
