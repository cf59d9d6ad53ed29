//! Tree-structured Parzen estimators: the past trials are parted into the best and
//! the others, and of values drawn as the best have them those are taken that are
//! likeliest among the best and unlikeliest among the others (Bergstra et al.
//! 2011; the widths of hills and the weights of trials are those that Watanabe
//! 2023 describes as common).
//!
//! Both samplers look at all flags together. `mvtpe` draws each candidate around
//! one of the best trials; `tpe` draws some of them flag by flag, each around
//! another one, which helps where flags do not depend on each other. A trial
//! without a use of a flag says nothing about that flag.
//!
//! The crate `optimizer` has both, but bound to a study that it runs itself: its
//! trials cannot be told what Guild's store knows, a trial that is being tried has
//! no place in it, and what a restarted search would suggest depends on what its
//! process did before.

use super::Error;
use super::guided::{Model, Proposal};
use super::history::{History, Trial};
use super::parzen::Parzen;
use super::settings::Settings;
use super::stream::Stream;
use super::units::{Point, Units};

/// The samplers `tpe` and `mvtpe`.
#[derive(Debug)]
pub(super) struct Tpe {
    /// Whether all candidates are drawn around one trial each.
    joint: bool,
    candidates: usize,
}

/// Trials to begin with, if no setting says otherwise.
pub(super) const STARTS: usize = 10;

impl Tpe {
    /// The model. The setting `candidates` is how many values are drawn and
    /// compared for each suggestion.
    pub fn new(joint: bool, settings: Settings<'_>) -> Result<Self, Error> {
        Ok(Self {
            joint,
            candidates: settings.count("candidates", 48)?.clamp(1, 10_000),
        })
    }

    /// Candidates with their scores, the best one first.
    fn candidates(
        &self,
        units: &Units,
        parts: &Parts<'_>,
        random: &mut Stream,
    ) -> Vec<(f64, Point)> {
        let best = Parzen::of(units, &parts.best);
        let others = Parzen::of(units, &parts.others);
        let mut sums = Vec::new();
        let mut candidates: Vec<(f64, Point)> = (0..self.candidates)
            .map(|index| {
                let at = match !self.joint && index.is_multiple_of(3) {
                    true => best.draw_apart(units, random),
                    false => best.draw(units, random),
                };
                let score = best.log_density(units, &at, &mut sums)
                    - others.log_density(units, &at, &mut sums);
                (score, at)
            })
            .collect();
        candidates.sort_by(|a, b| b.0.total_cmp(&a.0));
        candidates
    }
}

impl Model for Tpe {
    fn name(&self) -> &'static str {
        match self.joint {
            true => "mvtpe",
            false => "tpe",
        }
    }

    fn propose(&mut self, units: &Units, history: &History, random: &mut Stream) -> Proposal {
        let parts = Parts::of(history);
        let candidates = self.candidates(units, &parts, random);
        let score = candidates[0].0;
        let why = format!(
            "of {} candidates the one that is likeliest among the best {} of {} trials \
             and unlikeliest among the others ({:.3} times as likely)",
            self.candidates,
            parts.best.len(),
            history.trials.len(),
            libm::exp(score.min(700.0))
        );
        let points = candidates.into_iter().map(|(_, point)| point).collect();
        Proposal { points, why }
    }
}

/// Past trials in two parts, each in the order they were begun.
struct Parts<'a> {
    best: Vec<&'a Trial>,
    others: Vec<&'a Trial>,
}

impl<'a> Parts<'a> {
    /// The best tenth of the trials with a result, 25 at the most. Failed trials
    /// are with the others, and so are those that go on: other values are tried
    /// meanwhile.
    fn of(history: &'a History) -> Self {
        let mut losses: Vec<(f64, usize)> = history
            .trials
            .iter()
            .enumerate()
            .filter_map(|(index, trial)| Some((trial.loss()?, index)))
            .collect();
        losses.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let count = losses.len().div_ceil(10).min(25);
        let mut is_best = vec![false; history.trials.len()];
        losses
            .iter()
            .take(count)
            .for_each(|(_, index)| is_best[*index] = true);
        let part = |wanted: bool| {
            let trials = history.trials.iter().zip(&is_best);
            trials
                .filter(|(_, is_best)| **is_best == wanted)
                .map(|(trial, _)| trial)
                .collect()
        };
        Self {
            best: part(true),
            others: part(false),
        }
    }
}
