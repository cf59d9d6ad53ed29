//! Which runs a command means: filters, status, numbers, ids and ranges.

mod facts;
mod filter;
mod question;
mod spec;

pub use facts::{Facts, Viewer};
pub use filter::{Filter, FilterError};
pub use question::Question;
pub use spec::{SpecError, is_position, select, select_by_id};

use std::path::Path;

use crate::base::text::abbreviate_home;
use crate::opref::OpRef;
use crate::runs::Run;

/// The operation of `run` as listings show it: `[MODEL:]OP`, with the name of a
/// package before it; for a batch the operation of its trials and a `+`.
pub fn operation_name(run: &Run) -> String {
    let own = |run: &Run| own_operation_name(run.opref().ok().as_ref());
    match run.proto() {
        Some(proto) => match own(run).as_str() {
            "+" => format!("{}+", own(&proto)),
            batch => format!("{}+{batch}", own(&proto)),
        },
        None => own(run),
    }
}

/// The same of a run that is no batch, by its operation reference.
fn own_operation_name(opref: Option<&OpRef>) -> String {
    let Some(opref) = opref else {
        return "?".to_string();
    };
    match opref.kind.as_str() {
        "package" => opref.op_spec(),
        "func" => format!("{}()", opref.op),
        "pending" => opref.op.clone(),
        _ => opref.model_op(),
    }
}

/// Where an operation is defined, as listings show it: a folder, a guild file or
/// a package. The folder `user_home` is `~`.
pub fn operation_source(opref: &OpRef, user_home: Option<&Path>) -> String {
    match opref.kind.as_str() {
        "script" | "guildfile" => abbreviate_home(Path::new(&opref.name), user_home),
        "package" => format!("{}=={}", opref.name, opref.version),
        _ => opref.name.clone(),
    }
}
