//! Until when something has to be done, and whose limit that is.

use std::time::{Duration, Instant};

use crate::duration::show;

/// What a limit is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    Command,
    Example,
    Spec,
    Run,
}

/// A moment, and the limit that ends then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Deadline {
    pub at: Instant,
    pub limit: Duration,
    pub level: Level,
}

/// What stands for "never": `Instant` cannot be added to without end.
const FAR: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

impl Deadline {
    /// The end of a limit that starts now.
    pub fn after(limit: Duration, level: Level) -> Self {
        Deadline::since(Instant::now(), limit, level)
    }

    /// The end of a limit that started then.
    pub fn since(start: Instant, limit: Duration, level: Level) -> Self {
        let at = start.checked_add(limit.min(FAR)).unwrap_or(start);
        Deadline { at, limit, level }
    }

    /// The one of two that comes first.
    pub fn or(self, other: Deadline) -> Self {
        if other.at < self.at { other } else { self }
    }

    /// This one, so much later.
    pub fn later(self, by: Duration) -> Self {
        let at = self.at.checked_add(by).unwrap_or(self.at);
        Deadline { at, ..self }
    }

    /// How long there is; nothing if it is over.
    pub fn left(&self) -> Duration {
        self.at.saturating_duration_since(Instant::now())
    }

    /// Whether the moment has come.
    pub fn is_over(&self) -> bool {
        self.left().is_zero()
    }

    /// What is wrong when the moment has come.
    pub fn told(&self) -> String {
        let what = match self.level {
            Level::Command => "command",
            Level::Example => "example",
            Level::Spec => "spec",
            Level::Run => "run",
        };
        format!("the {what} had not ended after {}", show(self.limit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_several_limits() {
        let start = Instant::now();
        let spec = Deadline::since(start, Duration::from_secs(60), Level::Spec);
        let example = Deadline::since(start, Duration::from_secs(5), Level::Example);
        assert_eq!(spec.or(example), example);
        assert_eq!(example.later(Duration::from_secs(56)).or(spec), spec);
        assert_eq!(example.told(), "the example had not ended after 5s");
        assert!(!example.is_over());
        assert!(Deadline::after(Duration::ZERO, Level::Run).is_over());
    }

    #[test]
    fn no_limit_is_too_long() {
        assert!(!Deadline::after(Duration::MAX, Level::Run).is_over());
    }
}
