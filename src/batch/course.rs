//! Trials on their way: begun as slots get free and limits allow, and what is said of
//! how they end.

use std::thread;
use std::time::Instant;

use super::Error;
use super::limits::{self, Limits};
use super::objective::Objective;
use super::process::{End, Process};
use super::progress::Progress;
use super::scheduler::{Scheduler, TrialEnd};
use crate::op::Log;
use crate::runs::Run;
use crate::select::{Facts, Viewer};

/// The exit code of a trial that `guild stop` ended.
const TERMINATED: u8 = 241;

/// What is said where trials are left.
const RESUMABLE: &str = "(pending trials can be started as needed)";

/// The trials of a batch while they run.
pub(super) struct Course<'a> {
    batch: &'a Process<'a>,
    scheduler: &'a mut dyn Scheduler,
    limits: Limits,
    running: Vec<(Run, Instant)>,
    succeeded: u64,
    end: Option<End>,
    begun: Instant,
    progress: Progress,
}

impl<'a> Course<'a> {
    /// Nothing runs yet of so many trials.
    pub(super) fn new(
        batch: &'a Process<'a>,
        scheduler: &'a mut dyn Scheduler,
        total: u64,
    ) -> Self {
        Self {
            limits: Limits::of(&batch.side_by_side),
            batch,
            scheduler,
            running: Vec::new(),
            succeeded: 0,
            end: None,
            begun: Instant::now(),
            progress: Progress {
                total,
                ..Progress::default()
            },
        }
    }

    /// How many trials have ended well.
    pub(super) fn succeeded(&self) -> u64 {
        self.succeeded
    }

    /// How many trials run.
    pub(super) fn running(&self) -> usize {
        self.running.len()
    }

    /// Whether `run` is one of the trials that run.
    pub(super) fn is_running(&self, run: &Run) -> bool {
        self.running.iter().any(|(trial, _)| trial == run)
    }

    /// Runs the trials that `next` makes, until it makes no more and all have ended.
    ///
    /// # Errors
    /// As `next`; those that run go on to their ends.
    pub(super) fn run(
        mut self,
        next: &mut dyn FnMut(&Self) -> Result<Option<Run>, Error>,
    ) -> Result<End, Error> {
        let mut is_last = false;
        loop {
            let mut is_held = false;
            while !is_last && self.end.is_none() && self.running.len() < self.scheduler.slots() {
                let begun = self.running.iter().map(|(_, begun)| *begun);
                let tell = |text| (self.batch.log)(Log::Info(text));
                if !self.limits.allow(begun, tell)? {
                    is_held = true;
                    break;
                }
                match next(&self)? {
                    Some(trial) => self.begin(trial)?,
                    None => is_last = true,
                }
            }
            let nothing_runs = self.running.is_empty();
            if nothing_runs && (is_last || self.end.is_some()) {
                return self.finish();
            }
            if nothing_runs {
                // A signal ends this process meanwhile, since no trial is followed.
                thread::sleep(limits::PAUSE);
            } else if let Some((trial, end)) = self.scheduler.poll(is_held.then_some(limits::PAUSE))
            {
                self.running.retain(|(running, _)| *running != trial);
                self.ended(&trial, &end)?;
                self.count(&trial, &end);
                self.tell_progress()?;
            }
        }
    }

    fn begin(&mut self, trial: Run) -> Result<(), Error> {
        if self.batch.announce(&trial)? {
            self.batch.set_interrupted(&trial, false)?;
            self.running.push((trial.clone(), Instant::now()));
            self.scheduler.start(trial);
            self.tell_progress()?;
        }
        Ok(())
    }

    /// Says how `trial` ended, and begins no more where that is to end the batch.
    fn ended(&mut self, trial: &Run, end: &TrialEnd) -> Result<(), Error> {
        let id = trial.id();
        let log = self.batch.log;
        if self.end.is_none()
            && let Some(signal) = self.scheduler.signal()
        {
            self.end = Some(End::Signal(signal));
            self.scheduler.stop();
        }
        if end.code == TERMINATED {
            log(Log::Info(format!("Trial {id} was terminated")));
        }
        if let Some(End::Signal(_)) = self.end {
            // One that was stopped shows that itself.
            if ![0, TERMINATED].contains(&end.code) {
                self.batch.set_interrupted(trial, true)?;
            }
            return Ok(());
        }
        match end.code {
            0 => self.succeeded += 1,
            TERMINATED => {}
            code => {
                let reason = match end.message.as_str() {
                    "" => format!(" ({code}) - see log for details"),
                    message => format!(": ({code}) {message}"),
                };
                let text = format!("Trial {id} exited with an error{reason}");
                log(Log::Error(text));
                if self.batch.fails_with_trial && self.end.is_none() {
                    self.end = Some(End::TrialFailed(code));
                    log(Log::Error(format!(
                        "Stopping batch because a trial failed {RESUMABLE}"
                    )));
                }
            }
        }
        Ok(())
    }

    /// Counts `trial`, which has ended.
    fn count(&mut self, trial: &Run, end: &TrialEnd) {
        self.progress.done += 1;
        self.progress.failed += u64::from(end.code != 0);
        self.progress.expect(self.begun.elapsed());
        if end.code != 0 || self.scheduler.slots() == 1 {
            return;
        }
        // Where there is no objective, or no such number, none is told.
        let objective = self.batch.run.text_attr("objective").ok().flatten();
        let Some(Ok(objective)) = objective.map(|text| Objective::parse(&text)) else {
            return;
        };
        let viewer = Viewer::new(self.batch.home);
        if let Some(result) = objective.of(&Facts::new(trial, &viewer)) {
            self.progress.take_result(&objective, result);
        }
    }

    /// Has the batch say how far it is, where several trials run at once.
    fn tell_progress(&mut self) -> Result<(), Error> {
        self.progress.running = self.running.len() as u64;
        match self.scheduler.slots() {
            1 => Ok(()),
            _ => Ok(self.progress.write(self.batch.run)?),
        }
    }

    fn finish(self) -> Result<End, Error> {
        let end = self.end.unwrap_or(End::Completed);
        Progress::clear(self.batch.run)?;
        if let End::Signal(_) = end {
            (self.batch.log)(Log::Info(format!("Stopping batch {RESUMABLE}")));
        }
        if end != End::Completed && self.scheduler.slots() > 1 {
            let id = self.batch.run.short_id();
            (self.batch.log)(Log::Info(format!(
                "To run what is left, use 'guild run --start {id}'"
            )));
        }
        Ok(end)
    }
}
