//! `guild run`: run an operation.

use std::path::PathBuf;

use super::run_batch::Batch;
use super::{
    comment, op_help, run_batch, run_checks, run_edit, run_help, run_output_test, run_proto,
    run_restart, run_start, run_steps, run_test_flags, run_trials,
};
use crate::base::shell_text;
use crate::base::yaml::{Map, Value};
use crate::batch::make::Part;
use crate::cli::download_progress::DownloadProgress;
use crate::cli::failure::Failure;
use crate::cli::{Context, listing};
use crate::home::tidy;
use crate::op::make;
use crate::op::making::Making;
use crate::op::plan::Plan;
use crate::op::values::{self, FlagValues, Given, Words};
use crate::op::{RunRequest, launch, upstream};
use crate::opref::OpRef;
use crate::project::{self, Operation};
use crate::resolve::{self, Needs, Notice};
use crate::runs::{Run, Status};
use crate::select;

/// Run an operation.
///
/// OPERATION is a Python script, another executable file, or an operation of
/// the guild file 'guild.yml' in the current folder; without one the project's
/// default operation is run. A script needs no change: guild keeps its flags,
/// source code, output and exit status as a run.
///
/// # Flags
///
/// FLAG=VAL sets a value. The flags of a Python script are its module-level
/// variables with literal values, or, if it parses arguments, its arguments:
/// 'lr=0.1' then arrives as '--lr 0.1'.
///
/// # Examples
///
/// Run a script and set two of its variables:
///
///     guild run train.py learning_rate=0.1 epochs=20
///
/// Run it in the background, and end it later:
///
///     guild run train.py --background --yes
///     guild stop
///
/// Start a staged run, or any run again, by its id:
///
///     guild run --start 3f2a
///
/// See what would be run:
///
///     guild run train.py --print-cmd
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    #[command(flatten)]
    request: RunRequest,
}

/// Runs an operation, or shows what would be run.
pub fn main(args: &Args, context: &Context) -> Result<(), Failure> {
    run(&args.request, context)
}

/// Does what `request` asks for.
pub(super) fn run(request: &RunRequest, context: &Context) -> Result<(), Failure> {
    run_checks::check(request, context)?;
    if let Some(spec) = &request.restart {
        return run_restart::restart(spec, request, context);
    }
    if let Some(spec) = &request.proto {
        return run_proto::main(spec, request, context);
    }
    let home = &context.home;
    let folder = match home.cwd() == home.process_cwd() {
        true => ".".to_string(),
        false => home.display(home.cwd()),
    };
    context.debug(&format!("checking '{folder}' for model sources"));
    let operation =
        project::find(home, request.op_spec()).map_err(|error| project_failure(&error, context))?;
    context.warn_all(&operation.warnings);
    if request.help_op {
        op_help::operation(&operation, context);
        return Ok(());
    }
    if request.help_model {
        op_help::model(&operation, context);
        return Ok(());
    }
    if request.test_sourcecode {
        // Values that are wrong say nothing of source code.
        let values = flag_values(&operation, None, request, context);
        let values = values.map_or_else(|_| Map::new(), |values| values.all);
        run_help::sourcecode(&operation, &values, context);
        return Ok(());
    }
    if request.test_flags {
        run_test_flags::show(&operation, context);
        return Ok(());
    }
    let mut plan = Plan::new(
        &operation,
        flag_values(&operation, None, request, context)?,
        request,
        &context.home,
    )
    .map_err(Failure::error)?;
    debug_source(&mut plan, request, context)?;
    if run_output_test::show(&plan.config, request, context)? {
        return Ok(());
    }
    if let Some(batch) = run_batch::of_operation(&operation, &mut plan, request, context)? {
        return run_as_batch(batch, &operation, plan, request, context);
    }
    if show_only(&plan, request, context)? {
        return Ok(());
    }
    if let Some(what) = operation.unavailable() {
        return Err(Failure::error(format!(
            "cannot run {}: {what} are not available yet",
            operation.spec
        )));
    }
    if !request.yes {
        let steps = run_steps::preview(&plan, &operation.opref, request, None, context)?;
        if !confirm(&verb(request), &operation.spec, &plan, &steps, context)? {
            return Ok(());
        }
    }
    if request.needed && is_done(&operation.opref, &plan, context)? {
        return Ok(());
    }
    run_checks::check_pidfile(request, context)?;
    let run = with_comment(request, &operation.spec, context, |request| {
        create(&operation, &mut plan, request, context)
    })?;
    resolve(&run, &plan, request, context)?;
    run_start::go(run, &operation.spec, &plan, request, context)
}

/// Runs `operation` by `plan` as the trials of `batch`.
fn run_as_batch(
    batch: Batch,
    operation: &Operation,
    mut plan: Plan,
    request: &RunRequest,
    context: &Context,
) -> Result<(), Failure> {
    if run_trials::show_only(&batch, &plan, request, context)? {
        return Ok(());
    }
    if !request.yes {
        let subject = format!("{}{}", operation.spec, batch.described(&plan)?);
        let more = batch.flag_lines();
        if !confirm(&verb(request), &subject, &plan, &more, context)? {
            return Ok(());
        }
    }
    if request.needed && batch.is_done(&operation.opref, &plan, context)? {
        return Ok(());
    }
    run_checks::check_pidfile(request, context)?;
    let user = Part {
        operation: Some(operation),
        plan: &mut plan,
        like: None,
    };
    run_batch::start(batch, user, None, request, context)
}

/// Has the plan run source code from elsewhere, if that is asked for.
///
/// # Errors
/// There is no such folder.
pub(super) fn debug_source(
    plan: &mut Plan,
    request: &RunRequest,
    context: &Context,
) -> Result<(), Failure> {
    let folders = run_checks::source_folders(request, context)?;
    if !folders.is_empty() {
        plan.set_source_folders(&folders);
    }
    Ok(())
}

/// Does `act` with the request, whose comment the user writes in an editor if
/// they asked for it.
///
/// # Errors
/// As `act`, which then says where the comment is kept; the editor fails;
/// nothing is written.
pub(super) fn with_comment<T>(
    request: &RunRequest,
    subject: &str,
    context: &Context,
    act: impl FnOnce(&RunRequest) -> Result<T, Failure>,
) -> Result<T, Failure> {
    if !request.edit_comment {
        return act(request);
    }
    let text = request.comment.as_deref().unwrap_or_default();
    let about = [format!("Run of {subject}")];
    let (body, draft) = comment::written(text, &about, context)?;
    let request = RunRequest {
        comment: Some(body),
        ..request.clone()
    };
    match act(&request) {
        Ok(done) => {
            draft.discard();
            Ok(done)
        }
        Err(failure) => Err(draft.kept_after(failure)),
    }
}

/// The flag values of a run of `operation`; `base` are those it had before.
pub(super) fn flag_values(
    operation: &Operation,
    base: Option<&Map>,
    request: &RunRequest,
    context: &Context,
) -> Result<FlagValues, Failure> {
    let words = Words::parse(request.flag_words()).map_err(values_failure)?;
    let given = Given {
        base,
        words: &words,
        dir: context.home.process_cwd(),
        user_home: context.home.user_home(),
        force: request.force_flags,
    };
    let mut warn = |text: String| context.console.warn(&text);
    let mut resolved = values::resolve(operation, &given, &mut warn).map_err(values_failure)?;
    upstream::choose(operation, &mut resolved, base, &context.home, &mut warn);
    if request.edit_flags {
        resolved = run_edit::flags(operation, resolved, &given, context)?;
        // What is not there was told.
        upstream::choose(operation, &mut resolved, base, &context.home, &mut |_| {});
    }
    Ok(resolved)
}

/// What is said where there is no operation to run.
pub(super) fn project_failure(error: &project::Error, context: &Context) -> Failure {
    let project::Error::GuildFile(error) = error else {
        return Failure::error(error).after(error.reason());
    };
    let home = &context.home;
    let place = if home.cwd() == home.process_cwd() {
        "the current directory".to_string()
    } else {
        format!("'{}'", home.display(home.cwd()))
    };
    Failure::bare(format!(
        "ERROR: {error}\nguild: guildfile in {place} contains an error (see above for details)"
    ))
}

/// What is said of wrong flag values.
pub(super) fn values_failure(error: values::Error) -> Failure {
    if error.is_bare() {
        Failure::bare(error.to_string())
    } else {
        Failure::error(error)
    }
}

pub(super) fn verb(request: &RunRequest) -> String {
    let verb = if request.stage {
        "stage"
    } else if request.stage_trials {
        "stage trials for"
    } else {
        "run"
    };
    verb.to_string()
}

/// Shows the command line or the environment if that is asked for.
pub(super) fn show_only(
    plan: &Plan,
    request: &RunRequest,
    context: &Context,
) -> Result<bool, Failure> {
    if request.print_cmd {
        let line = launch::command_line(&plan.config, &plan.values.all, &context.home)
            .map_err(Failure::error)?;
        context.warn_all(&line.warnings);
        let words: Vec<_> = line
            .args
            .iter()
            .map(|word| shell_text::quote_opref(word))
            .collect();
        context.console.line(&words.join(" "));
    } else if request.print_env {
        let mut env = launch::operation_env(&plan.config, &plan.values.all, &context.home)
            .map_err(Failure::error)?;
        env.extend(plan.start_env.iter().cloned());
        for (name, value) in env {
            context
                .console
                .line(&format!("{name}={}", launch::quoted(&value)));
        }
    }
    Ok(request.print_cmd || request.print_env)
}

/// Shows what is about to be run, with `more` to say of it, and asks whether to go
/// on.
pub(super) fn confirm(
    verb: &str,
    subject: &str,
    plan: &Plan,
    more: &[String],
    context: &Context,
) -> Result<bool, Failure> {
    context
        .console
        .note(&format!("You are about to {verb} {subject}"));
    for line in flag_lines(plan).iter().chain(more) {
        context.console.note(line);
    }
    context.console.confirm("Continue?", true)
}

/// The lines that a preview has of flags.
pub(super) fn flag_lines(plan: &Plan) -> Vec<String> {
    let null_labels = &plan.config.flag_null_labels;
    let line = |(name, value): (&Value, &Value)| {
        let name = name.as_str().unwrap_or_default();
        let text = match value {
            Value::Null => null_labels
                .get(name)
                .map_or_else(|| "default".to_string(), listing::flag_text),
            // Not quoted, as other texts in brackets are.
            Value::Str(text) if values::is_function(value) => text.clone(),
            value => listing::flag_text(value),
        };
        format!("  {name}: {text}")
    };
    plan.values.all.iter().map(line).collect()
}

/// Shows the runs that make this one needless, if there are any.
pub(super) fn is_done(opref: &OpRef, plan: &Plan, context: &Context) -> Result<bool, Failure> {
    let store = listing::live_runs(context);
    let wanted = opref.model_op();
    let done: Vec<Run> = store
        .list()?
        .into_iter()
        .filter(|run| select::operation_name(run) == wanted)
        .filter(|run| run.opref().is_ok_and(|found| found.name == opref.name))
        .filter(|run| matches!(run.status(), Status::Completed | Status::Terminated))
        .filter(|run| has_values(run, plan))
        .collect();
    tell_done(&done, context);
    Ok(!done.is_empty())
}

/// Says that the runs `done` make another one needless, if there are any.
pub(super) fn tell_done(done: &[Run], context: &Context) {
    if done.is_empty() {
        return;
    }
    context
        .console
        .line("Skipping because the following runs match this operation (--needed specified):");
    let rows: Vec<_> = done
        .iter()
        .map(|run| listing::preview_row(run, context))
        .collect();
    for line in crate::base::text::table(&rows, 2) {
        context.console.line(&format!("  {line}"));
    }
}

/// Whether `run` has the flag values of `plan`.
pub(super) fn has_values(run: &Run, plan: &Plan) -> bool {
    match run.attr("flags") {
        Ok(Some(flags)) => flags.python_eq(&Value::Map(plan.values.all.clone())),
        Ok(None) => plan.values.all.is_empty(),
        Err(_) => false,
    }
}

fn create(
    operation: &Operation,
    plan: &mut Plan,
    request: &RunRequest,
    context: &Context,
) -> Result<Making, Failure> {
    let dir = run_dir(request, context);
    context.debug(&format!("initializing run in {}", dir.display()));
    let mut warn = |text: String| context.console.warn(&text);
    make::create(&dir, operation, plan, request, &context.home, &mut warn).map_err(Failure::error)
}

/// Brings what the run needs into its directory.
pub(super) fn resolve(
    run: &Run,
    plan: &Plan,
    request: &RunRequest,
    context: &Context,
) -> Result<(), Failure> {
    let progress = DownloadProgress::new(context);
    let mut tell = |notice: Notice| progress.tell(notice);
    let needs = Needs {
        run,
        resources: plan.config.dependencies(),
        values: &plan.values.all,
        specs: &plan.config.cmd_flags,
        python_requires: plan.config.python_requires.as_deref(),
        home: &context.home,
        staged: request.stage,
        lenient: request.force_deps,
    };
    resolve::resolve(&needs, &mut tell).map_err(|error| {
        Failure::error(format!(
            "run failed because a dependency was not met: {error}"
        ))
    })
}

/// The directory of a new run.
pub(super) fn run_dir(request: &RunRequest, context: &Context) -> PathBuf {
    let home = &context.home;
    match &request.run_dir {
        Some(dir) => {
            let dir = crate::home::expand_user(dir, home.user_home());
            let dir = tidy(&home.process_cwd().join(dir));
            if !request.stage && !home.is_on("NO_WARN_RUNDIR") {
                context.console.note(&format!(
                    "Run directory is '{}' (results will not be visible to Guild)",
                    dir.display()
                ));
            }
            dir
        }
        None => {
            let id = request.run_id.clone().unwrap_or_else(|| home.new_run_id());
            home.runs_dir().join(id)
        }
    }
}
