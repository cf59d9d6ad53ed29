//! The objects of a guild file: those of the files it includes among them, and
//! short forms written out, so that what is said in one place can be laid over
//! what is said in another.

use std::cell::{Cell, OnceCell};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::check::{did_you_mean, nearest};
use super::data::{Data, Fields, Kind, Place};
use super::{Error, FILE_NAMES};
use crate::base::files;
use crate::base::yaml::{self, Value};

/// How many parts what is taken over and included may add up to. Real files
/// stay far below; without an end to it, a short file can ask for any amount.
const MOST_PARTS: usize = 1_000_000;

/// The objects of a guild file.
#[derive(Debug)]
pub(super) struct Document {
    /// The file.
    pub file: Rc<Path>,
    /// Its objects, in order.
    pub items: Vec<Data>,
}

impl Document {
    /// The folder of the file.
    pub fn folder(&self) -> &Path {
        self.file.parent().unwrap_or(Path::new("/"))
    }
}

/// Reads guild files, and keeps count of what that costs.
pub(super) struct Loader<'a> {
    search_path: &'a dyn Fn() -> Vec<PathBuf>,
    searched: OnceCell<Vec<PathBuf>>,
    parts: Cell<usize>,
}

impl<'a> Loader<'a> {
    /// A loader that finds packages in the folders that `search_path` gives.
    pub fn new(search_path: &'a dyn Fn() -> Vec<PathBuf>) -> Self {
        Self {
            search_path,
            searched: OnceCell::new(),
            parts: Cell::new(0),
        }
    }

    /// The objects that `bytes` of the file at `path` say.
    ///
    /// # Errors
    /// They are no guild file, or include what is none.
    pub fn document(&self, path: &Path, bytes: &[u8]) -> Result<Document, Error> {
        self.document_within(path, bytes, &mut Vec::new())
    }

    /// The objects of the guild file at `path`.
    ///
    /// # Errors
    /// As [`Loader::document`], or the file cannot be read.
    pub fn read(&self, path: &Path) -> Result<Document, Error> {
        self.document(path, &files::read(path)?)
    }

    fn document_within(
        &self,
        path: &Path,
        bytes: &[u8],
        within: &mut Vec<PathBuf>,
    ) -> Result<Document, Error> {
        let file: Rc<Path> = path.into();
        let syntax = |error: yaml::Error| Error::Syntax {
            path: path.to_path_buf(),
            reason: error.report(&path.display().to_string()),
        };
        let text = yaml::decode_text(bytes).map_err(syntax)?;
        let items = match yaml::load_spanned(&text).map_err(syntax)? {
            None => Vec::new(),
            Some(node) => objects(Data::of_node(node, &file))?,
        };
        within.push(path.to_path_buf());
        let mut all = Vec::with_capacity(items.len());
        for item in items {
            match item.get("include") {
                Some(_) if object_kind(&item)? == "include" => {
                    all.extend(self.included(&item, &file, within)?);
                }
                _ => {
                    object_kind(&item)?;
                    all.push(item);
                }
            }
        }
        within.pop();
        Ok(Document { file, items: all })
    }

    /// The objects that the object `item` of `file` includes.
    fn included(
        &self,
        item: &Data,
        file: &Path,
        within: &mut Vec<PathBuf>,
    ) -> Result<Vec<Data>, Error> {
        let mut items = Vec::new();
        let includes = item.get("include").map(texts).unwrap_or_default();
        for (name, place) in includes {
            let path = self.find_include(&name, file).ok_or_else(|| {
                place.error(format!(
                    "cannot find include '{name}' (includes must be local to including Guild \
                     file or a Guild package on the system path)"
                ))
            })?;
            if within.contains(&path) {
                let cycle: Vec<_> = within
                    .iter()
                    .chain(std::iter::once(&path))
                    .map(|path| path.display().to_string())
                    .collect();
                return Err(place.error(format!("cycle in 'includes' ({})", cycle.join(" -> "))));
            }
            let bytes = files::read(&path)?;
            self.spend(1 + bytes.len() / 64, place)?;
            items.extend(self.document_within(&path, &bytes, within)?.items);
        }
        Ok(items)
    }

    /// A file beside `file`, or the guild file of an installed package.
    fn find_include(&self, name: &str, file: &Path) -> Option<PathBuf> {
        let dir = file.parent().unwrap_or(Path::new("/"));
        let local = plain_path(&dir.join(name));
        if local.is_file() {
            return Some(local);
        }
        let path = name.replace('.', "/");
        self.find_on_path(&path)
            .or_else(|| self.find_on_path(&format!("gpkg/{path}")))
    }

    /// The guild file of the package called `name`.
    pub fn find_package(&self, name: &str) -> Option<PathBuf> {
        self.find_on_path(&name.replace('-', "_").replace('.', "/"))
    }

    fn find_on_path(&self, package: &str) -> Option<PathBuf> {
        let dirs = self.searched.get_or_init(self.search_path);
        dirs.iter()
            .flat_map(|dir| FILE_NAMES.map(|name| plain_path(&dir.join(package).join(name))))
            .find(|path| path.is_file())
    }

    /// Accounts for `parts` that are copied, on behalf of `place`.
    ///
    /// # Errors
    /// They are too many.
    pub fn spend(&self, parts: usize, place: &Place) -> Result<(), Error> {
        let sum = self.parts.get().saturating_add(parts);
        self.parts.set(sum);
        if sum > MOST_PARTS {
            return Err(place.error(
                "what is taken over and included here adds up beyond reason: look for parts that \
                 take over or include one another",
            ));
        }
        Ok(())
    }
}

/// `path` without `.` and `..`, so that one file has one name.
fn plain_path(path: &Path) -> PathBuf {
    use std::path::Component;
    path.components().fold(PathBuf::new(), |mut plain, part| {
        match part {
            Component::ParentDir => {
                plain.pop();
            }
            Component::CurDir => {}
            part => plain.push(part),
        }
        plain
    })
}

/// Kinds of objects, as errors list them, and one that is kept for its own
/// sake.
pub(super) const KINDS: [&str; 5] = ["config", "include", "model", "package", "test"];

/// The kind of an object.
///
/// # Errors
/// It is of none or of several, or its name is no text.
pub(super) fn object_kind(item: &Data) -> Result<&'static str, Error> {
    let used: Vec<&str> = KINDS
        .into_iter()
        .filter(|kind| item.get(kind).is_some())
        .collect();
    let kind = match used[..] {
        [kind] => kind,
        [] => {
            let slip = item.fields().and_then(|fields| {
                fields
                    .iter()
                    .find_map(|field| nearest(&field.name(), KINDS.into_iter()))
            });
            let hint = slip.as_deref().map(did_you_mean).unwrap_or_default();
            return Err(item.error(format!(
                "missing required type (one of: config, include, model, package) in {}{hint}",
                item.shown()
            )));
        }
        _ => {
            return Err(item.error(format!(
                "multiple types ({}) in {}",
                used.join(", "),
                item.shown()
            )));
        }
    };
    match item.get(kind) {
        Some(name) if kind != "include" && name.as_str().is_none() => Err(name.error(format!(
            "invalid {kind} name {}: expected a string",
            name.shown()
        ))),
        _ => Ok(kind),
    }
}

/// The objects that a document says, with short forms written out.
fn objects(data: Data) -> Result<Vec<Data>, Error> {
    if data.fields().is_some() {
        let mut model = Fields::default();
        model.set("model".into(), data.with(Kind::Scalar("".into())));
        model.set("operations".into(), data.clone());
        return Ok(vec![object(&data.with_fields(model))?]);
    }
    match &data.kind {
        Kind::Scalar(Value::Null) => Ok(Vec::new()),
        Kind::List(items) => items.iter().map(object).collect(),
        _ => Err(refuse_document(&data)),
    }
}

fn refuse_document(data: &Data) -> Error {
    data.error(format!(
        "invalid guildfile data {}: expected a mapping",
        data.shown()
    ))
}

fn object(item: &Data) -> Result<Data, Error> {
    let fields = item.fields().ok_or_else(|| refuse_document(item))?;
    let mut written = Fields::default();
    for field in fields.iter() {
        let data = match field.key.as_str().unwrap_or_default() {
            "operations" => each(&field.data, "invalid operations value", operation)?,
            "operation-defaults" if field.data.is_truthy() => operation(&field.data, "")?,
            "flags" => flags(&field.data)?,
            _ => field.data.clone(),
        };
        written.set(field.key.clone(), data);
    }
    let is_anonymous = ["model", "config"]
        .iter()
        .all(|key| written.get(key).is_none());
    if is_anonymous && written.get("operations").is_some() {
        written.set("model".into(), item.with(Kind::Scalar("".into())));
    }
    Ok(item.with_fields(written))
}

/// The map `data` with every value but includes written out by `write`.
fn each(
    data: &Data,
    refusal: &str,
    write: fn(&Data, &str) -> Result<Data, Error>,
) -> Result<Data, Error> {
    let fields = data
        .fields()
        .ok_or_else(|| data.error(format!("{refusal} {}: expected a mapping", data.shown())))?;
    let mut written = Fields::default();
    for field in fields.iter() {
        let name = field.name();
        let data = match name.as_str() {
            "$include" => field.data.clone(),
            name => write(&field.data, name)?,
        };
        written.set(field.key.clone(), data);
    }
    Ok(data.with_fields(written))
}

fn operation(data: &Data, name: &str) -> Result<Data, Error> {
    let mut written = Fields::default();
    match &data.kind {
        Kind::Scalar(Value::Str(_)) => written.set("main".into(), data.clone()),
        Kind::Map(fields) => {
            for field in fields.iter() {
                let data = match (field.key.as_str().unwrap_or_default(), &field.data.kind) {
                    ("flags", _) => flags(&field.data)?,
                    // One pattern stands for a list, which is taken over whole.
                    ("output-scalars", Kind::Map(_)) => {
                        field.data.with(Kind::List(vec![field.data.clone()]))
                    }
                    _ => field.data.clone(),
                };
                written.set(field.key.clone(), data);
            }
        }
        _ => {
            return Err(data.error(format!(
                "invalid value for operation '{}' '{name}': expected a string or a mapping",
                data.shown()
            )));
        }
    }
    Ok(data.with_fields(written))
}

fn flags(data: &Data) -> Result<Data, Error> {
    each(data, "invalid flags value", |data, _| {
        if data.fields().is_some() {
            return Ok(data.clone());
        }
        let mut flag = Fields::default();
        flag.set("default".into(), data.clone());
        Ok(data.with_fields(flag))
    })
}

/// The texts of a list, or of a text that is one or writes a list.
pub(super) fn texts(data: &Data) -> Vec<(String, &Place)> {
    match &data.kind {
        Kind::Scalar(Value::Str(text)) => text_list(text)
            .into_iter()
            .map(|text| (text, &data.place))
            .collect(),
        Kind::List(items) => items
            .iter()
            .map(|item| (plain(&item.to_value()), &item.place))
            .collect(),
        _ => Vec::new(),
    }
}

/// A text as a list: its items if it writes one, else the text itself.
pub(super) fn text_list(text: &str) -> Vec<String> {
    let is_list = text.starts_with('[') && text.ends_with(']');
    match is_list.then(|| yaml::load(text)) {
        Some(Ok(Value::List(items))) => items.iter().map(plain).collect(),
        _ => vec![text.to_string()],
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::Str(text) => text.clone(),
        other => yaml::dump_flow(other),
    }
}
