//! Files and folders whose errors name the path, and writes that are whole.
//!
//! Not for run directories as such: their layout is known to `runs` alone.

use std::fs;
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// A failed file operation: what was tried, on which path, and why it failed.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} {}: {}", path.display(), reason(source))]
pub struct Error {
    /// The verb of the operation, such as `read`.
    pub action: &'static str,
    /// The path as it was given.
    pub path: PathBuf,
    /// What the system said.
    pub source: io::Error,
}

impl Error {
    /// An error of `action` on `path`.
    pub fn new(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self {
            action,
            path: path.to_path_buf(),
            source,
        }
    }

    /// Whether the path, or a folder on the way to it, does not exist.
    pub fn is_not_found(&self) -> bool {
        is_missing(&self.source)
    }
}

/// The system's words without the error number that Rust appends.
pub fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    match text.split_once(" (os error") {
        Some((words, _)) => words.to_lowercase(),
        None => text,
    }
}

fn is_missing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

/// Result of a file operation.
pub type Result<T> = std::result::Result<T, Error>;

trait Context<T> {
    fn context(self, action: &'static str, path: &Path) -> Result<T>;
}

impl<T> Context<T> for io::Result<T> {
    fn context(self, action: &'static str, path: &Path) -> Result<T> {
        self.map_err(|source| Error::new(action, path, source))
    }
}

/// The most bytes that a file read in one piece may have: far more than any
/// file of its kind has, and far less than memory.
const MOST: u64 = 16 << 20;

/// All bytes of the file at `path`, which is an error if there are more than 16
/// million or so.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    read_regular(path, MOST).context("read", path)
}

fn read_regular(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let file = open_regular(path)?;
    let size = file.metadata().map_or(0, |meta| meta.len());
    let too_large = || io::Error::other(format!("larger than {} MB", most >> 20));
    if size > most {
        return Err(too_large());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
    file.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(too_large());
    }
    Ok(bytes)
}

/// Opens a regular file. A pipe put in the place of one is not waited for, and a
/// device is not read.
pub(super) fn open_regular(path: &Path) -> io::Result<fs::File> {
    let file = fs::OpenOptions::new()
        .read(true)
        .custom_flags(nix::fcntl::OFlag::O_NONBLOCK.bits())
        .open(path)?;
    let meta = file.metadata()?;
    if meta.is_dir() {
        return Err(io::Error::from_raw_os_error(
            nix::errno::Errno::EISDIR as i32,
        ));
    }
    if !meta.is_file() {
        return Err(io::Error::other("not a regular file"));
    }
    Ok(file)
}

/// As [`read`], or nothing where there is no such file.
pub fn read_if_exists(path: &Path) -> Result<Option<Vec<u8>>> {
    read_up_to(path, MOST)
}

/// All bytes of the file at `path`, which is an error if there are more than
/// `most`, or nothing where there is no such file.
pub fn read_up_to(path: &Path, most: u64) -> Result<Option<Vec<u8>>> {
    match read_regular(path, most) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(Error::new("read", path, source)),
    }
}

/// Makes the folder at `path` and those above it.
pub fn create_dir_all(path: &Path) -> Result<()> {
    fs::create_dir_all(path).context("create folder", path)
}

/// Makes the folder at `path`; an error where something is there already.
pub fn create_dir(path: &Path) -> Result<()> {
    fs::create_dir(path).context("create folder", path)
}

/// Makes the folder at `path`, for this user alone; an error where something is
/// there already.
pub fn create_private_dir(path: &Path) -> Result<()> {
    let made = fs::DirBuilder::new().mode(0o700).create(path);
    made.context("create folder", path)
}

/// Makes the link `link` to `target`; an error where something is there already.
pub fn symlink(target: &Path, link: &Path) -> Result<()> {
    std::os::unix::fs::symlink(target, link).context("make link", link)
}

/// Makes the folder at `path` in one that is there, unless it is there itself. A
/// link to a folder is none.
pub fn ensure_dir(path: &Path) -> Result<()> {
    let made = match fs::create_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let is_dir = path.symlink_metadata().is_ok_and(|meta| meta.is_dir());
            if is_dir { Ok(()) } else { Err(error) }
        }
        made => made,
    };
    made.context("create folder", path)
}

/// Replaces the file at `path` by `bytes` in one step: readers see the old or
/// the new content, never a part, whenever this process is killed.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<()> {
    let dir = path.parent().unwrap_or(Path::new(""));
    write_atomic_by_way_of(dir, path, bytes)
}

/// Like [`write_atomic`], with the temporary file in `dir`, a folder of the same
/// file system: for folders in which every file means something, so that a kill
/// leaves nothing there.
pub fn write_atomic_by_way_of(dir: &Path, path: &Path, bytes: &[u8]) -> Result<()> {
    let temporary = temporary_in(dir, path);
    let written = fs::File::create(&temporary)
        .and_then(|mut file| file.write_all(bytes))
        .and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        // The write error is what the user must hear of, not this one.
        let _ = fs::remove_file(&temporary);
    }
    written.context("write", path)
}

/// A name in `dir` that nobody else takes for what is to be at `path`.
fn temporary_in(dir: &Path, path: &Path) -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}-{count}.tmp", std::process::id()));
    dir.join(name)
}

/// Like [`write_new`], in one step: who reads it, or finds that there is one already,
/// has the whole of it. The temporary file is in `dir`, as for
/// [`write_atomic_by_way_of`].
pub fn write_new_by_way_of(dir: &Path, path: &Path, bytes: &[u8]) -> Result<bool> {
    let temporary = temporary_in(dir, path);
    let written = fs::File::create(&temporary).and_then(|mut file| file.write_all(bytes));
    let made = written.and_then(|()| fs::hard_link(&temporary, path));
    // What went wrong before is what the user must hear of, not this.
    let _ = fs::remove_file(&temporary);
    match made {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        // Some file systems have no such links.
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::Unsupported | io::ErrorKind::PermissionDenied
            ) =>
        {
            write_new(path, bytes)
        }
        Err(error) => Err(Error::new("write", path, error)),
    }
}

/// Makes the file at `path` with `bytes` unless one exists; says whether it did.
pub fn write_new(path: &Path, bytes: &[u8]) -> Result<bool> {
    let mut file = match fs::File::create_new(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(false),
        other => other.context("write", path)?,
    };
    file.write_all(bytes).map(|()| true).map_err(|source| {
        // On a full disk: an empty file would say something that is not so.
        let _ = fs::remove_file(path);
        Error::new("write", path, source)
    })
}

/// Opens `path` for writing from its start, emptied.
pub fn create(path: &Path) -> Result<fs::File> {
    fs::File::create(path).context("write", path)
}

/// Opens `path` for reading.
pub fn open(path: &Path) -> Result<fs::File> {
    open_regular(path).context("read", path)
}

/// Opens `path` to append to it; made where missing.
pub fn open_append(path: &Path) -> Result<fs::File> {
    fs::OpenOptions::new()
        .append(true)
        .create(true)
        .open(path)
        .context("write", path)
}

/// Removes the file at `path`; nothing to remove is no error.
pub fn remove_if_exists(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if !is_missing(&error) => Err(Error::new("remove", path, error)),
        _ => Ok(()),
    }
}

/// Removes the folder at `path` with all that is in it.
pub fn remove_dir_all(path: &Path) -> Result<()> {
    fs::remove_dir_all(path).context("remove", path)
}

/// Removes the folder at `path` if nothing is in it; nothing to remove is no error.
pub fn remove_dir_if_empty(path: &Path) -> Result<()> {
    match fs::remove_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => Ok(()),
        Err(error) if !is_missing(&error) => Err(Error::new("remove", path, error)),
        _ => Ok(()),
    }
}

/// Renames `from` to `to` within one file system.
pub fn rename(from: &Path, to: &Path) -> Result<()> {
    fs::rename(from, to).context("move", from)
}

/// The entries of the folder at `path`, in name order; none where it is missing.
pub fn list_dir(path: &Path) -> Result<Vec<fs::DirEntry>> {
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) if is_missing(&error) => return Ok(Vec::new()),
        Err(source) => return Err(Error::new("list", path, source)),
    };
    let mut entries: Vec<_> = entries.collect::<io::Result<_>>().context("list", path)?;
    entries.sort_by_key(fs::DirEntry::file_name);
    Ok(entries)
}

/// The names in the folder at `path`, in no order; none where it is missing.
pub fn names(path: &Path) -> Result<Vec<std::ffi::OsString>> {
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) if is_missing(&error) => return Ok(Vec::new()),
        Err(source) => return Err(Error::new("list", path, source)),
    };
    entries
        .map(|entry| entry.map(|entry| entry.file_name()))
        .collect::<io::Result<_>>()
        .context("list", path)
}

/// What is in the folder at `path`, in no order: names, and what is there, links
/// as such. Unlike elsewhere, a folder that is missing is an error.
pub fn entries(path: &Path) -> Result<Vec<(std::ffi::OsString, fs::FileType)>> {
    let kind_of = |entry: io::Result<fs::DirEntry>| {
        let entry = entry?;
        match entry.file_type() {
            Ok(kind) => Ok(Some((entry.file_name(), kind))),
            // Gone in between.
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) => Err(error),
        }
    };
    let entries = fs::read_dir(path).context("list", path)?;
    entries
        .filter_map(|entry| kind_of(entry).transpose())
        .collect::<io::Result<_>>()
        .context("list", path)
}

/// Copies the bytes and the permission bits of the file `from` to `to`, as a
/// reflink where the file system shares blocks.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    // `fs::copy` uses copy_file_range on Linux and clonefile on macOS.
    fs::copy(from, to).map(drop).context("copy", from)
}

/// Modification time in microseconds since the epoch.
pub fn modified_micros(path: &Path) -> Result<i64> {
    let time = fs::metadata(path)
        .and_then(|meta| meta.modified())
        .context("read", path)?;
    let micros = match time.duration_since(std::time::UNIX_EPOCH) {
        Ok(after) => after.as_micros() as i64,
        Err(before) => -(before.duration().as_micros() as i64),
    };
    Ok(micros)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_the_file_and_the_reason() {
        let error = read(Path::new("/nowhere/at/all")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "cannot read /nowhere/at/all: no such file or directory"
        );
        assert!(error.is_not_found());
    }

    #[test]
    fn a_pipe_in_the_place_of_a_file_is_not_waited_for() {
        let dir = tempfile::tempdir().unwrap();
        let pipe = dir.path().join("label");
        nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
        for result in [read(&pipe).map(drop), open(&pipe).map(drop)] {
            let message = result.unwrap_err().to_string();
            assert!(message.ends_with("not a regular file"), "{message}");
        }
        assert!(read_if_exists(Path::new("/dev/zero")).is_err());
    }

    #[test]
    fn what_would_not_fit_into_memory_is_not_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("label");
        fs::File::create(&path).unwrap().set_len(MOST + 1).unwrap();
        let message = read(&path).unwrap_err().to_string();
        assert!(message.ends_with("label: larger than 16 MB"), "{message}");
        assert!(read_up_to(&path, MOST + 1).unwrap().is_some());
    }

    #[test]
    fn an_atomic_write_replaces_and_leaves_no_other_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("label");
        write_atomic(&path, b"one").unwrap();
        write_atomic(&path, b"two").unwrap();
        assert_eq!(read(&path).unwrap(), b"two");
        assert_eq!(list_dir(dir.path()).unwrap().len(), 1);
    }

    #[test]
    fn a_failed_atomic_write_leaves_the_old_content() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("taken");
        fs::create_dir(&path).unwrap();
        assert!(write_atomic(&path, b"x").is_err());
        assert_eq!(list_dir(dir.path()).unwrap().len(), 1);
    }

    #[test]
    fn write_new_does_not_replace() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("exit_status");
        assert!(write_new(&path, b"0\n").unwrap());
        assert!(!write_new(&path, b"1\n").unwrap());
        let other = dir.path().join("other");
        assert!(write_new_by_way_of(dir.path(), &other, b"0\n").unwrap());
        assert!(!write_new_by_way_of(dir.path(), &other, b"1\n").unwrap());
        assert_eq!(fs::read(&other).unwrap(), b"0\n");
        assert_eq!(read(&path).unwrap(), b"0\n");
    }
}
