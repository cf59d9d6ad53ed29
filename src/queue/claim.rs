//! The run that a queue is about to start, which it gives back if it is stopped.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::LOCK_TIMEOUT;
use crate::base::flock;
use crate::base::process::Process;
use crate::runs::{Result, Run, Status};

/// The run that this process has claimed and is starting, if any; shared with
/// whoever hears signals.
#[derive(Debug, Clone)]
pub(super) struct Claim {
    status_lock: PathBuf,
    run: Arc<Mutex<Option<Run>>>,
}

impl Claim {
    /// Nothing is claimed yet; `status_lock` is the file of the lock on statuses.
    pub(super) fn new(status_lock: PathBuf) -> Self {
        Self {
            status_lock,
            run: Arc::default(),
        }
    }

    /// Claims `run`, which is staged. The lock on statuses is held.
    ///
    /// # Errors
    /// The run cannot be written; it is then staged as before.
    pub(super) fn take(&self, run: &Run) -> Result<()> {
        let mut claimed = self.lock();
        if let Some(process) = Process::current() {
            run.claim_staged(process).inspect_err(|_| restage(run))?;
        }
        *claimed = Some(run.clone());
        Ok(())
    }

    /// Ends the claim on a run whose start has ended, in whatever way. One that
    /// failed before anything was made of it shows as an error.
    pub(super) fn let_go(&self) {
        let claimed = self.lock().take();
        if let Some(run) = claimed.filter(is_own) {
            run.release();
        }
    }

    /// Stages the run that is claimed again, unless its process was started.
    pub(super) fn give_back(&self) {
        if let Some(run) = self.lock().take() {
            // Whoever takes the run up holds it too. Where it is not to be had, the
            // run stays pending.
            let lock = flock::lock(&self.status_lock, LOCK_TIMEOUT);
            if lock.is_ok() && is_own(&run) {
                restage(&run);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Run>> {
        // It is whole at every instant.
        self.run.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether `run` is pending and this process's to start.
fn is_own(run: &Run) -> bool {
    run.status() == Status::Pending && run.process() == Process::current()
}

/// Makes `run` staged again. Where that cannot be written, nothing can be.
fn restage(run: &Run) {
    let _ = run.set_staged();
    run.release();
}
