//! The folders of guild home in which downloads and what archives hold are kept
//! for all runs. Their names, and those of the notes in them, are Guild AI's, so
//! that each finds what the other has put there.
//!
//! A folder belongs to one address, or to one archive of a project. Whoever changes
//! something in it holds its lock; whoever only reads needs none, since a file
//! becomes visible when it is whole, and an unpacked archive when it is listed.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::base::files;
use crate::base::flock::{self, Guard};

/// How the names of notes begin.
const NOTES: &str = ".guild-cache-";

/// The folder of one download or archive.
#[derive(Debug, Clone)]
pub(super) struct CacheFolder {
    dir: PathBuf,
}

impl CacheFolder {
    /// The folder `dir`, which need not be there.
    pub fn at(dir: &Path) -> Self {
        Self {
            dir: dir.to_path_buf(),
        }
    }

    /// The folder itself.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The file called `name` in the folder.
    pub fn file(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// The note of the kind `kind` on the file called `name`.
    pub fn note(&self, name: &str, kind: &str) -> PathBuf {
        self.dir.join(format!("{NOTES}{name}.{kind}"))
    }

    /// Whether a file of that name could be taken for a note.
    pub fn is_note(name: &str) -> bool {
        name.starts_with(NOTES)
    }

    /// Makes the folder and waits until nobody else changes something in it;
    /// calls `waiting` if that takes any time.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn lock(&self, waiting: &mut dyn FnMut()) -> Result<Guard, flock::Error> {
        flock::lock_when_free(&self.dir.join(".guild-lock"), waiting)
    }

    /// The text of a note; none where it is missing.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn read_note(&self, name: &str, kind: &str) -> files::Result<Option<String>> {
        let bytes = files::read_up_to(&self.note(name, kind), 1 << 30)?;
        Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
    }

    /// Writes a note, in one step.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write_note(&self, name: &str, kind: &str, text: &str) -> files::Result<()> {
        files::write_atomic(&self.note(name, kind), text.as_bytes())
    }

    /// Removes what is noted of files that are about to be others: what was
    /// checked, unpacked and done to them.
    ///
    /// # Errors
    /// A note cannot be removed.
    pub fn remove_notes(&self) -> files::Result<()> {
        let is_old = |name: &OsString| {
            let name = name.to_string_lossy();
            let ends = [".sha", ".unpacked", ".unpacked-from", ".post"];
            Self::is_note(&name) && ends.iter().any(|end| name.ends_with(end))
        };
        for name in files::names(&self.dir)?.into_iter().filter(is_old) {
            files::remove_if_exists(&self.dir.join(name))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_notes_go_and_files_stay() {
        let dir = tempfile::tempdir().unwrap();
        let folder = CacheFolder::at(dir.path());
        for kind in ["sha", "unpacked", "unpacked-from", "part"] {
            folder.write_note("a.zip", kind, "x").unwrap();
        }
        std::fs::write(folder.file("a.sha"), "a file").unwrap();
        folder.remove_notes().unwrap();
        let mut left = files::names(dir.path()).unwrap();
        left.sort();
        assert_eq!(left, [".guild-cache-a.zip.part", "a.sha"]);
        assert_eq!(folder.read_note("a.zip", "sha").unwrap(), None);
        assert_eq!(
            folder.read_note("a.zip", "part").unwrap().as_deref(),
            Some("x")
        );
    }

    #[test]
    fn the_second_waits_for_the_first() {
        let dir = tempfile::tempdir().unwrap();
        let folder = CacheFolder::at(&dir.path().join("new"));
        let first = folder.lock(&mut || panic!("nobody is there")).unwrap();
        let other = folder.clone();
        let (say, said) = std::sync::mpsc::channel();
        let second = std::thread::spawn(move || {
            let guard = other.lock(&mut || say.send("waits").unwrap());
            drop(guard.unwrap());
        });
        assert_eq!(said.recv().unwrap(), "waits");
        drop(first);
        second.join().unwrap();
    }
}
