//! What keeps a trial from beginning: a machine that is busy, or short of memory.

use std::time::{Duration, Instant};

use super::Error;
use super::side_by_side::SideBySide;
use crate::base::system_load;

/// How long it takes until a limit is looked at again.
pub(super) const PAUSE: Duration = Duration::from_secs(1);

/// Over how long the system takes the average of its load, in seconds.
const AVERAGED_OVER: f64 = 60.0;

/// The limits of a batch.
#[derive(Debug)]
pub(super) struct Limits {
    max_load: Option<f64>,
    min_memory: Option<u64>,
    is_told: bool,
}

impl Limits {
    /// The limits that `wanted` sets.
    pub(super) fn of(wanted: &SideBySide) -> Self {
        Self {
            max_load: wanted.max_load,
            min_memory: wanted.min_memory,
            is_told: false,
        }
    }

    /// Whether a trial may begin beside those that began at the times `begun`. `tell`
    /// hears why not, the first time.
    ///
    /// # Errors
    /// The system does not tell what a limit needs.
    pub(super) fn allow(
        &mut self,
        begun: impl Iterator<Item = Instant>,
        tell: impl FnOnce(String),
    ) -> Result<bool, Error> {
        let Some(reason) = self.reason(begun)? else {
            return Ok(true);
        };
        if !std::mem::replace(&mut self.is_told, true) {
            tell(format!("Waiting to begin trials: {reason}"));
        }
        Ok(false)
    }

    fn reason(&self, begun: impl Iterator<Item = Instant>) -> Result<Option<String>, Error> {
        let untold = |what, option| move || Error::Untold { what, option };
        if let Some(most) = self.max_load {
            let average = system_load::average();
            let average = average.ok_or_else(untold("the load of this machine", "--max-load"))?;
            let ages = begun.map(|begun| begun.elapsed().as_secs_f64());
            let load = expected_load(average, ages);
            if load > most {
                return Ok(Some(format!("the load of {load:.1} is above {most}")));
            }
        }
        if let Some(least) = self.min_memory {
            let free = system_load::available_memory();
            let free = free.ok_or_else(untold("how much memory is free", "--min-memory"))?;
            if free < least as f64 {
                let shown = |bytes: f64| format!("{:.1} GiB", bytes / f64::from(1 << 30));
                return Ok(Some(format!(
                    "{} of memory are free, less than {}",
                    shown(free),
                    shown(least as f64)
                )));
            }
        }
        Ok(None)
    }
}

/// The load that comes of trials with these ages in seconds, each of which keeps one
/// processor busy: the average rises to that only slowly.
fn expected_load(average: f64, ages: impl Iterator<Item = f64>) -> f64 {
    average + ages.map(|age| (-age / AVERAGED_OVER).exp()).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trials_that_just_began_count_before_the_average_has_them() {
        assert!((expected_load(1.5, [0.0, 0.0].into_iter()) - 3.5).abs() < 1e-9);
        assert!((expected_load(2.0, [600.0].into_iter()) - 2.0).abs() < 1e-3);
    }

    #[test]
    fn why_nothing_begins_is_told_once() {
        let mut limits = Limits::of(&SideBySide {
            min_memory: Some(1 << 60),
            ..SideBySide::default()
        });
        let mut told = Vec::new();
        for _ in 0..2 {
            assert!(
                !limits
                    .allow(std::iter::empty(), |text| told.push(text))
                    .unwrap()
            );
        }
        assert_eq!(told.len(), 1);
        let expected = "of memory are free, less than 1073741824.0 GiB";
        assert!(told[0].ends_with(expected), "{told:?}");
        let mut limits = Limits::of(&SideBySide::default());
        assert!(limits.allow(std::iter::empty(), |_| {}).unwrap());
    }
}
