//! A doctest runner for Markdown specs of command-line programs.
//!
//! A spec is a Markdown file whose `>>> ` examples are Python. The examples of
//! a spec run in order, in one Python process, in a sandbox of their own; their
//! output is compared with what the document says. A suite file tells the
//! harness which program is under test; the harness itself knows none.
//!
//! Another crate runs its specs with a [`Suite`].
//!
//! The modules are listed lowest first: a module uses only those above it.

// The language: text in, values and verdicts out.
pub mod duration;
pub mod numbers;
pub mod whitespace;
mod escape;
pub mod options;
pub mod match_type;
pub mod redact;
pub mod yaml_nodes;
pub mod language;
pub mod requirement;
pub mod front_matter;
mod yaml;
pub mod spec;
pub mod matcher;
pub mod diff;
pub mod transcript;

// The machine: processes and files.
mod deadline;
mod lock;
mod terminal;
pub mod interrupt;
mod secrets;
mod processes;
mod listeners;
pub mod reaper;
mod spawn;
mod ownership;
mod command;
mod log;
mod services;
pub mod python;
mod psutil;
pub mod probe;
mod copy;
mod outside;
pub mod files;

// A suite, and running its specs.
pub mod gate;
pub mod verdict;
pub mod toml_file;
pub mod ledger;
pub mod skips;
pub mod rewrite;
pub mod suite;
pub mod expectations;
pub mod lint;
mod sandbox;
mod follows;
mod absent;
mod protocol;
mod worker_files;
mod fork_server;
mod worker;
mod calls;
mod shell;
mod session;
pub mod setting;
mod examples;
pub mod runner;
pub mod ordered;
pub mod report;
pub mod discovery;
pub mod address;
pub mod history;
pub mod schedule;
mod changed;
pub mod select;
pub mod watch;
pub mod progress;
pub mod library;
mod libtest;
pub mod cli;

pub use library::{LibraryError, Results, Suite};

#[cfg(test)]
mod layers;
