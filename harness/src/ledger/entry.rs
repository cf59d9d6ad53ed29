//! What a ledger says of one spec, and how a run stands to that.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::{Cause, LedgerError};
use crate::gate::{Skip, SkipKind};
use crate::numbers::Numbers;
use crate::verdict::{ExampleReport, Outcome, SpecReport, Verdict};

/// What is expected of one spec.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// How many examples it has.
    pub examples: usize,
    /// The numbers of those that pass, from 1.
    pub passing: Numbers,
    /// Those of them that pass only now and then, and why: to lose one is told,
    /// and is no failure.
    pub unsteady: BTreeMap<Numbers, String>,
    /// Why others do not, for the numbers that have a reason.
    pub reasons: BTreeMap<Numbers, String>,
}

impl Entry {
    /// What a run of a spec with this many examples shows.
    pub fn of(examples: usize, report: &SpecReport, causes: &[Cause]) -> Entry {
        let mut entry = Entry {
            examples,
            ..Entry::default()
        };
        let mut by_reason: BTreeMap<String, Numbers> = BTreeMap::new();
        for number in 1..=examples {
            let example = report.examples.get(number - 1);
            if example.is_some_and(|example| example.verdict == Verdict::Passed) {
                entry.passing.insert(number);
            } else {
                let reason = reason(report, example, causes);
                by_reason.entry(reason).or_default().insert(number);
            }
        }
        entry.set_reasons(by_reason);
        entry
    }

    /// What holds of this run and another one: an example passes if it does in
    /// both.
    pub fn both(&self, other: &Entry) -> Entry {
        self.joined(other, self.passing.and(&other.passing))
    }

    /// What holds after another run was made because of what was lost in this
    /// one: of the examples that are `expected` to pass, those that passed then
    /// pass.
    pub fn regained(&self, other: &Entry, expected: &Numbers) -> Entry {
        self.joined(other, self.passing.or(&other.passing.and(expected)))
    }

    fn joined(&self, other: &Entry, passing: Numbers) -> Entry {
        let failing = (1..=self.examples).filter(|number| !passing.contains(*number));
        let mut by_reason: BTreeMap<String, Numbers> = BTreeMap::new();
        for number in failing {
            let reason = self.reason(number).or(other.reason(number));
            let reason = reason.unwrap_or_default().to_owned();
            by_reason.entry(reason).or_default().insert(number);
        }
        let mut joined = Entry {
            examples: self.examples,
            passing,
            ..Entry::default()
        };
        joined.set_reasons(by_reason);
        joined
    }

    fn set_reasons(&mut self, by_reason: BTreeMap<String, Numbers>) {
        self.reasons = by_reason
            .into_iter()
            .map(|(reason, numbers)| (numbers, reason))
            .collect();
    }

    /// Why an example does not pass, if a reason is written down.
    pub fn reason(&self, number: usize) -> Option<&str> {
        let found = self.reasons.iter().find(|(set, _)| set.contains(number));
        found.map(|(_, reason)| reason.as_str())
    }

    /// Why an example passes only now and then, if it is known to.
    pub fn unsteady(&self, number: usize) -> Option<&str> {
        let found = self.unsteady.iter().find(|(set, _)| set.contains(number));
        found.map(|(_, reason)| reason.as_str())
    }

    /// This entry as it is now, with the reasons that were written before for
    /// what still does not pass; what is unsteady stays what it was.
    pub fn with_reasons_of(&self, before: &Entry) -> Entry {
        let mut by_reason: BTreeMap<String, Numbers> = BTreeMap::new();
        let stays = |number: &usize| before.unsteady(*number).is_some();
        for (numbers, reason) in &self.reasons {
            for number in numbers.iter().filter(|number| !stays(number)) {
                let written = before.reason(number).unwrap_or(reason).to_owned();
                by_reason.entry(written).or_default().insert(number);
            }
        }
        let mut entry = self.clone();
        entry.unsteady.clone_from(&before.unsteady);
        let stay = (1..=self.examples).filter(stays).collect();
        entry.passing = entry.passing.or(&stay);
        entry.set_reasons(by_reason);
        entry
    }
}

/// Why an example does not pass, in words that hold no text of the spec.
fn reason(report: &SpecReport, example: Option<&ExampleReport>, causes: &[Cause]) -> String {
    let Some(example) = example else {
        return match &report.outcome {
            Outcome::Skipped(skip) => skipped(skip),
            outcome => outcome.word().to_owned(),
        };
    };
    let actual = example.actual.as_ref();
    let shown = actual.map(|actual| actual.shown());
    let cause = shown.and_then(|shown| causes.iter().find_map(|cause| cause.reason(&shown)));
    match &example.verdict {
        Verdict::Skipped(skip) => skipped(skip),
        Verdict::NotRun(why) => format!("not run: {}", why.words()),
        Verdict::Passed => String::new(),
        Verdict::Failed if example.timeout.is_some() => "timeout".into(),
        Verdict::Failed if cause.is_some() => cause.unwrap_or_default(),
        Verdict::Failed if example.follows.is_some() => "follows from a failure before it".into(),
        Verdict::Failed => match actual.and_then(|actual| actual.exception.as_ref()) {
            Some(exception) => {
                let name = exception.message.split([':', '\n']).next();
                format!("raises {}", name.unwrap_or_default().trim())
            }
            None => "output differs".into(),
        },
    }
}

fn skipped(skip: &Skip) -> String {
    match skip.kind {
        // What it needs is named by the spec itself.
        SkipKind::Dependency => "skipped: needs what the suite says is absent".to_owned(),
        _ => format!("skipped: {}", skip.reason),
    }
}

/// An entry as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EntryTable {
    examples: usize,
    #[serde(default)]
    passing: String,
    #[serde(default)]
    unsteady: BTreeMap<String, String>,
    #[serde(default)]
    reasons: BTreeMap<String, String>,
}

impl EntryTable {
    /// The entry, if it makes sense; `path` and `spec` are for errors.
    pub(super) fn check(self, path: &Path, spec: &str) -> Result<Entry, LedgerError> {
        let read = |text: &str| {
            text.parse::<Numbers>()
                .map_err(|source| LedgerError::Numbers {
                    path: path.to_owned(),
                    spec: spec.to_owned(),
                    source,
                })
        };
        let passing = read(&self.passing)?;
        let mut seen = passing.clone();
        let mut reasons = BTreeMap::new();
        let fault = |number, what| LedgerError::Example {
            path: path.to_owned(),
            spec: spec.to_owned(),
            number,
            what,
        };
        let mut unsteady = BTreeMap::new();
        for (numbers, reason) in self.unsteady {
            let numbers = read(&numbers)?;
            if let Some(number) = numbers.without(&passing).last() {
                return Err(fault(number, "is unsteady, but not among those that pass"));
            }
            unsteady.insert(numbers, reason);
        }
        for (numbers, reason) in self.reasons {
            let numbers = read(&numbers)?;
            if let Some(number) = numbers.and(&seen).last() {
                return Err(fault(number, "is there twice"));
            }
            numbers.iter().for_each(|number| seen.insert(number));
            reasons.insert(numbers, reason);
        }
        if let Some(number) = seen.last().filter(|last| *last > self.examples) {
            return Err(fault(number, "is beyond the last"));
        }
        Ok(Entry {
            examples: self.examples,
            passing,
            unsteady,
            reasons,
        })
    }
}

/// How one spec of a run stands to the ledger.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// Examples that were to pass and did not.
    pub lost: Numbers,
    /// Examples that pass only now and then, and did not.
    pub unlucky: Numbers,
    /// Examples that pass and were not expected to.
    pub gained: Numbers,
    /// How many examples the ledger knows, if that is not how many there are.
    pub examples_before: Option<usize>,
    /// Whether the ledger has nothing about the spec.
    pub is_new: bool,
}

impl Standing {
    /// Holds what is now against what was expected.
    pub fn of(expected: Option<&Entry>, now: &Entry) -> Standing {
        let Some(expected) = expected else {
            return Standing {
                is_new: true,
                ..Standing::default()
            };
        };
        let failed = expected.passing.without(&now.passing);
        let (unlucky, lost) = failed
            .iter()
            .partition::<Vec<_>, _>(|number| expected.unsteady(*number).is_some());
        Standing {
            lost: lost.into_iter().collect(),
            unlucky: unlucky.into_iter().collect(),
            gained: now.passing.without(&expected.passing),
            examples_before: (expected.examples != now.examples).then_some(expected.examples),
            is_new: false,
        }
    }
}
