//! What `guild api runs` tells of a run.

use std::path::{Component, Path};

use super::api_run_files;
use crate::base::yaml::{Map, Value};
use crate::cli::listing::{self, Shown};
use crate::runs::{EntryKind, Status};
use crate::scalars::{Point, ScalarSummary};
use crate::select;

/// Attributes that older versions wrote and that are not shown.
const OUTDATED: [&str; 2] = ["opdef", "resolved_deps"];

/// A run to be told of, of which what cannot be read is left empty.
pub struct RunData<'a> {
    shown: &'a Shown<'a>,
}

impl<'a> RunData<'a> {
    /// The run that is `shown`.
    pub fn new(shown: &'a Shown<'a>) -> Self {
        Self { shown }
    }

    /// As the first version of the command tells it: times and tags as text, and
    /// what a viewer needs of files.
    pub fn version_1(&self) -> Value {
        let mut data = Map::new();
        self.head(&mut data);
        data.insert("started", self.shown.started());
        data.insert("stopped", self.shown.time("stopped"));
        data.insert("time", self.duration());
        data.insert("label", self.shown.label());
        data.insert("tags", self.tags().join(", "));
        self.attributes(&mut data);
        let files = api_run_files::files(self.shown, true);
        self.tail(files, scalar_version_1, data)
    }

    /// As the second version tells it: times and tags as they are stored.
    pub fn version_2(&self) -> Value {
        let mut data = Map::new();
        self.head(&mut data);
        data.insert("started", self.shown.attr("started"));
        data.insert("stopped", self.shown.attr("stopped"));
        data.insert("label", self.shown.label());
        let tags: Vec<Value> = self.tags().into_iter().map(Value::from).collect();
        data.insert("tags", tags);
        self.attributes(&mut data);
        let files = api_run_files::files(self.shown, false);
        self.tail(files, scalar_version_2, data)
    }

    fn head(&self, data: &mut Map) {
        let run = self.shown.run();
        data.insert("id", run.id());
        data.insert("shortId", run.short_id());
        data.insert("dir", run.dir().display().to_string());
        data.insert("operation", select::operation_name(run));
    }

    fn attributes(&self, data: &mut Map) {
        let shown = self.shown;
        let run = shown.run();
        data.insert("comments", shown.or_default(run.comments()));
        data.insert("status", run.status().as_str());
        let exit_status = shown.attr("exit_status").unwrap_or_else(|| "".into());
        data.insert("exitStatus", exit_status);
        data.insert("command", listing::detail(shown, "command"));
        data.insert("otherAttrs", self.other_attributes());
        data.insert("flags", self.map("flags"));
        data.insert("env", self.map("env"));
        data.insert("deps", api_run_files::dependencies(shown));
    }

    fn tail(
        &self,
        files: Vec<Value>,
        scalar: fn(&str, &ScalarSummary) -> Map,
        mut data: Map,
    ) -> Value {
        let run = self.shown.run();
        data.insert("files", files);
        data.insert("sourcecode", self.source_code());
        let (dir, opref) = self.operation();
        data.insert("projectDir", dir);
        data.insert("opRef", opref);
        data.insert(
            "marked",
            self.shown.attr("marked").unwrap_or(Value::Bool(false)),
        );
        let scalars = self.shown.scalars();
        let scalars = scalars.iter().map(|it| Value::Map(scalar(run.id(), it)));
        data.insert("scalars", scalars.collect::<Vec<_>>());
        Value::Map(data)
    }

    fn tags(&self) -> Vec<String> {
        self.shown.or_default(self.shown.run().tags())
    }

    fn map(&self, name: &str) -> Value {
        let value = self.shown.attr(name);
        value.unwrap_or_else(|| Value::Map(Map::new()))
    }

    /// How long the run took, or has been running.
    fn duration(&self) -> String {
        let run = self.shown.run();
        let has_end = run.status() == Status::Running || self.shown.attr("stopped").is_some();
        let duration = has_end.then(|| listing::detail(self.shown, "duration"));
        duration.flatten().unwrap_or_default()
    }

    /// Attributes that not every run has.
    fn other_attributes(&self) -> Map {
        let names = self.shown.or_default(self.shown.run().attr_names());
        let is_other = |name: &String| {
            let name = name.as_str();
            !name.starts_with('_')
                && !crate::runs::RESERVED_ATTRS.contains(&name)
                && !OUTDATED.contains(&name)
        };
        let mut names: Vec<String> = names.into_iter().filter(is_other).collect();
        names.sort();
        let mut others = Map::new();
        for name in names {
            let value = self.shown.attr(&name);
            others.insert(name, value);
        }
        others
    }

    /// Where the run has its source code, and which files are.
    fn source_code(&self) -> Map {
        let op = self.shown.attr("op");
        let dest = op
            .as_ref()
            .and_then(Value::as_map)
            .and_then(|op| op.get("sourcecode")?.as_map()?.get("dest")?.as_str());
        let manifest = self.shown.or_default(self.shown.run().manifest());
        let entries = manifest
            .iter()
            .filter(|entry| entry.kind == EntryKind::SourceCode);
        let mut files: Vec<&str> = entries.map(|entry| entry.path.as_str()).collect();
        files.sort_unstable();
        let files: Vec<Value> = files.into_iter().map(Value::from).collect();
        let mut source = Map::new();
        source.insert("root", tidy(dest.unwrap_or_default()));
        source.insert("files", files);
        source
    }

    /// The folder of the project and the operation reference.
    fn operation(&self) -> (Option<String>, Option<Map>) {
        let run = self.shown.run();
        let opref = |run: &crate::runs::Run| self.shown.or_default(run.opref().map(Some));
        let defined = opref(run.proto().as_ref().unwrap_or(run));
        let dir = defined.and_then(|opref| Some(opref.dir()?.display().to_string()));
        let reference = opref(run).map(|opref| {
            let fields = [
                ("pkgType", opref.kind),
                ("pkgName", opref.name),
                ("pkgVersion", opref.version),
                ("modelName", opref.model),
                ("opName", opref.op),
            ];
            fields.into_iter().collect()
        });
        (dir, reference)
    }
}

/// `path` without `.` and `..` parts; `.` where nothing is left.
fn tidy(path: &str) -> String {
    let mut parts: Vec<Component<'_>> = Vec::new();
    for part in Path::new(path).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(parts.last(), Some(Component::Normal(_))) => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let tidied: std::path::PathBuf = parts.iter().collect();
    match tidied.as_os_str().is_empty() {
        true => ".".to_string(),
        false => tidied.display().to_string(),
    }
}

const VERSION_1: [&str; 10] = [
    "first_val",
    "first_step",
    "last_val",
    "last_step",
    "min_val",
    "min_step",
    "max_val",
    "max_step",
    "avg_val",
    "total",
];

const VERSION_2: [&str; 10] = [
    "firstVal",
    "firstStep",
    "lastVal",
    "lastStep",
    "minVal",
    "minStep",
    "maxVal",
    "maxStep",
    "avgVal",
    "total",
];

fn scalar_version_1(run: &str, scalar: &ScalarSummary) -> Map {
    scalar_data(run, scalar, VERSION_1)
}

fn scalar_version_2(run: &str, scalar: &ScalarSummary) -> Map {
    scalar_data(run, scalar, VERSION_2)
}

fn scalar_data(run: &str, scalar: &ScalarSummary, names: [&str; 10]) -> Map {
    // JSON has no number that is none.
    let number = |number: f64| Value::from((!number.is_nan()).then_some(number));
    let pair = |point: Point| [number(point.value), Value::Int(point.step)];
    let points = [scalar.first, scalar.last, scalar.min, scalar.max];
    let values = points.into_iter().flat_map(pair);
    let values = values.chain([number(scalar.avg()), number(scalar.total)]);
    let mut data = Map::new();
    data.insert("run", run);
    data.insert("prefix", scalar.prefix.as_str());
    data.insert("tag", scalar.tag.as_str());
    for (name, value) in names.into_iter().zip(values) {
        data.insert(name, value);
    }
    data.insert("count", i64::try_from(scalar.count).unwrap_or(i64::MAX));
    data
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_source_code_is_has_no_detours() {
        for (path, expected) in [
            ("", "."),
            (".", "."),
            ("./src/", "src"),
            ("a/../b/./c", "b/c"),
            ("../x", "../x"),
        ] {
            assert_eq!(tidy(path), expected);
        }
    }
}
