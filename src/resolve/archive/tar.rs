//! Tar files, and files that are compressed alone.

use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use flate2::bufread::MultiGzDecoder;
use tar::{Archive, Entry, EntryType};

use super::Error;
use super::compression;
use super::entries::{Attributes, Entries};
use super::sparse::Sparse;
use crate::base::files;

/// Extracts the tar file `archive`.
///
/// # Errors
/// It is none, or damaged; an entry is not extracted; something cannot be written.
pub(super) fn extract(archive: &Path, entries: &mut Entries<'_>) -> Result<(), Error> {
    let damaged = |reason: String| Error::Damaged {
        archive: archive.to_path_buf(),
        reason,
    };
    let mut content = compression::of_tar(archive)?;
    let mut tar = Archive::new(&mut content);
    let mut is_first = true;
    for entry in tar.entries().map_err(|error| damaged(error.to_string()))? {
        let entry = entry.map_err(|error| match is_first {
            true => damaged(format!("it is not a tar file ({})", files::reason(&error))),
            false => damaged(format!("it is damaged ({})", files::reason(&error))),
        })?;
        is_first = false;
        one(entry, entries)?;
    }
    // The checksum of what is compressed comes after the last entry.
    match io::copy(&mut content, &mut io::sink()) {
        Err(error) if !compression::is_about_trailing_bytes(&error) => Err(damaged(format!(
            "it is damaged ({})",
            files::reason(&error)
        ))),
        _ => Ok(()),
    }
}

/// Extracts the one file in the gzip file `archive`, which is called as that is,
/// without `.gz`.
///
/// # Errors
/// It is none, or damaged; the file cannot be written.
pub(super) fn extract_gzip(archive: &Path, entries: &mut Entries<'_>) -> Result<(), Error> {
    let name = archive.file_name().unwrap_or_default().to_string_lossy();
    let end = name.len().saturating_sub(3);
    let stem = name.get(..end).filter(|stem| !stem.is_empty());
    let stem = stem.filter(|_| name[end..].eq_ignore_ascii_case(".gz"));
    let refuse = |reason: &str| Error::Damaged {
        archive: archive.to_path_buf(),
        reason: reason.to_string(),
    };
    let stem = stem.ok_or_else(|| refuse("the name of a gzip file ends in '.gz'"))?;
    let mut file = BufReader::new(files::open(archive)?);
    let start = file
        .fill_buf()
        .map_err(|source| files::Error::new("read", archive, source))?;
    if !start.starts_with(&[0x1f, 0x8b]) {
        return Err(refuse("it is not a gzip file"));
    }
    let mut content = MultiGzDecoder::new(file);
    entries.file_to_end(stem.as_bytes(), &mut content, Attributes::default())
}

fn one<R: Read>(mut entry: Entry<'_, R>, entries: &mut Entries<'_>) -> Result<(), Error> {
    let name = entry.path_bytes().into_owned();
    let header = entry.header();
    let modified = header.mtime().ok().filter(|&seconds| seconds > 0);
    let attributes = Attributes {
        mode: header.mode().ok(),
        modified: modified.and_then(|seconds| UNIX_EPOCH.checked_add(Duration::from_secs(seconds))),
    };
    let kind = header.entry_type();
    match kind {
        EntryType::Directory => entries.folder(&name, attributes),
        // As programs before 1988 wrote folders.
        EntryType::Regular if name.ends_with(b"/") => entries.folder(&name, attributes),
        EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse => {
            let damaged = |error| format!("is damaged ({error})");
            let sparse =
                Sparse::of(&mut entry).map_err(|error| entries.refuse(&name, &damaged(error)))?;
            let Some(mut sparse) = sparse else {
                let size = entry.size();
                return entries.file(&name, size, &mut entry, attributes);
            };
            let name = sparse.name.take().unwrap_or(name);
            let size = sparse.size;
            let content = sparse.reader(&mut entry);
            let mut content = content.map_err(|error| entries.refuse(&name, &damaged(error)))?;
            entries.file(&name, size, &mut content, attributes)
        }
        EntryType::Symlink | EntryType::Link => {
            let target = entry.link_name_bytes().map(|target| target.into_owned());
            let target = target.unwrap_or_default();
            match kind {
                EntryType::Symlink => entries.link(&name, &target),
                _ => entries.same_file(&name, &target, attributes),
            }
        }
        EntryType::XGlobalHeader => Ok(()),
        EntryType::Block | EntryType::Char => Err(entries.refuse(&name, "is a device")),
        EntryType::Fifo => Err(entries.refuse(&name, "is a pipe")),
        _ => Err(entries.refuse(&name, "is neither a file, a folder nor a link")),
    }
}
