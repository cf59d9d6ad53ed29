//! `harness lint`: what makes specs say less than they seem to.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum};
use serde::Serialize;

use super::{NOTHING, Select, Stop, USAGE};
use crate::discovery::{Choices, Found};
use crate::lint::{self, Code, Finding, Subject};
use crate::report::annotation;
use crate::suite::SuiteFile;

/// The exit code when there are findings.
const FOUND: u8 = 1;
/// The version of the JSON list; it changes with what a reader must know.
const VERSION: u32 = 1;

#[derive(Debug, Args)]
#[command(after_help = "\
Exit codes: 0 nothing found, 1 something found, 2 usage error or a broken spec,
4 no spec is left to look at.")]
pub(super) struct LintArgs {
    #[command(flatten)]
    select: Select,
    /// Do not look for this.
    #[arg(long, value_name = "CODE", value_parser = codes())]
    allow: Vec<String>,
    /// Look for this even if it is not looked for by itself, and have exit code 1
    /// for it even with --warn.
    #[arg(long, value_name = "CODE", value_parser = codes())]
    deny: Vec<String>,
    /// Exit code 0 with findings, too.
    #[arg(long)]
    warn: bool,
    /// How to write the findings.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A line for each.
    Text,
    /// For programs.
    Json,
    /// Annotations of GitHub Actions.
    Github,
}

fn codes() -> PossibleValuesParser {
    PossibleValuesParser::new(Code::ALL.map(Code::name))
}

pub(super) fn lint(args: &LintArgs) -> Result<u8, Stop> {
    let selected = args.select.choose(Choices::default())?;
    selected.tell_if_none()?;
    let selection = selected.selection;
    let is_all = selection.left_out_count() == 0;
    let found = selection.found;
    let mut is_broken = false;
    let mut findings = Vec::new();
    for found in &found {
        match &found.spec {
            Err(error) => {
                is_broken = true;
                writeln!(io::stderr(), "{error}")?;
            }
            Ok(spec) => {
                let text = std::fs::read_to_string(&found.path)?;
                findings.extend(lint::findings(&Subject {
                    spec,
                    suite: &found.suite,
                    text: &text,
                    is_part: found.is_part,
                }));
            }
        }
    }
    // What a broken spec or one left out names is not known.
    if is_all && !is_broken {
        findings.extend(samples(&args.select.paths, &found)?);
    }
    findings.retain(|finding| args.asks_for(finding.code));
    let out = &mut io::stdout().lock();
    match args.format {
        Format::Text => text(out, &findings, found.len(), is_broken)?,
        Format::Json => json(out, &findings)?,
        Format::Github => github(out, &findings)?,
    }
    let denied = |finding: &Finding| !args.warn || args.denies(finding.code);
    Ok(match found.len() {
        0 => NOTHING,
        _ if is_broken => USAGE,
        _ if findings.iter().any(denied) => FOUND,
        _ => 0,
    })
}

impl LintArgs {
    fn denies(&self, code: Code) -> bool {
        self.deny.iter().any(|name| name == code.name())
    }

    fn asks_for(&self, code: Code) -> bool {
        let is_allowed = self.allow.iter().any(|name| name == code.name());
        self.denies(code) || !(is_allowed || code.is_on_request())
    }
}

/// The samples that no spec names, of those suites all of whose specs are among
/// the paths: a folder was named that the suite file is in.
fn samples(paths: &[PathBuf], found: &[Found]) -> io::Result<Vec<Finding>> {
    let folders: Vec<PathBuf> = paths
        .iter()
        .filter(|path| path.is_dir())
        .filter_map(|path| path.canonicalize().ok())
        .collect();
    let mut groups: BTreeMap<PathBuf, Vec<&Found>> = BTreeMap::new();
    for found in found {
        let folder = found.suite.samples.as_ref();
        if let Some(folder) = folder.and_then(|folder| folder.canonicalize().ok()) {
            groups.entry(folder).or_default().push(found);
        }
    }
    let current = std::env::current_dir()?;
    let mut findings = Vec::new();
    for group in groups.values() {
        let mut suites: BTreeMap<&Path, &SuiteFile> = BTreeMap::new();
        for found in group {
            if let Some(file) = &found.suite.file {
                suites.insert(file, &found.suite);
            }
        }
        let is_whole = |file: &&Path| {
            let file = file.canonicalize().unwrap_or_default();
            folders.iter().any(|folder| file.starts_with(folder))
        };
        if !suites.keys().all(is_whole) {
            continue;
        }
        let specs: Vec<_> = group.iter().filter_map(|f| f.spec.as_ref().ok()).collect();
        let mut suites: Vec<(&Path, &SuiteFile)> = suites.into_iter().collect();
        // It is the suite of the outermost folder that the samples are for.
        suites.sort_by_key(|(file, _)| file.components().count());
        let suites: Vec<&SuiteFile> = suites.into_iter().map(|(_, suite)| suite).collect();
        for mut finding in lint::unused_samples(&suites, &specs)? {
            if let Ok(path) = finding.path.strip_prefix(&current) {
                finding.path = path.to_owned();
            }
            findings.push(finding);
        }
    }
    Ok(findings)
}

fn text(
    out: &mut dyn Write,
    findings: &[Finding],
    specs: usize,
    is_broken: bool,
) -> io::Result<()> {
    for finding in findings {
        writeln!(out, "{finding}")?;
    }
    if findings.is_empty() && specs > 0 && !is_broken {
        let plural = if specs == 1 { "" } else { "s" };
        writeln!(out, "lint: nothing found in {specs} spec{plural}")?;
    }
    Ok(())
}

#[derive(Serialize)]
struct Listing<'a> {
    version: u32,
    findings: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    path: String,
    line: usize,
    column: usize,
    code: Code,
    message: &'a str,
}

fn json(out: &mut dyn Write, findings: &[Finding]) -> io::Result<()> {
    let entries = findings.iter().map(|finding| Entry {
        path: finding.path.display().to_string(),
        line: finding.place.line,
        column: finding.place.column,
        code: finding.code,
        message: &finding.message,
    });
    let listing = Listing {
        version: VERSION,
        findings: entries.collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &listing)?;
    writeln!(out)
}

fn github(out: &mut dyn Write, findings: &[Finding]) -> io::Result<()> {
    for finding in findings {
        let path = finding.path.display().to_string();
        let place = (path.as_str(), finding.place.line, finding.place.column);
        annotation(out, "warning", place, finding.code.name(), &finding.message)?;
    }
    Ok(())
}
