//! The methods of parsers, their groups and sub-commands.

use std::rc::Rc;

use ruff_text_size::TextSize;

use super::super::follow::{Args, Follower, Stop, Value};
use super::{ARGUMENT_NAMES, Action, Kind};

impl<'a> Follower<'a> {
    /// A method of a parser, a group of arguments or sub-commands.
    pub(in super::super) fn parser_method(
        &mut self,
        holder: &Value<'a>,
        name: &str,
        args: Args<'a>,
    ) -> Result<Value<'a>, Stop> {
        let at = args.at;
        match (holder, name) {
            (Value::Parser(parser) | Value::Group(parser), "add_argument") => {
                self.add_argument(*parser, &args)
            }
            (
                Value::Parser(parser) | Value::Group(parser),
                "add_argument_group" | "add_mutually_exclusive_group",
            ) => {
                let plain = ["title", "description", "required"];
                if !args.complete || args.named.iter().any(|(name, _)| !plain.contains(&&**name)) {
                    let why = "a group of arguments has settings of its own";
                    return Err(Stop::cannot_tell(why, at));
                }
                Ok(Value::Group(*parser))
            }
            (Value::Parser(parser) | Value::Group(parser), "set_defaults") => {
                self.set_defaults(*parser, &args)
            }
            (Value::Parser(parser), "add_subparsers") => self.add_subparsers(*parser, &args),
            (Value::SubParsers(parser), "add_parser") => self.add_command(*parser, &args),
            (Value::Groups(parser), "pop" | "__getitem__") => Ok(Value::Group(*parser)),
            (Value::Groups(_), "append" | "insert" | "remove" | "reverse") => Ok(Value::Null),
            (Value::Parser(parser), "parse_args" | "parse_intermixed_args") => {
                self.parse(*parser, &args, false)
            }
            (Value::Parser(parser), "parse_known_args" | "parse_known_intermixed_args") => {
                self.parse(*parser, &args, true)
            }
            (Value::Parser(_), "exit" | "error") => Err(Stop::Ended),
            (
                Value::Parser(_),
                "print_help" | "print_usage" | "format_help" | "format_usage" | "get_default",
            ) => Ok(Value::Unknown(at)),
            (Value::Parser(_) | Value::Group(_), "register") => {
                let types = args.positional.first().and_then(Value::as_str) == Some("type");
                if types {
                    return Ok(Value::Null);
                }
                Err(Stop::cannot_tell("a parser gets an action of its own", at))
            }
            _ => {
                let why = format!("`{name}` of a parser is not followed");
                Err(Stop::cannot_tell(why, at))
            }
        }
    }

    /// `parser.name = value`, and that of an argument.
    pub(in super::super) fn set_parser_attribute(
        &mut self,
        holder: &Value<'a>,
        name: &str,
        value: Value<'a>,
        at: TextSize,
    ) -> Result<(), Stop> {
        let plain = [
            "description",
            "epilog",
            "prog",
            "usage",
            "formatter_class",
            "title",
        ];
        match holder {
            Value::Action(place) => {
                let Some(action) = self.parsers.actions.get_mut(*place) else {
                    return Ok(());
                };
                match name {
                    "default" => action.default = value,
                    "help" => action.help = value,
                    "required" => action.required = value,
                    "choices" => action.choices = value,
                    "type" => action.type_ = value,
                    "completer" | "metavar" => {}
                    _ => {
                        let why = format!("`{name}` of an argument is changed");
                        return Err(Stop::cannot_tell(why, at));
                    }
                }
                Ok(())
            }
            _ if plain.contains(&name) => Ok(()),
            _ => {
                let why = format!("`{name}` of a parser is changed");
                Err(Stop::cannot_tell(why, at))
            }
        }
    }

    fn add_argument(&mut self, parser: usize, args: &Args<'a>) -> Result<Value<'a>, Stop> {
        let at = args.at;
        self.check_risk(at)?;
        let computed = || Stop::cannot_tell("the name of an argument is computed", at);
        if !args.complete {
            let why = "what an argument is made with is computed";
            return Err(Stop::cannot_tell(why, at));
        }
        let mut names = Vec::new();
        for value in &args.positional {
            match value {
                Value::Str(name) => names.push(name.clone()),
                Value::Unknown(at) => {
                    return Err(Stop::cannot_tell(
                        "the name of an argument is computed",
                        *at,
                    ));
                }
                _ => return Err(computed()),
            }
        }
        let (kind, takes_values) = self.kind(args.named("action"), at)?;
        let custom = kind == Kind::Custom;
        let odd = args
            .named
            .iter()
            .find(|(name, _)| **name != *"action" && !custom && !ARGUMENT_NAMES.contains(&&**name));
        if let Some((name, _)) = odd {
            let why = format!("an argument has a `{name}`");
            return Err(Stop::cannot_tell(why, at));
        }
        let dest = match args.named("dest") {
            None | Some(Value::Null) => None,
            Some(Value::Str(dest)) => Some(dest.clone()),
            Some(_) => return Err(computed()),
        };
        let optional = names.first().is_some_and(|name| name.starts_with('-'));
        if optional != names.iter().all(|name| name.starts_with('-')) && !names.is_empty() {
            return Err(computed());
        }
        let dest = dest.unwrap_or_else(|| dest_of(&names));
        let mut action = Action::new(kind, Vec::new(), &dest, at);
        if optional {
            action.options = names;
        }
        if kind == Kind::Boolean {
            action.options = with_negations(action.options);
        }
        let named = |name: &str| args.named(name).cloned();
        action.default = named("default").unwrap_or_else(|| self.default_for(parser, kind, &dest));
        action.type_ = named("type").unwrap_or(Value::Null);
        action.choices = named("choices").unwrap_or(Value::Null);
        action.required = named("required").unwrap_or(Value::Null);
        action.help = named("help").unwrap_or(Value::Null);
        action.nargs = named("nargs").unwrap_or(Value::Null);
        action.takes_values = takes_values;
        Ok(Value::Action(self.add_action(parser, action)?))
    }

    /// The default of an argument that names none.
    fn default_for(&self, parser: usize, kind: Kind, dest: &str) -> Value<'a> {
        let Some(parser) = self.parsers.parsers.get(parser) else {
            return Value::Null;
        };
        let mut defaults = parser.defaults.iter();
        if let Some((_, value)) = defaults.find(|(name, _)| **name == *dest) {
            return value.clone();
        }
        match (kind, &parser.argument_default) {
            (Kind::StoreTrue, Value::Null) => Value::Bool(false),
            (Kind::StoreFalse, Value::Null) => Value::Bool(true),
            (_, default) => default.clone(),
        }
    }

    fn set_defaults(&mut self, parser: usize, args: &Args<'a>) -> Result<Value<'a>, Stop> {
        self.check_risk(args.at)?;
        if !args.complete {
            return Err(Stop::cannot_tell("defaults are computed", args.at));
        }
        for (name, value) in &args.named {
            self.parsers.parsers[parser].set_default(name.clone(), value.clone());
            for &action in &self.parsers.parsers[parser].actions {
                let action = &mut self.parsers.actions[action];
                if action.dest == *name {
                    action.default = value.clone();
                }
            }
        }
        Ok(Value::Null)
    }

    fn add_subparsers(&mut self, parser: usize, args: &Args<'a>) -> Result<Value<'a>, Stop> {
        self.check_risk(args.at)?;
        let odd = ["action", "parser_class"];
        if !args.complete || args.named.iter().any(|(name, _)| odd.contains(&&**name)) {
            let why = "sub-commands are of a class of their own";
            return Err(Stop::cannot_tell(why, args.at));
        }
        let dest = args
            .named("dest")
            .and_then(Value::as_str)
            .unwrap_or("command");
        let action = Action::new(Kind::Parsers, Vec::new(), dest, args.at);
        self.add_action(parser, action)?;
        self.parsers.parsers[parser].commands = Some(Vec::new());
        Ok(Value::SubParsers(parser))
    }

    /// `subparsers.add_parser(...)`.
    fn add_command(&mut self, parser: usize, args: &Args<'a>) -> Result<Value<'a>, Stop> {
        let computed = || Stop::cannot_tell("the name of a sub-command is computed", args.at);
        let Some(Value::Str(name)) = args.get(0, "name") else {
            return Err(computed());
        };
        let mut names: Vec<Rc<str>> = vec![name.clone()];
        if let Some(aliases) = args.named("aliases") {
            for alias in aliases.items().ok_or_else(computed)? {
                match alias {
                    Value::Str(alias) => names.push(alias),
                    _ => return Err(computed()),
                }
            }
        }
        let named = args.named.iter();
        let made = Args {
            positional: Vec::new(),
            named: named
                .filter(|(name, _)| **name != *"name")
                .cloned()
                .collect(),
            complete: args.complete,
            at: args.at,
        };
        let command = self.make_parser(&made)?;
        if let Some(commands) = &mut self.parsers.parsers[parser].commands {
            commands.extend(names.into_iter().map(|name| (name, command)));
        }
        Ok(Value::Parser(command))
    }
}

/// The attribute that an argument with the given names sets.
fn dest_of(names: &[Rc<str>]) -> Rc<str> {
    let long = names.iter().find(|name| name.starts_with("--"));
    let Some(name) = long.or(names.first()) else {
        return "".into();
    };
    if name.starts_with('-') {
        name.trim_start_matches('-').replace('-', "_").into()
    } else {
        name.clone()
    }
}

/// `--no-x` after each `--x`.
fn with_negations(options: Vec<Rc<str>>) -> Vec<Rc<str>> {
    let mut all = Vec::new();
    for option in options {
        let negation = option.strip_prefix("--").map(|name| format!("--no-{name}"));
        all.push(option);
        all.extend(negation.map(Rc::from));
    }
    all
}
