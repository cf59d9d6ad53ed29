//! Specs as the tests of a crate, for `cargo test` and cargo-nextest.
//!
//! Each spec is one test, named by its path below the folder without `.md`.
//! Standard output belongs to the protocol of tests; what else there is to say
//! goes to standard error.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Completion, Failed, Trial};

use crate::discovery::{Finder, Found};
use crate::interrupt::Interrupt;
use crate::library::{LibraryError, Suite};
use crate::report::{self, Style};
use crate::runner::{self, Runner, Setting};
use crate::verdict::{Outcome, SpecReport};

/// The exit code when the tests could not be listed; that of failed tests is
/// libtest's 101.
const USAGE: u8 = 2;

impl Suite {
    /// Runs or lists the specs that the arguments of this process ask for, each as
    /// one test. With `--nocapture`, what examples printed goes to standard error
    /// as each spec ends. On Ctrl-C, what runs is ended and cleaned up.
    pub fn main(self) -> ExitCode {
        let arguments = Arguments::from_args();
        self.test(&arguments).unwrap_or_else(|error| {
            // With no standard error there is nobody to tell.
            let _ = writeln!(io::stderr(), "{error}");
            ExitCode::from(USAGE)
        })
    }

    fn test(mut self, arguments: &Arguments) -> Result<ExitCode, LibraryError> {
        // Before any thread starts.
        let interrupt = Interrupt::on_signals()?;
        self.choices.force = arguments.ignored || arguments.include_ignored;
        self.choices.keep_output = arguments.nocapture;
        let runner = Arc::new(Runner::new(interrupt)?);
        let mut finder = Finder::new(self.choices.clone(), std::env::current_dir()?);
        let mut trials = Vec::new();
        for file in self.files_for(arguments)? {
            trials.push(self.trial(&file, &runner, &mut finder, arguments)?);
        }
        let conclusion = libtest_mimic::run(arguments, trials);
        let unclaimed = runner.unclaimed();
        for leak in &unclaimed {
            say(format!("by one of the specs, {leak}\n").as_bytes());
        }
        if runner.fails_on_leaks() && !unclaimed.is_empty() {
            return Ok(ExitCode::FAILURE);
        }
        Ok(conclusion.exit_code())
    }

    /// The files of the specs that may be meant. One that is named exactly is not
    /// searched for, so that running tests one by one does not read all of them
    /// each time.
    fn files_for(&self, arguments: &Arguments) -> Result<Vec<PathBuf>, LibraryError> {
        let (true, Some(name)) = (arguments.exact, &arguments.filter) else {
            return self.files();
        };
        let file = self.folder.join(format!("{name}.md"));
        let others = self.others.iter().filter(|other| self.name(other) == *name);
        let mut named = std::iter::once(&file).chain(others);
        let found = named.find(|file| file.is_file()).cloned();
        Ok(found.into_iter().collect())
    }

    fn trial(
        &self,
        file: &Path,
        runner: &Arc<Runner>,
        finder: &mut Finder,
        arguments: &Arguments,
    ) -> Result<Trial, LibraryError> {
        let found = finder.read(file)?;
        let name = self.name(file);
        let setting = finder.setting(&found.suite)?;
        // What is ignored by the flag is told without a reason, so the flag is
        // set only for those who read the flag.
        let reads_flag = arguments.list || arguments.exact || self.choices.force;
        let ignored = reads_flag && is_skipped(&found, &setting);
        let runner = Arc::clone(runner);
        let run = move || run_spec(&runner, &found, &setting);
        Ok(Trial::ignorable_test(name, run).with_ignored_flag(ignored))
    }
}

/// Whether the spec would be skipped if it were not forced.
fn is_skipped(found: &Found, setting: &Setting) -> bool {
    let unforced = Setting {
        force: false,
        ..setting.clone()
    };
    let spec = found.spec.as_ref();
    spec.is_ok_and(|spec| runner::skip(spec, &unforced).is_some())
}

fn run_spec(runner: &Runner, found: &Found, setting: &Setting) -> Result<Completion, Failed> {
    let report = found.run(runner, setting);
    if setting.keep_output {
        let mut shown = Vec::new();
        transcript(&mut shown, &report)?;
        say(&shown);
    }
    let mut text = Vec::new();
    report::details(&mut text, &report, Style::new(false))?;
    let text = String::from_utf8_lossy(&text).into_owned();
    match report.outcome {
        Outcome::Passed | Outcome::Flaky => {
            if !text.is_empty() {
                say(format!("{}: {}\n", report.path.display(), text.trim_end()).as_bytes());
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

/// Writes how a spec ended, and its examples with what came of each.
fn transcript(out: &mut Vec<u8>, report: &SpecReport) -> io::Result<()> {
    report::ending(out, report, Style::new(false))?;
    for entry in report.examples.iter().filter(|entry| entry.ran()) {
        let source = entry.example.with_prompts();
        let shown = entry.actual.as_ref().map(|actual| actual.shown());
        let shown = shown.as_deref().unwrap_or_default();
        for line in source.lines().chain(shown.lines()) {
            writeln!(out, "{}", format!("    {line}").trim_end())?;
        }
    }
    Ok(())
}

/// In one piece, since specs run side by side.
fn say(text: &[u8]) {
    // With no standard error there is nobody to tell.
    let _ = io::stderr().write_all(text);
}
