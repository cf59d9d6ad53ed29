//! The values that one flag may have: read from the arguments of functions, and
//! drawn at random.

use crate::base::yaml::Value;
use crate::flags::{plain_text, python_repr};

use super::power::ten_to;
use super::python_random::NumpyRandom;

/// The values that a flag may have.
#[derive(Debug, Clone, PartialEq)]
pub enum Domain {
    /// A float between two bounds, both included.
    Real {
        /// The lower bound, less than the upper one.
        low: f64,
        /// The upper bound.
        high: f64,
        /// Whether each order of magnitude is as likely, rather than each value.
        log: bool,
    },
    /// An integer between two bounds, both included.
    Int {
        /// The lower bound, less than the upper one.
        low: i64,
        /// The upper bound.
        high: i64,
        /// Whether each order of magnitude is as likely, rather than each value.
        log: bool,
    },
    /// One of these values, one at least. They have no order.
    Choice(Vec<Value>),
}

/// Values as a Python tuple.
pub(super) fn python_tuple(items: &[Value]) -> String {
    let items: Vec<_> = items.iter().map(python_repr).collect();
    match items.as_slice() {
        [item] => format!("({item},)"),
        items => format!("({})", items.join(", ")),
    }
}

/// Two texts or truths are a choice, two integers are integers, and any other
/// numbers floats.
pub(super) fn uniform(low: &Value, high: &Value) -> Result<Domain, String> {
    let is_choice = |value: &Value| matches!(value, Value::Str(_) | Value::Bool(_));
    match (low, high) {
        (low, high) if is_choice(low) || is_choice(high) => {
            Ok(Domain::Choice(vec![low.clone(), high.clone()]))
        }
        (Value::Int(from), Value::Int(to)) if from < to => Ok(Domain::Int {
            low: *from,
            high: *to,
            log: false,
        }),
        (Value::BigInt(_), Value::Int(_) | Value::BigInt(_))
        | (Value::Int(_), Value::BigInt(_)) => Err("integer bounds have to fit 64 bits".to_owned()),
        _ => real(low, high, false),
    }
}

/// Floats of which each order of magnitude is as likely.
pub(super) fn log_uniform(low: &Value, high: &Value) -> Result<Domain, String> {
    let domain = real(low, high, true)?;
    match low.as_f64() {
        Some(bound) if bound > 0.0 => Ok(domain),
        _ => Err(format!(
            "the lower bound {} has to be greater than 0",
            plain_text(low)
        )),
    }
}

fn real(low: &Value, high: &Value, log: bool) -> Result<Domain, String> {
    let (Some(from), Some(to)) = (low.as_f64(), high.as_f64()) else {
        return Err(format!(
            "Invalid dimension {}. Read the documentation for supported types.",
            python_tuple(&[low.clone(), high.clone()])
        ));
    };
    if !from.is_finite() || !to.is_finite() {
        return Err("bounds have to be finite numbers".to_owned());
    }
    if to <= from {
        return Err(format!(
            "the lower bound {} has to be less than the upper bound {}",
            plain_text(low),
            plain_text(high)
        ));
    }
    Ok(Domain::Real {
        low: from,
        high: to,
        log,
    })
}

impl Domain {
    /// A value at random, the very one that Guild AI has of the same generator, up
    /// to the last bits of floats.
    pub(super) fn draw(&self, random: &mut NumpyRandom) -> Value {
        match self {
            Self::Real {
                low,
                high,
                log: false,
            } => {
                // Up to the bound and with it.
                let width = (high - low).next_up().min(f64::MAX);
                Value::Float((random.unit() * width + low).max(*low).min(*high))
            }
            Self::Real { low, high, .. } => Value::Float(draw_log(*low, *high, random)),
            Self::Int {
                low,
                high,
                log: false,
            } => Value::Int(random.integer(*low, *high)),
            Self::Int { low, high, .. } => {
                let number = draw_log(*low as f64, *high as f64, random);
                Value::Int((number.round_ties_even() as i64).max(*low).min(*high))
            }
            Self::Choice(values) => values[draw_index(values.len(), random)].clone(),
        }
    }
}

fn draw_log(low: f64, high: f64, random: &mut NumpyRandom) -> f64 {
    let (from, to) = (libm::log10(low), libm::log10(high));
    let exponent = random.unit() * (to - from).next_up() + from;
    ten_to(exponent).max(low).min(high)
}

/// The first of `count` equal parts whose end, found by adding them up, is not
/// below a random number; the first of all if they end below 1.
fn draw_index(count: usize, random: &mut NumpyRandom) -> usize {
    let part = 1.0 / count as f64;
    let number = random.unit();
    let mut end = 0.0;
    for index in 0..count {
        end += part;
        if end >= number {
            return index;
        }
    }
    0
}
