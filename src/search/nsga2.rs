//! Several objectives at once: the second non-dominated sorting genetic algorithm
//! (Deb et al. 2002). Of the past trials those are kept that no other beats in
//! everything, and of these the loneliest; the next trial has values of two of them,
//! a little changed.
//!
//! A population is made of the past trials each time, so that a search that was
//! stopped goes on and trials of others count; there are no generations to wait for.

use super::Error;
use super::guided::{Model, Proposal};
use super::history::{End, History};
use super::settings::Settings;
use super::stream::Stream;
use super::units::{Point, Units};

/// How many children are drawn to find one that was not tried.
const DRAWS: usize = 20;
/// The distribution indexes of crossing and of changes, as is usual.
const CROSSING: f64 = 15.0;
const CHANGE: f64 = 20.0;

/// The sampler `nsga2`.
#[derive(Debug)]
pub(super) struct Nsga2 {
    population: usize,
}

impl Nsga2 {
    /// The model. The setting `population` is how many trials are kept to draw
    /// from; as many trials are made at random to begin with.
    pub fn new(settings: Settings<'_>) -> Result<Self, Error> {
        let population = settings.count("population", 30)?.clamp(2, 10_000);
        Ok(Self { population })
    }

    /// The trials to begin with.
    pub fn starts(&self) -> usize {
        self.population
    }
}

/// A trial that children may come from.
struct Parent {
    place: Point,
    losses: Vec<f64>,
    front: usize,
    distance: f64,
}

impl Model for Nsga2 {
    fn name(&self) -> &'static str {
        "nsga2"
    }

    fn propose(&mut self, units: &Units, history: &History, random: &mut Stream) -> Proposal {
        let mut parents: Vec<Parent> = history
            .trials
            .iter()
            .filter_map(|trial| match &trial.end {
                End::Losses(losses) => Some(Parent {
                    place: trial.point(units),
                    losses: losses.clone(),
                    front: 0,
                    distance: 0.0,
                }),
                _ => None,
            })
            .collect();
        // Trials of another search may have another number of objectives.
        let objectives = parents.last().map_or(0, |parent| parent.losses.len());
        parents.retain(|parent| parent.losses.len() == objectives);
        rank(&mut parents, objectives);
        parents.sort_by(|a, b| {
            a.front
                .cmp(&b.front)
                .then(b.distance.total_cmp(&a.distance))
        });
        let best = parents.iter().filter(|parent| parent.front == 0).count();
        parents.truncate(self.population);
        let children = (0..DRAWS).map(|_| child(units, &parents, random));
        let points = children.collect();
        let why = format!(
            "a cross of two of the {} trials kept; no trial beats {best} of them in all \
             {objectives} objectives",
            parents.len()
        );
        Proposal { points, why }
    }
}

/// Gives each the number of fronts before its own, and how far its neighbours in
/// the front are.
fn rank(parents: &mut [Parent], objectives: usize) {
    let mut left: Vec<usize> = (0..parents.len()).collect();
    let mut front = 0;
    while !left.is_empty() {
        let is_beaten = |index: &usize| {
            left.iter()
                .any(|other| beats(&parents[*other].losses, &parents[*index].losses))
        };
        let (rest, members): (Vec<usize>, Vec<usize>) = left.iter().copied().partition(is_beaten);
        for index in &members {
            parents[*index].front = front;
        }
        for objective in 0..objectives {
            add_distances(parents, members.clone(), objective);
        }
        // Nothing beats itself, so that there is always a member.
        left = rest;
        front += 1;
    }
}

fn beats(a: &[f64], b: &[f64]) -> bool {
    let mut pairs = a.iter().zip(b);
    pairs.clone().all(|(a, b)| a <= b) && pairs.any(|(a, b)| a < b)
}

fn add_distances(parents: &mut [Parent], mut members: Vec<usize>, objective: usize) {
    let loss = |parents: &[Parent], index: usize| parents[index].losses[objective];
    members.sort_by(|a, b| loss(parents, *a).total_cmp(&loss(parents, *b)));
    let (Some(first), Some(last)) = (members.first().copied(), members.last().copied()) else {
        return;
    };
    let range = (loss(parents, last) / 2.0 - loss(parents, first) / 2.0).max(f64::MIN_POSITIVE);
    for window in members.windows(3) {
        let gap = loss(parents, window[2]) / 2.0 - loss(parents, window[0]) / 2.0;
        parents[window[1]].distance += gap / range;
    }
    for end in [first, last] {
        parents[end].distance = f64::INFINITY;
    }
}

/// Crosses two parents and changes a coordinate or so.
fn child(units: &Units, parents: &[Parent], random: &mut Stream) -> Point {
    if parents.is_empty() {
        return units.random_point(random);
    }
    // The better of two, who come best first.
    let mut chosen = || {
        let (a, b) = (random.below(parents.len()), random.below(parents.len()));
        &parents[a.min(b)].place
    };
    let (a, b) = (chosen(), chosen());
    let chance = 1.0 / units.len() as f64;
    let coordinate = |axis: usize| {
        let (x, y) = if random.unit() < 0.5 {
            (a[axis], b[axis])
        } else {
            (b[axis], a[axis])
        };
        if let Some(count) = units.choices(axis) {
            return match random.unit() < chance {
                true => random.below(count) as f64,
                false => x,
            };
        }
        let mut at = cross(x, y, random.unit());
        if random.unit() < chance {
            at = change(at, random.unit());
        }
        units.snap(axis, at.clamp(0.0, 1.0))
    };
    (0..units.len()).map(coordinate).collect()
}

/// Simulated binary crossing: near `x`, the nearer the closer both are.
fn cross(x: f64, y: f64, part: f64) -> f64 {
    let reach = match part < 0.5 {
        true => libm::pow(2.0 * part, 1.0 / (CROSSING + 1.0)),
        false => libm::pow(0.5 / (1.0 - part), 1.0 / (CROSSING + 1.0)),
    };
    0.5 * ((1.0 + reach) * x + (1.0 - reach) * y)
}

/// Polynomial change: mostly small, up to the whole axis.
fn change(at: f64, part: f64) -> f64 {
    match part < 0.5 {
        true => at + at * (libm::pow(2.0 * part, 1.0 / (CHANGE + 1.0)) - 1.0),
        false => at + (1.0 - at) * (1.0 - libm::pow(2.0 * (1.0 - part), 1.0 / (CHANGE + 1.0))),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::space;
    use super::super::{Observation, Outcome, sampler};
    use super::*;
    use crate::base::yaml::Map;

    #[test]
    fn fronts_are_told_apart() {
        let losses = [[0.0, 3.0], [1.0, 1.0], [3.0, 0.0], [2.0, 2.0], [4.0, 4.0]];
        let mut parents: Vec<Parent> = losses
            .iter()
            .map(|losses| Parent {
                place: vec![0.5],
                losses: losses.to_vec(),
                front: 0,
                distance: 0.0,
            })
            .collect();
        rank(&mut parents, 2);
        let fronts: Vec<usize> = parents.iter().map(|parent| parent.front).collect();
        assert_eq!(fronts, [0, 0, 0, 1, 2]);
        assert_eq!(parents[1].distance, 2.0);
    }

    /// The best compromises of x² and (x - 2)² are all x from 0 to 2.
    #[test]
    fn it_finds_compromises() {
        let space = space(&[("x", "[-10.0:10]"), ("y", "[-10.0:10]")]);
        let mut sampler = sampler("nsga2", &Map::new(), &space, 1, 0).unwrap();
        let mut past = Vec::new();
        for _ in 0..200 {
            let values = sampler.suggest(&past).unwrap().values;
            let at = |name| values.get(name).unwrap().as_f64().unwrap();
            let (x, y) = (at("x"), at("y"));
            let result = Outcome::Objectives(vec![x * x + y * y, (x - 2.0) * (x - 2.0) + y * y]);
            past.push(Observation { values, result });
        }
        let good = past[150..].iter().filter(|trial| {
            let at = |name| trial.values.get(name).unwrap().as_f64().unwrap();
            (-0.5..2.5).contains(&at("x")) && at("y").abs() < 0.5
        });
        assert!(good.count() > 35);
    }
}
