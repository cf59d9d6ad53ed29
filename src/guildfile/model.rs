//! Models: operations that belong together.

use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

use super::check::Check;
use super::data::{Data, Fields, Kind};
use super::document::{Document, Loader};
use super::inherit::Extended;
use super::operation::Operation;
use super::resource::{NotARename, Resource};
use super::select::FileSelect;
use super::values::{map_at, prose_at, text_at, texts_at, truth_at, value_at};
use super::{Error, keys};
use crate::base::yaml::{Map, Value};

/// A model: a name for operations that belong together.
#[derive(Debug, Clone, Default)]
pub struct Model {
    /// Its name; empty for the anonymous one.
    pub name: String,
    /// What it is for, in the author's words.
    pub description: String,
    /// Where more is told: links and texts.
    pub references: Vec<String>,
    /// Folders of packages that it takes over parts of.
    pub parents: Vec<PathBuf>,
    /// What its operations may require, by name.
    pub resources: Vec<Resource>,
    /// Which source code runs of its operations keep.
    pub sourcecode: Option<FileSelect>,
    /// Which versions of Python its operations run under.
    pub python_requires: Option<String>,
    /// Which plugins take part in its operations; nothing if not set.
    pub plugins: Option<Value>,
    /// What others may want to know.
    pub extra: Map,
    /// Whether it is the one meant where none is named.
    pub default: bool,
    /// Its operations, by name.
    pub operations: Vec<Arc<Operation>>,
}

impl Model {
    /// The operation called `name`.
    pub fn operation(&self, name: &str) -> Option<&Arc<Operation>> {
        self.operations.iter().find(|op| op.name == name)
    }

    /// The operation meant where none is named: the one marked as default, else
    /// the only one whose name does not begin with an underscore.
    pub fn default_operation(&self) -> Option<&Arc<Operation>> {
        if let Some(marked) = self.operations.iter().find(|op| op.default) {
            return Some(marked);
        }
        let mut public = self
            .operations
            .iter()
            .filter(|op| !op.name.starts_with('_'));
        match (public.next(), public.next()) {
            (Some(only), None) => Some(only),
            _ => None,
        }
    }

    /// The resource called `name`.
    pub fn resource(&self, name: &str) -> Option<&Resource> {
        self.resources
            .iter()
            .find(|resource| resource.name.as_deref() == Some(name))
    }

    /// Reads the model that the object `item` of `document` is.
    ///
    /// # Errors
    /// What it takes over or includes is not there, or it says something that is wrong.
    pub(super) fn read(
        item: &Data,
        document: &Rc<Document>,
        loader: &Loader<'_>,
    ) -> Result<Self, Error> {
        let Extended { data, parents } = loader.extended(item, document)?;
        let documents: Vec<_> = std::iter::once(Rc::clone(document))
            .chain(parents)
            .collect();
        let reader = Reader {
            name: item.get("model").and_then(Data::as_str).unwrap_or_default(),
            loader,
            documents,
        };
        let defaults = data.get("operation-defaults");
        let operations: Result<Vec<_>, Error> = loader
            .section(&data, "operations", &reader.documents)?
            .iter()
            .map(|(name, operation)| reader.operation(name, operation, defaults).map(Arc::new))
            .collect();
        let resources: Result<Vec<_>, Error> = loader
            .section(&data, "resources", &reader.documents)?
            .iter()
            .map(|(name, resource)| reader.resource(name, resource))
            .collect();
        let (operations, resources) = (operations?, resources?);
        // Operations and resources are read; what is left has a form of its own.
        reader.check_object(&data)?;
        let map = data.to_value().as_map().cloned().unwrap_or_default();
        let parents = reader.documents.iter().skip(1);
        Ok(Self {
            parents: parents
                .map(|document| document.folder().to_path_buf())
                .collect(),
            name: reader.name.to_string(),
            description: prose_at(&map, "description"),
            references: texts_at(&map, "references"),
            resources,
            sourcecode: map.get("sourcecode").and_then(FileSelect::read),
            python_requires: text_at(&map, "python-requires"),
            plugins: value_at(&map, "plugins"),
            extra: map_at(&map, "extra"),
            default: truth_at(&map, "default"),
            operations,
        })
    }
}

/// Reads the parts of a model.
struct Reader<'a> {
    name: &'a str,
    loader: &'a Loader<'a>,
    documents: Vec<Rc<Document>>,
}

impl Reader<'_> {
    fn check(&self) -> Check {
        Check::of_model(self.name)
    }

    fn check_object(&self, data: &Data) -> Result<(), Error> {
        let mut rest = Fields::default();
        for field in data.fields().into_iter().flat_map(Fields::iter) {
            let is_read = ["operations", "resources", "flags", "operation-defaults"];
            if !is_read.contains(&field.name().as_str()) {
                rest.set(field.key.clone(), field.data.clone());
            }
        }
        self.check()
            .object(&data.with_fields(rest), &keys::MODEL, "model", self.name)
    }

    fn operation(
        &self,
        name: &str,
        data: &Data,
        defaults: Option<&Data>,
    ) -> Result<Operation, Error> {
        let mut fields = data.fields().cloned().unwrap_or_default();
        for field in defaults
            .and_then(Data::fields)
            .into_iter()
            .flat_map(Fields::iter)
        {
            if fields.get(&field.name()).is_none() {
                self.loader.spend(field.data.size(), &data.place)?;
                fields.set(field.key.clone(), field.data.clone());
            }
        }
        let data = data.with_fields(fields.clone());
        if let Some(flags) = data.get("flags") {
            let flags = flags.with_fields(self.section(&data)?);
            fields.set("flags".into(), flags);
        }
        if let Some(Kind::List(steps)) = data.get("steps").map(|steps| &steps.kind) {
            let steps: Result<Vec<_>, Error> = steps.iter().map(|step| self.step(step)).collect();
            let steps = Kind::List(steps?);
            fields.set("steps".into(), data.with(steps));
        }
        let data = data.with_fields(fields);
        let mut check = self.check();
        check.check(&data, &keys::OPERATION, name, name)?;
        let map = data.to_value().as_map().cloned().unwrap_or_default();
        let mut operation =
            Operation::read(name, &map).map_err(|error| rename_error(&data, error))?;
        operation.warnings = check.warnings;
        Ok(operation)
    }

    /// The flags of `data` with those that are included.
    fn section(&self, data: &Data) -> Result<Fields, Error> {
        let mut fields = Fields::default();
        for (name, data) in self.loader.section(data, "flags", &self.documents)? {
            fields.set(name.into(), data);
        }
        Ok(fields)
    }

    /// A step whose flags are plain values.
    fn step(&self, step: &Data) -> Result<Data, Error> {
        let flags = match (step.fields(), step.get("flags")) {
            (Some(_), Some(flags)) if flags.fields().is_some() => flags,
            _ => return Ok(step.clone()),
        };
        let mut values = Fields::default();
        for field in self.section(step)?.iter() {
            let value = match field.data.fields() {
                Some(flag) => flag
                    .get("default")
                    .cloned()
                    .unwrap_or_else(|| field.data.with(Kind::Scalar(Value::Null))),
                None => field.data.clone(),
            };
            values.set(field.key.clone(), value);
        }
        let mut fields = step.fields().cloned().unwrap_or_default();
        fields.set("flags".into(), flags.with_fields(values));
        Ok(step.with_fields(fields))
    }

    fn resource(&self, name: &str, data: &Data) -> Result<Resource, Error> {
        let owner = format!("{}:{name}", self.name);
        let mut check = self.check();
        check.check(data, &keys::RESOURCE, name, &owner)?;
        let resource = Resource::read(Some(name), &data.to_value());
        Ok(Resource {
            warnings: check.warnings,
            ..resource.map_err(|error| rename_error(data, error))?
        })
    }
}

fn rename_error(data: &Data, NotARename(text): NotARename) -> Error {
    data.error(format!(
        "invalid rename spec {}: expected 'PATTERN REPL' or 'NAME'",
        crate::base::python_text::str_repr(&text)
    ))
}
