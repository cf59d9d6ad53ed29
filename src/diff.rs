//! Differences between two files, or between two folders with all that is in
//! them, as a unified diff: what `diff -r` would say, in colour if wanted.
//!
//! Knows nothing of runs, of terminals and of other programs that show
//! differences. At most two files of a few megabytes are in memory at a time.

mod content;
mod shown;
mod text;
mod tree;

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use shown::Paint;

/// One of the two things that are compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    path: PathBuf,
    only: Option<BTreeSet<PathBuf>>,
}

impl Side {
    /// The file or folder at `path`, whole. A link is followed; those inside a
    /// folder are compared as links.
    pub fn whole(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            only: None,
        }
    }

    /// The files of the folder at `path` that are listed by `only`, relative to
    /// it.
    pub fn files(path: impl Into<PathBuf>, only: BTreeSet<PathBuf>) -> Self {
        Self {
            path: path.into(),
            only: Some(only),
        }
    }

    /// The same, with a relative path taken from the folder `dir`.
    pub fn under(&self, dir: &Path) -> Self {
        Self {
            path: dir.join(&self.path),
            only: self.only.clone(),
        }
    }

    /// The listed files; none where all are compared.
    pub fn only(&self) -> Option<&BTreeSet<PathBuf>> {
        self.only.as_ref()
    }

    /// The file or folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether `below`, relative to the folder, is compared: a listed file, or a
    /// folder on the way to one.
    fn has(&self, below: &Path) -> bool {
        let Some(only) = &self.only else { return true };
        // Paths sort by their parts, so those inside a folder follow it.
        only.range(below.to_path_buf()..)
            .next()
            .is_some_and(|path| path.starts_with(below))
    }
}

/// What it means that a side is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// A fault.
    Fault,
    /// A difference; a fault only if neither side is there.
    Difference,
    /// As much as an empty file.
    Empty,
}

/// What a comparison came across beside differences.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// What could not be compared, and why.
    pub faults: Vec<String>,
    /// Whether files differ that are too large to show how.
    pub too_large: bool,
}

/// Writes how `left` differs from `right`, with colours of a terminal if
/// `colour` says so; nothing where they are the same.
///
/// # Errors
/// `out` cannot be written. What cannot be read is in the outcome.
pub fn compare(
    left: &Side,
    right: &Side,
    missing: Missing,
    colour: bool,
    out: &mut dyn Write,
) -> io::Result<Outcome> {
    let mut comparison = tree::Comparison {
        left,
        right,
        paint: Paint(colour),
        out,
        outcome: Outcome::default(),
    };
    comparison.roots(missing)?;
    Ok(comparison.outcome)
}

#[cfg(test)]
mod tests;
