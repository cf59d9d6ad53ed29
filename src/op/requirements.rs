//! What a run records that it needs: the resources that its operation requires
//! and files that the user adds, with the values of flags that say where files
//! come from. From this alone it is resolved, then and at each later start.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::request::RunRequest;
use crate::base::yaml::{Map, Value};
use crate::flags;
use crate::guildfile::{Dependency, Resource, Source, SourceKind};
use crate::home::{Home, expand_user, tidy};
use crate::project::{Operation, Undefined};

/// What a run of `operation` needs where its flags have `values`, in the form that
/// runs record.
///
/// # Errors
/// Something that the operation requires is not defined.
pub fn of_operation(
    operation: &Operation,
    values: &Map,
    home: &Home,
) -> Result<Vec<Value>, Undefined> {
    let required = operation.requirements(values, home)?;
    let mut records: Vec<Map> = required.iter().map(|found| found.to_record()).collect();
    operation.require_config_file(&mut records);
    for record in &mut records {
        configure(record, &Map::new(), values, home);
    }
    Ok(records.into_iter().map(Value::Map).collect())
}

/// Adds to `records` the files and folders that the user names as needed beside
/// what the operation requires.
pub fn add_named(records: &mut Vec<Value>, request: &RunRequest, home: &Home) {
    for path in &request.additional_deps {
        let has_name = |record: &Value| name_of(record) == Some(path.as_str());
        if records.iter().any(has_name) {
            continue;
        }
        let full = tidy(&home.process_cwd().join(expand_user(path, home.user_home())));
        // The folder is the project's where the file is in one: a run is merged back
        // there.
        let below = full.strip_prefix(home.cwd()).unwrap_or(&full);
        let source = Map::from_iter([("file", below.display().to_string())]);
        let mut record = Map::new();
        record.insert("location", home.cwd().display().to_string());
        record.insert("name", path.as_str());
        record.insert("sources", Value::List(vec![Value::Map(source)]));
        records.push(Value::Map(record));
    }
}

/// Has `records` go with new values of flags; `old` are those that the run had. A
/// resource whose name has flags in it may be another one then, which is looked
/// for in the operation's definition.
///
/// # Errors
/// A resource of another name is not defined.
pub fn renew(
    records: &mut [Value],
    operation: &Operation,
    (old, new): (&Map, &Map),
    home: &Home,
) -> Result<(), Undefined> {
    let required = operation.definition.iter().flat_map(|op| &op.requires);
    for required in required.filter(|required| has_flags(required)) {
        let Ok(before) = operation.requirement(required, old, home) else {
            continue;
        };
        let after = operation.requirement(required, new, home)?;
        let name = before.resource.shown_name();
        let mut known = records.iter_mut();
        let known = known.find(|record| name_of(record) == Some(&name));
        if let Some(record) = known.filter(|_| after.resource.shown_name() != name) {
            *record = Value::Map(after.to_record());
        }
    }
    for record in records {
        if let Value::Map(record) = record {
            configure(record, old, new, home);
        }
    }
    Ok(())
}

fn has_flags(required: &Dependency) -> bool {
    match required {
        Dependency::Named { resource, .. } => resource.contains("${"),
        Dependency::Inline(_) => false,
    }
}

fn name_of(record: &Value) -> Option<&str> {
    record.as_map()?.get("name")?.as_str()
}

/// Records the values of flags that say where files of the resource come from.
/// Those that are as they were in `old` are recorded already.
fn configure(record: &mut Map, old: &Map, values: &Map, home: &Home) {
    let Ok(resource) = Resource::recorded(record) else {
        // Whoever resolves it tells.
        return;
    };
    let mut config = match record.get("config") {
        Some(Value::Map(config)) => config.clone(),
        _ => Map::new(),
    };
    for source in &resource.sources {
        for name in source.flag_names() {
            let Some(value) = values.get(&name) else {
                continue;
            };
            if config.contains(&name) && old.get(&name) == Some(value) {
                continue;
            }
            config.insert(name, place_of(source, value, home));
        }
    }
    if !config.is_empty() {
        record.insert("config", Value::Map(config));
    }
}

/// The value of a flag for where files come from: a path that the user gave is
/// relative to where they are, which no later start knows. Runs have no path; the
/// source's own one is relative to its project.
fn place_of(source: &Source, value: &Value, home: &Home) -> Value {
    let own = match &source.kind {
        SourceKind::File(path) | SourceKind::Config(path) | SourceKind::Url(path) => path,
        SourceKind::Operation(_) => "",
        _ => return value.clone(),
    };
    let Value::Str(text) = value else {
        return value.clone();
    };
    let path = tidy(&home.process_cwd().join(expand_user(text, home.user_home())));
    let is_path = match source.kind {
        SourceKind::Operation(_) => text.contains('/') && path.is_dir(),
        _ => text != own && !text.is_empty() && !text.contains("${"),
    };
    match is_path {
        true => path.display().to_string().into(),
        false => value.clone(),
    }
}

/// The flags that say which runs of other operations are required.
pub fn run_flags(records: &[Value]) -> Vec<String> {
    let records = records.iter().filter_map(Value::as_map);
    let resources = records.filter_map(|record| Resource::recorded(record).ok());
    let sources = resources.flat_map(|resource| resource.sources);
    let of_runs = sources.filter(|source| matches!(source.kind, SourceKind::Operation(_)));
    of_runs.flat_map(|source| source.flag_names()).collect()
}

/// The files of the project in `dir` that `records` bring into a run on their own,
/// by whether a path of the project is one of them.
pub fn brought(records: &[Value], values: &Map, dir: &Path) -> Brought {
    let mut brought = Brought::default();
    for record in records.iter().filter_map(Value::as_map) {
        let Ok(resource) = Resource::recorded(record) else {
            continue;
        };
        let location = record.get("location").and_then(Value::as_str);
        let location = Path::new(location.unwrap_or_default());
        for source in &resource.sources {
            brought.add(source, &resource, (location, dir), values);
            let config = record.get("config").and_then(Value::as_map);
            let given = |name: &String| config?.get(name)?.as_str();
            let given = source
                .flag_names()
                .iter()
                .find_map(given)
                .map(PathBuf::from);
            brought
                .files
                .extend(given.filter(|path| path.is_absolute()));
        }
    }
    brought
}

/// Files of a project that come into a run otherwise than as source code.
#[derive(Debug, Default)]
pub struct Brought {
    files: HashSet<PathBuf>,
    folders: HashSet<PathBuf>,
    patterns: Vec<glob::Pattern>,
}

impl Brought {
    fn add(
        &mut self,
        source: &Source,
        resource: &Resource,
        (location, project): (&Path, &Path),
        values: &Map,
    ) {
        let (SourceKind::File(path) | SourceKind::Config(path)) = &source.kind else {
            return;
        };
        let text = flags::with_flags(path, values).unwrap_or_else(|_| path.clone());
        let full = tidy(&location.join(&text));
        if text.contains(['*', '?', '['])
            && !full.exists()
            && let Ok(pattern) = glob::Pattern::new(&full.to_string_lossy())
        {
            self.patterns.push(pattern);
        }
        // A folder comes into the run in whole. Where its files would be there as
        // source code, it would find its place taken.
        let is_kept = source.preserve_path || resource.preserve_path;
        let is_moved = source.target_path.is_some() || resource.target_path.is_some();
        let is_in_place =
            is_kept || !is_moved && source.rename.is_empty() && full.parent() == Some(project);
        if is_in_place && source.select.is_empty() && full.is_dir() {
            self.folders.insert(full.clone());
        }
        self.files.insert(full);
    }

    /// Whether the file at `path`, which is absolute, is one of them.
    pub fn has(&self, path: &Path) -> bool {
        let options = glob::MatchOptions {
            require_literal_separator: true,
            ..glob::MatchOptions::default()
        };
        self.files.contains(path)
            || !self.folders.is_empty() && path.ancestors().any(|dir| self.folders.contains(dir))
            || self
                .patterns
                .iter()
                .any(|pattern| pattern.matches_path_with(path, options))
    }
}
