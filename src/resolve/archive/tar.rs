//! Tar files, and files that are compressed alone. The compression of a tar file is
//! told by its first bytes, as its name may say anything.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use bzip2::bufread::MultiBzDecoder;
use flate2::bufread::MultiGzDecoder;
use lzma_rust2::XzReader;
use tar::{Archive, Entry, EntryType};

use super::Error;
use super::entries::{Attributes, Entries};
use crate::base::files;

/// The most memory that an xz file may ask for, in KB: what the largest preset of
/// xz takes, many times over.
const MAX_XZ_MEMORY: u32 = 2 << 20;

/// Where the kind of an entry's name in headers of the extended format begins, for
/// files with holes.
const SPARSE: &str = "GNU.sparse.";

/// Extracts the tar file `archive`.
///
/// # Errors
/// It is none, or damaged; an entry is not extracted; something cannot be written.
pub(super) fn extract(archive: &Path, entries: &mut Entries<'_>) -> Result<(), Error> {
    let damaged = |reason: String| Error::Damaged {
        archive: archive.to_path_buf(),
        reason,
    };
    let mut content = decompressed(archive)?;
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
        Err(error) if !is_about_trailing_bytes(&error) => Err(damaged(format!(
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

/// The content of a tar file, whatever it is compressed with.
fn decompressed(archive: &Path) -> Result<Box<dyn Read>, Error> {
    let mut file: BufReader<File> = BufReader::with_capacity(128 << 10, files::open(archive)?);
    let start = file
        .fill_buf()
        .map_err(|source| files::Error::new("read", archive, source))?;
    let refuse = |reason: &str| Error::Damaged {
        archive: archive.to_path_buf(),
        reason: reason.to_string(),
    };
    Ok(match start {
        [] => return Err(refuse("it is empty")),
        [0x1f, 0x8b, ..] => Box::new(MultiGzDecoder::new(file)),
        [b'B', b'Z', b'h', ..] => Box::new(MultiBzDecoder::new(file)),
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => {
            Box::new(XzReader::new_mem_limit(file, true, MAX_XZ_MEMORY))
        }
        [0x28, 0xb5, 0x2f, 0xfd, ..] => {
            return Err(refuse(
                "guild does not read zstd - compress it with gzip, bzip2 or xz",
            ));
        }
        _ => Box::new(file),
    })
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
            if has_holes_by_extension(&mut entry) {
                return Err(entries.refuse(&name, "is a sparse file of a form that is not read"));
            }
            let size = entry.size();
            entries.file(&name, size, &mut entry, attributes)
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

/// Whether the entry has its holes noted in a form that the reader does not know.
fn has_holes_by_extension<R: Read>(entry: &mut Entry<'_, R>) -> bool {
    let Ok(Some(extensions)) = entry.pax_extensions() else {
        return false;
    };
    extensions
        .flatten()
        .any(|extension| extension.key().is_ok_and(|key| key.starts_with(SPARSE)))
}

/// Whether there is something after the end of what is compressed, which programs
/// pass over that read gzip files.
fn is_about_trailing_bytes(error: &io::Error) -> bool {
    error.to_string().contains("invalid gzip header")
}
