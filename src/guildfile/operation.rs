//! An operation's definition.

use super::flag::FlagDef;
use super::select::FileSelect;
use crate::base::yaml::{self, Map, Value};

/// What an operation runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Main {
    /// A Python module with base arguments, as one text.
    Module(String),
    /// A command line.
    Exec(String),
    /// Its steps.
    Steps,
}

impl Default for Main {
    fn default() -> Self {
        Self::Module(String::new())
    }
}

/// A way to search for flag values that an operation offers.
#[derive(Debug, Clone, PartialEq)]
pub struct Optimizer {
    /// What users name it by.
    pub name: String,
    /// The operation that searches.
    pub algorithm: String,
    /// Whether it is meant where none is named.
    pub default: bool,
    /// Values of its own flags.
    pub flags: Map,
}

/// Which flags of a script become flags of the operation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum FlagsImport {
    /// Those that the operation defines, which is what no setting means.
    #[default]
    Defined,
    /// All.
    All,
    /// None.
    None,
    /// These.
    Named(Vec<String>),
}

/// An operation of a guild file.
#[derive(Debug, Clone, Default)]
pub struct Operation {
    /// Its name.
    pub name: String,
    /// What it runs.
    pub main: Main,
    /// What it is for, in the author's words.
    pub description: String,
    /// Whether it is meant where none is named.
    pub default: bool,
    /// Its flags, in order.
    pub flags: Vec<FlagDef>,
    /// Which flags of the script it takes over.
    pub flags_import: FlagsImport,
    /// How flags reach the script: `args`, `globals`, ...; found out if not set.
    pub flags_dest: Option<String>,
    /// Variables for the process; `${flag}` in a value is replaced.
    pub env: Map,
    /// Names of variables that are not recorded.
    pub env_secrets: Vec<String>,
    /// Template of the label.
    pub label: Option<String>,
    /// Tags of its runs.
    pub tags: Vec<String>,
    /// Which source code its runs keep, beside what its model says.
    pub sourcecode: Option<FileSelect>,
    /// Whether a run that ends well is moved to the trash.
    pub delete_on_success: bool,
    /// What its runs are followed by: the steps as written.
    pub steps: Option<Value>,
    /// What its runs need, as written.
    pub requires: Vec<Value>,
    /// Ways to search for flag values, in order.
    pub optimizers: Vec<Optimizer>,
    /// What a search makes small or large.
    pub objective: Option<Value>,
    /// How many trials a search has where nothing says.
    pub default_max_trials: Option<u64>,
    /// What turns flag values into others before a run.
    pub flag_encoder: Option<String>,
    /// Whether a keyboard interrupt is shown without its trace.
    pub handle_keyboard_interrupt: bool,
    /// How scalars are read from output; nothing if not set.
    pub output_scalars: Option<Value>,
    /// How attributes are read from output; nothing if not set.
    pub output_attrs: Option<Value>,
    /// Which plugins take part: names, all or none; nothing if not set.
    pub plugins: Option<Value>,
    /// What of its runs is published.
    pub publish: Option<Value>,
    /// Folders for Python's path, relative to the guild file's.
    pub python_path: Option<Vec<String>>,
    /// Which versions of Python it runs under.
    pub python_requires: Option<String>,
    /// Attributes that its runs get.
    pub run_attrs: Map,
    /// Whether stopping a run is not an error.
    pub stoppable: bool,
    /// Whether trials may be staged.
    pub can_stage_trials: bool,
    /// Whether installed packages are recorded; the program decides if not set.
    pub pip_freeze: Option<bool>,
    /// Columns for comparing its runs.
    pub compare: Option<Vec<String>>,
    /// Whether flags do not become arguments unless they say so.
    pub default_flag_arg_skip: bool,
    /// Flags of the script that are not taken over.
    pub flags_import_skip: Vec<String>,
    /// Keys that nothing knows.
    pub unknown: Vec<String>,
}

impl Operation {
    /// Reads the definition of the operation `name`.
    pub(super) fn parse(name: &str, data: &Value) -> Result<Self, String> {
        let mut op = Self {
            name: name.to_string(),
            main: Main::Module(module_of(name)),
            ..Self::default()
        };
        match data {
            Value::Str(main) => op.main = Main::Module(main.clone()),
            Value::Null => {}
            Value::Map(map) => {
                for (key, value) in map.iter() {
                    op.set(key.as_str().unwrap_or_default(), value)?;
                }
                if let Some(exec) = map.get("exec").and_then(Value::as_str) {
                    // A command line goes before a module, a module before steps.
                    op.main = Main::Exec(exec.to_string());
                } else if map.get("main").is_none() && op.steps.is_some() {
                    op.main = Main::Steps;
                }
            }
            other => {
                return Err(format!(
                    "invalid operation '{name}': expected a mapping or a string, found {}",
                    other.type_name()
                ));
            }
        }
        Ok(op)
    }

    fn set(&mut self, key: &str, value: &Value) -> Result<(), String> {
        let invalid = |expected: &str| {
            format!(
                "invalid '{key}' of operation '{}': expected {expected}, found {}",
                self.name,
                value.type_name()
            )
        };
        match key {
            "main" | "exec" => {
                let text = value.as_str().ok_or_else(|| invalid("a string"))?;
                if key == "main" {
                    self.main = Main::Module(text.to_string());
                }
            }
            "description" => self.description = text_of(value).trim().to_string(),
            "default" => self.default = value.is_truthy(),
            "delete-on-success" => self.delete_on_success = value.is_truthy(),
            "label" => self.label = Some(text_of(value)),
            "tags" => self.tags = texts(value).ok_or_else(|| invalid("a list of strings"))?,
            "env" => self.env = value.as_map().ok_or_else(|| invalid("a mapping"))?.clone(),
            "env-secrets" => {
                self.env_secrets = texts(value).ok_or_else(|| invalid("a list of strings"))?;
            }
            "flags-dest" => self.flags_dest = Some(text_of(value)),
            "flags-import" => {
                self.flags_import =
                    flags_import(value).ok_or_else(|| invalid("'all' or a list"))?;
            }
            "flags" => {
                let map = value.as_map().ok_or_else(|| invalid("a mapping"))?;
                self.flags = self.parse_flags(map)?;
            }
            "sourcecode" => {
                self.sourcecode = FileSelect::parse(value).map_err(|reason| {
                    format!(
                        "invalid 'sourcecode' of operation '{}': {reason}",
                        self.name
                    )
                })?;
            }
            "steps" => {
                let items = value.as_list().ok_or_else(|| invalid("a list"))?;
                self.steps = (!items.is_empty()).then(|| value.clone());
            }
            "requires" => {
                self.requires = match value {
                    Value::Null => Vec::new(),
                    Value::List(items) => items.clone(),
                    other => vec![other.clone()],
                }
            }
            "optimizer" | "optimizers" => {
                self.optimizers =
                    optimizers(key, value).ok_or_else(|| invalid("a name or a mapping"))?;
            }
            "python-path" => {
                self.python_path = match value {
                    Value::Null => None,
                    value => Some(texts(value).ok_or_else(|| invalid("a string or list"))?),
                }
            }
            "compare" => {
                self.compare = match value {
                    Value::Null => None,
                    value => Some(texts(value).ok_or_else(|| invalid("a list of strings"))?),
                }
            }
            "flags-import-skip" => {
                self.flags_import_skip = texts(value).unwrap_or_default();
            }
            "run-attrs" => {
                self.run_attrs = match value {
                    Value::Null => Map::new(),
                    value => value.as_map().ok_or_else(|| invalid("a mapping"))?.clone(),
                }
            }
            "default-max-trials" => {
                self.default_max_trials = value.as_i64().and_then(|count| count.try_into().ok());
            }
            key => self.set_plain(key, value),
        }
        Ok(())
    }

    /// Sets what any value is fine for.
    fn set_plain(&mut self, key: &str, value: &Value) {
        let set = || (!value.is_null()).then(|| value.clone());
        let text = || (!value.is_null()).then(|| text_of(value));
        match key {
            "objective" => self.objective = set(),
            "output-scalars" => self.output_scalars = set(),
            "output-attrs" => self.output_attrs = set(),
            "plugins" => self.plugins = set(),
            "publish" => self.publish = set(),
            "flag-encoder" => self.flag_encoder = text(),
            "python-requires" => self.python_requires = text(),
            "pip-freeze" => self.pip_freeze = value.as_bool(),
            "handle-keyboard-interrupt" => self.handle_keyboard_interrupt = value.is_truthy(),
            "stoppable" => self.stoppable = value.is_truthy(),
            "can-stage-trials" => self.can_stage_trials = value.is_truthy(),
            "default-flag-arg-skip" => self.default_flag_arg_skip = value.is_truthy(),
            key => self.unknown.push(key.to_string()),
        }
    }

    fn parse_flags(&self, map: &Map) -> Result<Vec<FlagDef>, String> {
        let name_of = |key: &Value| match key {
            Value::Str(name) => name.clone(),
            other => yaml::dump_flow(other),
        };
        map.iter()
            .filter(|(key, _)| key.as_str() != Some("$include"))
            .map(|(key, data)| FlagDef::parse(&name_of(key), data))
            .collect::<Result<_, _>>()
            .map_err(|reason| format!("invalid 'flags' of operation '{}': {reason}", self.name))
    }
}

/// The optimizers that `optimizer` (one) or `optimizers` (several) says.
fn optimizers(key: &str, value: &Value) -> Option<Vec<Optimizer>> {
    let one = |name: Option<&Value>, data: &Value| {
        let mut flags = match data {
            Value::Str(algorithm) => Map::from_iter([("algorithm", algorithm.as_str())]),
            Value::Map(map) => map.clone(),
            Value::Null => Map::new(),
            _ => return None,
        };
        let algorithm = flags.remove("algorithm");
        let default = flags
            .remove("default")
            .is_some_and(|value| value.is_truthy());
        let name = text_of(name.or(algorithm.as_ref())?);
        Some(Optimizer {
            algorithm: algorithm.as_ref().map_or_else(|| name.clone(), text_of),
            name,
            default,
            flags,
        })
    };
    match value {
        Value::Null => Some(Vec::new()),
        value if key == "optimizer" => Some(vec![one(None, value)?]),
        Value::List(items) => items
            .iter()
            .map(|name| one(Some(name), &Value::Null))
            .collect(),
        Value::Map(map) => map
            .iter()
            .map(|(name, data)| one(Some(name), data))
            .collect(),
        _ => None,
    }
}

fn flags_import(value: &Value) -> Option<FlagsImport> {
    match value {
        Value::Null => Some(FlagsImport::Defined),
        Value::Bool(true) => Some(FlagsImport::All),
        Value::Bool(false) => Some(FlagsImport::None),
        Value::Str(text) if text == "all" => Some(FlagsImport::All),
        Value::Str(text) => Some(FlagsImport::Named(vec![text.clone()])),
        other => texts(other).map(FlagsImport::Named),
    }
}

pub(super) fn texts(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::Str(text) => Some(vec![text.clone()]),
        Value::List(items) => Some(items.iter().map(text_of).collect()),
        _ => None,
    }
}

pub(super) fn text_of(value: &Value) -> String {
    match value {
        Value::Str(text) => text.clone(),
        Value::Null => String::new(),
        other => yaml::dump_flow(other),
    }
}

/// The module that an operation runs if it does not say.
fn module_of(name: &str) -> String {
    let stem = match name.to_lowercase().strip_suffix(".py") {
        Some(stem) => &name[..stem.len()],
        None => name,
    };
    stem.replace('-', "_")
}
