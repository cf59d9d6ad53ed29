//! Advisory locks on files, shared with other programs that use `flock(2)`.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg, OFlag};

use super::files;

/// Why a lock was not had.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The lock file cannot be made or opened.
    #[error(transparent)]
    File(#[from] files::Error),
    /// Another process kept the lock for the whole time.
    #[error("cannot lock {path}: another process held it for {seconds} seconds")]
    Timeout {
        /// The lock file.
        path: String,
        /// How long was waited.
        seconds: u64,
    },
}

/// An exclusive lock, let go when dropped.
#[derive(Debug)]
pub struct Guard {
    _lock: Flock<File>,
}

/// Takes the exclusive lock of the file at `path` (made where missing, never
/// removed), waiting up to `timeout`.
pub fn lock(path: &Path, timeout: Duration) -> Result<Guard, Error> {
    let mut file = open(path)?;
    let deadline = Instant::now() + timeout;
    loop {
        match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
            Ok(lock) => return Ok(Guard { _lock: lock }),
            Err((back, Errno::EWOULDBLOCK | Errno::EINTR)) if Instant::now() < deadline => {
                file = back;
                // flock(2) has no timed wait; contention here lasts microseconds.
                std::thread::sleep(Duration::from_millis(2));
            }
            Err((_, Errno::EWOULDBLOCK | Errno::EINTR)) => {
                return Err(Error::Timeout {
                    path: path.display().to_string(),
                    seconds: timeout.as_secs(),
                });
            }
            Err((_, errno)) => {
                return Err(files::Error::new("lock", path, errno.into()).into());
            }
        }
    }
}

/// Takes the exclusive lock of the file at `path` (made where missing, never
/// removed), however long that takes; calls `waiting` once if another process has
/// it. A process that ends lets go of its locks.
pub fn lock_when_free(path: &Path, waiting: &mut dyn FnMut()) -> Result<Guard, Error> {
    let fault = |errno: Errno| Error::from(files::Error::new("lock", path, errno.into()));
    let mut file = open(path)?;
    let mut arg = FlockArg::LockExclusiveNonblock;
    loop {
        match Flock::lock(file, arg) {
            Ok(lock) => return Ok(Guard { _lock: lock }),
            Err((back, Errno::EINTR)) => file = back,
            Err((back, Errno::EWOULDBLOCK)) => {
                waiting();
                file = back;
                arg = FlockArg::LockExclusive;
            }
            Err((_, errno)) => return Err(fault(errno)),
        }
    }
}

/// Takes the exclusive lock of the folder at `path` itself; none where another
/// process has it.
///
/// # Errors
/// There is no folder, or folders of its file system have no locks.
pub fn try_lock_dir(path: &Path) -> Result<Option<Guard>, Error> {
    let fault = |source: std::io::Error| files::Error::new("lock", path, source);
    let flags = OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW;
    let dir = OpenOptions::new()
        .read(true)
        .custom_flags(flags.bits())
        .open(path)
        .map_err(fault)?;
    match Flock::lock(dir, FlockArg::LockExclusiveNonblock) {
        Ok(lock) => Ok(Some(Guard { _lock: lock })),
        Err((_, Errno::EWOULDBLOCK)) => Ok(None),
        Err((_, errno)) => Err(fault(errno.into()).into()),
    }
}

fn open(path: &Path) -> Result<File, files::Error> {
    if let Some(parent) = path.parent() {
        files::create_dir_all(parent)?;
    }
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .map_err(|source| files::Error::new("lock", path, source))
}
