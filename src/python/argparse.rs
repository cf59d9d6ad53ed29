//! The parsers of argparse that a script builds, as far as its flags go.

mod command_line;
mod flags;
mod methods;

use std::rc::Rc;

use ruff_text_size::TextSize;

use super::follow::{Args, Base, Follower, Stop, Value};

/// What an argument does with its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Store,
    StoreTrue,
    StoreFalse,
    /// `BooleanOptionalAction`: `--x` and `--no-x`.
    Boolean,
    Help,
    Parsers,
    /// Another one of argparse's own, by the name that scripts use.
    Other(&'static str),
    /// A class of the script.
    Custom,
}

/// The actions of argparse by the names that scripts use, and whether each takes
/// values from the command line.
const ACTIONS: [(&str, Kind, bool); 11] = [
    ("store", Kind::Store, true),
    ("store_true", Kind::StoreTrue, false),
    ("store_false", Kind::StoreFalse, false),
    ("help", Kind::Help, false),
    ("store_const", Kind::Other("store_const"), false),
    ("append", Kind::Other("append"), true),
    ("append_const", Kind::Other("append_const"), false),
    ("count", Kind::Other("count"), false),
    ("version", Kind::Other("version"), false),
    ("extend", Kind::Other("extend"), true),
    ("parsers", Kind::Parsers, true),
];

/// An argument.
struct Action<'a> {
    kind: Kind,
    /// Its names on the command line; none for a positional one.
    options: Vec<Rc<str>>,
    dest: Rc<str>,
    default: Value<'a>,
    type_: Value<'a>,
    choices: Value<'a>,
    required: Value<'a>,
    help: Value<'a>,
    nargs: Value<'a>,
    /// Whether it takes values from the command line.
    takes_values: bool,
    at: TextSize,
}

/// A parser.
struct Parser<'a> {
    /// Its arguments in the order in which they were added.
    actions: Vec<usize>,
    /// Defaults by the names of attributes.
    defaults: Vec<(Rc<str>, Value<'a>)>,
    argument_default: Value<'a>,
    /// Whether an argument may take over the name of another.
    resolves: bool,
    /// Sub-commands, all of one `add_subparsers`: names and parsers.
    commands: Option<Vec<(Rc<str>, usize)>>,
}

/// All parsers and arguments that a script makes.
#[derive(Default)]
pub(super) struct Parsers<'a> {
    parsers: Vec<Parser<'a>>,
    actions: Vec<Action<'a>>,
    /// The parser that was run last, and where.
    pub ran: Option<(usize, TextSize)>,
    /// Those before it, whose sub-commands the command line went through.
    outer: Vec<usize>,
}

/// What an argument may be given that matters here, all but `action`.
const ARGUMENT_NAMES: [&str; 11] = [
    "nargs",
    "const",
    "default",
    "type",
    "choices",
    "required",
    "help",
    "metavar",
    "dest",
    "version",
    "deprecated",
];

impl<'a> Follower<'a> {
    /// `ArgumentParser(...)`.
    pub(super) fn new_parser(&mut self, args: Args<'a>) -> Result<Value<'a>, Stop> {
        let parser = self.make_parser(&args)?;
        Ok(Value::Parser(parser))
    }

    fn make_parser(&mut self, args: &Args<'a>) -> Result<usize, Stop> {
        self.check_risk(args.at)?;
        if !args.complete {
            return Err(Stop::cannot_tell(
                "what a parser is made with is computed",
                args.at,
            ));
        }
        let simple = |name: &str| match args.named(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Unknown(at)) => Err(Stop::cannot_tell(
                format!("`{name}` of a parser is computed"),
                *at,
            )),
            Some(value) => Ok(Some(value)),
        };
        if let Some(chars) = simple("prefix_chars")?.or(args.positional.get(6))
            && chars.as_str() != Some("-")
        {
            let why = "a parser has `prefix_chars` of its own";
            return Err(Stop::cannot_tell(why, args.at));
        }
        if args.positional.len() > 4 {
            let why = "a parser is made with arguments by their place";
            return Err(Stop::cannot_tell(why, args.at));
        }
        let resolves = match simple("conflict_handler")?.map(Value::as_str) {
            None | Some(Some("error")) => false,
            Some(Some("resolve")) => true,
            Some(_) => {
                let why = "`conflict_handler` of a parser is computed";
                return Err(Stop::cannot_tell(why, args.at));
            }
        };
        let argument_default = simple("argument_default")?.cloned();
        let parser = self.parsers.parsers.len();
        self.parsers.parsers.push(Parser {
            actions: Vec::new(),
            defaults: Vec::new(),
            argument_default: argument_default.unwrap_or(Value::Null),
            resolves,
            commands: None,
        });
        let add_help = simple("add_help")?.map_or(Some(true), Value::truth);
        match add_help {
            Some(true) => {
                let help = Action::new(
                    Kind::Help,
                    vec!["-h".into(), "--help".into()],
                    "help",
                    args.at,
                );
                self.add_action(parser, help)?;
            }
            Some(false) => {}
            None => {
                let why = "`add_help` of a parser is computed";
                return Err(Stop::cannot_tell(why, args.at));
            }
        }
        let parents = args.get(4, "parents").cloned();
        self.add_parents(parser, parents, args.at)?;
        Ok(parser)
    }

    fn add_parents(
        &mut self,
        parser: usize,
        parents: Option<Value<'a>>,
        at: TextSize,
    ) -> Result<(), Stop> {
        let Some(parents) = parents else {
            return Ok(());
        };
        let unknown = || Stop::cannot_tell("the parents of a parser are computed", at);
        for parent in parents.items().ok_or_else(unknown)? {
            let Value::Parser(parent) = parent else {
                return Err(unknown());
            };
            for action in self.parsers.parsers[parent].actions.clone() {
                self.attach(parser, action, at)?;
            }
            for (name, value) in self.parsers.parsers[parent].defaults.clone() {
                self.parsers.parsers[parser].set_default(name, value);
            }
            if self.parsers.parsers[parent].commands.is_some() {
                let commands = self.parsers.parsers[parent].commands.clone();
                self.parsers.parsers[parser].commands = commands;
            }
        }
        Ok(())
    }

    fn add_action(&mut self, parser: usize, action: Action<'a>) -> Result<usize, Stop> {
        let place = self.parsers.actions.len();
        let at = action.at;
        self.parsers.actions.push(action);
        self.attach(parser, place, at)?;
        Ok(place)
    }

    /// Adds an argument to a parser, whose others may lose names to it.
    fn attach(&mut self, parser: usize, action: usize, at: TextSize) -> Result<(), Stop> {
        let options = self.parsers.actions[action].options.clone();
        let Parsers {
            parsers, actions, ..
        } = &mut self.parsers;
        let Some(owner) = parsers.get_mut(parser) else {
            return Ok(());
        };
        let mut conflict = None;
        owner.actions.retain(|&other| {
            let Some(other) = actions.get_mut(other) else {
                return false;
            };
            let before = other.options.len();
            if other.options.iter().any(|option| options.contains(option)) {
                conflict = options.iter().find(|o| other.options.contains(o)).cloned();
                other.options.retain(|option| !options.contains(option));
            }
            before == 0 || !other.options.is_empty()
        });
        owner.actions.push(action);
        match conflict {
            Some(option) if !owner.resolves => {
                let why = format!("two arguments are called `{option}`");
                Err(Stop::cannot_tell(why, at))
            }
            _ => Ok(()),
        }
    }

    /// What an action is: one of argparse's own, or a class.
    fn kind(&self, action: Option<&Value<'a>>, at: TextSize) -> Result<(Kind, bool), Stop> {
        let unknown = || Stop::cannot_tell("the action of an argument is computed", at);
        match action {
            None | Some(Value::Null) => Ok((Kind::Store, true)),
            Some(Value::Str(name)) => {
                let mut known = ACTIONS.iter();
                let known = known.find(|(known, ..)| **known == **name);
                known
                    .map(|(_, kind, takes)| (*kind, *takes))
                    .ok_or_else(unknown)
            }
            Some(Value::External(name)) if **name == *"argparse.BooleanOptionalAction" => {
                Ok((Kind::Boolean, false))
            }
            // Named otherwise than argparse's own, it is no flag.
            Some(Value::Class(class)) => match &class.base {
                Base::Foreign(Some(base))
                    if **base == *"argparse.Action"
                        && class.attribute("__init__").is_none()
                        && !class.def.name.ends_with("OptionalAction") =>
                {
                    Ok((Kind::Custom, true))
                }
                _ => Err(unknown()),
            },
            Some(_) => Err(unknown()),
        }
    }
}

impl<'a> Parser<'a> {
    fn set_default(&mut self, name: Rc<str>, value: Value<'a>) {
        self.defaults.retain(|(known, _)| *known != name);
        self.defaults.push((name, value));
    }
}

impl<'a> Action<'a> {
    fn new(kind: Kind, options: Vec<Rc<str>>, dest: &str, at: TextSize) -> Self {
        Self {
            kind,
            options,
            dest: dest.into(),
            default: Value::Null,
            type_: Value::Null,
            choices: Value::Null,
            required: Value::Null,
            help: Value::Null,
            nargs: Value::Null,
            takes_values: false,
            at,
        }
    }
}
