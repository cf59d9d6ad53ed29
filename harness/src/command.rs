//! Running one command for a spec: its output, its exit code, its end.

use std::fs::File;
use std::io::{self, PipeReader, Read};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::Signal;

use crate::interrupt::Interrupt;
use crate::ownership::{Owner, VARIABLE};
use crate::reaper::{Child, Reaper};
use crate::spawn::{Program, spawn};

/// The shell that runs commands.
const SHELL: &str = "/bin/sh";

/// A command to run.
pub(crate) struct Command<'a> {
    /// The program.
    pub file: &'a Path,
    /// Its arguments, its own name first.
    pub arguments: Vec<Vec<u8>>,
    pub directory: &'a Path,
    pub environment: Vec<(Vec<u8>, Vec<u8>)>,
    /// How long it may take.
    pub timeout: Duration,
    /// How many bytes of output are kept.
    pub keep: u64,
}

impl<'a> Command<'a> {
    /// A line for the shell. Unset variables and failed commands are errors.
    pub fn of_line(line: &[u8], directory: &'a Path) -> Self {
        // The shell's own name for messages, then the script.
        let script = [b"set -eu && ".as_slice(), line].concat();
        let mut command = Command::of_program(Path::new(SHELL), directory);
        command.arguments.extend([b"-c".to_vec(), script]);
        command
    }

    /// A program without arguments, environment or limits so far.
    pub fn of_program(file: &'a Path, directory: &'a Path) -> Self {
        let name = file.file_name().unwrap_or(file.as_os_str());
        Command {
            file,
            arguments: vec![name.as_bytes().to_vec()],
            directory,
            environment: Vec::new(),
            timeout: Duration::MAX,
            keep: u64::MAX,
        }
    }
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// Standard output and standard error, as they came.
    pub output: Vec<u8>,
    /// The exit code, or the negative number of the signal.
    pub code: i32,
    /// What was killed when the time was over, or `None` if it was not.
    pub killed: Option<Vec<String>>,
    /// How many bytes of output were dropped.
    pub dropped: u64,
    /// Whether the whole run was interrupted meanwhile.
    pub interrupted: bool,
}

/// Runs a command as a part of what `owner` owns, until it ends or its time is
/// over. A process it leaves behind is not waited for, even if it holds the
/// output open.
pub(crate) fn run(
    mut command: Command<'_>,
    owner: &Owner,
    reaper: &Reaper,
    interrupt: &Interrupt,
) -> io::Result<Outcome> {
    let part = owner.part();
    command
        .environment
        .retain(|(name, _)| name != VARIABLE.as_bytes());
    command
        .environment
        .push((VARIABLE.into(), part.value().into()));
    let (output, mut child) = start(&command, reaper)?;
    owner.add_session(child.pid());
    part.add_session(child.pid());

    let mut capture = Capture::new(output, command.keep)?;
    let deadline = Instant::now().checked_add(command.timeout);
    let end = watch(&mut capture, &child, interrupt, deadline)?;
    let killed = (end != End::Ended).then(|| part.kill());
    let ended_with = child.wait()?;
    // Whatever it made of the request to end, it was killed.
    let code = match end {
        End::Timeout => -(Signal::SIGKILL as i32),
        _ => ended_with,
    };
    if capture.is_open {
        capture.read()?;
    }
    let (output, dropped) = capture.finish();
    Ok(Outcome {
        output,
        code,
        killed: killed.filter(|_| end == End::Timeout),
        dropped,
        interrupted: end == End::Interrupted,
    })
}

fn start(command: &Command<'_>, reaper: &Reaper) -> io::Result<(PipeReader, Child)> {
    let (output, input) = io::pipe()?;
    let child = reaper.spawn(|| {
        spawn(&Program {
            file: command.file,
            arguments: &command.arguments,
            environment: &command.environment,
            directory: command.directory,
            stdin: None,
            stdout: input.as_fd(),
            stderr: input.as_fd(),
        })
    })?;
    Ok((output, child))
}

#[derive(Debug, PartialEq, Eq)]
enum End {
    Ended,
    Timeout,
    Interrupted,
}

/// Collects output until the command has ended or may not go on.
fn watch(
    capture: &mut Capture,
    child: &Child,
    interrupt: &Interrupt,
    deadline: Option<Instant>,
) -> io::Result<End> {
    loop {
        let left = deadline.map(|at| at.saturating_duration_since(Instant::now()));
        if left.is_some_and(|left| left.is_zero()) {
            return Ok(End::Timeout);
        }
        let mut watched = vec![
            PollFd::new(child.ended(), PollFlags::POLLIN),
            PollFd::new(interrupt.descriptor(), PollFlags::POLLIN),
        ];
        if capture.is_open {
            watched.push(PollFd::new(capture.source.as_fd(), PollFlags::POLLIN));
        }
        wait(&mut watched, left)?;
        let ready: Vec<bool> = watched.iter().map(|fd| fd.any().unwrap_or(true)).collect();
        if ready.get(2) == Some(&true) {
            capture.read()?;
        }
        if ready[0] {
            return Ok(End::Ended);
        }
        if ready[1] {
            return Ok(End::Interrupted);
        }
    }
}

/// Waits for one of the descriptors, at most so long. Interruption by a signal
/// counts as nothing ready.
pub(crate) fn wait(watched: &mut [PollFd<'_>], left: Option<Duration>) -> io::Result<()> {
    let timeout = match left {
        // Rounded up, so that the last wait does not spin through its millisecond.
        Some(left) => {
            let milliseconds = left.as_millis().saturating_add(1).min(i32::MAX as u128) as i32;
            PollTimeout::try_from(milliseconds).unwrap_or(PollTimeout::MAX)
        }
        None => PollTimeout::NONE,
    };
    match poll(watched, timeout) {
        Ok(_) | Err(nix::errno::Errno::EINTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// The kept part of an output.
struct Capture {
    source: File,
    kept: Vec<u8>,
    keep: u64,
    dropped: u64,
    is_open: bool,
}

impl Capture {
    fn new(source: PipeReader, keep: u64) -> io::Result<Self> {
        let source = File::from(OwnedFd::from(source));
        set_blocking(&source, false)?;
        Ok(Capture {
            source,
            kept: Vec::new(),
            keep,
            dropped: 0,
            is_open: true,
        })
    }

    /// Reads what is there, at most some megabytes so that a flood does not keep
    /// the caller from looking at its clock.
    fn read(&mut self) -> io::Result<()> {
        let mut buffer = [0; 1 << 16];
        for _ in 0..64 {
            match self.source.read(&mut buffer) {
                Ok(0) => {
                    self.is_open = false;
                    return Ok(());
                }
                Ok(count) => {
                    self.add(&buffer[..count]);
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

    fn add(&mut self, bytes: &[u8]) {
        let room = self.keep.saturating_sub(self.kept.len() as u64);
        let taken = usize::try_from(room).unwrap_or(usize::MAX).min(bytes.len());
        self.kept.extend_from_slice(&bytes[..taken]);
        self.dropped += (bytes.len() - taken) as u64;
    }

    /// What was kept and how much was not. A process that is left behind may
    /// still write: its output is read and dropped, so that it neither stops on
    /// a full pipe nor dies of a closed one before its spec ends.
    fn finish(self) -> (Vec<u8>, u64) {
        if self.is_open && set_blocking(&self.source, true).is_ok() {
            let mut source = self.source;
            // Without a thread the pipe is closed, which is the next best thing.
            let _ = thread::Builder::new().name("drain".into()).spawn(move || {
                let _ = io::copy(&mut source, &mut io::sink());
            });
        }
        (self.kept, self.dropped)
    }
}

fn set_blocking(file: &File, blocking: bool) -> io::Result<()> {
    debug_assert!(file.as_raw_fd() >= 0);
    let flags = if blocking {
        OFlag::empty()
    } else {
        OFlag::O_NONBLOCK
    };
    fcntl(file, FcntlArg::F_SETFL(flags))?;
    Ok(())
}

#[cfg(test)]
#[path = "command_tests.rs"]
mod tests;
