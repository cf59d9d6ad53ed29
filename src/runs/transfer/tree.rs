//! A copy of a run directory as another folder.

use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::{Path, PathBuf};

use super::walk::{Item, Visitor, walk};
use super::{Manner, Observer, Result, copy_error, report};
use crate::base::{file_copy, files};

/// Copies the folder at `from` to the new folder `to`: content, permission bits,
/// times of modification; links as links unless `manner` says to copy what is
/// behind them. The folder of runs `into`, which `to` is somewhere in, is left out.
///
/// # Errors
/// Something cannot be read or written, or the copy is asked to end. What was
/// copied until then is left for the caller to remove.
pub(super) fn copy(
    from: &Path,
    to: &Path,
    (manner, into): (Manner, &Path),
    observer: &dyn Observer,
) -> Result<()> {
    let mut copy = Copy { to, observer };
    walk(from, (manner, into), observer, &mut copy)
}

struct Copy<'a> {
    to: &'a Path,
    observer: &'a dyn Observer,
}

impl Copy<'_> {
    fn target(&self, item: &Item<'_>) -> PathBuf {
        match item.relative.as_os_str().is_empty() {
            true => self.to.to_path_buf(),
            false => self.to.join(item.relative),
        }
    }
}

impl Visitor for Copy<'_> {
    fn enter(&mut self, item: &Item<'_>) -> Result<()> {
        Ok(files::create_dir(&self.target(item))?)
    }

    fn leave(&mut self, item: &Item<'_>) -> Result<()> {
        // Only now: a folder that may not be written takes no files.
        let modified = item.meta.modified().ok();
        Ok(file_copy::set_attributes(
            &self.target(item),
            item.meta.mode(),
            modified,
        )?)
    }

    fn file(&mut self, item: &Item<'_>) -> Result<()> {
        let target = self.target(item);
        let source = match files::open(item.path) {
            Ok(file) => file,
            // Gone since it was listed.
            Err(error) if error.is_not_found() => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        let written = File::create_new(&target)
            .map_err(|source| files::Error::new("write", &target, source))?;
        let mut copied = |bytes| report(self.observer, bytes);
        file_copy::copy_contents(&source, &written, item.meta.len(), &mut copied)
            .map_err(|error| copy_error(item.path, &target, error, self.observer))?;
        let times = item.meta.modified().map(|modified| {
            let times = fs::FileTimes::new().set_modified(modified);
            written.set_times(times)
        });
        times
            .and_then(|set| set)
            .and_then(|()| written.set_permissions(item.meta.permissions()))
            .map_err(|source| files::Error::new("write", &target, source).into())
    }

    fn link(&mut self, item: &Item<'_>, target: &Path) -> Result<()> {
        let path = self.target(item);
        symlink(target, &path).map_err(|source| files::Error::new("write", &path, source).into())
    }
}
