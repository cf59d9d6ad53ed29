//! What is said of an operation that is not there beside that it is not there:
//! what it may have been meant to be, or what there is.

use std::path::Path;
use std::sync::Arc;

use super::catalog::FoundModel;
use crate::base::files;
use crate::guildfile::GuildFile;
use crate::home::Home;
use crate::python::interpreter;

/// The most operations that are told.
const MOST: usize = 12;

/// How alike two names must be, of 1, to be taken for a slip of the other.
const ALIKE: f64 = 0.75;

/// A line for the message about `spec`, with the line break before it; nothing
/// where there is nothing to tell.
pub(super) fn hint(home: &Home, project: Option<&Arc<GuildFile>>, spec: &str) -> String {
    let operations = project.map(operations).unwrap_or_default();
    let scripts = scripts(home, spec);
    if let Some(near) = nearest(spec, operations.iter().chain(&scripts)) {
        return format!("\nDid you mean '{near}'?");
    }
    let names: Vec<&str> = operations.iter().map(String::as_str).collect();
    match names.len() {
        0 => String::new(),
        count if count > MOST => format!(
            "\nOperations: {}, and {} more",
            names[..MOST].join(", "),
            count - MOST
        ),
        _ => format!("\nOperations: {}", names.join(", ")),
    }
}

/// What users type for the operations of a project; those of its default model
/// need no model.
fn operations(file: &Arc<GuildFile>) -> Vec<String> {
    let models = FoundModel::all_of(file);
    let names = models.iter().flat_map(|model| {
        let ops = &model.model().operations;
        let shown = ops.iter().filter(|op| !op.name.starts_with('_'));
        shown.map(|op| match model.is_default() {
            true => op.name.clone(),
            false => model.full_op_name(&op.name),
        })
    });
    names.collect()
}

/// Files that could be run, in the folder that `spec` leads to.
fn scripts(home: &Home, spec: &str) -> Vec<String> {
    let folder = spec.rsplit_once('/').map_or("", |(folder, _)| folder);
    let dir = home.cwd().join(folder);
    let names = files::names(&dir).unwrap_or_default();
    let names = names.iter().map(|name| name.to_string_lossy());
    names
        .map(|name| match folder {
            "" => name.into_owned(),
            folder => format!("{folder}/{name}"),
        })
        .filter(|path| can_run(&home.cwd().join(path)))
        .collect()
}

fn can_run(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "py") || interpreter::is_executable(path)
}

fn nearest<'a>(spec: &str, names: impl Iterator<Item = &'a String>) -> Option<&'a str> {
    let alike = |name: &&String| {
        strsim::jaro_winkler(spec, name) * 0.5
            + strsim::normalized_damerau_levenshtein(spec, name) * 0.5
    };
    names
        .map(|name| (alike(&name), name.as_str()))
        .filter(|(alike, _)| *alike >= ALIKE)
        .max_by(|(left, _), (right, _)| left.total_cmp(right))
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_told_from_another_name() {
        let names = ["train", "evaluate", "mlp:train", "prepare-data"].map(str::to_string);
        let near = |spec| nearest(spec, names.iter());
        assert_eq!(near("trian"), Some("train"));
        assert_eq!(near("mpl:train"), Some("mlp:train"));
        assert_eq!(near("prepare_data"), Some("prepare-data"));
        assert_eq!(near("deploy"), None);
        assert_eq!(near("x"), None);
    }
}
