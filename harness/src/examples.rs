//! Running the examples of one spec in order.

use std::io;
use std::time::Duration;

use serde_json::json;

use crate::absent::Absent;
use crate::expectations;
use crate::follows::Tainted;
use crate::gate::{Skip, SkipKind};
use crate::matcher::{Actual, Rules, names_of};
use crate::protocol::SetUp;
use crate::session::Session;
use crate::setting::{Setting, skip_example};
use crate::spec::Spec;
use crate::verdict::{ExampleReport, Outcome, SpecReport, Unrun, Verdict};

/// How long a worker may take to start and to run preludes, however little time
/// examples have.
pub(crate) const LEAST_SET_UP: Duration = Duration::from_secs(60);

/// Prepares the namespace of Python, for which there is the time of an example, and at
/// least [`LEAST_SET_UP`]. Returns what is wrong with the prelude.
pub(crate) fn set_up(session: &mut Session<'_>, setting: &Setting) -> io::Result<Option<String>> {
    if session.is_shell() {
        return Ok(None);
    }
    let preludes = &setting.suite.preludes;
    let sandbox = session.sandbox;
    let limit = session.calls.limits.example.max(LEAST_SET_UP);
    let message = SetUp {
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
    };
    let answer = session.set_up(&message, limit)?;
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

/// Runs them, and fills in their reports.
pub(crate) fn run_all(
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
        let file = entry.example.file_in(&spec.path).display().to_string();
        let filename = format!("<{file}[{index}]>");
        let captured = session.example(entry, &filename, &options)?;
        session.bind(captured, entry, &mut scope)?;
        let ended = session.calls.services.ended()?;
        entry.notes.extend(ended.iter().cloned());
        let place = format!("{file}:{}", entry.example.line);
        let ended = ended.iter().map(|told| format!("{place}: {told}"));
        report.notes.extend(ended);
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
pub(crate) fn not_run(spec: &Spec, setting: &Setting, outcome: Outcome, why: Unrun) -> SpecReport {
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
