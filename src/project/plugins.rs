//! Plugins: which take part in an operation's runs, and programs of third
//! parties that add kinds of operations.

use std::path::PathBuf;

use crate::base::files;
use crate::base::yaml::Value;
use crate::home::Home;
use crate::python::interpreter;

/// The plugins there are.
pub const NAMES: [&str; 11] = [
    "config_flags",
    "cpu",
    "disk",
    "exec_script",
    "gpu",
    "memory",
    "perf",
    "python_frameworks",
    "python_script",
    "queue",
    "resource_flags",
];

/// Those that add how busy the machine is to scalars that a script logs, which go
/// by one name as well.
const SUMMARY: [&str; 5] = ["cpu", "disk", "gpu", "memory", "perf"];

/// Plugins of Guild AI that are not there yet.
const LATER: [&str; 6] = [
    "dask",
    "dvc",
    "ipynb",
    "quarto_document",
    "r_script",
    "skopt",
];

/// Names for several plugins: all there are, and those of [`SUMMARY`].
const GROUPS: [&str; 2] = ["all", "summary"];

/// What the names of programs that add kinds of operations start with.
const KIND_PREFIX: &str = "guild-op-";

/// Which plugins take part in runs of an operation, as the attribute `plugins` of
/// the operation or else of its model (`configured`) has it, and what the user
/// should know of those that do not. Without it these are those that suit the
/// operation, which for one in Python is `python_script`.
pub(super) fn selected(
    configured: Option<&Value>,
    python: bool,
) -> (Vec<&'static str>, Vec<String>) {
    let suiting = || {
        if python {
            vec!["python_script"]
        } else {
            Vec::new()
        }
    };
    let names: Vec<&str> = match configured {
        None | Some(Value::Null | Value::Bool(true)) => return (suiting(), Vec::new()),
        Some(Value::Str(name)) => vec![name],
        Some(Value::List(items)) => items.iter().filter_map(Value::as_str).collect(),
        Some(_) => Vec::new(),
    };
    let is_meant = |known: &&str| {
        names.contains(known)
            || names.contains(&"all")
            || names.contains(&"summary") && SUMMARY.contains(known)
    };
    let known = NAMES.into_iter().filter(is_meant);
    let others = names
        .iter()
        .filter(|name| !NAMES.contains(name) && !GROUPS.contains(name));
    let warnings = others.map(|name| {
        if LATER.contains(name) {
            format!("plugin '{name}' is not available yet")
        } else {
            format!("unknown plugin '{name}'; there are {}", NAMES.join(", "))
        }
    });
    (known.collect(), warnings.collect())
}

/// The program that adds the kind `name` of operations, if there is one.
pub(super) fn kind_program(home: &Home, name: &str) -> Option<PathBuf> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.is_empty() || name.starts_with('.') || !name.chars().all(is_name) {
        return None;
    }
    interpreter::which(home, &format!("{KIND_PREFIX}{name}"))
}

/// Names of the programs on the path that add kinds of operations, sorted.
pub fn operation_kinds(home: &Home) -> Vec<String> {
    let path = home.variable("PATH").unwrap_or_default();
    let dirs = std::env::split_paths(&path).map(|dir| home.cwd().join(dir));
    let mut found: Vec<String> = dirs
        .flat_map(|dir| {
            let names = files::names(&dir).unwrap_or_default();
            names.into_iter().filter_map(move |name| {
                let name = name.to_str()?.to_string();
                let is_kind = name.starts_with(KIND_PREFIX) && name.len() > KIND_PREFIX.len();
                (is_kind && interpreter::is_executable(&dir.join(&name))).then_some(name)
            })
        })
        .collect();
    found.sort();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str, python: bool) -> Vec<&'static str> {
        let value = crate::base::yaml::load(text).unwrap();
        selected(Some(&value), python).0
    }

    #[test]
    fn what_is_listed_takes_part_and_nothing_else() {
        assert_eq!(selected(None, true).0, ["python_script"]);
        assert!(selected(None, false).0.is_empty());
        assert_eq!(names("yes", true), ["python_script"]);
        assert_eq!(names("python_script", false), ["python_script"]);
        assert_eq!(
            names("[resource_flags, config_flags]", true),
            ["config_flags", "resource_flags"]
        );
        assert_eq!(names("summary", true), SUMMARY);
        assert_eq!(names("[summary, cpu]", true), SUMMARY);
        assert_eq!(names("all", false), NAMES);
        for none in ["no", "[]", "other", "[dask]"] {
            assert!(names(none, true).is_empty(), "{none}");
        }
    }

    #[test]
    fn what_takes_no_part_is_told() {
        let told = |text: &str| selected(Some(&Value::from(text)), true).1;
        assert_eq!(told("dvc"), ["plugin 'dvc' is not available yet"]);
        assert!(told("pyton_script")[0].starts_with("unknown plugin 'pyton_script'"));
        assert!(told("python_script").is_empty());
    }
}
