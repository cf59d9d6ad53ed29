//! Samples that no spec names.

use std::fs;
use std::io;
use std::path::Path;

use regex::Regex;

use super::{Code, Finding};
use crate::spec::Spec;
use crate::suite::SuiteFile;
use crate::yaml_nodes::Place;

/// The folders of the samples that neither these specs nor the preludes of their
/// suites name, in order of name, reported against the first suite. All suites
/// have the same folder of samples; without one, nothing is found.
pub fn unused_samples(suites: &[&SuiteFile], specs: &[&Spec]) -> io::Result<Vec<Finding>> {
    let Some((suite, samples)) = suites
        .iter()
        .find_map(|suite| Some((suite, suite.samples.as_ref()?)))
    else {
        return Ok(Vec::new());
    };
    let Some(file) = &suite.file else {
        return Ok(Vec::new());
    };
    let place = samples_place(&fs::read_to_string(file)?);
    let mut findings = Vec::new();
    for name in folders(samples)? {
        if !is_named(&name, suites, specs) {
            findings.push(Finding {
                path: file.clone(),
                place,
                code: Code::UnusedSample,
                message: format!("no spec names the sample `{name}`"),
            });
        }
    }
    Ok(findings)
}

fn samples_place(text: &str) -> Place {
    let line = text.lines().position(|line| line.starts_with("samples"));
    Place::new(line.map_or(1, |line| line + 1), 1)
}

/// The names of the folders in a folder, in order; none if it is not there, which
/// a run would tell.
fn folders(folder: &Path) -> io::Result<Vec<String>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.starts_with('.') && entry.path().is_dir() {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// Whether a source has the name in it, other than as a part of a longer one.
fn is_named(name: &str, suites: &[&SuiteFile], specs: &[&Spec]) -> bool {
    let escaped = regex::escape(name);
    // Escaped text in fixed surroundings is valid.
    let Ok(word) = Regex::new(&format!(r"(?:\A|[^\w-]){escaped}(?:\z|[^\w-])")) else {
        return true;
    };
    let preludes = suites.iter().flat_map(|suite| &suite.preludes);
    let preludes = preludes.map(|prelude| &prelude.source);
    let examples = specs.iter().flat_map(|spec| &spec.examples);
    let examples = examples.map(|example| &example.source);
    let scripts = specs
        .iter()
        .flat_map(|spec| spec.setup.iter().chain(&spec.teardown));
    let scripts = scripts.map(|script| &script.source);
    preludes
        .chain(examples)
        .chain(scripts)
        .any(|source| word.is_match(source))
}
