//! SARIF 2.1.0, which code hosts and editors show as findings in the specs.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::point::{Point, State, points};
use super::record::Document;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// The kinds of failures, and what they are.
const RULES: [(&str, &str); 8] = [
    (
        "difference",
        "The output of an example is not what the spec expects.",
    ),
    (
        "exception",
        "An example raised an exception that is not expected.",
    ),
    ("timeout", "An example was over its time."),
    ("ended", "The process that evaluates the examples ended."),
    (
        "follow-on",
        "An example failed since one before it had failed.",
    ),
    ("leak", "A spec left something behind."),
    ("failed", "A spec failed as a whole."),
    ("broken", "A spec could not be run as it is."),
];
/// Of the harness itself.
const FAULT: (&str, &str) = ("fault", "The harness could not run a spec.");

/// Writes a document.
pub(super) fn write(document: &Document, out: &mut dyn Write) -> io::Result<()> {
    let rules: Vec<Value> = RULES
        .iter()
        .chain([&FAULT])
        .map(|(id, text)| json!({ "id": id, "shortDescription": { "text": text } }))
        .collect();
    let mut results = Vec::new();
    for spec in &document.specs {
        for point in points(spec) {
            if point.state.is_bad() {
                results.push(result(&point, "error"));
            } else if let Some(example) = point.earlier.first() {
                let flaky = Point {
                    kind: super::point::kind(example),
                    message: format!("flaky: {}", example.reason),
                    text: super::point::text(example),
                    ..point
                };
                results.push(result(&flaky, "warning"));
            }
        }
    }
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "harness",
                "semanticVersion": document.run.harness,
                "rules": rules,
            } },
            "invocations": [{
                // Whether the tool did its work, not whether it found anything.
                "executionSuccessful": document.end.totals.faults == 0 && !document.end.is_interrupted,
                "exitCode": document.end.exit_code,
                "startTimeUtc": document.run.started,
            }],
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    serde_json::to_writer_pretty(&mut *out, &log)?;
    out.write_all(b"\n")
}

fn result(point: &Point, level: &str) -> Value {
    debug_assert!(point.state != State::Skipped);
    json!({
        "ruleId": point.kind,
        "level": level,
        "message": { "text": format!("{}\n{}", point.message, point.text) },
        "locations": [{ "physicalLocation": {
            "artifactLocation": { "uri": uri(point.file) },
            "region": { "startLine": point.line, "startColumn": point.column },
        } }],
    })
}

/// A path as a reference that a URI can be.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    if path.starts_with('/') {
        uri.push_str("file://");
    }
    for byte in path.bytes() {
        match byte {
            b'/' | b'.' | b'_' | b'-' | b'~' => uri.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => uri.push(char::from(byte)),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn results() {
        let mut text = Vec::new();
        write(&sample::document(), &mut text).unwrap();
        let log: Value = serde_json::from_slice(&text).unwrap();
        let run = &log["runs"][0];
        let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
        let results = run["results"].as_array().unwrap();
        let told: Vec<String> = results
            .iter()
            .map(|result| {
                let place = &result["locations"][0]["physicalLocation"];
                format!(
                    "{} {} {} {}",
                    result["level"].as_str().unwrap(),
                    result["ruleId"].as_str().unwrap(),
                    place["artifactLocation"]["uri"].as_str().unwrap(),
                    place["region"]["startLine"],
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                "error difference specs/a/failed%20%3C%26%3E.md 10",
                "error exception specs/a/failed%20%3C%26%3E.md 15",
                "error timeout specs/a/failed%20%3C%26%3E.md 20",
                "warning difference specs/flaky.md 10",
                "error broken specs/b/broken.md 3",
                "error broken specs/b/broken.md 9",
            ]
        );
        for result in results {
            assert!(rules.iter().any(|rule| rule["id"] == result["ruleId"]));
        }
    }
}
