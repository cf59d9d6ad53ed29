//! `harness list`: specs, and how many examples each has.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::Duration;

use clap::{Args, ValueEnum};
use serde::Serialize;

use super::select::Selected;
use super::{NOTHING, Select, Stop, USAGE};
use crate::discovery::{Choices, Finder, Found};
use crate::front_matter::TimeLimits;
use crate::gate::{self, Skip};
use crate::options::OptionSet;
use crate::spec::{Example, Language, Spec, SpecError};

/// The version of the JSON list; it changes with what a reader must know.
const VERSION: u32 = 1;

#[derive(Debug, Args)]
pub(super) struct ListArgs {
    #[command(flatten)]
    select: Select,
    /// How to write the list.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
    /// List the tags, and how many specs have each.
    #[arg(long, conflicts_with = "format")]
    tags: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A line for each spec.
    Text,
    /// All that is known of specs and examples without running them.
    Json,
}

pub(super) fn list(args: &ListArgs) -> Result<u8, Stop> {
    let selected = args.select.choose(Choices::default())?;
    selected.tell_if_none()?;
    let Selected {
        mut finder,
        selection,
        ..
    } = selected;
    let found = selection.found;
    let mut out = io::stdout().lock();
    let is_broken = found.iter().any(|found| found.spec.is_err());
    let code = match found.len() {
        0 => NOTHING,
        _ if is_broken => USAGE,
        _ => 0,
    };
    if args.tags {
        tags(&mut out, &found)?;
    } else if args.format == Format::Json {
        json(&mut out, &found, &mut finder)?;
    } else {
        text(&mut out, &found, &mut finder)?;
    }
    Ok(code)
}

fn text(out: &mut dyn Write, found: &[Found], finder: &mut Finder) -> Result<(), Stop> {
    for found in found {
        let path = found.path.display();
        match &found.spec {
            Err(error) => writeln!(io::stderr(), "{error}")?,
            Ok(spec) => {
                let count = spec.examples.len();
                let plural = if count == 1 { "" } else { "s" };
                let skip = gate::skip_spec(spec, &finder.surroundings(&found.suite)?);
                let skip = skip
                    .map(|s| format!(" (skipped: {})", s.reason))
                    .unwrap_or_default();
                writeln!(out, "{path}: {count} example{plural}{skip}")?;
            }
        }
    }
    Ok(())
}

fn tags(out: &mut dyn Write, found: &[Found]) -> io::Result<()> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for found in found {
        match &found.spec {
            Err(error) => writeln!(io::stderr(), "{error}")?,
            Ok(spec) => {
                for tag in &spec.tags {
                    *counts.entry(tag).or_default() += 1;
                }
            }
        }
    }
    for (tag, count) in counts {
        writeln!(
            out,
            "{tag}: {count} spec{}",
            if count == 1 { "" } else { "s" }
        )?;
    }
    Ok(())
}

#[derive(Serialize)]
struct Listing<'a> {
    version: u32,
    specs: Vec<Entry<'a>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Entry<'a> {
    Spec(Box<SpecEntry<'a>>),
    Broken {
        path: String,
        faults: Vec<FaultEntry>,
    },
}

#[derive(Serialize)]
struct SpecEntry<'a> {
    path: String,
    title: &'a str,
    description: Option<&'a str>,
    tags: &'a [String],
    group: Option<&'a str>,
    options: String,
    requires: Vec<String>,
    timeout: TimeoutEntry,
    suite: Option<String>,
    skip: Option<SkipEntry>,
    examples: Vec<ExampleEntry<'a>>,
}

/// The limits that the front matter sets, in seconds.
#[derive(Serialize)]
struct TimeoutEntry {
    command: Option<f64>,
    example: Option<f64>,
    spec: Option<f64>,
}

impl From<TimeLimits> for TimeoutEntry {
    fn from(limits: TimeLimits) -> Self {
        let seconds = |limit: Option<Duration>| limit.map(|limit| limit.as_secs_f64());
        TimeoutEntry {
            command: seconds(limits.command),
            example: seconds(limits.example),
            spec: seconds(limits.spec),
        }
    }
}

#[derive(Serialize)]
struct SkipEntry {
    kind: &'static str,
    reason: String,
}

#[derive(Serialize)]
struct ExampleEntry<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    line: usize,
    column: usize,
    heading: Option<&'a str>,
    language: &'static str,
    source: &'a str,
    options: String,
    skip: Option<SkipEntry>,
}

#[derive(Serialize)]
struct FaultEntry {
    line: Option<usize>,
    message: String,
}

impl From<Skip> for SkipEntry {
    fn from(skip: Skip) -> Self {
        SkipEntry {
            kind: skip.kind.word(),
            reason: skip.reason,
        }
    }
}

fn json(out: &mut dyn Write, found: &[Found], finder: &mut Finder) -> Result<(), Stop> {
    let mut specs = Vec::with_capacity(found.len());
    for found in found {
        let path = found.path.display().to_string();
        specs.push(match &found.spec {
            Err(error) => Entry::Broken {
                path,
                faults: faults(error),
            },
            Ok(spec) => {
                let here = finder.surroundings(&found.suite)?;
                let skip = |options: &OptionSet| gate::skip(options, &here).map(SkipEntry::from);
                let mut examples = Vec::with_capacity(spec.examples.len());
                for example in &spec.examples {
                    let own = found.suite.options.overlaid(&example.options);
                    examples.push(ExampleEntry {
                        skip: skip(&own),
                        ..example_entry(spec, example)
                    });
                }
                Entry::Spec(Box::new(SpecEntry {
                    path,
                    title: spec.title(),
                    description: spec.description.as_deref(),
                    tags: &spec.tags,
                    group: spec.group.as_deref(),
                    options: spec.options.to_string(),
                    requires: requires(spec),
                    timeout: spec.limits.into(),
                    suite: found.suite.file.as_ref().map(|f| f.display().to_string()),
                    skip: skip(&spec.options),
                    examples,
                }))
            }
        });
    }
    let listing = Listing {
        version: VERSION,
        specs,
    };
    serde_json::to_writer_pretty(&mut *out, &listing).map_err(io::Error::from)?;
    writeln!(out)?;
    Ok(())
}

fn requires(spec: &Spec) -> Vec<String> {
    let needed = spec.requires.iter();
    needed.map(|n| n.requirement.to_string()).collect()
}

fn example_entry<'a>(spec: &'a Spec, example: &'a Example) -> ExampleEntry<'a> {
    let heading = spec.headings.iter().rfind(|h| h.line < example.line);
    // The headings are those of the spec.
    let heading = heading.filter(|_| example.file.is_none());
    ExampleEntry {
        file: example.file.as_ref().map(|file| file.display().to_string()),
        line: example.line,
        column: example.indent + 1,
        heading: heading.map(|heading| heading.title.as_str()),
        language: match example.language {
            Language::Python => "python",
            Language::Shell => "shell",
        },
        source: &example.source,
        options: example.options.to_string(),
        skip: None,
    }
}

fn faults(error: &SpecError) -> Vec<FaultEntry> {
    match error {
        SpecError::Malformed(faults) => faults
            .iter()
            .map(|fault| FaultEntry {
                line: Some(fault.place.line),
                message: fault.message.clone(),
            })
            .collect(),
        other => vec![FaultEntry {
            line: None,
            message: other.to_string(),
        }],
    }
}
