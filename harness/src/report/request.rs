//! What `--report` says: a format and where to write it.

use std::io::{self, Write};
use std::str::FromStr;

use super::destination::Destination;
use super::record::Document;
use super::{github, html, jsonl, junit, markdown, sarif, tap, trace};
use crate::options::nearest;

/// A `--report` that makes no sense.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum RequestError {
    /// No `=`.
    #[error("write FORMAT=FILE, as in `junit=report.xml`")]
    Form,
    /// A format that there is not.
    #[error("no report format `{name}`{hint}; there are {known}")]
    Format {
        /// What was written.
        name: String,
        /// The nearest name, if one is near.
        hint: String,
        /// The formats.
        known: String,
    },
    /// A format of which a file holds one.
    #[error("only a markdown report can be added to a file: leave out the `+`")]
    Append,
}

/// A format of reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Junit,
    Tap,
    JsonLines,
    Markdown,
    Html,
    Github,
    Sarif,
    Trace,
}

/// The formats by the name they are asked for.
const FORMATS: [(&str, Format); 8] = [
    ("junit", Format::Junit),
    ("tap", Format::Tap),
    ("jsonl", Format::JsonLines),
    ("markdown", Format::Markdown),
    ("html", Format::Html),
    ("github", Format::Github),
    ("sarif", Format::Sarif),
    ("trace", Format::Trace),
];

impl Format {
    /// Writes a document in this format.
    pub(super) fn write(self, document: &Document, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Format::Junit => junit::write(document, out),
            Format::Tap => tap::write(document, out),
            Format::JsonLines => jsonl::write(document, out),
            Format::Markdown => markdown::write(document, out),
            Format::Html => html::write(document, out),
            Format::Github => github::write(document, out),
            Format::Sarif => sarif::write(document, out),
            Format::Trace => trace::write(document, out),
        }
    }
}

/// A report that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub(super) format: Format,
    pub(super) destination: Destination,
}

impl Request {
    /// Whether it goes to standard output.
    pub fn is_output(&self) -> bool {
        self.destination == Destination::Output
    }
}

impl FromStr for Request {
    type Err = RequestError;

    fn from_str(text: &str) -> Result<Self, RequestError> {
        let (name, file) = text.split_once('=').ok_or(RequestError::Form)?;
        if file.is_empty() {
            return Err(RequestError::Form);
        }
        let Some((_, format)) = FORMATS.iter().find(|(known, _)| *known == name) else {
            let names = || FORMATS.iter().map(|(known, _)| *known);
            return Err(RequestError::Format {
                name: name.to_owned(),
                hint: nearest(name, names())
                    .map(|name| format!(" (did you mean `{name}`?)"))
                    .unwrap_or_default(),
                known: names().collect::<Vec<_>>().join(", "),
            });
        };
        let destination = Destination::from(file);
        if matches!(destination, Destination::Append(_)) && *format != Format::Markdown {
            return Err(RequestError::Append);
        }
        Ok(Request {
            format: *format,
            destination,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        let request = |text: &str| text.parse::<Request>();
        assert_eq!(request("tap=-").unwrap().destination, Destination::Output);
        let file = Destination::File("a=b".into());
        assert_eq!(request("junit=a=b").unwrap().destination, file);
        let file = Destination::Append("x".into());
        assert_eq!(request("markdown=+x").unwrap().destination, file);
        assert_eq!(request("tap=+x"), Err(RequestError::Append));
        assert_eq!(request("tap"), Err(RequestError::Form));
        assert_eq!(request("tap="), Err(RequestError::Form));
        let error = request("junitxml=x").unwrap_err().to_string();
        assert!(error.contains("no report format `junitxml`"), "{error}");
    }
}
