//! The ledger of a suite: which examples are expected to pass, and why the others
//! do not.
//!
//! A ledger holds names, numbers and reasons, and nothing of the text of specs,
//! so that a project can hold itself against a suite that is not its own.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use regex::Regex;
use serde::{Deserialize, Deserializer};

use crate::gate::{Skip, SkipKind};
use crate::numbers::{Numbers, NumbersError};
use crate::verdict::{ExampleReport, Outcome, SpecReport, Verdict};

/// The version of the format that this module reads and writes.
const VERSION: u32 = 1;

/// A ledger that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The file could not be read.
    #[error("{path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Not TOML, or not a ledger.
    #[error("{path}: {source}")]
    Syntax {
        /// The file.
        path: PathBuf,
        /// What the parser said.
        source: Box<toml::de::Error>,
    },
    /// Written by a later version of the harness.
    #[error("{path}: version {version} of the format is not known here, only {VERSION}")]
    Version {
        /// The file.
        path: PathBuf,
        /// Its version.
        version: u32,
    },
    /// Numbers of a spec that cannot be.
    #[error("{path}: {spec}: {source}")]
    Numbers {
        /// The file.
        path: PathBuf,
        /// The spec.
        spec: String,
        /// What is wrong.
        source: NumbersError,
    },
    /// An example is named twice, or is beyond the last.
    #[error("{path}: {spec}: example {number} {what}")]
    Example {
        /// The file.
        path: PathBuf,
        /// The spec.
        spec: String,
        /// The number of the example.
        number: usize,
        /// What is wrong with it.
        what: &'static str,
    },
}

/// What is expected of one spec.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// How many examples it has.
    pub examples: usize,
    /// The numbers of those that pass, from 1.
    pub passing: Numbers,
    /// Those of them that pass only now and then, and why: to lose one is told,
    /// and is no failure.
    pub unsteady: BTreeMap<Numbers, String>,
    /// Why others do not, for the numbers that have a reason.
    pub reasons: BTreeMap<Numbers, String>,
}

impl Entry {
    /// What a run of a spec with this many examples shows.
    pub fn of(examples: usize, report: &SpecReport, causes: &[Cause]) -> Entry {
        let mut entry = Entry {
            examples,
            ..Entry::default()
        };
        let mut by_reason: BTreeMap<String, Numbers> = BTreeMap::new();
        for number in 1..=examples {
            let example = report.examples.get(number - 1);
            if example.is_some_and(|example| example.verdict == Verdict::Passed) {
                entry.passing.insert(number);
            } else {
                let reason = reason(report, example, causes);
                by_reason.entry(reason).or_default().insert(number);
            }
        }
        entry.set_reasons(by_reason);
        entry
    }

    /// What holds of this run and another one: an example passes if it does in
    /// both.
    pub fn both(&self, other: &Entry) -> Entry {
        self.joined(other, self.passing.and(&other.passing))
    }

    /// What holds after another run was made because of what was lost in this
    /// one: of the examples that are `expected` to pass, those that passed then
    /// pass.
    pub fn regained(&self, other: &Entry, expected: &Numbers) -> Entry {
        self.joined(other, self.passing.or(&other.passing.and(expected)))
    }

    fn joined(&self, other: &Entry, passing: Numbers) -> Entry {
        let failing = (1..=self.examples).filter(|number| !passing.contains(*number));
        let mut by_reason: BTreeMap<String, Numbers> = BTreeMap::new();
        for number in failing {
            let reason = self.reason(number).or(other.reason(number));
            let reason = reason.unwrap_or_default().to_owned();
            by_reason.entry(reason).or_default().insert(number);
        }
        let mut joined = Entry {
            examples: self.examples,
            passing,
            ..Entry::default()
        };
        joined.set_reasons(by_reason);
        joined
    }

    fn set_reasons(&mut self, by_reason: BTreeMap<String, Numbers>) {
        self.reasons = by_reason
            .into_iter()
            .map(|(reason, numbers)| (numbers, reason))
            .collect();
    }

    /// Why an example does not pass, if a reason is written down.
    pub fn reason(&self, number: usize) -> Option<&str> {
        let found = self.reasons.iter().find(|(set, _)| set.contains(number));
        found.map(|(_, reason)| reason.as_str())
    }

    /// Why an example passes only now and then, if it is known to.
    pub fn unsteady(&self, number: usize) -> Option<&str> {
        let found = self.unsteady.iter().find(|(set, _)| set.contains(number));
        found.map(|(_, reason)| reason.as_str())
    }

    /// This entry as it is now, with the reasons that were written before for
    /// what still does not pass; what is unsteady stays what it was.
    pub fn with_reasons_of(&self, before: &Entry) -> Entry {
        let mut by_reason: BTreeMap<String, Numbers> = BTreeMap::new();
        let stays = |number: &usize| before.unsteady(*number).is_some();
        for (numbers, reason) in &self.reasons {
            for number in numbers.iter().filter(|number| !stays(number)) {
                let written = before.reason(number).unwrap_or(reason).to_owned();
                by_reason.entry(written).or_default().insert(number);
            }
        }
        let mut entry = self.clone();
        entry.unsteady.clone_from(&before.unsteady);
        let stay = (1..=self.examples).filter(stays).collect();
        entry.passing = entry.passing.or(&stay);
        entry.set_reasons(by_reason);
        entry
    }
}

/// Why an example does not pass, in words that hold no text of the spec.
fn reason(report: &SpecReport, example: Option<&ExampleReport>, causes: &[Cause]) -> String {
    let Some(example) = example else {
        return match &report.outcome {
            Outcome::Skipped(skip) => skipped(skip),
            outcome => outcome.word().to_owned(),
        };
    };
    let actual = example.actual.as_ref();
    let shown = actual.map(|actual| actual.shown());
    let cause = shown.and_then(|shown| causes.iter().find_map(|cause| cause.reason(&shown)));
    match &example.verdict {
        Verdict::Skipped(skip) => skipped(skip),
        Verdict::NotRun(why) => format!("not run: {}", why.words()),
        Verdict::Passed => String::new(),
        Verdict::Failed if example.timeout.is_some() => "timeout".into(),
        Verdict::Failed if cause.is_some() => cause.unwrap_or_default(),
        Verdict::Failed if example.follows.is_some() => "follows from a failure before it".into(),
        Verdict::Failed => match actual.and_then(|actual| actual.exception.as_ref()) {
            Some(exception) => {
                let name = exception.message.split([':', '\n']).next();
                format!("raises {}", name.unwrap_or_default().trim())
            }
            None => "output differs".into(),
        },
    }
}

fn skipped(skip: &Skip) -> String {
    match skip.kind {
        // What it needs is named by the spec itself.
        SkipKind::Dependency => "skipped: needs what the suite says is absent".to_owned(),
        _ => format!("skipped: {}", skip.reason),
    }
}

/// Expectations by spec, named by its path in the suite.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    /// The comment that the file starts with, kept as it is.
    pub header: String,
    /// The areas of the score; a spec is of the first that fits.
    pub areas: Vec<Area>,
    /// Reasons that are written for failures when a run is recorded; the first
    /// that fits counts.
    pub causes: Vec<Cause>,
    /// What is expected.
    pub specs: BTreeMap<String, Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LedgerFile {
    version: u32,
    #[serde(default)]
    areas: Vec<Area>,
    #[serde(default)]
    causes: Vec<Cause>,
    #[serde(default)]
    specs: BTreeMap<String, EntryTable>,
}

/// Specs that are counted together.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Area {
    /// Its name.
    pub name: String,
    /// Patterns of the names of its specs, as `runs/*` or `run-*.md`.
    pub specs: Vec<String>,
}

/// A reason for failures, known by what is printed.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cause {
    /// A regular expression that is found in the output.
    #[serde(deserialize_with = "pattern")]
    pub finds: Regex,
    /// The reason; `$1` stands for the first group.
    pub reason: String,
}

impl Cause {
    fn reason(&self, output: &str) -> Option<String> {
        let found = self.finds.captures(output)?;
        let mut reason = String::new();
        found.expand(&self.reason, &mut reason);
        Some(reason)
    }
}

fn pattern<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Regex, D::Error> {
    let text = String::deserialize(deserializer)?;
    Regex::new(&text).map_err(serde::de::Error::custom)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EntryTable {
    examples: usize,
    #[serde(default)]
    passing: String,
    #[serde(default)]
    unsteady: BTreeMap<String, String>,
    #[serde(default)]
    reasons: BTreeMap<String, String>,
}

impl Ledger {
    /// Reads a ledger; `None` if there is no such file.
    pub fn read(path: &Path) -> Result<Option<Ledger>, LedgerError> {
        match std::fs::read_to_string(path) {
            Ok(text) => Ledger::parse(path, &text).map(Some),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(LedgerError::Read {
                path: path.to_owned(),
                source,
            }),
        }
    }

    /// Reads the text of a ledger; `path` is for errors.
    pub fn parse(path: &Path, text: &str) -> Result<Ledger, LedgerError> {
        let syntax = |source| LedgerError::Syntax {
            path: path.to_owned(),
            source: Box::new(source),
        };
        let file: LedgerFile = toml::from_str(text).map_err(syntax)?;
        if file.version != VERSION {
            return Err(LedgerError::Version {
                path: path.to_owned(),
                version: file.version,
            });
        }
        let mut specs = BTreeMap::new();
        for (name, table) in file.specs {
            let entry = table.check(path, &name)?;
            specs.insert(name, entry);
        }
        Ok(Ledger {
            header: header(text),
            areas: file.areas,
            causes: file.causes,
            specs,
        })
    }

    /// The ledger as text, the same for the same content.
    pub fn text(&self) -> String {
        let mut text = format!("{}version = {VERSION}\n", self.header);
        for area in &self.areas {
            let patterns: Vec<String> = area.specs.iter().map(|p| quoted(p)).collect();
            // Writing to a string cannot fail.
            let _ = writeln!(text, "\n[[areas]]\nname = {}", quoted(&area.name));
            let _ = writeln!(text, "specs = [{}]", patterns.join(", "));
        }
        for cause in &self.causes {
            let _ = writeln!(
                text,
                "\n[[causes]]\nfinds = {}",
                quoted(cause.finds.as_str())
            );
            let _ = writeln!(text, "reason = {}", quoted(&cause.reason));
        }
        for (name, entry) in &self.specs {
            let _ = writeln!(text, "\n[specs.{}]", quoted(name));
            let _ = writeln!(text, "examples = {}", entry.examples);
            let _ = writeln!(text, "passing = {}", quoted(&entry.passing.to_string()));
            for (key, table) in [("unsteady", &entry.unsteady), ("reasons", &entry.reasons)] {
                for (numbers, reason) in table {
                    let numbers = quoted(&numbers.to_string());
                    let _ = writeln!(text, "{key}.{numbers} = {}", quoted(reason));
                }
            }
        }
        text
    }

    /// The area of a spec: the first whose patterns fit its name, else its folder,
    /// else `other` where the ledger has areas and `.` where it has none.
    pub fn area(&self, spec: &str) -> String {
        let fits = |pattern: &String| {
            globset::Glob::new(pattern).is_ok_and(|glob| glob.compile_matcher().is_match(spec))
        };
        if let Some(area) = self.areas.iter().find(|area| area.specs.iter().any(fits)) {
            return area.name.clone();
        }
        match spec.rsplit_once('/') {
            Some((folder, _)) => folder.to_owned(),
            None if self.areas.is_empty() => ".".to_owned(),
            None => "other".to_owned(),
        }
    }
}

impl EntryTable {
    fn check(self, path: &Path, spec: &str) -> Result<Entry, LedgerError> {
        let read = |text: &str| {
            text.parse::<Numbers>()
                .map_err(|source| LedgerError::Numbers {
                    path: path.to_owned(),
                    spec: spec.to_owned(),
                    source,
                })
        };
        let passing = read(&self.passing)?;
        let mut seen = passing.clone();
        let mut reasons = BTreeMap::new();
        let fault = |number, what| LedgerError::Example {
            path: path.to_owned(),
            spec: spec.to_owned(),
            number,
            what,
        };
        let mut unsteady = BTreeMap::new();
        for (numbers, reason) in self.unsteady {
            let numbers = read(&numbers)?;
            if let Some(number) = numbers.without(&passing).last() {
                return Err(fault(number, "is unsteady, but not among those that pass"));
            }
            unsteady.insert(numbers, reason);
        }
        for (numbers, reason) in self.reasons {
            let numbers = read(&numbers)?;
            if let Some(number) = numbers.and(&seen).last() {
                return Err(fault(number, "is there twice"));
            }
            numbers.iter().for_each(|number| seen.insert(number));
            reasons.insert(numbers, reason);
        }
        if let Some(number) = seen.last().filter(|last| *last > self.examples) {
            return Err(fault(number, "is beyond the last"));
        }
        Ok(Entry {
            examples: self.examples,
            passing,
            unsteady,
            reasons,
        })
    }
}

/// The comments and empty lines at the start of a file.
pub(crate) fn header(text: &str) -> String {
    let is_comment = |line: &&str| line.trim().is_empty() || line.starts_with('#');
    text.split_inclusive('\n').take_while(is_comment).collect()
}

/// A TOML string, which is a JSON string but for one control character.
pub(crate) fn quoted(text: &str) -> String {
    serde_json::Value::from(text)
        .to_string()
        .replace('\u{7f}', "\\u007f")
}

/// How one spec of a run stands to the ledger.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// Examples that were to pass and did not.
    pub lost: Numbers,
    /// Examples that pass only now and then, and did not.
    pub unlucky: Numbers,
    /// Examples that pass and were not expected to.
    pub gained: Numbers,
    /// How many examples the ledger knows, if that is not how many there are.
    pub examples_before: Option<usize>,
    /// Whether the ledger has nothing about the spec.
    pub is_new: bool,
}

impl Standing {
    /// Holds what is now against what was expected.
    pub fn of(expected: Option<&Entry>, now: &Entry) -> Standing {
        let Some(expected) = expected else {
            return Standing {
                is_new: true,
                ..Standing::default()
            };
        };
        let failed = expected.passing.without(&now.passing);
        let (unlucky, lost) = failed
            .iter()
            .partition::<Vec<_>, _>(|number| expected.unsteady(*number).is_some());
        Standing {
            lost: lost.into_iter().collect(),
            unlucky: unlucky.into_iter().collect(),
            gained: now.passing.without(&expected.passing),
            examples_before: (expected.examples != now.examples).then_some(expected.examples),
            is_new: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Ledger, String> {
        Ledger::parse(Path::new("l.toml"), text).map_err(|error| error.to_string())
    }

    const TEXT: &str = "# Kept.\n\nversion = 1\n\n[[areas]]\nname = \"b\"\nspecs = [\"uat/*\", \"z-*.md\"]\n\n\
        [[causes]]\nfinds = \"no (\\\\w+) yet\"\nreason = \"needs $1\"\n\n\
        [specs.\"uat/x.md\"]\nexamples = 5\npassing = \"1-3\"\nreasons.\"4 5\" = \"later\"\n\n\
        [specs.\"y.md\"]\nexamples = 2\npassing = \"1 2\"\nunsteady.\"2\" = \"races\"\n";

    #[test]
    fn written_and_read() {
        let ledger = parse(TEXT).unwrap();
        assert_eq!(ledger.text(), TEXT);
        let entry = &ledger.specs["uat/x.md"];
        assert_eq!((entry.reason(4), entry.reason(1)), (Some("later"), None));
        assert_eq!(ledger.area("uat/x.md"), "b");
        assert_eq!(ledger.area("c/x.md"), "c");
        assert_eq!(ledger.area("x.md"), "other");
    }

    #[test]
    fn faults() {
        for (text, part) in [
            ("version = 2", "version 2"),
            ("specs = 1\nversion = 1", "l.toml"),
            (
                "version = 1\n[specs.a]\nexamples = 1\npassing = \"2\"",
                "a: example 2 is beyond",
            ),
            (
                "version = 1\n[specs.a]\nexamples = 1\npassing = \"x\"",
                "a: `x` is not a number",
            ),
            (
                "version = 1\n[specs.a]\nexamples = 3\npassing = \"2\"\nreasons.\"1-3\" = \"r\"",
                "is there twice",
            ),
            (
                "version = 1\n[specs.a]\nexamples = 3\npassing = \"2\"\nunsteady.\"1 2\" = \"r\"",
                "example 1 is unsteady, but not among those that pass",
            ),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn causes() {
        let ledger = parse(TEXT).unwrap();
        let reason = |text: &str| ledger.causes[0].reason(text);
        assert_eq!(
            reason("sorry: no remotes yet\n").as_deref(),
            Some("needs remotes")
        );
        assert_eq!(reason("other"), None);
    }

    #[test]
    fn standings() {
        let ledger = parse(TEXT).unwrap();
        let now = Entry {
            examples: 5,
            passing: "1 2 4".parse().unwrap(),
            reasons: BTreeMap::from([("3 5".parse().unwrap(), "output differs".into())]),
            ..Entry::default()
        };
        let before = &ledger.specs["uat/x.md"];
        let standing = Standing::of(Some(before), &now);
        assert_eq!(standing.lost.to_string(), "3");
        assert_eq!(standing.gained.to_string(), "4");
        let kept = now.with_reasons_of(before);
        assert_eq!(
            (kept.reason(5), kept.reason(3)),
            (Some("later"), Some("output differs"))
        );
        assert!(Standing::of(None, &now).is_new);
    }

    #[test]
    fn what_is_unsteady_is_not_lost() {
        let ledger = parse(TEXT).unwrap();
        let before = &ledger.specs["y.md"];
        let now = Entry {
            examples: 2,
            reasons: BTreeMap::from([("1 2".parse().unwrap(), "output differs".into())]),
            ..Entry::default()
        };
        let standing = Standing::of(Some(before), &now);
        assert_eq!(standing.lost.to_string(), "1");
        assert_eq!(standing.unlucky.to_string(), "2");
        let kept = now.with_reasons_of(before);
        assert_eq!(kept.passing.to_string(), "2");
        assert_eq!((kept.reason(2), kept.unsteady(2)), (None, Some("races")));
    }
}
