//! The files that `guild diff --matrix` compares: by size where that is enough,
//! else by what is in them.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::io;
use std::path::{Component, Path, PathBuf};

use walkdir::WalkDir;

use super::diff_matrix::{Row, differ};
use super::ls::natural_path_cmp;
use crate::base::{digest, files};
use crate::cli::listing::Shown;
use crate::runs::EntryKind;

/// How many digits of a SHA-1 are shown.
const DIGITS: usize = 8;

/// What is shown of a file that cannot be read.
const UNREADABLE: &str = "?";

/// The files of a run that are compared with those of others.
#[derive(Debug)]
pub(super) struct Listing {
    /// The folder that they are in.
    root: PathBuf,
    /// Their paths below it, with the SHA-1 of those that were copied from the
    /// project.
    files: BTreeMap<PathBuf, Option<String>>,
}

impl Listing {
    /// What the run printed.
    pub(super) fn output(run: &Shown<'_>) -> Self {
        let root = run.run().dir().to_path_buf();
        let path = run.run().output_path();
        let path = path.strip_prefix(&root).unwrap_or(&path).to_path_buf();
        let files = [(path, None)].into();
        Self { root, files }
    }

    /// The source code at `paths`, all of it where there are none.
    pub(super) fn source(run: &Shown<'_>, paths: &[OsString]) -> Self {
        let mut listing = Self::of(run, run.run().source_dir(), paths);
        // Other files are listed only where it is not known which ones they are.
        if run.run().manifest().is_ok() {
            listing.files.retain(|_, sha1| sha1.is_some());
        }
        listing
    }

    /// All files at `paths`; without, all but those that guild keeps for itself.
    pub(super) fn all(run: &Shown<'_>, paths: &[OsString]) -> Self {
        Self::of(run, run.run().dir().to_path_buf(), paths)
    }

    fn of(run: &Shown<'_>, root: PathBuf, paths: &[OsString]) -> Self {
        let manifest = run.or_default(run.run().manifest());
        let mut found = BTreeSet::new();
        if paths.is_empty() {
            let own = run.run().events_dir();
            find(&root, &root, &|path| path != own, run, &mut found);
        }
        for path in paths {
            let parts = Path::new(path).components();
            let parts = parts.filter(|part| !matches!(part, Component::CurDir));
            let start = root.join(parts.collect::<PathBuf>());
            find(&root, &start, &|_| true, run, &mut found);
        }
        let sha1 = |path: &Path| {
            let path = path.strip_prefix(run.run().dir()).ok()?;
            let entry = manifest.get(path.to_str()?)?;
            let is_source = entry.kind == EntryKind::SourceCode;
            entry.sha1.clone().filter(|_| is_source)
        };
        let files = found.into_iter().map(|path| {
            let below = path.strip_prefix(&root).unwrap_or(&path);
            (below.to_path_buf(), sha1(&path))
        });
        Self {
            files: files.collect(),
            root,
        }
    }
}

/// Adds to `found` what is at `start`, in the folder `root`, and below it, but for
/// folders; `is_wanted` says of what. Links are not followed, but for `root` itself.
fn find(
    root: &Path,
    start: &Path,
    is_wanted: &dyn Fn(&Path) -> bool,
    run: &Shown<'_>,
    found: &mut BTreeSet<PathBuf>,
) {
    let walk = WalkDir::new(start)
        .follow_root_links(start == root)
        .into_iter();
    for entry in walk.filter_entry(|entry| is_wanted(entry.path())) {
        match entry {
            Ok(entry) if entry.file_type().is_dir() => {}
            Ok(entry) => {
                found.insert(entry.into_path());
            }
            Err(error) => {
                let path = error.path().unwrap_or(start).to_path_buf();
                // What is not there is no file; a run that is running removes some.
                let error = error.into_io_error().filter(|error| !is_missing(error));
                if let Some(error) = error {
                    run.fault(&files::Error::new("read", &path, error));
                }
            }
        }
    }
}

fn is_missing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

/// The rows of files that are not the same in all `runs`, of which `listings` are
/// those to compare.
pub(super) fn rows(runs: &[Shown<'_>], listings: &[Listing]) -> Vec<Row> {
    let paths: BTreeSet<&PathBuf> = listings.iter().flat_map(|it| it.files.keys()).collect();
    let mut paths: Vec<&PathBuf> = paths.into_iter().collect();
    paths.sort_by(|left, right| natural_path_cmp(left, right));
    let row = |path: &PathBuf| {
        let found: Vec<Found<'_>> = runs
            .iter()
            .zip(listings)
            .map(|(run, listing)| Found::at(path, listing, run))
            .collect();
        cells(&found, runs).map(|cells| Row {
            name: path.display().to_string(),
            cells,
        })
    };
    paths.into_iter().filter_map(row).collect()
}

/// What a run has at a path.
enum Found<'a> {
    File {
        path: PathBuf,
        size: u64,
        sha1: Option<&'a str>,
    },
    /// What is no file, in words; nothing where there is nothing.
    Other(String),
}

impl<'a> Found<'a> {
    fn at(below: &Path, listing: &'a Listing, run: &Shown<'_>) -> Self {
        let Some(sha1) = listing.files.get(below) else {
            return Self::Other(String::new());
        };
        let path = listing.root.join(below);
        let other = |text: &str| Self::Other(text.to_string());
        let meta = match path.symlink_metadata() {
            Ok(meta) => meta,
            Err(error) if is_missing(&error) => return other(""),
            Err(error) => {
                run.fault(&files::Error::new("read", &path, error));
                return other(UNREADABLE);
            }
        };
        if meta.is_file() {
            return Self::File {
                path,
                size: meta.len(),
                sha1: sha1.as_deref(),
            };
        }
        match std::fs::read_link(&path) {
            Ok(target) => Self::Other(format!("-> {}", target.display())),
            Err(_) => other("no file"),
        }
    }

    fn sha1(&self) -> Option<&'a str> {
        match self {
            Self::File { sha1, .. } => *sha1,
            Self::Other(_) => None,
        }
    }

    fn size(&self) -> Option<u64> {
        match self {
            Self::File { size, .. } => Some(*size),
            Self::Other(_) => None,
        }
    }
}

/// What is shown of a path that is not the same in all runs.
fn cells(found: &[Found<'_>], runs: &[Shown<'_>]) -> Option<Vec<String>> {
    let sizes: Vec<u64> = found.iter().filter_map(Found::size).collect();
    let distinct: BTreeSet<u64> = sizes.iter().copied().collect();
    let known: BTreeSet<&str> = found.iter().filter_map(Found::sha1).collect();
    // A run that changed its source code has another size than the manifest's
    // file; whether it has the same is not looked at.
    let is_known = known.len() >= distinct.len();
    let by_content = !known.is_empty() || distinct.len() < sizes.len();
    let values: Vec<String> = found
        .iter()
        .zip(runs)
        .map(|(found, run)| match found {
            Found::Other(text) => text.clone(),
            Found::File { size, .. } if !by_content => format!("{size} bytes"),
            Found::File {
                sha1: Some(sha1), ..
            } if is_known => (*sha1).to_string(),
            Found::File { path, .. } => digest::sha1_of_file(path).unwrap_or_else(|error| {
                run.fault(&error);
                UNREADABLE.to_string()
            }),
        })
        .collect();
    differ(&values).then(|| {
        let short = |(value, found): (String, &Found<'_>)| match found {
            Found::File { .. } if by_content => value.chars().take(DIGITS).collect(),
            _ => value,
        };
        values.into_iter().zip(found).map(short).collect()
    })
}
