//! Looking for text in cells.

use super::columns::Columns;
use super::grid::{Cell, Grid};
use super::rows::Rows;

/// What is looked for.
#[derive(Debug)]
pub struct Search {
    text: String,
    lower: String,
    backwards: bool,
}

/// A cell with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// Its row and column, of those that are shown.
    pub place: (usize, usize),
    /// Whether the search came to it past the end of the table.
    pub wrapped: bool,
}

impl Search {
    /// Looks for `text`, in any case; none for no text.
    pub fn new(text: &str, backwards: bool) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty()).then(|| Self {
            text: text.to_string(),
            lower: text.to_lowercase(),
            backwards,
        })
    }

    /// As it was typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it goes towards the top.
    pub fn is_backwards(&self) -> bool {
        self.backwards
    }

    /// Whether it is in `cell`.
    pub fn is_in(&self, cell: &Cell) -> bool {
        cell.text().to_lowercase().contains(&self.lower)
    }

    /// The next cell with it, row by row from `from` on and round the end of the
    /// table; `from` itself comes first with `here`, else last.
    pub fn find(
        &self,
        grid: &Grid,
        rows: &Rows,
        columns: &Columns,
        from: (usize, usize),
        backwards: bool,
        here: bool,
    ) -> Option<Found> {
        let width = columns.count();
        let total = rows.len() * width;
        let start = from.0 * width + from.1;
        let first = usize::from(!here);
        (first..first + total).find_map(|distance| {
            let distance = distance % total;
            let at = match backwards {
                false => (start + distance) % total,
                true => (start + total - distance) % total,
            };
            let place = (at / width, at % width);
            let row = &grid.rows()[rows.get(place.0)?];
            let cell = &row.cells[columns.get(place.1)?.column];
            self.is_in(cell).then_some(Found {
                place,
                wrapped: distance > 0 && (at < start) != backwards,
            })
        })
    }
}
