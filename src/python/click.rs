//! The commands of click that a script builds, as far as its flags go.

mod flags;

use std::rc::Rc;

use ruff_text_size::TextSize;

use super::follow::{Args, Follower, Function, Stop, Value};

/// Something of click.
#[derive(Clone)]
pub(super) enum ClickValue<'a> {
    /// A command or group, by its place among those made.
    Command(usize),
    /// What makes a command of a function.
    CommandMaker(Rc<CommandMaker>),
    /// What gives a function or command an option or argument.
    ParamMaker(Rc<Param<'a>>),
    /// What leaves a function as it is.
    PassThrough,
    /// A type of values.
    Type(Rc<Type<'a>>),
}

/// What makes a command of a function.
pub(super) struct CommandMaker {
    name: Option<Rc<str>>,
    group: bool,
    /// The group that it becomes a part of.
    parent: Option<usize>,
    /// Why its options are not known.
    unclear: Option<&'static str>,
}

/// An option or argument.
pub(super) struct Param<'a> {
    declarations: Vec<Value<'a>>,
    attributes: Vec<(Rc<str>, Value<'a>)>,
    /// Whether these are all.
    complete: bool,
    positional: bool,
    at: TextSize,
}

/// A type of click's own.
pub(super) enum Type<'a> {
    /// One of some values.
    Choice(Value<'a>),
    /// `int`, `float`, `string` or `boolean`, or none of these.
    Kind(Option<&'static str>),
}

struct Command<'a> {
    name: Rc<str>,
    params: Vec<Rc<Param<'a>>>,
    group: bool,
    commands: Vec<(Rc<str>, usize)>,
    /// Whether it may have more commands.
    open: bool,
    unclear: Option<&'static str>,
}

/// The commands that a script makes.
#[derive(Default)]
pub(super) struct Commands<'a> {
    commands: Vec<Command<'a>>,
    /// The command that was run, and where.
    pub ran: Option<(usize, TextSize)>,
    /// The groups before it.
    outer: Vec<usize>,
}

/// What functions of click that print or ask give back is not known, and they
/// keep nothing.
const HARMLESS: [&str; 8] = [
    "echo",
    "secho",
    "style",
    "prompt",
    "confirm",
    "clear",
    "get_app_dir",
    "progressbar",
];

/// Methods of commands that are followed.
const METHODS: [&str; 7] = [
    "command",
    "group",
    "add_command",
    "main",
    "result_callback",
    "resultcallback",
    "callback",
];

impl<'a> Commands<'a> {
    /// Gives up something of click: other code has it.
    ///
    /// # Errors
    /// It is a command.
    pub(super) fn leave(&self, value: &ClickValue<'a>, at: TextSize) -> Result<(), Stop> {
        match value {
            ClickValue::Command(_) => Err(Stop::cannot_tell(
                "a command is used by code that is not followed",
                at,
            )),
            _ => Ok(()),
        }
    }
}

impl<'a> Follower<'a> {
    /// `click.NAME(...)`.
    pub(super) fn call_click_function(
        &mut self,
        name: &str,
        args: Args<'a>,
    ) -> Result<Value<'a>, Stop> {
        let value = match name {
            "command" | "group" => return self.command_maker(name == "group", None, args),
            "option" | "argument" => ClickValue::ParamMaker(Rc::new(Param {
                declarations: args.positional,
                attributes: args.named,
                complete: args.complete,
                positional: name == "argument",
                at: args.at,
            })),
            "version_option" | "help_option" | "make_pass_decorator" => ClickValue::PassThrough,
            "pass_context" | "pass_obj" => {
                let function = args.positional.into_iter().next();
                return Ok(function.unwrap_or(Value::Unknown(args.at)));
            }
            "Choice" => {
                let choices = args.get(0, "choices").cloned();
                let choices = choices.unwrap_or(Value::Unknown(args.at));
                ClickValue::Type(Rc::new(Type::Choice(choices)))
            }
            "IntRange" => ClickValue::Type(Rc::new(Type::Kind(Some("int")))),
            "FloatRange" => ClickValue::Type(Rc::new(Type::Kind(Some("float")))),
            "Path" | "File" | "DateTime" => ClickValue::Type(Rc::new(Type::Kind(None))),
            name if HARMLESS.contains(&name) => return Ok(Value::Unknown(args.at)),
            "confirmation_option" | "password_option" => {
                let why = format!("`click.{name}` is not followed");
                return Err(Stop::cannot_tell(why, args.at));
            }
            _ => {
                self.leave_args(&args)?;
                return Ok(Value::Unknown(args.at));
            }
        };
        Ok(Value::Click(value))
    }

    /// Whether a name of a command is a method that is followed.
    pub(super) fn is_click_method(name: &str) -> bool {
        METHODS.contains(&name)
    }

    /// A method of a command.
    pub(super) fn click_method(
        &mut self,
        value: &ClickValue<'a>,
        name: &str,
        args: Args<'a>,
    ) -> Result<Value<'a>, Stop> {
        let ClickValue::Command(place) = value else {
            self.leave_args(&args)?;
            return Ok(Value::Unknown(args.at));
        };
        match name {
            "command" | "group" => self.command_maker(name == "group", Some(*place), args),
            "add_command" => {
                let named = args.get(1, "name").cloned();
                self.add_click_command(*place, args.get(0, "cmd"), named);
                Ok(Value::Null)
            }
            "main" => self.run_command(*place, &args),
            _ => Ok(Value::Click(ClickValue::PassThrough)),
        }
    }

    fn add_click_command(
        &mut self,
        group: usize,
        command: Option<&Value<'a>>,
        name: Option<Value<'a>>,
    ) {
        let known = match command {
            Some(Value::Click(ClickValue::Command(place))) => Some(*place),
            _ => None,
        };
        let own = known.map(|place| self.commands.commands[place].name.clone());
        let name = match name {
            None | Some(Value::Null) => own,
            Some(Value::Str(name)) => Some(name),
            Some(_) => None,
        };
        let group = &mut self.commands.commands[group];
        match (name, known) {
            (Some(name), Some(place)) => {
                group.commands.retain(|(known, _)| *known != name);
                group.commands.push((name, place));
            }
            _ => group.open = true,
        }
    }

    /// `@click.command(...)`, `@click.command` and those of a group.
    fn command_maker(
        &mut self,
        group: bool,
        parent: Option<usize>,
        args: Args<'a>,
    ) -> Result<Value<'a>, Stop> {
        let mut maker = CommandMaker {
            name: None,
            group,
            parent,
            unclear: None,
        };
        if !args.complete
            || args.positional.len() > 1
            || args.named("cls").is_some()
            || args.named("params").is_some()
        {
            maker.unclear = Some("a command is of a class, or has options, of its own");
        }
        match args.get(0, "name") {
            None | Some(Value::Null) => {}
            Some(Value::Str(name)) => maker.name = Some(name.clone()),
            Some(function @ (Value::Function(_) | Value::Unknown(_))) => {
                return self.make_command(&maker, function, args.at);
            }
            Some(_) => maker.unclear = Some("the name of a command is computed"),
        }
        Ok(Value::Click(ClickValue::CommandMaker(Rc::new(maker))))
    }

    fn make_command(
        &mut self,
        maker: &CommandMaker,
        function: &Value<'a>,
        at: TextSize,
    ) -> Result<Value<'a>, Stop> {
        let mut unclear = maker.unclear;
        let (params, own) = match function {
            Value::Function(function) => (taken_options(function), Some(function.name())),
            _ => {
                unclear = Some("a command is made of something that is not followed");
                self.leave_value(function, at)?;
                (Vec::new(), None)
            }
        };
        // Later releases of click leave such endings out.
        let endings = ["_command", "_cmd", "_group", "_grp"];
        let clear = own.filter(|own| !endings.iter().any(|ending| own.ends_with(ending)));
        let derived = clear.map(|own| Rc::from(own.to_lowercase().replace('_', "-")));
        let name = maker.name.clone().or(derived);
        let place = self.commands.commands.len();
        self.commands.commands.push(Command {
            name: name.clone().unwrap_or_else(|| "".into()),
            params,
            group: maker.group,
            commands: Vec::new(),
            open: false,
            unclear,
        });
        let value = Value::Click(ClickValue::Command(place));
        if let Some(parent) = maker.parent {
            let name = name.map_or(Value::Unknown(at), Value::Str);
            self.add_click_command(parent, Some(&value), Some(name));
        }
        Ok(value)
    }

    /// Something of click that is called.
    pub(super) fn call_click(
        &mut self,
        value: &ClickValue<'a>,
        args: Args<'a>,
    ) -> Result<Value<'a>, Stop> {
        let at = args.at;
        let first = args.positional.first().cloned();
        match value {
            ClickValue::Command(place) => self.run_command(*place, &args),
            ClickValue::CommandMaker(maker) => {
                let function = first.unwrap_or(Value::Unknown(at));
                self.make_command(maker, &function, at)
            }
            ClickValue::ParamMaker(param) => {
                let decorated = first.unwrap_or(Value::Unknown(at));
                match &decorated {
                    Value::Function(function) => function.options.borrow_mut().push(param.clone()),
                    Value::Click(ClickValue::Command(place)) => {
                        self.commands.commands[*place].params.push(param.clone());
                    }
                    other => {
                        self.leave_value(other, at)?;
                        return Ok(Value::Unknown(at));
                    }
                }
                Ok(decorated)
            }
            ClickValue::PassThrough => Ok(first.unwrap_or(Value::Unknown(at))),
            ClickValue::Type(_) => Ok(Value::Unknown(at)),
        }
    }

    /// A run of a command, or of the one that the base arguments choose in it.
    fn run_command(&mut self, called: usize, args: &Args<'a>) -> Result<Value<'a>, Stop> {
        let at = args.at;
        self.check_risk(at)?;
        self.check_argv(at)?;
        let real = matches!(
            args.get(0, "args"),
            None | Some(Value::Null | Value::Argv(1))
        );
        if !args.complete || !real {
            let why = "other arguments than those of the command line are parsed";
            return Err(Stop::cannot_tell(why, at));
        }
        let mut chosen = called;
        let mut outer = Vec::new();
        for word in self.base_args {
            let command = &self.commands.commands[chosen];
            if let Some(why) = command.unclear {
                return Err(Stop::cannot_tell(why, at));
            }
            if !command.group {
                break;
            }
            let mut known = command.commands.iter();
            outer.push(chosen);
            chosen = match known.find(|(name, _)| **name == **word) {
                Some((_, place)) => *place,
                None => {
                    let why = format!("which command `{word}` chooses is not clear");
                    return Err(Stop::cannot_tell(why, at));
                }
            };
        }
        if let Some(why) = self.commands.commands[chosen].unclear {
            return Err(Stop::cannot_tell(why, at));
        }
        self.commands.ran = Some((chosen, at));
        self.commands.outer = outer;
        Err(self.parsed(at))
    }
}

/// The options that decorators gave a function, the first of them first.
fn taken_options<'a>(function: &Function<'a>) -> Vec<Rc<Param<'a>>> {
    let mut options = function.options.take();
    options.reverse();
    options
}
