//! Signals to this process, and ending it by one.

use std::io;
use std::thread;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::SignalsInfo;
use signal_hook::iterator::backend::Handle;
use signal_hook::iterator::exfiltrator::WithOrigin;
use signal_hook::low_level::siginfo::{Cause, Origin};

use super::process;

/// Hands signals on, from [`watch`] to [`Signals::close`]. Then they do nothing.
#[derive(Debug)]
pub struct Signals(Handle);

impl Signals {
    /// Hands on no more signals.
    pub fn close(&self) {
        self.0.close();
    }
}

/// Hands Ctrl-C, requests to end and the end of the terminal to `tell`, on a
/// thread of its own, until that says that nobody listens. Signals that are
/// ignored, as `nohup` has it, stay so.
///
/// # Errors
/// The system refuses.
pub fn watch(tell: impl Fn(Origin) -> bool + Send + 'static) -> io::Result<Signals> {
    let ignored = process::ignored_signals();
    let wanted = [SIGINT, SIGTERM, SIGHUP]
        .into_iter()
        .filter(|signal| !ignored.contains(signal));
    let mut signals: SignalsInfo<WithOrigin> = SignalsInfo::new(wanted)?;
    let handle = signals.handle();
    thread::spawn(move || {
        for origin in &mut signals {
            if !tell(origin) {
                return;
            }
        }
    });
    Ok(Signals(handle))
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
