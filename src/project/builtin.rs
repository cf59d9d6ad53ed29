//! The operations that guild brings along, such as `queue`.
//!
//! They are written as those of a project are, in `builtin.yml` beside this file.
//! To add one:
//!
//! 1. Define it there, in the model that its name is to have (`''` for none), with
//!    its flags and with the command line that Guild AI has for it:
//!    `${guild_python_exe} -um MODULE ${flag_args}`. Runs keep that command line, so
//!    that each program can start a run of the other.
//! 2. Name the hidden command of this program that is its process in
//!    `op::config::OWN_COMMANDS`. The command gets the flags as Guild AI's module
//!    would, as `--NAME VALUE`, and finds its run in `RUN_DIR`.
//! 3. Strike it from what is not available yet, in `direct`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::catalog::FoundModel;
use super::{Operation, definition};
use crate::guildfile::{self, GuildFile};
use crate::home::Home;
use crate::opref::OpRef;
use crate::sourcecode::What;

/// Other names that operations go by, and the full names of those.
const ALIASES: [(&str, &str); 6] = [
    ("random", "skopt:random"),
    ("gp", "skopt:gp"),
    ("bayesian", "skopt:gp"),
    ("gaussian", "skopt:gp"),
    ("forest", "skopt:forest"),
    ("gbrt", "skopt:gbrt"),
];

const DEFINITIONS: &str = include_str!("builtin.yml");

/// Flags that the operations of Guild AI do not have. They are no arguments
/// (`arg-skip`), so that it can start runs that have them.
const EXTENSIONS: [&str; 1] = ["ignore-running"];

/// The operation that users name `spec`; none where guild has no such operation.
///
/// # Errors
/// The definitions are wrong, of which a test makes sure that they are not.
pub(super) fn find(home: &Home, spec: &str) -> Result<Option<Operation>, guildfile::Error> {
    let file = Arc::new(read()?);
    let alias = ALIASES.iter().find(|(alias, _)| *alias == spec);
    let spec = alias.map_or(spec, |(_, name)| name);
    for model in FoundModel::all_of(&file) {
        let mut operations = model.model().operations.iter();
        let Some(op) = operations.find(|op| model.full_op_name(&op.name) == spec) else {
            continue;
        };
        let opref = OpRef::builtin(&model.model().name, &op.name);
        // It is in no project, and keeps no source code.
        let mut operation = definition::of_definition(home, opref, Path::new(""), &model, op);
        operation.source_code.what = What::NotApplicable;
        operation.source_code.digest = false;
        for flag in &mut operation.flags {
            flag.is_extension = EXTENSIONS.contains(&flag.name.as_str());
        }
        return Ok(Some(operation));
    }
    Ok(None)
}

fn read() -> Result<GuildFile, guildfile::Error> {
    let path = PathBuf::from("builtin.yml");
    GuildFile::parse(&path, DEFINITIONS.as_bytes(), &Vec::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aliases_are_names_of_operations() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::discover(dir.path().to_str(), dir.path().to_str()).unwrap();
        for (alias, name) in ALIASES {
            let found = find(&home, alias).unwrap().unwrap();
            assert_eq!(found.opref.model_op(), name);
        }
        assert!(find(&home, "skopt").unwrap().is_none());
    }

    #[test]
    fn the_definitions_make_sense() {
        let file = read().unwrap();
        assert_eq!(file.warnings, [] as [&str; 0]);
        let operations = file.models.iter().flat_map(|model| &model.operations);
        for op in operations {
            assert_eq!(op.warnings, [] as [&str; 0], "{}", op.name);
            assert!(!op.description.is_empty(), "{}", op.name);
        }
    }
}
