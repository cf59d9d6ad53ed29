//! The process of a batch: makes trials, has them run, and says what comes of them.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use super::course::Course;
use super::devices;
use super::local::Local;
use super::scheduler::{RunTrial, Scheduler};
use super::side_by_side::SideBySide;
use super::trial::{self, ByFlags, Maker};
use super::wanted::{DEFAULT_MAX_TRIALS, Method, Wanted};
use super::{Error, sequential};
use crate::base::flock;
use crate::base::yaml::{Map, Value};
use crate::flags::{self, Shorten};
use crate::home::Home;
use crate::op::Log;
use crate::op::supervise::Supervisor;
use crate::runs::{Run, Status};

/// The variable that tells the process of a batch that one before it was cut short,
/// so that the trials which that has not done are run instead of new ones.
pub const CONTINUES: &str = "GUILD_BATCH_CONTINUES";

/// How long the lock on run statuses is waited for.
const STATUS_LOCK_TIMEOUT: Duration = Duration::from_secs(30);

/// The attribute of a trial that ended badly after its batch was asked to end: it was
/// cut short, whatever it made of that.
const INTERRUPTED: &str = "interrupted";

/// How a batch ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// All trials were run, well or not.
    Completed,
    /// A trial failed, which is to end the batch; its exit code.
    TrialFailed(u8),
    /// This signal asked it to end.
    Signal(i32),
}

/// A batch that is about to run its trials.
pub struct Process<'a> {
    pub(super) home: &'a Home,
    pub(super) run: &'a Run,
    pub(super) proto: Run,
    pub(super) wanted: Wanted,
    method: Method,
    pub(super) most: Option<u64>,
    pub(super) seed: u64,
    pub(super) side_by_side: SideBySide,
    stage: bool,
    pub(super) fails_with_trial: bool,
    needed: bool,
    pub(super) continues: bool,
    pub(super) log: &'a dyn Fn(Log),
}

impl<'a> Process<'a> {
    /// The batch of `run`.
    ///
    /// # Errors
    /// The run cannot be read; it is no batch.
    pub fn of_run(run: &'a Run, home: &'a Home, log: &'a dyn Fn(Log)) -> Result<Self, Error> {
        let no_proto = || Error::NoProto(run.id().to_string());
        let proto = run.proto().ok_or_else(no_proto)?;
        let params = run.attr("run_params")?;
        let params = params.as_ref().and_then(Value::as_map);
        let is_asked = |name: &str| params.and_then(|params| params.get(name)?.as_bool());
        let most = run.integer_attr("max_trials")?;
        let seed = run.integer_attr("random_seed")?;
        Ok(Self {
            home,
            wanted: Wanted::of_proto(&proto)?,
            method: Method::of(&run.opref()?).ok_or_else(no_proto)?,
            proto,
            most: most.and_then(|most| most.try_into().ok()),
            seed: seed.map_or(0, i64::unsigned_abs),
            side_by_side: SideBySide::of_run(run)?,
            stage: matches!(run.attr("stage_trials")?, Some(stage) if stage.is_truthy()),
            fails_with_trial: is_asked("fail_on_trial_error") == Some(true),
            needed: is_asked("needed") == Some(true),
            continues: home.is_on(CONTINUES),
            run,
            log,
        })
    }

    /// Runs the trials, each by `run_trial`.
    ///
    /// # Errors
    /// Trials cannot be made.
    pub fn run(&self, run_trial: RunTrial<'_>) -> Result<End, Error> {
        let visible = devices::visible(self.home);
        let slots = devices::slots(&self.side_by_side, visible.as_deref())?;
        let supervisor = Arc::new(Supervisor::start(self.home, None)?);
        thread::scope(|scope| {
            let mut scheduler = Local::new(scope, run_trial, self.stage, slots, supervisor);
            match &self.method {
                Method::Sequential(name) => sequential::run(self, name, &mut scheduler),
                method => {
                    let settings = self.settings()?;
                    let trials = self
                        .wanted
                        .trials(method, &settings, self.most, self.seed)?;
                    let trials = self.trials(&trials.unwrap_or_default())?;
                    self.run_all(trials, &mut scheduler)
                }
            }
        })
    }

    /// The flags of the optimizer.
    pub(super) fn settings(&self) -> Result<Map, Error> {
        Ok(match self.run.attr("flags")? {
            Some(Value::Map(settings)) => settings,
            _ => Map::new(),
        })
    }

    /// How many trials a search has.
    pub(super) fn search_length(&self) -> u64 {
        self.most.unwrap_or(DEFAULT_MAX_TRIALS)
    }

    /// The trials to run, made where they are not there: of those with the flags
    /// `wanted`, the ones that are not done.
    fn trials(&self, wanted: &[Map]) -> Result<Vec<Run>, Error> {
        let done = match self.needed {
            true => ByFlags::of_done(&self.proto, self.home)?,
            false => ByFlags::default(),
        };
        let mut before = match self.continues {
            true => ByFlags::of(self.run.trials()?),
            false => ByFlags::default(),
        };
        let mut trials: Vec<Option<Run>> = Vec::new();
        let mut missing: Vec<&Map> = Vec::new();
        for flags in wanted {
            if let Some(trial) = before.take(flags) {
                if self.is_to_do(&trial)? {
                    trials.push(Some(trial));
                }
            } else if let Some(run) = done.get(flags) {
                (self.log)(Log::Info(format!(
                    "Skipping trial ({}) because run {} matches (--needed specified)",
                    described(flags),
                    run.id()
                )));
            } else {
                trials.push(None);
                missing.push(flags);
            }
        }
        let made = Maker::new(self.run, &self.proto, self.home)?.make_all(&missing)?;
        let mut made = made.into_iter();
        let trials = trials.into_iter();
        Ok(trials
            .filter_map(|trial| trial.or_else(|| made.next()))
            .collect())
    }

    /// Whether a trial that was there before the process still has to be run.
    pub(super) fn is_to_do(&self, trial: &Run) -> Result<bool, Error> {
        Ok(match trial.status() {
            Status::Pending | Status::Terminated => true,
            // What ended the batch, or was ended with it; or it was not run at all.
            Status::Error => {
                self.fails_with_trial
                    || matches!(trial.attr(INTERRUPTED)?, Some(value) if value.is_truthy())
                    || trial.integer_attr("exit_status")?.is_none()
            }
            Status::Completed | Status::Running | Status::Staged => false,
        })
    }

    /// Runs `trials`, as many at once as there are slots.
    pub(super) fn run_all(
        &self,
        trials: Vec<Run>,
        scheduler: &mut dyn Scheduler,
    ) -> Result<End, Error> {
        let count = trials.len() as u64;
        let mut waiting = trials.into_iter();
        Course::new(self, scheduler, count).run(&mut |_| Ok(waiting.next()))
    }

    /// Remembers whether `trial` was cut short.
    pub(super) fn set_interrupted(&self, trial: &Run, is_interrupted: bool) -> Result<(), Error> {
        let done = match is_interrupted {
            true => trial.write_attr(INTERRUPTED, &true.into()),
            false => trial.delete_attr(INTERRUPTED),
        };
        Ok(done?)
    }

    /// Says that `trial` is begun, unless somebody else has begun it.
    pub(super) fn announce(&self, trial: &Run) -> Result<bool, Error> {
        let lock = flock::lock(&self.home.status_lock(), STATUS_LOCK_TIMEOUT)?;
        let status = trial.status();
        let is_free = match status {
            Status::Pending => trial.process().is_none(),
            Status::Terminated | Status::Error => self.continues,
            Status::Completed | Status::Running | Status::Staged => false,
        };
        drop(lock);
        if !is_free {
            (self.log)(Log::Info(format!(
                "Skipping {} because its status is '{status}' (expected 'pending')",
                trial.id()
            )));
            return Ok(false);
        }
        let flags = match trial.attr("flags")? {
            Some(Value::Map(flags)) => described(&flags),
            _ => String::new(),
        };
        (self.log)(Log::Info(format!(
            "{} trial {}: {} ({flags})",
            if self.stage { "Staging" } else { "Running" },
            trial.id(),
            trial::operation(trial)
        )));
        Ok(true)
    }
}

/// Flag values as messages show them: those that are set.
fn described(flags: &Map) -> String {
    let set = flags.iter().filter(|(_, value)| !value.is_null());
    let set: Map = set
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    flags::assignments(&set, Shorten::default()).join(", ")
}
