//! The nearest minimum of a smooth function in a box: L-BFGS (Nocedal 1980) on the
//! coordinates that are not held by a bound.

use super::linear::dot;

/// How many steps the curvature is taken from.
const MEMORY: usize = 8;

/// A function, with its gradient written to the second argument.
pub(super) trait Smooth: FnMut(&[f64], &mut [f64]) -> f64 {}
impl<F: FnMut(&[f64], &mut [f64]) -> f64> Smooth for F {}

/// Goes down from `start`, within `low` and `high`, in at most `steps` steps.
/// Returns the place and the value there.
pub(super) fn descend(
    mut function: impl Smooth,
    start: Vec<f64>,
    bounds: (f64, f64),
    steps: usize,
) -> (Vec<f64>, f64) {
    let mut at = start;
    at.iter_mut()
        .for_each(|x| *x = x.max(bounds.0).min(bounds.1));
    let mut gradient = vec![0.0; at.len()];
    let mut value = function(&at, &mut gradient);
    let mut memory: Vec<(Vec<f64>, Vec<f64>)> = Vec::new();
    for _ in 0..steps {
        let is_held = |index: usize| {
            (at[index] <= bounds.0 && gradient[index] > 0.0)
                || (at[index] >= bounds.1 && gradient[index] < 0.0)
        };
        let held: Vec<bool> = (0..at.len()).map(is_held).collect();
        let mut way = direction(&gradient, &held, &memory);
        if dot(&way, &gradient) >= 0.0 {
            memory.clear();
            way = direction(&gradient, &held, &memory);
        }
        let Some((next, next_value, next_gradient)) =
            step(&mut function, &at, value, &gradient, &way, bounds)
        else {
            break;
        };
        let moved = difference(&next, &at);
        let turned = difference(&next_gradient, &gradient);
        let gain = value - next_value;
        (at, value, gradient) = (next, next_value, next_gradient);
        if dot(&moved, &turned) > 1e-12 * dot(&turned, &turned).sqrt() * dot(&moved, &moved).sqrt()
        {
            if memory.len() == MEMORY {
                memory.remove(0);
            }
            memory.push((moved, turned));
        }
        if gain < 1e-10 * (1.0 + value.abs()) {
            break;
        }
    }
    (at, value)
}

fn difference(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}

/// The way down: the gradient against what is known of the curvature.
fn direction(gradient: &[f64], held: &[bool], memory: &[(Vec<f64>, Vec<f64>)]) -> Vec<f64> {
    let free = |(x, held): (&f64, &bool)| if *held { 0.0 } else { -x };
    let mut way: Vec<f64> = gradient.iter().zip(held).map(free).collect();
    let mut parts = Vec::new();
    for (moved, turned) in memory.iter().rev() {
        let part = dot(moved, &way) / dot(moved, turned);
        way.iter_mut()
            .zip(turned)
            .for_each(|(x, by)| *x -= part * by);
        parts.push(part);
    }
    match memory.last() {
        Some((moved, turned)) => {
            let scale = dot(moved, turned) / dot(turned, turned);
            way.iter_mut().for_each(|x| *x *= scale);
        }
        // The first step goes a tenth of the box at the most.
        None => {
            let length = dot(&way, &way).sqrt();
            way.iter_mut().for_each(|x| *x *= (0.1 / length).min(1.0));
        }
    }
    for ((moved, turned), part) in memory.iter().zip(parts.into_iter().rev()) {
        let back = dot(turned, &way) / dot(moved, turned);
        way.iter_mut()
            .zip(moved)
            .for_each(|(x, by)| *x += (part - back) * by);
    }
    way.iter_mut()
        .zip(held)
        .for_each(|(x, held)| *x = if *held { 0.0 } else { *x });
    way
}

type Reached = (Vec<f64>, f64, Vec<f64>);

/// The first of shorter and shorter steps that goes down enough.
fn step(
    function: &mut impl Smooth,
    at: &[f64],
    value: f64,
    gradient: &[f64],
    way: &[f64],
    bounds: (f64, f64),
) -> Option<Reached> {
    let mut length = 1.0;
    for _ in 0..20 {
        let next: Vec<f64> = at
            .iter()
            .zip(way)
            .map(|(x, by)| (x + length * by).max(bounds.0).min(bounds.1))
            .collect();
        let expected = dot(&difference(&next, at), gradient);
        let mut next_gradient = vec![0.0; at.len()];
        let next_value = function(&next, &mut next_gradient);
        let is_finite = next_value.is_finite() && next_gradient.iter().all(|x| x.is_finite());
        if is_finite && expected < 0.0 && next_value <= value + 1e-4 * expected {
            return Some((next, next_value, next_gradient));
        }
        length *= 0.4;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn valley(x: &[f64], gradient: &mut [f64]) -> f64 {
        let bend = x[1] - x[0] * x[0];
        gradient[0] = -400.0 * x[0] * bend - 2.0 * (1.0 - x[0]);
        gradient[1] = 200.0 * bend;
        100.0 * bend * bend + (1.0 - x[0]) * (1.0 - x[0])
    }

    #[test]
    fn it_goes_down_to_the_minimum() {
        let (at, value) = descend(valley, vec![-1.2, 1.0], (-2.0, 2.0), 200);
        assert!(value < 1e-12, "{at:?} {value}");
    }

    #[test]
    fn it_stays_in_the_box() {
        let (at, _) = descend(valley, vec![-0.2, 0.1], (-0.5, 0.5), 200);
        assert!(
            (at[0] - 0.5).abs() < 1e-9 && (at[1] - 0.25).abs() < 1e-6,
            "{at:?}"
        );
    }

    #[test]
    fn it_ends_where_there_is_no_way() {
        let (at, _) = descend(|_, _| f64::NAN, vec![0.5], (0.0, 1.0), 9);
        assert_eq!(at, [0.5]);
        let (at, _) = descend(|_, _| 1.0, vec![0.5], (0.0, 1.0), 9);
        assert_eq!(at, [0.5]);
    }
}
