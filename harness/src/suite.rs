//! The suite file: what is under test, and in which surroundings.
//!
//! Everything that is about one program is in this file and in the prelude it
//! names, and nowhere in the harness.

mod limits;
mod patterns;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::duration::QuantityError;
use crate::match_type::MatchTypes;
use crate::options::{OptionError, OptionSet, Vocabulary};
use crate::redact::Redactions;
use crate::toml_file::{self, TomlFileError};
use limits::LimitsTable;
use patterns::Patterns;

pub use limits::Limits;

/// The name of a suite file.
pub const FILE_NAME: &str = "suite.toml";

/// A suite file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SuiteError {
    /// The file cannot be read as a suite, or the prelude it names cannot be read.
    #[error(transparent)]
    File(#[from] TomlFileError),
    /// A duration or size is wrong.
    #[error("{path}: limits.{key}: {source}")]
    Limit {
        /// The file.
        path: PathBuf,
        /// The key below `[limits]`.
        key: &'static str,
        /// What is wrong.
        source: QuantityError,
    },
    /// The default options are wrong.
    #[error("{path}: options: {source}")]
    Options {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: OptionError,
    },
    /// A regular expression is wrong, or its name is.
    #[error("{path}:{line}: {message}")]
    Pattern {
        /// The file.
        path: PathBuf,
        /// The line in the file, from 1.
        line: usize,
        /// What is wrong.
        message: String,
    },
    /// A name that cannot be one.
    #[error("{path}: `{name}` cannot be {what}")]
    Name {
        /// The file.
        path: PathBuf,
        /// The name.
        name: String,
        /// What it was to be.
        what: &'static str,
    },
}

/// What to do about what a spec leaves behind. It is named in either case, and
/// processes are ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Leaks {
    /// The spec can still pass.
    #[default]
    Warn,
    /// The spec fails.
    Fail,
}

/// What to do about a spec without examples.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Empty {
    /// It is skipped.
    #[default]
    Skip,
    /// It is broken, unless its front matter skips it.
    Fail,
}

/// Python that is run before the first example of every spec.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Prelude {
    /// The name of the file, for tracebacks.
    pub name: String,
    /// Its text.
    pub source: String,
}

/// What a suite file says. Without a file every field has its default.
#[derive(Debug, Clone, Default)]
pub struct SuiteFile {
    /// The suite file.
    pub file: Option<PathBuf>,
    /// The name of the program under test, as specs call it.
    pub program: Option<String>,
    /// Where the program may be; the newest of those that exist is taken.
    pub binaries: Vec<PathBuf>,
    /// The environment variable that tells the program where its home is.
    pub home_variable: Option<String>,
    /// The folder of samples.
    pub samples: Option<PathBuf>,
    /// The helpers that are about the program, in order.
    pub preludes: Vec<Prelude>,
    /// The interpreter that runs the examples.
    pub python: Option<String>,
    /// Variables added to the environment of specs.
    pub environment: BTreeMap<String, String>,
    /// Variables let through from the environment of the harness.
    pub pass: Vec<String>,
    /// Those let through whose values no report shows.
    pub secrets: Vec<String>,
    /// Limits.
    pub limits: Limits,
    /// What to do about leaks.
    pub leaks: Leaks,
    /// What to do about specs without examples.
    pub empty: Empty,
    /// Options of every example, below those of file and example.
    pub options: OptionSet,
    /// Gates of the suite's own: name, and whether the feature is there.
    pub features: BTreeMap<String, bool>,
    /// Modules that examples cannot import.
    pub absent_modules: Vec<String>,
    /// Names that examples cannot use.
    pub absent_names: Vec<String>,
    /// From how many processors on `TIMING_CRITICAL` examples run.
    pub timing_processors: Option<usize>,
    /// Match types of the suite's own.
    pub match_types: MatchTypes,
    /// What is replaced on both sides before a comparison.
    pub redactions: Redactions,
}

impl SuiteFile {
    /// Reads a suite file. Paths in it are relative to its folder.
    pub fn read(path: &Path) -> Result<SuiteFile, SuiteError> {
        let path = std::path::absolute(path).map_err(|source| TomlFileError::Read {
            path: path.to_owned(),
            source,
        })?;
        let text = toml_file::read(&path)?;
        let file: SuiteTable = toml_file::parse(&path, &text)?;
        let folder = path.parent().unwrap_or(Path::new("/")).to_owned();
        let mut preludes = Vec::new();
        for name in file.prelude.paths() {
            let path = folder.join(name);
            preludes.push(Prelude {
                source: toml_file::read(&path)?,
                name: path.display().to_string(),
            });
        }
        let match_types = file.match_types.match_types(&path, &text)?;
        let redactions = file.redactions.redactions(&path, &text)?;
        Ok(SuiteFile {
            match_types,
            redactions,
            ..file.check(path, &folder, preludes)?
        })
    }

    /// The option names its specs may use.
    pub fn vocabulary(&self) -> Vocabulary {
        Vocabulary::with_features(self.features.keys().cloned())
    }
}

/// The file as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct SuiteTable {
    program: Option<ProgramTable>,
    samples: Option<PathBuf>,
    #[serde(default)]
    prelude: OneOrMore,
    python: Option<String>,
    #[serde(default)]
    options: String,
    #[serde(default)]
    leaks: Leaks,
    #[serde(default)]
    empty: Empty,
    timing_processors: Option<usize>,
    #[serde(default)]
    absent_modules: Vec<String>,
    #[serde(default)]
    absent_names: Vec<String>,
    #[serde(default)]
    environment: BTreeMap<String, String>,
    #[serde(default)]
    pass: Vec<String>,
    #[serde(default)]
    secrets: Vec<String>,
    #[serde(default)]
    features: BTreeMap<String, bool>,
    #[serde(default)]
    limits: LimitsTable,
    #[serde(default)]
    match_types: Patterns,
    #[serde(default)]
    redactions: Patterns,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct ProgramTable {
    name: String,
    #[serde(default)]
    binary: OneOrMore,
    home_variable: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(PathBuf),
    More(Vec<PathBuf>),
}

impl OneOrMore {
    fn paths(&self) -> &[PathBuf] {
        match self {
            OneOrMore::One(path) => std::slice::from_ref(path),
            OneOrMore::More(paths) => paths,
        }
    }
}

impl Default for OneOrMore {
    fn default() -> Self {
        OneOrMore::More(Vec::new())
    }
}

impl SuiteTable {
    fn check(
        self,
        path: PathBuf,
        folder: &Path,
        preludes: Vec<Prelude>,
    ) -> Result<SuiteFile, SuiteError> {
        let name_error = |name: &str, what| SuiteError::Name {
            path: path.clone(),
            name: name.to_owned(),
            what,
        };
        let (program, binary, home_variable) = match self.program {
            None => (None, OneOrMore::default(), None),
            Some(table) => (Some(table.name), table.binary, table.home_variable),
        };
        if let Some(name) = program
            .as_ref()
            .filter(|n| n.is_empty() || n.contains(['/', '\0']))
        {
            return Err(name_error(name, "the name of a program"));
        }
        for name in self
            .environment
            .keys()
            .chain(&self.pass)
            .chain(&self.secrets)
            .chain(&home_variable)
        {
            if name.is_empty() || name.contains(['=', '\0']) {
                return Err(name_error(name, "the name of an environment variable"));
            }
        }
        let is_option = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
        if let Some(name) = self
            .features
            .keys()
            .find(|n| n.is_empty() || !n.chars().all(is_option))
        {
            return Err(name_error(name, "the name of a feature"));
        }
        let vocabulary = Vocabulary::with_features(self.features.keys().cloned());
        let options =
            OptionSet::parse(&self.options, &vocabulary).map_err(|source| SuiteError::Options {
                path: path.clone(),
                source,
            })?;
        let binaries = binary.paths().iter().map(|path| folder.join(path));
        Ok(SuiteFile {
            limits: self.limits.check(&path)?,
            file: Some(path),
            program,
            binaries: binaries.collect(),
            home_variable,
            samples: self.samples.map(|samples| folder.join(samples)),
            preludes,
            python: self.python,
            environment: self.environment,
            pass: self.pass,
            secrets: self.secrets,
            leaks: self.leaks,
            empty: self.empty,
            options,
            features: self.features,
            absent_modules: self.absent_modules,
            absent_names: self.absent_names,
            timing_processors: self.timing_processors,
            ..SuiteFile::default()
        })
    }
}

/// The suite file that holds for a spec: beside it or above it, else
/// `specs/suite.toml` below the current directory.
pub fn find(spec: &Path, current: &Path) -> Option<PathBuf> {
    let spec = std::path::absolute(spec).ok()?;
    spec.ancestors()
        .skip(1)
        .map(|folder| folder.join(FILE_NAME))
        .chain([current.join("specs").join(FILE_NAME)])
        .find(|file| file.is_file())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn read(text: &str) -> Result<SuiteFile, String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(FILE_NAME);
        std::fs::write(&file, text).unwrap();
        std::fs::write(folder.path().join("prelude.py"), "x = 1\n").unwrap();
        SuiteFile::read(&file).map_err(|error| error.to_string())
    }

    #[test]
    fn a_whole_suite() {
        let suite = read(
            r#"
            samples = "../samples"
            prelude = "prelude.py"
            options = "-ELLIPSIS +R"
            leaks = "fail"
            pass = ["CI"]
            [program]
            name = "tool"
            binary = ["a", "/b"]
            home-variable = "TOOL_HOME"
            [environment]
            A = "1"
            [features]
            R = true
            [limits]
            command = "10s"
            output = "1MiB"
            "#,
        )
        .unwrap();
        assert_eq!(suite.program.as_deref(), Some("tool"));
        assert!(suite.binaries[0].ends_with("a") && suite.binaries[0].is_absolute());
        assert_eq!(suite.binaries[1], Path::new("/b"));
        assert_eq!(suite.preludes[0].source, "x = 1\n");
        assert_eq!(suite.limits.command, Duration::from_secs(10));
        assert_eq!(suite.limits.spec, Limits::default().spec);
        assert_eq!(suite.leaks, Leaks::Fail);
        assert!(suite.options.is_on("R"));
    }

    #[test]
    fn faults_name_the_file_and_the_key() {
        for (text, part) in [
            ("smples = 'x'", "unknown field `smples`"),
            (
                "[limits]\ncommand = '5'",
                "limits.command: `5` is not a duration",
            ),
            ("options = '+NOPE'", "options: unknown doctest option"),
            ("prelude = 'none.py'", "none.py: No such file"),
            ("[program]\nname = 'a/b'", "cannot be the name of a program"),
            ("[features]\nr = true", "cannot be the name of a feature"),
            (
                "[environment]\n'A=B' = '1'",
                "cannot be the name of an environment variable",
            ),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn found_beside_above_or_in_the_current_folder() {
        let root = tempfile::tempdir().unwrap();
        let path = |name: &str| root.path().join(name);
        for folder in ["a/b", "c/specs", "d"] {
            std::fs::create_dir_all(path(folder)).unwrap();
        }
        std::fs::write(path("a/suite.toml"), "").unwrap();
        std::fs::write(path("c/specs/suite.toml"), "").unwrap();
        let found = |spec: &str, current: &str| find(&path(spec), &path(current));
        assert_eq!(found("a/x.md", "d"), Some(path("a/suite.toml")));
        assert_eq!(found("a/b/x.md", "c"), Some(path("a/suite.toml")));
        assert_eq!(found("d/x.md", "c"), Some(path("c/specs/suite.toml")));
        assert_eq!(found("d/x.md", "d"), None);
    }
}
