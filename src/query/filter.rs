//! Filter expressions: `lr = 0.1 and (min loss < 0.5 or status = running)`.
//!
//! An expression compares what a run has (attributes, flags, scalars) with
//! values, and joins comparisons by `and`, `or`, `not` and parentheses. It is
//! parsed once and then asked of many runs, each a [`Subject`].
//!
//! The grammar, words in any case:
//!
//! ```text
//! filter     = operand { ("and" | "or") operand }
//! operand    = { "not" } ( "(" filter ")" | test | value )
//! test       = key ( compare value | ["not"] "in" list | ["not"] "contains" value )
//! compare    = "=" | "!=" | "<>" | "<" | "<=" | ">" | ">=" | "is" ["not"]
//! key        = [ "attr:" | "flag:" | "scalar:" ] NAME
//!            | [ "first" | "last" | "min" | "max" | "avg" | "total" | "count" ] NAME [ "step" ]
//! value      = NUMBER | TEXT | NAME | "true" | "false" | "undefined" | list
//! list       = "[" value { "," value } "]"
//! ```
//!
//! `and` and `or` have the same rank and are read from the right, as Guild AI
//! does: `a and b or c` is `a and (b or c)`.

mod evaluate;
mod parse;
mod print;
#[cfg(test)]
mod tests;
mod token;

pub use evaluate::Subject;

pub use super::Place;

use super::Scalar;
use crate::base::yaml::Value;

/// A filter expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Expression {
    /// A value alone, which holds as Python takes it for true.
    Value(Value),
    /// What a run has, compared with a value.
    Compare {
        /// What of the run.
        key: Key,
        /// How.
        comparison: Comparison,
        /// With what.
        value: Value,
    },
    /// What a run has is one of several values.
    In {
        /// What of the run.
        key: Key,
        /// Whether it must not be.
        negated: bool,
        /// The values.
        values: Vec<Value>,
    },
    /// What a run has contains a value: part of a text in any case, an item of
    /// a list, or several of them.
    Contains {
        /// What of the run.
        key: Key,
        /// Whether it must not.
        negated: bool,
        /// The part or item, or a list of items.
        value: Value,
    },
    /// The opposite.
    Not(Box<Expression>),
    /// Expressions joined by `and` and `or`: those before the last with what
    /// joins each to all that follow it.
    Joined {
        /// The expressions but the last.
        first: Vec<(Expression, Join)>,
        /// The last.
        last: Box<Expression>,
    },
}

/// What joins two expressions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Join {
    /// Both hold.
    And,
    /// One holds.
    Or,
}

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `=` and `is`.
    Equal,
    /// `!=`, `<>` and `is not`.
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// What of a run is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// The first there is of an attribute, a flag and a scalar of this name.
    Any(String),
    /// `attr:NAME`
    Attribute(String),
    /// `flag:NAME`
    Flag(String),
    /// `scalar:NAME`, or a name with words that only scalars have.
    Scalar(Scalar),
}

/// Why a text is no filter expression. Positions count characters of the whole
/// text from 0, lines count from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It ends too early. (Guild AI spells it so.)
    #[error("syntax error in filter - unexpected end of expresion")]
    UnexpectedEnd,
    /// Something stands where it cannot.
    #[error("syntax error in filter {place}: unexpected {what}")]
    Unexpected {
        /// Where.
        place: Place,
        /// `character 'x'` or `token 'x'`.
        what: String,
    },
    /// A quoted text has an escape that means nothing.
    #[error("syntax error in filter {place}: {problem} in {text}")]
    Text {
        /// Where it starts.
        place: Place,
        /// What is wrong.
        problem: String,
        /// It, with its quotes.
        text: String,
    },
    /// Too many parentheses, brackets or `not` inside each other.
    #[error("syntax error in filter {0}: more than {max} levels", max = parse::MAX_DEPTH)]
    TooDeep(Place),
}

impl std::str::FromStr for Expression {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        parse::parse(text)
    }
}
