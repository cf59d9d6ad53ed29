//! Expected output in the surroundings of its file and suite: what a comparison
//! needs to know of them, and what can be told to be wrong before anything runs.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use crate::matcher::{Mode, Rules, Scope, check};
use crate::spec::{Fault, Spec};
use crate::suite::SuiteFile;
use crate::yaml_nodes::Place;

/// What holds around the first example of a spec. Redactions that stand for
/// folders of the sandbox replace nothing without one.
pub fn scope(spec: &Spec, suite: &SuiteFile, sandbox: Option<&Path>) -> Scope {
    let redactions = suite.redactions.overlaid(&spec.redactions);
    Scope {
        types: Arc::new(suite.match_types.overlaid(&spec.match_types)),
        redactor: Arc::new(redactions.within(sandbox)),
        bound: Arc::new(BTreeMap::new()),
    }
}

/// The examples whose expected output cannot be compared with anything.
pub fn faults(spec: &Spec, suite: &SuiteFile) -> Vec<Fault> {
    let scope = scope(spec, suite, None);
    let below = suite.options.overlaid(&spec.options);
    let mut known = BTreeSet::new();
    let mut faults = Vec::new();
    for example in &spec.examples {
        let options = below.overlaid(&example.options);
        let asked = Mode::OPTIONS.iter().filter(|(name, _)| options.is_on(name));
        let asked: Vec<String> = asked.map(|(name, _)| format!("`+{name}`")).collect();
        if asked.len() > 1 {
            faults.push(Fault {
                path: example.file_in(&spec.path).to_owned(),
                place: Place::new(example.line, example.indent + 1),
                message: format!("{} exclude each other", asked.join(" and ")),
            });
            continue;
        }
        let rules = Rules::from_options(&options).within(scope.clone());
        if let Err(error) = check(&example.expected, &rules, &mut known) {
            faults.push(Fault {
                path: example.file_in(&spec.path).to_owned(),
                place: Place::new(example.expected_line + error.line(), example.indent + 1),
                message: error.to_string(),
            });
        }
    }
    faults
}
