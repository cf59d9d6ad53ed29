//! An open folder, and files below it reached from there: the system does not
//! walk the whole path for each, which is much of what opening a small file
//! costs.

use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;

use nix::errno::Errno;
use nix::fcntl::{AtFlags, OFlag, open, openat};
use nix::sys::stat::{FileStat, Mode, SFlag, fstat, fstatat};
use nix::unistd::{AccessFlags, faccessat, read};

use super::files;
use super::stamp::Stamp;

/// A folder that is open.
#[derive(Debug)]
pub struct Folder {
    descriptor: OwnedFd,
}

impl Folder {
    /// Opens the folder at `path`; none where it is missing.
    ///
    /// # Errors
    /// It is there and cannot be opened.
    pub fn open(path: &Path) -> files::Result<Option<Self>> {
        let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
        match open(path, flags, Mode::empty()) {
            Ok(descriptor) => Ok(Some(Self { descriptor })),
            Err(Errno::ENOENT | Errno::ENOTDIR) => Ok(None),
            Err(errno) => Err(files::Error::new("list", path, io::Error::from(errno))),
        }
    }

    /// Whether something is at `path`, the bytes of a path below the folder.
    /// Links are followed.
    pub fn has(&self, path: &[u8]) -> bool {
        faccessat(&self.descriptor, path, AccessFlags::F_OK, AtFlags::empty()).is_ok()
    }

    /// The stamp of what is at `path`, the bytes of a path below the folder. Links are
    /// followed.
    ///
    /// # Errors
    /// Nothing is there, or it cannot be looked at.
    pub fn stamp(&self, path: &[u8]) -> io::Result<Stamp> {
        Ok(fstatat(&self.descriptor, path, AtFlags::empty())?.into())
    }

    /// Whether there is no such name at all, not even that of a link to nothing.
    pub fn lacks(&self, path: &[u8]) -> bool {
        fstatat(&self.descriptor, path, AtFlags::AT_SYMLINK_NOFOLLOW) == Err(Errno::ENOENT)
    }

    /// Whether something is at `path` that is no link to another place.
    pub fn holds(&self, path: &[u8]) -> bool {
        let kind = |stat: FileStat| SFlag::from_bits_truncate(stat.st_mode) & SFlag::S_IFMT;
        fstatat(&self.descriptor, path, AtFlags::AT_SYMLINK_NOFOLLOW)
            .is_ok_and(|stat| kind(stat) != SFlag::S_IFLNK)
    }

    /// The start of the file at `path`, the bytes of a path below the folder: as
    /// much as one read puts into `buffer`. A pipe in the place of a file is
    /// not waited for.
    ///
    /// # Errors
    /// The file is not there or cannot be read.
    pub fn read_start<'a>(&self, path: &[u8], buffer: &'a mut [u8]) -> io::Result<&'a [u8]> {
        let file = self.open_file(path)?;
        let length = read(&file, buffer)?;
        Ok(&buffer[..length])
    }

    /// The same, with the stamp that the file had before it was read.
    ///
    /// # Errors
    /// As [`Self::read_start`].
    pub fn read_start_stamped<'a>(
        &self,
        path: &[u8],
        buffer: &'a mut [u8],
    ) -> io::Result<(Stamp, &'a [u8])> {
        let file = self.open_file(path)?;
        let stamp = fstat(&file)?.into();
        let length = read(&file, buffer)?;
        Ok((stamp, &buffer[..length]))
    }

    fn open_file(&self, path: &[u8]) -> io::Result<OwnedFd> {
        let flags = OFlag::O_RDONLY | OFlag::O_NONBLOCK | OFlag::O_NOCTTY | OFlag::O_CLOEXEC;
        Ok(openat(&self.descriptor, path, flags, Mode::empty())?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_found_below_the_folder() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("a")).unwrap();
        std::fs::write(dir.path().join("a/b"), "text").unwrap();
        std::os::unix::fs::symlink("nowhere", dir.path().join("dangling")).unwrap();
        let folder = Folder::open(dir.path()).unwrap().unwrap();
        assert!(folder.has(b"a/b"));
        assert!(!folder.has(b"a/c"));
        assert!(!folder.has(b"a/b/c"));
        assert!(!folder.has(b"dangling"));
        assert!(!folder.lacks(b"dangling") && !folder.holds(b"dangling"));
        assert!(folder.lacks(b"c") && !folder.holds(b"c"));
        assert!(!folder.lacks(b"a/b") && folder.holds(b"a/b"));
        let mut buffer = [0; 3];
        assert_eq!(folder.read_start(b"a/b", &mut buffer).unwrap(), b"tex");
        assert!(folder.read_start(b"a", &mut buffer).is_err());
        assert!(folder.read_start(b"a/c", &mut buffer).is_err());
    }

    #[test]
    fn a_missing_folder_is_none() {
        let dir = tempfile::tempdir().unwrap();
        assert!(Folder::open(&dir.path().join("x")).unwrap().is_none());
        std::fs::write(dir.path().join("file"), "").unwrap();
        assert!(Folder::open(&dir.path().join("file")).unwrap().is_none());
    }
}
