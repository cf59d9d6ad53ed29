//! Patterns that take too long on a line: how much they may take, what is said of
//! them, and when they are no longer used.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::base::python_text::str_repr;

/// How many ways to match are tried from one place on. A way costs some ten
/// nanoseconds, or a look at the whole rest of the line.
pub(super) const MAX_WAYS: usize = 200_000;

/// Lines that are longer than this, in bytes, are only for patterns whose cost
/// does not grow faster than the line.
pub(super) const MAX_HARD_LINE: usize = 16 << 10;

/// How long all matches of a pattern in one line may take.
const MAX_TIME: Duration = Duration::from_secs(2);

/// How many lines a pattern may take too long on before it is used no more.
const MAX_LINES: u32 = 5;

/// How much of a line is shown, in characters.
const SHOWN: usize = 60;

/// The search was given up.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct CutOff;

/// The end of what the matches in one line may take.
#[derive(Debug, Default)]
pub(super) struct Deadline {
    // Nothing for the first match: most lines have no other.
    end: Option<Instant>,
}

impl Deadline {
    /// Fails where the time is over. It begins with the first call.
    pub(super) fn check(&mut self) -> Result<(), CutOff> {
        let now = Instant::now();
        match *self.end.get_or_insert(now + MAX_TIME) {
            end if now > end => Err(CutOff),
            _ => Ok(()),
        }
    }
}

/// What is known of the patterns of one run that took too long, by their places
/// among all.
#[derive(Debug, Default)]
pub(super) struct CutOffs {
    lines: HashMap<usize, u32>,
}

impl CutOffs {
    /// Whether the pattern is used no more.
    pub(super) fn is_given_up(&self, pattern: usize) -> bool {
        let lines = self.lines.get(&pattern);
        lines.is_some_and(|&lines| lines >= MAX_LINES)
    }

    /// Counts that the pattern with this `text` took too long on `line`; `warn`
    /// hears of it the first time.
    pub(super) fn add(
        &mut self,
        pattern: usize,
        text: &str,
        line: &str,
        warn: &mut dyn FnMut(String),
    ) {
        let lines = self.lines.entry(pattern).or_default();
        *lines += 1;
        if *lines == 1 {
            warn(format!(
                "output pattern {} takes too long on the line {} and finds nothing more there; \
                 after {MAX_LINES} such lines it is used no more. Write it so that a text \
                 matches in one way only.",
                str_repr(text),
                shown(line)
            ));
        }
    }
}

/// The line, or its beginning and how long it is.
fn shown(line: &str) -> String {
    match line.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}... ({} bytes)", str_repr(&line[..end]), line.len()),
        None => str_repr(line),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_told_of_once_and_given_up_in_the_end() {
        let (mut cut_offs, mut told) = (CutOffs::default(), Vec::new());
        for _ in 0..MAX_LINES {
            assert!(!cut_offs.is_given_up(1));
            cut_offs.add(1, "(a+)+$", "aab", &mut |text| told.push(text));
        }
        assert!(cut_offs.is_given_up(1));
        assert!(!cut_offs.is_given_up(0));
        assert_eq!(told.len(), 1);
        assert!(
            told[0].starts_with("output pattern '(a+)+$' takes too long on the line 'aab' and"),
            "{told:?}"
        );
    }

    #[test]
    fn of_a_long_line_the_beginning_is_shown() {
        let line = "\u{e9}".repeat(100);
        let expected = format!("'{}'... (200 bytes)", "\u{e9}".repeat(SHOWN));
        assert_eq!(shown(&line), expected);
    }
}
