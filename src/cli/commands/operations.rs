//! `guild operations`: which operations there are.

use clap::Args as ClapArgs;

use super::found::{self, Found, WhichFound};
use crate::base::python_text;
use crate::cli::Context;
use crate::cli::failure::Failure;
use crate::cli::listing;
use crate::guildfile::Main;
use crate::project::{Operation, Undefined};

/// List operations.
///
/// In a project, which is a folder with a guild file, these are the operations
/// of the project; elsewhere those of installed packages. Operations of packages
/// can be run everywhere, and '--installed' lists them in a project too.
///
/// With FILTER, only operations are listed that have each FILTER in their name
/// or description, in small letters or capitals.
///
/// # Examples
///
/// List the operations that have to do with images:
///
///     guild operations image
///
/// Show what each runs, and its flags:
///
///     guild operations --verbose
///
/// Show how to run one:
///
///     guild run train --help-op
#[derive(Debug, ClapArgs)]
#[command(verbatim_doc_comment)]
pub struct Args {
    #[command(flatten)]
    which: WhichFound,
}

/// Lists operations.
///
/// # Errors
/// The project's guild file is wrong.
pub fn main(args: &Args, context: &Context) -> Result<(), Failure> {
    let models = found::models(args.which.installed, context)?;
    let mut rows: Vec<Found> = Vec::new();
    let mut warnings = Vec::new();
    for model in &models {
        if found::is_private(&model.model().name) && !args.which.all {
            continue;
        }
        for op in &model.model().operations {
            if found::is_private(&op.name) && !args.which.all {
                continue;
            }
            let undefined = model.undefined(op);
            let told: Vec<String> = undefined.iter().filter_map(Undefined::warning).collect();
            warnings.extend(told.iter().cloned());
            let details = move || match model.operation(&context.home, &op.name) {
                Some(operation) => details(&operation, &told, context),
                None => Vec::new(),
            };
            rows.push(Found {
                is_project: found::is_project(model),
                sort: (model.full_name(), op.name.clone()),
                name: model.full_op_name(&op.name),
                description: op.description.clone(),
                details: Box::new(details),
            });
        }
    }
    context.warn_all(&warnings);
    found::print(rows, &args.which, context);
    Ok(())
}

/// What is shown below an operation, of which the user was `told` some things.
fn details(
    operation: &Operation,
    told: &[String],
    context: &Context,
) -> Vec<(&'static str, String)> {
    for warning in operation
        .warnings
        .iter()
        .filter(|text| !told.contains(text))
    {
        context.console.warn(warning);
    }
    let definition = operation.definition.as_ref();
    let main = match definition.map(|definition| &definition.main) {
        Some(Main::Module(main)) => main.clone(),
        Some(Main::Notebook(notebook)) => format!("guild.plugins.nbexec {notebook}"),
        _ => String::new(),
    };
    let flags = operation.listed_flags().into_iter().map(|flag| {
        let description = match flag.description.as_str() {
            "" => String::new(),
            text => format!(" {text}"),
        };
        let default = listing::flag_text(&flag.default);
        python_text::str_repr(&format!(
            "{}:{description} (default is {default})",
            flag.name
        ))
    });
    vec![
        ("main", main),
        ("flags", found::python_list(flags)),
        (
            "details",
            found::further_lines(&operation.settings.description),
        ),
    ]
}
