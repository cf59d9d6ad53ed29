//! `harness features`: what specs ask of the machine, and what it has.

use std::collections::BTreeMap;
use std::io::{self, Write};

use clap::Args;

use super::select::Selected;
use super::{NOTHING, Select, Stop, USAGE};
use crate::discovery::Choices;
use crate::requirement::Finding;

#[derive(Debug, Args)]
pub(super) struct FeaturesArgs {
    #[command(flatten)]
    select: Select,
}

pub(super) fn features(args: &FeaturesArgs) -> Result<u8, Stop> {
    let selected = args.select.choose(Choices::default())?;
    selected.tell_if_none()?;
    let Selected {
        mut finder,
        selection,
        ..
    } = selected;
    let found = selection.found;
    let mut code = if found.is_empty() { NOTHING } else { 0 };
    let mut facts: BTreeMap<String, Finding> = BTreeMap::new();
    for found in found {
        let spec = match found.spec {
            Ok(spec) => spec,
            Err(error) => {
                code = USAGE;
                writeln!(io::stderr(), "{error}")?;
                continue;
            }
        };
        let here = finder.surroundings(&found.suite)?;
        for needed in &spec.requires {
            for test in needed.requirement.tests() {
                here.probes.find(test, &needed.folder);
            }
        }
        facts.extend(here.probes.known());
        facts.extend(here.probes.always());
    }
    let mut out = io::stdout().lock();
    for (test, finding) in facts {
        let answer = if finding.holds { "yes" } else { "no " };
        writeln!(out, "{answer}  {test}: {}", finding.said)?;
    }
    Ok(code)
}
