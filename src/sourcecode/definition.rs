//! Which source code an operation's runs keep, as its guild file says.

use std::path::{Path, PathBuf};

use super::rules::{Kind, Rule, RuleSet};
use crate::guildfile::{FileSelect, SelectKind, SelectRule};

/// Which source code a run keeps, and where.
#[derive(Debug, Clone, PartialEq)]
pub struct Definition {
    /// The folder that it is copied from.
    pub root: PathBuf,
    /// That folder as the guild file names it, where it is not the project's own.
    pub named_root: Option<String>,
    /// Where it goes, relative to the run directory; `.` is that itself.
    pub dest: String,
    /// Whether runs keep a digest of it.
    pub digest: bool,
    /// What of it is taken.
    pub what: What,
}

/// What of a project's files is taken.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// What the default rules select, and these after them.
    Rules(Vec<SelectRule>),
    /// Nothing, as the guild file says.
    Nothing,
    /// Nothing, since the operation has no source code of its own.
    NotApplicable,
}

impl Definition {
    /// What the default rules select of the project in `dir`.
    pub fn default_of(dir: &Path) -> Self {
        Self {
            root: dir.to_path_buf(),
            named_root: None,
            dest: ".".to_string(),
            digest: true,
            what: What::Rules(Vec::new()),
        }
    }

    /// What the guild file in `dir` says of an operation and of its model.
    pub fn of(dir: &Path, model: Option<&FileSelect>, operation: Option<&FileSelect>) -> Self {
        // An operation's own rules, or its wish for nothing, go before its model's.
        let own = operation.is_some_and(|own| !own.rules.is_empty());
        let is_off = |select: Option<&FileSelect>| select.is_some_and(|select| select.disabled);
        let what = match is_off(operation) || is_off(model) && !own {
            true => What::Nothing,
            false => What::Rules(
                [model, operation]
                    .into_iter()
                    .flatten()
                    .flat_map(|select| select.rules.clone())
                    .collect(),
            ),
        };
        let either = |value: fn(&FileSelect) -> Option<&String>| {
            let set = |select: &FileSelect| value(select).filter(|text| !text.is_empty()).cloned();
            operation.and_then(set).or_else(|| model.and_then(set))
        };
        let named_root = either(|select| select.root.as_ref());
        let digest = operation.and_then(|select| select.digest);
        Self {
            root: crate::home::tidy(&dir.join(named_root.as_deref().unwrap_or_default())),
            named_root,
            dest: either(|select| select.dest.as_ref()).unwrap_or_else(|| ".".to_string()),
            digest: digest
                .or_else(|| model.and_then(|select| select.digest))
                .unwrap_or(true),
            what,
        }
    }

    /// All rules: those of the guild file after those that `default` gives.
    pub fn rules(&self, default: impl FnOnce() -> RuleSet) -> RuleSet {
        match &self.what {
            What::NotApplicable => RuleSet::default(),
            What::Nothing => RuleSet {
                rules: vec![Rule::new(false, Kind::Any, "*")],
            },
            What::Rules(own) => {
                let mut rules = default();
                rules
                    .rules
                    .extend(own.iter().map(|rule| configured(rule, &self.root)));
                rules
            }
        }
    }
}

/// A guild file's rule. A pattern without a kind that names a folder means all
/// that is in it.
fn configured(rule: &SelectRule, root: &Path) -> Rule {
    let kind = match rule.kind {
        None => Kind::Any,
        Some(SelectKind::Dir) => Kind::Dir,
        Some(SelectKind::Text) => Kind::Text,
        Some(SelectKind::Binary) => Kind::Binary,
    };
    let pattern = |pattern: &String| match root.join(pattern).is_dir() {
        true if kind == Kind::Any => Path::new(pattern).join("*").to_string_lossy().into_owned(),
        _ => pattern.clone(),
    };
    Rule {
        patterns: rule.patterns.iter().map(pattern).collect(),
        ..Rule::new(rule.include, kind, "")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn select(patterns: &[&str], disabled: bool) -> FileSelect {
        let rule = |pattern: &&str| SelectRule {
            include: true,
            kind: None,
            patterns: vec![(*pattern).to_string()],
        };
        FileSelect {
            disabled,
            rules: patterns.iter().map(rule).collect(),
            ..FileSelect::default()
        }
    }

    fn patterns(definition: &Definition) -> Option<Vec<&str>> {
        match &definition.what {
            What::Rules(rules) => {
                Some(rules.iter().map(|rule| rule.patterns[0].as_str()).collect())
            }
            _ => None,
        }
    }

    #[test]
    fn an_operation_adds_to_its_model_and_may_overrule_it() {
        let dir = Path::new("/p");
        let (a, b) = (select(&["a"], false), select(&["b"], false));
        let off = select(&[], true);
        let of = |model, operation| Definition::of(dir, model, operation);
        assert_eq!(patterns(&of(Some(&a), Some(&b))), Some(vec!["a", "b"]));
        assert_eq!(patterns(&of(Some(&a), None)), Some(vec!["a"]));
        assert_eq!(patterns(&of(Some(&off), Some(&b))), Some(vec!["b"]));
        assert_eq!(patterns(&of(Some(&off), None)), None);
        assert_eq!(patterns(&of(Some(&a), Some(&off))), None);
        assert_eq!(of(None, None), Definition::default_of(dir));
    }

    #[test]
    fn root_dest_and_digest_are_the_operations_else_the_models() {
        let model = FileSelect {
            root: Some("code".to_string()),
            dest: Some("src".to_string()),
            digest: Some(false),
            ..FileSelect::default()
        };
        let own = FileSelect {
            root: Some("../lib".to_string()),
            ..FileSelect::default()
        };
        let found = Definition::of(Path::new("/p"), Some(&model), Some(&own));
        assert_eq!(found.root, Path::new("/lib"));
        assert_eq!(found.dest, "src");
        assert!(!found.digest);
    }
}
