//! The files of a run that TensorBoard may want to see.

use std::path::{Path, PathBuf};

use crate::base::files;
use crate::runs::Run;

/// A file of a run.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct RunFile {
    /// Its path relative to the run directory.
    pub(super) path: PathBuf,
    /// Whether it is a link.
    pub(super) is_link: bool,
    /// Whether it is one of those that guild keeps about the run.
    pub(super) is_internal: bool,
}

impl RunFile {
    /// Whether it is an event file, by its name.
    pub(super) fn has_events(&self) -> bool {
        let name = self.path.file_name().unwrap_or_default();
        name.to_string_lossy().contains(".tfevents")
    }
}

/// The files of `run`, those of each folder by name. Links to folders are not
/// followed; links to nothing, and what is no file, such as a pipe, are left out.
///
/// # Errors
/// A folder cannot be listed.
pub(super) fn files(run: &Run) -> files::Result<Vec<RunFile>> {
    let mut found = Vec::new();
    walk(run, Path::new(""), &mut found)?;
    Ok(found)
}

fn walk(run: &Run, below: &Path, found: &mut Vec<RunFile>) -> files::Result<()> {
    let dir = run.dir().join(below);
    let mut entries = match files::entries(&dir) {
        // Gone in between.
        Err(error) if error.is_not_found() => return Ok(()),
        entries => entries?,
    };
    entries.sort_by(|left, right| left.0.cmp(&right.0));
    let mut folders = Vec::new();
    for (name, kind) in entries {
        let path = below.join(name);
        if kind.is_dir() {
            folders.push(path);
            continue;
        }
        let place = run.dir().join(&path);
        if kind.is_file() || kind.is_symlink() && place.is_file() {
            found.push(RunFile {
                path,
                is_link: kind.is_symlink(),
                is_internal: place.starts_with(run.events_dir()),
            });
        }
    }
    folders.iter().try_for_each(|path| walk(run, path, found))
}
