//! What is downloaded.

use super::Tell;
use super::source::{Fault, Found, Place};

/// The files of what is at the address `url`, or of what a flag names instead.
///
/// # Errors
/// It cannot be had.
pub(super) fn find(url: &str, place: &Place<'_>, tell: Tell<'_>) -> Result<Found, Fault> {
    if let Some(path) = place.given_path(tell)? {
        return Ok(Found::below(&place.resource.location, vec![path]));
    }
    let url = place.text(url)?;
    Err(Fault::Unmet(format!(
        "cannot get {url}: downloads are not available yet"
    )))
}
