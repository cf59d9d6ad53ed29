//! Values that no report may show.
//!
//! A secret is a variable that is let through from outside. Wherever its value
//! comes up in what leaves the harness, `<secret NAME>` stands. What a spec makes
//! of the value, such as another encoding of it, is not seen.

use std::env;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;

use crate::escape::text;
use crate::matcher::Actual;

/// How long a value must be to be told from other text.
const SHORTEST: usize = 4;
/// How long a line of a value must be to count by itself.
const SHORTEST_LINE: usize = 8;

/// A secret that cannot be kept.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "the value of secret `{name}` is too short to be hidden: it needs at least {SHORTEST} \
     characters; if it is no secret, let it through by `pass`"
)]
pub(crate) struct ShortSecret {
    name: String,
}

/// What to look for, and what to put there.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Needle {
    value: String,
    shown: String,
}

/// The secrets of one spec.
#[derive(Debug, Clone, Default)]
pub(crate) struct Secrets {
    /// Longest first, so that no part of a longer one is left over.
    needles: Vec<Needle>,
}

impl Secrets {
    /// The secrets of these names, with the values that the environment of this
    /// process has. Those that are not set, or empty, are none.
    pub fn from_environment<'a>(
        names: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, ShortSecret> {
        let value = |name| Some((name, env::var_os(name)?));
        Secrets::new(names.into_iter().filter_map(value))
    }

    fn new<'a>(
        variables: impl IntoIterator<Item = (&'a str, OsString)>,
    ) -> Result<Self, ShortSecret> {
        let mut secrets = Secrets::default();
        for (name, value) in variables {
            let whole = text(value.as_bytes());
            // Output is shown without the blanks around it.
            let trimmed = whole.trim();
            if trimmed.is_empty() {
                continue;
            }
            if trimmed.chars().count() < SHORTEST {
                let name = name.to_owned();
                return Err(ShortSecret { name });
            }
            let lines = trimmed.lines().map(str::trim);
            let lines = lines.filter(|line| line.chars().count() >= SHORTEST_LINE);
            let shown = format!("<secret {name}>");
            let needle = |value: &str| Needle {
                value: value.to_owned(),
                shown: shown.clone(),
            };
            secrets.needles.push(needle(trimmed));
            secrets.needles.extend(lines.map(needle));
        }
        secrets.sort();
        Ok(secrets)
    }

    fn sort(&mut self) {
        self.needles.sort_by_key(|needle| {
            let length = std::cmp::Reverse(needle.value.len());
            (length, needle.value.clone())
        });
        self.needles.dedup_by(|a, b| a.value == b.value);
    }

    /// Adds those of another spec.
    pub fn join(&mut self, other: &Secrets) {
        let new = other
            .needles
            .iter()
            .filter(|needle| !self.needles.contains(needle));
        let new: Vec<Needle> = new.cloned().collect();
        self.needles.extend(new);
        self.sort();
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.needles.is_empty()
    }

    /// The length in bytes of the longest.
    pub fn longest(&self) -> usize {
        self.needles.first().map_or(0, |needle| needle.value.len())
    }

    /// Hides them in a text.
    pub fn hide(&self, text: &mut String) {
        for needle in &self.needles {
            if text.contains(&needle.value) {
                *text = text.replace(&needle.value, &needle.shown);
            }
        }
    }

    /// Hides them in a text that was cut at its end, maybe within a secret.
    pub fn hide_in_cut(&self, text: &mut String) {
        self.hide(text);
        for needle in &self.needles {
            let starts = needle.value.char_indices().map(|(at, _)| at);
            let part = starts
                .rev()
                .filter(|at| *at > 0)
                .find(|at| text.ends_with(&needle.value[..*at]));
            if let Some(length) = part {
                text.truncate(text.len() - length);
                text.push_str(&needle.shown);
                return;
            }
        }
    }

    /// Hides them in what came of an example. `mark` starts what stands where
    /// output was cut.
    pub fn hide_in(&self, actual: &mut Actual, mark: &str) {
        if self.is_empty() {
            return;
        }
        let cuts: Vec<usize> = actual
            .output
            .match_indices(mark)
            .map(|(at, _)| at)
            .collect();
        for at in cuts.into_iter().rev() {
            let mut head = actual.output[..at].to_owned();
            self.hide_in_cut(&mut head);
            actual.output.replace_range(..at, &head);
        }
        self.hide(&mut actual.output);
        if let Some(exception) = &mut actual.exception {
            self.hide(&mut exception.message);
            self.hide(&mut exception.traceback);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets(variables: &[(&'static str, &str)]) -> Secrets {
        Secrets::new(
            variables
                .iter()
                .map(|(name, value)| (*name, OsString::from(value))),
        )
        .unwrap()
    }

    fn hidden(secrets: &Secrets, text: &str) -> String {
        let mut text = text.to_owned();
        secrets.hide(&mut text);
        text
    }

    #[test]
    fn every_occurrence_of_the_longest_first() {
        let secrets = secrets(&[("SHORT", "abcd"), ("LONG", "abcdef"), ("NONE", "")]);
        assert_eq!(
            hidden(&secrets, "abcdefabcd abcdef\nabcde"),
            "<secret LONG><secret SHORT> <secret LONG>\n<secret SHORT>e"
        );
        assert_eq!(hidden(&Secrets::default(), "abcd"), "abcd");
    }

    #[test]
    fn blanks_around_and_lines_within() {
        let secrets = secrets(&[("KEY", " first line\nsecond line\n}\n")]);
        assert_eq!(hidden(&secrets, "[first line]"), "[<secret KEY>]");
        assert_eq!(
            hidden(&secrets, "  second line\n  }"),
            "  <secret KEY>\n  }"
        );
        assert_eq!(
            hidden(&secrets, "first line\nsecond line\n}"),
            "<secret KEY>"
        );
    }

    #[test]
    fn a_cut_leaves_no_part() {
        let secrets = secrets(&[("TOKEN", "s3cr3t-value")]);
        let mut text = "a s3cr3t-value and s3cr3t-v".to_owned();
        secrets.hide_in_cut(&mut text);
        assert_eq!(text, "a <secret TOKEN> and <secret TOKEN>");
        let mut actual = Actual {
            output: "s3cr3t\n[output cut: 6 bytes more]\n".into(),
            exception: None,
        };
        secrets.hide_in(&mut actual, "\n[output cut");
        assert_eq!(
            actual.output,
            "<secret TOKEN>\n[output cut: 6 bytes more]\n"
        );
    }

    #[test]
    fn short_values_are_refused() {
        let error = Secrets::new([("PIN", OsString::from("123"))]).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("the value of secret `PIN` is too short")
        );
    }
}
