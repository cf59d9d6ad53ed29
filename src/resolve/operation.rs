//! What a run of another operation made.

use std::path::PathBuf;

use walkdir::WalkDir;

use super::source::{Fault, Found, Place};
use super::{Notice, Tell, select, upstream};
use crate::base::files;
use crate::home::Home;
use crate::runs::{EntryKind, Manifest, Run, Status};

/// The files of the run that is meant: the one of `operations` that a flag tells,
/// or the marked or latest one.
///
/// # Errors
/// There is none; its files cannot be listed.
pub(super) fn find(
    operations: &[String],
    place: &Place<'_>,
    tell: Tell<'_>,
) -> Result<Found, Fault> {
    let home = place.needs.home;
    let given = place.given().map(|given| place.text(&given)).transpose()?;
    let folder = given
        .as_deref()
        .and_then(|given| upstream::folder(given, &place.resource.location));
    let (run, shown) = match folder {
        Some(run) => {
            let shown = home.relative(run.dir());
            (run, shown.display().to_string())
        }
        None => {
            let run = upstream::choose(operations, given.as_deref(), false, home)
                .map_err(|error| Fault::Unmet(error.to_string()))?;
            let id = run.id().to_string();
            (run, id)
        }
    };
    tell(Notice::Info(format!(
        "Using run {shown} for {}",
        place.name
    )));
    if run.status() == Status::Staged {
        // It is chosen by its id, at a time when it was to be started first.
        return Err(Fault::Unmet(format!(
            "run {shown} has not been started yet - 'guild run --start {}' starts it",
            run.short_id()
        )));
    }
    let paths = match place.source.select.is_empty() {
        true => made_by(&run, home)?,
        false => select::in_folder(run.dir(), &place.source.select)?,
    };
    Ok(Found::below(run.dir(), paths))
}

/// The files and folders at the top of a run with something in them that it made.
fn made_by(run: &Run, home: &Home) -> Result<Vec<PathBuf>, Fault> {
    let manifest = run.manifest()?;
    let kinds = kinds_beside_made(home);
    let mut names = files::names(run.dir())?;
    names.sort_unstable();
    let mut found = Vec::new();
    for name in names {
        let is_guilds = name.to_string_lossy().starts_with(".guild");
        let path = run.dir().join(&name);
        if !is_guilds && holds_made(&path, run, &manifest, kinds)? {
            found.push(path);
        }
    }
    Ok(found)
}

/// What else counts as made by a run, by the user's choice: what it got from
/// elsewhere, its source code.
fn kinds_beside_made(home: &Home) -> &'static [EntryKind] {
    match home.variable("GUILD_LEGACY_OPDEP_SELECT").as_deref() {
        Some("1") => &[EntryKind::Dependency],
        Some("2") => &[
            EntryKind::Dependency,
            EntryKind::SourceCode,
            EntryKind::Internal,
        ],
        _ => &[],
    }
}

/// Whether there is a file at or below `path` that the run made, or that is of one
/// of the `kinds`.
fn holds_made(
    path: &std::path::Path,
    run: &Run,
    manifest: &Manifest,
    kinds: &[EntryKind],
) -> Result<bool, Fault> {
    for entry in WalkDir::new(path) {
        let entry = entry.map_err(|error| {
            let path = error.path().unwrap_or(path).to_path_buf();
            files::Error::new("read", &path, error.into())
        })?;
        let below = entry.path().strip_prefix(run.dir()).unwrap_or(entry.path());
        let listed = manifest.covering(&below.to_string_lossy());
        let is_meant = listed.is_none_or(|listed| kinds.contains(&listed.kind));
        // A link to a folder is no file.
        if is_meant && !entry.path().is_dir() {
            return Ok(true);
        }
        let is_listed_folder = manifest.get(&below.to_string_lossy()).is_some();
        if is_meant && is_listed_folder {
            return Ok(true);
        }
    }
    Ok(false)
}
