//! The grammar of conditions, by recursive descent: one function for each level of
//! precedence.

use crate::base::yaml::Value;
use crate::flags::decode;

use super::{Expression, Operator};

/// So that no text exhausts the stack.
const DEPTH: usize = 64;
const LENGTH: usize = 2000;

/// What is left to be read of a condition.
pub(super) struct Parser<'a> {
    rest: &'a str,
    depth: usize,
}

type Parsed = Result<Expression, String>;

const COMPARISONS: &[(&str, Operator)] = &[
    ("==", Operator::Equal),
    ("!=", Operator::Unequal),
    ("<=", Operator::LessOrEqual),
    (">=", Operator::GreaterOrEqual),
    ("<", Operator::Less),
    (">", Operator::Greater),
];

impl<'a> Parser<'a> {
    /// A parser of the whole text.
    pub fn new(text: &'a str) -> Self {
        Self {
            rest: text.trim(),
            depth: 0,
        }
    }

    /// The condition that the whole text is.
    pub fn condition(mut self) -> Parsed {
        if self.rest.len() > LENGTH {
            return Err(format!("it is longer than {LENGTH} bytes"));
        }
        let expression = self.alternatives()?;
        match self.rest {
            "" => Ok(expression),
            _ => Err(self.expected("an operator")),
        }
    }

    fn alternatives(&mut self) -> Parsed {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err("it is nested too deep".to_owned());
        }
        let mut left = self.conjunction()?;
        while self.word("or") {
            left = both(Operator::Or, left, self.conjunction()?);
        }
        self.depth -= 1;
        Ok(left)
    }

    fn conjunction(&mut self) -> Parsed {
        let mut left = self.negation()?;
        while self.word("and") {
            left = both(Operator::And, left, self.negation()?);
        }
        Ok(left)
    }

    fn negation(&mut self) -> Parsed {
        let mut negations = 0;
        while self.word("not") {
            negations += 1;
        }
        let of = self.comparison()?;
        Ok((0..negations).fold(of, |of, _| Expression::Not(Box::new(of))))
    }

    fn comparison(&mut self) -> Parsed {
        let left = self.sum()?;
        if self.word("in") {
            return Ok(both(Operator::In, left, self.sum()?));
        }
        for (symbol, operator) in COMPARISONS {
            if self.symbol(symbol) {
                return Ok(both(*operator, left, self.sum()?));
            }
        }
        Ok(left)
    }

    fn sum(&mut self) -> Parsed {
        let mut left = self.product()?;
        loop {
            let operator = match self.rest.chars().next() {
                Some('+') => Operator::Plus,
                Some('-') => Operator::Minus,
                _ => return Ok(left),
            };
            self.skip(1);
            left = both(operator, left, self.product()?);
        }
    }

    fn product(&mut self) -> Parsed {
        let mut left = self.factor()?;
        loop {
            let operator = match self.rest.chars().next() {
                Some('*') => Operator::Times,
                Some('/') => Operator::Over,
                _ => return Ok(left),
            };
            self.skip(1);
            left = both(operator, left, self.factor()?);
        }
    }

    fn factor(&mut self) -> Parsed {
        let mut signs = 0;
        while self.symbol("-") {
            signs += 1;
        }
        let of = self.atom()?;
        // Two of them are none.
        Ok(match signs % 2 {
            0 => of,
            _ => Expression::Minus(Box::new(of)),
        })
    }

    fn atom(&mut self) -> Parsed {
        match self.rest.chars().next() {
            Some('(') => {
                self.skip(1);
                let inner = self.alternatives()?;
                match self.symbol(")") {
                    true => Ok(inner),
                    false => Err(self.expected("')'")),
                }
            }
            Some('[') => self.list(),
            Some(quote @ ('\'' | '"')) => self.quoted(quote),
            Some(c) if is_of_word(c) => Ok(self.value()),
            _ => Err(self.expected("a value")),
        }
    }

    fn list(&mut self) -> Parsed {
        self.skip(1);
        let mut items = Vec::new();
        if self.symbol("]") {
            return Ok(Expression::List(items));
        }
        loop {
            items.push(self.alternatives()?);
            if self.symbol("]") {
                return Ok(Expression::List(items));
            }
            if !self.symbol(",") {
                return Err(self.expected("',' or ']'"));
            }
        }
    }

    fn quoted(&mut self, quote: char) -> Parsed {
        let inner = &self.rest[1..];
        let Some(end) = inner.find(quote) else {
            return Err(format!("expected the closing quote of {}", self.rest));
        };
        self.skip(end + 2);
        Ok(Expression::Literal(Value::from(&inner[..end])))
    }

    /// A number, `true`, `null` and the like, or a word.
    fn value(&mut self) -> Expression {
        let end = self.word_end();
        let word = &self.rest[..end];
        self.skip(end);
        match decode(word) {
            value @ (Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_)) => {
                Expression::Literal(value)
            }
            _ => Expression::Word(word.to_owned()),
        }
    }

    /// Where the word ends that the rest begins with. The sign of an exponent is
    /// part of a number, as dashes are of names.
    fn word_end(&self) -> usize {
        let mut end = 0;
        for (at, c) in self.rest.char_indices() {
            let next = self.rest[at + c.len_utf8()..].chars().next();
            let is_inner_dash = c == '-' && end > 0 && next.is_some_and(is_of_word);
            let is_sign = c == '+' && self.rest[..end].ends_with(['e', 'E']);
            if !(is_of_word(c) || is_inner_dash || is_sign) {
                break;
            }
            end = at + c.len_utf8();
        }
        end
    }

    /// Takes a word that is an operator.
    fn word(&mut self, word: &str) -> bool {
        let is_next = &self.rest[..self.word_end()] == word;
        if is_next {
            self.skip(word.len());
        }
        is_next
    }

    fn symbol(&mut self, symbol: &str) -> bool {
        let is_next = self.rest.starts_with(symbol);
        if is_next {
            self.skip(symbol.len());
        }
        is_next
    }

    fn skip(&mut self, length: usize) {
        self.rest = self.rest[length..].trim_start();
    }

    fn expected(&self, what: &str) -> String {
        match self.rest {
            "" => format!("expected {what} at the end"),
            rest => format!("expected {what} at '{rest}'"),
        }
    }
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.' | ':')
}

fn both(operator: Operator, a: Expression, b: Expression) -> Expression {
    Expression::Both(operator, Box::new(a), Box::new(b))
}
