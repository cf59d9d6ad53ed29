//! What TensorBoard is told once of all runs: the parameters that they have, of
//! which types, and the scalars that measure them.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::parallel;
use crate::compare::Operations;
use crate::home::Home;
use crate::query::Which;
use crate::runs::Run;
use crate::select::{Facts, Viewer};
use crate::tfevents::{Domain, Hparam, HparamValue};

use super::parameters;

/// The scalar that tells how long a run took, in seconds.
pub(super) const TIME: &str = "time";

/// The parameters and metrics of runs.
#[derive(Debug, Default)]
pub(super) struct Experiment {
    /// The values of each parameter, as users write them and as they are.
    parameters: BTreeMap<String, BTreeMap<String, HparamValue>>,
    metrics: BTreeSet<String>,
}

/// The type that all values of a parameter have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Number,
    Text,
    Bool,
}

impl Kind {
    fn of(value: &HparamValue) -> Self {
        match value {
            HparamValue::Number(_) => Self::Number,
            HparamValue::Text(_) => Self::Text,
            HparamValue::Bool(_) => Self::Bool,
        }
    }

    /// The type of all of `values`, if they have one.
    fn of_all(values: &BTreeMap<String, HparamValue>) -> Option<Self> {
        let mut kinds = values.values().map(Self::of);
        let first = kinds.next()?;
        kinds.all(|kind| kind == first).then_some(first)
    }
}

impl Experiment {
    /// Those of `runs`, of operations that the user of `home` has. What cannot be
    /// read is told to `warn` and left out.
    pub(super) fn of(runs: &[Run], home: &Home, warn: &mut dyn FnMut(String)) -> Self {
        let mut experiment = Self {
            metrics: BTreeSet::from([TIME.to_string()]),
            ..Self::default()
        };
        let (viewer, operations) = (Viewer::new(home), Operations::new(home));
        let read = |run| {
            let facts = Facts::new(run, &viewer);
            let tags = metrics(&facts, &operations);
            (parameters::of_run(run), tags, facts.into_problems())
        };
        for (parameters, tags, problems) in parallel::map(runs, read) {
            problems.into_iter().for_each(&mut *warn);
            experiment.metrics.extend(tags);
            let parameters = parameters.unwrap_or_else(|error| {
                warn(error.to_string());
                Vec::new()
            });
            for parameter in parameters {
                let values = experiment.parameters.entry(parameter.name).or_default();
                values.extend(parameter.value.map(|value| (parameter.text, value)));
            }
        }
        experiment
    }

    /// The parameters, by name.
    pub(super) fn hparams(&self) -> Vec<Hparam> {
        let all = self.parameters.iter();
        all.map(|(name, values)| Hparam {
            name: name.clone(),
            domain: domain(values),
        })
        .collect()
    }

    /// The tags of the scalars, by name.
    pub(super) fn metrics(&self) -> Vec<&str> {
        self.metrics.iter().map(String::as_str).collect()
    }

    /// What of `later` TensorBoard does not show after it was told this.
    pub(super) fn hidden(&self, later: &Self) -> Vec<String> {
        let mut hidden = Vec::new();
        let known = |name: &&String| self.parameters.contains_key(*name);
        let new: Vec<&str> = later
            .parameters
            .keys()
            .filter(|name| !known(name))
            .map(String::as_str)
            .collect();
        if !new.is_empty() {
            hidden.push(format!(
                "Runs found with new hyperparameters: {}. These hyperparameters will NOT appear in \
                 the HPARAMS plugin. Restart this command to view them.",
                new.join(", ")
            ));
        }
        let unfit = self.unfit(later);
        if !unfit.is_empty() {
            hidden.push(format!(
                "Runs found with hyperparameter values that cannot be displayed in the HPARAMS \
                 plugin: {}. Restart this command to view them.",
                unfit.join(", ")
            ));
        }
        let new: Vec<&str> = later
            .metrics
            .difference(&self.metrics)
            .map(String::as_str)
            .collect();
        if !new.is_empty() {
            hidden.push(format!(
                "Runs found with new metrics: {}. These runs will NOT appear in the HPARAMS \
                 plugin. Restart this command to view them.",
                new.join(", ")
            ));
        }
        hidden
    }

    /// The values of `later` that are outside the domains, as assignments.
    fn unfit(&self, later: &Self) -> Vec<String> {
        let mut unfit = Vec::new();
        for (name, values) in &later.parameters {
            let Some(known) = self.parameters.get(name) else {
                continue;
            };
            let Some(kind) = Kind::of_all(known) else {
                continue;
            };
            for (text, value) in values {
                let is_new_text = kind == Kind::Text && !known.values().any(|it| it == value);
                if Kind::of(value) != kind || is_new_text {
                    unfit.push(format!("{name}={text}"));
                }
            }
        }
        unfit
    }
}

fn domain(values: &BTreeMap<String, HparamValue>) -> Domain {
    match Kind::of_all(values) {
        None => Domain::Any,
        Some(Kind::Number) => Domain::Interval(f64::NEG_INFINITY, f64::INFINITY),
        Some(Kind::Bool) => Domain::Bools,
        Some(Kind::Text) => {
            let texts = values.values().filter_map(|value| match value {
                HparamValue::Text(text) => Some(text.clone()),
                _ => None,
            });
            Domain::Texts(texts.collect())
        }
    }
}

/// The tags of the scalars that measure a run: those whose last values its
/// operation compares runs by, else all but those of the system it ran on.
fn metrics(facts: &Facts<'_>, operations: &Operations<'_>) -> Vec<String> {
    let columns = operations.columns(facts);
    let mut tags = Vec::new();
    for column in columns.iter().flat_map(|columns| columns.iter()) {
        match column
            .scalar()
            .filter(|(scalar, _)| scalar.which == Which::Last)
        {
            None => {}
            Some((scalar, None)) => tags.push(scalar.tag.clone()),
            Some((_, Some(wildcard))) => {
                let matching = facts
                    .scalars()
                    .iter()
                    .filter(|it| wildcard.matches(&it.key()));
                tags.extend(matching.map(|summary| summary.tag.clone()));
            }
        }
    }
    if tags.is_empty() {
        let all = facts.scalars().iter().map(|summary| summary.tag.clone());
        tags.extend(all.filter(|tag| !is_of_system(tag)));
    }
    tags
}

fn is_of_system(tag: &str) -> bool {
    let (_, name) = tag.split_once('#').unwrap_or(("", tag));
    name.starts_with("sys/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn experiment(parameters: &[(&str, &[&str])], metrics: &[&str]) -> Experiment {
        let value = |text: &&str| {
            let value = match text.parse() {
                Ok(number) => HparamValue::Number(number),
                Err(_) if matches!(*text, "yes" | "no") => HparamValue::Bool(*text == "yes"),
                Err(_) => HparamValue::Text((*text).to_string()),
            };
            ((*text).to_string(), value)
        };
        Experiment {
            parameters: parameters
                .iter()
                .map(|(name, values)| ((*name).to_string(), values.iter().map(value).collect()))
                .collect(),
            metrics: metrics.iter().map(|tag| (*tag).to_string()).collect(),
        }
    }

    #[test]
    fn a_domain_is_of_one_type() {
        let domain = |values: &[&str]| {
            let all = experiment(&[("x", values)], &[]).hparams();
            all[0].domain.clone()
        };
        let all = Domain::Interval(f64::NEG_INFINITY, f64::INFINITY);
        assert_eq!(domain(&["1", "2.5"]), all);
        assert_eq!(domain(&["yes"]), Domain::Bools);
        let texts = ["hello", "hola"].map(String::from).to_vec();
        assert_eq!(domain(&["hola", "hello"]), Domain::Texts(texts));
        assert_eq!(domain(&["1", "hello"]), Domain::Any);
        assert_eq!(domain(&[]), Domain::Any);
    }

    #[test]
    fn what_came_too_late_is_told() {
        let told = experiment(
            &[
                ("a", &["1", "2"]),
                ("b", &["1", "x"]),
                ("c", &["x", "y"]),
                ("d", &["yes"]),
            ],
            &["loss", "time"],
        );
        let fits = experiment(
            &[("a", &["3"]), ("b", &["z"]), ("c", &["x"]), ("d", &["no"])],
            &["loss"],
        );
        assert!(told.hidden(&fits).is_empty());
        let late = experiment(
            &[
                ("a", &["1", "zero"]),
                ("c", &["bye"]),
                ("d", &["x"]),
                ("e", &["1"]),
            ],
            &["acc", "loss"],
        );
        let [parameters, values, metrics] = &told.hidden(&late)[..] else {
            panic!("three sentences");
        };
        assert!(
            parameters.starts_with("Runs found with new hyperparameters: e. "),
            "{parameters}"
        );
        assert!(values.contains(" plugin: a=zero, c=bye, d=x. "), "{values}");
        assert!(
            metrics.starts_with("Runs found with new metrics: acc. "),
            "{metrics}"
        );
    }
}
