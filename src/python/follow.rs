//! Follows what a Python script does up to the parse of its arguments, without
//! running it: values that the source gives are known, all others are not.
//!
//! It never guesses. What is not known may be anything; what is handed to code
//! outside of the script, or stands in a branch that may or may not be taken, is
//! not known any more; and where a parser is among that, following ends with
//! [`Stop::CannotTell`]. What a script does before the parse is taken to
//! succeed: a module that is missing or a failed check is told by running it.

mod assign;
mod calls;
mod classes;
mod expressions;
mod external;
mod leave;
mod mentions;
mod methods;
mod operators;
mod statements;
mod text;
mod value;

use std::collections::HashSet;
use std::rc::Rc;

use ruff_python_ast::Stmt;
use ruff_text_size::TextSize;

pub(super) use self::external::is_standard;
pub(super) use self::value::{Args, Base, Function, Value};

use self::mentions::Definitions;
use self::value::{Class, Instance, Names, Scope};
use super::argparse::Parsers;
use super::click::Commands;

/// Steps that are followed at the most: many times those of a long script.
const MAX_STEPS: usize = 100_000;

/// How deep statements, expressions and calls may be in each other.
const MAX_DEPTH: usize = 1_500;

/// The most items of a list, or bytes of a text, that are still followed.
const MAX_SIZE: usize = 20_000;

/// Why following ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stop {
    /// The source does not tell.
    CannotTell {
        /// What it does not tell.
        why: String,
        /// Where.
        at: TextSize,
    },
    /// The arguments were parsed, which ends the script where they ask for help.
    Parsed,
    /// The script ended.
    Ended,
    /// Whether the rest of a function or a loop is run is not known.
    Uncertain,
}

impl Stop {
    pub(super) fn cannot_tell(why: impl Into<String>, at: TextSize) -> Self {
        let why = why.into();
        Self::CannotTell { why, at }
    }
}

/// Which library takes the arguments of a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Library {
    /// Python's own.
    Argparse,
    /// Click.
    Click,
}

/// What happens after a statement.
enum Flow<'a> {
    Next,
    Return(Value<'a>),
    Break,
    Continue,
}

/// The state of a script that is followed.
pub(super) struct Follower<'a> {
    library: Library,
    /// What comes before `--help` on the command line.
    pub base_args: &'a [String],
    body: &'a [Stmt],
    definitions: Option<Definitions<'a>>,
    /// Every scope, so that all can be emptied: they refer to each other.
    scopes: Vec<Scope<'a>>,
    /// Every class, for the same reason: its methods refer to it.
    classes: Vec<Rc<Class<'a>>>,
    /// Every object, which may refer to itself.
    instances: Vec<Rc<Instance<'a>>>,
    /// Names that code which may run at any time mentions.
    watched: HashSet<&'a str>,
    /// Names that such code may assign.
    poisoned: HashSet<&'a str>,
    /// Whether `sys.argv` is not what the command line says.
    argv_changed: bool,
    /// How many blocks whose exceptions are caught are open.
    tries: usize,
    /// Whether something in them may have failed.
    risk: bool,
    /// Whether one of them catches the end of the script.
    catches_exit: usize,
    /// The statement that is followed.
    at: TextSize,
    steps: usize,
    depth: usize,
    /// The parsers of argparse.
    pub parsers: Parsers<'a>,
    /// The commands of click.
    pub commands: Commands<'a>,
}

impl<'a> Follower<'a> {
    /// A follower of the script with the statements `body`, run with `base_args`.
    pub(super) fn new(library: Library, body: &'a [Stmt], base_args: &'a [String]) -> Self {
        Self {
            library,
            base_args,
            body,
            definitions: None,
            scopes: Vec::new(),
            classes: Vec::new(),
            instances: Vec::new(),
            watched: HashSet::new(),
            poisoned: HashSet::new(),
            argv_changed: false,
            tries: 0,
            risk: false,
            catches_exit: 0,
            at: TextSize::default(),
            steps: 0,
            depth: 0,
            parsers: Parsers::default(),
            commands: Commands::default(),
        }
    }

    /// Follows the script to its end, or to where it parses its arguments.
    ///
    /// # Errors
    /// The source does not tell.
    pub(super) fn run(&mut self) -> Result<(), Stop> {
        let module = self.new_scope(None);
        let main = Value::text("__main__");
        module.names.borrow_mut().insert("__name__", main);
        match self.block(self.body, &module) {
            Ok(_) | Err(Stop::Parsed | Stop::Ended) => Ok(()),
            Err(Stop::Uncertain) => Err(Stop::cannot_tell(
                "what runs depends on values that are computed",
                TextSize::default(),
            )),
            Err(stop) => Err(stop),
        }
    }

    fn new_scope(&mut self, outer: Option<Scope<'a>>) -> Scope<'a> {
        let scope = Names::new(outer);
        self.scopes.push(scope.clone());
        scope
    }

    /// One step further, one level deeper; [`Self::up`] ends the level.
    fn down(&mut self, at: TextSize) -> Result<(), Stop> {
        self.steps += 1;
        self.depth += 1;
        if self.steps > MAX_STEPS {
            return Err(Stop::cannot_tell("it does too much to be followed", at));
        }
        if self.depth > MAX_DEPTH {
            return Err(Stop::cannot_tell(
                "it is nested too deeply to be followed",
                at,
            ));
        }
        Ok(())
    }

    /// Counts what it takes to go through a value.
    fn charge(&mut self, value: &Value<'a>) {
        let length = |items: &Option<Vec<_>>| items.as_ref().map_or(0, Vec::len);
        let size = match value {
            Value::Str(text) => text.len(),
            Value::Tuple(items) => items.len(),
            Value::List(items) | Value::Set(items) => items.try_borrow().map_or(0, |i| length(&i)),
            Value::Dict(entries) => {
                let entries = entries.try_borrow().ok();
                entries.and_then(|e| e.as_ref().map(Vec::len)).unwrap_or(0)
            }
            _ => 0,
        };
        self.steps += size / 32;
    }

    fn up(&mut self) {
        self.depth -= 1;
    }

    /// A value that is not known, as of `at`.
    fn unknown(&mut self, at: TextSize) -> Value<'a> {
        self.risk |= self.tries > 0;
        Value::Unknown(at)
    }

    /// An end that an exception handler must not see.
    ///
    /// # Errors
    /// One may.
    pub(super) fn check_risk(&self, at: TextSize) -> Result<(), Stop> {
        if self.tries > 0 && self.risk {
            return Err(Stop::cannot_tell(
                "it is in a `try` block that may have failed before",
                at,
            ));
        }
        Ok(())
    }

    /// The script's end after its arguments were parsed.
    pub(super) fn parsed(&self, at: TextSize) -> Stop {
        if self.catches_exit > 0 {
            return Stop::cannot_tell("the script goes on after its help was shown", at);
        }
        Stop::Parsed
    }

    /// Whether a parse of the real command line can be followed.
    ///
    /// # Errors
    /// The script changed it.
    pub(super) fn check_argv(&self, at: TextSize) -> Result<(), Stop> {
        if self.argv_changed {
            return Err(Stop::cannot_tell("the script changes `sys.argv`", at));
        }
        Ok(())
    }
}

impl Drop for Follower<'_> {
    fn drop(&mut self) {
        for scope in &self.scopes {
            scope.names.take();
        }
        for class in &self.classes {
            class.attributes.take();
        }
        for instance in &self.instances {
            instance.fields.take();
        }
    }
}
