//! Queues: runs whose process starts runs that are staged, one after the other.
//!
//! The process of a queue is this program, entered by a hidden command. A run that
//! it starts is started as `guild run --start` would start it, but by this process.
//! Which run is next is decided under the lock on run statuses, which Guild AI's
//! queues take too: a run that is claimed there is no other queue's any more.
//!
//! `found` is what there is to start or to wait for, `lookout` waits for changes,
//! and `claim` is what is given back when the queue is stopped.

mod claim;
mod found;
mod lookout;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use claim::Claim;
use found::Found;
use lookout::Lookout;

use crate::base::yaml::{Map, Value};
use crate::base::{flock, signals};
use crate::flags;
use crate::home::Home;
use crate::op::Log;
use crate::op::supervise::{self, BeforeEnd, Supervisor};
use crate::runs::{self, Run, Store};

/// How long the lock on run statuses is waited for.
const LOCK_TIMEOUT: Duration = Duration::from_secs(30);

/// Why a queue cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The queue's own run cannot be written, or runs cannot be listed.
    #[error(transparent)]
    Run(#[from] runs::Error),
    /// The process cannot follow runs.
    #[error(transparent)]
    Supervise(#[from] supervise::Error),
}

/// What a queue was asked to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// After how long to look for staged runs at the latest.
    pub poll_interval: Duration,
    /// Whether to end when no run is left to start.
    pub run_once: bool,
    /// Whether to start a run only while no other runs.
    pub wait_for_running: bool,
    /// The GPUs that runs are started with, as the user names them.
    pub gpus: Option<String>,
}

/// How a queue ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// It was to run once, or was asked to stop.
    Completed,
    /// The terminal has gone, of which this signal told.
    Signal(i32),
}

/// A staged run that is to be started.
#[derive(Debug)]
pub struct StartCommand<'a> {
    /// The run, which is this process's to start.
    pub run: &'a Run,
    /// The GPUs that it is to see, if the queue says.
    pub gpus: Option<&'a str>,
    /// The folder that it is to be started in.
    pub folder: PathBuf,
    /// The environment that it is to be started in.
    pub environment: BTreeMap<OsString, OsString>,
}

/// Starts a run in this process, followed by the supervisor, to its end; the result
/// is the exit code of the command that would have done so.
pub type StartRun<'a> = &'a dyn Fn(StartCommand<'_>, &Arc<Supervisor>) -> u8;

/// Takes what a queue says, on any thread.
pub type Logger = Arc<dyn Fn(Log) + Send + Sync>;

/// A queue that is about to start runs.
pub struct Queue<'a> {
    home: &'a Home,
    run: &'a Run,
    settings: Settings,
    log: Logger,
    store: Store,
    claim: Claim,
    told: Told,
    /// Runs that were started and ended well.
    processed: usize,
}

/// What the user was told, and need not be told again.
#[derive(Debug, Default)]
struct Told {
    /// That staged runs are waited for.
    waiting: bool,
    /// Staged runs that are for other GPUs.
    other_gpus: BTreeSet<String>,
    /// Staged runs that others keep waiting.
    blocked: BTreeSet<String>,
    /// What is wrong, with the run or without.
    faults: HashSet<String>,
}

/// What there is to do next.
enum Next {
    /// This run is this process's to start.
    Start(Run),
    /// Others keep staged runs waiting.
    Blocked,
    /// There is nothing to start.
    Nothing,
}

impl<'a> Queue<'a> {
    /// The queue of `run`.
    pub fn new(run: &'a Run, settings: Settings, home: &'a Home, log: Logger) -> Self {
        Self {
            home,
            run,
            settings,
            log,
            store: Store::visible(home),
            claim: Claim::new(home.status_lock()),
            told: Told::default(),
            processed: 0,
        }
    }

    /// Starts staged runs, each by `start`, until it is to end. A request to end that
    /// comes while no run has a process ends this process at once, and well.
    ///
    /// # Errors
    /// The queue's run cannot be written; signals cannot be heard.
    pub fn run(mut self, start: StartRun<'_>) -> Result<End, Error> {
        // Others leave a run that runs others out where only results matter.
        self.run.mark_as_batch()?;
        let supervisor = Arc::new(Supervisor::start(self.home, None)?);
        self.info("Starting queue".to_string());
        let before_end = self.before_end(&supervisor);
        let begun = Instant::now();
        if self.settings.run_once {
            self.info("Processing staged runs".to_string());
        }
        let end = self.start_runs(start, &supervisor, &before_end);
        if end.is_none() {
            let seconds = begun.elapsed().as_secs_f64();
            let count = self.processed;
            self.info(format!(
                "queue processed {count} run(s) in {seconds:.6} seconds"
            ));
        }
        self.info("Stopping queue".to_string());
        Ok(end.unwrap_or(End::Completed))
    }

    fn info(&self, text: String) {
        (self.log)(Log::Info(text));
    }

    /// Has a signal that comes while no run has a process end this one, after a run
    /// that is about to start is given back.
    fn before_end(&self, supervisor: &Supervisor) -> BeforeEnd {
        let claim = self.claim.clone();
        let log = self.log.clone();
        supervisor.before_end(move |signal| {
            claim.give_back();
            log(Log::Info("Stopping queue".to_string()));
            match end_by(signal) {
                End::Completed => signals::end_well(),
                End::Signal(signal) => signals::end_by(signal),
            }
        })
    }

    /// Starts one run after the other; none when it was to run once and is done.
    fn start_runs(
        &mut self,
        start: StartRun<'_>,
        supervisor: &Arc<Supervisor>,
        before_end: &BeforeEnd,
    ) -> Option<End> {
        let mut lookout = Lookout::over(&self.store);
        loop {
            // What changes from here on ends the wait below.
            let next = self.look(&mut lookout, before_end).unwrap_or_else(|error| {
                self.fault(Log::Error(error.to_string()));
                Next::Nothing
            });
            match next {
                Next::Start(run) => {
                    let code = self.start(&run, start, supervisor);
                    if let Some(signal) = supervisor.signal() {
                        return Some(end_by(signal));
                    }
                    self.count(&run, code);
                }
                Next::Nothing if self.settings.run_once => return None,
                Next::Blocked | Next::Nothing => {
                    self.tell_waiting();
                    lookout.wait(self.settings.poll_interval);
                }
            }
        }
    }

    fn start(&mut self, run: &Run, start: StartRun<'_>, supervisor: &Arc<Supervisor>) -> u8 {
        self.told.waiting = false;
        self.info(format!("Starting staged run {}", run.id()));
        let command = StartCommand {
            run,
            gpus: self.settings.gpus.as_deref(),
            folder: self.run.dir().to_path_buf(),
            environment: self.environment(run),
        };
        let code = start(command, supervisor);
        self.claim.let_go();
        code
    }

    /// Takes note of how a run ended.
    fn count(&mut self, run: &Run, code: u8) {
        let id = run.id();
        match code {
            0 => self.processed += 1,
            code => (self.log)(Log::Error(format!("run {id} failed with exit code {code}"))),
        }
    }

    /// The environment of a run that is started: this process's, without the flags of
    /// the queue.
    fn environment(&self, run: &Run) -> BTreeMap<OsString, OsString> {
        let mut env = self.home.environment().clone();
        let flags = self.run.attr("flags").ok().flatten();
        for flag in flags.iter().filter_map(Value::as_map).flat_map(Map::keys) {
            let name = flags::env_name(&flags::name_text(flag));
            env.remove(OsStr::new(&name));
        }
        env.insert("GUILD_HOME".into(), self.home.guild_home().into());
        if let Some(packages) = run.job_packages() {
            env.insert("PYTHONPATH".into(), packages.into());
        }
        env
    }

    /// Looks for what to start next, and claims it.
    fn look(&mut self, lookout: &mut Lookout, before_end: &BeforeEnd) -> Result<Next, Error> {
        let found = lookout.found(&self.store)?;
        self.forget(&found);
        if !self.startable(&found) {
            return Ok(Next::Nothing);
        }
        let lock = match flock::lock(&self.home.status_lock(), LOCK_TIMEOUT) {
            Ok(lock) => lock,
            Err(error) => {
                self.fault(Log::Warning(format!(
                    "could not acquire lock for reading staged runs: {error}\nIf this error \
                     persists, try stopping all queues and deleting {}",
                    self.home.status_lock().display()
                )));
                return Ok(Next::Nothing);
            }
        };
        // Others may have started some of them before the lock was had.
        let found = Found::in_store(&self.store)?;
        let blocking = self.blocking(&found);
        let next = before_end.undisturbed(|| self.claim_first(&found, &blocking));
        drop(lock);
        Ok(next)
    }

    /// Claims the first of the runs that can be started; the lock on statuses is held.
    fn claim_first(&mut self, found: &Found, blocking: &[&Run]) -> Next {
        let mut next = Next::Nothing;
        for run in &found.staged {
            if self.is_for_others(run) {
                continue;
            }
            if !blocking.is_empty() {
                self.tell_blocked(run, blocking);
                next = Next::Blocked;
                continue;
            }
            match self.claim.take(run) {
                Ok(()) => return Next::Start(run.clone()),
                Err(error) => self.fault(Log::Error(format!(
                    "cannot start staged run {}: {error}",
                    run.id()
                ))),
            }
        }
        next
    }

    /// Whether any of the staged runs is one for this queue.
    fn startable(&mut self, found: &Found) -> bool {
        // All are looked at, so that the user is told of those that are not.
        let mine = found.staged.iter().map(|run| !self.is_for_others(run));
        mine.fold(false, |any, is_mine| any | is_mine)
    }

    /// Whether the run was staged for other GPUs, of which the user is told.
    fn is_for_others(&mut self, run: &Run) -> bool {
        let Some(own) = &self.settings.gpus else {
            return false;
        };
        let Some(gpus) = found::gpus(run).filter(|gpus| gpus != own) else {
            return false;
        };
        if self.told.other_gpus.insert(run.id().to_string()) {
            // Spelt as Guild AI has it.
            self.info(format!(
                "Ignorning staged run {} (GPU spec mismatch: run is {gpus}, queue is {own})",
                run.id()
            ));
        }
        true
    }

    /// The runs that are waited for.
    fn blocking<'f>(&self, found: &'f Found) -> Vec<&'f Run> {
        let busy = found.busy.iter();
        let others = busy.filter(|run| *run != self.run && !found::is_queue(run));
        others.filter(|_| self.settings.wait_for_running).collect()
    }

    fn tell_blocked(&mut self, run: &Run, blocking: &[&Run]) {
        if self.told.blocked.insert(run.id().to_string()) {
            let ids: Vec<_> = blocking.iter().map(|run| run.id()).collect();
            self.info(format!(
                "Found staged run {} (waiting for runs to finish: {})",
                run.id(),
                ids.join(", ")
            ));
        }
        self.told.waiting = true;
    }

    fn tell_waiting(&mut self) {
        if !std::mem::replace(&mut self.told.waiting, true) {
            self.info("Waiting for staged runs".to_string());
        }
    }

    /// Tells what is wrong, once.
    fn fault(&mut self, fault: Log) {
        let (Log::Info(text) | Log::Warning(text) | Log::Error(text)) = &fault;
        if self.told.faults.insert(text.clone()) {
            (self.log)(fault);
        }
    }

    /// Forgets what the user was told of runs that are not staged any more.
    fn forget(&mut self, found: &Found) {
        let staged: HashSet<&str> = found.staged.iter().map(Run::id).collect();
        let is_staged = |id: &String| staged.contains(id.as_str());
        self.told.other_gpus.retain(is_staged);
        let were_blocked = !self.told.blocked.is_empty();
        self.told.blocked.retain(is_staged);
        if were_blocked && self.told.blocked.is_empty() {
            self.told.waiting = false;
        }
    }
}

/// How a queue ends that `signal` asks to.
fn end_by(signal: i32) -> End {
    match signal {
        signals::HANG_UP => End::Signal(signal),
        _ => End::Completed,
    }
}
