//! Flags of the arguments of a parser, as guild files define them.

use super::super::definition::{self, Argument};
use super::super::follow::{Stop, Value};
use super::{Action, Kind, Parsers};
use crate::base::yaml::Value as Yaml;
use crate::guildfile::FlagDef;

impl<'a> Parsers<'a> {
    /// The arguments of the parser that was run, in order; none if none was.
    ///
    /// # Errors
    /// What an argument is like is computed.
    pub(in super::super) fn arguments(&self) -> Result<Vec<Argument>, Stop> {
        let Some((parser, _)) = self.ran else {
            return Ok(Vec::new());
        };
        let actions = self.parsers[parser].actions.iter();
        let mut found: Vec<Argument> = Vec::new();
        for action in actions.map(|&action| &self.actions[action]) {
            if matches!(action.kind, Kind::Help) {
                continue;
            }
            let long = action.long_name();
            let name = match (long, action.options.first()) {
                (Some(name), _) => name.to_string(),
                (None, Some(short)) => short.to_string(),
                (None, None) => action.dest.to_string(),
            };
            let skipped = match action.kind {
                Kind::Parsers => Some("it is a sub-command".to_string()),
                Kind::Other(kind) => Some(format!("its action is '{kind}'")),
                Kind::Custom => Some("its action is a class of the script".to_string()),
                _ if action.options.is_empty() => Some("it is a positional argument".to_string()),
                _ if long.is_none() => Some("it has no long name".to_string()),
                _ => None,
            };
            let flag = match skipped {
                Some(why) => Err(why),
                None => Ok((flag(action, &name)?, how(action, &name))),
            };
            let at = action.at;
            found.push(Argument { name, flag, at });
        }
        found.extend(self.outer_arguments());
        Ok(found)
    }

    /// The options that come before the names of sub-commands.
    fn outer_arguments(&self) -> impl Iterator<Item = Argument> {
        let outer = self.outer.iter();
        let outer = outer.flat_map(|&outer| &self.parsers[outer].actions);
        let outer = outer.map(|&action| &self.actions[action]);
        let outer = outer.filter(|action| action.kind != Kind::Help);
        outer.filter_map(|action| {
            Some(Argument {
                name: action.long_name()?.to_string(),
                flag: Err("it belongs to the parser before the sub-command".to_string()),
                at: action.at,
            })
        })
    }
}

impl Action<'_> {
    /// The first name that starts with `--`, without that.
    fn long_name(&self) -> Option<&str> {
        self.options
            .iter()
            .find_map(|option| option.strip_prefix("--"))
    }
}

fn how(action: &Action, name: &str) -> String {
    match action.kind {
        Kind::StoreTrue => format!("argparse switch --{name}"),
        Kind::StoreFalse => format!("argparse switch --{name}, off when given"),
        Kind::Boolean => format!("argparse switch --{name} and --no-{name}"),
        _ => format!("argparse option --{name}"),
    }
}

fn flag(action: &Action, name: &str) -> Result<FlagDef, Stop> {
    let at = action.at;
    let what = |what: &str| format!("the {what} of --{name}");
    let mut flag = FlagDef {
        name: name.to_string(),
        description: definition::description(&action.help, &what("help"), at)?,
        default: definition::default(&action.default, &what("default"), at)?,
        kind: definition::kind(&action.type_, &what("type"), at)?,
        choices: definition::choices(&action.choices, &what("choices"), at)?,
        ..FlagDef::default()
    };
    flag.required = action
        .required
        .truth()
        .ok_or_else(|| definition::computed(&action.required, &what("'required'"), at))?;
    let switches = |flag: &mut FlagDef, on: bool| {
        flag.spec.arg_switch = Some(Yaml::Bool(on));
        flag.choices = definition::yes_or_no();
    };
    match action.kind {
        Kind::StoreTrue => switches(&mut flag, true),
        Kind::StoreFalse => switches(&mut flag, false),
        Kind::Boolean => {
            let on = !flag.default.is_truthy();
            switches(&mut flag, on);
            let prefix = if on { "" } else { "no-" };
            flag.spec.arg_name = Some(format!("{prefix}{name}"));
        }
        _ => {}
    }
    let several = match &action.nargs {
        Value::Null | Value::Bool(_) => false,
        Value::Str(count) => matches!(&**count, "*" | "+"),
        Value::Int(1) => flag.default.as_list().is_some_and(|items| items.len() == 1),
        Value::Int(count) => *count > 1,
        other => return Err(definition::computed(other, &what("'nargs'"), at)),
    };
    // A value that no single argument has is left to the script.
    if !several && matches!(flag.default, Yaml::List(_) | Yaml::Map(_)) {
        flag.default = Yaml::Null;
    }
    if several {
        flag.spec.arg_split = Some(Yaml::Bool(true));
        if let Yaml::List(items) = &flag.default {
            flag.default = definition::joined(items);
        }
    }
    Ok(flag)
}
