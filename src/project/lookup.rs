//! Which operation a name means.
//!
//! A name is looked for in the guild file of the current folder, then among
//! files, then in installed packages. Guild AI asks packages before files; this
//! way no Python has to be started to tell of packages before a script runs.

use std::path::Path;
use std::sync::Arc;

use super::catalog::{self, FoundModel, Origin};
use super::spec::OpName;
use super::{Error, Operation, builtin, direct, missing};
use crate::guildfile::GuildFile;
use crate::home::Home;
use crate::opref::OpRef;

/// The operation that `spec` names, or the default one.
///
/// # Errors
/// There is none, or its definition is wrong.
pub fn find(home: &Home, spec: Option<&str>) -> Result<Operation, Error> {
    let project = catalog::of_project(home);
    let Some(spec) = spec.filter(|spec| !spec.is_empty()) else {
        return default_operation(home, project?.as_ref());
    };
    let defined = match &project {
        Ok(file) => defined(home, file.as_ref(), spec),
        Err(_) => Ok(None),
    };
    if let Ok(Some(operation)) = defined {
        return Ok(operation);
    }
    // What a file is called may be no name of an operation, and a file can be
    // run beside a guild file that is wrong.
    if let Some(operation) = direct::find(home, spec)? {
        return Ok(operation);
    }
    let project = project?;
    if let Some(operation) = in_folders(home, spec) {
        return Ok(operation);
    }
    let found = defined.and_then(|_| in_packages(home, spec));
    found.map_err(|error| error.with_hint(missing::hint(home, project.as_ref(), spec)))
}

/// The operation a run with `opref` is of, looked for in its own project.
///
/// # Errors
/// As [`find`].
pub fn find_again(home: &Home, opref: &OpRef) -> Result<Operation, Error> {
    let not_found = || Error::not_found(&opref.op_spec());
    match opref.kind.as_str() {
        "guildfile" => {
            let file = catalog::read(Path::new(&opref.name), home)?;
            let models = FoundModel::all_of(&file);
            let model = models
                .iter()
                .find(|model| model.model().name == opref.model)
                .ok_or_else(not_found)?;
            operation(home, model, &opref.op)
        }
        "script" => {
            let path = Path::new(&opref.name).join(&opref.op);
            direct::find(home, &path.display().to_string())?.ok_or_else(not_found)
        }
        "builtin" => builtin::find(home, &opref.model_op())?.ok_or_else(not_found),
        "plugin" => {
            let spec = opref.model_op();
            direct::find(home, &spec)?.ok_or_else(not_found)
        }
        "package" => {
            let catalog = catalog::of_packages(home);
            let full_name = format!("{}/{}", opref.name, opref.model);
            let reason = catalog.why_unusable(|model| model == full_name);
            let models = catalog.models;
            let model = models
                .iter()
                .filter(|model| model.is_of_package(&opref.name))
                .find(|model| model.model().name == opref.model)
                .ok_or_else(|| not_found().because(reason))?;
            operation(home, model, &opref.op)
        }
        _ => Err(not_found()),
    }
}

fn default_operation(home: &Home, file: Option<&Arc<GuildFile>>) -> Result<Operation, Error> {
    let models = file.map(FoundModel::all_of).unwrap_or_default();
    let model = one_model(None, &models)?.ok_or(Error::NoDefault)?;
    let default = model.model().default_operation();
    let op = default.ok_or_else(|| Error::NoDefaultOperation(model_title(model)))?;
    operation(home, model, &op.name)
}

/// The operation in a project's guild file; none where it has no such model.
fn defined(
    home: &Home,
    file: Option<&Arc<GuildFile>>,
    spec: &str,
) -> Result<Option<Operation>, Error> {
    let name = OpName::parse(spec).ok_or_else(|| Error::invalid(spec))?;
    let models = file.map(FoundModel::all_of).unwrap_or_default();
    match one_model(name.model, &models)? {
        Some(model) => operation(home, model, name.op).map(Some),
        None => Ok(None),
    }
}

/// The operation that is listed as `spec`, of a guild file in a folder that Python
/// imports from.
fn in_folders(home: &Home, spec: &str) -> Option<Operation> {
    if !spec.starts_with('.') {
        return None;
    }
    let models = catalog::of_folders(home).models;
    models.iter().find_map(|model| {
        let prefix = model.full_op_name("");
        model.operation(home, spec.strip_prefix(&prefix)?)
    })
}

/// The operation of an installed package.
fn in_packages(home: &Home, spec: &str) -> Result<Operation, Error> {
    let name = OpName::parse(spec).ok_or_else(|| Error::invalid(spec))?;
    let catalog = catalog::of_packages(home);
    let reason = catalog.why_unusable(|full_name| match name.model {
        Some(part) if part.contains('/') => full_name.contains(part),
        Some(part) => full_name
            .rsplit('/')
            .next()
            .is_some_and(|model| model.contains(part)),
        None => false,
    });
    let model = one_model(name.model, &catalog.models)?;
    let model = model.ok_or_else(|| Error::not_found(spec).because(reason))?;
    operation(home, model, name.op)
}

/// The only one of `models` whose name contains `reference`, or of several the
/// one that has just that name; without a reference the default one.
fn one_model<'a>(
    reference: Option<&str>,
    models: &'a [FoundModel],
) -> Result<Option<&'a FoundModel>, Error> {
    let is_meant = |model: &&FoundModel| match reference {
        Some(part) if part.contains('/') => model.full_name().contains(part),
        Some(part) => model.model().name.contains(part),
        None => match model.origin() {
            Origin::Project => model.is_default(),
            Origin::Package { .. } | Origin::Folder { .. } => model.model().name.is_empty(),
        },
    };
    let matches: Vec<&FoundModel> = models.iter().filter(is_meant).collect();
    let ([_, _, ..], Some(reference)) = (&matches[..], reference) else {
        return Ok(match matches[..] {
            [only] => Some(only),
            _ => None,
        });
    };
    let exact = matches.iter().find(|model| model.model().name == reference);
    match exact {
        Some(exact) => Ok(Some(exact)),
        None => {
            let mut names: Vec<String> = matches.iter().map(|model| model.full_name()).collect();
            names.sort();
            Err(Error::ManyModels {
                reference: reference.to_string(),
                models: names,
            })
        }
    }
}

fn operation(home: &Home, model: &FoundModel, op: &str) -> Result<Operation, Error> {
    model.operation(home, op).ok_or_else(|| {
        let name = &model.model().name;
        let command = match name.as_str() {
            "" => "guild operations".to_string(),
            name => format!("guild operations {name}"),
        };
        Error::NotDefined {
            op: op.to_string(),
            model: model_title(model),
            command,
            hint: String::new(),
        }
    })
}

/// How messages call the model.
fn model_title(model: &FoundModel) -> String {
    match model.model().name.as_str() {
        "" => "this project".to_string(),
        name => format!("model '{name}'"),
    }
}
