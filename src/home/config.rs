//! The user's config file: what a user sets for all projects.
//!
//! A file is sections, and a section is items such as remotes. An item that is a
//! map may say `extends: NAME` to take from others what it does not say itself;
//! the section `config` only holds such others. Sections without a typed
//! accessor here are read by whoever they are for.

use std::path::{Path, PathBuf};

use crate::base::files;
use crate::base::yaml::{self, Map, Value};

/// The section that items can extend, and which is no setting.
const POOL: &str = "config";

/// The key of an item that names what it extends.
const EXTENDS: &str = "extends";

/// How long a chain of items that extend each other may be.
const LONGEST_CHAIN: usize = 100;

/// Why a config file that can be read makes no sense.
#[derive(Debug, thiserror::Error)]
#[error("{problem} in {}", path.display())]
pub struct Error {
    problem: String,
    path: PathBuf,
}

/// What a config file says, with all that items extend filled in.
#[derive(Debug, Default)]
pub struct Config {
    sections: Map,
    warning: Option<String>,
}

impl Config {
    /// Reads the file at `path`. One that is not there is empty, and so is one
    /// that cannot be read or is no YAML, of which [`Config::warning`] tells.
    ///
    /// # Errors
    /// An item extends what is not there, or what cannot be extended.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let mut config = Self::default();
        let read = files::read_if_exists(path).map_err(|error| {
            let reason = files::reason(&error.source);
            format!("cannot read user config in {}: {reason}", path.display())
        });
        let loaded = read.and_then(|bytes| {
            parse(&bytes.unwrap_or_default()).map_err(|reason| {
                format!("error loading user config in {}: {reason}", path.display())
            })
        });
        match loaded {
            Ok(sections) => config.sections = sections,
            Err(warning) => config.warning = Some(warning),
        }
        extend_all(&mut config.sections).map_err(|problem| Error {
            problem,
            path: path.to_path_buf(),
        })?;
        Ok(config)
    }

    /// Why the file counts as empty although it is there.
    pub fn warning(&self) -> Option<&str> {
        self.warning.as_deref()
    }

    /// What the file says under `section`, if that is a map.
    pub fn section(&self, section: &str) -> Option<&Map> {
        self.sections.get(section)?.as_map()
    }

    /// The git program, by name or path: `git: executable:`.
    pub fn git_executable(&self) -> &str {
        self.section("git")
            .and_then(|git| git.get("executable")?.as_str())
            .filter(|program| !program.is_empty())
            .unwrap_or("git")
    }

    /// What shows differences, `diff: command:`: a command line, or a map of
    /// patterns of file names to such.
    pub fn diff_command(&self) -> Option<&Value> {
        let command = self.section("diff")?.get("command")?;
        (*command != Value::Null).then_some(command)
    }
}

fn parse(bytes: &[u8]) -> Result<Map, String> {
    match yaml::load_bytes(bytes) {
        Ok(Value::Map(sections)) => Ok(sections),
        Ok(Value::Null) => Ok(Map::new()),
        Ok(other) => Err(format!("expected sections, found {}", other.type_name())),
        Err(error) => Err(format!(
            "{error} (line {}, column {})",
            error.line(),
            error.column()
        )),
    }
}

/// Fills in what items extend, section by section.
fn extend_all(sections: &mut Map) -> Result<(), String> {
    let names: Vec<String> = texts(sections.keys()).filter(|name| name != POOL).collect();
    for section in names {
        let mut items: Vec<String> = match sections.get(&section).and_then(Value::as_map) {
            Some(items) => texts(items.keys()).collect(),
            None => continue,
        };
        items.sort();
        for item in items {
            extend(sections, &section, &item, 0)?;
        }
    }
    sections.remove(POOL);
    Ok(())
}

fn texts<'a>(values: impl Iterator<Item = &'a Value>) -> impl Iterator<Item = String> {
    values.filter_map(|value| value.as_str().map(str::to_string))
}

/// Fills in what `item` of `section` extends; `depth` items extend it in turn.
/// A circle ends where it would close, since what an item extends is taken off
/// it before that is looked at.
fn extend(sections: &mut Map, section: &str, item: &str, depth: usize) -> Result<(), String> {
    let Some(parents) = item_of(sections, section, item)
        .and_then(map_mut)
        .and_then(|item| item.remove(EXTENDS))
    else {
        return Ok(());
    };
    if depth == LONGEST_CHAIN {
        return Err(format!(
            "more than {LONGEST_CHAIN} items extend each other, up to '{item}' of '{section}',"
        ));
    }
    for parent in parent_names(&parents, section, item)? {
        let has = |name: &str| {
            let items = sections.get(name).and_then(Value::as_map);
            items.is_some_and(|items| items.contains(&parent))
        };
        let Some(place) = [section, POOL].into_iter().find(|name| has(name)) else {
            return Err(format!(
                "cannot find '{parent}', which '{item}' of '{section}' extends,"
            ));
        };
        extend(sections, place, &parent, depth + 1)?;
        let Some(Value::Map(values)) = item_of(sections, place, &parent).cloned() else {
            return Err(format!(
                "'{item}' of '{section}' cannot extend '{parent}', which is no map,"
            ));
        };
        if let Some(Value::Map(item)) = item_of(sections, section, item) {
            fill(item, values);
        }
    }
    Ok(())
}

fn item_of<'a>(sections: &'a mut Map, section: &str, item: &str) -> Option<&'a mut Value> {
    map_mut(sections.get_mut(section)?)?.get_mut(item)
}

fn map_mut(value: &mut Value) -> Option<&mut Map> {
    match value {
        Value::Map(map) => Some(map),
        _ => None,
    }
}

fn parent_names(parents: &Value, section: &str, item: &str) -> Result<Vec<String>, String> {
    let names = match parents {
        Value::Str(name) => return Ok(vec![name.clone()]),
        Value::List(names) => names,
        _ => &Vec::new(),
    };
    let texts: Vec<String> = texts(names.iter()).collect();
    if texts.is_empty() || texts.len() < names.len() {
        return Err(format!(
            "'{EXTENDS}' of '{item}' of '{section}' must be a name or a list of names"
        ));
    }
    Ok(texts)
}

/// Adds to `target` what it lacks of `parent`, in maps within maps as well.
fn fill(target: &mut Map, parent: Map) {
    for (key, value) in parent.iter() {
        let Some(name) = key.as_str() else {
            if target.get_value(key).is_none() {
                target.insert(key.clone(), value.clone());
            }
            continue;
        };
        match (target.get_mut(name), value) {
            (None, value) => {
                target.insert(name, value.clone());
            }
            (Some(Value::Map(target)), Value::Map(parent)) => fill(target, parent.clone()),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extended(text: &str) -> Result<String, String> {
        let mut sections = parse(text.as_bytes()).unwrap();
        extend_all(&mut sections)?;
        Ok(yaml::dump_flow(&Value::Map(sections)))
    }

    #[test]
    fn an_item_takes_what_it_does_not_say() {
        for (text, expected) in [
            (
                "s: {i: {a: 1, b: 2}, j: {extends: i, b: 3}}",
                "{s: {i: {a: 1, b: 2}, j: {a: 1, b: 3}}}",
            ),
            (
                "{config: {i: {a: 1}}, s: {j: {extends: i, b: 3}}}",
                "{s: {j: {a: 1, b: 3}}}",
            ),
            // A sibling hides what the pool has under the same name.
            (
                "{config: {i: {a: 1}}, s: {i: {a: 2}, j: {extends: i}}}",
                "{s: {i: {a: 2}, j: {a: 2}}}",
            ),
            // Of several, the first that says something is right.
            (
                "s: {x: {a: 1, c: 1}, y: {a: 2, b: 2}, z: {extends: [x, y], c: 3}}",
                "{s: {x: {a: 1, c: 1}, y: {a: 2, b: 2}, z: {a: 1, b: 2, c: 3}}}",
            ),
            (
                "s: {x: {m: {a: 1, b: {c: 1}}}, y: {extends: x, m: {b: {d: 2}}}}",
                "{s: {x: {m: {a: 1, b: {c: 1}}}, y: {m: {a: 1, b: {c: 1, d: 2}}}}}",
            ),
            ("s: [1]", "{s: [1]}"),
            ("{config: 3, s: {i: 1}}", "{s: {i: 1}}"),
        ] {
            assert_eq!(extended(text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn a_circle_ends_where_it_would_close() {
        for (text, expected) in [
            ("s: {i: {extends: i, a: 1}}", "{s: {i: {a: 1}}}"),
            (
                "s: {i: {extends: j, a: 1, b: 2}, j: {extends: i, b: 3, c: 4}}",
                "{s: {i: {a: 1, b: 2, c: 4}, j: {a: 1, b: 3, c: 4}}}",
            ),
        ] {
            assert_eq!(extended(text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_extended_is_an_error() {
        for (text, expected) in [
            (
                "s: {i: {extends: j}}",
                "cannot find 'j', which 'i' of 's' extends,",
            ),
            ("{config: 1, s: {i: {extends: j}}}", "cannot find 'j'"),
            (
                "s: {i: {extends: j}, j: 3}",
                "'i' of 's' cannot extend 'j', which is no map,",
            ),
            (
                "s: {i: {extends: 3}}",
                "'extends' of 'i' of 's' must be a name",
            ),
            (
                "s: {i: {extends: [j, 3]}, j: {}}",
                "must be a name or a list of names",
            ),
            ("s: {i: {extends: }}", "must be a name or a list of names"),
        ] {
            let error = extended(text).unwrap_err();
            assert!(
                error.starts_with(expected) || error.contains(expected),
                "{text}: {error}"
            );
        }
        let chain: String = (0..200)
            .map(|i| format!("  i{i:03}: {{extends: i{:03}}}\n", i + 1))
            .collect();
        let error = extended(&format!("s:\n{chain}  i200: {{}}\n")).unwrap_err();
        assert!(error.starts_with("more than 100 items"), "{error}");
    }

    #[test]
    fn a_file_that_is_no_config_counts_as_empty_with_a_warning() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("config.yml");
        assert_eq!(Config::read(&path).unwrap().warning(), None);
        for text in ["[", "- 1", "3", "a: 1\na: [\n", "a: \u{0}"] {
            std::fs::write(&path, text).unwrap();
            let config = Config::read(&path).unwrap();
            let warning = config.warning().unwrap_or_default();
            assert!(warning.contains("config.yml: "), "{text}: {warning}");
            assert_eq!(config.git_executable(), "git");
        }
        assert!(Config::read(dir.path()).unwrap().warning().is_some());
    }

    #[test]
    fn settings_have_their_defaults() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("config.yml");
        let read = |text: &str| {
            std::fs::write(&path, text).unwrap();
            Config::read(&path).unwrap()
        };
        let config = read("git: {executable: /opt/git}\ndiff: {command: meld}");
        assert_eq!(config.git_executable(), "/opt/git");
        assert_eq!(config.diff_command(), Some(&Value::from("meld")));
        for text in [
            "",
            "git:\ndiff:",
            "git: {executable: 3}\ndiff: {command: }",
            "diff: 3",
        ] {
            let config = read(text);
            assert_eq!(config.git_executable(), "git");
            assert_eq!(config.diff_command(), None);
        }
    }
}
