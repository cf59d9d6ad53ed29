//! Whether it is safe to extract a zip file: checked before anything is.

use std::collections::HashMap;
use std::path::PathBuf;

use super::zip_entry::{Entry, Kind};
use super::zip_link::{Reach, reach};
use super::{Error, Result};
use crate::base::entry_name;

/// Where the entry `name` goes, seen from the folder of runs: names without
/// `.` and `..`. None where it names nothing, as `./` does.
///
/// # Errors
/// The name is not UTF-8, or leads out of that folder.
pub(super) fn path(name: &[u8]) -> Result<Option<PathBuf>> {
    entry_name::path(name).map_err(|reason| Error::Entry {
        name: String::from_utf8_lossy(name).into_owned(),
        reason: reason.to_string(),
    })
}

/// Checks entries with each other.
///
/// # Errors
/// Two have one name; something is put below a file or a link; a link leads
/// where links of runs do not.
pub(super) fn entries(entries: &[Entry]) -> Result<()> {
    let mut known = HashMap::with_capacity(entries.len());
    for entry in entries {
        if known.insert(entry.path.as_path(), &entry.kind).is_some() {
            return refuse(entry, "is there twice");
        }
    }
    for entry in entries {
        let above = entry.path.ancestors().skip(1);
        for folder in above.filter_map(|path| known.get(path)) {
            match folder {
                Kind::Folder => {}
                Kind::File => return refuse(entry, "is below a file"),
                Kind::Link(_) | Kind::MarkedLink { .. } => {
                    return refuse(entry, "would be written through a link");
                }
            }
        }
        link(entry)?;
    }
    Ok(())
}

fn link(entry: &Entry) -> Result<()> {
    let Some(target) = entry.kind.target() else {
        return Ok(());
    };
    let reached = reach(&entry.path, target);
    let mut parts = entry.path.iter().skip(1);
    let first = parts.next();
    if first.is_none() {
        return refuse(entry, "is a link in the place of a run");
    }
    if first.is_some_and(|name| name == ".guild") && reached != Reach::OwnRun {
        return refuse(entry, "is a link out of what guild keeps of a run");
    }
    if reached == Reach::Outside && matches!(entry.kind, Kind::Link(_)) {
        let reason = format!("is a link that leads outside, to '{}'", target.display());
        return refuse(entry, &reason);
    }
    Ok(())
}

fn refuse(entry: &Entry, reason: &str) -> Result<()> {
    Err(Error::Entry {
        name: entry.path.display().to_string(),
        reason: reason.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(path: &str, kind: Kind) -> Entry {
        Entry {
            index: 0,
            path: path.into(),
            kind,
            size: 0,
            crc32: 0,
            mode: None,
            modified: None,
        }
    }

    fn fault(list: &[(&str, Kind)]) -> String {
        let list: Vec<Entry> = list
            .iter()
            .map(|(path, kind)| entry(path, kind.clone()))
            .collect();
        match entries(&list) {
            Ok(()) => String::new(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn entries_get_in_no_other_ones_way() {
        let to = |target: &str| Kind::Link(target.into());
        let marked = |target: &str| Kind::MarkedLink {
            target: target.into(),
            is_folder: true,
        };
        assert_eq!(fault(&[("id/a", Kind::File), ("id/b", to("a"))]), "");
        for (list, expected) in [
            (vec![("id/a", Kind::File), ("id/a", Kind::File)], "twice"),
            (vec![("id/a/b", Kind::File), ("id/a", Kind::File)], "below"),
            (
                vec![("id/a/b", Kind::File), ("id/a", to("c"))],
                "through a link",
            ),
            (
                vec![("id/a", marked("/etc")), ("id/a/b", Kind::File)],
                "through a link",
            ),
            (vec![("id/a", to("/etc"))], "leads outside"),
            (vec![("id/a", to("../../x"))], "leads outside"),
            (vec![("id", to("other"))], "place of a run"),
            (vec![("id/.guild", to("../other/.guild"))], "guild keeps"),
            (vec![("id/.guild/attrs", marked("/tmp"))], "guild keeps"),
        ] {
            let fault = fault(&list);
            assert!(fault.contains(expected), "{list:?}: {fault}");
        }
        assert_eq!(fault(&[("id/a", marked("/data"))]), "");
        assert_eq!(fault(&[("id/a", to("../other"))]), "");
    }
}
