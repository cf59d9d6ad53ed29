//! The failures of a page: every failing example with its difference.

use maud::{Markup, html};

use super::{plural, sign, time};
use crate::report::point::{self, Point, points};
use crate::report::record::{Difference, Document, Example, Line, LineKind, Spec};
use crate::report::reproduce;

/// The specs that failed or could not be run.
pub(super) fn section(document: &Document) -> Markup {
    let bad = document.specs.iter().enumerate();
    let bad: Vec<_> = bad.filter(|(_, spec)| spec.outcome.is_bad()).collect();
    html! {
        @if !bad.is_empty() {
            section #failures {
                h2 { "Failures " span.count { (plural(bad.len(), "spec")) } }
                p.key {
                    code { "-" } " expected, " code { "+" } " got, " code { "~" }
                    " matched by a wildcard"
                }
                @for (index, spec) in bad {
                    (failed_spec(index, spec, &document.run.options))
                }
            }
        }
    }
}

fn failed_spec(index: usize, spec: &Spec, options: &[String]) -> Markup {
    let found = points(spec);
    let failed: Vec<&Point> = found.iter().filter(|point| point.state.is_bad()).collect();
    let search: Vec<&str> = failed.iter().map(|point| point.message.as_str()).collect();
    let not_run = spec.examples.len() - spec.examples_run();
    html! {
        details.spec open id={ "spec-" (index) } data-outcome=(spec.outcome.word())
            data-search={ (spec.path) " " (spec.title) " " (search.join(" ")) } {
            summary {
                span class={ "sign " (spec.outcome.word()) } { (sign(spec.outcome)) }
                span.path { (spec.path) }
                span.aside {
                    (spec.outcome.word())
                    @if spec.examples_run() > 0 {
                        ", " (spec.failures().count()) " of "
                        (plural(spec.examples_run(), "example")) ", " (time(spec.duration_ms))
                    }
                }
            }
            @if !spec.title.is_empty() { p.title { (spec.title) } }
            @for point in &failed { (failure(spec, point, options)) }
            @if not_run > 0 && !failed.is_empty() {
                p.remark { (plural(not_run, "example")) " skipped or not run" }
            }
            @for leak in &spec.leaks { p.remark { (leak.text) } }
            @for note in &spec.notes { p.remark { (note) } }
            @if !spec.log.trim().is_empty() {
                p.remark { "Written to standard error by examples:" }
                pre { (spec.log) }
            }
            @if let Some(sandbox) = &spec.sandbox { p.remark { "Sandbox: " code { (sandbox) } } }
        }
    }
}

fn failure(spec: &Spec, point: &Point, options: &[String]) -> Markup {
    html! {
        article.failure {
            h3 {
                span.place { (point.file) ":" (point.line) }
                " " span.what { (point.message) }
                @if point.kind == "follow-on" { " " span.tag { "follow-on" } }
            }
            @match point.example {
                Some(example) => (body(spec, example)),
                None if point.text.lines().count() > 1 => pre { (point.text) },
                None => {}
            }
            @if let Some(example) = point.example {
                p.again {
                    "Run again: "
                    code { (reproduce::command(&spec.path, example.own_line(), options)) }
                }
            }
        }
    }
}

fn body(spec: &Spec, example: &Example) -> Markup {
    html! {
        @if !example.section.is_empty() && example.section != spec.title { p.section { (example.section) } }
        pre.source { (example.language.with_prompts(&example.source)) }
        @for remark in point::remarks(example).lines() { p.remark { (remark) } }
        @if let Some(found) = &example.difference { (difference(found)) }
    }
}

/// The lines of a difference; signs tell them apart without colour, and are left
/// out of what is copied.
pub(super) fn difference(found: &Difference) -> Markup {
    html! {
        @if !found.lines.is_empty() {
            pre.difference {
                @for line in &found.lines {
                    span class={ "line " (class(line.kind)) } data-sign=(line.kind.sign()) {
                        (marked(line)) "\n"
                    }
                }
            }
        }
    }
}

fn class(kind: LineKind) -> &'static str {
    match kind {
        LineKind::Same => "same",
        LineKind::Wild => "wild",
        LineKind::Taken | LineKind::Cut => "taken",
        LineKind::Missing => "missing",
        LineKind::Extra => "extra",
    }
}

/// The text of a line, with what is marked in it.
fn marked(line: &Line) -> Markup {
    let mut parts: Vec<(bool, String)> = Vec::new();
    for (index, c) in line.text.chars().enumerate() {
        let is_marked = |(start, end): &(usize, usize)| (*start..*end).contains(&index);
        let inside = line.marks.iter().any(is_marked);
        match parts.last_mut() {
            Some((last, text)) if *last == inside => text.push(c),
            _ => parts.push((inside, c.to_string())),
        }
    }
    html! {
        @for (inside, text) in parts {
            @if inside { mark { (text) } } @else { (text) }
        }
    }
}
