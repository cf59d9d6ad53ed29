//! Names of entries of archives that anybody may have made.

use std::path::{Component, Path, PathBuf};

/// The longest name that is taken.
const MAX_NAME: usize = 4096;

/// Where the entry `name` of an archive goes, seen from the folder that it is
/// extracted to: names without `.` and `..`. None where it names nothing, as `./`
/// does.
///
/// # Errors
/// What is wrong with the name: it is not UTF-8, or leads out of that folder.
pub fn path(name: &[u8]) -> Result<Option<PathBuf>, &'static str> {
    let Ok(text) = std::str::from_utf8(name) else {
        return Err("has a name that is not UTF-8");
    };
    if text.contains('\0') || text.len() > MAX_NAME {
        return Err("has a name that no file can have");
    }
    let has_drive = matches!(text.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic());
    if text.starts_with(['/', '\\']) || has_drive {
        return Err("has an absolute path");
    }
    // Other systems take a backslash for a slash.
    if text.split(['/', '\\']).any(|part| part == "..") {
        return Err("climbs out of its folder");
    }
    let parts = Path::new(text).components();
    let names: PathBuf = parts
        .filter(|part| matches!(part, Component::Normal(_)))
        .collect();
    Ok((!names.as_os_str().is_empty()).then_some(names))
}

#[cfg(test)]
mod tests {
    use super::*;

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
            assert!(path(name.as_bytes()).is_err(), "{name}");
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
}
