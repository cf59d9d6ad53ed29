//! Runs side by side: a table with a row for each run and a column for each flag,
//! attribute and scalar that matters.
//!
//! `table` is the model, which viewers, exports and programs read; `cells` says
//! what a run shows, `build` makes the table of many runs, `arrange` sorts it and
//! takes columns out, `text` writes a value for people, and `csv`, `json_lines`, `parquet`
//! and `arrow` all of it for programs. Nothing here prints.

mod arrange;
mod arrow;
mod build;
mod cells;
mod csv;
mod json_lines;
mod operations;
mod parquet;
mod table;
#[cfg(test)]
mod tests;
mod text;
mod typed;

pub use arrange::{Direction, Sameness};
pub use arrow::write_arrow;
pub use build::table;
pub use cells::Planned;
pub use csv::write_csv;
pub use json_lines::write_json_lines;
pub use operations::Operations;
pub use parquet::write_parquet;
pub use table::{Column, Kind, Row, Table};
pub use text::{plain, shown};

use crate::query::columns::ColumnSpec;

/// Which columns a comparison has.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Of the columns that every run has, only the id.
    pub without_core: bool,
    /// The digest of source code, too.
    pub with_extra: bool,
    /// No columns that operations ask for, and none of flags, attributes and scalars
    /// where they do not.
    pub without_operation: bool,
    /// Scalars of the system (`sys/...`), too.
    pub all_scalars: bool,
    /// More columns, behind the others.
    pub columns: Vec<ColumnSpec>,
}
