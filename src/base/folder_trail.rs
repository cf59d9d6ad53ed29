//! The way through folders that links lead to. It ends where a folder is inside
//! itself, and where links lead to one folder again and again: folders full of links
//! to each other have more ways through them than can be gone.

use std::collections::HashMap;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;

/// How often one folder is entered.
pub const MAX_VISITS: usize = 100;

/// Device and inode, which tell a file or folder from all others.
pub type Identity = (u64, u64);

/// What `meta` tells of which file it is.
pub fn identity(meta: &Metadata) -> Identity {
    (meta.dev(), meta.ino())
}

/// Why a folder is not entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A link leads back to a folder on the way to it.
    #[error("it leads back to a folder that it is in")]
    Loop,
    /// Links have led to the folder as often as they may.
    #[error("too many links lead there")]
    TooOften,
}

/// The folders on the way to where a walk is.
#[derive(Debug, Default)]
pub struct Trail {
    above: Vec<Identity>,
    visits: HashMap<Identity, usize>,
}

impl Trail {
    /// Why the folder that `meta` is of is not entered, if it is not.
    pub fn refusal(&self, meta: &Metadata) -> Option<Refusal> {
        let folder = identity(meta);
        if self.above.contains(&folder) {
            return Some(Refusal::Loop);
        }
        let visits = self.visits.get(&folder);
        visits
            .is_some_and(|visits| *visits >= MAX_VISITS)
            .then_some(Refusal::TooOften)
    }

    /// Goes into the folder that `meta` is of; [`Trail::leave`] goes out of it.
    ///
    /// # Errors
    /// It is on the way already, or was entered as often as a folder may be.
    pub fn enter(&mut self, meta: &Metadata) -> Result<(), Refusal> {
        if let Some(refusal) = self.refusal(meta) {
            return Err(refusal);
        }
        let folder = identity(meta);
        *self.visits.entry(folder).or_default() += 1;
        self.above.push(folder);
        Ok(())
    }

    /// Goes out of the folder that was entered last.
    pub fn leave(&mut self) {
        self.above.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_not_entered_in_itself_nor_for_ever() {
        let dir = tempfile::tempdir().unwrap();
        let outer = dir.path().metadata().unwrap();
        std::fs::create_dir(dir.path().join("inner")).unwrap();
        let inner = dir.path().join("inner").metadata().unwrap();
        let mut trail = Trail::default();
        trail.enter(&outer).unwrap();
        for _ in 0..MAX_VISITS {
            trail.enter(&inner).unwrap();
            assert_eq!(trail.enter(&outer), Err(Refusal::Loop));
            trail.leave();
        }
        assert_eq!(trail.enter(&inner), Err(Refusal::TooOften));
        assert_eq!(trail.refusal(&outer), Some(Refusal::Loop));
    }
}
