//! Groups of arguments that commands share.

pub mod filters;
pub mod run_select;

pub use filters::{FilterArgs, KeepArgs, KeepNamedArgs, MatchArgs, StatusArgs};
pub use run_select::{RemoteArg, RunArg, RunsArg, YesArg};

use super::failure::Failure;

/// Two options that cannot both be given: name and whether it was, twice.
pub type Pair<'a> = ((&'a str, bool), (&'a str, bool));

/// Refuses the first of `pairs` of which both options are given.
///
/// # Errors
/// There is one; the message points at the help page of the command `path`.
pub fn refuse_both(pairs: &[Pair<'_>], path: &str) -> Result<(), Failure> {
    match pairs.iter().find(|(left, right)| left.1 && right.1) {
        Some((left, right)) => Err(Failure::with_help(
            format!("{} and {} cannot both be specified", left.0, right.0),
            path,
        )),
        None => Ok(()),
    }
}

/// Objects where none of `options` (name, and whether it was given) is.
///
/// # Errors
/// None is; the message points at the help page of the command `path`.
pub fn require_one(options: &[(&str, bool)], path: &str) -> Result<(), Failure> {
    if options.iter().any(|(_, given)| *given) {
        return Ok(());
    }
    let names: Vec<&str> = options.iter().map(|(name, _)| *name).collect();
    Err(Failure::error(format!(
        "missing one of: {}\nTry `{path} --help` for more information.",
        names.join(", ")
    )))
}
