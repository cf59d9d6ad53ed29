//! What is written is well-formed, and what Jenkins' schema allows.

use roxmltree::{Document as Xml, Node};

use super::write;
use crate::report::sample;

type Names = &'static [&'static str];
type Element = (&'static str, Names, Names, Names, bool);

/// For each element the schema has: the attributes it must have, those it may
/// have, its elements, and whether it may have text.
const SCHEMA: [Element; 12] = [
    (
        "testsuites",
        &[],
        &["name", "time", "tests", "failures", "errors"],
        &["testsuite"],
        false,
    ),
    (
        "testsuite",
        &["name", "tests", "failures", "errors"],
        &[
            "group",
            "time",
            "skipped",
            "timestamp",
            "hostname",
            "id",
            "package",
            "file",
            "log",
            "url",
            "version",
        ],
        &[
            "testsuite",
            "properties",
            "testcase",
            "system-out",
            "system-err",
        ],
        false,
    ),
    ("properties", &[], &[], &["property"], false),
    ("property", &["name", "value"], &[], &[], false),
    (
        "testcase",
        &["name"],
        &["time", "classname", "group"],
        &[
            "skipped",
            "error",
            "failure",
            "rerunFailure",
            "rerunError",
            "flakyFailure",
            "flakyError",
            "system-out",
            "system-err",
        ],
        false,
    ),
    ("failure", &[], &["type", "message"], &[], true),
    ("error", &[], &["type", "message"], &[], true),
    ("skipped", &[], &["type", "message"], &[], true),
    ("rerunFailure", &["type"], &["message"], &[], true),
    ("flakyFailure", &["type"], &["message"], &[], true),
    ("system-out", &[], &[], &[], true),
    ("system-err", &[], &[], &[], true),
];

fn written() -> String {
    let mut text = Vec::new();
    write(&sample::document(), &mut text).unwrap();
    String::from_utf8(text).unwrap()
}

#[test]
fn as_the_schema_has_it() {
    let text = written();
    let xml = Xml::parse(&text).unwrap();
    let elements = || xml.descendants().filter(Node::is_element);
    assert!(elements().count() > 20);
    for node in elements() {
        let name = node.tag_name().name();
        let found = SCHEMA.iter().find(|(element, ..)| *element == name);
        let (_, must, may, inner, has_text) = found.unwrap();
        for attribute in *must {
            assert!(node.has_attribute(*attribute), "{name} without {attribute}");
        }
        for attribute in node.attributes().map(|attribute| attribute.name()) {
            let known = must.contains(&attribute) || may.contains(&attribute);
            assert!(known, "{attribute} of {name}");
        }
        for child in node.children() {
            if child.is_element() {
                let child = child.tag_name().name();
                assert!(inner.contains(&child), "{child} in {name}");
            } else {
                let blank = child.text().unwrap_or_default().trim().is_empty();
                assert!(*has_text || blank, "text in {name}");
            }
        }
    }
}

fn attribute(node: Node, name: &str) -> usize {
    node.attribute(name).unwrap().parse().unwrap()
}

#[test]
fn numbers_are_those_of_the_elements() {
    let text = written();
    let xml = Xml::parse(&text).unwrap();
    let inside = |node: Node, name| node.descendants().filter(|n| n.has_tag_name(name)).count();
    for suite in xml.descendants().filter(|n| n.has_tag_name("testsuite")) {
        for (name, element) in [
            ("tests", "testcase"),
            ("failures", "failure"),
            ("errors", "error"),
            ("skipped", "skipped"),
        ] {
            assert_eq!(attribute(suite, name), inside(suite, element), "{name}");
        }
    }
    let root = xml.root_element();
    assert_eq!(attribute(root, "tests"), inside(root, "testcase"));
    assert_eq!(attribute(root, "failures"), inside(root, "failure"));
    assert_eq!(attribute(root, "errors"), inside(root, "error"));
}

#[test]
fn what_it_tells() {
    let text = written();
    let xml = Xml::parse(&text).unwrap();
    let one = |name: &str| xml.descendants().find(|n| n.has_tag_name(name)).unwrap();
    let failure = one("failure");
    assert_eq!(failure.attribute("message"), Some("output differs"));
    let start = "specs/a/failed <&>.md:10:5: output differs\n";
    assert!(failure.text().unwrap().starts_with(start));
    assert_eq!(
        failure.parent().unwrap().attribute("classname"),
        Some("specs.a.failed <&>")
    );
    let skipped = one("skipped");
    assert_eq!(skipped.attribute("type"), Some("platform"));
    assert_eq!(skipped.attribute("message"), Some("not for linux"));
    assert_eq!(one("flakyFailure").attribute("type"), Some("difference"));
}

/// What XML cannot hold is escaped, and the rest comes through whole.
#[test]
fn hostile_output() {
    let text = written();
    let xml = Xml::parse(&text).unwrap();
    let log = xml.descendants().find(|n| n.has_tag_name("system-err"));
    let shown = sample::HOSTILE
        .replace('\u{1b}', "\\x1b")
        .replace('\0', "\\x00")
        .replace('\u{fffe}', "\\u{fffe}");
    assert_eq!(log.unwrap().text(), Some(shown.as_str()));
}
