//! Powers of ten that are rounded correctly but for cases that hardly occur. The
//! system's libraries differ from each other in the last bit, and values of trials
//! are to be the same everywhere; most are those of numpy, too.
//!
//! A number is held as the sum of two floats, the second far smaller than the
//! first, so that it has twice the digits.

use std::f64::consts::{LN_2, LN_10, LOG2_10};

/// What the floats nearest to the logarithms leave of them.
const LN_2_REST: f64 = 2.319_046_813_846_299_6e-17;
const LN_10_REST: f64 = -2.170_756_223_382_249_4e-16;

#[derive(Clone, Copy)]
struct Double(f64, f64);

impl Double {
    fn product(a: f64, b: f64) -> Self {
        let high = a * b;
        Self(high, a.mul_add(b, -high))
    }

    fn sum(a: f64, b: f64) -> Self {
        let high = a + b;
        let of_b = high - a;
        Self(high, (a - (high - of_b)) + (b - of_b))
    }

    fn plus(self, other: Self) -> Self {
        let Self(high, low) = Self::sum(self.0, other.0);
        Self::sum(high, low + self.1 + other.1)
    }

    fn times(self, other: Self) -> Self {
        let Self(high, low) = Self::product(self.0, other.0);
        Self::sum(high, low + (self.0 * other.1 + self.1 * other.0))
    }

    fn over(self, divisor: f64) -> Self {
        let high = self.0 / divisor;
        let Self(taken, rest) = Self::product(high, divisor);
        Self::sum(high, ((self.0 - taken) - rest + self.1) / divisor)
    }
}

/// Ten to the power of `exponent`.
pub(super) fn ten_to(exponent: f64) -> f64 {
    // Beyond, it is infinite or zero, and NaN stays NaN.
    if exponent.is_nan() || exponent.abs() >= 330.0 {
        return libm::pow(10.0, exponent);
    }
    let twos = (exponent * LOG2_10).round();
    let whole = Double::product(exponent, LN_10).plus(Double(exponent * LN_10_REST, 0.0));
    let halvings = Double::product(-twos, LN_2).plus(Double(-twos * LN_2_REST, 0.0));
    let rest = whole.plus(halvings);
    // The exponential series of what is at most half of ln 2: 24 terms are exact
    // to more than the digits that there are.
    let mut sum = Double(1.0, 0.0);
    for term in (1..=24).rev() {
        sum = rest.times(sum).over(f64::from(term)).plus(Double(1.0, 0.0));
    }
    libm::scalbn(sum.0 + sum.1, twos as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_of_ten_are_exact() {
        for exponent in -22..=22 {
            let exact: f64 = format!("1e{exponent}").parse().unwrap();
            assert_eq!(ten_to(f64::from(exponent)), exact);
        }
        assert_eq!(ten_to(f64::INFINITY), f64::INFINITY);
        assert_eq!(ten_to(f64::NEG_INFINITY), 0.0);
        assert_eq!(ten_to(-400.0), 0.0);
        assert!(ten_to(f64::NAN).is_nan());
    }

    #[test]
    fn the_root_of_ten_is_exact() {
        assert_eq!(ten_to(0.5), 10f64.sqrt());
        assert_eq!(ten_to(-0.25), 0.562_341_325_190_349_1);
    }
}
