//! Whether it is safe to extract a zip file: checked before anything is.

use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};

use super::zip_entry::{Entry, Kind};
use super::zip_link::{Reach, reach};
use super::{Error, Result};

/// The longest name of an entry that is taken.
const MAX_NAME: usize = 4096;

/// Where the entry `name` goes, seen from the folder of runs: names without
/// `.` and `..`. None where it names nothing, as `./` does.
///
/// # Errors
/// The name is not UTF-8, or leads out of that folder.
pub(super) fn path(name: &[u8]) -> Result<Option<PathBuf>> {
    let refuse = |reason: &str| {
        Err(Error::Entry {
            name: String::from_utf8_lossy(name).into_owned(),
            reason: reason.to_string(),
        })
    };
    let Ok(text) = std::str::from_utf8(name) else {
        return refuse("has a name that is not UTF-8");
    };
    if text.contains('\0') || text.len() > MAX_NAME {
        return refuse("has a name that no file can have");
    }
    let has_drive = matches!(text.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic());
    if text.starts_with(['/', '\\']) || has_drive {
        return refuse("has an absolute path");
    }
    // Other systems take a backslash for a slash.
    if text.split(['/', '\\']).any(|part| part == "..") {
        return refuse("climbs out of its folder");
    }
    let parts = Path::new(text).components();
    let names: PathBuf = parts
        .filter(|part| matches!(part, Component::Normal(_)))
        .collect();
    Ok((!names.as_os_str().is_empty()).then_some(names))
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
    fn names_that_lead_out_are_refused() {
        for name in [
            "../x",
            "id/../../x",
            "id/..",
            "/etc/passwd",
            "C:/x",
            "c:x",
            "\\x",
            "id\\..\\..\\x",
            "a\0b",
        ] {
            let error = path(name.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(name), "{error}");
        }
        assert!(path(b"id/\xff").is_err());
        assert!(path("x".repeat(5000).as_bytes()).is_err());
    }

    #[test]
    fn other_names_are_taken() {
        for (name, expected) in [
            ("id/a", Some("id/a")),
            ("id/", Some("id")),
            ("./id//a/.", Some("id/a")),
            ("id/..a/b..", Some("id/..a/b..")),
            ("id/a:b", Some("id/a:b")),
            ("./", None),
            ("", None),
        ] {
            assert_eq!(path(name.as_bytes()).unwrap(), expected.map(PathBuf::from));
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
