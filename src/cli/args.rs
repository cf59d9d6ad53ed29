//! Groups of arguments that commands share.

pub mod filters;
pub mod run_select;

pub use filters::{FilterArgs, StatusArgs};
pub use run_select::{RemoteArg, RunArg, RunsArg, YesArg};
