//! What a run is known by in filters and comparisons: its attributes, flags,
//! logged attributes and scalars, by name.

use std::cell::{OnceCell, RefCell};
use std::path::PathBuf;
use std::sync::Arc;

use super::{operation_name, operation_source, own_operation_name};
use crate::base::clock;
use crate::base::yaml::{Map, Value};
use crate::home::Home;
use crate::opref::OpRef;
use crate::query::Scalar;
use crate::query::filter::Subject;
use crate::runs::{self, Run, RunReader, Status};
use crate::scalars::{Index, Known, Results, ScalarSummary};

/// For whom runs are looked at, and when: some attributes depend on that.
#[derive(Debug, Clone)]
pub struct Viewer {
    now_micros: i64,
    user_home: Option<PathBuf>,
    index: Arc<Index>,
}

impl Viewer {
    /// The user of `home`, now.
    pub fn new(home: &Home) -> Self {
        Self::with_index(home, &Arc::new(Index::new(home)))
    }

    /// The user of `home`, now, for whom `index` tells what runs measured and logged.
    pub fn with_index(home: &Home, index: &Arc<Index>) -> Self {
        Self {
            now_micros: home.now_micros(),
            user_home: home.user_home().map(PathBuf::from),
            index: Arc::clone(index),
        }
    }

    /// Hands `run` to `take` as it is known from earlier times and is now, with all
    /// that it measured: where much is asked of many runs, that is less work than to
    /// read it.
    pub fn look<R>(&self, run: &Run, take: impl FnOnce(Facts<'_>) -> R) -> R {
        self.index.known(run, |known| {
            let facts = Facts::new(run, self);
            take(Facts {
                known: Some(known),
                ..facts
            })
        })
    }
}

/// A run of which only what is asked for is read, and that once. What cannot be
/// read counts as not set, and is remembered.
pub struct Facts<'a> {
    run: &'a Run,
    viewer: &'a Viewer,
    known: Option<&'a Known<'a>>,
    reader: OnceCell<RunReader<'a>>,
    opref: OnceCell<Option<OpRef>>,
    status: OnceCell<Status>,
    flags: OnceCell<Option<Map>>,
    defined: OnceCell<Option<Map>>,
    results: OnceCell<Results>,
    problems: RefCell<Vec<String>>,
}

impl<'a> Facts<'a> {
    /// `run`, of which nothing is read yet, as `viewer` sees it.
    pub fn new(run: &'a Run, viewer: &'a Viewer) -> Self {
        Self {
            run,
            viewer,
            known: None,
            reader: OnceCell::new(),
            opref: OnceCell::new(),
            status: OnceCell::new(),
            flags: OnceCell::new(),
            defined: OnceCell::new(),
            results: OnceCell::new(),
            problems: RefCell::default(),
        }
    }

    /// The run itself.
    pub fn run(&self) -> &'a Run {
        self.run
    }

    /// What could not be read so far, each file once.
    pub fn into_problems(self) -> Vec<String> {
        self.problems.into_inner()
    }

    fn fault(&self, error: &dyn std::error::Error) {
        let problem = error.to_string();
        let mut problems = self.problems.borrow_mut();
        if !problems.contains(&problem) {
            problems.push(problem);
        }
    }

    fn or_unset<T>(&self, result: runs::Result<Option<T>>) -> Option<T> {
        result.unwrap_or_else(|error| {
            self.fault(&error);
            None
        })
    }

    fn reader(&self) -> &RunReader<'a> {
        let read = || {
            let reader = self.run.reader();
            match self.known {
                Some(known) => reader.remembering(known),
                None => reader,
            }
        };
        self.reader.get_or_init(read)
    }

    /// The attribute that the file `name` of the run holds.
    pub fn attr(&self, name: &str) -> Option<Value> {
        // Names are of files; a key may be anything.
        let is_file = !name.is_empty() && !name.contains('/') && !name.starts_with('.');
        is_file
            .then(|| self.or_unset(self.reader().attr(name)))
            .flatten()
    }

    fn map(&self, name: &str) -> Option<Map> {
        match self.attr(name) {
            Some(Value::Map(map)) => Some(map),
            _ => None,
        }
    }

    /// The operation that the run was made from.
    pub fn opref(&self) -> Option<&OpRef> {
        let read = || self.or_unset(self.reader().opref().map(Some));
        self.opref.get_or_init(read).as_ref()
    }

    /// The state of the run.
    pub fn status(&self) -> Status {
        *self.status.get_or_init(|| self.reader().status())
    }

    fn micros(&self, name: &str) -> Option<i64> {
        match self.attr(name) {
            Some(Value::Int(micros)) => Some(micros),
            _ => None,
        }
    }

    /// A time as listings show it; empty where it is not set.
    fn time(&self, name: &str) -> Value {
        let micros = self.micros(name);
        micros.map(clock::local_text).unwrap_or_default().into()
    }

    /// How long the run took, or has been running.
    fn duration(&self) -> Option<Value> {
        let started = self.micros("started")?;
        let end = match self.status() {
            Status::Running => self.viewer.now_micros,
            _ => self.micros("stopped")?,
        };
        Some(clock::duration_text(end.saturating_sub(started)).into())
    }

    /// What every run has, whatever its files are called; none for other names.
    fn core(&self, name: &str) -> Option<Option<Value>> {
        let run = self.run;
        Some(match name {
            "id" => Some(run.id().into()),
            "run" | "short_id" => Some(run.short_id().into()),
            "operation" if self.reader().is_batch() => Some(operation_name(run).into()),
            "operation" => Some(own_operation_name(self.opref()).into()),
            "op" => self.opref().map(|opref| opref.op.as_str().into()),
            "op_model" => self.opref().map(|opref| opref.model.as_str().into()),
            "from" => {
                let user_home = self.viewer.user_home.as_deref();
                let opref = self.opref();
                opref.map(|opref| operation_source(opref, user_home).into())
            }
            "status" => Some(self.status().as_str().into()),
            "started" | "stopped" => Some(self.time(name)),
            "time" => self.duration(),
            "sourcecode" => {
                let digest = self.attr("sourcecode_digest");
                let digest = digest.as_ref().and_then(Value::as_str).unwrap_or_default();
                let digest: String = digest.chars().take(8).collect();
                Some(digest.into())
            }
            _ => return None,
        })
    }

    /// All flags by name, null ones too.
    pub fn flags(&self) -> Option<&Map> {
        self.flags.get_or_init(|| self.map("flags")).as_ref()
    }

    /// The attributes that the operation's definition gave the run.
    pub fn defined_attributes(&self) -> Option<&Map> {
        let read = || self.map("opdef_attrs");
        self.defined.get_or_init(read).as_ref()
    }

    /// The attributes that the run logged while it ran.
    pub fn logged_attributes(&self) -> &[(String, String)] {
        &self.results().attrs
    }

    /// All scalars, by prefix and tag.
    pub fn scalars(&self) -> &[ScalarSummary] {
        &self.results().scalars
    }

    fn results(&self) -> &Results {
        self.results.get_or_init(|| {
            let results = match self.known {
                Some(known) => known.results(),
                None => self.viewer.index.results(self.run),
            };
            results.problems.iter().for_each(|error| self.fault(error));
            results
        })
    }
}

impl Subject for Facts<'_> {
    fn attribute(&self, name: &str) -> Option<Value> {
        if let Some(value) = self.core(name) {
            return value;
        }
        let own = self.attr(name);
        own.or_else(|| set(self.defined_attributes()?.get(name)))
    }

    fn flag(&self, name: &str) -> Option<Value> {
        set(self.flags()?.get(name))
    }

    fn logged_attribute(&self, name: &str) -> Option<Value> {
        let mut logged = self.logged_attributes().iter();
        let (_, value) = logged.find(|(key, _)| key == name)?;
        Some(value.as_str().into())
    }

    fn scalar(&self, scalar: &Scalar) -> Option<Value> {
        let mut summaries = self.scalars().iter();
        let summary = summaries.find(|summary| {
            let is_there = scalar.prefix.is_empty() || summary.prefix == scalar.prefix;
            is_there && summary.tag == scalar.tag
        })?;
        Some(summary.value(scalar.which, scalar.step))
    }
}

/// A value that is there and not null.
fn set(value: Option<&Value>) -> Option<Value> {
    value.filter(|value| !value.is_null()).cloned()
}
