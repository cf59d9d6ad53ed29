//! An operation's definition and its flags.

use crate::base::yaml::{self, Map, Value};
use crate::flags::FlagSpec;

/// Keys of an operation that guild files may have and nothing acts on yet.
const NOT_YET: [&str; 21] = [
    "steps",
    "requires",
    "optimizer",
    "optimizers",
    "objective",
    "default-max-trials",
    "flag-encoder",
    "handle-keyboard-interrupt",
    "output-scalars",
    "output-attrs",
    "plugins",
    "publish",
    "python-path",
    "python-requires",
    "run-attrs",
    "stoppable",
    "can-stage-trials",
    "pip-freeze",
    "compare",
    "default-flag-arg-skip",
    "flags-import-skip",
];

/// What an operation runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Main {
    /// A Python module with base arguments, as one text.
    Module(String),
    /// A command line.
    Exec(String),
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
#[derive(Debug, Clone)]
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
    /// Whether no source code is copied.
    pub no_sourcecode: bool,
    /// Whether a run that ends well is moved to the trash.
    pub delete_on_success: bool,
    /// Keys that nothing knows.
    pub unknown: Vec<String>,
}

/// A flag's definition.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FlagDef {
    /// Its name.
    pub name: String,
    /// Its value where none is given.
    pub default: Value,
    /// `string`, `number`, `int`, `float`, `boolean`, `path`, `existing-path`.
    pub kind: Option<String>,
    /// What it is for.
    pub description: String,
    /// Whether a value must be given.
    pub required: bool,
    /// The values it may have; any where empty.
    pub choices: Vec<Choice>,
    /// Whether values outside the choices are fine.
    pub allow_other: bool,
    /// The smallest value.
    pub min: Option<f64>,
    /// The largest value.
    pub max: Option<f64>,
    /// What previews show for no value.
    pub null_label: Option<String>,
    /// How it reaches the process.
    pub spec: FlagSpec,
    /// Keys that nothing knows, kept for plugins.
    pub extra: Map,
}

/// One of the values that a flag may have.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Choice {
    /// The value.
    pub value: Value,
    /// What users type for it instead.
    pub alias: Option<Value>,
    /// What it means, in the author's words.
    pub description: String,
    /// Values of other flags that come with it.
    pub flags: Map,
}

impl Choice {
    /// What users type for the choice.
    pub fn shown(&self) -> &Value {
        self.alias.as_ref().unwrap_or(&self.value)
    }

    fn parse(item: &Value) -> Result<Self, String> {
        let Value::Map(map) = item else {
            return Ok(Self {
                value: item.clone(),
                ..Self::default()
            });
        };
        let value = map
            .get("value")
            .ok_or_else(|| "a choice needs a 'value'".to_string())?;
        let alias = map.get("alias").filter(|alias| alias.is_truthy());
        let flags = match map.get("flags") {
            None | Some(Value::Null) => Map::new(),
            Some(Value::Map(flags)) => flags.clone(),
            Some(_) => return Err("'flags' of a choice must be a mapping".to_string()),
        };
        Ok(Self {
            value: value.clone(),
            alias: alias.cloned(),
            description: map.get("description").map(text_of).unwrap_or_default(),
            flags,
        })
    }
}

impl Operation {
    /// Reads the definition of the operation `name`.
    pub(super) fn parse(name: &str, data: &Value) -> Result<Self, String> {
        let mut op = Self {
            name: name.to_string(),
            main: Main::Module(module_of(name)),
            description: String::new(),
            default: false,
            flags: Vec::new(),
            flags_import: FlagsImport::default(),
            flags_dest: None,
            env: Map::new(),
            env_secrets: Vec::new(),
            label: None,
            tags: Vec::new(),
            no_sourcecode: false,
            delete_on_success: false,
            unknown: Vec::new(),
        };
        match data {
            Value::Str(main) => op.main = Main::Module(main.clone()),
            Value::Null => {}
            Value::Map(map) => {
                for (key, value) in map.iter() {
                    op.set(key.as_str().unwrap_or_default(), value)?;
                }
                // A command line goes before a module where both are set.
                if let Some(exec) = map.get("exec").and_then(Value::as_str) {
                    op.main = Main::Exec(exec.to_string());
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
            "description" => self.description = text_of(value),
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
            "sourcecode" => match value {
                Value::Bool(false) => self.no_sourcecode = true,
                Value::List(items) if items.is_empty() => self.no_sourcecode = true,
                Value::Null | Value::Bool(true) => {}
                _ => {
                    return Err(format!(
                        "'sourcecode' of operation '{}' is not available yet but for 'no'",
                        self.name
                    ));
                }
            },
            key if NOT_YET.contains(&key) => {
                return Err(format!(
                    "'{key}' of operation '{}' is not available yet",
                    self.name
                ));
            }
            key => self.unknown.push(key.to_string()),
        }
        Ok(())
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

impl FlagDef {
    fn parse(name: &str, data: &Value) -> Result<Self, String> {
        let mut flag = Self {
            name: name.to_string(),
            ..Self::default()
        };
        let Value::Map(map) = data else {
            flag.default = data.clone();
            return Ok(flag);
        };
        for (key, value) in map.iter() {
            flag.set(key.as_str().unwrap_or_default(), value)
                .map_err(|expected| format!("flag '{name}': {expected}"))?;
        }
        Ok(flag)
    }

    fn set(&mut self, key: &str, value: &Value) -> Result<(), String> {
        let text = || (!value.is_null()).then(|| text_of(value));
        match key {
            "default" => self.default = value.clone(),
            "type" => self.kind = text(),
            "description" => self.description = text_of(value),
            "required" => self.required = value.is_truthy(),
            "allow-other" => self.allow_other = value.is_truthy(),
            "min" => self.min = value.as_f64(),
            "max" => self.max = value.as_f64(),
            "null-label" => self.null_label = text(),
            "choices" => {
                let items = value
                    .as_list()
                    .ok_or_else(|| "'choices' must be a list".to_string())?;
                self.choices = items.iter().map(Choice::parse).collect::<Result<_, _>>()?;
            }
            "arg-name" => self.spec.arg_name = text(),
            "arg-skip" => self.spec.arg_skip = value.is_truthy(),
            "arg-switch" => self.spec.arg_switch = Some(value.clone()),
            "arg-split" => self.spec.arg_split = (!value.is_null()).then(|| value.clone()),
            "env-name" => self.spec.env_name = text(),
            "arg-encoding" => self.spec.arg_encoding = value.as_map().cloned(),
            "env-encoding" => self.spec.env_encoding = value.as_map().cloned(),
            "distribution" => return Err("'distribution' is not available yet".to_string()),
            _ => {
                self.extra.insert(key, value.clone());
            }
        }
        Ok(())
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

fn texts(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::Str(text) => Some(vec![text.clone()]),
        Value::List(items) => Some(items.iter().map(text_of).collect()),
        _ => None,
    }
}

fn text_of(value: &Value) -> String {
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
