//! Pure search: from a space, the trials made so far and a seed to the values of
//! the next trial. No files, no clock, no runs; what a trial is, how it runs and
//! where its result comes from is not known here.
//!
//! A seed gives the same suggestions on every machine: random numbers come from
//! [`python_random`], logarithms and powers from `libm` rather than the system.

mod acquisition;
mod cma_es;
mod condition;
mod descent;
mod domain;
mod error;
mod forest;
mod gp;
mod grid;
mod guided;
mod history;
mod linear;
mod losses;
mod normal;
mod nsga2;
mod parzen;
mod power;
mod product;
pub mod python_random;
mod random;
mod settings;
mod sobol;
mod space;
pub mod stopping;
mod stream;
mod tpe;
mod tree;
mod units;

pub use self::condition::Condition;
pub use self::domain::Domain;
pub use self::error::Error;
pub use self::product::Product;
pub use self::space::{Dimension, Space};

use self::guided::Guided;
use self::settings::Settings;
use self::units::Units;
use crate::base::yaml::Map;

/// A past trial.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// Its flag values; more than the dimensions of a space does no harm.
    pub values: Map,
    /// What became of it.
    pub result: Outcome,
}

/// What became of a trial.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// It ran to its end with these results, one for each objective, all of them
    /// to be minimised: of one to maximise the negative is here.
    Objectives(Vec<f64>),
    /// It failed, or ended without a result.
    Failed,
    /// It was stopped early; these are the last results that it had told.
    Stopped(Vec<f64>),
    /// It is being tried at this moment.
    Running,
}

/// The values of the next trial.
#[derive(Debug, Clone, PartialEq)]
pub struct Suggestion {
    /// A value for each dimension of the space, by flag name.
    pub values: Map,
    /// Why these values, in one plain sentence.
    pub why: String,
}

/// What suggests the values of trials, one trial after the other.
pub trait Sampler {
    /// The values of the next trial. `past` are the trials known so far in the
    /// order they were begun, those of this search and any others that are to be
    /// learnt from.
    ///
    /// # Errors
    /// If no values are left or none can be found.
    fn suggest(&mut self, past: &[Observation]) -> Result<Suggestion, Error>;
}

/// The names that [`sampler`] knows.
pub const SAMPLERS: &[&str] = &[
    "cma-es", "forest", "gbrt", "gp", "grid", "mvtpe", "nsga2", "random", "sobol", "tpe",
];

/// The sampler of a name. `settings` are the flags of the optimizer; those that
/// the sampler does not know are ignored, but for `constraint`, a condition or a
/// list of them, which all know. `nth` counts the trials of this search that were
/// suggested before: a search that goes on takes up where it was.
///
/// # Errors
/// If there is no sampler of the name, a setting has no sense, or the space has
/// no dimensions.
pub fn sampler(
    name: &str,
    settings: &Map,
    space: &Space,
    seed: u64,
    nth: usize,
) -> Result<Box<dyn Sampler>, Error> {
    if space.dimensions.is_empty() {
        return Err(Error::NoDimensions);
    }
    let settings = Settings(settings);
    let mut space = space.clone();
    for constraint in settings.texts("constraint")? {
        space.constrain(&constraint)?;
    }
    let units = Units::of(&space)?;
    Ok(match name {
        "grid" => Box::new(grid::Grid::new(units, settings, nth)?),
        "nsga2" => {
            let model = nsga2::Nsga2::new(settings)?;
            let starts = settings.count("random-starts", model.starts())?;
            Box::new(Guided::new(units, model, seed, starts, nth))
        }
        "random" => Box::new(random::Random::new(units, seed, nth)?),
        "sobol" => Box::new(sobol::Sobol::new(units, seed, nth)?),
        "cma-es" => {
            let model = cma_es::CmaEs::new(settings, seed)?;
            let starts = settings.count("random-starts", cma_es::STARTS)?;
            Box::new(Guided::new(units, model, seed, starts, nth))
        }
        "forest" | "gbrt" => {
            let model = forest::Trees::new(name == "gbrt", settings)?;
            let starts = settings.count("random-starts", forest::STARTS)?;
            Box::new(Guided::new(units, model, seed, starts, nth))
        }
        "gp" => {
            let model = gp::Gp::new(settings)?;
            let starts = settings.count("random-starts", gp::STARTS)?;
            Box::new(Guided::new(units, model, seed, starts, nth))
        }
        "tpe" | "mvtpe" => {
            let model = tpe::Tpe::new(name == "mvtpe", settings)?;
            let starts = settings.count("random-starts", tpe::STARTS)?;
            Box::new(Guided::new(units, model, seed, starts, nth))
        }
        _ => return Err(Error::UnknownSampler(name.to_owned())),
    })
}

#[cfg(test)]
mod tests;
