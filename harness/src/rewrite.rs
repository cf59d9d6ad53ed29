//! New expected output for examples that failed, and putting it into a document.
//!
//! Lines of the old expectation that still match are kept, wildcards and captures
//! with them; nothing else of the document is touched.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::PathBuf;

use crate::diff::{Step, alignment};
use crate::matcher::{Actual, ELLIPSIS, LEADING, Mode, agrees, prepare_actual};
use crate::options::Vocabulary;
use crate::spec::{self, Example, Spec};
use crate::verdict::{ExampleReport, Verdict};

/// Why an example is left as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It had not ended, so that what it printed is a part.
    #[error("did not end: what it printed is not all")]
    Cut,
    /// It raised an exception that nobody expected.
    #[error("raised an exception; with --exceptions that is what is expected from now on")]
    Exception,
    /// Its expected output is a regular expression of the author's own.
    #[error("its expected output is a regular expression, to be changed by hand")]
    Pattern,
    /// It stands in another file.
    #[error("it stands in an included file, which is to be updated itself")]
    Elsewhere,
    /// No expected output is equal to what was printed.
    #[error("what it printed cannot be written as expected output")]
    Inexpressible,
}

/// A document with new expected output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rewritten {
    /// The whole text.
    pub text: String,
    /// The lines of the examples that have new expected output, in the old text.
    pub changed: Vec<usize>,
    /// The examples that should have it and have not.
    pub refused: Vec<Left>,
}

/// An example that is left as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// The file it stands in.
    pub file: PathBuf,
    /// Its line, from 1.
    pub line: usize,
    /// Why.
    pub why: Refusal,
}

impl Left {
    fn of(example: &Example, spec: &Spec, why: Refusal) -> Left {
        Left {
            file: example.file_in(&spec.path).to_owned(),
            line: example.line,
            why,
        }
    }
}

/// Puts what came of failed examples into the document as what is expected of them.
/// `bytes` is the document that `spec` was read from, `reports` what came of each of
/// its examples, those of included files first. With `exceptions`, one that was not expected is from now on.
pub fn rewrite(
    bytes: &[u8],
    spec: &Spec,
    reports: &[ExampleReport],
    exceptions: bool,
    vocabulary: &Vocabulary,
) -> Rewritten {
    let old = String::from_utf8_lossy(bytes);
    let mut edits = Vec::new();
    let mut refused = Vec::new();
    for (index, entry) in reports.iter().enumerate() {
        if entry.verdict != Verdict::Failed {
            continue;
        }
        match expectation(entry, exceptions) {
            _ if entry.example.file.is_some() => {
                refused.push(Left::of(&entry.example, spec, Refusal::Elsewhere));
            }
            Ok(expected) => edits.push((index, expected)),
            Err(refusal) => refused.push(Left::of(&entry.example, spec, refusal)),
        }
    }
    // One that breaks the document is found by leaving one out at a time: each is
    // tried on its own first, which is seldom more than a few.
    let holds = |edits: &[(usize, String)]| {
        let text = apply(&old, spec, edits);
        is_faithful(&text, spec, reports, edits, vocabulary).then_some(text)
    };
    let mut text = holds(&edits);
    if text.is_none() {
        edits.retain(|edit| {
            let is_good = holds(std::slice::from_ref(edit)).is_some();
            if !is_good {
                let example = &spec.examples[edit.0];
                refused.push(Left::of(example, spec, Refusal::Inexpressible));
            }
            is_good
        });
        text = holds(&edits);
    }
    refused.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
    let line = |(index, _): &(usize, String)| spec.examples[*index].line;
    match text {
        Some(text) => Rewritten {
            text,
            changed: edits.iter().map(line).collect(),
            refused,
        },
        None => Rewritten {
            text: old.into_owned(),
            changed: Vec::new(),
            refused,
        },
    }
}

/// What should be expected of an example, each line ended.
pub fn expectation(entry: &ExampleReport, exceptions: bool) -> Result<String, Refusal> {
    let actual = entry.actual.as_ref().ok_or(Refusal::Cut)?;
    if entry.is_cut || entry.timeout.is_some() {
        return Err(Refusal::Cut);
    }
    if entry.rules.mode == Mode::Regex {
        return Err(Refusal::Pattern);
    }
    if let Some(exception) = &actual.exception {
        let was_expected = crate::matcher::expected_exception(&entry.example.expected).is_some();
        if !was_expected && !exceptions {
            return Err(Refusal::Exception);
        }
        let message = exception.message.trim_end();
        return Ok(format!(
            "Traceback (most recent call last):\n    {ELLIPSIS}\n{message}\n"
        ));
    }
    let steps = alignment(&entry.example.expected, &actual.output, &entry.rules);
    let mut candidates = vec![kept(entry, actual, &replaced(&steps))];
    candidates.push(kept(entry, actual, &steps));
    candidates.push(literal(entry, actual));
    candidates
        .into_iter()
        .find(|candidate| agrees(candidate, actual, &entry.rules))
        .ok_or(Refusal::Inexpressible)
}

/// The steps, but where a line is missing beside a wildcard, the line next to it is
/// in its place and not taken by the wildcard: else each update would expect less.
fn replaced(steps: &[Step]) -> Vec<Step> {
    let mut steps = steps.to_vec();
    for at in 0..steps.len() {
        let Step::Missing(_) = steps[at] else {
            continue;
        };
        let is_missing = |step: &&Step| matches!(step, Step::Missing(_));
        let has_place = |step: Option<&Step>| matches!(step, Some(Step::Extra(_)));
        let after = at + steps[at..].iter().take_while(is_missing).count();
        let before = at.checked_sub(1);
        if has_place(steps.get(after)) || has_place(before.and_then(|b| steps.get(b))) {
            continue;
        }
        if let Some(b) = before
            && let Step::Taken(_, line) = steps[b]
        {
            // The wildcard is written before the line.
            steps[b] = steps[at];
            steps[at] = Step::Extra(line);
        } else if let Some(Step::Taken(_, line)) = steps.get(after) {
            steps[after] = Step::Extra(*line);
        }
    }
    steps
}

/// The old lines that match, and what came in place of the others.
fn kept(entry: &ExampleReport, actual: &Actual, steps: &[Step]) -> String {
    let old: Vec<&str> = entry.example.expected.lines().collect();
    let output = prepare_actual(&actual.output, &entry.rules);
    let got: Vec<&str> = output.lines().collect();
    let mut lines: Vec<String> = Vec::new();
    let mut written: BTreeSet<usize> = BTreeSet::new();
    let mut next = 0;
    for &step in steps {
        if let Step::Same(i, _) | Step::Taken(i, _) | Step::Missing(i) = step {
            // A wildcard that took no line is in no step.
            for (number, line) in old.iter().enumerate().take(i).skip(next) {
                if written.insert(number) {
                    lines.push((*line).to_owned());
                }
            }
            next = next.max(i + 1);
        }
        match step {
            Step::Same(i, _) | Step::Taken(i, _) if written.insert(i) => {
                lines.extend(old.get(i).map(|line| (*line).to_owned()));
            }
            Step::Missing(i) => {
                written.insert(i);
            }
            Step::Extra(j) => lines.extend(got.get(j).map(|line| encode(line, entry))),
            Step::Same(..) | Step::Taken(..) => {}
        }
    }
    ended(lines)
}

/// All of the output.
fn literal(entry: &ExampleReport, actual: &Actual) -> String {
    let output = prepare_actual(&actual.output, &entry.rules);
    ended(output.lines().map(|line| encode(line, entry)).collect())
}

fn ended(mut lines: Vec<String>) -> String {
    // As the first line it would be read as a part of the source.
    if let Some(first) = lines.first_mut()
        && let Some(rest) = first.strip_prefix(ELLIPSIS)
    {
        *first = format!("{LEADING}{rest}");
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// A line of output as a line of expected output.
fn encode(line: &str, entry: &ExampleReport) -> String {
    let line = if entry.rules.whitespace {
        line.trim_end()
    } else {
        line
    };
    if line.trim().is_empty() {
        return "<BLANKLINE>".to_owned();
    }
    line.to_owned()
}

/// The document with these expectations in place of the old ones.
fn apply(old: &str, spec: &Spec, edits: &[(usize, String)]) -> String {
    let lines: Vec<&str> = old.split_inclusive('\n').collect();
    let mut text = String::with_capacity(old.len());
    let mut at = 0;
    for (index, expected) in edits {
        let example = &spec.examples[*index];
        let place = place(example);
        text.extend(lines[at..place.start].iter().copied());
        let end = match lines[place.start - 1].ends_with("\r\n") {
            true => "\r\n",
            false => "\n",
        };
        if !text.ends_with('\n') {
            text.push_str(end);
        }
        for line in expected.lines() {
            text.extend(std::iter::repeat_n(' ', example.indent));
            text.push_str(line);
            text.push_str(end);
        }
        at = place.end;
        // What follows directly would be read as expected output.
        if lines
            .get(at)
            .is_some_and(|next| ends_no_output(next, example))
            && place.is_empty()
        {
            text.push_str(end);
        }
    }
    text.extend(lines[at..].iter().copied());
    if !old.ends_with('\n') && at == lines.len() {
        // As it was: a last line without an end.
        text.truncate(text.trim_end_matches(['\r', '\n']).len());
    }
    text
}

/// The lines of its expected output in the document, from 0.
fn place(example: &Example) -> Range<usize> {
    let start = example.expected_line - 1;
    start..start + example.expected.lines().count()
}

/// Whether a line is neither empty nor a prompt nor a fence, each of which end
/// expected output.
fn ends_no_output(line: &str, example: &Example) -> bool {
    let line = line.trim();
    let ends = [example.language.prompt(), "```", "~~~"];
    !line.is_empty() && !ends.iter().any(|end| line.starts_with(end))
}

/// Whether the new document has the same examples, with what was meant as their
/// expected output, and agrees with what came.
fn is_faithful(
    text: &str,
    spec: &Spec,
    reports: &[ExampleReport],
    edits: &[(usize, String)],
    vocabulary: &Vocabulary,
) -> bool {
    // What it includes was not touched and is not read again.
    let Ok(new) = spec::parse(&spec.path, text.as_bytes(), vocabulary) else {
        return false;
    };
    let is_own = |(_, example): &(usize, &Example)| example.file.is_none();
    let own: Vec<(usize, &Example)> = spec.examples.iter().enumerate().filter(is_own).collect();
    if new.examples.len() != own.len() {
        return false;
    }
    new.examples.iter().zip(own).all(|(example, (index, old))| {
        let agrees_now = || {
            let entry = reports.get(index);
            let actual = entry.and_then(|entry| Some((entry.actual.as_ref()?, &entry.rules)));
            actual.is_some_and(|(actual, rules)| agrees(&example.expected, actual, rules))
        };
        let is_edited = edits.iter().any(|(edit, _)| *edit == index);
        example.source == old.source
            && if is_edited {
                agrees_now()
            } else {
                example.expected == old.expected
            }
    })
}

#[cfg(test)]
#[path = "rewrite_tests.rs"]
mod tests;
