//! Zip files.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

use super::Error;
use super::compression::{self, Checked};
use super::entries::{Attributes, Entries};
use crate::base::files;

/// The kinds of files, in the upper half of an entry's attributes.
const KIND_MASK: u32 = 0o170_000;
const KIND_LINK: u32 = 0o120_000;
const KIND_FILE: u32 = 0o100_000;
const KIND_FOLDER: u32 = 0o040_000;

/// The longest target of a link.
const MAX_TARGET: u64 = 4096;

/// Extracts the zip file `archive`.
///
/// # Errors
/// It is none, or damaged; an entry is not extracted; something cannot be written.
pub(super) fn extract(archive: &Path, entries: &mut Entries<'_>) -> Result<(), Error> {
    let file = files::open(archive)?;
    let mut zip = ZipArchive::new(file).map_err(|error| match error {
        ZipError::Io(source) => files::Error::new("read", archive, source).into(),
        other => Error::Damaged {
            archive: archive.to_path_buf(),
            reason: format!("it is not a zip file ({other})"),
        },
    })?;
    for index in 0..zip.len() {
        one(&mut zip, index, entries)?;
    }
    Ok(())
}

/// Extracts an entry.
fn one(zip: &mut ZipArchive<File>, index: usize, entries: &mut Entries<'_>) -> Result<(), Error> {
    let name = zip.name_for_index(index).and_then(Result::ok);
    let name = name.unwrap_or_default().into_owned().into_bytes();
    let name = name.as_slice();
    let damaged =
        |error: &dyn std::fmt::Display| entries.refuse(name, &format!("is damaged ({error})"));
    let file = zip.by_index_raw(index).map_err(|error| damaged(&error))?;
    if file.encrypted() {
        return Err(entries.refuse(name, "is encrypted"));
    }
    let (size, is_dir, mode) = (file.size(), file.is_dir(), file.unix_mode());
    let (method, checksum) = (file.compression(), file.crc32());
    let known = [
        CompressionMethod::STORE,
        CompressionMethod::DEFLATE,
        CompressionMethod::DEFLATE64,
    ];
    let mut content: Box<dyn Read> = match known.contains(&method) {
        true => {
            drop(file);
            Box::new(zip.by_index(index).map_err(|error| damaged(&error))?)
        }
        false => {
            match compression::of_entry(method, file, size).map_err(|error| damaged(&error))? {
                Some(content) => Box::new(Checked::new(content, checksum)),
                None => {
                    let reason =
                        format!("is compressed in a way that guild does not read ({method})");
                    return Err(entries.refuse(name, &reason));
                }
            }
        }
    };
    let attributes = Attributes {
        mode: mode.map(|mode| mode & 0o777).filter(|&mode| mode != 0),
        modified: None,
    };
    match mode.map_or(0, |mode| mode & KIND_MASK) {
        0 | KIND_FILE | KIND_FOLDER if is_dir => entries.folder(name, attributes),
        0 | KIND_FILE => entries.file(name, size, &mut content, attributes),
        KIND_LINK => {
            let mut target = Vec::new();
            let read = content.take(MAX_TARGET).read_to_end(&mut target);
            read.map_err(|error| damaged(&error))?;
            entries.link(name, &target)
        }
        _ => Err(entries.refuse(name, "is neither a file, a folder nor a link")),
    }
}
