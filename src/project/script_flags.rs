//! Flags of an operation that come from its Python script: found by reading the
//! script, or, where that does not tell, by importing it; then merged with those
//! that the operation defines.

mod merge;

use std::path::{Path, PathBuf};

use super::Operation;
use super::module::Module;
use crate::base::yaml::Value;
use crate::guildfile::{self, FlagsImport};
use crate::home::Home;
use crate::python::found::{Found, Reading, Skipped};
use crate::python::{probe, script};

/// What the script of an operation says of its flags.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ScriptFlags {
    /// The script.
    pub script: PathBuf,
    /// What was found in it.
    pub found: Found,
    /// Why the script was imported; nothing if reading it told all.
    pub imported_for: Option<Unread>,
    /// Whether it was imported before, and not now.
    pub is_kept: bool,
    /// What was found and is no flag of the operation, and why.
    pub left_out: Vec<Skipped>,
}

/// What the text of a script does not tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// What that is.
    pub why: String,
    /// The file where it is.
    pub file: PathBuf,
    /// The line there, from 1.
    pub line: usize,
}

/// Adds to the operation of a guild file what its main module `main` says of its
/// flags when it is run with `arguments`. `module` is where that is, or why it is
/// nowhere.
pub(super) fn import(
    home: &Home,
    operation: &mut Operation,
    definition: &guildfile::Operation,
    main: &str,
    arguments: &[String],
    module: Result<Module, String>,
) {
    let wanted = match &definition.flags_import {
        FlagsImport::None => return,
        FlagsImport::Named(names) if names.is_empty() => return,
        wanted => wanted,
    };
    let module = match module {
        Ok(module) => module,
        Err(reason) => return warn(home, operation, main, &reason),
    };
    let Some(flags) = of_module(home, operation, &module, arguments) else {
        return;
    };
    let skip = &definition.flags_import_skip;
    merge::into(operation, flags, wanted, skip, &module);
}

/// Adds to the operation of the script at `path`, which is run directly, all flags
/// that it says it has.
pub(super) fn import_script(home: &Home, operation: &mut Operation, path: &Path) {
    let module = Module::of_script(path);
    if let Some(flags) = of_module(home, operation, &module, &[]) {
        merge::into(operation, flags, &FlagsImport::All, &[], &module);
    }
}

/// What `module` says of its flags; warns where that cannot be told.
fn of_module(
    home: &Home,
    operation: &mut Operation,
    module: &Module,
    arguments: &[String],
) -> Option<ScriptFlags> {
    match find(home, operation, module, arguments) {
        Ok(flags) => Some(flags),
        Err(Failure { dest, reason }) => {
            // How flags reach the script is known even so.
            if operation.flags_dest.is_none() {
                operation.flags_dest = dest;
            }
            warn(
                home,
                operation,
                &home.relative(&module.path).display().to_string(),
                &reason,
            );
            None
        }
    }
}

/// Why a script's flags are not known.
struct Failure {
    /// How the script takes its flags, if that is known.
    dest: Option<String>,
    reason: String,
}

fn find(
    home: &Home,
    operation: &Operation,
    module: &Module,
    arguments: &[String],
) -> Result<ScriptFlags, Failure> {
    let dest = operation.flags_dest.as_deref();
    let is_parsed = matches!(dest, Some("args" | "args:click"));
    if let Some(other) = dest.and_then(|dest| dest.strip_prefix("args:"))
        && !is_parsed
    {
        return Err(Failure {
            dest: None,
            reason: format!("there is no flag import support for flags-dest 'args:{other}'"),
        });
    }
    let failure = |reason: String| Failure {
        dest: dest.map(str::to_string),
        reason,
    };
    let reading =
        script::read(&module.path, arguments, dest).map_err(|error| failure(error.to_string()))?;
    let path = &module.path;
    match reading {
        Reading::Exact(found) => {
            home.remark(|| format!("flags of {}: read from it", path.display()));
            Ok(ScriptFlags {
                script: path.clone(),
                found,
                ..ScriptFlags::default()
            })
        }
        Reading::CannotTell {
            dest,
            why,
            file,
            line,
        } => {
            let place = format!("{}:{line}", file.display());
            home.remark(|| {
                let path = path.display();
                format!("flags of {path}: reading does not tell {why} ({place})")
            });
            let learned = learn(home, operation, module, arguments, &dest)?;
            Ok(ScriptFlags {
                script: path.clone(),
                found: learned.found,
                imported_for: Some(Unread { why, file, line }),
                is_kept: learned.is_kept,
                left_out: Vec::new(),
            })
        }
    }
}

/// What importing `module` tells, which takes its flags as `dest` says.
fn learn(
    home: &Home,
    operation: &Operation,
    module: &Module,
    arguments: &[String],
    dest: &str,
) -> Result<probe::Learned, Failure> {
    let request = probe::Request {
        script: &module.path,
        package: &module.package,
        arguments,
        dest,
        path: &module.search,
        project_dir: &operation.project_dir,
        python_requires: operation.settings.python_requires.as_deref(),
    };
    let starting = || {
        let is_set = |name: &str| home.variable(name).is_some();
        let quiet = home.variable("NO_IMPORT_FLAGS_PROGRESS").as_deref() == Some("1");
        if !quiet && !is_set("_GUILD_COMPLETE") {
            home.announce_once("Refreshing flags...");
        }
    };
    probe::find(home, &request, starting).map_err(|error| Failure {
        dest: Some(dest.to_string()),
        reason: error.to_string(),
    })
}

fn warn(home: &Home, operation: &mut Operation, what: &str, reason: &str) {
    if !home.is_on("NO_WARN_FLAGS_IMPORT") {
        operation
            .warnings
            .push(format!("cannot import flags from {what}: {reason}"));
    }
}

/// A default that names an existing file next to the script leads there from
/// the run's directory too.
fn rooted(default: &Value, script_dir: &Path) -> Option<Value> {
    let text = default.as_str().filter(|text| text.contains('/'))?;
    let path = script_dir.join(text);
    path.exists()
        .then(|| Value::from(path.display().to_string()))
}
