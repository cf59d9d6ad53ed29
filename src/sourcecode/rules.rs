//! Rules that include and exclude files and folders; the last one with an
//! opinion decides.

use std::collections::HashSet;
use std::rc::Rc;

use super::Limits;
use super::candidate::Candidate;
use crate::base::shell_text;
use crate::base::text::fnmatch;

/// What a rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Files of any content.
    Any,
    /// Files with text.
    Text,
    /// Files with anything but text.
    Binary,
    /// Folders: only whether they are entered.
    Dir,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Whether it takes in or leaves out what it matches.
    pub include: bool,
    /// What it is about.
    pub kind: Kind,
    /// Shell patterns, one of which must match: one without `/` the name, one
    /// with `/` the path relative to the root.
    pub patterns: Vec<String>,
    /// Paths relative to the root that match as well, as they are.
    pub places: Vec<String>,
    /// Paths relative to the root, as they are: those that a rule about files
    /// does not match, and a rule about folders does; what git ignores.
    pub ignored: Option<Rc<HashSet<String>>>,
    /// For folders: a path that must exist inside.
    pub sentinel: Option<String>,
    /// Files must be smaller than this many bytes.
    pub size_below: Option<u64>,
    /// The rule matches this many files at the most.
    pub max_matches: Option<usize>,
}

impl Rule {
    pub(super) fn new(include: bool, kind: Kind, pattern: &str) -> Self {
        Self {
            include,
            kind,
            patterns: vec![pattern.to_string()],
            places: Vec::new(),
            ignored: None,
            sentinel: None,
            size_below: None,
            max_matches: None,
        }
    }

    fn dir_with(sentinel: &str) -> Self {
        Self {
            sentinel: Some(sentinel.to_string()),
            ..Self::new(false, Kind::Dir, "*")
        }
    }

    fn matches_path(&self, path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path);
        let matches = |pattern: &String| match pattern.contains('/') {
            true => fnmatch(pattern.trim_start_matches('/'), path),
            false => fnmatch(pattern, name),
        };
        let is_ignored = self.ignored.as_ref().map(|paths| paths.contains(path));
        let named =
            || self.patterns.iter().any(matches) || self.places.iter().any(|place| place == path);
        match self.kind {
            Kind::Dir => is_ignored == Some(true) || named(),
            _ => is_ignored != Some(true) && named(),
        }
    }

    /// Whether it leaves out every file there is.
    fn excludes_all(&self) -> bool {
        !self.include && self.kind == Kind::Any && self.patterns.iter().any(|text| text == "*")
    }
}

/// The rule as it is shown.
impl std::fmt::Display for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.ignored.is_some() && self.kind == Kind::Any {
            return f.write_str("gitignore + guildignore patterns");
        }
        f.write_str(if self.include { "include" } else { "exclude" })?;
        f.write_str(match self.kind {
            Kind::Any => "",
            Kind::Text => " text",
            Kind::Binary => " binary",
            Kind::Dir => " dir",
        })?;
        let quoted = |text: &String| match text.contains(' ') {
            true => shell_text::quote(text),
            false => text.clone(),
        };
        let patterns: Vec<_> = self
            .patterns
            .iter()
            .chain(&self.places)
            .map(quoted)
            .collect();
        write!(f, " {}", patterns.join(", "))?;
        let conditions = [
            self.sentinel
                .as_ref()
                .map(|name| format!("containing {name}")),
            self.size_below.map(|size| format!("size < {size}")),
            self.max_matches.map(|most| format!("max match {most}")),
        ];
        let conditions: Vec<_> = conditions.into_iter().flatten().collect();
        match conditions.is_empty() {
            true => Ok(()),
            false => write!(f, " {}", conditions.join(", ")),
        }
    }
}

/// Why a file that was looked for was left out by a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Limit {
    /// It is too large.
    Size,
    /// Too many were taken before it.
    Count,
}

/// A sequence of rules.
#[derive(Debug, Clone, Default)]
pub struct RuleSet {
    /// The rules in the order they are asked.
    pub rules: Vec<Rule>,
}

impl RuleSet {
    /// Leaves out the folder at `path`, relative to the root.
    pub fn leave_out(&mut self, path: &str) {
        self.rules.push(Rule {
            patterns: Vec::new(),
            places: vec![path.to_string()],
            ..Rule::new(false, Kind::Dir, "")
        });
    }

    /// Whether no file can be taken, so that none need be looked at.
    pub fn is_disabled(&self) -> bool {
        self.rules.iter().fold(self.rules.is_empty(), |off, rule| {
            !rule.include && (off || rule.excludes_all())
        })
    }

    /// Whether limits decide what is taken: nothing but default rules speak of
    /// files.
    pub fn has_limits(&self) -> bool {
        let mut of_files = self.rules.iter().filter(|rule| rule.kind != Kind::Dir);
        let only = of_files.next().filter(|_| of_files.next().is_none());
        only.is_some_and(|rule| rule.max_matches.is_some())
    }

    /// Whether nothing more can be taken by the matches in `counts`: every rule
    /// that includes has had as many as it may.
    pub(super) fn is_spent(&self, counts: &[usize]) -> bool {
        let mut including = self
            .rules
            .iter()
            .zip(counts)
            .filter(|(rule, _)| rule.include && rule.kind != Kind::Dir);
        including.all(|(rule, count)| rule.max_matches.is_some_and(|most| *count >= most))
    }

    /// Whether the folder `path`, relative to the root and with `/`, is entered;
    /// `holds` tells whether there is something at a path in it.
    pub(super) fn enters(&self, path: &str, mut holds: impl FnMut(&str) -> bool) -> bool {
        let mut of_folders = self.rules.iter().filter(|rule| rule.kind == Kind::Dir);
        let decides = of_folders.rfind(|rule| {
            rule.matches_path(path) && rule.sentinel.as_deref().is_none_or(&mut holds)
        });
        decides.is_none_or(|rule| rule.include)
    }

    /// Whether `file` is taken, and the limit that kept it out if one did.
    /// `counts` holds the matches of each rule so far. What cannot be read, and
    /// is neither file nor folder, counts as text and as anything else.
    pub(super) fn takes(
        &self,
        file: &mut Candidate<'_>,
        counts: &mut [usize],
    ) -> (bool, Option<Limit>) {
        let mut taken = false;
        let mut limit = None;
        for (rule, count) in self.rules.iter().zip(counts) {
            if rule.kind == Kind::Dir || !rule.matches_path(file.path()) {
                continue;
            }
            let is_spent = rule.max_matches.is_some_and(|max| *count >= max);
            if is_spent && !self.has_limits() {
                continue;
            }
            let is_wanted = match rule.kind {
                Kind::Text => file.is_text().unwrap_or(true),
                Kind::Binary => !file.is_text().unwrap_or(false),
                Kind::Any | Kind::Dir => true,
            };
            if !is_wanted {
                continue;
            }
            if is_spent {
                limit = Some(Limit::Count);
            } else if rule.size_below.is_some_and(|below| file.size() >= below) {
                limit = Some(Limit::Size);
            } else {
                *count += 1;
                taken = rule.include;
                limit = None;
            }
        }
        (taken, limit)
    }
}

/// The rules outside git.
pub(super) fn plain_rules(limits: Limits, python: bool) -> RuleSet {
    let mut rules = vec![
        Rule::new(false, Kind::Dir, ".*"),
        Rule::dir_with(".guild-nocopy"),
        Rule {
            size_below: Some(limits.file_size + 1),
            max_matches: Some(limits.file_count),
            ..Rule::new(true, Kind::Text, "*")
        },
    ];
    if python {
        rules.push(Rule::new(false, Kind::Dir, "__pycache__"));
        rules.push(Rule::dir_with("bin/activate"));
        rules.push(Rule::dir_with("Scripts/activate"));
        for name in ["build", "dist", "*.egg-info"] {
            rules.push(Rule::new(false, Kind::Dir, name));
        }
    }
    RuleSet { rules }
}

/// The rules inside git: all but what it ignores (`ignored`, folders ending in
/// `/`) and its own files.
pub(super) fn git_rules(ignored: &[String]) -> RuleSet {
    let folders = ignored.iter().filter_map(|path| path.strip_suffix('/'));
    // Links to folders are among the files: git does not follow them.
    let files = ignored.iter().filter(|path| !path.ends_with('/'));
    let files: Rc<HashSet<String>> = Rc::new(files.cloned().collect());
    let rules = vec![
        Rule::new(false, Kind::Dir, ".guild"),
        Rule::dir_with(".guild-nocopy"),
        Rule {
            places: folders.map(str::to_string).collect(),
            ignored: Some(Rc::clone(&files)),
            ..Rule::new(false, Kind::Dir, ".git")
        },
        Rule {
            ignored: Some(files),
            ..Rule::new(true, Kind::Any, "*")
        },
        Rule {
            patterns: vec![".git*".to_string(), ".guildignore".to_string()],
            ..Rule::new(false, Kind::Any, "")
        },
    ];
    RuleSet { rules }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(include: bool, kind: Kind, pattern: &str) -> Rule {
        Rule::new(include, kind, pattern)
    }

    #[test]
    fn patterns_mean_names_or_whole_paths() {
        for (pattern, path, matches) in [
            ("*.py", "a/b.py", true),
            ("a/*.py", "a/b/c.py", true),
            ("a/*.py", "x/a/b.py", false),
            ("/a.py", "a.py", true),
            ("/a.py", "x/a.py", false),
            ("[ab].py", "b.py", true),
            ("a", "a/b", false),
        ] {
            let matched = rule(true, Kind::Any, pattern).matches_path(path);
            assert_eq!(matched, matches, "{pattern} {path}");
        }
    }

    #[test]
    fn rules_are_shown_as_the_contract_has_them() {
        let shown = |rules: RuleSet| -> Vec<String> {
            rules.rules.iter().map(ToString::to_string).collect()
        };
        let ignored = ["out/".to_string(), "a b/".to_string(), "x.log".to_string()];
        assert_eq!(
            shown(git_rules(&ignored)),
            [
                "exclude dir .guild",
                "exclude dir * containing .guild-nocopy",
                "exclude dir .git, out, 'a b'",
                "gitignore + guildignore patterns",
                "exclude .git*, .guildignore",
            ]
        );
        assert_eq!(
            shown(plain_rules(Limits::default(), false))[2],
            "include text * size < 1048577, max match 100"
        );
    }

    #[test]
    fn the_last_word_on_all_files_decides_whether_any_is_looked_at() {
        let disabled = |rules: Vec<Rule>| RuleSet { rules }.is_disabled();
        let all = || rule(false, Kind::Any, "*");
        assert!(disabled(Vec::new()));
        assert!(disabled(vec![rule(true, Kind::Text, "*"), all()]));
        assert!(disabled(vec![all(), rule(false, Kind::Dir, "x")]));
        assert!(!disabled(vec![all(), rule(true, Kind::Any, "a")]));
        assert!(!disabled(vec![rule(false, Kind::Text, "*")]));
    }
}
