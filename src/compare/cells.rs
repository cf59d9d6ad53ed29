//! What a run shows: its cells, in sections of a table.

use std::collections::BTreeSet;

use super::Wanted;
use super::operations::Operations;
use crate::base::text::natural_cmp;
use crate::base::yaml::Value;
use crate::flags;
use crate::query::columns::{ColumnSpec, Source, Wildcard};
use crate::query::filter::Subject;
use crate::query::{Scalar, Which};
use crate::scalars::ScalarSummary;
use crate::select::Facts;

/// The columns that every run has.
const CORE: [&str; 6] = ["run", "operation", "started", "time", "status", "label"];

/// What is shown of them where they are not wanted.
const WITHOUT_CORE: [&str; 1] = ["run"];

/// Those that are shown on request.
const EXTRA: [&str; 1] = ["sourcecode"];

/// How the names of scalars start that guild itself measures.
const SYSTEM: &str = "sys/";

/// The sections of a table, from left to right: what every run has, what its
/// operation asks for, what the user asks for.
pub const SECTIONS: usize = 3;

/// A column that is asked for, with what is found out about it once.
#[derive(Debug)]
pub struct Planned {
    spec: ColumnSpec,
    heading: String,
    wildcard: Option<Wildcard>,
}

/// A value of a run under a heading.
#[derive(Debug)]
pub struct Cell {
    /// The heading.
    pub heading: String,
    /// What it is.
    pub source: Source,
    /// The value; null where the run has none.
    pub value: Value,
    /// How it came about.
    pub origin: Origin,
}

/// How a cell came about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The column is asked for, or the run has the value.
    Named,
    /// The heading is a wildcard that nothing of the run matches.
    Unmatched,
    /// It matches the wildcard that has this heading.
    Matches(String),
}

impl Planned {
    /// The column `spec`.
    pub fn new(spec: ColumnSpec) -> Self {
        let name = match &spec.source {
            Source::Attribute(name) | Source::Flag(name) => name.clone(),
            Source::Scalar(scalar) if scalar.prefix.is_empty() => scalar.tag.clone(),
            Source::Scalar(scalar) => format!("{}#{}", scalar.prefix, scalar.tag),
        };
        Self {
            heading: spec.heading(),
            wildcard: Wildcard::of(&name),
            spec,
        }
    }

    /// The scalar that the column shows, whose name may be a wildcard, which is
    /// returned as well.
    pub fn scalar(&self) -> Option<(&Scalar, Option<&Wildcard>)> {
        match &self.spec.source {
            Source::Scalar(scalar) => Some((scalar, self.wildcard.as_ref())),
            _ => None,
        }
    }
}

/// Which cells runs have.
pub struct Plan<'a> {
    core: Vec<Planned>,
    operations: Option<Operations<'a>>,
    all_scalars: bool,
    user: Vec<Planned>,
}

impl<'a> Plan<'a> {
    /// The cells that are `wanted`, some of them of `operations`.
    pub fn new(wanted: &Wanted, operations: Operations<'a>) -> Self {
        let core: &[&str] = match wanted.without_core {
            true => &WITHOUT_CORE,
            false => &CORE,
        };
        let extra: &[&str] = if wanted.with_extra { &EXTRA } else { &[] };
        let attribute = |name: &&str| Planned::new(Source::Attribute((*name).to_string()).into());
        Self {
            core: core.iter().chain(extra).map(attribute).collect(),
            operations: (!wanted.without_operation).then_some(operations),
            all_scalars: wanted.all_scalars,
            user: wanted.columns.iter().cloned().map(Planned::new).collect(),
        }
    }

    /// The cells of a run, section by section.
    pub fn sections(&self, facts: &Facts<'_>) -> [Vec<Cell>; SECTIONS] {
        [
            cells(facts, &self.core),
            self.operation_cells(facts),
            cells(facts, &self.user),
        ]
    }

    /// Whether it is about what runs measured, too.
    pub fn has_results(&self) -> bool {
        self.operations.is_some() || self.user.iter().any(|column| column.scalar().is_some())
    }

    /// What the columns of operations had wrong with them.
    pub fn into_warnings(self) -> Vec<String> {
        let operations = self.operations;
        operations.map_or_else(Vec::new, Operations::into_warnings)
    }

    fn operation_cells(&self, facts: &Facts<'_>) -> Vec<Cell> {
        let Some(operations) = &self.operations else {
            return Vec::new();
        };
        if let Some(columns) = operations.columns(facts) {
            return cells(facts, &columns);
        }
        let mut found = flag_cells(facts);
        found.extend(attribute_cells(facts));
        found.extend(self.scalar_cells(facts));
        found
    }

    /// The last value of each scalar, behind the step of one of them.
    fn scalar_cells(&self, facts: &Facts<'_>) -> Vec<Cell> {
        let summaries = facts.scalars();
        let tags: BTreeSet<&str> = summaries.iter().map(|it| it.tag.as_str()).collect();
        let mut tags: Vec<&str> = tags
            .into_iter()
            .filter(|tag| self.all_scalars || !own_name(tag).starts_with(SYSTEM))
            .collect();
        tags.sort_by(|a, b| natural_cmp(a, b));
        let stepped = tags.iter().find(|tag| **tag == "loss").or(tags.first());
        let cell = |tag: &str, step| {
            let scalar = Scalar {
                prefix: String::new(),
                tag: tag.to_string(),
                which: Which::Last,
                step,
            };
            let value = scalar_value(summaries, &scalar);
            Cell::of(Source::Scalar(scalar), value)
        };
        let step = stepped.map(|tag| Cell {
            heading: "step".to_string(),
            ..cell(tag, true)
        });
        let values = tags.iter().map(|tag| cell(tag, false));
        step.into_iter().chain(values).collect()
    }
}

/// The name of a scalar without a folder before it.
fn own_name(tag: &str) -> &str {
    tag.split_once('#').map_or(tag, |(_, name)| name)
}

impl Cell {
    fn of(source: Source, value: Option<Value>) -> Self {
        Self {
            heading: source.heading(),
            source,
            value: value.unwrap_or_default(),
            origin: Origin::Named,
        }
    }
}

fn flag_cells(facts: &Facts<'_>) -> Vec<Cell> {
    let flags = facts.flags().into_iter().flat_map(|flags| flags.iter());
    let mut flags: Vec<(String, &Value)> = flags
        .map(|(name, value)| (flags::name_text(name), value))
        .collect();
    flags.sort_by(|(a, _), (b, _)| natural_cmp(a, b));
    let cell = |(name, value): (String, &Value)| Cell::of(Source::Flag(name), Some(value.clone()));
    flags.into_iter().map(cell).collect()
}

/// The attributes that not every run has: those of the operation's definition, and
/// those that the run logged.
fn attribute_cells(facts: &Facts<'_>) -> Vec<Cell> {
    let mut names = attribute_names(facts);
    names.sort_by(|a, b| natural_cmp(a, b));
    let cell = |name: String| {
        let value = attribute_value(facts, &name);
        Cell::of(Source::Attribute(name), value)
    };
    names.into_iter().map(cell).collect()
}

fn attribute_names(facts: &Facts<'_>) -> Vec<String> {
    let defined = facts.defined_attributes().into_iter();
    let defined = defined.flat_map(|map| map.keys()).map(flags::name_text);
    let logged = facts
        .logged_attributes()
        .iter()
        .map(|(name, _)| name.clone());
    let names: BTreeSet<String> = defined.chain(logged).collect();
    names.into_iter().collect()
}

/// What the run has of each of `columns`.
fn cells(facts: &Facts<'_>, columns: &[Planned]) -> Vec<Cell> {
    let cells = columns
        .iter()
        .flat_map(|column| column_cells(facts, column));
    cells.collect()
}

/// What the run has of a column: one cell, or one for each thing that matches a
/// wildcard. What is called just so is meant, whatever signs its name has.
fn column_cells(facts: &Facts<'_>, column: &Planned) -> Vec<Cell> {
    let source = &column.spec.source;
    let value = value(facts, source);
    let plain = |value: Option<Value>, origin| Cell {
        heading: column.heading.clone(),
        source: source.clone(),
        value: value.unwrap_or_default(),
        origin,
    };
    let Some(wildcard) = column.wildcard.as_ref().filter(|_| value.is_none()) else {
        return vec![plain(value, Origin::Named)];
    };
    let matching = matching(facts, source, wildcard);
    if matching.is_empty() {
        return vec![plain(None, Origin::Unmatched)];
    }
    let cell = |found: Source| Cell {
        heading: match &column.spec.label {
            Some(label) => label.clone(),
            None => found.heading(),
        },
        value: self::value(facts, &found).unwrap_or_default(),
        source: found,
        origin: Origin::Matches(column.heading.clone()),
    };
    matching.into_iter().map(cell).collect()
}

/// All that the run has and that `wildcard`, the name in `source`, stands for.
fn matching(facts: &Facts<'_>, source: &Source, wildcard: &Wildcard) -> Vec<Source> {
    let mut names: Vec<String> = match source {
        Source::Flag(_) => {
            let flags = facts.flags().into_iter().flat_map(|flags| flags.keys());
            flags.map(flags::name_text).collect()
        }
        Source::Attribute(_) => attribute_names(facts),
        Source::Scalar(scalar) => {
            let has_prefix = !scalar.prefix.is_empty();
            let summaries = facts.scalars().iter();
            let names: BTreeSet<String> = summaries
                .map(|summary| match has_prefix {
                    true => format!("{}#{}", folder(&summary.prefix), summary.tag),
                    false => summary.tag.clone(),
                })
                .collect();
            names.into_iter().collect()
        }
    };
    names.retain(|name| wildcard.matches(name));
    names.sort_by(|a, b| natural_cmp(a, b));
    let found = |name: String| match source {
        Source::Flag(_) => Source::Flag(name),
        Source::Attribute(_) => Source::Attribute(name),
        Source::Scalar(scalar) => {
            let named = match scalar.prefix.is_empty() {
                // A name may have a `#` of its own.
                true => (String::new(), name),
                false => split(&name),
            };
            Source::Scalar(Scalar {
                prefix: named.0,
                tag: named.1,
                ..*scalar
            })
        }
    };
    names.into_iter().map(found).collect()
}

fn split(name: &str) -> (String, String) {
    let (prefix, tag) = name.split_once('#').unwrap_or(("", name));
    (prefix.to_string(), tag.to_string())
}

/// The folder of event files as users name it: that of a step or trial, without
/// the place in it that guild writes to.
fn folder(prefix: &str) -> &str {
    match prefix {
        ".guild" => "",
        _ => prefix.strip_suffix("/.guild").unwrap_or(prefix),
    }
}

/// What the run has of `source`.
fn value(facts: &Facts<'_>, source: &Source) -> Option<Value> {
    match source {
        Source::Attribute(name) => attribute_value(facts, name),
        Source::Flag(name) => facts.flag(name),
        Source::Scalar(scalar) => scalar_value(facts.scalars(), scalar),
    }
}

fn attribute_value(facts: &Facts<'_>, name: &str) -> Option<Value> {
    let own = facts.attribute(name);
    own.or_else(|| facts.logged_attribute(name))
}

/// The value of the first scalar of that name, in a folder whose path starts with
/// the one that is named.
fn scalar_value(summaries: &[ScalarSummary], scalar: &Scalar) -> Option<Value> {
    let mut summaries = summaries.iter();
    let found = summaries
        .find(|summary| summary.tag == scalar.tag && summary.prefix.starts_with(&scalar.prefix));
    found.map(|summary| summary.value(scalar.which, scalar.step))
}
