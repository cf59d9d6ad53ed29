//! How what may stand in a guild file is described: the one description that
//! both the check of a file and the JSON Schema are made from.

use std::path::{Component, Path};

use super::data::{Data, Kind};
use super::values;
use crate::base::yaml::Value;

/// What a part may be, and what is said if it is something else.
#[derive(Debug, Clone, Copy)]
pub(super) struct Form {
    /// What it may be.
    pub shape: Shape,
    /// What is said of anything else: `{}` stands for it, `{key}` for the key
    /// that it is under and `{owner}` for what it belongs to.
    pub words: &'static str,
}

/// A kind of part.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shape {
    /// Anything.
    Anything,
    /// Yes or no; other values count as Python has it.
    Truth,
    /// Only `yes` or `no`.
    Switch,
    /// Only `no`.
    Off,
    /// A text.
    Str,
    /// This text.
    Exactly(&'static str),
    /// A relative path that does not lead out of where it starts.
    Inside,
    /// A text, or a number or truth taken as text.
    Text,
    /// One of some texts. Others are told about.
    Word(&'static [&'static str]),
    /// A number.
    Number,
    /// A whole number that is not negative.
    Count,
    /// A list of such items.
    List(&'static Form),
    /// A map of such values under any names, and `$include`.
    Section(&'static Form),
    /// A map of such values under any names.
    Map(&'static Form),
    /// A map with the keys of an object.
    Object(&'static Object),
    /// A map that is of the first object whose key it has, else of the last.
    ByKey(&'static [(&'static str, &'static Object)], &'static Object),
    /// One of these.
    Either(&'static [Shape]),
}

/// A map whose keys have meanings.
#[derive(Debug)]
pub(super) struct Object {
    /// What it is called.
    pub name: &'static str,
    /// What it is for, as editors tell users.
    pub about: &'static str,
    /// Its keys.
    pub keys: &'static [Key],
    /// What is thought of other keys.
    pub others: Others,
    /// What its keys must have to do with one another.
    pub rules: &'static [Rule],
}

/// A key of an object.
#[derive(Debug, Clone, Copy)]
pub(super) struct Key {
    /// The key.
    pub name: &'static str,
    /// What may stand under it.
    pub form: Form,
    /// Whether nothing may stand under it, which means as much as no key.
    pub may_be_null: bool,
    /// Whether something else than expected counts as none, because no run needs it.
    pub is_tolerant: bool,
    /// What it is for, as editors tell users.
    pub about: &'static str,
}

/// What is thought of keys that an object does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Others {
    /// They are slips.
    Unknown,
    /// They may be for someone else, but for those that look like slips.
    Extra,
    /// They have a meaning of their own.
    Fine,
}

/// What keys of an object must have to do with one another.
#[derive(Debug)]
pub(super) enum Rule {
    /// This must be there.
    Required(&'static str),
    /// Exactly one of these must be there and count as true.
    OneOf {
        /// The keys that errors name.
        names: &'static [&'static str],
        /// More keys.
        others: &'static [&'static str],
        /// What is said where there is none.
        none: &'static str,
        /// What is said where there are several: `{names}` are those.
        many: &'static str,
    },
    /// Exactly one of these must be there.
    OneKey {
        /// The keys.
        names: &'static [&'static str],
        /// What is said where there is none.
        none: &'static str,
        /// What is said where there are several.
        many: &'static str,
    },
    /// At least one of these must be there; the first is the one that counts.
    AnyKey {
        /// The keys.
        names: &'static [&'static str],
        /// What is said where there is none.
        words: &'static str,
    },
    /// These two must not both be there.
    NotBoth(&'static str, &'static str, &'static str),
}

/// A part of `shape`, of which `words` are said if it is something else.
pub(super) const fn form(shape: Shape, words: &'static str) -> Form {
    Form { shape, words }
}

/// The key `name`, with what is said of other values and what it is for.
pub(super) const fn key(
    name: &'static str,
    shape: Shape,
    words: &'static str,
    about: &'static str,
) -> Key {
    Key {
        name,
        form: form(shape, words),
        may_be_null: true,
        is_tolerant: false,
        about,
    }
}

/// The key `name` of a text.
pub(super) const fn text(name: &'static str, about: &'static str) -> Key {
    key(
        name,
        Shape::Text,
        "invalid {key} value {}: expected a string",
        about,
    )
}

/// The key `name` of a text or a list of them.
pub(super) const fn texts(name: &'static str, about: &'static str) -> Key {
    key(name, TEXTS, TEXTS_WORDS, about)
}

/// The key `name` of yes or no.
pub(super) const fn truth(name: &'static str, about: &'static str) -> Key {
    key(
        name,
        Shape::Truth,
        "invalid {key} value {}: expected yes or no",
        about,
    )
}

/// The key `name` of anything.
pub(super) const fn anything(name: &'static str, about: &'static str) -> Key {
    key(name, Shape::Anything, "", about)
}

/// The key `name` of a map of any values.
pub(super) const fn map(name: &'static str, about: &'static str) -> Key {
    key(
        name,
        Shape::Map(&ANYTHING),
        "invalid {key} value {}: expected a mapping",
        about,
    )
}

impl Key {
    /// The same key where something must stand under it.
    pub const fn not_null(mut self) -> Self {
        self.may_be_null = false;
        self
    }

    /// The same key where something else than expected counts as none.
    pub const fn tolerant(mut self) -> Self {
        self.is_tolerant = true;
        self
    }

    /// Whether `data`, which is not what is expected, counts as none. What is empty
    /// or false does wherever nothing may stand.
    pub fn counts_as_none(&self, data: &Data) -> bool {
        self.is_tolerant || self.may_be_null && !data.is_truthy()
    }
}

/// What is said of something that is not a text or a list of them.
pub(super) const TEXTS_WORDS: &str = "invalid {key} value {}: expected a string or list";

/// A text or a list of them.
pub(super) const TEXTS: Shape = Shape::Either(&[Shape::Str, Shape::List(&TEXT)]);

/// A text in a list.
pub(super) static TEXT: Form = form(Shape::Text, "invalid {key} item {}: expected a string");

/// Anything.
pub(super) static ANYTHING: Form = form(Shape::Anything, "");

impl Shape {
    /// The shape among these that `data` has on the outside, if any.
    pub fn of(&'static self, data: &Data) -> Option<&'static Self> {
        let fits = match self {
            Self::Either(shapes) => return shapes.iter().find_map(|shape| shape.of(data)),
            Self::Anything | Self::Truth => true,
            Self::List(_) => data.items().is_some(),
            Self::Section(_) | Self::Map(_) | Self::Object(_) | Self::ByKey(..) => {
                data.fields().is_some()
            }
            shape => match &data.kind {
                Kind::Scalar(value) => shape.fits(value),
                _ => false,
            },
        };
        fits.then_some(self)
    }

    fn fits(&self, value: &Value) -> bool {
        let is_number = values::is_number(value);
        match self {
            Self::Switch => matches!(value, Value::Bool(_)),
            Self::Off => *value == Value::Bool(false),
            Self::Text => !value.is_null() && !matches!(value, Value::Bytes(_)),
            Self::Exactly(text) => value.as_str() == Some(text),
            Self::Inside => value.as_str().is_some_and(is_inside),
            Self::Str | Self::Word(_) => value.as_str().is_some(),
            Self::Number => is_number,
            Self::Count => value.as_i64().is_some_and(|count| is_number && count >= 0),
            _ => false,
        }
    }
}

fn is_inside(path: &str) -> bool {
    Path::new(path)
        .components()
        .all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
}
