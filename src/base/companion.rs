//! A program that works for this one, for as long as this one holds the other end
//! of its standard input: whatever becomes of this process, it does not stay.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

/// How long a program has to end once it is let go of.
const PATIENCE: Duration = Duration::from_secs(5);

/// The program. It ends when this is dropped.
#[derive(Debug)]
pub struct Companion {
    child: Child,
    input: Option<ChildStdin>,
}

impl Companion {
    /// Starts `args` in `dir` with just the environment `env`; returns its
    /// standard output as well. Its errors go where this process's go. It is in
    /// a process group of its own, so that a Ctrl-C is not its business.
    ///
    /// # Errors
    /// The program cannot be started.
    pub fn start<S: AsRef<OsStr>>(
        args: &[S],
        dir: &Path,
        env: &BTreeMap<OsString, OsString>,
    ) -> io::Result<(Self, ChildStdout)> {
        let missing = || io::Error::from(io::ErrorKind::NotFound);
        let (program, rest) = args.split_first().ok_or_else(missing)?;
        let mut child = Command::new(program)
            .args(rest)
            .current_dir(dir)
            .env_clear()
            .envs(env)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()?;
        let input = child.stdin.take();
        let output = child.stdout.take().ok_or_else(missing)?;
        Ok((Self { child, input }, output))
    }

    /// Writes a line to its standard input.
    ///
    /// # Errors
    /// It does not read any more.
    pub fn send(&mut self, line: &str) -> io::Result<()> {
        match &mut self.input {
            Some(input) => writeln!(input, "{line}").and_then(|()| input.flush()),
            None => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    /// Lets go of it, and waits until it has ended; one that takes too long is
    /// killed with its group. Returns how it ended.
    ///
    /// # Errors
    /// It cannot be waited for.
    pub fn end(&mut self) -> io::Result<ExitStatus> {
        self.input = None;
        let deadline = Instant::now() + PATIENCE;
        let mut pause = Duration::from_millis(1);
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(50));
        }
        // It has not been waited for, so its id is still its own.
        let _ = killpg(Pid::from_raw(self.child.id() as i32), Signal::SIGKILL);
        self.child.wait()
    }
}

impl Drop for Companion {
    fn drop(&mut self) {
        // Nothing more can be done about one that cannot be waited for.
        let _ = self.end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn a_companion_answers_and_ends_when_it_is_let_go_of() {
        let env = std::env::vars_os().collect();
        let words = ["sh", "-c", "read line; echo got $line; cat; exit 3"];
        let (mut companion, mut output) = Companion::start(&words, Path::new("/"), &env).unwrap();
        companion.send("it").unwrap();
        assert_eq!(companion.end().unwrap().code(), Some(3));
        let mut said = String::new();
        output.read_to_string(&mut said).unwrap();
        assert_eq!(said, "got it\n");
        assert!(companion.send("more").is_err());
    }
}
