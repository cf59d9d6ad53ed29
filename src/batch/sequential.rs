//! Searches in which the values of a trial are chosen by what the ones before came
//! to: suggest, make the trial, run it, read its result, and so on.

use super::Error;
use super::course::Course;
use super::objective::Objective;
use super::observed::{Observed, Previous};
use super::process::{End, Process};
use super::scheduler::Scheduler;
use super::trial::Maker;
use crate::base::yaml::Value;
use crate::op::Log;
use crate::runs::Run;
use crate::search;

/// Runs the trials of `batch`, with values that the sampler `name` chooses.
pub(super) fn run(
    batch: &Process<'_>,
    name: &str,
    scheduler: &mut dyn Scheduler,
) -> Result<End, Error> {
    let settings = batch.settings()?;
    let objective = batch.run.text_attr("objective")?;
    let objective = Objective::parse(objective.as_deref().unwrap_or(Objective::DEFAULT))?;
    let previous = Previous::parse(settings.get("prev-trials"))?;
    let space = batch.wanted.space()?;
    let length = batch.search_length();
    let starts = settings.get("random-starts").and_then(Value::as_i64);
    let starts = starts.and_then(|starts| starts.try_into().ok());
    let starts: u64 = starts.unwrap_or(0).min(length);
    let before = match batch.continues {
        true => batch.run.trials()?,
        false => Vec::new(),
    };
    let mut nth = before.len();
    if let Some(end) = run_again(batch, before, scheduler)? {
        return Ok(end);
    }
    let mut sampler = search::sampler(name, &settings, &space, batch.seed, nth)?;
    let maker = Maker::new(batch.run, &batch.proto, batch.home)?;
    let left = length.saturating_sub(nth as u64);
    Course::new(batch, scheduler, left).run(&mut |course| {
        if nth as u64 >= length {
            return Ok(None);
        }
        let observed = Observed::read(batch, previous, &objective, course)?;
        let is_random = (nth as u64) < starts || !observed.has_results();
        let explained = match is_random {
            true => {
                let before = course.succeeded() + course.running() as u64;
                random_start((before, starts), &observed, &objective)
            }
            false => found(&observed),
        };
        (batch.log)(Log::Info(explained));
        let suggestion = match sampler.suggest(&observed.observations) {
            Err(search::Error::Exhausted(_)) => return Ok(None),
            suggestion => suggestion?,
        };
        let flags = batch.wanted.with_values(&suggestion.values);
        nth += 1;
        maker.make_one(&flags, &suggestion.why).map(Some)
    })
}

/// Runs what an earlier process of the batch has left to do.
fn run_again(
    batch: &Process<'_>,
    before: Vec<Run>,
    scheduler: &mut dyn Scheduler,
) -> Result<Option<End>, Error> {
    let mut left = Vec::new();
    for trial in before {
        if batch.is_to_do(&trial)? {
            left.push(trial);
        }
    }
    match batch.run_all(left, scheduler)? {
        End::Completed => Ok(None),
        end => Ok(Some(end)),
    }
}

/// What is said of a trial that goes by those before.
fn found(observed: &Observed) -> String {
    let count = observed.completed;
    format!("Found {count} previous trial(s) for use in optimization")
}

/// What is said of a trial with random values: which it is of those that are to have
/// them, or else why it has.
fn random_start(
    (before, starts): (u64, u64),
    observed: &Observed,
    objective: &Objective,
) -> String {
    let reason = if before < starts {
        format!("{} of {starts}", before + 1)
    } else if observed.completed == 0 {
        "missing previous trials".to_string()
    } else {
        format!("cannot find objective '{}'", objective.name())
    };
    format!("Random start for optimization ({reason})")
}
