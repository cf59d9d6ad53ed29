//! Options that are set to what they are already.

use super::{Code, Finding, Subject};
use crate::options::OptionSet;
use crate::spec::Example;
use crate::yaml_nodes::Place;

/// What `--force` runs in spite of the front matter: repeated in an example, it
/// tells which one is meant.
const FORCED: [&str; 4] = ["FIXME", "FIXME_CI", "FIXME_WINDOWS", "SKIP"];

/// The options of front matter and examples that change nothing.
pub(super) fn findings(subject: &Subject<'_>) -> Vec<Finding> {
    let (suite, file) = (&subject.suite.options, &subject.spec.options);
    let mut findings = Vec::new();
    for written in repeated(file, suite) {
        let message = format!("the suite sets `{written}` already");
        let place = front_matter_place(subject.text);
        findings.push(subject.finding(place, Code::IdleOption, message));
    }
    let below = subject.options_below();
    for example in subject.own_examples() {
        for written in repeated(&example.options, &below) {
            let name = &written[1..];
            let name = name.split('=').next().unwrap_or(name);
            let by = if file.get(name).is_some() {
                "front matter"
            } else {
                "suite"
            };
            let message = format!("the {by} sets `{written}` already");
            let place = directive_place(example, &written);
            findings.push(subject.finding(place, Code::IdleOption, message));
        }
    }
    findings
}

/// The options that both sets have, with the same sign and value, as written.
fn repeated(options: &OptionSet, below: &OptionSet) -> Vec<String> {
    let names = options.iter().map(|(name, _)| name);
    names
        .filter(|name| !FORCED.contains(name))
        .filter_map(|name| {
            let written = options.written(name)?;
            (below.written(name)? == written).then_some(written)
        })
        .collect()
}

fn front_matter_place(text: &str) -> Place {
    let line = text.lines().position(|line| line.starts_with("doctest:"));
    Place::new(line.map_or(1, |line| line + 1), 1)
}

/// Where an option stands in the source of an example.
fn directive_place(example: &Example, written: &str) -> Place {
    let prompt = example.language.prompt().len() + 1;
    let found = example.source.lines().enumerate().find_map(|(line, text)| {
        let directive = text.rfind("doctest:")?;
        let at = directive + text[directive..].find(written)?;
        let column = example.indent + prompt + text[..at].chars().count() + 1;
        Some(Place::new(example.line + line, column))
    });
    found.unwrap_or(Place::new(example.line, example.indent + 1))
}
