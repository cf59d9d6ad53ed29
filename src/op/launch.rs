//! From what a run keeps of its operation to the command line and the
//! environment of its process.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::config::{FLAG_ARGS_MARK, OpConfig};
use crate::base::shell_text;
use crate::base::yaml::{self, Map, Value};
use crate::flags::{self, FlagDest, ReferenceError};
use crate::home::Home;
use crate::python::{embedded, interpreter};
use crate::runs::Run;

/// Why a command line cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A reference in the command that stands for nothing.
    #[error("invalid setting for operation: command contains invalid reference '{0}'")]
    Reference(String),
    /// A flag's value refers to itself, by way of others or not.
    #[error("invalid setting for operation: flags refer to each other in a circle: {}", .0.join(" -> "))]
    Circle(Vec<String>),
    /// There is no Python.
    #[error(transparent)]
    Python(#[from] interpreter::NotFound),
    /// There is no Python of the version that is required.
    #[error(transparent)]
    Requirement(#[from] interpreter::Unmatched),
    /// The Python side cannot be unpacked.
    #[error(transparent)]
    File(#[from] crate::base::files::Error),
    /// This program cannot tell where it is itself.
    #[error("cannot tell this program's own file, which the run's process is")]
    NoProgram,
}

impl From<ReferenceError<Error>> for Error {
    fn from(error: ReferenceError<Error>) -> Self {
        match error {
            ReferenceError::Reference(error) => error,
            ReferenceError::Circle(names) => Error::Circle(names),
        }
    }
}

/// The variable that names the file in which a Python process tells its version
/// and where it imports from.
pub(super) const INTERPRETER_FILE: &str = "GUILD_INTERPRETER_FILE";

/// A command line, and what is to be said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandLine {
    /// The program and its arguments.
    pub args: Vec<String>,
    /// Flags that the command line sets already.
    pub warnings: Vec<String>,
}

/// The command line of an operation with the flag values `values`.
///
/// # Errors
/// A reference that stands for nothing; no Python where it is needed.
pub fn command_line(config: &OpConfig, values: &Map, home: &Home) -> Result<CommandLine, Error> {
    let mut args: Vec<String> = Vec::new();
    let mut warnings = Vec::new();
    let mut template = &config.cmd_args[..];
    if let Some(command) = config.own_command() {
        let program = home.executable().ok_or(Error::NoProgram)?;
        args = vec![program.display().to_string(), command.to_string()];
        // In the place of an interpreter, `-um` and the module.
        template = template.get(3..).unwrap_or_default();
    }
    for arg in template {
        if arg == FLAG_ARGS_MARK {
            let dest = FlagDest::parse(Some(&config.flags_dest));
            let found = flags::flag_args(values, dest, |name| config.flag_spec(name), false, &args);
            args.extend(found.args);
            warnings.extend(found.warnings);
        } else {
            let reference = |name: &str| reference(name, config, values, home);
            args.push(flags::replace_references(arg, &reference)?);
        }
    }
    Ok(CommandLine { args, warnings })
}

/// What a reference in a command stands for.
fn reference(name: &str, config: &OpConfig, values: &Map, home: &Home) -> Result<String, Error> {
    if let Some(value) = values.get(name) {
        return Ok(flags::encode_env(value, None));
    }
    match name {
        "python_exe" => {
            let requires = config.python_requires.as_deref();
            Ok(interpreter::matching(home, requires)?.display().to_string())
        }
        "guild_python_exe" => Ok(interpreter::find(home)?.display().to_string()),
        name => Err(Error::Reference(name.to_string())),
    }
}

/// The text of a variable that the operation defines. A value that is one
/// reference is encoded as the flag is; inside a longer text, values are YAML.
fn variable_text(value: &Value, values: &Map) -> Result<String, Error> {
    let text = flags::encode_env(value, None);
    let whole = text
        .strip_prefix("${")
        .and_then(|text| text.strip_suffix('}'));
    let reference = |name: &str| match values.get(name) {
        Some(value) if whole == Some(name) => Ok(flags::encode_env(value, None)),
        Some(Value::Str(text)) => Ok(text.clone()),
        Some(value) => Ok(yaml::dump_flow(value)),
        None => Err(Error::Reference(name.to_string())),
    };
    Ok(flags::replace_references(&text, &reference)?)
}

/// The variables that the operation itself adds: what its definition says, and
/// one for each flag.
///
/// # Errors
/// A reference that stands for nothing; the Python side cannot be unpacked.
pub fn operation_env(
    config: &OpConfig,
    values: &Map,
    home: &Home,
) -> Result<BTreeMap<String, String>, Error> {
    let mut env = BTreeMap::new();
    for (name, value) in config.cmd_env.iter() {
        let Some(name) = name.as_str() else { continue };
        env.insert(name.to_string(), variable_text(value, values)?);
    }
    for (name, value) in values.iter() {
        let Some(name) = name.as_str() else { continue };
        let spec = config.flag_spec(name);
        let variable = match spec.and_then(|spec| spec.env_name.clone()) {
            Some(variable) => variable,
            None => flags::env_name(name),
        };
        env.insert(variable, flags::encode_env(value, spec));
    }
    if let Some(saved) = env.remove("PYTHONPATH") {
        let path = match config.own_command().is_some() {
            true => own_python_path(&saved, config, home),
            false => python_path(&saved, config, home)?,
        };
        if !path.is_empty() {
            env.insert("PYTHONPATH".to_string(), path);
        }
    }
    Ok(env)
}

/// `PYTHONPATH` of a process of this program: what the operation says for the runs
/// that it starts. It needs no Python itself, and that of another installation is
/// none of theirs.
fn own_python_path(saved: &str, config: &OpConfig, home: &Home) -> String {
    let saved = saved.split(':');
    let said = saved.take_while(|part| *part != config.source_dest);
    let inherited = home.variable("PYTHONPATH").unwrap_or_default();
    let mut parts: Vec<&str> = Vec::new();
    for part in said.chain(inherited.split(':')) {
        if !part.is_empty() && !parts.contains(&part) {
            parts.push(part);
        }
    }
    parts.join(":")
}

/// `PYTHONPATH` of a run: the folders that source code is debugged in, what the
/// operation says, its source code, our Python side, then what is inherited.
/// `saved` is what the operation says, or all of that where a run is started
/// again. Then it may name another installation's Python side behind the source
/// code, so ours goes before that.
fn python_path(saved: &str, config: &OpConfig, home: &Home) -> Result<String, Error> {
    let package = embedded::unpack(&home.cache_dir())?;
    let saved: Vec<&str> = saved.split(':').collect();
    let source = config.source_dest.as_str();
    let package_text = package.display().to_string();
    let is_own = |part: &str| part == package_text || is_old_package(part, &package);
    let end = saved
        .iter()
        .position(|part| *part == source || is_own(part));
    let (said, behind) = saved.split_at(end.unwrap_or(saved.len()));
    let folders = config.source_folders.as_deref().unwrap_or_default();
    // Where it names our side and no source code, that was run from elsewhere.
    let is_elsewhere = behind.first().is_some_and(|first| *first != source);
    let has_source = folders.is_empty() && !is_elsewhere;
    let own = has_source.then_some(source);
    let own = own.into_iter().chain([package_text.as_str()]);
    let behind = behind.iter().filter(|part| has_source || **part != source);
    let inherited = home.variable("PYTHONPATH").unwrap_or_default();
    let mut parts: Vec<&str> = Vec::new();
    let all = folders.split(':').chain(said.iter().copied()).chain(own);
    for part in all.chain(behind.copied()).chain(inherited.split(':')) {
        if !part.is_empty() && !parts.contains(&part) && !is_old_package(part, &package) {
            parts.push(part);
        }
    }
    Ok(parts.join(":"))
}

/// Whether `path` is our own Python side as an earlier version unpacked it.
fn is_old_package(path: &str, package: &Path) -> bool {
    let path = Path::new(path);
    path != package
        && path.parent() == package.parent()
        && path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with("python-"))
}

/// The whole environment of the process of `run`.
///
/// # Errors
/// As [`operation_env`].
pub fn environment(
    config: &OpConfig,
    values: &Map,
    run: &Run,
    home: &Home,
    extra: &[(String, String)],
) -> Result<BTreeMap<OsString, OsString>, Error> {
    let mut env = home.environment().clone();
    for name in ["_", INTERPRETER_FILE] {
        env.remove(std::ffi::OsStr::new(name));
    }
    for (name, value) in operation_env(config, values, home)? {
        env.insert(name.into(), value.into());
    }
    let run_env: [(&str, PathBuf); 4] = [
        ("GUILD_HOME", home.guild_home().to_path_buf()),
        ("CMD_DIR", home.process_cwd().to_path_buf()),
        ("RUN_DIR", run.dir().to_path_buf()),
        ("RUN_ID", PathBuf::from(run.id())),
    ];
    for (name, value) in run_env {
        env.insert(name.into(), value.into());
    }
    if let Ok(opref) = run.opref() {
        env.insert("GUILD_OP".into(), opref.op_spec().into());
    }
    env.insert("GUILD_SOURCECODE".into(), config.source_dest.clone().into());
    if home.variable("LOG_LEVEL").is_none() {
        env.insert("LOG_LEVEL".into(), "20".into());
    }
    for (name, value) in extra {
        env.insert(name.into(), value.into());
    }
    Ok(env)
}

/// The variables that the operation defines and calls secret.
///
/// # Errors
/// A reference that stands for nothing.
pub fn secrets(
    config: &OpConfig,
    values: &Map,
    home: &Home,
) -> Result<Vec<(String, String)>, Error> {
    if config.env_secrets.is_empty() {
        return Ok(Vec::new());
    }
    let env = operation_env(config, values, home)?;
    let is_secret = |name: &String| config.env_secrets.contains(name);
    Ok(env
        .into_iter()
        .filter(|(name, _)| is_secret(name))
        .collect())
}

/// Whether a variable's value is kept off the disk: its name looks like a
/// secret's, or is one of `secrets`.
fn is_private(name: &str, secrets: &[String]) -> bool {
    let lower = name.to_lowercase();
    // Flag values of the process that this one runs in.
    name == "GUILD_MAIN_WITH_FLAGS"
        || ["password", "token", "secret"]
            .iter()
            .any(|part| lower.contains(part))
        || secrets.iter().any(|secret| secret == name)
}

/// What is recorded of an environment: without names that look like secrets,
/// and without those that the operation calls secret.
pub fn recorded_env(env: &BTreeMap<OsString, OsString>, secrets: &[String]) -> Map {
    env.iter()
        .map(|(name, value)| (name.to_string_lossy(), value.to_string_lossy()))
        .filter(|(name, _)| !is_private(name, secrets))
        .map(|(name, value)| (Value::from(name.as_ref()), Value::from(value.as_ref())))
        .collect()
}

/// The environment as lines that a shell can source, for a staged run. Secrets
/// are left out: whoever sources the lines has them, or sets them.
pub fn env_file(env: &BTreeMap<OsString, OsString>, secrets: &[String]) -> String {
    // What flags say is in the run anyway, whatever they are called.
    let is_kept = |name: &str| name.starts_with("FLAG_") || !is_private(name, secrets);
    let lines: Vec<String> = env
        .iter()
        .map(|(name, value)| (name.to_string_lossy(), value.to_string_lossy()))
        .filter(|(name, _)| name != "PWD" && name != "_" && is_kept(name))
        .map(|(name, value)| format!("export {name}={}", quoted(&value)))
        .collect();
    lines.join("\n") + "\n"
}

/// A value as `NAME=VALUE` lines show it; nothing where it is empty.
pub fn quoted(value: &str) -> String {
    if value.is_empty() {
        String::new()
    } else {
        shell_text::quote_opref(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(args: &[&str]) -> OpConfig {
        OpConfig {
            cmd_args: args.iter().map(ToString::to_string).collect(),
            flags_dest: "args".into(),
            source_dest: ".".into(),
            ..OpConfig::default()
        }
    }

    fn values() -> Map {
        [(Value::from("x"), Value::from("two words"))]
            .into_iter()
            .collect()
    }

    #[test]
    fn references_are_replaced_and_escaped_ones_are_not() {
        let home = Home::discover(None, None).unwrap();
        let mut config = config(&["echo", "a-${x}-b", r"\${x}", "${open", "__flag_args__"]);
        config.cmd_flags = vec![("x".into(), flags::FlagSpec::default())];
        let line = command_line(&config, &values(), &home).unwrap();
        assert_eq!(
            line.args,
            [
                "echo",
                "a-two words-b",
                "${x}",
                "${open",
                "--x",
                "two words"
            ]
        );
        config.cmd_args = vec!["${nope}".into()];
        let error = command_line(&config, &values(), &home).unwrap_err();
        assert!(error.to_string().ends_with("invalid reference 'nope'"));
    }

    #[test]
    fn a_flag_may_refer_to_others_but_not_to_itself() {
        let home = Home::discover(None, None).unwrap();
        let values: Map = [
            ("x", "1"),
            ("y", "${x}-${x}"),
            ("z", "[${y}]"),
            ("a", "${b}"),
            ("b", "<${a}>"),
        ]
        .into_iter()
        .collect();
        let line = |arg: &str| command_line(&config(&[arg]), &values, &home);
        assert_eq!(line("${z} ${y}").unwrap().args, ["[1-1] 1-1"]);
        let error = line("${a}").unwrap_err().to_string();
        assert!(error.ends_with("in a circle: a -> b -> a"), "{error}");
    }

    #[test]
    fn a_variable_encodes_by_whether_it_is_one_reference() {
        let values: Map = [
            ("on", Value::Bool(true)),
            ("small", Value::Float(1e-5)),
            ("text", Value::from("a b")),
            ("none", Value::Null),
        ]
        .into_iter()
        .collect();
        let text = |text: &str| variable_text(&Value::from(text), &values).unwrap();
        assert_eq!(text("${on}"), "1");
        assert_eq!(
            text("x-${on}-${small}-${none}-${text}"),
            "x-true-1.0e-05-null-a b"
        );
        assert_eq!(text(r"\${on}"), "${on}");
        assert!(variable_text(&Value::from("${nope}"), &values).is_err());
    }

    #[test]
    fn secrets_are_not_recorded() {
        let env: BTreeMap<OsString, OsString> = [
            ("API_TOKEN", "1"),
            ("MY_Password", "2"),
            ("MINE", "3"),
            ("PLAIN", "4"),
        ]
        .map(|(name, value)| (name.into(), value.into()))
        .into();
        let recorded = recorded_env(&env, &["MINE".to_string()]);
        assert_eq!(recorded.len(), 1);
        assert!(recorded.get("PLAIN").is_some());
    }

    #[test]
    fn a_staged_environment_can_be_sourced() {
        let env: BTreeMap<OsString, OsString> = [
            ("A", ""),
            ("B", "it's"),
            ("PWD", "/x"),
            ("A_TOKEN", "t"),
            ("KEY", "k"),
        ]
        .map(|(name, value)| (name.into(), value.into()))
        .into();
        assert_eq!(
            env_file(&env, &["KEY".to_string()]),
            "export A=\nexport B='it'\"'\"'s'\n"
        );
    }
}
