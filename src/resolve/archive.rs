//! What archives hold, unpacked once and used by all runs.
//!
//! An archive is unpacked into a folder beside the place where its files will be,
//! and they are moved there when all are whole; a list of them, Guild AI's, is
//! written last. Without a list that fits the archive it is unpacked again, so that
//! what was interrupted is never taken for the whole.

mod compression;
mod entries;
mod sparse;
mod tar;
mod zip;
mod zstd;

use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::cache::CacheFolder;
use super::{Notice, Tell};
use crate::base::{file_copy, files, flock};
use entries::Entries;

/// Why an archive cannot be unpacked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A kind that guild does not know.
    #[error("'{archive}' cannot be unpacked (unsupported archive type '{kind}')", archive = archive.display())]
    Kind {
        /// The archive.
        archive: PathBuf,
        /// The kind as the source says it.
        kind: String,
    },
    /// It is no archive of its kind, or damaged.
    #[error("'{archive}' cannot be unpacked: {reason}", archive = archive.display())]
    Damaged {
        /// The archive.
        archive: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// It holds something that is not unpacked.
    #[error("'{archive}' cannot be unpacked: '{name}' {reason}", archive = archive.display())]
    Entry {
        /// The archive.
        archive: PathBuf,
        /// The name in it.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Something cannot be read or written.
    #[error(transparent)]
    File(#[from] files::Error),
    /// The folder cannot be locked.
    #[error(transparent)]
    Lock(#[from] flock::Error),
}

/// A kind of archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A zip file.
    Zip,
    /// A tar file, compressed or not.
    Tar,
    /// One file, compressed with gzip.
    Gzip,
}

impl Kind {
    /// The kind that `text` means, which is what a source says of `archive`.
    ///
    /// # Errors
    /// There is no such kind.
    pub fn named(text: &str, archive: &Path) -> Result<Self, Error> {
        let kinds = [Self::Zip, Self::Tar, Self::Gzip];
        let kind = kinds.into_iter().find(|kind| kind.name() == text);
        kind.ok_or_else(|| Error::Kind {
            archive: archive.to_path_buf(),
            kind: text.to_string(),
        })
    }

    /// What sources call the kind.
    pub fn name(self) -> &'static str {
        match self {
            Self::Zip => "zip",
            Self::Tar => "tar",
            Self::Gzip => "gzip",
        }
    }

    /// The kind that a file's name tells.
    pub fn of_name(name: &str) -> Option<Self> {
        let name = name.to_lowercase();
        let ends: Vec<&str> = name.split('.').skip(1).collect();
        match ends.as_slice() {
            [.., "zip"] => Some(Self::Zip),
            [.., "tar" | "tgz"] | [.., "tar", _] => Some(Self::Tar),
            [.., "gz"] => Some(Self::Gzip),
            _ => None,
        }
    }
}

/// The paths of what `archive` holds, unpacked in the folder `dir` and relative to
/// it: folders that no entry names first, then entries in their order.
///
/// # Errors
/// It cannot be unpacked.
pub fn unpack(
    archive: &Path,
    kind: Kind,
    dir: &Path,
    tell: Tell<'_>,
) -> Result<Vec<String>, Error> {
    let unpacking = Unpacking {
        archive,
        name: archive
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned(),
        folder: CacheFolder::at(dir),
    };
    if let Some(names) = unpacking.known()? {
        return Ok(names);
    }
    let _lock = unpacking.folder.lock(&mut || {
        tell(Notice::Info(format!(
            "Waiting for another process that unpacks {}",
            archive.display()
        )));
    })?;
    if let Some(names) = unpacking.known()? {
        return Ok(names);
    }
    if kind != Kind::Gzip {
        tell(Notice::Info(format!("Unpacking {}", archive.display())));
    }
    let stamp = unpacking.stamp()?;
    let scratch = unpacking.folder.note(&unpacking.name, "unpacking");
    let result = unpacking.extract(kind, &scratch);
    let names = match result.and_then(|names| unpacking.publish(&scratch, names)) {
        Ok(names) => names,
        Err(error) => {
            // The error is what the user must hear of, not this one.
            let _ = remove(&scratch);
            return Err(error);
        }
    };
    remove(&scratch)?;
    unpacking.record(&names, &stamp)?;
    Ok(names)
}

/// An archive, and where it is unpacked.
struct Unpacking<'a> {
    archive: &'a Path,
    name: String,
    folder: CacheFolder,
}

impl Unpacking<'_> {
    /// What was unpacked before, if it is of this archive and still there.
    fn known(&self) -> Result<Option<Vec<String>>, Error> {
        let Some(list) = self.folder.read_note(&self.name, "unpacked")? else {
            return Ok(None);
        };
        let is_current = match self.folder.read_note(&self.name, "unpacked-from")? {
            Some(stamp) => stamp == self.stamp()?,
            // Guild AI notes no more than a time.
            None => {
                let list = files::modified_micros(&self.folder.note(&self.name, "unpacked"))?;
                list >= files::modified_micros(self.archive)?
            }
        };
        let names = list
            .lines()
            .map(|line| line.trim_end_matches('/').to_string());
        let names: Vec<String> = names.filter(|name| !name.is_empty()).collect();
        let is_there = |name: &String| self.folder.file(name).symlink_metadata().is_ok();
        let is_usable = is_current && !names.is_empty() && names.iter().all(is_there);
        Ok(is_usable.then_some(names))
    }

    /// What tells the archive from what was there under its name before.
    fn stamp(&self) -> Result<String, Error> {
        let meta = self.archive.metadata();
        let meta = meta.map_err(|source| files::Error::new("read", self.archive, source))?;
        Ok(format!(
            "{} {}.{:09} {}",
            meta.size(),
            meta.mtime(),
            meta.mtime_nsec(),
            meta.ino()
        ))
    }

    /// Extracts all that is in the archive to the new folder `scratch`.
    fn extract(&self, kind: Kind, scratch: &Path) -> Result<Vec<String>, Error> {
        // What a killed program left.
        remove(scratch)?;
        let inner = scratch.join("new");
        files::create_dir_all(&inner)?;
        let mut entries = Entries::new(self.archive, &inner);
        if self.folder.file(&self.name) == self.archive {
            entries.reserve(&self.name);
        }
        match kind {
            Kind::Zip => zip::extract(self.archive, &mut entries)?,
            Kind::Tar => tar::extract(self.archive, &mut entries)?,
            Kind::Gzip => tar::extract_gzip(self.archive, &mut entries)?,
        }
        Ok(with_folders(entries.finish()?))
    }

    /// Moves what was extracted to `scratch` to its place; what is there makes way.
    fn publish(&self, scratch: &Path, names: Vec<String>) -> Result<Vec<String>, Error> {
        for kind in ["unpacked", "unpacked-from"] {
            files::remove_if_exists(&self.folder.note(&self.name, kind))?;
        }
        let old = scratch.join("old");
        files::create_dir_all(&old)?;
        for entry in files::list_dir(&scratch.join("new"))? {
            let target = self.folder.dir().join(entry.file_name());
            if target.symlink_metadata().is_ok() {
                files::rename(&target, &old.join(entry.file_name()))?;
            }
            files::rename(&entry.path(), &target)?;
        }
        Ok(names)
    }

    fn record(&self, names: &[String], stamp: &str) -> Result<(), Error> {
        let list: String = names.iter().map(|name| format!("{name}\n")).collect();
        self.folder.write_note(&self.name, "unpacked-from", stamp)?;
        self.folder.write_note(&self.name, "unpacked", &list)?;
        Ok(())
    }
}

/// Removes the folder at `path`, if it is there.
fn remove(path: &Path) -> files::Result<()> {
    match path.symlink_metadata().is_ok() {
        true => file_copy::remove_tree(path),
        false => Ok(()),
    }
}

/// The names, after those of the folders that they are in and that are not among
/// them.
fn with_folders(names: Vec<String>) -> Vec<String> {
    let known: BTreeSet<&str> = names.iter().map(String::as_str).collect();
    let above = names
        .iter()
        .filter_map(|name| Some(name.rsplit_once('/')?.0));
    let above: BTreeSet<&str> = above.filter(|folder| !known.contains(folder)).collect();
    let above: Vec<String> = above.into_iter().map(str::to_string).collect();
    above.into_iter().chain(names).collect()
}

#[cfg(test)]
mod tests;
