//! What a run is made of: what it keeps of its operation, and its flag values.

use std::path::PathBuf;

use super::config::{self, FLAG_ARGS_MARK, OpConfig};
use super::request::RunRequest;
use super::values::FlagValues;
use super::{requirements, source};
use crate::base::shell_text::quote_opref as quoted;
use crate::base::yaml::{Map, Value};
use crate::flags::FlagSpec;
use crate::home::Home;
use crate::project::{FLAG_ARGS, Operation, Undefined};
use crate::runs::{self, Run};

/// Why there is no plan for a run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The run cannot be read.
    #[error(transparent)]
    Run(#[from] runs::Error),
    /// Something that the operation requires is not defined.
    #[error("invalid definition for operation '{op}': {error}")]
    Undefined {
        /// The operation.
        op: String,
        /// What is not.
        error: Undefined,
    },
    /// The run cannot be started from what it holds.
    #[error("cannot start run {id}: {reason}")]
    NotStartable {
        /// The run.
        id: String,
        /// What is missing.
        reason: String,
    },
}

/// What a run is made of, whether new or taken up again.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What the run keeps of its operation.
    pub config: OpConfig,
    /// The flag values.
    pub values: FlagValues,
    /// Variables of this one start, which the run does not keep.
    pub start_env: Vec<(String, String)>,
    /// The steps of a pipeline as the guild file has them.
    pub steps: Option<Value>,
}

impl Plan {
    /// The plan for `operation` with `values`, as `request` has it.
    ///
    /// # Errors
    /// Something that the operation requires is not defined.
    pub fn new(
        operation: &Operation,
        values: FlagValues,
        request: &RunRequest,
        home: &Home,
    ) -> Result<Self, Error> {
        let marked = operation.command.iter().map(|arg| match arg.as_str() {
            FLAG_ARGS => FLAG_ARGS_MARK.to_string(),
            arg => arg.replace(
                "${project_dir}",
                &operation.project_dir.display().to_string(),
            ),
        });
        let mut config = OpConfig {
            cmd_args: marked.collect(),
            cmd_env: command_env(operation),
            flags_dest: operation
                .flags_dest
                .clone()
                .unwrap_or_else(|| "args".to_string()),
            delete_on_success: operation.settings.delete_on_success && !request.keep_run,
            label_template: label_template(request).or_else(|| operation.settings.label.clone()),
            source_dest: operation.source_code.dest.clone(),
            env_secrets: operation.settings.env_secrets.clone(),
            python_requires: operation.settings.python_requires.clone(),
            output_scalars: pattern_list(operation.settings.output_scalars.as_ref()),
            ..OpConfig::default()
        };
        if let Some(root) = &operation.source_code.named_root {
            let source_code = Map::from_iter([("root", root.as_str())]);
            config.other.insert("sourcecode", Value::Map(source_code));
        }
        if let Some(definition) = &operation.definition {
            config.output_attrs = pattern_list(definition.output_attrs.as_ref());
            config.no_pip_freeze = definition.pip_freeze == Some(false);
        }
        config.system_metrics = system_metrics(operation, request, home);
        if let Some((name, devices)) = devices(request) {
            config.cmd_env.insert(name, devices);
        }
        let definition = operation.definition.as_ref();
        let skip = definition.is_some_and(|op| op.default_flag_arg_skip);
        config.set_flags(&operation.flags, skip);
        let mut needs = requirements::of_operation(operation, &values.all, home)
            .map_err(|error| undefined(operation, error))?;
        requirements::add_named(&mut needs, request, home);
        config.set_dependencies(needs);
        let mut plan = Self {
            config,
            values: FlagValues::default(),
            start_env: debugger_env(request),
            steps: operation.steps(),
        };
        plan.take_values(operation, values);
        Ok(plan)
    }

    /// Replaces the flag values. What is run stays what it was, also where the
    /// definition has changed since.
    ///
    /// # Errors
    /// A resource that the values name is not defined.
    pub fn set_values(
        &mut self,
        operation: &Operation,
        values: FlagValues,
        home: &Home,
    ) -> Result<(), Error> {
        let mut needs = self.config.dependencies().to_vec();
        requirements::renew(&mut needs, operation, (&self.values.all, &values.all), home)
            .map_err(|error| undefined(operation, error))?;
        self.config.set_dependencies(needs);
        self.take_values(operation, values);
        Ok(())
    }

    fn take_values(&mut self, operation: &Operation, values: FlagValues) {
        let known: Vec<&String> = self.config.cmd_flags.iter().map(|(name, _)| name).collect();
        let runs = requirements::run_flags(self.config.dependencies());
        // A flag that is not defined still reaches a script that may know it.
        let new: Vec<(String, FlagSpec)> = values
            .all
            .keys()
            .filter_map(Value::as_str)
            .filter(|name| !known.iter().any(|known| known == name))
            .map(|name| {
                let flag = operation.flags.iter().find(|flag| flag.name == name);
                let is_run = runs.iter().any(|known| known == name);
                let is_run = is_run && !values.user.contains(name);
                // Which runs are required is not for the command, though the
                // definition may want no flag for it; unless the user insists.
                let other = FlagSpec {
                    arg_skip: is_run.then_some(true),
                    ..FlagSpec::default()
                };
                let spec = flag.map_or(other, |flag| flag.spec.clone());
                (name.to_string(), spec)
            })
            .collect();
        self.config.cmd_flags.extend(new);
        self.values = values;
    }

    /// The plan that `run` itself holds, changed as `request` has it.
    ///
    /// # Errors
    /// The run's attributes cannot be read or name no command.
    pub fn of_run(run: &Run, request: &RunRequest, home: &Home) -> Result<Self, Error> {
        let not_startable = |reason: String| Error::NotStartable {
            id: run.id().to_string(),
            reason,
        };
        let op = run
            .attr("op")?
            .ok_or_else(|| not_startable("it has no saved operation".to_string()))?;
        let mut config = OpConfig::from_value(&op).map_err(|config::Error(reason)| {
            not_startable(format!("its saved operation {reason}"))
        })?;
        if !request.force_sourcecode && source::is_half_copied(run) {
            return Err(not_startable(
                "its source code was not copied to the end\nUse '--force-sourcecode' to copy it \
                 from the project as it is now."
                    .to_string(),
            ));
        }
        config.delete_on_success &= !request.keep_run;
        config.label_template = label_template(request).or(config.label_template);
        if let Some(seconds) = request.system_metrics {
            config.system_metrics = Value::Float(seconds);
        }
        let mut needs = config.dependencies().to_vec();
        requirements::add_named(&mut needs, request, home);
        config.set_dependencies(needs);
        let flags = run.attr("flags")?;
        let all = flags.as_ref().and_then(Value::as_map).cloned();
        Ok(Self {
            config,
            values: FlagValues {
                all: all.unwrap_or_default(),
                ..FlagValues::default()
            },
            // What the run keeps is what it was made with.
            start_env: debugger_env(request)
                .into_iter()
                .chain(devices(request))
                .collect(),
            steps: run.attr("steps")?,
        })
    }

    /// Has Python import the source code from `folders` instead of from the run,
    /// now and whenever the run is started again.
    pub fn set_source_folders(&mut self, folders: &[PathBuf]) {
        let folders: Vec<_> = folders.iter().map(|dir| dir.to_string_lossy()).collect();
        let folders = folders.join(":");
        let variable = ("GUILD_SOURCECODE".to_string(), folders.clone());
        self.start_env.push(variable);
        self.config.source_folders = Some(folders);
    }

    /// Puts the values of secret variables, which a run does not keep, back from
    /// what its definition says now. Returns the names of those that neither it
    /// nor the environment of this process has.
    pub fn restore_secrets(&mut self, definition: Option<&Operation>, home: &Home) -> Vec<String> {
        let defined = definition.map(|operation| &operation.settings.env);
        let mut missing = Vec::new();
        for name in &self.config.env_secrets {
            let value = defined.and_then(|env| env.get(name));
            if let Some(value) = value {
                self.config.cmd_env.insert(name.as_str(), value.clone());
            } else if defined.is_none() && home.variable(name).is_none() {
                missing.push(name.clone());
            }
        }
        missing
    }
}

fn undefined(operation: &Operation, error: Undefined) -> Error {
    Error::Undefined {
        op: operation.spec.clone(),
        error,
    }
}

/// Patterns for output as runs keep them: a list, or nothing for the default ones.
fn pattern_list(setting: Option<&Value>) -> Value {
    match setting {
        None | Some(Value::Null) => Value::Null,
        Some(Value::Bool(false)) => Value::List(Vec::new()),
        Some(Value::List(items)) => Value::List(items.clone()),
        Some(item) => Value::List(vec![item.clone()]),
    }
}

/// How often the load of the machine is recorded: what `request` says goes before
/// the operation's definition, and that before the user's config.
fn system_metrics(operation: &Operation, request: &RunRequest, home: &Home) -> Value {
    if let Some(seconds) = request.system_metrics {
        return Value::Float(seconds);
    }
    let definition = operation.definition.as_ref();
    let defined = definition.and_then(|definition| definition.system_metrics.clone());
    defined
        .or_else(|| super::system_metrics::configured(home))
        .unwrap_or(Value::Null)
}

/// What tells the Python side where to stop for the user.
fn debugger_env(request: &RunRequest) -> Vec<(String, String)> {
    let breaks: Vec<_> = request.break_.iter().map(|place| quoted(place)).collect();
    let mut env = Vec::new();
    if request.break_on_error {
        env.push(("BREAK_ON_ERROR".to_string(), "1".to_string()));
    }
    if !breaks.is_empty() {
        env.push(("PDB_BREAKS".to_string(), breaks.join(" ")));
    }
    env
}

/// The template of the label that `request` asks for: its own, or tags before
/// the default one.
fn label_template(request: &RunRequest) -> Option<String> {
    request.label.clone().or_else(|| {
        let tags = request.tags.join(" ");
        (!tags.is_empty()).then(|| format!("{tags} ${{default_label}}"))
    })
}

/// The variable that says which graphics devices the process sees, if `request`
/// says.
fn devices(request: &RunRequest) -> Option<(String, String)> {
    let devices = match &request.gpus {
        Some(devices) => devices.clone(),
        None if request.no_gpus => String::new(),
        None => return None,
    };
    Some(("CUDA_VISIBLE_DEVICES".to_string(), devices))
}

fn command_env(operation: &Operation) -> Map {
    let mut env = operation.settings.env.clone();
    if let Some(dest) = &operation.flags_dest {
        env.insert("FLAGS_DEST", dest.as_str());
    }
    env.insert("PROJECT_DIR", operation.project_dir.display().to_string());
    env.insert("GUILD_PLUGINS", operation.plugins.join(","));
    let definition = operation.definition.as_ref();
    if definition.is_some_and(|definition| definition.handle_keyboard_interrupt) {
        env.insert("HANDLE_KEYBOARD_INTERRUPT", "1");
    }
    if operation.python {
        let own = operation.settings.env.get("PYTHONPATH");
        let own = own.and_then(Value::as_str).unwrap_or_default();
        env.insert("PYTHONPATH", own);
    }
    env
}
