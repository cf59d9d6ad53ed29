//! The order of rows.

use std::cmp::Ordering;

use super::grid::{Cell, Grid};
use crate::base::text::natural_cmp;
use crate::base::yaml::Value;

/// How cells are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Numbers by size, before text by its characters.
    Value,
    /// Numbers by size, and text that reads as one; the rest stays as it is.
    Number,
    /// Text, in which numbers go by size: `a2` before `a10`.
    Nature,
}

/// An order of rows by a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sort {
    /// The name of the column.
    pub label: String,
    /// How its cells are compared.
    pub by: By,
    /// Whether the highest comes first.
    pub descending: bool,
}

/// A cell as it is compared.
#[derive(Debug, Clone, Copy)]
enum Key<'a> {
    Number(f64),
    Text(&'a str),
    /// Comes last, whatever the direction.
    Nothing,
}

impl Sort {
    /// Sorts `order`, which are places of rows of `grid`. Rows that compare alike
    /// stay as they are, and so do all where there is no such column.
    pub fn apply(&self, order: &mut [usize], grid: &Grid) {
        let Some(column) = grid.column(&self.label) else {
            return;
        };
        let rows = grid.rows().iter();
        let keys: Vec<Key<'_>> = rows.map(|row| self.key(&row.cells[column])).collect();
        order.sort_by(|&left, &right| self.compare(keys[left], keys[right]));
    }

    fn key<'a>(&self, cell: &'a Cell) -> Key<'a> {
        if cell.is_empty() {
            return Key::Nothing;
        }
        let number = match cell.value() {
            Value::Bool(truth) => Some(f64::from(u8::from(*truth))),
            value => value.as_f64(),
        };
        match (self.by, number) {
            (By::Nature, _) => Key::Text(cell.text()),
            (_, Some(number)) => Key::Number(number),
            (By::Number, None) => match cell.text().trim().parse() {
                Ok(number) => Key::Number(number),
                Err(_) => Key::Nothing,
            },
            (By::Value, None) => Key::Text(cell.text()),
        }
    }

    fn compare(&self, left: Key<'_>, right: Key<'_>) -> Ordering {
        let directed = |order: Ordering| match self.descending {
            true => order.reverse(),
            false => order,
        };
        match (left, right) {
            (Key::Number(left), Key::Number(right)) => match (left.is_nan(), right.is_nan()) {
                (false, false) => directed(left.total_cmp(&right)),
                // What is no number is behind those that are.
                (left, right) => left.cmp(&right),
            },
            (Key::Text(left), Key::Text(right)) => directed(match self.by {
                By::Nature => natural_cmp(left, right),
                By::Value | By::Number => left.cmp(right),
            }),
            (Key::Nothing, Key::Nothing) => Ordering::Equal,
            (Key::Nothing, _) => Ordering::Greater,
            (_, Key::Nothing) => Ordering::Less,
            (Key::Number(_), Key::Text(_)) => directed(Ordering::Less),
            (Key::Text(_), Key::Number(_)) => directed(Ordering::Greater),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::viewer::grid::tests::grid;

    /// The first cells of rows of one cell each, in order.
    fn sorted(by: By, descending: bool, cells: &str) -> String {
        let rows: Vec<String> = cells.split(' ').map(|cell| format!("[{cell}]")).collect();
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        let grid = grid(&["x"], &rows);
        let mut order: Vec<usize> = (0..rows.len()).collect();
        let sort = Sort {
            label: "x".to_string(),
            by,
            descending,
        };
        sort.apply(&mut order, &grid);
        let cells = order.iter().map(|&row| grid.rows()[row].cells[0].text());
        cells.collect::<Vec<_>>().join(" ").trim_end().to_string()
    }

    #[test]
    fn numbers_go_by_size_and_before_text() {
        let cells = "b 10 9 null a -1.5 .nan";
        assert_eq!(sorted(By::Value, false, cells), "-1.5 9 10 .nan a b");
        assert_eq!(sorted(By::Value, true, cells), "b a 10 9 -1.5 .nan");
    }

    #[test]
    fn text_that_reads_as_a_number_is_one() {
        let cells = "b '10' 9 null a";
        assert_eq!(sorted(By::Number, false, cells), "9 10 b  a");
        assert_eq!(sorted(By::Number, true, cells), "10 9 b  a");
    }

    #[test]
    fn natural_order_knows_numbers_in_text() {
        let cells = "run10 run9 Run1 null";
        assert_eq!(sorted(By::Nature, false, cells), "Run1 run9 run10");
        assert_eq!(sorted(By::Nature, true, cells), "run10 run9 Run1");
        assert_eq!(sorted(By::Value, false, cells), "Run1 run10 run9");
    }

    #[test]
    fn what_compares_alike_stays_in_order() {
        let grid = grid(&["x", "y"], &["[1, a]", "[1, b]", "[1, c]"]);
        for descending in [false, true] {
            let mut order = vec![0, 1, 2];
            let label = "x".to_string();
            let by = By::Value;
            let sort = Sort {
                label,
                by,
                descending,
            };
            sort.apply(&mut order, &grid);
            assert_eq!(order, [0, 1, 2]);
        }
    }
}
