//! Trees as models of the loss. `forest` has many that are parted at random and
//! differ where little is known (extra trees, Geurts et al. 2006; their spread as
//! in Hutter et al. 2014). `gbrt` has small ones, each of which makes up for what
//! those before it miss (Friedman 2001), once for the middle loss and once each for
//! the loss that a sixth of trials are below and above. Both try the place with the
//! largest expected improvement.
//!
//! `smartcore` has forests without a spread, and no boosting of quantiles.

use super::Error;
use super::acquisition::{Acquisition, Margins};
use super::guided::{Model, Proposal};
use super::history::History;
use super::losses::Scaled;
use super::settings::Settings;
use super::stream::Stream;
use super::tree::{Growth, Tree, spread};
use super::units::{Point, Units};

/// Trials to begin with, if no setting says otherwise.
pub(super) const STARTS: usize = 3;

const TREES: usize = 60;
const STAGES: usize = 30;
const RATE: f64 = 0.1;
const CANDIDATES: usize = 1500;

/// The mean and the spread that a model has at a place.
type Estimate = dyn Fn(&[f64]) -> (f64, f64);

/// The samplers `forest` and `gbrt`.
#[derive(Debug)]
pub(super) struct Trees {
    is_boosted: bool,
    margins: Margins,
}

impl Trees {
    /// The model. Settings: `xi`, on a scale on which losses have a variance of 1,
    /// and `kappa`, which Guild AI has too and which expected improvement does not
    /// ask for.
    pub fn new(is_boosted: bool, settings: Settings<'_>) -> Result<Self, Error> {
        let margins = Margins {
            kappa: settings.number("kappa", 1.96)?,
            xi: settings.number("xi", 0.05)?,
        };
        Ok(Self {
            is_boosted,
            margins,
        })
    }
}

impl Model for Trees {
    fn name(&self) -> &'static str {
        match self.is_boosted {
            true => "gbrt",
            false => "forest",
        }
    }

    fn propose(&mut self, units: &Units, history: &History, random: &mut Stream) -> Proposal {
        let points: Vec<Point> = history
            .trials
            .iter()
            .map(|trial| trial.point(units))
            .collect();
        let scaled = Scaled::of(&history.filled_losses());
        let is_choice: Vec<bool> = (0..units.len())
            .map(|axis| units.choices(axis).is_some())
            .collect();
        let seen = Seen {
            points: &points,
            values: &scaled.values,
            is_choice: &is_choice,
        };
        let model: Box<Estimate> = match self.is_boosted {
            true => Box::new(seen.boosted(random)),
            false => Box::new(seen.forest(random)),
        };
        let best = scaled.values.iter().copied().fold(f64::INFINITY, f64::min);
        let mut candidates: Vec<(f64, Point)> = units
            .candidates(&points, &scaled.values, CANDIDATES, random)
            .into_iter()
            .map(|point| {
                let (mean, deviation) = model(&point);
                let worth = Acquisition::Improvement.worth(mean, deviation, best, self.margins);
                (worth, point)
            })
            .collect();
        candidates.sort_by(|a, b| a.0.total_cmp(&b.0));
        candidates.truncate(50);
        let (mean, deviation) = model(&candidates[0].1);
        let why = format!(
            "largest expected improvement by {} of {} trials: expected result {:.6}, 68% \
             between {:.6} and {:.6}, best so far {:.6}",
            if self.is_boosted {
                "boosted trees"
            } else {
                "a forest"
            },
            points.len(),
            scaled.loss(mean),
            scaled.loss(mean - deviation),
            scaled.loss(mean + deviation),
            scaled.loss(best)
        );
        Proposal {
            points: candidates.into_iter().map(|(_, point)| point).collect(),
            why,
        }
    }
}

/// Trials that models are made of.
struct Seen<'a> {
    points: &'a [Point],
    values: &'a [f64],
    is_choice: &'a [bool],
}

impl Seen<'_> {
    /// The mean and the spread of a forest, by place.
    fn forest(&self, random: &mut Stream) -> impl Fn(&[f64]) -> (f64, f64) + use<> {
        let mean = |trials: &[usize]| spread(trials.iter().map(|index| self.values[*index])).0;
        let growth = Growth {
            points: self.points,
            is_choice: self.is_choice,
            targets: self.values,
            value: &mean,
            least_leaf: 2.min(self.points.len() / 4),
            depth: 40,
            is_random: true,
        };
        let all: Vec<usize> = (0..self.points.len()).collect();
        let trees: Vec<Tree> = (0..TREES)
            .map(|_| Tree::grow(&growth, all.clone(), random))
            .collect();
        move |point| {
            let leaves = trees.iter().map(|tree| tree.at(point));
            let within: f64 = leaves.clone().map(|(_, variance)| variance).sum();
            let (mean, between) = spread(leaves.map(|(mean, _)| mean));
            (mean, (between + within / trees.len() as f64 + 1e-4).sqrt())
        }
    }

    /// The middle and half the distance of the outer quantiles, by place.
    fn boosted(&self, random: &mut Stream) -> impl Fn(&[f64]) -> (f64, f64) + use<> {
        let quantiles = [0.16, 0.5, 0.84].map(|part| self.quantile(part, random));
        move |point| {
            let [low, middle, high] = [0, 1, 2].map(|index| {
                let (start, stages): &(f64, Vec<Tree>) = &quantiles[index];
                start + RATE * stages.iter().map(|tree| tree.at(point).0).sum::<f64>()
            });
            (middle, ((high - low) / 2.0).max(1e-2))
        }
    }

    /// Where a quantile starts, and the trees that correct it.
    fn quantile(&self, part: f64, random: &mut Stream) -> (f64, Vec<Tree>) {
        let start = at_part(self.values.to_vec(), part);
        let mut predicted = vec![start; self.values.len()];
        let mut stages = Vec::with_capacity(STAGES);
        for _ in 0..STAGES {
            let misses: Vec<f64> = self
                .values
                .iter()
                .zip(&predicted)
                .map(|(value, of)| value - of)
                .collect();
            let slopes: Vec<f64> = misses
                .iter()
                .map(|miss| if *miss > 0.0 { part } else { part - 1.0 })
                .collect();
            let value = |trials: &[usize]| {
                at_part(trials.iter().map(|index| misses[*index]).collect(), part)
            };
            let growth = Growth {
                points: self.points,
                is_choice: self.is_choice,
                targets: &slopes,
                value: &value,
                least_leaf: 1,
                depth: 3,
                is_random: false,
            };
            let tree = Tree::grow(&growth, (0..misses.len()).collect(), random);
            for (predicted, point) in predicted.iter_mut().zip(self.points) {
                *predicted += RATE * tree.at(point).0;
            }
            stages.push(tree);
        }
        (start, stages)
    }
}

/// The number that this part of the numbers is below.
fn at_part(mut numbers: Vec<f64>, part: f64) -> f64 {
    numbers.sort_by(f64::total_cmp);
    let last = numbers.len().saturating_sub(1);
    let at = part * last as f64;
    let (low, high) = (at.floor() as usize, at.ceil() as usize);
    match (numbers.get(low), numbers.get(high)) {
        (Some(low), Some(high)) => low + (high - low) * at.fract(),
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_tell_good_places_from_bad() {
        let points: Vec<Point> = (0..40).map(|index| vec![f64::from(index) / 40.0]).collect();
        let values: Vec<f64> = points
            .iter()
            .map(|point| (point[0] - 0.3).abs() * 4.0 - 1.0)
            .collect();
        let seen = Seen {
            points: &points,
            values: &values,
            is_choice: &[false],
        };
        let mut random = Stream::of("test", 1, 0);
        let models: [Box<Estimate>; 2] = [
            Box::new(seen.forest(&mut random)),
            Box::new(seen.boosted(&mut random)),
        ];
        for model in models {
            let ((near, _), (far, deviation)) = (model(&[0.3]), model(&[0.95]));
            assert!(near + 1.0 < far, "{near} {far}");
            assert!(deviation > 0.0);
        }
    }
}
