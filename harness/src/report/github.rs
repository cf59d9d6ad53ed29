//! Workflow commands of GitHub Actions, which annotate the lines of specs.

use std::io::{self, Write};

use super::point::{State, points};
use super::record::Document;

/// Writes a document.
pub(super) fn write(document: &Document, out: &mut dyn Write) -> io::Result<()> {
    for spec in &document.specs {
        for point in points(spec) {
            if point.state.is_bad() {
                let place = (point.file, point.line, point.column);
                command(out, "error", place, &point.message, &point.text)?;
            } else if let Some(example) = point.earlier.first() {
                let text = super::point::text(example);
                let title = format!("flaky: {}", example.reason);
                let place = (point.file, point.line, point.column);
                command(out, "warning", place, &title, &text)?;
            } else if point.state == State::NotRun && point.example.is_none() {
                command(
                    out,
                    "warning",
                    (&spec.path, 1, 1),
                    "not run",
                    &point.message,
                )?;
            }
        }
        let leaks = spec.leaks.iter().map(|leak| leak.text.as_str());
        for text in leaks.chain(spec.notes.iter().map(String::as_str)) {
            command(out, "warning", (&spec.path, 1, 1), text, text)?;
        }
    }
    Ok(())
}

/// Writes one command: `name` is `error` or `warning`; line and column count from 1.
pub(crate) fn command(
    out: &mut dyn Write,
    name: &str,
    (file, line, column): (&str, usize, usize),
    title: &str,
    text: &str,
) -> io::Result<()> {
    let file = property(file);
    let (title, text) = (property(title), data(text.trim_end()));
    writeln!(
        out,
        "::{name} file={file},line={line},col={column},title={title}::{text}"
    )
}

/// A message; its ends of lines are escaped.
fn data(text: &str) -> String {
    let text = text
        .replace('%', "%25")
        .replace('\n', "%0A")
        .replace('\r', "%0D");
    text.chars().filter(|c| !c.is_control()).collect()
}

/// A property, which ends at a comma.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn commands() {
        let mut text = Vec::new();
        write(&sample::document(), &mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines[0],
            "::error file=specs/a/failed <&>.md,line=10,col=5,title=output differs::\
             specs/a/failed <&>.md:10:5: output differs%0A    >>> run(\"tool\")%0A\
             first difference at line 12%0A~ a b c%0A    ^%0A- 2nd%0A+ 2%0A~ [9 more lines]"
        );
        let starts: Vec<&str> = lines
            .iter()
            .map(|line| &line[..line.find(",title").unwrap()])
            .collect();
        assert_eq!(
            starts[1..],
            [
                "::error file=specs/a/failed <&>.md,line=15,col=5",
                "::error file=specs/a/failed <&>.md,line=20,col=5",
                "::warning file=specs/a/failed <&>.md,line=1,col=1",
                "::warning file=specs/flaky.md,line=10,col=5",
                "::error file=specs/b/broken.md,line=3,col=8",
                "::error file=specs/b/broken.md,line=9,col=1",
                "::warning file=specs/c.md,line=1,col=1",
            ]
        );
        // What a program printed starts no command.
        assert!(lines[1].contains("%250A"));
    }
}
