//! What a place is worth trying, from the mean and the spread that a model has of
//! the loss there: less is better, in logarithms where small differences count.

use super::normal;

/// A way to say what a place is worth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Acquisition {
    /// Expected improvement over the best loss less a margin.
    Improvement,
    /// The probability of that improvement.
    Probability,
    /// The mean less some spreads.
    Bound,
}

/// The settings of acquisitions.
#[derive(Debug, Clone, Copy)]
pub(super) struct Margins {
    /// How many spreads the lower bound is below the mean.
    pub kappa: f64,
    /// The improvement that is sought.
    pub xi: f64,
}

impl Acquisition {
    /// The worth of a place with this mean and spread, the less the better.
    pub fn worth(self, mean: f64, spread: f64, best: f64, margins: Margins) -> f64 {
        let spread = spread.max(1e-12);
        let z = (best - margins.xi - mean) / spread;
        match self {
            Self::Bound => mean - margins.kappa * spread,
            Self::Improvement => -libm::log(spread) - log_gain(z),
            Self::Probability => -log_below(z),
        }
    }

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Improvement => "expected improvement",
            Self::Probability => "probability of improvement",
            Self::Bound => "lower confidence bound",
        }
    }
}

/// The logarithm of φ(z) + zΦ(z).
fn log_gain(z: f64) -> f64 {
    if z > -5.0 {
        return libm::log(normal::density(z) + z * normal::below(z));
    }
    // Mills' ratio, far out: 1/z² of the density and a correction.
    let square = z * z;
    let rest = 1.0 - 3.0 / square * (1.0 - 5.0 / square * (1.0 - 7.0 / square));
    -0.5 * square - normal::HALF_LOG_TAU - libm::log(square) + libm::log(rest.max(0.5))
}

/// The logarithm of Φ(z).
fn log_below(z: f64) -> f64 {
    if z > -8.0 {
        return libm::log(normal::below(z));
    }
    let square = z * z;
    let rest = 1.0 - 1.0 / square * (1.0 - 3.0 / square);
    -0.5 * square - normal::HALF_LOG_TAU - libm::log(-z) + libm::log(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_go_on_smoothly_far_out() {
        for at in [-5.0, -8.0] {
            for log in [log_gain, log_below] {
                let (before, after) = (log(at - 1e-9), log(at + 1e-9));
                assert!((before - after).abs() < 2e-3, "{at} {before} {after}");
            }
        }
        assert!(log_gain(-40.0) < log_gain(-39.0));
        assert!((log_gain(0.0) - libm::log(0.398_942_280_401_432_7)).abs() < 1e-12);
    }

    #[test]
    fn better_places_are_worth_less() {
        let margins = Margins {
            kappa: 1.96,
            xi: 0.0,
        };
        for acquisition in [Acquisition::Improvement, Acquisition::Bound] {
            let worth = |mean, spread| acquisition.worth(mean, spread, 0.0, margins);
            assert!(worth(0.0, 1.0) < worth(1.0, 1.0));
            assert!(worth(1.0, 2.0) < worth(1.0, 1.0));
        }
    }
}
