//! The table itself.

use crate::base::yaml::Value;
use crate::query::columns::Source;
use crate::runs::{Run, Status};

/// Runs and what is compared of them.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// What each row has a cell of, the id of the run first. None where there are
    /// no runs.
    pub columns: Vec<Column>,
    /// The runs.
    pub rows: Vec<Row>,
    /// What the user should know: columns of operations that make no sense, files
    /// of runs that cannot be read.
    pub warnings: Vec<String>,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// What stands above it. No two columns have the same.
    pub heading: String,
    /// What it shows of the first run that has it. Where others show something
    /// else under the same heading, it is one column.
    pub source: Source,
}

/// What kind of thing a column shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An attribute of the run.
    Attribute,
    /// A flag.
    Flag,
    /// A value of a scalar.
    Scalar,
    /// The step of a scalar's value.
    Step,
}

/// A run in a table.
#[derive(Debug, Clone)]
pub struct Row {
    /// The run.
    pub run: Run,
    /// The state it was in when the table was made.
    pub status: Status,
    /// A value for each column; null where the run has none.
    pub cells: Vec<Value>,
}

impl Column {
    /// What kind of thing it shows.
    pub fn kind(&self) -> Kind {
        match &self.source {
            Source::Attribute(_) => Kind::Attribute,
            Source::Flag(_) => Kind::Flag,
            Source::Scalar(scalar) if scalar.step => Kind::Step,
            Source::Scalar(_) => Kind::Scalar,
        }
    }
}

impl Table {
    /// The place of the column with this heading.
    pub fn column(&self, heading: &str) -> Option<usize> {
        let mut columns = self.columns.iter();
        columns.position(|column| column.heading == heading)
    }
}
