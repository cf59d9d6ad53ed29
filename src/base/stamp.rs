//! What tells one state of a file or a folder from another without reading it.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use nix::sys::stat::FileStat;
use serde::{Deserialize, Serialize};

/// The coarsest time stamps of file systems in use are two seconds apart.
const SETTLED: Duration = Duration::from_secs(3);

/// What the system tells of a file or a folder. Whoever writes to a file gives it
/// another stamp, and so does any name that comes, goes or changes to its folder,
/// unless it happens within one tick of the file system's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    /// The stamp that `meta` tells.
    pub fn of(meta: &Metadata) -> Self {
        Self {
            device: meta.dev(),
            inode: meta.ino(),
            size: meta.size(),
            modified: (meta.mtime(), meta.mtime_nsec()),
            changed: (meta.ctime(), meta.ctime_nsec()),
        }
    }

    /// Whether both are stamps of one file.
    pub fn is_of_same_file(&self, other: &Self) -> bool {
        (self.device, self.inode) == (other.device, other.inode)
    }

    /// How many bytes a file has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The same of a file without the time at which anything but its content
    /// changed, such as how many names it has.
    pub fn of_content(self) -> Self {
        Self {
            changed: (0, 0),
            ..self
        }
    }

    /// Whether names in a folder that has this stamp at `now` changed so long ago that
    /// another change gives it another.
    pub fn has_settled_names(&self, now: SystemTime) -> bool {
        is_before(self.modified, now)
    }

    /// The same of the content of a file. Its time of modification can be set to any;
    /// the other one cannot.
    pub fn has_settled_content(&self, now: SystemTime) -> bool {
        is_before(self.modified, now) && is_before(self.changed, now)
    }
}

impl From<FileStat> for Stamp {
    fn from(stat: FileStat) -> Self {
        // The types of these are not the same on every system.
        #[expect(clippy::unnecessary_cast, reason = "the types differ by system")]
        Self {
            device: stat.st_dev as u64,
            inode: stat.st_ino as u64,
            size: stat.st_size as u64,
            modified: (stat.st_mtime as i64, stat.st_mtime_nsec as i64),
            changed: (stat.st_ctime as i64, stat.st_ctime_nsec as i64),
        }
    }
}

/// Whether `seconds` and nanoseconds since the epoch are well before `now`.
fn is_before((seconds, _): (i64, i64), now: SystemTime) -> bool {
    let Ok(seconds) = u64::try_from(seconds) else {
        return true;
    };
    let age = UNIX_EPOCH
        .checked_add(Duration::from_secs(seconds + 1))
        .and_then(|time| now.duration_since(time).ok());
    age.is_some_and(|age| age >= SETTLED)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::folder::Folder;

    #[test]
    fn both_ways_to_ask_tell_the_same() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("file"), "text").unwrap();
        let folder = Folder::open(dir.path()).unwrap().unwrap();
        for name in ["file", "."] {
            let stamp = Stamp::of(&dir.path().join(name).metadata().unwrap());
            assert_eq!(folder.stamp(name.as_bytes()).unwrap(), stamp);
        }
        assert!(folder.stamp(b"missing").is_err());
        let before = folder.stamp(b"file").unwrap();
        assert_eq!(before.size(), 4);
        std::fs::hard_link(dir.path().join("file"), dir.path().join("other")).unwrap();
        let after = folder.stamp(b"file").unwrap();
        assert_eq!(before.of_content(), after.of_content());
    }

    #[test]
    fn what_has_just_changed_is_not_settled() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        std::fs::write(&path, "text").unwrap();
        let stamp = || Stamp::of(&path.metadata().unwrap());
        let now = SystemTime::now();
        assert!(!stamp().has_settled_content(now) && !stamp().has_settled_names(now));
        let later = now + 2 * SETTLED;
        assert!(stamp().has_settled_content(later) && stamp().has_settled_names(later));
        // Whoever sets the time back does not make it settled.
        let file = std::fs::File::options().append(true).open(&path).unwrap();
        file.set_modified(now - 9 * SETTLED).unwrap();
        assert!(!stamp().has_settled_content(now) && stamp().has_settled_names(now));
    }
}
