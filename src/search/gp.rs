//! A Gaussian process of the loss, and the place where it promises most: by
//! expected improvement, its probability, or a lower confidence bound, or one of
//! them drawn at random (`gp_hedge`), as Guild AI's `gp` has them. `EIps` and `PIps`
//! are as `EI` and `PI`: how long a trial takes is not known here.
//!
//! Trials that go on are taken to give what is expected of them, so that others are
//! tried meanwhile; failed ones to be as bad as the worst. What the process is like
//! is learnt from a part of the trials that grows in steps: from all up to 20, and
//! then again whenever there are a tenth more. The crates `egobox` and `smartcore`
//! were looked at: the former brings several hundred crates to build, the latter
//! gives no variance and learns no lengths.

mod process;

use self::process::{Metric, Noise, Process, Shape};
use super::Error;
use super::acquisition::{Acquisition, Margins};
use super::descent::descend;
use super::guided::{Model, Proposal};
use super::history::{End, History};
use super::losses::Scaled;
use super::settings::{Settings, fault};
use super::stream::Stream;
use super::units::{Point, Units};
use crate::base::yaml::Value;

/// Trials to begin with, if no setting says otherwise.
pub(super) const STARTS: usize = 3;

/// Places looked at in all, and those of them that are followed.
const CANDIDATES: usize = 600;
const FOLLOWED: usize = 4;
/// Trials that are learnt from: the last and the best.
const TRIALS: usize = 500;

/// The sampler `gp`.
pub(super) struct Gp {
    /// None for one drawn at random.
    acquisition: Option<Acquisition>,
    margins: Margins,
    noise: Noise,
    /// The shape last learnt, and the values that it was learnt from.
    learnt: Option<(Vec<f64>, Shape)>,
}

impl Gp {
    /// The model. Settings: `acq-func`, `kappa`, `xi` and `noise`, as Guild AI has
    /// them; `xi` is in spreads of the noise, so that without noise any improvement
    /// counts.
    pub fn new(settings: Settings<'_>) -> Result<Self, Error> {
        let names = ["gp_hedge", "EI", "LCB", "PI", "EIps", "PIps"];
        let acquisition = match settings.word("acq-func", &names, "gp_hedge")? {
            "EI" | "EIps" => Some(Acquisition::Improvement),
            "PI" | "PIps" => Some(Acquisition::Probability),
            "LCB" => Some(Acquisition::Bound),
            _ => None,
        };
        let noise = match settings.value("noise") {
            None => Noise::Any,
            Some(Value::Str(text)) if text == "gaussian" => Noise::Any,
            Some(value) => match value.as_f64() {
                Some(part) if part >= 0.0 && part.is_finite() => Noise::Part(part.max(1e-8)),
                _ => return Err(fault("noise", value, "'gaussian' or a variance")),
            },
        };
        Ok(Self {
            acquisition,
            margins: Margins {
                kappa: settings.number("kappa", 1.96)?,
                xi: settings.number("xi", 0.05)?,
            },
            noise,
            learnt: None,
        })
    }

    /// The shape that the process has with these trials.
    fn shape(&mut self, metric: &Metric, places: &[Point], values: &[f64]) -> Shape {
        let mut count = values.len().min(20);
        while count < values.len() && count + count.div_ceil(10) <= values.len() {
            count += count.div_ceil(10);
        }
        // Values are on a scale that changes with each, but what is learnt does not
        // depend on the scale.
        let (places, values) = (&places[..count], &values[..count]);
        match &self.learnt {
            Some((known, shape)) if known == values => shape.clone(),
            _ => {
                let shape = process::likeliest(metric, places, values, self.noise);
                self.learnt = Some((values.to_vec(), shape.clone()));
                shape
            }
        }
    }
}

impl Model for Gp {
    fn name(&self) -> &'static str {
        "gp"
    }

    fn propose(&mut self, units: &Units, history: &History, random: &mut Stream) -> Proposal {
        let metric = Metric {
            is_choice: (0..units.len())
                .map(|axis| units.choices(axis).is_some())
                .collect(),
        };
        let (mut places, running, losses) = parts(units, history);
        let scaled = Scaled::of(&losses);
        let mut values = scaled.values.clone();
        let shape = self.shape(&metric, &places, &values);
        let mut process = Process::of(metric.clone(), places.clone(), &values, &shape);
        if let (Some(known), false) = (&process, running.is_empty()) {
            values.extend(running.iter().map(|place| known.at(place).0));
            places.extend(running);
            process = Process::of(metric, places.clone(), &values, &shape);
        }
        let acquisition = self.acquisition.unwrap_or_else(|| {
            let all = [
                Acquisition::Improvement,
                Acquisition::Bound,
                Acquisition::Probability,
            ];
            all[random.weighted(&[0.5, 0.3, 0.2])]
        });
        let best = values.iter().copied().fold(f64::INFINITY, f64::min);
        let Some(process) = process else {
            return Proposal {
                points: vec![units.random_point(random)],
                why: "at random, as results cannot be modelled".to_owned(),
            };
        };
        let search = Search {
            units,
            process: &process,
            acquisition,
            margins: Margins {
                xi: self.margins.xi * process.noise(),
                ..self.margins
            },
            best,
        };
        let points = search.points(&places, &values, random);
        let (mean, variance) = process.at(&points[0]);
        let why = format!(
            "best {} by a Gaussian process of {} trials: expected result {:.6}, 68% between \
             {:.6} and {:.6}, best so far {:.6}",
            acquisition.name(),
            losses.len(),
            scaled.loss(mean),
            scaled.loss(mean - variance.sqrt()),
            scaled.loss(mean + variance.sqrt()),
            scaled.loss(best)
        );
        Proposal { points, why }
    }
}

/// The places of trials with a result or a failure, those of trials that go on,
/// and the losses of the former.
fn parts(units: &Units, history: &History) -> (Vec<Point>, Vec<Point>, Vec<f64>) {
    let losses = history.filled_losses();
    let mut order: Vec<usize> = (0..losses.len()).collect();
    if losses.len() > TRIALS {
        order.sort_by(|a, b| losses[*a].total_cmp(&losses[*b]));
        let mut kept: Vec<usize> = order[..TRIALS / 2].to_vec();
        let last = losses.len() - TRIALS / 2;
        kept.extend(order[TRIALS / 2..].iter().filter(|index| **index >= last));
        kept.sort_unstable();
        order = kept;
    }
    let (mut places, mut running, mut known) = (Vec::new(), Vec::new(), Vec::new());
    for index in order {
        let trial = &history.trials[index];
        let place = trial.point(units);
        match trial.end {
            End::Running => running.push(place),
            _ => {
                places.push(place);
                known.push(losses[index]);
            }
        }
    }
    (places, running, known)
}

/// The search for the place that is worth most.
struct Search<'a> {
    units: &'a Units,
    process: &'a Process,
    acquisition: Acquisition,
    margins: Margins,
    best: f64,
}

impl Search<'_> {
    /// Places, the best one first.
    fn points(&self, places: &[Point], values: &[f64], random: &mut Stream) -> Vec<Point> {
        let mut candidates: Vec<(f64, Point)> = self
            .units
            .candidates(places, values, CANDIDATES, random)
            .into_iter()
            .map(|point| (self.worth(&point), point))
            .collect();
        candidates.sort_by(|a, b| a.0.total_cmp(&b.0));
        for candidate in candidates.iter_mut().take(FOLLOWED) {
            *candidate = self.follow(candidate.clone());
        }
        candidates.sort_by(|a, b| a.0.total_cmp(&b.0));
        candidates.truncate(50);
        candidates.into_iter().map(|(_, point)| point).collect()
    }

    fn worth(&self, point: &[f64]) -> f64 {
        let (mean, variance) = self.process.at(point);
        self.of(mean, variance)
    }

    fn of(&self, mean: f64, variance: f64) -> f64 {
        self.acquisition
            .worth(mean, variance.sqrt(), self.best, self.margins)
    }

    /// The best place near a candidate: down the slope of floats, and step by step
    /// on other axes, in turn.
    fn follow(&self, (worth, point): (f64, Point)) -> (f64, Point) {
        let (mut worth, mut point) = (worth, point);
        for _ in 0..3 {
            let before = worth;
            (worth, point) = self.slide(worth, point);
            (worth, point) = self.climb(worth, point);
            if before - worth < 1e-9 {
                break;
            }
        }
        (worth, point)
    }

    fn slide(&self, worth: f64, point: Point) -> (f64, Point) {
        let units = self.units;
        let free: Vec<usize> = (0..point.len())
            .filter(|axis| units.levels(*axis).is_none())
            .collect();
        if free.is_empty() {
            return (worth, point);
        }
        let start = free.iter().map(|axis| point[*axis]).collect();
        let mut place = point.clone();
        let mut downhill = |at: &[f64], slopes: &mut [f64]| {
            free.iter()
                .zip(at)
                .for_each(|(axis, at)| place[*axis] = *at);
            let (mean, variance, of_mean, of_variance) = self.process.slopes(&place);
            let step = 1e-5 * variance.sqrt();
            let by_mean =
                (self.of(mean + step, variance) - self.of(mean - step, variance)) / (2.0 * step);
            let step = 1e-5 * variance;
            let by_variance =
                (self.of(mean, variance + step) - self.of(mean, variance - step)) / (2.0 * step);
            for (slope, axis) in slopes.iter_mut().zip(&free) {
                *slope = by_mean * of_mean[*axis] + by_variance * of_variance[*axis];
            }
            self.of(mean, variance)
        };
        let (at, found) = descend(&mut downhill, start, (0.0, 1.0), 30);
        if found >= worth {
            return (worth, point);
        }
        let mut point = point;
        free.iter()
            .zip(&at)
            .for_each(|(axis, at)| point[*axis] = *at);
        (found, point)
    }

    /// Goes to the best neighbour for each axis of choices or integers.
    fn climb(&self, mut worth: f64, mut point: Point) -> (f64, Point) {
        for axis in 0..point.len() {
            let Some(levels) = self.units.levels(axis) else {
                continue;
            };
            let here = point[axis];
            let others: Vec<f64> = match self.units.choices(axis) {
                Some(count) => (0..count.min(50)).map(|index| index as f64).collect(),
                None => {
                    let (low, high) = self.units.cell(axis, here);
                    let step = high - low;
                    let far = (levels as f64 / 10.0).ceil();
                    [-far, -1.0, 1.0, far].map(|by| here + by * step).to_vec()
                }
            };
            for at in others {
                let mut next = point.clone();
                next[axis] = self.units.snap(axis, at);
                let found = self.worth(&next);
                if found < worth {
                    (worth, point) = (found, next);
                }
            }
        }
        (worth, point)
    }
}
