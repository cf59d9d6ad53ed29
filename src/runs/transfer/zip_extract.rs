//! Runs out of a zip file.

use std::fs::{File, FileTimes, Permissions};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use zip::ZipArchive;

use super::zip_entry::{self, Entry, Kind};
use super::zip_link::{Reach, reach};
use super::zip_source::{ZipSource, zip_error};
use super::{Error, Folder, Observer, Outcome, Result, check_stop, copy_error};
use crate::base::{file_copy, files};
use crate::home;

/// How much is read and written at a time.
const CHUNK: usize = 256 << 10;

/// Permission bits of what is in a zip file without any.
const FILE_MODE: u32 = 0o644;
const FOLDER_MODE: u32 = 0o755;

impl ZipSource {
    /// Checks that the runs `ids` fit into the file system of `folder`.
    ///
    /// # Errors
    /// They do not.
    pub fn check_room<'a>(&self, ids: impl Iterator<Item = &'a str>, folder: &Path) -> Result<()> {
        let indexes = ids.filter_map(|id| self.runs.get(id)).flatten();
        let sizes = indexes.map(|&index| self.entries[index].size);
        let needed = sizes.fold(0_u64, u64::saturating_add);
        match file_copy::free_space(folder) {
            Some(free) if needed > free => Err(Error::NoRoom {
                archive: self.path.clone(),
                folder: folder.to_path_buf(),
                needed,
                free,
            }),
            _ => Ok(()),
        }
    }

    /// Extracts the run `id` into the folder of runs `folder`.
    ///
    /// # Errors
    /// An entry is damaged, something cannot be written, or the transfer is asked
    /// to end. The folder then has nothing of the run.
    pub fn give(
        &mut self,
        id: &str,
        folder: &mut Folder,
        observer: &dyn Observer,
    ) -> Result<Outcome> {
        if folder.has(id) {
            return Ok(Outcome::Exists);
        }
        let runs_dir = folder.dir().to_path_buf();
        folder.place(id, |target| {
            let parent = target.parent().unwrap_or(target);
            self.extract(id, parent, &runs_dir, observer)
        })
    }

    /// Extracts the run `id` below `parent`, from where it will go to `runs_dir`.
    fn extract(
        &mut self,
        id: &str,
        parent: &Path,
        runs_dir: &Path,
        observer: &dyn Observer,
    ) -> Result<()> {
        let indexes = self.runs.get(id).map(Vec::as_slice).unwrap_or_default();
        let mut links = Vec::new();
        let mut folders = Vec::new();
        for &index in indexes {
            check_stop(observer)?;
            let entry = &self.entries[index];
            let target = parent.join(&entry.path);
            if let Some(above) = target.parent() {
                files::create_dir_all(above)?;
            }
            match &entry.kind {
                Kind::Folder => {
                    files::create_dir_all(&target)?;
                    folders.push(entry);
                }
                Kind::File => file(&mut self.archive, entry, &target, observer)?,
                kind => match kind.target() {
                    Some(to) if self.keeps_link(entry, to, runs_dir, observer) => {
                        links.push((target, to));
                    }
                    _ => file(&mut self.archive, entry, &target, observer)?,
                },
            }
        }
        // Links come after everything that is written, so nothing is written
        // through one.
        for (path, to) in links {
            symlink(to, &path).map_err(|source| files::Error::new("write", &path, source))?;
        }
        // A folder comes before what is in it, and the bits of the inner first.
        for entry in folders.into_iter().rev() {
            let mode = entry.mode.unwrap_or(FOLDER_MODE) | 0o700;
            file_copy::set_attributes(&parent.join(&entry.path), mode, entry.modified)?;
        }
        Ok(())
    }

    /// Whether a link is made rather than a file with what it points at, which
    /// the entry holds as well: where the link leads somewhere.
    fn keeps_link(
        &self,
        entry: &Entry,
        target: &Path,
        runs_dir: &Path,
        observer: &dyn Observer,
    ) -> bool {
        let is_folder = match entry.kind {
            Kind::MarkedLink { is_folder, .. } => is_folder,
            // The entry holds nothing but the target.
            _ => return true,
        };
        // By its text: the folder that the link will be in is not there yet.
        let real = runs_dir.canonicalize();
        let runs_dir = real.as_deref().unwrap_or(runs_dir);
        let folder = runs_dir.join(entry.path.parent().unwrap_or(Path::new("")));
        let behind = home::tidy(&folder.join(target));
        match reach(&entry.path, target) {
            Reach::OwnRun => true,
            Reach::Runs => is_folder || behind.exists() || self.has_run_behind(entry, target),
            Reach::Outside if is_folder => {
                observer.remark(&format!(
                    "{} links to {}, which is outside of the runs",
                    entry.path.display(),
                    target.display()
                ));
                true
            }
            // Only where nothing can be learned by it that the zip file does not tell.
            Reach::Outside => has_content(&behind, entry).unwrap_or(false),
        }
    }

    /// Whether the zip file has the other run that the link `entry` leads to.
    fn has_run_behind(&self, entry: &Entry, target: &Path) -> bool {
        let up = entry.path.components().count() - 1;
        let other = target.iter().nth(up).and_then(|name| name.to_str());
        other.is_some_and(|id| self.runs.contains_key(id))
    }
}

/// Whether the file at `path` has the content that `entry` has, by size and
/// checksum.
fn has_content(path: &Path, entry: &Entry) -> files::Result<bool> {
    let mut file = files::open(path)?;
    let read = |source| files::Error::new("read", path, source);
    if file.metadata().map_err(read)?.len() != entry.size {
        return Ok(false);
    }
    let mut hasher = crc32fast::Hasher::new();
    let mut chunk = vec![0; CHUNK];
    loop {
        match file.read(&mut chunk).map_err(read)? {
            0 => return Ok(hasher.finalize() == entry.crc32),
            count => hasher.update(&chunk[..count]),
        }
    }
}

/// Extracts the content of `entry` to the new file `target`.
///
/// # Errors
/// The content is damaged or not as long as it is said to be; the file cannot be
/// written; the transfer is asked to end.
pub(super) fn file<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    entry: &Entry,
    target: &Path,
    observer: &dyn Observer,
) -> Result<()> {
    let name = entry.path.display().to_string();
    let mut content =
        archive
            .by_index(entry.index)
            .map_err(|error| match zip_error(target, error) {
                Error::DamagedZip(reason) => zip_entry::damaged(&name, &io::Error::other(reason)),
                other => other,
            })?;
    let written =
        File::create_new(target).map_err(|source| files::Error::new("write", target, source))?;
    let mut chunk = vec![0; CHUNK];
    let mut left = entry.size;
    loop {
        check_stop(observer)?;
        let count = match content.read(&mut chunk) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(zip_entry::damaged(&name, &error)),
        };
        left = match left.checked_sub(count as u64) {
            Some(left) => left,
            None => return Err(wrong_size(&name, "larger")),
        };
        (&written)
            .write_all(&chunk[..count])
            .map_err(|error| copy_error(target, target, error, observer))?;
        observer.transferred(count as u64);
    }
    if left > 0 {
        return Err(wrong_size(&name, "smaller"));
    }
    finish(&written, entry).map_err(|source| files::Error::new("write", target, source).into())
}

fn wrong_size(name: &str, how: &str) -> Error {
    Error::Entry {
        name: name.to_string(),
        reason: format!("is {how} than it is said to be"),
    }
}

fn finish(file: &File, entry: &Entry) -> io::Result<()> {
    if let Some(modified) = entry.modified {
        file.set_times(FileTimes::new().set_modified(modified))?;
    }
    let mode = entry.mode.unwrap_or(FILE_MODE) | 0o400;
    file.set_permissions(Permissions::from_mode(mode))
}
