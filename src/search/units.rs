//! A space as numbers that samplers work with: each dimension is an axis, a number
//! from 0 to 1 or the index of a choice. Logarithmic bounds are even on their axis,
//! and each integer has an equal part of it.

use crate::base::yaml::{Map, Value};

use super::stream::Stream;
use super::{Domain, Error, Space};

/// A space with what is needed to go from values to axes and back.
#[derive(Debug, Clone)]
pub(super) struct Units {
    space: Space,
    /// The dimensions, each after those that its condition asks for.
    order: Vec<usize>,
    /// The index of each value, for choices.
    indexes: Vec<Map>,
}

/// A place in a space: a coordinate for each dimension.
pub(super) type Point = Vec<f64>;

impl Units {
    /// The axes of a space.
    pub fn of(space: &Space) -> Result<Self, Error> {
        let index = |domain: &Domain| match domain {
            Domain::Choice(values) => {
                let mut index = Map::new();
                // Of equal values the first counts.
                for (at, value) in values.iter().enumerate().rev() {
                    index.insert(value.clone(), at as i64);
                }
                index
            }
            _ => Map::new(),
        };
        let dimensions = space.dimensions.iter();
        Ok(Self {
            indexes: dimensions
                .map(|dimension| index(&dimension.domain))
                .collect(),
            order: space.order()?,
            space: space.clone(),
        })
    }

    /// The space.
    pub fn space(&self) -> &Space {
        &self.space
    }

    /// The number of axes.
    pub fn len(&self) -> usize {
        self.space.dimensions.len()
    }

    /// The number of choices on an axis, none if it is one of numbers.
    pub fn choices(&self, axis: usize) -> Option<usize> {
        match &self.space.dimensions[axis].domain {
            Domain::Choice(values) => Some(values.len()),
            _ => None,
        }
    }

    /// The number of values that an axis has, none if it is one of floats.
    pub fn levels(&self, axis: usize) -> Option<u64> {
        match &self.space.dimensions[axis].domain {
            Domain::Choice(values) => Some(values.len() as u64),
            Domain::Int { low, high, .. } => {
                Some((high.wrapping_sub(*low).max(0) as u64).saturating_add(1))
            }
            Domain::Real { .. } => None,
        }
    }

    /// The number of values that the space has, as a float; infinite with floats.
    pub fn combinations(&self) -> f64 {
        (0..self.len())
            .map(|axis| {
                self.levels(axis)
                    .map_or(f64::INFINITY, |count| count as f64)
            })
            .product()
    }

    /// The values at a point. Flags without a use there have what they have then.
    pub fn values(&self, point: &[f64]) -> Map {
        let dimensions = self.space.dimensions.iter().zip(point);
        let values = dimensions
            .map(|(dimension, at)| (dimension.flag.as_str(), dimension.domain.value_at(*at)));
        self.complete(values.collect())
    }

    /// Values with those that have no use replaced.
    pub fn complete(&self, mut values: Map) -> Map {
        if !self.space.has_conditions() {
            return values;
        }
        let mut known = self.space.fixed.clone();
        for index in &self.order {
            let dimension = &self.space.dimensions[*index];
            let condition = dimension.condition.as_ref();
            if condition.is_some_and(|condition| !condition.holds(&known)) {
                values.insert(dimension.flag.as_str(), dimension.otherwise.clone());
            }
            let value = values.get(&dimension.flag).cloned();
            known.insert(dimension.flag.as_str(), value);
        }
        values
    }

    /// Whether the constraints allow these values.
    pub fn allows(&self, values: &Map) -> bool {
        if self.space.constraints.is_empty() {
            return true;
        }
        let mut known = self.space.fixed.clone();
        known.extend(
            values
                .iter()
                .map(|(flag, value)| (flag.clone(), value.clone())),
        );
        let mut constraints = self.space.constraints.iter();
        constraints.all(|constraint| constraint.holds(&known))
    }

    /// Puts the initial values of flags into those of a first trial, and whether
    /// there are any.
    pub fn with_initial(&self, values: &mut Map) -> bool {
        let mut initial = self.space.initial_values().peekable();
        let is_any = initial.peek().is_some();
        values.extend(initial.map(|(flag, value)| (flag, value.clone())));
        if is_any {
            *values = self.complete(std::mem::take(values));
        }
        is_any
    }

    /// A point at random.
    pub fn random_point(&self, random: &mut Stream) -> Point {
        let coordinate = |axis| match self.choices(axis) {
            Some(count) => random.below(count) as f64,
            None => random.unit(),
        };
        (0..self.len()).map(coordinate).collect()
    }

    /// Places to compare by a model: all over the space, and as many near the best
    /// of some places, the less their value the better.
    pub fn candidates(
        &self,
        places: &[Point],
        values: &[f64],
        count: usize,
        random: &mut Stream,
    ) -> Vec<Point> {
        let mut order: Vec<usize> = (0..values.len()).collect();
        order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
        order.truncate(5);
        let candidate = |index: usize| {
            let mut point = match order.get(random.below(order.len())) {
                Some(best) if index.is_multiple_of(2) => self.near(&places[*best], random),
                _ => self.random_point(random),
            };
            for (axis, at) in point.iter_mut().enumerate() {
                *at = self.snap(axis, *at);
            }
            point
        };
        (0..count).map(candidate).collect()
    }

    /// A place near another, on one axis at least.
    fn near(&self, place: &[f64], random: &mut Stream) -> Point {
        let reach = libm::pow(10.0, -3.0 * random.unit()) * 0.3;
        let always = random.below(self.len());
        let coordinate = |(axis, at): (usize, &f64)| {
            if axis != always && random.unit() < 0.5 {
                return *at;
            }
            match self.choices(axis) {
                Some(count) => random.below(count) as f64,
                None => (at + reach * random.normal()).clamp(0.0, 1.0),
            }
        };
        place.iter().enumerate().map(coordinate).collect()
    }

    /// The coordinate on an axis that a value near this one has.
    pub fn snap(&self, axis: usize, at: f64) -> f64 {
        let domain = &self.space.dimensions[axis].domain;
        match domain {
            Domain::Int { .. } => domain
                .coordinate(&domain.value_at(at), &self.indexes[axis])
                .unwrap_or(at),
            Domain::Real { .. } => at.clamp(0.0, 1.0),
            Domain::Choice(_) => at,
        }
    }

    /// The part of an axis that has the same integer as a coordinate.
    pub fn cell(&self, axis: usize, at: f64) -> (f64, f64) {
        match &self.space.dimensions[axis].domain {
            domain @ Domain::Int { low, high, log } => {
                let number = domain.value_at(at).as_f64().unwrap_or(*low as f64);
                let (from, to) = int_bounds(*low, *high, *log);
                let scale = |bound: f64| match log {
                    true => (libm::log(bound) - from) / (to - from),
                    false => (bound - from) / (to - from),
                };
                (scale(number - 0.5), scale(number + 0.5))
            }
            _ => (at, at),
        }
    }

    /// Whether two trials have the same values for all that is searched.
    pub fn is_same(&self, a: &Map, b: &Map) -> bool {
        let mut dimensions = self.space.dimensions.iter();
        dimensions.all(
            |dimension| match (a.get(&dimension.flag), b.get(&dimension.flag)) {
                (Some(a), Some(b)) => a.python_eq(b),
                (a, b) => a.is_none() && b.is_none(),
            },
        )
    }

    /// The constraints as users wrote them.
    pub fn constraints(&self) -> String {
        let texts = self
            .space
            .constraints
            .iter()
            .map(|one| one.text().to_owned());
        texts.collect::<Vec<_>>().join("; ")
    }

    /// The place of values, with nothing for flags without a use there. None if
    /// the space has no such values.
    pub fn place(&self, values: &Map) -> Option<Vec<Option<f64>>> {
        let mut known = None;
        let mut place = Vec::with_capacity(self.len());
        for (dimension, index) in self.space.dimensions.iter().zip(&self.indexes) {
            let is_used = dimension.condition.as_ref().is_none_or(|condition| {
                let known = known.get_or_insert_with(|| {
                    let mut known = self.space.fixed.clone();
                    known.extend(
                        values
                            .iter()
                            .map(|(flag, value)| (flag.clone(), value.clone())),
                    );
                    known
                });
                condition.holds(known)
            });
            place.push(match is_used {
                true => Some(
                    dimension
                        .domain
                        .coordinate(values.get(&dimension.flag)?, index)?,
                ),
                false => None,
            });
        }
        Some(place)
    }
}

impl Domain {
    /// The value at a coordinate; the nearest for one that is beyond the axis.
    fn value_at(&self, at: f64) -> Value {
        let part = if at.is_nan() { 0.5 } else { at.clamp(0.0, 1.0) };
        match self {
            Self::Real {
                low,
                high,
                log: false,
            } => Value::Float(between(*low, *high, part).max(*low).min(*high)),
            Self::Real { low, high, .. } => {
                let exponent = between(libm::log(*low), libm::log(*high), part);
                Value::Float(libm::exp(exponent).max(*low).min(*high))
            }
            Self::Int { low, high, log } => {
                let (from, to) = int_bounds(*low, *high, *log);
                let number = match log {
                    true => libm::exp(between(from, to, part)),
                    false => between(from, to, part),
                };
                Value::Int((number.round_ties_even() as i64).max(*low).min(*high))
            }
            Self::Choice(values) => {
                let last = values.len().saturating_sub(1);
                let index = if at.is_nan() {
                    0
                } else {
                    (at as usize).min(last)
                };
                values.get(index).cloned().unwrap_or_default()
            }
        }
    }

    /// The coordinate of a value; none if it is no value of this domain.
    fn coordinate(&self, value: &Value, index: &Map) -> Option<f64> {
        if let Self::Choice(_) = self {
            return index.get_value(value)?.as_f64();
        }
        let number = value.as_f64().filter(|number| number.is_finite())?;
        let part = |number: f64, from: f64, to: f64| match to > from {
            true => (number / 2.0 - from / 2.0) / (to / 2.0 - from / 2.0),
            false => 0.5,
        };
        // Numbers are written and read again, and may lose a last digit.
        let slack = 1e-9;
        let coordinate = match self {
            Self::Real {
                low,
                high,
                log: false,
            } => part(number, *low, *high),
            Self::Real { low, high, .. } => {
                part(libm::log(number), libm::log(*low), libm::log(*high))
            }
            Self::Int { low, high, log } => {
                if number < *low as f64 || number > *high as f64 {
                    return None;
                }
                let (from, to) = int_bounds(*low, *high, *log);
                part(if *log { libm::log(number) } else { number }, from, to)
            }
            Self::Choice(_) => return None,
        };
        let is_inside = (-slack..=1.0 + slack).contains(&coordinate);
        is_inside.then_some(coordinate.clamp(0.0, 1.0))
    }
}

/// Half an integer beyond the bounds, so that each has an equal part.
fn int_bounds(low: i64, high: i64, log: bool) -> (f64, f64) {
    let (from, to) = (low as f64 - 0.5, high as f64 + 0.5);
    match log {
        true => (libm::log(from.max(0.5)), libm::log(to.max(0.5))),
        false => (from, to),
    }
}

/// The number at a part of the way, with bounds of any size.
fn between(from: f64, to: f64, part: f64) -> f64 {
    from * (1.0 - part) + to * part
}

#[cfg(test)]
mod tests {
    use super::super::tests::units;
    use super::*;

    #[test]
    fn values_have_a_place_and_places_values() {
        let units = units(&[
            ("a", "[0.0:10]"),
            ("b", "[1:4]"),
            ("c", "[x,y,z]"),
            ("d", "loguniform[1e-4:1]"),
        ]);
        let values = units.values(&[0.25, 0.6, 1.0, 0.5]);
        let expected = Map::from_iter([
            ("a", Value::from(2.5)),
            ("b", 3.into()),
            ("c", "y".into()),
            ("d", 0.01.into()),
        ]);
        assert_eq!(values.get("a"), expected.get("a"));
        assert_eq!(values.get("b"), expected.get("b"));
        assert_eq!(values.get("c"), expected.get("c"));
        let place = units.place(&expected).unwrap();
        let place: Vec<_> = place
            .into_iter()
            .map(|at| (at.unwrap() * 1e6).round())
            .collect();
        assert_eq!(place, [250_000.0, 625_000.0, 1e6, 500_000.0]);
        for (flag, value) in [
            ("a", Value::Float(10.1)),
            ("b", 5.into()),
            ("c", "w".into()),
            ("d", f64::NAN.into()),
        ] {
            let mut other = expected.clone();
            other.insert(flag, value);
            assert_eq!(units.place(&other), None, "{flag}");
        }
    }

    #[test]
    fn flags_without_a_use_have_no_place() {
        let units = units(&[
            ("opt", "[sgd,adam]"),
            ("m", "[0.0:1] if opt == sgd"),
            ("n", "[1:3] if m > 0.5 else 7"),
        ]);
        let values = units.values(&[0.9, 0.1, 0.0]);
        assert_eq!(values.get("n"), Some(&1.into()));
        assert_eq!(
            units.place(&values).unwrap(),
            [Some(0.9), Some(1.0 / 6.0), Some(0.0)]
        );
        let values = units.values(&[0.9, 0.1, 1.0]);
        assert_eq!(values.get("m"), Some(&Value::Null));
        assert_eq!(values.get("n"), Some(&7.into()));
        assert_eq!(units.place(&values).unwrap(), [None, None, Some(1.0)]);
    }
}
