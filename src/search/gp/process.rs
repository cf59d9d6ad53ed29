//! A Gaussian process: what some values of a function say of all others, with a
//! Matérn kernel of smoothness 5/2, a length for each axis, and white noise. Lengths
//! and noise are those that make the values likeliest (Rasmussen and Williams 2006,
//! 5.4), held back where the values say little.

use super::super::descent::descend;
use super::super::linear::{Factor, Square, dot};

/// What the process is like: the logarithms of the length of each axis and, last,
/// of the noise as a part of the variance.
pub(super) type Shape = Vec<f64>;

/// The noise that a function may have.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Noise {
    /// As much as is likely.
    Any,
    /// A part of the variance of the values.
    Part(f64),
}

/// Differences between places, squared for each axis; on axes of choices 1 between
/// any two.
#[derive(Debug, Clone)]
pub(super) struct Metric {
    /// Whether each axis is one of choices.
    pub is_choice: Vec<bool>,
}

/// A process that has seen values.
pub(super) struct Process {
    metric: Metric,
    places: Vec<Vec<f64>>,
    /// One over the square of each length.
    scales: Vec<f64>,
    variance: f64,
    /// The noise as a part of the variance.
    part: f64,
    inverse: Square,
    /// The inverse times the values.
    weights: Vec<f64>,
}

const ROOT_5: f64 = 2.236_067_977_499_79;
/// Logarithms of what lengths and noise may be.
const BOUNDS: (f64, f64) = (-18.5, 5.0);

impl Metric {
    fn square(&self, axis: usize, a: f64, b: f64) -> f64 {
        match self.is_choice[axis] {
            true => f64::from(u8::from(a != b)),
            false => (a - b) * (a - b),
        }
    }
}

/// The kernel at a squared distance, and the factor that its slopes have.
fn matern(square: f64) -> (f64, f64) {
    let far = ROOT_5 * square.sqrt();
    let fall = libm::exp(-far);
    let slope = 5.0 / 3.0 * (1.0 + far) * fall;
    ((1.0 + far + far * far / 3.0) * fall, slope)
}

/// The likeliest shape for some values, which have mean 0 and variance 1.
pub(super) fn likeliest(
    metric: &Metric,
    places: &[Vec<f64>],
    values: &[f64],
    noise: Noise,
) -> Shape {
    let axes = metric.is_choice.len();
    let squares = squares(metric, places);
    let start = |length: f64| {
        let mut shape = vec![libm::log(length * (axes as f64).sqrt()); axes];
        shape.push(match noise {
            Noise::Any => -7.0,
            Noise::Part(part) => libm::log(part).max(BOUNDS.0),
        });
        shape
    };
    let steps = if places.len() > 60 { 20 } else { 40 };
    let starts = if places.len() > 60 { 1 } else { 2 };
    let shapes = [0.5, 1.5].into_iter().take(starts).map(|length| {
        descend(
            |shape: &[f64], slopes: &mut [f64]| unlikely(&squares, values, noise, shape, slopes),
            start(length),
            BOUNDS,
            steps,
        )
    });
    shapes
        .min_by(|a, b| a.1.total_cmp(&b.1))
        .map_or_else(|| start(0.5), |(shape, _)| shape)
}

/// The squared differences of all pairs of places, for each axis.
fn squares(metric: &Metric, places: &[Vec<f64>]) -> Vec<Square> {
    let square = |axis| {
        Square::of(places.len(), |a, b| {
            metric.square(axis, places[a][axis], places[b][axis])
        })
    };
    (0..metric.is_choice.len()).map(square).collect()
}

/// How unlikely values are with a shape: the negative logarithm, with the variance
/// that suits the shape best, and what is thought of shapes beforehand. Slopes go
/// to `slopes`.
fn unlikely(
    squares: &[Square],
    values: &[f64],
    noise: Noise,
    shape: &[f64],
    slopes: &mut [f64],
) -> f64 {
    let (count, axes) = (values.len(), squares.len());
    let scales: Vec<f64> = shape[..axes]
        .iter()
        .map(|length| libm::exp(-2.0 * length))
        .collect();
    let part = libm::exp(shape[axes]);
    let mut kernel = Square::of(count, |_, _| 0.0);
    let mut steep = Square::of(count, |_, _| 0.0);
    for row in 0..count {
        for column in 0..row {
            let square = (0..axes)
                .map(|axis| squares[axis].row(row)[column] * scales[axis])
                .sum();
            (kernel.row_mut(row)[column], steep.row_mut(row)[column]) = matern(square);
        }
        kernel.row_mut(row)[row] = 1.0 + part + 1e-10;
    }
    let Some(factor) = kernel.factor() else {
        return f64::INFINITY;
    };
    let inverse = factor.inverse();
    let weights: Vec<f64> = (0..count)
        .map(|row| dot(inverse.row(row), values))
        .collect();
    let variance = (dot(&weights, values) / count as f64).max(1e-12);

    slopes.fill(0.0);
    let mut trace = 0.0;
    for row in 0..count {
        for column in 0..row {
            let pull = inverse.row(row)[column] - weights[row] * weights[column] / variance;
            let pull = pull * steep.row(row)[column];
            for axis in 0..axes {
                slopes[axis] += pull * squares[axis].row(row)[column] * scales[axis];
            }
        }
        trace += inverse.row(row)[row] - weights[row] * weights[row] / variance;
    }
    slopes[axes] = 0.5 * trace * part;

    let mut value = 0.5 * count as f64 * libm::log(variance) + 0.5 * factor.log_determinant();
    // Lengths of some half of the space, within a factor of e or so.
    let usual = 0.3 + 0.5 * libm::log(axes as f64);
    for axis in 0..axes {
        let off = shape[axis] - usual;
        value += 0.25 * off * off;
        slopes[axis] += 0.5 * off;
    }
    match noise {
        Noise::Any => {
            let off = shape[axes] + 9.0;
            value += off * off / 18.0;
            slopes[axes] += off / 9.0;
        }
        Noise::Part(_) => slopes[axes] = 0.0,
    }
    value
}

impl Process {
    /// A process of a shape that has seen `values` at `places`; none if numbers
    /// fail, as they do of places without a number.
    pub fn of(
        metric: Metric,
        places: Vec<Vec<f64>>,
        values: &[f64],
        shape: &[f64],
    ) -> Option<Self> {
        let axes = metric.is_choice.len();
        let scales: Vec<f64> = shape[..axes]
            .iter()
            .map(|length| libm::exp(-2.0 * length))
            .collect();
        let part = libm::exp(shape[axes]);
        let factor = (0..6).find_map(|attempt| {
            let kernel = Square::of(places.len(), |a, b| match a.cmp(&b) {
                std::cmp::Ordering::Less => 0.0,
                std::cmp::Ordering::Equal => {
                    1.0 + part + 1e-10 * libm::pow(100.0, f64::from(attempt))
                }
                std::cmp::Ordering::Greater => {
                    matern(distance(&metric, &scales, &places[a], &places[b])).0
                }
            });
            kernel.factor()
        })?;
        Some(Self::with(metric, places, values, (scales, part), &factor))
    }

    fn with(
        metric: Metric,
        places: Vec<Vec<f64>>,
        values: &[f64],
        (scales, part): (Vec<f64>, f64),
        factor: &Factor,
    ) -> Self {
        let inverse = factor.inverse();
        let weights: Vec<f64> = (0..values.len())
            .map(|row| dot(inverse.row(row), values))
            .collect();
        let variance = (dot(&weights, values) / values.len() as f64).max(1e-12);
        Self {
            metric,
            places,
            scales,
            variance,
            part,
            inverse,
            weights,
        }
    }

    /// The spread of the noise.
    pub fn noise(&self) -> f64 {
        (self.variance * self.part).sqrt()
    }

    /// The mean and the variance at a place.
    pub fn at(&self, place: &[f64]) -> (f64, f64) {
        let near: Vec<f64> = self
            .places
            .iter()
            .map(|other| matern(distance(&self.metric, &self.scales, place, other)).0)
            .collect();
        let known: f64 = (0..near.len())
            .map(|row| near[row] * dot(self.inverse.row(row), &near))
            .sum();
        (
            dot(&near, &self.weights),
            self.variance * (1.0 - known).max(1e-12),
        )
    }

    /// The mean and the variance at a place, and their slopes on axes of numbers.
    pub fn slopes(&self, place: &[f64]) -> (f64, f64, Vec<f64>, Vec<f64>) {
        let axes = place.len();
        let pairs: Vec<(f64, f64)> = self
            .places
            .iter()
            .map(|other| matern(distance(&self.metric, &self.scales, place, other)))
            .collect();
        let near: Vec<f64> = pairs.iter().map(|(near, _)| *near).collect();
        let pulls: Vec<f64> = (0..near.len())
            .map(|row| dot(self.inverse.row(row), &near))
            .collect();
        let (mut of_mean, mut of_variance) = (vec![0.0; axes], vec![0.0; axes]);
        for (index, (_, steep)) in pairs.iter().enumerate() {
            for axis in (0..axes).filter(|axis| !self.metric.is_choice[*axis]) {
                let slope = -steep * (place[axis] - self.places[index][axis]) * self.scales[axis];
                of_mean[axis] += slope * self.weights[index];
                of_variance[axis] -= 2.0 * self.variance * slope * pulls[index];
            }
        }
        let variance = self.variance * (1.0 - dot(&near, &pulls)).max(1e-12);
        (dot(&near, &self.weights), variance, of_mean, of_variance)
    }
}

fn distance(metric: &Metric, scales: &[f64], a: &[f64], b: &[f64]) -> f64 {
    let axes = a.iter().zip(b).zip(scales).enumerate();
    axes.map(|(axis, ((a, b), scale))| metric.square(axis, *a, *b) * scale)
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> (Metric, Vec<Vec<f64>>, Vec<f64>) {
        let metric = Metric {
            is_choice: vec![false, false, true],
        };
        let places: Vec<Vec<f64>> = (0..30_i32)
            .map(|index| {
                let index = f64::from(index);
                vec![(index * 0.37) % 1.0, (index * 0.71) % 1.0, index % 3.0]
            })
            .collect();
        let values = places
            .iter()
            .map(|at| libm::sin(6.0 * at[0]) + 0.2 * at[2])
            .collect();
        (metric, places, values)
    }

    #[test]
    fn slopes_are_those_of_differences() {
        let (metric, places, values) = sample();
        let squares = squares(&metric, &places);
        let shape = vec![-0.5, 0.3, 0.1, -6.0];
        let mut slopes = vec![0.0; 4];
        let value = |shape: &[f64], slopes: &mut [f64]| {
            unlikely(&squares, &values, Noise::Any, shape, slopes)
        };
        value(&shape, &mut slopes);
        for index in 0..4 {
            let mut near = [shape.clone(), shape.clone()];
            near[0][index] -= 1e-5;
            near[1][index] += 1e-5;
            let difference = value(&near[1], &mut [0.0; 4]) - value(&near[0], &mut [0.0; 4]);
            let slope = difference / 2e-5;
            assert!(
                (slope - slopes[index]).abs() < 1e-4 * (1.0 + slope.abs()),
                "{index}"
            );
        }

        let process = Process::of(metric, places, &values, &shape).unwrap();
        let at = [0.31, 0.42, 1.0];
        let (mean, variance, of_mean, of_variance) = process.slopes(&at);
        assert_eq!(process.at(&at).0, mean);
        for axis in 0..2 {
            let (mut low, mut high) = (at, at);
            low[axis] -= 1e-6;
            high[axis] += 1e-6;
            let ((low_mean, low_variance), (high_mean, high_variance)) =
                (process.at(&low), process.at(&high));
            assert!(((high_mean - low_mean) / 2e-6 - of_mean[axis]).abs() < 1e-4);
            assert!(((high_variance - low_variance) / 2e-6 - of_variance[axis]).abs() < 1e-4);
        }
        assert!(variance > 0.0);
    }

    #[test]
    fn values_are_learnt_and_useless_axes_are_told() {
        let (metric, places, values) = sample();
        let shape = likeliest(&metric, &places, &values, Noise::Any);
        assert!(shape[0] < shape[1], "{shape:?}");
        let process = Process::of(metric, places.clone(), &values, &shape).unwrap();
        for (place, value) in places.iter().zip(&values) {
            assert!((process.at(place).0 - value).abs() < 0.02);
        }
        let (mean, _) = process.at(&[0.5, 0.5, 2.0]);
        assert!((mean - (libm::sin(3.0) + 0.4)).abs() < 0.1, "{mean}");
    }
}
