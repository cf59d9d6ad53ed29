//! The tables of a page: all specs by folder, the slowest, the skipped, the flaky,
//! and what was left behind.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::failures::difference;
use super::{plural, sign, time};
use crate::report::point::{self, State, points};
use crate::report::record::{Document, Outcome, Spec};

/// How many of the slowest are listed.
const SLOWEST: usize = 10;
/// How many places of a skip are listed.
const PLACES: usize = 200;

/// The slowest specs, with what of it their commands took.
pub(super) fn slowest(document: &Document) -> Markup {
    let mut specs: Vec<&Spec> = document.specs.iter().collect();
    specs.retain(|spec| spec.duration_ms > 0.0);
    specs.sort_by(|a, b| b.duration_ms.total_cmp(&a.duration_ms));
    specs.truncate(SLOWEST);
    let longest = specs.first().map_or(1.0, |spec| spec.duration_ms);
    let share = |part: f64| format!("{:.2}", 100.0 * part / longest);
    html! {
        @if specs.len() > 1 {
            details.part #slowest {
                summary { h2 { "Slowest" } }
                p.key {
                    svg.swatch viewBox="0 0 1 1" aria-hidden="true" { rect.command width="1" height="1" {} }
                    " commands "
                    svg.swatch viewBox="0 0 1 1" aria-hidden="true" { rect.rest width="1" height="1" {} }
                    " all else"
                }
                ol.slowest {
                    @for spec in specs {
                        li {
                            span.path { (spec.path) }
                            span.aside {
                                (time(spec.duration_ms)) ", commands " (time(spec.command_ms))
                            }
                            svg.duration viewBox="0 0 100 1" preserveAspectRatio="none"
                                aria-hidden="true" {
                                rect.rest width=(share(spec.duration_ms)) height="1" {}
                                rect.command width=(share(spec.command_ms)) height="1" {}
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The specs that passed only at another attempt, and what failed before.
pub(super) fn flaky(document: &Document) -> Markup {
    let flaky = |spec: &&Spec| spec.outcome == Outcome::Flaky;
    let specs: Vec<&Spec> = document.specs.iter().filter(flaky).collect();
    html! {
        @if !specs.is_empty() {
            details.part open {
                summary { h2 { "Flaky " span.count { (plural(specs.len(), "spec")) } } }
                @for spec in specs {
                    details.spec data-outcome="flaky" data-search={ (spec.path) " " (spec.title) } {
                        summary {
                            span.sign.flaky { (sign(spec.outcome)) }
                            span.path { (spec.path) }
                            span.aside { "passed at attempt " (spec.attempts) }
                        }
                        @for (number, attempt) in (1..).zip(&spec.earlier) {
                            p.remark {
                                "Attempt " (number) ": " (attempt.outcome.word()) ", "
                                (time(attempt.duration_ms))
                            }
                            @for example in &attempt.failures {
                                article.failure {
                                    h3 {
                                        span.place { (example.place().0) ":" (example.line) }
                                        " " span.what { (example.reason) }
                                    }
                                    pre.source { (example.language.with_prompts(&example.source)) }
                                    @for remark in point::remarks(example).lines() {
                                        p.remark { (remark) }
                                    }
                                    @if let Some(found) = &example.difference { (difference(found)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// What was skipped, by kind and reason.
pub(super) fn skips(document: &Document) -> Markup {
    let mut found: BTreeMap<&str, BTreeMap<String, Vec<String>>> = BTreeMap::new();
    for spec in &document.specs {
        for point in points(spec) {
            if point.state == State::Skipped {
                let place = match point.example {
                    Some(example) => format!("{}:{}", example.place().0, example.line),
                    None => spec.path.clone(),
                };
                let reasons = found.entry(point.kind).or_default();
                reasons.entry(point.message).or_default().push(place);
            }
        }
    }
    let all: usize = found
        .values()
        .flat_map(BTreeMap::values)
        .map(Vec::len)
        .sum();
    html! {
        @if all > 0 {
            details.part #skips {
                summary { h2 { "Skipped " span.count { (all) } } }
                @for (kind, reasons) in &found {
                    h3 { (kind) " " span.count { (reasons.values().map(Vec::len).sum::<usize>()) } }
                    @for (reason, places) in reasons {
                        details.reason {
                            summary { (reason) " " span.count { (places.len()) } }
                            ul {
                                @for place in places.iter().take(PLACES) { li.path { (place) } }
                                @if places.len() > PLACES { li { (places.len() - PLACES) " more" } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The leaks.
pub(super) fn left_behind(document: &Document) -> Markup {
    let leaks = document.specs.iter();
    let leaks = leaks.flat_map(|spec| spec.leaks.iter().map(|leak| (spec.path.as_str(), leak)));
    let unclaimed = document.end.unclaimed.iter();
    let leaks: Vec<_> = leaks
        .chain(unclaimed.map(|leak| ("one of the specs", leak)))
        .collect();
    html! {
        @if !leaks.is_empty() {
            details.part #leaks {
                summary { h2 { "Left behind " span.count { (leaks.len()) } } }
                ul.leaks {
                    @for (path, leak) in leaks {
                        li { span.path { (path) } " " (leak.text) }
                    }
                }
            }
        }
    }
}

/// Every spec, by folder.
pub(super) fn by_folder(document: &Document) -> Markup {
    let mut folders: BTreeMap<&str, Vec<(usize, &Spec)>> = BTreeMap::new();
    for (index, spec) in document.specs.iter().enumerate() {
        let folder = spec.path.rsplit_once('/').map_or(".", |(folder, _)| folder);
        folders.entry(folder).or_default().push((index, spec));
    }
    let is_short = document.specs.len() <= 200;
    html! {
        section #specs {
            h2 { "Specs " span.count { (document.specs.len()) } }
            @for (folder, specs) in &folders {
                (one_folder(folder, specs, is_short))
            }
        }
    }
}

fn one_folder(folder: &str, specs: &[(usize, &Spec)], is_open: bool) -> Markup {
    let mut counts: BTreeMap<Outcome, usize> = BTreeMap::new();
    for (_, spec) in specs {
        *counts.entry(spec.outcome).or_default() += 1;
    }
    let took: f64 = specs.iter().map(|(_, spec)| spec.duration_ms).sum();
    html! {
        details.folder open[is_open] {
            summary {
                span.path { (folder) "/" }
                span.aside {
                    @for (outcome, number) in &counts {
                        span class=(outcome.word()) title=(outcome.word()) {
                            (sign(*outcome)) " " (number)
                        } " "
                    }
                    (time(took))
                }
            }
            ul.specs {
                @for (index, spec) in specs { (row(*index, spec)) }
            }
        }
    }
}

fn row(index: usize, spec: &Spec) -> Markup {
    let name = spec.path.rsplit('/').next().unwrap_or_default();
    html! {
        li data-outcome=(spec.outcome.word())
            data-search={ (spec.path) " " (spec.title) " " (spec.reason) } {
            span class={ "sign " (spec.outcome.word()) } title=(spec.outcome.word()) {
                (sign(spec.outcome))
            }
            @if spec.outcome.is_bad() {
                a.path href={ "#spec-" (index) } { (name) }
            } @else {
                span.path { (name) }
            }
            span.title { (spec.title) }
            span.aside {
                @match spec.outcome {
                    Outcome::Skipped | Outcome::NotRun => { (spec.reason) }
                    Outcome::Broken | Outcome::Fault | Outcome::Interrupted => {
                        (spec.outcome.word())
                    }
                    Outcome::Passed | Outcome::Flaky | Outcome::Failed => {
                        @let failed = spec.failures().count();
                        @if failed > 0 { (failed) " of " }
                        (plural(spec.examples_run(), "example"))
                        @if failed > 0 { " failed" }
                        ", " (time(spec.duration_ms))
                    }
                }
            }
        }
    }
}
