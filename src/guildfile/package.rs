//! The package that a project is made into.

use super::values::{prose_at, text_at, texts_at, value_at};
use crate::base::yaml::{Map, Value};

/// The version of a package that does not say.
const DEFAULT_VERSION: &str = "0.0.0";

/// A Python package that a project is made into.
#[derive(Debug, Clone, PartialEq)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// What it is for, in the author's words.
    pub description: String,
    /// Its version.
    pub version: String,
    /// Where the project is on the web.
    pub url: Option<String>,
    /// Who made it.
    pub author: Option<String>,
    /// How to reach them.
    pub author_email: Option<String>,
    /// What others may do with it.
    pub license: Option<String>,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// Which Pythons it is for.
    pub python_tag: Option<String>,
    /// Files of the project that are packed.
    pub data_files: Vec<String>,
    /// Versions of Python that it needs.
    pub python_requires: Option<String>,
    /// Packages that it needs.
    pub requires: Vec<String>,
    /// Folders of Python packages that are packed, as written.
    pub packages: Option<Value>,
}

impl Package {
    /// Reads an object whose form has been checked.
    pub(super) fn read(map: &Map) -> Self {
        Self {
            name: text_at(map, "package").unwrap_or_default(),
            description: prose_at(map, "description"),
            version: text_at(map, "version").unwrap_or_else(|| DEFAULT_VERSION.to_string()),
            url: text_at(map, "url"),
            author: text_at(map, "author"),
            author_email: text_at(map, "author-email"),
            license: text_at(map, "license"),
            tags: texts_at(map, "tags"),
            python_tag: text_at(map, "python-tag"),
            data_files: texts_at(map, "data-files"),
            python_requires: text_at(map, "python-requires"),
            requires: texts_at(map, "requires"),
            packages: value_at(map, "packages"),
        }
    }
}
