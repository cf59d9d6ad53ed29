//! `guild compare` on the whole screen.

use std::sync::Arc;

use crate::base::signals;
use crate::base::yaml::Value;
use crate::cli::Context;
use crate::cli::console::Stream;
use crate::cli::failure::{ERROR, Failure};
use crate::cli::listing::{self, Shown};
use crate::cli::viewer::{self, Cell, Ended, Grid, Loaded, Source};
use crate::compare::{self, Table};
use crate::runs::Run;

use super::runs_info;

/// Whether there is a terminal that a viewer can be on.
pub fn is_possible(context: &Context) -> bool {
    let terminal = context.home.variable("TERM");
    let can =
        terminal.is_some_and(|terminal| !matches!(terminal.as_str(), "" | "dumb" | "unknown"));
    can && context.console.is_terminal(Stream::Stdout)
}

/// Shows the table that `table` makes, and makes again when the user wants it
/// fresh, until the user leaves. Then prints the ids of runs that were picked.
///
/// # Errors
/// The table cannot be made; the terminal cannot be used.
pub fn view(
    table: impl Fn(&Context) -> Result<Table, Failure> + Send + Sync + 'static,
    context: &Context,
) -> Result<(), Failure> {
    let compared = Compared {
        table: Box::new(table),
        context: context.quiet(),
    };
    let colour = context.console.has_colour(Stream::Stdout);
    match viewer::show(Arc::new(compared), colour)? {
        Ended::Quit(ids) => {
            let lines: String = ids.iter().map(|id| format!("{id}\n")).collect();
            context.console.data(lines.as_bytes());
            Ok(())
        }
        Ended::Signal(signal) => {
            signals::end_by(signal);
            Err(Failure::silent(ERROR))
        }
    }
}

type MakeTable = dyn Fn(&Context) -> Result<Table, Failure> + Send + Sync;

/// The runs that are compared, for the viewer.
struct Compared {
    table: Box<MakeTable>,
    context: Context,
}

impl Compared {
    fn run(&self, id: &str) -> Result<Run, Failure> {
        let run = listing::live_runs(&self.context).get(id);
        run.ok_or_else(|| {
            Failure::error(format!(
                "run {id} is not there any more: press r to see those that are"
            ))
        })
    }
}

impl Source for Compared {
    fn read(&self) -> Result<Loaded, Failure> {
        // What is remembered of runs is as old as what remembers it.
        let table = (self.table)(&self.context.quiet())?;
        let labels = table.columns.into_iter().map(|column| column.heading);
        let rows = table.rows.into_iter().map(|row| {
            let cells = row.cells.into_iter();
            let cell = |value: Value| {
                let text = compare::shown(&value).into_owned();
                Cell::new(value, &text)
            };
            viewer::Row {
                run_id: row.run.id().to_string(),
                marked: row.run.is_marked(),
                cells: cells.map(cell).collect(),
            }
        });
        Ok(Loaded {
            grid: Grid::new(labels, rows.collect()),
            warnings: table.warnings,
        })
    }

    fn details(&self, run_id: &str) -> Result<Vec<String>, Failure> {
        let run = self.run(run_id)?;
        let context = self.context.quiet();
        let shown = Shown::new(&run, &context);
        let mut lines = runs_info::lines(&shown);
        let problems = shown.problems();
        if !problems.is_empty() {
            lines.push("warnings:".to_string());
            lines.extend(problems.iter().map(|problem| format!("  - {problem}")));
        }
        Ok(lines)
    }

    fn set_marked(&self, run_id: &str, marked: bool) -> Result<(), Failure> {
        let run = self.run(run_id)?;
        match marked {
            true => run.write_attr("marked", &Value::Bool(true))?,
            false => run.delete_attr("marked")?,
        }
        Ok(())
    }
}
