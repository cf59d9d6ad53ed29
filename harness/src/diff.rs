//! Showing how output differs from what was expected.
//!
//! Lines are aligned so that wildcards take what they can: a line that is only
//! `...` takes any number of lines, and so does one that begins or ends with it.
//! What a wildcard took is marked, since that is where a spec is vague.

use std::borrow::Cow;

use similar::{ChangeTag, TextDiff};

use crate::matcher::{
    ActualLine, ELLIPSIS, ExpectedLine, Rules, fold_whitespace, prepare_actual, prepare_expected,
    wildcards,
};

/// The most bytes of either side that are compared for the report.
const MOST_SHOWN: usize = 256 * 1024;

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
/// How many lines that a wildcard took are shown before and after a cut.
const SHOWN: usize = 3;

/// A difference, ready to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The first line of expected output that differs, from 0. The number of
    /// lines if only what follows them differs.
    pub first: usize,
    /// The lines.
    pub lines: Vec<Line>,
    /// What else is to say about it, a line each.
    pub notes: Vec<String>,
}

/// One line of a difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// In both, word for word or nearly.
    Same(String),
    /// In the output, where wildcards took the parts at these characters.
    Wild(String, Vec<std::ops::Range<usize>>),
    /// In the output, taken whole by a wildcard.
    Taken(String),
    /// A number of lines that a wildcard took, not shown.
    Cut(usize),
    /// Expected and not there, with the parts that another line has instead.
    Missing(String, Vec<std::ops::Range<usize>>),
    /// There and not expected, likewise.
    Extra(String, Vec<std::ops::Range<usize>>),
}

/// How actual output differs from expected output.
pub fn difference(expected: &str, actual: &str, rules: &Rules) -> Difference {
    let (expected, actual) = (beginning(expected), beginning(actual));
    let (expected, actual) = prepared(&expected, &actual, rules);
    let want: Vec<&str> = expected.lines().collect();
    let got: Vec<&str> = actual.lines().collect();
    let steps = align(&want, &got, rules);
    let first = steps
        .iter()
        .position(|step| matches!(step, Step::Missing(_) | Step::Extra(_)))
        .map_or(want.len(), |at| {
            steps[at..]
                .iter()
                .find_map(|step| match step {
                    Step::Missing(i) | Step::Same(i, _) | Step::Taken(i, _) => Some(*i),
                    Step::Extra(_) => None,
                })
                .unwrap_or(want.len())
        });
    Difference {
        first,
        lines: show(&steps, &want, &got, rules),
        notes: Vec::new(),
    }
}

/// How the lines of expected output stand to those of the output, in order. Each
/// line is there, by its number; but a last `<exit 0>` that counts for nothing.
pub fn alignment(expected: &str, actual: &str, rules: &Rules) -> Vec<Step> {
    let (expected, actual) = prepared(expected, actual, rules);
    let want: Vec<&str> = expected.lines().collect();
    let got: Vec<&str> = actual.lines().collect();
    align(&want, &got, rules)
}

fn prepared<'a>(expected: &'a str, actual: &'a str, rules: &Rules) -> (Cow<'a, str>, Cow<'a, str>) {
    // Where another exit code came, the one expected is part of the difference.
    let last = actual.lines().last().unwrap_or_default();
    let other_exit = last.starts_with("<exit ") && last != "<exit 0>";
    let rules = &Rules {
        strip_exit_0: rules.strip_exit_0 && !other_exit,
        ..rules.clone()
    };
    (
        prepare_expected(expected, rules),
        prepare_actual(actual, rules),
    )
}

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
fn align(want: &[&str], got: &[&str], rules: &Rules) -> Vec<Step> {
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

/// As much of `text` as a person would read: aligning and showing what a flood
/// of output is made of takes minutes and gigabytes.
fn beginning(text: &str) -> Cow<'_, str> {
    let Some(rest) = text.len().checked_sub(MOST_SHOWN) else {
        return Cow::Borrowed(text);
    };
    let end = text.floor_char_boundary(MOST_SHOWN);
    let kept = text[..end]
        .rsplit_once('\n')
        .map_or(&text[..end], |(kept, _)| kept);
    Cow::Owned(format!("{kept}\n[about {rest} more bytes]"))
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

fn show(steps: &[Step], want: &[&str], got: &[&str], rules: &Rules) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut at = 0;
    while at < steps.len() {
        let run = |is: fn(&Step) -> bool| steps[at..].iter().take_while(|step| is(step)).count();
        match steps[at] {
            Step::Same(i, j) => {
                lines.push(same(want[i], got[j], rules));
                at += 1;
            }
            Step::Taken(..) => {
                let count = run(|step| matches!(step, Step::Taken(..)));
                let taken = steps[at..at + count].iter().filter_map(|step| match step {
                    Step::Taken(_, j) => Some(visible(got[*j], rules)),
                    _ => None,
                });
                lines.extend(cut(&taken.collect::<Vec<_>>()));
                at += count;
            }
            Step::Missing(_) | Step::Extra(_) => {
                let count = run(|step| matches!(step, Step::Missing(_) | Step::Extra(_)));
                lines.extend(changed(&steps[at..at + count], want, got, rules));
                at += count;
            }
        }
    }
    lines
}

fn same(want: &str, got: &str, rules: &Rules) -> Line {
    if rules.ellipsis && want.contains(ELLIPSIS) {
        let shown = visible(got, rules);
        let (pattern, text) = if rules.whitespace {
            (fold_whitespace(want), fold_whitespace(&shown))
        } else {
            (want.to_owned(), shown)
        };
        if let Some(ranges) = wildcards(&pattern, &text) {
            let ranges = ranges
                .into_iter()
                .map(|range| in_characters(&text, range))
                .collect();
            return Line::Wild(text, ranges);
        }
    }
    Line::Same(visible(got, rules))
}

fn in_characters(text: &str, range: std::ops::Range<usize>) -> std::ops::Range<usize> {
    let count = |end: usize| text[..end].chars().count();
    count(range.start)..count(range.end)
}

/// Lines that a wildcard took whole, the middle of many left out.
fn cut(taken: &[String]) -> Vec<Line> {
    let whole = |line: &String| Line::Taken(line.clone());
    if taken.len() <= 2 * SHOWN + 1 {
        return taken.iter().map(whole).collect();
    }
    let (head, tail) = (&taken[..SHOWN], &taken[taken.len() - SHOWN..]);
    let middle = Line::Cut(taken.len() - 2 * SHOWN);
    head.iter()
        .map(whole)
        .chain([middle])
        .chain(tail.iter().map(whole))
        .collect()
}

/// A run of lines missing and extra: first those missing, as one block.
fn changed(steps: &[Step], want: &[&str], got: &[&str], rules: &Rules) -> Vec<Line> {
    let missing: Vec<String> = steps
        .iter()
        .filter_map(|step| match step {
            Step::Missing(i) => Some(visible(want[*i], rules)),
            _ => None,
        })
        .collect();
    let extra: Vec<String> = steps
        .iter()
        .filter_map(|step| match step {
            Step::Extra(j) => Some(visible(got[*j], rules)),
            _ => None,
        })
        .collect();
    let pairs: Vec<_> = missing
        .iter()
        .zip(&extra)
        .map(|(a, b)| changed_words(a, b))
        .collect();
    let marks = |index: usize, of: fn(&Marks) -> Vec<std::ops::Range<usize>>| {
        pairs.get(index).map(of).unwrap_or_default()
    };
    let missing_lines = missing
        .iter()
        .enumerate()
        .map(|(index, line)| Line::Missing(line.clone(), marks(index, |pair| pair.0.clone())));
    let extra_lines = extra
        .iter()
        .enumerate()
        .map(|(index, line)| Line::Extra(line.clone(), marks(index, |pair| pair.1.clone())));
    missing_lines.chain(extra_lines).collect()
}

type Marks = (Vec<std::ops::Range<usize>>, Vec<std::ops::Range<usize>>);

/// Where two lines differ; nowhere if they have little in common.
fn changed_words(missing: &str, extra: &str) -> Marks {
    let diff = TextDiff::from_words(missing, extra);
    let (mut old, mut new) = (Vec::new(), Vec::new());
    if diff.ratio() < 0.3 {
        return (old, new);
    }
    let (mut i, mut j) = (0, 0);
    for change in diff.iter_all_changes() {
        let length = change.value().chars().count();
        match change.tag() {
            ChangeTag::Equal => (i, j) = (i + length, j + length),
            ChangeTag::Delete => {
                old.push(i..i + length);
                i += length;
            }
            ChangeTag::Insert => {
                new.push(j..j + length);
                j += length;
            }
        }
    }
    (old, new)
}

/// The line with what cannot be seen written out. Tabs and spaces at the end
/// matter only where white space does.
fn visible(line: &str, rules: &Rules) -> String {
    let mut shown = String::with_capacity(line.len());
    for c in line.chars() {
        match c {
            '\t' if rules.whitespace => shown.push(' '),
            '\t' | '\r' => shown.extend(c.escape_default()),
            c if c.is_control() => shown.push_str(&format!("\\x{:02x}", u32::from(c))),
            c => shown.push(c),
        }
    }
    if !rules.whitespace {
        let kept = shown.trim_end_matches(' ').len();
        let spaces = shown.len() - kept;
        shown.truncate(kept);
        shown.push_str(&"\u{b7}".repeat(spaces));
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(expected: &str, actual: &str) -> (usize, Vec<String>) {
        let found = difference(expected, actual, &Rules::default());
        let shown = found.lines.iter().map(|line| match line {
            Line::Same(text) => format!("  {text}"),
            Line::Wild(text, ranges) => format!("~ {text} {ranges:?}"),
            Line::Taken(text) => format!("~ {text}"),
            Line::Cut(count) => format!("~ {count} lines"),
            Line::Missing(text, _) => format!("- {text}"),
            Line::Extra(text, _) => format!("+ {text}"),
        });
        (found.first, shown.collect())
    }

    #[test]
    fn lines_and_wildcards() {
        let (first, lines) = plain("a ... c\nb\nd\n", "a x c\nB\nd\n");
        assert_eq!(first, 1);
        assert_eq!(lines, ["~ a x c [2..3]", "- b", "+ B", "  d"]);
    }

    #[test]
    fn a_wildcard_line_takes_lines() {
        let (first, lines) = plain("a\n...\nz\nq\n", "a\n1\n2\nz\nr\n");
        assert_eq!(first, 3);
        assert_eq!(lines, ["  a", "~ 1", "~ 2", "  z", "- q", "+ r"]);
    }

    #[test]
    fn a_line_that_ends_in_a_wildcard_takes_lines() {
        let (first, lines) = plain("a ...\nz\n", "a 1\ny\n");
        assert_eq!(first, 1);
        assert_eq!(lines, ["~ a 1 [2..3]", "- z", "+ y"]);
        let (first, lines) = plain("a ...\nz\nq\n", "a 1\n2\nz\n");
        assert_eq!(first, 2);
        assert_eq!(lines, ["~ a 1 [2..3]", "~ 2", "  z", "- q"]);
    }

    #[test]
    fn many_lines_taken_are_cut() {
        let actual: String = (0..100).map(|i| format!("{i}\n")).collect();
        let (_, lines) = plain("...\nend\n", &actual);
        assert_eq!(lines.len(), 8);
        assert_eq!(lines[3], "~ 94 lines");
    }

    #[test]
    fn another_exit_code_is_shown_beside_the_one_expected() {
        let (_, lines) = plain("a\n<exit 0>\n", "a\n<exit 1>\n");
        assert_eq!(lines, ["  a", "- <exit 0>", "+ <exit 1>"]);
    }

    #[test]
    fn nothing_came_or_nothing_was_expected() {
        assert_eq!(plain("", "a\n"), (0, vec!["+ a".to_owned()]));
        assert_eq!(plain("a\n", ""), (0, vec!["- a".to_owned()]));
        assert_eq!(
            plain("a\n", "a\nb\n"),
            (1, vec!["  a".to_owned(), "+ b".to_owned()])
        );
    }

    #[test]
    fn what_cannot_be_seen() {
        let rules = Rules {
            whitespace: false,
            ..Rules::default()
        };
        assert_eq!(visible("a\tb\r  ", &rules), "a\\tb\\r\u{b7}\u{b7}");
        assert_eq!(visible("a\tb \u{7}", &Rules::default()), "a b \\x07");
    }

    #[test]
    fn long_texts_are_compared_as_text() {
        let many: String = (0..3000).map(|i| format!("{i}\n")).collect();
        let other = many.replace("\n1500\n", "\nx\n");
        let found = difference(&many, &other, &Rules::default());
        assert_eq!(found.first, 1500);
    }

    #[test]
    fn changed_words_are_marked() {
        let marks = changed_words("status running now", "status completed now");
        assert_eq!(format!("{marks:?}"), "([7..14], [7..16])");
    }
}
