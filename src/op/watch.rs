//! The watch over a starter: a small process that ends the run if the process
//! that started it is killed, so that no script runs on with nobody to read its
//! output or record its end.
//!
//! It holds one end of a pipe. The starter tells it the run directory, then the
//! run's process, and says goodbye when its end is recorded; the next run may
//! follow. A pipe that ends without a goodbye is a starter that was killed.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::stop;
use crate::base::command;
use crate::base::process::{self, Process};
use crate::home::Home;
use crate::runs::Run;

const GOODBYE: &str = "ended";

/// What ends each thing that is said. No path has it.
const END: u8 = 0;

/// How long the processes of a lost run may take to end when asked to.
const GRACE: Duration = Duration::from_secs(10);

/// The starter's end of the watch.
#[derive(Debug)]
pub(super) struct Watch {
    program: Option<PathBuf>,
    pidfile: Option<PathBuf>,
    state: State,
}

#[derive(Debug)]
enum State {
    /// It is on its way. This takes as long as much else, so that is done
    /// meanwhile.
    Starting(JoinHandle<Option<Child>>),
    Started(Child),
    /// There is none.
    Missing,
}

impl Watch {
    /// Starts a watch over this process; it removes `pidfile` if this process
    /// cannot. Without one a run is as safe as its starter.
    pub(super) fn start(home: &Home, pidfile: Option<&Path>) -> Self {
        let mut watch = Self {
            program: home.executable().map(Path::to_path_buf),
            pidfile: pidfile.map(Path::to_path_buf),
            state: State::Missing,
        };
        watch.begin();
        watch
    }

    /// One that `program` keeps.
    #[cfg(test)]
    pub(super) fn by(program: PathBuf) -> Self {
        let mut watch = Self {
            program: Some(program),
            pidfile: None,
            state: State::Missing,
        };
        watch.begin();
        watch
    }

    fn begin(&mut self) {
        let Some(program) = self.program.clone() else {
            return;
        };
        let mut args = vec!["_watch".into()];
        if let Some(pidfile) = &self.pidfile {
            args.push("--pidfile".into());
            args.push(pidfile.as_os_str().to_os_string());
        }
        // The watch over the process of a pipeline is none of the pipeline's own.
        let start = move || command::start_helper(&program, &args, "RUN_ID").ok();
        self.state = State::Starting(thread::spawn(start));
    }

    /// Has the watch look after `run`, whose process is about to be started.
    pub(super) fn look_after(&mut self, run: &Run) {
        if matches!(self.child().map(Child::try_wait), Some(Ok(Some(_)))) {
            // Somebody killed it.
            self.begin();
        }
        self.tell(run.dir().as_os_str().as_bytes());
    }

    /// Tells the watch the run's process.
    pub(super) fn set_process(&mut self, process: Process) {
        self.tell(format!("{} {}", process.pid, process.start_ticks).as_bytes());
    }

    /// Ends the watch over the run: its end is recorded.
    pub(super) fn let_go(&mut self) {
        self.tell(GOODBYE.as_bytes());
    }

    fn child(&mut self) -> Option<&mut Child> {
        let state = std::mem::replace(&mut self.state, State::Missing);
        self.state = match state {
            State::Starting(thread) => match thread.join() {
                Ok(Some(child)) => State::Started(child),
                _ => State::Missing,
            },
            other => other,
        };
        match &mut self.state {
            State::Started(child) => Some(child),
            _ => None,
        }
    }

    fn tell(&mut self, text: &[u8]) {
        if let Some(pipe) = self.child().and_then(|child| child.stdin.as_mut()) {
            let mut said = text.to_vec();
            said.push(END);
            // A watch that was killed protects nothing, and harms nothing.
            let _ = pipe.write_all(&said);
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if let Some(child) = self.child() {
            drop(child.stdin.take());
            // It exits at once; waiting keeps it from staying as a zombie.
            let _ = child.wait();
        }
    }
}

/// The work of the watching process: reads what its starter says on `input`
/// until it ends, ends the run that it has not said goodbye to, and removes
/// `pidfile`.
pub fn keep(pidfile: Option<&Path>, input: impl Read) {
    // A Ctrl-C is for the run, and so is the end of the terminal. The watch over
    // the process of a pipeline is asked to end together with that, and has to
    // see what becomes of its step.
    process::ignore_requests_to_end();
    process::leave_session();
    if let Some((run, root)) = left_behind(input) {
        let root = root.or_else(|| run.process());
        stop::end_orphan(&run, root, GRACE);
    }
    if let Some(pidfile) = pidfile {
        // A file that cannot be removed names a process that has gone.
        let _ = crate::base::files::remove_if_exists(pidfile);
    }
}

/// The run that was being looked after when `input` ended, and its process.
fn left_behind(input: impl Read) -> Option<(Run, Option<Process>)> {
    let mut watched: Option<(Run, Option<Process>)> = None;
    for said in BufReader::new(input).split(END) {
        let Ok(said) = said else { break };
        watched = match (watched, said) {
            (_, said) if said == GOODBYE.as_bytes() => None,
            (Some((run, root)), said) => Some((run, parse_process(&said).or(root))),
            (None, dir) => Some((Run::at(OsStr::from_bytes(&dir)), None)),
        };
    }
    watched
}

fn parse_process(said: &[u8]) -> Option<Process> {
    let (pid, start_ticks) = std::str::from_utf8(said).ok()?.split_once(' ')?;
    Some(Process {
        pid: pid.parse().ok()?,
        start_ticks: start_ticks.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROCESS: Process = Process {
        pid: 12,
        start_ticks: 345,
    };

    fn left(said: &[u8]) -> Option<(PathBuf, Option<Process>)> {
        left_behind(said).map(|(run, root)| (run.dir().to_path_buf(), root))
    }

    #[test]
    fn a_process_is_told_by_its_id_and_start() {
        assert_eq!(parse_process(b"12 345"), Some(PROCESS));
        assert_eq!(parse_process(b"12"), None);
        assert_eq!(parse_process(b"x y"), None);
    }

    #[test]
    fn the_run_without_a_goodbye_is_left_behind() {
        assert_eq!(left(b""), None);
        assert_eq!(left(b"/r/1\0"), Some(("/r/1".into(), None)));
        let second = Some(("/r/a\nb".into(), Some(PROCESS)));
        assert_eq!(left(b"/r/1\x001 2\0ended\0/r/a\nb\x0012 345\0"), second);
        assert_eq!(left(b"/r/1\x0012 345\0ended\0"), None);
    }
}
