//! What a Python expression is known to be.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use ruff_python_ast::{Expr, Parameters, StmtClassDef, StmtFunctionDef};
use ruff_text_size::TextSize;

use super::super::click::ClickValue;

/// The items of a list or set; `None` once something unknown may have changed
/// them.
pub(crate) type Items<'a> = Rc<RefCell<Option<Vec<Value<'a>>>>>;

/// The entries of a map in order; `None` as of [`Items`].
pub(crate) type Entries<'a> = Rc<RefCell<Option<Vec<(Value<'a>, Value<'a>)>>>>;

/// A value, as far as it is known without running the script.
#[derive(Clone)]
pub(crate) enum Value<'a> {
    /// `None`.
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Str(Rc<str>),
    Tuple(Rc<[Value<'a>]>),
    List(Items<'a>),
    Set(Items<'a>),
    Dict(Entries<'a>),
    /// A path of `pathlib`, as its text.
    Path(Rc<str>),
    /// Something of another module, by its dotted name; of `builtins` too.
    External(Rc<str>),
    /// A function of the script.
    Function(Rc<Function<'a>>),
    /// A method of the script with what it is called on.
    Method(Rc<Function<'a>>, Rc<Value<'a>>),
    /// A class of the script.
    Class(Rc<Class<'a>>),
    /// An object of a class of the script.
    Instance(Rc<Instance<'a>>),
    /// `super()` in a method of the class, on the instance.
    Super(Rc<Class<'a>>, Rc<Instance<'a>>),
    /// A named method of a known value that is no instance.
    Bound(Rc<(Value<'a>, &'a str)>),
    /// A parser of argparse, by its place among those made.
    Parser(usize),
    /// A group of arguments of that parser.
    Group(usize),
    /// The sub-commands of that parser.
    SubParsers(usize),
    /// The list of groups of that parser.
    Groups(usize),
    /// An argument, by its place among those made.
    Action(usize),
    /// `sys.argv` from its given item on.
    Argv(usize),
    /// Something of click.
    Click(ClickValue<'a>),
    /// Not known, since the place in the source.
    Unknown(TextSize),
}

/// What a function consists of.
#[derive(Clone, Copy)]
pub(crate) enum Code<'a> {
    Def(&'a StmtFunctionDef),
    Lambda(&'a Expr, Option<&'a Parameters>),
}

/// A function of the script.
pub(crate) struct Function<'a> {
    pub code: Code<'a>,
    /// Where it was defined.
    pub scope: Scope<'a>,
    /// Its defaults: names of parameters and values.
    pub defaults: Vec<(&'a str, Value<'a>)>,
    /// The class that it is a method of.
    pub class: RefCell<Option<Rc<Class<'a>>>>,
    /// The arguments that decorators of click gave it, the last first.
    pub options: RefCell<Vec<Rc<super::super::click::Param<'a>>>>,
}

impl<'a> Function<'a> {
    pub(crate) fn parameters(&self) -> Option<&'a Parameters> {
        match self.code {
            Code::Def(def) => Some(&def.parameters),
            Code::Lambda(_, parameters) => parameters,
        }
    }

    pub(crate) fn name(&self) -> &'a str {
        match self.code {
            Code::Def(def) => def.name.as_str(),
            Code::Lambda(..) => "lambda",
        }
    }
}

/// A class of the script.
pub(crate) struct Class<'a> {
    pub def: &'a StmtClassDef,
    pub base: Base<'a>,
    /// Its attributes: functions and values.
    pub attributes: RefCell<HashMap<&'a str, Value<'a>>>,
}

/// What a class is derived from.
#[derive(Clone)]
pub(crate) enum Base<'a> {
    /// Nothing but `object`.
    Object,
    Class(Rc<Class<'a>>),
    /// Something of another module, by its name if that is known.
    Foreign(Option<Rc<str>>),
}

impl<'a> Class<'a> {
    /// Whether all that it is made of is in the script.
    pub(crate) fn is_whole(&self) -> bool {
        match &self.base {
            Base::Object => true,
            Base::Class(base) => base.is_whole(),
            Base::Foreign(_) => false,
        }
    }

    /// Its attribute `name`, or that of what it is derived from.
    pub(crate) fn attribute(&self, name: &str) -> Option<Value<'a>> {
        if let Some(value) = self.attributes.borrow().get(name) {
            return Some(value.clone());
        }
        match &self.base {
            Base::Class(base) => base.attribute(name),
            _ => None,
        }
    }
}

/// An object of a class of the script.
pub(crate) struct Instance<'a> {
    pub class: Rc<Class<'a>>,
    /// Its attributes; `None` once something unknown may have changed them.
    pub fields: RefCell<Option<HashMap<&'a str, Value<'a>>>>,
}

/// The names of a module or of a call of a function.
pub(crate) type Scope<'a> = Rc<Names<'a>>;

/// Names and what they stand for.
pub(crate) struct Names<'a> {
    pub names: RefCell<HashMap<&'a str, Value<'a>>>,
    /// Names that are those of the module instead, or of an outer function.
    pub elsewhere: RefCell<Vec<&'a str>>,
    /// What surrounds it; `None` for the module.
    pub outer: Option<Scope<'a>>,
    /// The method that is called, for `super()`.
    pub method_of: Option<(Rc<Class<'a>>, Value<'a>)>,
}

impl<'a> Names<'a> {
    pub(crate) fn new(outer: Option<Scope<'a>>) -> Scope<'a> {
        Rc::new(Self {
            names: RefCell::default(),
            elsewhere: RefCell::default(),
            outer,
            method_of: None,
        })
    }
}

/// What a call hands over.
pub(crate) struct Args<'a> {
    pub positional: Vec<Value<'a>>,
    pub named: Vec<(Rc<str>, Value<'a>)>,
    /// Whether these are all: no `*` or `**` of something unknown.
    pub complete: bool,
    /// The place of the call.
    pub at: TextSize,
}

impl<'a> Args<'a> {
    /// The argument at `place`, or called `name`.
    pub(crate) fn get(&self, place: usize, name: &str) -> Option<&Value<'a>> {
        self.positional.get(place).or_else(|| self.named(name))
    }

    /// The argument called `name`.
    pub(crate) fn named(&self, name: &str) -> Option<&Value<'a>> {
        let mut named = self.named.iter();
        named
            .find(|(known, _)| **known == *name)
            .map(|(_, value)| value)
    }
}

impl<'a> Value<'a> {
    pub(crate) fn text(text: impl AsRef<str>) -> Self {
        Self::Str(Rc::from(text.as_ref()))
    }

    pub(crate) fn list(items: Vec<Value<'a>>) -> Self {
        Self::List(Rc::new(RefCell::new(Some(items))))
    }

    pub(crate) fn dict(entries: Vec<(Value<'a>, Value<'a>)>) -> Self {
        Self::Dict(Rc::new(RefCell::new(Some(entries))))
    }

    pub(crate) fn tuple(items: Vec<Value<'a>>) -> Self {
        Self::Tuple(items.into())
    }

    pub(crate) fn as_str(&self) -> Option<&str> {
        match self {
            Self::Str(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown(_))
    }

    /// Whether Python takes it for true, if known.
    pub(crate) fn truth(&self) -> Option<bool> {
        Some(match self {
            Self::Null => false,
            Self::Bool(truth) => *truth,
            Self::Int(number) => *number != 0,
            Self::Float(number) => *number != 0.0,
            Self::Str(text) => !text.is_empty(),
            Self::Tuple(items) => !items.is_empty(),
            Self::List(items) | Self::Set(items) => !items.borrow().as_ref()?.is_empty(),
            Self::Dict(entries) => !entries.borrow().as_ref()?.is_empty(),
            Self::Path(_) | Self::Function(_) | Self::Method(..) | Self::Class(_) => true,
            Self::Parser(_) | Self::Group(_) => true,
            _ => return None,
        })
    }

    /// What a loop over it goes through, if known.
    pub(crate) fn items(&self) -> Option<Vec<Value<'a>>> {
        match self {
            Self::Tuple(items) => Some(items.to_vec()),
            Self::List(items) => items.try_borrow().ok()?.clone(),
            // The order of a set of texts differs from run to run.
            Self::Set(items) => items.borrow().clone().filter(|items| items.len() < 2),
            Self::Dict(entries) => {
                let entries = entries.try_borrow().ok()?;
                let keys = entries.as_ref()?.iter().map(|(key, _)| key.clone());
                Some(keys.collect())
            }
            Self::Str(text) => Some(text.chars().map(|c| Self::text(c.to_string())).collect()),
            _ => None,
        }
    }

    /// Whether two values are equal in Python's sense, if known.
    pub(crate) fn equals(&self, other: &Self) -> Option<bool> {
        let number = |value: &Self| match value {
            Self::Bool(truth) => Some(f64::from(u8::from(*truth))),
            #[expect(
                clippy::cast_precision_loss,
                reason = "compared only where it is exact"
            )]
            Self::Int(number) if number.unsigned_abs() < 1 << 53 => Some(*number as f64),
            Self::Float(number) => Some(*number),
            _ => None,
        };
        let plain = |value: &Self| {
            matches!(
                value,
                Self::Null | Self::Bool(_) | Self::Int(_) | Self::Float(_) | Self::Str(_)
            )
        };
        match (self, other) {
            (Self::Int(left), Self::Int(right)) => Some(left == right),
            (Self::Str(left), Self::Str(right)) => Some(left == right),
            (Self::Null, Self::Null) => Some(true),
            _ => match (number(self), number(other)) {
                (Some(left), Some(right)) => Some(left == right),
                _ if plain(self) && plain(other) => Some(false),
                _ => None,
            },
        }
    }
}
