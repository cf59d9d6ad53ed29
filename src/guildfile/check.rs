//! Whether what a guild file says has the form it must have.

use std::collections::HashSet;

use super::Error;
use super::data::{Data, Fields, Kind, key_text};
use super::form::{Form, Key, Object, Others, Rule, Shape, TEXTS, TEXTS_WORDS, form};
use crate::base::text;
use crate::base::yaml::Value;

/// The longest word that is compared with names, in bytes.
const LONGEST_NAME: usize = 60;

/// Includes in a section.
static INCLUDES: Form = form(TEXTS, TEXTS_WORDS);

/// A check, and what it found that is no error.
#[derive(Debug, Default)]
pub(super) struct Check {
    /// The model that is looked at.
    pub model: String,
    has_references: bool,
    /// What the user should know.
    pub warnings: Vec<String>,
    told: HashSet<String>,
}

impl Check {
    /// A check of what belongs to `model`, with all that it takes over and with
    /// its parameters filled in.
    pub fn of_model(model: &str) -> Self {
        Self {
            model: model.to_string(),
            ..Self::default()
        }
    }

    /// A check of objects as they are written, in which texts may be references
    /// to parameters, which can become anything.
    pub fn of_text() -> Self {
        Self {
            has_references: true,
            ..Self::default()
        }
    }

    /// Checks `data`, which belongs to `owner`, against `form`.
    ///
    /// # Errors
    /// It is something else.
    pub fn check(
        &mut self,
        data: &Data,
        form: &'static Form,
        key: &str,
        owner: &str,
    ) -> Result<(), Error> {
        if self.has_references && data.as_str().is_some_and(has_reference) {
            return Ok(());
        }
        let Some(shape) = form.shape.of(data) else {
            let words = form.words.replace("{key}", key).replace("{owner}", owner);
            return Err(data.error(words.replace("{}", &data.shown())));
        };
        match shape {
            Shape::List(item) => {
                for data in data.items().unwrap_or_default() {
                    self.check(data, item, key, owner)?;
                }
                Ok(())
            }
            Shape::Map(value) | Shape::Section(value) => {
                let is_section = matches!(shape, Shape::Section(_));
                for field in data.fields().into_iter().flat_map(|fields| fields.iter()) {
                    let name = field.name();
                    if is_section && name == "$include" {
                        self.check(&field.data, &INCLUDES, &name, owner)?;
                    } else {
                        let owner = match key {
                            "resources" => &format!("{}:{name}", self.model),
                            _ => &name,
                        };
                        self.check(&field.data, value, &name, owner)?;
                    }
                }
                Ok(())
            }
            Shape::Object(object) => self.object(data, object, key, owner),
            Shape::ByKey(objects, other) => {
                let object = objects.iter().find(|(key, _)| data.get(key).is_some());
                self.object(data, object.map_or(other, |(_, object)| object), key, owner)
            }
            Shape::Truth => {
                self.truth(data, key);
                Ok(())
            }
            Shape::Word(words) => {
                self.word(data, words, key);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Checks the keys of `data` and what is under them.
    ///
    /// # Errors
    /// One is missing, or something else than expected is under one.
    pub fn object(
        &mut self,
        data: &Data,
        object: &'static Object,
        key: &str,
        owner: &str,
    ) -> Result<(), Error> {
        let owner = match object.name {
            // Its sources are told by its own name.
            "resource" if key == "requires" => &self.resource_name(data.get("name")),
            "source" if key == "requires" => &self.resource_name(None),
            _ => owner,
        };
        for rule in object.rules {
            rule.check(data, key, owner)?;
        }
        if matches!(object.name, "resource" | "source") {
            self.target_path(data, object.name, owner);
        }
        for field in data.fields().into_iter().flat_map(|fields| fields.iter()) {
            let name = field.key.as_str();
            let key = name.and_then(|name| object.keys.iter().find(|key| key.name == name));
            match key {
                Some(key) if key.may_be_null && field.data.is_null() => {}
                Some(key) => match self.check(&field.data, &key.form, key.name, owner) {
                    Err(Error::Invalid { reason, .. }) if key.counts_as_none(&field.data) => {
                        self.warn(&field.data, format!("{reason} - it counts as none"), None);
                    }
                    checked => checked?,
                },
                None => self.unknown(&field.data, &field.key, data, object, owner),
            }
        }
        Ok(())
    }

    /// What errors call a resource that belongs to an operation.
    fn resource_name(&self, name: Option<&Data>) -> String {
        let name = name.and_then(Data::as_str).unwrap_or("<inline>");
        format!("{}:{name}", self.model)
    }

    fn unknown(
        &mut self,
        data: &Data,
        key: &Value,
        whole: &Data,
        object: &'static Object,
        owner: &str,
    ) {
        let name = key_text(key);
        let nearest = nearest_key(&name, object.keys);
        let is_slip = match object.others {
            Others::Unknown => true,
            Others::Extra => nearest.is_some(),
            Others::Fine => false,
        };
        if !is_slip {
            return;
        }
        let what = match object.name {
            "source" => format!(
                "unexpected source attribute '{name}' in resource '{}'",
                source_name(whole)
            ),
            "sourcecode" => format!("unexpected sourcecode attribute(s): {name}"),
            kind if owner.is_empty() => format!("unknown attribute '{name}' of {kind}"),
            kind => format!("unknown attribute '{name}' of {kind} '{owner}'"),
        };
        self.warn(data, what, nearest.map(|key| key.name));
    }

    /// A place may be given by one name only.
    fn target_path(&mut self, data: &Data, kind: &str, owner: &str) {
        let mut places = ["target-path", "path"].into_iter();
        if places.all(|key| data.get(key).is_some_and(Data::is_truthy)) {
            let name = match kind {
                "source" => source_name(data),
                // Behind that of its model.
                _ => owner.rsplit(':').next().unwrap_or_default().to_string(),
            };
            let text = format!("target-path and path both specified for {kind} {name}");
            self.warn(data, format!("{text} - using target-path"), None);
        }
    }

    fn truth(&mut self, data: &Data, key: &str) {
        if !matches!(data.scalar(), Some(Value::Bool(_) | Value::Null)) {
            let counts = if data.is_truthy() { "yes" } else { "no" };
            let shown = data.shown();
            self.warn(
                data,
                format!("{key} value {shown} counts as {counts}: expected yes or no"),
                None,
            );
        }
    }

    fn word(&mut self, data: &Data, words: &'static [&'static str], key: &str) {
        let word = data.as_str().unwrap_or_default();
        if !words.contains(&word) {
            let expected = words.join(", ");
            let nearest = nearest(word, words.iter().copied());
            self.warn(
                data,
                format!("unknown {key} '{word}': expected one of {expected}"),
                nearest.as_deref(),
            );
        }
    }

    fn warn(&mut self, data: &Data, what: String, nearest: Option<&str>) {
        let place = &data.place;
        let hint = nearest.map(did_you_mean).unwrap_or_default();
        let text = format!(
            "{what}{hint} ({}, line {})",
            place.file().display(),
            place.line()
        );
        // A part that several models inherit is told about once.
        if self.told.insert(text.clone()) {
            self.warnings.push(text);
        }
    }
}

impl Rule {
    fn check(&self, data: &Data, key: &str, owner: &str) -> Result<(), Error> {
        let has = |name: &str| data.get(name).is_some();
        let refuse = |words: &str, names: &str| {
            let words = words.replace("{key}", key).replace("{owner}", owner);
            let words = words.replace("{names}", names);
            let hint = hint(data, self);
            Err(data.error(words.replace("{}", &data.shown()) + &hint))
        };
        match self {
            Self::Required(name) if !has(name) => {
                refuse(&format!("missing required '{name}' attribute in {{}}"), "")
            }
            Self::NotBoth(left, right, words) if has(left) && has(right) => refuse(words, ""),
            Self::AnyKey { names, words } if !names.iter().any(|name| has(name)) => {
                refuse(words, "")
            }
            Self::OneKey { names, none, many } => {
                match names.iter().filter(|name| has(name)).count() {
                    0 => refuse(none, ""),
                    1 => Ok(()),
                    _ => refuse(many, ""),
                }
            }
            Self::OneOf {
                names,
                others,
                none,
                many,
            } => {
                let set: Vec<&str> = names
                    .iter()
                    .chain(others.iter())
                    .filter(|name| data.get(name).is_some_and(Data::is_truthy))
                    .copied()
                    .collect();
                match set.len() {
                    0 => refuse(none, ""),
                    1 => Ok(()),
                    _ => refuse(many, &set.join(", ")),
                }
            }
            _ => Ok(()),
        }
    }
}

/// What a key of `data` may be a slip for, of those that `rule` asks for.
fn hint(data: &Data, rule: &Rule) -> String {
    let wanted: &[&str] = match rule {
        Rule::Required(name) => &[name],
        Rule::OneOf { names, .. } | Rule::OneKey { names, .. } | Rule::AnyKey { names, .. } => {
            names
        }
        Rule::NotBoth(..) => &[],
    };
    data.fields()
        .into_iter()
        .flat_map(Fields::iter)
        .filter(|field| !wanted.contains(&field.name().as_str()))
        .find_map(|field| nearest(&field.name(), wanted.iter().copied()))
        .filter(|name| data.get(name).is_none())
        .map(|name| did_you_mean(&name))
        .unwrap_or_default()
}

/// What warnings call a source.
fn source_name(data: &Data) -> String {
    let named = ["name", "flag-name"]
        .into_iter()
        .find_map(|key| data.get(key)?.as_str().map(str::to_string));
    let kinds = [
        "file",
        "module",
        "config",
        "operation",
        "dvcfile",
        "dvcstage",
    ];
    named
        .or_else(|| Some(data.get("url")?.as_str()?.to_string()))
        .or_else(|| {
            kinds.into_iter().find_map(|kind| {
                let value = data.get(kind).filter(|value| value.is_truthy())?;
                Some(format!("{kind}:{}", plain(value)))
            })
        })
        .unwrap_or_default()
}

fn plain(data: &Data) -> String {
    match &data.kind {
        Kind::Scalar(value) => key_text(value),
        _ => data.shown(),
    }
}

/// Whether `text` has a reference to a parameter.
fn has_reference(text: &str) -> bool {
    text.find("{{")
        .is_some_and(|start| text[start..].contains("}}"))
}

fn nearest_key(name: &str, keys: &'static [Key]) -> Option<&'static Key> {
    let found = nearest(name, keys.iter().map(|key| key.name))?;
    keys.iter().find(|key| key.name == found)
}

/// The name among `names` that `word` may be a slip for.
pub(super) fn nearest<'a>(word: &str, names: impl Iterator<Item = &'a str>) -> Option<String> {
    // Nothing looks like a very long word, and to measure it takes time.
    if word.len() > LONGEST_NAME {
        return None;
    }
    let names: Vec<String> = names.map(str::to_string).collect();
    let spelled = word.replace('_', "-").to_lowercase();
    text::closest(&spelled, &names).map(str::to_string)
}

/// The end of a message that has a better name.
pub(super) fn did_you_mean(name: &str) -> String {
    format!(" - did you mean '{name}'?")
}
