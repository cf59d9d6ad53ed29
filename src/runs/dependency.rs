//! Files that a run gets from elsewhere before it starts.

use std::os::unix::fs::symlink;
use std::path::{Component, Path, PathBuf};

use super::{Error, Result, Run};
use crate::base::files;

/// How a file comes to its place in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placing {
    /// As a link, else as a copy.
    pub link: bool,
    /// What is there already makes way.
    pub replace: bool,
}

impl Run {
    /// Writes a file called `name` that is made for the run, in a folder of its
    /// own called `folder`. The path is relative to the run directory.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write_generated(&self, folder: &str, name: &str, bytes: &[u8]) -> Result<PathBuf> {
        let path = Path::new(".guild/generated").join(folder).join(name);
        let full = self.dir.join(&path);
        if let Some(dir) = full.parent() {
            files::create_dir_all(dir)?;
        }
        files::write_atomic(&full, bytes)?;
        Ok(path)
    }

    /// Puts the file `from` at `to`, both relative to the run directory. Says
    /// whether it is there now; not where something else is that stays.
    ///
    /// # Errors
    /// A place outside of the run; it cannot be written.
    pub fn place(&self, from: &Path, to: &Path, placing: Placing) -> Result<bool> {
        let target = self.place_of(to)?;
        let is_there = target.symlink_metadata().is_ok();
        if is_there && !placing.replace {
            return Ok(false);
        }
        if is_there && target.is_dir() && !target.is_symlink() {
            files::remove_dir_all(&target)?;
        }
        if let Some(dir) = target.parent() {
            files::create_dir_all(dir)?;
        }
        if placing.link {
            files::remove_if_exists(&target)?;
            let up: PathBuf = to
                .parent()
                .into_iter()
                .flat_map(Path::components)
                .map(|_| "..")
                .collect();
            symlink(up.join(from), &target)
                .map_err(|source| files::Error::new("link", &target, source))?;
        } else {
            files::write_atomic(&target, &files::read(&self.dir.join(from))?)?;
        }
        Ok(true)
    }

    /// The path of a place in the run.
    fn place_of(&self, to: &Path) -> Result<PathBuf> {
        let is_below = to
            .components()
            .all(|part| matches!(part, Component::Normal(_)));
        if is_below {
            return Ok(self.dir.join(to));
        }
        Err(Error::Damaged {
            path: self.dir.join(to),
            reason: "a file of a run must be below its directory".to_string(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_copied_linked_and_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let run = Run::at(dir.path().join("0123456789abcdef0123456789abcdef"));
        let made = run.write_generated("x1", "c.yml", b"a: 1").unwrap();
        assert_eq!(made, Path::new(".guild/generated/x1/c.yml"));
        let copy = Placing {
            link: false,
            replace: false,
        };
        let link = Placing {
            link: true,
            replace: true,
        };
        let read = |path: &str| std::fs::read_to_string(run.dir().join(path)).unwrap();
        assert!(run.place(&made, Path::new("sub/c.yml"), copy).unwrap());
        assert_eq!(read("sub/c.yml"), "a: 1");
        let newer = run.write_generated("x2", "c.yml", b"a: 2").unwrap();
        assert!(!run.place(&newer, Path::new("sub/c.yml"), copy).unwrap());
        assert_eq!(read("sub/c.yml"), "a: 1");
        assert!(run.place(&newer, Path::new("sub/c.yml"), link).unwrap());
        assert_eq!(read("sub/c.yml"), "a: 2");
        let target = std::fs::read_link(run.dir().join("sub/c.yml")).unwrap();
        assert_eq!(target, Path::new("../.guild/generated/x2/c.yml"));
        assert!(run.place(&made, Path::new("sub"), link).unwrap());
        assert_eq!(read("sub"), "a: 1");
        for outside in ["/etc/x", "../x", "a/../../x"] {
            assert!(run.place(&made, Path::new(outside), copy).is_err());
        }
    }
}
