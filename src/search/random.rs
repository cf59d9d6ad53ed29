//! Values at random, each trial without regard to the others: the trials that
//! Guild AI's `random` has for the same seed.

use crate::base::yaml::Map;

use super::python_random::NumpyRandom;
use super::{Error, Observation, Sampler, Space, Suggestion};

/// The sampler `random`.
#[derive(Debug)]
pub(super) struct Random {
    space: Space,
    random: NumpyRandom,
    seed: u64,
    suggested: usize,
}

impl Random {
    /// The sampler of a seed after `nth` trials.
    pub fn new(space: Space, seed: u64, nth: usize) -> Self {
        let mut sampler = Self {
            space,
            random: generator(seed),
            seed,
            suggested: 0,
        };
        while sampler.suggested < nth {
            sampler.draw();
        }
        sampler
    }

    fn draw(&mut self) -> Map {
        self.suggested += 1;
        let random = &mut self.random;
        self.space
            .dimensions
            .iter()
            .map(|dimension| (dimension.flag.as_str(), dimension.domain.draw(random)))
            .collect()
    }
}

impl Sampler for Random {
    fn suggest(&mut self, _past: &[Observation]) -> Result<Suggestion, Error> {
        let mut values = self.draw();
        let mut why = format!("drawn at random (seed {})", self.seed);
        if self.suggested == 1 && self.space.initial_values().next().is_some() {
            values.extend(
                self.space
                    .initial_values()
                    .map(|(flag, value)| (flag, value.clone())),
            );
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
    use super::super::sampler;
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
