//! Examples that are put aside without a word.

use super::{Code, Finding, Subject};
use crate::spec::Example;
use crate::yaml_nodes::Place;

/// The gates that say that something is amiss, but not what.
const GATES: [&str; 4] = ["FIXME", "FIXME_CI", "FIXME_WINDOWS", "SKIP"];

/// The examples that are put aside, where neither a comment nor the text above
/// tells why.
pub(super) fn findings(subject: &Subject<'_>) -> Vec<Finding> {
    let lines: Vec<&str> = subject.text.lines().collect();
    let mut findings = Vec::new();
    for example in subject.own_examples() {
        let Some(gate) = GATES.iter().find(|gate| example.options.is_on(gate)) else {
            continue;
        };
        if has_comment(example) || has_prose_above(subject, example, &lines) {
            continue;
        }
        let place = Place::new(example.line, example.indent + 1);
        let message = format!("marked {gate}, and nothing says why");
        findings.push(subject.finding(place, Code::BareGate, message));
    }
    findings
}

/// Whether there is a comment that is more than a directive.
fn has_comment(example: &Example) -> bool {
    example.source.lines().any(|line| {
        let comments = line.split('#').skip(1).map(str::trim);
        comments
            .filter(|comment| !comment.is_empty())
            .any(|comment| !comment.starts_with("doctest:"))
    })
}

/// Whether what stands above the examples that end with this one is prose.
fn has_prose_above(subject: &Subject<'_>, example: &Example, lines: &[&str]) -> bool {
    let spec = subject.spec;
    let above = lines.iter().take(example.line - 1).enumerate().rev();
    let found = above
        .map(|(at, line)| (at + 1, line.trim()))
        .find(|(at, line)| {
            let is_fence = line.starts_with("```") || line.starts_with("~~~");
            let is_in = |example: &Example| {
                let end = example.expected_line + example.expected.lines().count();
                (example.line..end).contains(at)
            };
            !line.is_empty() && !is_fence && !subject.own_examples().any(is_in)
        });
    let Some((at, line)) = found else {
        return false;
    };
    line != "---" && spec.headings.iter().all(|heading| heading.line != at)
}
