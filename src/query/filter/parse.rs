//! From tokens to an expression, by recursive descent.

use super::token::{Kind, Token, Tokens};
use super::{Comparison, Error, Expression, Join, Key};
use crate::base::yaml::Value;
use crate::query::{Scalar, Which};

/// How deep parentheses, lists and `not` may be inside each other, so that no
/// text uses up the stack.
pub(super) const MAX_DEPTH: usize = 100;

/// The expression that `text` says.
pub(super) fn parse(text: &str) -> Result<Expression, Error> {
    let mut parser = Parser {
        tokens: Tokens::new(text),
        ahead: None,
        depth: 0,
    };
    parser.advance()?;
    let expression = parser.expression()?;
    match parser.ahead {
        Some(token) => Err(token.unexpected()),
        None => Ok(expression),
    }
}

struct Parser<'a> {
    tokens: Tokens<'a>,
    ahead: Option<Token>,
    depth: usize,
}

impl Parser<'_> {
    /// Takes the token ahead and looks at the one behind it.
    fn advance(&mut self) -> Result<Option<Token>, Error> {
        let next = self.tokens.next()?;
        Ok(std::mem::replace(&mut self.ahead, next))
    }

    fn is_ahead(&self, kind: &Kind) -> bool {
        self.ahead.as_ref().is_some_and(|token| token.kind == *kind)
    }

    /// Takes the token ahead if it is of this kind.
    fn skip(&mut self, kind: &Kind) -> Result<bool, Error> {
        let found = self.is_ahead(kind);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    fn expect(&mut self, kind: &Kind) -> Result<(), Error> {
        if self.skip(kind)? {
            Ok(())
        } else {
            Err(self.fault())
        }
    }

    /// That what is ahead cannot stand here.
    fn fault(&self) -> Error {
        let token = self.ahead.as_ref();
        token.map_or(Error::UnexpectedEnd, Token::unexpected)
    }

    /// Does `work` one level further down.
    fn nested<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, Error>) -> Result<T, Error> {
        if self.depth == MAX_DEPTH {
            return Err(match &self.ahead {
                Some(token) => Error::TooDeep(token.place),
                None => Error::UnexpectedEnd,
            });
        }
        self.depth += 1;
        let done = work(self);
        self.depth -= 1;
        done
    }

    fn expression(&mut self) -> Result<Expression, Error> {
        let mut first = Vec::new();
        let mut last = self.operand()?;
        loop {
            let join = match self.ahead.as_ref().map(|token| &token.kind) {
                Some(Kind::And) => Join::And,
                Some(Kind::Or) => Join::Or,
                _ => break,
            };
            self.advance()?;
            let next = self.operand()?;
            first.push((std::mem::replace(&mut last, next), join));
        }
        if first.is_empty() {
            return Ok(last);
        }
        let last = Box::new(last);
        Ok(Expression::Joined { first, last })
    }

    fn operand(&mut self) -> Result<Expression, Error> {
        if self.skip(&Kind::Not)? {
            let operand = self.nested(Self::operand)?;
            return Ok(Expression::Not(Box::new(operand)));
        }
        if self.skip(&Kind::Open)? {
            let inside = self.nested(Self::expression)?;
            self.expect(&Kind::Close)?;
            return Ok(inside);
        }
        let name = match &self.ahead {
            Some(Token {
                kind: Kind::Name(name),
                ..
            }) => name.clone(),
            _ => return Ok(Expression::Value(self.value()?)),
        };
        self.advance()?;
        let of_scalar = self.words_of_scalar(&name)?;
        self.test(name, of_scalar)
    }

    /// The scalar that is meant where words that only scalars have stand before
    /// or behind a name; `name` is the first word.
    fn words_of_scalar(&mut self, name: &str) -> Result<Option<Scalar>, Error> {
        let mut scalar = None;
        if let (Some(which), Some(second)) = (Which::of(name), self.name_ahead())
            && second != "step"
        {
            let unprefixed = second.strip_prefix("scalar:").unwrap_or(&second);
            if unprefixed.is_empty() || second.starts_with("flag:") || second.starts_with("attr:") {
                return Err(self.fault());
            }
            scalar = Some(Scalar {
                which,
                ..Scalar::last(unprefixed)
            });
            self.advance()?;
        }
        if self.name_ahead().as_deref() == Some("step") {
            let own = scalar.take();
            let of_name = || match Key::of(name) {
                Key::Any(name) => Some(Scalar::last(&name)),
                Key::Scalar(scalar) => Some(scalar),
                _ => None,
            };
            let Some(meant) = own.or_else(of_name) else {
                return Err(self.fault());
            };
            scalar = Some(Scalar {
                step: true,
                ..meant
            });
            self.advance()?;
        }
        Ok(scalar)
    }

    fn name_ahead(&self) -> Option<String> {
        match &self.ahead.as_ref()?.kind {
            Kind::Name(name) => Some(name.clone()),
            _ => None,
        }
    }

    /// What follows a name: a comparison, or nothing for a text of its own.
    fn test(&mut self, name: String, scalar: Option<Scalar>) -> Result<Expression, Error> {
        let is_scalar = scalar.is_some();
        let key = scalar.map_or_else(|| Key::of(&name), Key::Scalar);
        let comparison = match self.ahead.as_ref().map(|token| &token.kind) {
            Some(Kind::Compare(comparison)) => *comparison,
            Some(Kind::Is) => Comparison::Equal,
            Some(Kind::In | Kind::Contains | Kind::Not) => return self.membership(key),
            _ if is_scalar => return Err(self.fault()),
            _ => return Ok(Expression::Value(Value::Str(name))),
        };
        let is = self.is_ahead(&Kind::Is);
        self.advance()?;
        let comparison = if is && self.skip(&Kind::Not)? {
            Comparison::NotEqual
        } else {
            comparison
        };
        Ok(Expression::Compare {
            key,
            comparison,
            value: self.value()?,
        })
    }

    fn membership(&mut self, key: Key) -> Result<Expression, Error> {
        let negated = self.skip(&Kind::Not)?;
        if self.skip(&Kind::Contains)? {
            let value = self.value()?;
            return Ok(Expression::Contains {
                key,
                negated,
                value,
            });
        }
        self.expect(&Kind::In)?;
        if !self.is_ahead(&Kind::OpenList) {
            return Err(self.fault());
        }
        let values = self.list()?;
        Ok(Expression::In {
            key,
            negated,
            values,
        })
    }

    fn value(&mut self) -> Result<Value, Error> {
        if self.is_ahead(&Kind::OpenList) {
            return Ok(Value::List(self.nested(Self::list)?));
        }
        match self.ahead.as_ref().map(|token| &token.kind) {
            Some(Kind::Value(_) | Kind::Name(_)) => {}
            _ => return Err(self.fault()),
        }
        match self.advance()?.map(|token| token.kind) {
            Some(Kind::Value(value)) => Ok(value),
            Some(Kind::Name(name)) => Ok(Value::Str(name)),
            _ => Err(Error::UnexpectedEnd),
        }
    }

    fn list(&mut self) -> Result<Vec<Value>, Error> {
        self.expect(&Kind::OpenList)?;
        let mut values = vec![self.value()?];
        while self.skip(&Kind::Comma)? {
            values.push(self.value()?);
        }
        self.expect(&Kind::CloseList)?;
        Ok(values)
    }
}

impl Key {
    /// What `name` means, by its prefix.
    fn of(name: &str) -> Self {
        if let Some(name) = name.strip_prefix("attr:") {
            Key::Attribute(name.to_string())
        } else if let Some(name) = name.strip_prefix("flag:") {
            Key::Flag(name.to_string())
        } else if let Some(name) = name.strip_prefix("scalar:") {
            Key::Scalar(Scalar::last(name))
        } else {
            Key::Any(name.to_string())
        }
    }
}
