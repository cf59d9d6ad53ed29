//! Rules that include and exclude files and folders; the last one with an
//! opinion decides.

use std::path::Path;

use super::Limits;
use super::text_file::is_text;
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
    /// For folders: a path that must exist inside.
    pub sentinel: Option<String>,
    /// Files must be smaller than this many bytes.
    pub size_below: Option<u64>,
    /// The rule matches this many files at the most.
    pub max_matches: Option<usize>,
}

impl Rule {
    fn new(include: bool, kind: Kind, pattern: &str) -> Self {
        Self {
            include,
            kind,
            patterns: vec![pattern.trim_start_matches('/').to_string()],
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
        self.patterns.iter().any(|pattern| {
            if pattern.contains('/') {
                fnmatch(pattern, path)
            } else {
                fnmatch(pattern, name)
            }
        })
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
        self.rules.push(Rule::new(false, Kind::Dir, &exact(path)));
    }

    /// Whether the folder `path` (relative, with `/`) below `root` is entered.
    pub(super) fn enters(&self, root: &Path, path: &str) -> bool {
        let mut enters = true;
        for rule in self.rules.iter().filter(|rule| rule.kind == Kind::Dir) {
            let has_sentinel = match &rule.sentinel {
                Some(sentinel) => root.join(path).join(sentinel).exists(),
                None => true,
            };
            if rule.matches_path(path) && has_sentinel {
                enters = rule.include;
            }
        }
        enters
    }

    /// Whether the file `path` of `size` bytes is taken, and the limit that kept
    /// it out if one did. `counts` holds the matches of each rule so far.
    pub(super) fn takes(
        &self,
        root: &Path,
        path: &str,
        size: u64,
        counts: &mut [usize],
    ) -> (bool, Option<Limit>) {
        let mut taken = false;
        let mut limit = None;
        for (rule, count) in self.rules.iter().zip(counts) {
            if rule.kind == Kind::Dir || !rule.matches_path(path) {
                continue;
            }
            let wanted_kind = match rule.kind {
                Kind::Text => is_text(&root.join(path)),
                Kind::Binary => !is_text(&root.join(path)),
                Kind::Any | Kind::Dir => true,
            };
            if !wanted_kind {
                continue;
            }
            if rule.max_matches.is_some_and(|max| *count >= max) {
                limit = Some(Limit::Count);
            } else if rule.size_below.is_some_and(|below| size >= below) {
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

/// The pattern of just this path.
fn exact(path: &str) -> String {
    let mut pattern = String::from("./");
    for c in path.chars() {
        match c {
            '*' | '?' | '[' => pattern.extend(['[', c, ']']),
            c => pattern.push(c),
        }
    }
    pattern
}

/// The rules inside git: all but what it ignores (`ignored`, folders ending in
/// `/`) and its own files.
pub(super) fn git_rules(ignored: &[String]) -> RuleSet {
    let mut rules = vec![
        Rule::new(false, Kind::Dir, ".guild"),
        Rule::dir_with(".guild-nocopy"),
        Rule::new(false, Kind::Dir, ".git"),
        Rule::new(true, Kind::Any, "*"),
    ];
    for kind in [Kind::Dir, Kind::Any] {
        let patterns: Vec<String> = ignored
            .iter()
            .filter(|path| path.ends_with('/') == (kind == Kind::Dir))
            .map(|path| exact(path.trim_end_matches('/')))
            .collect();
        if !patterns.is_empty() {
            rules.push(Rule {
                patterns,
                ..Rule::new(false, kind, "")
            });
        }
    }
    rules.push(Rule::new(false, Kind::Any, ".git*"));
    rules.push(Rule::new(false, Kind::Any, ".guildignore"));
    RuleSet { rules }
}
