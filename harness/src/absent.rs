//! What a suite says is not there, and the examples that cannot be run without
//! it.
//!
//! Specs that were written for another surrounding import modules, or use names,
//! that this one lacks. Such an example is skipped, and so is one that uses what
//! a skipped one would have bound.

use std::collections::{BTreeMap, BTreeSet};

use crate::follows::{ALL, Names};
use crate::gate::{Skip, SkipKind};

/// What is not there, as far as a spec has got.
#[derive(Debug, Default)]
pub(crate) struct Absent {
    modules: BTreeSet<String>,
    /// Names, each with the line of the example that would have bound it; none if
    /// the suite says that it is absent.
    names: BTreeMap<String, Option<usize>>,
    /// What was defined, each with the names that it may read when it is called.
    defined: BTreeMap<String, BTreeSet<String>>,
}

/// What an example has in it that defines something to be called later.
const DEFINITIONS: &[&str] = &["def ", "class ", "lambda"];

impl Absent {
    /// What a suite says is absent.
    pub fn new(modules: &[String], names: &[String]) -> Self {
        Absent {
            modules: modules.iter().cloned().collect(),
            names: names.iter().map(|name| (name.clone(), None)).collect(),
            defined: BTreeMap::new(),
        }
    }

    /// Whether an example may be concerned, by the look of its text.
    pub fn concerns(&self, source: &str) -> bool {
        if self.modules.is_empty() && self.names.is_empty() {
            return false;
        }
        let words = self.modules.iter().chain(self.names.keys());
        let mut words = words.chain(self.defined.keys());
        DEFINITIONS.iter().any(|start| source.contains(start))
            || words.any(|word| word == ALL || source.contains(word))
    }

    /// Why an example cannot be run, if it cannot. What it would have bound or
    /// changed is then absent too; else it is there from now on.
    pub fn check(&mut self, names: &Names, line: usize) -> Option<Skip> {
        let reason = self.reason(names);
        if reason.is_some() {
            for name in names.bound.union(&names.changeable) {
                self.names.insert(name.clone(), Some(line));
            }
        } else {
            for name in &names.bound {
                self.names.remove(name);
                self.defined.insert(name.clone(), names.used.clone());
            }
        }
        reason.map(|reason| Skip {
            kind: SkipKind::Dependency,
            reason,
        })
    }

    /// Names, and those that are read when what they stand for is called.
    fn reached<'a>(&'a self, names: &'a BTreeSet<String>) -> BTreeSet<&'a str> {
        let mut reached = BTreeSet::new();
        let mut rest: Vec<&str> = names.iter().map(String::as_str).collect();
        while let Some(name) = rest.pop() {
            if reached.insert(name)
                && let Some(inner) = self.defined.get(name)
            {
                rest.extend(inner.iter().map(String::as_str));
            }
        }
        reached
    }

    fn reason(&self, names: &Names) -> Option<String> {
        if let Some(module) = names.imports.intersection(&self.modules).next() {
            return Some(format!("needs module {module}"));
        }
        let used = self.reached(&names.used);
        let mut found = used
            .iter()
            .filter_map(|name| Some((name, self.names.get(*name)?)));
        if let Some((name, line)) = found.next() {
            return Some(match line {
                None => format!("needs {name}"),
                Some(line) => format!("depends on line {line}: {name}"),
            });
        }
        let line = (*self.names.get(ALL)?)?;
        let name = names.missing.first()?;
        Some(format!("depends on line {line}: {name}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(bound: &[&str], used: &[&str], imports: &[&str]) -> Names {
        let set = |list: &[&str]| list.iter().map(|name| (*name).to_owned()).collect();
        Names {
            bound: set(bound),
            used: set(used),
            imports: set(imports),
            ..Names::default()
        }
    }

    fn absent() -> Absent {
        Absent::new(&["tool".into()], &["inside".into()])
    }

    fn reason(absent: &mut Absent, names: &Names, line: usize) -> Option<String> {
        absent.check(names, line).map(|skip| skip.reason)
    }

    #[test]
    fn only_what_names_it_is_concerned() {
        assert!(absent().concerns("from tool import x"));
        assert!(absent().concerns("inside.x()"));
        assert!(!absent().concerns("print(1)"));
    }

    #[test]
    fn what_would_have_been_bound_is_absent_until_it_is() {
        let mut absent = absent();
        let import = names(&["x"], &[], &["tool", "tool.part"]);
        assert_eq!(
            reason(&mut absent, &import, 3).unwrap(),
            "needs module tool"
        );
        let use_x = names(&["y"], &["x"], &[]);
        assert_eq!(
            reason(&mut absent, &use_x, 5).unwrap(),
            "depends on line 3: x"
        );
        let use_y = names(&[], &["y"], &[]);
        assert_eq!(
            reason(&mut absent, &use_y, 6).unwrap(),
            "depends on line 5: y"
        );
        assert_eq!(reason(&mut absent, &names(&["y"], &[], &[]), 7), None);
        assert_eq!(reason(&mut absent, &use_y, 8), None);
        let inside = names(&[], &["inside"], &[]);
        assert_eq!(reason(&mut absent, &inside, 9).unwrap(), "needs inside");
    }

    #[test]
    fn a_function_needs_what_it_reads_when_it_is_called() {
        let mut absent = absent();
        assert_eq!(
            reason(&mut absent, &names(&["f"], &["g", "f"], &[]), 1),
            None
        );
        absent.check(&names(&["g"], &["inside"], &[]), 4);
        assert!(absent.concerns("f()"));
        assert_eq!(
            reason(&mut absent, &names(&[], &["f"], &[]), 6).unwrap(),
            "depends on line 4: g"
        );
    }

    #[test]
    fn what_would_have_been_changed_is_absent() {
        let mut absent = absent();
        let mut fill = names(&[], &["inside", "list"], &[]);
        fill.changeable.insert("list".into());
        absent.check(&fill, 2);
        assert_eq!(
            reason(&mut absent, &names(&[], &["list"], &[]), 3).unwrap(),
            "depends on line 2: list"
        );
    }

    #[test]
    fn names_that_cannot_be_known_are_those_that_are_missing() {
        let mut absent = absent();
        absent.check(&names(&["*"], &[], &["tool"]), 2);
        let mut later = names(&[], &["len", "thing"], &[]);
        assert_eq!(reason(&mut absent, &later, 4), None);
        later.missing.insert("thing".into());
        assert_eq!(
            reason(&mut absent, &later, 4).unwrap(),
            "depends on line 2: thing"
        );
    }
}
