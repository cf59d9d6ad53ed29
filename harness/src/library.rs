//! The harness as a library: a suite of specs that another crate runs.
//!
//! As the tests of a crate, in a `[[test]]` target with `harness = false`:
//!
//! ```no_run
//! use std::process::ExitCode;
//!
//! fn main() -> ExitCode {
//!     harness::Suite::below("specs").binary("target/debug/tool").main()
//! }
//! ```
//!
//! Or by a program, which looks at the reports:
//!
//! ```no_run
//! let results = harness::Suite::below("specs").jobs(2).run()?;
//! for spec in results.specs() {
//!     println!("{}: {}", spec.path.display(), spec.outcome.word());
//! }
//! assert!(results.is_success());
//! # Ok::<(), harness::LibraryError>(())
//! ```
//!
//! Either way the process must not wait for child processes by itself: see
//! [`crate::reaper`].

use std::io::{self, Write};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crate::discovery::{Choices, DiscoveryError, Finder, spec_files};
use crate::interrupt::Interrupt;
use crate::ordered::in_order;
use crate::report::{self, Style};
use crate::runner::Runner;
use crate::verdict::{Leak, SpecReport, Totals};

/// Why no spec was run.
#[derive(Debug, thiserror::Error)]
pub enum LibraryError {
    /// The folder holds no spec.
    #[error("{0}: no specs")]
    Empty(PathBuf),
    /// A path, the suite file or the program under test cannot be used.
    #[error(transparent)]
    Discovery(#[from] DiscoveryError),
    /// What the system refused.
    #[error(transparent)]
    System(#[from] io::Error),
}

/// The specs below a folder, and how to run them.
#[derive(Debug, Clone)]
pub struct Suite {
    pub(crate) folder: PathBuf,
    pub(crate) others: Vec<PathBuf>,
    pub(crate) choices: Choices,
    jobs: Option<NonZero<usize>>,
    interrupt: Option<Arc<Interrupt>>,
}

impl Suite {
    /// The specs below a folder. Relative paths are from the current directory,
    /// which cargo makes the folder of the package.
    pub fn below(folder: impl Into<PathBuf>) -> Self {
        Suite {
            folder: folder.into(),
            others: Vec::new(),
            choices: Choices::default(),
            jobs: None,
            interrupt: None,
        }
    }

    /// Runs this spec too, named by its file name without `.md`. It is left out
    /// where there is no such file: a spec that is not part of every checkout.
    pub fn also(mut self, file: impl Into<PathBuf>) -> Self {
        self.others.push(file.into());
        self
    }

    /// Tests this program, and not the one that the suite file finds.
    pub fn binary(mut self, path: impl Into<PathBuf>) -> Self {
        self.choices.binary = Some(path.into());
        self
    }

    /// Takes samples from this folder, and not from the one that the suite file
    /// names.
    pub fn samples(mut self, path: impl Into<PathBuf>) -> Self {
        self.choices.samples = Some(path.into());
        self
    }

    /// Takes this suite file, and not the one beside or above each spec.
    pub fn file(mut self, path: impl Into<PathBuf>) -> Self {
        self.choices.suite = Some(path.into());
        self
    }

    /// How many specs [`Suite::run`] runs at a time; as many as there are
    /// processors unless said, and at least one.
    pub fn jobs(mut self, count: usize) -> Self {
        self.jobs = NonZero::new(count.max(1));
        self
    }

    /// Ends [`Suite::run`] early, in order, when this flag is raised. With
    /// [`Interrupt::on_signals`] that is on Ctrl-C.
    pub fn interrupt(mut self, flag: Arc<Interrupt>) -> Self {
        self.interrupt = Some(flag);
        self
    }

    /// Runs all specs, and returns their reports in the order of their names. A
    /// spec that is malformed has a report too.
    pub fn run(self) -> Result<Results, LibraryError> {
        let start = Instant::now();
        let interrupt = self.interrupt.clone().map_or_else(Interrupt::new, Ok)?;
        let mut finder = Finder::new(self.choices.clone(), std::env::current_dir()?);
        let mut work = Vec::new();
        for file in self.files()? {
            let found = finder.read(&file)?;
            let setting = finder.setting(&found.suite)?;
            work.push((found, setting));
        }
        let runner = Runner::new(interrupt)?;
        let jobs = self.jobs.or_else(|| thread::available_parallelism().ok());
        let mut specs = Vec::with_capacity(work.len());
        let run = |index: usize| {
            let (found, setting) = &work[index];
            found.run(&runner, setting)
        };
        in_order(work.len(), jobs.map_or(1, usize::from), run, |_, report| {
            specs.push(report);
            Ok::<(), LibraryError>(())
        })?;
        Ok(Results {
            specs,
            left_running: runner.unclaimed(),
            fails_on_leaks: runner.fails_on_leaks(),
            duration: start.elapsed(),
        })
    }

    /// The files of the specs.
    pub(crate) fn files(&self) -> Result<Vec<PathBuf>, LibraryError> {
        let mut files = spec_files(std::slice::from_ref(&self.folder))?;
        if files.is_empty() {
            return Err(LibraryError::Empty(self.folder.clone()));
        }
        files.extend(self.others.iter().filter(|file| file.is_file()).cloned());
        Ok(files)
    }

    /// The name of a spec: its path below the folder, without `.md`.
    pub(crate) fn name(&self, file: &Path) -> String {
        let name = match file.strip_prefix(&self.folder) {
            Ok(below) => below.with_extension("").into_os_string(),
            Err(_) => file.file_stem().unwrap_or_default().to_os_string(),
        };
        name.to_string_lossy().into_owned()
    }
}

/// What came of a suite.
#[derive(Debug, Clone)]
pub struct Results {
    specs: Vec<SpecReport>,
    left_running: Vec<Leak>,
    fails_on_leaks: bool,
    duration: Duration,
}

impl Results {
    /// The report of each spec.
    pub fn specs(&self) -> &[SpecReport] {
        &self.specs
    }

    /// The numbers of the run.
    pub fn totals(&self) -> Totals {
        let mut totals = Totals::of(&self.specs);
        totals.add_unclaimed(&self.left_running, self.fails_on_leaks);
        totals
    }

    /// What was left behind by one of several specs, it cannot be told by which.
    pub fn left_running(&self) -> &[Leak] {
        &self.left_running
    }

    /// How long the run took.
    pub fn duration(&self) -> Duration {
        self.duration
    }

    /// Whether something ran, and all of it ended as expected.
    pub fn is_success(&self) -> bool {
        self.totals().exit_code() == 0
    }

    /// Writes what `harness run` prints: each spec, what is wrong with it, and the
    /// numbers.
    pub fn write(&self, out: &mut dyn Write, style: Style) -> io::Result<()> {
        for spec in &self.specs {
            report::spec(out, spec, style)?;
        }
        report::summary(out, &self.totals(), self.duration, style)
    }
}
