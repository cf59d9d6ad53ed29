//! The ledger of a suite: which examples are expected to pass, and why the others
//! do not.
//!
//! A ledger holds names, numbers and reasons, and nothing of the text of specs,
//! so that a project can hold itself against a suite that is not its own.

mod entry;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use regex::Regex;
use serde::{Deserialize, Deserializer};

pub use entry::{Entry, Standing};

use crate::numbers::NumbersError;
use crate::toml_file::{self, TomlFileError, header, quoted};
use entry::EntryTable;

/// The version of the format that this module reads and writes.
const VERSION: u32 = 1;

/// A ledger that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The file cannot be read as a ledger.
    #[error(transparent)]
    File(#[from] TomlFileError),
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

impl Ledger {
    /// Reads a ledger; `None` if there is no such file.
    pub fn read(path: &Path) -> Result<Option<Ledger>, LedgerError> {
        let text = toml_file::read_if_exists(path)?;
        text.map(|text| Ledger::parse(path, &text)).transpose()
    }

    /// Reads the text of a ledger; `path` is for errors.
    pub fn parse(path: &Path, text: &str) -> Result<Ledger, LedgerError> {
        let file: LedgerFile = toml_file::parse(path, text)?;
        toml_file::check_version(path, file.version, VERSION)?;
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
