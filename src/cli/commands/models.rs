//! `guild models`: which models there are.

use clap::Args as ClapArgs;

use super::found::{self, Found, WhichFound};
use crate::cli::Context;
use crate::cli::failure::Failure;
use crate::project::catalog::FoundModel;

/// List models.
///
/// A model is a name for operations that belong together. In a project, which is
/// a folder with a guild file, these are the models of the project; elsewhere
/// those of installed packages. '--installed' lists models of packages in a
/// project too.
///
/// With FILTER, only models are listed that have each FILTER in their name or
/// description, in small letters or capitals.
///
/// # Examples
///
/// List all models with their operations:
///
///     guild models --installed --verbose
///
/// List the operations of one:
///
///     guild operations cnn
#[derive(Debug, ClapArgs)]
#[command(verbatim_doc_comment)]
pub struct Args {
    #[command(flatten)]
    which: WhichFound,
}

/// Lists models.
///
/// # Errors
/// The project's guild file is wrong.
pub fn main(args: &Args, context: &Context) -> Result<(), Failure> {
    let models = found::models(args.which.installed, context)?;
    let is_listed = |model: &&FoundModel| {
        let name = &model.model().name;
        !name.is_empty() && (args.which.all || !found::is_private(name))
    };
    let row = |model| Found {
        is_project: found::is_project(model),
        sort: (model.full_name(), String::new()),
        name: model.full_name(),
        description: model.model().description.clone(),
        details: Box::new(|| details(model)),
    };
    let rows = models.iter().filter(is_listed).map(row).collect();
    found::print(rows, &args.which, context);
    Ok(())
}

/// What is shown below a model.
fn details(model: &FoundModel) -> Vec<(&'static str, String)> {
    let definition = model.model();
    let operations = definition.operations.iter();
    let mut operations: Vec<&str> = operations.map(|op| op.name.as_str()).collect();
    operations.sort_unstable();
    vec![
        ("source", model.file().path.display().to_string()),
        ("operations", operations.join(", ")),
        ("details", found::further_lines(&definition.description)),
    ]
}
