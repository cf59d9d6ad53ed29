//! The normal distribution: its density, its distribution function and that
//! function's inverse, the same on every machine.

use std::f64::consts::{FRAC_1_SQRT_2, PI};

/// Half the logarithm of 2π.
pub(super) const HALF_LOG_TAU: f64 = 0.918_938_533_204_672_8;

/// The density at `x`.
pub(super) fn density(x: f64) -> f64 {
    libm::exp(-0.5 * x * x - HALF_LOG_TAU)
}

/// The probability of less than `x`.
pub(super) fn below(x: f64) -> f64 {
    0.5 * libm::erfc(-x * FRAC_1_SQRT_2)
}

/// The probability of a value between two, accurate far out on both sides.
pub(super) fn between(low: f64, high: f64) -> f64 {
    match low > 0.0 {
        true => below(-low) - below(-high),
        false => below(high) - below(low),
    }
}

/// The `x` with that probability of less: the inverse of [`below`]. Beyond ±38 for
/// probabilities of 0 and 1.
pub(super) fn quantile(probability: f64) -> f64 {
    let tail = probability.min(1.0 - probability);
    if tail.is_nan() {
        return 0.0;
    }
    if tail <= f64::MIN_POSITIVE {
        return if probability < 0.5 { -38.0 } else { 38.0 };
    }
    // A first guess that is good to four digits (Abramowitz and Stegun, 26.2.23),
    // made exact by Halley's method.
    let t = (-2.0 * libm::log(tail)).sqrt();
    let above = 2.515_517 + t * (0.802_853 + t * 0.010_328);
    let under = 1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308));
    let mut x = above / under - t;
    for _ in 0..3 {
        let miss = (below(x) - tail) * (2.0 * PI).sqrt() * libm::exp(0.5 * x * x);
        x -= miss / (1.0 + 0.5 * x * miss);
    }
    if probability < 0.5 { x } else { -x }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_the_inverse() {
        for probability in [1e-300, 1e-20, 1e-6, 0.025, 0.3, 0.5, 0.9, 0.999] {
            let back = below(quantile(probability));
            assert!(
                (back / probability - 1.0).abs() < 1e-10,
                "{probability} {back}"
            );
        }
        assert!((quantile(0.975) - 1.959_963_984_540_054).abs() < 1e-12);
        assert_eq!(quantile(0.0), -38.0);
        assert_eq!(quantile(1.0), 38.0);
        assert_eq!(quantile(f64::NAN), 0.0);
    }

    #[test]
    fn parts_of_tails_are_accurate() {
        assert!((between(10.0, 11.0) / 7.617_9e-24 - 1.0).abs() < 1e-3);
        assert!((between(-1.0, 1.0) - 0.682_689_492_137_085_9).abs() < 1e-14);
    }
}
