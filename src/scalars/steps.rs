//! The step that the values of a line belong to.

use std::collections::{BTreeMap, HashSet};

/// The key whose value is the step of the others.
const STEP: &str = "step";

/// Counts steps over the lines of a run's output.
///
/// A step that is told counts from then on. Before, a line with a key that the
/// step has a value of already begins the next one.
#[derive(Debug, Default)]
pub(super) struct Steps {
    told: Option<i64>,
    implied: i64,
    seen: HashSet<String>,
}

impl Steps {
    /// The step of what one line gave; takes `step` out of it.
    pub(super) fn of(&mut self, values: &mut BTreeMap<String, f64>) -> i64 {
        if let Some(step) = values.remove(STEP).and_then(whole) {
            self.told = Some(step);
        }
        self.told.unwrap_or_else(|| self.imply(values))
    }

    fn imply(&mut self, values: &BTreeMap<String, f64>) -> i64 {
        if values.keys().any(|key| self.seen.contains(key)) {
            self.implied += 1;
            self.seen.clear();
        }
        self.seen.extend(values.keys().cloned());
        self.implied
    }
}

/// The number without its fraction, if that is a step at all.
fn whole(number: f64) -> Option<i64> {
    let range = i64::MIN as f64..-(i64::MIN as f64);
    range.contains(&number).then_some(number as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(lines: &[&[(&str, f64)]]) -> Vec<i64> {
        let mut steps = Steps::default();
        let mut step = |line: &[(&str, f64)]| {
            let entries = line.iter().map(|(key, value)| (key.to_string(), *value));
            steps.of(&mut entries.collect())
        };
        lines.iter().map(|line| step(line)).collect()
    }

    fn keys(keys: &str) -> Vec<i64> {
        let lines: Vec<_> = keys.split(' ').map(|key| [(key, 0.0)]).collect();
        let lines: Vec<_> = lines.iter().map(|line| &line[..]).collect();
        steps(&lines)
    }

    #[test]
    fn a_key_that_comes_again_begins_a_step() {
        assert_eq!(keys("a b a b c a"), [0, 0, 1, 1, 1, 2]);
        assert_eq!(keys("p q q p q q"), [0, 0, 1, 1, 2, 3]);
        assert_eq!(
            steps(&[
                &[("a", 0.0), ("b", 0.0)],
                &[("c", 0.0), ("b", 0.0)],
                &[("a", 0.0)]
            ]),
            [0, 1, 1]
        );
    }

    #[test]
    fn a_step_that_is_told_ends_counting() {
        let lines: &[&[(&str, f64)]] = &[
            &[("p", 1.0)],
            &[("p", 2.0)],
            &[("q", 5.0), ("step", 40.0)],
            &[("p", 3.0)],
            &[("step", -3.7)],
            &[("p", 6.0)],
        ];
        assert_eq!(steps(lines), [0, 1, 40, 40, -3, -3]);
    }

    #[test]
    fn what_is_no_whole_number_is_no_step() {
        for step in [f64::NAN, f64::INFINITY, 1e19, -1e300] {
            assert_eq!(
                steps(&[&[("step", step)], &[("a", 0.0)], &[("a", 0.0)]]),
                [0, 0, 1]
            );
            assert_eq!(
                steps(&[&[("step", 2.0)], &[("step", step)], &[("a", 0.0)]]),
                [2, 2, 2]
            );
        }
    }
}
