//! What an object takes over from others (`extends`) and parameters in it.

use std::rc::Rc;

use super::Error;
use super::check::{did_you_mean, nearest};
use super::data::{Data, Kind, Place};
use super::document::{Document, Loader, texts};
use crate::base::yaml::Value;
use crate::flags::plain_text;

/// What is taken over of an object.
const INHERITED: [&str; 9] = [
    "description",
    "extra",
    "flags",
    "operation-defaults",
    "operations",
    "params",
    "references",
    "resources",
    "sourcecode",
];

/// How often a parameter is looked at for references in what it refers to.
const MOST_REFERENCES: usize = 100;

/// An object with all that it takes over.
pub(super) struct Extended {
    /// The object.
    pub data: Data,
    /// Guild files of packages that it takes over from.
    pub parents: Vec<Rc<Document>>,
}

impl Loader<'_> {
    /// The object `item` of `document` with what it takes over and with its
    /// parameters filled in.
    ///
    /// # Errors
    /// It takes over from what is not there, or from itself.
    pub fn extended(&self, item: &Data, document: &Rc<Document>) -> Result<Extended, Error> {
        let mut parents = Vec::new();
        let data = self.with_parents(item, document, &[], &mut parents)?;
        let params = Params::of(self, &data)?;
        Ok(Extended {
            data: params.fill(&data)?,
            parents,
        })
    }

    fn with_parents(
        &self,
        item: &Data,
        document: &Rc<Document>,
        seen: &[String],
        parents: &mut Vec<Rc<Document>>,
    ) -> Result<Data, Error> {
        self.spend(item.size(), &item.place)?;
        let mut data = item.clone();
        let Some(extends) = item.get("extends") else {
            return Ok(data);
        };
        for (name, place) in texts(extends) {
            let seen: Vec<String> = seen.iter().cloned().chain([name.clone()]).collect();
            if seen[..seen.len() - 1].contains(&name) {
                let cycle = seen.join(" -> ");
                return Err(place.error(format!("cycle in 'extends' ({cycle})")));
            }
            let (parent, home) = match name.split_once('/') {
                Some((package, model)) => {
                    let home = self.package(package, model, &name, place)?;
                    let parent = object_named(model, &home).cloned().ok_or_else(|| {
                        place.error(format!(
                            "undefined model or config '{model}' in package '{package}'{}",
                            name_hint(model, &home)
                        ))
                    })?;
                    (parent, home)
                }
                None => {
                    let parent = object_named(&name, document).cloned().ok_or_else(|| {
                        place.error(format!(
                            "undefined model or config '{name}'{}",
                            name_hint(&name, document)
                        ))
                    })?;
                    (parent, Rc::clone(document))
                }
            };
            let parent = self.with_parents(&parent, &home, &seen, parents)?;
            if !Rc::ptr_eq(&home, document)
                && !parents.iter().any(|known| known.folder() == home.folder())
            {
                parents.push(home);
            }
            self.spend(parent.size(), place)?;
            take_over(&parent, &mut data, Some(&INHERITED), &[]);
        }
        Ok(data)
    }

    /// The guild file of `package`, in which `name` wants `model`.
    fn package(
        &self,
        package: &str,
        model: &str,
        name: &str,
        place: &Place,
    ) -> Result<Rc<Document>, Error> {
        if model.is_empty() {
            return Err(place.error(format!(
                "invalid model or config reference '{name}': missing model name"
            )));
        }
        let path = self.find_package(package).ok_or_else(|| {
            place.error(format!("cannot find Guild file for package '{package}'"))
        })?;
        self.read(&path).map(Rc::new)
    }
}

/// The model or config called `name`.
fn object_named<'a>(name: &str, document: &'a Document) -> Option<&'a Data> {
    document
        .items
        .iter()
        .find(|item| object_name(item) == Some(name))
}

/// The name of a model or a config.
pub(super) fn object_name(item: &Data) -> Option<&str> {
    item.get("model")
        .or_else(|| item.get("config"))
        .and_then(Data::as_str)
}

fn name_hint(name: &str, document: &Document) -> String {
    nearest(name, document.items.iter().filter_map(object_name))
        .as_deref()
        .map(did_you_mean)
        .unwrap_or_default()
}

/// Adds to `child`, which is under the keys `way`, what `parent` says and it
/// does not; only `keys`, if given.
fn take_over(parent: &Data, child: &mut Data, keys: Option<&[&str]>, way: &[&str]) {
    let (Some(theirs), Kind::Map(ours)) = (parent.fields(), &mut child.kind) else {
        return;
    };
    for field in theirs.iter() {
        let name = field.name();
        if keys.is_some_and(|keys| !keys.contains(&name.as_str())) {
            continue;
        }
        match ours.get_field_mut(&field.key) {
            None => ours.set(field.key.clone(), field.data.clone()),
            Some(_) if is_whole(way, &name) => {}
            Some(own) => {
                let way: Vec<&str> = way.iter().copied().chain([name.as_str()]).collect();
                take_over(&field.data, own, None, &way);
            }
        }
    }
}

/// Whether `key` under the keys `way` is taken over as it is or not at all:
/// rules for files go together.
fn is_whole(way: &[&str], key: &str) -> bool {
    match way {
        [] | ["operation-defaults"] | ["operations", _] => key == "sourcecode",
        ["operation-defaults", "publish"] | ["operations", _, "publish"] => key == "files",
        _ => false,
    }
}

/// The parameters of an object.
struct Params<'a> {
    loader: &'a Loader<'a>,
    values: Vec<(String, Data)>,
}

impl<'a> Params<'a> {
    fn of(loader: &'a Loader<'a>, data: &Data) -> Result<Self, Error> {
        let own = data.get("params").and_then(Data::fields);
        let mut params = Self {
            loader,
            values: own
                .into_iter()
                .flat_map(|fields| fields.iter())
                .map(|field| (field.name(), field.data.clone()))
                .collect(),
        };
        let resolved: Result<Vec<_>, Error> = params
            .values
            .iter()
            .map(|(name, data)| Ok((name.clone(), params.resolved(data)?)))
            .collect();
        params.values = resolved?;
        Ok(params)
    }

    /// The value of a parameter that may refer to others. As in Guild AI, one
    /// that does is a text.
    fn resolved(&self, data: &Data) -> Result<Data, Error> {
        let mut seen: Vec<String> = Vec::new();
        let mut value = data.clone();
        for _ in 0..MOST_REFERENCES {
            let Some(text) = value.as_str() else {
                break;
            };
            let text = text.to_string();
            if seen.contains(&text) {
                break;
            }
            value = self.filled(&text, &value)?;
            seen.push(text);
            if let Kind::Scalar(scalar) = &value.kind
                && scalar.as_str().is_none()
            {
                value = value.with(Kind::Scalar(plain_text(scalar).into()));
            }
        }
        Ok(value)
    }

    fn get(&self, name: &str) -> Option<&Data> {
        self.values
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, data)| data)
    }

    /// `data` with references replaced by what they stand for.
    fn fill(&self, data: &Data) -> Result<Data, Error> {
        if self.values.is_empty() {
            return Ok(data.clone());
        }
        Ok(match &data.kind {
            Kind::Scalar(Value::Str(text)) => self.filled(text, data)?,
            Kind::Scalar(_) => data.clone(),
            Kind::List(items) => {
                let items: Result<_, Error> = items.iter().map(|item| self.fill(item)).collect();
                data.with(Kind::List(items?))
            }
            Kind::Map(fields) => {
                let mut filled = fields.clone();
                for field in fields.iter() {
                    filled.set(field.key.clone(), self.fill(&field.data)?);
                }
                data.with_fields(filled)
            }
        })
    }

    /// The text at `data` with references replaced; one that is nothing but a
    /// reference becomes what it stands for, of whatever type.
    fn filled(&self, text: &str, data: &Data) -> Result<Data, Error> {
        let mut result = String::new();
        let mut rest = text;
        while let Some((before, name, after)) = next_reference(rest) {
            result.push_str(before);
            let reference = &rest[before.len()..rest.len() - after.len()];
            match self.get(name) {
                Some(value) if reference.len() == text.len() => {
                    self.loader.spend(value.size(), &data.place)?;
                    return Ok(data.with(value.kind.clone()));
                }
                Some(value) => result.push_str(&plain_text(&value.to_value())),
                None => result.push_str(reference),
            }
            self.loader.spend(1 + result.len() / 64, &data.place)?;
            rest = after;
        }
        result.push_str(rest);
        Ok(data.with(Kind::Scalar(result.into())))
    }
}

/// The text before the next `{{ NAME }}`, the name, and the text after.
fn next_reference(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    loop {
        let start = from + text[from..].find("{{")?;
        let inner = &text[start + 2..];
        let end = inner.find("}}")?;
        // A reference does not go beyond its line.
        if let Some(line_break) = inner[..end].rfind('\n') {
            from = start + 2 + line_break + 1;
            continue;
        }
        return Some((&text[..start], inner[..end].trim(), &inner[end + 2..]));
    }
}
