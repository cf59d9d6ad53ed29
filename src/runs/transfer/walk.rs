//! Going through the files of a run in one order, folders before what is in
//! them, each told as what it is.

use std::fs::{self, DirEntry, Metadata};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use super::{Observer, Result, check_stop};
use crate::base::files;

/// Something in a run.
#[derive(Debug)]
pub(super) struct Item<'a> {
    /// Where it is.
    pub path: &'a Path,
    /// Where it is below the run directory; empty for that itself.
    pub relative: &'a Path,
    /// What the system knows of it.
    pub meta: &'a Metadata,
}

/// Who takes what is found.
pub(super) trait Visitor {
    /// A folder; what is in it comes next.
    fn enter(&mut self, item: &Item<'_>) -> Result<()>;

    /// The end of a folder.
    fn leave(&mut self, item: &Item<'_>) -> Result<()>;

    /// A file.
    fn file(&mut self, item: &Item<'_>) -> Result<()>;

    /// A symbolic link to `target`.
    fn link(&mut self, item: &Item<'_>, target: &Path) -> Result<()>;
}

/// Shows `visitor` all that is in the folder at `root`, in name order. With
/// `follows` what a link points at is shown in its place, if there is such. What
/// is no file, folder or link is left out, with a remark.
///
/// # Errors
/// A folder or link cannot be read; what `visitor` says; a request to end.
pub(super) fn walk(
    root: &Path,
    follows: bool,
    observer: &dyn Observer,
    visitor: &mut dyn Visitor,
) -> Result<()> {
    let meta = fs::metadata(root).map_err(|source| files::Error::new("read", root, source))?;
    let mut walk = Walk {
        follows,
        observer,
        visitor,
        above: Vec::new(),
    };
    walk.folder(root, Path::new(""), &meta)
}

struct Walk<'a> {
    follows: bool,
    observer: &'a dyn Observer,
    visitor: &'a mut dyn Visitor,
    /// Device and inode of the folders above, which a link must not lead back to.
    above: Vec<(u64, u64)>,
}

impl Walk<'_> {
    fn folder(&mut self, path: &Path, relative: &Path, meta: &Metadata) -> Result<()> {
        let item = Item {
            path,
            relative,
            meta,
        };
        self.visitor.enter(&item)?;
        self.above.push((meta.dev(), meta.ino()));
        for entry in files::list_dir(path)? {
            check_stop(self.observer)?;
            self.entry(&entry, &relative.join(entry.file_name()))?;
        }
        self.above.pop();
        self.visitor.leave(&item)
    }

    fn entry(&mut self, entry: &DirEntry, relative: &Path) -> Result<()> {
        let path = entry.path();
        let meta = match path.symlink_metadata() {
            Ok(meta) => meta,
            // A run that is still running removes files.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(source) => return Err(files::Error::new("read", &path, source).into()),
        };
        if meta.is_symlink() {
            return self.link(&path, relative, &meta);
        }
        self.real(&path, relative, &meta)
    }

    fn real(&mut self, path: &Path, relative: &Path, meta: &Metadata) -> Result<()> {
        if meta.is_dir() {
            return self.folder(path, relative, meta);
        }
        if meta.is_file() {
            return self.visitor.file(&Item {
                path,
                relative,
                meta,
            });
        }
        let kind = match meta.file_type() {
            kind if kind.is_fifo() => "a pipe",
            kind if kind.is_socket() => "a socket",
            _ => "a device",
        };
        let text = format!("{} is {kind}, skipping", path.display());
        self.observer.remark(&text);
        Ok(())
    }

    fn link(&mut self, path: &Path, relative: &Path, meta: &Metadata) -> Result<()> {
        if self.follows
            && let Ok(behind) = fs::metadata(path)
        {
            let leads_back = behind.is_dir() && self.above.contains(&(behind.dev(), behind.ino()));
            if !leads_back {
                return self.real(path, relative, &behind);
            }
        }
        let target: PathBuf =
            fs::read_link(path).map_err(|source| files::Error::new("read", path, source))?;
        let item = Item {
            path,
            relative,
            meta,
        };
        self.visitor.link(&item, &target)
    }
}
