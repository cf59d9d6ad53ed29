//! What a run needs, brought into its directory before it starts: from what the
//! run recorded of it, so that a run starts again as it would have started when
//! it was made.
//!
//! Each kind of source has a file of its own (`file`, `config`, `module`,
//! `operation`, `url`) that finds the files a source means. What comes after is
//! the same for all: `select` and `unpack` tell which files inside folders and
//! archives are meant, `rename` and `target` where they go and how, `record` what
//! is kept of it. `upstream` chooses among runs that an operation source may mean.
//!
//! `download` gets what is elsewhere and `archive` what archives hold, into folders
//! of guild home that `cache` knows.

pub mod archive;
mod cache;
mod config;
pub mod download;
mod file;
mod module;
mod operation;
mod post_process;
mod record;
mod rename;
mod select;
mod source;
mod target;
mod unpack;
pub mod upstream;
mod url;

use std::path::{Path, PathBuf};

pub use record::Recorded;
use source::{Fault, Place};

use crate::base::yaml::{Map, Value};
use crate::flags::FlagSpec;
use crate::guildfile::{Source, SourceKind};
use crate::home::Home;
use crate::opref::OpRef;
use crate::runs::{self, Manifest, Run};

/// Why a run does not have what it needs.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// One of its sources cannot be had.
    #[error("could not resolve '{source_name}' in {resource} resource: {reason}{help}")]
    Unresolved {
        /// The source.
        source_name: String,
        /// The resource it belongs to.
        resource: String,
        /// What is wrong.
        reason: String,
        /// What the source says to do about it, from a line break on.
        help: String,
    },
    /// What a source says of its place in the run makes no sense.
    #[error("{0}")]
    Unusable(String),
    /// What the run recorded of its resources makes no sense.
    #[error("{path}: {reason}", path = path.display())]
    Record {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The run cannot be read or written.
    #[error(transparent)]
    Run(#[from] runs::Error),
}

/// Something to tell the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// What only who looks for a fault wants to know.
    Debug(String),
    /// What is being done.
    Info(String),
    /// What may be wrong.
    Warning(String),
    /// How far something is that takes a while.
    Progress(Progress),
}

/// How far a download is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// It begins.
    Begin {
        /// The number of bytes, if it is known.
        total: Option<u64>,
        /// How many of them are there already.
        done: u64,
    },
    /// So many bytes have come since the last time.
    Advance(u64),
    /// It ends, well or not.
    End,
}

/// Who is told what the user should know.
type Tell<'a> = &'a mut dyn FnMut(Notice);

/// What a run needs, and what it is resolved with.
#[derive(Debug, Clone, Copy)]
pub struct Needs<'a> {
    /// The run.
    pub run: &'a Run,
    /// Its resources as it recorded them.
    pub resources: &'a [Value],
    /// The values of its flags.
    pub values: &'a Map,
    /// How flags reach the process, which tells what they are called in files.
    pub specs: &'a [(String, FlagSpec)],
    /// Which versions of Python it runs under.
    pub python_requires: Option<&'a str>,
    /// Where things are.
    pub home: &'a Home,
    /// Whether the run is made now and started later, so that runs of others are
    /// not chosen yet.
    pub staged: bool,
    /// Whether the run goes on without what it cannot have.
    pub lenient: bool,
}

/// What is known before anything is resolved.
struct Before<'a> {
    /// What the run listed.
    manifest: Manifest,
    /// The folder of its project, if it is of one.
    project: Option<&'a Path>,
}

/// Brings what a run needs into its directory, and records it. What an earlier
/// start of the run has brought stays, unless the source says otherwise.
///
/// # Errors
/// Something that is needed cannot be had; the run cannot be read or written.
pub fn resolve(needs: &Needs<'_>, tell: Tell<'_>) -> Result<(), Error> {
    let run = needs.run;
    if needs.resources.is_empty() {
        if run.attr("deps")?.is_none() {
            run.write_attr("deps", &Value::Map(Map::new()))?;
        }
        return Ok(());
    }
    run.clear_incoming()?;
    let opref = run.opref().ok();
    let before = Before {
        manifest: run.manifest()?,
        project: opref.as_ref().and_then(OpRef::dir),
    };
    let mut resolved = match run.attr("deps")? {
        Some(Value::Map(map)) => map,
        _ => Map::new(),
    };
    for resource in needs.resources.iter().filter_map(Value::as_map) {
        let resource = Recorded::read(resource).map_err(|error| Error::Record {
            path: run.attr_path("op"),
            reason: error.to_string(),
        })?;
        tell(Notice::Info(format!("Resolving {}", resource.name)));
        let mut known = match resolved.get(&resource.name) {
            Some(Value::Map(map)) => map.clone(),
            _ => Map::new(),
        };
        let done = resolve_sources(needs, &resource, &before, &mut known, tell);
        resolved.insert(resource.name.as_str(), Value::Map(known));
        match done {
            Err(error) if needs.lenient => {
                tell(Notice::Warning(format!(
                    "a dependency was not met: {error}"
                )));
            }
            other => other?,
        }
    }
    Ok(run.write_attr("deps", &Value::Map(resolved))?)
}

/// Resolves the sources of a resource, of which `known` are done; adds to them.
fn resolve_sources(
    needs: &Needs<'_>,
    resource: &Recorded,
    before: &Before<'_>,
    known: &mut Map,
    tell: Tell<'_>,
) -> Result<(), Error> {
    for source in &resource.definition.sources {
        let place = Place {
            needs,
            resource,
            source,
            name: source.shown_name(),
            before,
            is_known: known.contains(&source.shown_name()),
        };
        let name = &place.name;
        if place.is_known && !source.always_resolve {
            let text = format!("Skipping resolution of {name} because it's already resolved");
            tell(Notice::Info(text));
            continue;
        }
        if needs.staged && matches!(source.kind, SourceKind::Operation(_)) {
            let text = format!("Skipping resolution of {name} because it's being staged");
            tell(Notice::Info(text));
            continue;
        }
        match resolve_source(&place, tell) {
            Ok(entry) => {
                known.insert(name.as_str(), entry);
            }
            Err(fault) => {
                let error = error(&place, fault);
                if !source.optional {
                    return Err(error);
                }
                tell(Notice::Debug(error.to_string()));
                let text =
                    format!("Could not resolve {name} - skipping because dependency is optional");
                tell(Notice::Info(text));
            }
        }
    }
    Ok(())
}

fn error(place: &Place<'_>, fault: Fault) -> Error {
    match fault {
        Fault::Unusable(reason) => Error::Unusable(reason),
        fault => Error::Unresolved {
            source_name: place.name.clone(),
            resource: place.resource.name.clone(),
            reason: fault.to_string(),
            help: help(place.source),
        },
    }
}

/// Brings the files of a source. The result is what is recorded of it.
fn resolve_source(place: &Place<'_>, tell: Tell<'_>) -> Result<Value, Fault> {
    let found = source::find(place, tell)?;
    for path in &found.paths {
        target::place(place, &found, path, tell)?;
    }
    Ok(record::entry(place, &found))
}

/// What the source says to do where its files cannot be had.
fn help(source: &Source) -> String {
    let help = source.help.as_ref().filter(|help| help.is_truthy());
    let text = help.map(crate::flags::plain_text);
    text.map_or_else(String::new, |text| format!("\n{}", text.trim_end()))
}
