//! Signals to this process, and ending it by one.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, getpgid, getsid};
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGTERM, SIGTSTP};
use signal_hook::flag;
use signal_hook::iterator::SignalsInfo;
use signal_hook::iterator::backend::Handle;
use signal_hook::iterator::exfiltrator::WithOrigin;
use signal_hook::low_level::siginfo::{Cause, Origin};

use super::process::{self, Process};

/// What Ctrl-Z sends.
pub const STOP: i32 = SIGTSTP;

/// What a process that was stopped gets when it is to go on.
pub const CONTINUE: i32 = SIGCONT;

/// What a process gets when its terminal goes.
pub const HANG_UP: i32 = SIGHUP;

/// What Ctrl-C sends.
pub const INTERRUPT: i32 = SIGINT;

/// Hands signals on, from [`watch`] to [`Signals::close`]. Then they do nothing.
#[derive(Debug)]
pub struct Signals {
    handle: Handle,
    have_come: Arc<AtomicBool>,
}

impl Signals {
    /// Hands on no more signals.
    pub fn close(&self) {
        self.handle.close();
    }

    /// Whether any has come, handed on by now or not.
    pub fn have_come(&self) -> bool {
        self.have_come.load(Ordering::SeqCst)
    }
}

/// Hands Ctrl-C, requests to end and the end of the terminal to `tell`, on a
/// thread of its own, until that says that nobody listens. Signals that are
/// ignored, as `nohup` has it, stay so.
///
/// # Errors
/// The system refuses.
pub fn watch(tell: impl Fn(Origin) -> bool + Send + 'static) -> io::Result<Signals> {
    watch_these(&[SIGINT, SIGTERM, SIGHUP], tell)
}

/// The same, and that the process is to stop ([`STOP`], after which [`stop`] does)
/// and that it was stopped and goes on ([`CONTINUE`]).
///
/// # Errors
/// As [`watch`].
pub fn watch_with_stops(tell: impl Fn(Origin) -> bool + Send + 'static) -> io::Result<Signals> {
    watch_these(&[SIGINT, SIGTERM, SIGHUP, STOP, CONTINUE], tell)
}

fn watch_these(
    wanted: &[i32],
    tell: impl Fn(Origin) -> bool + Send + 'static,
) -> io::Result<Signals> {
    let ignored = process::ignored_signals();
    let wanted = wanted.iter().filter(|signal| !ignored.contains(signal));
    let have_come = Arc::new(AtomicBool::new(false));
    for &signal in wanted.clone() {
        flag::register(signal, Arc::clone(&have_come))?;
    }
    let mut signals: SignalsInfo<WithOrigin> = SignalsInfo::new(wanted)?;
    let handle = signals.handle();
    thread::spawn(move || {
        for origin in &mut signals {
            if !tell(origin) {
                return;
            }
        }
    });
    Ok(Signals { handle, have_come })
}

/// Whether a signal went to all processes of this one's group, as a Ctrl-C at
/// the terminal does.
pub fn is_from_terminal(origin: &Origin) -> bool {
    origin.signal == SIGINT && origin.cause == Cause::Kernel
}

/// Ends this process as `signal` does where it is not handled. Returns only for
/// signals that end no process.
pub fn end_by(signal: i32) {
    // Nothing is left to do where the system refuses.
    let _ = signal_hook::low_level::emulate_default_handler(signal);
}

/// Ends this process with exit code 0, on whatever thread.
pub fn end_well() {
    #[expect(
        clippy::disallowed_methods,
        reason = "a signal ends a process wherever that is, and standard output holds nothing back"
    )]
    std::process::exit(0);
}

/// Asks all processes of this one's group to stop, as Ctrl-Z at the terminal does.
pub fn ask_group_to_stop() {
    // The group is this process's own: the system cannot refuse.
    let _ = kill(Pid::from_raw(0), Signal::SIGTSTP);
}

/// Stops this process until somebody has it go on. Where nobody would, as in a
/// terminal with no shell, it does not stop, as the system has it where
/// [`STOP`] is not handled.
pub fn stop() {
    if has_shell() {
        // A process may always stop itself.
        let _ = signal_hook::low_level::emulate_default_handler(STOP);
    }
}

/// Whether a shell that controls jobs is above this process: a process of the same
/// session and of another group, whose child is in this one's group.
fn has_shell() -> bool {
    let (Ok(group), Ok(session)) = (getpgid(None), getsid(None)) else {
        return false;
    };
    let mut next = Process::current().and_then(Process::parent);
    while let Some(pid) = next {
        let pid = Pid::from_raw(pid);
        if getsid(Some(pid)) != Ok(session) {
            return false;
        }
        if getpgid(Some(pid)) != Ok(group) {
            return true;
        }
        next = Process::find(pid.as_raw()).and_then(Process::parent);
    }
    false
}
