//! Lines compared in any order (`SORTED`).

use std::collections::HashMap;
use std::sync::Arc;

use super::line::{ActualLine, ExpectedLine};
use super::pattern::{PatternError, names_of};
use super::{
    BLANK_LINE, Binding, Captured, ELLIPSIS, Rules, explain::search, prepare_actual,
    prepare_expected,
};

/// Which lines belong together.
#[derive(Debug, Default)]
pub(crate) struct Pairs {
    /// For each line of the output, the expected line it matches.
    pub lines: Vec<Option<usize>>,
    /// The expected lines that nothing matches.
    pub missing: Vec<usize>,
    /// Whether a line that is only a wildcard takes what is left.
    pub takes_rest: bool,
}

impl Pairs {
    /// Whether nothing is left over on either side.
    fn agree(&self) -> bool {
        self.missing.is_empty() && (self.takes_rest || self.lines.iter().all(Option::is_some))
    }
}

/// What is captured if the lines are the same, in whatever order.
pub(crate) fn verdict(expected: &str, actual: &str, rules: &Rules) -> Option<Vec<Captured>> {
    let expected = prepare_expected(expected, rules);
    let actual = prepare_actual(actual, rules);
    let want: Vec<&str> = expected.lines().collect();
    let got: Vec<&str> = actual.lines().collect();
    resolve(&want, &got, rules).0
}

/// Pairs lines, and tells what is captured if none is left over. A name has one
/// value: that of the first expected line it is captured in.
pub(crate) fn resolve(
    want: &[&str],
    got: &[&str],
    rules: &Rules,
) -> (Option<Vec<Captured>>, Pairs) {
    let typed = typed(want, rules);
    let want: Vec<&str> = typed.iter().map(String::as_str).collect();
    let mut rules = rules.clone();
    let mut captures: Vec<Captured> = Vec::new();
    loop {
        let pairs = pairs(&want, got, &rules);
        if !pairs.agree() {
            return (None, pairs);
        }
        let found = match captured(&want, got, &pairs, &rules) {
            Ok(found) => found,
            Err(_) => return (None, pairs),
        };
        let differs = |(index, one): &(usize, &Captured)| {
            let others = found[..*index].iter();
            others
                .filter(|other| other.name == one.name)
                .any(|other| other.value != one.value)
        };
        let Some((_, second)) = found.iter().enumerate().find(differs) else {
            for captured in found {
                if captures.iter().all(|known| known.name != captured.name) {
                    captures.push(captured);
                }
            }
            return (Some(captures), pairs);
        };
        let Some(first) = found.iter().find(|first| first.name == second.name) else {
            return (None, pairs);
        };
        let binding = Binding {
            value: first.value.clone(),
            kind: first.kind.clone(),
            line: 0,
        };
        Arc::make_mut(&mut rules.scope.bound).insert(first.name.clone(), binding);
        captures.push(first.clone());
    }
}

/// The lines with the type written out of names that another line captures.
fn typed(want: &[&str], rules: &Rules) -> Vec<String> {
    let all = want.join("\n");
    let mut lines: Vec<String> = want.iter().map(|line| (*line).to_owned()).collect();
    if !rules.captures {
        return lines;
    }
    for (name, _) in names_of(&all, rules) {
        let marker = format!("{{{name}:");
        let Some(kind) = all
            .split(&marker)
            .nth(1)
            .and_then(|rest| rest.split('}').next())
        else {
            continue;
        };
        for line in &mut lines {
            *line = line.replace(&format!("{{{name}}}"), &format!("{marker}{kind}}}"));
        }
    }
    lines
}

/// Pairs as many lines as can be.
fn pairs(want: &[&str], got: &[&str], rules: &Rules) -> Pairs {
    let is_gap = |line: &str| rules.ellipsis && line.trim() == ELLIPSIS;
    let is_blank = |line: &str| {
        let line = line.trim();
        rules.whitespace && (line.is_empty() || rules.blank_line && line == BLANK_LINE)
    };
    let mut pairs = Pairs {
        lines: vec![None; got.len()],
        ..Pairs::default()
    };
    let came: Vec<ActualLine<'_>> = got
        .iter()
        .map(|line| ActualLine::new(line, rules))
        .collect();
    let mut plain: HashMap<&str, Vec<usize>> = HashMap::new();
    for (j, line) in came.iter().enumerate().rev() {
        if is_blank(got[j]) {
            // Blank lines count for nothing, as they do in order.
            pairs.lines[j] = Some(usize::MAX);
        } else {
            plain.entry(line.compared()).or_default().push(j);
        }
    }
    let mut vague = Vec::new();
    for (i, line) in want.iter().enumerate() {
        if is_gap(line) {
            pairs.takes_rest = true;
        } else if !is_blank(line) {
            let line = ExpectedLine::new(line, rules);
            match line.text() {
                // Lines that are alike stand for each other.
                Some(text) => match plain.get_mut(text).and_then(Vec::pop) {
                    Some(j) => pairs.lines[j] = Some(i),
                    None => pairs.missing.push(i),
                },
                None => vague.push((i, line)),
            }
        }
    }
    for at in 0..vague.len() {
        let mut tried = vec![false; got.len()];
        if !assign(at, &vague, &came, &mut pairs.lines, &mut tried) {
            pairs.missing.push(vague[at].0);
        }
    }
    pairs.missing.sort_unstable();
    pairs
}

/// Finds a line of output for a vague one, if need be by finding another one for
/// those that have theirs.
fn assign(
    at: usize,
    vague: &[(usize, ExpectedLine<'_>)],
    came: &[ActualLine<'_>],
    lines: &mut [Option<usize>],
    tried: &mut [bool],
) -> bool {
    for (j, line) in came.iter().enumerate() {
        if tried[j] || !vague[at].1.matches(line) {
            continue;
        }
        let other = match lines[j] {
            None => None,
            Some(i) => match vague.iter().position(|(index, _)| *index == i) {
                Some(other) => Some(other),
                None => continue,
            },
        };
        tried[j] = true;
        if other.is_none_or(|other| assign(other, vague, came, lines, tried)) {
            lines[j] = Some(vague[at].0);
            return true;
        }
    }
    false
}

/// What the pairs capture, in the order of the expected lines.
fn captured(
    want: &[&str],
    got: &[&str],
    pairs: &Pairs,
    rules: &Rules,
) -> Result<Vec<Captured>, PatternError> {
    let mut found = Vec::new();
    if !rules.captures {
        return Ok(found);
    }
    for (i, line) in want.iter().enumerate() {
        let Some(j) = pairs.lines.iter().position(|pair| *pair == Some(i)) else {
            continue;
        };
        for mut captured in search(line, got[j], rules)?.bindings {
            captured.line = i;
            found.push(captured);
        }
    }
    Ok(found)
}
