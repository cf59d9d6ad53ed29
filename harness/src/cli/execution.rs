//! What every command that runs specs does: a spec, with its setting, to a report.

use std::path::Path;
use std::sync::Arc;
use std::thread;

use super::Stop;
use crate::discovery::{Finder, Found};
use crate::runner::{Runner, Setting};
use crate::verdict::SpecReport;

/// A spec, or why it cannot be read, and how to run it.
#[derive(Debug)]
pub(super) struct Work {
    /// What was found.
    pub found: Found,
    /// How to run it.
    pub setting: Arc<Setting>,
}

impl Work {
    /// Reads a spec and finds its suite.
    pub fn find(finder: &mut Finder, path: &Path) -> Result<Work, Stop> {
        let found = finder.read(path)?;
        let setting = finder.setting(&found.suite)?;
        Ok(Work { found, setting })
    }

    /// How many examples it has; none if it cannot be read.
    pub fn examples(&self) -> usize {
        self.found
            .spec
            .as_ref()
            .map_or(0, |spec| spec.examples.len())
    }

    /// Runs it.
    pub fn run(&self, runner: &Runner) -> SpecReport {
        self.found.run(runner, &self.setting)
    }
}

/// How many specs to run at a time: as asked for, else one for each processor.
pub(super) fn jobs(asked: Option<u16>) -> usize {
    let processors = || thread::available_parallelism().map_or(1, usize::from);
    asked.map_or_else(processors, usize::from)
}
