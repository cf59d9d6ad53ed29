//! Reports of a run: text for a person, and files for other programs.
//!
//! Each format is a module that writes a whole [`Document`]. The text for the
//! terminal alone is written spec by spec, as they end.

mod closing;
pub mod comparison;
mod destination;
mod github;
mod html;
pub mod jsonl;
mod junit;
mod markdown;
pub mod merge;
mod point;
pub mod provenance;
pub mod record;
mod recorded;
pub mod reproduce;
mod request;
#[cfg(test)]
mod sample;
mod sarif;
mod tap;
pub mod text;
mod trace;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

pub use self::closing::closing;
pub(crate) use self::github::command as annotation;
pub use self::request::{Request, RequestError};
pub use self::text::{Style, details, difference_line, ending, spec, summary};

use self::destination::Destination;
use self::record::{Document, End, Leak, Run, Spec};
use crate::verdict::{self, SpecReport, Totals};

/// Why a report could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The file cannot be written.
    #[error("{destination}: the report could not be written: {source}")]
    Write {
        /// Where it was to go.
        destination: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// More than one report was to go to standard output.
    #[error("more than one report for standard output: give a file to all but one")]
    StandardOutput,
}

/// The reports that were asked for, filled as specs end.
#[derive(Debug)]
pub struct Reports {
    requests: Vec<Request>,
    origin: Instant,
    digests: HashMap<PathBuf, String>,
    document: Document,
}

impl Reports {
    /// Gets ready to report on these specs; times are told from now. `run` is
    /// called if there is anything to report.
    pub fn open<'a>(
        requests: &[Request],
        specs: impl IntoIterator<Item = &'a Path>,
        run: impl FnOnce() -> Run,
    ) -> Result<Self, ReportError> {
        let mut reports = Reports {
            requests: requests.to_vec(),
            origin: Instant::now(),
            digests: HashMap::new(),
            document: Document::default(),
        };
        check(requests)?;
        if !requests.is_empty() {
            reports.document.run = run();
            // Now, so that a file edited during the run is told as it ran.
            reports.digests = specs
                .into_iter()
                .map(|path| (path.to_owned(), provenance::digest(path)))
                .collect();
            reports.origin = Instant::now();
        }
        Ok(reports)
    }

    /// Whether standard output belongs to a report.
    pub fn take_output(&self) -> bool {
        let is_output = |request: &Request| request.destination == Destination::Output;
        self.requests.iter().any(is_output)
    }

    /// Takes the report of the next spec.
    pub fn add(&mut self, report: &SpecReport) {
        if self.requests.is_empty() {
            return;
        }
        let mut spec = Spec::of(report, self.origin);
        spec.sha256 = self.digests.remove(&report.path).unwrap_or_default();
        self.document.specs.push(spec);
    }

    /// Writes every report. One that cannot be written does not keep the others
    /// from being written; the first such error is returned.
    pub fn write(mut self, end: End) -> Result<(), ReportError> {
        self.document.end = end;
        write(&self.requests, &self.document)
    }
}

/// Standard output takes one report.
fn check(requests: &[Request]) -> Result<(), ReportError> {
    let is_output = |request: &&Request| request.destination == Destination::Output;
    match requests.iter().filter(is_output).count() {
        0 | 1 => Ok(()),
        _ => Err(ReportError::StandardOutput),
    }
}

/// Writes a document in each of the ways asked for. What cannot be written does
/// not keep the rest from being written; the first such error is returned.
pub fn write(requests: &[Request], document: &Document) -> Result<(), ReportError> {
    check(requests)?;
    let mut first = Ok(());
    for request in requests {
        let written = request
            .destination
            .write(&|out| request.format.write(document, out))
            .map_err(|source| ReportError::Write {
                destination: request.destination.to_string(),
                source,
            });
        first = first.and(written);
    }
    first
}

impl End {
    /// The end of a run with these numbers.
    pub fn of(
        totals: &Totals,
        exit_code: u8,
        is_interrupted: bool,
        unclaimed: Vec<verdict::Leak>,
        duration: Duration,
    ) -> Self {
        End {
            totals: *totals,
            unclaimed: unclaimed.iter().map(Leak::of).collect(),
            is_interrupted,
            exit_code,
            duration_ms: recorded::milliseconds(duration),
        }
    }
}
