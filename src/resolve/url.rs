//! What is at an address: downloaded, or a file that it names.

use super::source::{Fault, Found, Place};
use super::{Tell, download, file, post_process, unpack};
use crate::base::python_url;
use crate::home::tidy;

/// The files of what is at the address `url`, or of what a flag names instead.
///
/// # Errors
/// It cannot be had, or is not what it should be.
pub(super) fn find(url: &str, place: &Place<'_>, tell: Tell<'_>) -> Result<Found, Fault> {
    let location = &place.resource.location;
    if let Some(path) = place.given_path(tell)? {
        return Ok(Found::below(location, vec![path]));
    }
    let url = place.text(url)?;
    let parts = python_url::parse(&url);
    if parts.scheme == "file" {
        let path = tidy(&location.join(&parts.path));
        if !path.exists() {
            let text = format!("cannot find source file '{}'", parts.path);
            return Err(Fault::Unmet(text));
        }
        return file::contents(&path, place, tell);
    }
    let sha256 = place.source.sha256.as_deref();
    let path = download::download(&url, sha256, place.needs.home, tell)
        .map_err(|error| Fault::Unmet(error.to_string()))?;
    let dir = place.needs.home.download_dir(&parts);
    let found = match unpack::kind_of(&path, place) {
        None => Found::below(&dir, vec![path]),
        Some(kind) => unpack::find(&path, &kind, &dir, place, tell)?,
    };
    post_process::run(place, &dir, tell)?;
    Ok(found)
}
