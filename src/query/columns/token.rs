//! The words and signs of a list of columns.

use super::Error;
use crate::query::{Place, quoted};

/// A word or sign, with where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) place: Place,
    typed: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    Comma,
    /// `.` or `attr:`
    Attribute,
    /// `=` or `flag:`
    Flag,
    /// `scalar:`
    Scalar,
    Word(String),
    Quoted(String),
}

const SIGNS: [(&str, Kind); 6] = [
    ("scalar:", Kind::Scalar),
    ("attr:", Kind::Attribute),
    ("flag:", Kind::Flag),
    (".", Kind::Attribute),
    (",", Kind::Comma),
    ("=", Kind::Flag),
];

impl Token {
    /// That this token stands where it cannot.
    pub(super) fn unexpected(&self) -> Error {
        Error::Unexpected {
            place: self.place,
            token: self.typed.clone(),
        }
    }
}

/// Whether `text` is read as one word, without quotes around it.
pub(super) fn is_word(text: &str) -> bool {
    let starts = |prefix: &str| text.starts_with(prefix);
    let plain_start = !text.starts_with(['\'', '"']) && !SIGNS.iter().any(|(sign, _)| starts(sign));
    plain_start && !text.is_empty() && word_length(text) == text.len()
}

fn word_length(text: &str) -> usize {
    let ends = |c: char| c.is_whitespace() || c == ',';
    text.find(ends).unwrap_or(text.len())
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

    /// Where the next token would be.
    pub(super) fn place(&self) -> Place {
        self.place
    }

    /// The next token, or nothing at the end.
    pub(super) fn next(&mut self) -> Result<Option<Token>, Error> {
        let blank = self.rest.len() - self.rest.trim_start().len();
        self.take(blank);
        if self.rest.is_empty() {
            return Ok(None);
        }
        let place = self.place;
        let sign = SIGNS.iter().find(|(sign, _)| self.rest.starts_with(sign));
        let (kind, length) = if let Some((sign, kind)) = sign {
            (kind.clone(), sign.len())
        } else if self.rest.starts_with(['\'', '"']) {
            let length = quoted::length(self.rest).ok_or(Error::OpenQuote(place))?;
            let text = &self.rest[..length];
            let said = quoted::unquote(text).map_err(|reason| Error::Text {
                place,
                reason,
                text: text.to_string(),
            })?;
            (Kind::Quoted(said), length)
        } else {
            let length = word_length(self.rest);
            (Kind::Word(self.rest[..length].to_string()), length)
        };
        let typed = self.take(length).to_string();
        Ok(Some(Token { kind, place, typed }))
    }

    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        self.place = self.place.after(taken);
        taken
    }
}
