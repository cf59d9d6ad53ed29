//! Archives among the files of a source.

use std::path::Path;

use super::archive::{self, Kind};
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
    let name = path.file_name()?.to_string_lossy();
    Kind::of_name(&name).map(|kind| kind.name().to_string())
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
    let failed = |error: archive::Error| Fault::Unmet(error.to_string());
    let kind = Kind::named(kind, path).map_err(failed)?;
    let names = archive::unpack(path, kind, dir, tell).map_err(failed)?;
    let paths = match place.source.select.is_empty() {
        true => select::top(dir, &names),
        false => select::among(dir, names, &place.source.select)?,
    };
    Ok(Found::below(dir, paths))
}
