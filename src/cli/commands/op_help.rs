//! What `guild run` says of an operation or a model with `--help-op` and
//! `--help-model`.

use super::flag_help;
use crate::cli::Context;
use crate::cli::layout::Layout;
use crate::guildfile::{Dependency, Model, Resource};
use crate::project::Operation;
use crate::project::catalog::FoundModel;

/// Shows how to run `operation`, what it requires, and its flags.
pub fn operation(operation: &Operation, context: &Context) {
    let columns = context.console.columns();
    let mut layout = Layout::new(columns);
    layout.usage(&format!("run [OPTIONS] {} [FLAG]...", operation.spec));
    description(&operation.settings.description, &mut layout);
    layout.paragraph();
    layout.text("Use 'guild run --help' for a list of options.");
    section("Dependencies", &required(operation), &mut layout);
    let flags = flag_help::rows(&operation.listed_flags(), columns);
    section("Flags", &flags, &mut layout);
    context.console.data(layout.into_text().as_bytes());
}

/// Shows the operations and resources of the model that `operation` is of; one
/// that is in no guild file is the only one of its model.
pub fn model(operation: &Operation, context: &Context) {
    let model = model_of(operation);
    let mut layout = Layout::new(context.console.columns());
    let name = model.map_or("", |model| &model.name);
    layout.usage(&format!("run [OPTIONS] {name}:OPERATION [FLAG]..."));
    description(model.map_or("", |model| &model.description), &mut layout);
    layout.paragraph();
    layout.text(&format!(
        "Use 'guild run {name}:OPERATION --help-op' for help on a particular operation."
    ));
    section("Operations", &operations(operation, model), &mut layout);
    section("Resources", &resources(model), &mut layout);
    context.console.data(layout.into_text().as_bytes());
}

fn model_of(operation: &Operation) -> Option<&Model> {
    operation.model.as_ref().map(FoundModel::model)
}

fn description(text: &str, layout: &mut Layout) {
    if !text.is_empty() {
        layout.paragraph();
        layout.text(&text.replace('\n', "\n\n"));
    }
}

fn section(heading: &str, rows: &[(String, String)], layout: &mut Layout) {
    if rows.is_empty() {
        return;
    }
    layout.paragraph();
    layout.heading(heading);
    layout.indent();
    layout.definitions(rows);
    layout.dedent();
}

/// What the operation requires and somebody has described.
fn required(operation: &Operation) -> Vec<(String, String)> {
    let model = model_of(operation);
    let described = |name: &str| {
        let resource = model.and_then(|model| model.resource(name));
        resource.map_or_else(String::new, |resource| resource.description.clone())
    };
    let row = |requirement: &Dependency| match requirement {
        Dependency::Named {
            resource,
            description,
        } if description.is_empty() => Some((resource.clone(), described(resource))),
        Dependency::Named {
            resource,
            description,
        } => Some((resource.clone(), description.clone())),
        Dependency::Inline(_) => None,
    };
    let definition = operation.definition.as_ref();
    let requires = definition.map_or(&[][..], |definition| &definition.requires);
    let rows = requires.iter().filter_map(row);
    rows.filter(|(_, text)| !text.is_empty()).collect()
}

fn operations(operation: &Operation, model: Option<&Model>) -> Vec<(String, String)> {
    let row = |name: &str, description: &str| {
        let first = description.split('\n').next().unwrap_or_default();
        (name.to_string(), first.to_string())
    };
    let Some(model) = model else {
        return vec![row(&operation.opref.op, &operation.settings.description)];
    };
    let mut rows: Vec<_> = model
        .operations
        .iter()
        .map(|op| row(&op.name, &op.description))
        .collect();
    rows.sort();
    rows
}

fn resources(model: Option<&Model>) -> Vec<(String, String)> {
    let resources = model.into_iter().flat_map(|model| model.resources.iter());
    let row = |resource: &Resource| {
        let name = resource.name.clone().unwrap_or_default();
        (name, resource.description.clone())
    };
    let mut rows: Vec<_> = resources.map(row).collect();
    rows.sort();
    rows
}
