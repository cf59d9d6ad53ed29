//! What changed from one report to another.

use std::collections::HashMap;
use std::io::{self, Write};

use super::point::{Point, State, points};
use super::record::{Document, Run};

/// What changed between two reports; each change is told as a line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    /// How the runs differ.
    pub provenance: Vec<String>,
    /// What fails now and did not, or was not there.
    pub newly_failing: Vec<String>,
    /// What failed and passes now.
    pub newly_passing: Vec<String>,
    /// What passed and is not run now, or not there.
    pub no_longer_run: Vec<String>,
    /// How many fail in both.
    pub still_failing: usize,
}

/// An example is the same in both if the file and the source are, and as many
/// with this source stand before it: lines may have moved.
type Key = (String, String, usize);

/// Compares a report with a later one.
pub fn compare(before: &Document, after: &Document) -> Comparison {
    let (old, new) = (keyed(before), keyed(after));
    let then: HashMap<&Key, &Point> = old.iter().map(|(key, point)| (key, point)).collect();
    let now: HashMap<&Key, &Point> = new.iter().map(|(key, point)| (key, point)).collect();
    let mut found = Comparison {
        provenance: provenance(&before.run, &after.run),
        ..Comparison::default()
    };
    for (key, point) in &new {
        let place = format!("{}:{}", point.file, point.line);
        let old = then.get(key);
        let failed = old.is_some_and(|old| old.state.is_bad());
        if point.state.is_bad() && failed {
            found.still_failing += 1;
        } else if point.state.is_bad() {
            let new = if old.is_some() { "" } else { " (new)" };
            let line = format!("{place}: {}{new}", point.message);
            found.newly_failing.push(line);
        } else if point.state == State::Passed && failed {
            found.newly_passing.push(format!("{place}: {}", point.name));
        }
    }
    for (key, point) in &old {
        let gone = match now.get(key) {
            _ if point.state != State::Passed => continue,
            None => "gone",
            Some(now) if matches!(now.state, State::Skipped | State::NotRun) => &now.message,
            Some(_) => continue,
        };
        let line = format!("{}:{}: {gone}", point.file, point.line);
        found.no_longer_run.push(line);
    }
    found
}

fn keyed(document: &Document) -> Vec<(Key, Point<'_>)> {
    let mut keyed = Vec::new();
    for spec in &document.specs {
        let mut seen: HashMap<String, usize> = HashMap::new();
        for point in points(spec) {
            let source = match point.example {
                Some(example) => example.source.clone(),
                None => point.name.clone(),
            };
            let before = seen.entry(source.clone()).or_default();
            keyed.push(((spec.path.clone(), source, *before), point));
            *before += 1;
        }
    }
    keyed
}

fn provenance(before: &Run, after: &Run) -> Vec<String> {
    let programs = |run: &Run| -> Vec<String> {
        let short = |digest: &str| digest.get(..12).unwrap_or(digest).to_owned();
        let programs = run.programs.iter();
        programs
            .map(|p| format!("{} {} {}", p.name, p.path, short(&p.sha256)))
            .collect()
    };
    let revision = |run: &Run| match &run.revision {
        None => "none".to_owned(),
        Some(found) => {
            let modified = if found.modified { ", modified" } else { "" };
            format!("{}{modified}", found.commit)
        }
    };
    let machine = |run: &Run| format!("{} {}, {} processors", run.os, run.arch, run.processors);
    let python = |run: &Run| run.python.values().cloned().collect::<Vec<_>>().join(", ");
    let rows = [
        (
            "program",
            programs(before).join(", "),
            programs(after).join(", "),
        ),
        ("revision", revision(before), revision(after)),
        ("harness", before.harness.clone(), after.harness.clone()),
        ("machine", machine(before), machine(after)),
        ("python", python(before), python(after)),
        ("options", before.options.join(" "), after.options.join(" ")),
        (
            "selection",
            before.selection.join(" "),
            after.selection.join(" "),
        ),
    ];
    rows.into_iter()
        .filter(|(_, before, after)| before != after)
        .map(|(name, before, after)| format!("{name}: {before} -> {after}"))
        .collect()
}

impl Comparison {
    /// Writes it for a person.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        for line in &self.provenance {
            writeln!(out, "{line}")?;
        }
        let parts = [
            ("newly failing", &self.newly_failing),
            ("newly passing", &self.newly_passing),
            ("no longer run", &self.no_longer_run),
        ];
        for (title, lines) in parts.iter().filter(|(_, lines)| !lines.is_empty()) {
            writeln!(out, "{title}:")?;
            for line in *lines {
                writeln!(out, "  {line}")?;
            }
        }
        writeln!(
            out,
            "{} newly failing, {} newly passing, {} no longer run, {} still failing",
            self.newly_failing.len(),
            self.newly_passing.len(),
            self.no_longer_run.len(),
            self.still_failing
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::record::Verdict;
    use crate::report::sample;

    #[test]
    fn alike() {
        let document = sample::document();
        let found = compare(&document, &document);
        let wanted = Comparison {
            still_failing: 5,
            ..Comparison::default()
        };
        assert_eq!(found, wanted);
    }

    #[test]
    fn changes() {
        let before = sample::document();
        let mut after = before.clone();
        after.specs[0].examples[0].verdict = Verdict::Failed;
        after.specs[0].examples[0].reason = "output differs".into();
        after.specs[0].examples[0].line = 99;
        after.specs[1].examples[1].verdict = Verdict::Passed;
        after.specs.remove(2);
        after.run.revision = None;
        let found = compare(&before, &after);
        assert_eq!(
            found.newly_failing,
            ["specs/a/passed.md:99: output differs"]
        );
        assert_eq!(found.newly_passing.len(), 1);
        assert!(found.newly_passing[0].starts_with("specs/a/failed <&>.md:15: line 15: print("));
        assert_eq!(found.no_longer_run, ["specs/flaky.md:10: gone"]);
        assert_eq!(found.still_failing, 4);
        assert!(found.provenance[0].ends_with(", modified -> none"));
    }
}
