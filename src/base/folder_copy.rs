//! Copies of folders that stand alone.

use std::fs::{self, Metadata};
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::{Path, PathBuf};

use super::file_copy;
use super::files::{self, Error, Result};

/// What tells one file or folder from all others.
type Identity = (u64, u64);

/// Copies the file at `from` to the new file `to`: content, permission bits, time
/// of modification. Blocks are shared where the file system can.
///
/// # Errors
/// `from` cannot be read, or `to` not be written.
pub fn copy_file(from: &Path, to: &Path) -> Result<()> {
    let source = files::open(from)?;
    let copy = || {
        let meta = source.metadata()?;
        let written = fs::File::create_new(to)?;
        file_copy::copy_contents(&source, &written, meta.len(), &mut |_| Ok(()))?;
        written.set_times(fs::FileTimes::new().set_modified(meta.modified()?))?;
        written.set_permissions(meta.permissions())
    };
    copy().map_err(|error| Error::new("copy", from, error))
}

/// Copies the folder at `from` to the new folder `to` with all that is in it. A
/// link to something else in the folder leads to the copy of that; what other
/// links lead to is copied in their place. The folders `left_out`, such as one
/// that `to` is in, are no part of it; what is no file, folder or link is left out
/// with a word to `warn`.
///
/// # Errors
/// Something cannot be read or written; what was copied until then stays.
pub fn copy_folder(
    from: &Path,
    to: &Path,
    left_out: &[&Path],
    warn: &mut dyn FnMut(String),
) -> Result<()> {
    let unreadable = |error| Error::new("read", from, error);
    let meta = fs::metadata(from).map_err(unreadable)?;
    let known = left_out.iter().filter_map(|path| fs::metadata(path).ok());
    let mut copy = FolderCopy {
        root: from.canonicalize().map_err(unreadable)?,
        left_out: known.map(|meta| identity(&meta)).collect(),
        above: Vec::new(),
        warn,
    };
    copy.folder(from, to, &meta)
}

struct FolderCopy<'a> {
    /// The folder itself, by the path without links.
    root: PathBuf,
    left_out: Vec<Identity>,
    /// The folders that lead to where the copy is, for links that go in circles.
    above: Vec<Identity>,
    warn: &'a mut dyn FnMut(String),
}

impl FolderCopy<'_> {
    fn folder(&mut self, from: &Path, to: &Path, meta: &Metadata) -> Result<()> {
        files::create_dir(to)?;
        self.above.push(identity(meta));
        let mut names = files::names(from)?;
        names.sort_unstable();
        for name in names {
            self.entry(&from.join(&name), &to.join(&name))?;
        }
        self.above.pop();
        // Only now: a folder that may not be written takes no files.
        file_copy::set_attributes(to, meta.mode(), meta.modified().ok())
    }

    fn entry(&mut self, from: &Path, to: &Path) -> Result<()> {
        let meta = match fs::symlink_metadata(from) {
            Ok(meta) => meta,
            // Gone since it was listed.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(Error::new("read", from, error)),
        };
        match meta.is_symlink() {
            true => self.link(from, to),
            false => self.real(from, to, &meta),
        }
    }

    fn real(&mut self, from: &Path, to: &Path, meta: &Metadata) -> Result<()> {
        if meta.is_dir() && self.left_out.contains(&identity(meta)) {
            Ok(())
        } else if meta.is_dir() {
            self.folder(from, to, meta)
        } else if meta.is_file() {
            copy_file(from, to)
        } else {
            let path = from.display();
            (self.warn)(format!("{path} is no file or folder, skipping"));
            Ok(())
        }
    }

    fn link(&mut self, from: &Path, to: &Path) -> Result<()> {
        let unreadable = |error| Error::new("read", from, error);
        let target = fs::read_link(from).map_err(unreadable)?;
        let behind = from.canonicalize().and_then(|path| {
            let meta = fs::metadata(&path)?;
            Ok((path, meta))
        });
        let target = match behind {
            // What leads nowhere leads nowhere in the copy.
            Err(_) => target,
            Ok((path, _)) if path.starts_with(&self.root) && target.is_relative() => target,
            Ok((_, meta)) if self.above.contains(&identity(&meta)) => {
                let path = from.display();
                (self.warn)(format!("{path} leads back to where it is, skipping"));
                return Ok(());
            }
            Ok((path, meta)) => return self.real(&path, to, &meta),
        };
        symlink(target, to).map_err(|error| Error::new("write", to, error))
    }
}

fn identity(meta: &Metadata) -> Identity {
    (meta.dev(), meta.ino())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_stands_alone() {
        let dir = tempfile::tempdir().unwrap();
        let at = |path: &str| dir.path().join(path);
        fs::create_dir_all(at("from/sub")).unwrap();
        fs::create_dir_all(at("runs/1")).unwrap();
        fs::create_dir(at("elsewhere")).unwrap();
        fs::write(at("elsewhere/far"), "far").unwrap();
        fs::write(at("from/sub/file"), "near").unwrap();
        symlink("sub/file", at("from/inside")).unwrap();
        symlink(at("elsewhere"), at("from/outside")).unwrap();
        symlink(at("elsewhere/far"), at("from/far")).unwrap();
        symlink("nothing", at("from/nowhere")).unwrap();
        symlink(at("from"), at("from/sub/circle")).unwrap();
        fs::rename(at("runs"), at("from/runs")).unwrap();
        let mut told = Vec::new();
        let left_out = at("from/runs");
        copy_folder(&at("from"), &at("to"), &[&left_out], &mut |text| {
            told.push(text);
        })
        .unwrap();
        fs::remove_dir_all(at("from")).unwrap();
        fs::remove_dir_all(at("elsewhere")).unwrap();
        let read = |path: &str| fs::read_to_string(at(path)).unwrap();
        assert_eq!(read("to/inside"), "near");
        assert_eq!(read("to/outside/far"), "far");
        assert_eq!(read("to/far"), "far");
        assert!(fs::symlink_metadata(at("to/nowhere")).unwrap().is_symlink());
        assert!(!at("to/runs").exists() && !at("to/sub/circle").exists());
        assert_eq!(told.len(), 1, "{told:?}");
    }
}
