//! Where the files of a source go in the run, and how.

use std::path::{Path, PathBuf};

use super::source::{Fault, Found, Place};
use super::{Notice, Tell, record, rename};
use crate::guildfile::SourceKind;
use crate::home::tidy;
use crate::runs::Placing;

/// Puts the file or folder at `path`, which is among `found`, into the run. What is
/// there already stays, with a word about it, unless the source says otherwise.
///
/// # Errors
/// What the source says of the place makes no sense; something cannot be read or
/// written.
pub(super) fn place(
    place: &Place<'_>,
    found: &Found,
    path: &Path,
    tell: Tell<'_>,
) -> Result<(), Fault> {
    let run = place.needs.run;
    let link = is_link(place)?;
    let target = target(place, found, path, tell)?;
    let uri = record::manifest_source(place, path);
    // What is left of a start that was cut short is not somebody else's.
    let listed = place.before.manifest.get(&target.to_string_lossy());
    let is_left = !place.is_known && listed.is_some_and(|entry| entry.source == uri);
    let placing = Placing {
        link,
        replace: place.source.replace_existing == Some(true) || is_left,
    };
    let mut warn = |text: String| tell(Notice::Warning(text));
    if run.place(path, &target, placing, uri, &mut warn)? {
        return Ok(());
    }
    let verb = if link { "link" } else { "copy" };
    tell(Notice::Warning(format!(
        "{} already exists, skipping {verb}",
        run.dir().join(target).display()
    )));
    Ok(())
}

/// Whether files are linked: as the source or its resource says, else those of
/// other runs, which do not change.
fn is_link(place: &Place<'_>) -> Result<bool, Fault> {
    let said = |kind: &Option<String>| kind.clone().filter(|kind| !kind.is_empty());
    let (kind, whose) = match said(&place.source.target_type) {
        Some(kind) => (kind, format!("source {}", place.name)),
        None => match said(&place.resource.definition.target_type) {
            Some(kind) => (kind, format!("resource {}", place.resource.name)),
            None => return Ok(matches!(place.source.kind, SourceKind::Operation(_))),
        },
    };
    match kind.as_str() {
        "link" => Ok(true),
        "copy" => Ok(false),
        kind => Err(Fault::Unusable(format!(
            "unsupported target-type '{kind}' in {whose} (expected 'link' or 'copy')"
        ))),
    }
}

/// The place of `path`, relative to the run directory.
fn target(place: &Place<'_>, found: &Found, path: &Path, tell: Tell<'_>) -> Result<PathBuf, Fault> {
    let folder = folder(place, found, path, tell)?;
    let refuse = |path: &Path, why: &str| {
        let resource = &place.resource.name;
        let shown = path.display();
        Fault::Unusable(format!(
            "invalid path '{shown}' in {resource} resource ({why})"
        ))
    };
    if folder.is_absolute() {
        return Err(refuse(&folder, "path must be relative"));
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = rename::renamed(&name, place)?;
    let target = folder.join(name);
    match depth(&target) {
        Some(1..) => Ok(tidy(&target)),
        _ => Err(refuse(&target, "path must be inside the run directory")),
    }
}

/// How deep a relative path leads; none if it leads out on its way.
fn depth(path: &Path) -> Option<usize> {
    use std::path::Component;
    path.components()
        .try_fold(0usize, |depth, part| match part {
            Component::ParentDir => depth.checked_sub(1),
            Component::Normal(_) => Some(depth + 1),
            _ => Some(depth),
        })
}

/// The folder of the run that `path` goes to.
fn folder(place: &Place<'_>, found: &Found, path: &Path, tell: Tell<'_>) -> Result<PathBuf, Fault> {
    let resource = &place.resource.definition;
    let said = place
        .source
        .target_path
        .as_ref()
        .or(resource.target_path.as_ref());
    if !place.source.preserve_path && !resource.preserve_path {
        let said = said.map(|said| place.text(said)).transpose()?;
        return Ok(said.map(PathBuf::from).unwrap_or_default());
    }
    if let Some(said) = said {
        tell(Notice::Warning(format!(
            "target-path '{said}' specified with preserve-path - ignoring"
        )));
    }
    let folder = path.parent().unwrap_or(path);
    match folder.strip_prefix(&found.origin) {
        Ok(below) => Ok(below.to_path_buf()),
        Err(_) => Err(Fault::Unusable(format!(
            "cannot preserve the path of '{}' in {} resource: it is not below '{}'",
            path.display(),
            place.resource.name,
            found.origin.display()
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_leads_out_is_told_apart() {
        assert_eq!(depth(Path::new("a/../b")), Some(1));
        assert_eq!(depth(Path::new("./a")), Some(1));
        assert_eq!(depth(Path::new("a/../../a")), None);
    }
}
