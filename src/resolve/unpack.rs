//! Archives: what is in them.

use std::path::Path;

use super::source::{Fault, Found, Place};
use super::{Tell, select};

/// The kind of the archive at `path`, if it is one that the source wants unpacked.
pub(super) fn kind_of(path: &Path, place: &Place<'_>) -> Option<String> {
    let unpack = place.source.unpack;
    if !unpack.unwrap_or(place.resource.definition.default_unpack) {
        return None;
    }
    if let Some(kind) = &place.source.archive_type {
        return Some(kind.clone());
    }
    let name = path.file_name()?.to_string_lossy().to_lowercase();
    let parts: Vec<&str> = name.split('.').skip(1).collect();
    let kind = match parts.as_slice() {
        [.., "zip"] => "zip",
        [.., "tar" | "tgz"] | [.., "tar", _] => "tar",
        [.., "gz"] => "gzip",
        _ => return None,
    };
    Some(kind.to_string())
}

/// The files of the archive at `path`, of the kind `kind`, that the source means,
/// unpacked in the folder `dir`.
///
/// # Errors
/// It cannot be unpacked; the source selects by what is no pattern.
pub(super) fn find(
    path: &Path,
    kind: &str,
    dir: &Path,
    place: &Place<'_>,
    tell: Tell<'_>,
) -> Result<Found, Fault> {
    let names = extract(path, kind, dir, tell)?;
    let paths = match place.source.select.is_empty() {
        true => select::top(dir, &names),
        false => select::among(dir, names, &place.source.select)?,
    };
    Ok(Found::below(dir, paths))
}

/// Unpacks the archive at `path` in the folder `dir`, unless that was done before.
/// The names of what is in it, folders included, are relative to `dir`.
///
/// # Errors
/// It cannot be unpacked.
fn extract(path: &Path, _kind: &str, _dir: &Path, _tell: Tell<'_>) -> Result<Vec<String>, Fault> {
    Err(Fault::Unmet(format!(
        "cannot unpack '{}': archives are not available yet (set 'unpack: no' to use the file \
         as it is)",
        path.display()
    )))
}
