//! `guild api help-op`: what is known of an operation, as JSON.

use clap::Args as ClapArgs;

use super::run;
use crate::base::yaml::Value;
use crate::cli::Context;
use crate::cli::failure::Failure;
use crate::cli::listing::{formatted_json, python_json};
use crate::flags::{self, Shorten};
use crate::guildfile::{Choice, FlagDef};
use crate::project::{self, Operation};

/// Show help for an operation as JSON.
///
/// OPSPEC is an operation as 'guild run' takes it: one of the project, of an
/// installed package, or a script.
///
/// # Examples
///
/// Show the defaults of a script's flags:
///
///     guild api help-op train.py | jq '.flags | map_values(.default)'
#[derive(Debug, ClapArgs)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// The operation.
    #[arg(value_name = "OPSPEC")]
    opspec: String,

    /// Lay the answer out for people to read.
    #[arg(short, long)]
    format: bool,
}

/// Shows an operation.
///
/// # Errors
/// There is none of that name, or its definition is wrong.
pub fn main(args: &Args, context: &Context) -> Result<(), Failure> {
    let operation = project::find(&context.home, Some(&args.opspec))
        .map_err(|error| run::project_failure(&error, context))?;
    context.warn_all(&operation.warnings);
    print(&operation_data(&operation), args.format, context);
    Ok(())
}

/// Prints an answer.
pub fn print(answer: &Value, format: bool, context: &Context) {
    let json = match format {
        true => formatted_json(answer, 0),
        false => python_json(answer),
    };
    context.console.line(&json);
}

/// What is told of an operation.
pub fn operation_data(operation: &Operation) -> Value {
    let opref = &operation.opref;
    let text = |text: &str| Value::from(text);
    let flags = operation
        .listed_flags()
        .into_iter()
        .map(|flag| (text(&flag.name), flag_data(flag)));
    let file = operation.model.as_ref().map(|model| &model.file().path);
    map([
        (
            "opref",
            map([
                ("pkgType", text(&opref.kind)),
                ("pkgName", text(&opref.name)),
                ("pkgVersion", text(&opref.version)),
                ("modelName", text(&opref.model)),
                ("opName", text(&opref.op)),
            ]),
        ),
        ("name", text(&opref.op)),
        ("fullname", text(&operation.spec)),
        ("description", text(&operation.settings.description)),
        (
            "guildfile",
            map([
                ("dir", text(&operation.project_dir.display().to_string())),
                (
                    "src",
                    file.map_or(Value::Null, |file| text(&file.display().to_string())),
                ),
            ]),
        ),
        ("flags", Value::Map(flags.collect())),
    ])
}

fn flag_data(flag: &FlagDef) -> Value {
    let kind = flag.kind.as_deref();
    map([
        ("default", flag.default.clone()),
        (
            "defaultAssign",
            flags::assignment(&flag.name, &flag.default, Shorten::default()).into(),
        ),
        ("description", flag.description.as_str().into()),
        (
            "choices",
            Value::List(flag.choices.iter().map(choice_data).collect()),
        ),
        ("type", kind.map_or(Value::Null, Value::from)),
    ])
}

fn choice_data(choice: &Choice) -> Value {
    map([
        ("value", choice.value.clone()),
        ("alias", choice.alias.clone().unwrap_or_default()),
        ("description", choice.description.as_str().into()),
    ])
}

fn map<const COUNT: usize>(entries: [(&str, Value); COUNT]) -> Value {
    let entries = entries.into_iter();
    Value::Map(
        entries
            .map(|(key, value)| (Value::from(key), value))
            .collect(),
    )
}
