//! What the harness itself does for an example, counted and not timed: reads,
//! writes and bytes of this process, as the kernel counts them. They are the same
//! on a busy machine, so they can be held to a budget.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test that fails here has failed")]

use std::fs;
use std::process::Command;

use harness::Suite;

/// Reads and writes for one example that runs a command, those of Python included.
const CALLS: u64 = 14;
/// Bytes read and written for it: the conversation with Python, twice.
const BYTES: u64 = 3500;
/// How often each is measured.
const EXAMPLES: u64 = 400;

/// Reads and writes of this process so far, and their bytes; the kernel adds those
/// of each child that was waited for.
fn counted() -> (u64, u64) {
    let text = fs::read_to_string("/proc/self/io").unwrap();
    let number = |name: &str| -> u64 {
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap().trim().parse().unwrap()
    };
    (
        number("syscr:") + number("syscw:"),
        number("rchar:") + number("wchar:"),
    )
}

/// The same for running one spec of so many examples.
fn cost(examples: usize) -> (u64, u64) {
    let folder = tempfile::tempdir().unwrap();
    let example = "    >>> run(\"true\")\n    <exit 0>\n\n";
    fs::write(folder.path().join("spec.md"), example.repeat(examples)).unwrap();
    let before = counted();
    let results = Suite::below(folder.path()).run().unwrap();
    let after = counted();
    assert!(results.is_success());
    assert_eq!(results.totals().examples, examples);
    (after.0 - before.0, after.1 - before.1)
}

/// The same for starting as many shells.
fn shells(count: u64) -> (u64, u64) {
    let before = counted();
    for _ in 0..count {
        let mut shell = Command::new("/bin/sh");
        assert!(
            shell
                .args(["-c", "set -eu && true"])
                .status()
                .unwrap()
                .success()
        );
    }
    let after = counted();
    (after.0 - before.0, after.1 - before.1)
}

// The only test here: the counts are those of the whole process.
#[test]
fn an_example_is_within_its_budget() {
    // What is not the harness's: the shell.
    let shell = shells(EXAMPLES);
    // What is done once is in both.
    let (few, many) = (cost(20), cost(20 + EXAMPLES as usize));
    let calls = many.0.saturating_sub(few.0 + shell.0) / EXAMPLES;
    let bytes = many.1.saturating_sub(few.1 + shell.1) / EXAMPLES;
    println!("for an example: {calls} reads and writes, {bytes} bytes");
    assert!(calls <= CALLS, "{calls} reads and writes for an example");
    assert!(bytes <= BYTES, "{bytes} bytes for an example");
}
