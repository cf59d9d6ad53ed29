//! Copies of files that take their place in one step.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

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
    /// folder of `target`, which is left as it is.
    ///
    /// # Errors
    /// `source` cannot be read; the folder cannot be written.
    pub fn new(source: &Path, target: &Path) -> files::Result<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        // Not made from the name of the target, which may be as long as names get.
        let name = format!(".guild-{}-{count}.tmp", std::process::id());
        let mut from = files::open(source)?;
        let staged = Self {
            temporary: target.with_file_name(name),
            target: target.to_path_buf(),
        };
        staged
            .fill(&mut from)
            .map_err(|source| Error::new("write", target, source))?;
        Ok(staged)
    }

    fn fill(&self, from: &mut File) -> io::Result<()> {
        let mode = from.metadata()?.permissions().mode() & 0o777;
        // Nobody else reads what may be a private file before its bits are set.
        let mut to = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&self.temporary)?;
        io::copy(from, &mut to)?;
        to.set_permissions(Permissions::from_mode(mode))
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

    #[test]
    fn a_copy_takes_its_place_whole_and_leaves_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let source = dir.path().join("source");
        let target = dir.path().join("target");
        fs::write(&source, "new").unwrap();
        fs::set_permissions(&source, Permissions::from_mode(0o750)).unwrap();
        assert!(StagedCopy::new(&source, &target).unwrap().place().unwrap());
        fs::write(&target, "changed").unwrap();
        assert!(!StagedCopy::new(&source, &target).unwrap().place().unwrap());
        drop(StagedCopy::new(&source, &target).unwrap());
        assert_eq!(fs::read(&target).unwrap(), b"changed");
        StagedCopy::new(&source, &target)
            .unwrap()
            .replace()
            .unwrap();
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
        let staged = StagedCopy::new(&source, &target).unwrap();
        let message = staged.replace().unwrap_err().to_string();
        assert!(message.contains("folder"), "{message}");
        let missing = StagedCopy::new(&dir.path().join("no"), &target).unwrap_err();
        assert!(missing.is_not_found());
        assert_eq!(files::list_dir(dir.path()).unwrap().len(), 2);
    }
}
