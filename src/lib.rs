//! Experiment tracking for machine learning from the command line.
//!
//! Modules are listed lowest first: a module may use only those above it.

// Knows nothing of guild.
pub mod base;
pub mod diff;
// Values and formats: text or bytes in, values out. No home directory, no clock.
pub mod flags;
pub mod search;
pub mod config_file;
pub mod opref;
pub mod guildfile;
pub mod tfevents;
pub mod query;
pub mod plot;
// On disk.
pub mod home;
pub mod runs;
pub mod scalars;
pub mod select;
// What can run, and running it.
pub mod python;
pub mod resolve;
pub mod sourcecode;
pub mod merge;
pub mod project;
pub mod op;
// Operations that run operations. They call `op`, never `cli`.
pub mod batch;
pub mod steps;
pub mod queue;
// Work on runs.
pub mod compare;
pub mod tensorboard;
// The program.
pub mod cli;

#[cfg(test)]
mod layers;
