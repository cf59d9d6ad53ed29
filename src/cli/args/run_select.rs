//! Which runs a command is about, and whether to ask before acting.

use clap::{ArgAction, Args};

use crate::cli::failure::Failure;

/// Runs by number, id or range.
#[derive(Debug, Clone, Args)]
pub struct RunsArg {
    /// Runs by number, id, or range of numbers.
    #[arg(value_name = "RUN", action = ArgAction::Append, num_args = 0..)]
    pub runs: Vec<String>,
}

/// One run by number or id.
#[derive(Debug, Clone, Default, Args)]
pub struct RunArg {
    /// A run by number or id.
    #[arg(value_name = "RUN")]
    pub run: Option<String>,
}

/// The prompt's answer in advance.
#[derive(Debug, Clone, Args)]
pub struct YesArg {
    /// Do it without asking.
    #[arg(short, long)]
    pub yes: bool,
}

/// Work on another machine.
#[derive(Debug, Clone, Default, Args)]
pub struct RemoteArg {
    /// Work with the runs of REMOTE instead of local ones.
    #[arg(short, long, value_name = "REMOTE")]
    pub remote: Option<String>,
}

impl RemoteArg {
    /// Remotes are not built yet, which this says where one is asked for.
    ///
    /// # Errors
    /// A remote is named.
    pub fn check(&self) -> Result<(), Failure> {
        match &self.remote {
            Some(_) => Err(Failure::error(
                "remotes are not available yet\nRun the command without '--remote' to work \
                 with local runs.",
            )),
            None => Ok(()),
        }
    }
}
