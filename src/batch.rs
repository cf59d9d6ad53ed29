//! Batches: runs whose process makes other runs, the trials, of one operation with
//! different flag values.
//!
//! A batch keeps what its trials start from in a run inside it, the proto, whose
//! flags have the values as the user gave them: lists, functions. `make` writes
//! both; `wanted` is what the trials are to be; `trial` makes them; `process` is the
//! process of a batch, this program; `course` runs them, as many at once as
//! `side_by_side` says and `limits` allow, with a `scheduler` to run them by, of which
//! `local` is the one for this machine and `devices` its GPUs; `progress` tells how far it is. `sequential` chooses the values of a trial by what the ones before
//! came to, its `objective`, which `observed` reads. `table` shows trials and saves
//! them in files.

mod course;
pub mod devices;
mod limits;
mod local;
pub mod make;
mod objective;
mod observed;
mod process;
pub mod progress;
pub mod scheduler;
mod sequential;
pub mod side_by_side;
pub mod table;
mod trial;
mod wanted;

pub use objective::Objective;
pub use process::{CONTINUES, End, Process};
pub use scheduler::{RunTrial, Scheduler, Trial, TrialEnd};
pub use wanted::{Method, Wanted};

/// Why a batch cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A run cannot be read or written.
    #[error(transparent)]
    Run(#[from] crate::runs::Error),
    /// The run has no proto, so that nothing is known of its trials.
    #[error("cannot run trials for {0}: it has no proto\nStart the batch anew.")]
    NoProto(String),
    /// No value of a flag is to be searched.
    #[error(
        "flags for batch ({0}) do not contain any search dimensions\nTry specifying a range for \
         one or more flags as NAME=[MIN:MAX]."
    )]
    NoDimensions(String),
    /// The values cannot be searched.
    #[error(transparent)]
    Search(#[from] crate::search::Error),
    /// What is to be made small or large is no column of numbers.
    #[error("invalid objective '{text}': {reason}")]
    Objective {
        /// The objective.
        text: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Runs with the same source code are asked for, and there is no digest of it.
    #[error("Cannot find runs for batch proto in {0}: missing sourcecode digest")]
    NoDigest(String),
    /// Something else than the known ways to select earlier trials.
    #[error("unsupported value for prev-trials: '{0}'\nUse batch, sourcecode or operation.")]
    PreviousTrials(String),
    /// The process cannot follow runs.
    #[error(transparent)]
    Supervise(#[from] crate::op::supervise::Error),
    /// There are too few graphics devices.
    #[error(transparent)]
    Devices(#[from] devices::Error),
    /// The system does not tell what a limit needs.
    #[error("cannot tell {what}, which {option} needs\nRun the batch without {option}.")]
    Untold {
        /// What is not told.
        what: &'static str,
        /// The option that sets the limit.
        option: &'static str,
    },
    /// The statuses of runs cannot be locked.
    #[error(transparent)]
    Lock(#[from] crate::base::flock::Error),
}
