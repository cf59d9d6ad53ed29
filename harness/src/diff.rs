//! Showing how output differs from what was expected.
//!
//! Lines are aligned so that wildcards take what they can: a line that is only
//! `...` takes any number of lines, and so does one that begins or ends with it.
//! What a wildcard took is marked, since that is where a spec is vague.

mod align;
mod modes;
mod notes;

use std::borrow::Cow;
use std::ops::Range;

use similar::{ChangeTag, TextDiff};

use crate::matcher::{
    ExpectedLine, Mode, Rules, Stop, expected_exception, fold_whitespace, prepare_actual,
    prepare_expected,
};

pub use align::Step;
use align::align;

/// The most bytes of either side that are compared for the report.
const MOST_SHOWN: usize = 256 * 1024;

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
    /// Where the comparison stopped, if wildcards or captures are expected.
    pub stop: Option<Stop>,
    /// What else is to say about it, a line each.
    pub notes: Vec<String>,
}

/// One line of a difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// In both, word for word or nearly.
    Same(String),
    /// In the output, where wildcards took the parts at these characters.
    Wild(String, Vec<Range<usize>>),
    /// In the output, taken whole by a wildcard.
    Taken(String),
    /// A number of lines that a wildcard took, not shown.
    Cut(usize),
    /// Expected and not there, with the parts that another line has instead.
    Missing(String, Vec<Range<usize>>),
    /// There and not expected, likewise.
    Extra(String, Vec<Range<usize>>),
}

/// How actual output differs from expected output.
pub fn difference(expected: &str, actual: &str, rules: &Rules) -> Difference {
    let is_message = expected_exception(expected).is_some();
    match rules.mode {
        Mode::Json if !is_message && !expected.is_empty() => {
            match modes::data(expected, actual, rules) {
                Ok(difference) => difference,
                Err(error) => {
                    let text = Rules {
                        mode: Mode::Text,
                        ..rules.clone()
                    };
                    let mut difference = by_line(expected, actual, &text);
                    difference.notes.insert(0, error.to_string());
                    difference
                }
            }
        }
        Mode::Sorted if !is_message => modes::unordered(expected, actual, rules),
        _ => by_line(expected, actual, rules),
    }
}

fn by_line(expected: &str, actual: &str, rules: &Rules) -> Difference {
    let whole = (expected, actual);
    let (stop, mut notes, rules) = notes::stop(expected, actual, rules);
    let rules = &rules;
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
    let is_same = |step: &Step| match *step {
        Step::Same(i, j) => Some((want[i], got[j])),
        _ => None,
    };
    notes.extend(notes::normalised(
        whole,
        steps.iter().filter_map(is_same),
        rules,
    ));
    Difference {
        first,
        lines: show(&steps, &want, &got, rules),
        stop,
        notes,
    }
}

/// How the lines of expected output stand to those of the output, in order. Each
/// line is there, by its number; but a last `<exit 0>` that counts for nothing.
pub fn alignment(expected: &str, actual: &str, rules: &Rules) -> Vec<Step> {
    let (_, _, rules) = notes::stop(expected, actual, rules);
    let (expected, actual) = prepared(expected, actual, &rules);
    let want: Vec<&str> = expected.lines().collect();
    let got: Vec<&str> = actual.lines().collect();
    align(&want, &got, &rules)
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

fn show(steps: &[Step], want: &[&str], got: &[&str], rules: &Rules) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut at = 0;
    while at < steps.len() {
        let run = |is: fn(&Step) -> bool| steps[at..].iter().take_while(|step| is(step)).count();
        match steps[at] {
            Step::Same(i, j) => {
                lines.push(show_pair(want[i], got[j], rules));
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

fn show_pair(want: &str, got: &str, rules: &Rules) -> Line {
    let shown = visible(got, rules);
    let text = if rules.whitespace {
        fold_whitespace(&shown)
    } else {
        shown.clone()
    };
    match ExpectedLine::new(want, rules).taken(&text) {
        Some(ranges) => {
            let in_text = |range| in_characters(&text, range);
            Line::Wild(text.clone(), ranges.into_iter().map(in_text).collect())
        }
        None => Line::Same(shown),
    }
}

fn in_characters(text: &str, range: Range<usize>) -> Range<usize> {
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
    let (missing, extra) = told_apart(missing, extra);
    let pairs: Vec<_> = missing
        .iter()
        .zip(&extra)
        .map(|(a, b)| changed_words(a, b))
        .collect();
    let marks = |index: usize, of: fn(&Marks) -> Vec<Range<usize>>| {
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

type Marks = (Vec<Range<usize>>, Vec<Range<usize>>);

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

/// Lines that face each other and look alike, with what is not ASCII written out:
/// that is what they differ in.
fn told_apart(mut missing: Vec<String>, mut extra: Vec<String>) -> (Vec<String>, Vec<String>) {
    for (a, b) in missing.iter_mut().zip(&mut extra) {
        if as_seen(a) == as_seen(b) {
            (*a, *b) = (escaped(a), escaped(b));
        }
    }
    (missing, extra)
}

/// What a person sees of a line: blanks of any kind as one, nothing of what has no
/// width.
fn as_seen(line: &str) -> String {
    let is_seen = |c: &char| {
        !matches!(
            c,
            '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}'
        )
    };
    let blank = |c: char| if c.is_whitespace() { ' ' } else { c };
    let seen: String = line.chars().filter(is_seen).map(blank).collect();
    fold_whitespace(&seen)
}

fn escaped(line: &str) -> String {
    let escape = |c: char| match c {
        c if c.is_ascii() || c == '\u{b7}' => c.to_string(),
        c => c.escape_unicode().to_string(),
    };
    line.chars().map(escape).collect()
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
    fn lines_that_look_alike_are_told_apart() {
        let (_, lines) = plain("a b\n\u{e9}\n", "a\u{a0}b\n\u{e9}\u{200b}\n");
        let expected = ["- a b", "- \\u{e9}", "+ a\\u{a0}b", "+ \\u{e9}\\u{200b}"];
        assert_eq!(lines, expected);
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
