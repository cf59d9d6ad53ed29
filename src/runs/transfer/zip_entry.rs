//! What an entry of a zip file is, as far as runs are concerned.

use std::io::{Read, Seek};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff::civil;
use jiff::tz::TimeZone;
use zip::extra_fields::ExtraField;
use zip::read::ZipFile;
use zip::{CompressionMethod, DateTime};

use super::zip_link::{self, FIELD_ID, MAX_TARGET};
use super::{Error, Result};

/// How many times smaller than its content deflated data can be, at the best.
const MAX_RATIO: u64 = 1040;

/// The kinds of files, in the upper half of an entry's attributes.
const KIND_MASK: u32 = 0o170_000;
const KIND_LINK: u32 = 0o120_000;
const KIND_FILE: u32 = 0o100_000;
const KIND_FOLDER: u32 = 0o040_000;

/// What an entry makes when it is extracted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// A folder.
    Folder,
    /// A file.
    File,
    /// A symbolic link whose target is the content of the entry, as programs
    /// that know links write them.
    Link(PathBuf),
    /// A symbolic link as we write them: the entry holds the file that it
    /// points at, or is a folder.
    MarkedLink {
        /// What the link holds.
        target: PathBuf,
        /// Whether the entry is a folder.
        is_folder: bool,
    },
}

impl Kind {
    /// The target of a link.
    pub(super) fn target(&self) -> Option<&Path> {
        match self {
            Self::Link(target) | Self::MarkedLink { target, .. } => Some(target),
            Self::Folder | Self::File => None,
        }
    }
}

/// An entry, without its content.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// Its number in the zip file.
    pub index: usize,
    /// Where it goes: names without `.` and `..` from the folder of runs on, the
    /// first of which is the run's id.
    pub path: PathBuf,
    /// What it makes.
    pub kind: Kind,
    /// How large its content is said to be.
    pub size: u64,
    /// The checksum of its content.
    pub crc32: u32,
    /// Permission bits, where they are known.
    pub mode: Option<u32>,
    /// When it was modified, where that is known.
    pub modified: Option<SystemTime>,
}

/// Reads what entry number `index` is, whose checked path is `path`.
///
/// # Errors
/// It cannot be extracted: encrypted, in an unknown compression, a kind of file
/// that runs do not have, or with sizes that cannot be.
pub(super) fn read<R: Read + Seek>(
    mut file: ZipFile<'_, R>,
    index: usize,
    name: &str,
    path: PathBuf,
) -> Result<Entry> {
    let refuse = |reason: &str| {
        Err(Error::Entry {
            name: name.to_string(),
            reason: reason.to_string(),
        })
    };
    if file.encrypted() {
        return refuse("is encrypted");
    }
    let (size, packed) = (file.size(), file.compressed_size());
    match file.compression() {
        CompressionMethod::Stored if size == packed => {}
        CompressionMethod::Deflated if size / MAX_RATIO <= packed => {}
        CompressionMethod::Stored | CompressionMethod::Deflated => {
            return refuse("cannot have the size that it is said to have");
        }
        _ => return refuse("has a compression that guild does not read"),
    }
    let mode = file.unix_mode();
    let kind = match mode.map_or(0, |mode| mode & KIND_MASK) {
        KIND_LINK => {
            if size == 0 || size > MAX_TARGET {
                return refuse("is a link without a target");
            }
            let mut target = Vec::new();
            file.by_ref()
                .take(MAX_TARGET)
                .read_to_end(&mut target)
                .map_err(|error| damaged(name, &error))?;
            if target.contains(&0) {
                return refuse("is a link without a target");
            }
            Kind::Link(bytes_path(&target))
        }
        0 | KIND_FILE | KIND_FOLDER => match (marked_target(&file), file.is_dir()) {
            (Some(target), is_folder) => Kind::MarkedLink { target, is_folder },
            (None, true) => Kind::Folder,
            (None, false) => Kind::File,
        },
        _ => return refuse("is neither a file, a folder nor a link"),
    };
    Ok(Entry {
        index,
        path,
        kind,
        size,
        crc32: file.crc32(),
        mode: mode.map(|mode| mode & 0o777).filter(|&mode| mode != 0),
        modified: modified(&file),
    })
}

/// That the content of the entry `name` cannot be read.
pub(super) fn damaged(name: &str, error: &dyn std::error::Error) -> Error {
    Error::Entry {
        name: name.to_string(),
        reason: format!("is damaged ({error})"),
    }
}

fn bytes_path(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(std::ffi::OsStr::from_bytes(bytes))
}

fn marked_target<R: Read>(file: &ZipFile<'_, R>) -> Option<PathBuf> {
    file.extra_data_fields().find_map(|field| match field {
        ExtraField::Custom(field) if field.header_id == FIELD_ID => {
            zip_link::decode(&field.data).map(Path::to_path_buf)
        }
        _ => None,
    })
}

/// The time in the extended timestamp, else the local time that every entry has.
fn modified<R: Read>(file: &ZipFile<'_, R>) -> Option<SystemTime> {
    let exact = file.extra_data_fields().find_map(|field| match field {
        ExtraField::ExtendedTimestamp(times) => times.mod_time(),
        _ => None,
    });
    if let Some(seconds) = exact {
        return Some(UNIX_EPOCH + Duration::from_secs(u64::from(seconds)));
    }
    let local = civil::DateTime::try_from(file.last_modified()?).ok()?;
    let zoned = local.to_zoned(TimeZone::system()).ok()?;
    Some(SystemTime::from(zoned.timestamp()))
}

/// The local time of `modified` as zip files have it, to two seconds; the
/// earliest they know for what is before.
pub(super) fn local_time(modified: SystemTime) -> DateTime {
    let zoned = jiff::Timestamp::try_from(modified).map(|time| time.to_zoned(TimeZone::system()));
    let local = zoned.ok().map(|zoned| zoned.datetime());
    local
        .and_then(|local| DateTime::try_from(local).ok())
        .unwrap_or(DateTime::DEFAULT)
}
