//! Processes of runs are killed at random instants: the starter, the script,
//! the starter of a background run, those of pipelines and batches. Afterwards every run lists,
//! none shows as running, and no process is left.
//!
//! `GUILD_KILLS` sets how many runs are killed; `GUILD_KILLS_SEED` repeats a
//! sequence.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod rounds;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use rounds::rounds;

const DEFAULT_COUNT: u64 = 40;

/// How long what is left of a killed run may take to go.
const CLEAN_UP: Duration = Duration::from_secs(30);

/// Prints, starts a child that outlives it for a moment, and goes on for a minute.
const SCRIPT: &str = "\
import subprocess, sys, time

steps = 600

child = subprocess.Popen(['sleep', '3'])
for step in range(steps):
    print('step:', step, flush=True)
    time.sleep(0.1)
";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Victim {
    Starter,
    Script,
    BackgroundStarter,
}

/// A process of a pipeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// What runs the steps.
    Steps,
    /// The script of a step.
    Script,
    /// The starter of the pipeline.
    Starter,
    /// All that the starter of the pipeline has started, and itself.
    All,
}

/// Steps that end by themselves, so that instants between steps are hit too.
const PIPELINE: &str = "\
step: {main: step}
inner: {steps: [step]}
pipe: {steps: [step, inner, step, step]}
";

const STEP: &str = "print('loss: 1')\nopen('made', 'w').close()\n";

struct Place {
    dir: tempfile::TempDir,
    marker: String,
}

impl Place {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("home")).unwrap();
        for (name, text) in [
            ("work.py", SCRIPT),
            ("guild.yml", PIPELINE),
            ("step.py", STEP),
        ] {
            fs::write(dir.path().join(name), text).unwrap();
        }
        let marker = format!("GUILD_KILLS_TEST={}", dir.path().display());
        Self { dir, marker }
    }

    fn guild(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_guild"));
        let (name, value) = self.marker.split_once('=').unwrap();
        command
            .args(args)
            .current_dir(self.dir.path())
            .env("GUILD_HOME", self.dir.path().join("home"))
            .env("XDG_CACHE_HOME", self.dir.path().join("cache"))
            .env("TMPDIR", self.dir.path())
            .env(name, value)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    /// Live processes of this test, with their command lines.
    fn processes(&self) -> Vec<(i32, String)> {
        let entries = fs::read_dir("/proc").unwrap().flatten();
        let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
        pids.filter_map(|pid| {
            let environ = fs::read(format!("/proc/{pid}/environ")).ok()?;
            let ours = environ
                .split(|&byte| byte == 0)
                .any(|item| item == self.marker.as_bytes());
            let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
            let zombie = stat.rsplit_once(')')?.1.trim_start().starts_with('Z');
            let words = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
            let words = String::from_utf8_lossy(&words).replace('\0', " ");
            (ours && !zombie).then_some((pid, words))
        })
        .collect()
    }

    fn runs(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.dir.path().join("home/runs"));
        let entries = entries.into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).collect()
    }

    /// The process that `victim` is, once it is there.
    fn find(&self, victim: Victim, foreground: i32) -> Option<i32> {
        let by_words = |part: &str| {
            let found = self.processes().into_iter();
            let mut found = found.filter(|(_, words)| words.contains(part));
            found.next().map(|(pid, _)| pid)
        };
        match victim {
            Victim::Starter => Some(foreground),
            Victim::Script => by_words("guild.op_main"),
            Victim::BackgroundStarter => by_words(" _start "),
        }
    }

    fn kill_one(&self, victim: Victim, after: Duration) {
        let background = victim == Victim::BackgroundStarter;
        let args: &[&str] = match background {
            true => &["run", "work.py", "--yes", "--background"],
            false => &["run", "work.py", "--yes"],
        };
        let mut child = self.guild(args).spawn().unwrap();
        // The instant is what is random here.
        std::thread::sleep(after);
        let deadline = Instant::now() + CLEAN_UP;
        while Instant::now() < deadline {
            if let Some(pid) = self.find(victim, child.id() as i32) {
                // One that ended between is gone, which is as good.
                let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
                break;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        child.wait().unwrap();
        self.wait_for_quiet();
    }

    /// Starts a pipeline and kills `part` of it some time later, if it is there then.
    fn kill_pipeline(&self, part: Part, after: Duration) {
        let mut child = self.guild(&["run", "pipe", "--yes"]).spawn().unwrap();
        std::thread::sleep(after);
        let starter = child.id() as i32;
        let is_meant = |(pid, words): &(i32, String)| match part {
            Part::Steps => words.contains(" _steps"),
            Part::Script => words.contains("guild.op_main"),
            Part::Starter => *pid == starter,
            // The watches are to clean up.
            Part::All => !words.contains(" _watch "),
        };
        for (pid, _) in self.processes().into_iter().filter(is_meant) {
            // One that ended between is gone, which is as good.
            let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
        }
        child.wait().unwrap();
        self.wait_for_quiet();
    }

    fn first_line(&self, mut command: Command) -> String {
        let output = command.stdout(Stdio::piped()).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().next().unwrap_or_default().to_string()
    }

    /// A pipeline that ended well has all its steps, and those ended well, too.
    fn check_steps(&self, run: &Path) {
        let attr = |run: &Path, name: &str| fs::read_to_string(run.join(".guild/attrs").join(name));
        let opref = fs::read_to_string(run.join(".guild/opref")).unwrap();
        if !opref.ends_with(" pipe") || !attr(run, "exit_status").is_ok_and(|text| text == "0\n") {
            return;
        }
        for step in ["step", "inner", "step_2", "step_3"] {
            let status = attr(&run.join(step), "exit_status");
            assert!(
                status.as_ref().is_ok_and(|text| text == "0\n"),
                "{} is {status:?}",
                run.join(step).display()
            );
        }
    }

    /// How many runs list with which status; all that there are, and none as running.
    fn check_listed(&self) -> Vec<(&'static str, usize)> {
        let listed = self.listed();
        let visible = self.runs().iter().filter(|run| is_visible(run)).count();
        assert_eq!(listed.len(), visible, "a run does not list");
        assert!(visible > 0, "no run was made");
        let running = |(_, status): &&(String, String)| status == "running";
        let running: Vec<_> = listed.iter().filter(running).collect();
        assert!(running.is_empty(), "{running:?}");
        let count = |known: &str| listed.iter().filter(|(_, status)| status == known).count();
        let known = ["pending", "terminated", "error", "completed"];
        known.map(|known| (known, count(known))).to_vec()
    }

    fn wait_for_quiet(&self) {
        let deadline = Instant::now() + CLEAN_UP;
        loop {
            let left = self.processes();
            if left.is_empty() {
                return;
            }
            assert!(Instant::now() < deadline, "processes are left: {left:?}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Status by id of every run that listings show.
    fn listed(&self) -> Vec<(String, String)> {
        let output = self
            .guild(&["runs", "--json"])
            .stdout(Stdio::piped())
            .output()
            .unwrap();
        assert!(output.status.success());
        let runs: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let text = |run: &serde_json::Value, key: &str| run[key].as_str().unwrap().to_string();
        let runs = runs.as_array().unwrap();
        runs.iter()
            .map(|run| (text(run, "id"), text(run, "status")))
            .collect()
    }
}

fn is_visible(run: &Path) -> bool {
    run.join(".guild/opref").exists()
}

#[test]
fn killed_runs_list_as_ended_and_leave_no_process() {
    let (count, mut random) = rounds(DEFAULT_COUNT);
    let place = Place::new();
    for _ in 0..count {
        let victim = match random.u64(..3) {
            0 => Victim::Starter,
            1 => Victim::Script,
            _ => Victim::BackgroundStarter,
        };
        place.kill_one(victim, Duration::from_micros(random.u64(..250_000)));
    }
    println!("{:?}", place.check_listed());
}

#[test]
fn killed_pipelines_tell_how_far_they_came() {
    let (count, mut random) = rounds(DEFAULT_COUNT);
    let count = count / 2;
    let place = Place::new();
    let parts = [Part::Steps, Part::Script, Part::Starter, Part::All];
    for turn in 0..count {
        let part = parts[turn as usize % parts.len()];
        place.kill_pipeline(part, Duration::from_micros(random.u64(..700_000)));
    }
    println!("{:?}", place.check_listed());
    let runs = place.runs();
    for run in runs.iter().filter(|run| is_visible(run)) {
        place.check_steps(run);
    }
    // Whatever was left of the last one, it goes on from there.
    let pipelines = place.guild(&["select", "-Fo", "pipe", "--all"]);
    let latest = place.first_line(pipelines);
    let again = place
        .guild(&["run", "--restart", &latest, "--needed", "--yes"])
        .status()
        .unwrap();
    assert!(again.success(), "{latest} cannot be run again");
}

/// The values of the trials of a batch.
const TRIALS: [i64; 5] = [1, 2, 3, 4, 5];

impl Place {
    /// Starts a batch with the option `jobs` and kills `part` of it some time later, if
    /// it is there then.
    fn kill_batch(&self, part: Part, jobs: &str, after: Duration) {
        let args = [
            "run",
            "step",
            "x=[1,2,3,4,5]",
            "--keep-batch",
            "--force-flags",
            jobs,
            "-y",
        ];
        let mut child = self.guild(&args).spawn().unwrap();
        std::thread::sleep(after);
        let starter = child.id() as i32;
        let is_meant = |(pid, words): &(i32, String)| match part {
            Part::Steps => words.contains(" _batch"),
            Part::Script => words.contains("guild.op_main"),
            Part::Starter => *pid == starter,
            Part::All => !words.contains(" _watch "),
        };
        for (pid, _) in self.processes().into_iter().filter(is_meant) {
            // One that ended between is gone, which is as good.
            let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
        }
        child.wait().unwrap();
        self.wait_for_quiet();
    }

    /// How many trials `batch` has links to.
    fn trial_count(&self, batch: &str) -> usize {
        let entries = fs::read_dir(self.dir.path().join("home/runs").join(batch));
        let entries = entries.unwrap().flatten();
        entries.filter(|entry| entry.path().is_symlink()).count()
    }

    /// The values of the trials that ended well, in order.
    fn completed_trials(&self) -> Vec<i64> {
        let output = self.guild(&["runs", "--json", "-Fo", "step", "--completed"]);
        let output = { output }.stdout(Stdio::piped()).output().unwrap();
        let runs: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let ids = runs.as_array().unwrap().iter();
        let flags = ids.map(|run| {
            let dir = self
                .dir
                .path()
                .join("home/runs")
                .join(run["id"].as_str().unwrap());
            fs::read_to_string(dir.join(".guild/attrs/flags")).unwrap()
        });
        let mut values: Vec<i64> = flags
            .map(|text| text.trim().trim_start_matches("x: ").parse().unwrap())
            .collect();
        values.sort_unstable();
        values
    }
}

/// Wherever a batch is killed, it goes on when it is started again: no trial is lost,
/// and none is there twice. One whose script alone is killed does not end for it.
#[test]
fn killed_batches_go_on_where_they_were() {
    let (count, mut random) = rounds(DEFAULT_COUNT);
    let parts = [Part::Steps, Part::Script, Part::Starter, Part::All];
    for turn in 0..count / 4 {
        let place = Place::new();
        let part = parts[turn as usize % parts.len()];
        let jobs = ["-j1", "-j4"][random.usize(..2)];
        place.kill_batch(part, jobs, Duration::from_micros(random.u64(..900_000)));
        if !place.runs().iter().any(|run| is_visible(run)) {
            // Killed before there was anything to list.
            continue;
        }
        println!("{part:?} {jobs} {:?}", place.check_listed());
        let batch = place.first_line(place.guild(&["select", "-Fo", "step+"]));
        let has_proto = place.dir.path().join("home/runs").join(&batch);
        let opref = has_proto.join(".guild/proto/.guild/opref");
        if batch.is_empty() || !opref.exists() || part == Part::Script {
            continue;
        }
        if place.completed_trials() == TRIALS {
            continue;
        }
        let mut again = place.guild(&["run", "--restart", &batch, "-y"]);
        let again = again.stderr(Stdio::piped()).output().unwrap();
        if !again.status.success() {
            // Killed before it was made to the end: it says so, and has no trials yet.
            let reason = String::from_utf8_lossy(&again.stderr);
            assert!(
                reason.contains("cannot start run"),
                "{part:?} {batch}: {reason}"
            );
            assert_eq!(place.trial_count(&batch), 0, "{part:?} {batch}: {reason}");
            continue;
        }
        assert_eq!(place.completed_trials(), TRIALS, "{part:?}");
    }
}

/// How many files the operation needs whose start is killed, and bytes of each.
const NEEDED: usize = 150;
const NEEDED_BYTES: usize = 40_000;

impl Place {
    /// A project with an operation that needs files and a folder of them.
    fn with_dependencies() -> Self {
        let place = Self::new();
        let at = |path: String| place.dir.path().join(path);
        fs::create_dir(at("folder".into())).unwrap();
        let mut sources = String::from("folder");
        for number in 0..NEEDED {
            let text = number.to_string().repeat(NEEDED_BYTES);
            fs::write(at(format!("folder/{number}.txt")), &text).unwrap();
            fs::write(at(format!("{number}.txt")), &text).unwrap();
            sources += &format!(", {number}.txt");
        }
        let text = format!(
            "- model: ''\n  sourcecode: no\n  operations:\n    take: {{exec: 'true', requires: \
             {{name: files, sources: [{sources}]}}}}\n"
        );
        fs::write(at("guild.yml".into()), text).unwrap();
        place
    }

    /// What a run does not have as the project has it.
    fn differing(&self, run: &Path) -> Vec<String> {
        let names = (0..NEEDED).map(|number| format!("{number}.txt"));
        names
            .flat_map(|name| [format!("folder/{name}"), name])
            .filter(|name| {
                let original = fs::read(self.dir.path().join(name)).unwrap();
                fs::read(run.join(name)).ok() != Some(original)
            })
            .collect()
    }
}

#[test]
fn a_start_that_is_killed_while_it_brings_files_can_be_done_again() {
    let (count, mut random) = rounds(DEFAULT_COUNT);
    let count = count / 2;
    let place = Place::with_dependencies();
    for _ in 0..count {
        let mut child = place.guild(&["run", "take", "--yes"]).spawn().unwrap();
        // The instant is what is random here.
        std::thread::sleep(Duration::from_micros(random.u64(..600_000)));
        // One that ended before is gone, which is as good.
        let _ = kill(Pid::from_raw(child.id() as i32), Signal::SIGKILL);
        child.wait().unwrap();
        place.wait_for_quiet();
    }
    let listed = place.listed();
    let visible = place.runs().iter().filter(|run| is_visible(run)).count();
    assert_eq!(listed.len(), visible, "a run does not list");
    let mut cut = 0;
    for (id, status) in listed {
        let run = place.dir.path().join("home/runs").join(&id);
        let whole = place.differing(&run).is_empty();
        // One that was killed before it had its operation or source code says so.
        if !run.join(".guild/attrs/sourcecode_digest").exists() {
            continue;
        }
        cut += usize::from(!whole && run.join("folder").exists());
        let again = place.guild(&["run", "--restart", &id, "--yes"]).output();
        assert!(again.unwrap().status.success(), "{id}, {status}");
        let differing = place.differing(&run);
        assert!(differing.is_empty(), "{id}, {status}: {differing:?}");
        assert!(!run.join(".guild/incoming").exists(), "{id}");
    }
    println!("killed between files: {cut}");
}

/// How many files of source code the run has whose start is killed.
const SOURCES: usize = 600;

/// A project whose runs keep so many files that a kill meets the copying.
fn write_sources(dir: &Path) {
    for number in 0..SOURCES {
        let folder = dir.join(format!("src/{}", number % 20));
        fs::create_dir_all(&folder).unwrap();
        let text = format!("source {number}\n").repeat(400);
        fs::write(folder.join(format!("{number}.txt")), text).unwrap();
    }
    let op = "keep: {exec: 'true', sourcecode: {root: src, select: [{include: '*'}]}}\n";
    fs::write(dir.join("guild.yml"), op).unwrap();
}

/// The paths and hashes of the source code that a run says it has.
fn manifest(run: &Path) -> Vec<(String, String)> {
    let text = fs::read_to_string(run.join(".guild/manifest")).unwrap_or_default();
    let fields = text.lines().map(|line| line.split(' ').collect::<Vec<_>>());
    fields
        .map(|fields| (fields[1].to_string(), fields[2].to_string()))
        .collect()
}

#[test]
fn a_run_that_is_killed_while_its_source_code_is_copied_is_whole_or_says_so() {
    let (count, mut random) = rounds(DEFAULT_COUNT);
    let place = Place::new();
    write_sources(place.dir.path());
    // How long a run takes on this computer says when to kill.
    let start = Instant::now();
    let whole = place.guild(&["run", "keep", "--yes"]).status().unwrap();
    assert!(whole.success());
    let most = start.elapsed().as_micros() as u64;
    for _ in 0..count {
        let mut child = place.guild(&["run", "keep", "--yes"]).spawn().unwrap();
        std::thread::sleep(Duration::from_micros(random.u64(..most)));
        // One that ended between is gone, which is as good.
        let _ = child.kill();
        child.wait().unwrap();
        place.wait_for_quiet();
    }
    let visible: Vec<PathBuf> = place
        .runs()
        .into_iter()
        .filter(|run| is_visible(run))
        .collect();
    assert_eq!(place.listed().len(), visible.len(), "a run does not list");
    let (mut halves, mut wholes) = (0, 0);
    for run in &visible {
        let is_whole = run.join(".guild/attrs/sourcecode_digest").exists();
        for (path, sha1) in manifest(run) {
            let found = guild::base::digest::sha1_of_file(&run.join(&path));
            assert_eq!(found.unwrap(), sha1, "{path} in {}", run.display());
        }
        let id = run.file_name().unwrap().to_str().unwrap();
        let started = place
            .guild(&["run", "--start", id, "--yes"])
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&started.stderr).into_owned();
        if is_whole {
            wholes += 1;
            assert_eq!(manifest(run).len(), SOURCES, "{said}");
            assert!(started.status.success(), "{said}");
        } else {
            halves += 1;
            // Killed before it had a manifest, it has no saved operation to start.
            assert!(
                !started.status.success() || manifest(run).is_empty(),
                "{said}"
            );
            assert!(said.contains("cannot start run"), "{said}");
        }
    }
    println!("whole: {wholes}, half: {halves}");
    // Half a run is made whole from the project.
    let half = |run: &&PathBuf| {
        let attrs = run.join(".guild/attrs");
        attrs.join("op").exists() && !attrs.join("sourcecode_digest").exists()
    };
    if let Some(run) = visible.iter().find(half) {
        let id = run.file_name().unwrap().to_str().unwrap();
        let args = ["run", "--start", id, "--force-sourcecode", "--yes"];
        assert!(place.guild(&args).status().unwrap().success());
        assert_eq!(manifest(run).len(), SOURCES);
    }
}
