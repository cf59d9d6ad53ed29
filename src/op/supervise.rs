//! Starting the processes of runs, one after the other or side by side, following
//! each to its end, and recording that.
//!
//! While the process runs, this one reads its output, passes signals on once,
//! and keeps to a time limit. Everything that can happen to a run arrives as an
//! event in one loop.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::fd::OwnedFd;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Child;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use signal_hook::consts::{SIGINT, SIGKILL};
use signal_hook::low_level::siginfo::Origin;

use super::config::OpConfig;
use super::display::{Display, Stream};
use super::ending::{Ending, Interrupt};
use super::interpreter_notes::InterpreterNotes;
use super::launch;
use super::listener::{Listener, Working};
use super::making::Making;
use super::output::Capture;
use super::stop::{self, Tree};
use super::system_metrics::{self, Sampler};
use super::watch::{Watch, Watched};
use crate::base::process::{self, Process};
use crate::base::yaml::{Map, Value};
use crate::base::{clock, command, files, shell_text, signals};
use crate::home::Home;
use crate::runs::{Ended, Run};
use crate::scalars::{self, Kind, Patterns};

/// How long a process may take to end when it was asked to.
const END_GRACE: Duration = Duration::from_secs(30);

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
    pub run: Making,
    /// The operation as shown to the user.
    pub op: &'a str,
    /// What the run keeps of its operation.
    pub config: &'a OpConfig,
    /// The flag values.
    pub values: &'a Map,
    /// Variables beside those of the operation and the run.
    pub extra_env: Vec<(String, String)>,
    /// What shows the output; none where it stays off the terminal.
    pub display: Option<Arc<dyn Display>>,
    /// Whether [`Remark::Debug`] is of interest.
    pub debug: bool,
    /// When to end the process, after its start.
    pub stop_after: Option<Duration>,
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
    /// Something that helps to find out why a run is not as it should be.
    Debug(String),
    /// The process with this id is being ended, as this one was asked to end.
    Ending(i32),
}

enum Event {
    Signal(Origin),
    Exited,
    Warning(String),
    OutputEnded,
}

/// What this process needs to follow runs, one or many, one after the other or side
/// by side on several threads: it listens to signals, and is watched over. A signal
/// goes to all runs that are followed; one that comes while none is ends this process.
pub struct Supervisor {
    listener: &'static Listener,
    watch: Mutex<Watch>,
}

impl Supervisor {
    /// Starts to listen, and the watch, which removes `pidfile` in the end.
    ///
    /// # Errors
    /// The system refuses to tell of signals.
    pub fn start(home: &Home, pidfile: Option<&Path>) -> Result<Self, Error> {
        Ok(Self {
            listener: Listener::of_process().map_err(Error::Signals)?,
            watch: Mutex::new(Watch::start(home, pidfile)),
        })
    }

    /// The first signal that came while a run was followed, if any did.
    pub fn signal(&self) -> Option<i32> {
        self.listener.first()
    }

    /// Has a signal that comes while no run is followed do `act` before anything else
    /// is done and this process ends by it, as long as the result is kept.
    pub fn before_end(&self, act: impl FnOnce(i32) + Send + 'static) -> BeforeEnd {
        BeforeEnd(self.listener.work(act))
    }

    /// Starts the run's process, waits for its end and records it. Returns the exit
    /// status: the exit code, or the negative number of a signal.
    ///
    /// # Errors
    /// The process cannot be started, or the run not written.
    pub fn execute(&self, mut start: Start<'_>) -> Result<i64, Error> {
        let (sender, events) = channel();
        let to_loop = sender.clone();
        let following = start.run.follow(move |origin| {
            // Nobody waits any more: the end is recorded already.
            let _ = to_loop.send(Event::Signal(origin));
        });
        let watched = Watched::new(&self.watch, &start.run);
        let status = run_process(&start, &watched, sender, &events);
        drop(watched);
        drop(following);
        if status.is_ok() {
            start.run.settle();
        }
        status
    }
}

/// Keeps what is done before a signal ends this process.
#[derive(Debug)]
pub struct BeforeEnd(Working);

impl BeforeEnd {
    /// Does `act`, and no signal ends this process meanwhile. Where one is ending it,
    /// nothing is done, and this does not return.
    pub fn undisturbed<T>(&self, act: impl FnOnce() -> T) -> T {
        self.0.undisturbed(act)
    }
}

fn run_process(
    start: &Start<'_>,
    watch: &Watched<'_>,
    sender: Sender<Event>,
    events: &Receiver<Event>,
) -> Result<i64, Error> {
    let line = launch::command_line(start.config, start.values, start.home)?;
    let env = process_env(start, &line.args)?;
    let is_on = |name: &str| env.get(OsStr::new(name)).is_some_and(|value| value == "1");
    let is_captured = !is_on("NO_RUN_OUTPUT");
    let (output, capture) = if is_captured {
        let capture = Capture::new(&start.run, start.display.clone(), Some(scalars(start)))?;
        let output = if is_on("SYNC_RUN_OUTPUT") {
            command::Output::Merged
        } else {
            command::Output::Captured
        };
        (output, Some(capture))
    } else {
        (command::Output::Inherited, None)
    };
    if let Ok(Event::Signal(origin)) = events.try_recv() {
        let status = -i64::from(origin.signal);
        record_end(start, status)?;
        // Pending until its end is recorded, so that it never shows as running.
        start.run.clear_pending()?;
        return Ok(status);
    }
    watch.look_after();
    let child = command::start(&line.args, start.run.dir(), &env, output).map_err(|error| {
        Error::Spawn {
            op: start.op.to_string(),
            reason: spawn_reason(&error, &line.args),
        }
    })?;
    let status = follow(start, child, capture.as_ref(), watch, sender, events)?;
    record_end(start, status)?;
    // It still is where the system tells nothing of processes.
    start.run.clear_pending()?;
    match capture.and_then(|capture| capture.failure()) {
        Some(reason) => Err(Error::Output {
            id: start.run.id().to_string(),
            reason,
        }),
        None => Ok(status),
    }
}

/// What looks for scalars and attributes in the output. With the default
/// patterns, what only repeats a flag is neither.
fn scalars(start: &Start<'_>) -> scalars::Capture {
    let mut warn = |text: String| (start.tell)(Remark::Warning(text));
    let config = start.config;
    let scalars = Patterns::of_setting(Kind::Scalars, &config.output_scalars, &mut warn);
    let attrs = Patterns::of_setting(Kind::Attrs, &config.output_attrs, &mut warn);
    let flags = start.values.keys().filter_map(Value::as_str);
    scalars::Capture::new(
        start.run.events_dir(),
        flags.map(str::to_string),
        &process::host_name(),
        std::process::id(),
        (clock::now_micros() / 1_000_000).unsigned_abs(),
    )
    .with_patterns(scalars, attrs)
}

/// The environment of the process with the command line `args`; what is to be kept
/// of it is recorded, and told together with the rest.
fn process_env(start: &Start<'_>, args: &[String]) -> Result<BTreeMap<OsString, OsString>, Error> {
    let run = &start.run;
    let mut env = launch::environment(
        start.config,
        start.values,
        run,
        start.home,
        &start.extra_env,
    )?;
    let recorded = launch::recorded_env(&env, &start.config.env_secrets);
    if start.debug {
        tell_process(start, args, &recorded);
    }
    run.write_attr("env", &Value::Map(recorded))?;
    env.insert(
        launch::INTERPRETER_FILE.into(),
        run.interpreter_file().into(),
    );
    Ok(env)
}

/// Tells what is about to be started: the command line `args` with the environment
/// `env`.
fn tell_process(start: &Start<'_>, args: &[String], env: &Map) {
    let run = &start.run;
    let env = env.iter().map(|(name, value)| {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
        format!("{}={}", text(name), text(value))
    });
    let env = shell_text::join(&env.collect::<Vec<_>>());
    for text in [
        format!("starting run {} in {}", run.id(), run.dir().display()),
        format!("operation command: {}", shell_text::join(args)),
        format!("operation env: {env}"),
    ] {
        (start.tell)(Remark::Debug(text));
    }
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

/// A run's process, which a panic of whoever follows it does not leave behind.
struct Followed<'a> {
    run: &'a Run,
    child: Child,
}

impl Drop for Followed<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            let root = Process::find(self.child.id() as i32);
            Tree::rooted(self.run, root).signal(Signal::SIGKILL);
            // It has gone if it cannot be killed.
            let _ = self.child.kill();
            let _ = self.child.wait();
            stop::end_inner(self.run);
            stop::end(self.run, -i64::from(SIGKILL));
        }
    }
}

/// Follows the process to its end and that of its output.
fn follow(
    start: &Start<'_>,
    child: Child,
    capture: Option<&Capture>,
    watch: &Watched<'_>,
    sender: Sender<Event>,
    events: &Receiver<Event>,
) -> Result<i64, Error> {
    let pid = child.id() as i32;
    let mut followed = Followed {
        run: &start.run,
        child,
    };
    let child = &mut followed.child;
    let mut ending = Ending::new(
        &start.run,
        pid,
        start.stop_after,
        kill_delay(start),
        start.tell,
    );
    if let Err(error) = record_start(start, pid, watch) {
        // A run that shows no process must have none.
        ending.kill();
        let _ = child.wait();
        return Err(error);
    }
    let interpreter = InterpreterNotes::start(&start.run, start.config, start.home);
    // Only signals can have come so far: nobody else has a sender yet.
    for event in events.try_iter() {
        handle_signal(&mut ending, &event, true);
    }
    let mut is_open = false;
    if let Some(capture) = capture {
        is_open = true;
        read_output(capture, pipes_of(child), &sender);
    }
    let mut sampler = sample(start, pid, &sender);
    wait_for_exit(pid, sender);
    let mut exited = false;
    while !exited || (is_open && !ending.is_abandoned()) {
        match next_event(events, ending.deadline()) {
            Some(Event::Exited) => {
                exited = true;
                sampler = None;
                ending.exited();
            }
            Some(Event::Warning(text)) => (start.tell)(Remark::Warning(text)),
            Some(Event::OutputEnded) => is_open = false,
            Some(event) => handle_signal(&mut ending, &event, false),
            None => ending.tick(),
        }
    }
    drop(sampler);
    interpreter.end();
    if let Some(capture) = capture.filter(|_| is_open) {
        capture.close();
        (start.tell)(Remark::Warning(format!(
            "something that run {} has started and that cannot be found holds its output open: \
             what it prints from here on is not kept",
            start.run.id()
        )));
    }
    if ending.has_killed() {
        stop::end_inner(&start.run);
    }
    let status = child.wait().map_err(|source| {
        crate::runs::Error::from(files::Error::new("wait for", start.run.dir(), source))
    })?;
    let signal = status.signal().map(|signal| -i64::from(signal));
    Ok(signal.or(status.code().map(i64::from)).unwrap_or(1))
}

/// Records the process as the run's, with the watch first.
fn record_start(start: &Start<'_>, pid: i32, watch: &Watched<'_>) -> Result<(), Error> {
    // It is not reaped yet, so it has its id even if it has ended.
    if let Some(root) = Process::find(pid) {
        watch.set_process(root);
        start.run.set_running(root)?;
    }
    Ok(())
}

fn kill_delay(start: &Start<'_>) -> Duration {
    let seconds = start.home.variable("STOP_AFTER_KILL_DELAY");
    seconds
        .and_then(|text| text.parse().ok())
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .unwrap_or(END_GRACE)
}

/// The next event, or none when `deadline` is reached.
fn next_event(events: &Receiver<Event>, deadline: Option<Instant>) -> Option<Event> {
    let Some(deadline) = deadline else {
        return events.recv().ok();
    };
    events
        .recv_timeout(deadline.saturating_duration_since(Instant::now()))
        .ok()
}

/// Acts on a signal to this process; `early` are those that came while the run's
/// process was being started.
fn handle_signal(ending: &mut Ending<'_>, event: &Event, early: bool) {
    let Event::Signal(origin) = event else {
        return;
    };
    match origin.signal {
        SIGINT if early => ending.interrupt(Interrupt::Early),
        SIGINT if signals::is_from_terminal(origin) => ending.interrupt(Interrupt::Terminal),
        SIGINT => ending.interrupt(Interrupt::Program),
        _ => ending.request(),
    }
}

/// Records how busy the machine and the process are, if the run wants that.
fn sample(start: &Start<'_>, pid: i32, sender: &Sender<Event>) -> Option<Sampler> {
    let interval = system_metrics::interval(&start.config.system_metrics)?;
    let sender = sender.clone();
    let warn = move |text| {
        // Where nobody waits any more, the end is recorded already.
        let _ = sender.send(Event::Warning(text));
    };
    Some(Sampler::start(
        &start.run,
        Process::find(pid)?,
        interval,
        warn,
    ))
}

/// The streams that the process prints to.
fn pipes_of(child: &mut Child) -> Vec<(Stream, OwnedFd)> {
    let stdout = child
        .stdout
        .take()
        .map(|pipe| (Stream::Stdout, pipe.into()));
    let stderr = child
        .stderr
        .take()
        .map(|pipe| (Stream::Stderr, pipe.into()));
    stdout.into_iter().chain(stderr).collect()
}

fn read_output(capture: &Capture, pipes: Vec<(Stream, OwnedFd)>, sender: &Sender<Event>) {
    let capture = capture.clone();
    let end = OutputEnd(sender.clone());
    thread::spawn(move || {
        capture.read(pipes, &mut |text| {
            // Where nobody waits any more, the end is recorded already.
            let _ = end.0.send(Event::Warning(text));
        });
    });
}

/// Tells the end of the output when it goes, whatever makes the reading end.
struct OutputEnd(Sender<Event>);

impl Drop for OutputEnd {
    fn drop(&mut self) {
        let _ = self.0.send(Event::OutputEnded);
    }
}

/// Reports the end of the process without reaping it, so that its id stays its
/// own until the loop is done with it.
fn wait_for_exit(pid: i32, sender: Sender<Event>) {
    thread::spawn(move || {
        process::wait_unreaped(pid);
        let _ = sender.send(Event::Exited);
    });
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

#[cfg(test)]
mod tests;
