//! Random documents of real Python, run by both: the same examples fail.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use harness::discovery::{Choices, Finder};
use harness::interrupt::Interrupt;
use harness::runner::Runner;
use harness::verdict::{SpecReport, Verdict};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestCaseError;

use crate::oracle::{Execution, Oracle};
use crate::texts::{Change, changed, changes};
use crate::{Tally, check};

/// A statement, and what it gives.
const STATEMENTS: &[(&str, &str)] = &[
    ("1 + 1", "2\n"),
    ("n = 3", ""),
    ("None", ""),
    ("1 == 1", "True\n"),
    ("[] != []", "False\n"),
    ("print(0 == 0)", "True\n"),
    ("print()", "\n"),
    ("print('a\\n\\n b  c')", "a\n\n b  c\n"),
    ("print('no end', end='')", "no end\n"),
    ("import sys; _ = sys.stdout.write('x')", "x\n"),
    ("print('é →')", "é →\n"),
    ("'é\\t'", "'é\\t'\n"),
    ("{'k': [1, 2]}", "{'k': [1, 2]}\n"),
    ("for i in range(3):\n    print(i)", "0\n1\n2\n"),
    ("for i in range(2):\n    i", "0\n1\n"),
    ("def f(x):\n    # why\n    return x * 2\n", ""),
    ("print('''a\n  b''')", "a\n  b\n"),
    ("if True:\n    'yes'\nelse:\n    'no'", "'yes'\n"),
    (
        "raise ValueError('no good')",
        "Traceback (most recent call last):\n  ...\nValueError: no good\n",
    ),
    (
        "raise RuntimeError",
        "Traceback (most recent call last):\nRuntimeError\n",
    ),
    (
        "raise ValueError('one\\ntwo')",
        "Traceback (most recent call last):\nValueError: one\ntwo\n",
    ),
    (
        "print('said'); {}['key']",
        "Traceback (most recent call last):\n    x\nKeyError: 'key'\n",
    ),
    (
        "1 / 0",
        "Traceback (most recent call last):\nZeroDivisionError: division by zero\n",
    ),
    (
        "undefined",
        "Traceback (innermost last):\n  File\nNameError: name 'undefined' is not defined\n",
    ),
    (
        "1 +",
        "Traceback (most recent call last):\n    ^\nSyntaxError: invalid syntax\n",
    ),
    (
        "  1",
        "Traceback (most recent call last):\nIndentationError: unexpected indent\n",
    ),
    ("x = 1\ny = 2", ""),
    (
        "raise SystemExit(3)",
        "Traceback (most recent call last):\nSystemExit: 3\n",
    ),
    ("f", "<function f at 0x...>\n"),
    ("f(n)", "6\n"),
    ("n += 1; n", "4\n"),
    ("_", "2\n"),
    ("print(__name__)", "__main__\n"),
];

/// Directives of an example.
const DIRECTIVES: &[&str] = &[
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "+SKIP",
    "-SKIP",
    "-ELLIPSIS",
    "-NORMALIZE_WHITESPACE",
    "+DONT_ACCEPT_BLANKLINE",
    "+DONT_ACCEPT_TRUE_FOR_1 -ELLIPSIS",
    "+IGNORE_EXCEPTION_DETAIL",
    "+IGNORE_EXCEPTION_DETAIL,-ELLIPSIS",
    "+STRICT",
    "-STRIP_EXIT_0",
];

#[derive(Debug, Clone)]
struct Case {
    statement: (&'static str, &'static str),
    directive: &'static str,
    changes: Vec<Change>,
    fails_fast: bool,
}

fn case() -> impl Strategy<Value = Case> {
    let changes = prop_oneof![1 => Just(Vec::new()), 1 => changes()];
    let fails_fast = prop::bool::weighted(0.005);
    (select(STATEMENTS), select(DIRECTIVES), changes, fails_fast).prop_map(
        |(statement, directive, changes, fails_fast)| Case {
            statement,
            directive,
            changes,
            fails_fast,
        },
    )
}

fn written(cases: &[Case]) -> String {
    let mut text = String::from("# Title\n");
    for case in cases {
        let (source, expected) = case.statement;
        let mut options = case.directive.to_owned();
        if case.fails_fast {
            options.push_str(" +FAIL_FAST");
        }
        text.push('\n');
        for (index, line) in source.split('\n').enumerate() {
            let prompt = if index == 0 { ">>>" } else { "..." };
            let is_last = index + 1 == source.split('\n').count();
            // In the middle of a string a directive would be text.
            let directive = match options.trim() {
                options if is_last && !options.is_empty() => format!("  # doctest: {options}"),
                _ => String::new(),
            };
            let line = format!("    {prompt} {line}{directive}");
            writeln!(text, "{}", line.trim_end()).unwrap();
        }
        for line in changed(expected, &case.changes).lines() {
            // A line that cannot be said as it is.
            let line = match line {
                "" => "<BLANKLINE>",
                line if line.trim_matches(' ').is_empty() => "<BLANKLINE> ",
                line => line,
            };
            let is_continuation =
                text.lines().last().is_some_and(is_source) && line.trim_start().starts_with("...");
            let line = if is_continuation {
                format!("???{}", &line.trim_start()[3..])
            } else {
                line.to_owned()
            };
            writeln!(text, "    {line}").unwrap();
        }
    }
    text
}

fn is_source(line: &str) -> bool {
    line.starts_with("    >>>") || line.starts_with("    ...")
}

fn execution(report: &SpecReport) -> Execution {
    let lines = |wanted: &[Verdict]| {
        let examples = report.examples.iter();
        let wanted = examples.filter(|example| wanted.contains(&example.verdict));
        wanted.map(|example| example.example.line).collect()
    };
    Execution {
        ran: lines(&[Verdict::Passed, Verdict::Failed]),
        failed: lines(&[Verdict::Failed]),
    }
}

#[test]
fn documents_run_alike() {
    let tally = Tally::default();
    let folder = tempfile::tempdir().unwrap();
    // Started before the runner: see there.
    drop(Oracle::get());
    let runner = Runner::new(Interrupt::new().unwrap()).unwrap();
    let options = ["ELLIPSIS", "NORMALIZE_WHITESPACE", "STRIP_EXIT_0"];
    // A process each, so few of them, and long.
    check(200, &prop::collection::vec(case(), 1..300), |cases| {
        let text = written(&cases);
        let file = folder.path().join("x.md");
        fs::write(&file, &text).unwrap();
        let ours =
            run(&runner, &file).map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?;
        let theirs = Oracle::get().execution(&text, &options);
        for line in &ours.ran {
            tally.add(!ours.failed.contains(line));
        }
        prop_assert_eq!(ours, theirs, "{}", text);
        Ok(())
    });
    tally.assert_both(0.1);
}

fn run(runner: &Runner, file: &Path) -> Result<Execution, Box<dyn std::error::Error>> {
    let mut finder = Finder::new(Choices::default(), file.parent().unwrap().to_owned());
    let found = finder.read(file)?;
    let setting = finder.setting(&found.suite)?;
    Ok(execution(&runner.run(&found.spec?, &setting)))
}
