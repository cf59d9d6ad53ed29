//! Who runs the trials that a batch has made: so many at once, on this machine or
//! another.

use std::sync::Arc;
use std::time::Duration;

use crate::op::supervise::Supervisor;
use crate::runs::Run;

/// How a trial ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrialEnd {
    /// The exit code of what ran it; 0 where all went well.
    pub code: u8,
    /// What it said last, where it could not be run.
    pub message: String,
}

/// Runs trials for a batch. What it says of them is up to the batch.
pub trait Scheduler {
    /// How many trials may run at once.
    fn slots(&self) -> usize;

    /// Begins to run `trial`. There is a slot for it.
    fn start(&mut self, trial: Run);

    /// The next trial that has ended. It is waited for, `at_most` so long if that is
    /// said; none where none ended by then, or none runs.
    fn poll(&mut self, at_most: Option<Duration>) -> Option<(Run, TrialEnd)>;

    /// Ends the trials that run. What comes of them is polled.
    fn stop(&mut self);

    /// The signal that asked for an end, if one has.
    fn signal(&self) -> Option<i32>;
}

/// A trial that is to be run on this machine.
#[derive(Clone, Copy)]
pub struct Trial<'a> {
    /// The run.
    pub run: &'a Run,
    /// Whether it is only staged.
    pub stage: bool,
    /// Whether others run at the same time.
    pub is_beside_others: bool,
    /// The graphics devices that it may see, where it has some to itself.
    pub devices: Option<&'a str>,
    /// What follows it.
    pub supervisor: &'a Arc<Supervisor>,
}

/// Does what `guild run --start` does for a trial.
pub type RunTrial<'a> = &'a (dyn Fn(Trial<'_>) -> TrialEnd + Sync);
