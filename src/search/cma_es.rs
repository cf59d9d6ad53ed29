//! Evolution strategies with covariance matrix adaptation (Hansen 2016): each
//! generation of trials is drawn from a normal distribution that moves, turns and
//! narrows to where the better half of the last one was, away from the worse half.
//! When it has narrowed to a point or no longer gets better it begins anew elsewhere
//! with twice as many trials to a generation (Auger and Hansen 2005).
//!
//! Integers keep a spread of half a step at least (Hamano et al. 2022 have more on
//! that), and each choice a probability that follows the better trials.
//!
//! What was drawn is not remembered: the distribution is made again of the past
//! trials, generation by generation, so that a search that was stopped goes on as it
//! would have, and trials of others count. The crate `cmaes` asks for the losses of
//! its own draws only, and brings two linear algebra and plotting libraries.

use super::Error;
use super::guided::{Model, Proposal};
use super::history::{End, History};
use super::linear::{Factor, Square, dot};
use super::settings::Settings;
use super::stream::Stream;
use super::units::{Point, Units};

/// Trials to begin with, if no setting says otherwise.
pub(super) const STARTS: usize = 1;
/// The spread to begin with, as a part of each axis.
const SPREAD: f64 = 0.2;
/// How far each generation takes the probabilities of choices.
const RATE: f64 = 0.3;
/// How many places are drawn to find one that was not tried.
const DRAWS: usize = 20;

/// The sampler `cma-es`.
#[derive(Debug)]
pub(super) struct CmaEs {
    seed: u64,
    /// How many trials a generation has, none for as many as are usual.
    population: Option<usize>,
}

impl CmaEs {
    /// The model of a seed. The setting `population` is the number of trials in a
    /// generation.
    pub fn new(settings: Settings<'_>, seed: u64) -> Result<Self, Error> {
        let population = match settings.count("population", 0)? {
            0 => None,
            count => Some(count.clamp(4, 10_000)),
        };
        Ok(Self { seed, population })
    }
}

impl Model for CmaEs {
    fn name(&self) -> &'static str {
        "cma-es"
    }

    fn propose(&mut self, units: &Units, history: &History, random: &mut Stream) -> Proposal {
        let usual = 4 + (3.0 * libm::log(units.len() as f64)) as usize;
        let first = self.population.unwrap_or(usual);
        let losses = history.filled_losses();
        let ended = history.trials.iter().zip(&losses);
        let trials: Vec<(Point, f64)> = ended
            .filter(|(trial, _)| trial.end != End::Running)
            .map(|(trial, loss)| (trial.point(units), *loss))
            .collect();
        let (mut restarts, mut generation, mut rest) = (0, 0, trials.as_slice());
        let mut strategy = Strategy::new(units, first, vec![0.5; units.len()]);
        while rest.len() >= strategy.population() {
            let (trials, later) = rest.split_at(strategy.population());
            rest = later;
            generation += 1;
            strategy.learn(trials);
            if strategy.is_done() {
                restarts += 1;
                let mut random = Stream::of("cma-es restart", self.seed, restarts);
                let middle = units.random_point(&mut random);
                let population = strategy.population().saturating_mul(2);
                strategy = Strategy::new(units, population.min(10_000), middle);
            }
        }
        let points = (0..DRAWS).map(|_| strategy.draw(units, random)).collect();
        let why = format!(
            "drawn of generation {} of an evolution strategy ({} of {} trials known, step {:.3}, \
             restarted {restarts} times)",
            generation + 1,
            rest.len(),
            strategy.population(),
            strategy.step,
        );
        Proposal { points, why }
    }
}

/// A distribution of trials and how it got there.
struct Strategy {
    /// The axes of numbers; vectors and the matrix are about these.
    axes: Vec<usize>,
    constants: Constants,
    middle: Vec<f64>,
    step: f64,
    shape: Square,
    factor: Factor,
    path: Vec<f64>,
    step_path: Vec<f64>,
    generation: i32,
    /// The probabilities of choices, empty for axes of numbers.
    choices: Vec<Vec<f64>>,
    /// The best loss of each generation.
    best: Vec<f64>,
}

/// What depends on the number of axes and of trials only.
struct Constants {
    /// Of the trials from best to worst; the better half has positive ones.
    weights: Vec<f64>,
    /// How many trials the positive weights count for.
    effective: f64,
    path_rate: f64,
    step_rate: f64,
    one_rate: f64,
    all_rate: f64,
    damping: f64,
    /// The expected length of a normal vector.
    length: f64,
}

impl Constants {
    fn new(axes: usize, population: usize) -> Self {
        let n = axes.max(1) as f64;
        let raw: Vec<f64> = (0..population)
            .map(|rank| libm::log((population as f64 + 1.0) / 2.0) - libm::log(rank as f64 + 1.0))
            .collect();
        let part = |sign: f64| raw.iter().filter(move |weight| **weight * sign > 0.0);
        let count = |sign: f64| {
            let sum: f64 = part(sign).sum();
            sum * sum
                / part(sign)
                    .map(|weight| weight * weight)
                    .sum::<f64>()
                    .max(f64::MIN_POSITIVE)
        };
        let effective = count(1.0);
        let one_rate = 2.0 / ((n + 1.3) * (n + 1.3) + effective);
        let all_rate = (2.0 * (effective - 2.0 + 1.0 / effective)
            / ((n + 2.0) * (n + 2.0) + effective))
            .min(1.0 - one_rate)
            .max(1e-8);
        let worse = (1.0 + one_rate / all_rate)
            .min(1.0 + 2.0 * count(-1.0) / (effective + 2.0))
            .min((1.0 - one_rate - all_rate) / (n * all_rate))
            .max(0.0);
        let (better_sum, worse_sum): (f64, f64) = (part(1.0).sum(), part(-1.0).sum());
        let weight = |weight: &f64| match *weight > 0.0 {
            true => weight / better_sum,
            false => -worse * weight / worse_sum.min(-f64::MIN_POSITIVE),
        };
        let step_rate = (effective + 2.0) / (n + effective + 5.0);
        let far = ((effective - 1.0).max(0.0) / (n + 1.0)).sqrt() - 1.0;
        Self {
            weights: raw.iter().map(weight).collect(),
            effective,
            path_rate: (4.0 + effective / n) / (n + 4.0 + 2.0 * effective / n),
            step_rate,
            one_rate,
            all_rate,
            damping: 1.0 + 2.0 * far.max(0.0) + step_rate,
            length: n.sqrt() * (1.0 - 1.0 / (4.0 * n) + 1.0 / (21.0 * n * n)),
        }
    }
}

impl Strategy {
    fn new(units: &Units, population: usize, middle: Point) -> Self {
        let axes: Vec<usize> = (0..units.len())
            .filter(|axis| units.choices(*axis).is_none())
            .collect();
        let size = axes.len();
        Self {
            constants: Constants::new(size, population.max(4)),
            middle: axes.iter().map(|axis| middle[*axis]).collect(),
            step: SPREAD,
            factor: Factor::identity(size),
            shape: Square::identity(size),
            path: vec![0.0; size],
            step_path: vec![0.0; size],
            generation: 0,
            choices: (0..units.len())
                .map(|axis| {
                    units
                        .choices(axis)
                        .map_or_else(Vec::new, |count| vec![1.0 / count as f64; count])
                })
                .collect(),
            best: Vec::new(),
            axes,
        }
    }

    fn population(&self) -> usize {
        self.constants.weights.len()
    }

    fn draw(&self, units: &Units, random: &mut Stream) -> Point {
        let mut point: Point = vec![0.0; units.len()];
        for (axis, shares) in self.choices.iter().enumerate() {
            if !shares.is_empty() {
                point[axis] = random.weighted(shares) as f64;
            }
        }
        // Again if outside, as a place on the bound would be tried too often.
        for attempt in 0..20 {
            let noise: Vec<f64> = self.axes.iter().map(|_| random.normal()).collect();
            let steps = self.factor.times(&noise);
            for (index, axis) in self.axes.iter().enumerate() {
                let mut at = self.middle[index] + self.step * steps[index];
                if units.levels(*axis).is_some() {
                    at += self.lacking(units, index) * random.normal();
                }
                point[*axis] = at;
            }
            let is_inside = self
                .axes
                .iter()
                .all(|axis| (0.0..=1.0).contains(&point[*axis]));
            if is_inside || attempt == 19 {
                break;
            }
        }
        for axis in &self.axes {
            point[*axis] = units.snap(*axis, point[*axis].clamp(0.0, 1.0));
        }
        point
    }

    /// The spread that an axis of integers lacks so that there is more than one.
    fn lacking(&self, units: &Units, index: usize) -> f64 {
        let (low, high) = units.cell(self.axes[index], self.middle[index]);
        let least = 0.5 * (high - low);
        let variance = self.step * self.step * self.shape.row(index)[index];
        (least * least - variance).max(0.0).sqrt()
    }

    /// Goes on by a generation.
    fn learn(&mut self, trials: &[(Point, f64)]) {
        let mut order: Vec<usize> = (0..trials.len()).collect();
        order.sort_by(|a, b| trials[*a].1.total_cmp(&trials[*b].1));
        self.generation += 1;
        self.best.push(trials[order[0]].1);
        self.learn_choices(trials, &order);
        if self.axes.is_empty() {
            return;
        }
        let steps: Vec<Vec<f64>> = order
            .iter()
            .map(|index| {
                let place = self.axes.iter().zip(&self.middle);
                place
                    .map(|(axis, middle)| (trials[*index].0[*axis] - middle) / self.step)
                    .collect()
            })
            .collect();
        let move_by = self.mean_step(&steps);
        self.middle
            .iter_mut()
            .zip(&move_by)
            .for_each(|(at, by)| *at += self.step * by);
        self.learn_shape(&steps, &move_by);
        for index in 0..self.axes.len() {
            self.middle[index] = self.middle[index].clamp(0.0, 1.0);
        }
    }

    /// The mean of the steps of the better half.
    fn mean_step(&self, steps: &[Vec<f64>]) -> Vec<f64> {
        let better = steps
            .iter()
            .zip(&self.constants.weights)
            .filter(|(_, weight)| **weight > 0.0);
        let mut mean = vec![0.0; self.axes.len()];
        for (step, weight) in better {
            mean.iter_mut()
                .zip(step)
                .for_each(|(at, by)| *at += weight * by);
        }
        mean
    }

    fn learn_shape(&mut self, steps: &[Vec<f64>], mean: &[f64]) {
        let size = self.axes.len();
        let Constants {
            effective,
            path_rate,
            step_rate,
            one_rate,
            all_rate,
            damping,
            length,
            ..
        } = self.constants;
        let even = self.factor.solve(mean);
        let keep = (step_rate * (2.0 - step_rate) * effective).sqrt();
        self.step_path
            .iter_mut()
            .zip(&even)
            .for_each(|(at, by)| *at = (1.0 - step_rate) * *at + keep * by);
        let far = dot(&self.step_path, &self.step_path).sqrt();
        let settled = (1.0 - libm::pow(1.0 - step_rate, f64::from(2 * self.generation))).sqrt();
        let goes_on = far / settled < (1.4 + 2.0 / (size as f64 + 1.0)) * length;
        let keep = match goes_on {
            true => (path_rate * (2.0 - path_rate) * effective).sqrt(),
            false => 0.0,
        };
        self.path
            .iter_mut()
            .zip(mean)
            .for_each(|(at, by)| *at = (1.0 - path_rate) * *at + keep * by);

        let weights: Vec<f64> = steps
            .iter()
            .zip(&self.constants.weights)
            .map(|(step, weight)| match *weight < 0.0 {
                // A far step is to take no more away than a usual one.
                true => {
                    let even = self.factor.solve(step);
                    weight * size as f64 / dot(&even, &even).max(1e-8)
                }
                false => *weight,
            })
            .collect();
        let lost = if goes_on {
            0.0
        } else {
            one_rate * path_rate * (2.0 - path_rate)
        };
        let total: f64 = self.constants.weights.iter().sum();
        let left = 1.0 + lost - one_rate - all_rate * total;
        let shape = Square::of(size, |row, column| {
            let all: f64 = steps
                .iter()
                .zip(&weights)
                .map(|(step, weight)| weight * step[row] * step[column])
                .sum();
            left * self.shape.row(row)[column]
                + one_rate * self.path[row] * self.path[column]
                + all_rate * all
        });
        // Numbers that fail leave the shape as it was.
        if let Some(factor) = shape.clone().factor() {
            (self.shape, self.factor) = (shape, factor);
        }
        self.step *= libm::exp((step_rate / damping * (far / length - 1.0)).min(1.0));
        self.step = self.step.clamp(1e-12, 1.0);
    }

    fn learn_choices(&mut self, trials: &[(Point, f64)], order: &[usize]) {
        for (axis, shares) in self.choices.iter_mut().enumerate() {
            let count = shares.len() as f64;
            shares.iter_mut().for_each(|share| *share *= 1.0 - RATE);
            for (index, weight) in order.iter().zip(&self.constants.weights) {
                if let Some(share) = shares.get_mut(trials[*index].0[axis] as usize) {
                    *share += RATE * weight.max(0.0);
                }
            }
            // None is given up.
            let least = 0.1 / count;
            shares
                .iter_mut()
                .for_each(|share| *share = share.max(least));
        }
    }

    /// Whether it is to begin anew: it is at a point, or got no better for long.
    fn is_done(&self) -> bool {
        let widest = (0..self.axes.len())
            .map(|index| self.step * self.shape.row(index)[index].sqrt())
            .fold(0.0, f64::max);
        let patience = 10 + 30 * self.axes.len() / self.population();
        let stands_still = self.best.len() > patience && {
            let (before, last) = self.best.split_at(self.best.len() - patience);
            let least = |losses: &[f64]| losses.iter().copied().fold(f64::INFINITY, f64::min);
            least(before) <= least(last)
        };
        stands_still || (!self.axes.is_empty() && widest < 1e-9)
    }
}
