//! The commands, one file each, named as the user types them.

pub mod api;
mod api_merge;
pub mod cat;
pub mod comment;
pub mod internal;
pub mod label;
pub mod ls;
pub mod mark;
pub mod open;
pub mod merge;
mod merge_plan;
mod merge_text;
pub mod run;
mod run_checks;
mod run_help;
mod run_restart;
mod run_start;
pub mod runs;
pub mod runs_delete;
pub mod runs_info;
pub mod runs_list;
pub mod runs_purge;
pub mod runs_restore;
pub mod select;
pub mod stop;
pub mod tag;
pub mod watch;
