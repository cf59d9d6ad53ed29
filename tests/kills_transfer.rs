//! Transfers of runs that are killed at random instants: export, import and
//! archive, to and from folders and zip files. Afterwards a list shows whole runs
//! only, on either side, no run is lost, and the next command cleans up.
//!
//! `GUILD_KILLS` sets how many commands are killed; `GUILD_KILLS_SEED` repeats a
//! sequence.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod rounds;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use rounds::rounds;

const RUNS: usize = 8;
const FILES: usize = 30;
const DEFAULT_KILLS: u64 = 40;

/// A guild home, and places that runs are taken to.
struct Place {
    dir: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let place = Self {
            dir: tempfile::tempdir().unwrap(),
        };
        for name in ["home/runs", "temporary"] {
            fs::create_dir_all(place.path(name)).unwrap();
        }
        fs::write(place.path("home/config.yml"), "").unwrap();
        place.restock();
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Has all runs in guild home again, and none elsewhere.
    fn restock(&self) {
        for name in ["out", "home/archives"] {
            let _ = fs::remove_dir_all(self.path(name));
        }
        let _ = fs::remove_file(self.path("out.zip"));
        for number in 0..RUNS {
            let dir = self.path("home/runs").join(id(number));
            if !dir.exists() {
                write_run(&dir, number);
            }
        }
    }

    fn guild(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_guild"));
        command
            .args(args)
            .current_dir(self.dir.path())
            .env("GUILD_HOME", self.path("home"))
            .env("HOME", self.dir.path())
            .env("TMPDIR", self.path("temporary"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        let output = self.guild(args).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{args:?}: {said}");
        output
    }

    fn kill(&self, args: &[&str], after: Duration) {
        let mut child = self.guild(args).spawn().unwrap();
        // The instant is what is random here.
        std::thread::sleep(after);
        // One that has ended is as good.
        let _ = child.kill();
        child.wait_with_output().unwrap();
    }

    /// The runs that are listed with `options`, which are whole, without a word
    /// of complaint.
    fn listed(&self, options: &[&str]) -> BTreeSet<String> {
        let output = self.run(&[&["runs", "--json"], options].concat());
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        let runs: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let runs = runs.as_array().unwrap();
        runs.iter()
            .map(|run| {
                assert_eq!(run["label"], "whole");
                assert_eq!(run["status"], "completed");
                run["id"].as_str().unwrap().to_string()
            })
            .collect()
    }

    /// The whole runs in the folder `name`.
    fn in_folder(&self, name: &str) -> BTreeSet<String> {
        if !self.path(name).is_dir() {
            return BTreeSet::new();
        }
        let ids = self.listed(&["-A", name]);
        for id in &ids {
            assert_whole(&self.path(name).join(id), id);
        }
        ids
    }

    /// The runs in the zip file, all of which can be read.
    fn in_zip(&self) -> BTreeSet<String> {
        if !self.path("out.zip").exists() {
            return BTreeSet::new();
        }
        let file = fs::File::open(self.path("out.zip")).unwrap();
        let mut archive = zip::ZipArchive::new(file).unwrap();
        for index in 0..archive.len() {
            let mut entry = archive.by_index(index).unwrap();
            std::io::copy(&mut entry, &mut std::io::sink()).unwrap();
        }
        self.listed(&["-A", "out.zip"])
    }

    /// The folder of the one archive.
    fn archive(&self) -> Option<String> {
        let mut archives = fs::read_dir(self.path("home/archives")).ok()?.flatten();
        let name = archives.next()?.file_name();
        Some(format!("home/archives/{}", name.to_str().unwrap()))
    }
}

fn id(number: usize) -> String {
    format!("{number:08x}{number:024x}")
}

fn all() -> BTreeSet<String> {
    (0..RUNS).map(id).collect()
}

fn content(id: &str, file: usize) -> String {
    format!("{id} {file}\n").repeat(file * 50)
}

fn write_run(dir: &Path, number: usize) {
    let id = id(number);
    let attrs = dir.join(".guild/attrs");
    fs::create_dir_all(&attrs).unwrap();
    let write = |name: &str, text: &str| fs::write(attrs.join(name), format!("{text}\n")).unwrap();
    write("id", &id);
    write("started", &(1_790_000_000_000_000 + number).to_string());
    write("exit_status", "0");
    write("label", "whole");
    for file in 0..FILES {
        fs::write(dir.join(format!("file-{file}")), content(&id, file)).unwrap();
    }
    std::os::unix::fs::symlink("file-1", dir.join("link")).unwrap();
    fs::write(dir.join(".guild/opref"), "script:/project '' '' train.py").unwrap();
}

fn assert_whole(dir: &Path, id: &str) {
    for file in 0..FILES {
        let path = dir.join(format!("file-{file}"));
        assert_eq!(fs::read_to_string(&path).unwrap(), content(id, file));
    }
    // A link, or with '-r' a copy.
    assert_eq!(
        fs::read_to_string(dir.join("link")).unwrap(),
        content(id, 1)
    );
}

/// What a killed program may leave in a folder, which is never listed.
fn is_scratch(entry: &fs::DirEntry) -> bool {
    entry
        .file_name()
        .to_str()
        .unwrap()
        .starts_with(".guild-transfer-")
}

fn assert_clean(dir: &Path) {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let left: Vec<_> = entries.filter(is_scratch).collect();
    assert!(left.is_empty(), "{left:?}");
}

/// Takes runs to the folder `target` says, killed after `after`.
fn export(place: &Place, words: &[&str], after: Duration, moves: bool) {
    place.restock();
    place.kill(words, after);
    let home = place.in_folder("home/runs");
    let archive = place.archive();
    let mut there = place.in_folder("out");
    there.extend(place.in_zip());
    there.extend(archive.iter().flat_map(|archive| place.in_folder(archive)));
    let either: BTreeSet<String> = home.union(&there).cloned().collect();
    assert_eq!(either, all(), "{words:?}: a run is lost");
    assert!(moves || home == all(), "{words:?}: a run was taken away");
    // Again, to the end. An archive that was killed may have no name yet.
    place.run(words);
    assert_clean(&place.path("out"));
    assert_clean(place.dir.path());
}

/// Takes the runs of `source` to guild home, killed after `after`.
fn import(place: &Place, source: &str, moves: bool, after: Duration) {
    place.restock();
    place.run(&["export", source, "-y", "--move"]);
    let options: &[&str] = if moves { &["-y", "--move"] } else { &["-y"] };
    let words = [&["import", source], options].concat();
    place.kill(&words, after);
    let home = place.in_folder("home/runs");
    let mut there = place.in_folder("out");
    there.extend(place.in_zip());
    let either: BTreeSet<String> = home.union(&there).cloned().collect();
    assert_eq!(either, all(), "{words:?}: a run is lost");
    place.run(&words);
    assert_eq!(place.in_folder("home/runs"), all());
    assert_clean(&place.path("home/runs"));
    assert_clean(&place.path("temporary"));
}

#[test]
fn a_killed_transfer_leaves_whole_runs_only_and_loses_none() {
    let (count, mut random) = rounds(DEFAULT_KILLS);
    let place = Place::new();
    for _ in 0..count {
        let after = Duration::from_micros(random.u64(..60_000));
        match random.u64(..9) {
            0 => export(&place, &["export", "out", "-y"], after, false),
            1 => export(&place, &["export", "out", "-y", "--move"], after, true),
            2 => export(&place, &["export", "out", "-y", "-m", "-r"], after, true),
            3 => export(&place, &["export", "out.zip", "-y"], after, false),
            4 => export(&place, &["export", "out.zip", "-y", "-m"], after, true),
            5 => export(&place, &["archive", "a", "--create", "-y"], after, true),
            6 => import(&place, "out", false, after),
            7 => import(&place, "out", true, after),
            _ => import(&place, "out.zip", false, after),
        }
    }
}

#[test]
fn of_many_imports_at_once_each_ends_right() {
    let place = Place::new();
    place.run(&["export", "out", "-y"]);
    place.run(&["export", "out.zip", "-y", "--move"]);
    let sources = ["out", "out.zip"];
    let children: Vec<_> = (0..12)
        .map(|number| {
            let words = ["import", sources[number % 2], "-y"];
            place.guild(&words).spawn().unwrap()
        })
        .collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{said}");
    }
    assert_eq!(place.in_folder("home/runs"), all());
    assert_clean(&place.path("home/runs"));
}

#[test]
fn a_file_that_cannot_grow_leaves_no_half_run() {
    let place = Place::new();
    let script = "ulimit -f 20; trap '' XFSZ; exec \"$@\"";
    for (target, file) in [("out", "file-"), ("out.zip", "runs.zip")] {
        let output = Command::new("sh")
            .args(["-c", script, "sh", env!("CARGO_BIN_EXE_guild")])
            .args(["export", target, "-y"])
            .current_dir(place.dir.path())
            .env("GUILD_HOME", place.path("home"))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("file too large"), "{said}");
        assert!(said.contains(file), "{said}");
        assert!(!said.contains("ZipWriter"), "{said}");
        assert!(place.in_folder("out").is_empty(), "{said}");
        assert!(!place.path("out.zip").exists());
        assert_clean(place.dir.path());
        assert_clean(&place.path("out"));
    }
}
