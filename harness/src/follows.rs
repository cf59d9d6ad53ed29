//! Telling a failure that follows from another one: its inputs came from an
//! example that failed.
//!
//! What counts is names: those that an example binds, and those that it reads.
//! What examples tell each other in files, or in the state of an object, is not
//! seen.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

/// What the source of an example tells about names.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct Names {
    /// Those it may bind; `*` for those that cannot be known.
    pub bound: BTreeSet<String>,
    /// Those it reads from before.
    pub used: BTreeSet<String>,
    /// Those of them that are not bound now.
    pub missing: BTreeSet<String>,
    /// Those of them that stand for objects it may change.
    pub changeable: BTreeSet<String>,
    /// The modules it imports.
    pub imports: BTreeSet<String>,
}

/// What stands for names that cannot be known.
pub(crate) const ALL: &str = "*";

/// The names whose values came of a failed example, each with the line of the
/// example that failed first.
#[derive(Debug, Default)]
pub(crate) struct Tainted(BTreeMap<String, usize>);

impl Tainted {
    /// Whether nothing has failed that could be followed from.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The line of the failure that an example takes its inputs from, if it does.
    /// `is_unbound` tells that it failed for a name that is not there.
    pub fn origin(&self, names: &Names, is_unbound: bool) -> Option<usize> {
        let by_name = names.used.iter().filter_map(|name| self.0.get(name)).min();
        let unknown = || self.0.get(ALL).filter(|_| is_unbound);
        by_name.or_else(unknown).copied()
    }

    /// Notes what an example bound. `origin` is the failure that its values came
    /// of, its own line if it failed by itself.
    pub fn note(&mut self, names: &Names, origin: Option<usize>) {
        for name in &names.bound {
            match origin {
                Some(line) => {
                    self.0.insert(name.clone(), line);
                }
                None => {
                    self.0.remove(name);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(bound: &[&str], used: &[&str]) -> Names {
        let set = |list: &[&str]| list.iter().map(|name| (*name).to_owned()).collect();
        Names {
            bound: set(bound),
            used: set(used),
            ..Names::default()
        }
    }

    #[test]
    fn values_are_followed_until_the_name_is_bound_anew() {
        let mut tainted = Tainted::default();
        tainted.note(&names(&["a"], &[]), Some(3));
        assert_eq!(tainted.origin(&names(&[], &["a", "print"]), false), Some(3));
        assert_eq!(tainted.origin(&names(&[], &["b"]), false), None);
        // `b = a` passes, and hands it on.
        let copy = names(&["b"], &["a"]);
        tainted.note(&copy, tainted.origin(&copy, false));
        assert_eq!(tainted.origin(&names(&[], &["b"]), false), Some(3));
        tainted.note(&names(&["a", "b"], &[]), None);
        assert!(tainted.is_empty());
    }

    #[test]
    fn names_that_cannot_be_known_count_where_one_is_missing() {
        let mut tainted = Tainted::default();
        tainted.note(&names(&["*"], &[]), Some(5));
        assert_eq!(tainted.origin(&names(&[], &["x"]), true), Some(5));
        assert_eq!(tainted.origin(&names(&[], &["x"]), false), None);
    }
}
