//! Choosing among specs that were found, and telling what was left out and why.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use crate::changed::{Changed, ChangedError};
use crate::discovery::Found;
use crate::history::{Entry, History};
use crate::options::OptionSet;
use crate::schedule;
use crate::spec::Spec;

/// One of several shards, as `I/N`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// Which, from 0.
    pub index: usize,
    /// How many there are.
    pub count: usize,
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let fault = || "write it as I/N, with I from 1 to N, as in 2/3".to_owned();
        let (index, count) = text.split_once('/').ok_or_else(fault)?;
        let index: usize = index.parse().map_err(|_| fault())?;
        let count: usize = count.parse().map_err(|_| fault())?;
        if !(1..=count).contains(&index) {
            return Err(fault());
        }
        Ok(Shard {
            index: index - 1,
            count,
        })
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index + 1, self.count)
    }
}

/// What a spec must be like to be chosen. Each list is met by any of its members;
/// an empty one by every spec.
#[derive(Debug, Clone, Default)]
pub struct Criteria {
    /// A text of its path.
    pub filters: Vec<String>,
    /// A tag of its own.
    pub tags: Vec<String>,
    /// No tag of its own is one of these.
    pub skip_tags: Vec<String>,
    /// A text in the source of an example.
    pub texts: Vec<String>,
    /// An option that it sets, or one of its examples, with `+` or `-` in front.
    pub options: Vec<String>,
    /// It, or what it is run with, differs from this revision.
    pub changed: Option<String>,
    /// It failed when it last ran.
    pub failed: bool,
    /// It never ran, or was not come to when it last was to.
    pub not_run: bool,
    /// The shard it is in, of those that meet all else.
    pub shard: Option<Shard>,
    /// Whether shards are of equal time by the history, and not of equal number.
    pub balanced: bool,
}

/// The specs that were chosen, and what left the others out.
#[derive(Debug, Default)]
pub struct Selection {
    /// Those chosen, in order.
    pub found: Vec<Found>,
    /// How many each criterion left out, in the order that they were asked.
    pub left_out: Vec<(String, usize)>,
}

impl Selection {
    /// How many specs were left out.
    pub fn left_out_count(&self) -> usize {
        self.left_out.iter().map(|(_, count)| count).sum()
    }

    /// What left specs out, as in `3 by --tag slow, 1 by --changed`; empty if
    /// nothing did.
    pub fn reasons(&self) -> String {
        let parts: Vec<String> = self
            .left_out
            .iter()
            .map(|(by, count)| format!("{count} by {by}"))
            .collect();
        parts.join(", ")
    }

    /// Leaves out the specs that do not meet the criterion of this name.
    fn keep<E>(
        &mut self,
        name: &str,
        mut meets: impl FnMut(usize, &Found) -> Result<bool, E>,
    ) -> Result<(), E> {
        let before = self.found.len();
        let mut kept = Vec::with_capacity(before);
        for (index, found) in std::mem::take(&mut self.found).into_iter().enumerate() {
            if meets(index, &found)? {
                kept.push(found);
            }
        }
        self.found = kept;
        if self.found.len() < before {
            self.left_out
                .push((name.to_owned(), before - self.found.len()));
        }
        Ok(())
    }
}

impl Criteria {
    /// Whether a path has one of the texts that are asked for.
    pub fn meets_filter(&self, path: &Path) -> bool {
        let path = path.to_string_lossy();
        self.filters.is_empty() || self.filters.iter().any(|text| path.contains(text.as_str()))
    }

    /// Chooses among specs. A spec that cannot be read is not left out for what it
    /// might say.
    pub fn choose(&self, found: Vec<Found>, history: &History) -> Result<Selection, ChangedError> {
        let mut selection = Selection {
            found,
            left_out: Vec::new(),
        };
        self.by_content(&mut selection);
        if let Some(revision) = &self.changed {
            let mut changed = Changed::since(revision);
            selection.keep("--changed", |_, found| is_changed(found, &mut changed))?;
        }
        let entry = |found: &Found| history.entry(found).cloned();
        let mut keep = |name: &str, meets: &dyn Fn(&Found) -> bool| {
            let _: Result<(), std::convert::Infallible> =
                selection.keep(name, |_, found| Ok(meets(found)));
        };
        if self.failed {
            let name = if history.is_empty() {
                "--failed (no earlier run is known)"
            } else {
                "--failed"
            };
            keep(name, &|found| entry(found).is_some_and(|e| e.failed()));
        }
        if self.not_run {
            keep("--not-run", &|found| entry(found).is_none_or(|e| e.not_run));
        }
        if let Some(shard) = self.shard {
            let shard_of = self.shards(&selection.found, shard.count, &entry);
            let name = format!("--shard {shard}");
            let _: Result<(), std::convert::Infallible> =
                selection.keep(&name, |index, _| Ok(shard_of[index] == shard.index));
        }
        Ok(selection)
    }

    fn by_content(&self, selection: &mut Selection) {
        let mut keep = |option: &str, wanted: &[String], meets: &dyn Fn(&Spec) -> bool| {
            if wanted.is_empty() {
                return;
            }
            let name = format!("{option} {}", wanted.join(","));
            let _: Result<(), std::convert::Infallible> = selection.keep(&name, |_, found| {
                Ok(found.spec.as_ref().map_or(true, meets))
            });
        };
        let has_one = |spec: &Spec, tags: &[String]| spec.tags.iter().any(|t| tags.contains(t));
        keep("--tag", &self.tags, &|spec| has_one(spec, &self.tags));
        keep("--skip-tag", &self.skip_tags, &|spec| {
            !has_one(spec, &self.skip_tags)
        });
        keep("--text", &self.texts, &|spec| {
            let has = |text: &String| spec.examples.iter().any(|e| e.source.contains(text));
            self.texts.iter().any(has)
        });
        keep("--option", &self.options, &|spec| {
            self.options.iter().any(|option| sets(spec, option))
        });
    }

    fn shards(
        &self,
        found: &[Found],
        count: usize,
        entry: &dyn Fn(&Found) -> Option<Entry>,
    ) -> Vec<usize> {
        let task = |found: &Found| {
            let time = entry(found).map(|entry| entry.duration());
            let time = time.filter(|time| self.balanced && *time > Duration::ZERO);
            (found.path.to_string_lossy().into_owned(), time)
        };
        let tasks: Vec<_> = found.iter().map(task).collect();
        schedule::shards(&tasks, count)
    }
}

/// Whether a spec or an example of it sets an option: `+NAME` on, `-NAME` off,
/// `NAME` either.
fn sets(spec: &Spec, option: &str) -> bool {
    let (name, wanted) = match (option.strip_prefix('+'), option.strip_prefix('-')) {
        (Some(name), _) => (name, Some(true)),
        (_, Some(name)) => (name, Some(false)),
        _ => (option, None),
    };
    let is_set = |options: &OptionSet| {
        let on = options.get(name);
        on.is_some() && (wanted.is_none() || on == wanted)
    };
    is_set(&spec.options) || spec.examples.iter().any(|e| is_set(&e.options))
}

/// Whether a spec changed, or the suite it is run with.
fn is_changed(found: &Found, changed: &mut Changed) -> Result<bool, ChangedError> {
    if changed.has(&found.path)? {
        return Ok(true);
    }
    for path in inputs(found) {
        match changed.has(&path) {
            Ok(true) => return Ok(true),
            // A suite outside every repository has no changes to tell.
            Ok(false) | Err(ChangedError::NoRepository(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(false)
}

/// What the result of a spec depends on beside itself: the suite file, and what it
/// names.
pub fn inputs(found: &Found) -> Vec<PathBuf> {
    let suite = &found.suite;
    let mut paths: Vec<PathBuf> = Vec::new();
    paths.extend(suite.file.clone());
    paths.extend(
        suite
            .preludes
            .iter()
            .map(|prelude| PathBuf::from(&prelude.name)),
    );
    paths.extend(suite.samples.clone());
    paths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_as_written() {
        assert_eq!("2/3".parse(), Ok(Shard { index: 1, count: 3 }));
        for wrong in ["", "1", "0/3", "4/3", "1/0", "a/b", "-1/3", "1/2/3"] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }
}
