//! A report with something of everything, for the tests of formats.

use std::collections::BTreeMap;

use super::record::{
    Attempt, Difference, Document, End, Example, Leak, Line, LineKind, Outcome, Program, Revision,
    Run, Spec, VERSION, Verdict,
};
use crate::verdict::Totals;

/// What no format may pass on as it is: the end of a CDATA section, a script, an
/// escape sequence, a null, a character XML cannot hold, and a workflow command.
pub const HOSTILE: &str = "]]> <script>alert(1)</script> & \" ' \u{1b}[31m \0 \u{fffe} \
    | `x` %0A\n::error::x\n...\nnot ok 9\nBail out!\n";

/// The report.
pub fn document() -> Document {
    let specs = vec![passed(), failed(), flaky(), skipped(), broken(), not_run()];
    Document {
        run: run(),
        specs,
        end: End {
            totals: Totals {
                passed: 2,
                flaky: 1,
                failed: 1,
                skipped: 1,
                broken: 1,
                interrupted: 1,
                examples: 5,
                failed_examples: 3,
                follow_ons: 1,
                skipped_examples: 1,
                leaks: 2,
                ..Totals::default()
            },
            unclaimed: vec![leak("sleep (pid 12)")],
            is_interrupted: true,
            exit_code: 5,
            duration_ms: 1234.5,
        },
    }
}

fn run() -> Run {
    Run {
        version: VERSION,
        harness: "0.1.0".into(),
        started: "2026-01-02T03:04:05Z".into(),
        directory: "/work <here>".into(),
        os: "linux".into(),
        arch: "x86_64".into(),
        processors: 4,
        python: BTreeMap::from([("/usr/bin/python3".into(), "3.11".into())]),
        programs: vec![Program {
            name: "tool".into(),
            path: "/bin/tool".into(),
            sha256: "ab".repeat(32),
        }],
        suites: vec!["/work/suite.toml".into()],
        revision: Some(Revision {
            commit: "cd".repeat(20),
            modified: true,
        }),
        paths: vec!["specs".into()],
        selection: vec!["--filter".into(), "a b".into()],
        options: vec!["--force".into()],
    }
}

fn spec(path: &str, outcome: Outcome, examples: Vec<Example>) -> Spec {
    Spec {
        path: path.into(),
        title: format!("About {path}"),
        outcome,
        sha256: "ef".repeat(32),
        start_ms: 1.5,
        duration_ms: 100.25,
        command_ms: 60.0,
        attempts: 1,
        examples,
        ..Spec::default()
    }
}

fn example(spec: &str, index: usize, verdict: Verdict) -> Example {
    Example {
        spec: spec.into(),
        index,
        line: 10 + 5 * index,
        column: 5,
        section: "A section".into(),
        verdict,
        start_ms: 2.0 + index as f64,
        duration_ms: 30.0,
        command_ms: 20.0,
        attempts: 1,
        source: "run(\"tool\")\n".into(),
        expected: "a ... c\n2nd\n".into(),
        ..Example::default()
    }
}

fn failure(spec: &str, index: usize) -> Example {
    let line = |kind, text: &str, marks| Line {
        kind,
        text: text.into(),
        marks,
    };
    Example {
        reason: "output differs".into(),
        output: Some("a b c\n2\n".into()),
        difference: Some(Difference {
            line: Some(12),
            lines: vec![
                line(LineKind::Wild, "a b c", vec![(2, 3)]),
                line(LineKind::Missing, "2nd", vec![(1, 3)]),
                line(LineKind::Extra, "2", vec![]),
                line(LineKind::Cut, "[9 more lines]", vec![]),
            ],
            notes: vec!["compared after: white space folded".into()],
        }),
        ..example(spec, index, Verdict::Failed)
    }
}

pub fn leak(what: &str) -> Leak {
    Leak {
        kind: "process".into(),
        what: what.into(),
        text: format!("left running, ended: {what}"),
    }
}

fn passed() -> Spec {
    let path = "specs/a/passed.md";
    let bound = Example {
        bindings: vec![("id".into(), "3f2a".into())],
        ..example(path, 0, Verdict::Passed)
    };
    spec(path, Outcome::Passed, vec![bound])
}

fn failed() -> Spec {
    let path = "specs/a/failed <&>.md";
    let hostile = Example {
        reason: "unexpected exception: Error: <b>]]>".into(),
        source: format!("print({HOSTILE:?})\n"),
        output: Some(HOSTILE.into()),
        exception: Some("Traceback (most recent call last):\nError: <b>]]>\n".into()),
        notes: vec!["a note, <i>".into()],
        difference: Some(Difference {
            line: None,
            lines: vec![Line {
                kind: LineKind::Extra,
                text: HOSTILE.lines().next().unwrap().into(),
                marks: vec![(0, 3)],
            }],
            notes: Vec::new(),
        }),
        ..failure(path, 1)
    };
    let follows = Example {
        follows: Some(10),
        timeout_ms: Some(1500.0),
        reason: "timeout after 1.5s".into(),
        difference: None,
        ..failure(path, 2)
    };
    let skipped = Example {
        reason: "not for linux".into(),
        kind: "platform".into(),
        ..example(path, 3, Verdict::Skipped)
    };
    let not_run = Example {
        reason: "timeout".into(),
        ..example(path, 4, Verdict::NotRun)
    };
    Spec {
        leaks: vec![leak("sleep <1> (pid 9)")],
        log: HOSTILE.into(),
        sandbox: Some("/tmp/box".into()),
        ..spec(
            path,
            Outcome::Failed,
            vec![failure(path, 0), hostile, follows, skipped, not_run],
        )
    }
}

fn flaky() -> Spec {
    let path = "specs/flaky.md";
    let earlier = Attempt {
        outcome: Outcome::Failed,
        duration_ms: 12.5,
        failures: vec![failure(path, 0)],
    };
    Spec {
        attempts: 2,
        earlier: vec![earlier],
        ..spec(
            path,
            Outcome::Flaky,
            vec![example(path, 0, Verdict::Passed)],
        )
    }
}

fn skipped() -> Spec {
    Spec {
        reason: "needs <R> & more".into(),
        kind: "feature".into(),
        ..spec("specs/b/skipped.md", Outcome::Skipped, Vec::new())
    }
}

fn broken() -> Spec {
    Spec {
        reason: "specs/b/broken.md:3:8: not UTF-8 <b>\nspecs/b/broken.md:9: unclosed".into(),
        ..spec("specs/b/broken.md", Outcome::Broken, Vec::new())
    }
}

fn not_run() -> Spec {
    spec("specs/c.md", Outcome::Interrupted, Vec::new())
}
