//! What the event files of a run tell of each of its scalars.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::index::Entry;
use super::{Error, key, shown_prefix};
use crate::base::yaml::Value;
use crate::query::Which;

/// A value of a scalar, and its step.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// The value.
    pub value: f64,
    /// The step.
    pub step: i64,
}

/// A scalar over all its steps.
#[derive(Debug, Clone, PartialEq)]
pub struct ScalarSummary {
    /// The folder of the event files relative to the run directory.
    pub prefix: String,
    /// The name in the event files.
    pub tag: String,
    /// The value of the lowest step, the first one written.
    pub first: Point,
    /// The value of the highest step, the last one written.
    pub last: Point,
    /// The lowest value, the first one written. As a number that is none is
    /// neither lower nor higher, it stays if it came first.
    pub min: Point,
    /// The highest value, likewise.
    pub max: Point,
    /// The sum of all values.
    pub total: f64,
    /// How many values there are, at least one.
    pub count: u64,
}

impl ScalarSummary {
    /// The mean of all values.
    pub fn avg(&self) -> f64 {
        self.total / self.count as f64
    }

    /// Which of its values, or with `step` that value's step. What is over all
    /// steps has their number for a step.
    pub fn value(&self, which: Which, step: bool) -> Value {
        let count = || Value::Int(i64::try_from(self.count).unwrap_or(i64::MAX));
        let point = match which {
            Which::First => self.first,
            Which::Last => self.last,
            Which::Min => self.min,
            Which::Max => self.max,
            Which::Avg if !step => return Value::Float(self.avg()),
            Which::Total if !step => return Value::Float(self.total),
            Which::Avg | Which::Total | Which::Count => return count(),
        };
        if step {
            Value::Int(point.step)
        } else {
            Value::Float(point.value)
        }
    }

    /// The name as shown to users: `loss`, or `logs/train#loss`.
    pub fn key(&self) -> String {
        key(&self.prefix, &self.tag)
    }
}

/// The scalars of the run in `run_dir`, by prefix and tag. What cannot be read
/// is handed to `warn`, and the rest read all the same.
pub fn summaries(run_dir: &Path, warn: &mut dyn FnMut(Error)) -> Vec<ScalarSummary> {
    let mut problems = Vec::new();
    let entry = Entry::read(run_dir, None, &mut problems);
    problems.into_iter().for_each(&mut *warn);
    entry.warn_of_damage(run_dir, warn);
    entry.scalars()
}

/// The scalars under the names that users know, in the order they are shown:
/// first those without a prefix. A scalar from output hides one of the same name
/// in the run directory itself, which comes before it in `summaries`.
pub fn by_key(summaries: Vec<ScalarSummary>) -> Vec<(String, ScalarSummary)> {
    let mut shown = BTreeMap::new();
    for summary in summaries {
        let prefix = shown_prefix(&summary.prefix).to_string();
        shown.insert((prefix, summary.tag.clone()), summary);
    }
    let shown = shown.into_values();
    shown.map(|summary| (summary.key(), summary)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::files;
    use crate::tfevents::Writer;

    fn write(path: &Path, scalars: &[(&str, i64, f64)]) {
        files::create_dir_all(path.parent().unwrap()).unwrap();
        let mut writer = Writer::new(files::create(path).unwrap()).unwrap();
        for (tag, step, value) in scalars {
            writer.scalar(tag, *step, *value, 0.0).unwrap();
        }
    }

    fn all(dir: &Path) -> Vec<ScalarSummary> {
        summaries(dir, &mut |error| panic!("{error}"))
    }

    fn point(value: f64, step: i64) -> Point {
        Point { value, step }
    }

    #[test]
    fn a_summary_tells_first_last_lowest_and_highest() {
        let dir = tempfile::tempdir().unwrap();
        let ties = [
            ("ties", 1, 1.0),
            ("ties", 1, 2.0),
            ("ties", 1, 0.5),
            ("ties", -4, 3.0),
            ("ties", -5, 3.0),
        ];
        write(&dir.path().join("e.tfevents.1"), &ties);
        let found = all(dir.path());
        assert_eq!(found.len(), 1);
        let summary = &found[0];
        assert_eq!(summary.key(), "ties");
        assert_eq!(summary.first, point(3.0, -5));
        assert_eq!(summary.last, point(0.5, 1));
        assert_eq!(summary.min, point(0.5, 1));
        assert_eq!(summary.max, point(3.0, -4));
        assert_eq!((summary.avg(), summary.total, summary.count), (1.9, 9.5, 5));
    }

    #[test]
    fn a_summary_has_values_of_several_kinds() {
        let summary = ScalarSummary {
            prefix: String::new(),
            tag: "loss".to_string(),
            first: point(3.0, 1),
            last: point(2.0, 9),
            min: point(1.0, 5),
            max: point(3.0, 1),
            total: 6.0,
            count: 3,
        };
        for (which, step, expected) in [
            (Which::Last, false, Value::Float(2.0)),
            (Which::First, false, Value::Float(3.0)),
            (Which::Min, true, Value::Int(5)),
            (Which::Max, false, Value::Float(3.0)),
            (Which::Avg, false, Value::Float(2.0)),
            (Which::Total, false, Value::Float(6.0)),
            (Which::Count, false, Value::Int(3)),
            (Which::Total, true, Value::Int(3)),
        ] {
            assert_eq!(summary.value(which, step), expected, "{which:?} {step}");
        }
    }

    #[test]
    fn what_is_no_number_stays_lowest_and_highest_if_it_came_first() {
        let dir = tempfile::tempdir().unwrap();
        let scalars = [
            ("early", 1, f64::NAN),
            ("early", 1, 3.0),
            ("late", 1, 3.0),
            ("late", 1, f64::NAN),
        ];
        write(&dir.path().join("e.tfevents.1"), &scalars);
        let [early, late] = &all(dir.path())[..] else {
            panic!("two scalars");
        };
        assert!(early.min.value.is_nan() && early.max.value.is_nan() && early.total.is_nan());
        assert_eq!(early.last, point(3.0, 1));
        assert_eq!((late.min, late.max), (point(3.0, 1), point(3.0, 1)));
        assert!(late.last.value.is_nan() && late.avg().is_nan());
    }

    #[test]
    fn files_of_a_folder_are_one_and_folders_are_apart() {
        let dir = tempfile::tempdir().unwrap();
        write(
            &dir.path().join(".guild/e.tfevents.1"),
            &[("loss", 0, 0.0), ("loss", 1, 0.001)],
        );
        write(
            &dir.path().join(".guild/e.tfevents.2"),
            &[("acc", 0, 2.0), ("loss", 1, 4.0)],
        );
        write(
            &dir.path().join("logs/train/e.tfevents.1"),
            &[("loss", 0, 1.0)],
        );
        write(&dir.path().join("e.tfevents.1"), &[("loss", 7, 1.0)]);
        let found = all(dir.path());
        let told: Vec<_> = found.iter().map(|it| (it.key(), it.last)).collect();
        let expected = [
            ("loss".to_string(), point(1.0, 7)),
            ("acc".to_string(), point(2.0, 0)),
            ("loss".to_string(), point(4.0, 1)),
            ("logs/train#loss".to_string(), point(1.0, 0)),
        ];
        assert_eq!(told, expected);
        let shown = by_key(found.clone());
        let shown: Vec<_> = shown
            .iter()
            .map(|(key, it)| (&key[..], it.last.value))
            .collect();
        assert_eq!(
            shown,
            [("acc", 2.0), ("loss", 4.0), ("logs/train#loss", 1.0)]
        );
        assert_eq!(found[2].total, 4.001_000_000_047_497_5);
    }

    #[test]
    fn a_damaged_file_is_read_as_far_as_possible() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("e.tfevents.1");
        write(&path, &[("a", 0, 1.0), ("b", 0, 1.0)]);
        let mut bytes = files::read(&path).unwrap();
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        std::fs::write(&path, &bytes).unwrap();
        write(&dir.path().join("f.tfevents.1"), &[("c", 0, 1.0)]);
        let mut problems = Vec::new();
        let found = summaries(dir.path(), &mut |error| problems.push(error.to_string()));
        let tags: Vec<_> = found.iter().map(|it| &it.tag[..]).collect();
        assert_eq!(tags, ["a", "c"]);
        assert_eq!(problems.len(), 1);
        assert!(problems[0].contains("e.tfevents.1"), "{problems:?}");
    }

    #[test]
    fn a_file_being_written_is_no_problem() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("e.tfevents.1");
        write(&path, &[("a", 0, 1.0), ("b", 0, 1.0)]);
        let bytes = files::read(&path).unwrap();
        std::fs::write(&path, &bytes[..bytes.len() - 3]).unwrap();
        assert_eq!(all(dir.path()).len(), 1);
    }
}
