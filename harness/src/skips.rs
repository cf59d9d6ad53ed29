//! The list of skips of a suite: what is known not to run, and why, so that a run
//! that skips something else is told.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write as _};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::Deserialize;

use crate::gate::{Skip, SkipKind};
use crate::toml_file::{self, TomlFileError, header, quoted};
use crate::verdict::{Outcome, SpecReport, Verdict};

/// The version of the format that this module reads and writes.
const VERSION: u32 = 1;
/// How the file names a spec as a whole.
const WHOLE: &str = "all";

/// A list that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SkipsError {
    /// The file cannot be read as a list of skips.
    #[error(transparent)]
    File(#[from] TomlFileError),
    /// What is skipped is named in no known way.
    #[error("{path}: {spec}: `{place}` is neither `{WHOLE}` nor a line, as `12` or `part.md:12`")]
    Place {
        /// The file.
        path: PathBuf,
        /// The spec.
        spec: String,
        /// What should be a place.
        place: String,
    },
}

/// What is skipped of a spec.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Whole,
    /// The example at a line, from 1, of the spec or of a file that it includes.
    Example(Option<String>, usize),
}

impl FromStr for Place {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (file, line) = match text.rsplit_once(':') {
            _ if text == WHOLE => return Ok(Place::Whole),
            Some((file, line)) => (Some(file.to_owned()), line),
            None => (None, text),
        };
        let line = line.parse().map_err(|_| ())?;
        Ok(Place::Example(file, line))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Whole => f.write_str(WHOLE),
            Place::Example(None, line) => write!(f, "{line}"),
            Place::Example(Some(file), line) => write!(f, "{file}:{line}"),
        }
    }
}

/// The skips of one spec: place to kind and reason.
type OfSpec = BTreeMap<Place, String>;

/// Skips by spec, named from the current folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Skips {
    /// The comment that the file starts with, kept as it is.
    header: String,
    specs: BTreeMap<String, OfSpec>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SkipsFile {
    version: u32,
    #[serde(default)]
    specs: BTreeMap<String, BTreeMap<String, String>>,
}

impl Skips {
    /// Reads a list; `None` if there is no such file.
    pub fn read(path: &Path) -> Result<Option<Skips>, SkipsError> {
        let text = toml_file::read_if_exists(path)?;
        text.map(|text| Skips::parse(path, &text)).transpose()
    }

    /// Reads the text of a list; `path` is for errors.
    fn parse(path: &Path, text: &str) -> Result<Skips, SkipsError> {
        let file: SkipsFile = toml_file::parse(path, text)?;
        toml_file::check_version(path, file.version, VERSION)?;
        let mut skips = Skips {
            header: header(text),
            ..Skips::default()
        };
        for (spec, places) in file.specs {
            let mut found = OfSpec::new();
            for (place, words) in places {
                let place = place.parse().map_err(|()| SkipsError::Place {
                    path: path.to_owned(),
                    spec: spec.clone(),
                    place,
                })?;
                found.insert(place, words);
            }
            skips.set(spec, found);
        }
        Ok(skips)
    }

    fn set(&mut self, spec: String, skips: OfSpec) {
        if skips.is_empty() {
            self.specs.remove(&spec);
        } else {
            self.specs.insert(spec, skips);
        }
    }

    /// The list as text, the same for the same content.
    pub fn text(&self) -> String {
        let mut text = format!("{}version = {VERSION}\n", self.header);
        for (spec, places) in &self.specs {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "\n[specs.{}]", quoted(spec));
            for (place, words) in places {
                let _ = match place {
                    Place::Example(Some(_), _) => write!(text, "{}", quoted(&place.to_string())),
                    _ => write!(text, "{place}"),
                };
                let _ = writeln!(text, " = {}", quoted(words));
            }
        }
        text
    }

    /// How many skips there are.
    pub fn count(&self) -> usize {
        self.specs.values().map(BTreeMap::len).sum()
    }

    /// The list as it is after a run: of specs, or parts of them, that did not run
    /// what it says stays, unless the file of the spec is gone. `parts` are the
    /// specs of which only some examples were to run, `current` is the folder that
    /// specs are named from.
    pub fn after<'a>(
        &self,
        reports: impl IntoIterator<Item = &'a SpecReport>,
        parts: &BTreeSet<&Path>,
        current: &Path,
    ) -> Skips {
        let mut now = self.clone();
        now.specs.retain(|spec, _| current.join(spec).exists());
        for report in reports {
            let spec = name(&report.path, current);
            let is_part = parts.contains(report.path.as_path());
            let before = now.specs.remove(&spec).unwrap_or_default();
            now.set(spec, of_spec(report, is_part, before, current));
        }
        now
    }

    /// What of this list is not in another, a line for each.
    pub fn without(&self, other: &Skips) -> Vec<String> {
        let mut lines = Vec::new();
        for (spec, places) in &self.specs {
            let others = other.specs.get(spec);
            for (place, words) in places {
                if others.and_then(|others| others.get(place)) == Some(words) {
                    continue;
                }
                lines.push(match place {
                    Place::Whole => format!("{spec}: {words}"),
                    Place::Example(None, line) => format!("{spec}:{line}: {words}"),
                    Place::Example(Some(file), line) => {
                        format!("{spec}: {file}:{line}: {words}")
                    }
                });
            }
        }
        lines
    }
}

/// What is skipped of a spec, given what was before.
fn of_spec(report: &SpecReport, is_part: bool, before: OfSpec, current: &Path) -> OfSpec {
    match &report.outcome {
        Outcome::Passed | Outcome::Flaky | Outcome::Failed => {}
        // No example was chosen.
        Outcome::Skipped(skip) if is_part && skip.kind == SkipKind::Empty => return before,
        Outcome::Skipped(skip) if report.examples.is_empty() => {
            return BTreeMap::from([(Place::Whole, words(skip))]);
        }
        Outcome::Skipped(_) => {}
        Outcome::Broken(_) | Outcome::Fault(_) | Outcome::Interrupted | Outcome::NotRun(_) => {
            return before;
        }
    }
    let mut now = OfSpec::new();
    let mut decided = BTreeSet::new();
    for entry in &report.examples {
        let file = entry.example.file.as_deref();
        let file = file.map(|file| name(file, current));
        let place = Place::Example(file, entry.example.line);
        if let Verdict::Skipped(skip) = &entry.verdict {
            now.insert(place.clone(), words(skip));
        }
        if !matches!(entry.verdict, Verdict::NotRun(_)) {
            decided.insert(place);
        } else if let Some(words) = before.get(&place) {
            now.insert(place, words.clone());
        }
    }
    if is_part {
        let is_elsewhere = |place: &Place| *place != Place::Whole && !decided.contains(place);
        now.extend(before.into_iter().filter(|(place, _)| is_elsewhere(place)));
    }
    now
}

fn words(skip: &Skip) -> String {
    format!("{}: {}", skip.kind.word(), skip.reason)
}

/// The path from the current folder, where it is below that.
fn name(path: &Path, current: &Path) -> String {
    let absolute = current.join(path.strip_prefix(".").unwrap_or(path));
    let below = absolute.strip_prefix(current).unwrap_or(path);
    below.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(text: &str) -> Result<Skips, String> {
        Skips::parse(Path::new("s.toml"), text).map_err(|error| error.to_string())
    }

    #[test]
    fn faults_name_the_file_and_what_is_wrong() {
        for (text, part) in [
            ("", "missing field `version`"),
            ("version = 2", "s.toml: version 2 of the format"),
            ("version = 1\nspec = 1", "unknown field `spec`"),
            (
                "version = 1\n[specs.\"a.md\"]\nwhole = \"x\"",
                "s.toml: a.md: `whole` is neither",
            ),
            (
                "version = 1\n[specs.\"a.md\"]\n\"b.md:x\" = \"x\"",
                "a.md: `b.md:x` is neither",
            ),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn places_are_in_the_order_of_the_file() {
        let text = "# Ours.\n\nversion = 1\n\n[specs.\"a.md\"]\nall = \"x\"\n3 = \"y\"\n12 = \"z\"\n\
                    \"p.md:2\" = \"w\"\n";
        assert_eq!(parse(text).unwrap().text(), text);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(
            specs in prop::collection::btree_map(".+", prop::collection::btree_map(
                (prop::option::of(".+"), 1..1000usize), ".*", 1..4), 0..4)
        ) {
            let of_spec = |places: BTreeMap<(Option<String>, usize), String>| {
                places.into_iter().map(|((f, l), words)| (Place::Example(f, l), words)).collect()
            };
            let skips = Skips {
                header: String::new(),
                specs: specs.into_iter().map(|(spec, places)| (spec, of_spec(places))).collect(),
            };
            prop_assert_eq!(parse(&skips.text()).unwrap(), skips);
        }
    }
}
