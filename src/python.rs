//! Python: which interpreter runs a script, what a script's text says of its
//! flags, which packages are installed, the Python files that live in this
//! program.

mod argparse;
mod click;
mod definition;
pub mod embedded;
pub mod environment;
mod follow;
pub mod found;
pub mod freeze;
pub mod interpreter;
pub mod packages;
pub mod probe;
pub mod requirement;
pub mod script;
pub mod search_path;
