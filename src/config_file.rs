//! Configuration files as a source and a destination of flags: what values a
//! file has, and its text with other values in it.
//!
//! Texts are edited in place. Only what changes is written anew: comments,
//! order, quotes and blank lines stay as they are, and a file whose values are
//! what they should be stays the same byte for byte. Where the files are, and
//! which flags they are for, is not known here.

mod edit;
mod ini;
mod json;
mod nesting;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
mod yaml;

use std::path::Path;

use crate::base::yaml::{self as yaml_text, Map, Value};

pub use nesting::names;

/// How often a text is edited until its values are right. Once is enough but
/// for values that are shared, by an anchor or a merge key.
const PASSES: usize = 5;

/// The formats of configuration files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `.yml`, `.yaml`
    Yaml,
    /// `.json`. Comments and commas before closing brackets are passed over.
    Json,
    /// `.ini`, `.cfg`, as Python's `configparser` reads them.
    Ini,
}

/// Why values cannot be read from a text, or written into it.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Error {
    /// The text is not of its format; the message names the place.
    #[error("{0}")]
    Syntax(String),
    /// The file is a list or a single value.
    #[error("expected a mapping of names to values, but found {0}")]
    NoMapping(&'static str),
    /// A name goes through a value that is no mapping.
    #[error("'{name}' cannot be nested: conflicts with {{'{prefix}': {value}}}")]
    Conflict {
        /// The name.
        name: String,
        /// The part of it that has a value of its own.
        prefix: String,
        /// That value, as Python writes it.
        value: String,
    },
    /// A value that the format has no way to write.
    #[error("the value of '{name}' cannot be written in a file of this format")]
    NotWritable {
        /// Its name.
        name: String,
    },
}

impl Format {
    /// The format by the name of a file, where `.in` at the end does not count.
    pub fn of(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_string_lossy().to_lowercase();
        let mut name = name.as_str();
        while let Some(shorter) = name.strip_suffix(".in") {
            name = shorter;
        }
        match Path::new(name).extension()?.to_str()? {
            "yml" | "yaml" => Some(Self::Yaml),
            "json" => Some(Self::Json),
            "ini" | "cfg" => Some(Self::Ini),
            _ => None,
        }
    }
}

/// The values of a text. In an INI file they are numbers and booleans where they
/// look like such, below the names of their sections.
///
/// # Errors
/// The text is not of the format, or no mapping. An empty YAML file is an empty
/// mapping.
pub fn read(text: &str, format: Format) -> Result<Map, Error> {
    match format {
        Format::Ini => ini::read(text),
        Format::Json => mapping(json::parse(text)?.0),
        Format::Yaml => {
            let value = yaml_text::load(text).map_err(|error| Error::Syntax(place(&error)))?;
            mapping(value)
        }
    }
}

fn place(error: &yaml_text::Error) -> String {
    format!("line {}: {error}", error.line())
}

fn mapping(value: Value) -> Result<Map, Error> {
    match value {
        Value::Map(map) => Ok(map),
        Value::Null => Ok(Map::new()),
        other => Err(Error::NoMapping(other.type_name())),
    }
}

/// The text with `values` in it, by dotted names and in order: each replaces the
/// value that is there, or is added. Where no edit leads to the values, as may be
/// with tags of YAML, the whole text is written anew.
///
/// # Errors
/// As [`read`]; a name that conflicts with a value of the file; a value that the
/// format cannot hold.
pub fn with_values(
    text: &str,
    format: Format,
    values: &[(String, Value)],
) -> Result<String, Error> {
    let mut wanted = read(text, format)?;
    for (name, value) in values {
        nesting::set(&mut wanted, name, value.clone())?;
    }
    match format {
        Format::Ini => ini::with_values(text, &wanted),
        Format::Json => edited(text, format, &wanted, &json::JSON, |text| {
            json::parse(text).map(|(_, layout)| layout)
        }),
        Format::Yaml => edited(text, format, &wanted, &yaml::YAML, |text| {
            yaml_text::layout(text).map_err(|error| Error::Syntax(place(&error)))
        }),
    }
}

fn edited(
    text: &str,
    format: Format,
    wanted: &Map,
    notation: &dyn edit::Notation,
    layout: impl Fn(&str) -> Result<Option<yaml_text::Layout>, Error>,
) -> Result<String, Error> {
    let mut text = text.to_owned();
    for _ in 0..PASSES {
        let Ok(now) = read(&text, format) else { break };
        if now == *wanted {
            return Ok(text);
        }
        let Ok(layout) = layout(&text) else { break };
        text = edit::edited(&text, layout.as_ref(), &now, wanted, notation);
    }
    let whole = notation.whole(&Value::Map(wanted.clone()));
    match read(&whole, format) {
        Ok(now) if now == *wanted => Ok(whole),
        read => Err(Error::NotWritable {
            name: first_difference(&read.unwrap_or_default(), wanted),
        }),
    }
}

/// The dotted name of the first value that is not in `map` as in `wanted`.
fn first_difference(map: &Map, wanted: &Map) -> String {
    let found = names(map);
    let differs = |(name, value): &(String, Value)| {
        found
            .iter()
            .find(|(other, _)| other == name)
            .is_none_or(|(_, other)| other != value)
    };
    names(wanted)
        .into_iter()
        .find(differs)
        .map(|(name, _)| name)
        .unwrap_or_default()
}
