//! Earlier trials, from which a search learns.

use super::Error;
use super::course::Course;
use super::objective::Objective;
use super::process::Process;
use crate::base::yaml::{Map, Value};
use crate::runs::{Run, Status, Store};
use crate::search::{Observation, Outcome};
use crate::select::{self, Facts, Viewer};

/// Which runs count as earlier trials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Previous {
    /// Those of the batch itself.
    Batch,
    /// Those with the same source code.
    SourceCode,
    /// Those of the same operation.
    Operation,
}

impl Previous {
    /// What the flag `prev-trials` says.
    ///
    /// # Errors
    /// It says something else.
    pub(super) fn parse(value: Option<&Value>) -> Result<Self, Error> {
        match value.and_then(Value::as_str) {
            None | Some("batch" | "") => Ok(Self::Batch),
            Some("sourcecode") => Ok(Self::SourceCode),
            Some("operation") => Ok(Self::Operation),
            Some(other) => Err(Error::PreviousTrials(other.to_string())),
        }
    }
}

/// What is known of earlier trials.
#[derive(Debug, Default)]
pub(super) struct Observed {
    /// How many ended well.
    pub(super) completed: usize,
    /// All of them, those of the batch that failed or still run too, in the order of
    /// their start.
    pub(super) observations: Vec<Observation>,
}

impl Observed {
    /// Whether there is one with a result.
    pub(super) fn has_results(&self) -> bool {
        let mut all = self.observations.iter();
        all.any(|one| matches!(one.result, Outcome::Objectives(_)))
    }

    /// What is known now.
    ///
    /// # Errors
    /// Runs cannot be listed; the proto has no digest of source code where that is
    /// asked for.
    pub(super) fn read(
        batch: &Process<'_>,
        previous: Previous,
        objective: &Objective,
        course: &Course<'_>,
    ) -> Result<Self, Error> {
        let mut observed = Self::default();
        let viewer = Viewer::new(batch.home);
        let own = batch.run.trials()?;
        for run in runs(batch, previous, &own, course)? {
            let facts = Facts::new(&run, &viewer);
            let status = facts.status();
            let is_completed = status == Status::Completed;
            let result = match is_completed {
                true => objective.of(&facts),
                false => None,
            };
            if is_completed {
                observed.completed += 1;
            }
            let is_own = own.contains(&run);
            if result.is_none() && !is_own {
                continue;
            }
            observed.observations.push(Observation {
                values: facts.flags().cloned().unwrap_or_else(Map::new),
                result: match result {
                    Some(value) => Outcome::Objectives(vec![value]),
                    None if has_ended(status) => Outcome::Failed,
                    None => Outcome::Running,
                },
            });
        }
        Ok(observed)
    }
}

fn has_ended(status: Status) -> bool {
    matches!(
        status,
        Status::Completed | Status::Error | Status::Terminated
    )
}

/// The runs that count, in the order of their start: all that are completed, and of
/// the batch's `own` trials those that ended some other way, or run.
fn runs(
    batch: &Process<'_>,
    previous: Previous,
    own: &[Run],
    course: &Course<'_>,
) -> Result<Vec<Run>, Error> {
    let own: Vec<&Run> = own
        .iter()
        .filter(|run| has_ended(run.status()) || course.is_running(run))
        .collect();
    let is_meant: Box<dyn Fn(&Run) -> bool + Sync> = match previous {
        Previous::Batch => return Ok(own.into_iter().cloned().collect()),
        Previous::SourceCode => {
            let digest = batch.proto.text_attr("sourcecode_digest")?;
            let no_digest = || Error::NoDigest(batch.proto.dir().display().to_string());
            let digest = digest.ok_or_else(no_digest)?;
            Box::new(
                move |run| matches!(run.text_attr("sourcecode_digest"), Ok(Some(own)) if own == digest),
            )
        }
        Previous::Operation => {
            let name = select::operation_name(&batch.proto);
            Box::new(move |run| select::operation_name(run) == name)
        }
    };
    let counts =
        |run: &Run| run.status() == Status::Completed && is_meant(run) || own.contains(&run);
    let mut runs = Store::new(batch.home.runs_dir()).list_where(counts)?;
    runs.reverse();
    Ok(runs)
}
