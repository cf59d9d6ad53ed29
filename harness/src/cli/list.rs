//! `harness list`: specs, and how many examples each has.

use std::io::{self, Write};

use clap::Args;

use super::select::Selected;
use super::{NOTHING, Select, Stop, USAGE};
use crate::discovery::Choices;
use crate::gate;

#[derive(Debug, Args)]
pub(super) struct ListArgs {
    #[command(flatten)]
    select: Select,
}

pub(super) fn list(args: &ListArgs) -> Result<u8, Stop> {
    let Selected {
        mut finder,
        selection,
        ..
    } = args.select.choose(Choices::default())?;
    let found = selection.found;
    let mut out = io::stdout().lock();
    let mut code = if found.is_empty() { NOTHING } else { 0 };
    for found in found {
        let path = found.path.display();
        match found.spec {
            Err(error) => {
                code = USAGE;
                writeln!(io::stderr(), "{error}")?;
            }
            Ok(spec) => {
                let count = spec.examples.len();
                let plural = if count == 1 { "" } else { "s" };
                let skip = gate::skip(&spec.options, &finder.surroundings(&found.suite)?);
                let skip = skip
                    .map(|s| format!(" (skipped: {})", s.reason))
                    .unwrap_or_default();
                writeln!(out, "{path}: {count} example{plural}{skip}")?;
            }
        }
    }
    Ok(code)
}
