//! Sets of example numbers, as a ledger writes them: `1-3 5 9-12`.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// A set of numbers from 1.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Numbers(BTreeSet<usize>);

/// A word that is neither a number nor a range of numbers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a number from 1 or a range such as `3-7`")]
pub struct NumbersError(String);

/// The highest number that can be written. A range of more would be a slip, and
/// costs memory.
const HIGHEST: usize = 1_000_000;

impl Numbers {
    /// Whether there is no number.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many numbers there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether a number is in the set.
    pub fn contains(&self, number: usize) -> bool {
        self.0.contains(&number)
    }

    /// Adds a number.
    pub fn insert(&mut self, number: usize) {
        self.0.insert(number);
    }

    /// The numbers in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = usize> {
        self.0.iter().copied()
    }

    /// The highest number.
    pub fn last(&self) -> Option<usize> {
        self.0.last().copied()
    }

    /// The numbers that are not in the other set.
    pub fn without(&self, other: &Numbers) -> Numbers {
        Numbers(self.0.difference(&other.0).copied().collect())
    }

    /// The numbers that are in both sets.
    pub fn and(&self, other: &Numbers) -> Numbers {
        Numbers(self.0.intersection(&other.0).copied().collect())
    }

    /// The numbers that are in one of the sets.
    pub fn or(&self, other: &Numbers) -> Numbers {
        Numbers(self.0.union(&other.0).copied().collect())
    }
}

impl FromIterator<usize> for Numbers {
    fn from_iter<I: IntoIterator<Item = usize>>(numbers: I) -> Self {
        Numbers(numbers.into_iter().collect())
    }
}

impl FromStr for Numbers {
    type Err = NumbersError;

    fn from_str(text: &str) -> Result<Self, NumbersError> {
        let mut numbers = BTreeSet::new();
        for word in text.split_whitespace() {
            let (first, last) = word.split_once('-').unwrap_or((word, word));
            let number = |text: &str| {
                let number = text.parse().ok().filter(|n| (1..=HIGHEST).contains(n));
                number.ok_or_else(|| NumbersError(word.to_owned()))
            };
            let (first, last): (usize, usize) = (number(first)?, number(last)?);
            if first > last {
                return Err(NumbersError(word.to_owned()));
            }
            numbers.extend(first..=last);
        }
        Ok(Numbers(numbers))
    }
}

impl fmt::Display for Numbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.iter().peekable();
        let mut gap = "";
        while let Some(first) = rest.next() {
            let mut last = first;
            while let Some(next) = rest.next_if(|next| *next == last + 1) {
                last = next;
            }
            match last - first {
                0 => write!(f, "{gap}{first}")?,
                1 => write!(f, "{gap}{first} {last}")?,
                _ => write!(f, "{gap}{first}-{last}")?,
            }
            gap = " ";
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn written_and_read() {
        let numbers: Numbers = "5 1-3 9 10".parse().unwrap();
        assert_eq!(numbers.to_string(), "1-3 5 9 10");
        assert_eq!(numbers.len(), 6);
        assert!("".parse::<Numbers>().unwrap().is_empty());
        for wrong in ["0", "x", "3-1", "1-", "-4", "1-99999999999"] {
            assert!(wrong.parse::<Numbers>().is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(numbers in prop::collection::btree_set(1..500usize, 0..60)) {
            let numbers = Numbers(numbers);
            prop_assert_eq!(numbers.to_string().parse::<Numbers>(), Ok(numbers));
        }
    }
}
