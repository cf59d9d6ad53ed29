//! Tables without header and frame: columns as wide as their widest cell.

use crate::base::terminal;
use crate::cli::console::{Console, Stream, Tone};

/// Blanks between columns.
const GAP: usize = 2;

/// Text in a table, in pieces that may stand out on a terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell(Vec<(String, Tone)>);

impl Cell {
    /// Text as it is.
    pub fn plain(text: impl Into<String>) -> Self {
        Self(vec![(text.into(), Tone::Plain)])
    }

    /// Adds a piece of text.
    pub fn push(&mut self, text: impl Into<String>, tone: Tone) {
        self.0.push((text.into(), tone));
    }

    /// The text alone.
    pub fn text(&self) -> String {
        self.0.iter().map(|(text, _)| text.as_str()).collect()
    }

    fn width(&self) -> usize {
        self.0.iter().map(|(text, _)| text.chars().count()).sum()
    }
}

/// Rows of cells. A row's last cell is not padded.
///
/// All text is kept in one piece, so that a row of a table of 100,000 takes
/// little more than its text.
#[derive(Debug, Default)]
pub struct Table {
    indent: usize,
    text: String,
    /// Where each piece of text ends, and how it looks.
    pieces: Vec<(usize, Tone)>,
    /// Which piece each cell ends before.
    cells: Vec<usize>,
    /// Which cell each row ends before.
    rows: Vec<usize>,
    /// The width of each column, in characters.
    widths: Vec<usize>,
}

impl Table {
    /// An empty table whose lines start with `indent` blanks.
    pub fn new(indent: usize) -> Self {
        Self {
            indent,
            ..Self::default()
        }
    }

    /// Adds a row.
    pub fn push(&mut self, row: Vec<Cell>) {
        for (column, cell) in row.iter().enumerate() {
            if column == self.widths.len() {
                self.widths.push(0);
            }
            self.widths[column] = self.widths[column].max(cell.width());
            for (text, tone) in &cell.0 {
                self.text.push_str(text);
                self.pieces.push((self.text.len(), *tone));
            }
            self.cells.push(self.pieces.len());
        }
        self.rows.push(self.cells.len());
    }

    /// The lines for `stream`: painted if it is a terminal, and cut at the
    /// terminal's width if stdout is one, so that nothing that reads the
    /// table ever gets less than all of it.
    pub fn lines<'a>(
        &'a self,
        stream: Stream,
        console: &'a Console,
    ) -> impl Iterator<Item = String> + 'a {
        let on_terminal = console.is_terminal(stream);
        let paint = move |text: &str, tone| match on_terminal {
            true => console.paint(&terminal::visible(text), tone, stream),
            false => console.paint(text, tone, stream),
        };
        (0..self.rows.len()).map(move |row| {
            let mut line = Line::new(console.table_width());
            line.push(&" ".repeat(self.indent), |text| text.to_string());
            let cells = before(&self.rows, row)..self.rows[row];
            for (column, cell) in cells.clone().enumerate() {
                let mut width = 0;
                for (text, tone) in self.cell(cell) {
                    width += text.chars().count();
                    line.push(text, |text| paint(text, tone));
                }
                if cell + 1 < cells.end {
                    let pad = self.widths[column] - width + GAP;
                    line.push(&" ".repeat(pad), |text| text.to_string());
                }
            }
            line.text
        })
    }

    /// The pieces of a cell, by its place among all cells.
    fn cell(&self, cell: usize) -> impl Iterator<Item = (&str, Tone)> {
        (before(&self.cells, cell)..self.cells[cell]).map(|piece| {
            let start = piece.checked_sub(1).map_or(0, |last| self.pieces[last].0);
            let (end, tone) = self.pieces[piece];
            (&self.text[start..end], tone)
        })
    }
}

/// Where the part `at` starts: where the one before it ends.
fn before(ends: &[usize], at: usize) -> usize {
    at.checked_sub(1).map_or(0, |last| ends[last])
}

/// A line that takes no more than its room.
struct Line {
    text: String,
    room: usize,
}

impl Line {
    fn new(width: Option<usize>) -> Self {
        Self {
            text: String::new(),
            room: width.unwrap_or(usize::MAX),
        }
    }

    fn push(&mut self, text: &str, paint: impl Fn(&str) -> String) {
        let kept: String = text.chars().take(self.room).collect();
        self.room -= kept.chars().count();
        self.text.push_str(&paint(&kept));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(console: &Console) -> Vec<String> {
        let mut table = Table::new(1);
        let mut operation = Cell::plain("train");
        operation.push(" (sub)", Tone::Dim);
        table.push(vec![Cell::plain("[1]"), operation, Cell::plain("")]);
        table.push(vec![
            Cell::plain("[10]"),
            Cell::plain("…é"),
            Cell::plain("label"),
        ]);
        table.push(vec![Cell::plain("[11]"), Cell::plain("x")]);
        table.lines(Stream::Stdout, console).collect()
    }

    #[test]
    fn columns_fit_the_widest_cell_and_the_last_is_not_padded() {
        let plain = Console::fixed(false, None);
        assert_eq!(
            lines(&plain),
            [
                " [1]   train (sub)  ",
                " [10]  …é           label",
                " [11]  x"
            ]
        );
    }

    #[test]
    fn what_is_in_a_cell_does_not_steer_a_terminal() {
        let mut table = Table::new(0);
        table.push(vec![Cell::plain("a\nb\x1b[31m"), Cell::plain("c")]);
        let lines = |columns| {
            let console = Console::fixed(false, columns);
            table.lines(Stream::Stdout, &console).next()
        };
        assert_eq!(lines(None).as_deref(), Some("a\nb\x1b[31m  c"));
        assert_eq!(
            lines(Some(80)).as_deref(),
            Some("a\u{240a}b\u{241b}[31m  c")
        );
    }

    #[test]
    fn a_terminal_cuts_and_paints() {
        let terminal = Console::fixed(true, Some(15));
        assert_eq!(
            lines(&terminal),
            [
                " [1]   train\x1b[2m (s\x1b[0m",
                " [10]  …é      ",
                " [11]  x"
            ]
        );
    }
}
