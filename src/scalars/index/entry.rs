//! What the index knows of a run: what its event files told, what was seen while
//! they were looked for, and small files that were read.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::super::event_dirs::{Target, survey};
use super::super::{Error, ScalarSummary, key};
use super::folder::{self, Folder};
use super::known::Kept;
use super::place::Place;
use crate::base::stamp::Stamp;

/// What is known of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::scalars) struct Entry<'a> {
    #[serde(borrow)]
    dirs: Vec<Dir<'a>>,
    #[serde(borrow)]
    links: Vec<Link<'a>>,
    #[serde(borrow)]
    folders: Vec<Folder<'a>>,
    /// Small files that were read.
    #[serde(borrow)]
    pub(super) kept: Vec<Kept<'a>>,
}

/// A folder below the run directory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Dir<'a> {
    #[serde(borrow)]
    path: Cow<'a, str>,
    stamp: Option<Stamp>,
}

/// A link below the run directory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Link<'a> {
    #[serde(borrow)]
    path: Cow<'a, str>,
    target: Target,
}

impl Entry<'_> {
    /// Whether the run at `place` is as it was.
    pub(super) fn is_current(&self, place: &Place<'_>) -> bool {
        let same_dir = |dir: &Dir<'_>| {
            let stamp = place.stamp([&dir.path, ""]);
            stamp.is_ok_and(|stamp| dir.stamp == Some(stamp))
        };
        let same_link = |link: &Link<'_>| link.target == Target::of(&place.path([&link.path, ""]));
        let same_files = |folder: &Folder<'_>| {
            folder.files.iter().all(|file| {
                let stamp = place.stamp([&folder.prefix, &file.name]);
                stamp.is_ok_and(|stamp| file.has_stamp(stamp))
            })
        };
        self.dirs.iter().all(same_dir)
            && self.links.iter().all(same_link)
            && self.folders.iter().all(same_files)
    }

    /// Whether a change of the names in the folder at `path` would be seen.
    pub(super) fn has_stamp(&self, path: &str) -> bool {
        let mut dirs = self.dirs.iter();
        dirs.any(|dir| dir.path == path && dir.stamp.is_some())
    }

    /// Reads the run in `run_dir`, going on from `before`. What cannot be read is
    /// added to `problems`.
    pub(in crate::scalars) fn read(
        run_dir: &Path,
        before: Option<&Entry<'_>>,
        problems: &mut Vec<Error>,
    ) -> Entry<'static> {
        let survey = survey(run_dir, &mut |error| problems.push(error));
        let folders = survey.event_dirs.iter().map(|dir| {
            let before = before.and_then(|before| {
                let mut folders = before.folders.iter();
                folders.find(|folder| folder.prefix == dir.prefix)
            });
            folder::read(&dir.prefix, &dir.files, before, problems)
        });
        Entry {
            folders: folders.collect(),
            kept: before.map_or_else(Vec::new, |before| Kept::texts(&before.kept)),
            dirs: survey
                .dirs
                .into_iter()
                .map(|(path, stamp)| Dir {
                    path: text(path),
                    stamp,
                })
                .collect(),
            links: survey
                .links
                .into_iter()
                .map(|(path, target)| Link {
                    path: text(path),
                    target,
                })
                .collect(),
        }
    }

    /// Hands a problem with each file that is damaged to `warn`.
    pub(in crate::scalars) fn warn_of_damage(&self, run_dir: &Path, warn: &mut dyn FnMut(Error)) {
        for folder in &self.folders {
            for file in folder.files.iter().filter(|file| file.damaged) {
                let path = run_dir.join(&*folder.prefix).join(&*file.name);
                warn(Error::Damaged { path });
            }
        }
    }

    /// The scalars, by prefix and tag.
    pub(in crate::scalars) fn scalars(&self) -> Vec<ScalarSummary> {
        let named = self.folders.iter().flat_map(|folder| {
            let scalars = folder.scalars.iter();
            scalars.map(|scalar| scalar.stats.named(&folder.prefix, &scalar.tag))
        });
        let mut named: Vec<_> = named.collect();
        named.sort_by(|a, b| (&a.prefix, &a.tag).cmp(&(&b.prefix, &b.tag)));
        named
    }

    /// The attributes that the run logged, by name.
    pub(super) fn logged_attrs(&self) -> Vec<(String, String)> {
        let mut attrs = BTreeMap::new();
        for folder in &self.folders {
            for attr in &folder.attrs {
                attrs.insert(key(&folder.prefix, &attr.name), attr.text.to_string());
            }
        }
        attrs.into_iter().collect()
    }
}

/// A path as text. Where a name is no UTF-8 this is another path, at which
/// nothing is found later, so that the run is read anew each time.
fn text(path: PathBuf) -> Cow<'static, str> {
    Cow::Owned(path.to_string_lossy().into_owned())
}
