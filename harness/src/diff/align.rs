//! The lines of expected output beside those of the output.

use similar::{ChangeTag, TextDiff};

use crate::matcher::{ActualLine, ELLIPSIS, ExpectedLine, Rules};

/// The most pairs of lines that are aligned by wildcards; beyond it, lines are
/// compared as text.
const MOST_PAIRS: usize = 4_000_000;
/// What an alignment pays for a line that is only in one of the texts, for a pair
/// of lines one of which takes the place of the other, and for a line taken by a
/// wildcard at the end or start of another line: that wildcard is most often meant
/// for its own line alone. A line that is only a wildcard takes lines for nothing.
const ALONE: u32 = 4;
const REPLACED: u32 = 6;
const TAKEN_BY_END: u32 = 3;
/// One step of walking both texts; the numbers are lines of expected output and
/// of the output, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// An expected line, and the line that it matches.
    Same(usize, usize),
    /// A wildcard of an expected line took the whole line.
    Taken(usize, usize),
    /// An expected line that did not come.
    Missing(usize),
    /// A line that was not expected.
    Extra(usize),
}

/// What expected output is made of: lines, and gaps that take any lines.
#[derive(Debug, Clone, Copy)]
enum Token {
    Line(usize),
    /// The line, and what taking one costs.
    Gap(usize, u32),
}

fn tokens(want: &[&str], rules: &Rules) -> Vec<Token> {
    let mut tokens = Vec::with_capacity(want.len());
    for (i, line) in want.iter().map(|line| line.trim()).enumerate() {
        if !rules.ellipsis || !(line.starts_with(ELLIPSIS) || line.ends_with(ELLIPSIS)) {
            tokens.push(Token::Line(i));
        } else if line == ELLIPSIS {
            tokens.push(Token::Gap(i, 0));
        } else {
            let gap = Token::Gap(i, TAKEN_BY_END);
            tokens.extend(line.starts_with(ELLIPSIS).then_some(gap));
            tokens.push(Token::Line(i));
            tokens.extend(line.ends_with(ELLIPSIS).then_some(gap));
        }
    }
    tokens
}

/// The cheapest alignment.
pub(super) fn align(want: &[&str], got: &[&str], rules: &Rules) -> Vec<Step> {
    if want.len() * got.len() > MOST_PAIRS {
        return textual(want, got);
    }
    let lines: Vec<_> = want.iter().map(|l| ExpectedLine::new(l, rules)).collect();
    let came: Vec<_> = got.iter().map(|l| ActualLine::new(l, rules)).collect();
    let fits = |i: usize, j: usize| lines[i].matches(&came[j]);
    let tokens = tokens(want, rules);
    let width = got.len() + 1;
    // The least cost from a token and a line to both ends.
    let mut cost = vec![0u32; (tokens.len() + 1) * width];
    for t in (0..=tokens.len()).rev() {
        for j in (0..=got.len()).rev() {
            let at = |t: usize, j: usize| cost[t * width + j];
            let here = j < got.len();
            cost[t * width + j] = match tokens.get(t) {
                None => (got.len() - j) as u32 * ALONE,
                Some(Token::Gap(_, price)) if here => at(t + 1, j).min(at(t, j + 1) + price),
                Some(Token::Gap(..)) => at(t + 1, j),
                Some(Token::Line(i)) if here => {
                    let apart = at(t + 1, j).min(at(t, j + 1)) + ALONE;
                    apart.min(at(t + 1, j + 1) + if fits(*i, j) { 0 } else { REPLACED })
                }
                Some(Token::Line(_)) => at(t + 1, j) + ALONE,
            };
        }
    }
    walk(&tokens, &cost, got.len(), fits)
}

/// Follows the costs from the start of both texts.
fn walk(
    tokens: &[Token],
    cost: &[u32],
    got: usize,
    fits: impl Fn(usize, usize) -> bool,
) -> Vec<Step> {
    let at = |t: usize, j: usize| cost[t * (got + 1) + j];
    let (mut t, mut j) = (0, 0);
    let mut steps = Vec::with_capacity(tokens.len() + got);
    while t < tokens.len() || j < got {
        let now = at(t, j);
        match tokens.get(t) {
            // As short as can be, so that what is alike is shown as alike.
            Some(Token::Gap(..)) if now == at(t + 1, j) => t += 1,
            Some(Token::Gap(i, _)) => {
                steps.push(Step::Taken(*i, j));
                j += 1;
            }
            Some(Token::Line(i)) if j < got && now == at(t + 1, j + 1) && fits(*i, j) => {
                steps.push(Step::Same(*i, j));
                (t, j) = (t + 1, j + 1);
            }
            Some(Token::Line(i)) if j < got && now == at(t + 1, j + 1) + REPLACED => {
                steps.extend([Step::Missing(*i), Step::Extra(j)]);
                (t, j) = (t + 1, j + 1);
            }
            Some(Token::Line(i)) if now == at(t + 1, j) + ALONE => {
                steps.push(Step::Missing(*i));
                t += 1;
            }
            _ => {
                steps.push(Step::Extra(j));
                j += 1;
            }
        }
    }
    steps
}

/// The alignment of plain text, for what is too long for the other.
fn textual(want: &[&str], got: &[&str]) -> Vec<Step> {
    TextDiff::from_slices(want, got)
        .iter_all_changes()
        .filter_map(|change| {
            Some(
                match (change.tag(), change.old_index(), change.new_index()) {
                    (ChangeTag::Equal, Some(i), Some(j)) => Step::Same(i, j),
                    (ChangeTag::Delete, Some(i), _) => Step::Missing(i),
                    (ChangeTag::Insert, _, Some(j)) => Step::Extra(j),
                    _ => return None,
                },
            )
        })
        .collect()
}
