//! Who runs the trials that a batch has made: so many at once, on this machine or
//! another.

use std::collections::VecDeque;
use std::sync::Arc;

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

    /// The next trial that has ended, which is waited for; none where none runs.
    fn poll(&mut self) -> Option<(Run, TrialEnd)>;

    /// Ends the trials that run. What comes of them is polled.
    fn stop(&mut self);

    /// The signal that asked for an end, if one has.
    fn signal(&self) -> Option<i32>;
}

/// Does what `guild run --start` does for a trial, followed by the supervisor; the
/// flag is whether it is only staged.
pub type RunTrial<'a> = &'a dyn Fn(&Run, bool, &Arc<Supervisor>) -> TrialEnd;

/// Runs trials in this process, one after the other.
pub(super) struct InTurn<'a> {
    run: RunTrial<'a>,
    stage: bool,
    supervisor: Arc<Supervisor>,
    started: VecDeque<Run>,
}

impl<'a> InTurn<'a> {
    /// Runs each by `run`, or stages it.
    pub(super) fn new(run: RunTrial<'a>, stage: bool, supervisor: Arc<Supervisor>) -> Self {
        Self {
            run,
            stage,
            supervisor,
            started: VecDeque::new(),
        }
    }
}

impl Scheduler for InTurn<'_> {
    fn slots(&self) -> usize {
        1
    }

    fn start(&mut self, trial: Run) {
        self.started.push_back(trial);
    }

    fn poll(&mut self) -> Option<(Run, TrialEnd)> {
        let trial = self.started.pop_front()?;
        let end = (self.run)(&trial, self.stage, &self.supervisor);
        Some((trial, end))
    }

    fn stop(&mut self) {
        // The signal that asks for an end has gone to the trial's process already.
        self.started.clear();
    }

    fn signal(&self) -> Option<i32> {
        self.supervisor.signal()
    }
}
