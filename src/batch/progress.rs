//! How far a batch is whose trials run side by side: kept as an attribute of it, for
//! whoever wants to show that.

use std::time::Duration;

use super::objective::Objective;
use crate::base::clock;
use crate::base::yaml::{Map, Value};
use crate::runs::{self, Run};

/// The attribute of a batch that says it.
const ATTRIBUTE: &str = "progress";

/// How far a batch is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Progress {
    /// How many trials there are to run.
    pub total: u64,
    /// How many have ended, well or not.
    pub done: u64,
    /// How many run now.
    pub running: u64,
    /// How many did not end well.
    pub failed: u64,
    /// The best result so far, as a scalar and its value.
    pub best: Option<(String, f64)>,
    /// When the last is expected to end, in microseconds since the epoch.
    pub ends: Option<i64>,
}

impl Progress {
    /// What the batch `run` says; none where it says nothing.
    pub fn of_run(run: &Run) -> Option<Self> {
        let said = run.attr(ATTRIBUTE).ok()??;
        let said = said.as_map()?;
        let number = |name: &str| said.get(name).and_then(Value::as_i64);
        let count = |name: &str| Some(number(name)?.unsigned_abs());
        let best = || {
            let scalar = said.get("objective")?.as_str()?.to_string();
            Some((scalar, said.get("best")?.as_f64()?))
        };
        Some(Self {
            total: count("total")?,
            done: count("done")?,
            running: count("running")?,
            failed: count("failed")?,
            best: best(),
            ends: number("ends"),
        })
    }

    /// Has the batch `run` say it.
    ///
    /// # Errors
    /// It cannot be written.
    pub(super) fn write(&self, run: &Run) -> runs::Result<()> {
        let count = |count: u64| Some(Value::Int(i64::try_from(count).ok()?));
        let best = self.best.as_ref();
        let said: Map = [
            ("total", count(self.total)),
            ("done", count(self.done)),
            ("running", count(self.running)),
            ("failed", count(self.failed)),
            ("objective", best.map(|(scalar, _)| scalar.as_str().into())),
            ("best", best.map(|(_, value)| Value::Float(*value))),
            ("ends", self.ends.map(Value::Int)),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect();
        run.write_attr(ATTRIBUTE, &Value::Map(said))
    }

    /// Has the batch `run` say nothing any more.
    ///
    /// # Errors
    /// It cannot be written.
    pub(super) fn clear(run: &Run) -> runs::Result<()> {
        run.delete_attr(ATTRIBUTE)
    }

    /// Takes the result of a trial, as `objective` has it.
    pub(super) fn take_result(&mut self, objective: &Objective, result: f64) {
        let value = objective.shown(result);
        let is_better = |(_, best): &(String, f64)| result < objective.shown(*best);
        if self.best.as_ref().is_none_or(is_better) {
            self.best = Some((objective.name(), value));
        }
    }

    /// Expects the rest to take as long as what was done, in `elapsed`.
    pub(super) fn expect(&mut self, elapsed: Duration) {
        let left = self.total.saturating_sub(self.done);
        if self.done > 0 {
            let seconds = elapsed.as_secs_f64() / self.done as f64 * left as f64;
            self.ends = Some(clock::now_micros() + (seconds * 1e6) as i64);
        }
    }
}

impl std::fmt::Display for Progress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} of {} done", self.done, self.total)?;
        write!(f, ", {} running", self.running)?;
        if self.failed > 0 {
            write!(f, ", {} failed", self.failed)?;
        }
        if let Some((scalar, value)) = &self.best {
            write!(f, ", best {scalar} {value}")?;
        }
        Ok(())
    }
}
