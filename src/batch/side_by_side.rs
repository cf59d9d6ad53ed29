//! How many trials of a batch run at once, and what may keep them from beginning.

use crate::base::yaml::{Map, Value};
use crate::op::RunRequest;
use crate::runs::{self, Run};

/// The attribute of a batch that says it.
const ATTRIBUTE: &str = "side_by_side";

/// What is said of trials that run at once; nothing is one after the other.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SideBySide {
    /// How many may run at once.
    pub jobs: Option<u64>,
    /// How many graphics devices each has to itself.
    pub gpus_per_trial: Option<u64>,
    /// No trial begins while the machine is busier than this, in processes.
    pub max_load: Option<f64>,
    /// No trial begins while there is less free memory than this, in bytes.
    pub min_memory: Option<u64>,
}

impl SideBySide {
    /// What `request` says.
    pub fn of_request(request: &RunRequest) -> Self {
        Self {
            jobs: request.jobs,
            gpus_per_trial: request.gpus_per_trial,
            max_load: request.max_load,
            min_memory: request.min_memory,
        }
    }

    /// What the batch `run` says.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn of_run(run: &Run) -> runs::Result<Self> {
        let said = run.attr(ATTRIBUTE)?;
        let said = said.as_ref().and_then(Value::as_map);
        let value = |name: &str| said.and_then(|said| said.get(name));
        let count = |name: &str| {
            let count = value(name).and_then(Value::as_i64);
            count.and_then(|count| u64::try_from(count).ok())
        };
        Ok(Self {
            jobs: count("jobs"),
            gpus_per_trial: count("gpus-per-trial"),
            max_load: value("max-load").and_then(Value::as_f64),
            min_memory: count("min-memory"),
        })
    }

    /// The same, with what `before` says of what this does not.
    #[must_use]
    pub fn or(self, before: Self) -> Self {
        Self {
            jobs: self.jobs.or(before.jobs),
            gpus_per_trial: self.gpus_per_trial.or(before.gpus_per_trial),
            max_load: self.max_load.or(before.max_load),
            min_memory: self.min_memory.or(before.min_memory),
        }
    }

    /// Whether several may run at once.
    pub fn is_for_several(&self) -> bool {
        match self.jobs {
            Some(jobs) => jobs > 1,
            None => self.gpus_per_trial.is_some(),
        }
    }

    /// Has `run` say it, if it is anything.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&self, run: &Run) -> runs::Result<()> {
        let count = |count: Option<u64>| Some(Value::Int(i64::try_from(count?).ok()?));
        let said: Map = [
            ("jobs", count(self.jobs)),
            ("gpus-per-trial", count(self.gpus_per_trial)),
            ("max-load", self.max_load.map(Value::Float)),
            ("min-memory", count(self.min_memory)),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect();
        match said.is_empty() {
            true => Ok(()),
            false => run.write_attr(ATTRIBUTE, &Value::Map(said)),
        }
    }
}
