//! What test reports have a verdict for: each example, and a spec as a whole where
//! something is to say of it that none of its examples tells.

use std::fmt::Write;

use super::record::{Example, LineKind, Outcome, Spec, Verdict};

/// How many bytes of a failure a report that is read as a whole shows.
const MOST_TEXT: usize = 32 << 10;

/// How a point ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Passed,
    /// Not as expected.
    Failed,
    /// It could not be told: malformed, or a fault of the harness.
    Error,
    Skipped,
    /// Something before it ended the spec or the run.
    NotRun,
}

impl State {
    pub(super) fn is_bad(self) -> bool {
        matches!(self, State::Failed | State::Error)
    }
}

/// One thing with a verdict.
#[derive(Debug, Clone)]
pub(super) struct Point<'a> {
    /// The example; `None` for the spec as a whole.
    pub(super) example: Option<&'a Example>,
    /// The file: that of the spec, or one that it includes.
    pub(super) file: &'a str,
    /// Where in it, from 1.
    pub(super) line: usize,
    pub(super) column: usize,
    /// What to call it.
    pub(super) name: String,
    pub(super) state: State,
    /// What kind of failure or skip; empty if it passed.
    pub(super) kind: &'a str,
    /// What is wrong, or why it was skipped, on one line.
    pub(super) message: String,
    /// All there is to say about a failure.
    pub(super) text: String,
    /// The failures of the same example at attempts before.
    pub(super) earlier: Vec<&'a Example>,
}

/// The points of a spec, in order; never none.
pub(super) fn points(spec: &Spec) -> Vec<Point<'_>> {
    let mut points: Vec<Point> = spec
        .examples
        .iter()
        .map(|example| of_example(spec, example))
        .collect();
    let is_told = points.iter().any(|point| point.state.is_bad());
    match spec.outcome {
        Outcome::Broken => points.extend(faults(spec)),
        Outcome::Fault => points.push(whole(spec, State::Error, "fault", &spec.reason)),
        Outcome::Failed if !is_told => points.push(failed_otherwise(spec)),
        Outcome::Skipped if points.is_empty() => {
            points.push(whole(spec, State::Skipped, &spec.kind, &spec.reason));
        }
        Outcome::Interrupted => points.push(whole(
            spec,
            State::NotRun,
            "interrupted",
            "the run was interrupted",
        )),
        Outcome::NotRun if points.is_empty() => {
            points.push(whole(spec, State::NotRun, "not-run", &spec.reason));
        }
        _ if points.is_empty() => points.push(whole(spec, State::Passed, "", "")),
        _ => {}
    }
    points
}

fn of_example<'a>(spec: &'a Spec, example: &'a Example) -> Point<'a> {
    let (state, kind, message) = match example.verdict {
        Verdict::Passed => (State::Passed, "", String::new()),
        Verdict::Failed => (State::Failed, kind(example), one_line(&example.reason)),
        Verdict::Skipped => (
            State::Skipped,
            example.kind.as_str(),
            one_line(&example.reason),
        ),
        Verdict::NotRun => (
            State::NotRun,
            "not-run",
            format!("not run: {}", one_line(&example.reason)),
        ),
    };
    let before = spec.earlier.iter().flat_map(|attempt| &attempt.failures);
    Point {
        example: Some(example),
        file: example.place().0,
        line: example.line,
        column: example.column,
        name: name(example),
        state,
        kind,
        message,
        text: if state.is_bad() {
            text(example)
        } else {
            String::new()
        },
        earlier: before
            .filter(|other| other.index == example.index)
            .collect(),
    }
}

/// What to call an example: its line and the beginning of its source.
pub(super) fn name(example: &Example) -> String {
    const LONGEST: usize = 60;
    let first = example.source.lines().next().unwrap_or_default().trim();
    let short: String = first.chars().take(LONGEST).collect();
    let rest = if short.len() < first.len() || example.source.trim_end().contains('\n') {
        " ..."
    } else {
        ""
    };
    match example.file.as_str() {
        "" => format!("line {}: {short}{rest}", example.line),
        file => format!("{file}, line {}: {short}{rest}", example.line),
    }
}

/// What kind of failure an example is.
pub(super) fn kind(example: &Example) -> &'static str {
    match example {
        Example {
            timeout_ms: Some(_),
            ..
        } => "timeout",
        Example { is_cut: true, .. } => "ended",
        Example {
            follows: Some(_), ..
        } => "follow-on",
        Example {
            exception: Some(_), ..
        } => "exception",
        _ => "difference",
    }
}

fn whole<'a>(spec: &'a Spec, state: State, kind: &'a str, message: &str) -> Point<'a> {
    Point {
        example: None,
        file: &spec.path,
        line: 1,
        column: 1,
        name: "the whole spec".into(),
        state,
        kind,
        message: one_line(message),
        text: if state.is_bad() {
            format!("{}: {message}", spec.path)
        } else {
            String::new()
        },
        earlier: Vec::new(),
    }
}

/// The faults of a broken spec, each where it is.
fn faults(spec: &Spec) -> Vec<Point<'_>> {
    let mut found: Vec<Point> = Vec::new();
    for line in spec.reason.lines() {
        let place = line
            .strip_prefix(spec.path.as_str())
            .and_then(|rest| rest.strip_prefix(':'))
            .and_then(|rest| rest.split_once(": "))
            .and_then(|(place, message)| Some((position(place)?, message)));
        if let Some(((number, column), message)) = place {
            found.push(Point {
                line: number,
                column,
                name: format!("line {number}"),
                text: line.to_owned(),
                ..whole(spec, State::Error, "broken", message)
            });
        } else {
            // What is not about a line of the spec is about all of it.
            return vec![Point {
                text: spec.reason.clone(),
                ..whole(spec, State::Error, "broken", &spec.reason)
            }];
        }
    }
    found
}

/// The line and the column of `LINE` or `LINE:COLUMN`.
fn position(place: &str) -> Option<(usize, usize)> {
    let (line, column) = place.split_once(':').unwrap_or((place, "1"));
    Some((line.parse().ok()?, column.parse().ok()?))
}

/// What a spec failed of that has no example that failed.
fn failed_otherwise(spec: &Spec) -> Point<'_> {
    let leaks = spec.leaks.iter().map(|leak| leak.text.as_str());
    let notes = spec.notes.iter().map(String::as_str);
    let why: Vec<&str> = leaks.chain(notes).collect();
    let kind = if spec.leaks.is_empty() {
        "failed"
    } else {
        "leak"
    };
    whole(spec, State::Failed, kind, &why.join("\n"))
}

/// What happened, on one line.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A failure as plain text: where, what was run, what happened, the difference.
pub(super) fn text(example: &Example) -> String {
    let (file, line) = example.place();
    let mut text = format!("{file}:{line}:{}: {}\n", example.column, example.reason);
    for line in example.language.with_prompts(&example.source).lines() {
        text.push_str("    ");
        text.push_str(line);
        text.push('\n');
    }
    text.push_str(&remarks(example));
    text.push_str(&difference(example));
    cut(text, MOST_TEXT)
}

/// What is to say about a failure beside its difference, a line for each.
pub(super) fn remarks(example: &Example) -> String {
    let mut text = String::new();
    let mut line = |what: &str| {
        text.push_str(what);
        text.push('\n');
    };
    for note in example.notes.iter().filter(|note| **note != example.reason) {
        line(note);
    }
    if let Some(other) = example.follows {
        line(&format!("follows from the failure at line {other}"));
    }
    for (name, value) in &example.bindings {
        line(&format!("{name} is {value}"));
    }
    let found = example.difference.as_ref();
    if let Some(at) = found.and_then(|found| found.line) {
        line(&format!("first difference at line {at}"));
    }
    let differs =
        |line: &super::record::Line| matches!(line.kind, LineKind::Missing | LineKind::Extra);
    if found.is_some_and(|found| !found.lines.is_empty() && !found.lines.iter().any(differs)) {
        line("each line fits by itself; the white space around a wildcard does not");
    }
    text
}

/// The difference as plain text, with a sign before each line and carets below
/// what wildcards took.
pub(super) fn difference(example: &Example) -> String {
    let mut text = String::new();
    for line in example.difference.iter().flat_map(|found| &found.lines) {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{} {}", line.kind.sign(), line.text);
        if line.kind == LineKind::Wild {
            let carets = carets(&line.marks);
            text.push_str(&carets);
            text.push_str(if carets.is_empty() { "" } else { "\n" });
        }
    }
    text
}

fn carets(marks: &[(usize, usize)]) -> String {
    let mut line = String::new();
    for (start, end) in marks {
        // Two columns for the sign.
        line.push_str(&" ".repeat((start + 2).saturating_sub(line.len())));
        line.push_str(&"^".repeat(end.saturating_sub(*start)));
    }
    line
}

/// The text, or its beginning and how much is missing.
pub(super) fn cut(mut text: String, most: usize) -> String {
    if text.len() > most {
        let end = text.floor_char_boundary(most);
        let rest = text.len() - end;
        text.truncate(end);
        text.push_str(&format!("\n[{rest} more bytes]\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn told(path: &str) -> Vec<String> {
        let document = sample::document();
        let spec = document.specs.iter().find(|spec| spec.path.contains(path));
        points(spec.unwrap())
            .iter()
            .map(|p| format!("{} {:?} {} {}", p.line, p.state, p.kind, p.message))
            .collect()
    }

    #[test]
    fn examples_and_whole_specs() {
        assert_eq!(
            told("failed"),
            [
                "10 Failed difference output differs",
                "15 Failed exception unexpected exception: Error: <b>]]>",
                "20 Failed timeout timeout after 1.5s",
                "25 Skipped platform not for linux",
                "30 NotRun not-run not run: timeout",
            ]
        );
        assert_eq!(told("skipped"), ["1 Skipped feature needs <R> & more"]);
        assert_eq!(
            told("broken"),
            ["3 Error broken not UTF-8 <b>", "9 Error broken unclosed"]
        );
        assert_eq!(
            told("specs/c.md"),
            ["1 NotRun interrupted the run was interrupted"]
        );
    }

    #[test]
    fn a_failure_without_a_failing_example() {
        let mut spec = sample::document().specs.remove(0);
        spec.outcome = Outcome::Failed;
        spec.leaks = vec![sample::leak("sleep")];
        let points = points(&spec);
        assert_eq!(points.len(), 2);
        assert_eq!(points[1].kind, "leak");
        assert_eq!(points[1].message, "left running, ended: sleep");
    }

    #[test]
    fn as_text() {
        let document = sample::document();
        assert_eq!(
            text(&document.specs[1].examples[0]),
            "specs/a/failed <&>.md:10:5: output differs\n    >>> run(\"tool\")\n\
             first difference at line 12\n~ a b c\n    ^\n- 2nd\n+ 2\n~ [9 more lines]\n"
        );
        assert_eq!(cut("abcdef".into(), 2), "ab\n[4 more bytes]\n");
    }
}
