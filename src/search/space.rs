//! The values that trials may have: a dimension for each flag that is searched,
//! read from flag values as users write them.

use crate::base::yaml::{Map, Value};
use crate::flags::{Function, parse_function, plain_text, python_repr};

use super::Error;
use super::power::ten_to;
use super::python_random::NumpyRandom;

/// What is searched: the flags whose values trials may have others of.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Space {
    /// By flag name.
    pub dimensions: Vec<Dimension>,
}

/// One flag that is searched.
#[derive(Debug, Clone, PartialEq)]
pub struct Dimension {
    /// The name of the flag.
    pub flag: String,
    /// The values that it may have.
    pub domain: Domain,
    /// The value that the first trial is to have.
    pub initial: Option<Value>,
}

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

impl Space {
    /// The space that flag values make: a dimension for each list (`[1, 2]`) and
    /// each function (`uniform[0:1]`, `loguniform[1e-4:1:0.1]`, `[1:10]`). Other
    /// values are not searched.
    ///
    /// # Errors
    /// If a function is unknown, its arguments make no domain, or a list is empty.
    pub fn of_flags(values: &Map) -> Result<Self, Error> {
        let mut dimensions = Vec::new();
        for (name, value) in values.iter() {
            let flag = plain_text(name);
            dimensions.extend(Dimension::of_value(&flag, value)?);
        }
        dimensions.sort_by(|a, b| a.flag.cmp(&b.flag));
        Ok(Self { dimensions })
    }

    /// The values that the first trial is to have.
    pub(super) fn initial_values(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.dimensions
            .iter()
            .filter_map(|dimension| Some((dimension.flag.as_str(), dimension.initial.as_ref()?)))
    }
}

impl Dimension {
    /// The dimension that the value of a flag makes; none for a value that is not
    /// searched.
    ///
    /// # Errors
    /// As [`Space::of_flags`].
    pub fn of_value(flag: &str, value: &Value) -> Result<Option<Self>, Error> {
        match value {
            Value::List(choices) if choices.is_empty() => Err(Error::NoChoices(flag.to_owned())),
            Value::List(choices) => Ok(Some(Self {
                flag: flag.to_owned(),
                domain: Domain::Choice(choices.clone()),
                initial: None,
            })),
            Value::Str(text) => match parse_function(text) {
                Some(function) => Self::of_function(flag, &function).map(Some),
                None => Ok(None),
            },
            _ => Ok(None),
        }
    }

    /// The dimension of a function; `[a:b]` is a `uniform`.
    ///
    /// # Errors
    /// If the function is unknown or its arguments make no domain.
    pub fn of_function(flag: &str, function: &Function) -> Result<Self, Error> {
        let name = function.name.as_deref().unwrap_or("uniform");
        let read = match name {
            "uniform" => uniform,
            "loguniform" => log_uniform,
            _ => {
                return Err(Error::UnknownFunction {
                    function: name.to_owned(),
                    flag: flag.to_owned(),
                });
            }
        };
        let (low, high, initial) = match function.args.as_slice() {
            [low, high] => (low, high, None),
            [low, high, initial] => (low, high, Some(initial)),
            args => {
                return Err(Error::ArgumentCount {
                    function: name.to_owned(),
                    args: python_tuple(args),
                    flag: flag.to_owned(),
                });
            }
        };
        let domain = read(low, high).map_err(|fault| {
            let args: Vec<_> = function.args.iter().map(plain_text).collect();
            Error::Arguments {
                flag: flag.to_owned(),
                function: format!("{name}[{}]", args.join(":")),
                fault,
            }
        })?;
        Ok(Self {
            flag: flag.to_owned(),
            domain,
            initial: initial.filter(|value| !value.is_null()).cloned(),
        })
    }
}

fn python_tuple(items: &[Value]) -> String {
    let items: Vec<_> = items.iter().map(python_repr).collect();
    match items.as_slice() {
        [item] => format!("({item},)"),
        items => format!("({})", items.join(", ")),
    }
}

/// Two texts or truths are a choice, two integers are integers, and any other
/// numbers floats.
fn uniform(low: &Value, high: &Value) -> Result<Domain, String> {
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

fn log_uniform(low: &Value, high: &Value) -> Result<Domain, String> {
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
                let width = (high - low).next_up();
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

#[cfg(test)]
mod tests {
    use super::*;

    fn of(value: impl Into<Value>) -> Result<Option<Dimension>, Error> {
        Dimension::of_value("a", &value.into())
    }

    fn real(low: f64, high: f64, log: bool) -> Domain {
        Domain::Real { low, high, log }
    }

    #[test]
    fn functions_and_lists_are_dimensions() {
        let domains = [
            ("[1.0:2]", real(1.0, 2.0, false)),
            ("uniform[1.0:2.0]", real(1.0, 2.0, false)),
            (
                "[1:100]",
                Domain::Int {
                    low: 1,
                    high: 100,
                    log: false,
                },
            ),
            ("loguniform[1:100]", real(1.0, 100.0, true)),
            (
                "uniform[yes:no]",
                Domain::Choice(vec![true.into(), false.into()]),
            ),
        ];
        for (text, domain) in domains {
            assert_eq!(of(text).unwrap().unwrap().domain, domain, "{text}");
        }
        let dimension = of("[1:100:25]").unwrap().unwrap();
        assert_eq!(dimension.initial, Some(25.into()));
        let choices: Vec<Value> = vec![1.into(), "b".into()];
        let dimension = of(Value::List(choices.clone())).unwrap().unwrap();
        assert_eq!(dimension.domain, Domain::Choice(choices));
        for value in [Value::Int(1), "text".into(), Value::Null] {
            assert_eq!(of(value).unwrap(), None);
        }
    }

    #[test]
    fn what_is_no_dimension_says_why() {
        let faults = [
            ("normal[1:2]", "unknown function 'normal' used for flag a"),
            (
                "uniform[]",
                "uniform requires 2 or 3 args, got () for flag a",
            ),
            (
                "uniform[1.0]",
                "uniform requires 2 or 3 args, got (1.0,) for flag a",
            ),
            (
                "loguniform[1:2:3:4]",
                "loguniform requires 2 or 3 args, got (1, 2, 3, 4) for flag a",
            ),
            (
                "loguniform[1.2:1.1]",
                "invalid function args in 'a=loguniform[1.2:1.1]': \
                 the lower bound 1.2 has to be less than the upper bound 1.1",
            ),
            (
                "[4:1]",
                "invalid function args in 'a=uniform[4:1]': \
                 the lower bound 4 has to be less than the upper bound 1",
            ),
            (
                "uniform[null:null]",
                "invalid function args in 'a=uniform[None:None]': Invalid dimension \
                 (None, None). Read the documentation for supported types.",
            ),
            (
                "loguniform[0:1]",
                "invalid function args in 'a=loguniform[0:1]': \
                 the lower bound 0 has to be greater than 0",
            ),
            (
                "uniform[0:inf]",
                "invalid function args in 'a=uniform[0:inf]': bounds have to be finite numbers",
            ),
        ];
        for (text, message) in faults {
            assert_eq!(of(text).unwrap_err().to_string(), message);
        }
        assert!(of(Value::List(Vec::new())).is_err());
    }
}
