//! Signals to this process, for whoever makes or follows runs.

use std::io;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use signal_hook::low_level::siginfo::Origin;

use crate::base::signals::{self, Signals};

/// Signals go to the process, of which there is one.
static LISTENER: LazyLock<io::Result<Listener>> = LazyLock::new(Listener::start);

/// Whom they go to in it.
static SHARED: Mutex<Shared> = Mutex::new(Shared {
    workers: Vec::new(),
    count: 0,
    first: None,
    ending: None,
});

/// Signals that come closer together than this are one: a program that signals
/// both this process and its group sends two.
const SAME_SIGNAL: Duration = Duration::from_millis(250);

/// How long a signal may take from its arrival to the thread that hears it.
const HEARING: Duration = Duration::from_secs(1);

/// Hears the signals to this process, from the first run that it works on until
/// its end.
#[derive(Debug)]
pub(super) struct Listener {
    signals: Signals,
}

#[derive(Debug)]
struct Shared {
    workers: Vec<Worker>,
    /// How many workers there were.
    count: u64,
    /// The first signal that came.
    first: Option<Origin>,
    /// Since when this process is ending.
    ending: Option<Instant>,
}

/// Whoever works on a run.
struct Worker {
    number: u64,
    /// What is done before a signal ends this process.
    give_up: Box<dyn FnOnce(i32) + Send>,
    /// Whom signals go to, which then do not end this process.
    follower: Option<Box<dyn Fn(Origin) + Send>>,
    /// A signal that went to others, from before there was a follower.
    early: Option<Origin>,
}

/// Has a worker hear of signals, until it is dropped.
#[derive(Debug)]
pub(super) struct Working {
    listener: &'static Listener,
    number: u64,
}

/// Has signals go to a follower, until it is dropped.
pub(super) struct Following<'a>(&'a Working);

impl Listener {
    /// The listener of this process, which listens from now on. A signal that
    /// comes while no run is followed ends this process, as it does where nobody
    /// listens.
    ///
    /// # Errors
    /// The system refuses.
    pub(super) fn of_process() -> io::Result<&'static Self> {
        let listener = LISTENER.as_ref();
        listener.map_err(|error| io::Error::new(error.kind(), error.to_string()))
    }

    fn start() -> io::Result<Self> {
        let signals = signals::watch(|origin| {
            hear(&mut lock(), origin);
            true
        })?;
        Ok(Self { signals })
    }

    /// Does `give_up`, with its number, before a signal ends this process. A signal
    /// that others have followed by now is one for this worker, too.
    pub(super) fn work(&'static self, give_up: impl FnOnce(i32) + Send + 'static) -> Working {
        let mut shared = lock();
        shared.count += 1;
        let number = shared.count;
        let early = shared.first.clone();
        shared.workers.push(Worker {
            number,
            give_up: Box::new(give_up),
            follower: None,
            early,
        });
        Working {
            listener: self,
            number,
        }
    }

    /// The first signal that has come by now, if any has.
    pub(super) fn first(&self) -> Option<i32> {
        lock().first.as_ref().map(|origin| origin.signal)
    }

    /// What is shared, unless a signal is ending this process: then this does not
    /// return. So nobody goes on with a run that was given up.
    fn lock_unless_ending(&self) -> MutexGuard<'static, Shared> {
        let deadline = Instant::now() + HEARING;
        loop {
            let shared = lock();
            // What has ended a child of this process, too, may not be heard yet.
            let is_unheard = self.signals.have_come() && shared.first.is_none();
            if shared.ending.is_none() && (!is_unheard || Instant::now() >= deadline) {
                return shared;
            }
            drop(shared);
            thread::sleep(Duration::from_millis(1));
        }
    }
}

/// Hands a signal to the followers, else has it end this process.
fn hear(shared: &mut Shared, origin: Origin) {
    shared.first.get_or_insert_with(|| origin.clone());
    if let Some(since) = shared.ending {
        // Whatever is done still takes too long for the user.
        if since.elapsed() >= SAME_SIGNAL {
            signals::end_by(origin.signal);
        }
        return;
    }
    let mut is_followed = false;
    for worker in &mut shared.workers {
        match &worker.follower {
            Some(follower) => {
                is_followed = true;
                follower(origin.clone());
            }
            None => worker.early = Some(origin.clone()),
        }
    }
    if is_followed {
        return;
    }
    shared.ending = Some(Instant::now());
    let workers = std::mem::take(&mut shared.workers);
    let signal = origin.signal;
    let end = move || {
        let _end = EndBy(signal);
        for worker in workers {
            (worker.give_up)(signal);
        }
    };
    // Beside this thread, which hears the next signal.
    if thread::Builder::new().spawn(end).is_err() {
        signals::end_by(signal);
    }
}

/// Ends this process by a signal when it goes.
struct EndBy(i32);

impl Drop for EndBy {
    fn drop(&mut self) {
        signals::end_by(self.0);
    }
}

impl Working {
    /// Has signals go to `follower`, such as came before as well.
    pub(super) fn follow(&self, follower: impl Fn(Origin) + Send + 'static) -> Following<'_> {
        let mut shared = self.listener.lock_unless_ending();
        if let Some(worker) = shared.worker(self.number) {
            if let Some(origin) = worker.early.take() {
                follower(origin);
            }
            worker.follower = Some(Box::new(follower));
        }
        Following(self)
    }

    /// Does `act` unless a signal is ending this process, which then does not
    /// return from here; no signal ends it meanwhile.
    pub(super) fn undisturbed<T>(&self, act: impl FnOnce() -> T) -> T {
        let _shared = self.listener.lock_unless_ending();
        act()
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        let mut shared = self.listener.lock_unless_ending();
        shared.workers.retain(|worker| worker.number != self.number);
    }
}

impl Drop for Following<'_> {
    fn drop(&mut self) {
        let mut shared = lock();
        if let Some(worker) = shared.worker(self.0.number) {
            worker.follower = None;
        }
    }
}

impl Shared {
    fn worker(&mut self, number: u64) -> Option<&mut Worker> {
        let mut workers = self.workers.iter_mut();
        workers.find(|worker| worker.number == number)
    }
}

impl std::fmt::Debug for Worker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Worker")
            .field("number", &self.number)
            .field("is_followed", &self.follower.is_some())
            .finish_non_exhaustive()
    }
}

fn lock() -> MutexGuard<'static, Shared> {
    // What is in there is whole at every instant.
    SHARED.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Write};
    use std::os::unix::process::ExitStatusExt;
    use std::process::{Command, Stdio};

    use nix::sys::signal::Signal;

    use super::*;
    use crate::base::process::Process;

    /// Set in the process that a signal ends.
    const VICTIM: &str = "GUILD_LISTENER_TEST";

    #[test]
    fn a_second_signal_does_not_wait_for_what_the_first_has_to_be_done() {
        if std::env::var_os(VICTIM).is_some() {
            let say = |text: &str| writeln!(std::io::stdout(), "{text}").unwrap();
            let _working = Listener::of_process().unwrap().work(move |_| {
                say("giving up");
                thread::sleep(Duration::from_secs(60));
            });
            say("ready");
            thread::sleep(Duration::from_secs(60));
            return;
        }
        let name = thread::current().name().unwrap().to_string();
        let mut victim = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", &name, "--nocapture"])
            .env(VICTIM, "1")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let process = Process::find(victim.id() as i32).unwrap();
        let mut lines = BufReader::new(victim.stdout.take().unwrap()).lines();
        let mut wait_for = |said| lines.any(|line| line.unwrap().ends_with(said));
        assert!(wait_for("ready"));
        process.signal(Signal::SIGTERM).unwrap();
        assert!(wait_for("giving up"));
        thread::sleep(SAME_SIGNAL);
        process.signal(Signal::SIGINT).unwrap();
        assert_eq!(victim.wait().unwrap().signal(), Some(Signal::SIGINT as i32));
    }
}
