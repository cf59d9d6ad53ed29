//! Random numbers of a trial: each trial of a search has its own, so that what it
//! draws does not depend on what was drawn before it.

use super::normal;
use super::python_random::NumpyRandom;

/// The random numbers of one trial.
#[derive(Debug)]
pub(super) struct Stream(NumpyRandom);

impl Stream {
    /// Those of the trial `nth` of a sampler.
    pub fn of(sampler: &str, seed: u64, nth: usize) -> Self {
        let mut key = vec![seed as u32, (seed >> 32) as u32, nth as u32];
        key.extend(sampler.bytes().map(u32::from));
        Self(NumpyRandom::keyed(&key))
    }

    /// A number from 0 up to and without 1.
    pub fn unit(&mut self) -> f64 {
        self.0.unit()
    }

    /// A number of the normal distribution with mean 0 and variance 1.
    pub fn normal(&mut self) -> f64 {
        // In the middle of its part of the axis, and so never 0.
        normal::quantile(self.0.unit() + f64::EPSILON / 4.0)
    }

    /// A number below `count`, each as likely; 0 if there is none.
    pub fn below(&mut self, count: usize) -> usize {
        self.0.integer(0, count as i64 - 1) as usize
    }

    /// An index, each as likely as its weight. Weights are not negative.
    pub fn weighted(&mut self, weights: &[f64]) -> usize {
        let mut left = self.unit() * weights.iter().sum::<f64>();
        for (index, weight) in weights.iter().enumerate() {
            left -= weight;
            if left < 0.0 {
                return index;
            }
        }
        weights.len().saturating_sub(1)
    }
}
