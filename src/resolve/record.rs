//! What is recorded of resources: before they are resolved, as what a run needs;
//! then as what it got, in its attributes and its manifest.

use std::path::{Path, PathBuf};

use super::source::{Found, Place};
use crate::base::python_url;
use crate::base::yaml::{Map, Value};
use crate::guildfile::{NotARename, Resource, SourceKind};
use crate::home::relative_path;

/// A resource as a run records that it needs it.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// What messages call it.
    pub name: String,
    /// What it is made of.
    pub definition: Resource,
    /// The folder that its files are relative to.
    pub location: PathBuf,
    /// The values of flags that say where its files come from.
    pub config: Map,
}

impl Recorded {
    /// Reads what a run recorded. What is of another form than it should be counts
    /// as not there.
    ///
    /// # Errors
    /// A text that does not say how files are renamed.
    pub fn read(data: &Map) -> Result<Self, NotARename> {
        let definition = Resource::recorded(data)?;
        let location = data.get("location").and_then(Value::as_str);
        Ok(Self {
            name: definition.shown_name(),
            definition,
            location: PathBuf::from(location.unwrap_or_default()),
            config: data
                .get("config")
                .and_then(Value::as_map)
                .cloned()
                .unwrap_or_default(),
        })
    }
}

/// What the attribute `deps` has of a source: where its files came from.
pub(super) fn entry(place: &Place<'_>, found: &Found) -> Value {
    let dir = place.needs.run.dir();
    let shown = |path: &PathBuf| relative_path(dir, path).display().to_string().into();
    let mut entry = Map::new();
    let names = place.source.flag_names();
    let config = &place.resource.config;
    if let Some(name) = names.iter().find(|name| config.contains(name)) {
        // As the user has it; what is recorded of the resource has paths in full.
        let value = place.needs.values.get(name).or_else(|| config.get(name));
        entry.insert("config", value.cloned().unwrap_or(Value::Null));
    }
    entry.insert(
        "paths",
        Value::List(found.paths.iter().map(shown).collect()),
    );
    entry.insert("uri", place.source.uri());
    Value::Map(entry)
}

/// What the manifest has of where the file at `path` came from: its place in the
/// project, or that of its archive and its place in there.
pub(super) fn manifest_source(place: &Place<'_>, path: &Path) -> Vec<String> {
    let cache = place.needs.home.resources_dir();
    if let Ok(below) = path.strip_prefix(&cache) {
        // The first folder there is named by a digest.
        let inside: PathBuf = below.components().skip(1).collect();
        return vec![place.source.uri(), inside.to_string_lossy().into_owned()];
    }
    let own = match &place.source.kind {
        SourceKind::File(own) => own.clone(),
        SourceKind::Url(url) if url.starts_with("file:") => python_url::parse(url).path,
        // What a flag names instead.
        SourceKind::Url(url) if place.given().is_some() => url.clone(),
        _ => return vec![place.source.uri()],
    };
    let location = &place.resource.location;
    let project = place.before.project.unwrap_or(location);
    // A resource of a package is relative to another folder than the project's,
    // and what a flag names is no file that the definition means.
    let is_own = project == location && Path::new(&own).is_relative() && place.given().is_none();
    let shown = match path.strip_prefix(project) {
        Ok(below) if below.as_os_str().is_empty() => PathBuf::from("."),
        Ok(below) => below.to_path_buf(),
        Err(_) if is_own => relative_path(location, path),
        Err(_) => path.to_path_buf(),
    };
    vec![format!("file:{}", shown.display())]
}
