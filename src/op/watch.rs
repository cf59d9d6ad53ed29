//! The watch over a starter: a small process that ends the run if the process
//! that started it is killed, so that no script runs on with nobody to read its
//! output or record its end.
//!
//! It holds one end of a pipe. The starter tells it of each run: the run directory,
//! then the run's process, and that its end is recorded. Runs may follow one another
//! or go on at the same time. Those whose end was not told when the pipe ends are
//! those of a starter that was killed.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::stop;
use crate::base::command;
use crate::base::process::{self, Process};
use crate::home::Home;
use crate::runs::Run;

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
    /// What is looked after now, and its process as far as that is there.
    runs: Vec<(Run, Option<Process>)>,
}

/// What the starter says of a run. Each thing ends with the run directory, which may
/// have any other byte in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    /// Its process is about to be started.
    Begun,
    /// This is its process.
    Process(Process),
    /// Its end is recorded.
    Ended,
}

/// The watch over one run, which ends when this goes, whatever makes it go.
#[derive(Debug)]
pub(super) struct Watched<'a> {
    watch: &'a Mutex<Watch>,
    run: Run,
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
            runs: Vec::new(),
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
            runs: Vec::new(),
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
    fn look_after(&mut self, run: &Run) {
        if matches!(self.child().map(Child::try_wait), Some(Ok(Some(_)))) {
            // Somebody killed it.
            self.begin();
            for (run, process) in self.runs.clone() {
                self.tell(Said::Begun, &run);
                if let Some(process) = process {
                    self.tell(Said::Process(process), &run);
                }
            }
        }
        self.runs.push((run.clone(), None));
        self.tell(Said::Begun, run);
    }

    fn set_process(&mut self, run: &Run, process: Process) {
        let mut runs = self.runs.iter_mut();
        if let Some((_, known)) = runs.find(|(looked_after, _)| looked_after == run) {
            *known = Some(process);
            self.tell(Said::Process(process), run);
        }
    }

    fn let_go(&mut self, run: &Run) {
        let count = self.runs.len();
        self.runs.retain(|(looked_after, _)| looked_after != run);
        if self.runs.len() < count {
            self.tell(Said::Ended, run);
        }
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

    fn tell(&mut self, said: Said, run: &Run) {
        if let Some(pipe) = self.child().and_then(|child| child.stdin.as_mut()) {
            let mut text = match said {
                Said::Begun => "run ".to_string(),
                Said::Process(process) => {
                    format!("process {} {} ", process.pid, process.start_ticks)
                }
                Said::Ended => "ended ".to_string(),
            }
            .into_bytes();
            text.extend_from_slice(run.dir().as_os_str().as_bytes());
            text.push(END);
            // A watch that was killed protects nothing, and harms nothing.
            let _ = pipe.write_all(&text);
        }
    }
}

impl<'a> Watched<'a> {
    /// What `watch` is told of `run`; nothing so far.
    pub(super) fn new(watch: &'a Mutex<Watch>, run: &Run) -> Self {
        Self {
            watch,
            run: run.clone(),
        }
    }

    /// Has the watch look after the run, whose process is about to be started.
    pub(super) fn look_after(&self) {
        self.watch().look_after(&self.run);
    }

    /// Tells the watch the run's process.
    pub(super) fn set_process(&self, process: Process) {
        self.watch().set_process(&self.run, process);
    }

    fn watch(&self) -> MutexGuard<'_, Watch> {
        self.watch.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Watched<'_> {
    fn drop(&mut self) {
        self.watch().let_go(&self.run);
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
    let left = left_behind(input);
    // Side by side: each may take a while to end.
    thread::scope(|scope| {
        for (run, root) in &left {
            let end = || stop::end_orphan(run, root.or_else(|| run.process()), GRACE);
            if thread::Builder::new().spawn_scoped(scope, end).is_err() {
                end();
            }
        }
    });
    if let Some(pidfile) = pidfile {
        // A file that cannot be removed names a process that has gone.
        let _ = crate::base::files::remove_if_exists(pidfile);
    }
}

/// The runs that were being looked after when `input` ended, and their processes.
fn left_behind(input: impl Read) -> Vec<(Run, Option<Process>)> {
    let mut watched: Vec<(Run, Option<Process>)> = Vec::new();
    for text in BufReader::new(input).split(END) {
        let Ok(text) = text else { break };
        let Some((said, run)) = parse(&text) else {
            continue;
        };
        match said {
            Said::Begun => watched.push((run, None)),
            Said::Process(process) => {
                let mut watched = watched.iter_mut();
                if let Some((_, root)) = watched.find(|(watched, _)| *watched == run) {
                    *root = Some(process);
                }
            }
            Said::Ended => watched.retain(|(watched, _)| *watched != run),
        }
    }
    watched
}

fn parse(text: &[u8]) -> Option<(Said, Run)> {
    let run = |dir: &[u8]| Run::at(OsStr::from_bytes(dir));
    if let Some(dir) = text.strip_prefix(b"run ") {
        return Some((Said::Begun, run(dir)));
    }
    if let Some(dir) = text.strip_prefix(b"ended ") {
        return Some((Said::Ended, run(dir)));
    }
    let mut parts = text
        .strip_prefix(b"process ")?
        .splitn(3, |&byte| byte == b' ');
    let mut number = || std::str::from_utf8(parts.next()?).ok();
    let process = Process {
        pid: number()?.parse().ok()?,
        start_ticks: number()?.parse().ok()?,
    };
    Some((Said::Process(process), run(parts.next()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROCESS: Process = Process {
        pid: 12,
        start_ticks: 345,
    };

    fn left(said: &[u8]) -> Vec<(PathBuf, Option<Process>)> {
        let left = left_behind(said).into_iter();
        left.map(|(run, root)| (run.dir().to_path_buf(), root))
            .collect()
    }

    #[test]
    fn a_process_is_told_by_its_id_and_start() {
        let process = |text: &[u8]| parse(text).map(|(said, run)| (said, run.dir().to_path_buf()));
        let expected = (Said::Process(PROCESS), "/r/a b".into());
        assert_eq!(process(b"process 12 345 /r/a b"), Some(expected));
        assert_eq!(process(b"process 12 /r"), None);
        assert_eq!(process(b"process x y /r"), None);
        assert_eq!(process(b""), None);
    }

    #[test]
    fn runs_whose_end_was_not_told_are_left_behind() {
        assert_eq!(left(b""), []);
        assert_eq!(left(b"run /r/1\0"), [("/r/1".into(), None)]);
        let one_after_the_other =
            b"run /r/1\0process 1 2 /r/1\0ended /r/1\0run /r/a\nb\0process 12 345 /r/a\nb\0";
        assert_eq!(
            left(one_after_the_other),
            [("/r/a\nb".into(), Some(PROCESS))]
        );
        assert_eq!(left(b"run /r/1\0process 12 345 /r/1\0ended /r/1\0"), []);
    }

    #[test]
    fn runs_side_by_side_are_told_apart() {
        let said = b"run /r/1\0run /r/2\0process 1 2 /r/1\0run /r/3\0process 12 345 /r/2\0\
                     ended /r/1\0";
        assert_eq!(
            left(said),
            [("/r/2".into(), Some(PROCESS)), ("/r/3".into(), None)]
        );
    }
}
