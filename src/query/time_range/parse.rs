//! From words to what they say.

use super::token::{Kind, Token, Tokens};
use super::{End, Error, Form, Stretch, Unit};

/// What `text` says.
pub(super) fn parse(text: &str) -> Result<Form, Error> {
    let mut parser = Parser {
        tokens: Tokens::new(text),
        ahead: None,
        typed: 0,
    };
    parser.advance()?;
    if parser.ahead.is_none() {
        return Err(Error::Empty);
    }
    let form = parser.form()?;
    match parser.ahead {
        Some(_) => Err(parser.fault()),
        None => Ok(form),
    }
}

struct Parser<'a> {
    tokens: Tokens<'a>,
    ahead: Option<Token>,
    /// How many characters there are up to the end of the last token.
    typed: usize,
}

impl Parser<'_> {
    /// Takes the token ahead and looks at the one behind it.
    fn advance(&mut self) -> Result<(), Error> {
        self.typed = self.tokens.position();
        self.ahead = self.tokens.next()?;
        Ok(())
    }

    fn kind(&self) -> Option<Kind> {
        self.ahead.as_ref().map(|token| token.kind)
    }

    /// That what is ahead cannot stand here.
    fn fault(&self) -> Error {
        match &self.ahead {
            Some(token) => Error::Unexpected {
                text: token.text.clone(),
                position: token.position,
            },
            None => Error::UnexpectedEnd(self.typed),
        }
    }

    fn expect(&mut self, kind: Kind) -> Result<(), Error> {
        if self.kind() == Some(kind) {
            self.advance()
        } else {
            Err(self.fault())
        }
    }

    fn form(&mut self) -> Result<Form, Error> {
        match self.kind() {
            Some(Kind::Between) => {
                self.advance()?;
                let one = self.end()?;
                self.expect(Kind::And)?;
                Ok(Form::Between(one, self.end()?))
            }
            Some(Kind::Open(side)) => {
                self.advance()?;
                Ok(Form::Open(side, self.stretch()?))
            }
            Some(Kind::Last) => {
                self.advance()?;
                self.last()
            }
            _ => Ok(Form::Whole(self.stretch()?)),
        }
    }

    /// What follows `last`: weeks and longer are those of the calendar, and so
    /// have no number.
    fn last(&mut self) -> Result<Form, Error> {
        let number = match self.kind() {
            Some(Kind::Number(number)) => {
                self.advance()?;
                Some(number)
            }
            _ => None,
        };
        match (self.kind(), number) {
            (Some(Kind::Unit(unit @ (Unit::Minute | Unit::Hour | Unit::Day))), number) => {
                self.advance()?;
                Ok(Form::Last(number.unwrap_or(1), unit))
            }
            (_, None) => Ok(Form::Whole(self.last_unit()?)),
            _ => Err(self.fault()),
        }
    }

    fn last_unit(&mut self) -> Result<Stretch, Error> {
        match self.kind() {
            Some(Kind::Unit(unit @ (Unit::Week | Unit::Month | Unit::Year))) => {
                self.advance()?;
                Ok(Stretch::Ago(1, unit))
            }
            _ => Err(self.fault()),
        }
    }

    fn end(&mut self) -> Result<End, Error> {
        let side = match self.kind() {
            Some(Kind::Open(side)) => {
                self.advance()?;
                Some(side)
            }
            _ => None,
        };
        let stretch = self.stretch()?;
        Ok(End { side, stretch })
    }

    fn stretch(&mut self) -> Result<Stretch, Error> {
        let kind = self.kind().ok_or_else(|| self.fault())?;
        match kind {
            Kind::Today => self.advance().map(|()| Stretch::Ago(0, Unit::Day)),
            Kind::Yesterday => self.advance().map(|()| Stretch::Ago(1, Unit::Day)),
            Kind::This => {
                self.advance()?;
                Ok(Stretch::Ago(0, self.unit()?))
            }
            Kind::Last => {
                self.advance()?;
                self.last_unit()
            }
            Kind::Number(number) => {
                self.advance()?;
                let unit = self.unit()?;
                self.expect(Kind::Ago)?;
                Ok(Stretch::Ago(number, unit))
            }
            Kind::Date(_) | Kind::Time(_) => self.datetime(),
            _ => Err(self.fault()),
        }
    }

    fn unit(&mut self) -> Result<Unit, Error> {
        match self.kind() {
            Some(Kind::Unit(unit)) => {
                self.advance()?;
                Ok(unit)
            }
            _ => Err(self.fault()),
        }
    }

    fn datetime(&mut self) -> Result<Stretch, Error> {
        let (mut date, mut time) = (None, None);
        if let Some(Kind::Date(typed)) = self.kind() {
            self.advance()?;
            date = Some(typed);
        }
        if let Some(Kind::Time(typed)) = self.kind() {
            self.advance()?;
            time = Some(typed);
        }
        Ok(Stretch::At { date, time })
    }
}
