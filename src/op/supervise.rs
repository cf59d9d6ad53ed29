//! Starting a run's process, following it to its end, and recording that.
//!
//! While the process runs, this one reads its output, passes signals on once,
//! and keeps to a time limit. Everything that can happen arrives as an event in
//! one loop.

use std::path::{Path, PathBuf};
use std::process::Child;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use nix::sys::wait::{Id, WaitPidFlag, waitid};
use nix::unistd::Pid;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::SignalsInfo;
use signal_hook::iterator::exfiltrator::WithOrigin;
use signal_hook::low_level::siginfo::{Cause, Origin};

use super::config::OpConfig;
use super::launch;
use super::output::{Capture, Stream};
use super::stop::Tree;
use super::watch::Watch;
use crate::base::process::{self, Process};
use crate::base::yaml::{Map, Value};
use crate::base::{clock, command, files};
use crate::home::Home;
use crate::python::freeze;
use crate::runs::{Ended, Run};

/// How long after a Ctrl-C the user is told what is waited for.
const INTERRUPT_NOTICE: Duration = Duration::from_secs(2);

/// How long a process may take to end when it was asked to.
const END_GRACE: Duration = Duration::from_secs(30);

/// How long a SIGINT for this process alone waits for the group's to arrive.
const FORWARD_DELAY: Duration = Duration::from_secs(1);

/// The variable that names the file in which a Python process tells its version
/// and where it imports from.
const INTERPRETER_FILE: &str = "GUILD_INTERPRETER_FILE";

/// Why a process was not started, or its end not recorded.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The program cannot be started.
    #[error("error running {op}: {reason}")]
    Spawn {
        /// The operation as shown.
        op: String,
        /// What the system says, in Python's form.
        reason: String,
    },
    /// No command line or environment can be made.
    #[error(transparent)]
    Launch(#[from] launch::Error),
    /// The run cannot be read or written.
    #[error(transparent)]
    Run(#[from] crate::runs::Error),
    /// The system refuses to tell of signals.
    #[error("cannot handle signals: {0}")]
    Signals(std::io::Error),
    /// The run's output was cut short; its end is recorded.
    #[error("the output of run {id} is incomplete: {reason}")]
    Output {
        /// The run.
        id: String,
        /// What the system says.
        reason: String,
    },
}

/// What to start, and how to follow it.
pub struct Start<'a> {
    /// The surroundings.
    pub home: &'a Home,
    /// The run, made and pending.
    pub run: &'a Run,
    /// The operation as shown to the user.
    pub op: &'a str,
    /// What the run keeps of its operation.
    pub config: &'a OpConfig,
    /// The flag values.
    pub values: &'a Map,
    /// Variables beside those of the operation and the run.
    pub extra_env: Vec<(String, String)>,
    /// Whether output stays off the terminal.
    pub quiet: bool,
    /// When to end the process, after its start.
    pub stop_after: Option<Duration>,
    /// The file with this process's id, to be removed.
    pub pidfile: Option<&'a Path>,
    /// Takes remarks for the user.
    pub tell: &'a dyn Fn(Remark),
}

/// A remark for the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remark {
    /// Something that may be of interest.
    Info(String),
    /// Something that may be wrong.
    Warning(String),
}

enum Event {
    Signal(Origin),
    Exited,
    OutputEnded,
}

/// Starts the run's process, waits for its end and records it. Returns the exit
/// status: the exit code, or the negative number of a signal.
///
/// # Errors
/// The process cannot be started, or the run not written.
pub fn execute(start: &Start<'_>) -> Result<i64, Error> {
    let run = start.run;
    let (sender, events) = channel();
    let mut signals = watch_signals(&sender)?;
    let handle = signals.handle();
    let signal_sender = sender.clone();
    thread::spawn(move || {
        for origin in &mut signals {
            if signal_sender.send(Event::Signal(origin)).is_err() {
                return;
            }
        }
    });
    let line = launch::command_line(start.config, start.values, start.home)?;
    let mut env = launch::environment(
        start.config,
        start.values,
        run,
        start.home,
        &start.extra_env,
    )?;
    run.write_attr(
        "env",
        &Value::Map(launch::recorded_env(&env, &start.config.env_secrets)),
    )?;
    let interpreter_file = run.interpreter_file();
    env.insert(INTERPRETER_FILE.into(), interpreter_file.clone().into());
    let captured = start.home.variable("NO_RUN_OUTPUT").is_none();
    let capture = captured
        .then(|| Capture::new(run, start.quiet))
        .transpose()?;
    let mut watch = Watch::start(start.home, run, start.pidfile);
    let output = match captured {
        true => command::Output::Captured,
        false => command::Output::Inherited,
    };
    let child = match command::start(&line.args, run.dir(), &env, output) {
        Ok(child) => child,
        Err(error) => {
            run.clear_pending()?;
            watch.end();
            return Err(Error::Spawn {
                op: start.op.to_string(),
                reason: spawn_reason(&error, &line.args),
            });
        }
    };
    let status = follow(start, child, capture.as_ref(), &mut watch, sender, &events);
    handle.close();
    let status = status?;
    record_interpreter(start, &interpreter_file);
    record_end(start, status)?;
    watch.end();
    match capture.and_then(|capture| capture.failure()) {
        Some(reason) => Err(Error::Output {
            id: run.id().to_string(),
            reason,
        }),
        None => Ok(status),
    }
}

/// Signals that this process handles; those that are ignored, as `nohup` has
/// it, stay so.
fn watch_signals(_sender: &Sender<Event>) -> Result<SignalsInfo<WithOrigin>, Error> {
    let ignored = process::ignored_signals();
    let wanted = [SIGINT, SIGTERM, SIGHUP]
        .into_iter()
        .filter(|signal| !ignored.contains(signal));
    SignalsInfo::new(wanted).map_err(Error::Signals)
}

fn spawn_reason(error: &std::io::Error, args: &[String]) -> String {
    let program = args.first().map(String::as_str).unwrap_or_default();
    match error.raw_os_error() {
        Some(code) => {
            let text = error.to_string();
            let words = text.split(" (os error").next().unwrap_or_default();
            format!("[Errno {code}] {words}: '{program}'")
        }
        None => error.to_string(),
    }
}

/// Follows the process to its end and that of its output.
fn follow(
    start: &Start<'_>,
    mut child: Child,
    capture: Option<&Capture>,
    watch: &mut Watch,
    sender: Sender<Event>,
    events: &Receiver<Event>,
) -> Result<i64, Error> {
    let pid = child.id() as i32;
    let root = Process::find(pid);
    if let Some(root) = root {
        watch.set_process(root);
        start.run.set_running(root)?;
    }
    let mut outputs = 0;
    if let Some(capture) = capture {
        if let Some(stdout) = child.stdout.take() {
            outputs += 1;
            read_output(capture, Stream::Stdout, stdout, &sender);
        }
        if let Some(stderr) = child.stderr.take() {
            outputs += 1;
            read_output(capture, Stream::Stderr, stderr, &sender);
        }
    }
    wait_for_exit(pid, sender);
    let mut ending = Ending::new(start, pid);
    let mut exited = false;
    while !exited || outputs > 0 {
        match ending.next_event(events) {
            Some(Event::Exited) => exited = true,
            Some(Event::OutputEnded) => outputs -= 1,
            Some(Event::Signal(origin)) => ending.signal(&origin),
            None => ending.tick(),
        }
    }
    let status = child.wait().map_err(|source| {
        crate::runs::Error::from(files::Error::new("wait for", start.run.dir(), source))
    })?;
    use std::os::unix::process::ExitStatusExt;
    let signal = status.signal().map(|signal| -i64::from(signal));
    Ok(signal.or(status.code().map(i64::from)).unwrap_or(1))
}

fn read_output(
    capture: &Capture,
    stream: Stream,
    input: impl std::io::Read + Send + 'static,
    sender: &Sender<Event>,
) {
    let (capture, sender) = (capture.clone(), sender.clone());
    thread::spawn(move || {
        capture.read(stream, input);
        // Nobody waits any more: the end is recorded already.
        let _ = sender.send(Event::OutputEnded);
    });
}

/// Reports the end of the process without reaping it, so that its id stays its
/// own until the loop is done with it.
fn wait_for_exit(pid: i32, sender: Sender<Event>) {
    thread::spawn(move || {
        let flags = WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT;
        while waitid(Id::Pid(Pid::from_raw(pid)), flags) == Err(nix::errno::Errno::EINTR) {}
        let _ = sender.send(Event::Exited);
    });
}

/// How far the process is on the way to an end that was asked for.
struct Ending<'a> {
    start: &'a Start<'a>,
    pid: i32,
    begun: Instant,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nobody asked.
    Running,
    /// Interrupted at this instant; the process has the signal from the terminal.
    Interrupted { at: Instant, told: bool, forward: bool },
    /// Asked to end at this instant.
    Terminating { at: Instant, tree_asked: bool },
    /// Killed: nothing more to do.
    Killed,
}

impl<'a> Ending<'a> {
    fn new(start: &'a Start<'a>, pid: i32) -> Self {
        Self {
            start,
            pid,
            begun: Instant::now(),
            state: State::Running,
        }
    }

    /// The next event, or none when it is time to look at the clock.
    fn next_event(&self, events: &Receiver<Event>) -> Option<Event> {
        let Some(deadline) = self.deadline() else {
            return events.recv().ok();
        };
        let timeout = deadline.saturating_duration_since(Instant::now());
        match events.recv_timeout(timeout) {
            Ok(event) => Some(event),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => None,
        }
    }

    fn deadline(&self) -> Option<Instant> {
        match self.state {
            State::Running => self.start.stop_after.map(|limit| self.begun + limit),
            State::Interrupted { at, forward: true, .. } => Some(at + FORWARD_DELAY),
            State::Interrupted { at, told: false, .. } => Some(at + INTERRUPT_NOTICE),
            State::Interrupted { at, .. } => Some(at + END_GRACE),
            State::Terminating { at, tree_asked: false } => Some(at + Duration::from_secs(5)),
            State::Terminating { at, .. } => Some(at + self.kill_delay()),
            State::Killed => None,
        }
    }

    fn kill_delay(&self) -> Duration {
        let variable = self.start.home.variable("STOP_AFTER_KILL_DELAY");
        let seconds = variable.and_then(|text| text.parse().ok());
        seconds
            .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
            .unwrap_or(END_GRACE)
    }

    fn signal(&mut self, origin: &Origin) {
        let now = Instant::now();
        match (origin.signal, self.state) {
            (SIGINT, State::Running) => {
                // From the terminal it reaches the whole group; from another
                // process maybe only this one.
                let forward = origin.cause != Cause::Kernel;
                self.state = State::Interrupted {
                    at: now,
                    told: false,
                    forward,
                };
            }
            (SIGINT, _) => self.kill(),
            (_, State::Running | State::Interrupted { .. }) => self.terminate(now),
            _ => {}
        }
    }

    fn tick(&mut self) {
        let now = Instant::now();
        let tell = self.start.tell;
        match self.state {
            State::Running => {
                let minutes = self.begun.elapsed().as_secs_f64() / 60.0;
                tell(Remark::Info(format!(
                    "Stopping process early (pid {}) - {minutes:.1} minute(s) elapsed",
                    self.pid
                )));
                self.terminate(now);
            }
            State::Interrupted { at, told, forward: true } => {
                if let Some(process) = Process::find(self.pid) {
                    // A process that cannot be signalled is killed later on.
                    let _ = process.signal(Signal::SIGINT);
                }
                self.state = State::Interrupted { at, told, forward: false };
            }
            State::Interrupted { at, told: false, forward } => {
                tell(Remark::Info(
                    "Operation interrupted - waiting for process to exit".to_string(),
                ));
                self.state = State::Interrupted { at, told: true, forward };
            }
            State::Interrupted { .. } => {
                tell(Remark::Warning(
                    "Operation process did not exit - stopping forcefully".to_string(),
                ));
                self.kill();
            }
            State::Terminating { at, tree_asked: false } => {
                Tree::of(self.start.run).signal(Signal::SIGTERM);
                self.state = State::Terminating { at, tree_asked: true };
            }
            State::Terminating { .. } => {
                tell(Remark::Warning(format!(
                    "Process did not terminate (pid {}), killing",
                    self.pid
                )));
                self.kill();
            }
            State::Killed => {}
        }
    }

    fn terminate(&mut self, now: Instant) {
        if let Some(process) = Process::find(self.pid) {
            let _ = process.signal(Signal::SIGTERM);
        }
        self.state = State::Terminating {
            at: now,
            tree_asked: false,
        };
    }

    fn kill(&mut self) {
        Tree::of(self.start.run).signal(Signal::SIGKILL);
        self.state = State::Killed;
    }
}

/// Records the version and the packages of the interpreter, if the process was
/// Python and told. These are notes beside the run's results: one that cannot
/// be written does not keep the run's end from being recorded.
fn record_interpreter(start: &Start<'_>, path: &Path) {
    let Ok(bytes) = files::read(path) else {
        return;
    };
    let text = String::from_utf8_lossy(&bytes);
    let mut lines = text.lines();
    let version = lines.next().unwrap_or_default();
    let search_path: Vec<PathBuf> = lines.map(PathBuf::from).collect();
    let _ = files::remove_if_exists(path);
    if let Ok(Some(Value::Map(mut platform))) = start.run.attr("platform") {
        platform.insert("python_version", version);
        let _ = start.run.write_attr("platform", &Value::Map(platform));
    }
    if start.home.variable("NO_PIP_FREEZE").is_none() {
        let packages = freeze::lines(&search_path);
        let packages = packages.into_iter().map(Value::from).collect();
        let _ = start.run.write_attr("pip_freeze", &Value::List(packages));
    }
}

fn record_end(start: &Start<'_>, exit_status: i64) -> Result<(), Error> {
    if !start.run.exists() {
        (start.tell)(Remark::Warning(format!(
            "run directory {} has been deleted, its end is not recorded",
            start.run.dir().display()
        )));
        return Ok(());
    }
    let ended = Ended {
        exit_status,
        stopped: clock::now_micros(),
    };
    Ok(start.run.set_ended(ended)?)
}
