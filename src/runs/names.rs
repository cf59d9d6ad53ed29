//! The names in a folder of runs, remembered in a file of the cache, so that a
//! run among 100,000 is found by the start of its id without listing them.
//!
//! The file may be deleted at any time. It is believed only if the folder is the
//! same and has not changed since: every run that is made, deleted or renamed, by
//! whatever program, changes the folder's time. Times of file systems are coarse,
//! so the file must also be [`SETTLED`] younger than that time: a change that
//! came after the names were read then has another time.

use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::fs::Metadata;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, SystemTime};

use super::Result;
use crate::base::files;

/// Fewer names than this are read as fast from the folder.
const MIN_NAMES: usize = 2_000;

/// The coarsest time stamps of file systems in use are two seconds apart.
const SETTLED: Duration = Duration::from_secs(3);

/// What the file starts with; the number goes up when its format changes.
const FORMAT: &str = "guild names 1";

/// The names in `dir` that start with `prefix`, and how many names there are;
/// `memory` is the file that remembers them.
///
/// # Errors
/// The folder is there and cannot be listed. What concerns `memory` is no error.
pub(super) fn starting_with(
    dir: &Path,
    memory: Option<&Path>,
    prefix: &str,
) -> Result<(Vec<OsString>, usize)> {
    let before = std::fs::metadata(dir).ok();
    if let (Some(memory), Some(before)) = (memory, &before)
        && let Some(found) = recall(memory, before, prefix)
    {
        return Ok(found);
    }
    let mut names = files::names(dir)?;
    let count = names.len();
    if let (Some(memory), Some(before)) = (memory, before)
        && count >= MIN_NAMES
        && std::fs::metadata(dir).is_ok_and(|after| stamp(&after) == stamp(&before))
    {
        remember(memory, &before, &names);
    }
    names.retain(|name| matches(name.as_bytes(), prefix));
    Ok((names, count))
}

fn matches(name: &[u8], prefix: &str) -> bool {
    name.starts_with(prefix.as_bytes())
        // What is no UTF-8 is typed as it is shown.
        || (prefix.contains(char::REPLACEMENT_CHARACTER)
            && String::from_utf8_lossy(name).starts_with(prefix))
}

/// What tells one state of a folder from another.
fn stamp(folder: &Metadata) -> String {
    let mut stamp = String::new();
    for number in [
        folder.dev() as i64,
        folder.ino() as i64,
        folder.mtime(),
        folder.mtime_nsec(),
        folder.ctime(),
        folder.ctime_nsec(),
    ] {
        // Writing to a string cannot fail.
        let _ = write!(stamp, "{number} ");
    }
    stamp
}

/// Whether `later` is so much after the folder's last change that a further
/// change would have another time.
fn is_settled(folder: &Metadata, later: Option<SystemTime>) -> bool {
    let age = later
        .zip(folder.modified().ok())
        .and_then(|(later, changed)| later.duration_since(changed).ok());
    age.is_some_and(|age| age >= SETTLED)
}

fn recall(memory: &Path, folder: &Metadata, prefix: &str) -> Option<(Vec<OsString>, usize)> {
    let written = std::fs::metadata(memory).ok()?.modified().ok();
    if !is_settled(folder, written) {
        return None;
    }
    let bytes = files::read_if_exists(memory).ok()??;
    let head = format!("{FORMAT}\n{}\n", stamp(folder));
    let rest = bytes.strip_prefix(head.as_bytes())?;
    let (written_count, names) = rest.split_at(rest.iter().position(|&byte| byte == b'\n')?);
    let names = names.strip_prefix(b"\n")?.strip_suffix(b"\n")?;
    let mut count = 0_usize;
    let mut found = Vec::new();
    for name in names.split(|&byte| byte == b'\n') {
        count += 1;
        if matches(name, prefix) {
            found.push(OsStr::from_bytes(name).to_os_string());
        }
    }
    // A file that was cut short is not believed.
    (written_count == count.to_string().as_bytes()).then_some((found, count))
}

fn remember(memory: &Path, folder: &Metadata, names: &[OsString]) {
    let is_line = |name: &OsString| !name.as_bytes().contains(&b'\n');
    if !is_settled(folder, Some(SystemTime::now())) || !names.iter().all(is_line) {
        return;
    }
    let head = format!("{FORMAT}\n{}\n{}\n", stamp(folder), names.len());
    let mut bytes = head.into_bytes();
    for name in names {
        bytes.extend_from_slice(name.as_bytes());
        bytes.push(b'\n');
    }
    // Without it the names are read again, as in a home that cannot be written.
    if let Some(dir) = memory.parent()
        && files::create_dir_all(dir).is_ok()
    {
        let _ = files::write_atomic(memory, &bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Place {
        dir: tempfile::TempDir,
    }

    impl Place {
        fn new(count: usize) -> Self {
            let place = Self {
                dir: tempfile::tempdir().unwrap(),
            };
            for number in 0..count {
                std::fs::create_dir_all(place.runs().join(format!("{number:05}"))).unwrap();
            }
            place
        }

        fn runs(&self) -> std::path::PathBuf {
            self.dir.path().join("runs")
        }

        fn memory(&self) -> std::path::PathBuf {
            self.dir.path().join("cache/names")
        }

        /// Makes the folder look as if it had not been changed for a while.
        fn settle(&self) {
            let long_ago = SystemTime::now() - Duration::from_secs(60);
            let folder = std::fs::File::open(self.runs()).unwrap();
            folder.set_modified(long_ago).unwrap();
        }

        fn find(&self, prefix: &str) -> (Vec<String>, usize) {
            let (names, count) = starting_with(&self.runs(), Some(&self.memory()), prefix).unwrap();
            let mut names: Vec<String> = names
                .into_iter()
                .map(|name| name.into_string().unwrap())
                .collect();
            names.sort();
            (names, count)
        }
    }

    #[test]
    fn names_are_recalled_as_they_are_read() {
        let place = Place::new(MIN_NAMES + 10);
        place.settle();
        let read = place.find("0001");
        assert_eq!(read.0.len(), 10);
        assert_eq!(read.1, MIN_NAMES + 10);
        assert!(place.memory().exists());
        let folder = std::fs::metadata(place.runs()).unwrap();
        assert!(recall(&place.memory(), &folder, "0001").is_some());
        assert_eq!(place.find("0001"), read);
        assert_eq!(place.find("x"), (Vec::new(), MIN_NAMES + 10));
    }

    #[test]
    fn a_change_of_the_folder_is_never_missed() {
        let place = Place::new(MIN_NAMES);
        place.settle();
        place.find("0");
        std::fs::create_dir(place.runs().join("new")).unwrap();
        assert_eq!(place.find("new").0, ["new"]);
        place.settle();
        assert_eq!(place.find("new").0, ["new"]);
        std::fs::rename(place.runs().join("new"), place.runs().join("old")).unwrap();
        assert_eq!(place.find("new").0, [] as [&str; 0]);
        assert_eq!(place.find("old").0, ["old"]);
        // Even if somebody sets the folder's time back.
        place.settle();
        assert_eq!(place.find("old").0, ["old"]);
    }

    #[test]
    fn a_folder_that_has_just_changed_is_not_remembered() {
        let place = Place::new(MIN_NAMES);
        place.find("0");
        assert!(!place.memory().exists());
    }

    #[test]
    fn a_damaged_memory_is_read_past() {
        let place = Place::new(MIN_NAMES);
        place.settle();
        let read = place.find("0000");
        let bytes = std::fs::read(place.memory()).unwrap();
        for damaged in [&b""[..], b"\0", &bytes[..bytes.len() / 2], &bytes[5..]] {
            std::fs::write(place.memory(), damaged).unwrap();
            assert_eq!(place.find("0000"), read);
        }
    }
}
