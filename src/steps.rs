//! Pipelines: runs whose process runs other operations, one after the other.
//!
//! The process of a pipeline is this program, entered by a hidden command. Each
//! step is an ordinary run, started as `guild run` would start it, but by this
//! process. `step` reads what the guild file says, which the pipeline's run keeps as
//! it was written; `request` is the command line that comes of it; `sequence` runs
//! steps; `check` looks at what a step has made.

mod check;
mod request;
mod sequence;
mod step;
mod values;

pub use sequence::{End, Pipeline, Planned, RunStep, StepCommand};
pub use step::{Parent, Parse, Step};

/// Why a pipeline cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The steps of the run are no list.
    #[error("invalid steps data {0}: expected list")]
    NoList(String),
    /// A step is neither text nor a mapping.
    #[error("invalid step data: {0}")]
    NoStep(String),
    /// A step does not say what to run.
    #[error("invalid step {0}: must define run")]
    NoRun(String),
    /// What a step says to run is no command line.
    #[error("invalid run spec {spec}: {reason}")]
    RunSpec {
        /// What it says.
        spec: String,
        /// What is wrong.
        reason: String,
    },
    /// Something of a step makes no sense.
    #[error("invalid step '{step}': {reason}")]
    Step {
        /// The step.
        step: String,
        /// What is wrong.
        reason: String,
    },
    /// Words of a step that set no flag.
    #[error(transparent)]
    Values(#[from] crate::op::values::Error),
    /// Something is where the link to a step's run goes.
    #[error("unexpected step run link {0}: expected symlink")]
    NotALink(String),
    /// A run cannot be read or written.
    #[error(transparent)]
    Run(#[from] crate::runs::Error),
    /// The project's folder has gone.
    #[error("cannot run steps: the folder '{0}' is not there any more")]
    NoFolder(String),
    /// The process cannot follow runs.
    #[error(transparent)]
    Supervise(#[from] crate::op::supervise::Error),
}
