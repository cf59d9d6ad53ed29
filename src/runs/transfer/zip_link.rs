//! Symbolic links in zip files, and where they lead.
//!
//! A zip file of ours has for each link an entry with what the link points at: a
//! file with its content, or a folder with nothing in it, which is what Guild AI
//! writes and reads. An extra field of the entry, which other programs pass
//! over, says that it stands for a link, and its target.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path};

/// The id of our extra field: `gu`. It is not a registered one, so the data begin
/// with words of our own.
pub(super) const FIELD_ID: u16 = 0x7567;

const SIGNATURE: &[u8] = b"guild-link\0";

/// The longest target that is read.
pub(super) const MAX_TARGET: u64 = 4096;

/// The data of the extra field of a link to `target`.
pub(super) fn encode(target: &Path) -> Vec<u8> {
    [SIGNATURE, target.as_os_str().as_bytes()].concat()
}

/// The target that the data of such a field hold, if they are ours.
pub(super) fn decode(data: &[u8]) -> Option<&Path> {
    let target = data.strip_prefix(SIGNATURE)?;
    let fine = !target.is_empty() && target.len() as u64 <= MAX_TARGET && !target.contains(&0);
    fine.then(|| Path::new(OsStr::from_bytes(target)))
}

/// Where a link leads, seen from the folder of runs it is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// To its own run.
    OwnRun,
    /// To a run beside its own.
    Runs,
    /// Out of the folder of runs, or where cannot be told from its text.
    Outside,
}

/// Where the link at `path`, whose first part is the run's id, leads with
/// `target`. Only the text is looked at: a `..` behind a name, which could be
/// that of another link, counts as outside.
pub(super) fn reach(path: &Path, target: &Path) -> Reach {
    let mut inside: Vec<&OsStr> = path.iter().collect();
    let id = inside.first().copied();
    inside.pop();
    let mut has_name = false;
    for part in target.components() {
        match part {
            Component::CurDir => {}
            Component::Normal(name) => {
                has_name = true;
                inside.push(name);
            }
            Component::ParentDir if !has_name && inside.pop().is_some() => {}
            _ => return Reach::Outside,
        }
    }
    match inside.first() {
        None => Reach::Outside,
        first if first.copied() == id => Reach::OwnRun,
        Some(_) => Reach::Runs,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_target_is_read_as_it_was_written() {
        let odd = Path::new(OsStr::from_bytes(b"../a b/\xff"));
        for target in [Path::new("x"), Path::new("/a/b"), odd] {
            assert_eq!(decode(&encode(target)), Some(target));
        }
        for data in [&b"guild-link\0"[..], b"guild-link\0a\0b", b"guild", b""] {
            assert_eq!(decode(data), None);
        }
    }

    #[test]
    fn links_reach_as_far_as_their_text_says() {
        for (path, target, expected) in [
            ("id/a", "b", Reach::OwnRun),
            ("id/a", "./b/c", Reach::OwnRun),
            ("id/a/b", "../c", Reach::OwnRun),
            ("id/a", "../id/x", Reach::OwnRun),
            ("id/a", "../other", Reach::Runs),
            ("id/a/b", "../../other/x", Reach::Runs),
            ("id/a", "..", Reach::Outside),
            ("id/a", "../..", Reach::Outside),
            ("id/a", "../../x", Reach::Outside),
            ("id/a", "/etc", Reach::Outside),
            ("id/a", "../other/../../x", Reach::Outside),
            ("id/a", "b/..", Reach::Outside),
        ] {
            let reached = reach(Path::new(path), Path::new(target));
            assert_eq!(reached, expected, "{path} -> {target}");
        }
    }
}
