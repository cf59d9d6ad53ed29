//! Flags of an operation that come from a configuration file, and go to a copy
//! of it in the run: `flags-dest: config:FILE`.

use std::path::Path;

use super::Operation;
use crate::base::files;
use crate::base::yaml::{Map, Value};
use crate::config_file::{self, Format};
use crate::guildfile::{self, FlagDef, FlagsImport};
use crate::python::script::flag_of_value;

/// Adds to `operation` the flags of the file that its flags go to.
pub(super) fn import(operation: &mut Operation, definition: &guildfile::Operation) {
    let Some(file) = operation.config_file() else {
        return;
    };
    if definition.flags_import == FlagsImport::None {
        return;
    }
    match read(&operation.project_dir.join(file), file) {
        Ok(found) => merge(operation, definition, found),
        Err(warning) => operation.warnings.push(warning),
    }
}

/// The flags that the file at `path`, called `name` in the definition, has
/// values for.
fn read(path: &Path, name: &str) -> Result<Vec<FlagDef>, String> {
    let format = Format::of(path).ok_or_else(|| format!("config type for {name} not supported"))?;
    let refuse = |reason: String| format!("cannot import flags from {name}: {reason}");
    let bytes = files::read(path).map_err(|error| error.to_string())?;
    let text = String::from_utf8(bytes).map_err(|_| refuse("not UTF-8".to_string()))?;
    let values = config_file::read(&text, format).map_err(|error| refuse(error.to_string()))?;
    Ok(config_file::names(&values)
        .into_iter()
        .filter(|(_, value)| is_flag_value(value))
        .map(|(name, value)| flag_of_value(&name, &value))
        .collect())
}

/// Whether a flag can have the value: dates and bytes cannot be told from text on
/// a command line.
fn is_flag_value(value: &Value) -> bool {
    !matches!(value, Value::Timestamp(_) | Value::Bytes(_) | Value::Map(_))
}

/// Takes over the flags that the definition asks for. A flag may have another
/// name than the value in the file, which then is its `arg-name`.
fn merge(operation: &mut Operation, definition: &guildfile::Operation, found: Vec<FlagDef>) {
    let defined: Vec<String> = operation
        .flags
        .iter()
        .map(|flag| flag.name.clone())
        .collect();
    for new in found {
        let wanted = match &definition.flags_import {
            FlagsImport::None => false,
            FlagsImport::All => true,
            FlagsImport::Defined => defined.contains(&new.name),
            FlagsImport::Named(names) => names.contains(&new.name),
        };
        if !wanted || definition.flags_import_skip.contains(&new.name) {
            continue;
        }
        let by_name = operation
            .flags
            .iter()
            .position(|flag| flag.name == new.name);
        let by_argument = || {
            let argument = Some(&new.name);
            let mut flags = operation.flags.iter();
            flags.position(|flag| flag.spec.arg_name.as_ref() == argument)
        };
        match by_name.or_else(by_argument) {
            Some(known) => fill(&mut operation.flags[known], new),
            None => operation.flags.push(new),
        }
    }
    operation.flags.sort_by(|a, b| a.name.cmp(&b.name));
}

/// Takes over what the definition of `flag` leaves open.
fn fill(flag: &mut FlagDef, found: FlagDef) {
    if flag.default.is_null() {
        flag.default = found.default;
    }
    flag.kind = flag.kind.take().or(found.kind);
    flag.spec.arg_split = flag.spec.arg_split.take().or(found.spec.arg_split);
}

impl Operation {
    /// The configuration file that its flags go to, relative to the project.
    pub fn config_file(&self) -> Option<&str> {
        self.flags_dest.as_deref()?.strip_prefix("config:")
    }

    /// Has `resources`, in the form that runs record, bring the file that its flags
    /// go to. It is needed whether the definition says so or not, and is made anew
    /// at each start.
    pub fn require_config_file(&self, resources: &mut Vec<Map>) {
        let Some(file) = self.config_file() else {
            return;
        };
        let declared = resources.iter_mut().flat_map(sources_mut);
        let mut found = false;
        for source in declared {
            if source.get("config").and_then(Value::as_str) == Some(file) {
                found = true;
                set_renewed(source);
            }
        }
        if !found {
            let mut resource = Map::new();
            let source = Value::Map(config_source(file));
            resource.insert("location", self.project_dir.display().to_string());
            resource.insert("name", format!("config:{file}"));
            resource.insert("sources", Value::List(vec![source]));
            resources.push(resource);
        }
    }
}

fn sources_mut(resource: &mut Map) -> Vec<&mut Map> {
    match resource.get_mut("sources") {
        Some(Value::List(sources)) => sources
            .iter_mut()
            .filter_map(|source| match source {
                Value::Map(map) => Some(map),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// The source of a configuration file that nothing declares. Its copy is below
/// the same folders as the file itself.
fn config_source(file: &str) -> Map {
    let mut source = Map::new();
    source.insert("config", file);
    set_renewed(&mut source);
    let folder = Path::new(file).parent().filter(|dir| *dir != Path::new(""));
    if let Some(folder) = folder {
        source.insert("target-path", folder.display().to_string());
    }
    source
}

fn set_renewed(source: &mut Map) {
    for key in ["always-resolve", "replace-existing"] {
        if source.get(key).is_none_or(Value::is_null) {
            source.insert(key, true);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::yaml;

    #[test]
    fn the_copy_of_a_file_is_where_the_file_is() {
        let shown = |file: &str| yaml::dump_flow(&Value::Map(config_source(file)));
        assert_eq!(
            shown("c.yml"),
            "{always-resolve: true, config: c.yml, replace-existing: true}"
        );
        assert!(shown("a/b/c.yml").ends_with("target-path: a/b}"));
    }
}
