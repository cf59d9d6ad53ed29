//! Expected output that is a regular expression as a whole (`REGEX`).

use std::collections::BTreeSet;

use regex::Regex;

use super::folding::Traced;
use super::pattern::{PatternError, compile};
use super::{BLANK_LINE, Captured, Place, Rules, Stop, prepare_expected, traced_actual};
use crate::match_type::fault_in;

/// The most lines, and the most characters of a line, that are tried to tell how
/// far an expression matches.
const MOST_TRIED: usize = 200;

/// A line that is empty, or white space alone.
const BLANK: &str = r"[\t\x0b-\r\x1c-\x1f ]*";

/// What is captured if all of the output matches.
pub(crate) fn verdict(expected: &str, actual: &str, rules: &Rules) -> Option<Vec<Captured>> {
    let lines = lines_of(expected, rules);
    let regex = whole(&lines).ok()?;
    let output = traced_actual(actual, rules);
    let found = regex.captures(&output.text)?;
    let mut captures = Vec::new();
    if !rules.captures {
        return Some(captures);
    }
    for name in regex.capture_names().flatten() {
        let Some(group) = found.name(name) else {
            continue;
        };
        if let Some(binding) = rules.scope.bound.get(name) {
            if rules.redacted(binding.value.as_str().into()) != group.as_str() {
                return None;
            }
            continue;
        }
        let is_in = |line: &String| line.contains(&format!("<{name}>"));
        captures.push(Captured {
            name: name.to_owned(),
            kind: "text".into(),
            value: actual[output.origin(group.range())].to_owned(),
            line: lines.iter().position(is_in).unwrap_or(0),
        });
    }
    Some(captures)
}

/// Tells why an expression cannot be used, if that is so, and adds the names of its
/// groups to those captured.
pub(crate) fn check(
    expected: &str,
    rules: &Rules,
    known: &mut BTreeSet<String>,
) -> Result<(), PatternError> {
    let lines = lines_of(expected, rules);
    match whole(&lines) {
        Ok(regex) if rules.captures => {
            known.extend(regex.capture_names().flatten().map(str::to_owned));
            Ok(())
        }
        Ok(_) => Ok(()),
        Err(error) => {
            // The first line that is wrong by itself, if there is one.
            let wrong = lines.iter().position(|line| compile(line).is_err());
            Err(PatternError::Regex {
                message: fault_in(&error),
                line: wrong.unwrap_or(0),
            })
        }
    }
}

/// Where an expression that does not match stops to do so.
pub(crate) fn stop(expected: &str, actual: &str, rules: &Rules) -> Option<Stop> {
    let lines = lines_of(expected, rules);
    let output = traced_actual(actual, rules);
    let count = lines.len().min(MOST_TRIED);
    let fits = |source: &str| {
        let regex = compile(&format!(r"(?m)\A(?:{source})")).ok()?;
        Some(regex.find(&output.text)?.end())
    };
    let whole_lines = |count: usize| match count {
        0 => Some((0, 0)),
        count => fits(&format!("{}\n", lines[..count].join("\n"))).map(|end| (count, end)),
    };
    let (line, mut end) = (0..=count).rev().find_map(whole_lines)?;
    let before = lines[..line].iter().map(|line| format!("{line}\n"));
    let before: String = before.collect();
    let Some(wanted) = lines.get(line) else {
        return Some(stop_at(String::new(), line, &output, actual, end));
    };
    let ends: Vec<usize> = wanted.char_indices().map(|(at, _)| at).skip(1).collect();
    let ends = ends.into_iter().chain([wanted.len()]).take(MOST_TRIED);
    let longest = ends.filter_map(|end| fits(&format!("{before}{}", &wanted[..end])));
    end = longest.last().unwrap_or(end);
    Some(stop_at(wanted.clone(), line, &output, actual, end))
}

fn stop_at(piece: String, line: usize, output: &Traced, actual: &str, end: usize) -> Stop {
    Stop {
        piece,
        expected: Place { line, column: 0 },
        actual: Place::default().after(&actual[..output.origin(end..end).start]),
        searched: false,
    }
}

/// The lines of the expression.
fn lines_of(expected: &str, rules: &Rules) -> Vec<String> {
    prepare_expected(expected, rules)
        .lines()
        .map(|line| match line.trim_end() {
            BLANK_LINE if rules.blank_line => BLANK.to_owned(),
            _ => line.to_owned(),
        })
        .collect()
}

fn whole(lines: &[String]) -> Result<Regex, regex::Error> {
    let source = lines.join("\n");
    // By itself first, so that it cannot close the group around it.
    compile(&source)?;
    compile(&format!(r"(?m)\A(?:{source})\n?\z"))
}
