//! The command line as a whole: usage errors, help pages, exit codes, streams.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use assert_cmd::Command;

fn guild(words: &str) -> Command {
    let home = std::env::temp_dir().join("guild-command-line-test");
    std::fs::create_dir_all(&home).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_guild"));
    command
        .args(words.split_whitespace())
        .env("GUILD_HOME", home)
        .env("COLUMNS", "80")
        .env("NO_COLOR", "1");
    command
}

fn fails(words: &str, code: i32, message: &str) {
    guild(words)
        .assert()
        .code(code)
        .stdout("")
        .stderr(format!("{message}\n"));
}

#[test]
fn usage_errors_have_the_contracts_words() {
    for (words, message) in [
        (
            "xx",
            "guild: No such command 'xx'.\nTry 'guild --help' for more information.",
        ),
        (
            "runs bad",
            "guild: No such command 'bad'.\nTry 'guild runs --help' for more information.",
        ),
        (
            "--versio",
            "guild: unrecognized option '--versio' (did you mean --version?)\nTry 'guild --help' \
             for more information.",
        ),
        (
            "run --labl x",
            "guild: unrecognized option '--labl' (did you mean --label?)\nTry 'guild run --help' \
             for more information.",
        ),
        (
            "runs export",
            "guild: missing argument for LOCATION\nTry 'guild runs export --help' for more \
             information.",
        ),
        (
            "download",
            "guild: missing argument for URL\nTry 'guild download --help' for more information.",
        ),
        (
            "run --label",
            "guild: Option '--label' requires an argument.",
        ),
        ("runs -an", "guild: Option '-n' requires an argument."),
        (
            "runs --all=yes",
            "guild: Option '--all' does not take a value.",
        ),
        (
            "runs --limit x",
            "guild: Invalid value for '-n' / '--limit': 'x' is not a valid integer range.\nTry \
             'guild runs --help' for more information.",
        ),
        (
            "run --trials=-1",
            "guild: Invalid value for '-m' / '--max-trials' / '--trials': -1 is not in the range \
             x>=1.\nTry 'guild run --help' for more information.",
        ),
        (
            "stop --timeout -1",
            "guild: Invalid value for '--timeout': -1 is not in the range x>=0.\nTry 'guild stop \
             --help' for more information.",
        ),
        (
            "tensorboard --port 70000",
            "guild: Invalid value for '-p' / '--port': 70000 is not in the range 0<=x<=65535.\nTry \
             'guild tensorboard --help' for more information.",
        ),
        (
            "tensorboard --no-opn",
            "guild: unrecognized option '--no-opn' (did you mean --no-open?)\nTry 'guild \
             tensorboard --help' for more information.",
        ),
        (
            "cat a b",
            "guild: unexpected extra argument 'b'\nTry 'guild cat --help' for more information.",
        ),
        (
            "help a b",
            "guild: unexpected extra argument 'b'\nTry 'guild help --help' for more information.",
        ),
        (
            "help --base-heading-level x",
            "guild: Invalid value for '--base-heading-level': 'x' is not a valid integer.\nTry \
             'guild help --help' for more information.",
        ),
        (
            "ops --installd",
            "guild: unrecognized option '--installd' (did you mean --installed?)\nTry 'guild ops \
             --help' for more information.",
        ),
        (
            "api help-op",
            "guild: missing argument for OPSPEC\nTry 'guild api help-op --help' for more \
             information.",
        ),
        (
            "ls 9 9 9",
            "guild: unexpected extra arguments '9 9'\nTry 'guild ls --help' for more information.",
        ),
    ] {
        fails(words, 2, message);
    }
}

#[test]
fn the_programs_own_objections_exit_with_1() {
    for (words, message) in [
        ("-C nodir runs", "guild: directory 'nodir' does not exist"),
        (
            "-C Cargo.toml runs",
            "guild: 'Cargo.toml' is not a directory",
        ),
        ("-H nodir runs", "guild: directory 'nodir' does not exist"),
        (
            "runs -s list",
            "guild: options cannot be listed before command ('list')",
        ),
        (
            "runs -Sxy",
            "guild: unrecognized status char 'x' in option '-S'\nTry 'guild runs --help' for more \
             information.",
        ),
        (
            "run x.py --stage -b",
            "guild: --stage and --background cannot both be used\nTry 'guild run --help' for more \
             information.",
        ),
    ] {
        fails(words, 1, message);
    }
}

#[test]
fn help_is_on_stdout_for_every_command() {
    for path in [
        "",
        "run",
        "runs",
        "runs list",
        "runs info",
        "runs delete",
        "runs rm",
        "runs restore",
        "runs purge",
        "api runs",
        "runs comment",
        "runs diff",
        "runs label",
        "runs mark",
        "runs merge",
        "runs stop",
        "runs archive",
        "runs export",
        "runs import",
        "archive",
        "export",
        "import",
        "runs tag",
        "cat",
        "check",
        "diff",
        "ls",
        "open",
        "select",
        "comment",
        "compare",
        "api compare",
        "watch",
        "label",
        "mark",
        "stop",
        "tag",
        "tensorboard",
        "merge",
        "api",
        "api merge",
        "api ops",
        "api help-op",
        "operations",
        "ops",
        "models",
        "help",
    ] {
        let assert = guild(&format!("{path} --help"))
            .assert()
            .success()
            .stderr("");
        let page = String::from_utf8(assert.get_output().stdout.clone()).unwrap();
        let usage = format!("Usage: guild {path}").trim_end().to_string();
        assert!(page.starts_with(&usage), "{page}");
        assert!(page.contains("\nOptions:\n"), "{page}");
        let widest = page.lines().map(|line| line.chars().count()).max().unwrap();
        assert!(widest <= 80, "guild {path} --help is {widest} wide");
    }
}

#[test]
fn a_group_without_a_command_shows_its_help() {
    for path in ["", "api"] {
        let help = guild(&format!("{path} --help")).output().unwrap();
        let assert = guild(path).assert().success().stderr("");
        assert.stdout(help.stdout);
    }
}

#[test]
fn help_wins_over_wrong_values_but_not_over_unknown_options() {
    guild("runs -n x --help").assert().success();
    guild("--help badcmd").assert().success();
    guild("runs --help --foo").assert().code(2);
}

#[test]
fn the_version_is_the_one_that_is_compatible() {
    guild("--version")
        .assert()
        .success()
        .stdout("guild 0.9.1\n");
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let program = env!("CARGO_BIN_EXE_guild");
    let script = format!("'{program}' run --help | head -n 1");
    Command::new("sh")
        .args(["-c", &script])
        .assert()
        .success()
        .stderr("");
}
