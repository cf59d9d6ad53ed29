//! Commands that change runs, under fire: killed at random instants, side by
//! side on one home, on a full disk and on one that cannot be written.
//! Afterwards each run is in exactly one place, whole, with the old or the new
//! value, and lists without a warning.
//!
//! `GUILD_KILLS` sets how many commands are killed; `GUILD_KILLS_SEED` repeats a
//! sequence.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod mounts;
mod rounds;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use rounds::rounds;

const RUNS: usize = 24;
const DEFAULT_KILLS: u64 = 100;

/// A guild home of finished runs that were written without guild.
struct Place {
    dir: tempfile::TempDir,
}

impl Place {
    fn new(runs: usize) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let place = Self { dir };
        for number in 0..runs {
            write_run(&place.runs_dir().join(id(number)), number);
        }
        place
    }

    fn home(&self) -> PathBuf {
        self.dir.path().join("home")
    }

    fn runs_dir(&self) -> PathBuf {
        self.home().join("runs")
    }

    fn trash_dir(&self) -> PathBuf {
        self.home().join("trash/runs")
    }

    /// A command of guild on the home; `limits` is what a shell does before it.
    fn guild(&self, limits: &str, args: &[&str]) -> Command {
        let mut command = Command::new("sh");
        command
            .arg("-c")
            .arg(format!("{limits}\nexec \"$@\""))
            .args(["sh", env!("CARGO_BIN_EXE_guild")])
            .args(args)
            .current_dir(self.dir.path())
            .env("GUILD_HOME", self.home())
            .env("HOME", self.dir.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.guild("", args).output().unwrap()
    }

    /// Label by id of the runs that `guild runs` with `options` lists; that it
    /// lists them without a word of complaint.
    fn listed(&self, options: &[&str]) -> BTreeMap<String, String> {
        let output = self.run(&[&["runs", "--json"], options].concat());
        assert_eq!(text(&output.stderr), "");
        assert!(output.status.success());
        let runs: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let field = |run: &serde_json::Value, name: &str| run[name].as_str().unwrap().to_string();
        let runs = runs.as_array().unwrap();
        runs.iter()
            .map(|run| (field(run, "id"), field(run, "label")))
            .collect()
    }

    /// That every run is there once, live or deleted, with all its files and a
    /// label that `allowed` knows; but for those that may be gone for good.
    fn check(&self, allowed: impl Fn(&str) -> bool, may_be_gone: bool) {
        let live = self.listed(&[]);
        let deleted = self.listed(&["--deleted"]);
        for number in 0..RUNS {
            let id = id(number);
            let places = [
                (live.get(&id), self.runs_dir()),
                (deleted.get(&id), self.trash_dir()),
            ];
            let found: Vec<_> = places
                .iter()
                .filter_map(|(label, dir)| label.map(|label| (label, dir)))
                .collect();
            let [(label, dir)] = found.as_slice() else {
                assert!(found.is_empty() && may_be_gone, "{id}: {found:?}");
                continue;
            };
            assert!(allowed(label), "{id}: {label:?}");
            assert_whole(&dir.join(&id), number);
        }
    }
}

fn id(number: usize) -> String {
    format!("{number:08x}{number:024x}")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn write_run(dir: &Path, number: usize) {
    let started = 1_790_000_000_000_000 + number as u64 * 1_000_000;
    let attrs = dir.join(".guild/attrs");
    fs::create_dir_all(&attrs).unwrap();
    let write = |name: &str, text: &str| fs::write(attrs.join(name), format!("{text}\n")).unwrap();
    write("id", &id(number));
    write("initialized", &started.to_string());
    write("started", &started.to_string());
    write("exit_status", "0");
    write("label", "first");
    write("flags", "lr: 0.1");
    for file in 0..20 {
        fs::write(dir.join(format!("file-{file}")), content(number)).unwrap();
    }
    fs::write(dir.join(".guild/opref"), "script:/project '' '' train.py").unwrap();
}

fn content(number: usize) -> String {
    format!("run {number}\n").repeat(200)
}

fn assert_whole(dir: &Path, number: usize) {
    for file in 0..20 {
        let path = dir.join(format!("file-{file}"));
        assert_eq!(fs::read_to_string(&path).unwrap(), content(number));
    }
    // Guild AI reads every file there as an attribute.
    let attrs = fs::read_dir(dir.join(".guild/attrs")).unwrap();
    let hidden = attrs.flatten().find(|entry| {
        let name = entry.file_name();
        name.as_encoded_bytes().starts_with(b".")
    });
    assert!(hidden.is_none(), "{hidden:?}");
}

fn kill_after(mut child: Child, after: Duration) {
    // The instant is what is random here.
    std::thread::sleep(after);
    // One that has ended is as good.
    let _ = child.kill();
    child.wait_with_output().unwrap();
}

#[test]
fn a_killed_command_leaves_every_run_whole_and_in_one_place() {
    let (count, mut random) = rounds(DEFAULT_KILLS);
    let place = Place::new(RUNS);
    let commands: [&[&str]; 6] = [
        &["label", ":", "--set", "second", "-y"],
        &["label", ":", "--set", "first", "-y"],
        &["runs", "delete", "-y"],
        &["runs", "restore", "-y"],
        &["runs", "delete", "1:12", "-y"],
        &["label", ":", "--append", "more", "-y"],
    ];
    for _ in 0..count {
        let command = commands[random.usize(..commands.len())];
        let after = Duration::from_micros(random.u64(..12_000));
        kill_after(place.guild("", command).spawn().unwrap(), after);
        let known = |label: &str| {
            let mut words = label.split(' ');
            let first = words.next().unwrap_or_default();
            ["first", "second"].contains(&first) && words.all(|word| word == "more")
        };
        place.check(known, false);
    }
}

#[test]
fn a_killed_purge_leaves_no_half_run_in_a_list() {
    let place = Place::new(RUNS);
    let mut random = fastrand::Rng::new();
    for round in 0..8 {
        for number in 0..RUNS {
            let dir = place.runs_dir().join(id(number));
            if !dir.exists() && !place.trash_dir().join(id(number)).exists() {
                write_run(&dir, number);
            }
        }
        let command: &[&str] = match round % 2 {
            0 => &["runs", "delete", "--permanent", "-y"],
            _ => &["runs", "purge", "-y"],
        };
        if round % 2 == 1 {
            assert!(place.run(&["runs", "delete", "-y"]).status.success());
        }
        let after = Duration::from_micros(2_000 + random.u64(..15_000));
        kill_after(place.guild("", command).spawn().unwrap(), after);
        place.check(|label| label == "first", true);
    }
    assert!(place.run(&["runs", "delete", "-p", "-y"]).status.success());
    assert!(place.run(&["runs", "purge", "-y"]).status.success());
    for dir in [place.runs_dir(), place.trash_dir()] {
        let left: Vec<_> = fs::read_dir(dir).into_iter().flatten().flatten().collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

#[test]
fn fifty_commands_at_once_all_end_right_or_say_why() {
    let place = Place::new(RUNS);
    let commands: [&[&str]; 6] = [
        &["label", "2", "--set", "second", "-y"],
        &["runs", "delete", "1:3", "-y"],
        &["runs", "restore", "-y"],
        &["runs", "--json"],
        &["runs", "info"],
        &["runs", "-v"],
    ];
    let children: Vec<Child> = (0..50)
        .map(|number| {
            let command = commands[number % commands.len()];
            place.guild("", command).spawn().unwrap()
        })
        .collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        let said = text(&output.stderr);
        assert!(!said.contains("panicked"), "{said}");
        match output.status.code() {
            Some(0) => {}
            // A run that another command took away in between.
            Some(1) => assert!(said.contains("guild: "), "{said}"),
            other => panic!("{other:?}: {said}"),
        }
    }
    place.check(|label| ["first", "second"].contains(&label), false);
}

/// Commands that cannot write: each fails and says which file, and why.
fn assert_refused(place: &Place, limits: &str, reason: &str, commands: &[&[&str]]) {
    for command in commands {
        let output = place.guild(limits, command).output().unwrap();
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{command:?}: {said}");
        assert!(said.contains(reason), "{command:?}: {said}");
        let path = place.dir.path().to_str().unwrap();
        assert!(said.contains(path), "{command:?}: {said}");
        place.check(|label| label == "first", false);
    }
}

#[test]
fn a_file_that_cannot_grow_is_an_error_that_names_it() {
    let place = Place::new(RUNS);
    fs::write(place.dir.path().join("train.py"), "print('hello')\n").unwrap();
    let commands: &[&[&str]] = &[
        &["label", "--set", "second", "-y"],
        &["tag", "--add", "good", "-y"],
        &["comment", "--add", "good", "-y"],
        &["mark", "-y"],
        &["run", "train.py", "-y"],
    ];
    assert_refused(&place, "ulimit -f 0", "file too large", commands);
}

#[test]
fn a_full_disk_loses_nothing() {
    // A small disk that holds the home and is then filled to the last byte.
    let Some(full) = mounts::in_namespace(
        "mkdir disk && mount -t tmpfs -o size=8m none disk && cp -a home/. disk \
         && mount --bind disk home && (cat /dev/zero > home/fill 2> /dev/null || true)",
    ) else {
        return;
    };
    let place = Place::new(RUNS);
    fs::write(place.dir.path().join("train.py"), "print('hello')\n").unwrap();
    let commands: &[&[&str]] = &[
        &["label", "--set", "second", "-y"],
        &["run", "train.py", "-y"],
    ];
    for command in commands {
        let output = place.guild(&full, command).output().unwrap();
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{command:?}: {said}");
        assert!(said.contains("no space left on device"), "{said}");
        fs::remove_dir(place.dir.path().join("disk")).unwrap();
    }
    // Reading and moving need no room.
    for command in [&["runs"] as &[&str], &["runs", "info"], &["runs", "-v"]] {
        let output = place.guild(&full, command).output().unwrap();
        let said = text(&output.stderr);
        assert!(output.status.success(), "{command:?}: {said}");
        fs::remove_dir(place.dir.path().join("disk")).unwrap();
    }
}

#[test]
fn a_disk_that_fills_while_source_code_is_copied_is_told_with_the_file() {
    // Room for two of the three files.
    let Some(small) = mounts::in_namespace(
        "mount -t tmpfs -o size=2500k none home && \"$@\"; echo exit $?; \
         set -- \"$1\" runs --json",
    ) else {
        return;
    };
    let place = Place::new(0);
    fs::create_dir_all(place.home()).unwrap();
    fs::create_dir(place.dir.path().join("project")).unwrap();
    for name in ["a.txt", "b.txt", "c.txt"] {
        let text = "source code\n".repeat(80_000);
        fs::write(place.dir.path().join("project").join(name), text).unwrap();
    }
    fs::write(place.dir.path().join("project/train.py"), "").unwrap();
    let output = place
        .guild(&small, &["-C", "project", "run", "train.py", "-y"])
        .output()
        .unwrap();
    let (told, said) = (text(&output.stdout), text(&output.stderr));
    assert!(said.contains("c.txt: no space left on device"), "{said}");
    let listed = told
        .strip_prefix("exit 1\n")
        .unwrap_or_else(|| panic!("{told}"));
    let runs: serde_json::Value = serde_json::from_str(listed).unwrap();
    assert_eq!(runs.as_array().unwrap().len(), 1, "{told}");
    assert_eq!(runs[0]["status"], "error", "{told}");
}

#[test]
fn a_read_only_home_can_be_read_and_refuses_changes() {
    let Some(read_only) =
        mounts::in_namespace("mount --bind home home && mount -o remount,bind,ro home")
    else {
        return;
    };
    let place = Place::new(RUNS);
    fs::write(place.dir.path().join("train.py"), "print('hello')\n").unwrap();
    for command in [
        &["runs"] as &[&str],
        &["runs", "--json"],
        &["runs", "info"],
        &["ls"],
        &["select"],
    ] {
        let output = place.guild(&read_only, command).output().unwrap();
        let said = text(&output.stderr);
        assert!(output.status.success(), "{command:?}: {said}");
        assert_ne!(text(&output.stdout), "", "{command:?}");
    }
    let commands: &[&[&str]] = &[
        &["label", "--set", "second", "-y"],
        &["label", "--clear", "-y"],
        &["tag", "--add", "good", "-y"],
        &["comment", "--add", "good", "-y"],
        &["mark", "-y"],
        &["runs", "delete", "-y"],
        &["runs", "delete", "-p", "-y"],
        &["run", "train.py", "-y"],
    ];
    assert_refused(&place, &read_only, "read-only file system", commands);
}

#[test]
fn a_run_ends_where_the_system_tells_nothing_of_processes() {
    let Some(silent) = mounts::in_namespace("mount -t tmpfs none /proc") else {
        return;
    };
    let place = Place::new(0);
    fs::write(
        place.dir.path().join("guild.yml"),
        "ends: {exec: 'false'}\n",
    )
    .unwrap();
    let output = place
        .guild(&silent, &["run", "ends", "-y", "-l", "x"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    assert_eq!(place.listed(&["-Se"]).len(), 1);
}
