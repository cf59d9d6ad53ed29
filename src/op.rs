//! Running an operation: from the request to a run, its process, and its end.
//!
//! `request` is what the user asked for; `values` the flag values that come of
//! it, which `coerce` makes suit the flags' types; `config` what a run keeps of
//! its operation, from which alone it can be started again; `launch` the command
//! line and the environment; `requirements` what it records that it needs; `make` writes
//! the run, which is in charge of `making` meanwhile, and `source` copies its source code; `supervise` starts its process and records its end, to which `ending`
//! brings it, and `interpreter_notes` what it says of its Python; `listener` hears
//! signals meanwhile; `display` shows what it prints; `watch` is the process that cleans up if this one is killed;
//! `stop` ends a run from outside.

pub mod coerce;
pub mod config;
pub mod display;
mod ending;
mod interpreter_notes;
pub mod label;
pub mod launch;
mod listener;
mod log;
pub mod make;
pub mod making;
pub mod output;
pub mod plan;
pub mod proto;
pub mod request;
pub mod requirements;
pub mod source;
pub mod stop;
pub mod supervise;
pub mod system_metrics;
pub mod upstream;
pub mod values;
pub mod watch;

pub use log::Log;
pub use request::RunRequest;
