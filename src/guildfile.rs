//! Guild files: `guild.yml` to models, operations, flags and resources.
//!
//! Takes a file, gives values; knows no current directory and runs nothing. The
//! keys that a guild file may have are described once, in `keys`, for the check
//! of files and for the JSON Schema.
//!
//! A file becomes a tree that knows where each part was written (`data`), short
//! forms written out and includes carried out (`document`); objects take over
//! from others (`inherit`, `section`); what comes out is checked against the
//! description (`check`) and read (`model`, `operation` and so on).

mod check;
mod data;
mod document;
mod flag;
mod form;
mod inherit;
mod keys;
mod model;
mod operation;
mod package;
mod resource;
mod schema;
mod section;
mod select;
#[cfg(test)]
mod tests;
mod values;

use std::path::{Path, PathBuf};
use std::rc::Rc;

use md5::{Digest, Md5};

use self::check::Check;
use self::document::{Document, Loader, object_kind};
use crate::base::files;
use crate::base::yaml::Map;

pub use flag::{Choice, FlagDef};
pub use model::Model;
pub use operation::{FlagsImport, Main, Operation, Optimizer, Publish};
pub use package::Package;
pub use resource::{Dependency, NotARename, Rename, Resource, Select, Source, SourceKind, Which};
pub use schema::schema;
pub use select::{FileSelect, SelectKind, SelectRule};

/// The file names of a guild file, by preference.
pub const FILE_NAMES: [&str; 2] = ["guild.yml", "guild.yaml"];

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
    #[error("error in {}: {reason} ({place})", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What is wrong, and what was expected.
        reason: String,
        /// The line, and the keys that lead there.
        place: String,
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
    /// The package that it is made into, if it says so.
    pub package: Option<Package>,
    /// Its tests, as written.
    pub tests: Vec<Map>,
    /// What the user should know of all that it says, such as keys that nothing
    /// knows.
    pub warnings: Vec<String>,
}

impl GuildFile {
    /// Reads the guild file at `path`, where there are no installed packages.
    ///
    /// # Errors
    /// The file cannot be read, is not YAML, or says something that is wrong.
    pub fn read(path: &Path) -> Result<Self, Error> {
        Self::read_with(path, &Vec::new)
    }

    /// Reads the guild file at `path`. The folders of installed packages are
    /// asked for if it includes or takes over from one.
    ///
    /// # Errors
    /// As [`GuildFile::read`].
    pub fn read_with(path: &Path, search_path: &dyn Fn() -> Vec<PathBuf>) -> Result<Self, Error> {
        Self::parse(path, &files::read(path)?, search_path)
    }

    /// Reads `bytes` as the content of the guild file at `path`.
    ///
    /// # Errors
    /// As [`GuildFile::read`].
    pub fn parse(
        path: &Path,
        bytes: &[u8],
        search_path: &dyn Fn() -> Vec<PathBuf>,
    ) -> Result<Self, Error> {
        let loader = Loader::new(search_path);
        let document = Rc::new(loader.document(path, bytes)?);
        let version = Md5::digest(bytes)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let mut file = Self {
            path: path.to_path_buf(),
            version,
            models: Vec::new(),
            package: None,
            tests: Vec::new(),
            warnings: Vec::new(),
        };
        file.read_objects(&document, &loader)?;
        Ok(file)
    }

    fn read_objects(&mut self, document: &Rc<Document>, loader: &Loader<'_>) -> Result<(), Error> {
        let mut check = Check::of_text();
        for item in &document.items {
            let kind = object_kind(item)?;
            let name = item.get(kind).and_then(|name| name.as_str());
            let name = name.unwrap_or_default();
            let object = match kind {
                "model" => &keys::MODEL,
                "package" => &keys::PACKAGE,
                "test" => &keys::TEST,
                _ => &keys::CONFIG,
            };
            check.model = name.to_string();
            check.object(item, object, kind, name)?;
            let map = || item.to_value().as_map().cloned().unwrap_or_default();
            match kind {
                "model" if self.models.iter().any(|model| model.name == name) => {
                    return Err(item.error(format!("duplicate model '{name}'")));
                }
                "model" => self.models.push(Model::read(item, document, loader)?),
                "package" if self.package.is_some() => {
                    return Err(item.error("multiple package definitions"));
                }
                "package" => self.package = Some(Package::read(&map())),
                "test" => self.tests.push(map()),
                _ => {}
            }
        }
        self.warnings = check.warnings;
        Ok(())
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
