//! Workers that are forked from a Python that has started, and not started anew.
//!
//! Starting Python and loading the driver takes most of the time of a short spec.
//! From the second spec on that has the same interpreter and environment, a server
//! does it once for all: see `fork_server.py`. The worker is a child of the harness
//! as if the harness had started it, and whatever goes wrong with the server, a
//! worker can still be started without it.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fs::File;
use std::io::{self, BufRead, BufReader, PipeReader, PipeWriter, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use nix::poll::{PollFd, PollFlags};
use serde::{Deserialize, Serialize};

use crate::command::wait;
use crate::lock::lock;
use crate::ownership::VARIABLE;
use crate::reaper::{Child, Reaper};
use crate::spawn::{Program, spawn};
use crate::worker_files::WorkerFiles;

/// How long a server may take to answer.
const LIMIT: Duration = Duration::from_secs(10);
/// How long it may take to leave when there is no more to do.
const FAREWELL: Duration = Duration::from_millis(500);
/// How much longer the markers of workers may be than that of the harness.
const ROOM: usize = 64;

/// A worker to be started.
pub(crate) struct Start<'a> {
    /// The interpreter.
    pub python: &'a Path,
    /// The whole environment.
    pub environment: &'a [(Vec<u8>, Vec<u8>)],
    /// The sandbox. Variables that name it differ between specs.
    pub sandbox: &'a Path,
    pub directory: &'a Path,
    pub stdin: BorrowedFd<'a>,
    pub stdout: BorrowedFd<'a>,
    pub log: BorrowedFd<'a>,
}

/// What must be equal for a server to stand for a fresh start: the interpreter, and
/// the variables that are the same for all specs of a suite.
type Kind = (PathBuf, Vec<(Vec<u8>, Vec<u8>)>);

/// The servers of a run, one for each kind of worker.
#[derive(Debug, Default)]
pub(crate) struct ForkServers(Mutex<HashMap<Kind, State>>);

#[derive(Debug)]
enum State {
    /// One worker of the kind was started, and there may be no other.
    Once,
    Running(Server),
    /// It did not do what it is for.
    Failed,
}

impl ForkServers {
    /// Starts a worker, by forking one where that can be done.
    pub fn start(
        &self,
        start: &Start<'_>,
        files: &WorkerFiles,
        reaper: &Reaper,
    ) -> io::Result<Child> {
        if let Some(child) = self.fork(start, files, reaper) {
            return Ok(child);
        }
        let program = Program {
            file: start.python,
            arguments: &files.arguments("driver"),
            environment: start.environment,
            directory: start.directory,
            stdin: Some(start.stdin),
            stdout: start.stdout,
            stderr: start.log,
        };
        reaper.spawn(|| spawn(&program))
    }

    fn fork(&self, start: &Start<'_>, files: &WorkerFiles, reaper: &Reaper) -> Option<Child> {
        if !cfg!(target_os = "linux") {
            return None;
        }
        let mut servers = lock(&self.0);
        let state = match servers.entry(start.kind()) {
            Entry::Vacant(entry) => {
                entry.insert(State::Once);
                return None;
            }
            Entry::Occupied(entry) => entry.into_mut(),
        };
        if matches!(state, State::Once) {
            *state = Server::start(start, files, reaper).map_or(State::Failed, State::Running);
        }
        let State::Running(server) = state else {
            return None;
        };
        let child = reaper.spawn(|| server.fork(start));
        if child.is_err() {
            *state = State::Failed;
        }
        child.ok()
    }
}

impl Start<'_> {
    fn kind(&self) -> Kind {
        let sandbox = self.sandbox.as_os_str().as_bytes();
        let is_shared = |(name, value): &&(Vec<u8>, Vec<u8>)| {
            name != VARIABLE.as_bytes() && !value.windows(sandbox.len()).any(|part| part == sandbox)
        };
        let shared = self.environment.iter().filter(is_shared);
        (self.python.to_owned(), shared.cloned().collect())
    }
}

/// A running server. It ends when its input does.
#[derive(Debug)]
struct Server {
    child: Child,
    /// `None` once it is to end.
    to: Option<PipeWriter>,
    from: BufReader<PipeReader>,
}

#[derive(Serialize)]
struct Request {
    environment: String,
    mark: &'static str,
    directory: String,
    stdin: String,
    stdout: String,
    log: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Answer {
    Pid(i32),
    Error(String),
}

impl Server {
    fn start(start: &Start<'_>, files: &WorkerFiles, reaper: &Reaper) -> io::Result<Self> {
        let (stdin, to) = io::pipe()?;
        let (from, stdout) = io::pipe()?;
        let nowhere = File::options().write(true).open("/dev/null")?;
        let mut environment = start.environment.to_vec();
        environment.retain(|(name, _)| name != VARIABLE.as_bytes());
        // Of no spec, with room for the markers of all.
        let mut mark = std::env::var_os(VARIABLE).unwrap_or_default();
        mark.push(".".repeat(ROOM));
        environment.push((VARIABLE.into(), mark.into_vec()));
        let program = Program {
            file: start.python,
            arguments: &files.arguments("fork_server"),
            environment: &environment,
            directory: files.folder(),
            stdin: Some(stdin.as_fd()),
            stdout: stdout.as_fd(),
            stderr: nowhere.as_fd(),
        };
        Ok(Server {
            child: reaper.spawn(|| spawn(&program))?,
            to: Some(to),
            from: BufReader::new(from),
        })
    }

    /// Forks a worker, and returns the id of its process.
    fn fork(&mut self, start: &Start<'_>) -> io::Result<i32> {
        // The server opens them by way of this process.
        let own = std::process::id();
        let opened =
            |descriptor: BorrowedFd<'_>| format!("/proc/{own}/fd/{}", descriptor.as_raw_fd());
        let entries: Vec<Vec<u8>> = start
            .environment
            .iter()
            .map(|(name, value)| [name, value].map(Vec::as_slice).join(&b'='))
            .collect();
        let mut line = serde_json::to_vec(&Request {
            environment: characters(&entries.join(&0)),
            mark: VARIABLE,
            directory: characters(start.directory.as_os_str().as_bytes()),
            stdin: opened(start.stdin),
            stdout: opened(start.stdout),
            log: opened(start.log),
        })?;
        line.push(b'\n');
        if let Some(to) = &mut self.to {
            to.write_all(&line)?;
        }
        let mut watched = [
            PollFd::new(self.from.get_ref().as_fd(), PollFlags::POLLIN),
            PollFd::new(self.child.ended(), PollFlags::POLLIN),
        ];
        wait(&mut watched, Some(LIMIT))?;
        if !watched[0].any().unwrap_or(true) {
            return Err(io::ErrorKind::TimedOut.into());
        }
        let mut line = String::new();
        self.from.read_line(&mut line)?;
        match serde_json::from_str(&line)? {
            Answer::Pid(pid) => Ok(pid),
            Answer::Error(message) => Err(io::Error::other(message)),
        }
    }
}

impl Drop for Server {
    /// Waits for its end, so that a run leaves nothing behind, and what the server
    /// took of the processor counts as the run's.
    fn drop(&mut self) {
        drop(self.to.take());
        let mut watched = [PollFd::new(self.child.ended(), PollFlags::POLLIN)];
        // One that does not end has no more to do either.
        let _ = wait(&mut watched, Some(FAREWELL));
    }
}

/// A string with a character for each byte.
fn characters(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}
