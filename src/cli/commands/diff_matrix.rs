//! `guild diff --matrix`: a table of what runs do not have in common.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::diff::Args;
use super::diff_matrix_files::{self as matrix_files, Listing};
use super::diff_matrix_values as values;
use crate::base::text::natural_cmp;
use crate::cli::Context;
use crate::cli::console::{Console, Stream};
use crate::cli::failure::{ERROR, Failure};
use crate::cli::listing::{Cell, Shown, Table};
use crate::runs::Run;

/// The fewest characters of a value that are left of it on a terminal.
const LEAST_SHOWN: usize = 8;

/// Something that is not the same in all runs.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// What it is.
    pub(super) name: String,
    /// What it is in each run; empty where a run has no such thing.
    pub(super) cells: Vec<String>,
}

/// Rows of one kind.
struct Group {
    name: &'static str,
    rows: Vec<Row>,
}

/// Shows in what `runs` differ.
///
/// # Errors
/// A path is not relative, or of no run.
pub fn show(runs: &[Run], args: &Args, context: &Context) -> Result<(), Failure> {
    args.check_paths(context)?;
    let shown: Vec<Shown<'_>> = runs.iter().map(|run| Shown::new(run, context)).collect();
    let groups = groups(&shown, args);
    shown.iter().for_each(Shown::warn);
    if groups.iter().all(|group| group.rows.is_empty()) {
        let names: Vec<&str> = groups.iter().map(|group| group.name).collect();
        let note = format!("The runs have the same {}.", listed(&names));
        context.console.note(&note);
    } else {
        print(runs, &groups, context);
    }
    let missing = args.paths.iter().map(Path::new).filter(|path| {
        let is_there = |run: &Run| folder(run, args).join(path).symlink_metadata().is_ok();
        !runs.iter().any(is_there)
    });
    let mut failed = false;
    for path in missing {
        let note = format!("guild: {} is in none of the runs", path.display());
        context.console.note(&note);
        failed = true;
    }
    match failed {
        true => Err(Failure::silent(ERROR)),
        false => Ok(()),
    }
}

/// Where the paths that are compared start.
fn folder(run: &Run, args: &Args) -> PathBuf {
    match args.sourcecode {
        true => run.source_dir(),
        false => run.dir().to_path_buf(),
    }
}

/// What the options say to compare; the groups without a row are those in which
/// the runs are the same.
fn groups(runs: &[Shown<'_>], args: &Args) -> Vec<Group> {
    let parts = [
        args.flags,
        args.attrs,
        args.deps,
        args.env,
        args.output,
        args.sourcecode,
        !args.paths.is_empty(),
    ];
    let all = !parts.contains(&true);
    let mut groups = Vec::new();
    let mut add = |name, rows| groups.push(Group { name, rows });
    if all || args.flags {
        add("flags", rows(runs, values::flags));
        // Batches are few: nothing is said of others.
        let proto_flags = rows(runs, values::proto_flags);
        if !proto_flags.is_empty() {
            add("proto-flags", proto_flags);
        }
    }
    if all || args.attrs {
        add("attributes", rows(runs, values::attributes));
    }
    if args.deps {
        add("dependencies", rows(runs, values::dependencies));
    }
    if args.env {
        add("environment", rows(runs, values::environment));
    }
    if all {
        add("scalars", values::scalar_rows(runs));
    }
    let mut add_files = |name, list: &dyn Fn(&Shown<'_>) -> Listing| {
        let listings: Vec<Listing> = runs.iter().map(list).collect();
        add(name, matrix_files::rows(runs, &listings));
    };
    if args.output {
        add_files("output", &|run| Listing::output(run));
    }
    if args.sourcecode {
        add_files("source code", &|run| Listing::source(run, &args.paths));
    } else if all || !args.paths.is_empty() {
        add_files("files", &|run| Listing::all(run, &args.paths));
    }
    groups
}

/// The rows of what `values_of` tells of each run by name.
fn rows(
    runs: &[Shown<'_>],
    values_of: impl Fn(&Shown<'_>) -> BTreeMap<String, String>,
) -> Vec<Row> {
    let values: Vec<_> = runs.iter().map(values_of).collect();
    let names: BTreeSet<&String> = values.iter().flat_map(BTreeMap::keys).collect();
    let mut names: Vec<&String> = names.into_iter().collect();
    names.sort_by(|left, right| natural_cmp(left, right));
    let rows = names.into_iter().map(|name| Row {
        name: name.clone(),
        cells: values
            .iter()
            .map(|values| values.get(name).cloned().unwrap_or_default())
            .collect(),
    });
    rows.filter(|row| differ(&row.cells)).collect()
}

/// Whether `values` are not all the same.
pub(super) fn differ<T: PartialEq>(values: &[T]) -> bool {
    values.windows(2).any(|pair| pair[0] != pair[1])
}

fn print(runs: &[Run], groups: &[Group], context: &Context) {
    let groups: Vec<&Group> = groups
        .iter()
        .filter(|group| !group.rows.is_empty())
        .collect();
    let name_width = groups.iter().flat_map(|group| {
        let widths = group.rows.iter().map(|row| row.name.chars().count() + 2);
        widths.chain([group.name.len()])
    });
    let name_width = name_width.max().unwrap_or(0);
    let room = room(runs.len(), name_width, &context.console);
    let mut table = Table::new(0);
    let ids = runs.iter().map(|run| Cell::plain(run.short_id()));
    table.push(std::iter::once(Cell::plain("")).chain(ids).collect());
    for group in groups {
        table.push(vec![Cell::plain(group.name)]);
        for row in &group.rows {
            let name = Cell::plain(format!("  {}", one_line(&row.name, usize::MAX)));
            let last = row.cells.iter().rposition(|cell| !cell.is_empty());
            let cells = &row.cells[..last.map_or(0, |last| last + 1)];
            let cells = cells.iter().map(|cell| Cell::plain(one_line(cell, room)));
            table.push(std::iter::once(name).chain(cells).collect());
        }
    }
    let lines = table.lines(Stream::Stdout, &context.console);
    let text: String = lines.map(|line| line + "\n").collect();
    context.console.data(text.as_bytes());
}

/// How many characters a value may have, so that no run pushes another off the
/// terminal; all of them where there is none.
fn room(runs: usize, name_width: usize, console: &Console) -> usize {
    let Some(width) = console.table_width() else {
        return usize::MAX;
    };
    let for_values = width.saturating_sub(name_width) / runs.max(1);
    for_values.saturating_sub(2).max(LEAST_SHOWN)
}

/// `text` without what would break a line, in at most `room` characters.
fn one_line(text: &str, room: usize) -> String {
    let mut line = String::new();
    for character in text.chars() {
        match character.is_control() {
            true => line.extend(character.escape_default()),
            false => line.push(character),
        }
    }
    match line.char_indices().nth(room) {
        Some(_) => line.chars().take(room - 1).chain(['…']).collect(),
        None => line,
    }
}

/// `a, b and c`.
fn listed(names: &[&str]) -> String {
    match names {
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        names => names.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_one_line_that_fits() {
        assert_eq!(one_line("a\nb\u{1b}[1m", usize::MAX), "a\\nb\\u{1b}[1m");
        assert_eq!(one_line("12345678", 8), "12345678");
        assert_eq!(one_line("123456789", 8), "1234567…");
    }

    #[test]
    fn each_run_has_its_part_of_a_terminal() {
        assert_eq!(room(3, 20, &Console::fixed(false, None)), usize::MAX);
        assert_eq!(room(3, 20, &Console::fixed(false, Some(80))), 18);
        assert_eq!(room(30, 20, &Console::fixed(false, Some(80))), LEAST_SHOWN);
    }

    #[test]
    fn names_are_listed_as_people_do() {
        assert_eq!(listed(&["a"]), "a");
        assert_eq!(listed(&["a", "b", "c"]), "a, b and c");
    }
}
