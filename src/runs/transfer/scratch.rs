//! Folders in which runs are put together before they are shown, and which do
//! not outlive the program.

use std::ffi::OsStr;
use std::fs::{DirBuilder, File};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use nix::fcntl::{Flock, FlockArg};

use super::Result;
use crate::base::{file_copy, files};

/// How their names start. Runs lie one level deeper than in a folder of runs, so
/// that no program takes one for a run.
const PREFIX: &str = ".guild-transfer-";

/// A folder that is removed when dropped. While it is in use it is locked, so
/// that one left behind by a killed program can be told from one in use.
#[derive(Debug)]
pub(super) struct Scratch {
    dir: PathBuf,
    _lock: Flock<File>,
}

impl Scratch {
    /// A new empty folder in `parent`, for this user's eyes only.
    ///
    /// # Errors
    /// It cannot be made or locked.
    pub(super) fn make(parent: &Path) -> Result<Self> {
        loop {
            let name = format!("{PREFIX}{}", uuid::Uuid::new_v4().simple());
            let dir = parent.join(name);
            DirBuilder::new()
                .mode(0o700)
                .create(&dir)
                .map_err(|source| files::Error::new("create folder", &dir, source))?;
            match lock(&dir) {
                // Another program may have taken it for a left one just before.
                Ok(Some(lock)) if dir.exists() => return Ok(Self { dir, _lock: lock }),
                Ok(_) => {}
                Err(error) if error.is_not_found() => {}
                Err(error) => {
                    // What is wrong with the lock is what the user must hear of.
                    let _ = file_copy::remove_tree(&dir);
                    return Err(error.into());
                }
            }
        }
    }

    /// The folder.
    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Whatever stays is removed by the next transfer to the same place.
        let _ = file_copy::remove_tree(&self.dir);
    }
}

/// Removes what killed programs left in `parent`.
pub(super) fn clear_stale(parent: &Path) {
    let names = files::names(parent).unwrap_or_default();
    for name in names.iter().filter(|name| is_name(name)) {
        let dir = parent.join(name);
        let ours = dir
            .symlink_metadata()
            .is_ok_and(|meta| meta.is_dir() && meta.uid() == nix::unistd::geteuid().as_raw());
        // One that is in use, or that cannot be removed, stays.
        if ours && matches!(lock(&dir), Ok(Some(_))) {
            let _ = file_copy::remove_tree(&dir);
        }
    }
}

/// Whether a folder is one of these by its name.
pub(super) fn is_name(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(PREFIX.as_bytes())
}

/// The lock of the folder at `dir`; none where another process has it.
fn lock(dir: &Path) -> files::Result<Option<Flock<File>>> {
    let error = |source| files::Error::new("lock", dir, source);
    let file = File::open(dir).map_err(error)?;
    match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
        Ok(lock) => Ok(Some(lock)),
        Err((_, nix::errno::Errno::EWOULDBLOCK)) => Ok(None),
        Err((_, errno)) => Err(error(errno.into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_in_use_stays_and_one_left_behind_goes() {
        let dir = tempfile::tempdir().unwrap();
        let used = Scratch::make(dir.path()).unwrap();
        let left = dir.path().join(format!("{PREFIX}left"));
        std::fs::create_dir_all(left.join("run/.guild")).unwrap();
        std::fs::write(dir.path().join(format!("{PREFIX}file")), "").unwrap();
        clear_stale(dir.path());
        assert!(used.dir().is_dir());
        assert!(!left.exists());
        assert!(dir.path().join(format!("{PREFIX}file")).exists());
        let path = used.dir().to_path_buf();
        drop(used);
        assert!(!path.exists());
    }
}
