//! The Python process that evaluates the examples of one spec.

use std::fmt;
use std::fs::File;
use std::io::{self, PipeWriter, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::time::{Duration, Instant};

use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::poll::{PollFd, PollFlags};
use nix::sys::signal::Signal;
use serde::Serialize;

use crate::command::wait;
use crate::fork_server::{ForkServers, Start};
use crate::interrupt::Interrupt;
use crate::log::Log;
use crate::ownership::{Owner, VARIABLE};
use crate::protocol::Message;
use crate::reaper::{Child, Reaper};
use crate::sandbox::Sandbox;
use crate::secrets::Secrets;
use crate::worker_files::WorkerFiles;

/// The file in the sandbox that takes what examples write past Python's own
/// standard output.
const LOG: &str = "log";
/// How much longer text can get as JSON.
const ESCAPED: usize = 6;
/// How often the size of the log is looked at while an example runs.
const LOOK: Duration = Duration::from_millis(250);

/// How long the worker may take to leave when the conversation ends.
const FAREWELL: Duration = Duration::from_millis(500);

/// What the workers of a run are started from.
#[derive(Debug)]
pub(crate) struct Workers {
    files: WorkerFiles,
    servers: ForkServers,
}

impl Workers {
    /// Unpacks the worker.
    pub fn new() -> io::Result<Self> {
        Ok(Workers {
            files: WorkerFiles::unpack()?,
            servers: ForkServers::default(),
        })
    }
}

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
    /// The longest line it may say.
    longest: usize,
    /// What examples write past Python's own standard output.
    log: Log,
    end: Option<End>,
}

/// How a worker ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// With this exit code.
    Exited(i32),
    /// By this signal.
    Signal(i32),
    /// It closed its side of the conversation, and was killed if it did not end.
    Closed,
    /// It said what is no message, and was killed.
    Garbled,
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            End::Exited(code) => write!(f, "the worker ended with exit code {code}"),
            End::Signal(number) => {
                write!(f, "the worker was ended by signal {number}")?;
                match Signal::try_from(*number) {
                    Ok(signal) => write!(f, " ({})", signal.as_str()),
                    Err(_) => Ok(()),
                }
            }
            End::Closed => f.write_str("the worker closed its connection to the harness"),
            End::Garbled => {
                f.write_str("something wrote into the connection of the worker to the harness")
            }
        }
    }
}

/// What came of waiting for the worker.
#[derive(Debug)]
pub(crate) enum Heard {
    /// It said something.
    Message(Message),
    /// It has ended.
    Ended(End),
    /// It said nothing in time.
    Timeout,
    /// The run was interrupted.
    Interrupted,
}

impl Worker {
    /// Starts Python without the user's packages and settings, in the sandbox.
    /// `keep` is how many bytes of output are kept of an example.
    pub fn start(
        python: &Path,
        workers: &Workers,
        sandbox: &Sandbox,
        owner: &Owner,
        reaper: &Reaper,
        keep: u64,
    ) -> io::Result<Self> {
        let (stdin, to) = io::pipe()?;
        let (from, stdout) = io::pipe()?;
        let log = Log::create(&sandbox.path(LOG), keep)?;
        let mut environment = sandbox.environment();
        environment.push((VARIABLE.into(), owner.value().into()));
        let start = Start {
            python,
            environment: &environment,
            sandbox: sandbox.root(),
            directory: &sandbox.path("work"),
            stdin: stdin.as_fd(),
            stdout: stdout.as_fd(),
            log: log.as_fd(),
        };
        let child = workers.servers.start(&start, &workers.files, reaper)?;
        owner.add_session(child.pid());
        let from = File::from(OwnedFd::from(from));
        for end in [from.as_fd(), to.as_fd()] {
            fcntl(end, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
        }
        let keep = usize::try_from(keep).unwrap_or(usize::MAX);
        Ok(Worker {
            child,
            to,
            from,
            pending: Vec::new(),
            searched: 0,
            longest: keep.saturating_mul(ESCAPED).saturating_add(1 << 20),
            log,
            end: None,
        })
    }

    /// Says something, as far as the worker listens before the deadline. That it
    /// does not, or has ended, shows when it is heard next.
    pub fn say(
        &mut self,
        message: &impl Serialize,
        deadline: Instant,
        interrupt: &Interrupt,
    ) -> io::Result<()> {
        let mut line = serde_json::to_vec(message)?;
        line.push(b'\n');
        let mut rest = line.as_slice();
        while !rest.is_empty() {
            match self.to.write(rest) {
                Ok(count) => rest = &rest[count..],
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    let left = deadline.saturating_duration_since(Instant::now());
                    let mut watched = [
                        PollFd::new(self.to.as_fd(), PollFlags::POLLOUT),
                        PollFd::new(interrupt.descriptor(), PollFlags::POLLIN),
                    ];
                    wait(&mut watched, Some(left))?;
                    if left.is_zero() || interrupt.is_set() {
                        return Ok(());
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Waits for what the worker says.
    pub fn hear(&mut self, deadline: Instant, interrupt: &Interrupt) -> io::Result<Heard> {
        loop {
            if let Some(line) = self.whole_line() {
                match serde_json::from_slice(&line) {
                    Ok(message) => return Ok(Heard::Message(message)),
                    Err(_) => self.give_up(End::Garbled)?,
                }
            }
            if self.pending.len() > self.longest {
                self.give_up(End::Garbled)?;
            }
            if let Some(end) = self.end {
                return Ok(Heard::Ended(end));
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
            wait(&mut watched, Some(left.min(LOOK)))?;
            let [_, ended, interrupted] = watched.map(|fd| fd.any().unwrap_or(true));
            // Ended first: what it said last is then in the pipe.
            if ended {
                self.end = Some(end_of(self.child.wait()?));
            }
            self.read()?;
            self.log.limit()?;
            if interrupted {
                return Ok(Heard::Interrupted);
            }
        }
    }

    fn whole_line(&mut self) -> Option<Vec<u8>> {
        let rest = &self.pending[self.searched..];
        let Some(end) = rest.iter().position(|byte| *byte == b'\n') else {
            self.searched = self.pending.len();
            return None;
        };
        let after = self.pending.split_off(self.searched + end + 1);
        self.searched = 0;
        Some(std::mem::replace(&mut self.pending, after))
    }

    /// Reads what is there, up to the longest line.
    fn read(&mut self) -> io::Result<()> {
        let mut buffer = [0; 1 << 16];
        while self.pending.len() <= self.longest {
            match self.from.read(&mut buffer) {
                // It closed its end, by accident or by ending: either way it has
                // no more to say.
                Ok(0) => return self.close(),
                Ok(count) => {
                    self.pending.extend_from_slice(&buffer[..count]);
                    // Less than there was room for: the pipe is empty.
                    if count < buffer.len() {
                        return Ok(());
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn close(&mut self) -> io::Result<()> {
        if self.end.is_none() {
            if self.leaves()? {
                self.end = Some(end_of(self.child.wait()?));
            } else {
                self.give_up(End::Closed)?;
            }
        }
        Ok(())
    }

    /// Kills it, for this reason.
    fn give_up(&mut self, end: End) -> io::Result<()> {
        self.pending.clear();
        self.searched = 0;
        if self.end.is_none() {
            self.kill();
            self.child.wait()?;
        }
        self.end = Some(end);
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
        let _ = nix::sys::signal::kill(pid, Signal::SIGKILL);
    }

    /// The end of the log, at most so many bytes.
    pub fn log_tail(&mut self, most: usize) -> io::Result<Vec<u8>> {
        self.log.tail(most as u64)
    }

    /// Takes secrets out of the log.
    pub fn hide_in_log(&mut self, secrets: &Secrets) -> io::Result<()> {
        self.log.hide(secrets)
    }

    /// Ends the worker: by ending the conversation if it listens, else by force.
    pub fn finish(&mut self, listens: bool) -> io::Result<()> {
        if self.end.is_some() {
            return Ok(());
        }
        if !listens {
            self.kill();
        }
        // Closes the pipe that the worker reads.
        let (_, unused) = io::pipe()?;
        drop(std::mem::replace(&mut self.to, unused));
        self.close()
    }
}

fn end_of(code: i32) -> End {
    if code < 0 {
        End::Signal(-code)
    } else {
        End::Exited(code)
    }
}
