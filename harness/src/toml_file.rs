//! TOML files of a suite, with errors that name the file.

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

/// A TOML file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TomlFileError {
    /// The file, or one that it names, could not be read.
    #[error("{path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Not TOML, or not what it should say.
    #[error("{path}: {source}")]
    Syntax {
        /// The file.
        path: PathBuf,
        /// What the parser said.
        source: Box<toml::de::Error>,
    },
    /// Written by a later version of the harness.
    #[error("{path}: version {version} of the format is not known here, only {known}")]
    Version {
        /// The file.
        path: PathBuf,
        /// Its version.
        version: u32,
        /// The one that is known.
        known: u32,
    },
}

/// The text of the file at `path`.
pub(crate) fn read(path: &Path) -> Result<String, TomlFileError> {
    std::fs::read_to_string(path).map_err(|source| TomlFileError::Read {
        path: path.to_owned(),
        source,
    })
}

/// As [`read`]; `None` if there is no such file.
pub(crate) fn read_if_exists(path: &Path) -> Result<Option<String>, TomlFileError> {
    match read(path) {
        Err(TomlFileError::Read { source, .. })
            if source.kind() == std::io::ErrorKind::NotFound =>
        {
            Ok(None)
        }
        read => read.map(Some),
    }
}

/// What `text` says; `path` is for errors.
pub(crate) fn parse<T: DeserializeOwned>(path: &Path, text: &str) -> Result<T, TomlFileError> {
    toml::from_str(text).map_err(|source| TomlFileError::Syntax {
        path: path.to_owned(),
        source: Box::new(source),
    })
}

/// That a file is of the version that is known.
pub(crate) fn check_version(path: &Path, version: u32, known: u32) -> Result<(), TomlFileError> {
    if version == known {
        return Ok(());
    }
    Err(TomlFileError::Version {
        path: path.to_owned(),
        version,
        known,
    })
}

/// The comments and empty lines at the start of a file.
pub(crate) fn header(text: &str) -> String {
    let is_comment = |line: &&str| line.trim().is_empty() || line.starts_with('#');
    text.split_inclusive('\n').take_while(is_comment).collect()
}

/// A TOML string, which is a JSON string but for one control character.
pub(crate) fn quoted(text: &str) -> String {
    serde_json::Value::from(text)
        .to_string()
        .replace('\u{7f}', "\\u007f")
}
