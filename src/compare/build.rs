//! Making the table of many runs.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::Wanted;
use super::cells::{Cell, Origin, Plan, SECTIONS};
use super::operations::Operations;
use super::table::{Column, Row, Table};
use crate::base::parallel;
use crate::base::yaml::Value;
use crate::home::Home;
use crate::query::columns::Source;
use crate::runs::{Run, Status};
use crate::scalars::Index;
use crate::select::{Facts, Viewer};

/// The table of `runs`, in their order, with the columns that are `wanted`, as
/// the user of `home` sees it now, whose scalars are in `index`. What cannot be read of a run is empty, and told
/// in the table's warnings.
pub fn table(runs: Vec<Run>, wanted: &Wanted, home: &Home, index: &Arc<Index>) -> Table {
    let viewer = Viewer::with_index(home, index);
    let plan = Plan::new(wanted, Operations::new(home));
    let mut builder = Builder::default();
    parallel::in_turn(
        &runs,
        |run| read(run, &plan, &viewer),
        |read| {
            builder.push(read);
            true
        },
    );
    let mut table = builder.finish(runs);
    let mut warnings = plan.into_warnings();
    warnings.append(&mut table.warnings);
    Table { warnings, ..table }
}

/// What is read of a run.
struct Read {
    status: Status,
    sections: [Vec<Cell>; SECTIONS],
    problems: Vec<String>,
}

fn read(run: &Run, plan: &Plan<'_>, viewer: &Viewer) -> Read {
    let read = |facts: Facts<'_>| Read {
        sections: plan.sections(&facts),
        status: facts.status(),
        problems: facts.into_problems(),
    };
    match plan.has_results() {
        true => viewer.look(run, read),
        false => read(Facts::new(run, viewer)),
    }
}

/// A table as it grows. Columns are numbered as they are found, and put in order
/// when all are known.
#[derive(Default)]
struct Builder {
    columns: Vec<Found>,
    by_heading: HashMap<String, usize>,
    /// How many cells each section has had.
    seen: [usize; SECTIONS],
    /// The headings of wildcards that something matches.
    matched: HashSet<String>,
    rows: Vec<(Status, Vec<Value>)>,
    warnings: Vec<String>,
}

/// A column, and what is known of its place.
struct Found {
    heading: String,
    source: Source,
    /// The first section it is in, and the first cell of it there.
    place: (usize, usize),
    /// Whether it is more than a wildcard that nothing matched so far.
    is_named: bool,
}

impl Builder {
    fn push(&mut self, read: Read) {
        let mut values = Vec::with_capacity(self.columns.len());
        for (section, cells) in read.sections.into_iter().enumerate() {
            let mut filled: Vec<usize> = Vec::with_capacity(cells.len());
            for cell in cells {
                let column = self.place(section, &cell);
                if values.len() <= column {
                    values.resize(column + 1, Value::Null);
                }
                // A later section goes before an earlier one, and within a section
                // the first cell counts.
                if !cell.value.is_null() && !filled.contains(&column) {
                    filled.push(column);
                    values[column] = cell.value;
                }
            }
        }
        self.rows.push((read.status, values));
        self.warnings.extend(told(read.problems));
    }

    /// The number of the cell's column.
    fn place(&mut self, section: usize, cell: &Cell) -> usize {
        let place = (section, self.seen[section]);
        self.seen[section] += 1;
        if let Origin::Matches(wildcard) = &cell.origin {
            self.matched.insert(wildcard.clone());
        }
        let is_named = cell.origin != Origin::Unmatched;
        if let Some(&number) = self.by_heading.get(&cell.heading) {
            let column = &mut self.columns[number];
            if is_named && !column.is_named {
                column.source = cell.source.clone();
                column.place = place;
            } else if is_named == column.is_named {
                column.place = column.place.min(place);
            }
            column.is_named |= is_named;
            return number;
        }
        let number = self.columns.len();
        self.by_heading.insert(cell.heading.clone(), number);
        self.columns.push(Found {
            heading: cell.heading.clone(),
            source: cell.source.clone(),
            place,
            is_named,
        });
        number
    }

    fn finish(self, runs: Vec<Run>) -> Table {
        let matched = self.matched;
        let is_shown = |found: &Found| found.is_named || !matched.contains(&found.heading);
        let mut order: Vec<usize> = (0..self.columns.len())
            .filter(|&number| is_shown(&self.columns[number]))
            .collect();
        order.sort_by_key(|&number| self.columns[number].place);
        let row = |(run, (status, mut values)): (Run, (Status, Vec<Value>))| {
            let mut take = |number: usize| values.get_mut(number).map(std::mem::take);
            let cells = order.iter().map(|&number| take(number).unwrap_or_default());
            Row {
                run,
                status,
                cells: cells.collect(),
            }
        };
        let rows = runs.into_iter().zip(self.rows).map(row).collect();
        let mut columns: Vec<Option<Found>> = self.columns.into_iter().map(Some).collect();
        let column = |&number: &usize| {
            let found = columns[number].take()?;
            Some(Column {
                heading: found.heading,
                source: found.source,
            })
        };
        Table {
            columns: order.iter().filter_map(column).collect(),
            rows,
            warnings: self.warnings,
        }
    }
}

/// The problems of a run in one line, however many files it is.
fn told(problems: Vec<String>) -> Option<String> {
    let first = problems.first()?;
    Some(match problems.len() - 1 {
        0 => first.clone(),
        1 => format!("{first} (and 1 more file of the run)"),
        more => format!("{first} (and {more} more files of the run)"),
    })
}
