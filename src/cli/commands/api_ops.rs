//! `guild api ops`: the operations there are, as JSON.

use clap::Args as ClapArgs;

use super::api_help_op::{operation_data, print};
use super::found;
use crate::base::yaml::Value;
use crate::cli::Context;
use crate::cli::failure::Failure;

/// Show operations as JSON.
///
/// The answer is a list with a mapping for each operation of the project, or of
/// installed packages where there is no project: its name, description,
/// reference and flags.
///
/// # Examples
///
/// Show the names of all operations:
///
///     guild api ops | jq -r '.[].fullname'
#[derive(Debug, ClapArgs)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// Lay the answer out for people to read.
    #[arg(short, long)]
    format: bool,
}

/// Shows operations.
///
/// # Errors
/// The project's guild file is wrong.
pub fn main(args: &Args, context: &Context) -> Result<(), Failure> {
    let mut answer = Vec::new();
    for model in found::models(false, context)? {
        let mut names: Vec<_> = model.model().operations.iter().map(|op| &op.name).collect();
        names.sort();
        for operation in names
            .into_iter()
            .filter_map(|name| model.operation(&context.home, name))
        {
            context.warn_all(&operation.warnings);
            answer.push(operation_data(&operation));
        }
    }
    print(&Value::List(answer), args.format, context);
    Ok(())
}
