//! Queues under fire: several at once, with runs that are started by hand meanwhile,
//! and killed at random instants. No run is started twice, none is lost, and what
//! lists as staged was never started.
//!
//! `GUILD_KILLS` sets how many rounds there are; `GUILD_KILLS_SEED` repeats a
//! sequence.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod rounds;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use rounds::rounds;

const DEFAULT_COUNT: u64 = 20;

/// How long what is left of a killed queue may take to go.
const CLEAN_UP: Duration = Duration::from_secs(60);

/// Tells when it starts and when it ends, in single writes.
const SCRIPT: &str = "\
#!/bin/sh
echo \"$RUN_ID\" >> \"$TOLD/started\"
sleep 0.02
echo \"$RUN_ID\" >> \"$TOLD/ended\"
";

/// A project and a home, with a staged run to copy others from.
struct Place {
    dir: tempfile::TempDir,
    template: PathBuf,
    made: usize,
}

impl Place {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        for name in ["home", "told", "project"] {
            fs::create_dir(dir.path().join(name)).unwrap();
        }
        let script = dir.path().join("project/tell.sh");
        fs::write(&script, SCRIPT).unwrap();
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
        let template = dir.path().join("template");
        let place = Self {
            dir,
            template,
            made: 0,
        };
        let staged = place.guild(&["run", "./tell.sh", "--stage", "-y"]).status();
        assert!(staged.unwrap().success());
        let made = fs::read_dir(place.runs_dir()).unwrap().next().unwrap();
        fs::rename(made.unwrap().path(), &place.template).unwrap();
        place
    }

    fn runs_dir(&self) -> PathBuf {
        self.dir.path().join("home/runs")
    }

    fn guild(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_guild"));
        command
            .args(args)
            .current_dir(self.dir.path().join("project"))
            .env("GUILD_HOME", self.dir.path().join("home"))
            .env("XDG_CACHE_HOME", self.dir.path().join("cache"))
            .env("TMPDIR", self.dir.path())
            .env("TOLD", self.dir.path().join("told"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    /// Stages a run, in one step as for whoever looks, and returns its id.
    fn stage(&mut self) -> String {
        self.made += 1;
        let id = format!("{:08x}{:024x}", self.made, self.made);
        let made = self.dir.path().join("made");
        copy(&self.template, &made);
        fs::write(made.join(".guild/attrs/id"), format!("{id}\n")).unwrap();
        fs::rename(made, self.runs_dir().join(&id)).unwrap();
        id
    }

    fn queue(&self) -> Child {
        let command = ["run", "queue", "run-once=yes", "--keep-run", "-y"];
        self.guild(&command).spawn().unwrap()
    }

    /// How often each run has told that it has come to a point.
    fn told(&self, point: &str) -> BTreeMap<String, usize> {
        let text = fs::read_to_string(self.dir.path().join("told").join(point));
        let mut counts = BTreeMap::new();
        for id in text.unwrap_or_default().lines() {
            *counts.entry(id.to_string()).or_default() += 1;
        }
        counts
    }

    /// The runs of `tell.sh` that list, and their statuses.
    fn statuses(&self) -> BTreeMap<String, String> {
        let mut command = self.guild(&["runs", "--json", "-Fo", "tell.sh"]);
        let output = command.stdout(Stdio::piped()).output().unwrap();
        assert!(output.status.success());
        let runs: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let text = |run: &serde_json::Value, key: &str| run[key].as_str().unwrap().to_string();
        let runs = runs.as_array().unwrap().iter();
        runs.map(|run| (text(run, "id"), text(run, "status")))
            .collect()
    }

    /// The process of the queue that is running, once it is there.
    fn queue_process(&self) -> Option<i32> {
        let runs = fs::read_dir(self.runs_dir()).unwrap().flatten();
        let states = runs.map(|run| run.path().join(".guild"));
        let mut locks = states.filter_map(|state| {
            let opref = fs::read_to_string(state.join("opref")).ok()?;
            let is_made = !state.join("PENDING").exists();
            let lock = fs::read_to_string(state.join("LOCK")).ok()?;
            (opref.ends_with(" queue") && is_made).then(|| lock.parse().ok())?
        });
        locks.next()
    }

    /// Waits until no process of this test is left: those that watch over runs have
    /// recorded their ends then.
    fn wait_for_quiet(&self) {
        let deadline = Instant::now() + CLEAN_UP;
        let marker = format!("TOLD={}", self.dir.path().join("told").display());
        let is_ours = |process: fs::DirEntry| {
            let environ = fs::read(process.path().join("environ")).unwrap_or_default();
            let mut items = environ.split(|&byte| byte == 0);
            items.any(|item| item == marker.as_bytes())
        };
        while fs::read_dir("/proc").unwrap().flatten().any(is_ours) {
            assert!(Instant::now() < deadline, "processes are left");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(fs::copy(entry.path(), target).unwrap()),
        }
    }
}

#[test]
fn no_run_is_started_twice_by_queues_and_by_hand() {
    let (count, mut random) = rounds(DEFAULT_COUNT);
    let mut place = Place::new();
    let mut refused = 0;
    for _ in 0..count {
        let ids: Vec<String> = (0..random.usize(1..4)).map(|_| place.stage()).collect();
        let mut queues = [place.queue(), place.queue()];
        // The instant is what is random here.
        std::thread::sleep(Duration::from_micros(random.u64(..400_000)));
        let id = &ids[random.usize(..ids.len())];
        // One that has been run by then needs no second start.
        let start = ["run", "--start", id, "--needed", "-y"];
        let started = place.guild(&start).status().unwrap();
        assert!(matches!(started.code(), Some(0 | 1)), "{started}");
        refused += usize::from(!started.success());
        for queue in &mut queues {
            assert!(queue.wait().unwrap().success());
        }
        let told = place.told("started");
        for id in &ids {
            assert_eq!(told.get(id), Some(&1), "{id}");
        }
    }
    let statuses = place.statuses();
    assert_eq!(statuses.len(), place.made);
    for (id, status) in statuses {
        assert_eq!(status, "completed", "{id}");
    }
    println!("{refused} of {count} starts by hand were refused");
}

#[test]
fn a_killed_queue_leaves_what_it_has_not_started() {
    let (count, mut random) = rounds(DEFAULT_COUNT);
    let mut place = Place::new();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for _ in 0..count {
        let ids: Vec<String> = (0..4).map(|_| place.stage()).collect();
        let mut starter = place.queue();
        std::thread::sleep(Duration::from_micros(random.u64(..400_000)));
        let victim = match random.bool() {
            true => place.queue_process(),
            false => Some(starter.id() as i32),
        };
        if let Some(pid) = victim {
            // One that ended between is gone, which is as good.
            let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
        }
        starter.wait().unwrap();
        place.wait_for_quiet();
        let (started, ended, statuses) =
            (place.told("started"), place.told("ended"), place.statuses());
        let mut pending = Vec::new();
        for id in &ids {
            let status = statuses[id].as_str();
            *seen.entry(status.to_string()).or_default() += 1;
            match status {
                "completed" => assert_eq!(ended.get(id), Some(&1), "{id}"),
                "staged" => assert_eq!(started.get(id), None, "{id}"),
                "pending" => pending.push(id),
                other => assert_eq!(other, "terminated", "{id}"),
            }
        }
        // The one that was about to be started.
        assert!(pending.len() <= 1, "{pending:?}");
        for id in pending {
            assert_eq!(started.get(id), None, "{id}");
            let again = place.guild(&["run", "--start", id, "-y"]).status();
            assert!(again.unwrap().success(), "{id}");
        }
        assert!(place.queue().wait().unwrap().success());
        let left = place.statuses();
        assert!(left.values().all(|status| status != "staged"), "{left:?}");
    }
    assert!(place.told("started").values().all(|&times| times == 1));
    println!("{seen:?}");
}
