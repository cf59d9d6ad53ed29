//! Which files of a folder are meant: the source code a run keeps, the files
//! that are published with it.

use std::path::{Component, Path};

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
    /// Reads what a guild file says of files; nothing if it says nothing.
    pub(super) fn parse(data: &Value) -> Result<Option<Self>, String> {
        let mut select = Self::default();
        let rules = match data {
            Value::Null | Value::Bool(true) => return Ok(None),
            Value::Map(map) => {
                for (key, value) in map.iter() {
                    match key.as_str().unwrap_or_default() {
                        "root" => select.root = value.as_str().map(str::to_string),
                        "dest" => select.dest = inside(value)?,
                        "digest" => select.digest = value.as_bool(),
                        _ => {}
                    }
                }
                map.get("select").unwrap_or(&Value::Null)
            }
            data => data,
        };
        match rules {
            Value::Null => {}
            Value::Bool(false) => select.disabled = true,
            Value::Str(pattern) => select.rules = only(vec![pattern.clone()]),
            Value::List(items) if items.is_empty() => select.disabled = true,
            Value::List(items) => select.rules = rule_list(items)?,
            other => {
                return Err(format!(
                    "expected a string, list, or mapping, found {}",
                    other.type_name()
                ));
            }
        }
        Ok(Some(select))
    }
}

/// A path that stays in the folder that it is relative to.
fn inside(value: &Value) -> Result<Option<String>, String> {
    let leads_out = |path: &Path| {
        path.components()
            .any(|part| !matches!(part, Component::Normal(_) | Component::CurDir))
    };
    match value.as_str() {
        Some(text) if leads_out(Path::new(text)) => Err(format!(
            "'dest' must be a path inside the run directory, found '{text}'"
        )),
        text => Ok(text.map(str::to_string)),
    }
}

/// Nothing but files of these patterns.
fn only(patterns: Vec<String>) -> Vec<SelectRule> {
    let rule = |include, pattern| SelectRule {
        include,
        kind: None,
        patterns: vec![pattern],
    };
    std::iter::once(rule(false, "*".to_string()))
        .chain(patterns.into_iter().map(|pattern| rule(true, pattern)))
        .collect()
}

fn rule_list(items: &[Value]) -> Result<Vec<SelectRule>, String> {
    let patterns: Vec<_> = items
        .iter()
        .filter_map(Value::as_str)
        .map(str::to_string)
        .collect();
    if patterns.len() == items.len() {
        return Ok(only(patterns));
    }
    items.iter().map(SelectRule::parse).collect()
}

impl SelectRule {
    fn parse(item: &Value) -> Result<Self, String> {
        let map = match item {
            Value::Str(pattern) => {
                return Ok(Self {
                    include: true,
                    kind: None,
                    patterns: vec![pattern.clone()],
                });
            }
            Value::Map(map) => map,
            other => {
                return Err(format!(
                    "expected a string or mapping, found {}",
                    other.type_name()
                ));
            }
        };
        let (include, patterns) = match (map.get("include"), map.get("exclude")) {
            (Some(_), Some(_)) => return Err("cannot have both include and exclude".to_string()),
            (Some(patterns), None) => (true, patterns),
            (None, Some(patterns)) => (false, patterns),
            (None, None) => return Err("expected 'include' or 'exclude'".to_string()),
        };
        let typed = patterns.as_map().and_then(|map| {
            let kinds = [
                ("dir", SelectKind::Dir),
                ("text", SelectKind::Text),
                ("binary", SelectKind::Binary),
            ];
            kinds
                .into_iter()
                .find_map(|(name, kind)| Some((Some(kind), map.get(name)?)))
        });
        let (kind, patterns) = typed.unwrap_or((None, patterns));
        Ok(Self {
            include,
            kind,
            patterns: super::operation::texts(patterns)
                .ok_or_else(|| "expected a pattern or a list of them".to_string())?,
        })
    }
}
