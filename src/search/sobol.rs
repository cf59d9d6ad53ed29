//! Points that fill a space evenly: a scrambled Sobol sequence. The same seed goes
//! on where it was, and each further point falls where there was room left.
//!
//! The sequence is that of the crate `sobol_burley`: Joe and Kuo's directions,
//! scrambled by hashing as Owen would, in integers, so that it is the same on every
//! machine. It is 65,536 points long; longer searches get another one behind it,
//! and axes after the 256th one of their own.

use super::units::{Point, Units};
use super::{Error, Observation, Sampler, Suggestion};

/// So many points in turn may break a constraint before the search gives up.
const TRIES: usize = 100_000;

/// The sampler `sobol`.
#[derive(Debug)]
pub(super) struct Sobol {
    units: Units,
    seed: u64,
    /// The index of the next point.
    next: usize,
    /// How many trials were suggested.
    suggested: usize,
}

impl Sobol {
    /// The sampler of a seed after `nth` trials.
    pub fn new(units: Units, seed: u64, nth: usize) -> Result<Self, Error> {
        let mut sampler = Self {
            units,
            seed,
            next: 0,
            suggested: 0,
        };
        if sampler.units.space().constraints.is_empty() {
            (sampler.next, sampler.suggested) = (nth, nth);
        }
        while sampler.suggested < nth {
            sampler.suggest(&[])?;
        }
        Ok(sampler)
    }
}

impl Sampler for Sobol {
    fn suggest(&mut self, _past: &[Observation]) -> Result<Suggestion, Error> {
        for _ in 0..TRIES {
            let mut values = self.units.values(&point(&self.units, self.seed, self.next));
            self.next += 1;
            if !self.units.allows(&values) {
                continue;
            }
            self.suggested += 1;
            let mut why = format!(
                "point {} of a Sobol sequence (seed {})",
                self.next, self.seed
            );
            if self.suggested == 1 && self.units.with_initial(&mut values) {
                why.push_str(", with the initial values that the flags name");
            }
            return Ok(Suggestion { values, why });
        }
        Err(Error::Constraints(self.units.constraints()))
    }
}

/// A point of the sequence of a seed.
pub(super) fn point(units: &Units, seed: u64, index: usize) -> Point {
    const LENGTH: usize = 1 << 16;
    const AXES: usize = sobol_burley::NUM_DIMENSIONS as usize;
    let coordinate = |axis: usize| {
        let key = [
            seed as u32,
            (seed >> 32) as u32,
            (index / LENGTH) as u32,
            (axis / AXES) as u32,
        ];
        // Mixed well enough to tell sequences apart; scrambling does the rest.
        let seed = key.iter().fold(0x811c_9dc5_u32, |mixed, word| {
            (mixed ^ word).wrapping_mul(0x0100_0193).rotate_left(13)
        });
        let at = sobol_burley::sample((index % LENGTH) as u32, (axis % AXES) as u32, seed);
        // In the middle of the step that a float of 32 bits makes.
        let at = f64::from(at) + 0.5 / f64::from(1 << 24);
        units
            .choices(axis)
            .map_or(at, |count| (at * count as f64).floor())
    };
    (0..units.len()).map(coordinate).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::units;
    use super::*;

    #[test]
    fn points_are_spread_evenly() {
        let units = units(&[("a", "[0.0:1]"), ("b", "[0.0:1]"), ("c", "[x,y,z,w]")]);
        let mut cells = std::collections::HashSet::new();
        let mut choices = [0; 4];
        for index in 0..64 {
            let point = point(&units, 3, index);
            cells.insert(((point[0] * 8.0) as u32, (point[1] * 8.0) as u32));
            choices[point[2] as usize] += 1;
        }
        assert_eq!(cells.len(), 64);
        assert_eq!(choices, [16; 4]);
        assert_ne!(point(&units, 3, 0), point(&units, 4, 0));
        assert_ne!(point(&units, 3, 0), point(&units, 3, 1 << 16));
    }
}
