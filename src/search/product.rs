//! The trials of `+`: all combinations of listed values, or some of them drawn at
//! random as Guild AI draws them. Functions among the values are drawn once for
//! each trial.

use crate::base::yaml::{Map, Value};
use crate::flags::{parse_function, plain_text};

use super::python_random::{NumpyRandom, PythonRandom};
use super::random::skip_model;
use super::{Dimension, Error};

/// More trials than this are never listed.
const LIMIT: usize = 10_000_000;

/// Combinations of flag values.
#[derive(Debug)]
pub struct Product {
    rows: Vec<Row>,
}

/// The combinations of one map of flag values, by flag name. The last flag changes
/// first.
#[derive(Debug)]
struct Row(Vec<(String, Vec<Entry>)>);

#[derive(Debug)]
enum Entry {
    Value(Value),
    /// Drawn anew for each trial, but for the first if it has an initial value.
    Drawn(Box<Dimension>),
}

impl Product {
    /// The combinations of each row in turn: one map of flag values, or those of
    /// each row of batch files. A value that is not a list is its only one.
    ///
    /// # Errors
    /// If the arguments of a function make no dimension. Guild AI has a flag
    /// `dummy` in that message, and so has this.
    pub fn of_rows(rows: &[Map]) -> Result<Self, Error> {
        let rows = rows.iter().map(Row::of_flags).collect::<Result<_, _>>()?;
        Ok(Self { rows })
    }

    /// The number of combinations, `usize::MAX` if it is more.
    pub fn len(&self) -> usize {
        self.rows
            .iter()
            .map(Row::len)
            .fold(0, usize::saturating_add)
    }

    /// Whether there is no combination.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All trials in order, or `count` of them drawn at random if they are more,
    /// in order too.
    ///
    /// # Errors
    /// If they are too many to list.
    pub fn trials(&self, count: Option<usize>, seed: u64) -> Result<Vec<Map>, Error> {
        let all = self.len();
        let draws = self.rows.iter().any(Row::draws);
        let count = count.unwrap_or(all).min(all);
        if count > LIMIT || (draws && all > LIMIT) {
            return Err(Error::TooManyTrials(LIMIT));
        }
        let mut drawing = Drawing::new(seed);
        if count == all {
            return Ok((0..all)
                .map(|index| self.trial(index, &mut drawing))
                .collect());
        }
        let mut sample = PythonRandom::new(seed).sample(all as u64, count);
        sample.sort_unstable();
        let sample = sample.into_iter().map(|index| index as usize);
        if !draws {
            return Ok(sample
                .map(|index| self.trial(index, &mut drawing))
                .collect());
        }
        // What a trial draws depends on all before it, taken or not.
        let mut next = 0;
        let trials = sample.map(|index| {
            for skipped in next..index {
                self.trial(skipped, &mut drawing);
            }
            next = index + 1;
            self.trial(index, &mut drawing)
        });
        Ok(trials.collect())
    }

    /// The combination of an index below [`Product::len`].
    fn trial<'a>(&'a self, mut index: usize, drawing: &mut Drawing<'a>) -> Map {
        for row in &self.rows {
            match index.checked_sub(row.len()) {
                Some(rest) => index = rest,
                None => return row.trial(index, drawing),
            }
        }
        Map::new()
    }
}

impl Row {
    fn of_flags(flags: &Map) -> Result<Self, Error> {
        let mut row = Vec::new();
        for (name, value) in flags.iter() {
            if has_condition(value) {
                return Err(Error::Conditional(plain_text(name)));
            }
            let entries = match value {
                Value::List(values) => values.iter().map(Entry::of_value).collect(),
                _ => Entry::of_value(value).map(|entry| vec![entry]),
            };
            let name = plain_text(name);
            row.push((
                name.clone(),
                entries.map_err(|fault| name_flag(fault, name))?,
            ));
        }
        row.sort_by(|(a, _), (b, _)| a.cmp(b));
        Ok(Self(row))
    }

    fn len(&self) -> usize {
        self.0
            .iter()
            .map(|(_, entries)| entries.len())
            .fold(1, usize::saturating_mul)
    }

    fn draws(&self) -> bool {
        let is_drawn = |entry: &Entry| matches!(entry, Entry::Drawn(_));
        self.0
            .iter()
            .any(|(_, entries)| entries.iter().any(is_drawn))
    }

    fn trial<'a>(&'a self, mut index: usize, drawing: &mut Drawing<'a>) -> Map {
        let mut places = vec![0; self.0.len()];
        for (place, (_, entries)) in places.iter_mut().zip(&self.0).rev() {
            (index, *place) = (index / entries.len(), index % entries.len());
        }
        let values = self.0.iter().zip(places);
        values
            .map(|((name, entries), place)| (name.as_str(), drawing.value(&entries[place])))
            .collect()
    }
}

impl Entry {
    fn of_value(value: &Value) -> Result<Self, Error> {
        match value.as_str().and_then(parse_function) {
            Some(function) => Dimension::of_function("dummy", &function)
                .map(|dimension| Self::Drawn(Box::new(dimension))),
            None => Ok(Self::Value(value.clone())),
        }
    }
}

/// Whether these are values to be searched that have a condition.
fn has_condition(value: &Value) -> bool {
    // What is wrong with values is told where they are read.
    matches!(Dimension::of_value("", value), Ok(Some(dimension)) if dimension.condition.is_some())
}

/// Guild AI words only faults of arguments, with its own name for the flag.
fn name_flag(fault: Error, name: String) -> Error {
    match fault {
        Error::UnknownFunction { function, .. } => Error::UnknownFunction {
            function,
            flag: name,
        },
        Error::ArgumentCount { function, args, .. } => Error::ArgumentCount {
            function,
            args,
            flag: name,
        },
        fault => fault,
    }
}

/// The draws of one list of trials.
struct Drawing<'a> {
    random: NumpyRandom,
    /// The dimensions whose initial value was taken.
    begun: Vec<&'a Dimension>,
}

impl<'a> Drawing<'a> {
    fn new(seed: u64) -> Self {
        Self {
            random: NumpyRandom::new(seed),
            begun: Vec::new(),
        }
    }

    fn value(&mut self, entry: &'a Entry) -> Value {
        let dimension = match entry {
            Entry::Value(value) => return value.clone(),
            Entry::Drawn(dimension) => dimension,
        };
        if let Some(initial) = &dimension.initial {
            // Each of a list is a function of its own, even if two are written alike.
            if !self
                .begun
                .iter()
                .any(|begun| std::ptr::eq(*begun, &**dimension))
            {
                self.begun.push(dimension);
                return initial.clone();
            }
        }
        skip_model(&mut self.random);
        dimension.domain.draw(&mut self.random)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(to: i64) -> Value {
        Value::List((1..=to).map(Value::Int).collect())
    }

    fn trials(flags: &[(&str, Value)], count: Option<usize>) -> Vec<String> {
        let product = Product::of_rows(&[flags.iter().cloned().collect()]).unwrap();
        let trials = product.trials(count, 7).unwrap();
        let row = |trial: &Map| {
            let values: Vec<_> = trial.values().map(plain_text).collect();
            values.join(" ")
        };
        trials.iter().map(row).collect()
    }

    /// As Guild AI 0.9 prints them for `--random-seed 7`, on processors without
    /// AVX-512: with it, numpy has another last digit of some floats.
    #[test]
    fn trials_are_those_of_guild_ai() {
        let flags = [("y", numbers(6)), ("x", numbers(5)), ("z", 3.into())];
        assert_eq!(
            trials(&flags, Some(6)),
            ["1 2 3", "1 3 3", "1 5 3", "2 5 3", "3 1 3", "4 3 3"]
        );
        assert_eq!(trials(&flags, None).len(), 30);
        assert_eq!(trials(&flags, Some(31)).len(), 30);
        let flags = [
            ("x", numbers(2)),
            ("y", "uniform[1:10]".into()),
            ("z", "loguniform[1:100]".into()),
        ];
        let expected = ["1 5 4.344546516779314", "2 8 90.36058293737213"];
        assert_eq!(trials(&flags, None), expected);
        assert_eq!(trials(&flags, Some(1)), expected[1..]);
    }

    #[test]
    fn initial_values_come_first() {
        let flags = [("x", numbers(3)), ("y", "[1:10:5]".into())];
        assert_eq!(trials(&flags, None)[0], "1 5");
    }

    #[test]
    fn faults_are_named() {
        let fault = |value: &str| {
            let flags = Map::from_iter([("x", value)]);
            Product::of_rows(&[flags]).unwrap_err().to_string()
        };
        assert_eq!(
            fault("loguniform[4:1]"),
            "invalid function args in 'dummy=loguniform[4:1]': \
             the lower bound 4 has to be less than the upper bound 1"
        );
        assert_eq!(fault("f[1:2]"), "unknown function 'f' used for flag x");
        assert_eq!(
            fault("[1:2] if a == b"),
            "the values of flag x have a condition, which lists of trials cannot have: \
             use the optimizer grid or random"
        );
    }

    #[test]
    fn many_combinations_are_sampled_and_not_listed() {
        let flags: Map = ('a'..='z')
            .map(|name| (name.to_string(), numbers(9)))
            .collect();
        let product = Product::of_rows(&[flags]).unwrap();
        assert_eq!(product.trials(Some(3), 1).unwrap().len(), 3);
        assert!(product.trials(None, 1).is_err());
    }

    #[test]
    fn an_empty_list_makes_no_trials() {
        let flags = [("x", numbers(0)), ("y", numbers(2))];
        assert!(trials(&flags, None).is_empty());
    }
}
