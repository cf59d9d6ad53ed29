//! Making the trials of a batch.

use std::collections::HashMap;

use super::Error;
use crate::base::parallel;
use crate::base::yaml::{self, Map, Value};
use crate::home::Home;
use crate::op::label;
use crate::runs::{Run, Status, Store, TrialSource};
use crate::select;

/// Makes pending trials of one batch.
pub(super) struct Maker<'a> {
    home: &'a Home,
    batch: &'a Run,
    source: TrialSource,
    op: Option<Value>,
    template: Option<String>,
}

impl<'a> Maker<'a> {
    /// What makes the trials of `batch` from its `proto`.
    ///
    /// # Errors
    /// The proto cannot be read.
    pub(super) fn new(batch: &'a Run, proto: &Run, home: &'a Home) -> Result<Self, Error> {
        let op = proto.attr("op")?;
        let template = op.as_ref().and_then(Value::as_map);
        let template = template.and_then(|op| op.get("label-template")?.as_str());
        Ok(Self {
            home,
            batch,
            source: TrialSource::read(proto)?,
            template: template.map(str::to_string),
            op,
        })
    }

    /// Makes a trial for each of `flags`, in their order.
    ///
    /// # Errors
    /// One cannot be made; others may have been.
    pub(super) fn make_all(&self, flags: &[&Map]) -> Result<Vec<Run>, Error> {
        // Trials are listed by this time, in the order in which they are wanted.
        let stamped = flags.iter().map(|flags| (self.home.now_micros(), *flags));
        let stamped: Vec<(i64, &Map)> = stamped.collect();
        let made = parallel::map_slow(&stamped, |(time, flags)| self.make(flags, *time, None));
        made.into_iter().collect()
    }

    /// Makes a trial with `flags`, which `why` says something of.
    ///
    /// # Errors
    /// It cannot be made.
    pub(super) fn make_one(&self, flags: &Map, why: &str) -> Result<Run, Error> {
        self.make(flags, self.home.now_micros(), Some(why))
    }

    fn make(&self, flags: &Map, time: i64, why: Option<&str>) -> Result<Run, Error> {
        let id = self.home.new_run_id();
        let run = Run::at(self.home.runs_dir().join(&id));
        self.batch.link_trial(&run)?;
        // What is wrong with a template is told when the trial starts.
        let label = label::label(self.template.as_deref(), flags, &mut |_| {});
        let mut attrs = vec![
            ("id", Value::from(id)),
            ("flags", Value::Map(flags.clone())),
            ("label", Value::from(label)),
            ("started", Value::Int(time)),
        ];
        if let Some(op) = self.op.as_ref().and_then(|op| with_values(op, flags)) {
            attrs.push(("op", op));
        }
        if let Some(why) = why {
            attrs.push(("suggestion", Value::from(why)));
        }
        Ok(self.source.make(run.dir(), &attrs)?)
    }
}

/// The attribute `op` of a trial with `flags`: what it requires goes by its values.
/// None where that is as the proto has it.
fn with_values(op: &Value, flags: &Map) -> Option<Value> {
    let mut op = op.as_map()?.clone();
    let Some(Value::List(needs)) = op.get_mut("deps") else {
        return None;
    };
    let mut is_changed = false;
    for need in needs {
        let Value::Map(need) = need else { continue };
        let Some(Value::Map(config)) = need.get_mut("config") else {
            continue;
        };
        for (name, value) in flags.iter() {
            if config.get_value(name).is_some() {
                config.insert(name.clone(), value.clone());
                is_changed = true;
            }
        }
    }
    is_changed.then_some(Value::Map(op))
}

/// Runs by their flag values.
#[derive(Debug, Default)]
pub(super) struct ByFlags(HashMap<String, Vec<Run>>);

impl ByFlags {
    /// `runs`, of which the last with the same flags is taken first.
    pub(super) fn of(runs: Vec<Run>) -> Self {
        let mut by_flags: HashMap<String, Vec<Run>> = HashMap::new();
        for run in runs {
            if let Ok(Some(Value::Map(flags))) = run.attr("flags") {
                by_flags.entry(key(&flags)).or_default().push(run);
            }
        }
        Self(by_flags)
    }

    /// The runs that ended of the operation that `proto` is of.
    ///
    /// # Errors
    /// The runs cannot be listed.
    pub(super) fn of_done(proto: &Run, home: &Home) -> Result<Self, Error> {
        let opref = proto.opref()?;
        let name = opref.model_op();
        let has_ended = |run: &Run| {
            let is_same = |found: &crate::opref::OpRef| {
                found.name == opref.name && found.kind == opref.kind && found.model_op() == name
            };
            !run.is_batch()
                && run.opref().is_ok_and(|found| is_same(&found))
                && matches!(run.status(), Status::Completed | Status::Terminated)
        };
        Ok(Self::of(Store::visible(home).list_where(has_ended)?))
    }

    /// A run with just these flags.
    pub(super) fn get(&self, flags: &Map) -> Option<&Run> {
        self.0.get(&key(flags))?.last()
    }

    /// Takes away a run with just these flags.
    pub(super) fn take(&mut self, flags: &Map) -> Option<Run> {
        self.0.get_mut(&key(flags))?.pop()
    }
}

fn key(flags: &Map) -> String {
    let sorted = flags.sorted().into_iter();
    let sorted: Map = sorted
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    yaml::dump_flow(&Value::Map(sorted))
}

/// The operation of a trial as messages show it.
pub(super) fn operation(trial: &Run) -> String {
    select::operation_name(trial)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_required_goes_by_the_values_of_the_trial() {
        let op = yaml::load("deps: [{name: a, config: {prep: [x, y]}}, {name: b}]").unwrap();
        let flags = |name: &str| Map::from_iter([(name, "x")]);
        let changed = with_values(&op, &flags("prep")).unwrap();
        let expected = yaml::load("deps: [{name: a, config: {prep: x}}, {name: b}]").unwrap();
        assert_eq!(changed, expected);
        assert_eq!(with_values(&op, &flags("other")), None);
        assert_eq!(with_values(&Value::Null, &flags("prep")), None);
    }
}
