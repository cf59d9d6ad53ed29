//! Copies of files that take their place in one step.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::file_copy::{self, OnCopied};
use super::files::{self, Error};

/// A whole copy of a file, under a temporary name beside the place it is for.
/// It goes when it is not put there.
#[derive(Debug)]
pub struct StagedCopy {
    temporary: PathBuf,
    target: PathBuf,
}

impl StagedCopy {
    /// Copies the bytes and the permission bits of the file `source` into the
    /// folder of `target`, which is left as it is. `copied` is told of each part.
    ///
    /// # Errors
    /// `source` cannot be read; the folder cannot be written; what `copied` says.
    pub fn new(source: &Path, target: &Path, copied: OnCopied<'_>) -> files::Result<Self> {
        // Not made from the name of the target, which may be as long as names get,
        // nor from the process id, which what a kill has left may have had.
        let name = format!(".guild-{}.tmp", uuid::Uuid::new_v4().simple());
        let from = files::open(source)?;
        let staged = Self {
            temporary: target.with_file_name(name),
            target: target.to_path_buf(),
        };
        staged
            .fill(&from, copied)
            .map_err(|source| Error::new("write", target, source))?;
        Ok(staged)
    }

    fn fill(&self, from: &File, copied: OnCopied<'_>) -> io::Result<()> {
        let meta = from.metadata()?;
        // Nobody else reads what may be a private file before its bits are set.
        let to = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&self.temporary)?;
        file_copy::copy_contents(from, &to, meta.len(), copied)?;
        to.set_permissions(Permissions::from_mode(meta.permissions().mode() & 0o777))
    }

    /// Puts the copy in the place of whatever file is there.
    ///
    /// # Errors
    /// The folder cannot be written, or something that is no file is there.
    pub fn replace(self) -> files::Result<()> {
        fs::rename(&self.temporary, &self.target)
            .map_err(|source| Error::new("write", &self.target, source))
    }

    /// Puts the copy in its place unless something is there; says whether it did.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn place(self) -> files::Result<bool> {
        match fs::hard_link(&self.temporary, &self.target) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            // Not every file system has links; looking first is second best.
            Err(_) if self.target.symlink_metadata().is_ok() => Ok(false),
            Err(_) => self.replace().map(|()| true),
        }
    }
}

impl Drop for StagedCopy {
    fn drop(&mut self) {
        // It is gone already where it was renamed.
        let _ = fs::remove_file(&self.temporary);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn staged(source: &Path, target: &Path) -> files::Result<StagedCopy> {
        StagedCopy::new(source, target, &mut |_| Ok(()))
    }

    #[test]
    fn a_copy_takes_its_place_whole_and_leaves_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let source = dir.path().join("source");
        let target = dir.path().join("target");
        fs::write(&source, "new").unwrap();
        fs::set_permissions(&source, Permissions::from_mode(0o750)).unwrap();
        assert!(staged(&source, &target).unwrap().place().unwrap());
        fs::write(&target, "changed").unwrap();
        assert!(!staged(&source, &target).unwrap().place().unwrap());
        drop(staged(&source, &target).unwrap());
        assert_eq!(fs::read(&target).unwrap(), b"changed");
        staged(&source, &target).unwrap().replace().unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"new");
        let mode = fs::metadata(&target).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o750);
        assert_eq!(files::list_dir(dir.path()).unwrap().len(), 2);
    }

    #[test]
    fn what_cannot_be_copied_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let source = dir.path().join("source");
        fs::write(&source, "new").unwrap();
        let target = dir.path().join("folder");
        fs::create_dir(&target).unwrap();
        let message = staged(&source, &target)
            .unwrap()
            .replace()
            .unwrap_err()
            .to_string();
        assert!(message.contains("folder"), "{message}");
        let missing = staged(&dir.path().join("no"), &target).unwrap_err();
        assert!(missing.is_not_found());
        assert_eq!(files::list_dir(dir.path()).unwrap().len(), 2);
    }

    #[test]
    fn a_copy_that_is_ended_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let source = dir.path().join("source");
        fs::write(&source, "new").unwrap();
        let mut end = |_| Err(io::Error::other("enough"));
        assert!(StagedCopy::new(&source, &dir.path().join("target"), &mut end).is_err());
        assert_eq!(files::list_dir(dir.path()).unwrap().len(), 1);
    }
}
