//! What samplers share that learn from past trials: trials to begin with, the
//! initial values of the first one, and no trial twice while there are others.

use super::history::History;
use super::stream::Stream;
use super::units::{Point, Units};
use super::{Error, Observation, Sampler, Suggestion, sobol};

/// So many points in turn may break a constraint before the search gives up.
const TRIES: usize = 10_000;

/// What is learnt from past trials.
pub(super) trait Model {
    /// Its name, which its random numbers depend on.
    fn name(&self) -> &'static str;

    /// Points to try, the best one first, and why that. There is a result at
    /// least, unless the model asks for no trials to begin with.
    fn propose(&mut self, units: &Units, history: &History, random: &mut Stream) -> Proposal;
}

/// What a model would try.
pub(super) struct Proposal {
    /// The best one first.
    pub points: Vec<Point>,
    /// Why that, in one sentence.
    pub why: String,
}

/// A sampler that has a model.
pub(super) struct Guided<M> {
    units: Units,
    model: M,
    seed: u64,
    /// How many trials are suggested before the model is asked.
    starts: usize,
    suggested: usize,
}

impl<M: Model> Guided<M> {
    /// The sampler of a seed after `nth` trials, whose first `starts` trials are
    /// spread over the space.
    pub fn new(units: Units, model: M, seed: u64, starts: usize, nth: usize) -> Self {
        Self {
            units,
            model,
            seed,
            starts,
            suggested: nth,
        }
    }

    fn start(&self, random: &mut Stream) -> Result<Suggestion, Error> {
        let index = self.suggested;
        let mut point = sobol::point(&self.units, self.seed, index);
        for _ in 0..TRIES {
            let mut values = self.units.values(&point);
            if self.units.allows(&values) {
                let mut why = match index < self.starts {
                    true => format!("random start {} of {}", index + 1, self.starts),
                    false => "random start, as no trial has a result yet".to_owned(),
                };
                if index == 0 && self.units.with_initial(&mut values) {
                    why.push_str(", with the initial values that the flags name");
                }
                return Ok(Suggestion { values, why });
            }
            point = self.units.random_point(random);
        }
        Err(Error::Constraints(self.units.constraints()))
    }

    /// The first of the points that constraints allow and no trial had, or else
    /// one that constraints allow.
    fn choose(
        &self,
        proposal: Proposal,
        past: &[Observation],
        random: &mut Stream,
    ) -> Result<Suggestion, Error> {
        let is_new = |values: &_| {
            let mut trials = past.iter();
            !trials.any(|trial| self.units.is_same(&trial.values, values))
        };
        let mut fallback = None;
        for (rank, point) in proposal.points.iter().enumerate() {
            let values = self.units.values(point);
            if !self.units.allows(&values) {
                continue;
            }
            if is_new(&values) {
                let why = match rank {
                    0 => proposal.why,
                    _ => format!(
                        "{}; the next best, as that was tried or not allowed",
                        proposal.why
                    ),
                };
                return Ok(Suggestion { values, why });
            }
            fallback.get_or_insert(values);
        }
        // A small space: whatever is new, if there is anything.
        let tries = self.units.combinations().min(TRIES as f64) as usize;
        for _ in 0..tries.max(TRIES / 100) {
            let values = self.units.values(&self.units.random_point(random));
            if self.units.allows(&values) {
                if is_new(&values) {
                    let why =
                        "at random, as what looks best was tried or is not allowed".to_owned();
                    return Ok(Suggestion { values, why });
                }
                fallback.get_or_insert(values);
            }
        }
        let why = "tried again, as nothing new was found".to_owned();
        match fallback {
            Some(values) => Ok(Suggestion { values, why }),
            None => Err(Error::Constraints(self.units.constraints())),
        }
    }
}

impl<M: Model> Sampler for Guided<M> {
    fn suggest(&mut self, past: &[Observation]) -> Result<Suggestion, Error> {
        let mut random = Stream::of(self.model.name(), self.seed, self.suggested);
        let history = History::of(&self.units, past);
        let needs_start = self.suggested < self.starts
            || (self.starts > 0 && history.results() == 0)
            || (self.suggested == 0 && self.units.space().initial_values().next().is_some());
        let suggestion = if needs_start {
            self.start(&mut random)?
        } else {
            let proposal = self.model.propose(&self.units, &history, &mut random);
            self.choose(proposal, past, &mut random)?
        };
        self.suggested += 1;
        Ok(suggestion)
    }
}
