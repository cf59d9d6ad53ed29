//! What is known of earlier runs: how specs ended, and how long they took.
//!
//! It is kept in the user's cache folder, one file for each suite, and serves
//! choices (what failed last, what takes long). A history that cannot be read or
//! written is never a reason to fail a run.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::discovery::Found;
use crate::verdict::{Outcome, SpecReport};

/// The version of the file's form; a file of another one is not read.
const VERSION: u32 = 1;

/// Where the history is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Place {
    /// In the user's cache folder, by suite.
    #[default]
    Cache,
    /// In files of the user's; those read, and the one written. Specs in them are
    /// named from the current folder.
    Files {
        /// Read in order; what a later one says of a spec holds.
        read: Vec<PathBuf>,
        /// Written, if any is.
        write: Option<PathBuf>,
    },
    /// Nowhere.
    Off,
}

/// What is known of a spec.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// How it ended when it last ran: the word that reports use.
    pub outcome: String,
    /// How long it took then, in milliseconds.
    pub milliseconds: u64,
    /// Whether a later run was to run it and did not come to it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub not_run: bool,
}

impl Entry {
    /// Whether it did not end as expected.
    pub fn failed(&self) -> bool {
        matches!(self.outcome.as_str(), "failed" | "broken" | "fault")
    }

    /// How long the spec took.
    pub fn duration(&self) -> Duration {
        Duration::from_millis(self.milliseconds)
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct File {
    version: u32,
    /// The folder that names are from, for whoever looks at the file.
    folder: PathBuf,
    specs: BTreeMap<String, Entry>,
}

/// The histories of the specs of a run.
#[derive(Debug, Default)]
pub struct History {
    place: Place,
    /// By the folder that names are from.
    known: BTreeMap<PathBuf, BTreeMap<String, Entry>>,
    notes: Vec<String>,
}

impl History {
    /// Reads what is known of these specs.
    pub fn read(place: Place, specs: &[Found]) -> Self {
        let mut history = History {
            place,
            ..History::default()
        };
        for found in specs {
            let folder = history.folder(found);
            if !history.known.contains_key(&folder) {
                let entries = history.load(&folder);
                history.known.insert(folder, entries);
            }
        }
        history
    }

    /// What is known of a spec.
    pub fn entry(&self, found: &Found) -> Option<&Entry> {
        let folder = self.folder(found);
        self.known.get(&folder)?.get(&name_of(found, &folder))
    }

    /// Whether nothing at all is known.
    pub fn is_empty(&self) -> bool {
        self.known.values().all(BTreeMap::is_empty)
    }

    /// What was wrong with a history that is now ignored, and where the history is
    /// not kept.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Keeps how these specs ended.
    pub fn record<'a>(&mut self, reports: impl IntoIterator<Item = (&'a Found, &'a SpecReport)>) {
        let mut news: BTreeMap<PathBuf, BTreeMap<String, Entry>> = BTreeMap::new();
        for (found, report) in reports {
            let folder = self.folder(found);
            let name = name_of(found, &folder);
            let before = self.entry(found);
            if let Some(entry) = entry_of(report, before) {
                news.entry(folder).or_default().insert(name, entry);
            }
        }
        for (folder, entries) in news {
            if let Some(file) = self.file_to_write(&folder)
                && let Err(error) = self.merge(&file, &folder, &entries)
            {
                self.notes.push(format!(
                    "{}: the history is not kept: {error}",
                    file.display()
                ));
            }
            self.known.entry(folder).or_default().extend(entries);
        }
    }

    /// The folder that the names of a spec's history are from.
    fn folder(&self, found: &Found) -> PathBuf {
        if let Place::Files { .. } = self.place {
            return std::env::current_dir().unwrap_or_default();
        }
        let file = found.suite.file.as_ref().unwrap_or(&found.path);
        let folder = absolute(file);
        folder.parent().unwrap_or(Path::new("/")).to_owned()
    }

    fn load(&mut self, folder: &Path) -> BTreeMap<String, Entry> {
        let files = match &self.place {
            Place::Cache => cache_file(folder).into_iter().collect(),
            Place::Files { read, .. } => read.clone(),
            Place::Off => Vec::new(),
        };
        let mut entries = BTreeMap::new();
        for file in files {
            match load(&file) {
                Ok(found) => entries.extend(found),
                // The first run of all has none, and a cache that cannot be read
                // is as good as none.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) if self.place == Place::Cache && error.raw_os_error().is_some() => {}
                Err(error) => self
                    .notes
                    .push(format!("{}: history ignored: {error}", file.display())),
            }
        }
        entries
    }

    fn file_to_write(&self, folder: &Path) -> Option<PathBuf> {
        match &self.place {
            Place::Cache => cache_file(folder),
            Place::Files { write, .. } => write.clone(),
            Place::Off => None,
        }
    }

    /// Writes the entries over those in the file, which another run may have
    /// changed by now.
    fn merge(
        &self,
        file: &Path,
        folder: &Path,
        entries: &BTreeMap<String, Entry>,
    ) -> io::Result<()> {
        // Where it was started from files, those are kept with it.
        let mut specs = match load(file) {
            Ok(specs) => specs,
            Err(_) if matches!(self.place, Place::Cache) => BTreeMap::new(),
            Err(_) => self.known.get(folder).cloned().unwrap_or_default(),
        };
        specs.extend(entries.clone());
        // What is gone is forgotten, so that the file does not grow for ever.
        specs.retain(|name, _| folder.join(name).exists());
        let content = File {
            version: VERSION,
            folder: folder.to_owned(),
            specs,
        };
        let place = match file.parent() {
            Some(place) if place != Path::new("") => place,
            _ => Path::new("."),
        };
        std::fs::create_dir_all(place)?;
        let mut temporary = tempfile::NamedTempFile::new_in(place)?;
        serde_json::to_writer_pretty(&mut temporary, &content)?;
        temporary.write_all(b"\n")?;
        temporary.persist(file)?;
        Ok(())
    }
}

/// What a report says for the history, if anything.
fn entry_of(report: &SpecReport, before: Option<&Entry>) -> Option<Entry> {
    match report.outcome {
        // It was to run and did not: what is known of it stays.
        Outcome::Interrupted | Outcome::NotRun(_) => Some(Entry {
            not_run: true,
            ..before.cloned().unwrap_or(Entry {
                outcome: "not-run".into(),
                milliseconds: 0,
                not_run: true,
            })
        }),
        _ => Some(Entry {
            outcome: report.outcome.word().to_owned(),
            milliseconds: u64::try_from(report.duration.as_millis()).unwrap_or(u64::MAX),
            not_run: false,
        }),
    }
}

fn load(file: &Path) -> io::Result<BTreeMap<String, Entry>> {
    let text = std::fs::read_to_string(file)?;
    let content: File = serde_json::from_str(&text)?;
    if content.version != VERSION {
        let message = format!("its version is {}, not {VERSION}", content.version);
        return Err(io::Error::other(message));
    }
    Ok(content.specs)
}

fn name_of(found: &Found, folder: &Path) -> String {
    let path = absolute(&found.path);
    path.strip_prefix(folder)
        .unwrap_or(&path)
        .to_string_lossy()
        .into_owned()
}

fn absolute(path: &Path) -> PathBuf {
    path.canonicalize()
        .or_else(|_| std::path::absolute(path))
        .unwrap_or_else(|_| path.to_owned())
}

/// The file for the specs of a folder: readable by its start, told apart by its end.
fn cache_file(folder: &Path) -> Option<PathBuf> {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let hash = fnv(folder.as_os_str().as_encoded_bytes());
    Some(cache()?.join(format!("history/{name}-{hash:016x}.json")))
}

fn cache() -> Option<PathBuf> {
    let absolute = |name| {
        let path = PathBuf::from(std::env::var_os(name)?);
        path.is_absolute().then_some(path)
    };
    let shared = absolute("XDG_CACHE_HOME").or_else(|| {
        let home = absolute("HOME")?;
        let below = if cfg!(target_os = "macos") {
            "Library/Caches"
        } else {
            ".cache"
        };
        Some(home.join(below))
    });
    Some(shared?.join("harness"))
}

/// The 64-bit FNV-1a hash, the same in every release of the compiler.
pub(crate) fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec;
    use crate::suite::SuiteFile;
    use std::sync::Arc;

    fn found(path: PathBuf) -> Found {
        std::fs::write(&path, "").unwrap();
        let suite = Arc::new(SuiteFile::default());
        Found {
            spec: spec::read(&path, &suite.vocabulary()),
            path,
            suite,
            is_part: false,
        }
    }

    fn report(found: &Found, outcome: Outcome) -> SpecReport {
        let mut report = SpecReport::without_run(&found.path, outcome);
        report.duration = Duration::from_millis(20);
        report
    }

    #[test]
    fn kept_and_merged() {
        let root = tempfile::tempdir().unwrap();
        let specs = [
            found(root.path().join("a.md")),
            found(root.path().join("b.md")),
        ];
        let file = root.path().join("deep/history.json");
        let place = Place::Files {
            read: vec![file.clone()],
            write: Some(file.clone()),
        };
        let mut first = History::read(place.clone(), &specs);
        let mut second = History::read(place.clone(), &specs);
        first.record([(&specs[0], &report(&specs[0], Outcome::Failed))]);
        second.record([(&specs[1], &report(&specs[1], Outcome::Passed))]);
        let mut third = History::read(place.clone(), &specs);
        assert!(third.entry(&specs[0]).unwrap().failed());
        assert!(!third.entry(&specs[1]).unwrap().failed());
        third.record([(&specs[0], &report(&specs[0], Outcome::Interrupted))]);
        let entry = third.entry(&specs[0]).unwrap();
        assert!(entry.failed() && entry.not_run);
        assert_eq!(entry.duration(), Duration::from_millis(20));
        assert!(third.notes().is_empty());
    }

    #[test]
    fn a_damaged_one_is_ignored() {
        let root = tempfile::tempdir().unwrap();
        let specs = [found(root.path().join("a.md"))];
        let file = root.path().join("h.json");
        let place = Place::Files {
            read: vec![file.clone()],
            write: Some(file.clone()),
        };
        for text in [
            "{",
            "[]",
            r#"{"version": 9, "folder": "/", "specs": {}}"#,
            "\0",
        ] {
            std::fs::write(&file, text).unwrap();
            let mut history = History::read(place.clone(), &specs);
            assert!(history.is_empty());
            assert!(history.notes()[0].contains("history ignored"), "{text}");
            history.record([(&specs[0], &report(&specs[0], Outcome::Passed))]);
            assert!(!History::read(place.clone(), &specs).is_empty());
        }
    }

    #[test]
    fn one_that_cannot_be_written_is_a_note() {
        let root = tempfile::tempdir().unwrap();
        let specs = [found(root.path().join("a.md"))];
        let place = Place::Files {
            read: Vec::new(),
            write: Some(specs[0].path.join("below-a-file")),
        };
        let mut history = History::read(place, &specs);
        history.record([(&specs[0], &report(&specs[0], Outcome::Passed))]);
        assert!(history.notes()[0].contains("not kept"));
    }
}
