//! What the trials of a batch are to be, and how they are found.

use super::Error;
use crate::base::yaml::{Map, Value};
use crate::flags::{self, Shorten};
use crate::op::values::FlagValues;
use crate::opref::OpRef;
use crate::runs::{self, Run};
use crate::search::{self, Product, Space};

/// How many trials a search has where nothing says.
pub const DEFAULT_MAX_TRIALS: u64 = 20;

/// The samplers that need no results.
const DRAWN: [&str; 3] = ["grid", "random", "sobol"];

/// The one of them that comes to an end by itself.
const GRID: &str = "grid";

/// More trials than these are not made in advance.
const MAX_DRAWN: usize = 1_000_000;

/// How the values of trials are found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Method {
    /// Each combination of values is a trial.
    Product,
    /// The sampler of this name chooses, without regard to results.
    Drawn(String),
    /// The sampler of this name chooses, by what the trials before came to.
    Sequential(String),
}

impl Method {
    /// The method of the batch operation `opref`; none where the operation is a
    /// program of the user's, which finds values itself.
    pub fn of(opref: &OpRef) -> Option<Self> {
        if opref.kind != "builtin" {
            return None;
        }
        match opref.op.as_str() {
            "+" => Some(Self::Product),
            name if DRAWN.contains(&name) => Some(Self::Drawn(name.to_string())),
            name => Some(Self::Sequential(name.to_string())),
        }
    }
}

/// What the proto of a batch says of its trials.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Wanted {
    /// The values of flags, of which those in lists and by functions are for trials
    /// to choose from.
    pub flags: Map,
    /// The values of each trial, where files say them. They go before `flags`.
    pub trials: Vec<Map>,
    /// The values that the user typed, which go before both.
    pub user: Map,
}

impl Wanted {
    /// What flag values ask for.
    pub fn of_values(values: &FlagValues) -> Self {
        Self {
            flags: values.all.clone(),
            trials: values.trials.clone(),
            user: values.user.clone(),
        }
    }

    /// What `proto` asks for.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn of_proto(proto: &Run) -> runs::Result<Self> {
        let map = |value: Option<Value>| match value {
            Some(Value::Map(map)) => map,
            _ => Map::new(),
        };
        let trials = proto.attr("trials")?;
        let trials = trials.as_ref().and_then(Value::as_list).unwrap_or_default();
        Ok(Self {
            flags: map(proto.attr("flags")?),
            trials: trials.iter().filter_map(Value::as_map).cloned().collect(),
            user: map(proto.attr("user_flags")?),
        })
    }

    /// The values of all trials by a method that needs no results, `most` at the
    /// most, where the optimizer has the flags `settings`. None for one that does.
    ///
    /// # Errors
    /// There is nothing to choose from, or it makes no sense.
    pub fn trials(
        &self,
        method: &Method,
        settings: &Map,
        most: Option<u64>,
        seed: u64,
    ) -> Result<Option<Vec<Map>>, Error> {
        let count = |most: u64| usize::try_from(most).unwrap_or(usize::MAX);
        match method {
            Method::Product => Ok(Some(self.product()?.trials(most.map(count), seed)?)),
            Method::Drawn(name) => {
                let default = match name.as_str() {
                    GRID => None,
                    _ => Some(DEFAULT_MAX_TRIALS),
                };
                let count = most.or(default).map(count);
                self.drawn(name, settings, count, seed).map(Some)
            }
            Method::Sequential(_) => Ok(None),
        }
    }

    /// How many trials the combinations of values make, `most` at the most.
    ///
    /// # Errors
    /// The values make no sense.
    pub fn count(&self, most: Option<u64>) -> Result<u64, Error> {
        let count = self.product()?.len() as u64;
        Ok(most.map_or(count, |most| count.min(most)))
    }

    /// The flags that are searched.
    ///
    /// # Errors
    /// There are none, or their values make no sense.
    pub fn space(&self) -> Result<Space, Error> {
        let space = Space::of_flags(&self.flags)?;
        match space.dimensions.is_empty() {
            true => Err(Error::NoDimensions(
                flags::assignments(&self.flags, Shorten::default()).join(", "),
            )),
            false => Ok(space),
        }
    }

    /// The flags of a trial with the `values` that were chosen.
    pub fn with_values(&self, values: &Map) -> Map {
        let mut all = self.flags.clone();
        for (name, value) in values.iter() {
            all.insert(name.clone(), value.clone());
        }
        all
    }

    fn product(&self) -> Result<Product, Error> {
        if self.trials.is_empty() {
            return Ok(Product::of_rows(std::slice::from_ref(&self.flags))?);
        }
        let merged = |trial: &Map| {
            let mut all = self.with_values(trial);
            for (name, value) in self.user.iter() {
                all.insert(name.clone(), value.clone());
            }
            all
        };
        let rows: Vec<Map> = self.trials.iter().map(merged).collect();
        Ok(Product::of_rows(&rows)?)
    }

    fn drawn(
        &self,
        name: &str,
        settings: &Map,
        count: Option<usize>,
        seed: u64,
    ) -> Result<Vec<Map>, Error> {
        let space = self.space()?;
        let mut sampler = search::sampler(name, settings, &space, seed, 0)?;
        let mut trials = Vec::new();
        while count.is_none_or(|count| trials.len() < count) {
            if trials.len() == MAX_DRAWN {
                return Err(search::Error::TooManyTrials(MAX_DRAWN).into());
            }
            match sampler.suggest(&[]) {
                Ok(suggestion) => trials.push(self.with_values(&suggestion.values)),
                Err(search::Error::Exhausted(_)) => break,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(trials)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(entries: &[(&str, Value)]) -> Map {
        entries.iter().cloned().collect()
    }

    fn shown(wanted: &Wanted) -> Vec<String> {
        let trials = wanted
            .trials(&Method::Product, &Map::new(), None, 1)
            .unwrap()
            .unwrap();
        let line = |trial: &Map| flags::assignments(trial, Shorten::default()).join(" ");
        trials.iter().map(line).collect()
    }

    #[test]
    fn typed_values_go_before_files_and_files_before_defaults() {
        let wanted = Wanted {
            flags: map(&[("x", 1.into()), ("y", 2.into()), ("z", 3.into())]),
            trials: vec![map(&[("x", 10.into())]), map(&[("y", 20.into())])],
            user: map(&[("z", Value::List(vec![5.into(), 6.into()]))]),
        };
        assert_eq!(
            shown(&wanted),
            [
                "x=10 y=2 z=5",
                "x=10 y=2 z=6",
                "x=1 y=20 z=5",
                "x=1 y=20 z=6"
            ]
        );
        assert_eq!(wanted.count(None).unwrap(), 4);
        assert_eq!(wanted.count(Some(3)).unwrap(), 3);
    }

    #[test]
    fn a_search_needs_something_to_search() {
        let wanted = Wanted {
            flags: map(&[("x", 1.into())]),
            ..Wanted::default()
        };
        let message = wanted.space().unwrap_err().to_string();
        assert!(
            message.starts_with("flags for batch (x=1) do not"),
            "{message}"
        );
        let drawn = Wanted {
            flags: map(&[("x", "[1:9]".into()), ("y", 2.into())]),
            ..Wanted::default()
        };
        let trials = |name: &str, most| {
            let method = Method::Drawn(name.to_string());
            let trials = drawn.trials(&method, &Map::new(), most, 1);
            trials.unwrap().unwrap()
        };
        assert_eq!(trials("grid", None).len(), 5);
        assert_eq!(trials("sobol", Some(3)).len(), 3);
        let trials = trials("random", None);
        assert_eq!(trials.len(), 20);
        assert!(trials.iter().all(|trial| trial.get("y") == Some(&2.into())));
    }
}
