//! A flag's definition.

use super::values::{is_number, map_at, some_text, text_at, value_at};
use crate::base::yaml::{Map, Value};
use crate::flags::{self, FlagSpec};

/// A flag's definition.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FlagDef {
    /// Its name.
    pub name: String,
    /// Another name that users may give it by.
    pub alias: Option<String>,
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
    /// The smallest value, a number as it was written.
    pub min: Option<Value>,
    /// The largest value, a number as it was written.
    pub max: Option<Value>,
    /// What previews show for no value.
    pub null_label: Option<String>,
    /// How it reaches the process.
    pub spec: FlagSpec,
    /// How values are drawn in a search: `uniform` or `log-uniform`.
    pub distribution: Option<String>,
    /// Whether a run has it only where a value is given: guild's own operations have
    /// such flags, which those of Guild AI do not have.
    pub is_extension: bool,
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

impl FlagDef {
    /// What a search chooses the flag's values from, where the flag says what they
    /// may be: a list of its choices, or a function of its bounds that begins with
    /// `value`.
    pub fn searched(&self, value: &Value) -> Option<Value> {
        if !self.choices.is_empty() {
            let choices = self.choices.iter().map(|choice| choice.value.clone());
            return Some(choices.collect());
        }
        let (min, max) = (self.min.as_ref()?, self.max.as_ref()?);
        let name = match self.distribution.as_deref() {
            None => "uniform",
            Some("log-uniform") => "loguniform",
            Some(name) => name,
        };
        let initial = Some(value).filter(|value| !value.is_null());
        let args = [min, max].into_iter().chain(initial);
        let args: Vec<String> = args.map(flags::format_value).collect();
        Some(format!("{name}[{}]", args.join(":")).into())
    }
}

impl Choice {
    /// What users type for the choice.
    pub fn shown(&self) -> &Value {
        self.alias.as_ref().unwrap_or(&self.value)
    }

    fn read(item: &Value) -> Self {
        let Value::Map(map) = item else {
            return Self {
                value: item.clone(),
                ..Self::default()
            };
        };
        Self {
            value: value_at(map, "value").unwrap_or_default(),
            alias: map.get("alias").filter(|alias| alias.is_truthy()).cloned(),
            description: text_at(map, "description").unwrap_or_default(),
            flags: map_at(map, "flags"),
        }
    }
}

impl FlagDef {
    /// Reads a flag's definition, whose form has been checked.
    pub(super) fn read(name: &str, data: &Value) -> Self {
        let mut flag = Self {
            name: name.to_string(),
            ..Self::default()
        };
        match data {
            Value::Map(map) => {
                for (key, value) in map.iter() {
                    flag.set(key, value);
                }
            }
            default => flag.default = default.clone(),
        }
        flag
    }

    fn set(&mut self, key: &Value, value: &Value) {
        let as_text = || some_text(value);
        let as_word = || value.as_str().map(str::to_string);
        let as_number = || is_number(value).then(|| value.clone());
        match key.as_str().unwrap_or_default() {
            "default" => self.default = value.clone(),
            "type" => self.kind = as_word(),
            "description" => self.description = as_text().unwrap_or_default(),
            "required" => self.required = value.is_truthy(),
            "allow-other" => self.allow_other = value.is_truthy(),
            "alias" => self.alias = as_text(),
            "min" => self.min = as_number(),
            "max" => self.max = as_number(),
            "null-label" => self.null_label = as_text(),
            "choices" => {
                let items = value.as_list().unwrap_or_default();
                self.choices = items.iter().map(Choice::read).collect();
            }
            "distribution" => self.distribution = as_word(),
            "arg-name" => self.spec.arg_name = as_text(),
            "arg-skip" => self.spec.arg_skip = (!value.is_null()).then(|| value.is_truthy()),
            "arg-switch" => self.spec.arg_switch = Some(value.clone()),
            "arg-split" => self.spec.arg_split = (!value.is_null()).then(|| value.clone()),
            "env-name" => self.spec.env_name = as_text(),
            "arg-encoding" => self.spec.arg_encoding = value.as_map().cloned(),
            "env-encoding" => self.spec.env_encoding = value.as_map().cloned(),
            _ => {
                self.extra.insert(key.clone(), value.clone());
            }
        }
    }
}
