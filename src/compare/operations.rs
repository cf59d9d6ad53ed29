//! The columns that an operation asks for: as its guild file says now, else as it
//! said when the run was made.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::cells::Planned;
use crate::base::python_text::str_repr;
use crate::base::yaml::Value;
use crate::guildfile::{GuildFile, Model};
use crate::home::Home;
use crate::opref::OpRef;
use crate::project::catalog::{self, Catalog};
use crate::query::columns::ColumnSpec;
use crate::runs::Run;
use crate::select::Facts;

/// The columns that operations ask for, each guild file read once.
pub struct Operations<'a> {
    home: &'a Home,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    files: HashMap<PathBuf, Option<Arc<GuildFile>>>,
    packages: Option<Catalog>,
    operations: HashMap<OpRef, Option<Arc<[Planned]>>>,
    warnings: Vec<String>,
}

impl<'a> Operations<'a> {
    /// The operations of projects and packages of the user of `home`, of which
    /// nothing is read yet.
    pub fn new(home: &'a Home) -> Self {
        Self {
            home,
            known: Mutex::default(),
        }
    }

    /// What of the columns makes no sense, each said once.
    pub fn into_warnings(self) -> Vec<String> {
        let known = self.known.into_inner();
        known.unwrap_or_else(PoisonError::into_inner).warnings
    }

    /// The columns that the operation of the run asks for; none where it does not.
    pub fn columns(&self, facts: &Facts<'_>) -> Option<Arc<[Planned]>> {
        let opref = facts.opref().filter(|opref| is_of_guild_file(opref));
        if let Some(columns) = opref.and_then(|opref| self.defined(opref, facts.run())) {
            return Some(columns);
        }
        let recorded = facts.attr("compare")?;
        let texts = recorded.as_list()?.iter().filter_map(Value::as_str);
        let texts: Vec<String> = texts.map(str::to_string).collect();
        self.known().planned(&texts)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The columns that the definition of an operation has for the run.
    fn defined(&self, opref: &OpRef, run: &Run) -> Option<Arc<[Planned]>> {
        let mut known = self.known();
        if let Some(columns) = known.operations.get(opref) {
            return columns.clone();
        }
        let specs = self.specs(opref, run, &mut known);
        let columns = specs.and_then(|specs| known.planned(&specs));
        // A path that is not absolute means another file for each run.
        if opref.kind == "package" || Path::new(&opref.name).is_absolute() {
            known.operations.insert(opref.clone(), columns.clone());
        }
        columns
    }

    /// What the definition of an operation says of columns.
    fn specs(&self, opref: &OpRef, run: &Run, known: &mut Known) -> Option<Vec<String>> {
        let compare = |model: &Model| model.operation(&opref.op)?.compare.clone();
        if opref.kind == "package" {
            let read = || catalog::of_packages(self.home);
            let packages = known.packages.get_or_insert_with(read);
            let mut models = packages.models.iter();
            let found = models.find(|found| {
                found.is_of_package(&opref.name) && found.model().name == opref.model
            });
            return compare(found?.model());
        }
        // Guild AI takes a path that is not absolute for one in the run directory.
        let path = run.dir().join(&opref.name);
        let read = || self.read(&path);
        let file = known.files.entry(path.clone()).or_insert_with(read);
        let mut models = file.as_ref()?.models.iter();
        compare(models.find(|model| model.name == opref.model)?)
    }

    fn read(&self, path: &Path) -> Option<Arc<GuildFile>> {
        if !path.is_file() {
            return None;
        }
        let read = catalog::read(path, self.home);
        read.map_err(|error| self.home.remark(|| error.to_string()))
            .ok()
    }
}

fn is_of_guild_file(opref: &OpRef) -> bool {
    matches!(opref.kind.as_str(), "guildfile" | "package")
}

impl Known {
    /// The columns of all of `specs`, without those that make no sense; none where
    /// nothing is asked for.
    fn planned(&mut self, specs: &[String]) -> Option<Arc<[Planned]>> {
        let mut columns = Vec::new();
        for text in specs {
            match ColumnSpec::parse_list(text) {
                Ok(specs) => columns.extend(specs.into_iter().map(Planned::new)),
                Err(error) => {
                    let warning = format!("error parsing {}: {error}", str_repr(text));
                    if !self.warnings.contains(&warning) {
                        self.warnings.push(warning);
                    }
                }
            }
        }
        (!specs.is_empty()).then(|| columns.into())
    }
}
