//! `guild api merge`: files of a run back to its project, told in JSON.

use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;

use super::merge;
use super::merge_plan::{self, Merge};
use crate::base::yaml::{Map, Value};
use crate::cli::Context;
use crate::cli::failure::Failure;
use crate::cli::listing::{self, Shown};
use crate::home;
use crate::merge::{FileKind, Objection, Plan, Reason};
use crate::select;

/// Copy files of a run back to its project, and answer in JSON.
///
/// Does what 'guild merge' does, without asking: either '--preview' or '--yes'
/// must be given. The answer has an entry 'resp':
///
///     preview            what would be copied and skipped
///     ok                 what was copied
///     nothing-to-copy    the project has all files already
///     replacement-paths  files that must not be replaced; nothing was copied
///     unstaged-paths     files with unstaged changes; nothing was copied
///
/// # Examples
///
/// Ask what would be copied of the latest run:
///
///     guild api merge --preview --format
#[derive(Debug, ClapArgs)]
#[group(skip)]
#[command(verbatim_doc_comment, args_override_self = true)]
pub struct Args {
    /// Format the answer for people to read.
    #[arg(short, long)]
    format: bool,

    #[command(flatten)]
    merge: merge::Args,
}

/// Copies files of a run, and tells in JSON what was done.
///
/// # Errors
/// As `guild merge`, but for files that must not be replaced: these are told in
/// JSON.
pub fn main(args: &Args, context: &Context) -> Result<(), Failure> {
    if !args.merge.yes.yes && !args.merge.preview {
        return Err(Failure::with_help(
            "--yes must be specified for this command when --preview is not used",
            &context.path,
        ));
    }
    let merge = merge_plan::prepare(&args.merge, context)?;
    let answer = answer(&merge, args.merge.preview, context)?;
    let json = match args.format {
        true => listing::formatted_json(&answer, 0),
        false => listing::python_json(&answer),
    };
    context.console.line(&json);
    Ok(())
}

fn answer(merge: &Merge, preview: bool, context: &Context) -> Result<Value, Failure> {
    let resp = |resp: &str| ("resp", Value::from(resp));
    let answer: Vec<(&str, Value)> = match &merge.objection {
        Some(Objection::Replaces(files)) => {
            vec![resp("replacement-paths"), ("paths", paths(files))]
        }
        Some(Objection::Unstaged(files)) => {
            vec![resp("unstaged-paths"), ("paths", paths(files))]
        }
        None if preview => vec![
            resp("preview"),
            ("run", run(merge, context)),
            ("targetDir", path(&home::tidy(&merge.target))),
            ("toCopy", to_copy(&merge.plan)),
            ("toSkip", to_skip(&merge.plan)),
        ],
        None if merge.plan.copies.is_empty() => vec![resp("nothing-to-copy")],
        None => {
            let mut copied = Vec::new();
            merge.apply(&mut |copy| copied.push(copy.target_path.clone()))?;
            vec![resp("ok"), ("copied", paths(&copied))]
        }
    };
    Ok(object(answer))
}

fn run(merge: &Merge, context: &Context) -> Value {
    let run = &merge.run;
    let shown = Shown::new(run, context);
    let opref = shown.or_default(run.opref().map(Some));
    let project = opref.as_ref().and_then(merge_plan::project);
    let opref = opref.as_ref().map_or(Value::Null, |opref| {
        object(vec![
            ("pkgType", opref.kind.as_str().into()),
            ("pkgName", opref.name.as_str().into()),
            ("pkgVersion", opref.version.as_str().into()),
            ("modelName", opref.model.as_str().into()),
            ("opName", opref.op.as_str().into()),
        ])
    });
    let value = object(vec![
        ("id", run.id().into()),
        ("shortId", run.short_id().into()),
        ("dir", path(run.dir())),
        ("operation", select::operation_name(run).into()),
        ("started", shown.started().into()),
        ("stopped", shown.time("stopped").into()),
        ("label", shown.label().into()),
        ("status", run.status().as_str().into()),
        ("projectDir", project.map_or(Value::Null, path)),
        ("opRef", opref),
    ]);
    shown.warn();
    value
}

fn to_copy(plan: &Plan) -> Value {
    let copies = plan.copies.iter().map(|copy| {
        object(vec![
            ("fileType", letter(copy.kind).into()),
            ("runPath", path(&copy.run_path)),
            ("targetPath", path(&copy.target_path)),
        ])
    });
    Value::List(copies.collect())
}

fn to_skip(plan: &Plan) -> Value {
    let skipped = plan.skipped.iter().map(|file| {
        let target_path = file.target_path.as_deref().map_or(Value::Null, path);
        object(vec![
            ("fileType", letter(file.kind).into()),
            ("runPath", path(&file.run_path)),
            ("targetPath", target_path),
            ("reason", code(file.reason).into()),
        ])
    });
    Value::List(skipped.collect())
}

fn letter(kind: FileKind) -> &'static str {
    match kind {
        FileKind::SourceCode => "s",
        FileKind::Dependency => "d",
        FileKind::Internal => "i",
        FileKind::Generated => "o",
    }
}

fn code(reason: Reason) -> &'static str {
    match reason {
        Reason::Unchanged => "u",
        Reason::Excluded => "x",
        Reason::SourceCode => "s",
        Reason::Dependency => "d",
        Reason::ForeignDependency => "npd",
        Reason::Generated | Reason::Internal => "?",
    }
}

fn object(entries: Vec<(&str, Value)>) -> Value {
    Value::Map(entries.into_iter().collect::<Map>())
}

fn paths(paths: &[PathBuf]) -> Value {
    Value::List(paths.iter().map(|entry| path(entry)).collect())
}

fn path(path: &Path) -> Value {
    Value::from(path.to_string_lossy().into_owned())
}
