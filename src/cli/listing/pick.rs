//! Picking the runs a command is about: filters first, then arguments.

use std::cell::OnceCell;

use crate::base::clock;
use crate::cli::Context;
use crate::cli::args::{FilterArgs, KeepArgs, StatusArgs};
use crate::cli::failure::Failure;
use crate::query::filter::Expression;
use crate::query::time_range::{Spec, TimeRange};
use crate::runs::{Run, Store};
use crate::select::{self, Filter, Question, SpecError};

/// Which runs to keep, from the options of a command.
///
/// # Errors
/// Options that contradict each other, or make no sense.
pub fn filter(
    filters: &FilterArgs,
    statuses: Option<&StatusArgs>,
    context: &Context,
) -> Result<Filter, Failure> {
    let statuses = match statuses {
        Some(statuses) => statuses
            .wanted()
            .map_err(|message| Failure::with_help(message, &context.path))?,
        None => Vec::new(),
    };
    let mut filter = Filter {
        operations: filters.operation.clone(),
        labels: filters.label.clone(),
        unlabeled: filters.unlabeled,
        tags: filters.tag.clone(),
        comments: filters.comment.clone(),
        marked: filters.marked,
        unmarked: filters.unmarked,
        digest: filters.digest.clone(),
        statuses,
        started: None,
        question: None,
    };
    filter.check()?;
    if let Some(range) = given(&filters.started) {
        filter.started = Some(started(range, context)?);
    }
    if let Some(expression) = given(&filters.filter) {
        let expression = expression.parse::<Expression>().map_err(Failure::error)?;
        filter.question = Some(Question::new(expression, &context.home, &context.scalars));
    }
    Ok(filter)
}

/// The text of an option; an empty one counts as not given.
fn given(text: &Option<String>) -> Option<&str> {
    text.as_deref().filter(|text| !text.is_empty())
}

/// The time range that `text` means now.
fn started(text: &str, context: &Context) -> Result<TimeRange, Failure> {
    let now = clock::local(context.home.now_micros());
    let now = now.ok_or_else(|| Failure::error("the clock tells no time"))?;
    let spec = text.parse::<Spec>();
    spec.and_then(|spec| spec.resolve(&now)).map_err(|error| {
        // The group of commands has no help on time ranges.
        let path = match context.path.as_str() {
            "guild runs" => "guild runs list",
            path => path,
        };
        Failure::error(format!(
            "invalid RANGE: {error}\nTry '{path} --help' for help specifying time ranges."
        ))
    })
}

/// The runs of a store that pass the filters of a command, latest first. They
/// are listed when that is needed: an id means its run without.
#[derive(Debug)]
pub struct Filtered {
    store: Store,
    filter: Filter,
    listed: OnceCell<Vec<Run>>,
}

impl Filtered {
    /// The runs of `store` that pass `filter`.
    pub fn new(store: &Store, filter: Filter) -> Self {
        Self {
            store: store.clone(),
            filter,
            listed: OnceCell::new(),
        }
    }

    /// Those of `runs`, which were listed elsewhere, that pass `filter`.
    pub fn of(runs: Vec<Run>, store: &Store, filter: Filter) -> Self {
        Self {
            listed: OnceCell::from(filter.apply(runs)),
            ..Self::new(store, filter)
        }
    }

    /// All of them.
    ///
    /// # Errors
    /// The store cannot be listed.
    pub fn list(&self) -> Result<&[Run], Failure> {
        if let Some(runs) = self.listed.get() {
            return Ok(runs);
        }
        let runs = self.filter.list(&self.store)?;
        Ok(self.listed.get_or_init(|| runs))
    }

    /// Keeps only those that `keep` holds for.
    ///
    /// # Errors
    /// As [`Filtered::list`].
    pub fn retain(&mut self, keep: impl Fn(&Run) -> bool) -> Result<(), Failure> {
        let mut runs = self.list()?.to_vec();
        runs.retain(keep);
        self.listed = OnceCell::from(runs);
        Ok(())
    }

    /// What the argument `spec` means among them.
    fn select(&self, spec: &str) -> Result<Result<Vec<Run>, SpecError>, Failure> {
        if let Some(runs) = self.select_by_id(spec)? {
            return Ok(Ok(runs));
        }
        Ok(select::select(self.list()?, spec))
    }

    /// What `spec` means among them, where it can only be the id of a run, or the
    /// start of one, and nothing need be known of other runs.
    fn select_by_id(&self, spec: &str) -> Result<Option<Vec<Run>>, Failure> {
        if self.listed.get().is_some() || !self.filter.keeps_all() {
            return Ok(None);
        }
        if select::is_position(spec, usize::MAX) {
            if select::is_position(spec, self.store.most()?) {
                return Ok(None);
            }
        } else if let Some(run) = self.store.get(spec) {
            return Ok(Some(vec![run]));
        }
        let matches = self.store.starting_with(spec)?;
        Ok(select::select_by_id(&matches, spec).ok())
    }
}

/// The runs of `store` that pass the options of a command.
///
/// # Errors
/// As [`filter`].
pub fn filtered(store: &Store, keep: &KeepArgs, context: &Context) -> Result<Filtered, Failure> {
    let filter = filter(&keep.filters, Some(&keep.statuses), context)?;
    Ok(Filtered::new(store, filter))
}

/// The live runs, in a step of a pipeline those of the pipeline.
pub fn live_runs(context: &Context) -> Store {
    Store::visible(&context.home)
}

/// The deleted runs.
pub fn trash(context: &Context) -> Store {
    Store::new(context.home.trash_dir())
}

/// The runs of `runs` that the arguments `specs` mean, argument by argument;
/// a run that several of them mean comes several times.
///
/// # Errors
/// An argument that means no run, or an id of several.
pub fn pick_each(
    runs: &Filtered,
    specs: &[String],
    context: &Context,
) -> Result<Vec<Run>, Failure> {
    let mut picked = Vec::new();
    for spec in specs {
        let meant = runs.select(spec)?;
        picked.extend(meant.map_err(|error| spec_failure(error, context))?);
    }
    Ok(picked)
}

/// The runs of `runs` that the arguments `specs` mean, each once, in the order
/// given; those of `default` where there are none.
///
/// # Errors
/// As [`pick_each`].
pub fn pick_all(
    runs: &Filtered,
    specs: &[String],
    default: &str,
    context: &Context,
) -> Result<Vec<Run>, Failure> {
    let default = [default.to_string()];
    let specs = if specs.is_empty() { &default } else { specs };
    let mut seen = std::collections::HashSet::new();
    let mut picked = pick_each(runs, specs, context)?;
    picked.retain(|run| seen.insert(run.dir().to_path_buf()));
    Ok(picked)
}

/// The one run of `runs` that the argument `spec` means; the first where there
/// is no argument.
///
/// # Errors
/// There are no runs; the argument means none or several.
pub fn pick_one(runs: &Filtered, spec: Option<&str>, context: &Context) -> Result<Run, Failure> {
    let spec = spec.filter(|spec| !spec.is_empty()).unwrap_or("1");
    let found = match runs.select(spec)? {
        Ok(found) => found,
        Err(_) if runs.list()?.is_empty() => return Err(Failure::error("no matching runs")),
        Err(error) => return Err(spec_failure(error, context)),
    };
    match found.as_slice() {
        [] if runs.list()?.is_empty() => Err(Failure::error("no matching runs")),
        [] => Err(spec_failure(SpecError::NoMatch(spec.to_string()), context)),
        [only] => Ok(only.clone()),
        several => Err(spec_failure(SpecError::several(spec, several), context)),
    }
}

/// The run of `runs` that listings show with `number`, from 1.
///
/// # Errors
/// There is none.
pub fn pick_numbered(runs: &Filtered, number: usize, context: &Context) -> Result<Run, Failure> {
    let listed = runs.list()?;
    if listed.is_empty() {
        return Err(Failure::error("no matching runs"));
    }
    let run = number.checked_sub(1).and_then(|at| listed.get(at));
    let missing = || spec_failure(SpecError::NoMatch(number.to_string()), context);
    run.cloned().ok_or_else(missing)
}

/// What is said of an argument that means no run or too many; `context` names the
/// command whose help is pointed at.
pub fn spec_failure(error: SpecError, context: &Context) -> Failure {
    match error {
        SpecError::NoMatch(spec) => {
            let hint = match context.path.as_str() {
                // The contract has no more of these.
                "guild compare" | "guild api compare" => String::new(),
                path => format!(" or '{path} --help' for more information"),
            };
            Failure::error(format!(
                "could not find a run matching '{spec}'\nTry 'guild runs list' for a list{hint}."
            ))
        }
        SpecError::Several(spec, ids) => {
            let ids: String = ids.iter().map(|id| format!("\n  {id}")).collect();
            Failure::bare(format!("'{spec}' matches multiple runs:{ids}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::opref::OpRef;
    use crate::runs::Creation;

    fn store(names: &[String]) -> (tempfile::TempDir, Store) {
        let dir = tempfile::tempdir().unwrap();
        for (number, name) in names.iter().enumerate() {
            let path = dir.path().join(name);
            if number % 5 == 4 {
                std::fs::create_dir_all(path).unwrap();
                continue;
            }
            let creation = Creation {
                opref: &OpRef::script(dir.path(), "x.py"),
                initialized: (number * 7 % 11) as i64,
            };
            Run::create(&path, &creation).unwrap();
        }
        let store = Store::new(dir.path());
        (dir, store)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]

        #[test]
        fn an_argument_means_the_same_with_and_without_a_list(
            names in proptest::collection::vec("[0-2a]{1,3}", 0..10),
            specs in proptest::collection::vec("[+ ]?[0-3a:]{0,3}", 20),
        ) {
            let (_dir, store) = store(&names);
            for spec in specs.iter().chain(&names) {
                let listed = Filtered::new(&store, Filter::default());
                listed.list().ok().unwrap();
                let unlisted = Filtered::new(&store, Filter::default());
                let expected = listed.select(spec).ok().unwrap();
                prop_assert_eq!(unlisted.select(spec).ok().unwrap(), expected, "{}", spec);
            }
        }
    }

    #[test]
    fn an_id_needs_no_list_and_a_filter_does() {
        let (_dir, store) = store(&["abc".to_string(), "def".to_string()]);
        let runs = Filtered::new(&store, Filter::default());
        for spec in ["abc", "d", "def"] {
            assert_eq!(runs.select(spec).ok().unwrap().unwrap().len(), 1);
        }
        assert!(runs.listed.get().is_none());
        let marked = Filter {
            marked: true,
            ..Filter::default()
        };
        assert!(
            Filtered::new(&store, marked)
                .select("abc")
                .ok()
                .unwrap()
                .is_err()
        );
    }
}
