//! The values that trials may have: a dimension for each flag that is searched,
//! read from flag values as users write them.
//!
//! A flag that has a use in some trials only says so behind its values:
//! `uniform[0:1] if opt == sgd`, or `[2,4,8] if layers > 1 else 1`. Without `else`
//! it has no value in the other trials.

use crate::base::yaml::{Map, Value};
use crate::flags::{Function, decode, is_function, parse_function, plain_text};

use super::Error;
use super::condition::Condition;
use super::domain::{self, Domain, python_tuple};

/// What is searched: the flags whose values trials may have others of.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Space {
    /// By flag name.
    pub dimensions: Vec<Dimension>,
    /// The values of flags that are not searched, which conditions may ask for.
    pub fixed: Map,
    /// What holds for the values of every trial.
    pub constraints: Vec<Condition>,
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
    /// Where the flag has a use.
    pub condition: Option<Condition>,
    /// Its value where it has none.
    pub otherwise: Value,
}

impl Space {
    /// The space that flag values make: a dimension for each list (`[1, 2]`) and
    /// each function (`uniform[0:1]`, `loguniform[1e-4:1:0.1]`, `[1:10]`), with a
    /// condition or without. Other values are not searched.
    ///
    /// # Errors
    /// If a function is unknown, its arguments make no domain, a list is empty, or
    /// a condition is none.
    pub fn of_flags(values: &Map) -> Result<Self, Error> {
        let mut space = Self::default();
        for (name, value) in values.iter() {
            let flag = plain_text(name);
            match Dimension::of_value(&flag, value)? {
                Some(dimension) => space.dimensions.push(dimension),
                None => {
                    space.fixed.insert(flag, value.clone());
                }
            }
        }
        space.dimensions.sort_by(|a, b| a.flag.cmp(&b.flag));
        space.order()?;
        Ok(space)
    }

    /// Adds a constraint: values for which it does not hold are not suggested.
    ///
    /// # Errors
    /// If the text is no condition.
    pub fn constrain(&mut self, text: &str) -> Result<(), Error> {
        self.constraints.push(Condition::parse(text)?);
        Ok(())
    }

    /// The dimensions by index, each after those that its condition asks for.
    pub(super) fn order(&self) -> Result<Vec<usize>, Error> {
        let mut order: Vec<usize> = Vec::new();
        let mut left: Vec<usize> = (0..self.dimensions.len()).collect();
        while !left.is_empty() {
            let waits = |index: &usize| {
                let words = self.dimensions[*index]
                    .condition
                    .iter()
                    .flat_map(Condition::words);
                let mut words = words.collect::<Vec<_>>().into_iter();
                words.any(|word| {
                    left.iter()
                        .any(|other| self.dimensions[*other].flag == word)
                })
            };
            let (waiting, next): (Vec<_>, Vec<_>) = left.iter().copied().partition(waits);
            if next.is_empty() {
                let flags: Vec<_> = left
                    .iter()
                    .map(|index| self.dimensions[*index].flag.as_str())
                    .collect();
                return Err(Error::Circle(flags.join(", ")));
            }
            order.extend(next);
            left = waiting;
        }
        Ok(order)
    }

    /// Whether any dimension has a condition, or there are constraints.
    pub(super) fn has_conditions(&self) -> bool {
        !self.constraints.is_empty()
            || self
                .dimensions
                .iter()
                .any(|dimension| dimension.condition.is_some())
    }

    /// The values that the first trial is to have.
    pub(super) fn initial_values(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.dimensions
            .iter()
            .filter_map(|dimension| Some((dimension.flag.as_str(), dimension.initial.as_ref()?)))
    }
}

/// The parts of `VALUES if CONDITION else VALUE`.
struct Conditional<'a> {
    values: &'a str,
    condition: &'a str,
    otherwise: Option<&'a str>,
}

impl<'a> Conditional<'a> {
    /// None for a text that has no condition behind values to be searched.
    fn of_text(text: &'a str) -> Option<Self> {
        let (values, rest) = split_at_word(text, " if ")?;
        let values = values.trim();
        if !values.ends_with(']') || !(values.starts_with('[') || is_function(values)) {
            return None;
        }
        let (condition, otherwise) = match split_at_word(rest, " else ") {
            Some((condition, otherwise)) => (condition, Some(otherwise.trim())),
            None => (rest, None),
        };
        Some(Self {
            values,
            condition,
            otherwise,
        })
    }
}

/// Splits at the first such word that is in no brackets and no quotes.
fn split_at_word<'a>(text: &'a str, word: &str) -> Option<(&'a str, &'a str)> {
    let mut depth = 0_usize;
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, '[' | '(') => depth += 1,
            (None, ']' | ')') => depth = depth.saturating_sub(1),
            (None, _) if depth == 0 && text[at..].starts_with(word) => {
                return Some((&text[..at], &text[at + word.len()..]));
            }
            _ => {}
        }
    }
    None
}

impl Dimension {
    /// The dimension that the value of a flag makes; none for a value that is not
    /// searched.
    ///
    /// # Errors
    /// As [`Space::of_flags`].
    pub fn of_value(flag: &str, value: &Value) -> Result<Option<Self>, Error> {
        let text = match value {
            Value::List(choices) => return Self::of_list(flag, choices).map(Some),
            Value::Str(text) => text,
            _ => return Ok(None),
        };
        if let Some(conditional) = Conditional::of_text(text) {
            let dimension = match decode(conditional.values) {
                Value::List(choices) => Self::of_list(flag, &choices)?,
                _ => match parse_function(conditional.values) {
                    Some(function) => Self::of_function(flag, &function)?,
                    None => return Ok(None),
                },
            };
            return Ok(Some(Self {
                condition: Some(Condition::parse(conditional.condition)?),
                otherwise: conditional.otherwise.map_or(Value::Null, decode),
                ..dimension
            }));
        }
        match parse_function(text) {
            Some(function) => Self::of_function(flag, &function).map(Some),
            None => Ok(None),
        }
    }

    fn of_list(flag: &str, choices: &[Value]) -> Result<Self, Error> {
        if choices.is_empty() {
            return Err(Error::NoChoices(flag.to_owned()));
        }
        Ok(Self::of_domain(flag, Domain::Choice(choices.to_vec())))
    }

    /// A flag with values of a domain, in all trials.
    pub fn of_domain(flag: &str, domain: Domain) -> Self {
        Self {
            flag: flag.to_owned(),
            domain,
            initial: None,
            condition: None,
            otherwise: Value::Null,
        }
    }

    /// The dimension of a function; `[a:b]` is a `uniform`.
    ///
    /// # Errors
    /// If the function is unknown or its arguments make no domain.
    pub fn of_function(flag: &str, function: &Function) -> Result<Self, Error> {
        let name = function.name.as_deref().unwrap_or("uniform");
        let read = match name {
            "uniform" => domain::uniform,
            "loguniform" => domain::log_uniform,
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
            initial: initial.filter(|value| !value.is_null()).cloned(),
            ..Self::of_domain(flag, domain)
        })
    }
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

    #[test]
    fn values_may_have_a_condition() {
        let dimension = of("uniform[0.0:1] if opt in [sgd, 'x if y']")
            .unwrap()
            .unwrap();
        assert_eq!(dimension.domain, real(0.0, 1.0, false));
        let condition = dimension.condition.unwrap();
        assert_eq!(condition.text(), "opt in [sgd, 'x if y']");
        assert_eq!(dimension.otherwise, Value::Null);

        let dimension = of("[2, 4] if layers > 1 else 1").unwrap().unwrap();
        let choices = Domain::Choice(vec![2.into(), 4.into()]);
        assert_eq!(dimension.domain, choices);
        assert_eq!(dimension.otherwise, 1.into());

        let dimension = of("[1:9:3] if true").unwrap().unwrap();
        assert_eq!(dimension.initial, Some(3.into()));

        for text in ["what if not", "2 if x", "a if [0:1]"] {
            assert_eq!(of(text).unwrap(), None, "{text}");
        }
        assert!(of("[1:2] if x ==").is_err());
    }

    #[test]
    fn conditions_do_not_name_each_other() {
        let space = |a: &str, b: &str| Space::of_flags(&Map::from_iter([("a", a), ("b", b)]));
        let order = space("[0:1] if b > 0", "[0:1]").unwrap().order();
        assert_eq!(order, Ok(vec![1, 0]));
        let error = space("[0:1] if b > 0", "[0:1] if a > 0").unwrap_err();
        assert_eq!(
            error.to_string(),
            "the conditions of flags a, b name each other"
        );
        assert!(space("[0:1] if a > 0", "1").is_err());
    }
}
