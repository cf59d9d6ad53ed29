//! A page to look at, in one file: it needs no network and runs from a disk.
//!
//! What specs say and print is text and nothing else: every value is escaped as it
//! is put in, and the page forbids any script and style but its own, by their
//! digests.

mod failures;
mod specs;

use std::io::{self, Write};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use super::record::{Document, End, Outcome, Run};
use crate::duration::show;
use crate::verdict::Totals;

const STYLE: &str = include_str!("html/report.css");
const SCRIPT: &str = include_str!("html/report.js");

/// Writes a document.
pub(super) fn write(document: &Document, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(page(document).into_string().as_bytes())
}

fn page(document: &Document) -> Markup {
    let policy = format!(
        "default-src 'none'; img-src data:; style-src {}; script-src {}; base-uri 'none'; \
         form-action 'none'",
        source(STYLE),
        source(SCRIPT)
    );
    let (mark, word) = ending(&document.end);
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (mark) " " (word) " - specs" }
                link rel="icon" href="data:,";
                style { (PreEscaped(STYLE)) }
            }
            body {
                (header(document, word))
                (tools(&document.end.totals))
                main id="main" {
                    (failures::section(document))
                    (specs::slowest(document))
                    (specs::flaky(document))
                    (specs::skips(document))
                    (specs::left_behind(document))
                    (specs::by_folder(document))
                    p id="none" hidden { "Nothing here has that in it." }
                    (provenance(&document.run))
                }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    }
}

/// How a policy names a script or style that it allows.
fn source(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)))
}

/// A sign for the end of a run, and the words for it.
fn ending(end: &End) -> (&'static str, &'static str) {
    match end.exit_code {
        0 => ("✓", "All as expected"),
        1 => ("✗", "Failed"),
        2 => ("✗", "Broken specs"),
        3 => ("✗", "Fault of the harness"),
        4 => ("○", "Nothing ran"),
        5 => ("○", "Interrupted"),
        6 => ("✗", "Other skips than listed"),
        _ => ("✗", "Not as expected"),
    }
}

/// A time, given in milliseconds, as a person says it.
fn time(milliseconds: f64) -> String {
    show(Duration::from_secs_f64(milliseconds.max(0.0) / 1000.0))
}

/// A time of day as a person reads it, to the second.
fn moment(text: &str) -> String {
    match text.split_once('T') {
        Some((day, rest)) if rest.ends_with('Z') => {
            let clock = rest.get(..8).unwrap_or(rest);
            format!("{day} {clock} UTC")
        }
        _ => text.to_owned(),
    }
}

/// The sign of an outcome, which tells it without colour.
fn sign(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Passed => "✓",
        Outcome::Flaky => "≈",
        Outcome::Failed | Outcome::Broken | Outcome::Fault => "✗",
        Outcome::Skipped => "–",
        Outcome::Interrupted | Outcome::NotRun => "○",
    }
}

fn plural(number: usize, name: &str) -> String {
    let s = if number == 1 { "" } else { "s" };
    format!("{number} {name}{s}")
}

fn header(document: &Document, word: &str) -> Markup {
    let end = &document.end;
    let class = match end.exit_code {
        0 => "good",
        4 | 5 => "note",
        _ => "bad",
    };
    let commands: f64 = document.specs.iter().map(|spec| spec.command_ms).sum();
    let specs: f64 = document.specs.iter().map(|spec| spec.duration_ms).sum();
    html! {
        header class=(class) {
            h1 { (word) }
            p.when {
                time datetime=(document.run.started) { (moment(&document.run.started)) }
                @for program in &document.run.programs {
                    " · testing " code title=(program.path) { (program.name) }
                }
            }
            (bar(&end.totals))
            p.times {
                (plural(document.specs.len(), "spec")) ", "
                (plural(end.totals.examples, "example")) " run in "
                strong { (time(end.duration_ms)) } ". Of " (time(specs)) " of work, commands took "
                strong { (time(commands)) } ", Python and the harness "
                strong { (time((specs - commands).max(0.0))) } "."
                @if end.totals.failed_examples > 0 {
                    " " (plural(end.totals.failed_examples, "example")) " failed"
                    @if end.totals.follow_ons > 0 {
                        ", " (end.totals.follow_ons) " of them since another one had"
                    }
                    "."
                }
            }
        }
    }
}

/// The outcomes that there are, with how many specs had them.
fn numbers(totals: &Totals) -> Vec<(Outcome, &'static str, usize)> {
    let all = [
        (Outcome::Failed, "failed", totals.failed),
        (Outcome::Broken, "broken", totals.broken),
        (Outcome::Fault, "fault", totals.faults),
        (Outcome::Flaky, "flaky", totals.flaky),
        (
            Outcome::Passed,
            "passed",
            totals.passed - totals.flaky.min(totals.passed),
        ),
        (Outcome::Skipped, "skipped", totals.skipped),
        (Outcome::Interrupted, "interrupted", totals.interrupted),
        (Outcome::NotRun, "not run", totals.not_run),
    ];
    all.into_iter()
        .filter(|(_, _, number)| *number > 0)
        .collect()
}

/// The shares of outcomes, as one bar.
fn bar(totals: &Totals) -> Markup {
    let numbers = numbers(totals);
    let all: usize = numbers.iter().map(|(_, _, number)| number).sum();
    let mut at = 0;
    let parts = numbers.iter().map(|(outcome, word, number)| {
        let start = at;
        at += number;
        (outcome, word, number, start)
    });
    let parts: Vec<_> = parts.collect();
    let words: Vec<String> = numbers
        .iter()
        .map(|(_, word, n)| format!("{n} {word}"))
        .collect();
    html! {
        svg.bar viewBox={ "0 0 " (all.max(1)) " 1" } preserveAspectRatio="none" role="img"
            aria-label=(words.join(", ")) {
            @for (outcome, word, number, start) in parts {
                rect class=(outcome.word()) x=(start) y="0" width=(number) height="1" {
                    title { (number) " " (word) }
                }
            }
        }
    }
}

/// Search, and a switch for each outcome.
fn tools(totals: &Totals) -> Markup {
    html! {
        search {
            input #search type="search" placeholder="Search specs and failures"
                aria-label="Search specs and failures" title="Press / to search" autocomplete="off";
            div.switches role="group" aria-label="Show only" {
                @for (outcome, word, number) in numbers(totals) {
                    button type="button" class=(outcome.word()) data-outcome=(outcome.word())
                        aria-pressed="false" {
                        span aria-hidden="true" { (sign(outcome)) } " " (number) " " (word)
                    }
                }
            }
            p #found role="status" {}
        }
    }
}

fn provenance(run: &Run) -> Markup {
    html! {
        section #provenance {
            h2 { "Where this comes from" }
            dl {
                dt { "Started" } dd { (moment(&run.started)) }
                dt { "In" } dd { code { (run.directory) } }
                dt { "Specs" } dd { code { (run.paths.join(" ")) } }
                @let given = [run.selection.as_slice(), run.options.as_slice()].concat();
                @if !given.is_empty() { dt { "Options" } dd { code { (given.join(" ")) } } }
                @for program in &run.programs {
                    dt { "Program " (program.name) }
                    dd { code { (program.path) } br; "SHA-256 " code { (program.sha256) } }
                }
                @if let Some(revision) = &run.revision {
                    dt { "Revision" }
                    dd { code { (revision.commit) } @if revision.modified { ", with changes" } }
                }
                @if !run.suites.is_empty() { dt { "Suite" } dd { code { (run.suites.join(" ")) } } }
                @for (file, version) in &run.python {
                    dt { "Python" } dd { (version) " " code { (file) } }
                }
                dt { "Machine" }
                dd { (run.os) " " (run.arch) ", " (plural(run.processors, "processor")) }
                dt { "Harness" } dd { (run.harness) }
            }
        }
    }
}

#[cfg(test)]
#[path = "html_tests.rs"]
mod tests;
