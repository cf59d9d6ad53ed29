//! How runs look in tables and details, and picking those a command is about.

mod column;
mod comments;
mod details;
mod json;
mod pick;
mod shown;
mod source;
mod table;

pub use column::{Column, compare_values};
pub use comments::comment_lines;
pub use details::{detail, details};
pub use json::{formatted_json, python_json};
pub use pick::{
    Filtered, filter, filtered, live_runs, pick_all, pick_each, pick_numbered, pick_one,
    spec_failure, trash,
};
pub use shown::Shown;
pub use source::{Source, archives};
pub use table::{Cell, Table};

use super::Context;
use super::console::{Stream, Tone};
use super::failure::{ABORTED, Failure};
use crate::base::yaml::Value;
use crate::runs::Run;

/// Prints `runs` on stderr, two blanks in, as commands show them before they act.
pub fn print_preview(runs: &[Run], context: &Context) {
    let mut table = Table::new(2);
    for run in runs {
        let shown = Shown::new(run, context);
        table.push(preview_cells(&shown));
        shown.warn();
    }
    for line in table.lines(Stream::Stderr, &context.console) {
        context.console.note(&line);
    }
}

/// The cells of a run in such a table, as plain text.
pub fn preview_row(run: &Run, context: &Context) -> Vec<String> {
    let cells = preview_cells(&Shown::new(run, context));
    cells.iter().map(Cell::text).collect()
}

/// The cells of such a table: id, operation, start, status and label.
pub fn preview_cells(shown: &Shown<'_>) -> Vec<Cell> {
    vec![
        Cell::plain(format!("[{}]", shown.run().short_id())),
        shown.operation(),
        Cell::plain(shown.started()),
        Cell::plain(shown.status()),
        Cell::plain(shown.label()),
    ]
}

/// Shows what is about to be done to `runs` and asks whether to go on.
///
/// # Errors
/// The answer is no, or there is none.
pub fn confirm(
    runs: &[Run],
    (heading, tone): (&str, Tone),
    (question, default): (&str, bool),
    context: &Context,
) -> Result<(), Failure> {
    context.console.tell(heading, tone);
    print_preview(runs, context);
    if context.console.confirm(question, default)? {
        Ok(())
    } else {
        Err(Failure::silent(ABORTED))
    }
}

/// A flag value in one piece of text, as previews and details show it.
pub fn flag_text(value: &Value) -> String {
    crate::flags::format_value(value)
}
