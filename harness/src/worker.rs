//! The Python process that evaluates the examples of one spec.

use std::fs::File;
use std::io::{self, PipeWriter, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::{Duration, Instant};

use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::poll::{PollFd, PollFlags};
use serde::Serialize;

use crate::command::wait;
use crate::interrupt::Interrupt;
use crate::ownership::{Owner, VARIABLE};
use crate::protocol::Message;
use crate::reaper::{Child, Reaper};
use crate::sandbox::Sandbox;
use crate::spawn::{Program, spawn};
use crate::worker_files::WorkerFiles;

/// Loads the driver from the folder that is its argument.
const START: &str =
    "import sys; sys.path.append(sys.argv[1]); from harness_worker import driver; driver.main()";

/// How long the worker may take to leave when the conversation ends.
const FAREWELL: Duration = Duration::from_millis(500);

/// A running worker.
#[derive(Debug)]
pub(crate) struct Worker {
    child: Child,
    to: PipeWriter,
    from: File,
    /// What was read and is not yet a whole line.
    pending: Vec<u8>,
    /// How much of that is known to hold no line end.
    searched: usize,
    code: Option<i32>,
}

/// What came of waiting for the worker.
#[derive(Debug)]
pub(crate) enum Heard {
    /// It said something.
    Message(Message),
    /// It has ended, with this code.
    Ended(i32),
    /// It said nothing in time.
    Timeout,
    /// The run was interrupted.
    Interrupted,
}

impl Worker {
    /// Starts Python without the user's packages and settings, in the sandbox.
    pub fn start(
        python: &Path,
        files: &WorkerFiles,
        sandbox: &Sandbox,
        owner: &Owner,
        reaper: &Reaper,
    ) -> io::Result<Self> {
        let (stdin, to) = io::pipe()?;
        let (from, stdout) = io::pipe()?;
        let log = File::create(sandbox.path("log"))?;
        let mut arguments: Vec<Vec<u8>> = ["python3", "-I", "-S", "-X", "utf8", "-c", START]
            .iter()
            .map(|argument| argument.as_bytes().to_vec())
            .collect();
        arguments.push(files.folder().as_os_str().as_bytes().to_vec());
        let mut environment = sandbox.environment();
        environment.push((VARIABLE.into(), owner.value().into()));
        let child = reaper.spawn(|| {
            spawn(&Program {
                file: python,
                arguments: &arguments,
                environment: &environment,
                directory: &sandbox.path("work"),
                stdin: Some(stdin.as_fd()),
                stdout: stdout.as_fd(),
                stderr: log.as_fd(),
            })
        })?;
        owner.add_session(child.pid());
        let from = File::from(OwnedFd::from(from));
        fcntl(&from, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
        Ok(Worker {
            child,
            to,
            from,
            pending: Vec::new(),
            searched: 0,
            code: None,
        })
    }

    /// Says something. That the worker has ended shows when it is heard next.
    pub fn say(&mut self, message: &impl Serialize) -> io::Result<()> {
        let mut line = serde_json::to_vec(message)?;
        line.push(b'\n');
        match self.to.write_all(&line) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => other,
        }
    }

    /// Waits for what the worker says.
    pub fn hear(&mut self, deadline: Instant, interrupt: &Interrupt) -> io::Result<Heard> {
        loop {
            if let Some(message) = self.whole_line()? {
                return Ok(Heard::Message(message));
            }
            if let Some(code) = self.code {
                return Ok(Heard::Ended(code));
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(Heard::Timeout);
            }
            let mut watched = [
                PollFd::new(self.from.as_fd(), PollFlags::POLLIN),
                PollFd::new(self.child.ended(), PollFlags::POLLIN),
                PollFd::new(interrupt.descriptor(), PollFlags::POLLIN),
            ];
            wait(&mut watched, Some(left))?;
            let [_, ended, interrupted] = watched.map(|fd| fd.any().unwrap_or(true));
            // Ended first: what it said last is then in the pipe.
            if ended {
                self.code = Some(self.child.wait()?);
            }
            self.read()?;
            if interrupted {
                return Ok(Heard::Interrupted);
            }
        }
    }

    fn whole_line(&mut self) -> io::Result<Option<Message>> {
        let rest = &self.pending[self.searched..];
        let Some(end) = rest.iter().position(|byte| *byte == b'\n') else {
            self.searched = self.pending.len();
            return Ok(None);
        };
        let line: Vec<u8> = self.pending.drain(..=self.searched + end).collect();
        self.searched = 0;
        Ok(Some(serde_json::from_slice(&line)?))
    }

    fn read(&mut self) -> io::Result<()> {
        let mut buffer = [0; 1 << 16];
        loop {
            match self.from.read(&mut buffer) {
                Ok(0) => {
                    // It closed its end, by accident or by ending: either way it
                    // has no more to say.
                    self.end()?;
                    return Ok(());
                }
                Ok(count) => self.pending.extend_from_slice(&buffer[..count]),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn end(&mut self) -> io::Result<()> {
        if self.code.is_none() {
            if !self.leaves()? {
                self.kill();
            }
            self.code = Some(self.child.wait()?);
        }
        Ok(())
    }

    fn leaves(&self) -> io::Result<bool> {
        let mut watched = [PollFd::new(self.child.ended(), PollFlags::POLLIN)];
        wait(&mut watched, Some(FAREWELL))?;
        Ok(watched[0].any().unwrap_or(true))
    }

    fn kill(&self) {
        let pid = nix::unistd::Pid::from_raw(self.child.pid());
        // It is ours and not reaped while its end was not told, but it may have
        // ended just now.
        let _ = nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGKILL);
    }

    /// Ends the worker: by ending the conversation if it listens, else by force.
    pub fn finish(mut self, listens: bool) -> io::Result<()> {
        if self.code.is_some() {
            return Ok(());
        }
        if !listens {
            self.kill();
        }
        // Closes the pipe that the worker reads.
        let (_, unused) = io::pipe()?;
        drop(std::mem::replace(&mut self.to, unused));
        self.end()
    }
}
