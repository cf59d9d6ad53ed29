//! The command line of `harness`, from outside.
#![expect(clippy::unwrap_used, reason = "a test that fails here has failed")]

use std::fs;
use std::path::Path;
use std::process::Output;

use assert_cmd::Command;

fn harness(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_harness"))
        .args(arguments)
        .current_dir(folder)
        // The history is for the user's runs.
        .env_remove("XDG_CACHE_HOME")
        .env_remove("HOME")
        .output()
        .unwrap()
}

fn fixtures() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures"))
}

fn code_of(arguments: &[&str]) -> Option<i32> {
    harness(fixtures(), arguments).status.code()
}

#[test]
fn exit_codes() {
    assert_eq!(code_of(&["run", "pass.md"]), Some(0));
    assert_eq!(code_of(&["run", "mismatch.md"]), Some(1));
    assert_eq!(code_of(&["run", "malformed.md"]), Some(2));
    assert_eq!(code_of(&["run", "none.md"]), Some(2));
    assert_eq!(code_of(&["run", "empty.md"]), Some(4));
    assert_eq!(code_of(&["run", "--no-such-option"]), Some(2));
    assert_eq!(code_of(&[]), Some(2));
    assert_eq!(code_of(&["--help"]), Some(0));
}

#[test]
fn errors_go_to_standard_error() {
    let output = harness(fixtures(), &["run", "none.md"]);
    assert!(output.stdout.is_empty());
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("harness: none.md: "));
}

#[test]
fn a_closed_output_is_no_panic() {
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_harness"))
        .args(["run", "pass.md", "more"])
        .current_dir(fixtures())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.stderr.is_empty());
    // As a shell tells the end of a program by SIGPIPE.
    assert_eq!(output.status.code(), Some(141));
}

/// Every file below a folder with its content.
fn contents(folder: &Path) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    walkdir::WalkDir::new(folder)
        .sort_by_file_name()
        .into_iter()
        .flatten()
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| (entry.path().to_owned(), fs::read(entry.path()).unwrap()))
        .collect()
}

#[test]
fn the_checkout_is_left_alone() {
    let before = contents(fixtures());
    let output = harness(fixtures(), &["run", "."]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(before, contents(fixtures()));
}

#[test]
fn reports_do_not_depend_on_the_number_of_jobs() {
    let report = |jobs| {
        let output = harness(fixtures(), &["run", ".", "--jobs", jobs]);
        let text = String::from_utf8(output.stdout).unwrap();
        let changing = regex::Regex::new(r"[0-9.]+m?s\b|\(pid \d+\)|left running[^\n]*\n").unwrap();
        changing.replace_all(&text, "").into_owned()
    };
    assert_eq!(report("1"), report("8"));
}
