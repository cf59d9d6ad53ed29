//! The arguments of commands that run one spec: what is under test, and where.

use std::path::PathBuf;

use clap::Args;

use crate::discovery::Choices;

#[derive(Debug, Args)]
pub(super) struct Single {
    /// Suite file [default: suite.toml beside or above the spec, else
    /// specs/suite.toml].
    #[arg(long, value_name = "FILE")]
    suite: Option<PathBuf>,
    /// Program under test; put first on PATH under the name the suite gives it.
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
    /// Folder that samples are copied from.
    #[arg(long, value_name = "DIR")]
    samples: Option<PathBuf>,
}

impl Single {
    /// What they choose; output is kept whether it is as expected or not.
    pub fn choices(&self) -> Choices {
        Choices {
            suite: self.suite.clone(),
            binary: self.binary.clone(),
            samples: self.samples.clone(),
            keep_output: true,
            ..Choices::default()
        }
    }
}
