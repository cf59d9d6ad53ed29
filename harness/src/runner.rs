//! Running one spec: a sandbox, a worker, the examples in order, a verdict.

mod place;
mod scripts;

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use crate::deadline::{Deadline, Level};
use crate::examples::{LEAST_SET_UP, not_run, run_all, set_up};
use crate::interrupt::Interrupt;
use crate::lock::lock;
use crate::outside::Outside;
use crate::ownership::{LeftRunning, Owner, Owners};
use crate::reaper::Reaper;
use crate::sandbox::Sandbox;
use crate::secrets::Secrets;
pub use crate::setting::{Setting, skip};
use crate::setting::{lacks_examples, places};
use crate::spec::Spec;
use crate::suite::Leaks;
use crate::verdict::{Leak, LeakKind, Outcome, SpecReport, Unrun};
use crate::worker::Workers;
use place::Place;

/// What all specs of a run share.
#[derive(Debug)]
pub struct Runner {
    reaper: &'static Reaper,
    owners: Owners,
    interrupt: Arc<Interrupt>,
    workers: Workers,
    start: Instant,
    outside: Outside,
    unclaimed: Mutex<Vec<Leak>>,
    /// Whether a suite fails for leaks.
    strict: AtomicBool,
    /// Whether specs were ended, or not started, since the run was over its time.
    is_late: AtomicBool,
}

impl Runner {
    /// A runner that stops when the flag is raised; the time of the run starts. From here on this process
    /// may not wait for child processes by itself: see [`crate::reaper`].
    pub fn new(interrupt: Arc<Interrupt>) -> io::Result<Self> {
        Ok(Runner {
            reaper: Reaper::get()?,
            owners: Owners::default(),
            interrupt,
            workers: Workers::new()?,
            start: Instant::now(),
            outside: Outside::default(),
            unclaimed: Mutex::default(),
            strict: AtomicBool::new(false),
            is_late: AtomicBool::new(false),
        })
    }

    /// Whether the run was interrupted, or ended for being over its time.
    pub fn is_interrupted(&self) -> bool {
        self.interrupt.is_set() || self.is_late.load(Ordering::Relaxed)
    }

    /// When the run has to be done, for the specs of this setting.
    fn deadline(&self, setting: &Setting) -> Deadline {
        let limit = setting.run_limit.unwrap_or(setting.suite.limits.run);
        Deadline::since(self.start, limit, Level::Run)
    }

    /// Whether the run is over its time; it then was.
    fn note_late(&self, setting: &Setting) -> bool {
        let is_late = self.deadline(setting).is_over();
        self.is_late.fetch_or(is_late, Ordering::Relaxed);
        is_late
    }

    /// What was left behind by specs that ran side by side, where it could not be
    /// told by which of them. Each leak is told once.
    pub fn unclaimed(&self) -> Vec<Leak> {
        let mut unclaimed = leaks(self.owners.unclaimed());
        unclaimed.append(&mut lock(&self.unclaimed));
        unclaimed
    }

    /// Whether leaks fail a run, in that a suite says so of which specs were run.
    pub fn fails_on_leaks(&self) -> bool {
        self.strict.load(Ordering::Relaxed)
    }

    /// Tells that the present state of a file is not the doing of a spec.
    pub fn accept(&self, file: &Path) {
        self.outside.accept(file);
    }

    /// Runs a spec, and as long as it fails again, up to `retries` times more. Each
    /// attempt has a sandbox of its own. The report is that of the last attempt,
    /// with those before it in `earlier`; a pass that is not the first attempt is
    /// [`Outcome::Flaky`].
    pub fn run_with_retries(&self, spec: &Spec, setting: &Setting, retries: u32) -> SpecReport {
        let mut earlier = Vec::new();
        loop {
            let mut report = self.run(spec, setting);
            let again = report.outcome == Outcome::Failed && earlier.len() < retries as usize;
            if again && !self.is_interrupted() {
                earlier.push(report);
                continue;
            }
            if report.outcome == Outcome::Passed && !earlier.is_empty() {
                report.outcome = Outcome::Flaky;
            }
            report.earlier = earlier;
            return report;
        }
    }

    /// Runs a spec.
    pub fn run(&self, spec: &Spec, setting: &Setting) -> SpecReport {
        if self.interrupt.is_set() {
            return not_run(spec, setting, Outcome::Interrupted, Unrun::Interrupted);
        }
        if lacks_examples(spec, setting) {
            let fault = format!("{}:1:1: no examples", spec.path.display());
            return not_run(spec, setting, Outcome::Broken(vec![fault]), Unrun::Broken);
        }
        if let Some(skip) = skip(spec, setting) {
            return SpecReport::without_run(&spec.path, Outcome::Skipped(skip));
        }
        if self.note_late(setting) {
            let why = Outcome::NotRun(self.deadline(setting).told());
            return not_run(spec, setting, why, Unrun::Timeout);
        }
        let start = Instant::now();
        let secrets = match Secrets::from_environment(setting.secrets(spec)) {
            Ok(secrets) => Arc::new(secrets),
            Err(error) => {
                let fault = format!("{}: {error}", spec.path.display());
                let broken = Outcome::Broken(vec![fault]);
                return not_run(spec, setting, broken, Unrun::Broken);
            }
        };
        let run = self.run_in_sandbox(spec, setting, &secrets);
        let mut report = run.unwrap_or_else(|error| {
            SpecReport::without_run(&spec.path, Outcome::Fault(error.to_string()))
        });
        hide(&mut report, &secrets);
        report.title = spec.title().to_owned();
        report.headings = spec.headings.clone();
        report.start = Some(start);
        report.duration = start.elapsed();
        report
    }

    fn run_in_sandbox(
        &self,
        spec: &Spec,
        setting: &Setting,
        secrets: &Arc<Secrets>,
    ) -> io::Result<SpecReport> {
        let mut pass = setting.pass.clone();
        pass.extend(setting.secrets(spec).map(str::to_owned));
        let sandbox = Sandbox::new(
            &setting.suite,
            setting.binary.as_deref(),
            &pass,
            setting.keep,
        )?;
        let places = places(spec, setting);
        self.outside.enter(&places);
        let owner = Owner::new(Arc::clone(secrets));
        self.owners.enter(&owner);
        let run = self.run_examples(spec, setting, &sandbox, &owner);
        let left = self.owners.leave(&owner, self.reaper);
        let changes = self.outside.leave(&places);
        let mut report = run?;
        report.leaks = leaks(left);
        let changes = changes.into_iter().map(|what| Leak {
            kind: LeakKind::File,
            what,
        });
        if owner.is_shared() {
            lock(&self.unclaimed).extend(changes);
        } else {
            report.leaks.extend(changes);
        }
        self.strict
            .fetch_or(setting.suite.leaks == Leaks::Fail, Ordering::Relaxed);
        if !report.leaks.is_empty()
            && setting.suite.leaks == Leaks::Fail
            && report.outcome == Outcome::Passed
        {
            report.outcome = Outcome::Failed;
        }
        if setting.keep {
            sandbox.write_environment(secrets)?;
            report.sandbox = Some(sandbox.root().to_owned());
        }
        Ok(report)
    }

    fn run_examples(
        &self,
        spec: &Spec,
        setting: &Setting,
        sandbox: &Sandbox,
        owner: &Arc<Owner>,
    ) -> io::Result<SpecReport> {
        let limits = setting.limits(spec);
        // The time of a spec is that of its examples: a machine under load, where a worker
        // takes long to start, makes no spec late.
        let start =
            Deadline::after(limits.spec.max(LEAST_SET_UP), Level::Spec).or(self.deadline(setting));
        let place = Place {
            runner: self,
            spec,
            setting,
            sandbox,
            owner,
        };
        let mut report = not_run(spec, setting, Outcome::Passed, Unrun::Broken);
        let Some(engine) = place.engine()? else {
            report.outcome = Outcome::Broken(vec![scripts::no_shell(spec)]);
            return Ok(report);
        };
        let mut session = place.session(engine, &self.interrupt, start);
        let mut fault = set_up(&mut session, setting)?;
        session.deadline = Deadline::after(limits.spec, Level::Spec).or(self.deadline(setting));
        if fault.is_none() {
            fault = scripts::set_up(&mut session, spec)?;
        }
        match fault {
            Some(fault) => report.outcome = Outcome::Broken(vec![fault]),
            None => run_all(&mut session, spec, setting, &mut report)?,
        }
        let late = session.over().and_then(|over| over.late);
        let torn = scripts::tear_down(&place, session)?;
        report.log = torn.log;
        report.notes.extend(torn.notes);
        if let Some(fault) = torn.fault {
            report.outcome = after_teardown(report.outcome, &fault);
            report.notes.push(fault);
        }
        let late = late.filter(|late| late.level == Level::Run);
        if let Some(late) = late {
            self.is_late.store(true, Ordering::Relaxed);
            report.notes.push(late.told());
        }
        if self.interrupt.is_set() || late.is_some() {
            report.outcome = Outcome::Interrupted;
        }
        Ok(report)
    }
}

fn leaks(left: Vec<LeftRunning>) -> Vec<Leak> {
    let mut leaks = Vec::new();
    for LeftRunning { name, listens_on } in left {
        let listener = |socket| Leak {
            kind: LeakKind::Listener,
            what: format!("{socket}, by {name}"),
        };
        let listeners: Vec<Leak> = listens_on.into_iter().map(listener).collect();
        leaks.push(Leak {
            kind: LeakKind::Process,
            what: name,
        });
        leaks.extend(listeners);
    }
    leaks
}

/// Hides secrets in all of a report that does not come from the spec itself.
fn hide(report: &mut SpecReport, secrets: &Secrets) {
    if secrets.is_empty() {
        return;
    }
    let mut texts: Vec<&mut String> = Vec::new();
    match &mut report.outcome {
        Outcome::Broken(faults) => texts.extend(faults),
        Outcome::Fault(fault) => texts.push(fault),
        _ => {}
    }
    for entry in &mut report.examples {
        texts.extend(&mut entry.notes);
        texts.extend(entry.bindings.iter_mut().map(|(_, value)| value));
    }
    texts.extend(&mut report.notes);
    texts.extend(report.leaks.iter_mut().map(|leak| &mut leak.what));
    texts.push(&mut report.log);
    for text in texts {
        secrets.hide(text);
    }
}

/// How a spec ended whose teardown failed as well.
fn after_teardown(outcome: Outcome, fault: &str) -> Outcome {
    match outcome {
        Outcome::Passed | Outcome::Skipped(_) => Outcome::Failed,
        Outcome::Broken(mut faults) => {
            faults.push(fault.to_owned());
            Outcome::Broken(faults)
        }
        other => other,
    }
}
