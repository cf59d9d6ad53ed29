//! Past trials as samplers read them: places and losses, with what is no result
//! told apart.

use super::units::{Point, Units};
use super::{Observation, Outcome};

/// The past trials of a search whose values its space has.
#[derive(Debug)]
pub(super) struct History {
    /// In the order they were begun.
    pub trials: Vec<Trial>,
}

/// A past trial.
#[derive(Debug)]
pub(super) struct Trial {
    /// Its coordinates, none on axes without a use.
    pub place: Vec<Option<f64>>,
    /// What came of it.
    pub end: End,
}

/// What came of a trial.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum End {
    /// Finite losses, one at least.
    Losses(Vec<f64>),
    /// It failed, or its result is no finite number.
    Failed,
    /// It goes on.
    Running,
}

impl History {
    /// The past trials that a search can learn from.
    pub fn of(units: &Units, past: &[Observation]) -> Self {
        let trial = |observation: &Observation| {
            let place = units.place(&observation.values)?;
            let end = match &observation.result {
                Outcome::Objectives(losses) | Outcome::Stopped(losses) => End::of(losses),
                Outcome::Failed => End::Failed,
                Outcome::Running => End::Running,
            };
            Some(Trial { place, end })
        };
        Self {
            trials: past.iter().filter_map(trial).collect(),
        }
    }

    /// The number of trials with a result.
    pub fn results(&self) -> usize {
        self.losses().count()
    }

    /// The first loss of each trial that has a result.
    pub fn losses(&self) -> impl Iterator<Item = f64> {
        self.trials.iter().filter_map(Trial::loss)
    }

    /// A loss for each trial: failed ones have the worst, and those that go on
    /// what is usual.
    pub fn filled_losses(&self) -> Vec<f64> {
        let mut sorted: Vec<f64> = self.losses().collect();
        sorted.sort_by(f64::total_cmp);
        let worst = sorted.last().copied().unwrap_or(0.0);
        let usual = sorted.get(sorted.len() / 2).copied().unwrap_or(0.0);
        let loss = |trial: &Trial| match &trial.end {
            End::Losses(losses) => losses[0],
            End::Failed => worst,
            End::Running => usual,
        };
        self.trials.iter().map(loss).collect()
    }
}

impl Trial {
    /// The first loss, if there is a result.
    pub fn loss(&self) -> Option<f64> {
        match &self.end {
            End::Losses(losses) => losses.first().copied(),
            _ => None,
        }
    }

    /// The place with the middle of axes, or the first choice, where it has none.
    pub fn point(&self, units: &Units) -> Point {
        let coordinate = |(axis, at): (usize, &Option<f64>)| {
            at.unwrap_or(if units.choices(axis).is_some() {
                0.0
            } else {
                0.5
            })
        };
        self.place.iter().enumerate().map(coordinate).collect()
    }
}

impl End {
    fn of(losses: &[f64]) -> Self {
        match !losses.is_empty() && losses.iter().all(|loss| loss.is_finite()) {
            true => Self::Losses(losses.to_vec()),
            false => Self::Failed,
        }
    }
}
