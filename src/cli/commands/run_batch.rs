//! Batches of `guild run`: which operation makes the trials, what is shown of them
//! before they are run, and making the batch.

use super::{comment, run, run_edit, run_start};
use crate::base::yaml::Map;
use crate::batch::make::{self, Part, Settings};
use crate::batch::side_by_side::SideBySide;
use crate::batch::{Method, Objective, Wanted, devices};
use crate::cli::failure::Failure;
use crate::cli::{Context, listing};
use crate::flags;
use crate::guildfile;
use crate::op::RunRequest;
use crate::op::plan::Plan;
use crate::op::values::{self, Given, Words, is_function};
use crate::opref::OpRef;
use crate::project::{self, Operation};
use crate::runs::{Run, Status};
use crate::{search, select};

/// The optimizer meant where neither the user nor the operation names one.
const DEFAULT_OPTIMIZER: &str = "gp";

/// What turns flags with choices or bounds into what a search chooses from.
const SEARCH_ENCODER: &str = "guild.plugins.skopt:encode_flag_for_optimizer";

/// The batch that is to make the trials.
pub(super) struct Batch {
    /// What its own run is made of.
    pub(super) plan: Plan,
    /// What it is a run of.
    pub(super) opref: OpRef,
    /// The same as the user knows it.
    pub(super) name: String,
    /// The definition of that, where it is at hand.
    pub(super) operation: Option<Operation>,
    /// What it has beside what any run has.
    pub(super) settings: Settings,
}

/// The batch that `request` asks for, if it asks for one, to run `user` by `plan`.
///
/// # Errors
/// There is no such optimizer; it does not take these flags; options are given that
/// only a batch has.
pub(super) fn of_operation(
    user: &Operation,
    plan: &mut Plan,
    request: &RunRequest,
    context: &Context,
) -> Result<Option<Batch>, Failure> {
    let Some((operation, preset)) = optimizer(user, plan, request, context)? else {
        check_no_batch(request, context)?;
        return Ok(None);
    };
    let asked = make::request(request);
    let values = flag_values(&operation, Some(&preset), request, context)?;
    let batch_plan =
        Plan::new(&operation, values, &asked, &context.home).map_err(Failure::error)?;
    let definition = operation.definition.as_deref();
    if request.stage_trials && !definition.is_some_and(|op| op.can_stage_trials) {
        let name = &operation.spec;
        return Err(Failure::error(format!(
            "operation '{name}' does not support --stage-trials"
        )));
    }
    encode_flags(&operation, user, plan, context);
    let default_max = definition.and_then(|op| op.default_max_trials);
    Ok(Some(Batch {
        plan: batch_plan,
        opref: operation.opref.clone(),
        name: operation.spec.clone(),
        settings: Settings {
            objective: Some(objective(Some(user), request).unwrap_or_default()),
            max_trials: request.max_trials.or(default_max),
            stage_trials: request.stage_trials,
            side_by_side: SideBySide::of_request(request),
        },
        operation: Some(operation),
    }))
}

/// The batch that the run `batch` is, changed as `request` has it; `user` is what it
/// runs, where the definition of that is at hand.
///
/// # Errors
/// It cannot be read; its optimizer does not take these flags.
pub(super) fn of_run(
    batch: &Run,
    user: Option<&Operation>,
    request: &RunRequest,
    context: &Context,
) -> Result<Batch, Failure> {
    let home = &context.home;
    let mut plan = Plan::of_run(batch, &make::request(request), home).map_err(Failure::error)?;
    let opref = batch.opref()?;
    let mut operation = None;
    if !request.opt_flags.is_empty() {
        let found = project::find_again(home, &opref);
        let found = found.map_err(|error| run::project_failure(&error, context))?;
        let values = flag_values(&found, Some(&plan.values.all), request, context)?;
        plan.set_values(&found, values, home)
            .map_err(Failure::error)?;
        operation = Some(found);
    }
    let most = batch.integer_attr("max_trials")?;
    let most = most.and_then(|most| most.try_into().ok());
    let staged = batch.attr("stage_trials")?;
    let objective = match objective(user, request) {
        Some(objective) => Some(objective),
        None => batch.text_attr("objective")?,
    };
    Ok(Batch {
        plan,
        name: opref.model_op(),
        opref,
        operation,
        settings: Settings {
            objective,
            max_trials: request.max_trials.or(most),
            stage_trials: request.stage_trials || staged.is_some_and(|staged| staged.is_truthy()),
            side_by_side: SideBySide::of_request(request).or(SideBySide::of_run(batch)?),
        },
    })
}

/// The operation that makes the trials, with flags that the operation `user` sets
/// for it; none where there are no trials.
fn optimizer(
    user: &Operation,
    plan: &Plan,
    request: &RunRequest,
    context: &Context,
) -> Result<Option<(Operation, Map)>, Failure> {
    let definition = user.definition.as_deref();
    let configured = definition.map_or(&[][..], |op| &op.optimizers);
    let (name, preset) = if let Some(name) = &request.optimizer {
        let mut configured = configured.iter();
        match configured.find(|optimizer| optimizer.name == *name) {
            Some(optimizer) => (optimizer.algorithm.as_str(), optimizer.flags.clone()),
            None => (name.as_str(), Map::new()),
        }
    } else if request.optimize {
        match definition.and_then(guildfile::Operation::default_optimizer) {
            Some(optimizer) => (optimizer.algorithm.as_str(), optimizer.flags.clone()),
            None if configured.is_empty() => (DEFAULT_OPTIMIZER, Map::new()),
            None => {
                let names: Vec<&str> = configured.iter().map(|it| it.name.as_str()).collect();
                return Err(Failure::error(format!(
                    "no default optimizer defined for {}\nSpecify one of the following with \
                     '--optimizer': {}",
                    user.opref.op,
                    names.join(", ")
                )));
            }
        }
    } else if plan.values.all.values().any(is_function) {
        ("random", Map::new())
    } else if plan.values.are_for_batch() {
        ("+", Map::new())
    } else {
        return Ok(None);
    };
    let found = project::find(&context.home, Some(name));
    let found = found.map_err(|error| run::project_failure(&error, context))?;
    context.warn_all(&found.warnings);
    Ok(Some((found, preset)))
}

/// Objects to options that only a batch has.
///
/// # Errors
/// Trials are to be shown, or the optimizer to be set.
pub(super) fn check_no_batch(request: &RunRequest, context: &Context) -> Result<(), Failure> {
    if let Some(flag) = request.opt_flags.first() {
        return Err(Failure::error(format!(
            "invalid optimizer flag {flag}: no optimizer specified"
        )));
    }
    let console = &context.console;
    if request.max_trials.is_some() {
        console.warn("not a batch run - ignoring --max-trials");
    }
    for (option, is_given) in [
        ("--jobs", request.jobs.is_some()),
        ("--gpus-per-trial", request.gpus_per_trial.is_some()),
        ("--max-load", request.max_load.is_some()),
        ("--min-memory", request.min_memory.is_some()),
    ] {
        if is_given {
            console.warn(&format!("not a batch run - ignoring {option}"));
        }
    }
    if request.batch_comment.is_some() || request.edit_batch_comment {
        console.warn("operation is not a batch - ignoring batch comment");
    }
    let shows_only = request.print_cmd || request.print_env;
    let trials = if shows_only {
        None
    } else if request.print_trials {
        Some("print")
    } else {
        request.save_trials.as_ref().map(|_| "save")
    };
    match trials {
        Some(verb) => Err(Failure::error(format!(
            "cannot {verb} trials for a non-batch operation"
        ))),
        None => Ok(()),
    }
}

/// The flag values of the batch operation itself; `base` are those it had before.
fn flag_values(
    operation: &Operation,
    base: Option<&Map>,
    request: &RunRequest,
    context: &Context,
) -> Result<values::FlagValues, Failure> {
    let words = Words::parse(&request.opt_flags).map_err(run::values_failure)?;
    let given = Given {
        base,
        words: &words,
        dir: context.home.process_cwd(),
        user_home: context.home.user_home(),
        force: request.force_flags,
    };
    let mut warn = |text: String| context.console.warn(&text);
    let resolved = values::resolve(operation, &given, &mut warn).map_err(run::values_failure)?;
    match request.edit_flags && !resolved.all.is_empty() {
        true => run_edit::flags(operation, resolved, &given, context),
        false => Ok(resolved),
    }
}

/// What is to be made small or, with a `-` before it, large: as the user says, or
/// the operation. None where neither is known.
fn objective(user: Option<&Operation>, request: &RunRequest) -> Option<String> {
    if let Some(column) = &request.minimize {
        return Some(column.clone());
    }
    if let Some(column) = &request.maximize {
        return Some(format!("-{column}"));
    }
    let user = user?;
    let objective = user.definition.as_ref().and_then(|op| op.objective.clone());
    let of_map = |key: &str| {
        let column = objective.as_ref()?.as_map()?.get(key)?;
        Some(flags::plain_text(column))
    };
    let text = objective.as_ref().and_then(|value| value.as_str());
    let text = text.map(str::to_string);
    text.or_else(|| of_map("maximize").map(|column| format!("-{column}")))
        .or_else(|| of_map("minimize"))
        .or_else(|| Some(Objective::DEFAULT.to_string()))
}

/// Has a search choose the values of flags that say what they may be, unless the
/// user has set them.
fn encode_flags(operation: &Operation, user: &Operation, plan: &mut Plan, context: &Context) {
    let definition = operation.definition.as_deref();
    match definition.and_then(|op| op.flag_encoder.as_deref()) {
        None => return,
        Some(SEARCH_ENCODER) => {}
        Some(other) => {
            let text = format!("flag encoder '{other}' is not known - ignoring it");
            context.console.warn(&text);
            return;
        }
    }
    for flag in &user.flags {
        if plan.values.user.contains(&flag.name) {
            continue;
        }
        let Some(value) = plan.values.all.get(&flag.name) else {
            continue;
        };
        if let Some(encoded) = flag.searched(value) {
            plan.values.all.insert(flag.name.as_str(), encoded);
        }
    }
}

impl Batch {
    /// What a preview says behind the operation of its trials.
    ///
    /// # Errors
    /// The trials make no sense.
    pub(super) fn described(&self, plan: &Plan) -> Result<String, Failure> {
        let most = self.settings.max_trials;
        let mut parts = Vec::new();
        if self.opref.op == "+" {
            let count = Wanted::of_values(&plan.values).count(most);
            parts.push(match count.map_err(|error| failure(&error))? {
                1 => "1 trial".to_string(),
                count => format!("{count} trials"),
            });
        } else if let Some(most) = most {
            parts.push(format!("{most} trials"));
        }
        if let Some(jobs) = self.settings.side_by_side.jobs.filter(|&jobs| jobs > 1) {
            parts.push(format!("{jobs} at once"));
        }
        let searches = !matches!(self.method(), Some(Method::Product | Method::Drawn(_)));
        if let Some(objective) = self.settings.objective.as_ref().filter(|_| searches) {
            parts.push(match objective.strip_prefix('-') {
                Some(column) => format!("maximize {column}"),
                None => format!("minimize {objective}"),
            });
        }
        let by = match self.name.as_str() {
            "+" => " as a batch".to_string(),
            "random" | "skopt:random" => " with random search".to_string(),
            name => format!(" with {name} optimizer"),
        };
        let parts = match parts.is_empty() {
            true => String::new(),
            false => format!(" ({})", parts.join(", ")),
        };
        let note = match plan.values.trials.is_empty() || plan.values.all.is_empty() {
            true => "",
            false => " (flags below used unless specified in batch trial)",
        };
        Ok(format!("{by}{parts}{note}"))
    }

    /// The lines that a preview has of its own flags.
    pub(super) fn flag_lines(&self) -> Vec<String> {
        let lines = run::flag_lines(&self.plan);
        let heading = (!lines.is_empty()).then(|| "Optimizer flags:".to_string());
        heading.into_iter().chain(lines).collect()
    }

    /// How its trials are found; none where a program of the user's finds them.
    pub(super) fn method(&self) -> Option<Method> {
        Method::of(&self.opref)
    }

    /// Shows the batches that make this one needless, if there are any.
    pub(super) fn is_done(
        &self,
        user: &OpRef,
        plan: &Plan,
        context: &Context,
    ) -> Result<bool, Failure> {
        let same = |run: &Run, opref: &OpRef, plan: &Plan| {
            let found = run.opref();
            found
                .is_ok_and(|found| found.name == opref.name && found.model_op() == opref.model_op())
                && run::has_values(run, plan)
        };
        let done = listing::live_runs(context).list_where(|run| {
            matches!(run.status(), Status::Completed | Status::Terminated)
                && run.proto().is_some_and(|proto| {
                    same(run, &self.opref, &self.plan) && same(&proto, user, plan)
                })
        })?;
        run::tell_done(&done, context);
        Ok(!done.is_empty())
    }
}

/// Makes the batch in a run of its own and starts it, or does what else is asked for.
///
/// # Errors
/// It cannot be made; as for any run.
pub(super) fn start(
    mut batch: Batch,
    user: Part<'_>,
    like: Option<&Run>,
    request: &RunRequest,
    context: &Context,
) -> Result<(), Failure> {
    if let Some(Method::Sequential(name) | Method::Drawn(name)) = batch.method()
        && !search::SAMPLERS.contains(&name.as_str())
    {
        let text = format!("optimizer '{name}' is not available yet");
        return Err(Failure::error(text));
    }
    check_devices(&batch, request, context)?;
    let mut warn = |text: String| context.console.warn(&text);
    let made = with_batch_comment(request, &batch.name, context, |request| {
        let dir = run::run_dir(request, context);
        let own = Part {
            operation: batch.operation.as_ref(),
            plan: &mut batch.plan,
            like,
        };
        let home = &context.home;
        make::create(&dir, own, user, &batch.settings, request, home, &mut warn)
            .map_err(Failure::error)
    })?;
    let shown = select::operation_name(&made);
    run::resolve(&made, &batch.plan, request, context)?;
    run_start::go(made, &shown, &batch.plan, request, context)
}

/// Objects to too few graphics devices, before anything is made. What is only staged may
/// find others when it is started.
///
/// # Errors
/// There are too few.
pub(super) fn check_devices(
    batch: &Batch,
    request: &RunRequest,
    context: &Context,
) -> Result<(), Failure> {
    if request.stage {
        return Ok(());
    }
    let mut now = batch.plan.start_env.iter();
    let now = now.find(|(name, _)| name == devices::VISIBLE);
    let made_with = batch.plan.config.cmd_env.get(devices::VISIBLE);
    let visible = match (now, made_with) {
        (Some((_, devices)), _) => Some(devices.clone()),
        (None, Some(devices)) => Some(flags::plain_text(devices)),
        (None, None) => devices::visible(&context.home),
    };
    let slots = devices::slots(&batch.settings.side_by_side, visible.as_deref());
    slots.map(|_| ()).map_err(Failure::error)
}

/// As [`run::with_comment`], for the comment of the batch.
///
/// # Errors
/// As there.
pub(super) fn with_batch_comment<T>(
    request: &RunRequest,
    subject: &str,
    context: &Context,
    act: impl FnOnce(&RunRequest) -> Result<T, Failure>,
) -> Result<T, Failure> {
    run::with_comment(request, subject, context, |request| {
        if !request.edit_batch_comment {
            return act(request);
        }
        let text = request.batch_comment.as_deref().unwrap_or_default();
        let about = [format!("Batch of {subject}")];
        let (body, draft) = comment::written(text, &about, context)?;
        let request = RunRequest {
            batch_comment: Some(body),
            ..request.clone()
        };
        match act(&request) {
            Ok(done) => {
                draft.discard();
                Ok(done)
            }
            Err(failure) => Err(draft.kept_after(failure)),
        }
    })
}

/// What is said of what is wrong with a batch: most of it as its process would.
pub(super) fn failure(error: &crate::batch::Error) -> Failure {
    use crate::batch::Error;
    match error {
        Error::NoDimensions(_)
        | Error::Objective { .. }
        | Error::NoDigest(_)
        | Error::Search(
            search::Error::UnknownFunction { .. }
            | search::Error::ArgumentCount { .. }
            | search::Error::NoDimensions,
        ) => Failure::bare(format!("ERROR: [guild] {error}")),
        error => Failure::error(error),
    }
}
