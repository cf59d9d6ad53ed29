//! Resources: files that operations need, and where they come from. Nothing
//! here looks for a file.

use super::values::{map_at, prose_at, text, text_at, texts_at, truth_at, value_at};
use crate::base::shell_text;
use crate::base::yaml::{Map, Value};

/// Something that an operation requires.
#[derive(Debug, Clone, PartialEq)]
pub enum Dependency {
    /// A resource by name: `NAME`, `MODEL:NAME` or `PACKAGE/NAME`; `${flag}` in it
    /// stands for a value.
    Named {
        /// The name.
        resource: String,
        /// Why it is needed, in the author's words.
        description: String,
    },
    /// A resource of the operation's own.
    Inline(Box<Resource>),
}

/// Files that operations need.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Resource {
    /// Its name, if it has one.
    pub name: Option<String>,
    /// What it is, in the author's words.
    pub description: String,
    /// Where its files come from.
    pub sources: Vec<Source>,
    /// Where its files are put, relative to the run directory.
    pub target_path: Option<String>,
    /// Whether its files are copied or linked: `copy` or `link`.
    pub target_type: Option<String>,
    /// Whether folders of its files are kept.
    pub preserve_path: bool,
    /// Whether archives are unpacked where a source does not say.
    pub default_unpack: bool,
    /// Whether other projects may not use it.
    pub private: bool,
    /// Links and texts that tell more.
    pub references: Vec<String>,
    /// All of it as it was written, which is what runs record.
    pub data: Value,
    /// What is doubtful about it; nothing of what belongs to an operation, which has
    /// warnings of its own.
    pub warnings: Vec<String>,
}

/// Where files come from.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    /// What kind of place it is.
    pub kind: SourceKind,
    /// What the source is called.
    pub name: Option<String>,
    /// The flag that says where files come from.
    pub flag_name: Option<String>,
    /// The SHA-256 digest that the file must have.
    pub sha256: Option<String>,
    /// Whether an archive is unpacked; the resource decides if not set.
    pub unpack: Option<bool>,
    /// The kind of an archive.
    pub archive_type: Option<String>,
    /// Which files are meant; all where empty.
    pub select: Vec<Select>,
    /// How files are called instead.
    pub rename: Vec<Rename>,
    /// Whether the source may be missing.
    pub optional: bool,
    /// Whether it is told if no file is found.
    pub warn_if_empty: bool,
    /// Whether it is an error if no file is found.
    pub fail_if_empty: bool,
    /// A command line that is run on what was found.
    pub post_process: Option<String>,
    /// Where files are put, relative to the run directory.
    pub target_path: Option<String>,
    /// Whether files are copied or linked: `copy` or `link`.
    pub target_type: Option<String>,
    /// Whether files that are there are replaced; the program decides if not
    /// set.
    pub replace_existing: Option<bool>,
    /// Whether folders of files are kept.
    pub preserve_path: bool,
    /// Whether the source is looked for again on restart.
    pub always_resolve: bool,
    /// Values for a config file, beside flags.
    pub params: Map,
    /// What to do where a file is missing, as written.
    pub help: Option<Value>,
}

/// A kind of place that files come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceKind {
    /// A file or folder of the project.
    File(String),
    /// What is downloaded.
    Url(String),
    /// A Python module that must be installed.
    Module(String),
    /// A file of the project in which flag values are set.
    Config(String),
    /// The latest run of one of these operations.
    Operation(Vec<String>),
    /// A file that `DvC` keeps.
    DvcFile {
        /// The file.
        file: String,
        /// Where it is kept.
        remote: Option<String>,
        /// Whether `DvC` is asked also for a file that is there.
        always_pull: bool,
    },
    /// The latest run of a stage of `DvC`.
    DvcStage(String),
}

/// Files whose names fit a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Select {
    /// A regular expression for paths.
    pub pattern: String,
    /// Which of them are meant.
    pub which: Which,
}

/// Which of several files are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// All.
    All,
    /// The one with the smallest number in the pattern's first group.
    Smallest,
    /// The one with the largest number in the pattern's first group.
    Largest,
}

/// How files are called instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rename {
    /// A regular expression for names.
    pub pattern: String,
    /// What is put for the part that fits.
    pub replacement: String,
}

/// A text that is not `PATTERN NAME` or `NAME`.
#[derive(Debug, thiserror::Error)]
#[error("invalid rename spec '{0}': expected 'PATTERN REPL' or 'NAME'")]
pub struct NotARename(pub String);

impl Dependency {
    /// The resource of the operation's own, if it is one.
    pub fn resource(&self) -> Option<&Resource> {
        match self {
            Self::Named { .. } => None,
            Self::Inline(resource) => Some(resource),
        }
    }

    /// Reads what an operation requires, whose form has been checked.
    ///
    /// # Errors
    /// It renames files by what is no rename rule.
    pub(super) fn read(value: &Value) -> Result<Self, NotARename> {
        match value {
            Value::Map(map) => match map.get("resource") {
                Some(resource) => Ok(Self::Named {
                    resource: text(resource),
                    description: prose_at(map, "description"),
                }),
                None if map.contains("sources") => {
                    let name = text_at(map, "name");
                    let resource = Resource::read(name.as_deref(), value)?;
                    Ok(Self::Inline(Box::new(resource)))
                }
                None => Ok(Self::Inline(Box::new(Resource {
                    sources: vec![Source::read(value)?],
                    default_unpack: true,
                    data: value.clone(),
                    ..Resource::default()
                }))),
            },
            other => Ok(Self::Named {
                resource: text(other),
                description: String::new(),
            }),
        }
    }
}

impl Resource {
    /// Reads a resource that a run recorded. What is of another form than it
    /// should be counts as not there.
    ///
    /// # Errors
    /// A text that does not say how files are renamed.
    pub fn recorded(data: &Map) -> Result<Self, NotARename> {
        Self::read(text_at(data, "name").as_deref(), &Value::Map(data.clone()))
    }

    /// What messages and runs call the resource: its name, or the names of its
    /// sources.
    pub fn shown_name(&self) -> String {
        let names = || {
            let sources = self.sources.iter();
            sources
                .map(Source::shown_name)
                .collect::<Vec<_>>()
                .join(",")
        };
        let name = self.name.clone().unwrap_or_else(names);
        match name.is_empty() {
            true => "resource".to_string(),
            false => name,
        }
    }

    /// Reads a resource whose form has been checked.
    ///
    /// # Errors
    /// It renames files by what is no rename rule.
    pub(super) fn read(name: Option<&str>, value: &Value) -> Result<Self, NotARename> {
        let empty = Map::new();
        let (map, sources) = match value {
            Value::List(items) => (&empty, items.as_slice()),
            Value::Map(map) => (
                map,
                map.get("sources").and_then(Value::as_list).unwrap_or(&[]),
            ),
            _ => (&empty, [].as_slice()),
        };
        Ok(Self {
            name: name.map(str::to_string),
            description: prose_at(map, "description"),
            sources: sources.iter().map(Source::read).collect::<Result<_, _>>()?,
            target_path: target_path(map),
            target_type: text_at(map, "target-type"),
            preserve_path: truth_at(map, "preserve-path"),
            default_unpack: map.get("default-unpack").is_none_or(Value::is_truthy),
            private: truth_at(map, "private"),
            references: texts_at(map, "references"),
            data: value.clone(),
            warnings: Vec::new(),
        })
    }
}

impl Source {
    fn read(value: &Value) -> Result<Self, NotARename> {
        let map = match value {
            Value::Map(map) => map.clone(),
            other => Map::from_iter([("file", text(other))]),
        };
        let switch = |key: &str| value_at(&map, key).map(|value| value.is_truthy());
        let select = |key: &str, which: Which| {
            texts_at(&map, key)
                .into_iter()
                .map(move |pattern| Select { pattern, which })
        };
        Ok(Self {
            kind: SourceKind::read(&map),
            name: text_at(&map, "name"),
            flag_name: text_at(&map, "flag-name"),
            sha256: text_at(&map, "sha256"),
            unpack: switch("unpack"),
            archive_type: text_at(&map, "type"),
            select: select("select", Which::All)
                .chain(select("select-min", Which::Smallest))
                .chain(select("select-max", Which::Largest))
                .collect(),
            rename: renames(map.get("rename"))?,
            optional: truth_at(&map, "optional"),
            warn_if_empty: switch("warn-if-empty").unwrap_or(true),
            fail_if_empty: truth_at(&map, "fail-if-empty"),
            post_process: text_at(&map, "post-process"),
            target_path: target_path(&map),
            target_type: text_at(&map, "target-type"),
            replace_existing: switch("replace-existing"),
            preserve_path: truth_at(&map, "preserve-path"),
            always_resolve: truth_at(&map, "always-resolve"),
            params: map_at(&map, "params"),
            help: value_at(&map, "help"),
        })
    }
}

impl Source {
    /// Where its files come from in the form that runs record: `KIND:PATH`, or
    /// an address.
    pub fn uri(&self) -> String {
        match &self.kind {
            SourceKind::File(path) => format!("file:{path}"),
            SourceKind::Url(url) => url.clone(),
            SourceKind::Module(name) => format!("module:{name}"),
            SourceKind::Config(path) => format!("config:{path}"),
            SourceKind::Operation(names) => format!("operation:{}", names.join(",")),
            SourceKind::DvcFile { file, .. } => format!("dvcfile:{file}"),
            SourceKind::DvcStage(stage) => format!("dvcstage:{stage}"),
        }
    }

    /// What messages and runs call the source: its name, its flag, or where its
    /// files come from.
    pub fn shown_name(&self) -> String {
        let named = self.name.as_deref().filter(|name| !name.is_empty());
        let named = named.or_else(|| self.flag()).map(str::to_string);
        named.unwrap_or_else(|| self.uri())
    }

    /// The flag that it names as the one that says where files come from.
    pub fn flag(&self) -> Option<&str> {
        let flag = self.flag_name.as_deref().filter(|flag| !flag.is_empty());
        flag.filter(|_| !self.denies_flag())
    }

    /// Whether it says that there is no flag for where its files come from.
    pub fn denies_flag(&self) -> bool {
        matches!(self.flag_name.as_deref(), Some("false" | "no"))
    }

    /// The flags whose values say where its files come from, by preference.
    pub fn flag_names(&self) -> Vec<String> {
        let name = self.name.as_deref().filter(|name| !name.is_empty());
        if let Some(name) = self.flag().or(name) {
            return vec![name.to_string()];
        }
        let uri = self.uri();
        let path = uri.split_once(':').map(|(_, path)| path.to_string());
        let path = path.filter(|_| !matches!(self.kind, SourceKind::Url(_)));
        std::iter::once(uri).chain(path).collect()
    }
}

impl SourceKind {
    fn read(map: &Map) -> Self {
        let set = |key: &str| map.get(key).filter(|value| value.is_truthy()).map(text);
        if let Some(file) = set("config") {
            Self::Config(file)
        } else if let Some(url) = set("url") {
            Self::Url(url)
        } else if let Some(module) = set("module") {
            Self::Module(module)
        } else if truth_at(map, "operation") {
            Self::Operation(texts_at(map, "operation"))
        } else if let Some(file) = set("dvcfile") {
            Self::DvcFile {
                file,
                remote: text_at(map, "remote"),
                always_pull: truth_at(map, "always-pull"),
            }
        } else if let Some(stage) = set("dvcstage") {
            Self::DvcStage(stage)
        } else {
            Self::File(set("file").unwrap_or_default())
        }
    }
}

/// Where files are put, by the name for it that is to be preferred.
fn target_path(map: &Map) -> Option<String> {
    ["target-path", "path"]
        .into_iter()
        .find_map(|key| text_at(map, key).filter(|path| !path.is_empty()))
}

fn renames(value: Option<&Value>) -> Result<Vec<Rename>, NotARename> {
    match value {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::List(items)) => items.iter().map(Rename::read).collect(),
        Some(item) => Ok(vec![Rename::read(item)?]),
    }
}

impl Rename {
    fn read(value: &Value) -> Result<Self, NotARename> {
        if let Value::Map(map) = value {
            return Ok(Self {
                pattern: text_at(map, "pattern").unwrap_or_default(),
                replacement: text_at(map, "repl").unwrap_or_default(),
            });
        }
        let text = text(value);
        match shell_text::split(&text).as_deref() {
            Ok([pattern, replacement]) => Ok(Self {
                pattern: pattern.clone(),
                replacement: replacement.clone(),
            }),
            Ok([name]) => Ok(Self {
                pattern: ".*".to_string(),
                replacement: name.clone(),
            }),
            _ => Err(NotARename(text)),
        }
    }
}
