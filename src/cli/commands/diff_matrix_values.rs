//! What `guild diff --matrix` compares of runs but their files, as text by name.

use std::collections::{BTreeMap, BTreeSet};

use super::diff_matrix::{Row, differ};
use super::runs_info::custom_attributes;
use crate::base::text::natural_cmp;
use crate::base::yaml::Value;
use crate::cli::listing::{Shown, details, flag_text};
use crate::scalars;

/// Attributes that are not compared: those of which each run has its own, those
/// that are compared apart or shown in another way, and guild's own notes.
const LEFT_OUT: &[&str] = &[
    "cmd",
    "comments",
    "deps",
    "env",
    "flags",
    "id",
    "initialized",
    "marked",
    "op",
    "opdef_attrs",
    "pip_freeze",
    "run_params",
    "started",
    "stopped",
    "user_flags",
];

/// What is compared that runs have no attribute for, or not as it is shown.
const DETAILS: &[&str] = &["operation", "from", "status", "marked"];

/// The flags of a run.
pub(super) fn flags(run: &Shown<'_>) -> BTreeMap<String, String> {
    entries(run.attr("flags"))
}

/// The flags that a batch has for its trials.
pub(super) fn proto_flags(run: &Shown<'_>) -> BTreeMap<String, String> {
    let proto = run.run().proto();
    let flags = proto.map(|proto| run.or_default(proto.attr("flags")));
    entries(flags.flatten())
}

/// The resolved dependencies of a run.
pub(super) fn dependencies(run: &Shown<'_>) -> BTreeMap<String, String> {
    entries(run.attr("deps"))
}

/// The environment of a run's process.
pub(super) fn environment(run: &Shown<'_>) -> BTreeMap<String, String> {
    let Some(Value::Map(environment)) = run.attr("env") else {
        return BTreeMap::new();
    };
    let texts = environment
        .iter()
        .map(|(name, value)| (text(name), text(value)));
    texts.collect()
}

fn entries(map: Option<Value>) -> BTreeMap<String, String> {
    let Some(Value::Map(map)) = map else {
        return BTreeMap::new();
    };
    let entries = map.iter();
    entries
        .map(|(name, value)| (text(name), flag_text(value)))
        .collect()
}

/// The attributes of a run, those that it logged too; the entries of one that is
/// a map by themselves.
pub(super) fn attributes(run: &Shown<'_>) -> BTreeMap<String, String> {
    let mut attributes = BTreeMap::new();
    for (name, value) in custom_attributes(run, false).iter() {
        add(&mut attributes, &text(name), value);
    }
    for name in run.or_default(run.run().attr_names()) {
        if !LEFT_OUT.contains(&&*name)
            && let Some(value) = run.attr(&name)
        {
            add(&mut attributes, &name, &value);
        }
    }
    for (name, value) in details(run) {
        if DETAILS.contains(&name) {
            attributes.insert(name.to_string(), text(&value));
        }
    }
    let comments = run.or_default(run.run().comments());
    let bodies = comments.iter().map(|comment| {
        let body = comment.as_map().and_then(|comment| comment.get("body"));
        text(body.unwrap_or(comment)).trim().to_string()
    });
    let bodies: Vec<String> = bodies.collect();
    attributes.insert("comments".to_string(), bodies.join("; "));
    for (name, version) in packages(run.attr("pip_freeze").as_ref()) {
        attributes.insert(format!("pip_freeze.{name}"), version);
    }
    attributes
}

fn add(attributes: &mut BTreeMap<String, String>, name: &str, value: &Value) {
    if let Value::Map(entries) = value {
        let entries = entries.iter();
        attributes
            .extend(entries.map(|(key, value)| (format!("{name}.{}", text(key)), text(value))));
    } else {
        attributes.insert(name.to_string(), text(value));
    }
}

/// Installed packages and their versions, of lines such as `numpy==2.1`.
fn packages(frozen: Option<&Value>) -> Vec<(String, String)> {
    let lines = frozen.and_then(Value::as_list).unwrap_or_default();
    let lines = lines.iter().map(text);
    let package = |line: String| {
        let split = line.split_once("==").or_else(|| line.split_once(" @ "));
        match split {
            Some((name, version)) => (name.to_string(), version.to_string()),
            None => (line, "yes".to_string()),
        }
    };
    lines.map(package).collect()
}

/// A value as people write it: text without quotes, items with commas between.
fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Str(text) => text.clone(),
        Value::List(items) => items.iter().map(text).collect::<Vec<_>>().join(", "),
        other => flag_text(other),
    }
}

/// The rows of scalars whose last values are not the same in all runs; those of
/// the system are left out.
pub(super) fn scalar_rows(runs: &[Shown<'_>]) -> Vec<Row> {
    let values: Vec<BTreeMap<String, f64>> = runs.iter().map(last_values).collect();
    let names: BTreeSet<&String> = values.iter().flat_map(BTreeMap::keys).collect();
    let mut names: Vec<&String> = names.into_iter().collect();
    names.sort_by(|left, right| natural_cmp(left, right));
    let row = |name: &String| {
        let values: Vec<Option<f64>> = values.iter().map(|run| run.get(name).copied()).collect();
        let cells = numbers(&values);
        differ(&cells).then(|| Row {
            name: name.clone(),
            cells,
        })
    };
    names.into_iter().filter_map(row).collect()
}

fn last_values(run: &Shown<'_>) -> BTreeMap<String, f64> {
    let by_key = scalars::by_key(run.scalars()).into_iter();
    let users = by_key.filter(|(_, summary)| !summary.tag.starts_with("sys/"));
    users
        .map(|(key, summary)| (key, summary.last.value))
        .collect()
}

/// Numbers with six places, or with all if those do not tell them apart.
fn numbers(values: &[Option<f64>]) -> Vec<String> {
    let texts = |text: &dyn Fn(f64) -> String| -> Vec<String> {
        let values = values.iter();
        values
            .map(|value| value.map_or_else(String::new, text))
            .collect()
    };
    let short = texts(&|value| match value.is_nan() {
        true => "nan".to_string(),
        false => format!("{value:.6}"),
    });
    let full = texts(&|value| flag_text(&Value::Float(value)));
    let count = |texts: &[String]| texts.iter().collect::<BTreeSet<_>>().len();
    match count(&short) == count(&full) {
        true => short,
        false => full,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::yaml;

    #[test]
    fn numbers_have_the_places_that_tell_them_apart() {
        let shown = |values: &[f64]| numbers(&values.iter().copied().map(Some).collect::<Vec<_>>());
        assert_eq!(shown(&[0.5, 0.25]), ["0.500000", "0.250000"]);
        assert_eq!(shown(&[1e-9, 2e-9, 1.0]), ["1.0e-09", "2.0e-09", "1.0"]);
        assert_eq!(shown(&[f64::NAN, f64::NAN]), ["nan", "nan"]);
        assert_eq!(shown(&[f64::INFINITY, -1.0]), ["inf", "-1.000000"]);
        assert_eq!(numbers(&[None, Some(3.0)]), ["", "3.000000"]);
    }

    #[test]
    fn packages_have_versions_or_places() {
        let frozen = yaml::load("[numpy==2.1, 'x @ file:///x', -e .]").unwrap();
        let pair = |name: &str, version: &str| (name.to_string(), version.to_string());
        assert_eq!(
            packages(Some(&frozen)),
            [
                pair("numpy", "2.1"),
                pair("x", "file:///x"),
                pair("-e .", "yes")
            ]
        );
        assert_eq!(packages(None), []);
    }
}
