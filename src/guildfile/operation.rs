//! An operation's definition.

use super::flag::FlagDef;
use super::resource::{Dependency, NotARename};
use super::select::FileSelect;
use super::values::{map_at, prose_at, text, text_at, texts, texts_at, truth_at, value_at};
use crate::base::yaml::{Map, Value};

/// What an operation runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Main {
    /// A Python module with base arguments, as one text.
    Module(String),
    /// A command line.
    Exec(String),
    /// A notebook.
    Notebook(String),
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

/// What of a run is published.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Publish {
    /// Which files of the run; the program decides if not set.
    pub files: Option<FileSelect>,
    /// The template that reports are made from.
    pub template: Option<String>,
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
    /// What its runs need before they start.
    pub requires: Vec<Dependency>,
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
    pub publish: Option<Publish>,
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
    /// How often the load of the machine is recorded: seconds, yes or no; the
    /// user's config decides if not set.
    pub system_metrics: Option<Value>,
    /// Columns for comparing its runs.
    pub compare: Option<Vec<String>>,
    /// Whether flags do not become arguments unless they say so.
    pub default_flag_arg_skip: bool,
    /// Flags of the script that are not taken over.
    pub flags_import_skip: Vec<String>,
    /// What the user should know of the definition, such as keys that nothing
    /// knows.
    pub warnings: Vec<String>,
}

impl Operation {
    /// Reads the definition of the operation `name`, whose form has been checked.
    ///
    /// # Errors
    /// What it requires renames files by what is no rename rule.
    pub(super) fn read(name: &str, map: &Map) -> Result<Self, NotARename> {
        let truth = |key: &str| truth_at(map, key);
        Ok(Self {
            name: name.to_string(),
            main: Main::read(name, map),
            description: prose_at(map, "description"),
            default: truth("default"),
            flags: map_at(map, "flags")
                .iter()
                .map(|(name, data)| FlagDef::read(&text(name), data))
                .collect(),
            flags_import: FlagsImport::read(map.get("flags-import")),
            flags_dest: text_at(map, "flags-dest"),
            env: map_at(map, "env"),
            env_secrets: texts_at(map, "env-secrets"),
            label: text_at(map, "label"),
            tags: texts_at(map, "tags"),
            sourcecode: map.get("sourcecode").and_then(FileSelect::read),
            delete_on_success: truth("delete-on-success"),
            steps: value_at(map, "steps").filter(Value::is_truthy),
            requires: dependencies(map.get("requires"))?,
            optimizers: optimizers(map),
            objective: value_at(map, "objective")
                .filter(|value| value.as_str().is_some() || value.as_map().is_some()),
            default_max_trials: map
                .get("default-max-trials")
                .and_then(Value::as_i64)
                .and_then(|count| count.try_into().ok()),
            flag_encoder: text_at(map, "flag-encoder"),
            handle_keyboard_interrupt: truth("handle-keyboard-interrupt"),
            output_scalars: value_at(map, "output-scalars"),
            output_attrs: value_at(map, "output-attrs"),
            plugins: value_at(map, "plugins"),
            publish: map.get("publish").and_then(Publish::read),
            python_path: map.get("python-path").and_then(texts),
            python_requires: text_at(map, "python-requires"),
            run_attrs: map_at(map, "run-attrs"),
            stoppable: truth("stoppable"),
            can_stage_trials: truth("can-stage-trials"),
            pip_freeze: value_at(map, "pip-freeze").map(|value| value.is_truthy()),
            system_metrics: value_at(map, "system-metrics"),
            compare: map.get("compare").and_then(texts),
            default_flag_arg_skip: truth("default-flag-arg-skip"),
            flags_import_skip: texts_at(map, "flags-import-skip"),
            warnings: Vec::new(),
        })
    }

    /// The optimizer meant where none is named: the only one, else the one
    /// marked as default.
    pub fn default_optimizer(&self) -> Option<&Optimizer> {
        match self.optimizers.as_slice() {
            [only] => Some(only),
            several => several.iter().find(|optimizer| optimizer.default),
        }
    }
}

impl Main {
    /// What `map` has run: a command line goes before a module, a module before
    /// a notebook, and that before steps.
    fn read(name: &str, map: &Map) -> Self {
        let set = |key: &str| map.get(key).filter(|value| value.is_truthy()).map(text);
        if let Some(exec) = set("exec") {
            Self::Exec(exec)
        } else if let Some(main) = set("main") {
            Self::Module(main)
        } else if let Some(notebook) = set("notebook") {
            Self::Notebook(notebook)
        } else if truth_at(map, "steps") {
            Self::Steps
        } else if name.to_lowercase().ends_with(".ipynb") {
            Self::Notebook(name.to_string())
        } else {
            Self::Module(module_of(name))
        }
    }
}

impl FlagsImport {
    fn read(value: Option<&Value>) -> Self {
        match value {
            Some(Value::Bool(true)) => Self::All,
            Some(Value::Bool(false)) => Self::None,
            Some(Value::Str(text)) if text == "all" => Self::All,
            Some(Value::List(items)) if items.is_empty() => Self::None,
            Some(Value::List(items)) => Self::Named(items.iter().map(text).collect()),
            _ => Self::Defined,
        }
    }
}

impl Publish {
    fn read(value: &Value) -> Option<Self> {
        let map = value.as_map()?;
        Some(Self {
            files: map
                .get("files")
                .filter(|files| files.is_truthy())
                .and_then(FileSelect::read),
            template: text_at(map, "template"),
        })
    }
}

fn dependencies(value: Option<&Value>) -> Result<Vec<Dependency>, NotARename> {
    match value {
        Some(Value::List(items)) => items.iter().map(Dependency::read).collect(),
        Some(item) if item.is_truthy() => Ok(vec![Dependency::read(item)?]),
        _ => Ok(Vec::new()),
    }
}

/// The optimizers that `optimizer` (one) or `optimizers` (several) says, by
/// name.
fn optimizers(map: &Map) -> Vec<Optimizer> {
    let mut optimizers: Vec<Optimizer> = match (map.get("optimizers"), map.get("optimizer")) {
        (Some(Value::List(names)), _) => names
            .iter()
            .map(|name| Optimizer::read(Some(name), &Value::Null))
            .collect(),
        (Some(Value::Map(named)), _) => named
            .iter()
            .map(|(name, data)| Optimizer::read(Some(name), data))
            .collect(),
        (_, Some(one)) if one.is_truthy() => vec![Optimizer::read(None, one)],
        _ => Vec::new(),
    };
    optimizers.sort_by(|left, right| left.name.cmp(&right.name));
    optimizers
}

impl Optimizer {
    fn read(name: Option<&Value>, data: &Value) -> Self {
        let mut flags = match data {
            Value::Str(algorithm) => Map::from_iter([("algorithm", algorithm.as_str())]),
            other => other.as_map().cloned().unwrap_or_default(),
        };
        let algorithm = flags.remove("algorithm").map(|value| text(&value));
        let default = flags
            .remove("default")
            .is_some_and(|value| value.is_truthy());
        let name = name.map(text).or(algorithm.clone()).unwrap_or_default();
        Self {
            algorithm: algorithm.unwrap_or_else(|| name.clone()),
            name,
            default,
            flags,
        }
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
