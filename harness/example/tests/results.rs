//! Runs the specs and looks at the reports, as a tool of one's own would.

use harness::Suite;
use harness::verdict::Outcome;

#[test]
fn every_example_has_a_verdict_and_a_time() {
    let suite = Suite::below("specs").binary(env!("CARGO_BIN_EXE_tally"));
    let results = suite.jobs(2).run().unwrap();
    assert!(results.is_success());
    let words: Vec<&str> = results.specs().iter().map(|s| s.outcome.word()).collect();
    assert_eq!(words, ["passed", "passed", "skipped"]);
    let [counting, mistakes, windows] = results.specs() else {
        panic!("three specs");
    };
    assert_eq!(counting.title, "Counting words");
    assert!(counting.duration >= counting.command_time());
    assert!(!counting.command_time().is_zero());
    assert!(mistakes.failures().next().is_none());
    assert!(matches!(&windows.outcome, Outcome::Skipped(skip) if skip.reason.contains("windows")));
    let ran: usize = results.specs().iter().map(|s| s.examples_run()).sum();
    assert_eq!(results.totals().examples, ran);
}

#[test]
fn a_failure_can_be_looked_into() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("wrong.md"), "    >>> 6 * 7\n    43\n").unwrap();
    let results = Suite::below(folder.path()).run().unwrap();
    assert!(!results.is_success());
    let failed = results.specs()[0].failures().next().unwrap();
    assert_eq!(
        (failed.example.line, failed.headline().as_str()),
        (1, "output differs")
    );
    assert_eq!(failed.actual.as_ref().unwrap().output, "42\n");
    let mut text = Vec::new();
    results
        .write(&mut text, harness::report::Style::new(false))
        .unwrap();
    let text = String::from_utf8(text).unwrap();
    assert!(text.contains("wrong.md:1: output differs"), "{text}");
    assert!(text.contains("0 passed; 1 failed"), "{text}");
}

#[test]
fn what_cannot_be_run_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let empty = Suite::below(folder.path()).run().unwrap_err();
    assert!(empty.to_string().ends_with(": no specs"), "{empty}");
    let gone = Suite::below(folder.path().join("gone")).run().unwrap_err();
    assert!(gone.to_string().contains("gone: "), "{gone}");
}
