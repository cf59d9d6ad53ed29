//! `guild runs info`: everything about one run.

use clap::Args as ClapArgs;

use crate::base::clock::local_text;
use crate::base::text::natural_cmp;
use crate::base::yaml::{self, Map, Value};
use crate::cli::Context;
use crate::cli::args::{MatchArgs, RunArg};
use crate::cli::failure::Failure;
use crate::cli::listing::{self, Shown, details, flag_text, python_json};
use crate::runs::{EntryKind, RESERVED_ATTRS};
use crate::scalars::{self, Point};

/// Show everything about a run.
///
/// RUN is a run's number in the list of runs, or its id or the start of it.
/// Without RUN it is the latest run. Filters choose among which runs RUN
/// counts.
///
/// Flags, tags, scalars and attributes are always shown. What a run was started
/// with is shown on request: '--env' its environment, '--manifest' which of its
/// files are source code or dependencies, '--deps' where dependencies came
/// from, and '--plugins' which plugins were on.
///
/// # Examples
///
/// Show the latest run, and the latest that failed:
///
///     guild runs info
///     guild runs info -Se
///
/// Show a run by the start of its id, with its comments:
///
///     guild runs info 5fd1e3 --comments
#[derive(Debug, Default, ClapArgs)]
#[command(verbatim_doc_comment, args_override_self = true)]
pub struct Args {
    #[command(flatten)]
    run: RunArg,

    /// Show comments.
    #[arg(short, long)]
    comments: bool,

    /// Show the environment of the run's process.
    #[arg(short, long)]
    env: bool,

    /// Show resolved dependencies.
    #[arg(short, long)]
    deps: bool,

    /// Show which files are source code and dependencies.
    #[arg(short, long)]
    manifest: bool,

    /// Show plugins.
    #[arg(short, long)]
    plugins: bool,

    /// Show all values of all scalars; otherwise only the last ones, and none
    /// of the system's.
    #[arg(short = 's', long)]
    all_scalars: bool,

    /// Show the information as JSON, for programs to read.
    #[arg(long)]
    json: bool,

    /// Show attributes that are not meant for users.
    #[arg(long, hide = true)]
    private_attrs: bool,

    #[command(flatten)]
    matching: MatchArgs,
}

/// Shows a run.
///
/// # Errors
/// There is no such run.
pub fn main(args: &Args, context: &Context) -> Result<(), Failure> {
    args.matching.remote.check()?;
    let store = listing::live_runs(context);
    let runs = listing::filtered(&store, &args.matching.keep, context)?;
    let run = listing::pick_one(&runs, args.run.run.as_deref(), context)?;
    let shown = Shown::new(&run, context);
    let sections = sections(&shown, args);
    shown.warn();
    if args.json {
        let sections: Map = sections.into_iter().collect();
        context.console.line(&python_json(&Value::Map(sections)));
    } else {
        let lines = sections
            .iter()
            .flat_map(|(name, value)| section_lines(name, value));
        let text: String = lines.map(|line| line + "\n").collect();
        context.console.data(text.as_bytes());
    }
    Ok(())
}

/// What is shown of a run to who wants to know all but how it was started.
pub(super) fn lines(shown: &Shown<'_>) -> Vec<String> {
    let args = Args {
        comments: true,
        ..Args::default()
    };
    let sections = sections(shown, &args);
    let lines = sections
        .iter()
        .flat_map(|(name, value)| section_lines(name, value));
    lines.collect()
}

/// What is shown, section by section; text, a list or a map each.
fn sections(shown: &Shown<'_>, args: &Args) -> Vec<(&'static str, Value)> {
    let run = shown.run();
    let mut sections = attributes(shown, args.private_attrs);
    sections.push(("tags", list(shown.attr("tags"))));
    sections.push(("flags", map(shown.attr("flags"))));
    if let Some(proto) = run.proto() {
        sections.push(("proto-flags", map(shown.or_default(proto.attr("flags")))));
    }
    sections.push((
        "scalars",
        Value::Map(scalar_values(shown, args.all_scalars)),
    ));
    let custom = custom_attributes(shown, args.private_attrs);
    if !custom.is_empty() {
        sections.push(("attributes", Value::Map(custom)));
    }
    if args.comments {
        sections.push(("comments", comments(shown)));
    }
    if args.env {
        sections.push(("environment", map(shown.attr("env"))));
    }
    if args.manifest {
        sections.push(("manifest", manifest(shown)));
    }
    if args.deps {
        sections.push(("dependencies", map(shown.attr("deps"))));
    }
    if args.plugins {
        sections.push(("plugins", list(shown.attr("plugins"))));
    }
    if let Some(proto) = run.proto()
        && args.private_attrs
        && args.json
    {
        let proto = Shown::new(&proto, shown.context());
        let attributes: Map = attributes(&proto, true).into_iter().collect();
        proto.warn();
        sections.push(("proto-run", Value::Map(attributes)));
    }
    sections
}

fn attributes(shown: &Shown<'_>, private: bool) -> Vec<(&'static str, Value)> {
    let mut attributes = details(shown);
    if private {
        let opref = shown.or_default(shown.run().opref().map(|opref| opref.to_string()));
        attributes.push(("opref", opref.into()));
        attributes.push(("op", shown.attr("op").into()));
    }
    attributes
}

/// What the operation's definition says about the run, and what the run itself
/// logged; what is logged under a name with `_` in front is private.
pub(super) fn custom_attributes(shown: &Shown<'_>, private: bool) -> Map {
    let mut attributes = match shown.attr("opdef_attrs") {
        Some(Value::Map(attributes)) => attributes,
        _ => Map::new(),
    };
    for (name, text) in shown.logged_attrs() {
        if private || !name.starts_with('_') {
            attributes.insert(name, text);
        }
    }
    let reserved = |name: &Value| {
        name.as_str()
            .is_some_and(|name| RESERVED_ATTRS.contains(&name))
    };
    attributes
        .into_iter()
        .filter(|(name, _)| !reserved(name))
        .collect()
}

/// The scalars of the run by name: `[value, step]` of the last value, or a map
/// of such pairs with `all`. An average and a total are of so many values, which
/// stand in the place of the step.
fn scalar_values(shown: &Shown<'_>, all: bool) -> Map {
    let pair = |value: f64, step: i64| {
        // JSON has no number that is none.
        let value = (!value.is_nan()).then_some(value);
        Value::List(vec![value.into(), step.into()])
    };
    let point = |point: Point| pair(point.value, point.step);
    let mut values_by_name = Map::new();
    for (key, summary) in scalars::by_key(shown.scalars()) {
        if !all {
            if !summary.tag.starts_with("sys/") {
                values_by_name.insert(key, point(summary.last));
            }
            continue;
        }
        let count = i64::try_from(summary.count).unwrap_or(i64::MAX);
        let values: Map = [
            ("first", point(summary.first)),
            ("last", point(summary.last)),
            ("min", point(summary.min)),
            ("max", point(summary.max)),
            ("avg", pair(summary.avg(), count)),
            ("total", pair(summary.total, count)),
        ]
        .into_iter()
        .collect();
        values_by_name.insert(key, Value::Map(values));
    }
    values_by_name
}

fn comments(shown: &Shown<'_>) -> Value {
    let comments = list(shown.attr("comments"));
    let comments = comments.as_list().unwrap_or_default().iter();
    let comments: Vec<Value> = comments
        .map(|comment| {
            let Some(comment) = comment.as_map() else {
                return Value::from(flag_text(comment));
            };
            let text = |name| {
                comment
                    .get(name)
                    .and_then(Value::as_str)
                    .unwrap_or_default()
            };
            let time = comment.get("time").and_then(Value::as_i64).map(local_text);
            let fields = [
                ("user", text("user").to_string()),
                ("host", text("host").to_string()),
                ("time", time.unwrap_or_default()),
                ("body", text("body").trim().to_string()),
            ];
            Value::Map(fields.into_iter().collect())
        })
        .collect();
    Value::List(comments)
}

fn manifest(shown: &Shown<'_>) -> Value {
    let manifest = shown.or_default(shown.run().manifest());
    let mut sections = Map::new();
    for (name, kind) in [
        ("sourcecode", EntryKind::SourceCode),
        ("dependencies", EntryKind::Dependency),
    ] {
        let entries = manifest.iter().filter(|entry| entry.kind == kind);
        let paths: Vec<Value> = entries.map(|entry| entry.path.as_str().into()).collect();
        if !paths.is_empty() {
            sections.insert(name, paths);
        }
    }
    Value::Map(sections)
}

fn list(value: Option<Value>) -> Value {
    match value {
        Some(value @ Value::List(_)) => value,
        _ => Value::List(Vec::new()),
    }
}

fn map(value: Option<Value>) -> Value {
    match value {
        Some(value @ Value::Map(_)) => value,
        _ => Value::Map(Map::new()),
    }
}

/// A section as it is shown to people.
fn section_lines(name: &str, value: &Value) -> Vec<String> {
    match value {
        Value::List(items) => {
            let mut lines = vec![format!("{name}:")];
            for item in items {
                match item {
                    Value::Map(fields) => {
                        lines.push("  -".to_string());
                        let fields = by_name(fields).into_iter();
                        lines.extend(fields.flat_map(|(key, value)| field_lines(&key, value)));
                    }
                    item => lines.push(format!("  - {}", flag_text(item))),
                }
            }
            lines
        }
        Value::Map(entries) => {
            let mut entries = named(entries);
            match name {
                // These come in the order of their folders.
                "scalars" => {}
                "flags" | "proto-flags" | "attributes" => {
                    entries.sort_by(|(left, _), (right, _)| natural_cmp(left, right));
                }
                _ => entries.sort_by(|(left, _), (right, _)| left.cmp(right)),
            }
            let mut lines = vec![format!("{name}:")];
            lines.extend(entries.into_iter().flat_map(|(key, value)| match name {
                "scalars" => scalar_lines(&key, value),
                _ => entry_lines(&key, value),
            }));
            lines
        }
        Value::Str(text) => vec![format!("{name}: {text}")],
        Value::Null => vec![format!("{name}: ")],
        other => vec![format!("{name}: {}", flag_text(other))],
    }
}

/// Entries with their names as text.
fn named(map: &Map) -> Vec<(String, &Value)> {
    map.iter()
        .map(|(key, value)| match key {
            Value::Str(text) => (text.clone(), value),
            other => (flag_text(other), value),
        })
        .collect()
}

/// Entries in the order of their names.
fn by_name(map: &Map) -> Vec<(String, &Value)> {
    let mut entries = named(map);
    entries.sort_by(|(left, _), (right, _)| left.cmp(right));
    entries
}

fn entry_lines(key: &str, value: &Value) -> Vec<String> {
    match value {
        Value::List(items) => {
            let items = items
                .iter()
                .map(|item| format!("    - {}", flag_text(item)));
            std::iter::once(format!("  {key}:")).chain(items).collect()
        }
        Value::Map(_) => {
            let block = yaml::dump_shown(value);
            let block = block.lines().map(|line| format!("    {line}"));
            std::iter::once(format!("  {key}:")).chain(block).collect()
        }
        value => vec![format!("  {key}: {}", flag_text(value))],
    }
}

/// A field of an item, such as the body of a comment.
fn field_lines(key: &str, value: &Value) -> Vec<String> {
    let text = value
        .as_str()
        .map_or_else(|| flag_text(value), str::to_string);
    if text.contains('\n') {
        let lines = text.lines().map(|line| format!("      {line}"));
        std::iter::once(format!("    {key}: |"))
            .chain(lines)
            .collect()
    } else {
        vec![format!("    {key}: {text}")]
    }
}

/// A scalar: its last value, or each of its values.
fn scalar_lines(name: &str, value: &Value) -> Vec<String> {
    match value {
        Value::Map(values) => {
            let values = by_name(values).into_iter();
            let values = values.map(|(key, pair)| format!("    {key}: {}", value_at_step(pair)));
            std::iter::once(format!("  {name}:"))
                .chain(values)
                .collect()
        }
        pair => vec![format!("  {name}: {}", value_at_step(pair))],
    }
}

fn value_at_step(pair: &Value) -> String {
    let (value, step) = match pair.as_list() {
        Some([value, step]) => (value, flag_text(step)),
        _ => (pair, String::new()),
    };
    match value {
        Value::Float(number) => format!("{number:.6} (step {step})"),
        _ => format!("nan (step {step})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(name: &str, text: &str) -> Vec<String> {
        section_lines(name, &yaml::load(text).unwrap())
    }

    #[test]
    fn values_of_all_kinds_have_their_layout() {
        assert_eq!(
            lines(
                "flags",
                "{b10: 1, b9: [1, yes, 'a, b'], c: {z: 1, y: [2]}, d: '1'}"
            ),
            [
                "flags:",
                "  b9:",
                "    - 1",
                "    - yes",
                "    - a, b",
                "  b10: 1",
                "  c:",
                "    y:",
                "    - 2",
                "    z: 1",
                "  d: '1'"
            ]
        );
        assert_eq!(lines("tags", "[a, b c]"), ["tags:", "  - a", "  - b c"]);
        assert_eq!(lines("tags", "[]"), ["tags:"]);
    }

    #[test]
    fn a_text_of_several_lines_is_a_block() {
        assert_eq!(
            lines("comments", r#"[{user: '', body: "one\n\ntwo"}]"#),
            [
                "comments:",
                "  -",
                "    body: |",
                "      one",
                "      ",
                "      two",
                "    user: "
            ]
        );
    }

    #[test]
    fn scalars_tell_value_and_step() {
        assert_eq!(
            lines(
                "scalars",
                "{loss: [0.25, 3], a#acc: {last: [1.0, 2], min: [null, 0], max: [-.inf, 1]}}"
            ),
            [
                "scalars:",
                "  loss: 0.250000 (step 3)",
                "  a#acc:",
                "    last: 1.000000 (step 2)",
                "    max: -inf (step 1)",
                "    min: nan (step 0)"
            ]
        );
    }
}
