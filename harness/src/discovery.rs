//! From what a person names to specs that can be run: files, their suites, the
//! program under test.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use walkdir::WalkDir;

use crate::expectations;
use crate::front_matter::TimeLimits;
use crate::gate::Surroundings;
use crate::probe::{Probes, Source};
use crate::python::{Python, find_program, is_executable};
use crate::runner::{Runner, Setting};
use crate::spec::{self, Spec, SpecError};
use crate::suite::{self, Empty, Leaks, SuiteError, SuiteFile};
use crate::verdict::{Outcome, SpecReport};

/// From how many processors on a machine counts as fast, unless a suite says.
const TIMING_PROCESSORS: usize = 4;

/// Why there is nothing to run.
#[derive(Debug, thiserror::Error)]
pub enum DiscoveryError {
    /// A path that is not there.
    #[error("{path}: {source}")]
    Path {
        /// The path.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The suite cannot be used.
    #[error(transparent)]
    Suite(#[from] SuiteError),
    /// A binary was given that cannot be executed.
    #[error("{0}: not an executable file")]
    NotExecutable(PathBuf),
    /// A binary was given, but no suite says what it is called.
    #[error("no suite file tells the name of the program under test; name one with --suite")]
    NoProgram,
    /// The suite's program is nowhere.
    #[error("program `{name}` is not built: looked for {looked}; name it with --binary")]
    NoBinary {
        /// The program.
        name: String,
        /// Where it was looked for.
        looked: String,
    },
    /// The samples folder is not there.
    #[error("{0}: no such samples folder")]
    NoSamples(PathBuf),
    /// No interpreter.
    #[error("python interpreter `{0}` not found")]
    NoPython(String),
}

/// What overrides suites, and how to run.
#[derive(Debug, Clone, Default)]
pub struct Choices {
    /// This suite file, for every spec.
    pub suite: Option<PathBuf>,
    /// This program under test.
    pub binary: Option<PathBuf>,
    /// This folder of samples.
    pub samples: Option<PathBuf>,
    /// Sandboxes stay.
    pub keep: bool,
    /// Specs run that their front matter would skip.
    pub force: bool,
    /// Reports hold the output of examples that passed, too.
    pub keep_output: bool,
    /// Variables let through from outside, besides those that suites let through.
    pub pass: Vec<String>,
    /// How long things may take, whatever suites and front matter say.
    pub limits: TimeLimits,
    /// How long the whole run may take, whatever suites say.
    pub run_limit: Option<Duration>,
    /// Specs stop at their first failure.
    pub fail_fast: bool,
    /// What to do about leaks, in place of what suites say.
    pub leaks: Option<Leaks>,
    /// What to do about specs without examples, in place of what suites say.
    pub empty: Option<Empty>,
}

/// A spec that was found, and how to run it.
#[derive(Debug)]
pub struct Found {
    /// The file, as it was named or found.
    pub path: PathBuf,
    /// What it says, or why it cannot be read.
    pub spec: Result<Spec, SpecError>,
    /// The suite it belongs to.
    pub suite: Arc<SuiteFile>,
    /// Whether some of its examples were left out when it was read.
    pub is_part: bool,
}

impl Found {
    /// Runs the spec. One that cannot be read has a report that says why.
    pub fn run(&self, runner: &Runner, setting: &Setting) -> SpecReport {
        self.run_with_retries(runner, setting, 0)
    }

    /// Runs the spec, up to so many times more as long as it fails.
    pub fn run_with_retries(&self, runner: &Runner, setting: &Setting, retries: u32) -> SpecReport {
        let faults = match &self.spec {
            Ok(spec) => return runner.run_with_retries(spec, setting, retries),
            Err(SpecError::Malformed(faults)) => faults.iter().map(ToString::to_string).collect(),
            Err(error) => vec![error.to_string()],
        };
        SpecReport::without_run(&self.path, Outcome::Broken(faults))
    }
}

/// The Markdown files that paths stand for: files as they are, and those below
/// folders in order of name. Hidden files and folders are left out.
pub fn spec_files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, DiscoveryError> {
    let mut files: Vec<PathBuf> = Vec::new();
    for path in paths {
        let data = path.metadata().map_err(|source| DiscoveryError::Path {
            path: path.clone(),
            source,
        })?;
        if !data.is_dir() {
            files.push(path.clone());
            continue;
        }
        let is_hidden = |name: &std::ffi::OsStr| name.as_encoded_bytes().starts_with(b".");
        let entries = WalkDir::new(path)
            .follow_links(true)
            .sort_by_file_name()
            .into_iter()
            .filter_entry(|entry| entry.depth() == 0 || !is_hidden(entry.file_name()));
        for entry in entries {
            let is_spec = |path: &Path| path.extension().is_some_and(|e| e == "md");
            match entry {
                Ok(entry) if entry.file_type().is_file() && is_spec(entry.path()) => {
                    files.push(entry.into_path());
                }
                Ok(_) => {}
                // A link to nothing is a matter of its own: a broken spec, if it is one.
                Err(error) if error.path().is_some_and(Path::is_symlink) => {
                    files.extend(
                        error
                            .path()
                            .filter(|path| is_spec(path))
                            .map(Path::to_owned),
                    );
                }
                Err(error) => {
                    return Err(DiscoveryError::Path {
                        path: error.path().unwrap_or(path).to_owned(),
                        source: error.into(),
                    });
                }
            }
        }
    }
    let mut seen = std::collections::HashSet::new();
    files.retain(|file| seen.insert(file.clone()));
    Ok(files)
}

/// Finds suites and settings, each read once.
#[derive(Debug)]
pub struct Finder {
    choices: Choices,
    current: PathBuf,
    suites: HashMap<Option<PathBuf>, Arc<SuiteFile>>,
    surroundings: HashMap<Option<PathBuf>, Surroundings>,
    settings: HashMap<Option<PathBuf>, Arc<Setting>>,
}

impl Finder {
    /// A finder for these choices; `current` is the current directory.
    pub fn new(choices: Choices, current: PathBuf) -> Self {
        Finder {
            choices,
            current,
            suites: HashMap::new(),
            surroundings: HashMap::new(),
            settings: HashMap::new(),
        }
    }

    /// The suite of a spec.
    pub fn suite(&mut self, path: &Path) -> Result<Arc<SuiteFile>, DiscoveryError> {
        let file = self
            .choices
            .suite
            .clone()
            .or_else(|| suite::find(path, &self.current));
        if let Some(suite) = self.suites.get(&file) {
            return Ok(Arc::clone(suite));
        }
        let mut suite = match &file {
            Some(file) => SuiteFile::read(file)?,
            None => SuiteFile::default(),
        };
        suite.leaks = self.choices.leaks.unwrap_or(suite.leaks);
        suite.empty = self.choices.empty.unwrap_or(suite.empty);
        let suite = Arc::new(suite);
        self.suites.insert(file, Arc::clone(&suite));
        Ok(suite)
    }

    /// Reads a spec, with its suite.
    pub fn read(&mut self, path: &Path) -> Result<Found, DiscoveryError> {
        let suite = self.suite(path)?;
        let spec = spec::read(path, &suite.vocabulary()).and_then(|spec| {
            let faults = expectations::faults(&spec, &suite);
            if faults.is_empty() {
                Ok(spec)
            } else {
                Err(SpecError::Malformed(faults))
            }
        });
        Ok(Found {
            path: path.to_owned(),
            spec,
            suite,
            is_part: false,
        })
    }

    /// How the specs of a suite are run.
    pub fn setting(&mut self, suite: &Arc<SuiteFile>) -> Result<Arc<Setting>, DiscoveryError> {
        if let Some(setting) = self.settings.get(&suite.file) {
            return Ok(Arc::clone(setting));
        }
        let setting = Arc::new(Setting {
            binary: self.binary(suite)?,
            samples: self.samples(suite)?,
            surroundings: self.surroundings(suite)?,
            suite: Arc::clone(suite),
            keep: self.choices.keep,
            force: self.choices.force,
            keep_output: self.choices.keep_output,
            fail_fast: self.choices.fail_fast,
            limits: self.choices.limits,
            run_limit: self.choices.run_limit,
            pass: self.choices.pass.clone(),
        });
        self.settings
            .insert(suite.file.clone(), Arc::clone(&setting));
        Ok(setting)
    }

    /// What the gates of a suite are held against, on this machine.
    pub fn surroundings(&mut self, suite: &SuiteFile) -> Result<Surroundings, DiscoveryError> {
        if let Some(surroundings) = self.surroundings.get(&suite.file) {
            return Ok(surroundings.clone());
        }
        let surroundings = self.here(suite)?;
        self.surroundings
            .insert(suite.file.clone(), surroundings.clone());
        Ok(surroundings)
    }

    fn here(&self, suite: &SuiteFile) -> Result<Surroundings, DiscoveryError> {
        let name = suite.python.as_deref().unwrap_or("python3");
        // A program that is not built is a fault of the run; here it is missing.
        let program = self.binary(suite).ok().flatten();
        let passed = suite.pass.iter().chain(&self.choices.pass);
        let source = Source {
            os: std::env::consts::OS,
            processors: std::thread::available_parallelism().map_or(1, usize::from),
            features: suite.features.clone(),
            program: suite.program.clone().zip(program),
            environment: suite.environment.clone(),
            pass: passed.cloned().chain(["PATH".into()]).collect(),
        };
        Ok(Surroundings {
            python: Python::find(name).ok_or_else(|| DiscoveryError::NoPython(name.to_owned()))?,
            timing_processors: suite.timing_processors.unwrap_or(TIMING_PROCESSORS),
            ci: std::env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false"),
            probes: Probes::new(source),
        })
    }

    fn binary(&self, suite: &SuiteFile) -> Result<Option<PathBuf>, DiscoveryError> {
        if let Some(binary) = &self.choices.binary {
            let file = binary
                .canonicalize()
                .map_err(|source| DiscoveryError::Path {
                    path: binary.clone(),
                    source,
                })?;
            if !is_executable(&file) {
                return Err(DiscoveryError::NotExecutable(binary.clone()));
            }
            if suite.program.is_none() {
                return Err(DiscoveryError::NoProgram);
            }
            return Ok(Some(file));
        }
        let Some(name) = &suite.program else {
            return Ok(None);
        };
        let built = suite.binaries.iter().filter(|binary| is_executable(binary));
        // The newest, so that a forgotten build is not what is tested.
        let built =
            built.max_by_key(|binary| binary.metadata().and_then(|data| data.modified()).ok());
        let found = match built {
            // Resolved, since the link to it is elsewhere.
            Some(binary) => binary.canonicalize().ok(),
            None => find_program(name),
        };
        let Some(binary) = found else {
            let mut looked: Vec<String> = suite
                .binaries
                .iter()
                .map(|binary| binary.display().to_string())
                .collect();
            looked.push("PATH".into());
            return Err(DiscoveryError::NoBinary {
                name: name.clone(),
                looked: looked.join(", "),
            });
        };
        Ok(Some(binary))
    }

    fn samples(&self, suite: &SuiteFile) -> Result<Option<PathBuf>, DiscoveryError> {
        let given = self.choices.samples.as_ref();
        let Some(samples) = given.or(suite.samples.as_ref()) else {
            return Ok(None);
        };
        match samples.canonicalize() {
            Ok(folder) if folder.is_dir() => Ok(Some(folder)),
            // A suite may name a folder that no spec needs yet: those that do are told.
            _ if given.is_none() => Ok(Some(samples.clone())),
            _ => Err(DiscoveryError::NoSamples(samples.clone())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_folders() {
        let root = tempfile::tempdir().unwrap();
        for file in ["b/z.md", "b/a.md", "b/x.txt", "b/.hidden/c.md", "a.md"] {
            let path = root.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        let paths = [root.path().join("b/z.md"), root.path().to_owned()];
        let names: Vec<String> = spec_files(&paths)
            .unwrap()
            .iter()
            .map(|p| p.strip_prefix(root.path()).unwrap().display().to_string())
            .collect();
        assert_eq!(names, ["b/z.md", "a.md", "b/a.md"]);
        assert!(spec_files(&[root.path().join("none")]).is_err());
    }
}
