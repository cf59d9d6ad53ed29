//! Zip files.

use std::io::Read;
use std::path::Path;

use zip::ZipArchive;
use zip::result::ZipError;

use super::Error;
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
        let name = zip.name_for_index(index).and_then(Result::ok);
        let name = name.unwrap_or_default().into_owned().into_bytes();
        let name = name.as_slice();
        let mut file = zip.by_index(index).map_err(|error| {
            let reason = match error {
                ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => {
                    "is encrypted".to_string()
                }
                ZipError::CompressionMethodNotSupported(_) => {
                    "has a compression that is not read".to_string()
                }
                other => format!("is damaged ({other})"),
            };
            entries.refuse(name, &reason)
        })?;
        let mode = file.unix_mode();
        let attributes = Attributes {
            mode: mode.map(|mode| mode & 0o777).filter(|&mode| mode != 0),
            modified: None,
        };
        match mode.map_or(0, |mode| mode & KIND_MASK) {
            0 | KIND_FILE | KIND_FOLDER if file.is_dir() => entries.folder(name, attributes)?,
            0 | KIND_FILE => {
                let size = file.size();
                entries.file(name, size, &mut file, attributes)?;
            }
            KIND_LINK => {
                let mut target = Vec::new();
                file.by_ref()
                    .take(MAX_TARGET)
                    .read_to_end(&mut target)
                    .map_err(|error| entries.refuse(name, &format!("is damaged ({error})")))?;
                entries.link(name, &target)?;
            }
            _ => {
                return Err(entries.refuse(name, "is neither a file, a folder nor a link"));
            }
        }
    }
    Ok(())
}
