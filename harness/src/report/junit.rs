//! JUnit XML, as Jenkins' schema has it: a suite for each spec, a case for each
//! example.
//!
//! That schema has no place for the line of a case, so the name of the case and
//! the text of a failure tell it; the file is that of the suite.

use std::borrow::Cow;
use std::io::{self, Write};

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::point::{self, Point, State, points};
use super::record::{Document, Run, Spec};

/// Writes a document.
pub(super) fn write(document: &Document, out: &mut dyn Write) -> io::Result<()> {
    let suites: Vec<(&Spec, Vec<Point>)> = document
        .specs
        .iter()
        .map(|spec| (spec, points(spec)))
        .collect();
    let count = |state| suites.iter().map(|(_, points)| number(points, state)).sum();
    let tests: usize = suites.iter().map(|(_, points)| points.len()).sum();
    let (failures, errors): (usize, usize) = (count(State::Failed), count(State::Error));
    let mut xml = Writer::new_with_indent(out, b' ', 2);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    xml.create_element("testsuites")
        .with_attribute(("name", "harness"))
        .with_attribute(("time", seconds(document.end.duration_ms).as_str()))
        .with_attribute(("tests", tests.to_string().as_str()))
        .with_attribute(("failures", failures.to_string().as_str()))
        .with_attribute(("errors", errors.to_string().as_str()))
        .write_inner_content(|xml| {
            for (index, (spec, points)) in suites.iter().enumerate() {
                suite(xml, &document.run, index, spec, points)?;
            }
            Ok(())
        })?;
    xml.into_inner().write_all(b"\n")
}

fn number(points: &[Point], state: State) -> usize {
    points.iter().filter(|point| point.state == state).count()
}

type Xml<'a> = Writer<&'a mut dyn Write>;

fn suite(xml: &mut Xml, run: &Run, index: usize, spec: &Spec, points: &[Point]) -> io::Result<()> {
    let skipped = number(points, State::Skipped) + number(points, State::NotRun);
    xml.create_element("testsuite")
        .with_attribute(("name", &*valid(&spec.path)))
        .with_attribute(("tests", points.len().to_string().as_str()))
        .with_attribute((
            "failures",
            number(points, State::Failed).to_string().as_str(),
        ))
        .with_attribute(("errors", number(points, State::Error).to_string().as_str()))
        .with_attribute(("skipped", skipped.to_string().as_str()))
        .with_attribute(("time", seconds(spec.duration_ms).as_str()))
        .with_attribute(("timestamp", run.started.as_str()))
        .with_attribute(("id", index.to_string().as_str()))
        .with_attribute(("file", &*valid(&spec.path)))
        .write_inner_content(|xml| {
            properties(xml, run, spec)?;
            for point in points {
                case(xml, spec, point)?;
            }
            let leaks = spec.leaks.iter().map(|leak| leak.text.as_str());
            let notes: Vec<&str> = leaks.chain(spec.notes.iter().map(String::as_str)).collect();
            output(xml, "system-out", &notes.join("\n"))?;
            output(xml, "system-err", &spec.log)
        })?;
    Ok(())
}

fn properties(xml: &mut Xml, run: &Run, spec: &Spec) -> io::Result<()> {
    let mut list = vec![
        ("title".to_owned(), spec.title.clone()),
        ("outcome".to_owned(), spec.outcome.word().to_owned()),
        ("sha256".to_owned(), spec.sha256.clone()),
        ("harness".to_owned(), run.harness.clone()),
        ("os".to_owned(), format!("{} {}", run.os, run.arch)),
    ];
    for program in &run.programs {
        list.push((format!("program.{}", program.name), program.path.clone()));
        list.push((
            format!("program.{}.sha256", program.name),
            program.sha256.clone(),
        ));
    }
    if let Some(revision) = &run.revision {
        list.push(("revision".into(), revision.commit.clone()));
    }
    xml.create_element("properties")
        .write_inner_content(|xml| {
            for (name, value) in list.iter().filter(|(_, value)| !value.is_empty()) {
                xml.create_element("property")
                    .with_attribute(("name", &*valid(name)))
                    .with_attribute(("value", &*valid(value)))
                    .write_empty()?;
            }
            Ok(())
        })?;
    Ok(())
}

fn case(xml: &mut Xml, spec: &Spec, point: &Point) -> io::Result<()> {
    let duration = point.example.map_or(0.0, |example| example.duration_ms);
    let case = xml
        .create_element("testcase")
        .with_attribute(("name", &*valid(&point.name)))
        .with_attribute(("classname", &*valid(&class(&spec.path))))
        .with_attribute(("time", seconds(duration).as_str()));
    if point.state == State::Passed && point.earlier.is_empty() {
        case.write_empty()?;
        return Ok(());
    }
    case.write_inner_content(|xml| {
        let element = match point.state {
            State::Passed => None,
            State::Failed => Some("failure"),
            State::Error => Some("error"),
            State::Skipped | State::NotRun => Some("skipped"),
        };
        if let Some(element) = element {
            verdict(xml, element, point.kind, &point.message, &point.text)?;
        }
        // In the words of Surefire: what failed before it passed is flaky, what
        // failed in the end was run again in vain.
        let again = match point.state {
            State::Failed | State::Error => "rerunFailure",
            _ => "flakyFailure",
        };
        for example in &point.earlier {
            let text = point::text(example);
            verdict(xml, again, point::kind(example), &example.reason, &text)?;
        }
        Ok(())
    })?;
    Ok(())
}

fn verdict(xml: &mut Xml, element: &str, kind: &str, message: &str, text: &str) -> io::Result<()> {
    let element = xml
        .create_element(element)
        .with_attribute(("type", kind))
        .with_attribute(("message", &*valid(message)));
    if text.is_empty() {
        element.write_empty()?;
    } else {
        element.write_text_content(BytesText::new(&valid(text)))?;
    }
    Ok(())
}

fn output(xml: &mut Xml, element: &str, text: &str) -> io::Result<()> {
    if !text.is_empty() {
        xml.create_element(element)
            .write_text_content(BytesText::new(&valid(text)))?;
    }
    Ok(())
}

/// The path as the name of a class, whose folders are its packages.
fn class(path: &str) -> String {
    let path = path.strip_suffix(".md").unwrap_or(path);
    let parts = path
        .split('/')
        .filter(|part| !matches!(*part, "" | "." | ".."));
    parts.collect::<Vec<_>>().join(".")
}

/// Seconds with three decimals, which is what the schema takes.
fn seconds(milliseconds: f64) -> String {
    format!("{:.3}", milliseconds / 1000.0)
}

/// The text with what XML cannot hold written as escapes.
fn valid(text: &str) -> Cow<'_, str> {
    let is_valid = |c: char| match c {
        '\t' | '\n' => true,
        c => !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}'),
    };
    if text.chars().all(is_valid) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if is_valid(c) {
            shown.push(c);
        } else if u32::from(c) < 0x100 {
            shown.push_str(&format!("\\x{:02x}", u32::from(c)));
        } else {
            shown.extend(c.escape_unicode());
        }
    }
    Cow::Owned(shown)
}

#[cfg(test)]
#[path = "junit_tests.rs"]
mod tests;
