//! From what the user typed to an operation: the guild file of the current
//! directory, a Python script, an executable file.

mod script_flags;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::base::yaml::Map;
use crate::flags::FlagSpec;
use crate::guildfile::{self, FlagDef, FlagsImport, GuildFile, Main, Model};
use crate::home::{Home, tidy};
use crate::opref::OpRef;
use crate::python::interpreter;
use crate::python::script::Script;

/// Where flag arguments go in a command template.
pub const FLAG_ARGS: &str = "${flag_args}";

const SEE_OPERATIONS: &str = "Try 'guild operations' for a list of available operations.";

/// Why there is no operation to run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nothing was named and nothing is the default.
    #[error("cannot find a default operation\nTry 'guild operations' for a list.")]
    NoDefault,
    /// The project's default model has no default operation.
    #[error("a default operation is not defined for {0}\n{SEE_OPERATIONS}")]
    NoDefaultOperation(String),
    /// Nothing of this name is there.
    #[error("cannot find operation {spec}\n{}{SEE_OPERATIONS}", model_advice(spec))]
    NotFound {
        /// The name.
        spec: String,
    },
    /// The guild file has no such operation.
    #[error(
        "operation '{op}' is not defined for {model}\nTry '{command}' for a list of available operations."
    )]
    NotDefined {
        /// The operation.
        op: String,
        /// `this project` or the model.
        model: String,
        /// What lists those that are.
        command: String,
    },
    /// Several models have such a name.
    #[error(
        "there are multiple models that match '{reference}'\nTry specifying one of the \
         following:{}",
        .models.iter().map(|name| format!("\n  {name}")).collect::<String>()
    )]
    ManyModels {
        /// The name.
        reference: String,
        /// The models, by name.
        models: Vec<String>,
    },
    /// The name is of no form.
    #[error("invalid operation '{0}'\n{SEE_OPERATIONS}")]
    InvalidSpec(String),
    /// A file that cannot be run.
    #[error("cannot run '{0}': must be an executable file")]
    NotExecutable(String),
    /// The guild file is wrong.
    #[error(transparent)]
    GuildFile(#[from] guildfile::Error),
}

fn model_advice(spec: &str) -> &'static str {
    if spec.contains(':') {
        ""
    } else {
        "You may need to include a model in the form MODEL:OPERATION. "
    }
}

/// Everything a definition says of an operation: what a run of it is made from.
#[derive(Debug, Clone)]
pub struct Operation {
    /// The reference that runs keep.
    pub opref: OpRef,
    /// The name as it is shown to the user.
    pub spec: String,
    /// The project's folder, where source code is.
    pub project_dir: PathBuf,
    /// The command line: arguments with `${...}` references.
    pub command: Vec<String>,
    /// Its flags, in order.
    pub flags: Vec<FlagDef>,
    /// How flags reach the process, if known.
    pub flags_dest: Option<String>,
    /// Which flags of the script are taken over.
    pub flags_import: FlagsImport,
    /// Whether flags that are not defined are passed on: the script parses
    /// arguments that are not known.
    pub takes_any_flag: bool,
    /// Whether the process is Python started through `guild.op_main`.
    pub python: bool,
    /// The guild file's definition, if it is of one.
    pub definition: Option<Arc<guildfile::Operation>>,
    /// What the definition adds: environment, label, tags and the like.
    pub settings: Settings,
    /// Things the user should know, such as a script that cannot be read.
    pub warnings: Vec<String>,
}

/// What a guild file says of an operation beside its command and flags.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// What it is for.
    pub description: String,
    /// Variables for the process.
    pub env: Map,
    /// Names of variables that are not recorded.
    pub env_secrets: Vec<String>,
    /// Template of the label.
    pub label: Option<String>,
    /// Tags of its runs.
    pub tags: Vec<String>,
    /// Whether no source code is copied.
    pub no_sourcecode: bool,
    /// Whether a run that ends well is moved to the trash.
    pub delete_on_success: bool,
}

/// The operation that `spec` names, or the default one.
///
/// # Errors
/// There is none, or its definition is wrong.
pub fn find(home: &Home, spec: Option<&str>) -> Result<Operation, Error> {
    let guild_file = guildfile::FILE_NAMES
        .iter()
        .map(|name| home.cwd().join(name))
        .find(|path| path.is_file())
        .map(|path| GuildFile::read(&path))
        .transpose();
    let spec = match spec {
        None | Some("") => {
            let file = guild_file?.ok_or(Error::NoDefault)?;
            return default_operation(&file);
        }
        Some(spec) => spec,
    };
    let (model, op) = match spec
        .rsplit('/')
        .next()
        .unwrap_or(spec)
        .split(':')
        .collect::<Vec<_>>()[..]
    {
        [op] => (None, op),
        [model, op] if !op.is_empty() => (Some(model), op),
        _ => return Err(Error::InvalidSpec(spec.to_string())),
    };
    let plain = !spec.contains('/');
    let defined = match &guild_file {
        Ok(Some(file)) if plain => defined_operation(file, model, op)?,
        _ => None,
    };
    if let Some(operation) = defined {
        return Ok(operation);
    }
    if let Some(operation) = file_operation(home, spec)? {
        return Ok(operation);
    }
    match guild_file? {
        Some(file) if plain && has_model(&file, model)? => Err(not_defined(&file, model, op)),
        _ => Err(Error::NotFound {
            spec: spec.to_string(),
        }),
    }
}

/// The operation a run with `opref` is of, looked for in its own project.
///
/// # Errors
/// As [`find`].
pub fn find_again(home: &Home, opref: &OpRef) -> Result<Operation, Error> {
    match opref.kind.as_str() {
        "guildfile" => {
            let file = GuildFile::read(Path::new(&opref.name))?;
            let model = (!opref.model.is_empty()).then_some(opref.model.as_str());
            defined_operation(&file, model, &opref.op)?
                .ok_or_else(|| not_defined(&file, model, &opref.op))
        }
        "script" => {
            let path = Path::new(&opref.name).join(&opref.op);
            file_operation(home, &path.display().to_string())?.ok_or_else(|| Error::NotFound {
                spec: opref.op_spec(),
            })
        }
        _ => Err(Error::NotFound {
            spec: opref.op_spec(),
        }),
    }
}

fn default_operation(file: &GuildFile) -> Result<Operation, Error> {
    let model = file.default_model().ok_or(Error::NoDefault)?;
    let op = model.default_operation().ok_or_else(|| {
        Error::NoDefaultOperation(if model.name.is_empty() {
            "this project".to_string()
        } else {
            format!("model '{}'", model.name)
        })
    })?;
    Ok(of_guild_file(file, model, op))
}

fn defined_operation(
    file: &GuildFile,
    model: Option<&str>,
    op: &str,
) -> Result<Option<Operation>, Error> {
    let model = match model {
        None => file.default_model(),
        Some(name) => find_model(file, name)?,
    };
    let found = model.and_then(|model| Some((model, model.operation(op)?)));
    Ok(found.map(|(model, op)| of_guild_file(file, model, op)))
}

fn has_model(file: &GuildFile, model: Option<&str>) -> Result<bool, Error> {
    match model {
        None => Ok(true),
        Some(name) => Ok(find_model(file, name)?.is_some()),
    }
}

/// The model called `name`, else the only one whose name contains it.
fn find_model<'a>(file: &'a GuildFile, name: &str) -> Result<Option<&'a Model>, Error> {
    if let Some(exact) = file.models.iter().find(|model| model.name == name) {
        return Ok(Some(exact));
    }
    let like = file.models.iter().filter(|model| model.name.contains(name));
    match like.collect::<Vec<_>>()[..] {
        [] => Ok(None),
        [only] => Ok(Some(only)),
        ref several => {
            let mut models: Vec<_> = several.iter().map(|model| model.name.clone()).collect();
            models.sort();
            Err(Error::ManyModels {
                reference: name.to_string(),
                models,
            })
        }
    }
}

fn not_defined(file: &GuildFile, model: Option<&str>, op: &str) -> Error {
    let model = match model {
        Some(name) => name.to_string(),
        None => file
            .default_model()
            .map(|model| model.name.clone())
            .unwrap_or_default(),
    };
    let (shown, command) = if model.is_empty() {
        ("this project".to_string(), "guild operations".to_string())
    } else {
        (
            format!("model '{model}'"),
            format!("guild operations {model}"),
        )
    };
    Error::NotDefined {
        op: op.to_string(),
        model: shown,
        command,
    }
}

fn of_guild_file(file: &GuildFile, model: &Model, op: &Arc<guildfile::Operation>) -> Operation {
    let dir = file.path.parent().unwrap_or(Path::new("/")).to_path_buf();
    let opref = OpRef::guild_file(&file.path, &file.version, &model.name, &op.name);
    let split = |text: &str| {
        crate::base::shell_text::split(text)
            .unwrap_or_else(|_| text.split_whitespace().map(str::to_string).collect())
    };
    let mut operation = Operation {
        spec: opref.model_op(),
        opref,
        command: Vec::new(),
        flags: op.flags.clone(),
        flags_dest: op.flags_dest.clone(),
        flags_import: op.flags_import.clone(),
        takes_any_flag: false,
        python: false,
        definition: Some(Arc::clone(op)),
        settings: Settings {
            description: op.description.clone(),
            env: op.env.clone(),
            env_secrets: op.env_secrets.clone(),
            label: op.label.clone(),
            tags: op.tags.clone(),
            no_sourcecode: has_no_sourcecode(model, op),
            delete_on_success: op.delete_on_success,
        },
        // Guild AI ignores such a key; a slip should not go unseen.
        warnings: op
            .unknown
            .iter()
            .map(|key| format!("unknown attribute '{key}' of operation '{}'", op.name))
            .collect(),
        project_dir: dir,
    };
    match &op.main {
        Main::Exec(text) => {
            operation.command = split(text);
            operation.python = operation
                .command
                .first()
                .is_some_and(|program| program == "${python_exe}");
        }
        Main::Steps => {
            operation.python = true;
            operation.command = ["${python_exe}", "-um", "guild.steps_main"]
                .map(str::to_string)
                .to_vec();
        }
        Main::Module(text) => {
            let words = split(text);
            operation.python = true;
            operation.command = op_main_command(&words);
            operation
                .command
                .extend(["--".to_string(), FLAG_ARGS.to_string()]);
            script_flags::import(&mut operation, &words, &op.flags_import);
        }
    }
    operation
}

/// Whether the operation, or where it says nothing its model, wants no source
/// code kept.
fn has_no_sourcecode(model: &Model, op: &guildfile::Operation) -> bool {
    let select = op.sourcecode.as_ref().or(model.sourcecode.as_ref());
    select.is_some_and(|select| select.disabled)
}

impl Operation {
    /// What of the definition nothing carries out yet, as a plural.
    pub fn unavailable(&self) -> Option<&'static str> {
        let definition = self.definition.as_ref()?;
        if definition.main == Main::Steps {
            Some("operations with steps")
        } else if !definition.requires.is_empty() {
            Some("operations with requirements")
        } else {
            None
        }
    }
}

fn op_main_command(module_and_args: &[String]) -> Vec<String> {
    ["${python_exe}", "-um", "guild.op_main"]
        .into_iter()
        .map(str::to_string)
        .chain(module_and_args.iter().cloned())
        .collect()
}

/// The operation of a file that is run as it is.
fn file_operation(home: &Home, spec: &str) -> Result<Option<Operation>, Error> {
    let path = tidy(&home.cwd().join(spec));
    if !path.exists() {
        return Ok(None);
    }
    let is_python = path.is_file() && spec.ends_with(".py");
    if is_python {
        return Ok(Some(of_python_script(home, &path)));
    }
    if interpreter::is_executable(&path) {
        return Ok(Some(of_executable(home, spec, &path)));
    }
    Err(Error::NotExecutable(spec.to_string()))
}

fn of_python_script(home: &Home, path: &Path) -> Operation {
    let name = file_name(path);
    let script_dir = path.parent().unwrap_or(Path::new("/"));
    // Source code is what the script and the current directory have in common.
    let project_dir = common_dir(script_dir, home.cwd());
    let below = path.strip_prefix(&project_dir).unwrap_or(path);
    let module = below.with_extension("").display().to_string();
    let mut operation = Operation {
        opref: OpRef::script(script_dir, &name),
        spec: relative(path, home.cwd()),
        command: op_main_command(&[module]),
        flags: Vec::new(),
        flags_dest: None,
        flags_import: FlagsImport::All,
        takes_any_flag: false,
        python: true,
        definition: None,
        settings: Settings {
            tags: default_tags(&name),
            ..Settings::default()
        },
        warnings: Vec::new(),
        project_dir,
    };
    operation.command.push(FLAG_ARGS.to_string());
    match Script::read(path) {
        Ok(script) => {
            script_flags::set_dest(&mut operation, script.takes);
            operation.flags = script_flags::of_script(&script, script_dir);
        }
        Err(error) => operation.warnings.push(format!(
            "cannot import flags from {}: {error}",
            operation.spec
        )),
    }
    operation
}

fn of_executable(home: &Home, spec: &str, path: &Path) -> Operation {
    Operation {
        opref: OpRef::script(home.cwd(), spec),
        spec: spec.to_string(),
        command: vec![path.display().to_string()],
        flags: Vec::new(),
        flags_dest: None,
        flags_import: FlagsImport::All,
        takes_any_flag: false,
        python: false,
        definition: None,
        settings: Settings::default(),
        warnings: Vec::new(),
        project_dir: home.cwd().to_path_buf(),
    }
}

/// Tags by what a script's name says it does.
fn default_tags(name: &str) -> Vec<String> {
    let name = name.to_lowercase();
    let tag = match name.as_str() {
        name if name.contains("train") => "model",
        name if name.contains("prepare") => "dataset",
        _ => return Vec::new(),
    };
    vec![tag.to_string()]
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

fn common_dir(left: &Path, right: &Path) -> PathBuf {
    left.components()
        .zip(right.components())
        .take_while(|(left, right)| left == right)
        .map(|(part, _)| part)
        .collect()
}

fn relative(path: &Path, dir: &Path) -> String {
    path.strip_prefix(dir).unwrap_or(path).display().to_string()
}

/// A flag that a script defines with the value `default`.
fn script_flag(name: &str, default: crate::base::yaml::Value) -> FlagDef {
    let mut flag = FlagDef {
        name: name.to_string(),
        spec: FlagSpec::default(),
        ..FlagDef::default()
    };
    script_flags::set_default(&mut flag, default);
    flag
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_elsewhere_shares_the_nearest_folder() {
        let common = |a: &str, b: &str| common_dir(Path::new(a), Path::new(b));
        assert_eq!(common("/p/sub", "/p"), Path::new("/p"));
        assert_eq!(common("/p/a", "/p/b"), Path::new("/p"));
        assert_eq!(common("/x", "/y"), Path::new("/"));
    }

    #[test]
    fn the_name_of_a_script_gives_a_tag() {
        assert_eq!(default_tags("my_TRAIN.py"), ["model"]);
        assert_eq!(default_tags("prepare_data.py"), ["dataset"]);
        assert_eq!(default_tags("eval.py"), [] as [&str; 0]);
    }
}
