//! Not written yet.
use crate::cli::{Context, failure::Failure};
/// Nothing yet.
#[derive(Debug, clap::Args)]
pub struct Args {}
/// Says so.
pub fn main(_args: &Args, _context: &Context) -> Result<(), Failure> {
    Err(Failure::error("not available yet"))
}
