//! Copies of files that others may be writing. A copy holds what the file held
//! at one moment, or it is said that it may not.

use std::fs::{self, File, Metadata, OpenOptions, Permissions};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use super::file_copy;
use super::files::{self, Error};

/// Up to this many bytes are read in one piece and handed to the caller: many
/// files are in memory at once.
const SMALL: u64 = 128 << 10;

/// How often a file is copied that changes all the time.
const ATTEMPTS: usize = 3;

/// Why a file was not copied.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// It cannot be read.
    #[error(transparent)]
    Source(Error),
    /// The copy cannot be written.
    #[error(transparent)]
    Target(Error),
}

/// What is known of a copy.
#[derive(Debug)]
pub struct Copied {
    /// Its bytes, where they went through memory in one piece.
    pub content: Option<Vec<u8>>,
    /// Whether the file changed each time it was copied, so that the copy may
    /// hold the start of one state and the end of another.
    pub torn: bool,
}

/// Copies files from one place to another.
#[derive(Debug)]
pub struct Copier {
    // Whether blocks may be shared between the two places, as far as is known.
    shares: AtomicBool,
}

impl Default for Copier {
    fn default() -> Self {
        Self {
            shares: AtomicBool::new(true),
        }
    }
}

impl Copier {
    /// Copies the bytes and the permission bits of the regular file `source` to
    /// `target`, in the place of whatever file or link is there. The copy is
    /// one of its own: it shares blocks at the most, where the file system
    /// does, so that neither file changes with the other.
    ///
    /// # Errors
    /// The file cannot be read, or the copy not be written.
    pub fn copy(&self, source: &Path, target: &Path) -> Result<Copied, Fault> {
        let (from, meta) = files::open_regular(source)
            .and_then(|from| from.metadata().map(|meta| (from, meta)))
            .map_err(|error| Fault::Source(Error::new("read", source, error)))?;
        let at_target = |error| Fault::Target(Error::new("write", target, error));
        let to = create(target).map_err(at_target)?;
        let copied = self.fill(&from, &to, meta, source, target)?;
        // Whoever could read the file can read the copy, which is their own.
        let mode = copied.1.mode() & 0o777 | 0o400;
        to.set_permissions(Permissions::from_mode(mode))
            .map_err(at_target)?;
        Ok(copied.0)
    }

    fn fill(
        &self,
        from: &File,
        to: &File,
        mut meta: Metadata,
        source: &Path,
        target: &Path,
    ) -> Result<(Copied, Metadata), Fault> {
        let at_source = |error| Fault::Source(Error::new("read", source, error));
        let at_target = |error| Fault::Target(Error::new("write", target, error));
        if meta.len() > 0 && self.share(from, to) {
            let copied = Copied {
                content: None,
                torn: false,
            };
            return Ok((copied, meta));
        }
        let mut attempts = 0;
        loop {
            attempts += 1;
            let content = if meta.len() <= SMALL {
                let content = read(from, meta.len()).map_err(at_source)?;
                (&*to).write_all(&content).map_err(at_target)?;
                Some(content)
            } else {
                file_copy::copy_contents(from, to, meta.len(), &mut |_| Ok(())).map_err(
                    |error| match is_about_target(&error) {
                        true => at_target(error),
                        false => at_source(error),
                    },
                )?;
                None
            };
            let after = from.metadata().map_err(at_source)?;
            let is_whole = is_same(&meta, &after);
            if is_whole || attempts == ATTEMPTS {
                let torn = !is_whole;
                return Ok((Copied { content, torn }, after));
            }
            meta = after;
            (&*from).rewind().map_err(at_source)?;
            to.set_len(0)
                .and_then(|()| (&*to).rewind())
                .map_err(at_target)?;
        }
    }

    /// Makes `to` share all blocks of `from`; says whether it does. What the file
    /// system cannot do is not tried again.
    #[cfg(target_os = "linux")]
    fn share(&self, from: &File, to: &File) -> bool {
        use rustix::io::Errno;

        if !self.shares.load(Ordering::Relaxed) {
            return false;
        }
        match rustix::fs::ioctl_ficlone(to, from) {
            Ok(()) => true,
            Err(Errno::OPNOTSUPP | Errno::NOTTY | Errno::NOSYS) => {
                self.shares.store(false, Ordering::Relaxed);
                false
            }
            // That one file is elsewhere, or of a kind of its own, says nothing
            // about the others.
            Err(_) => false,
        }
    }

    /// As above; elsewhere files are read and written.
    #[cfg(not(target_os = "linux"))]
    fn share(&self, _from: &File, _to: &File) -> bool {
        let _ = &self.shares;
        false
    }
}

/// Makes the file at `path`, which nobody else reads before it has its bits. A
/// file or link that is there goes first, so that nothing is written through
/// it.
fn create(path: &Path) -> io::Result<File> {
    let create = || {
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
    };
    match create() {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            fs::remove_file(path)?;
            create()
        }
        made => made,
    }
}

/// Whether an error of copying from one file to another is about the latter.
fn is_about_target(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull
            | io::ErrorKind::QuotaExceeded
            | io::ErrorKind::FileTooLarge
            | io::ErrorKind::ReadOnlyFilesystem
    )
}

/// All bytes of `file`, which had `size` of them a moment ago, and no more than
/// one beyond: that it grew shows in its metadata.
fn read(file: &File, size: u64) -> io::Result<Vec<u8>> {
    let capacity = usize::try_from(size).unwrap_or(0) + 1;
    let mut bytes = Vec::with_capacity(capacity);
    file.take(capacity as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn is_same(before: &Metadata, after: &Metadata) -> bool {
    let state = |meta: &Metadata| {
        (
            meta.len(),
            (meta.mtime(), meta.mtime_nsec()),
            (meta.ctime(), meta.ctime_nsec()),
        )
    };
    state(before) == state(after)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copied(source: &Path, target: &Path) -> Result<Copied, Fault> {
        Copier::default().copy(source, target)
    }

    #[test]
    fn a_copy_has_the_bytes_and_bits_and_is_a_file_of_its_own() {
        let dir = tempfile::tempdir().unwrap();
        let (source, target) = (dir.path().join("source"), dir.path().join("target"));
        for size in [0, 1, SMALL - 1, SMALL, SMALL + 1, 3 * SMALL] {
            let bytes: Vec<u8> = (0..size).map(|at| (at % 251) as u8).collect();
            fs::write(&source, &bytes).unwrap();
            fs::set_permissions(&source, Permissions::from_mode(0o751)).unwrap();
            let told = copied(&source, &target).unwrap();
            assert!(!told.torn);
            assert!(told.content.is_none_or(|content| content == bytes));
            assert!(fs::read(&target).unwrap() == bytes, "{size}");
            let meta = fs::metadata(&target).unwrap();
            assert_eq!(meta.permissions().mode() & 0o777, 0o751);
            assert_eq!(meta.nlink(), 1);
        }
    }

    #[test]
    fn a_link_in_the_place_of_the_copy_is_not_written_through() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        fs::write(path("source"), "new").unwrap();
        fs::write(path("user"), "mine").unwrap();
        std::os::unix::fs::symlink("user", path("target")).unwrap();
        copied(&path("source"), &path("target")).unwrap();
        assert_eq!(fs::read(path("user")).unwrap(), b"mine");
        assert!(path("target").symlink_metadata().unwrap().is_file());
    }

    #[test]
    fn what_is_no_file_is_not_waited_for_and_either_side_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        nix::unistd::mkfifo(&path("pipe"), nix::sys::stat::Mode::S_IRWXU).unwrap();
        for name in ["pipe", "nowhere", "."] {
            let fault = copied(&path(name), &path("target")).unwrap_err();
            assert!(matches!(fault, Fault::Source(_)), "{fault}");
        }
        fs::write(path("source"), "x").unwrap();
        for name in ["nowhere/target", "."] {
            let fault = copied(&path("source"), &path(name)).unwrap_err();
            assert!(matches!(fault, Fault::Target(_)), "{fault}");
        }
        assert!(!path("target").exists());
    }

    #[test]
    fn a_file_that_never_rests_is_copied_and_told() {
        let dir = tempfile::tempdir().unwrap();
        let (source, target) = (dir.path().join("source"), dir.path().join("target"));
        fs::write(&source, "start").unwrap();
        let from = File::open(&source).unwrap();
        let before = from.metadata().unwrap();
        fs::write(&source, "changed meanwhile").unwrap();
        let copier = Copier {
            shares: AtomicBool::new(false),
        };
        // What was known of the file before the copy no longer holds: once more.
        let to = create(&target).unwrap();
        let (told, meta) = copier.fill(&from, &to, before, &source, &target).unwrap();
        assert!(!told.torn);
        assert_eq!(meta.len(), 17);
        assert_eq!(fs::read(&target).unwrap(), b"changed meanwhile");
        let more = std::sync::atomic::AtomicBool::new(true);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let mut source = OpenOptions::new().append(true).open(&source).unwrap();
                while more.load(Ordering::Relaxed) {
                    source.write_all(b"more").unwrap();
                }
            });
            let told = copier.copy(&source, &target);
            more.store(false, Ordering::Relaxed);
            // However the threads were scheduled, the copy is the start of the file.
            told.unwrap();
        });
        let copy = fs::read(&target).unwrap();
        assert!(fs::read(&source).unwrap().starts_with(&copy));
    }
}
