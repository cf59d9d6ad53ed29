//! Waiting for changes in folders: what is made in them, moved and removed.
//!
//! Linux tells by `inotify`. For macOS `kqueue` would, which is not written yet;
//! whoever watches looks again after a while all the same, since nothing tells of
//! what another machine does in a shared folder.

use std::collections::HashMap;
use std::io;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify, WatchDescriptor};

/// Folders that are watched, until it is dropped.
pub struct FolderWatch {
    inotify: Inotify,
    folders: HashMap<PathBuf, WatchDescriptor>,
}

impl FolderWatch {
    /// Watches nothing yet.
    ///
    /// # Errors
    /// The system watches no more for this user.
    pub fn new() -> io::Result<Self> {
        let flags = InitFlags::IN_CLOEXEC | InitFlags::IN_NONBLOCK;
        Ok(Self {
            inotify: Inotify::init(flags)?,
            folders: HashMap::new(),
        })
    }

    /// Watches `folder`, but for what is written to files that are there. Returns
    /// whether it was not watched before.
    ///
    /// # Errors
    /// It is no folder, or the system watches no more for this user.
    pub fn add(&mut self, folder: &Path) -> io::Result<bool> {
        if self.folders.contains_key(folder) {
            return Ok(false);
        }
        let changes = AddWatchFlags::IN_CREATE | AddWatchFlags::IN_DELETE | AddWatchFlags::IN_MOVE;
        let flags = changes | AddWatchFlags::IN_ONLYDIR;
        let descriptor = self.inotify.add_watch(folder, flags)?;
        self.folders.insert(folder.to_path_buf(), descriptor);
        Ok(true)
    }

    /// Watches only those folders on that `keep` says so.
    pub fn retain(&mut self, keep: impl Fn(&Path) -> bool) {
        let inotify = &self.inotify;
        self.folders.retain(|folder, descriptor| {
            let is_kept = keep(folder);
            if !is_kept {
                // A folder that has gone is not watched any more.
                let _ = inotify.rm_watch(*descriptor);
            }
            is_kept
        });
    }

    /// Waits for a change up to `limit`, and returns whether there was any. Changes
    /// that come together are one.
    ///
    /// # Errors
    /// The system does not tell.
    pub fn wait(&mut self, limit: Duration) -> io::Result<bool> {
        let millis = i32::try_from(limit.as_millis()).unwrap_or(i32::MAX);
        let timeout = PollTimeout::try_from(millis).unwrap_or(PollTimeout::MAX);
        let mut inputs = [PollFd::new(self.inotify.as_fd(), PollFlags::POLLIN)];
        match poll(&mut inputs, timeout) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(error) => return Err(error.into()),
        }
        let mut is_changed = false;
        loop {
            let events = match self.inotify.read_events() {
                Ok(events) => events,
                Err(Errno::EAGAIN) => return Ok(is_changed),
                Err(Errno::EINTR) => continue,
                Err(error) => return Err(error.into()),
            };
            for event in events {
                is_changed = true;
                if event.mask.contains(AddWatchFlags::IN_IGNORED) {
                    // The folder has gone; one of that name may come.
                    self.folders.retain(|_, descriptor| *descriptor != event.wd);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(20);
    const NONE: Duration = Duration::ZERO;

    #[test]
    fn what_comes_and_goes_is_told_and_what_is_written_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let mut watch = FolderWatch::new().unwrap();
        assert!(watch.add(dir.path()).unwrap());
        assert!(!watch.add(dir.path()).unwrap());
        assert!(!watch.wait(NONE).unwrap());
        let file = dir.path().join("file");
        std::fs::write(&file, "").unwrap();
        assert!(watch.wait(LONG).unwrap());
        std::fs::write(&file, "text").unwrap();
        assert!(!watch.wait(NONE).unwrap());
        std::fs::rename(&file, dir.path().join("other")).unwrap();
        assert!(watch.wait(LONG).unwrap());
        assert!(!watch.wait(NONE).unwrap());
        std::fs::remove_file(dir.path().join("other")).unwrap();
        assert!(watch.wait(LONG).unwrap());
    }

    #[test]
    fn a_folder_that_comes_again_can_be_watched_again() {
        let dir = tempfile::tempdir().unwrap();
        let inner = dir.path().join("inner");
        let mut watch = FolderWatch::new().unwrap();
        assert!(watch.add(&inner).is_err());
        for _ in 0..2 {
            std::fs::create_dir(&inner).unwrap();
            assert!(watch.add(&inner).unwrap());
            std::fs::remove_dir(&inner).unwrap();
            assert!(watch.wait(LONG).unwrap());
            assert!(!watch.wait(NONE).unwrap());
        }
        std::fs::create_dir(&inner).unwrap();
        watch.add(&inner).unwrap();
        watch.retain(|_| false);
        std::fs::write(inner.join("file"), "").unwrap();
        // That the system stopped watching is told as a change, what came later not.
        watch.wait(NONE).unwrap();
        assert!(watch.add(&inner).unwrap());
        assert!(!watch.wait(NONE).unwrap());
    }
}
