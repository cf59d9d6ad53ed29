//! Run arguments: numbers, ranges and id prefixes, over a list of runs that
//! filters have been applied to.

use crate::runs::Run;

/// An argument that means no run, or too many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SpecError {
    /// No run matches.
    NoMatch(String),
    /// Several runs match where one is wanted: the argument and short ids.
    Several(String, Vec<String>),
}

/// The runs of `runs` that `spec` means, in their order: `2` the second, `2:4`
/// the second to the fourth, `:4`, `2:` and `:`; any other text, and a number
/// that is out of range, the one run with that id or whose id starts so.
///
/// # Errors
/// No id starts so, or several do.
pub fn select(runs: &[Run], spec: &str) -> Result<Vec<Run>, SpecError> {
    match position(spec, runs.len()) {
        Some((start, end)) => {
            let from = start.map_or(0, |start| start - 1).min(runs.len());
            let to = end.unwrap_or(runs.len());
            Ok(runs.get(from..to).unwrap_or_default().to_vec())
        }
        None => select_by_id(runs, spec),
    }
}

/// Whether `spec` may be a number or a range in a list of `count` runs or fewer.
/// What is not means runs by their ids, wherever they are in the list.
pub fn is_position(spec: &str, count: usize) -> bool {
    position(spec, count).is_some()
}

/// The one run of `runs` with the id `id`, or else whose id starts so.
///
/// # Errors
/// There is none, or there are several.
pub fn select_by_id(runs: &[Run], id: &str) -> Result<Vec<Run>, SpecError> {
    let matches: Vec<&Run> = runs.iter().filter(|run| run.id().starts_with(id)).collect();
    let mut exact = matches.iter().filter(|run| run.id() == id);
    if let (Some(run), None) = (exact.next(), exact.next()) {
        return Ok(vec![(*run).clone()]);
    }
    match matches.as_slice() {
        [] => Err(SpecError::NoMatch(id.to_string())),
        [only] => Ok(vec![(*only).clone()]),
        several => Err(several_error(id, several)),
    }
}

impl SpecError {
    /// That `spec` means all of `runs` where one is wanted.
    pub fn several(spec: &str, runs: &[Run]) -> Self {
        several_error(spec, &runs.iter().collect::<Vec<_>>())
    }
}

fn several_error(spec: &str, runs: &[&Run]) -> SpecError {
    let ids = runs.iter().map(|run| run.short_id().to_string()).collect();
    SpecError::Several(spec.to_string(), ids)
}

/// First and last number of `spec` if they are in a list of `count` runs.
fn position(spec: &str, count: usize) -> Option<(Option<usize>, Option<usize>)> {
    range(spec).filter(|(start, end)| {
        start.is_none_or(|start| start >= 1) && end.is_none_or(|end| end <= count)
    })
}

/// First and last number of `2`, `2:4`, `:4`, `2:` or `:`; what follows a range
/// is not looked at.
fn range(spec: &str) -> Option<(Option<usize>, Option<usize>)> {
    let number = spec.trim();
    if let Ok(number) = number.strip_prefix('+').unwrap_or(number).parse() {
        return Some((Some(number), Some(number)));
    }
    let (start, rest) = digits(spec);
    let (end, _) = digits(rest.strip_prefix(':')?);
    let parse = |text: &str| match text {
        "" => Some(None),
        text => text.parse().ok().map(Some),
    };
    Some((parse(start)?, parse(end)?))
}

fn digits(text: &str) -> (&str, &str) {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    text.split_at(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picked(spec: &str) -> Result<Vec<String>, SpecError> {
        let runs: Vec<_> = ["a1", "b2", "81", "a3"]
            .iter()
            .map(|id| Run::at(format!("/runs/{id}")))
            .collect();
        let runs = select(&runs, spec)?;
        Ok(runs.iter().map(|run| run.id().to_string()).collect())
    }

    #[test]
    fn numbers_and_ranges_count_in_the_list() {
        for (spec, expected) in [
            ("1", vec!["a1"]),
            (" +2 ", vec!["b2"]),
            ("02", vec!["b2"]),
            ("2:3", vec!["b2", "81"]),
            (":2", vec!["a1", "b2"]),
            ("3:", vec!["81", "a3"]),
            (":", vec!["a1", "b2", "81", "a3"]),
            ("3:1", vec![]),
            (":0", vec![]),
            ("9:", vec![]),
            ("1:2x", vec!["a1", "b2"]),
            ("b", vec!["b2"]),
            // Out of range, but a prefix.
            ("8", vec!["81"]),
        ] {
            let expected: Vec<String> = expected.into_iter().map(str::to_string).collect();
            assert_eq!(picked(spec), Ok(expected), "{spec}");
        }
    }

    #[test]
    fn what_matches_no_run_or_several_is_an_error() {
        for spec in ["zz", "99", "0:2", "2:99", "-1", "A1", " :2"] {
            assert_eq!(picked(spec), Err(SpecError::NoMatch(spec.to_string())));
        }
        let ids = vec!["a1".to_string(), "a3".to_string()];
        assert_eq!(picked("a"), Err(SpecError::Several("a".into(), ids)));
        assert!(picked("").is_err());
    }

    #[test]
    fn an_id_in_full_is_that_run_whatever_else_starts_so() {
        let runs: Vec<_> = ["ab_1", "ab", "abc"]
            .iter()
            .map(|id| Run::at(format!("/runs/{id}")))
            .collect();
        assert_eq!(select(&runs, "ab"), Ok(vec![runs[1].clone()]));
        assert!(matches!(select(&runs, "a"), Err(SpecError::Several(..))));
    }

    #[test]
    fn a_position_may_be_one_in_a_list_that_long() {
        for (spec, count) in [("3", 3), ("3", 9), (":", 0), ("2:", 0), ("9:", 3)] {
            assert!(is_position(spec, count), "{spec}");
        }
        for (spec, count) in [("4", 3), ("0", 3), ("a", 3), ("1:4", 3), ("1e", 3)] {
            assert!(!is_position(spec, count), "{spec}");
        }
    }
}
