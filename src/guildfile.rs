//! Guild files: `guild.yml` to models, operations and flags.
//!
//! Takes text, gives values; knows no current directory and runs nothing. What
//! a guild file may say and this module does not act on yet is an error that
//! names the key, so that no run differs silently from its definition.

mod flag;
mod operation;
mod select;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use md5::{Digest, Md5};

use crate::base::files;
use crate::base::yaml::{self, Map, Value};

pub use flag::{Choice, FlagDef};
pub use operation::{FlagsImport, Main, Operation, Optimizer};
pub use select::{FileSelect, SelectKind, SelectRule};

/// The file names of a guild file, by preference.
pub const FILE_NAMES: [&str; 2] = ["guild.yml", "guild.yaml"];

/// Keys that make a top-level map one of the full format.
const OBJECT_KEYS: [&str; 4] = ["model", "config", "package", "include"];

/// Why a guild file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read.
    #[error(transparent)]
    File(#[from] files::Error),
    /// The file is not YAML.
    #[error("error in {}: {reason}", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// What is wrong, with line and column.
        reason: String,
    },
    /// The file does not say what a guild file may say.
    #[error("error in {}: {reason}", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What is wrong, naming the place.
        reason: String,
    },
}

/// A guild file's content.
#[derive(Debug, Clone)]
pub struct GuildFile {
    /// The file, as an absolute path.
    pub path: PathBuf,
    /// MD5 of its bytes in hexadecimal: its version in operation references.
    pub version: String,
    /// Its models, in order; operations outside of any are in one without a name.
    pub models: Vec<Model>,
}

/// A model: a name for operations that belong together.
#[derive(Debug, Clone, Default)]
pub struct Model {
    /// Its name; empty for the anonymous one.
    pub name: String,
    /// What it is for, in the author's words.
    pub description: String,
    /// Where more is told: links and texts.
    pub references: Vec<String>,
    /// What its operations may require, by name.
    pub resources: Map,
    /// Which source code runs of its operations keep.
    pub sourcecode: Option<FileSelect>,
    /// Which versions of Python its operations run under.
    pub python_requires: Option<String>,
    /// Which plugins take part in its operations; nothing if not set.
    pub plugins: Option<Value>,
    /// What plugins may want to know.
    pub extra: Map,
    /// Whether it is the one meant where none is named.
    pub default: bool,
    /// Its operations, in order.
    pub operations: Vec<Arc<Operation>>,
}

impl GuildFile {
    /// Reads the guild file at `path`.
    ///
    /// # Errors
    /// The file cannot be read, is not YAML, or says something that is wrong or
    /// not supported.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let bytes = files::read(path)?;
        let value = yaml::load_bytes(&bytes).map_err(|error| Error::Syntax {
            path: path.to_path_buf(),
            reason: error.report(&path.display().to_string()),
        })?;
        let models = models(&value).map_err(|reason| Error::Invalid {
            path: path.to_path_buf(),
            reason,
        })?;
        let version = Md5::digest(&bytes)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Ok(Self {
            path: path.to_path_buf(),
            version,
            models,
        })
    }

    /// The model meant where none is named: the one marked as default, else
    /// the anonymous one, else the only one.
    pub fn default_model(&self) -> Option<&Model> {
        self.models
            .iter()
            .find(|model| model.default)
            .or_else(|| self.models.iter().find(|model| model.name.is_empty()))
            .or(match self.models.as_slice() {
                [only] => Some(only),
                _ => None,
            })
    }
}

impl Model {
    /// The operation called `name`.
    pub fn operation(&self, name: &str) -> Option<&Arc<Operation>> {
        self.operations.iter().find(|op| op.name == name)
    }

    /// The operation meant where none is named: the one marked as default,
    /// else the only one.
    pub fn default_operation(&self) -> Option<&Arc<Operation>> {
        let marked = self.operations.iter().find(|op| op.default);
        marked.or(match self.operations.as_slice() {
            [only] => Some(only),
            _ => None,
        })
    }
}

fn models(value: &Value) -> Result<Vec<Model>, String> {
    match value {
        Value::Null => Ok(Vec::new()),
        // The name of an object is text; what an operation is called may be anything.
        Value::Map(map)
            if OBJECT_KEYS
                .iter()
                .any(|key| map.get(key).is_some_and(|value| value.as_str().is_some())) =>
        {
            Ok(object(map)?.into_iter().collect())
        }
        Value::Map(map) => Ok(vec![Model {
            operations: operations(map)?,
            ..Model::default()
        }]),
        Value::List(items) => items
            .iter()
            .map(|item| match item {
                Value::Map(map) => object(map),
                other => Err(format!(
                    "invalid item in the list of objects: expected a mapping, found {}",
                    other.type_name()
                )),
            })
            .filter_map(Result::transpose)
            .collect(),
        other => Err(format!(
            "invalid guild file data: expected a mapping or a list, found {}",
            other.type_name()
        )),
    }
}

/// An object of the full format; a package says nothing of operations.
fn object(map: &Map) -> Result<Option<Model>, String> {
    if map.get("package").is_some() {
        return Ok(None);
    }
    let Some(name) = map.get("model") else {
        let kind = OBJECT_KEYS.into_iter().find(|key| map.get(key).is_some());
        return Err(match kind {
            Some(kind) => format!("'{kind}' objects are not available yet"),
            None => "invalid object: expected one with 'model' or 'package'".to_string(),
        });
    };
    let mut model = Model {
        name: name.as_str().unwrap_or_default().to_string(),
        ..Model::default()
    };
    for (key, value) in map.iter() {
        match key.as_str().unwrap_or_default() {
            "model" => {}
            "description" => model.description = operation::text_of(value).trim().to_string(),
            "references" => model.references = operation::texts(value).unwrap_or_default(),
            "resources" => model.resources = value.as_map().cloned().unwrap_or_default(),
            "python-requires" => {
                model.python_requires = value.as_str().map(str::to_string);
            }
            "plugins" => model.plugins = Some(value.clone()),
            "extra" => model.extra = value.as_map().cloned().unwrap_or_default(),
            "sourcecode" => {
                model.sourcecode = FileSelect::parse(value).map_err(|reason| {
                    format!("invalid 'sourcecode' of model '{}': {reason}", model.name)
                })?;
            }
            "default" => model.default = value.is_truthy(),
            "operations" => {
                let map = value.as_map().ok_or_else(|| {
                    format!(
                        "invalid 'operations' of model '{}': expected a mapping",
                        model.name
                    )
                })?;
                model.operations = operations(map)?;
            }
            other => {
                return Err(format!(
                    "'{other}' of model '{}' is not available yet",
                    model.name
                ));
            }
        }
    }
    Ok(Some(model))
}

fn operations(map: &Map) -> Result<Vec<Arc<Operation>>, String> {
    map.iter()
        .map(|(name, data)| {
            let name = match name {
                Value::Str(name) => name.clone(),
                other => yaml::dump_flow(other),
            };
            Operation::parse(&name, data).map(Arc::new)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<GuildFile, Error> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("guild.yml");
        std::fs::write(&path, text).unwrap();
        GuildFile::read(&path)
    }

    #[test]
    fn a_map_of_operations_is_the_anonymous_model() {
        let file = read("train:\n  main: train\neval: evaluate --fast\n").unwrap();
        let model = file.default_model().unwrap();
        assert_eq!(model.name, "");
        assert_eq!(model.operations.len(), 2);
        assert_eq!(model.default_operation().map(|op| &op.name), None);
        let eval = model.operation("eval").unwrap();
        assert_eq!(eval.main, Main::Module("evaluate --fast".to_string()));
    }

    #[test]
    fn models_have_names_and_one_may_be_the_default() {
        let text = "
- package: p
- model: a
  operations: {x: m}
- model: b
  default: yes
  operations:
    y: {exec: ls, default: yes}
    z: {}
";
        let file = read(text).unwrap();
        let model = file.default_model().unwrap();
        assert_eq!(model.name, "b");
        assert_eq!(model.default_operation().unwrap().name, "y");
        // An operation that says nothing runs the module of its name.
        let z = model.operation("z").unwrap();
        assert_eq!(z.main, Main::Module("z".to_string()));
    }

    #[test]
    fn the_version_is_the_digest_of_the_bytes() {
        let file = read("a: b\n").unwrap();
        assert_eq!(file.version, "41c9bf165385ea3b3a520d14e5957cfc");
    }

    #[test]
    fn errors_name_the_file_and_the_place() {
        for (text, expected) in [
            ("a: [", "guild.yml"),
            ("3", "expected a mapping or a list"),
            ("- 3", "expected a mapping"),
            ("- config: x", "'config' objects are not available yet"),
            ("train: {steps: a}", "'steps' of operation 'train'"),
            ("train: 3", "operation 'train'"),
            ("train: {flags: 3}", "'flags' of operation 'train'"),
        ] {
            let message = read(text).unwrap_err().to_string();
            assert!(message.contains(expected), "{text}: {message}");
            assert!(message.contains("guild.yml"), "{text}: {message}");
        }
    }
}
