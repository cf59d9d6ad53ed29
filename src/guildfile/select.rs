//! Which files of a folder are meant: the source code a run keeps, the files
//! that are published with it.

use super::values::{text, text_at, texts, value_at};
use crate::base::yaml::Value;

/// Which files are meant, by rules that are tried in order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FileSelect {
    /// Whether no file is meant at all.
    pub disabled: bool,
    /// The folder to look in, relative to the guild file's.
    pub root: Option<String>,
    /// Whether a digest of the files is kept; the program decides if not set.
    pub digest: Option<bool>,
    /// Where the files are put, relative to the run directory.
    pub dest: Option<String>,
    /// The rules; those that come later win.
    pub rules: Vec<SelectRule>,
}

/// One rule: files of these patterns are in, or out.
#[derive(Debug, Clone, PartialEq)]
pub struct SelectRule {
    /// Whether files that match are meant, or are not.
    pub include: bool,
    /// What the patterns are tried on; anything where not set.
    pub kind: Option<SelectKind>,
    /// Patterns for paths below the root.
    pub patterns: Vec<String>,
}

/// What a rule is tried on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SelectKind {
    /// Folders, with all that is in them.
    Dir,
    /// Text files.
    Text,
    /// Files that are not text.
    Binary,
}

impl FileSelect {
    /// Reads what a guild file says of files, in a form that has been checked;
    /// nothing if it says nothing.
    pub(super) fn read(data: &Value) -> Option<Self> {
        let mut select = Self::default();
        let rules = match data {
            Value::Null | Value::Bool(true) => return None,
            Value::Map(map) => {
                select.root = text_at(map, "root");
                select.dest = text_at(map, "dest");
                select.digest = value_at(map, "digest").map(|digest| digest.is_truthy());
                map.get("select").unwrap_or(&Value::Null)
            }
            data => data,
        };
        match rules {
            Value::Bool(false) => select.disabled = true,
            Value::List(items) if items.is_empty() => select.disabled = true,
            Value::List(items) => select.rules = rule_list(items),
            Value::Str(pattern) => select.rules = only([pattern.clone()]),
            _ => {}
        }
        Some(select)
    }
}

/// Nothing but files of these patterns.
fn only(patterns: impl IntoIterator<Item = String>) -> Vec<SelectRule> {
    std::iter::once(SelectRule::plain(false, "*".to_string()))
        .chain(
            patterns
                .into_iter()
                .map(|pattern| SelectRule::plain(true, pattern)),
        )
        .collect()
}

fn rule_list(items: &[Value]) -> Vec<SelectRule> {
    let patterns: Option<Vec<String>> = items
        .iter()
        .map(|item| item.as_str().map(str::to_string))
        .collect();
    match patterns {
        Some(patterns) => only(patterns),
        None => items.iter().map(SelectRule::read).collect(),
    }
}

impl SelectRule {
    fn plain(include: bool, pattern: String) -> Self {
        Self {
            include,
            kind: None,
            patterns: vec![pattern],
        }
    }

    fn read(item: &Value) -> Self {
        let Value::Map(map) = item else {
            return Self::plain(true, text(item));
        };
        let include = map.contains("include");
        let patterns = map.get("include").or_else(|| map.get("exclude"));
        let kinds = [
            ("dir", SelectKind::Dir),
            ("text", SelectKind::Text),
            ("binary", SelectKind::Binary),
        ];
        let typed = patterns.and_then(Value::as_map).and_then(|map| {
            kinds
                .into_iter()
                .find_map(|(name, kind)| Some((kind, map.get(name)?)))
        });
        Self {
            include,
            kind: typed.map(|(kind, _)| kind),
            patterns: typed
                .map(|(_, patterns)| patterns)
                .or(patterns)
                .and_then(texts)
                .unwrap_or_default(),
        }
    }
}
