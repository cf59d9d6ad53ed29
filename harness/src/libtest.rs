//! Specs as the tests of a crate, for `cargo test` and cargo-nextest.
//!
//! A crate declares a test target without the standard harness:
//!
//! ```toml
//! [[test]]
//! name = "specs"
//! path = "specs/runner.rs"
//! harness = false
//! ```
//!
//! and its file is one expression:
//!
//! ```no_run
//! use std::process::ExitCode;
//!
//! fn main() -> ExitCode {
//!     harness::libtest::Specs::below("specs").main()
//! }
//! ```
//!
//! Each spec is one test, named by its path below the folder without `.md`. The
//! process must not wait for child processes by itself: see [`crate::reaper`].

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Completion, Failed, Trial};

use crate::discovery::{Choices, DiscoveryError, Finder, spec_files};
use crate::interrupt::Interrupt;
use crate::report::{self, Style};
use crate::runner::{self, Runner, Setting};
use crate::spec::{Spec, SpecError};
use crate::verdict::Outcome;

/// The exit code when the tests could not be listed; that of failed tests is
/// libtest's 101.
const USAGE: u8 = 2;

/// The specs below a folder, as tests.
#[derive(Debug, Clone)]
pub struct Specs {
    folder: PathBuf,
    others: Vec<PathBuf>,
    choices: Choices,
}

/// Why there are no tests.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("{0}: no specs")]
    Empty(PathBuf),
    #[error(transparent)]
    Discovery(#[from] DiscoveryError),
    #[error(transparent)]
    System(#[from] io::Error),
}

impl Specs {
    /// The specs below a folder. Relative paths are from the current directory,
    /// which cargo makes the folder of the package.
    pub fn below(folder: impl Into<PathBuf>) -> Self {
        Specs {
            folder: folder.into(),
            others: Vec::new(),
            choices: Choices::default(),
        }
    }

    /// Runs this spec too, named by its file name without `.md`. It is left out
    /// where there is no such file: a spec that is not part of every checkout.
    pub fn also(mut self, file: impl Into<PathBuf>) -> Self {
        self.others.push(file.into());
        self
    }

    /// Tests this program, and not the one that the suite finds.
    pub fn binary(mut self, path: impl Into<PathBuf>) -> Self {
        self.choices.binary = Some(path.into());
        self
    }

    /// Takes samples from this folder, and not from the one that the suite names.
    pub fn samples(mut self, path: impl Into<PathBuf>) -> Self {
        self.choices.samples = Some(path.into());
        self
    }

    /// Takes this suite file, and not the one beside or above each spec.
    pub fn suite(mut self, path: impl Into<PathBuf>) -> Self {
        self.choices.suite = Some(path.into());
        self
    }

    /// Runs the specs that the arguments of this process ask for.
    pub fn main(self) -> ExitCode {
        let arguments = Arguments::from_args();
        self.run(&arguments).unwrap_or_else(|error| {
            // With no standard error there is nobody to tell.
            let _ = writeln!(io::stderr(), "{error}");
            ExitCode::from(USAGE)
        })
    }

    fn run(mut self, arguments: &Arguments) -> Result<ExitCode, Error> {
        // Before any thread starts.
        let interrupt = Interrupt::on_signals()?;
        self.choices.force = arguments.ignored || arguments.include_ignored;
        let runner = Arc::new(Runner::new(interrupt)?);
        let mut finder = Finder::new(self.choices.clone(), std::env::current_dir()?);
        let mut trials = Vec::new();
        for file in self.files(arguments)? {
            trials.push(self.trial(&file, &runner, &mut finder, arguments)?);
        }
        let conclusion = libtest_mimic::run(arguments, trials);
        for name in runner.unclaimed() {
            warn(&format!("left running by one of the specs, ended: {name}"));
        }
        Ok(conclusion.exit_code())
    }

    /// The files of the specs. One that is named exactly is not searched for, so
    /// that running tests one by one does not read all of them each time.
    fn files(&self, arguments: &Arguments) -> Result<Vec<PathBuf>, Error> {
        if let (true, Some(name)) = (arguments.exact, &arguments.filter) {
            let file = self.folder.join(format!("{name}.md"));
            let others = self.others.iter().filter(|other| self.name(other) == *name);
            let mut named = std::iter::once(&file).chain(others);
            return Ok(named
                .find(|file| file.is_file())
                .cloned()
                .into_iter()
                .collect());
        }
        let mut files = spec_files(std::slice::from_ref(&self.folder))?;
        if files.is_empty() {
            return Err(Error::Empty(self.folder.clone()));
        }
        files.extend(self.others.iter().filter(|file| file.is_file()).cloned());
        Ok(files)
    }

    fn trial(
        &self,
        file: &Path,
        runner: &Arc<Runner>,
        finder: &mut Finder,
        arguments: &Arguments,
    ) -> Result<Trial, Error> {
        let found = finder.read(file)?;
        let name = self.name(file);
        let spec = match found.spec {
            Ok(spec) => spec,
            Err(error) => return Ok(broken(name, error)),
        };
        let setting = finder.setting(&found.suite)?;
        // What is ignored by the flag is told without a reason, so the flag is
        // set only for those who read the flag.
        let reads_flag = arguments.list || arguments.exact || self.choices.force;
        let unforced = Setting {
            force: false,
            ..Setting::clone(&setting)
        };
        let ignored = reads_flag && runner::skip(&spec, &unforced).is_some();
        let runner = Arc::clone(runner);
        let run = move || run_spec(&runner, &spec, &setting);
        Ok(Trial::ignorable_test(name, run).with_ignored_flag(ignored))
    }

    fn name(&self, file: &Path) -> String {
        let name = match file.strip_prefix(&self.folder) {
            Ok(below) => below.with_extension("").into_os_string(),
            Err(_) => file.file_stem().unwrap_or_default().to_os_string(),
        };
        name.to_string_lossy().into_owned()
    }
}

fn broken(name: String, error: SpecError) -> Trial {
    let message = error.to_string();
    Trial::test(name, move || Err(Failed::from(message)))
}

fn run_spec(runner: &Runner, spec: &Spec, setting: &Setting) -> Result<Completion, Failed> {
    let report = runner.run(spec, setting);
    let mut text = Vec::new();
    report::details(&mut text, &report, Style::new(false))?;
    let text = String::from_utf8_lossy(&text).into_owned();
    match report.outcome {
        Outcome::Passed | Outcome::Flaky => {
            if !text.is_empty() {
                warn(&format!("{}: {}", report.path.display(), text.trim_end()));
            }
            Ok(Completion::Completed)
        }
        Outcome::Skipped(skip) => Ok(Completion::ignored_with(skip.reason)),
        Outcome::Failed | Outcome::Broken(_) => Err(Failed::from(text)),
        Outcome::Fault(fault) => Err(Failed::from(format!("harness fault: {fault}"))),
        Outcome::Interrupted => Err(Failed::from("interrupted")),
        Outcome::NotRun(why) => Err(Failed::from(format!("not run: {why}"))),
    }
}

/// Standard output belongs to the protocol of tests.
fn warn(message: &str) {
    let _ = writeln!(io::stderr(), "{message}");
}
