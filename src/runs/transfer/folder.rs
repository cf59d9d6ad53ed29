//! A folder of runs as the place that runs are taken to.

use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::scratch::{Scratch, clear_stale};
use super::{Error, Manner, Observer, Outcome, Result, check_apart, tree};
use crate::base::{file_copy, files};
use crate::runs::{Run, Store};

/// The file that keeps Guild AI from copying a folder of runs as source code.
const NO_COPY: &str = ".guild-nocopy";

/// A folder of runs that takes runs.
#[derive(Debug)]
pub struct Folder {
    store: Store,
    scratch: Option<Scratch>,
}

impl Folder {
    /// The folder at `dir`, made where missing. What a killed program left
    /// there goes.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn open(dir: impl Into<PathBuf>) -> Result<Self> {
        let store = Store::new(dir);
        files::create_dir_all(store.dir())?;
        clear_stale(store.dir());
        Ok(Self {
            store,
            scratch: None,
        })
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        self.store.dir()
    }

    /// Marks the folder as one that is no source code.
    ///
    /// # Errors
    /// The mark cannot be made.
    pub fn mark_as_export(&self) -> Result<()> {
        files::write_new(&self.store.dir().join(NO_COPY), b"")?;
        Ok(())
    }

    /// Whether something named `id` is there, a run or not.
    pub fn has(&self, id: &str) -> bool {
        self.store.dir().join(id).symlink_metadata().is_ok()
    }

    /// Takes `run`, which lies in another folder.
    ///
    /// # Errors
    /// Something cannot be read or written, or the transfer is asked to end. The
    /// folder then has nothing of the run, and the run is where it was.
    pub fn take(&mut self, run: &Run, manner: Manner, observer: &dyn Observer) -> Result<Outcome> {
        if self.has(run.id()) {
            return Ok(Outcome::Exists);
        }
        check_apart(run, self.store.dir())?;
        // A link to a run kept elsewhere would lead nowhere from another place.
        if manner.moves && !manner.copies_resources && !run.dir().is_symlink() {
            match put(run.dir(), &self.store.dir().join(run.id())) {
                Err(Error::File(error)) if is_other_device(&error.source) => {}
                other => return other,
            }
        }
        let dir = self.store.dir().to_path_buf();
        let outcome = self.place(run.id(), |target| {
            tree::copy(run.dir(), target, (manner, &dir), observer)
        })?;
        if manner.moves && outcome == Outcome::Done {
            // Both are there until here; the copy must outlive a loss of power.
            file_copy::sync_file_system(self.store.dir())?;
            remove_source(run)?;
        }
        Ok(outcome)
    }

    /// Moves `run` here from another disk. A run of its id that is here is renamed
    /// to `ID_XXXXXXXX`.
    ///
    /// # Errors
    /// As [`Folder::take`].
    pub fn replace(&mut self, run: &Run, observer: &dyn Observer) -> Result<()> {
        let target = self.store.dir().join(run.id());
        if self.has(run.id()) {
            let suffix = &uuid::Uuid::new_v4().simple().to_string()[..8];
            let aside = format!("{}_{suffix}", run.id());
            files::rename(&target, &self.store.dir().join(aside))?;
        }
        let manner = Manner {
            moves: true,
            copies_resources: false,
        };
        self.take(run, manner, observer).map(drop)
    }

    /// Has `fill` make the run `id` in a folder that does not exist yet, and
    /// takes it if it is one.
    ///
    /// # Errors
    /// As `fill`; what it made is no run.
    pub(super) fn place(
        &mut self,
        id: &str,
        fill: impl FnOnce(&Path) -> Result<()>,
    ) -> Result<Outcome> {
        let scratch = match self.scratch.take() {
            Some(scratch) => scratch,
            None => Scratch::make(self.store.dir())?,
        };
        let made = scratch.dir().join(id);
        // On an error the scratch folder is dropped, with the part of the run.
        fill(&made)?;
        if !Run::at(&made).exists() {
            return Err(Error::Vanished(id.to_string()));
        }
        let outcome = put_writable(&made, &self.store.dir().join(id))?;
        if outcome == Outcome::Done {
            self.scratch = Some(scratch);
        }
        Ok(outcome)
    }
}

/// As [`put`], for a folder that may not be written, which cannot be moved either.
fn put_writable(from: &Path, to: &Path) -> Result<Outcome> {
    let read = from
        .metadata()
        .map_err(|source| files::Error::new("read", from, source))?;
    let mode = read.permissions().mode();
    let is_writable = mode & 0o300 == 0o300;
    if !is_writable {
        file_copy::set_attributes(from, mode | 0o700, None)?;
    }
    let outcome = put(from, to)?;
    if !is_writable && outcome == Outcome::Done {
        file_copy::set_attributes(to, mode, None)?;
    }
    Ok(outcome)
}

/// Removes a run that was copied elsewhere.
pub(super) fn remove_source(run: &Run) -> Result<()> {
    let parent = run.dir().parent().unwrap_or(run.dir());
    Ok(Store::new(parent).remove(run)?)
}

/// Renames a whole run to where it belongs, unless something is there.
fn put(from: &Path, to: &Path) -> Result<Outcome> {
    if to.symlink_metadata().is_ok() {
        return Ok(Outcome::Exists);
    }
    match files::rename(from, to) {
        Ok(()) => Ok(Outcome::Done),
        // Another program was faster.
        Err(error) if is_taken(&error.source) => Ok(Outcome::Exists),
        Err(error) => Err(error.into()),
    }
}

fn is_taken(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::DirectoryNotEmpty
            | io::ErrorKind::AlreadyExists
            | io::ErrorKind::NotADirectory
    )
}

fn is_other_device(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::CrossesDevices
}
