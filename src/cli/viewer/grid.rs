//! What is compared: columns, and a row of cells for each run. Nothing here
//! changes while the user looks at it, but for marks.

use super::number::Shape;
use super::text;
use crate::base::terminal;
use crate::base::yaml::Value;

/// The column that tells which runs are marked, behind the operation.
const OPERATION: &str = "operation";

/// What stands behind the operation of a run that is marked.
const MARKED: &str = " [marked]";

/// A table of runs.
#[derive(Debug, Default)]
pub struct Grid {
    columns: Vec<Column>,
    rows: Vec<Row>,
}

/// A column.
#[derive(Debug)]
pub struct Column {
    label: String,
    label_width: usize,
    width: usize,
    shape: Option<Shape>,
}

/// A run.
#[derive(Debug)]
pub struct Row {
    /// Its id.
    pub run_id: String,
    /// Whether it is marked.
    pub marked: bool,
    /// What it has in each column.
    pub cells: Vec<Cell>,
}

/// What a run has in a column.
#[derive(Debug, Default)]
pub struct Cell {
    text: Box<str>,
    value: Value,
}

impl Cell {
    /// `value`, which is written as `text`; null where the run has none.
    pub fn new(value: Value, text: &str) -> Self {
        Self {
            text: terminal::visible(text).into(),
            value,
        }
    }

    /// As it is shown: on one line, and nothing in it steers a terminal.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What it stands for.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }
}

impl Column {
    /// Its name.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// How many cells its name takes.
    pub fn label_width(&self) -> usize {
        self.label_width
    }

    /// How many cells the widest of its cells takes.
    pub fn width(&self) -> usize {
        self.width
    }

    /// How its numbers line up, where there is nothing else in it.
    pub fn shape(&self) -> Option<Shape> {
        self.shape
    }

    fn measure(&mut self, rows: &[Row], at: usize) {
        let cells = || rows.iter().filter_map(|row| row.cells.get(at));
        let shown = || cells().filter(|cell| !cell.is_empty());
        let numeric = shown().all(|cell| cell.value.as_f64().is_some());
        let shapes = || shown().map(|cell| Shape::of(&cell.text));
        self.shape = match numeric {
            true => shapes().reduce(Shape::or),
            false => None,
        };
        self.width = match self.shape {
            Some(shape) => shape.width(),
            None => shown()
                .map(|cell| text::width(&cell.text))
                .max()
                .unwrap_or(0),
        };
    }
}

impl Grid {
    /// A table with columns of these names. Rows have a cell for each of them.
    pub fn new(labels: impl IntoIterator<Item = String>, mut rows: Vec<Row>) -> Self {
        let columns = labels.into_iter().map(|label| {
            let label = terminal::visible(&label).into_owned();
            Column {
                label_width: text::width(&label),
                label,
                width: 0,
                shape: None,
            }
        });
        let mut columns: Vec<Column> = columns.collect();
        let operation = columns.iter().position(|column| column.label == OPERATION);
        for row in &mut rows {
            row.cells.resize_with(columns.len(), Cell::default);
            if row.marked
                && let Some(at) = operation
            {
                row.cells[at].show_mark(true);
            }
        }
        for (at, column) in columns.iter_mut().enumerate() {
            column.measure(&rows, at);
        }
        Self { columns, rows }
    }

    /// The columns.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The runs.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The row of the run with this id.
    pub fn find(&self, run_id: &str) -> Option<usize> {
        self.rows.iter().position(|row| row.run_id == run_id)
    }

    /// The column with this name.
    pub fn column(&self, label: &str) -> Option<usize> {
        let mut columns = self.columns.iter();
        columns.position(|column| column.label == label)
    }

    /// Shows the run with this id as marked, or as not marked any more.
    pub fn set_marked(&mut self, run_id: &str, marked: bool) {
        let Some(row) = self.find(run_id) else {
            return;
        };
        self.rows[row].marked = marked;
        if let Some(at) = self.column(OPERATION) {
            self.rows[row].cells[at].show_mark(marked);
            self.columns[at].measure(&self.rows, at);
        }
    }
}

impl Cell {
    fn show_mark(&mut self, marked: bool) {
        let plain = self.text.strip_suffix(MARKED).unwrap_or(&self.text);
        self.text = match marked {
            true => format!("{plain}{MARKED}").into(),
            false => plain.into(),
        };
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::flags::format_value;

    /// A cell as a command would make it.
    pub fn cell(value: Value) -> Cell {
        let text = match &value {
            Value::Null => String::new(),
            Value::Str(text) => text.clone(),
            other => format_value(other),
        };
        Cell::new(value, &text)
    }

    /// A table whose rows are runs `1`, `2` and so on, of values in YAML.
    pub fn grid(labels: &[&str], rows: &[&str]) -> Grid {
        let rows = rows.iter().enumerate().map(|(at, row)| {
            let values = crate::base::yaml::load(row).unwrap();
            Row {
                run_id: (at + 1).to_string(),
                marked: false,
                cells: values
                    .as_list()
                    .unwrap()
                    .iter()
                    .cloned()
                    .map(cell)
                    .collect(),
            }
        });
        let labels = labels.iter().map(ToString::to_string);
        Grid::new(labels, rows.collect())
    }

    #[test]
    fn columns_of_numbers_line_up() {
        let grid = grid(&["lr", "name", "n"], &["[0.5, a, null]", "[10, 1, null]"]);
        let shapes: Vec<_> = grid.columns().iter().map(Column::shape).collect();
        assert_eq!(shapes, [Some(Shape { whole: 2, rest: 2 }), None, None]);
        assert_eq!(grid.columns()[0].width(), 4);
    }

    #[test]
    fn control_characters_are_signs() {
        let grid = grid(&["a\tb"], &[r#"["\e[2J\n"]"#]);
        assert_eq!(grid.columns()[0].label(), "a\u{2409}b");
        assert_eq!(grid.rows()[0].cells[0].text(), "\u{241b}[2J\u{240a}");
        assert_eq!(grid.columns()[0].width(), 5);
    }

    #[test]
    fn marks_stand_behind_the_operation() {
        let mut grid = grid(&["run", "operation"], &["[a, train]", "[b, test]"]);
        grid.set_marked("1", true);
        assert_eq!(grid.rows()[0].cells[1].text(), "train [marked]");
        assert_eq!(grid.columns()[1].width(), 14);
        grid.set_marked("1", true);
        grid.set_marked("1", false);
        assert_eq!(grid.rows()[0].cells[1].text(), "train");
        grid.set_marked("none", true);
    }
}
