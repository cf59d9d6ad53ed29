//! The words and signs of a filter expression.

use super::{Comparison, Error, Place};
use crate::base::python_text;
use crate::base::yaml::{self, Value};
use crate::flags;
use crate::query::quoted;

/// A word or sign, with where it is.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) place: Place,
    /// As it is shown where it is not expected: what it stands for, in Python's
    /// notation.
    shown: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    Open,
    Close,
    OpenList,
    CloseList,
    Comma,
    Compare(Comparison),
    And,
    Or,
    Not,
    Is,
    In,
    Contains,
    /// `true`, `false`, `undefined`, a number or a quoted text.
    Value(Value),
    /// Any other word.
    Name(String),
}

impl Token {
    /// That this token stands where it cannot.
    pub(super) fn unexpected(&self) -> Error {
        Error::Unexpected {
            place: self.place,
            what: format!("token {}", self.shown),
        }
    }
}

/// Whether `c` may start a name.
fn starts_name(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

/// Whether `c` may be in a name, but at its start.
fn is_in_name(c: char) -> bool {
    !c.is_whitespace() && !",<>!=()[]".contains(c)
}

/// Whether `text` is read as a name, and not as a word with a meaning.
pub(super) fn is_name(text: &str) -> bool {
    text.starts_with(starts_name) && text.chars().all(is_in_name) && keyword(text).is_none()
}

fn keyword(word: &str) -> Option<Kind> {
    Some(match word.to_ascii_lowercase().as_str() {
        "and" => Kind::And,
        "or" => Kind::Or,
        "not" => Kind::Not,
        "is" => Kind::Is,
        "in" => Kind::In,
        "contains" => Kind::Contains,
        "true" => Kind::Value(Value::Bool(true)),
        "false" => Kind::Value(Value::Bool(false)),
        "undefined" => Kind::Value(Value::Null),
        _ => return None,
    })
}

/// Reads tokens one by one, so that the first fault from the left is told.
pub(super) struct Tokens<'a> {
    rest: &'a str,
    place: Place,
}

impl<'a> Tokens<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            rest: text,
            place: Place::START,
        }
    }

    /// The next token, or nothing at the end.
    pub(super) fn next(&mut self) -> Result<Option<Token>, Error> {
        let blank = self.rest.len() - self.rest.trim_start().len();
        self.take(blank);
        let Some(c) = self.rest.chars().next() else {
            return Ok(None);
        };
        let place = self.place;
        let (kind, length) = if starts_name(c) {
            let end = self.rest.find(|c| !is_in_name(c));
            let word = &self.rest[..end.unwrap_or(self.rest.len())];
            let kind = keyword(word).unwrap_or_else(|| Kind::Name(word.to_string()));
            (kind, word.len())
        } else if c == '"' || c == '\'' {
            let length = quoted::length(self.rest).ok_or_else(|| unknown(place, c))?;
            let text = unquote(&self.rest[..length], place)?;
            (Kind::Value(Value::Str(text)), length)
        } else if let Some(length) = number_length(self.rest) {
            (Kind::Value(number(&self.rest[..length])), length)
        } else {
            sign(self.rest).ok_or_else(|| unknown(place, c))?
        };
        let typed = self.take(length);
        let shown = match &kind {
            Kind::Value(value @ (Value::Int(_) | Value::BigInt(_) | Value::Float(_))) => {
                flags::plain_text(value)
            }
            Kind::Value(Value::Str(text)) => python_text::str_repr(text),
            _ => python_text::str_repr(typed),
        };
        Ok(Some(Token { kind, place, shown }))
    }

    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        self.place = self.place.after(taken);
        taken
    }
}

fn unknown(place: Place, c: char) -> Error {
    Error::Unexpected {
        place,
        what: format!("character '{c}'"),
    }
}

fn sign(text: &str) -> Option<(Kind, usize)> {
    let signs = [
        ("(", Kind::Open),
        (")", Kind::Close),
        ("[", Kind::OpenList),
        ("]", Kind::CloseList),
        (",", Kind::Comma),
        ("!=", Kind::Compare(Comparison::NotEqual)),
        ("<>", Kind::Compare(Comparison::NotEqual)),
        ("<=", Kind::Compare(Comparison::LessOrEqual)),
        (">=", Kind::Compare(Comparison::GreaterOrEqual)),
        ("=", Kind::Compare(Comparison::Equal)),
        ("<", Kind::Compare(Comparison::Less)),
        (">", Kind::Compare(Comparison::Greater)),
    ];
    let found = signs.into_iter().find(|(sign, _)| text.starts_with(sign));
    found.map(|(sign, kind)| (kind, sign.len()))
}

fn unquote(quoted: &str, place: Place) -> Result<String, Error> {
    quoted::unquote(quoted).map_err(|problem| Error::Text {
        place,
        problem,
        text: quoted.to_string(),
    })
}

/// How much of `text` is a number: `-1`, `.5`, `1.5e-3`.
fn number_length(text: &str) -> Option<usize> {
    let digits = |text: &str| {
        text.find(|c: char| !c.is_ascii_digit())
            .unwrap_or(text.len())
    };
    let mut length = usize::from(text.starts_with('-'));
    length += usize::from(text[length..].starts_with('.'));
    let whole = digits(&text[length..]);
    if whole == 0 {
        return None;
    }
    length += whole;
    if let Some(fraction) = text[length..].strip_prefix('.').map(digits)
        && fraction > 0
    {
        length += 1 + fraction;
    }
    if let Some(exponent) = text[length..].strip_prefix('e') {
        let sign = usize::from(exponent.starts_with(['+', '-']));
        match digits(&exponent[sign..]) {
            0 => {}
            digits => length += 1 + sign + digits,
        }
    }
    Some(length)
}

/// The value of a number, as it would be as the value of a flag.
fn number(text: &str) -> Value {
    // YAML 1.1 takes `-.5` and `.5e2` for text.
    let value = if text.trim_start_matches('-').starts_with('.') {
        text.parse().map(Value::Float).ok()
    } else {
        yaml::load(text).ok()
    };
    value.unwrap_or_else(|| Value::from(text))
}
