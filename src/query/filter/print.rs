//! Writing an expression so that it reads back as the same.

use std::fmt::{self, Display, Formatter};

use super::token::is_name;
use super::{Comparison, Expression, Join, Key};
use crate::base::python_text;
use crate::base::yaml::Value;
use crate::query::{Scalar, Which, quoted};

impl Display for Expression {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(value) => write_value(value, f),
            Self::Compare {
                key,
                comparison,
                value,
            } => {
                write!(f, "{key} {comparison} ")?;
                write_value(value, f)
            }
            Self::In {
                key,
                negated,
                values,
            } => {
                write!(f, "{key} {}in ", not(*negated))?;
                write_list(values, f)
            }
            Self::Contains {
                key,
                negated,
                value,
            } => {
                write!(f, "{key} {}contains ", not(*negated))?;
                write_value(value, f)
            }
            Self::Not(expression) => {
                f.write_str("not ")?;
                write_operand(expression, f)
            }
            Self::Joined { first, last } => {
                for (expression, join) in first {
                    write_operand(expression, f)?;
                    f.write_str(match join {
                        Join::And => " and ",
                        Join::Or => " or ",
                    })?;
                }
                write_operand(last, f)
            }
        }
    }
}

fn not(negated: bool) -> &'static str {
    if negated { "not " } else { "" }
}

fn write_operand(expression: &Expression, f: &mut Formatter<'_>) -> fmt::Result {
    match expression {
        Expression::Joined { .. } => write!(f, "({expression})"),
        _ => write!(f, "{expression}"),
    }
}

impl Display for Key {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Key::Any(name) => f.write_str(name),
            Key::Attribute(name) => write!(f, "attr:{name}"),
            Key::Flag(name) => write!(f, "flag:{name}"),
            Key::Scalar(scalar) => write_scalar(scalar, f),
        }
    }
}

/// `[WHICH] scalar:[PREFIX#]TAG [step]`
fn write_scalar(scalar: &Scalar, f: &mut Formatter<'_>) -> fmt::Result {
    if scalar.which != Which::Last {
        write!(f, "{} ", scalar.which.as_str())?;
    }
    f.write_str("scalar:")?;
    if !scalar.prefix.is_empty() || scalar.tag.contains('#') {
        write!(f, "{}#", scalar.prefix)?;
    }
    f.write_str(&scalar.tag)?;
    f.write_str(if scalar.step { " step" } else { "" })
}

impl Display for Comparison {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        })
    }
}

fn write_list(values: &[Value], f: &mut Formatter<'_>) -> fmt::Result {
    f.write_str("[")?;
    for (at, value) in values.iter().enumerate() {
        if at > 0 {
            f.write_str(", ")?;
        }
        write_value(value, f)?;
    }
    f.write_str("]")
}

fn write_value(value: &Value, f: &mut Formatter<'_>) -> fmt::Result {
    match value {
        Value::Null => f.write_str("undefined"),
        Value::Bool(truth) => write!(f, "{truth}"),
        Value::Int(number) => write!(f, "{number}"),
        Value::BigInt(digits) => f.write_str(digits),
        // Numbers of that size are read as infinite.
        Value::Float(number) if number.is_infinite() => {
            f.write_str(if *number > 0.0 { "1e999" } else { "-1e999" })
        }
        Value::Float(number) => f.write_str(&python_text::float_repr(*number)),
        Value::List(items) => write_list(items, f),
        Value::Str(text) if is_name(text) => f.write_str(text),
        other => f.write_str(&quoted::quote(&crate::flags::plain_text(other))),
    }
}
