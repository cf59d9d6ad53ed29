//! Sorting a table, and taking out columns that tell nothing.

use std::cmp::Ordering;

use super::table::{Row, Table};
use super::text::{plain, shown};
use crate::base::parallel;
use crate::base::yaml::Value;

/// Which values come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The lowest.
    Ascending,
    /// The highest.
    Descending,
}

/// When values are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sameness {
    /// When they are equal: `1` and `1.0` are.
    Equal,
    /// When they look the same to people.
    Shown,
}

impl Table {
    /// Sorts the rows by the column at the place `column`. Numbers are compared by
    /// size, all else as text. What there is no value of, or a number that is
    /// none, comes last either way. Rows with the same value stay as they are.
    pub fn sort(&mut self, column: usize, direction: Direction) {
        let rows = std::mem::take(&mut self.rows);
        let (mut numbers, mut texts, mut rest) = (Vec::new(), Vec::new(), Vec::new());
        for (place, row) in rows.into_iter().enumerate() {
            let key = row.cells.get(column).map_or(Key::None, Key::of);
            match key {
                Key::Number(_) => numbers.push((key, place, row)),
                Key::Text(_) => texts.push((key, place, row)),
                Key::None => rest.push(row),
            }
        }
        let before = |a: &Entry, b: &Entry| {
            let order = match direction {
                Direction::Ascending => a.0.compare(&b.0),
                Direction::Descending => b.0.compare(&a.0),
            };
            order.then(a.1.cmp(&b.1))
        };
        numbers.sort_by(before);
        texts.sort_by(before);
        self.rows = merged(numbers, texts, before);
        self.rows.append(&mut rest);
    }

    /// Adds to the operations of marked runs that they are.
    pub fn show_marks(&mut self) {
        let Some(column) = self.column("operation") else {
            return;
        };
        let marked = parallel::map(&self.rows, |row| row.run.is_marked());
        let rows = self.rows.iter_mut().zip(marked);
        for (row, _) in rows.filter(|(_, marked)| *marked) {
            let operation = shown(&row.cells[column]);
            row.cells[column] = Value::from(format!("{operation} [marked]"));
        }
    }

    /// Takes out the columns in which all rows have the same, if there are several
    /// rows.
    pub fn drop_unchanged(&mut self, sameness: Sameness) {
        if self.rows.len() < 2 {
            return;
        }
        let changes: Vec<bool> = (0..self.columns.len())
            .map(|column| self.changes(column, sameness))
            .collect();
        let mut kept = changes.iter();
        self.columns
            .retain(|_| kept.next().is_some_and(|&kept| kept));
        for row in &mut self.rows {
            let mut kept = changes.iter();
            row.cells.retain(|_| kept.next().is_some_and(|&kept| kept));
        }
    }

    fn changes(&self, column: usize, sameness: Sameness) -> bool {
        let mut rows = self.rows.iter();
        let Some(first) = rows.next() else {
            return false;
        };
        let is_same = |row: &Row| {
            let (a, b) = (&first.cells[column], &row.cells[column]);
            // A number that is none equals itself here.
            a == b
                || match sameness {
                    Sameness::Equal => a.python_eq(b),
                    Sameness::Shown => shown(a) == shown(b),
                }
        };
        !rows.all(is_same)
    }
}

/// A row to be sorted, with its key and its place.
type Entry = (Key, usize, Row);

/// What a row is sorted by.
enum Key {
    Number(Value),
    Text(String),
    None,
}

impl Key {
    fn of(value: &Value) -> Self {
        match value {
            Value::Null => Key::None,
            Value::Float(number) if number.is_nan() => Key::None,
            Value::Bool(_) | Value::Int(_) | Value::BigInt(_) | Value::Float(_) => {
                Key::Number(value.clone())
            }
            other => Key::Text(plain(other)),
        }
    }

    fn compare(&self, other: &Key) -> Ordering {
        match (self, other) {
            (Key::Number(a), Key::Number(b)) => a.python_cmp(b).unwrap_or(Ordering::Equal),
            _ => self.text().cmp(&other.text()),
        }
    }

    fn text(&self) -> String {
        match self {
            Key::Number(number) => plain(number),
            Key::Text(text) => text.clone(),
            Key::None => String::new(),
        }
    }
}

/// The rows of two sorted lists in one. Numbers and texts together have no order
/// that holds for all of them (9 is less than 10, which as text is less than `1x`,
/// which is less than 9), so that they are sorted apart.
fn merged(
    left: Vec<Entry>,
    right: Vec<Entry>,
    before: impl Fn(&Entry, &Entry) -> Ordering,
) -> Vec<Row> {
    let mut rows = Vec::with_capacity(left.len() + right.len());
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    loop {
        let next = match (left.peek(), right.peek()) {
            (Some(a), Some(b)) if before(a, b).is_gt() => right.next(),
            (Some(_), _) => left.next(),
            _ => right.next(),
        };
        match next {
            Some((_, _, row)) => rows.push(row),
            None => return rows,
        }
    }
}
