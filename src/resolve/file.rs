//! Files, folders and patterns of files.

use std::path::{Path, PathBuf};

use super::source::{Fault, Found, Place};
use super::{Notice, Tell, post_process, select, unpack};
use crate::base::digest;
use crate::home::tidy;

/// The files that `path` means, relative to where the resource is defined, or
/// those that a flag names instead.
///
/// # Errors
/// There are none; they are not what they should be.
pub(super) fn find(path: &str, place: &Place<'_>, tell: Tell<'_>) -> Result<Found, Fault> {
    let location = &place.resource.location;
    if let Some(given) = place.given_path(tell)? {
        let own = place.text(path).map(|path| tidy(&location.join(path)));
        // The flag's default is the file itself.
        if !own.is_ok_and(|own| own == given) {
            return Ok(Found::below(location, vec![given]));
        }
    }
    let mut found = Found::below(location, Vec::new());
    for path in locate(path, place)? {
        let of_path = contents(&path, place, tell)?;
        found.paths.extend(of_path.paths);
        found.origin = of_path.origin;
    }
    Ok(found)
}

/// The file or folder called `path`, or those whose paths fit it.
fn locate(path: &str, place: &Place<'_>) -> Result<Vec<PathBuf>, Fault> {
    let text = place.text(path)?;
    let location = &place.resource.location;
    let full = tidy(&location.join(&text));
    if !text.is_empty() && full.exists() {
        return Ok(vec![full]);
    }
    let is_pattern = text.contains(['*', '?', '[']);
    let found = match is_pattern {
        true => matches(location, &text)?,
        false => Vec::new(),
    };
    match found.is_empty() {
        true => Err(Fault::Unmet(format!("cannot find source file '{text}'"))),
        false => Ok(found),
    }
}

/// The files and folders below `location` whose paths fit `pattern`, by name.
fn matches(location: &Path, pattern: &str) -> Result<Vec<PathBuf>, Fault> {
    let below = glob::Pattern::escape(&location.to_string_lossy());
    let pattern = Path::new(&below).join(pattern);
    let options = glob::MatchOptions {
        case_sensitive: true,
        require_literal_separator: true,
        require_literal_leading_dot: true,
    };
    let found = glob::glob_with(&pattern.to_string_lossy(), options)
        .map_err(|error| Fault::Unmet(format!("invalid pattern: {error}")))?;
    found
        .map(|path| path.map(|path| tidy(&path)))
        .map(|path| path.map_err(|error| Fault::Unmet(format!("cannot read files: {error}"))))
        .collect()
}

/// What is meant of the file or folder at `path`.
///
/// # Errors
/// It cannot be read, or is not what it should be.
pub(super) fn contents(path: &Path, place: &Place<'_>, tell: Tell<'_>) -> Result<Found, Fault> {
    let source = place.source;
    let location = &place.resource.location;
    if path.is_dir() {
        if source.sha256.is_some() {
            let text = format!(
                "cannot verify '{}' because it's a directory",
                path.display()
            );
            tell(Notice::Warning(text));
        }
        let paths = match source.select.is_empty() {
            true => vec![path.to_path_buf()],
            false => select::in_folder(path, &source.select)?,
        };
        return Ok(Found::below(location, paths));
    }
    check_digest(path, place)?;
    let unpacked = place.needs.home.unpacked_dir(path);
    let found = match unpack::kind_of(path, place) {
        None => Found::below(location, vec![path.to_path_buf()]),
        Some(kind) => unpack::find(path, &kind, &unpacked, place, tell)?,
    };
    post_process::run(place, &unpacked, tell)?;
    Ok(found)
}

/// Makes sure that the file is the one that the source means.
///
/// # Errors
/// It is not, or cannot be read.
fn check_digest(path: &Path, place: &Place<'_>) -> Result<(), Fault> {
    let Some(expected) = &place.source.sha256 else {
        return Ok(());
    };
    let actual = digest::sha256_of_file(path)?;
    match actual.eq_ignore_ascii_case(expected) {
        true => Ok(()),
        false => Err(Fault::Unmet(format!(
            "'{}' has an unexpected sha256 (expected {expected} but got {actual})",
            path.display()
        ))),
    }
}
