//! A source among those of a resource: what it is resolved with, and the files
//! that it means by its kind.

use std::path::{Path, PathBuf};

use super::{Before, Needs, Notice, Recorded, Tell, config, file, module, operation, url};
use crate::base::files;
use crate::base::yaml::Value;
use crate::flags;
use crate::guildfile::{Source, SourceKind};
use crate::runs;

/// Why a source cannot be resolved.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    /// Its files cannot be had.
    #[error("{0}")]
    Unmet(String),
    /// What it says of its place in the run makes no sense; the whole message.
    #[error("{0}")]
    Unusable(String),
    /// A file cannot be read or written.
    #[error(transparent)]
    File(#[from] files::Error),
    /// The run cannot be read or written.
    #[error(transparent)]
    Run(#[from] runs::Error),
}

/// A source, and what it is resolved with.
pub(super) struct Place<'a> {
    /// The run and its values.
    pub needs: &'a Needs<'a>,
    /// The resource that the source is of.
    pub resource: &'a Recorded,
    /// What is recorded of it.
    pub source: &'a Source,
    /// What messages call it.
    pub name: String,
    /// What was known before anything was resolved.
    pub before: &'a Before<'a>,
    /// Whether an earlier start of the run has resolved it.
    pub is_known: bool,
}

/// The files of a source.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The files and folders, as absolute paths.
    pub paths: Vec<PathBuf>,
    /// The folder that paths which are kept are relative to.
    pub origin: PathBuf,
}

/// The files that `place` means; a remark or an error where there are none, as
/// the source says.
///
/// # Errors
/// They cannot be had.
pub(super) fn find(place: &Place<'_>, tell: Tell<'_>) -> Result<Found, Fault> {
    let found = match &place.source.kind {
        SourceKind::File(path) => file::find(path, place, tell)?,
        SourceKind::Url(url) => url::find(url, place, tell)?,
        SourceKind::Config(path) => config::find(path, place, tell)?,
        SourceKind::Operation(names) => operation::find(names, place, tell)?,
        SourceKind::Module(name) => {
            module::check(name, place)?;
            return Ok(Found::default());
        }
        SourceKind::DvcFile { .. } | SourceKind::DvcStage(_) => {
            return Err(Fault::Unmet("DvC is not available yet".to_string()));
        }
    };
    if !found.paths.is_empty() {
        return Ok(found);
    }
    let text = format!("nothing resolved for {}", place.name);
    if place.source.fail_if_empty {
        return Err(Fault::Unmet(text));
    }
    if place.source.warn_if_empty {
        tell(Notice::Warning(text));
    }
    Ok(found)
}

impl Place<'_> {
    /// `text`, which says where files come from, with the values of flags put in
    /// for `${...}`.
    ///
    /// # Errors
    /// A reference to nothing.
    pub fn text(&self, text: &str) -> Result<String, Fault> {
        let refuse = |error| {
            let name = &self.name;
            Fault::Unmet(format!("cannot resolve '{text}' in {name}: {error}"))
        };
        flags::with_flags(text, self.needs.values).map_err(refuse)
    }

    /// The value of the flag that says where files come from, if it has one.
    pub fn given(&self) -> Option<String> {
        let names = [self.source.flag(), self.source.name.as_deref()];
        let uri = self.source.uri();
        let mut names = names.into_iter().flatten().chain([uri.as_str()]);
        let value = names.find_map(|name| self.resource.config.get(name));
        let value = value.filter(|value: &&Value| value.is_truthy());
        value.map(flags::plain_text)
    }

    /// The file or folder that a flag names in place of the source's own.
    ///
    /// # Errors
    /// It is not there.
    pub fn given_path(&self, tell: Tell<'_>) -> Result<Option<PathBuf>, Fault> {
        let Some(given) = self.given() else {
            return Ok(None);
        };
        let given = self.text(&given)?;
        let path = crate::home::tidy(&self.resource.location.join(given));
        if !path.exists() {
            let text = format!("{} does not exist", path.display());
            return Err(Fault::Unmet(text));
        }
        let shown = self.needs.home.relative(&path);
        let text = format!("Using {} for {}", shown.display(), self.name);
        tell(Notice::Info(text));
        Ok(Some(path))
    }
}

impl Found {
    /// The files `paths`, which paths that are kept are relative to `origin`.
    pub fn below(origin: &Path, paths: Vec<PathBuf>) -> Self {
        Self {
            paths,
            origin: origin.to_path_buf(),
        }
    }
}
