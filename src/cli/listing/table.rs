//! Tables without header and frame: columns as wide as their widest cell.

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
#[derive(Debug, Default)]
pub struct Table {
    indent: usize,
    rows: Vec<Vec<Cell>>,
}

impl Table {
    /// An empty table whose lines start with `indent` blanks.
    pub fn new(indent: usize) -> Self {
        Self {
            indent,
            rows: Vec::new(),
        }
    }

    /// Adds a row.
    pub fn push(&mut self, row: Vec<Cell>) {
        self.rows.push(row);
    }

    /// The lines for `stream`: painted if it is a terminal, and cut at the
    /// terminal's width if stdout is one, so that nothing that reads the
    /// table ever gets less than all of it.
    pub fn lines(&self, stream: Stream, console: &Console) -> Vec<String> {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let widths: Vec<usize> = (0..columns)
            .map(|column| {
                let cells = self.rows.iter().filter_map(|row| row.get(column));
                cells.map(Cell::width).max().unwrap_or(0)
            })
            .collect();
        let paint = |text: &str, tone| console.paint(text, tone, stream);
        self.rows
            .iter()
            .map(|row| {
                let mut line = Line::new(console.table_width());
                line.push(&" ".repeat(self.indent), |text| text.to_string());
                for (column, cell) in row.iter().enumerate() {
                    for (text, tone) in &cell.0 {
                        line.push(text, |text| paint(text, *tone));
                    }
                    if column + 1 < row.len() {
                        let pad = widths[column] - cell.width() + GAP;
                        line.push(&" ".repeat(pad), |text| text.to_string());
                    }
                }
                line.text
            })
            .collect()
    }
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
        table.lines(Stream::Stdout, console)
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
