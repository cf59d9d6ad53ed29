//! A run that this process makes, from its claim until its process is there.

use std::io;
use std::ops::Deref;

use nix::sys::signal::Signal;
use signal_hook::low_level::siginfo::Origin;

use super::listener::{Following, Listener, Working};
use super::stop::{self, Tree};
use crate::base::process::Process;
use crate::runs::{self, Run, Status};

/// A pending run that is this process's to make and to start. A signal that ends
/// this process meanwhile is recorded as the end of the run. Where it is dropped,
/// nobody goes on with the run: it shows as an error, not as pending.
#[derive(Debug)]
pub struct Making {
    run: Run,
    working: Working,
    is_settled: bool,
}

impl Making {
    /// Takes charge of `run`, which is no other process's.
    ///
    /// # Errors
    /// The system refuses to tell of signals.
    pub fn take_charge(run: Run) -> io::Result<Self> {
        let given_up = run.clone();
        let listener = Listener::of_process()?;
        Ok(Self {
            run,
            working: listener.work(move |signal| give_up(&given_up, signal)),
            is_settled: false,
        })
    }

    /// Leaves the run to `process`, which is going to start it.
    ///
    /// # Errors
    /// The run cannot be written.
    pub fn hand_over(mut self, process: Option<Process>) -> runs::Result<Run> {
        if let Some(process) = process {
            self.working.undisturbed(|| self.run.claim(process))?;
        }
        Ok(self.settle())
    }

    /// Lets go of the run, which is made, and which another process is going to start.
    pub fn leave(mut self) -> Run {
        self.working.undisturbed(|| self.run.release());
        self.settle()
    }

    /// Has signals go to `follower`.
    pub(super) fn follow(&self, follower: impl Fn(Origin) + Send + 'static) -> Following<'_> {
        self.working.follow(follower)
    }

    /// The run has become what it was to become.
    pub(super) fn settle(&mut self) -> Run {
        self.is_settled = true;
        self.run.clone()
    }
}

impl Deref for Making {
    type Target = Run;

    fn deref(&self) -> &Run {
        &self.run
    }
}

impl Drop for Making {
    fn drop(&mut self) {
        if !self.is_settled {
            self.working.undisturbed(|| self.run.release());
        }
    }
}

/// Ends what works on a run that is not going to be made, and records its end.
fn give_up(run: &Run, signal: i32) {
    if run.status() != Status::Pending {
        return;
    }
    Tree::of(run).signal(Signal::SIGTERM);
    stop::end(run, -i64::from(signal));
    // Pending until its end is recorded, so that it never shows as anything else.
    let _ = run.clear_pending();
}
