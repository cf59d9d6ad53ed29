//! Sections of an object: maps of operations, flags or resources that may
//! include (`$include`) sections of other objects.

use std::rc::Rc;

use super::Error;
use super::check::{did_you_mean, nearest};
use super::data::{Data, Fields, Kind, Place};
use super::document::{Document, Loader, texts};
use super::inherit::object_name;

/// Where included sections are looked for, first place first.
pub(super) type Documents = [Rc<Document>];

/// A reference to a section: `CONFIG[#NAMES]` or `MODEL:OPERATION[#NAMES]`.
struct Reference<'a> {
    object: &'a str,
    operation: Option<&'a str>,
    /// What is taken of the section; all if not set.
    names: Option<Vec<&'a str>>,
}

impl<'a> Reference<'a> {
    fn parse(text: &'a str, place: &Place) -> Result<Self, Error> {
        let (path, names) = match text.split_once('#') {
            Some((path, names)) if !names.is_empty() => (path, Some(names)),
            Some((path, _)) => (path, None),
            None => (text, None),
        };
        let (object, operation) = match path.split_once(':') {
            Some((object, operation)) => (object, Some(operation)),
            None => (path, None),
        };
        if operation.unwrap_or(object).is_empty() {
            return Err(place.error(format!(
                "invalid include reference '{text}': operation references must be specified as \
                 CONFIG[#ATTRS] or MODEL:OPERATION[#ATTRS]"
            )));
        }
        Ok(Self {
            object,
            operation,
            names: names.map(|names| names.split(',').map(str::trim).collect()),
        })
    }

    /// The section called `section` that this refers to.
    fn find(&self, section: &str, documents: &Documents) -> Option<Data> {
        documents
            .iter()
            .flat_map(|document| &document.items)
            .filter(|item| object_name(item) == Some(self.object))
            .find_map(|item| match self.operation {
                None => Some(section_of(item, section)),
                Some(name) => {
                    let operation = item.get("operations")?.get(name)?;
                    Some(section_of(operation, section))
                }
            })
    }
}

/// The section of `data`, which is empty if there is none.
fn section_of(data: &Data, section: &str) -> Data {
    data.get(section)
        .filter(|section| section.fields().is_some())
        .cloned()
        .unwrap_or_else(|| data.with_fields(Fields::default()))
}

impl Loader<'_> {
    /// The entries of the section of `data`, sorted by name, with those that are
    /// included. What stands in the section itself goes before what is included.
    ///
    /// # Errors
    /// What is to be included is not there.
    pub fn section(
        &self,
        data: &Data,
        section: &str,
        documents: &Documents,
    ) -> Result<Vec<(String, Data)>, Error> {
        let mut entries = Fields::default();
        if let Some(data) = data.get(section) {
            let mut seen = Vec::new();
            self.add(data, section, documents, &mut seen, &mut entries)?;
        }
        Ok(entries
            .sorted()
            .into_iter()
            .map(|field| (field.name(), field.data.clone()))
            .collect())
    }

    fn add(
        &self,
        data: &Data,
        section: &str,
        documents: &Documents,
        seen: &mut Vec<String>,
        entries: &mut Fields,
    ) -> Result<(), Error> {
        self.spend(data.size(), &data.place)?;
        let includes = data.get("$include").map(texts).unwrap_or_default();
        for (text, place) in includes {
            if seen.contains(&text) {
                continue;
            }
            let reference = Reference::parse(&text, place)?;
            let included = reference.find(section, documents).ok_or_else(|| {
                let names = documents
                    .iter()
                    .flat_map(|document| &document.items)
                    .filter_map(object_name);
                let hint = nearest(reference.object, names)
                    .filter(|name| name != reference.object)
                    .as_deref()
                    .map(did_you_mean)
                    .unwrap_or_default();
                place.error(format!(
                    "invalid include reference '{text}': cannot find target{hint}"
                ))
            })?;
            let included = match &reference.names {
                None => included,
                Some(names) => only(&included, names),
            };
            seen.push(text);
            self.add(&included, section, documents, seen, entries)?;
        }
        for field in data.fields().into_iter().flat_map(Fields::iter) {
            if field.name() != "$include" {
                merge(&field.key, &field.data, entries);
            }
        }
        Ok(())
    }
}

/// What of `data` has one of `names`.
fn only(data: &Data, names: &[&str]) -> Data {
    let mut fields = Fields::default();
    for field in data.fields().into_iter().flat_map(Fields::iter) {
        if names.contains(&field.name().as_str()) {
            fields.set(field.key.clone(), field.data.clone());
        }
    }
    data.with_fields(fields)
}

/// Puts `data` among `entries`, over what is there of the same name.
fn merge(key: &crate::base::yaml::Value, data: &Data, entries: &mut Fields) {
    if let (Some(new), Some(known)) = (data.fields(), entries.get_field_mut(key))
        && let Kind::Map(fields) = &mut known.kind
    {
        for field in new.iter() {
            fields.set(field.key.clone(), field.data.clone());
        }
        known.place = data.place.clone();
        return;
    }
    entries.set(key.clone(), data.clone());
}
