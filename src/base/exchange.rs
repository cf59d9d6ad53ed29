//! A question to another program: text in, text out, within a time.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::{self, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

/// What a program answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// Whether it ended with exit code 0.
    pub success: bool,
    /// What it wrote on standard output.
    pub output: Vec<u8>,
    /// What it wrote on standard error.
    pub errors: Vec<u8>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The program cannot be started.
    #[error("cannot be started: {0}")]
    NotStarted(String),
    /// It did not end in time, and was killed.
    #[error("did not answer within {0} seconds")]
    Timeout(u64),
    /// It wrote more than anybody asked for, and was killed.
    #[error("answered with more than {0} bytes")]
    TooLong(usize),
}

/// How long is waited for an answer, and how much of it is taken.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// How long the program may take.
    pub time: Duration,
    /// The most bytes it may write on each stream.
    pub bytes: usize,
}

/// Runs `args` in `dir` with just the environment `env` and `input` on its
/// standard input. A program that breaks `bounds` is killed with all that it
/// started in its own group.
///
/// # Errors
/// It cannot be started, or breaks a bound.
pub fn ask<S: AsRef<OsStr>>(
    args: &[S],
    dir: &Path,
    env: &BTreeMap<OsString, OsString>,
    input: &[u8],
    bounds: Bounds,
) -> Result<Answer, Error> {
    let deadline = Instant::now() + bounds.time;
    let not_started = |error: io::Error| Error::NotStarted(super::files::reason(&error));
    let (program, rest) = args
        .split_first()
        .ok_or_else(|| not_started(io::ErrorKind::NotFound.into()))?;
    let mut child = Command::new(program)
        .args(rest)
        .current_dir(dir)
        .env_clear()
        .envs(env)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
        .map_err(not_started)?;
    let answered = talk(&mut child, input, deadline, bounds);
    if answered.is_err() {
        kill(&mut child);
    }
    answered
}

/// Writes the question and reads both streams, each on a thread of its own, so
/// that neither side waits for the other.
fn talk(
    child: &mut Child,
    input: &[u8],
    deadline: Instant,
    bounds: Bounds,
) -> Result<Answer, Error> {
    let (sender, receiver) = mpsc::channel();
    if let Some(mut stdin) = child.stdin.take() {
        let input = input.to_vec();
        // A program that does not read its question ends the write.
        std::thread::spawn(move || stdin.write_all(&input));
    }
    let streams: [Option<Box<dyn Read + Send>>; 2] = [
        child.stdout.take().map(|stream| Box::new(stream) as _),
        child.stderr.take().map(|stream| Box::new(stream) as _),
    ];
    for (index, stream) in streams.into_iter().enumerate() {
        let sender = sender.clone();
        let most = bounds.bytes as u64 + 1;
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            if let Some(stream) = stream {
                // What came before a failure is the answer.
                let _ = stream.take(most).read_to_end(&mut bytes);
            }
            // Nobody waits any more after a bound was broken.
            let _ = sender.send((index, bytes));
        });
    }
    let timeout = || Error::Timeout(bounds.time.as_secs());
    let mut texts = [Vec::new(), Vec::new()];
    for _ in 0..texts.len() {
        let left = deadline.saturating_duration_since(Instant::now());
        let (index, bytes) = receiver.recv_timeout(left).map_err(|_| timeout())?;
        if bytes.len() > bounds.bytes {
            return Err(Error::TooLong(bounds.bytes));
        }
        texts[index] = bytes;
    }
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if Instant::now() < deadline => {
                std::thread::sleep(Duration::from_millis(1));
            }
            _ => return Err(timeout()),
        }
    };
    let [output, errors] = texts;
    Ok(Answer {
        success: status.success(),
        output,
        errors,
    })
}

fn kill(child: &mut Child) {
    // It has not been waited for, so its id is still its own.
    let _ = killpg(Pid::from_raw(child.id() as i32), Signal::SIGKILL);
    let _ = child.wait();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(script: &str, input: &[u8], millis: u64, bytes: usize) -> Result<Answer, Error> {
        let env = std::env::vars_os().collect();
        let bounds = Bounds {
            time: Duration::from_millis(millis),
            bytes,
        };
        ask(&["sh", "-c", script], Path::new("/"), &env, input, bounds)
    }

    #[test]
    fn both_streams_and_the_end_are_told() {
        let answer = run("cat; echo no >&2; exit 3", b"yes", 20_000, 100).unwrap();
        assert!(!answer.success);
        assert_eq!(answer.output, b"yes");
        assert_eq!(answer.errors, b"no\n");
    }

    #[test]
    fn a_question_longer_than_a_pipe_does_not_block() {
        let long = vec![b'x'; 1 << 20];
        let answer = run("cat", &long, 20_000, 2 << 20).unwrap();
        assert_eq!(answer.output.len(), long.len());
        assert!(run("true", &long, 20_000, 100).unwrap().success);
    }

    #[test]
    fn bounds_hold() {
        let slow = run("sleep 60 & sleep 60", b"", 50, 100);
        assert!(matches!(slow, Err(Error::Timeout(_))));
        let long = run("yes", b"", 20_000, 100);
        assert!(matches!(long, Err(Error::TooLong(100))));
        let none = ask(
            &["/nowhere/program"],
            Path::new("/"),
            &BTreeMap::new(),
            b"",
            Bounds {
                time: Duration::from_secs(1),
                bytes: 1,
            },
        );
        assert!(matches!(none, Err(Error::NotStarted(_))));
    }
}
