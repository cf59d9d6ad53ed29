//! JSON lines: one record on each line. `docs/reports.md` has the schema.

use std::io::{self, BufRead, Write};

use serde::{Deserialize, Serialize};

use super::record::{Document, End, Example, Run, Spec, VERSION};

/// A JSON lines report that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file could not be read.
    #[error(transparent)]
    Read(#[from] io::Error),
    /// A line that is no record.
    #[error("line {line}: not a record of a report: {source}")]
    Line {
        /// The line, from 1.
        line: usize,
        /// What the parser said.
        source: serde_json::Error,
    },
    /// A record where it cannot be.
    #[error("line {line}: {what}")]
    Order {
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        what: &'static str,
    },
    /// A schema that did not exist yet.
    #[error("schema version {0}, of a later harness; this one reads {VERSION}")]
    Version(u32),
    /// The last line is missing.
    #[error("no `end` record: the report is cut off")]
    Cut,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
enum Writing<'a> {
    Run(&'a Run),
    Spec(&'a Spec),
    Example(&'a Example),
    End(&'a End),
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
enum Reading {
    Run(Run),
    Spec(Box<Spec>),
    Example(Box<Example>),
    End(End),
}

/// Writes a document.
pub fn write(document: &Document, out: &mut dyn Write) -> io::Result<()> {
    let mut line = |record: &Writing| {
        serde_json::to_writer(&mut *out, record)?;
        out.write_all(b"\n")
    };
    line(&Writing::Run(&document.run))?;
    for spec in &document.specs {
        line(&Writing::Spec(spec))?;
        for example in &spec.examples {
            line(&Writing::Example(example))?;
        }
    }
    line(&Writing::End(&document.end))
}

/// Reads what [`write()`] wrote.
pub fn read(input: impl BufRead) -> Result<Document, ReadError> {
    let mut run = None;
    let mut specs: Vec<Spec> = Vec::new();
    let mut end = None;
    for (number, text) in (1..).zip(input.lines()) {
        let text = text?;
        let record = serde_json::from_str(&text);
        let record = record.map_err(|source| ReadError::Line {
            line: number,
            source,
        })?;
        let order = |what| ReadError::Order { line: number, what };
        match record {
            _ if end.is_some() => return Err(order("a record after `end`")),
            Reading::Run(record) if run.is_none() => {
                if record.version > VERSION {
                    return Err(ReadError::Version(record.version));
                }
                run = Some(record);
            }
            Reading::Run(_) => return Err(order("a second `run` record")),
            _ if run.is_none() => return Err(order("the first record is not `run`")),
            Reading::Spec(record) => specs.push(*record),
            Reading::Example(record) => match specs.last_mut() {
                Some(spec) if spec.path == record.spec => spec.examples.push(*record),
                _ => return Err(order("an example that is not below its spec")),
            },
            Reading::End(record) => end = Some(record),
        }
    }
    match (run, end) {
        (Some(run), Some(end)) => Ok(Document { run, specs, end }),
        _ => Err(ReadError::Cut),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn written(document: &Document) -> String {
        let mut text = Vec::new();
        write(document, &mut text).unwrap();
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn read_back_as_written() {
        let document = sample::document();
        let text = written(&document);
        assert_eq!(read(text.as_bytes()).unwrap(), document);
        // No character of a value ends a line.
        let examples: usize = document.specs.iter().map(|s| s.examples.len()).sum();
        assert_eq!(text.lines().count(), 2 + document.specs.len() + examples);
    }

    #[test]
    fn unknown_fields_are_passed_over() {
        let text = written(&sample::document()).replace("{\"type\":", "{\"new\":[1],\"type\":");
        assert_eq!(read(text.as_bytes()).unwrap(), sample::document());
    }

    #[test]
    fn what_is_no_report() {
        let text = written(&sample::document());
        let lines: Vec<&str> = text.lines().collect();
        let cases = [
            (String::new(), "no `end` record"),
            (lines[..lines.len() - 1].join("\n"), "no `end` record"),
            (
                lines[1..].join("\n"),
                "line 1: the first record is not `run`",
            ),
            (
                format!("{}\n{text}", lines[0]),
                "line 2: a second `run` record",
            ),
            (format!("{text}{}", lines[1]), "a record after `end`"),
            (
                format!("{}\n{}\n", lines[0], lines[2]),
                "line 2: an example that is not",
            ),
            (
                text.replace("\"version\":1", "\"version\":2"),
                "schema version 2",
            ),
            (
                "{}\n".into(),
                "line 1: not a record of a report: missing field `type`",
            ),
        ];
        for (text, part) in cases {
            let error = read(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
