//! Where a run is, and asking the system about what is below it.

use std::cell::RefCell;
use std::io;
use std::path::{Path, PathBuf};

use crate::base::folder::Folder;
use crate::base::stamp::Stamp;

/// Where a run is.
pub(super) struct Place<'a> {
    run_dir: &'a Path,
    /// A folder above, open, and the way from there: the system need not walk the
    /// whole path each time.
    from: Option<(&'a Folder, &'a str)>,
    /// Where paths are put together.
    path: RefCell<Vec<u8>>,
}

impl<'a> Place<'a> {
    /// The run in `run_dir`, which is at a path below an open folder.
    pub(super) fn new(run_dir: &'a Path, from: Option<(&'a Folder, &'a str)>) -> Self {
        Self {
            run_dir,
            from,
            path: RefCell::default(),
        }
    }

    /// The run directory.
    pub(super) fn run_dir(&self) -> &'a Path {
        self.run_dir
    }

    /// The path of `parts` below the run directory.
    pub(super) fn path(&self, parts: [&str; 2]) -> PathBuf {
        let mut path = self.run_dir.to_path_buf();
        path.extend(parts.iter().filter(|part| !part.is_empty()));
        path
    }

    /// The stamp of what is there.
    pub(super) fn stamp(&self, parts: [&str; 2]) -> io::Result<Stamp> {
        let Some((folder, way)) = self.from else {
            return Ok(Stamp::of(&self.path(parts).metadata()?));
        };
        let mut path = self.path.borrow_mut();
        path.clear();
        path.extend_from_slice(way.as_bytes());
        for part in parts.iter().filter(|part| !part.is_empty()) {
            path.push(b'/');
            path.extend_from_slice(part.as_bytes());
        }
        folder.stamp(&path)
    }
}
