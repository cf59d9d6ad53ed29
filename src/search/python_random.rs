//! The random numbers of Python and of numpy: the same as `random.Random(seed)`
//! and `numpy.random.RandomState(seed)` give, since batches of Guild AI are made
//! of them. Only what searches need.

use rand_mt::Mt;

/// CPython's `random.Random`, seeded with an integer.
#[derive(Debug, Clone)]
pub struct PythonRandom(Mt);

impl PythonRandom {
    /// The generator after `random.seed(seed)`.
    pub fn new(seed: u64) -> Self {
        Self(Mt::new_with_key(words(seed)))
    }

    /// `count` different numbers below `population` in the order that
    /// `random.sample(range(population), count)` has them; all of them in some
    /// order if `count` is more.
    pub fn sample(&mut self, population: u64, count: usize) -> Vec<u64> {
        let count = usize::try_from(population).map_or(count, |all| count.min(all));
        if population <= pool_limit(count) {
            self.sample_of_pool(population, count)
        } else {
            self.sample_of_many(population, count)
        }
    }

    fn sample_of_pool(&mut self, population: u64, count: usize) -> Vec<u64> {
        let mut pool: Vec<u64> = (0..population).collect();
        (0..count)
            .map(|_| {
                // A number below the length of the pool.
                let at = self.below(pool.len() as u64) as usize;
                pool.swap_remove(at)
            })
            .collect()
    }

    fn sample_of_many(&mut self, population: u64, count: usize) -> Vec<u64> {
        let mut taken = std::collections::HashSet::with_capacity(count);
        let mut sample = Vec::with_capacity(count);
        while sample.len() < count {
            let number = self.below(population);
            if taken.insert(number) {
                sample.push(number);
            }
        }
        sample
    }

    /// A number below `limit`, each as likely; 0 if there is none.
    fn below(&mut self, limit: u64) -> u64 {
        let bits = u64::BITS - limit.leading_zeros();
        loop {
            let number = self.bits(bits);
            if number < limit || limit == 0 {
                return number;
            }
        }
    }

    /// A number of that many bits, 64 at the most.
    fn bits(&mut self, count: u32) -> u64 {
        match count {
            0 => 0,
            1..=32 => u64::from(self.0.next_u32() >> (32 - count)),
            _ => {
                let low = u64::from(self.0.next_u32());
                low | u64::from(self.0.next_u32() >> (64 - count)) << 32
            }
        }
    }
}

/// Up to this many numbers CPython samples from a list of all, and else keeps a
/// set of those taken, whichever it reckons to be smaller.
fn pool_limit(count: usize) -> u64 {
    let mut limit = 21;
    if count > 5 {
        let wanted = 3 * count as u128;
        let mut power: u128 = 1;
        while power < wanted {
            power *= 4;
        }
        limit += power;
    }
    u64::try_from(limit).unwrap_or(u64::MAX)
}

/// A number in words of 32 bits, the lowest first, without leading zeros.
fn words(number: u64) -> impl Iterator<Item = u32> + Clone {
    let (low, high) = (number as u32, (number >> 32) as u32);
    std::iter::once(low).chain((high != 0).then_some(high))
}

/// numpy's `RandomState`, seeded with an integer.
#[derive(Debug, Clone)]
pub struct NumpyRandom(Mt);

impl NumpyRandom {
    /// The generator of `RandomState(seed)`. A seed that is more than numpy takes,
    /// 32 bits, makes a generator of its own.
    pub fn new(seed: u64) -> Self {
        match u32::try_from(seed) {
            Ok(seed) => Self(Mt::new(seed)),
            Err(_) => Self(Mt::new_with_key(words(seed))),
        }
    }

    /// A generator of its own for each key, as `RandomState` has for a list.
    pub fn keyed(key: &[u32]) -> Self {
        Self(Mt::new_with_key(key.iter().copied()))
    }

    /// A number from 0 up to and without 1: `uniform()`.
    pub fn unit(&mut self) -> f64 {
        let high = f64::from(self.0.next_u32() >> 5);
        let low = f64::from(self.0.next_u32() >> 6);
        (high * 67_108_864.0 + low) / 9_007_199_254_740_992.0
    }

    /// A number from `low` to `high`, both included: `randint(low, high + 1)`.
    /// `low` if `high` is less.
    pub fn integer(&mut self, low: i64, high: i64) -> i64 {
        if high <= low {
            return low;
        }
        // The difference of two numbers of 64 bits, taken without their sign.
        let range = high.wrapping_sub(low) as u64;
        low.wrapping_add(self.up_to(range) as i64)
    }

    /// A number up to and with `range`: the next that fits of those with as many
    /// bits.
    fn up_to(&mut self, range: u64) -> u64 {
        let mask = u64::MAX >> range.leading_zeros();
        loop {
            let number = match u32::try_from(range) {
                Ok(_) => u64::from(self.0.next_u32()),
                Err(_) => {
                    let high = u64::from(self.0.next_u32());
                    high << 32 | u64::from(self.0.next_u32())
                }
            };
            if number & mask <= range {
                return number & mask;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made with CPython 3.11.
    #[test]
    fn samples_are_those_of_python() {
        let samples: &[(u64, u64, usize, &[u64])] = &[
            (0, 10, 3, &[6, 9, 0]),
            (1, 10, 3, &[2, 1, 4]),
            (42, 25, 6, &[20, 3, 0, 8, 7, 24]),
            (42, 22, 6, &[20, 3, 0, 8, 7, 17]),
            (1, 1000, 5, &[137, 582, 867, 821, 782]),
            (3_322_175_644, 1000, 5, &[24, 972, 69, 39, 340]),
            (
                42,
                5_000_000_000,
                4,
                &[2_746_317_213, 4_402_387_665, 1_181_241_943, 958_682_846],
            ),
            (
                1 << 32,
                5_000_000_000,
                4,
                &[485_306_839, 71_624_475, 1_940_533_316, 593_069_562],
            ),
        ];
        for (seed, population, count, expected) in samples {
            let sample = PythonRandom::new(*seed).sample(*population, *count);
            assert_eq!(&sample, expected, "{seed} {population} {count}");
        }
        let sample = PythonRandom::new(0).sample(1000, 20);
        assert_eq!(sample[..8], [864, 394, 776, 911, 430, 41, 265, 988]);
        let sample = PythonRandom::new(42).sample(21, 21);
        assert_eq!(sample[..8], [20, 3, 0, 8, 7, 16, 2, 11]);
        assert_eq!(PythonRandom::new(1).sample(3, 9).len(), 3);
        assert_eq!(PythonRandom::new(1).sample(0, 9), [0; 0]);
    }

    /// Made with numpy 1.26.
    #[test]
    fn numbers_are_those_of_numpy() {
        let integers: &[(u64, i64, i64, [i64; 3])] = &[
            (0, 0, 2_147_483_646, [209_652_396, 398_764_591, 924_231_285]),
            (1, 1, 10, [6, 9, 10]),
            (42, -5, 5, [1, -2, 5]),
            (42, 5, 5, [5, 5, 5]),
            (
                1,
                0,
                4_294_967_295,
                [1_791_095_845, 4_282_876_139, 3_093_770_124],
            ),
            (
                0,
                -(1 << 62),
                (1 << 62) - 1,
                [
                    -3_711_235_831_533_098_449,
                    -642_142_871_786_238_784,
                    -2_716_036_421_228_801_285,
                ],
            ),
            (
                3_322_175_644,
                0,
                (1 << 33) + 4,
                [785_501_931, 3_069_730_739, 6_714_314_021],
            ),
        ];
        for (seed, low, high, expected) in integers {
            let mut random = NumpyRandom::new(*seed);
            let numbers = [(); 3].map(|()| random.integer(*low, *high));
            assert_eq!(numbers, *expected, "{seed} {low} {high}");
        }
        let mut random = NumpyRandom::new(42);
        assert_eq!(random.unit(), 0.3745401188473625);
        assert_eq!(random.unit(), 0.9507143064099162);
    }

    #[test]
    fn no_range_is_too_wide_or_empty() {
        let mut random = NumpyRandom::new(u64::MAX);
        for _ in 0..100 {
            random.integer(i64::MIN, i64::MAX);
            assert_eq!(random.integer(3, 2), 3);
        }
    }
}
