//! A summary in GitHub's Markdown, for the page of a CI job.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::time::Duration;

use super::point::{self, Point, State, points};
use super::record::{Document, End, Outcome, Run, Spec};
use crate::duration::show;

/// The most bytes of a summary: GitHub refuses more than 1 MiB in all, and other
/// steps may add theirs.
const MOST: usize = 900 << 10;
/// The most bytes of one failure.
const MOST_OF_FAILURE: usize = 16 << 10;
/// The most bytes of what is told below the failures, section by section.
const MOST_OF_SECTION: usize = 48 << 10;
/// The most rows of a table.
const MOST_ROWS: usize = 500;

/// Writes a document.
pub(super) fn write(document: &Document, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(summary(document, MOST).as_bytes())
}

/// The summary, in about `most` bytes.
fn summary(document: &Document, most: usize) -> String {
    let mut text = head(&document.end);
    let bad: Vec<&Spec> = document
        .specs
        .iter()
        .filter(|spec| spec.outcome.is_bad())
        .collect();
    text.push_str(&table(&bad));
    let mut left = 0;
    for spec in &bad {
        for point in points(spec).iter().filter(|point| point.state.is_bad()) {
            let block = failure(point);
            // Room for what comes below.
            if left > 0 || text.len() + block.len() > most * 3 / 4 {
                left += 1;
            } else {
                text.push_str(&block);
            }
        }
    }
    if left > 0 {
        let plural = if left == 1 { "" } else { "s" };
        // Writing to a string does not fail.
        let _ = writeln!(
            text,
            "**{left} more failure{plural} left out:** this page has room for about {} KiB.\n",
            most >> 10
        );
    }
    text.push_str(&section("Flaky", "", &flaky(document)));
    text.push_str(&section("Left behind", "", &leaks(document)));
    let head = "| kind | reason | specs | examples |\n|---|---|--:|--:|\n";
    text.push_str(&section("Skipped", head, &skips(document)));
    text.push_str(&provenance(&document.run));
    text
}

fn head(end: &End) -> String {
    let totals = &end.totals;
    let (mark, word) = match end.exit_code {
        0 => ("✅", "passed"),
        1 => ("❌", "failed"),
        2 => ("❌", "broken specs"),
        3 => ("❌", "harness fault"),
        4 => ("⚠️", "nothing ran"),
        5 => ("⚠️", "interrupted"),
        6 => ("❌", "other skips than listed"),
        _ => ("❌", "not as expected"),
    };
    let took = show(Duration::from_secs_f64(end.duration_ms.max(0.0) / 1000.0));
    let mut text = format!("## {mark} Specs: {word}\n\n");
    let columns = [
        ("passed", totals.passed),
        ("failed", totals.failed),
        ("skipped", totals.skipped),
        ("flaky", totals.flaky),
        ("broken", totals.broken),
        ("faults", totals.faults),
        ("interrupted", totals.interrupted),
        ("not run", totals.not_run),
    ];
    let shown: Vec<_> = columns
        .iter()
        .enumerate()
        .filter(|(index, (_, number))| *index < 3 || *number > 0)
        .map(|(_, column)| column)
        .collect();
    for (name, _) in &shown {
        let _ = write!(text, "| {name} ");
    }
    text.push_str("| examples | time |\n");
    text.push_str(&"|--:".repeat(shown.len() + 2));
    text.push_str("|\n");
    for (_, number) in &shown {
        let _ = write!(text, "| {number} ");
    }
    let failed = match totals.failed_examples {
        0 => String::new(),
        failed => format!(", {failed} failed"),
    };
    let _ = writeln!(text, "| {}{failed} | {took} |\n", totals.examples);
    text
}

fn table(bad: &[&Spec]) -> String {
    if bad.is_empty() {
        return String::new();
    }
    let mut text = "| spec | outcome | failed examples | time |\n|---|---|--:|--:|\n".to_owned();
    for spec in bad.iter().take(MOST_ROWS) {
        let failed = match spec.failures().count() {
            0 => String::new(),
            failed => format!("{failed} of {}", spec.examples_run()),
        };
        let took = show(Duration::from_secs_f64(spec.duration_ms.max(0.0) / 1000.0));
        let path = escaped(&spec.path);
        let _ = writeln!(
            text,
            "| {path} | {} | {failed} | {took} |",
            spec.outcome.word()
        );
    }
    if let Some(more) = bad.len().checked_sub(MOST_ROWS).filter(|more| *more > 0) {
        let _ = writeln!(text, "| {more} more | | | |");
    }
    text.push('\n');
    text
}

fn failure(point: &Point) -> String {
    let place = format!("{}:{}", point.file, point.line);
    let mut text = format!(
        "<details><summary><code>{}</code> {}</summary>\n\n",
        escaped(&place),
        escaped(&point.message)
    );
    match point.example {
        None => text.push_str(&fenced(
            "",
            &point::cut(point.text.clone(), MOST_OF_FAILURE),
        )),
        Some(example) => {
            let source = example.language.with_prompts(&example.source);
            text.push_str(&fenced("", &point::cut(source, MOST_OF_FAILURE)));
            for remark in point::remarks(example).lines() {
                let _ = writeln!(text, "- {}", escaped(remark));
            }
            let found = point::difference(example);
            if !found.is_empty() {
                text.push('\n');
                text.push_str(&fenced("diff", &point::cut(found, MOST_OF_FAILURE)));
            }
        }
    }
    text.push_str("</details>\n\n");
    text
}

fn flaky(document: &Document) -> Vec<String> {
    let flaky = |spec: &&Spec| spec.outcome == Outcome::Flaky;
    let line = |spec: &Spec| {
        let path = code(&spec.path);
        format!("- {path}: passed at attempt {}\n", spec.attempts)
    };
    document.specs.iter().filter(flaky).map(line).collect()
}

fn leaks(document: &Document) -> Vec<String> {
    let mut lines = Vec::new();
    for spec in &document.specs {
        let path = code(&spec.path);
        let leaks = spec.leaks.iter();
        lines.extend(leaks.map(|leak| format!("- {path}: {}\n", escaped(&leak.text))));
    }
    let unclaimed = document.end.unclaimed.iter();
    lines.extend(unclaimed.map(|leak| format!("- by one of the specs: {}\n", escaped(&leak.text))));
    lines
}

/// The skips by kind and reason, with how many there are.
fn skips(document: &Document) -> Vec<String> {
    let mut counts: BTreeMap<(String, String), (usize, usize)> = BTreeMap::new();
    for spec in &document.specs {
        let found = points(spec);
        for point in found.iter().filter(|point| point.state == State::Skipped) {
            let key = (point.kind.to_owned(), point.message.clone());
            let (specs, examples) = counts.entry(key).or_default();
            if point.example.is_some() {
                *examples += 1;
            } else {
                *specs += 1;
            }
        }
    }
    let row = |((kind, reason), (specs, examples)): (&(String, String), &(usize, usize))| {
        format!(
            "| {} | {} | {specs} | {examples} |\n",
            escaped(kind),
            escaped(reason)
        )
    };
    counts.iter().map(row).collect()
}

/// A folded section with as many of the lines as there is room for.
fn section(title: &str, head: &str, lines: &[String]) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let mut text = format!("<details><summary>{title}</summary>\n\n{head}");
    for (index, line) in lines.iter().enumerate() {
        if text.len() + line.len() > MOST_OF_SECTION {
            let _ = writeln!(text, "\n{} more", lines.len() - index);
            break;
        }
        text.push_str(line);
    }
    text.push_str("\n</details>\n\n");
    text
}

fn provenance(run: &Run) -> String {
    let mut parts = vec![format!("harness {}", run.harness)];
    for program in &run.programs {
        let short = program.sha256.get(..12).unwrap_or(&program.sha256);
        parts.push(format!("{} (sha256 {short})", code(&program.path)));
    }
    if let Some(revision) = &run.revision {
        let short = revision.commit.get(..12).unwrap_or(&revision.commit);
        let modified = if revision.modified { " modified" } else { "" };
        parts.push(format!("revision {short}{modified}"));
    }
    parts.push(format!(
        "{} {}, {} processors",
        run.os, run.arch, run.processors
    ));
    parts.push(run.started.clone());
    format!("<sub>{}</sub>\n", parts.join(" · "))
}

/// A block that no text can end: its fence is longer than any in it.
fn fenced(language: &str, text: &str) -> String {
    let mut longest = 2;
    let mut run = 0;
    for c in text.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat(longest + 1);
    let text = printable(text);
    let text = text.trim_end_matches('\n');
    format!("{fence}{language}\n{text}\n{fence}\n")
}

/// Text that is only text: neither HTML nor Markdown.
fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in printable(text).chars() {
        match c {
            '&' => shown.push_str("&amp;"),
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '\n' => shown.push(' '),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' | '@' | '!' | '$' => {
                shown.push_str(&format!("&#{};", u32::from(c)));
            }
            c => shown.push(c),
        }
    }
    shown
}

fn code(text: &str) -> String {
    format!("<code>{}</code>", escaped(text))
}

/// The text without control characters but ends of lines.
fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() && c != '\n' {
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

    #[test]
    fn totals_failures_and_the_rest() {
        let text = summary(&sample::document(), MOST);
        for part in [
            "## ⚠️ Specs: interrupted\n",
            "| passed | failed | skipped | flaky | broken | interrupted | examples | time |\n",
            "| 2 | 1 | 1 | 1 | 1 | 1 | 5, 3 failed | 1.23s |\n",
            "| specs/a/failed &lt;&amp;&gt;.md | failed | 3 of 3 | 100ms |\n",
            "```diff\n~ a b c\n    ^\n- 2nd\n+ 2\n~ &#91;9",
            "passed at attempt 2",
            "by one of the specs: left running, ended: sleep (pid 12)",
            "| feature | needs &lt;R&gt; &amp; more | 1 | 0 |\n",
            "revision cdcdcdcdcdcd modified",
        ] {
            let part = part.replace("&#91;9", "[9");
            assert!(text.contains(&part), "{part}\n{text}");
        }
    }

    /// Nothing that a program printed is HTML, ends a block or starts a command.
    #[test]
    fn hostile_output() {
        let text = summary(&sample::document(), MOST);
        let mut fence: Option<String> = None;
        for line in text.lines() {
            let ticks: String = line.chars().take_while(|c| *c == '`').collect();
            match &fence {
                Some(open) if *open == line => fence = None,
                Some(_) => {}
                None if ticks.len() >= 3 => fence = Some(ticks),
                None => assert!(!line.contains("<script") && !line.contains("<b>"), "{line}"),
            }
        }
        assert_eq!(fence, None);
        assert!(!text.contains(['\0', '\u{1b}']));
        assert_eq!(fenced("", "a\n````\n"), "`````\na\n````\n`````\n");
    }

    #[test]
    fn within_its_limit() {
        let mut document = sample::document();
        let failed = document.specs[1].clone();
        document.specs.extend(std::iter::repeat_n(failed, 2000));
        let text = summary(&document, MOST);
        assert!(text.len() < MOST, "{}", text.len());
        assert!(text.contains("more failures left out:"));
        assert!(text.contains("more | | | |"));
        assert!(text.trim_end().ends_with("</sub>"));
        assert_eq!(
            text.matches("<details>").count(),
            text.matches("</details>").count()
        );
    }
}
