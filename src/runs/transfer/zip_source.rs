//! A zip file with runs: which there are, and what listings need of them.
//!
//! A run is read from files, so those that a listing looks at are extracted, few
//! and small as they are, to a scratch folder that goes with the [`ZipSource`].

use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use zip::ZipArchive;
use zip::result::ZipError;

use super::scratch::{Scratch, clear_stale};
use super::zip_entry::{self, Entry, Kind};
use super::{Error, Observer, Result, zip_check, zip_extract};
use crate::base::files;
use crate::runs::{Run, Store};

/// What is known of the runs of a zip file; each includes those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// What they are of, and when they were started.
    Times,
    /// Attributes and status.
    Attributes,
    /// Scalars and logged attributes.
    Events,
}

impl Depth {
    /// The largest file that is extracted to be listed, in bytes.
    fn limit(self) -> u64 {
        match self {
            Self::Times | Self::Attributes => 16 << 20,
            Self::Events => 1 << 30,
        }
    }
}

/// An open zip file with runs.
#[derive(Debug)]
pub struct ZipSource {
    pub(super) path: PathBuf,
    pub(super) archive: ZipArchive<BufReader<File>>,
    pub(super) entries: Vec<Entry>,
    /// The entries of each run, by its id.
    pub(super) runs: BTreeMap<String, Vec<usize>>,
    shown: PathBuf,
    scratch: Scratch,
    extracted: HashSet<usize>,
}

impl ZipSource {
    /// Opens the zip file at `path`, checks every entry, and makes a scratch
    /// folder in `temporary`. Messages and listings name the file as `shown`.
    ///
    /// # Errors
    /// The file cannot be read, is no zip file or a damaged one, or has an entry
    /// that it is not safe or not possible to extract.
    pub fn open(path: &Path, shown: &Path, temporary: &Path) -> Result<Self> {
        let file = files::open(path)?;
        let mut archive =
            ZipArchive::new(BufReader::new(file)).map_err(|error| zip_error(path, error))?;
        if archive.has_duplicate_names() {
            return Err(Error::DamagedZip("two entries have one name".to_string()));
        }
        if archive
            .has_overlapping_files()
            .map_err(|error| zip_error(path, error))?
        {
            return Err(Error::DamagedZip("entries share their data".to_string()));
        }
        let entries = read_entries(path, &mut archive)?;
        zip_check::entries(&entries)?;
        clear_stale(temporary);
        Ok(Self {
            path: path.to_path_buf(),
            archive,
            runs: runs_of(&entries),
            entries,
            shown: shown.to_path_buf(),
            scratch: Scratch::make(temporary)?,
            extracted: HashSet::new(),
        })
    }

    /// The runs, latest first, of which `depth` is known. What cannot be read is
    /// missing, with a remark.
    ///
    /// # Errors
    /// The scratch folder cannot be written.
    pub fn list(&mut self, depth: Depth, observer: &dyn Observer) -> Result<Vec<Run>> {
        let ids: Vec<String> = self.runs.keys().cloned().collect();
        for id in &ids {
            self.learn(id, depth, observer)?;
        }
        let runs = self.store().list()?;
        let shown = |run: Run| {
            let place = format!("{}:{}", self.shown.display(), run.id());
            run.shown_as(place)
        };
        Ok(runs.into_iter().map(shown).collect())
    }

    /// The folder that the runs are read from.
    pub fn store(&self) -> Store {
        Store::new(self.scratch.dir())
    }

    /// Learns `depth` of the run `id`.
    ///
    /// # Errors
    /// As [`ZipSource::list`].
    pub fn learn(&mut self, id: &str, depth: Depth, observer: &dyn Observer) -> Result<()> {
        let Some(indexes) = self.runs.get(id) else {
            return Ok(());
        };
        for &index in indexes {
            let entry = &self.entries[index];
            let wanted = needed(entry).is_some_and(|needed| needed <= depth);
            if !wanted || !self.extracted.insert(index) {
                continue;
            }
            let target = self.scratch.dir().join(&entry.path);
            if entry.kind == Kind::Folder {
                files::create_dir_all(&target)?;
                continue;
            }
            if entry.size > depth.limit() {
                let name = entry.path.display();
                observer.remark(&format!("{name} is too large to be read, skipping"));
                continue;
            }
            if let Some(folder) = target.parent() {
                files::create_dir_all(folder)?;
            }
            match zip_extract::file(&mut self.archive, entry, &target, observer) {
                Err(error @ Error::Entry { .. }) => {
                    files::remove_if_exists(&target)?;
                    observer.remark(&format!("cannot read {}: {error}", self.shown.display()));
                }
                other => other?,
            }
        }
        Ok(())
    }
}

fn read_entries(path: &Path, archive: &mut ZipArchive<BufReader<File>>) -> Result<Vec<Entry>> {
    let mut entries = Vec::with_capacity(archive.len());
    for index in 0..archive.len() {
        let file = archive
            .by_index_raw(index)
            .map_err(|error| zip_error(path, error))?;
        let Some(place) = zip_check::path(file.name_raw())? else {
            continue;
        };
        let name = place.display().to_string();
        entries.push(zip_entry::read(file, index, &name, place)?);
    }
    Ok(entries)
}

/// The numbers of the entries of each run: of each folder at the top with an
/// `opref`, as in a folder of runs.
fn runs_of(entries: &[Entry]) -> BTreeMap<String, Vec<usize>> {
    let mut tops: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    let mut ids = HashSet::new();
    for (index, entry) in entries.iter().enumerate() {
        let Some(top) = entry.path.iter().next().and_then(|name| name.to_str()) else {
            continue;
        };
        tops.entry(top.to_string()).or_default().push(index);
        if parts(entry) == [".guild", "opref"] && entry.kind == Kind::File {
            ids.insert(top.to_string());
        }
    }
    tops.retain(|top, _| ids.contains(top) && !top.starts_with('.'));
    tops
}

/// The names on the way from the run to the entry.
fn parts(entry: &Entry) -> Vec<&str> {
    let names = entry.path.iter().skip(1);
    names.filter_map(|name| name.to_str()).collect()
}

/// From which depth on an entry is looked at.
fn needed(entry: &Entry) -> Option<Depth> {
    let parts = parts(entry);
    match (&entry.kind, parts.as_slice()) {
        (Kind::Folder, [".guild", "proto"]) => Some(Depth::Attributes),
        (Kind::File, [".guild", "opref"] | [".guild", "attrs", "started" | "initialized"]) => {
            Some(Depth::Times)
        }
        (
            Kind::File,
            [
                ".guild",
                "PENDING" | "STAGED" | "LOCK" | "LOCK.remote" | "LOCK.process",
            ]
            | [".guild", "attrs", _]
            | [".guild", "proto", ".guild", "opref"]
            | [".guild", "proto", ".guild", "attrs", _],
        ) => Some(Depth::Attributes),
        (Kind::File, [.., name]) if name.contains("tfevents") => Some(Depth::Events),
        _ => None,
    }
}

/// What the reader of zip files objects to.
pub(super) fn zip_error(path: &Path, error: ZipError) -> Error {
    match error {
        ZipError::Io(source) if source.kind() == std::io::ErrorKind::UnexpectedEof => {
            Error::DamagedZip("it ends too early".to_string())
        }
        ZipError::Io(source) => files::Error::new("read", path, source).into(),
        ZipError::InvalidArchive(reason)
            if reason.contains("EOCD") || reason.contains("end of central") =>
        {
            Error::NotZip
        }
        ZipError::InvalidArchive(reason) => Error::DamagedZip(reason.into_owned()),
        other => Error::DamagedZip(other.to_string()),
    }
}
