//! Running one spec: a sandbox, a worker, the examples in order, a verdict.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::calls::Calls;
use crate::duration::show;
use crate::gate::{self, Skip, SkipKind, Surroundings};
use crate::interrupt::Interrupt;
use crate::matcher::{Actual, Rules, agrees};
use crate::ownership::{Owner, Owners};
use crate::protocol::{Evaluate, Message, SetUp, text};
use crate::reaper::Reaper;
use crate::sandbox::Sandbox;
use crate::spec::{Example, Spec};
use crate::suite::{Leaks, SuiteFile};
use crate::verdict::{ExampleReport, Leak, LeakKind, Outcome, SpecReport, Unrun, Verdict};
use crate::worker::{Heard, Worker};
use crate::worker_files::WorkerFiles;

/// How much of the end of a log a report shows.
const LOG_TAIL: usize = 4000;

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
    /// Whether a spec stops at its first failure.
    pub fail_fast: bool,
}

/// What all specs of a run share.
#[derive(Debug)]
pub struct Runner {
    reaper: &'static Reaper,
    owners: Owners,
    interrupt: Arc<Interrupt>,
    files: WorkerFiles,
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
    /// A runner that stops when the flag is raised. From here on this process
    /// may not wait for child processes by itself: see [`crate::reaper`].
    pub fn new(interrupt: Arc<Interrupt>) -> io::Result<Self> {
        Ok(Runner {
            reaper: Reaper::get()?,
            owners: Owners::default(),
            interrupt,
            files: WorkerFiles::unpack()?,
        })
    }

    /// Whether the run was interrupted.
    pub fn is_interrupted(&self) -> bool {
        self.interrupt.is_set()
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
        if self.is_interrupted() {
            return SpecReport::without_run(&spec.path, Outcome::Interrupted);
        }
        if let Some(skip) = skip(spec, setting) {
            return SpecReport::without_run(&spec.path, Outcome::Skipped(skip));
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
        report.log = log_tail(&sandbox);
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
        let limits = setting.suite.limits.with(&spec.limits);
        let now = Instant::now();
        let worker = Worker::start(
            setting.surroundings.python.file(),
            &self.files,
            sandbox,
            owner,
            self.reaper,
        )?;
        let mut session = Session {
            worker,
            is_over: None,
            interrupt: &self.interrupt,
            calls: Calls {
                owner,
                reaper: self.reaper,
                interrupt: &self.interrupt,
                limits,
                deadline: now.checked_add(limits.spec).unwrap_or(now),
                notes: Vec::new(),
                timeout: None,
                command_time: Duration::ZERO,
            },
        };
        let mut report = SpecReport::without_run(&spec.path, Outcome::Passed);
        let set_up = session.set_up(setting, sandbox)?;
        if let Some(fault) = set_up {
            report.outcome = Outcome::Broken(vec![fault]);
        } else {
            session.examples(spec, setting, &mut report)?;
        }
        if self.is_interrupted() {
            report.outcome = Outcome::Interrupted;
        }
        let listens = session.is_over.is_none();
        session.worker.finish(listens)?;
        Ok(report)
    }
}

/// The conversation with the worker of one spec.
struct Session<'a> {
    worker: Worker,
    calls: Calls<'a>,
    interrupt: &'a Interrupt,
    /// Why the worker can run no more examples.
    is_over: Option<String>,
}

impl Session<'_> {
    /// Prepares the namespace. Returns what is wrong with the prelude.
    fn set_up(&mut self, setting: &Setting, sandbox: &Sandbox) -> io::Result<Option<String>> {
        let prelude = setting.suite.prelude.as_ref();
        let prelude_file = prelude.map(|prelude| prelude.path.display().to_string());
        self.worker.say(&SetUp {
            prelude: prelude.map(|prelude| prelude.source.as_str()),
            prelude_file: prelude_file.clone(),
            settings: json!({
                "samples": setting.samples.as_ref().map(|path| path.display().to_string()),
                "temporary": sandbox.path("tmp").display().to_string(),
                "program": setting.suite.program,
                "home_variable": setting.suite.home_variable,
            }),
            // With room for what `run` says about output that it cut.
            keep: setting.suite.limits.output.saturating_add(4 << 10),
        })?;
        let answer = self.listen()?;
        let file = prelude_file.unwrap_or_else(|| "the worker".into());
        Ok(match answer {
            Some(Actual {
                exception: Some(exception),
                ..
            }) => Some(format!(
                "{file}: the prelude failed\n{}",
                exception.traceback.trim_end()
            )),
            Some(_) => None,
            None if self.interrupt.is_set() => None,
            None => Some(format!(
                "{file}: {}",
                self.is_over.as_deref().unwrap_or("no answer")
            )),
        })
    }

    fn examples(
        &mut self,
        spec: &Spec,
        setting: &Setting,
        report: &mut SpecReport,
    ) -> io::Result<()> {
        let below = setting.suite.options.overlaid(&spec.options);
        let mut stopped = None;
        for (index, example) in spec.examples.iter().enumerate() {
            let options = below.overlaid(&example.options);
            let why = stopped.unwrap_or(Unrun::Interrupted);
            let mut entry = ExampleReport::without_run(example, Rules::from_options(&options), why);
            if let Some(skip) = skip_example(example, setting) {
                entry.verdict = Verdict::Skipped(skip);
            } else if stopped.is_none() {
                let filename = format!("<{}[{index}]>", spec.path.display());
                self.example(&mut entry, &filename, setting.keep_output)?;
                if self.interrupt.is_set() {
                    entry.verdict = Verdict::NotRun(Unrun::Interrupted);
                    stopped = Some(Unrun::Interrupted);
                } else if self.is_over.is_some() {
                    entry.is_cut = true;
                    let timeout = entry.timeout.map(|_| Unrun::Timeout);
                    stopped = Some(timeout.unwrap_or(Unrun::Ended));
                }
            }
            if entry.verdict == Verdict::Failed {
                report.outcome = Outcome::Failed;
            }
            // As in doctest, a failure before this example counts too.
            let fails_fast = setting.fail_fast || options.is_on("FAIL_FAST");
            if fails_fast && entry.ran() && report.outcome == Outcome::Failed {
                stopped = stopped.or(Some(Unrun::Failure));
            }
            report.examples.push(entry);
        }
        if report
            .examples
            .iter()
            .all(|e| matches!(e.verdict, Verdict::Skipped(_)))
        {
            let reason = "every example is skipped".into();
            report.outcome = Outcome::Skipped(Skip {
                kind: SkipKind::Empty,
                reason,
            });
        }
        Ok(())
    }

    fn example(&mut self, entry: &mut ExampleReport, filename: &str, keep: bool) -> io::Result<()> {
        let start = Instant::now();
        self.worker.say(&Evaluate {
            source: &entry.example.source,
            filename,
        })?;
        let actual = self.listen()?;
        entry.start.get_or_insert(start);
        entry.attempts += 1;
        entry.duration += start.elapsed();
        entry.command_time += std::mem::take(&mut self.calls.command_time);
        entry.notes = std::mem::take(&mut self.calls.notes);
        entry.timeout = self.calls.timeout.take();
        let agreed = match &actual {
            Some(actual) => agrees(&entry.example.expected, actual, &entry.rules),
            None => {
                entry.notes.extend(self.is_over.clone());
                false
            }
        };
        entry.verdict = if agreed {
            Verdict::Passed
        } else {
            Verdict::Failed
        };
        entry.actual = actual.filter(|_| keep || !agreed);
        Ok(())
    }

    /// Does what the worker asks until it is done. `None` if it never will be;
    /// `is_over` then says why.
    fn listen(&mut self) -> io::Result<Option<Actual>> {
        let limit = self.calls.limits.example;
        let far = self.calls.deadline;
        let mut deadline = Instant::now().checked_add(limit).unwrap_or(far);
        loop {
            let why = match self.worker.hear(deadline.min(far), self.interrupt)? {
                Heard::Message(Message::Done { done }) => return Ok(Some(done.into())),
                Heard::Message(Message::Call { call, arguments }) => {
                    let start = Instant::now();
                    let reply = self.calls.answer(&call, arguments);
                    self.worker.say(&reply)?;
                    // A command has a limit of its own.
                    deadline = deadline.checked_add(start.elapsed()).unwrap_or(far);
                    self.calls.command_time += start.elapsed();
                    continue;
                }
                Heard::Ended(code) if code < 0 => {
                    format!("the worker was ended by signal {}", -code)
                }
                Heard::Ended(code) => format!("the worker ended with exit code {code}"),
                Heard::Timeout if Instant::now() >= far => {
                    self.calls.timeout = Some(self.calls.limits.spec);
                    format!(
                        "the spec had not ended after {}",
                        show(self.calls.limits.spec)
                    )
                }
                Heard::Timeout => {
                    self.calls.timeout = Some(limit);
                    format!("the example had not ended after {}", show(limit))
                }
                Heard::Interrupted => "interrupted".into(),
            };
            self.is_over = Some(why);
            return Ok(None);
        }
    }
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

fn log_tail(sandbox: &Sandbox) -> String {
    let bytes = fs::read(sandbox.path("log")).unwrap_or_default();
    text(&bytes[bytes.len().saturating_sub(LOG_TAIL)..])
}
