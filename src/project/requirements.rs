//! What an operation requires, found where its definition says.

use std::path::{Path, PathBuf};

use super::Operation;
use super::catalog::{self, FoundModel};
use crate::base::yaml::{Map, Value};
use crate::flags::{self, ReferenceError};
use crate::guildfile::{self, Dependency, Model, Resource, SourceKind};
use crate::home::Home;

/// Why something that an operation requires cannot be found. The messages name
/// the operation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Undefined {
    /// The model has no such resource.
    #[error("resource '{name}' required by operation '{op}' is not defined")]
    Resource {
        /// The resource.
        name: String,
        /// The operation.
        op: String,
    },
    /// The guild file has no such model.
    #[error("model '{model}' in resource '{name}' required by operation '{op}' is not defined")]
    Model {
        /// The model.
        model: String,
        /// The resource.
        name: String,
        /// The operation.
        op: String,
    },
    /// No installed package has such a resource.
    #[error("resource '{name}' required by operation '{op}' is not installed")]
    Package {
        /// The resource.
        name: String,
        /// The operation.
        op: String,
    },
    /// The package keeps it to itself.
    #[error("resource '{name}' required by operation '{op}' is private to its package")]
    Private {
        /// The resource.
        name: String,
        /// The operation.
        op: String,
    },
    /// What is required is of no form, or refers to nothing.
    #[error("invalid dependency '{name}' in operation '{op}'{reason}")]
    Invalid {
        /// What is required.
        name: String,
        /// The operation.
        op: String,
        /// Why, from a colon on.
        reason: String,
    },
}

/// A resource, and the folder that its files are relative to.
#[derive(Debug, Clone)]
pub struct Located {
    /// The resource.
    pub resource: Resource,
    /// The folder.
    pub location: PathBuf,
}

impl Operation {
    /// What its runs need where its flags have `values`; flags may be part of the
    /// names of resources.
    ///
    /// # Errors
    /// One of its resources is not defined.
    pub fn requirements(&self, values: &Map, home: &Home) -> Result<Vec<Located>, Undefined> {
        let required = self.definition.iter().flat_map(|op| &op.requires);
        required
            .map(|required| self.requirement(required, values, home))
            .collect()
    }

    /// The resource that one of its requirements means where its flags have
    /// `values`.
    ///
    /// # Errors
    /// It is not defined.
    pub fn requirement(
        &self,
        required: &Dependency,
        values: &Map,
        home: &Home,
    ) -> Result<Located, Undefined> {
        match required {
            Dependency::Inline(resource) => {
                let model = self.scope.as_ref().map(FoundModel::model);
                Ok(self.own(resource, model, values))
            }
            Dependency::Named { resource, .. } => {
                let name = flags::with_flags(resource, values)
                    .map_err(|error| self.invalid(resource, &error))?;
                self.named(&name, values, home)
            }
        }
    }

    fn invalid(&self, name: &str, error: &ReferenceError<flags::Undefined>) -> Undefined {
        Undefined::Invalid {
            name: name.to_string(),
            op: self.opref.model_op(),
            reason: format!(": {error}"),
        }
    }

    /// A resource of `model`. Where its files are not in the project, they are in a
    /// package that the model takes over parts of.
    fn own(&self, resource: &Resource, model: Option<&Model>, values: &Map) -> Located {
        let mut parents = model
            .into_iter()
            .flat_map(|model| &model.parents)
            .peekable();
        let parent =
            match parents.peek().is_none() || has_files(resource, &self.project_dir, values) {
                true => None,
                false => parents.find(|dir| has_files(resource, dir, values)),
            };
        Located {
            resource: resource.clone(),
            location: parent.unwrap_or(&self.project_dir).clone(),
        }
    }

    /// The resource called `name`: `NAME`, `MODEL:NAME` or `PACKAGE/NAME`.
    fn named(&self, name: &str, values: &Map, home: &Home) -> Result<Located, Undefined> {
        let op = self.opref.model_op();
        if let Some(found) = of_file(name, self.scope.as_ref(), &op) {
            return found.map(|(resource, model)| self.own(resource, Some(model), values));
        }
        let text = name.to_string();
        if let Some((package, resource)) = name.split_once('/')
            && is_term(package)
            && is_term(resource)
        {
            return match of_package(package, resource, home) {
                None => Err(Undefined::Package { name: text, op }),
                Some(found) if found.resource.private => Err(Undefined::Private { name: text, op }),
                Some(found) => Ok(found),
            };
        }
        Err(Undefined::Invalid {
            name: text,
            op,
            reason: String::new(),
        })
    }
}

impl FoundModel {
    /// What `op`, which is one of the model's, requires of its guild file that is not
    /// defined there. Names that depend on flags are left out.
    pub fn undefined(&self, op: &guildfile::Operation) -> Vec<Undefined> {
        let named = op.requires.iter().filter_map(|required| match required {
            Dependency::Named { resource, .. } if !resource.contains("${") => Some(resource),
            _ => None,
        });
        let found = named.filter_map(|name| of_file(name, Some(self), &op.name));
        found.filter_map(Result::err).collect()
    }
}

impl Undefined {
    /// What is told of it where nothing is to be run; none where only a run tells.
    pub fn warning(&self) -> Option<String> {
        match self {
            Self::Resource { name, .. } | Self::Model { name, .. } => Some(format!(
                "cannot find resource definition for dependency {name}"
            )),
            _ => None,
        }
    }
}

/// Whether `text` can be the name of a resource, or of what has resources.
fn is_term(text: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    !text.is_empty() && text.chars().all(is_part)
}

/// Whether the files of `resource` are there, seen from the folder `dir`.
fn has_files(resource: &Resource, dir: &Path, values: &Map) -> bool {
    let is_there = |path: &String| {
        let path = flags::with_flags(path, values).unwrap_or_else(|_| path.clone());
        let full = dir.join(path);
        let pattern = full.to_string_lossy();
        full.exists()
            || pattern.contains(['*', '?', '['])
                && glob::glob(&pattern).is_ok_and(|mut found| found.next().is_some())
    };
    resource.sources.iter().all(|source| match &source.kind {
        SourceKind::File(path) | SourceKind::Config(path) => is_there(path),
        _ => true,
    })
}

/// The resource of the guild file of `model` that the operation `op` calls `name`,
/// which is `NAME` or `MODEL:NAME`, and its model; none where it is of another form.
fn of_file<'a>(
    name: &str,
    model: Option<&'a FoundModel>,
    op: &str,
) -> Option<Result<(&'a Resource, &'a Model), Undefined>> {
    let op = op.to_string();
    let (model, resource) = match name.split_once(':') {
        Some((place, resource)) if is_term(place) && is_term(resource) => {
            let mut models = model.iter().flat_map(|model| &model.file().models);
            let Some(named) = models.find(|model| model.name == place) else {
                return Some(Err(Undefined::Model {
                    model: place.to_string(),
                    name: name.to_string(),
                    op,
                }));
            };
            (Some(named), resource)
        }
        None if is_term(name) => (model.map(FoundModel::model), name),
        _ => return None,
    };
    let found = model.and_then(|model| Some((model.resource(resource)?, model)));
    let name = resource.to_string();
    Some(found.ok_or(Undefined::Resource { name, op }))
}

/// The resource `name` of a model of the installed package `package`.
fn of_package(package: &str, name: &str, home: &Home) -> Option<Located> {
    let models = catalog::of_packages(home).models;
    let mut models = models.iter().filter(|model| model.is_of_package(package));
    models.find_map(|model| {
        let dir = model.file().path.parent().unwrap_or(Path::new("/"));
        let resource = model.model().resource(name)?;
        Some(Located {
            resource: resource.clone(),
            location: dir.to_path_buf(),
        })
    })
}

impl Located {
    /// The resource in the form that runs record: a mapping with `name`,
    /// `location` and `sources` beside what its definition says.
    pub fn to_record(&self) -> Map {
        let data = match &self.resource.data {
            Value::Map(data) if data.contains("sources") => data.clone(),
            // A single source, or a list of sources.
            Value::Map(data) => sources(vec![Value::Map(data.clone())]),
            Value::List(list) => sources(list.clone()),
            _ => Map::new(),
        };
        let mut record = data;
        record.insert("name", self.resource.shown_name());
        record.insert("location", self.location.display().to_string());
        record
    }
}

fn sources(list: Vec<Value>) -> Map {
    [(Value::from("sources"), Value::List(list))]
        .into_iter()
        .collect()
}
