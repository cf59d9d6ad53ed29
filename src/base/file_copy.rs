//! Copying what is in a file, and what a copy needs besides: times, permission
//! bits, room on the disk, all of it on the disk.

use std::fs::{self, File, FileTimes, Permissions};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::SystemTime;

use super::files::{Error, Result};

/// How much is copied between two reports: enough to keep the system calls few,
/// and a multiple of every block size, so that blocks can be shared.
const CHUNK: u64 = 16 << 20;

/// Told of each part that was copied, in bytes; an error of its ends the copy.
pub type OnCopied<'a> = &'a mut dyn FnMut(u64) -> io::Result<()>;

/// Copies the bytes of `from`, which has `size`, to the new file `to`. Holes stay
/// holes, and blocks are shared where the file system can.
///
/// # Errors
/// What the system says of either file, or what `copied` says.
pub fn copy_contents(from: &File, to: &File, size: u64, copied: OnCopied<'_>) -> io::Result<()> {
    let mut position = 0;
    while let Some((start, end)) = next_data(from, position, size)? {
        copied(start - position)?;
        (&*from).seek(SeekFrom::Start(start))?;
        (&*to).seek(SeekFrom::Start(start))?;
        position = start;
        while position < end {
            // Uses copy_file_range on Linux, which shares blocks where it can.
            let part = CHUNK.min(end - position);
            let count = io::copy(&mut from.take(part), &mut &*to)?;
            position += count;
            copied(count)?;
            if count < part {
                // The file became shorter meanwhile.
                return Ok(());
            }
        }
    }
    copied(size - position)?;
    // A hole at the end is made by the length alone.
    to.set_len(size)
}

/// Where the next bytes at or after `position` are that are no hole.
#[cfg(target_os = "linux")]
fn next_data(file: &File, position: u64, size: u64) -> io::Result<Option<(u64, u64)>> {
    use nix::errno::Errno;
    use nix::unistd::{Whence, lseek};

    if position >= size {
        return Ok(None);
    }
    let seek = |offset: u64, whence| {
        let offset = i64::try_from(offset).map_err(|_| Errno::EOVERFLOW)?;
        lseek(file, offset, whence).map(i64::unsigned_abs)
    };
    match seek(position, Whence::SeekData) {
        Ok(start) => {
            let end = seek(start, Whence::SeekHole).unwrap_or(size);
            Ok((start < size).then_some((start, end.min(size))))
        }
        Err(Errno::ENXIO) => Ok(None),
        // Not every file system knows its holes.
        Err(Errno::EINVAL) => Ok(Some((position, size))),
        Err(errno) => Err(errno.into()),
    }
}

/// As above, where holes are not told.
#[cfg(not(target_os = "linux"))]
fn next_data(_file: &File, position: u64, size: u64) -> io::Result<Option<(u64, u64)>> {
    Ok((position < size).then_some((position, size)))
}

/// Gives the file or folder at `path` the permission bits `mode` and the time of
/// modification `modified`, where given.
pub fn set_attributes(path: &Path, mode: u32, modified: Option<SystemTime>) -> Result<()> {
    let set = || {
        if let Some(modified) = modified {
            let times = FileTimes::new().set_modified(modified);
            File::open(path)?.set_times(times)?;
        }
        fs::set_permissions(path, Permissions::from_mode(mode & 0o7777))
    };
    set().map_err(|source| Error::new("write", path, source))
}

/// Waits until everything on the file system that holds `path` is on the disk.
#[cfg(target_os = "linux")]
pub fn sync_file_system(path: &Path) -> Result<()> {
    File::open(path)
        .and_then(|file| nix::unistd::syncfs(&file).map_err(io::Error::from))
        .map_err(|source| Error::new("write", path, source))
}

/// As above; elsewhere all file systems are written.
#[cfg(not(target_os = "linux"))]
pub fn sync_file_system(_path: &Path) -> Result<()> {
    nix::unistd::sync();
    Ok(())
}

/// The bytes that this user may still write on the file system that holds
/// `path`; none where it does not tell.
#[cfg(target_os = "linux")]
pub fn free_space(path: &Path) -> Option<u64> {
    let told = nix::sys::statvfs::statvfs(path).ok()?;
    told.blocks_available().checked_mul(told.fragment_size())
}

/// As above; elsewhere blocks are counted in 32 bits.
#[cfg(not(target_os = "linux"))]
pub fn free_space(path: &Path) -> Option<u64> {
    let told = nix::sys::statvfs::statvfs(path).ok()?;
    u64::from(told.blocks_available()).checked_mul(told.fragment_size())
}

/// Removes the folder at `path` with all that is in it, folders that may not be
/// written included.
pub fn remove_tree(path: &Path) -> Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            make_writable(path);
            super::files::remove_dir_all(path)
        }
        Err(source) => Err(Error::new("remove", path, source)),
        Ok(()) => Ok(()),
    }
}

fn make_writable(dir: &Path) {
    // What stays unwritable is told by the removal that follows.
    let _ = fs::set_permissions(dir, Permissions::from_mode(0o700));
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            make_writable(&entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::os::unix::fs::MetadataExt;

    fn copied(from: &Path, to: &Path) -> u64 {
        let source = File::open(from).unwrap();
        let target = File::create(to).unwrap();
        let size = source.metadata().unwrap().len();
        let mut told = 0;
        let mut tell = |count| {
            told += count;
            Ok(())
        };
        copy_contents(&source, &target, size, &mut tell).unwrap();
        told
    }

    #[test]
    fn holes_stay_holes_and_all_bytes_are_told() {
        let dir = tempfile::tempdir().unwrap();
        let (from, to) = (dir.path().join("from"), dir.path().join("to"));
        let mut file = File::create(&from).unwrap();
        file.write_all(b"start").unwrap();
        file.seek(SeekFrom::Start(64 << 20)).unwrap();
        file.write_all(b"middle").unwrap();
        file.set_len(128 << 20).unwrap();
        assert_eq!(copied(&from, &to), 128 << 20);
        assert_eq!(fs::metadata(&to).unwrap().len(), 128 << 20);
        let mut middle = [0; 6];
        let mut file = File::open(&to).unwrap();
        file.seek(SeekFrom::Start(64 << 20)).unwrap();
        file.read_exact(&mut middle).unwrap();
        assert_eq!(&middle, b"middle");
        // Where the file system keeps holes at all.
        if fs::metadata(&from).unwrap().blocks() < 1000 {
            assert!(fs::metadata(&to).unwrap().blocks() < 1000);
        }
    }

    #[test]
    fn an_empty_file_is_copied() {
        let dir = tempfile::tempdir().unwrap();
        let (from, to) = (dir.path().join("from"), dir.path().join("to"));
        fs::write(&from, "").unwrap();
        assert_eq!(copied(&from, &to), 0);
        assert_eq!(fs::read(&to).unwrap(), b"");
    }

    #[test]
    fn a_copy_ends_where_its_observer_says_so() {
        let dir = tempfile::tempdir().unwrap();
        let from = dir.path().join("from");
        fs::write(&from, "x").unwrap();
        let source = File::open(&from).unwrap();
        let target = File::create(dir.path().join("to")).unwrap();
        let mut refuse = |_| Err(io::Error::other("enough"));
        let error = copy_contents(&source, &target, 1, &mut refuse).unwrap_err();
        assert_eq!(error.to_string(), "enough");
    }

    #[test]
    fn folders_that_may_not_be_written_are_removed() {
        let dir = tempfile::tempdir().unwrap();
        let inner = dir.path().join("a/b");
        fs::create_dir_all(&inner).unwrap();
        fs::write(inner.join("file"), "x").unwrap();
        fs::set_permissions(&inner, Permissions::from_mode(0o500)).unwrap();
        remove_tree(&dir.path().join("a")).unwrap();
        assert!(!dir.path().join("a").exists());
    }
}
