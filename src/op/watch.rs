//! The watch over a starter: a small process that ends the run if the process
//! that started it is killed, so that no script runs on with nobody to read its
//! output or record its end.
//!
//! It holds one end of a pipe. The starter tells it the run's process in a
//! line, and says goodbye in another; a pipe that ends without a goodbye is a
//! starter that was killed.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::Duration;

use super::stop;
use crate::base::command;
use crate::base::process::{self, Process};
use crate::home::Home;
use crate::runs::Run;

const GOODBYE: &str = "ended";

/// How long the processes of a lost run may take to end when asked to.
const GRACE: Duration = Duration::from_secs(10);

/// The starter's end of the watch.
#[derive(Debug)]
pub struct Watch {
    child: Option<Child>,
}

impl Watch {
    /// Starts a watch over this process and `run`; removes `pidfile` if this
    /// process cannot. Without one the run is as safe as its starter.
    pub fn start(home: &Home, run: &Run, pidfile: Option<&Path>) -> Self {
        let mut args = vec!["_watch".into(), run.dir().as_os_str().to_os_string()];
        if let Some(pidfile) = pidfile {
            args.push("--pidfile".into());
            args.push(pidfile.as_os_str().to_os_string());
        }
        let child = home
            .executable()
            .and_then(|program| command::start_helper(program, &args).ok());
        Self { child }
    }

    /// Tells the watch the run's process.
    pub fn set_process(&mut self, process: Process) {
        self.tell(&format!("{} {}\n", process.pid, process.start_ticks));
    }

    /// Ends the watch: the run's end is recorded.
    pub fn end(mut self) {
        self.tell(&format!("{GOODBYE}\n"));
        if let Some(mut child) = self.child.take() {
            drop(child.stdin.take());
            // It exits at once; waiting keeps it from staying as a zombie.
            let _ = child.wait();
        }
    }

    fn tell(&mut self, line: &str) {
        if let Some(pipe) = self.child.as_mut().and_then(|child| child.stdin.as_mut()) {
            // A watch that was killed protects nothing, and harms nothing.
            let _ = pipe.write_all(line.as_bytes());
        }
    }
}

/// The work of the watching process: reads what its starter says on `input`
/// until it ends, and ends the run in `run_dir` if it ended without a goodbye.
pub fn keep(run_dir: PathBuf, pidfile: Option<&Path>, input: impl Read) {
    // A Ctrl-C is for the run, and so is the end of the terminal.
    process::leave_session();
    let mut root = None;
    for line in BufReader::new(input).lines() {
        match line {
            Ok(line) if line == GOODBYE => return,
            Ok(line) => root = parse_process(&line).or(root),
            Err(_) => break,
        }
    }
    let run = Run::at(run_dir);
    let root = root.or_else(|| run.process());
    stop::end_orphan(&run, root, GRACE);
    if let Some(pidfile) = pidfile {
        // A file that cannot be removed names a process that has gone.
        let _ = crate::base::files::remove_if_exists(pidfile);
    }
}

fn parse_process(line: &str) -> Option<Process> {
    let (pid, start_ticks) = line.split_once(' ')?;
    Some(Process {
        pid: pid.parse().ok()?,
        start_ticks: start_ticks.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_told_in_a_line() {
        let process = Process {
            pid: 12,
            start_ticks: 345,
        };
        assert_eq!(parse_process("12 345"), Some(process));
        assert_eq!(parse_process("12"), None);
        assert_eq!(parse_process("x y"), None);
    }
}
