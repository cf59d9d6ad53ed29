//! Values at random, each trial without regard to the others: the trials that
//! Guild AI's `random` has for the same seed.

use crate::base::yaml::Map;

use super::python_random::NumpyRandom;
use super::units::Units;
use super::{Error, Observation, Sampler, Suggestion};

/// So many draws in turn may break a constraint before the search gives up.
const TRIES: usize = 100_000;

/// The sampler `random`.
#[derive(Debug)]
pub(super) struct Random {
    units: Units,
    random: NumpyRandom,
    seed: u64,
    suggested: usize,
}

impl Random {
    /// The sampler of a seed after `nth` trials.
    pub fn new(units: Units, seed: u64, nth: usize) -> Result<Self, Error> {
        let mut sampler = Self {
            units,
            random: generator(seed),
            seed,
            suggested: 0,
        };
        while sampler.suggested < nth {
            sampler.draw()?;
        }
        Ok(sampler)
    }

    fn draw(&mut self) -> Result<Map, Error> {
        for _ in 0..TRIES {
            let random = &mut self.random;
            let dimensions = self.units.space().dimensions.iter();
            let values = dimensions
                .map(|dimension| (dimension.flag.as_str(), dimension.domain.draw(random)))
                .collect();
            let values = self.units.complete(values);
            if self.units.allows(&values) {
                self.suggested += 1;
                return Ok(values);
            }
        }
        Err(Error::Constraints(self.units.constraints()))
    }
}

impl Sampler for Random {
    fn suggest(&mut self, _past: &[Observation]) -> Result<Suggestion, Error> {
        let mut values = self.draw()?;
        let mut why = format!("drawn at random (seed {})", self.seed);
        if self.suggested == 1 && self.units.with_initial(&mut values) {
            why.push_str(", with the initial values that the flags name");
        }
        Ok(Suggestion { values, why })
    }
}

/// The generator of one minimisation of scikit-optimize, which first draws the
/// seed of a model that random trials do not have.
fn generator(seed: u64) -> NumpyRandom {
    let mut random = NumpyRandom::new(seed);
    skip_model(&mut random);
    random
}

/// Draws the seed of the model that each minimisation of scikit-optimize has.
pub(super) fn skip_model(random: &mut NumpyRandom) {
    random.integer(0, i64::from(i32::MAX) - 1);
}

#[cfg(test)]
mod tests {
    use super::super::{Space, sampler};
    use super::*;
    use crate::base::yaml::Value;

    fn trials(flags: &[(&str, Value)], seed: u64, nth: usize, count: usize) -> Vec<Map> {
        let space = Space::of_flags(&flags.iter().cloned().collect()).unwrap();
        let mut sampler = sampler("random", &Map::new(), &space, seed, nth).unwrap();
        (0..count)
            .map(|_| sampler.suggest(&[]).unwrap().values)
            .collect()
    }

    /// The table of trials with their values as Python writes them.
    fn table(trials: &[Map]) -> Vec<String> {
        trials
            .iter()
            .map(|trial| {
                let values: Vec<_> = trial.values().map(crate::flags::plain_text).collect();
                values.join(" ")
            })
            .collect()
    }

    fn letters() -> Value {
        Value::List(vec!["a".into(), "b".into(), "c".into()])
    }

    /// As Guild AI 0.9 prints them for `--random-seed 7`, on processors without
    /// AVX-512: with it, numpy has another last digit of some floats.
    #[test]
    fn trials_are_those_of_guild_ai() {
        let flags = [
            ("z", letters()),
            ("x", "[1:10]".into()),
            ("y", "loguniform[1e-4:1]".into()),
        ];
        let expected = [
            "5 0.13172711156111822 b",
            "8 0.006642623740593297 a",
            "8 0.010103732850016282 a",
            "9 0.009989183779852147 c",
            "8 0.003340138940215422 a",
        ];
        let all = trials(&flags, 7, 0, 5);
        assert_eq!(table(&all), expected);
        assert_eq!(trials(&flags, 7, 3, 2), all[3..]);

        let flags = [("x", "uniform[1:10:3]".into()), ("y", "[0.5:1]".into())];
        let expected = [
            "3 0.8899593961200574",
            "4 0.9891114485392913",
            "8 0.9889947559983014",
        ];
        assert_eq!(table(&trials(&flags, 7, 0, 3)), expected);
    }
}
