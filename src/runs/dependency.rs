//! Files that a run gets from elsewhere before it starts.

use std::io;
use std::os::unix::fs::symlink;
use std::path::{Component, Path, PathBuf};

use super::{Entry, EntryKind, Error, Result, Run};
use crate::base::{digest, file_copy, files, folder_copy};
use crate::home::relative_path;

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
    /// own called `folder`, and returns its path.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write_generated(&self, folder: &str, name: &str, bytes: &[u8]) -> Result<PathBuf> {
        let path = self.guild_path("generated").join(folder).join(name);
        if let Some(dir) = path.parent() {
            files::create_dir_all(dir)?;
        }
        files::write_atomic(&path, bytes)?;
        Ok(path)
    }

    /// Puts the file or folder `from` at `to`, relative to the run directory, and
    /// lists it in the manifest as what comes from `source`. Says whether it is
    /// there now; not where something else is that stays. It is there in whole or
    /// not at all.
    ///
    /// # Errors
    /// A place outside of the run; something cannot be read or written.
    pub fn place(
        &self,
        from: &Path,
        to: &Path,
        placing: Placing,
        source: Vec<String>,
        warn: &mut dyn FnMut(String),
    ) -> Result<bool> {
        let target = self.place_of(to)?;
        let is_itself = from == target;
        let is_there = target.symlink_metadata().is_ok();
        if is_there && !placing.replace && !is_itself {
            return Ok(false);
        }
        let dir = target.parent().unwrap_or(&self.dir);
        files::create_dir_all(dir)?;
        let made = self.incoming();
        if !is_itself && placing.link {
            link(from, &made, dir)?;
        } else if !is_itself {
            self.copy(from, &made, warn)?;
        }
        let sha1 = match from.is_file() {
            true => Some(digest::sha1_of_file(from)?),
            false => None,
        };
        // Listed first: what is there without being listed would count as made by
        // the run.
        self.append_manifest(&[Entry {
            kind: EntryKind::Dependency,
            path: to.to_string_lossy().into_owned(),
            sha1,
            source,
        }])?;
        if is_itself {
            return Ok(true);
        }
        if is_there && target.is_dir() && !target.is_symlink() {
            file_copy::remove_tree(&target)?;
        }
        files::rename(&made, &target)?;
        Ok(true)
    }

    /// Removes what an earlier attempt to place files has left.
    ///
    /// # Errors
    /// It cannot be removed.
    pub fn clear_incoming(&self) -> Result<()> {
        let path = self.incoming();
        match path.symlink_metadata() {
            Ok(meta) if meta.is_dir() => Ok(file_copy::remove_tree(&path)?),
            Ok(_) => Ok(files::remove_if_exists(&path)?),
            Err(_) => Ok(()),
        }
    }

    /// Where what is to be placed is made.
    fn incoming(&self) -> PathBuf {
        self.guild_path("incoming")
    }

    fn copy(&self, from: &Path, to: &Path, warn: &mut dyn FnMut(String)) -> Result<()> {
        self.clear_incoming()?;
        if !from.is_dir() {
            return Ok(folder_copy::copy_file(from, to)?);
        }
        // A folder that holds the run must not be copied into itself.
        let runs = self.dir.parent().unwrap_or(&self.dir);
        let left_out = [self.dir.as_path(), runs];
        Ok(folder_copy::copy_folder(from, to, &left_out, warn)?)
    }

    /// The path of a place in the run.
    fn place_of(&self, to: &Path) -> Result<PathBuf> {
        let is_below = to
            .components()
            .all(|part| matches!(part, Component::Normal(_)));
        let path = self.dir.join(to);
        if !is_below || to.as_os_str().is_empty() {
            return Err(refused(
                &path,
                "a file of a run must be below its directory",
            ));
        }
        let mut folder = self.dir.clone();
        for part in to.parent().into_iter().flat_map(Path::components) {
            folder.push(part);
            if folder.is_symlink() {
                return Err(refused(&path, &format!("{} is a link", folder.display())));
            }
        }
        Ok(path)
    }
}

fn refused(path: &Path, reason: &str) -> Error {
    files::Error::new("write", path, io::Error::other(reason)).into()
}

/// Makes at `made` a link that leads to `from` once it is in `dir`.
fn link(from: &Path, made: &Path, dir: &Path) -> Result<()> {
    let real = dir
        .canonicalize()
        .map_err(|source| files::Error::new("read", dir, source))?;
    // The folder of the file may have another name too; the file keeps its own.
    let folder = from.parent().unwrap_or(from);
    let name = from.file_name().unwrap_or_default();
    let from = folder
        .canonicalize()
        .map_or_else(|_| from.to_path_buf(), |dir| dir.join(name));
    files::remove_if_exists(made)?;
    symlink(relative_path(&real, &from), made)
        .map_err(|source| files::Error::new("link", made, source).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const COPY: Placing = Placing {
        link: false,
        replace: false,
    };
    const LINK: Placing = Placing {
        link: true,
        replace: true,
    };

    fn place(run: &Run, from: &Path, to: &str, placing: Placing) -> Result<bool> {
        let source = vec!["file:x".to_string()];
        run.place(from, Path::new(to), placing, source, &mut |text| {
            panic!("{text}")
        })
    }

    #[test]
    fn files_are_copied_linked_and_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let run = Run::at(dir.path().join("0123456789abcdef0123456789abcdef"));
        let made = run.write_generated("x1", "c.yml", b"a: 1").unwrap();
        assert!(made.ends_with(".guild/generated/x1/c.yml"));
        let read = |path: &str| std::fs::read_to_string(run.dir().join(path)).unwrap();
        assert!(place(&run, &made, "sub/c.yml", COPY).unwrap());
        assert_eq!(read("sub/c.yml"), "a: 1");
        let newer = run.write_generated("x2", "c.yml", b"a: 2").unwrap();
        assert!(!place(&run, &newer, "sub/c.yml", COPY).unwrap());
        assert_eq!(read("sub/c.yml"), "a: 1");
        assert!(place(&run, &newer, "sub/c.yml", LINK).unwrap());
        assert_eq!(read("sub/c.yml"), "a: 2");
        let target = std::fs::read_link(run.dir().join("sub/c.yml")).unwrap();
        assert_eq!(target, Path::new("../.guild/generated/x2/c.yml"));
        assert!(place(&run, &made, "sub", LINK).unwrap());
        assert_eq!(read("sub"), "a: 1");
        let manifest = run.manifest().unwrap();
        assert!(manifest.get("sub/c.yml").unwrap().sha1.is_some());
    }

    #[test]
    fn places_outside_of_the_run_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let run = Run::at(dir.path().join("0123456789abcdef0123456789abcdef"));
        let made = run.write_generated("x1", "c.yml", b"a: 1").unwrap();
        for outside in ["/etc/x", "../x", "a/../../x", ""] {
            assert!(place(&run, &made, outside, COPY).is_err());
        }
        let elsewhere = dir.path().join("elsewhere");
        std::fs::create_dir(&elsewhere).unwrap();
        assert!(place(&run, &elsewhere, "linked", LINK).unwrap());
        let error = place(&run, &made, "linked/c.yml", COPY).unwrap_err();
        assert!(error.to_string().ends_with("linked is a link"), "{error}");
        assert_eq!(std::fs::read_dir(&elsewhere).unwrap().count(), 0);
    }
}
