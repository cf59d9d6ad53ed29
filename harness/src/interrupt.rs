//! Being interrupted: one flag that any wait can watch.

use std::io::{self, PipeReader, PipeWriter};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use nix::sys::signal::{SigSet, SigmaskHow, Signal, pthread_sigmask, raise};

use crate::lock::lock;
use crate::terminal;

/// A flag that is raised once, with a descriptor that becomes readable then.
#[derive(Debug)]
pub struct Interrupt {
    raised: AtomicBool,
    reader: PipeReader,
    writer: Mutex<Option<PipeWriter>>,
}

impl Interrupt {
    /// A flag that is down.
    pub fn new() -> io::Result<Arc<Self>> {
        let (reader, writer) = io::pipe()?;
        Ok(Arc::new(Interrupt {
            raised: AtomicBool::new(false),
            reader,
            writer: Mutex::new(Some(writer)),
        }))
    }

    /// Raises the flag, and wakes everything that waits.
    pub fn trigger(&self) {
        self.raised.store(true, Ordering::SeqCst);
        // Closing the only writer makes the reader readable for good.
        drop(lock(&self.writer).take());
    }

    /// Whether the flag is up.
    pub fn is_set(&self) -> bool {
        self.raised.load(Ordering::SeqCst)
    }

    /// Readable once the flag is up.
    pub fn descriptor(&self) -> BorrowedFd<'_> {
        self.reader.as_fd()
    }

    /// Raises the flag on SIGINT, SIGTERM or SIGHUP; the second of them ends the
    /// process as it would have without us. To be called before any other thread
    /// starts, since the threads inherit the mask.
    pub fn on_signals() -> io::Result<Arc<Self>> {
        let interrupt = Interrupt::new()?;
        let mut signals = SigSet::empty();
        signals.extend([Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP]);
        signals.thread_block()?;
        let flag = Arc::clone(&interrupt);
        thread::Builder::new()
            .name("signals".into())
            .spawn(move || {
                while let Ok(signal) = signals.wait() {
                    if flag.is_set() {
                        terminal::restore();
                        // Nothing is left to do if either fails.
                        let _ = raise(signal);
                        let _ = pthread_sigmask(SigmaskHow::SIG_UNBLOCK, Some(&signals), None);
                    }
                    flag.trigger();
                }
            })?;
        Ok(interrupt)
    }
}
