//! Models and operations that are there to be run, and lists of them.

use clap::Args as ClapArgs;

use super::run;
use crate::base::python_text;
use crate::cli::Context;
use crate::cli::console::Stream;
use crate::cli::failure::Failure;
use crate::cli::listing::{Cell, Table};
use crate::project::catalog::{self, FoundModel, Origin};

/// Which models or operations a list has, and how much of each.
#[derive(Debug, ClapArgs)]
pub struct WhichFound {
    /// What names or descriptions must have in them.
    #[arg(value_name = "FILTER")]
    filters: Vec<String>,

    /// List private ones too, whose names start with '_'.
    #[arg(short, long)]
    pub all: bool,

    /// List those of installed packages, and of folders that Python imports from,
    /// in a project too.
    #[arg(short, long)]
    pub installed: bool,

    /// Show details.
    #[arg(short, long)]
    verbose: bool,
}

/// A line of a list.
pub struct Found<'a> {
    /// Whether it is of a guild file: those of packages come first.
    pub is_project: bool,
    /// What it is sorted by beside that.
    pub sort: (String, String),
    /// Its name in full.
    pub name: String,
    /// What it is for; only the first line is listed.
    pub description: String,
    /// Makes names and values of what is shown below it on demand.
    pub details: Box<dyn Fn() -> Vec<(&'static str, String)> + 'a>,
}

/// The models of the project, those of installed packages where there is no
/// project or where `installed` asks for them. Tells what cannot be used.
///
/// # Errors
/// The project's guild file is wrong.
pub fn models(installed: bool, context: &Context) -> Result<Vec<FoundModel>, Failure> {
    let found = catalog::models(&context.home, installed)
        .map_err(|error| run::project_failure(&error, context))?;
    for warning in &found.warnings {
        context.console.error(warning);
    }
    Ok(found.models)
}

/// Whether a model is one of a guild file rather than of an installed package.
pub fn is_project(model: &FoundModel) -> bool {
    !matches!(model.origin(), Origin::Package { .. })
}

/// Whether a model or operation called `name` is not for everybody.
pub fn is_private(name: &str) -> bool {
    name.starts_with('_')
}

/// Prints those of `rows` that have each filter of `which` in name or description.
pub fn print(mut rows: Vec<Found<'_>>, which: &WhichFound, context: &Context) {
    let filters = which.filters.iter().map(|filter| filter.to_lowercase());
    let filters: Vec<String> = filters.collect();
    rows.retain(|row| {
        let texts = [&row.name, first_line(&row.description)].map(str::to_lowercase);
        filters
            .iter()
            .all(|filter| texts.iter().any(|text| text.contains(filter)))
    });
    rows.sort_by(|left, right| (left.is_project, &left.sort).cmp(&(right.is_project, &right.sort)));
    let mut table = Table::new(0);
    for row in &rows {
        table.push(vec![
            Cell::plain(&row.name),
            Cell::plain(first_line(&row.description)),
        ]);
    }
    for (row, line) in rows
        .iter()
        .zip(table.lines(Stream::Stdout, &context.console))
    {
        context.console.line(&line);
        for (name, value) in if which.verbose {
            (row.details)()
        } else {
            Vec::new()
        } {
            context.console.line(&format!("  {name}: {value}"));
        }
    }
}

fn first_line(text: &str) -> &str {
    text.split('\n').next().unwrap_or_default()
}

/// The lines of a description behind the first, as a list with an empty line
/// between any two.
pub fn further_lines(description: &str) -> String {
    let mut items = Vec::new();
    for (number, line) in description.split('\n').skip(1).enumerate() {
        if number > 0 {
            items.push("");
        }
        items.push(line);
    }
    python_list(items.into_iter().map(python_text::str_repr))
}

/// A list of `items` as Python shows it.
pub fn python_list(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(", "))
}
