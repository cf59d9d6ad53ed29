//! What cargo and cargo-nextest expect of a test target, held against two targets
//! made of specs: the harness's own, and that of the crate in `example/`.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that fails here has failed"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use serde_json::Value;

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

/// The test target `specs` of the example crate, built as cargo builds it.
static EXAMPLE: LazyLock<PathBuf> = LazyLock::new(|| {
    let output = Command::new(env!("CARGO"))
        .args(["test", "--package", "tally", "--test", "specs", "--no-run"])
        .args(["--locked", "--message-format", "json"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let messages = String::from_utf8(output.stdout).unwrap();
    let executable = |line: &str| -> Option<PathBuf> {
        let message: Value = serde_json::from_str(line).ok()?;
        let is_target = message["target"]["name"] == "specs";
        is_target.then(|| message["executable"].as_str().map(PathBuf::from))?
    };
    messages.lines().find_map(executable).unwrap()
});

/// The folder of the example crate, where cargo runs its tests.
fn example_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("example")
}

/// Runs the example's target in a folder, whose `specs` it takes.
fn run_in(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(&*EXAMPLE)
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap()
}

/// Runs the example's target, which must go well. Returns what it prints.
fn example(arguments: &[&str]) -> String {
    let output = run_in(&example_folder(), arguments);
    assert!(output.status.success(), "{}", stderr(&output));
    stdout(&output)
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// A folder with the example's suite and these specs.
fn folder_with(specs: impl IntoIterator<Item = (String, String)>) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("specs")).unwrap();
    let suite = example_folder().join("specs/suite.toml");
    fs::copy(suite, folder.path().join("specs/suite.toml")).unwrap();
    for (name, text) in specs {
        fs::write(folder.path().join("specs").join(name), text).unwrap();
    }
    folder
}

#[test]
fn lists_of_the_example() {
    let all = "counting: test\nmistakes: test\nwindows: test\n";
    assert_eq!(example(&["--list", "--format", "terse"]), all);
    assert_eq!(
        example(&["--list", "--format", "terse", "--ignored"]),
        "windows: test\n"
    );
    assert_eq!(example(&["--list", "mist"]), "mistakes: test\n");
}

#[test]
fn filters() {
    let ends = |arguments: &[&str], counts: &str| {
        let text = example(arguments);
        assert!(text.contains(counts), "{arguments:?}: {text}");
    };
    ends(&[], "2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered");
    ends(
        &["mist"],
        "1 passed; 0 failed; 0 ignored; 0 measured; 2 filtered",
    );
    ends(&["--skip", "count"], "1 passed; 0 failed; 1 ignored");
    ends(&["counting", "--exact"], "1 passed; 0 failed; 0 ignored");
    ends(&["count", "--exact"], "running 0 tests");
    ends(&["--ignored"], "1 passed; 0 failed; 0 ignored");
    ends(&["--include-ignored"], "3 passed; 0 failed; 0 ignored");
    ends(
        &["--test-threads", "1", "--quiet"],
        "2 passed; 0 failed; 1 ignored",
    );
}

#[test]
fn nocapture_shows_what_examples_print() {
    let output = run_in(&example_folder(), &["--nocapture"]);
    let (protocol, shown) = (stdout(&output), stderr(&output));
    assert!(
        protocol.contains("test windows  ... ignored (only for windows)"),
        "{protocol}"
    );
    assert!(!protocol.contains(">>>"), "{protocol}");
    for part in [
        "specs/mistakes.md ... ok (2 examples, ",
        "    >>> run(\"tally --top 1 poem.txt\")\n    3 rain\n    <exit 0>\n",
        "specs/windows.md ... skipped (only for windows)\n",
    ] {
        assert!(shown.contains(part), "no {part:?} in {shown}");
    }
    let quiet = run_in(&example_folder(), &[]);
    assert_eq!(stderr(&quiet), "");
}

#[test]
fn json_is_all_there_is_on_standard_output() {
    let failing = "    >>> 1\n    2\n".to_owned();
    let skipped = "---\ndoctest: +WINDOWS_ONLY\n---\n\n    >>> 1\n    1\n".to_owned();
    let folder = folder_with([("a.md".into(), failing), ("b.md".into(), skipped)]);
    let arguments = ["--format", "json", "-Z", "unstable-options", "--nocapture"];
    let output = run_in(folder.path(), &arguments);
    assert_eq!(output.status.code(), Some(101));
    let text = stdout(&output);
    let events: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect(line))
        .collect();
    let event = |name: &str, event: &str| {
        let is_it = |e: &&Value| e["name"] == name && e["event"] == event;
        events.iter().find(is_it).cloned().unwrap_or_default()
    };
    let message = event("a", "failed")["stdout"].as_str().unwrap().to_owned();
    assert!(
        message.contains("specs/a.md:1: output differs"),
        "{message}"
    );
    assert_eq!(event("b", "ignored")["type"], "test");
    assert_eq!(events.last().unwrap()["failed"], 1);
}

#[test]
fn one_of_a_thousand_is_found_without_the_others() {
    let spec = |n| (format!("n{n}.md"), format!("    >>> {n}\n    {n}\n"));
    let folder = folder_with((0..1000).map(spec));
    let list = stdout(&run_in(folder.path(), &["--list", "--format", "terse"]));
    assert_eq!(list.lines().count(), 1000);
    // A spec whose suite cannot be read: whoever looks at all specs fails.
    let broken = folder.path().join("specs/broken");
    std::fs::create_dir(&broken).unwrap();
    std::fs::write(broken.join("suite.toml"), "no = suite").unwrap();
    std::fs::write(broken.join("x.md"), "    >>> 1\n    1\n").unwrap();
    let looked = run_in(folder.path(), &["n500"]);
    assert_eq!(looked.status.code(), Some(2));
    let named = run_in(folder.path(), &["n500", "--exact", "--nocapture"]);
    let text = stdout(&named);
    assert!(
        text.contains("1 passed; 0 failed"),
        "{text}{}",
        stderr(&named)
    );
}

#[test]
fn a_broken_spec_is_a_failed_test() {
    let folder = folder_with([("broken.md".into(), "    >>>1\n".into())]);
    let output = run_in(folder.path(), &[]);
    assert_eq!(output.status.code(), Some(101));
    let text = stdout(&output);
    assert!(
        text.contains("specs/broken.md:1:8: no space after `>>>`"),
        "{text}"
    );
}

#[test]
fn no_specs_at_all_is_no_success() {
    let output = run_in(folder_with([]).path(), &[]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(stderr(&output), "specs: no specs\n");
}

#[test]
fn nextest_runs_the_example() {
    let nextest = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO"));
        // A run of nextest that this one is part of is of no concern to it.
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("NEXTEST") {
                command.env_remove(name);
            }
        }
        let command = command.arg("nextest").args(arguments);
        command
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .unwrap()
    };
    if !nextest(&["--version"]).status.success() {
        println!("not run: cargo-nextest is not installed");
        return;
    }
    let target = ["--package", "tally", "--test", "specs", "--color", "never"];
    let output = nextest(&[&["run", "--locked"], &target[..]].concat());
    let text = stderr(&output);
    assert!(output.status.success(), "{text}");
    for part in [
        "tally::specs counting",
        "tally::specs mistakes",
        "2 passed, 1 skipped",
    ] {
        assert!(text.contains(part), "no {part:?} in {text}");
    }
    let arguments = ["run", "--locked", "--run-ignored", "only"];
    let output = nextest(&[&arguments[..], &target[..]].concat());
    assert!(stderr(&output).contains("1 test run: 1 passed, 2 skipped"));
}
