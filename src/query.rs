//! The grammars of what users ask of runs: filter expressions, columns, time
//! ranges, and which value of a scalar is meant.
//!
//! Text in, meaning out. Where the values of a run come from is for others.

pub mod columns;
pub mod filter;
mod place;
mod quoted;
mod scalar;
pub mod time_range;

pub use place::Place;
pub use scalar::{Scalar, Which};
