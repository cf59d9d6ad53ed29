//! Python modules that must be there.

use super::source::{Fault, Place};
use crate::base::command::{self, Output};
use crate::python::interpreter;

/// Imports the module that is named; says on standard error why it cannot.
const IMPORT: &str = "\
import importlib, sys
try:
    importlib.import_module(sys.argv[1])
except ImportError as error:
    sys.exit('import: %s' % error)
";

/// Makes sure that the Python of the run can import the module `name`.
///
/// # Errors
/// It cannot; there is no such Python.
pub(super) fn check(name: &str, place: &Place<'_>) -> Result<(), Fault> {
    let needs = place.needs;
    let python = interpreter::matching(needs.home, needs.python_requires)
        .map_err(|error| Fault::Unmet(error.to_string()))?;
    let name = place.text(name)?;
    let args = [
        python.as_os_str(),
        "-c".as_ref(),
        IMPORT.as_ref(),
        name.as_ref(),
    ];
    let failed = |error| Fault::Unmet(format!("cannot run {}: {error}", python.display()));
    // Not in the run directory, whose files a module's name may be that of.
    let child = command::start(
        &args,
        &needs.home.temp_dir(),
        needs.home.environment(),
        Output::Captured,
    );
    let output = child.and_then(|child| child.wait_with_output());
    let output = output.map_err(failed)?;
    if output.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&output.stderr);
    let last = text.trim_end().lines().last().unwrap_or_default();
    let reason = last.strip_prefix("import: ").unwrap_or(last);
    Err(Fault::Unmet(reason.to_string()))
}
