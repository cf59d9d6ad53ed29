//! A flag's definition.

use super::operation::text_of;
use crate::base::yaml::{Map, Value};
use crate::flags::FlagSpec;

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

impl FlagDef {
    pub(super) fn parse(name: &str, data: &Value) -> Result<Self, String> {
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
            "alias" => self.alias = text(),
            "min" => self.min = number(key, value)?,
            "max" => self.max = number(key, value)?,
            "null-label" => self.null_label = text(),
            "choices" => {
                let items = value
                    .as_list()
                    .ok_or_else(|| "'choices' must be a list".to_string())?;
                self.choices = items.iter().map(Choice::parse).collect::<Result<_, _>>()?;
            }
            "arg-name" => self.spec.arg_name = text(),
            "arg-skip" => self.spec.arg_skip = (!value.is_null()).then(|| value.is_truthy()),
            "arg-switch" => self.spec.arg_switch = Some(value.clone()),
            "arg-split" => self.spec.arg_split = (!value.is_null()).then(|| value.clone()),
            "env-name" => self.spec.env_name = text(),
            "arg-encoding" => self.spec.arg_encoding = value.as_map().cloned(),
            "env-encoding" => self.spec.env_encoding = value.as_map().cloned(),
            "distribution" => self.distribution = text(),
            _ => {
                self.extra.insert(key, value.clone());
            }
        }
        Ok(())
    }
}

fn number(key: &str, value: &Value) -> Result<Option<Value>, String> {
    match value {
        Value::Null => Ok(None),
        Value::Int(_) | Value::BigInt(_) | Value::Float(_) => Ok(Some(value.clone())),
        _ => Err(format!("'{key}' must be a number")),
    }
}
