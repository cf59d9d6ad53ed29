//! Going through the files of a run in one order, folders before what is in
//! them, each told as what it is.

use std::fs::{self, DirEntry, Metadata};
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

use super::{Manner, Observer, Result, check_stop, scratch};
use crate::base::files;
use crate::base::folder_trail::{Identity, Refusal, Trail, identity};

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

/// Shows `visitor` all that is in the folder at `root`, in name order. Where
/// `manner` says so what a link points at is shown in its place, if there is such.
/// What is no file, folder or link is left out, with a remark; so is what the
/// files go into, `into`, which links may lead to: it grows as they do.
///
/// # Errors
/// A folder or link cannot be read; what `visitor` says; a request to end.
pub(super) fn walk(
    root: &Path,
    (manner, into): (Manner, &Path),
    observer: &dyn Observer,
    visitor: &mut dyn Visitor,
) -> Result<()> {
    let meta = fs::metadata(root).map_err(|source| files::Error::new("read", root, source))?;
    let mut walk = Walk {
        follows: manner.copies_resources,
        into: fs::metadata(into).ok().map(|meta| identity(&meta)),
        observer,
        visitor,
        trail: Trail::default(),
        told_often: false,
    };
    walk.folder(root, Path::new(""), &meta)
}

struct Walk<'a> {
    follows: bool,
    observer: &'a dyn Observer,
    visitor: &'a mut dyn Visitor,
    /// What the files go into, where it is there already.
    into: Option<Identity>,
    trail: Trail,
    /// Whether it was told that links lead to one folder again and again.
    told_often: bool,
}

impl Walk<'_> {
    fn folder(&mut self, path: &Path, relative: &Path, meta: &Metadata) -> Result<()> {
        if self.trail.enter(meta).is_err() {
            // Links that lead around stay links, but one could be made meanwhile.
            return Ok(());
        }
        let item = Item {
            path,
            relative,
            meta,
        };
        self.visitor.enter(&item)?;
        for entry in files::list_dir(path)? {
            check_stop(self.observer)?;
            self.entry(&entry, &relative.join(entry.file_name()))?;
        }
        self.trail.leave();
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
        if self.into == Some(identity(meta)) {
            let text = format!("{} is where the runs go, skipping", path.display());
            self.observer.remark(&text);
            return Ok(());
        }
        if meta.is_dir() {
            let is_scratch = relative.file_name().is_some_and(scratch::is_name);
            if is_scratch {
                return Ok(());
            }
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
            match self.trail.refusal(&behind) {
                None => return self.real(path, relative, &behind),
                Some(Refusal::Loop) => {}
                Some(Refusal::TooOften) => self.tell_often(path),
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

    fn tell_often(&mut self, path: &Path) {
        if !self.told_often {
            self.told_often = true;
            let text = format!(
                "{} leads to a folder that many links lead to: such links stay links",
                path.display()
            );
            self.observer.remark(&text);
        }
    }
}
