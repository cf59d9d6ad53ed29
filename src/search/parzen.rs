//! Parzen estimators: how likely values are among some trials, as the mean of a
//! small hill around each of them and a wide one over the whole space.
//!
//! On axes of numbers the hills are normal distributions cut off at both ends; an
//! integer has what falls into its part of the axis. On axes of choices a hill is
//! most of the probability for the trial's own choice and the rest for all.

use std::cell::RefCell;
use std::collections::HashMap;

use super::history::Trial;
use super::normal;
use super::stream::Stream;
use super::units::Units;

/// An estimate over a space.
pub(super) struct Parzen {
    axes: Vec<Axis>,
    /// The weight of each hill, and its logarithm; they add up to 1.
    weights: Vec<f64>,
    log_weights: Vec<f64>,
}

/// The hills on one axis, the wide one last.
enum Axis {
    Numbers {
        hills: Vec<Hill>,
        /// The axis, if it is one of integers.
        cells: Option<usize>,
        /// Densities of integers that were asked for: they are likely to be again.
        known: RefCell<HashMap<u64, Vec<f64>>>,
    },
    Choices {
        /// The choice of each hill, none where it is even.
        own: Vec<Option<usize>>,
        count: usize,
        /// What each choice has of each hill beside the own one.
        share: f64,
    },
}

#[derive(Clone, Copy)]
struct Hill {
    middle: f64,
    width: f64,
    /// What is subtracted from the logarithm of the density.
    log_scale: f64,
    /// The probability that is within the axis, and below it.
    inside: f64,
    below: f64,
}

const WIDE: f64 = 1.0;

impl Parzen {
    /// The estimate of some trials, oldest first. A trial with no coordinate on an
    /// axis has the wide hill there.
    pub fn of(units: &Units, trials: &[&Trial]) -> Self {
        let mut weights = ages(trials.len());
        weights.push(1.0);
        let total: f64 = weights.iter().sum();
        weights.iter_mut().for_each(|weight| *weight /= total);
        Self {
            axes: (0..units.len())
                .map(|axis| Axis::of(units, axis, trials))
                .collect(),
            log_weights: weights.iter().map(|weight| libm::log(*weight)).collect(),
            weights,
        }
    }

    /// Coordinates at random, as likely as they are estimated to be.
    pub fn draw(&self, units: &Units, random: &mut Stream) -> Vec<f64> {
        let hill = random.weighted(&self.weights);
        let axes = self.axes.iter();
        axes.map(|axis| axis.draw(hill, units, random)).collect()
    }

    /// Coordinates at random, each as likely as it is estimated to be by itself.
    pub fn draw_apart(&self, units: &Units, random: &mut Stream) -> Vec<f64> {
        let axes = self.axes.iter();
        axes.map(|axis| axis.draw(random.weighted(&self.weights), units, random))
            .collect()
    }

    /// The logarithm of the density at some coordinates.
    pub fn log_density(&self, units: &Units, at: &[f64], sums: &mut Vec<f64>) -> f64 {
        sums.clear();
        sums.extend_from_slice(&self.log_weights);
        for (axis, at) in self.axes.iter().zip(at) {
            axis.add_log_densities(*at, units, sums);
        }
        let most = sums.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        // What is far below the highest adds nothing that counts.
        let near = sums
            .iter()
            .map(|sum| sum - most)
            .filter(|below| *below > -36.0);
        most + libm::log(near.map(libm::exp).sum())
    }
}

/// The weights of trials: the last 25 count in full, those before less with age.
fn ages(count: usize) -> Vec<f64> {
    const FULL: usize = 25;
    let old = count.saturating_sub(FULL);
    let weight = |index: usize| match index < old {
        true if old > 1 => {
            let least = 1.0 / count as f64;
            least + (1.0 - least) * index as f64 / (old - 1) as f64
        }
        _ => 1.0,
    };
    (0..count).map(weight).collect()
}

impl Axis {
    fn of(units: &Units, axis: usize, trials: &[&Trial]) -> Self {
        let places = trials.iter().map(|trial| trial.place[axis]);
        if let Some(count) = units.choices(axis) {
            let mut own: Vec<_> = places.map(|at| at.map(|at| at as usize)).collect();
            own.push(None);
            let rest = 1.0 / (trials.len() + 1) as f64;
            return Self::Choices {
                own,
                count,
                share: rest / (1.0 + rest * count as f64),
            };
        }
        let places: Vec<Option<f64>> = places.collect();
        let widths = neighbour_widths(&places);
        let least = 1.0 / (places.len() + 2).min(100) as f64;
        let hill = |(at, width): (&Option<f64>, f64)| match at {
            Some(at) => Hill::new(*at, width.clamp(least, WIDE)),
            None => Hill::new(0.5, WIDE),
        };
        let mut hills: Vec<Hill> = places.iter().zip(widths).map(hill).collect();
        hills.push(Hill::new(0.5, WIDE));
        Self::Numbers {
            hills,
            cells: units.levels(axis).map(|_| axis),
            known: RefCell::default(),
        }
    }

    fn draw(&self, hill: usize, units: &Units, random: &mut Stream) -> f64 {
        match self {
            Self::Numbers { hills, cells, .. } => {
                let at = hills[hill].draw(random);
                cells.map_or(at, |axis| units.snap(axis, at))
            }
            Self::Choices { own, count, share } => match own[hill] {
                Some(own) if random.unit() >= share * *count as f64 => own as f64,
                _ => random.below(*count) as f64,
            },
        }
    }

    fn add_log_densities(&self, at: f64, units: &Units, sums: &mut [f64]) {
        match self {
            Self::Numbers {
                hills, cells: None, ..
            } => {
                for (sum, hill) in sums.iter_mut().zip(hills) {
                    *sum += hill.log_density(at);
                }
            }
            Self::Numbers {
                hills,
                cells: Some(axis),
                known,
            } => {
                let (low, high) = units.cell(*axis, at);
                let share = |hill: &Hill| match high - low > 0.5 * hill.width {
                    true => hill.log_share(low, high),
                    // As good as even across the cell.
                    false => hill.log_density(at),
                };
                let mut known = known.borrow_mut();
                let shares = known
                    .entry(at.to_bits())
                    .or_insert_with(|| hills.iter().map(share).collect());
                for (sum, share) in sums.iter_mut().zip(shares) {
                    *sum += *share;
                }
            }
            Self::Choices { own, count, share } => {
                let even = -libm::log(*count as f64);
                let other = libm::log(*share);
                let same = libm::log(1.0 - share * (*count as f64 - 1.0));
                for (sum, own) in sums.iter_mut().zip(own) {
                    *sum += match own {
                        None => even,
                        Some(own) if *own == at as usize => same,
                        Some(_) => other,
                    };
                }
            }
        }
    }
}

/// How far it is from each place to the farther of its neighbours; the ends of the
/// axis count as neighbours of a single place only.
fn neighbour_widths(places: &[Option<f64>]) -> Vec<f64> {
    let known = places.iter().enumerate();
    let mut sorted: Vec<(f64, usize)> = known
        .filter_map(|(index, at)| Some(((*at)?, index)))
        .collect();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut widths = vec![WIDE; places.len()];
    for (rank, (at, index)) in sorted.iter().enumerate() {
        let before = rank.checked_sub(1).map_or(0.0, |rank| sorted[rank].0);
        let after = sorted.get(rank + 1).map_or(1.0, |next| next.0);
        let (left, right) = (at - before, after - at);
        widths[*index] = match (rank, sorted.len() - rank) {
            (0, 1) => left.max(right),
            (0, _) => right,
            (_, 1) => left,
            _ => left.max(right),
        };
    }
    widths
}

impl Hill {
    fn new(middle: f64, width: f64) -> Self {
        let (low, high) = (-middle / width, (1.0 - middle) / width);
        let inside = normal::between(low, high).max(f64::MIN_POSITIVE);
        Self {
            middle,
            width,
            log_scale: libm::log(width * inside) + normal::HALF_LOG_TAU,
            inside,
            below: normal::below(low),
        }
    }

    fn draw(&self, random: &mut Stream) -> f64 {
        let probability = self.below + random.unit() * self.inside;
        (self.middle + self.width * normal::quantile(probability)).clamp(0.0, 1.0)
    }

    fn log_density(&self, at: f64) -> f64 {
        let far = (at - self.middle) / self.width;
        -0.5 * far * far - self.log_scale
    }

    /// The logarithm of the mean density between two coordinates.
    fn log_share(&self, low: f64, high: f64) -> f64 {
        let from = (low - self.middle) / self.width;
        let to = (high - self.middle) / self.width;
        if from > 8.0 || to < -8.0 {
            return -1e3;
        }
        let share = normal::between(from, to) / (self.inside * (high - low));
        libm::log(share.max(f64::MIN_POSITIVE))
    }
}

#[cfg(test)]
mod tests {
    use super::super::history::{End, Trial};
    use super::super::tests::units;
    use super::*;

    fn trials(places: &[f64]) -> Vec<Trial> {
        let trial = |at: &f64| Trial {
            place: vec![Some(*at)],
            end: End::Failed,
        };
        places.iter().map(trial).collect()
    }

    fn total(flag: &str, places: &[f64], points: &[f64]) -> f64 {
        let units = units(&[("a", flag)]);
        let trials = trials(places);
        let trials: Vec<&Trial> = trials.iter().collect();
        let parzen = Parzen::of(&units, &trials);
        let density = |at: &f64| libm::exp(parzen.log_density(&units, &[*at], &mut Vec::new()));
        points.iter().map(density).sum::<f64>() / points.len() as f64
    }

    #[test]
    fn densities_add_up_to_one() {
        let middles = |count: usize| -> Vec<f64> {
            (0..count)
                .map(|at| (at as f64 + 0.5) / count as f64)
                .collect()
        };
        let even = total("[0.0:1]", &[0.1, 0.15, 0.15, 0.9], &middles(1000));
        assert!((even - 1.0).abs() < 1e-3, "{even}");
        let integers = total("[1:7]", &[0.5 / 7.0, 0.5, 0.5], &middles(7));
        assert!((integers - 1.0).abs() < 1e-2, "{integers}");
        let choices = total("[a,b,c]", &[0.0, 2.0, 2.0], &[0.0, 1.0, 2.0]);
        assert!((choices * 3.0 - 1.0).abs() < 1e-9, "{choices}");
    }

    #[test]
    fn old_trials_count_less() {
        assert_eq!(ages(3), [1.0; 3]);
        let ages = ages(100);
        assert_eq!((ages[0], ages[74], ages[99]), (0.01, 1.0, 1.0));
        assert!(ages[10] < ages[20]);
    }
}
