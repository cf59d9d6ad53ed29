//! Noticing that the program is asked to end, so that work on files can stop at
//! a good place and clean up.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;

use super::process;

/// What asks the program to end, from [`Interrupt::watch`] on.
#[derive(Debug)]
pub struct Interrupt {
    signal: Arc<AtomicUsize>,
}

impl Interrupt {
    /// Takes note of Ctrl-C, of a request to end and of a closed terminal, which
    /// end the program no more by themselves; a second one does. A signal that
    /// whoever started the program had it ignore stays ignored.
    pub fn watch() -> Self {
        let signal = Arc::new(AtomicUsize::new(0));
        let ignored = process::ignored_signals();
        for number in [SIGINT, SIGTERM, SIGHUP] {
            if ignored.contains(&number) {
                continue;
            }
            let twice = Arc::new(AtomicBool::new(false));
            // These fail for signals that cannot be caught; these three can.
            let _ = flag::register_conditional_shutdown(number, 128 + number, Arc::clone(&twice));
            let _ = flag::register(number, twice);
            let _ = flag::register_usize(number, Arc::clone(&signal), number as usize);
        }
        Self { signal }
    }

    /// The number of the signal that came last; none where none came.
    pub fn signal(&self) -> Option<i32> {
        match self.signal.load(Ordering::SeqCst) {
            0 => None,
            number => i32::try_from(number).ok(),
        }
    }
}
