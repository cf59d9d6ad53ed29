//! All combinations of values, one after the other; the last flag changes first.
//! Choices and integers are gone through, but for long ranges, of which and of
//! floats only some values are taken, evenly spread from bound to bound.

use super::settings::Settings;
use super::units::{Point, Units};
use super::{Error, Observation, Sampler, Suggestion};

/// So many combinations in turn may break a constraint before the search gives up.
const TRIES: usize = 1_000_000;

/// The sampler `grid`.
#[derive(Debug)]
pub(super) struct Grid {
    units: Units,
    /// The coordinates on each axis.
    levels: Vec<Vec<f64>>,
    /// Which of them the next combination has; none after the last one.
    next: Option<Vec<usize>>,
    suggested: usize,
}

impl Grid {
    /// The sampler after `nth` trials. The setting `levels` is the number of values
    /// that are taken of floats, and of integers at the most.
    pub fn new(units: Units, settings: Settings<'_>, nth: usize) -> Result<Self, Error> {
        let count = settings.count("levels", 5)?.max(1);
        let mut sampler = Self {
            levels: (0..units.len())
                .map(|axis| levels(&units, axis, count))
                .collect(),
            next: Some(vec![0; units.len()]),
            units,
            suggested: 0,
        };
        while sampler.suggested < nth {
            sampler.suggest(&[])?;
        }
        Ok(sampler)
    }

    /// Goes on to the next combination.
    fn step(&mut self) {
        let Some(next) = &mut self.next else { return };
        for (place, levels) in next.iter_mut().zip(&self.levels).rev() {
            *place += 1;
            if *place < levels.len() {
                return;
            }
            *place = 0;
        }
        self.next = None;
    }
}

impl Sampler for Grid {
    fn suggest(&mut self, _past: &[Observation]) -> Result<Suggestion, Error> {
        for _ in 0..TRIES {
            let Some(next) = self.next.clone() else {
                return Err(Error::Exhausted(self.suggested));
            };
            self.step();
            let levels = self.levels.iter().zip(&next);
            let point: Point = levels.map(|(levels, place)| levels[*place]).collect();
            let values = self.units.values(&point);
            // Flags without a use are to make no more trials.
            let is_first = self.units.place(&values).is_some_and(|place| {
                place
                    .iter()
                    .zip(&next)
                    .all(|(at, level)| at.is_some() || *level == 0)
            });
            if is_first && self.units.allows(&values) {
                self.suggested += 1;
                let why = format!("combination {} of the grid", self.suggested);
                return Ok(Suggestion { values, why });
            }
        }
        Err(Error::Constraints(self.units.constraints()))
    }
}

fn levels(units: &Units, axis: usize, count: usize) -> Vec<f64> {
    if let Some(choices) = units.choices(axis) {
        return (0..choices).map(|index| index as f64).collect();
    }
    match units.levels(axis) {
        Some(all) if all <= count as u64 => {
            let part = |index: u64| (index as f64 + 0.5) / all as f64;
            (0..all)
                .map(|index| units.snap(axis, part(index)))
                .collect()
        }
        _ if count == 1 => vec![0.5],
        _ => (0..count)
            .map(|index| index as f64 / (count - 1) as f64)
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::units;
    use super::*;
    use crate::base::yaml::Map;
    use crate::flags::plain_text;

    fn all(flags: &[(&str, &str)], settings: &[(&str, i64)], nth: usize) -> Vec<String> {
        let settings: Map = settings.iter().copied().collect();
        let mut grid = Grid::new(units(flags), Settings(&settings), nth).unwrap();
        let mut all = Vec::new();
        while let Ok(suggestion) = grid.suggest(&[]) {
            let values: Vec<_> = suggestion.values.values().map(plain_text).collect();
            all.push(values.join(" "));
        }
        assert_eq!(grid.suggest(&[]), Err(Error::Exhausted(all.len() + nth)));
        all
    }

    #[test]
    fn combinations_come_in_order() {
        let flags = [("a", "[x,y]"), ("b", "[1:3]"), ("c", "1")];
        let expected = ["x 1", "x 2", "x 3", "y 1", "y 2", "y 3"];
        assert_eq!(all(&flags, &[], 0), expected);
        assert_eq!(all(&flags, &[], 4), expected[4..]);
    }

    #[test]
    fn ranges_are_spread() {
        assert_eq!(
            all(&[("a", "[0.0:1]")], &[("levels", 3)], 0),
            ["0.0", "0.5", "1.0"]
        );
        assert_eq!(all(&[("a", "[1:100]")], &[("levels", 2)], 0), ["1", "100"]);
        let logs = all(&[("a", "loguniform[1:100]")], &[("levels", 3)], 0);
        assert_eq!(logs, ["1.0", "10.000000000000002", "100.0"]);
    }

    #[test]
    fn flags_without_a_use_make_no_more_trials() {
        let flags = [("a", "[x,y]"), ("b", "[1,2,3] if a == x else 0")];
        assert_eq!(all(&flags, &[], 0), ["x 1", "x 2", "x 3", "y 0"]);
    }
}
