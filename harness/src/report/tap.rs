//! TAP 14: a subtest for each spec, a test point for each example, the difference
//! of a failure in YAML below it.

use std::io::{self, Write};

use serde::Serialize;

use super::point::{Point, State, points};
use super::record::{Document, Outcome, Spec};

/// Writes a document.
pub(super) fn write(document: &Document, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "TAP version 14")?;
    writeln!(out, "1..{}", document.specs.len())?;
    for (number, spec) in (1..).zip(&document.specs) {
        subtest(out, number, spec)?;
    }
    if document.end.is_interrupted {
        writeln!(out, "Bail out! the run was interrupted")?;
    }
    Ok(())
}

fn subtest(out: &mut dyn Write, number: usize, spec: &Spec) -> io::Result<()> {
    let name = escaped(&spec.path);
    let directive = match spec.outcome {
        Outcome::Skipped => format!(" # SKIP {}", words(&spec.kind, &spec.reason)),
        _ => String::new(),
    };
    // Of a spec with no examples there is nothing to say below it.
    let points = if spec.outcome == Outcome::Skipped && spec.examples.is_empty() {
        Vec::new()
    } else {
        points(spec)
    };
    if !points.is_empty() {
        writeln!(out, "# Subtest: {name}")?;
        writeln!(out, "    1..{}", points.len())?;
        for (number, point) in (1..).zip(&points) {
            test_point(out, number, spec, point)?;
        }
    }
    let is_fine = matches!(
        spec.outcome,
        Outcome::Passed | Outcome::Flaky | Outcome::Skipped
    );
    let result = if is_fine { "ok" } else { "not ok" };
    writeln!(out, "{result} {number} - {name}{directive}")?;
    let leaks = spec.leaks.iter().map(|leak| &leak.text);
    for text in leaks.chain(&spec.notes) {
        comment(out, &spec.path, text)?;
    }
    if spec.outcome == Outcome::Flaky {
        comment(
            out,
            &spec.path,
            &format!("flaky: passed at attempt {}", spec.attempts),
        )?;
    }
    Ok(())
}

fn comment(out: &mut dyn Write, path: &str, text: &str) -> io::Result<()> {
    for line in text.lines() {
        writeln!(out, "# {}: {}", printable(path), printable(line))?;
    }
    Ok(())
}

fn test_point(out: &mut dyn Write, number: usize, spec: &Spec, point: &Point) -> io::Result<()> {
    let result = if point.state.is_bad()
        || spec.outcome == Outcome::Interrupted && point.example.is_none()
    {
        "not ok"
    } else {
        "ok"
    };
    let directive = match point.state {
        State::Skipped => format!(" # SKIP {}", words(point.kind, &point.message)),
        State::NotRun if result == "ok" => format!(" # SKIP {}", printable(&point.message)),
        _ => String::new(),
    };
    writeln!(
        out,
        "    {result} {number} - {}{directive}",
        escaped(&point.name)
    )?;
    if result == "ok" {
        return Ok(());
    }
    let diagnostic = Diagnostic {
        message: &point.message,
        severity: if point.state == State::Error {
            "error"
        } else {
            "fail"
        },
        kind: point.kind,
        at: Place {
            file: point.file,
            line: point.line,
            column: point.column,
        },
        duration_ms: point.example.map(|example| example.duration_ms),
        expected: point.example.map(|example| example.expected.as_str()),
        actual: point.example.and_then(|example| example.output.as_deref()),
        text: &point.text,
    };
    let yaml = serde_yaml::to_string(&diagnostic).map_err(io::Error::other)?;
    writeln!(out, "      ---")?;
    for line in yaml.lines() {
        writeln!(out, "      {line}")?;
    }
    writeln!(out, "      ...")
}

/// What is told below a test point that is not ok.
#[derive(Debug, Serialize)]
struct Diagnostic<'a> {
    message: &'a str,
    severity: &'a str,
    kind: &'a str,
    at: Place<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_ms: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    actual: Option<&'a str>,
    text: &'a str,
}

#[derive(Debug, Serialize)]
struct Place<'a> {
    file: &'a str,
    line: usize,
    column: usize,
}

fn words(kind: &str, reason: &str) -> String {
    printable(&format!("{kind}: {reason}"))
}

/// A description: what would start a directive is escaped.
fn escaped(text: &str) -> String {
    printable(text).replace('\\', "\\\\").replace('#', "\\#")
}

/// The text on one line, without control characters.
fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn written() -> String {
        let mut text = Vec::new();
        write(&sample::document(), &mut text).unwrap();
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn points_and_subtests() {
        let text = written();
        let wanted = [
            "TAP version 14",
            "1..6",
            "# Subtest: specs/a/passed.md",
            "    1..1",
            "    ok 1 - line 10: run(\"tool\")",
            "ok 1 - specs/a/passed.md",
        ];
        assert!(text.lines().take(6).eq(wanted), "{text}");
        for line in [
            "    not ok 1 - line 10: run(\"tool\")",
            "    ok 4 - line 25: run(\"tool\") # SKIP platform: not for linux",
            "    ok 5 - line 30: run(\"tool\") # SKIP not run: timeout",
            "not ok 2 - specs/a/failed <&>.md",
            "ok 4 - specs/b/skipped.md # SKIP feature: needs <R> & more",
            "not ok 5 - specs/b/broken.md",
            "Bail out! the run was interrupted",
        ] {
            assert!(text.lines().any(|other| other == line), "{line}\n{text}");
        }
    }

    /// Nothing that a program printed can be taken for a line of the protocol.
    #[test]
    fn hostile_output() {
        let text = written();
        assert_eq!(
            text.lines()
                .filter(|line| line.contains("Bail out!") && line.starts_with('B'))
                .count(),
            1
        );
        assert!(!text.contains(['\0', '\u{1b}', '\r']));
        let is_point = |line: &&str| line.trim_start().starts_with("not ok 9");
        for line in text.lines().filter(is_point) {
            assert!(line.starts_with("        "), "{line}");
        }
    }

    /// What is between the marks is YAML, and has the output whole.
    #[test]
    fn diagnostics_are_read_back() {
        let text = written();
        let blocks: Vec<serde_yaml::Value> = text
            .split("      ---\n")
            .skip(1)
            .map(|rest| serde_yaml::from_str(rest.split("\n      ...\n").next().unwrap()).unwrap())
            .collect();
        assert_eq!(blocks.len(), 6);
        assert_eq!(blocks[1]["actual"].as_str(), Some(sample::HOSTILE));
        assert_eq!(blocks[1]["at"]["line"].as_u64(), Some(15));
    }
}
