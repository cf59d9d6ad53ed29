//! The axes of a chart: round numbers at even distances.

/// How far apart marks may be, as multiples of a power of ten.
const ROUND: [f64; 4] = [1.0, 2.0, 5.0, 10.0];

/// One axis.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Axis {
    /// Where it starts and ends.
    pub(super) bounds: [f64; 2],
    /// Its marks from start to end, at even distances.
    pub(super) marks: Vec<String>,
}

impl Axis {
    /// An axis that holds `values`, with at most about `most` marks.
    pub(super) fn linear(values: impl Iterator<Item = f64>, most: usize) -> Self {
        let (low, high) = bounds(values);
        let distance = round_distance((high - low) / most.max(2) as f64);
        Self::of(low, high, distance, |value| {
            number(value, distance_decimals(distance))
        })
    }

    /// An axis that holds the numbers whose logarithms are `values`, with at most
    /// about `most` marks.
    pub(super) fn logarithmic(values: impl Iterator<Item = f64>, most: usize) -> Self {
        let (low, high) = bounds(values);
        let distance = round_distance((high - low) / most.max(2) as f64);
        // Whole powers of ten, unless that would be two marks with all between them.
        let distance = match high - low {
            span if span >= 1.0 => distance.max(1.0).ceil(),
            _ => distance,
        };
        Self::of(low, high, distance, |value| number(10f64.powf(value), 3))
    }

    fn of(low: f64, high: f64, distance: f64, name: impl Fn(f64) -> String) -> Self {
        let first = (low / distance).floor();
        let last = (high / distance).ceil().max(first + 1.0);
        let count = (last - first) as usize;
        let at = |index: usize| (first + index as f64) * distance;
        Self {
            bounds: [at(0), at(count)],
            marks: (0..=count).map(|index| name(at(index))).collect(),
        }
    }
}

/// The lowest and the highest of `values`, apart from each other.
fn bounds(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(value), high.max(value))
    });
    if low > high {
        return (0.0, 1.0);
    }
    // The middle of numbers whose distance is none or not to be expressed.
    let least = (low.abs().max(high.abs()) * 1e-9).max(f64::MIN_POSITIVE * 1e9);
    if high - low < least {
        let half = match low.abs() {
            size if size < 1e-300 => 0.5,
            size => size / 2.0,
        };
        return (low - half, high + half);
    }
    // Halves, as the difference of the largest numbers is infinite.
    if (high / 2.0 - low / 2.0) > f64::MAX / 4.0 {
        return (low / 4.0, high / 4.0);
    }
    (low, high)
}

/// The next round number from `distance` on.
fn round_distance(distance: f64) -> f64 {
    let power = 10f64.powf(distance.log10().floor());
    let factor = ROUND.iter().find(|factor| *factor * power >= distance);
    factor.copied().unwrap_or(10.0) * power
}

/// How many decimals tell marks apart.
fn distance_decimals(distance: f64) -> usize {
    // The logarithm of 0.1 may be a little off.
    let digits = (-distance.log10() - 1e-9).ceil();
    digits.clamp(0.0, 330.0) as usize
}

/// `value` with so many decimals, or with an exponent where it is very large or
/// very small.
pub(super) fn number(value: f64, decimals: usize) -> String {
    let size = value.abs();
    if value == 0.0 {
        return "0".to_string();
    }
    if !(1e-3..1e6).contains(&size) {
        let text = format!("{value:.2e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        return format!("{}e{exponent}", trimmed(digits));
    }
    let text = format!("{value:.*}", decimals.min(6));
    match decimals {
        0 => text,
        _ => trimmed(&text).to_string(),
    }
}

/// Decimals without the noughts at their end.
fn trimmed(text: &str) -> &str {
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.'),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn linear(values: &[f64]) -> Axis {
        Axis::linear(values.iter().copied(), 5)
    }

    #[test]
    fn marks_are_round_numbers_around_all_values() {
        let axis = linear(&[0.13, 0.92]);
        assert_eq!(axis.marks, ["0", "0.2", "0.4", "0.6", "0.8", "1"]);
        assert!((axis.bounds[0]).abs() < 1e-12 && (axis.bounds[1] - 1.0).abs() < 1e-12);
        assert_eq!(
            linear(&[0.0, 100.0]).marks,
            ["0", "20", "40", "60", "80", "100"]
        );
        assert_eq!(linear(&[-3.0, 4.0]).marks, ["-4", "-2", "0", "2", "4"]);
        assert_eq!(linear(&[2e9, 4e9]).marks[0], "2e9");
    }

    #[test]
    fn a_single_value_and_none_have_an_axis() {
        assert_eq!(linear(&[]).bounds, [0.0, 1.0]);
        let axis = linear(&[4.0]);
        assert!(axis.bounds[0] < 4.0 && axis.bounds[1] > 4.0, "{axis:?}");
        let axis = linear(&[0.0, 0.0]);
        assert!(axis.bounds[0] < 0.0 && axis.bounds[1] > 0.0, "{axis:?}");
    }

    #[test]
    fn a_logarithmic_axis_has_powers_of_ten() {
        let values = [0.002f64, 30.0].map(f64::log10);
        let axis = Axis::logarithmic(values.into_iter(), 5);
        assert_eq!(axis.marks, ["0.001", "0.01", "0.1", "1", "10", "100"]);
    }

    proptest! {
        #[test]
        fn every_finite_number_has_its_place(a in any::<f64>(), b in any::<f64>()) {
            prop_assume!(a.is_finite() && b.is_finite());
            let axis = linear(&[a, b]);
            prop_assert!(axis.bounds[0] < axis.bounds[1], "{axis:?}");
            prop_assert!((2..=20).contains(&axis.marks.len()), "{axis:?}");
        }
    }
}
