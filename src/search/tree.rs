//! Regression trees: a space parted again and again where losses differ most.
//! Numbers are parted at a threshold, choices into one and all others.

use super::stream::Stream;
use super::units::Point;

/// A tree.
#[derive(Debug)]
pub(super) struct Tree(Vec<Node>);

#[derive(Debug)]
enum Node {
    Leaf {
        value: f64,
        variance: f64,
    },
    Split {
        split: Split,
        /// The nodes on both sides.
        inside: usize,
        outside: usize,
    },
}

/// A part of the space: up to a coordinate, or of a choice.
#[derive(Debug, Clone, Copy)]
struct Split {
    axis: usize,
    at: f64,
    is_choice: bool,
}

impl Split {
    fn has(&self, point: &[f64]) -> bool {
        match self.is_choice {
            true => point[self.axis] == self.at,
            false => point[self.axis] <= self.at,
        }
    }
}

/// How a tree is grown.
pub(super) struct Growth<'a> {
    /// The places of the trials, and whether each axis is one of choices.
    pub points: &'a [Point],
    pub is_choice: &'a [bool],
    /// What is parted by.
    pub targets: &'a [f64],
    /// The value of a leaf with these trials.
    pub value: &'a dyn Fn(&[usize]) -> f64,
    pub least_leaf: usize,
    pub depth: usize,
    /// Whether the best of random splits is taken, rather than of all.
    pub is_random: bool,
}

impl Tree {
    /// The tree of these trials, by index.
    pub fn grow(growth: &Growth<'_>, trials: Vec<usize>, random: &mut Stream) -> Self {
        let mut tree = Self(Vec::new());
        tree.add(growth, trials, 0, random);
        tree
    }

    fn add(
        &mut self,
        growth: &Growth<'_>,
        trials: Vec<usize>,
        depth: usize,
        random: &mut Stream,
    ) -> usize {
        let here = self.0.len();
        let (mean, variance) = spread(trials.iter().map(|index| growth.targets[*index]));
        self.0.push(Node::Leaf {
            value: mean,
            variance,
        });
        let split = match depth < growth.depth && variance > 1e-12 {
            true => growth.split(&trials, random),
            false => None,
        };
        match split {
            None => {
                let value = (growth.value)(&trials);
                self.0[here] = Node::Leaf { value, variance };
            }
            Some(split) => {
                let (with, without) = trials
                    .into_iter()
                    .partition(|index| split.has(&growth.points[*index]));
                let inside = self.add(growth, with, depth + 1, random);
                let outside = self.add(growth, without, depth + 1, random);
                self.0[here] = Node::Split {
                    split,
                    inside,
                    outside,
                };
            }
        }
        here
    }

    /// The value and the variance of the leaf that a place is in.
    pub fn at(&self, point: &[f64]) -> (f64, f64) {
        let mut here = 0;
        loop {
            match &self.0[here] {
                Node::Leaf { value, variance } => return (*value, *variance),
                Node::Split {
                    split,
                    inside,
                    outside,
                } => here = if split.has(point) { *inside } else { *outside },
            }
        }
    }
}

impl Growth<'_> {
    /// The split that leaves the least variance, if there is any.
    fn split(&self, trials: &[usize], random: &mut Stream) -> Option<Split> {
        let mut best: Option<(f64, Split)> = None;
        for axis in 0..self.is_choice.len() {
            for split in self.splits(axis, trials, random) {
                let Some(left) = self.variance_left(trials, split) else {
                    continue;
                };
                if best.is_none_or(|(least, _)| left < least) {
                    best = Some((left, split));
                }
            }
        }
        best.map(|(_, split)| split)
    }

    /// The splits of an axis that are looked at.
    fn splits(&self, axis: usize, trials: &[usize], random: &mut Stream) -> Vec<Split> {
        const MOST: usize = 32;
        let is_choice = self.is_choice[axis];
        let split = |at: f64| Split {
            axis,
            at,
            is_choice,
        };
        let mut places: Vec<f64> = trials
            .iter()
            .map(|index| self.points[*index][axis])
            .collect();
        places.sort_by(f64::total_cmp);
        places.dedup();
        if places.len() < 2 {
            return Vec::new();
        }
        if self.is_random {
            let (low, high) = (places[0], places[places.len() - 1]);
            return vec![split(match is_choice {
                true => places[random.below(places.len())],
                false => low + random.unit() * (high - low),
            })];
        }
        let step = places.len().div_ceil(MOST);
        match is_choice {
            true => places.into_iter().step_by(step).map(split).collect(),
            false => {
                let pairs = places.windows(2).step_by(step);
                pairs
                    .map(|pair| split(pair[0] / 2.0 + pair[1] / 2.0))
                    .collect()
            }
        }
    }

    /// The sum of squares that a split leaves; none if a side is too small.
    fn variance_left(&self, trials: &[usize], split: Split) -> Option<f64> {
        let (mut counts, mut sums, mut squares) = ([0_usize; 2], [0.0; 2], 0.0);
        for index in trials {
            let side = usize::from(split.has(&self.points[*index]));
            let target = self.targets[*index];
            counts[side] += 1;
            sums[side] += target;
            squares += target * target;
        }
        let is_enough = counts.iter().all(|count| *count >= self.least_leaf.max(1));
        let explained = |side: usize| sums[side] * sums[side] / counts[side] as f64;
        is_enough.then(|| squares - explained(0) - explained(1))
    }
}

/// The mean and the variance of some numbers.
pub(super) fn spread(numbers: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let count = numbers.clone().count().max(1) as f64;
    let mean = numbers.clone().sum::<f64>() / count;
    let variance = numbers
        .map(|number| (number - mean) * (number - mean))
        .sum::<f64>();
    (mean, variance / count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trees_learn_steps_and_choices() {
        let points: Vec<Point> = (0..60)
            .map(|index| vec![f64::from(index) / 60.0, f64::from(index % 3)])
            .collect();
        let target = |point: &Point| {
            f64::from(u8::from(point[0] > 0.4)) + 5.0 * f64::from(u8::from(point[1] == 1.0))
        };
        let targets: Vec<f64> = points.iter().map(target).collect();
        let mean = |trials: &[usize]| spread(trials.iter().map(|index| targets[*index])).0;
        for is_random in [false, true] {
            let growth = Growth {
                points: &points,
                is_choice: &[false, true],
                targets: &targets,
                value: &mean,
                least_leaf: 1,
                depth: 20,
                is_random,
            };
            let tree = Tree::grow(&growth, (0..60).collect(), &mut Stream::of("test", 1, 0));
            for point in &points {
                assert!((tree.at(point).0 - target(point)).abs() < 1e-9);
            }
        }
    }
}
