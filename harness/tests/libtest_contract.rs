//! What cargo and cargo-nextest expect of a test target, held against a target
//! made of specs: the harness's own.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that fails here has failed"
)]

use std::path::{Path, PathBuf};
use std::process::Command;

/// The built test target `specs`, beside this one.
fn target() -> PathBuf {
    let folder = std::env::current_exe()
        .unwrap()
        .parent()
        .unwrap()
        .to_owned();
    let is_target = |path: &Path| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        name.strip_prefix("specs-")
            .is_some_and(|rest| !rest.contains('.'))
    };
    std::fs::read_dir(folder)
        .unwrap()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| is_target(path))
        .filter(|path| lists(path).iter().any(|name| name == "language/run"))
        .max_by_key(|path| path.metadata().unwrap().modified().unwrap())
        .expect("the target is built with this one")
}

fn output(path: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(path)
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    (
        output.status.code(),
        String::from_utf8(output.stdout).unwrap(),
    )
}

fn lists(path: &Path) -> Vec<String> {
    let (_, text) = output(path, &["--list", "--format", "terse"]);
    text.lines()
        .filter_map(|line| Some(line.strip_suffix(": test")?.to_owned()))
        .collect()
}

#[test]
fn the_list_holds_only_tests() {
    let target = target();
    let (code, text) = output(&target, &["--list", "--format", "terse"]);
    assert_eq!(code, Some(0));
    assert!(text.lines().all(|line| line.ends_with(": test")), "{text}");
    let mut names = lists(&target);
    let count = names.len();
    names.dedup();
    assert_eq!(names.len(), count);
}

#[test]
fn the_ignored_are_listed_apart() {
    let (code, text) = output(&target(), &["--list", "--format", "terse", "--ignored"]);
    assert_eq!((code, text.as_str()), (Some(0), "elsewhere: test\n"));
}

#[test]
fn one_test_by_its_name() {
    let target = target();
    let (code, text) = output(&target, &["language/files", "--exact", "--nocapture"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("running 1 test\n"), "{text}");
    assert!(text.contains("1 passed; 0 failed; 0 ignored"), "{text}");
    let (code, text) = output(&target, &["language/file", "--exact", "--nocapture"]);
    assert_eq!(code, Some(0));
    assert!(text.contains("running 0 tests\n"), "{text}");
}

#[test]
fn an_ignored_test_says_why_and_can_be_forced() {
    let target = target();
    let (code, text) = output(&target, &["elsewhere"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("ignored (only for windows)"), "{text}");
    let (code, text) = output(&target, &["elsewhere", "--ignored"]);
    assert_eq!(code, Some(101), "{text}");
    assert!(
        text.contains("specs/elsewhere.md:8: output differs"),
        "{text}"
    );
}
