//! Running one spec: a sandbox, a worker, the examples in order, a verdict.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::absent::Absent;
use crate::calls::Calls;
use crate::deadline::{Deadline, Level};
use crate::escape::text;
use crate::expectations;
use crate::follows::Tainted;
use crate::front_matter::TimeLimits;
use crate::gate::{self, Skip, SkipKind, Surroundings};
use crate::interrupt::Interrupt;
use crate::matcher::{Actual, Rules, names_of};
use crate::options::OptionSet;
use crate::ownership::{Owner, Owners};
use crate::protocol::SetUp;
use crate::reaper::Reaper;
use crate::sandbox::Sandbox;
use crate::session::Session;
use crate::spec::{Example, Spec};
use crate::suite::{Leaks, Limits, SuiteFile};
use crate::verdict::{ExampleReport, Leak, LeakKind, Outcome, SpecReport, Unrun, Verdict};
use crate::worker::{Worker, Workers};

/// How much of the end of a log a report shows.
const LOG_TAIL: u64 = 4000;

/// What the specs of one suite are run with.
#[derive(Debug, Clone)]
pub struct Setting {
    /// The suite.
    pub suite: Arc<SuiteFile>,
    /// The program under test.
    pub binary: Option<PathBuf>,
    /// The folder of samples.
    pub samples: Option<PathBuf>,
    /// What the gates are held against.
    pub surroundings: Surroundings,
    /// Whether sandboxes stay.
    pub keep: bool,
    /// Whether specs run that their front matter would skip.
    pub force: bool,
    /// Whether reports hold the output of examples that passed.
    pub keep_output: bool,
    /// Variables let through from outside, besides those of the suite.
    pub pass: Vec<String>,
    /// How long things may take, whatever suite and front matter say.
    pub limits: TimeLimits,
    /// How long the whole run may take, whatever the suite says.
    pub run_limit: Option<Duration>,
    /// Whether a spec stops at its first failure.
    pub fail_fast: bool,
}

/// What all specs of a run share.
#[derive(Debug)]
pub struct Runner {
    reaper: &'static Reaper,
    owners: Owners,
    interrupt: Arc<Interrupt>,
    workers: Workers,
    start: Instant,
    /// Whether specs were ended, or not started, since the run was over its time.
    is_late: AtomicBool,
}

/// Why a spec does not run in this setting, if it does not.
pub fn skip(spec: &Spec, setting: &Setting) -> Option<Skip> {
    if spec.examples.is_empty() {
        return Some(Skip {
            kind: SkipKind::Empty,
            reason: "no examples".into(),
        });
    }
    if setting.force {
        return None;
    }
    gate::skip(&spec.options, &setting.surroundings)
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

    /// What was left running, and ended, of specs that ran side by side, where it
    /// could not be told by which of them.
    pub fn unclaimed(&self) -> Vec<Leak> {
        processes(self.owners.unclaimed())
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
        if let Some(skip) = skip(spec, setting) {
            return SpecReport::without_run(&spec.path, Outcome::Skipped(skip));
        }
        if self.note_late(setting) {
            let why = Outcome::NotRun(self.deadline(setting).told());
            return not_run(spec, setting, why, Unrun::Timeout);
        }
        let start = Instant::now();
        let mut report = self.run_in_sandbox(spec, setting).unwrap_or_else(|error| {
            SpecReport::without_run(&spec.path, Outcome::Fault(error.to_string()))
        });
        report.title = spec.title().to_owned();
        report.headings = spec.headings.clone();
        report.start = Some(start);
        report.duration = start.elapsed();
        report
    }

    fn run_in_sandbox(&self, spec: &Spec, setting: &Setting) -> io::Result<SpecReport> {
        let sandbox = Sandbox::new(
            &setting.suite,
            setting.binary.as_deref(),
            &setting.pass,
            setting.keep,
        )?;
        let owner = Owner::new();
        self.owners.enter(&owner);
        let run = self.run_examples(spec, setting, &sandbox, &owner);
        let leaks = self.owners.leave(&owner, self.reaper);
        let mut report = run?;
        if !leaks.is_empty()
            && setting.suite.leaks == Leaks::Fail
            && report.outcome == Outcome::Passed
        {
            report.outcome = Outcome::Failed;
        }
        report.leaks = processes(leaks);
        report.sandbox = setting.keep.then(|| sandbox.root().to_owned());
        Ok(report)
    }

    fn run_examples(
        &self,
        spec: &Spec,
        setting: &Setting,
        sandbox: &Sandbox,
        owner: &Owner,
    ) -> io::Result<SpecReport> {
        let limits = setting.limits(spec);
        let deadline = Deadline::after(limits.spec, Level::Spec).or(self.deadline(setting));
        let worker = Worker::start(
            setting.surroundings.python.file(),
            &self.workers,
            sandbox,
            owner,
            self.reaper,
            limits.output,
        )?;
        let calls = Calls {
            owner,
            reaper: self.reaper,
            interrupt: &self.interrupt,
            limits,
            deadline,
            has_own_limit: false,
            notes: Vec::new(),
            timeout: None,
            is_late: false,
            command_time: Duration::ZERO,
        };
        let mut session = Session::new(worker, calls, sandbox);
        let mut report = not_run(spec, setting, Outcome::Passed, Unrun::Broken);
        match set_up(&mut session, setting)? {
            Some(fault) => report.outcome = Outcome::Broken(vec![fault]),
            None => run_all(&mut session, spec, setting, &mut report)?,
        }
        session.finish()?;
        report.log = log_tail(&mut session)?;
        let late = session.over().and_then(|over| over.late);
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

impl Setting {
    /// How long and how large things of a spec may get.
    fn limits(&self, spec: &Spec) -> Limits {
        self.suite.limits.with(&spec.limits).with(&self.limits)
    }

    fn options(&self, spec: &Spec, example: &Example) -> OptionSet {
        let below = self.suite.options.overlaid(&spec.options);
        below.overlaid(&example.options)
    }
}

/// Prepares the namespace. Returns what is wrong with the prelude.
fn set_up(session: &mut Session<'_>, setting: &Setting) -> io::Result<Option<String>> {
    let preludes = &setting.suite.preludes;
    let sandbox = session.sandbox;
    let answer = session.set_up(&SetUp {
        preludes,
        settings: json!({
            "samples": setting.samples.as_ref().map(|path| path.display().to_string()),
            "temporary": sandbox.path("tmp").display().to_string(),
            "program": setting.suite.program,
            "home_variable": setting.suite.home_variable,
        }),
        // With room for what `run` says about output that it cut.
        keep: session.calls.limits.output.saturating_add(4 << 10),
        journal: sandbox.journal().display().to_string(),
    })?;
    let files: Vec<&str> = preludes
        .iter()
        .map(|prelude| prelude.name.as_str())
        .collect();
    let file = match files.join(", ") {
        none if none.is_empty() => "the worker".into(),
        files => files,
    };
    Ok(match answer {
        Some(Actual {
            exception: Some(exception),
            ..
        }) => Some(format!(
            "{file}: the prelude failed\n{}",
            exception.traceback.trim_end()
        )),
        Some(_) => None,
        None => session.over().and_then(|over| {
            (over.unrun != Unrun::Interrupted).then(|| format!("{file}: {}", over.words))
        }),
    })
}

fn run_all(
    session: &mut Session<'_>,
    spec: &Spec,
    setting: &Setting,
    report: &mut SpecReport,
) -> io::Result<()> {
    let mut stopped = None;
    let mut has_failed = false;
    let mut tainted = Tainted::default();
    let mut absent = Absent::new(&setting.suite.absent_modules, &setting.suite.absent_names);
    let mut scope = expectations::scope(spec, &setting.suite, Some(session.sandbox.root()));
    for (index, entry) in report.examples.iter_mut().enumerate() {
        if matches!(entry.verdict, Verdict::Skipped(_)) {
            continue;
        }
        if let Some(why) = stopped {
            entry.verdict = Verdict::NotRun(why);
            continue;
        }
        if absent.concerns(&entry.example.source) {
            let names = session.names(&entry.example.source)?;
            if let Some(skip) = absent.check(&names, entry.example.line) {
                entry.verdict = Verdict::Skipped(skip);
                continue;
            }
        }
        let options = setting.options(spec, &entry.example);
        entry.rules.scope = scope.clone();
        let filename = format!("<{}[{index}]>", spec.path.display());
        let captured = session.example(entry, &filename, &options)?;
        session.bind(captured, entry, &mut scope)?;
        if session.interrupt.is_set() {
            entry.verdict = Verdict::NotRun(Unrun::Interrupted);
        }
        has_failed |= entry.verdict == Verdict::Failed;
        // As in doctest, a failure before this example counts too.
        let fails_fast = setting.fail_fast || options.is_on("FAIL_FAST");
        stopped = (fails_fast && has_failed).then_some(Unrun::Failure);
        stopped = session.over().map(|over| over.unrun).or(stopped);
        if stopped.is_none() && (entry.verdict == Verdict::Failed || !tainted.is_empty()) {
            follow(session, entry, &mut tainted)?;
        }
        if entry.verdict == Verdict::Passed {
            if entry.attempts > 1 {
                let place = format!("{}:{}", spec.path.display(), entry.example.line);
                report
                    .notes
                    .push(format!("{place}: {}", entry.notes.join("; ")));
            }
            entry.actual.take_if(|_| !setting.keep_output);
        }
    }
    report.outcome = outcome(&report.examples);
    Ok(())
}

/// Finds whether a failure follows from one before it, and notes what those after
/// it may follow from.
fn follow(
    session: &mut Session<'_>,
    entry: &mut ExampleReport,
    tainted: &mut Tainted,
) -> io::Result<()> {
    let mut names = session.names(&entry.example.source)?;
    // An example binds what it captures, and reads what was captured before.
    for (name, is_typed) in names_of(&entry.example.expected, &entry.rules) {
        let is_new = is_typed && !entry.rules.scope.bound.contains_key(&name);
        let names = if is_new {
            &mut names.bound
        } else {
            &mut names.used
        };
        names.insert(name);
    }
    let exception = entry.actual.as_ref().and_then(|a| a.exception.as_ref());
    let is_unbound = exception.is_some_and(|e| e.message.starts_with("NameError"));
    let origin = tainted.origin(&names, is_unbound);
    if entry.verdict == Verdict::Failed {
        entry.follows = origin;
        tainted.note(&names, origin.or(Some(entry.example.line)));
    } else {
        tainted.note(&names, origin);
    }
    Ok(())
}

/// How a spec ended whose examples ended so.
fn outcome(examples: &[ExampleReport]) -> Outcome {
    let verdicts = || examples.iter().map(|entry| &entry.verdict);
    if verdicts().all(|verdict| matches!(verdict, Verdict::Skipped(_))) {
        return Outcome::Skipped(Skip {
            kind: SkipKind::Empty,
            reason: "every example is skipped".into(),
        });
    }
    if verdicts().any(|verdict| matches!(verdict, Verdict::Failed | Verdict::NotRun(_))) {
        return Outcome::Failed;
    }
    Outcome::Passed
}

/// A report of a spec whose examples were not run.
fn not_run(spec: &Spec, setting: &Setting, outcome: Outcome, why: Unrun) -> SpecReport {
    let mut report = SpecReport::without_run(&spec.path, outcome);
    let entry = |example| {
        let rules = Rules::from_options(&setting.options(spec, example));
        let mut entry = ExampleReport::without_run(example, rules, why);
        if let Some(skip) = skip_example(example, setting) {
            entry.verdict = Verdict::Skipped(skip);
        }
        entry
    };
    report.examples = spec.examples.iter().map(entry).collect();
    report.title = spec.title().to_owned();
    report
}

fn processes(names: Vec<String>) -> Vec<Leak> {
    let leak = |what| Leak {
        kind: LeakKind::Process,
        what,
    };
    names.into_iter().map(leak).collect()
}

/// An example is skipped for its own options and the suite's, and not again for
/// those of the file, which decide about the whole.
fn skip_example(example: &Example, setting: &Setting) -> Option<Skip> {
    let own = setting.suite.options.overlaid(&example.options);
    gate::skip(&own, &setting.surroundings)
}

fn log_tail(session: &mut Session<'_>) -> io::Result<String> {
    Ok(text(&session.worker.log_tail(LOG_TAIL)?))
}
