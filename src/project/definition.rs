//! From the definition in a guild file to all that is known of an operation.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::catalog::FoundModel;
use super::module::Module;
use super::{
    FLAG_ARGS, Operation, Settings, config_flags, direct, plugins, resource_flags, script_flags,
};
use crate::base::shell_text;
use crate::base::yaml::Value;
use crate::guildfile::{self, FlagsImport, Main, Model};
use crate::home::{Home, tidy};
use crate::opref::OpRef;
use crate::python::{interpreter, script};
use crate::scalars::keras_scalars;
use crate::sourcecode;

/// The operation `op` of `model`.
pub(super) fn of(home: &Home, model: &FoundModel, op: &Arc<guildfile::Operation>) -> Operation {
    let path = &model.file().path;
    let dir = path.parent().unwrap_or(Path::new("/"));
    let mut operation = of_definition(home, model.opref(&op.name), dir, model, op);
    operation.model = Some(model.clone());
    operation
}

/// The operation that `op` defines, with its project in `dir`.
pub(super) fn of_definition(
    home: &Home,
    opref: OpRef,
    dir: &Path,
    scope: &FoundModel,
    op: &Arc<guildfile::Operation>,
) -> Operation {
    let model = scope.model();
    let mut operation = Operation {
        spec: opref.model_op(),
        opref,
        command: Vec::new(),
        flags: op.flags.clone(),
        flags_dest: op.flags_dest.clone(),
        flags_import: op.flags_import.clone(),
        script_flags: None,
        python: false,
        plugins: Vec::new(),
        definition: Some(Arc::clone(op)),
        model: None,
        scope: Some(scope.clone()),
        settings: Settings {
            description: op.description.clone(),
            env: op.env.clone(),
            env_secrets: op.env_secrets.clone(),
            python_requires: op
                .python_requires
                .clone()
                .or_else(|| model.python_requires.clone()),
            label: op.label.clone(),
            tags: op.tags.clone(),
            delete_on_success: op.delete_on_success,
            output_scalars: op.output_scalars.clone(),
        },
        // Guild AI ignores such a key; a slip should not go unseen.
        warnings: op.warnings.clone(),
        project_dir: dir.to_path_buf(),
        source_code: source_code(dir, model, op),
    };
    set_command(home, &mut operation, model, op);
    config_flags::import(&mut operation, op);
    operation
        .flags
        .sort_by(|left, right| left.name.cmp(&right.name));
    resource_flags::add(&mut operation, op, home);
    let configured = op.plugins.as_ref().or(model.plugins.as_ref());
    let (selected, warnings) = plugins::selected(configured, operation.python);
    operation.plugins = selected;
    operation.warnings.extend(warnings);
    operation
}

fn set_command(home: &Home, operation: &mut Operation, model: &Model, op: &guildfile::Operation) {
    let split = |text: &str| {
        shell_text::split(text)
            .unwrap_or_else(|_| text.split_whitespace().map(str::to_string).collect())
    };
    match &op.main {
        Main::Exec(text) => {
            operation.command = split(text);
            operation.python = operation
                .command
                .first()
                .is_some_and(|program| is_python(program));
        }
        Main::Steps => {
            operation.python = true;
            operation.command = ["${guild_python_exe}", "-um", "guild.steps_main"]
                .map(str::to_string)
                .to_vec();
        }
        Main::Notebook(text) => {
            operation.python = true;
            let words: Vec<_> = std::iter::once("guild.plugins.nbexec".to_string())
                .chain(split(text))
                .collect();
            operation.command = direct::op_main_command(&words);
            operation
                .command
                .extend(["--".to_string(), FLAG_ARGS.to_string()]);
        }
        Main::Module(text) => {
            let words = split(text);
            operation.python = true;
            operation.command = direct::op_main_command(&words);
            operation
                .command
                .extend(["--".to_string(), FLAG_ARGS.to_string()]);
            add_script(home, operation, model, op, &words);
        }
    }
}

/// Adds what the script of the main module and base arguments `words` says of the
/// operation.
fn add_script(
    home: &Home,
    operation: &mut Operation,
    model: &Model,
    op: &guildfile::Operation,
    words: &[String],
) {
    let Some((main, arguments)) = words.split_first() else {
        return;
    };
    // The program's own scripts are in no project.
    if main.starts_with("guild.plugins.") {
        return;
    }
    if main == "guild.pass" {
        // It parses no arguments, so flags are none.
        if op.flags_import != FlagsImport::None {
            operation.flags_dest.get_or_insert_with(|| "globals".into());
        }
        return;
    }
    let search = module_folders(&operation.project_dir, model, op);
    let module = Module::find(home, main, &search);
    if let (None, Ok(module)) = (&operation.settings.output_scalars, &module) {
        operation.settings.output_scalars = output_scalars(&module.path);
    }
    script_flags::import(home, operation, op, main, arguments, module);
}

/// The patterns for scalars in the output of the script at `path`, if what it uses
/// prints others than the default ones find.
pub(super) fn output_scalars(path: &Path) -> Option<Value> {
    script::uses_keras(path).then(keras_scalars)
}

/// Whether `program` is Python by its name.
fn is_python(program: &str) -> bool {
    let path = Path::new(program);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    matches!(program, "${python_exe}" | "${guild_python_exe}")
        || name.to_lowercase().starts_with("python") && interpreter::is_executable(path)
}

/// Which source code runs keep.
fn source_code(dir: &Path, model: &Model, op: &guildfile::Operation) -> sourcecode::Definition {
    let (of_model, own) = (model.sourcecode.as_ref(), op.sourcecode.as_ref());
    let definition = sourcecode::Definition::of(dir, of_model, own);
    match op.main {
        // The steps keep their own.
        Main::Steps => sourcecode::Definition {
            what: sourcecode::What::NotApplicable,
            ..definition
        },
        _ => definition,
    }
}

/// The folders that the main module is looked for in.
fn module_folders(dir: &Path, model: &Model, op: &guildfile::Operation) -> Vec<PathBuf> {
    let select = op.sourcecode.as_ref().or(model.sourcecode.as_ref());
    let root = select.and_then(|select| select.root.as_ref());
    let below = |path: &String| tidy(&dir.join(path));
    match (&op.python_path, root) {
        (Some(paths), _) => paths.iter().map(below).collect(),
        (None, Some(root)) => vec![below(root)],
        (None, None) => vec![dir.to_path_buf()],
    }
}

fn step_with_values(step: &Value) -> Value {
    let mut step = step.clone();
    if let Value::Map(map) = &mut step
        && let Some(Value::Map(flags)) = map.get_mut("flags")
    {
        *flags = flags
            .iter()
            .map(|(name, value)| match value {
                Value::Map(definition) => {
                    let default = definition.get("default").cloned();
                    (name.clone(), default.unwrap_or(Value::Null))
                }
                value => (name.clone(), value.clone()),
            })
            .collect();
    }
    step
}

impl Operation {
    /// The steps of a pipeline in the form that runs keep: flags have their
    /// values, where the guild file may define them like those of an operation.
    pub fn steps(&self) -> Option<Value> {
        let definition = self.definition.as_ref()?;
        let steps = definition.steps.as_ref();
        let steps = steps.filter(|_| definition.main == Main::Steps)?;
        let Value::List(items) = steps else {
            return Some(steps.clone());
        };
        Some(items.iter().map(step_with_values).collect())
    }

    /// What of the definition nothing carries out yet, as a plural.
    pub fn unavailable(&self) -> Option<&'static str> {
        let definition = self.definition.as_ref()?;
        if matches!(definition.main, Main::Notebook(_)) {
            Some("notebooks")
        } else {
            None
        }
    }
}
