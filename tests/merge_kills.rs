//! `guild merge` is killed at random instants. Afterwards each file of the
//! project is whole, as it was or as the run has it, and the next merge does
//! the rest.
//!
//! `GUILD_KILLS` sets how many merges are killed; `GUILD_KILLS_SEED` repeats a
//! sequence.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod rounds;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rounds::rounds;

const DEFAULT_COUNT: u64 = 40;

/// Files that are merged. Every other one is in the project already.
const FILES: usize = 40;

/// The size of a file: large enough that kills come while one is written.
const SIZE: usize = 500_000;

struct Place {
    dir: tempfile::TempDir,
}

impl Place {
    /// A project and a run of it with files of its own making.
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let run = dir
            .path()
            .join("home/runs/0123456789abcdef0123456789abcdef");
        let project = dir.path().join("project");
        fs::create_dir_all(&project).unwrap();
        fs::create_dir_all(run.join(".guild/attrs")).unwrap();
        let opref = format!("script:{} '' '' train.py", project.display());
        fs::write(run.join(".guild/opref"), opref).unwrap();
        fs::write(run.join(".guild/manifest"), "").unwrap();
        for number in 0..FILES {
            let path = run.join(name(number));
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content(number, "run")).unwrap();
        }
        Self { dir }
    }

    fn project(&self) -> PathBuf {
        self.dir.path().join("project")
    }

    /// The project as it is before a merge.
    fn reset(&self) {
        fs::remove_dir_all(self.project()).unwrap();
        fs::create_dir(self.project()).unwrap();
        for number in (0..FILES).filter(|&number| was_there(number)) {
            let path = self.project().join(name(number));
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content(number, "project")).unwrap();
        }
    }

    fn merge(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_guild"));
        command
            .args(["merge", "--all", "--replace", "--yes"])
            .current_dir(self.project())
            .env("GUILD_HOME", self.dir.path().join("home"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    /// How many files are as the run has them. Each is that, or as it was.
    fn merged(&self) -> usize {
        let is_merged = |number: &usize| match fs::read(self.project().join(name(*number))) {
            Ok(bytes) if bytes == content(*number, "run") => true,
            Ok(bytes) => {
                let kept = was_there(*number) && bytes == content(*number, "project");
                assert!(kept, "{} is not whole", name(*number));
                false
            }
            Err(error) => {
                let missing = error.kind() == std::io::ErrorKind::NotFound;
                assert!(missing && !was_there(*number), "{}: {error}", name(*number));
                false
            }
        };
        (0..FILES).filter(is_merged).count()
    }

    /// Files that are neither the run's nor the project's.
    fn strays(&self) -> Vec<PathBuf> {
        let known: Vec<PathBuf> = (0..FILES).map(|number| name(number).into()).collect();
        let files = walkdir::WalkDir::new(self.project()).into_iter();
        files
            .map(|entry| entry.unwrap())
            .filter(|entry| entry.file_type().is_file())
            .map(|entry| entry.path().strip_prefix(self.project()).unwrap().into())
            .filter(|path| !known.contains(path))
            .collect()
    }
}

/// Whether the project has the file before a merge.
fn was_there(number: usize) -> bool {
    number.is_multiple_of(2)
}

fn name(number: usize) -> String {
    format!("part-{}/file-{number}.bin", number % 5)
}

fn content(number: usize, whose: &str) -> Vec<u8> {
    format!("{whose} {number}\n")
        .into_bytes()
        .repeat(SIZE / (whose.len() + 3))
}

/// How long a merge takes when it is not killed.
fn whole_merge(place: &Place) -> Duration {
    place.reset();
    let started = Instant::now();
    assert!(place.merge().status().unwrap().success());
    let took = started.elapsed();
    assert_eq!(place.merged(), FILES);
    took
}

#[test]
fn killed_merges_leave_each_file_whole() {
    let (count, mut random) = rounds(DEFAULT_COUNT);
    let place = Place::new();
    let span = whole_merge(&place).as_micros() as u64 + 1;
    let (mut cut_short, mut strays) = (0, 0);
    for _ in 0..count {
        place.reset();
        let mut child = place.merge().spawn().unwrap();
        // The instant is what is random here.
        std::thread::sleep(Duration::from_micros(random.u64(..span)));
        // One that ended before is as good.
        let _ = child.kill();
        child.wait().unwrap();
        let merged = place.merged();
        cut_short += u64::from(merged > 0 && merged < FILES);
        let left = place.strays();
        assert!(
            left.len() <= 1 && left.iter().all(|path| is_temporary(path)),
            "{left:?}"
        );
        strays += left.len();
        assert!(place.merge().status().unwrap().success());
        assert_eq!(place.merged(), FILES);
    }
    println!("cut short: {cut_short} of {count}, temporary files left: {strays}");
}

/// Whether the file is one that a merge writes before it puts it in its place.
fn is_temporary(path: &Path) -> bool {
    let name = path.file_name().unwrap().to_string_lossy();
    name.starts_with(".guild-") && name.ends_with(".tmp")
}
