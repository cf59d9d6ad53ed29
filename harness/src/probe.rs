//! Finding out what a machine has: what the tests of requirements are held
//! against.
//!
//! Each fact is found out once for a suite and kept. Programs and Python modules
//! are looked for where the commands of examples look: along the `PATH` of the
//! suite, with the program under test first, and with the Python that is found
//! there, which need not be the one that evaluates the examples.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use regex::Regex;

use crate::command::{Command, run};
use crate::interrupt::Interrupt;
use crate::lock::lock;
use crate::ownership::Owner;
use crate::python::is_executable;
use crate::reaper::Reaper;
use crate::requirement::{Comparison, Finding, Test, Version};

/// How long a program may take to say its version.
const LIMIT: Duration = Duration::from_secs(30);

/// Where facts about a machine come from.
#[derive(Debug, Clone, Default)]
pub struct Source {
    /// The operating system, as `std::env::consts::OS` names it.
    pub os: &'static str,
    /// Number of processors.
    pub processors: usize,
    /// The suite's features, present or not.
    pub features: BTreeMap<String, bool>,
    /// The program under test: its name and its file.
    pub program: Option<(String, PathBuf)>,
    /// Variables that the suite sets.
    pub environment: BTreeMap<String, String>,
    /// Variables that are let through from outside.
    pub pass: Vec<String>,
}

/// What was found out so far.
#[derive(Debug, Clone, Default)]
pub struct Probes {
    source: Source,
    known: Arc<Mutex<BTreeMap<String, Finding>>>,
}

impl Probes {
    /// Nothing found out yet.
    pub fn new(source: Source) -> Self {
        Probes {
            source,
            known: Arc::default(),
        }
    }

    /// Whether a test holds. Relative files are in `folder`.
    pub fn find(&self, test: &Test, folder: &Path) -> Finding {
        let key = match test {
            Test::File(name) => Test::File(folder.join(name).display().to_string()).to_string(),
            other => other.to_string(),
        };
        if let Some(finding) = lock(&self.known).get(&key) {
            return finding.clone();
        }
        // Not under the lock: a program that is asked may take its time. Asked
        // twice at once, it says the same twice.
        let finding = self.source.ask(test, folder);
        lock(&self.known).insert(key, finding.clone());
        finding
    }

    /// Whether the suite says anything about a feature.
    pub fn has_feature(&self, name: &str) -> bool {
        self.source.features.contains_key(name)
    }

    /// The number of processors.
    pub fn processors(&self) -> usize {
        self.source.processors
    }

    /// What is known without being asked: the system, the processors, and the
    /// features of the suite.
    pub fn always(&self) -> Vec<(String, Finding)> {
        let source = &self.source;
        let system = Test::System(source.os.to_owned());
        let processors = Test::Processors(Comparison::Equal, source.processors as u64);
        let features = source.features.keys().cloned().map(Test::Feature);
        [system, processors]
            .into_iter()
            .chain(features)
            .map(|test| (test.to_string(), self.find(&test, Path::new(""))))
            .collect()
    }

    /// Every test that was asked, as it is written, in order, and what came of it.
    pub fn known(&self) -> Vec<(String, Finding)> {
        let known = lock(&self.known);
        known.iter().map(|(k, f)| (k.clone(), f.clone())).collect()
    }
}

fn finding(holds: bool, said: String) -> Finding {
    Finding { holds, said }
}

/// `NAME is there` or `NAME is missing`.
fn there(what: &str, name: &str, is_there: bool) -> Finding {
    let how = if is_there { "is there" } else { "is missing" };
    finding(is_there, format!("{what} {name} {how}"))
}

impl Source {
    fn ask(&self, test: &Test, folder: &Path) -> Finding {
        match test {
            Test::System(name) => finding(self.os == name, format!("the system is {}", self.os)),
            Test::Processors(sign, number) => {
                let here = self.processors as u64;
                finding(sign.holds(here.cmp(number)), format!("cpus are {here}"))
            }
            Test::Feature(name) => {
                let has = self.features.get(name) == Some(&true);
                let verb = if has { "has" } else { "lacks" };
                finding(has, format!("the suite {verb} {name}"))
            }
            Test::Program(name) => there("program", name, self.program(name).is_some()),
            Test::File(name) => there("file", name, folder.join(name).exists()),
            Test::Variable(name) => self.variable(name),
            Test::Module(name) => self.module(name),
            Test::Version(name, sign, wanted) => {
                let Some(text) = self.ask_version(name) else {
                    return there("program", name, false);
                };
                let Some(version) = version_in(&text) else {
                    return finding(false, format!("{name} does not tell its version"));
                };
                finding(
                    sign.holds(version.order(wanted)),
                    format!("{name} is {version}"),
                )
            }
        }
    }

    /// The file of a program, where commands find it.
    fn program(&self, name: &str) -> Option<PathBuf> {
        if let Some((known, file)) = &self.program
            && known == name
        {
            return Some(file.clone());
        }
        if name.contains('/') {
            return Some(PathBuf::from(name)).filter(|path| is_executable(path));
        }
        env::split_paths(&self.path())
            .map(|folder| folder.join(name))
            .find(|file| is_executable(file))
    }

    fn path(&self) -> OsString {
        let own = self.environment.get("PATH").map(OsString::from);
        own.or_else(|| env::var_os("PATH"))
            .unwrap_or_else(|| "/usr/bin:/bin".into())
    }

    /// The Python that commands find.
    fn python(&self) -> Option<PathBuf> {
        ["python3", "python"]
            .iter()
            .find_map(|name| self.program(name))
    }

    fn variable(&self, name: &str) -> Finding {
        let is_outside = env::var_os(name).is_some();
        let is_let_in = self.pass.iter().any(|passed| passed == name);
        if self.environment.contains_key(name) || is_outside && is_let_in {
            return finding(true, format!("variable {name} is set"));
        }
        let why = match is_outside {
            true => "is set but not let through (--env)",
            false => "is not set",
        };
        finding(false, format!("variable {name} {why}"))
    }

    fn module(&self, name: &str) -> Finding {
        let Some(python) = self.python() else {
            let said = format!("Python module {name} is missing: no python3 on PATH");
            return finding(false, said);
        };
        let ask = "import importlib.util, sys; sys.exit(not importlib.util.find_spec(sys.argv[1]))";
        let answer = self.output_of(&python, &["-c", ask, name]);
        let is_there = answer.is_some_and(|(code, _)| code == 0);
        there("Python module", name, is_there)
    }

    /// What a program says to `--version`.
    fn ask_version(&self, name: &str) -> Option<String> {
        let file = match name {
            "python" => self.python(),
            name => self.program(name),
        }?;
        let (_, output) = self.output_of(&file, &["--version"])?;
        Some(output)
    }

    /// Runs a program in surroundings like those of examples, without a home.
    fn output_of(&self, file: &Path, arguments: &[&str]) -> Option<(i32, String)> {
        let bytes = |text: &str| text.as_bytes().to_vec();
        let mut environment = vec![
            (bytes("PATH"), self.path().into_vec()),
            (bytes("HOME"), bytes("/nonexistent")),
            (bytes("LC_ALL"), bytes("C.UTF-8")),
        ];
        let own = self.environment.iter().filter(|(name, _)| *name != "PATH");
        environment.extend(own.map(|(name, value)| (bytes(name), bytes(value))));
        let mut command = Command::of_program(file, Path::new("/"));
        command
            .arguments
            .extend(arguments.iter().map(|one| bytes(one)));
        command.environment = environment;
        command.timeout = LIMIT;
        command.keep = 1 << 16;
        let interrupt = Interrupt::new().ok()?;
        let outcome = run(
            command,
            &Owner::new(Arc::default()),
            Reaper::get().ok()?,
            &interrupt,
        )
        .ok()?;
        let output = String::from_utf8_lossy(&outcome.output).into_owned();
        Some((outcome.code, output))
    }
}

/// The first number with a point in it, which is where programs say their version.
fn version_in(text: &str) -> Option<Version> {
    #[expect(clippy::expect_used, reason = "a constant pattern, compiled by a test")]
    static NUMBER: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\d+(?:\.\d+)+").expect("valid pattern"));
    Version::parse(NUMBER.find(text)?.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::requirement::{Requirement, parse};

    fn said(text: &str) -> (bool, String) {
        let source = Source {
            os: "linux",
            processors: 2,
            features: BTreeMap::from([("R".into(), false), ("GIT".into(), true)]),
            program: Some(("tool".into(), "/built/tool".into())),
            environment: BTreeMap::from([("SET".into(), "1".into())]),
            pass: vec!["PATH".into()],
        };
        let Requirement::Test(test) = parse(text).unwrap() else {
            panic!("{text}")
        };
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let probes = Probes::new(source);
        let found = probes.find(&test, folder);
        assert_eq!(probes.find(&test, folder), found);
        assert_eq!(probes.known().len(), 1);
        (found.holds, found.said)
    }

    #[test]
    fn facts() {
        for (text, holds, wanted) in [
            ("os(linux)", true, "the system is linux"),
            ("os(windows)", false, "the system is linux"),
            ("cpus >= 2", true, "cpus are 2"),
            ("cpus > 2", false, "cpus are 2"),
            ("feature(R)", false, "the suite lacks R"),
            ("feature(GIT)", true, "the suite has GIT"),
            ("exe(sh)", true, "program sh is there"),
            ("exe(tool)", true, "program tool is there"),
            (
                "exe(no-such-program)",
                false,
                "program no-such-program is missing",
            ),
            ("file(src/lib.rs)", true, "file src/lib.rs is there"),
            ("file(none)", false, "file none is missing"),
            ("env(SET)", true, "variable SET is set"),
            ("env(NO_SUCH_ONE)", false, "variable NO_SUCH_ONE is not set"),
            ("env(PATH)", true, "variable PATH is set"),
            (
                "env(CARGO_MANIFEST_DIR)",
                false,
                "variable CARGO_MANIFEST_DIR is set but not let through (--env)",
            ),
            ("module(json)", true, "Python module json is there"),
            (
                "module(no_such_module)",
                false,
                "Python module no_such_module is missing",
            ),
            ("version(no-such > 1)", false, "program no-such is missing"),
            ("version(true >= 1)", true, ""),
        ] {
            let found = said(text);
            if !wanted.is_empty() {
                assert_eq!(found, (holds, wanted.to_owned()), "{text}");
            }
        }
        let (holds, told) = said("version(python >= 3.6)");
        assert!(holds && told.starts_with("python is 3."), "{told}");
    }

    #[test]
    fn versions_in_what_programs_say() {
        let found = |text| version_in(text).map(|version| version.to_string());
        assert_eq!(found("git version 2.39.5\n").as_deref(), Some("2.39.5"));
        assert_eq!(found("Python 3.11.2").as_deref(), Some("3.11.2"));
        assert_eq!(found("tool, version v1.0-rc").as_deref(), Some("1.0"));
        assert_eq!(found("no number 7"), None);
    }
}
