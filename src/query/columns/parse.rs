//! From tokens to columns.

use super::token::{Kind, Token, Tokens};
use super::{ColumnSpec, Error, Source};
use crate::query::{Scalar, Which};

/// The columns that `text` lists.
pub(super) fn parse(text: &str) -> Result<Vec<ColumnSpec>, Error> {
    let mut parser = Parser {
        tokens: Tokens::new(text),
        ahead: None,
    };
    parser.advance()?;
    if parser.ahead.is_none() {
        return Err(Error::Empty);
    }
    let mut columns = vec![parser.column()?];
    while parser.skip(&Kind::Comma)? {
        columns.push(parser.column()?);
    }
    match parser.ahead {
        Some(token) => Err(token.unexpected()),
        None => Ok(columns),
    }
}

struct Parser<'a> {
    tokens: Tokens<'a>,
    ahead: Option<Token>,
}

impl Parser<'_> {
    /// Takes the token ahead and looks at the one behind it.
    fn advance(&mut self) -> Result<Option<Token>, Error> {
        let next = self.tokens.next()?;
        Ok(std::mem::replace(&mut self.ahead, next))
    }

    /// Takes the token ahead if it is of this kind.
    fn skip(&mut self, kind: &Kind) -> Result<bool, Error> {
        let found = self.ahead.as_ref().is_some_and(|ahead| ahead.kind == *kind);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    /// Whether the word ahead is `wanted`, in no quotes.
    fn is_word_ahead(&self, wanted: &[&str]) -> bool {
        let kind = self.ahead.as_ref().map(|token| &token.kind);
        matches!(kind, Some(Kind::Word(word)) if wanted.contains(&word.as_str()))
    }

    /// That what is ahead cannot stand here.
    fn fault(&self) -> Error {
        let end = || Error::UnexpectedEnd(self.tokens.place());
        self.ahead.as_ref().map_or_else(end, Token::unexpected)
    }

    fn column(&mut self) -> Result<ColumnSpec, Error> {
        let source = if self.skip(&Kind::Flag)? {
            Source::Flag(self.name()?)
        } else if self.skip(&Kind::Attribute)? {
            Source::Attribute(self.name()?)
        } else {
            Source::Scalar(self.scalar()?)
        };
        let mut column = ColumnSpec::from(source);
        while self.is_word_ahead(&AS) {
            self.advance()?;
            let label = self.text()?;
            column.label = Some(label).filter(|label| !label.is_empty());
        }
        Ok(column)
    }

    fn scalar(&mut self) -> Result<Scalar, Error> {
        let mut which = Which::Last;
        if let Some(qualifier) = self.qualifier_ahead() {
            let word = self.advance()?;
            if self.is_name_ahead() {
                which = qualifier;
            } else {
                // A scalar may be called like a qualifier.
                return self.with_step(Scalar::last(&word_of(word)));
            }
        }
        self.skip(&Kind::Scalar)?;
        let fault = self.fault();
        let scalar = Scalar::last(&self.name()?);
        if scalar.tag.is_empty() {
            return Err(fault);
        }
        self.with_step(Scalar { which, ..scalar })
    }

    fn with_step(&mut self, scalar: Scalar) -> Result<Scalar, Error> {
        let step = self.is_word_ahead(&["step"]);
        if step {
            self.advance()?;
        }
        Ok(Scalar { step, ..scalar })
    }

    fn qualifier_ahead(&self) -> Option<Which> {
        match &self.ahead.as_ref()?.kind {
            Kind::Word(word) => Which::of(word),
            _ => None,
        }
    }

    /// Whether the name of a scalar is ahead, where words that have a meaning
    /// behind a name are none.
    fn is_name_ahead(&self) -> bool {
        match self.ahead.as_ref().map(|token| &token.kind) {
            Some(Kind::Scalar | Kind::Quoted(_)) => true,
            Some(Kind::Word(_)) => !self.is_word_ahead(&AS) && !self.is_word_ahead(&["step"]),
            _ => false,
        }
    }

    /// A name, which is not empty.
    fn name(&mut self) -> Result<String, Error> {
        let fault = self.fault();
        if self.is_word_ahead(&AS) {
            return Err(fault);
        }
        let name = self.text()?;
        if name.is_empty() {
            return Err(fault);
        }
        Ok(name)
    }

    fn text(&mut self) -> Result<String, Error> {
        let kind = self.ahead.as_ref().map(|token| &token.kind);
        match kind {
            Some(Kind::Word(_) | Kind::Quoted(_)) => Ok(word_of(self.advance()?)),
            _ => Err(self.fault()),
        }
    }
}

const AS: [&str; 2] = ["as", "AS"];

fn word_of(token: Option<Token>) -> String {
    match token.map(|token| token.kind) {
        Some(Kind::Word(text) | Kind::Quoted(text)) => text,
        _ => String::new(),
    }
}
