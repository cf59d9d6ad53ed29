//! The log directory: a folder that TensorBoard reads, which goes when it is no
//! more needed.

use std::path::{Path, PathBuf};

use crate::base::{files, flock};
use crate::home::Home;

/// How the names of log directories start, those of Guild AI included.
const PREFIX: &str = "guild-tensorboard-";

/// How the names of those start that are locked while somebody needs them. Guild
/// AI has no such names, and does not lock.
const TEMPORARY: &str = "guild-tensorboard-tmp-";

/// A log directory.
#[derive(Debug)]
pub struct LogDir {
    path: PathBuf,
    is_kept: bool,
    // Tells other processes that it is in use.
    _lock: Option<flock::Guard>,
}

impl LogDir {
    /// Makes an empty one that stays.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn kept(home: &Home) -> files::Result<Self> {
        Ok(Self {
            path: create(home, PREFIX)?,
            is_kept: true,
            _lock: None,
        })
    }

    /// Makes an empty one that is removed when this is dropped, and removes those
    /// that killed processes have left behind.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn temporary(home: &Home) -> files::Result<Self> {
        sweep(&home.temp_dir());
        loop {
            let path = create(home, TEMPORARY)?;
            // Where folders have no locks nobody takes it for left behind.
            let lock = flock::try_lock_dir(&path);
            let is_swept = matches!(lock, Ok(None)) || !path.is_dir();
            if !is_swept {
                return Ok(Self {
                    path,
                    is_kept: false,
                    _lock: lock.ok().flatten(),
                });
            }
        }
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for LogDir {
    fn drop(&mut self) {
        if !self.is_kept {
            // What cannot be removed now is left to the next one.
            let _ = files::remove_dir_all(&self.path);
        }
    }
}

fn create(home: &Home, prefix: &str) -> files::Result<PathBuf> {
    loop {
        let name = format!("{prefix}{:08x}", home.random_u32());
        let path = home.temp_dir().join(name);
        match files::create_private_dir(&path) {
            Err(error) if error.source.kind() == std::io::ErrorKind::AlreadyExists => {}
            made => return made.map(|()| path),
        }
    }
}

/// Removes the temporary log directories in `temp` that nobody has locked.
fn sweep(temp: &Path) {
    // Those of others, and what cannot be listed, are not our business.
    for name in files::names(temp).unwrap_or_default() {
        if !name.to_string_lossy().starts_with(TEMPORARY) {
            continue;
        }
        let path = temp.join(name);
        if let Ok(Some(_lock)) = flock::try_lock_dir(&path) {
            let _ = files::remove_dir_all(&path);
        }
    }
}
