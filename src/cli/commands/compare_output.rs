//! What `guild compare` makes of a table: text, and files for programs.

use std::io::{self, Write};

use crate::base::output_file::OutputFile;
use crate::base::{terminal, text};
use crate::cli::Context;
use crate::cli::console::Stream;
use crate::cli::failure::Failure;
use crate::compare::{self, Table};

/// Blanks between the columns of a table.
const GAP: usize = 2;

/// A kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values.
    Csv,
    /// An object of JSON in each line.
    JsonLines,
    /// Parquet.
    Parquet,
    /// Arrow.
    Arrow,
}

impl Format {
    fn write(self, table: &Table, out: impl Write + Send) -> io::Result<()> {
        match self {
            Format::Csv => compare::write_csv(table, out),
            Format::JsonLines => compare::write_json_lines(table, out),
            Format::Parquet => compare::write_parquet(table, out),
            Format::Arrow => compare::write_arrow(table, out),
        }
    }

    fn is_text(self) -> bool {
        matches!(self, Format::Csv | Format::JsonLines)
    }
}

/// Shows the table as text. It is not cut at the width of a terminal: who wants
/// less names the columns.
pub fn print_table(table: &Table, context: &Context) {
    if table.columns.is_empty() {
        return;
    }
    let on_terminal = context.console.is_terminal(Stream::Stdout);
    let cell = |text: &str| match on_terminal {
        true => terminal::visible(text).into_owned(),
        false => text.to_string(),
    };
    let row = |row: &compare::Row| -> Vec<String> {
        let cells = row.cells.iter();
        cells.map(|it| cell(&compare::shown(it))).collect()
    };
    let headings = table.columns.iter().map(|column| cell(&column.heading));
    let mut rows = vec![headings.collect()];
    rows.extend(table.rows.iter().map(row));
    let text: String = text::table(&rows, GAP)
        .into_iter()
        .map(|line| line + "\n")
        .collect();
    context.console.data(text.as_bytes());
}

/// Writes the table to the file `path`, or to standard output for `-`.
///
/// # Errors
/// It cannot be written.
pub fn write(table: &Table, format: Format, path: &str, context: &Context) -> Result<(), Failure> {
    if path == "-" {
        if !format.is_text() && context.console.is_terminal(Stream::Stdout) {
            return Err(Failure::error(
                "a terminal cannot show such a file\nName a file instead of '-', or another \
                 program behind a '|'.",
            ));
        }
        // What stdout does not take is told when the command is over.
        let _ = format.write(table, Stdout(context));
        return Ok(());
    }
    let mut file = OutputFile::create(&context.home.cwd().join(path))?;
    let written = format.write(table, &mut file);
    written.map_err(|error| file.failed(error))?;
    file.finish()?;
    let note = format!("Wrote {} row(s) to {path}", table.rows.len());
    context.console.note(&note);
    Ok(())
}

/// Standard output, as it takes what is written piece by piece.
struct Stdout<'a>(&'a Context);

impl Write for Stdout<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.console.data(bytes);
        match self.0.console.is_stdout_gone() {
            true => Err(io::ErrorKind::BrokenPipe.into()),
            false => Ok(bytes.len()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
