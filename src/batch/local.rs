//! Running trials on this machine, in this process, each on a thread of its own.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, Scope};
use std::time::Duration;

use super::scheduler::{RunTrial, Scheduler, Trial, TrialEnd};
use crate::op::supervise::Supervisor;
use crate::runs::Run;

/// Runs trials in the slots that it has.
pub(super) struct Local<'scope, 'env> {
    scope: &'scope Scope<'scope, 'env>,
    run: RunTrial<'env>,
    stage: bool,
    supervisor: Arc<Supervisor>,
    /// How many slots there are, and those that are free, with their devices.
    count: usize,
    free: VecDeque<Option<String>>,
    running: usize,
    sender: Sender<Ended>,
    ended: Receiver<Ended>,
}

struct Ended {
    trial: Run,
    end: TrialEnd,
    slot: Option<String>,
}

impl<'scope, 'env> Local<'scope, 'env> {
    /// Runs each trial by `run` on a thread of `scope`, or stages it, in one of
    /// `slots`, which have the graphics devices of a trial.
    pub(super) fn new(
        scope: &'scope Scope<'scope, 'env>,
        run: RunTrial<'env>,
        stage: bool,
        slots: Vec<Option<String>>,
        supervisor: Arc<Supervisor>,
    ) -> Self {
        let (sender, ended) = channel();
        Self {
            scope,
            run,
            stage,
            supervisor,
            count: slots.len(),
            free: slots.into(),
            running: 0,
            sender,
            ended,
        }
    }
}

impl Scheduler for Local<'_, '_> {
    fn slots(&self) -> usize {
        self.count
    }

    fn start(&mut self, trial: Run) {
        let slot = self.free.pop_front().flatten();
        self.running += 1;
        let (run, stage, is_beside_others) = (self.run, self.stage, self.count > 1);
        let (supervisor, sender) = (self.supervisor.clone(), self.sender.clone());
        let unstarted = (trial.clone(), slot.clone());
        let act = move || {
            let end = match supervisor.signal() {
                // Nothing begins any more; it stays as it is.
                Some(_) => TrialEnd {
                    code: 0,
                    message: String::new(),
                },
                None => run(Trial {
                    run: &trial,
                    stage,
                    is_beside_others,
                    devices: slot.as_deref(),
                    supervisor: &supervisor,
                }),
            };
            // Where nobody polls any more, its end is recorded all the same.
            let _ = sender.send(Ended { trial, end, slot });
        };
        if let Err(error) = thread::Builder::new().spawn_scoped(self.scope, act) {
            let (trial, slot) = unstarted;
            let end = TrialEnd {
                code: 1,
                message: format!("cannot start a thread: {error}"),
            };
            // There is a receiver: this has it.
            let _ = self.sender.send(Ended { trial, end, slot });
        }
    }

    fn poll(&mut self, at_most: Option<Duration>) -> Option<(Run, TrialEnd)> {
        if self.running == 0 {
            return None;
        }
        let Ended { trial, end, slot } = match at_most {
            Some(at_most) => self.ended.recv_timeout(at_most).ok()?,
            None => self.ended.recv().ok()?,
        };
        self.running -= 1;
        self.free.push_back(slot);
        Some((trial, end))
    }

    fn stop(&mut self) {
        // The signal that asks for an end has gone to the processes of trials already.
    }

    fn signal(&self) -> Option<i32> {
        self.supervisor.signal()
    }
}
