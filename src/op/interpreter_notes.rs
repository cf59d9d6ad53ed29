//! What a run records of the interpreter that its script runs in: the version,
//! and the packages that are installed. It is read beside the script, which
//! tells of its interpreter when it starts.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::config::OpConfig;
use super::source;
use crate::base::files;
use crate::base::git::Git;
use crate::base::yaml::Value;
use crate::home::Home;
use crate::python::embedded;
use crate::python::freeze::{self, Environment};
use crate::runs::Run;

/// How soon after its start the script's word is looked for. Python takes ten
/// milliseconds or more to start.
const FIRST_PAUSE: Duration = Duration::from_millis(10);

/// The pause between looks while the word is to be expected, and until when: the
/// notes of a short script are taken while it runs, not while its end is waited for.
const SHORT_PAUSE: Duration = Duration::from_millis(4);
const EXPECTED: Duration = Duration::from_millis(150);

/// The longest pause between looks.
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// Notes that are taken while a run's process runs.
pub(super) struct InterpreterNotes {
    // Closed to say that the process has ended.
    running: Sender<()>,
    thread: JoinHandle<()>,
}

/// What is needed to take them.
struct Taker {
    run: Run,
    // Where packages are remembered; none if they are not wanted.
    packages: Option<(Git, PathBuf)>,
    own: PathBuf,
}

impl InterpreterNotes {
    /// Starts to wait for what the process of `run` tells.
    pub(super) fn start(run: &Run, config: &OpConfig, home: &Home) -> Self {
        let off = config.no_pip_freeze || home.is_on("NO_PIP_FREEZE");
        let taker = Taker {
            run: run.clone(),
            packages: (!off).then(|| (source::git(home), home.packages_dir())),
            own: embedded::folder(&home.cache_dir()),
        };
        let (running, ended) = channel();
        let thread = thread::spawn(move || taker.wait(&ended));
        Self { running, thread }
    }

    /// Takes what is not taken yet, now that the process has ended.
    pub(super) fn end(self) {
        drop(self.running);
        // These are notes beside the run's results, and no reason to fail.
        let _ = self.thread.join();
    }
}

impl Taker {
    fn wait(&self, ended: &Receiver<()>) {
        let begun = Instant::now();
        let mut pause = FIRST_PAUSE;
        while ended.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
            if self.take() {
                return;
            }
            pause = match begun.elapsed() < EXPECTED {
                true => SHORT_PAUSE,
                false => (pause * 2).min(LONGEST_PAUSE),
            };
        }
        self.take();
    }

    /// Takes notes if the process has told by now; whether it has.
    fn take(&self) -> bool {
        let path = self.run.interpreter_file();
        let Ok(Some(bytes)) = files::read_if_exists(&path) else {
            return false;
        };
        let _ = files::remove_if_exists(&path);
        let environment =
            Environment::parse(&String::from_utf8_lossy(&bytes)).without(self.run.dir(), &self.own);
        if let Ok(Some(Value::Map(mut platform))) = self.run.attr("platform") {
            platform.insert("python_version", environment.version.as_str());
            let _ = self.run.write_attr("platform", &Value::Map(platform));
        }
        if let Some((git, cache)) = &self.packages {
            let lines = freeze::lines(&environment, git, cache);
            let lines = lines.into_iter().map(Value::from).collect();
            let _ = self.run.write_attr("pip_freeze", &Value::List(lines));
        }
        true
    }
}
