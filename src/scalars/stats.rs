//! What is kept of the values of a scalar, and of all of a folder.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::summary::{Point, ScalarSummary};

/// A scalar over all its steps, without its name.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Stats {
    first: Point,
    last: Point,
    min: Point,
    max: Point,
    total: f64,
    count: u64,
}

impl Stats {
    fn new(point: Point) -> Self {
        Self {
            first: point,
            last: point,
            min: point,
            max: point,
            total: point.value,
            count: 1,
        }
    }

    fn add(&mut self, point: Point) {
        if point.step < self.first.step {
            self.first = point;
        }
        if point.step >= self.last.step {
            self.last = point;
        }
        if point.value < self.min.value {
            self.min = point;
        }
        if point.value > self.max.value {
            self.max = point;
        }
        self.total += point.value;
        self.count += 1;
    }

    /// The scalar with its name.
    pub(super) fn named(&self, prefix: &str, tag: &str) -> ScalarSummary {
        ScalarSummary {
            prefix: prefix.to_string(),
            tag: tag.to_string(),
            first: self.first,
            last: self.last,
            min: self.min,
            max: self.max,
            total: self.total,
            count: self.count,
        }
    }
}

/// The scalars of a folder while its files are read.
#[derive(Debug, Default)]
pub(super) struct ByTag {
    scalars: Vec<(String, Stats)>,
    places: HashMap<String, usize>,
    // Files have the same tags in the same order again and again.
    next: usize,
}

impl ByTag {
    /// Goes on from `scalars`.
    pub(super) fn resumed(scalars: impl IntoIterator<Item = (String, Stats)>) -> Self {
        let scalars: Vec<_> = scalars.into_iter().collect();
        let tags = scalars.iter().map(|(tag, _)| tag.clone());
        Self {
            places: tags.zip(0..).collect(),
            scalars,
            next: 0,
        }
    }

    /// Adds a value of the scalar `tag`.
    pub(super) fn add(&mut self, tag: &str, point: Point) {
        let place = match self.scalars.get(self.next) {
            Some((expected, _)) if expected == tag => self.next,
            _ => match self.places.get(tag) {
                Some(&place) => place,
                None => return self.insert(tag, point),
            },
        };
        self.scalars[place].1.add(point);
        self.next = place + 1;
        if self.next == self.scalars.len() {
            self.next = 0;
        }
    }

    fn insert(&mut self, tag: &str, point: Point) {
        self.places.insert(tag.to_string(), self.scalars.len());
        self.scalars.push((tag.to_string(), Stats::new(point)));
        self.next = 0;
    }

    /// The tags and what is kept of each, in the order they were first seen.
    pub(super) fn into_scalars(self) -> Vec<(String, Stats)> {
        self.scalars
    }
}
