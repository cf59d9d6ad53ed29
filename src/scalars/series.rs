//! The values of scalars over time, few enough to draw however many there are.

use std::collections::BTreeMap;
use std::path::Path;

use super::{Error, event_dirs, key, shown_prefix};
use crate::tfevents::Data;

/// How many groups of neighbours a scalar is drawn from at the most. A chart has
/// fewer points from left to right than that.
const MAX_GROUPS: usize = 2048;

/// A value of a scalar, and when it was.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// The step.
    pub step: i64,
    /// Seconds since the epoch; 0 where the writer told none.
    pub wall_time: f64,
    /// The value, a finite number.
    pub value: f64,
}

/// A scalar over its steps.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// The folder of the event files relative to the run directory.
    pub prefix: String,
    /// The name in the event files.
    pub tag: String,
    /// Its values by step. Of very many, the lowest and the highest of each group
    /// of neighbours.
    pub samples: Vec<Sample>,
    /// How many values there are that are no finite number, which `samples` leaves
    /// out.
    pub not_finite: u64,
}

impl Series {
    /// The name as shown to users: `loss`, or `logs/train#loss`.
    pub fn key(&self) -> String {
        key(&self.prefix, &self.tag)
    }
}

/// The scalars of the run in `run_dir` whose names, as shown to users, `wanted`
/// takes, in the order they are shown. What cannot be read is handed to `warn`,
/// and the rest read all the same. Memory does not grow with the number of values.
pub fn series(
    run_dir: &Path,
    wanted: &dyn Fn(&str) -> bool,
    warn: &mut dyn FnMut(Error),
) -> Vec<Series> {
    let mut dirs = event_dirs::event_dirs(run_dir, warn);
    dirs.sort_by(|a, b| a.prefix.cmp(&b.prefix));
    let mut shown = BTreeMap::new();
    for dir in dirs {
        // None for a name that is not wanted.
        let mut by_tag: BTreeMap<String, Option<Thinned>> = BTreeMap::new();
        for file in &dir.files {
            let read = event_dirs::read(file, |event| {
                for value in event.values() {
                    let Data::Scalar(number) = value.data else {
                        continue;
                    };
                    if !by_tag.contains_key(&*value.tag) {
                        let is_wanted = wanted(&key(&dir.prefix, &value.tag));
                        let thinned = is_wanted.then(Thinned::default);
                        by_tag.insert(value.tag.to_string(), thinned);
                    }
                    if let Some(Some(thinned)) = by_tag.get_mut(&*value.tag) {
                        thinned.add(Sample {
                            step: event.step,
                            wall_time: event.wall_time,
                            value: number,
                        });
                    }
                }
            });
            if let Err(error) = read {
                warn(error);
            }
        }
        for (tag, thinned) in by_tag {
            if let Some(thinned) = thinned {
                // What came from output hides a scalar of the same name in the run
                // directory itself, as everywhere.
                let place = (shown_prefix(&dir.prefix).to_string(), tag.clone());
                shown.insert(place, thinned.into_series(&dir.prefix, tag));
            }
        }
    }
    shown.into_values().collect()
}

/// Neighbours of which only the extremes are kept.
#[derive(Debug, Clone, Copy)]
struct Group {
    low: Sample,
    high: Sample,
    size: u64,
}

impl Group {
    fn of(sample: Sample) -> Self {
        Self {
            low: sample,
            high: sample,
            size: 1,
        }
    }

    fn take(&mut self, other: Self) {
        if other.low.value < self.low.value {
            self.low = other.low;
        }
        if other.high.value > self.high.value {
            self.high = other.high;
        }
        self.size += other.size;
    }
}

/// Values as they come, thinned where there are too many.
#[derive(Debug)]
struct Thinned {
    groups: Vec<Group>,
    /// How many values a group has that is full.
    group_size: u64,
    not_finite: u64,
}

impl Default for Thinned {
    fn default() -> Self {
        Self {
            groups: Vec::new(),
            group_size: 1,
            not_finite: 0,
        }
    }
}

impl Thinned {
    fn add(&mut self, sample: Sample) {
        if !sample.value.is_finite() {
            self.not_finite += 1;
            return;
        }
        match self.groups.last_mut() {
            Some(last) if last.size < self.group_size => last.take(Group::of(sample)),
            _ => {
                if self.groups.len() == MAX_GROUPS {
                    self.halve();
                }
                self.groups.push(Group::of(sample));
            }
        }
    }

    fn halve(&mut self) {
        let pairs = self.groups.chunks(2).map(|pair| {
            let mut group = pair[0];
            pair[1..].iter().for_each(|other| group.take(*other));
            group
        });
        self.groups = pairs.collect();
        self.group_size *= 2;
    }

    fn into_series(self, prefix: &str, tag: String) -> Series {
        let mut samples = Vec::with_capacity(self.groups.len());
        for Group { low, high, .. } in self.groups {
            samples.push(low);
            if high != low {
                samples.push(high);
            }
        }
        // Stable: values of one step stay as they came.
        samples.sort_by_key(|sample| sample.step);
        Series {
            prefix: prefix.to_string(),
            tag,
            samples,
            not_finite: self.not_finite,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::files;
    use crate::tfevents::Writer;

    fn write(path: &Path, tag: &str, values: impl IntoIterator<Item = (i64, f64)>) {
        files::create_dir_all(path.parent().unwrap()).unwrap();
        let mut writer = Writer::new(files::create(path).unwrap()).unwrap();
        for (step, value) in values {
            writer.scalar(tag, step, value, step as f64 + 0.5).unwrap();
        }
    }

    fn all(dir: &Path) -> Vec<Series> {
        series(dir, &|_| true, &mut |error| panic!("{error}"))
    }

    #[test]
    fn values_are_there_by_step_but_for_those_that_are_no_numbers() {
        let dir = tempfile::tempdir().unwrap();
        let values = [(2, 0.5), (1, 1.0), (3, f64::NAN), (4, f64::INFINITY)];
        write(&dir.path().join(".guild/e.tfevents.1"), "loss", values);
        write(&dir.path().join("e.tfevents.1"), "loss", [(0, 7.0)]);
        write(&dir.path().join("logs/e.tfevents.1"), "acc", [(0, 7.0)]);
        let found = all(dir.path());
        let keys: Vec<_> = found.iter().map(Series::key).collect();
        assert_eq!(keys, ["loss", "logs#acc"]);
        let steps = found[0].samples.iter();
        let steps: Vec<_> = steps.map(|it| (it.step, it.value, it.wall_time)).collect();
        assert_eq!(steps, [(1, 1.0, 1.5), (2, 0.5, 2.5)]);
        assert_eq!(found[0].not_finite, 2);
        let wanted = |key: &str| key.starts_with("logs#");
        let found = series(dir.path(), &wanted, &mut |error| panic!("{error}"));
        assert_eq!(found.len(), 1);
    }

    #[test]
    fn of_many_values_the_extremes_stay() {
        let dir = tempfile::tempdir().unwrap();
        let value = |step: i64| match step {
            30_001 => 9.0,
            70_001 => -9.0,
            _ => 0.0,
        };
        let values = (0..100_000).map(|step| (step, value(step)));
        write(&dir.path().join("e.tfevents.1"), "loss", values);
        let samples = &all(dir.path())[0].samples;
        assert!(samples.len() <= 2 * MAX_GROUPS, "{}", samples.len());
        let has = |step: i64, value: f64| {
            samples
                .iter()
                .any(|it| (it.step, it.value) == (step, value))
        };
        assert!(has(30_001, 9.0) && has(70_001, -9.0) && has(0, 0.0));
        assert!(samples.is_sorted_by_key(|sample| sample.step));
    }
}
