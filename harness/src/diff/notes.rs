//! What a difference of lines does not show by itself.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::matcher::{
    Binding, Mode, Rules, Stop, expected_exception, fold_whitespace, has_escapes, has_specials,
    names_of, regular, search,
};

/// The most bytes of expected output whose pattern is searched for where it stops.
const MOST_EXPLAINED: usize = 64 << 10;

/// Where a comparison with wildcards or captures stopped, what there is to say
/// about names, and the rules with the names bound that were captured until then.
pub(super) fn stop(
    expected: &str,
    actual: &str,
    rules: &Rules,
) -> (Option<Stop>, Vec<String>, Rules) {
    let mut rules = rules.clone();
    if rules.mode == Mode::Regex {
        let is_message = expected_exception(expected).is_some();
        let stop = regular::stop(expected, actual, &rules).filter(|_| !is_message);
        return (
            stop,
            vec!["compared with a regular expression".into()],
            rules,
        );
    }
    let is_long = expected.len() > MOST_EXPLAINED;
    // The message of an exception is compared without what is shown around it.
    if is_long || expected_exception(expected).is_some() || !has_specials(expected, &rules) {
        return (None, Vec::new(), rules);
    }
    let explanation = match search(expected, actual, &rules) {
        Ok(explanation) => explanation,
        Err(error) => return (None, vec![error.when_compared()], rules),
    };
    let mut notes = explanation.notes;
    for (name, _) in names_of(expected, &rules) {
        let Some(binding) = rules.scope.bound.get(&name) else {
            continue;
        };
        let is_told = |note: &String| note.starts_with(&format!("`{name}`"));
        if !notes.iter().any(is_told) {
            let (value, line) = (&binding.value, binding.line);
            notes.push(format!("`{name}` is `{value}`, captured at line {line}"));
        }
    }
    let bound = Arc::make_mut(&mut rules.scope.bound);
    for captured in explanation.bindings {
        bound.entry(captured.name).or_insert(Binding {
            value: captured.value,
            kind: captured.kind,
            line: captured.line + 1,
        });
    }
    // Text that is not where it must be is told of by the lines.
    let tells =
        |stop: &Stop| stop.searched && !stop.piece.is_empty() || stop.piece.starts_with('{');
    (explanation.stop.filter(tells), notes, rules)
}

/// What was done to the texts before they were compared, where it mattered: a
/// line that names it, if there is anything. `same` are the lines that match.
pub(super) fn normalised<'a>(
    (expected, actual): (&str, &str),
    mut same: impl Iterator<Item = (&'a str, &'a str)>,
    rules: &Rules,
) -> Option<String> {
    let mut done = Vec::new();
    let is_folded = |(want, got): (&str, &str)| {
        want.trim() != got.trim() && fold_whitespace(want) == fold_whitespace(got)
    };
    if rules.whitespace && same.any(is_folded) {
        done.push("white space folded".to_owned());
    }
    if rules.strip_ansi && has_escapes(actual) {
        done.push("escape sequences dropped".to_owned());
    }
    if rules.redact {
        let redactor = &rules.scope.redactor;
        let found = [expected, actual].map(|text| redactor.find(text));
        let names: BTreeSet<&str> = found.iter().flatten().map(|(_, name)| *name).collect();
        if !names.is_empty() {
            let names: Vec<&str> = names.into_iter().collect();
            done.push(format!("redactions: {}", names.join(", ")));
        }
    }
    (!done.is_empty()).then(|| format!("compared after: {}", done.join(", ")))
}
