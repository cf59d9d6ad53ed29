//! Asking an expression of a run.

use std::cmp::Ordering;

use super::{Comparison, Expression, Join, Key};
use crate::base::yaml::Value;
use crate::flags;
use crate::query::Scalar;

/// What an expression is asked of. A value that is not set is none, as is null.
pub trait Subject {
    /// The attribute `name`, but for those that the run logged.
    fn attribute(&self, name: &str) -> Option<Value>;

    /// The flag `name`.
    fn flag(&self, name: &str) -> Option<Value>;

    /// The attribute `name` that the run logged while it ran.
    fn logged_attribute(&self, name: &str) -> Option<Value>;

    /// A value of a scalar.
    fn scalar(&self, scalar: &Scalar) -> Option<Value>;
}

impl Expression {
    /// Whether the expression holds for `subject`. What does not decide is not
    /// asked for.
    pub fn holds(&self, subject: &impl Subject) -> bool {
        match self {
            Self::Value(value) => value.is_truthy(),
            Self::Compare {
                key,
                comparison,
                value,
            } => comparison.holds(&key.value(subject), value),
            Self::In {
                key,
                negated,
                values,
            } => {
                let has = key.value(subject);
                values.iter().any(|value| has.python_eq(value)) != *negated
            }
            Self::Contains {
                key,
                negated,
                value,
            } => contains(&key.value(subject), value) != *negated,
            Self::Not(expression) => !expression.holds(subject),
            Self::Joined { first, last } => {
                for (expression, join) in first {
                    match (expression.holds(subject), join) {
                        (true, Join::Or) => return true,
                        (false, Join::And) => return false,
                        _ => {}
                    }
                }
                last.holds(subject)
            }
        }
    }
}

impl Key {
    /// The subject's value, null where it has none. Attributes that the run
    /// logged come after flags, which cost no look into event files.
    fn value(&self, subject: &impl Subject) -> Value {
        let value = match self {
            Key::Any(name) => subject
                .attribute(name)
                .or_else(|| subject.flag(name))
                .or_else(|| subject.logged_attribute(name))
                .or_else(|| subject.scalar(&Scalar::last(name))),
            Key::Attribute(name) => subject
                .attribute(name)
                .or_else(|| subject.logged_attribute(name)),
            Key::Flag(name) => subject.flag(name),
            Key::Scalar(scalar) => subject.scalar(scalar),
        };
        value.unwrap_or_default()
    }
}

impl Comparison {
    /// Whether `left` compares so with `right`. Values of types that have no
    /// order are neither less nor greater.
    fn holds(self, left: &Value, right: &Value) -> bool {
        let order = || left.python_cmp(right);
        match self {
            Self::Equal => left.python_eq(right),
            Self::NotEqual => !left.python_eq(right),
            Self::Less => order() == Some(Ordering::Less),
            Self::LessOrEqual => order().is_some_and(Ordering::is_le),
            Self::Greater => order() == Some(Ordering::Greater),
            Self::GreaterOrEqual => order().is_some_and(Ordering::is_ge),
        }
    }
}

/// Whether a run's value contains `wanted`. Nothing is in what is not set, zero
/// or empty.
fn contains(has: &Value, wanted: &Value) -> bool {
    if !has.is_truthy() {
        return false;
    }
    match (has, wanted) {
        (Value::List(items), Value::List(wanted)) => wanted
            .iter()
            .all(|wanted| items.iter().any(|item| item.python_eq(wanted))),
        (Value::List(items), wanted) => items.iter().any(|item| item.python_eq(wanted)),
        _ => {
            let text = |value| flags::plain_text(value).to_lowercase();
            text(has).contains(&text(wanted))
        }
    }
}
