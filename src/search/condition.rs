//! Conditions: the text of `opt == sgd and layers > 1`, read once and asked of the
//! flag values of a trial.
//!
//! A word is the value of the flag of that name, or else the text that it is; a
//! word in quotes is always text. There are `or`, `and`, `not`, the comparisons
//! `== != < <= > >= in`, the four operations of arithmetic, parentheses and lists.
//! A name may have dots and dashes inside, so a subtraction takes spaces.

use crate::base::yaml::{Map, Value};

use self::parse::Parser;
use super::Error;

mod parse;

/// What a condition says, and how it was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    text: String,
    expression: Expression,
}

#[derive(Debug, Clone, PartialEq)]
enum Expression {
    /// A number, or text in quotes.
    Literal(Value),
    /// A flag, or text.
    Word(String),
    List(Vec<Expression>),
    Not(Box<Expression>),
    Minus(Box<Expression>),
    Both(Operator, Box<Expression>, Box<Expression>),
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Operator {
    Or,
    And,
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    Plus,
    Minus,
    Times,
    Over,
}

impl Condition {
    /// Reads a condition.
    ///
    /// # Errors
    /// If the text is none: it says what was expected and where.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let expression = Parser::new(text)
            .condition()
            .map_err(|fault| Error::Condition {
                text: text.to_owned(),
                fault,
            })?;
        Ok(Self {
            text: text.trim().to_owned(),
            expression,
        })
    }

    /// The text that it was read from.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it holds for these flag values. What cannot be compared is not
    /// equal, and neither less nor greater.
    pub fn holds(&self, values: &Map) -> bool {
        self.expression.value(values).is_truthy()
    }

    /// The words in it, which may be names of flags.
    pub(super) fn words(&self) -> Vec<&str> {
        let mut words = Vec::new();
        self.expression.add_words(&mut words);
        words
    }
}

impl Expression {
    fn value(&self, values: &Map) -> Value {
        match self {
            Self::Literal(value) => value.clone(),
            Self::Word(word) => match values.get(word) {
                Some(value) => value.clone(),
                None => Value::Str(word.clone()),
            },
            Self::List(items) => Value::List(items.iter().map(|item| item.value(values)).collect()),
            Self::Not(of) => Value::Bool(!of.value(values).is_truthy()),
            Self::Minus(of) => match of.value(values) {
                Value::Int(number) => number.checked_neg().map_or(Value::Null, Value::Int),
                value => value
                    .as_f64()
                    .map_or(Value::Null, |number| Value::Float(-number)),
            },
            Self::Both(operator, a, b) => operator.value(a, b, values),
        }
    }

    fn add_words<'a>(&'a self, words: &mut Vec<&'a str>) {
        match self {
            Self::Literal(_) => {}
            Self::Word(word) => words.push(word),
            Self::List(items) => items.iter().for_each(|item| item.add_words(words)),
            Self::Not(of) | Self::Minus(of) => of.add_words(words),
            Self::Both(_, a, b) => {
                a.add_words(words);
                b.add_words(words);
            }
        }
    }
}

impl Operator {
    fn value(self, a: &Expression, b: &Expression, values: &Map) -> Value {
        let a = a.value(values);
        match self {
            Self::Or if a.is_truthy() => return a,
            Self::And if !a.is_truthy() => return a,
            _ => {}
        }
        let b = b.value(values);
        let compares = |holds: fn(std::cmp::Ordering) -> bool| {
            Value::Bool(a.python_cmp(&b).is_some_and(holds))
        };
        match self {
            Self::Or | Self::And => b,
            Self::Equal => Value::Bool(a.python_eq(&b)),
            Self::Unequal => Value::Bool(!a.python_eq(&b)),
            Self::Less => compares(std::cmp::Ordering::is_lt),
            Self::LessOrEqual => compares(std::cmp::Ordering::is_le),
            Self::Greater => compares(std::cmp::Ordering::is_gt),
            Self::GreaterOrEqual => compares(std::cmp::Ordering::is_ge),
            Self::In => Value::Bool(match &b {
                Value::List(items) => items.iter().any(|item| a.python_eq(item)),
                _ => false,
            }),
            Self::Plus | Self::Minus | Self::Times | Self::Over => self.arithmetic(&a, &b),
        }
    }

    /// As floats: a condition asks how large something is, not for its digits.
    fn arithmetic(self, a: &Value, b: &Value) -> Value {
        let (Some(a), Some(b)) = (a.as_f64(), b.as_f64()) else {
            return Value::Null;
        };
        Value::Float(match self {
            Self::Plus => a + b,
            Self::Minus => a - b,
            Self::Times => a * b,
            _ => a / b,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(text: &str) -> bool {
        let values = Map::from_iter([
            ("opt", Value::from("sgd")),
            ("layers", 3.into()),
            ("learning-rate", 0.5.into()),
            ("deep", true.into()),
            ("none", Value::Null),
        ]);
        Condition::parse(text).unwrap().holds(&values)
    }

    #[test]
    fn conditions_are_asked_of_flag_values() {
        for text in [
            "opt == sgd",
            "opt == 'sgd'",
            "opt != adam and layers > 2",
            "not (opt == adam or layers < 3)",
            "opt in [adam, sgd]",
            "layers in [1, 2 + 1]",
            "layers * learning-rate <= 1.5",
            "layers - 1 == 2",
            "-layers < -2.5e0",
            "6 / layers - -1 == 3",
            "deep",
            "deep == true and none == null",
            "\"opt\" == 'opt'",
            "1 + 2 * 3 == 7",
        ] {
            assert!(holds(text), "{text}");
        }
        for text in [
            "opt == adam",
            "layers < opt",
            "opt + 1 > 0",
            "opt in sgd",
            "none > 1",
        ] {
            assert!(!holds(text), "{text}");
        }
    }

    #[test]
    fn what_is_no_condition_says_why() {
        for (text, fault) in [
            ("", "expected a value at the end"),
            ("opt ==", "expected a value at the end"),
            ("opt = sgd", "expected an operator at '= sgd'"),
            ("(opt == sgd", "expected ')' at the end"),
            ("opt == sgd)", "expected an operator at ')'"),
            ("opt in [a, b", "expected ',' or ']' at the end"),
            ("opt == 'sgd", "expected the closing quote of 'sgd"),
            ("a $ b", "expected an operator at '$ b'"),
        ] {
            let error = Condition::parse(text).unwrap_err();
            assert_eq!(
                error.to_string(),
                format!("invalid condition '{text}': {fault}")
            );
        }
        let deep = "(".repeat(100_000);
        assert!(Condition::parse(&deep).is_err());
        assert!(Condition::parse(&"not ".repeat(100_000)).is_err());
    }
}
