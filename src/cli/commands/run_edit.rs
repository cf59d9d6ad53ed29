//! `guild run --edit-flags`: flag values that the user edits as a text.

use crate::base::yaml::Map;
use crate::cli::Context;
use crate::cli::editor;
use crate::cli::failure::Failure;
use crate::op::values::{self, FlagValues, Given, form};
use crate::project::Operation;

/// What the names of files end with in which flags are edited.
const EXTENSION: &str = ".yml";

/// The values of a run of `operation` as the user edits them; as they were if
/// nothing is left of the text. What was typed on the command line stays the
/// run's user flags.
///
/// # Errors
/// The editor fails; the user does not want to put right what is wrong.
pub fn flags(
    operation: &Operation,
    resolved: FlagValues,
    given: &Given<'_>,
    context: &Context,
) -> Result<FlagValues, Failure> {
    let read = |values: Map| {
        values::edited(operation, (&resolved.all, &values), given)
            .map_err(|error| error.to_string())
    };
    let text = form::write(&resolved.all, &operation.flags, Some(&operation.spec));
    let all = edit(&resolved.all, text, &read, context)?;
    Ok(FlagValues { all, ..resolved })
}

/// As [`flags`], for values whose operation is not at hand: they are not checked.
///
/// # Errors
/// As [`flags`].
pub fn plain(values: &Map, context: &Context) -> Result<Map, Failure> {
    edit(values, form::write(values, &[], None), &Ok, context)
}

/// Opens the editor until `read` takes what comes out of it, or the user gives up.
fn edit(
    values: &Map,
    mut text: String,
    read: &dyn Fn(Map) -> Result<Map, String>,
    context: &Context,
) -> Result<Map, Failure> {
    if values.is_empty() {
        return Ok(Map::new());
    }
    loop {
        let draft = editor::edit(&text, EXTENSION, context)?;
        let edited = match form::read(draft.text()) {
            Ok(None) => Ok(values.clone()),
            Ok(Some(edited)) => read(edited),
            Err(reason) => Err(reason),
        };
        let reason = match edited {
            Ok(edited) => {
                draft.discard();
                return Ok(edited);
            }
            Err(reason) => reason,
        };
        let console = &context.console;
        console.note(&format!("Error reading flags: {reason}"));
        if !console.confirm("Would you like to re-edit these flags?", true)? {
            let failure = Failure::bare("Aborting: these flags cannot be used.");
            return Err(draft.kept_after(failure));
        }
        text = draft.text().to_string();
        draft.discard();
    }
}
