//! Other programs that work on the user's terminal.

use std::ffi::OsStr;
use std::io;
use std::process::ExitStatus;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use signal_hook::consts::SIGINT;
use signal_hook::flag;

use super::Context;
use crate::base::command::{self, Output};

/// Runs the program `words` in the current folder until it ends.
///
/// # Errors
/// It cannot be started or waited for.
pub fn run<S: AsRef<OsStr>>(words: &[S], context: &Context) -> io::Result<ExitStatus> {
    let _held = HeldInterrupt::new();
    let environment = context.home.environment();
    command::start(words, context.home.cwd(), environment, Output::Inherited)?.wait()
}

/// While this is there, Ctrl-C is the business of another program and does not
/// end this one.
#[derive(Debug)]
pub struct HeldInterrupt {
    ends_us: &'static AtomicBool,
}

impl HeldInterrupt {
    /// Starts to hold Ctrl-C.
    pub fn new() -> Self {
        static ENDS_US: OnceLock<Arc<AtomicBool>> = OnceLock::new();
        let ends_us = ENDS_US.get_or_init(|| {
            let ends_us = Arc::new(AtomicBool::new(true));
            // Where that fails Ctrl-C ends both, which is no harm.
            let _ = flag::register_conditional_default(SIGINT, Arc::clone(&ends_us));
            ends_us
        });
        ends_us.store(false, Ordering::SeqCst);
        Self { ends_us }
    }
}

impl Drop for HeldInterrupt {
    fn drop(&mut self) {
        self.ends_us.store(true, Ordering::SeqCst);
    }
}
