//! What `guild diff` compares: files and folders of runs, two by two.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::diff::Args;
use crate::cli::Context;
use crate::cli::failure::Failure;
use crate::diff::{Missing, Side};
use crate::home;
use crate::op::source;
use crate::project::{self, Operation};
use crate::runs::Run;
use crate::sourcecode::{self, Definition};

/// Two files or folders to compare.
#[derive(Debug)]
pub struct Pair {
    /// Of the first run.
    pub left: Side,
    /// Of the second run, or of a folder.
    pub right: Side,
    /// What it means that one of them is not there.
    pub missing: Missing,
}

/// What the options say to compare of `runs`: two, or one with a folder.
///
/// # Errors
/// A path that is not relative; a run whose project is not known.
pub fn of(runs: &[Run], args: &Args, context: &Context) -> Result<Vec<Pair>, Failure> {
    args.check_paths(context)?;
    match (runs, args.dir()) {
        ([left, right], _) => Ok(of_runs(left, right, args, context)),
        ([run], Some(dir)) => {
            warn_ignored(args, "--dir", context);
            Ok(named_or_whole(
                Side::whole(run.dir()),
                Side::whole(dir),
                &args.paths,
            ))
        }
        ([run], None) => {
            let option = args.one_run_option().unwrap_or("--working");
            warn_ignored(args, option, context);
            let (left, right) = source_and_project(run, args.working_dir(), context)?;
            Ok(named_or_whole(left, right, &args.paths))
        }
        _ => Ok(Vec::new()),
    }
}

fn warn_ignored(args: &Args, by: &str, context: &Context) {
    for (option, given) in [
        ("--output", args.output),
        ("--sourcecode", args.sourcecode),
        ("--env", args.env),
        ("--flags", args.flags),
        ("--attrs", args.attrs),
        ("--deps", args.deps),
    ] {
        if given {
            context
                .console
                .warn(&format!("ignoring {option} ({by} compares files)"));
        }
    }
}

fn of_runs(left: &Run, right: &Run, args: &Args, context: &Context) -> Vec<Pair> {
    let mut pairs = Vec::new();
    let mut add = |path_of: &dyn Fn(&Run) -> PathBuf| {
        pairs.push(Pair {
            left: Side::whole(path_of(left)),
            right: Side::whole(path_of(right)),
            missing: Missing::Empty,
        });
    };
    let attributes = [
        ("env", args.env),
        ("flags", args.flags),
        ("deps", args.deps),
    ];
    for (name, given) in attributes {
        if given && args.attrs {
            context
                .console
                .warn(&format!("ignoring --{name} (already included in --attrs)"));
        } else if given {
            add(&|run| run.attr_path(name));
        }
    }
    if args.attrs {
        add(&Run::attrs_dir);
    }
    if args.output {
        add(&Run::output_path);
    }
    if args.sourcecode {
        let [left, right] = [left, right].map(|run| source(run, context));
        pairs.extend(named_or_whole(left, right, &args.paths));
    } else if pairs.is_empty() || !args.paths.is_empty() {
        let [left, right] = [left, right].map(|run| Side::whole(run.dir()));
        pairs.extend(named_or_whole(left, right, &args.paths));
    }
    pairs
}

/// The `paths` in both sides, or the sides themselves where there are none.
fn named_or_whole(left: Side, right: Side, paths: &[OsString]) -> Vec<Pair> {
    if paths.is_empty() {
        return vec![Pair {
            left,
            right,
            missing: Missing::Fault,
        }];
    }
    let named = paths.iter().map(|path| Pair {
        left: Side::whole(left.path().join(path)),
        right: Side::whole(right.path().join(path)),
        missing: Missing::Difference,
    });
    named.collect()
}

/// The source code of `run`. Other files may be beside it, which are left out
/// unless it is not known which ones they are.
fn source(run: &Run, context: &Context) -> Side {
    let dir = run.source_dir();
    match sourcecode::files_of(run) {
        Ok(files) => Side::files(dir, files),
        Err(error) => {
            context.console.warn(&error.to_string());
            Side::whole(dir)
        }
    }
}

/// The source code of `run`, and what a run that is started now would have, in its
/// project or in the folder `working_dir` that stands for it.
fn source_and_project(
    run: &Run,
    working_dir: Option<PathBuf>,
    context: &Context,
) -> Result<(Side, Side), Failure> {
    let left = source(run, context);
    let (dir, operation) = project_of(run, working_dir, context)?;
    let Some(files) = left.only() else {
        return Ok((left, Side::whole(dir)));
    };
    let real_dir = home::tidy(&context.home.cwd().join(&dir));
    let definition = Definition {
        root: real_dir.clone(),
        ..operation.as_ref().map_or_else(
            || Definition::default_of(&real_dir),
            |operation| operation.source_code.clone(),
        )
    };
    let python = operation.is_none_or(|operation| operation.python);
    let mut warn = |text: String| context.console.warn(&text);
    let rules = source::rules(&definition, python, None, &context.home, &mut warn);
    let mut files = files.clone();
    files.extend(sourcecode::select(&real_dir, &rules, &|_| false).paths);
    Ok((left, Side::files(dir, files)))
}

/// Where the source code of `run` came from, or would be in `working_dir`, and
/// the operation it is of, if that is still there.
fn project_of(
    run: &Run,
    working_dir: Option<PathBuf>,
    context: &Context,
) -> Result<(PathBuf, Option<Operation>), Failure> {
    let below = |mut dir: PathBuf| {
        dir.extend(run.source_root());
        dir
    };
    let opref = match run.opref() {
        Ok(opref) => opref,
        Err(error) => {
            let dir = working_dir.ok_or(error)?;
            return Ok((below(dir), None));
        }
    };
    let found = project::find_again(&context.home, &opref);
    if let Some(dir) = working_dir {
        return Ok((below(dir), found.ok()));
    }
    // A guild file that is not understood, or lacks another file, is there.
    let is_there = match &found {
        Ok(_) => true,
        Err(project::Error::NotDefined { .. }) => false,
        Err(_) => opref.kind == "script" || Path::new(&opref.name).is_file(),
    };
    match (found, opref.dir()) {
        (found, Some(dir)) if is_there => Ok((below(dir.to_path_buf()), found.ok())),
        (found, _) => {
            let reason = found.err().map(|error| format!(": {error}"));
            Err(Failure::error(format!(
                "cannot find working source code directory for run {id}{reason}\nTry specifying \
                 the directory with 'guild diff {id} --working-dir DIR'.",
                id = run.short_id(),
                reason = reason.unwrap_or_default(),
            )))
        }
    }
}
