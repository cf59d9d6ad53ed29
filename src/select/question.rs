//! A filter expression, asked of runs.

use std::cell::OnceCell;
use std::path::PathBuf;

use super::{operation_name, operation_source};
use crate::base::clock;
use crate::base::yaml::{Map, Value};
use crate::home::Home;
use crate::query::Scalar;
use crate::query::filter::{Expression, Subject};
use crate::runs::{AttrReader, Run};
use crate::scalars::{self, ScalarSummary};

/// An expression to ask of runs, with what else some attributes depend on.
#[derive(Debug)]
pub struct Question {
    expression: Expression,
    now_micros: i64,
    user_home: Option<PathBuf>,
}

impl Question {
    /// `expression`, asked now by the user of `home`.
    pub fn new(expression: Expression, home: &Home) -> Self {
        Self {
            expression,
            now_micros: home.now_micros(),
            user_home: home.user_home().map(PathBuf::from),
        }
    }

    /// Whether the expression holds for `run`.
    pub fn holds_for(&self, run: &Run) -> bool {
        self.expression.holds(&Asked::new(run, self))
    }
}

/// A run of which only what is asked for is read, and that once. What cannot be
/// read counts as not set.
struct Asked<'a> {
    run: &'a Run,
    question: &'a Question,
    attrs: OnceCell<AttrReader<'a>>,
    flags: OnceCell<Option<Map>>,
    defined: OnceCell<Option<Map>>,
    logged: OnceCell<Vec<(String, String)>>,
    scalars: OnceCell<Vec<ScalarSummary>>,
}

impl<'a> Asked<'a> {
    /// `run`, of which nothing is read yet.
    fn new(run: &'a Run, question: &'a Question) -> Self {
        Self {
            run,
            question,
            attrs: OnceCell::new(),
            flags: OnceCell::new(),
            defined: OnceCell::new(),
            logged: OnceCell::new(),
            scalars: OnceCell::new(),
        }
    }

    fn attr(&self, name: &str) -> Option<Value> {
        let attrs = self.attrs.get_or_init(|| self.run.attr_reader());
        attrs.attr(name).ok().flatten()
    }

    fn map(&self, name: &str) -> Option<Map> {
        match self.attr(name) {
            Some(Value::Map(map)) => Some(map),
            _ => None,
        }
    }

    fn micros(&self, name: &str) -> Option<i64> {
        self.run.integer_attr(name).ok().flatten()
    }

    /// A time as listings show it; empty where it is not set.
    fn time(&self, name: &str) -> Value {
        let micros = self.micros(name);
        micros.map(clock::local_text).unwrap_or_default().into()
    }

    /// How long the run took, or has been running.
    fn duration(&self) -> Option<Value> {
        let started = self.micros("started")?;
        let stopped = self.micros("stopped");
        let stopped = stopped.unwrap_or(self.question.now_micros);
        let duration = stopped.saturating_sub(started);
        Some(clock::duration_text(duration).into())
    }

    /// What every run has, whatever its files are called; none for other names.
    fn core(&self, name: &str) -> Option<Option<Value>> {
        let run = self.run;
        let opref = || run.opref().ok();
        Some(match name {
            "id" => Some(run.id().into()),
            "run" | "short_id" => Some(run.short_id().into()),
            "operation" => Some(operation_name(run).into()),
            "op" => opref().map(|opref| opref.op.into()),
            "op_model" => opref().map(|opref| opref.model.into()),
            "from" => {
                let user_home = self.question.user_home.as_deref();
                opref().map(|opref| operation_source(&opref, user_home).into())
            }
            "status" => Some(run.status().as_str().into()),
            "started" | "stopped" => Some(self.time(name)),
            "time" => self.duration(),
            "sourcecode" => {
                let digest = run.text_attr("sourcecode_digest").ok().flatten();
                let digest: String = digest.unwrap_or_default().chars().take(8).collect();
                Some(digest.into())
            }
            _ => return None,
        })
    }
}

impl Subject for Asked<'_> {
    fn attribute(&self, name: &str) -> Option<Value> {
        if let Some(value) = self.core(name) {
            return value;
        }
        // Names are of files; a key may be anything.
        let is_file = !name.is_empty() && !name.contains('/') && !name.starts_with('.');
        let own = is_file.then(|| self.attr(name));
        own.flatten().or_else(|| {
            let defined = self.defined.get_or_init(|| self.map("opdef_attrs"));
            set(defined.as_ref()?.get(name))
        })
    }

    fn flag(&self, name: &str) -> Option<Value> {
        let flags = self.flags.get_or_init(|| self.map("flags"));
        set(flags.as_ref()?.get(name))
    }

    fn logged_attribute(&self, name: &str) -> Option<Value> {
        let read = || scalars::logged_attrs(self.run.dir(), &mut |_| ());
        let mut logged = self.logged.get_or_init(read).iter();
        let (_, value) = logged.find(|(key, _)| key == name)?;
        Some(value.as_str().into())
    }

    fn scalar(&self, scalar: &Scalar) -> Option<Value> {
        let read = || scalars::summaries(self.run.dir(), &mut |_| ());
        let mut summaries = self.scalars.get_or_init(read).iter();
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
