//! One report of several: what a run of all their specs would have told.

use std::collections::HashMap;
use std::path::Path;

use jiff::Timestamp;

use super::record::{Document, End, Run, Spec};
use crate::verdict::Totals;

/// Why reports cannot be merged.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum MergeError {
    /// None were given.
    #[error("no report to merge")]
    None,
    /// A spec that more than one has.
    #[error("`{0}` is in more than one of the reports: merge those of shards of one run")]
    Twice(String),
}

/// Merges reports, as those of the shards of one run.
pub fn merge(documents: Vec<Document>) -> Result<Document, MergeError> {
    let run = documents.iter().map(|document| &document.run);
    let run = run.cloned().reduce(join).ok_or(MergeError::None)?;
    let origin = moment(&run);
    let mut totals = Totals::default();
    let mut end = End::default();
    let mut specs: Vec<Spec> = Vec::new();
    for mut document in documents {
        // Times are told from the start of the first run.
        let late = moment(&document.run).as_millisecond() - origin.as_millisecond();
        let late = late.max(0) as f64;
        for spec in &mut document.specs {
            delay(spec, late);
        }
        specs.append(&mut document.specs);
        totals.join(&document.end.totals);
        end.unclaimed.append(&mut document.end.unclaimed);
        end.is_interrupted |= document.end.is_interrupted;
        end.duration_ms = end.duration_ms.max(document.end.duration_ms + late);
    }
    let mut seen = HashMap::new();
    if let Some(twice) = specs
        .iter()
        .find(|s| seen.insert(s.path.clone(), ()).is_some())
    {
        return Err(MergeError::Twice(twice.path.clone()));
    }
    in_order(&mut specs, &run.paths);
    end.exit_code = if end.is_interrupted {
        5
    } else {
        totals.exit_code()
    };
    end.totals = totals;
    Ok(Document { run, specs, end })
}

/// The provenance of both: what they agree on.
fn join(mut first: Run, second: Run) -> Run {
    first.selection = without_shard(first.selection);
    if first.selection != without_shard(second.selection.clone()) {
        first.selection.clear();
    }
    if moment(&second) < moment(&first) {
        first.started.clone_from(&second.started);
    }
    first.python.extend(second.python);
    let paths = second.paths.into_iter();
    first.paths = united(first.paths, paths);
    first.programs = united(first.programs, second.programs.into_iter());
    first.suites = united(first.suites, second.suites.into_iter());
    first.options = united(first.options, second.options.into_iter());
    if first.revision != second.revision {
        first.revision = None;
    }
    first
}

fn united<T: PartialEq>(mut first: Vec<T>, second: impl Iterator<Item = T>) -> Vec<T> {
    for item in second {
        if !first.contains(&item) {
            first.push(item);
        }
    }
    first
}

/// The words without `--shard` and what follows it.
fn without_shard(words: Vec<String>) -> Vec<String> {
    let mut kept = Vec::new();
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        if word == "--shard" {
            words.next();
        } else if !word.starts_with("--shard=") {
            kept.push(word);
        }
    }
    kept
}

/// When a run started; the beginning of time if that cannot be read.
fn moment(run: &Run) -> Timestamp {
    run.started.parse().unwrap_or(Timestamp::UNIX_EPOCH)
}

fn delay(spec: &mut Spec, late: f64) {
    if spec.attempts > 0 {
        spec.start_ms += late;
    }
    for example in spec.examples.iter_mut().filter(|e| e.attempts > 0) {
        example.start_ms += late;
    }
}

/// Puts specs in the order in which they are found below these paths.
fn in_order(specs: &mut [Spec], paths: &[String]) {
    specs.sort_by_cached_key(|spec| {
        let path = Path::new(&spec.path);
        let place = paths.iter().position(|given| path.starts_with(given));
        let parts: Vec<_> = path.iter().map(ToOwned::to_owned).collect();
        (place.unwrap_or(paths.len()), parts)
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    /// A report with every spec of the sample whose number has this parity, as a
    /// shard would have told it.
    fn shard(number: usize) -> Document {
        let mut document = sample::document();
        let mut at = 0;
        document.specs.retain(|_| {
            at += 1;
            at % 2 == number
        });
        let selection = ["--filter", "a b", "--shard", &format!("{}/2", number + 1)];
        document.run.selection = selection.map(str::to_owned).to_vec();
        document.end.totals = Totals::default();
        document.end.unclaimed.truncate(number);
        document
    }

    #[test]
    fn shards_make_the_whole() {
        let whole = sample::document();
        let (mut first, mut second) = (shard(1), shard(0));
        first.end.totals.passed = 1;
        second.end.totals.passed = 1;
        second.end.totals.flaky = 1;
        second.run.started = "2026-01-02T03:04:06Z".into();
        let merged = merge(vec![second, first]).unwrap();
        assert_eq!(merged.run, whole.run);
        let paths = |document: &Document| -> Vec<String> {
            document
                .specs
                .iter()
                .map(|spec| spec.path.clone())
                .collect()
        };
        let mut wanted = paths(&whole);
        wanted.sort();
        assert_eq!(paths(&merged), wanted);
        assert_eq!((merged.end.totals.passed, merged.end.totals.flaky), (2, 1));
        assert_eq!(merged.end.exit_code, 5);
        assert_eq!(merged.end.unclaimed, whole.end.unclaimed);
        // The second started a second later.
        assert_eq!(merged.end.duration_ms, whole.end.duration_ms + 1000.0);
        let flaky = merged
            .specs
            .iter()
            .find(|s| s.path.contains("failed"))
            .unwrap();
        assert_eq!(flaky.start_ms, 1001.5);
    }

    #[test]
    fn not_twice_and_not_none() {
        assert_eq!(merge(Vec::new()), Err(MergeError::None));
        let twice = merge(vec![sample::document(), sample::document()]);
        assert!(matches!(twice, Err(MergeError::Twice(_))));
    }

    #[test]
    fn order_is_that_of_the_paths_given() {
        let spec = |path: &str| Spec {
            path: path.into(),
            ..Spec::default()
        };
        let mut specs = ["a/x.md", "b/y.md", "a/b/z.md", "b.md"].map(spec);
        in_order(&mut specs, &["b".into(), "a".into()]);
        let paths: Vec<&str> = specs.iter().map(|spec| spec.path.as_str()).collect();
        assert_eq!(paths, ["b/y.md", "a/b/z.md", "a/x.md", "b.md"]);
    }
}
