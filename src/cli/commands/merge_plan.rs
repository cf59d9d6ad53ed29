//! From the words of `guild merge` to a plan.

use std::path::{Path, PathBuf};

use super::merge::Args;
use super::merge_text;
use crate::base::git::Git;
use crate::base::interrupt::Interrupt;
use crate::cli::Context;
use crate::cli::args::refuse_both;
use crate::cli::failure::Failure;
use crate::cli::listing;
use crate::home;
use crate::merge::{self, Choice, CopyFile, Objection, Plan, Replacing};
use crate::opref::OpRef;
use crate::runs::Run;

/// A merge that is planned and that nothing speaks against, or what does.
pub(super) struct Merge {
    /// The run that files are copied from.
    pub run: Run,
    /// The folder they are copied to.
    pub target: PathBuf,
    /// The folder as users know it.
    pub target_name: String,
    /// What is to be done.
    pub plan: Plan,
    /// Why it must not be done.
    pub objection: Option<Objection>,
}

impl Merge {
    /// Copies the files, each of which is told to `before` first. A signal ends
    /// that between files, or in the middle of a large one, which then stays as it
    /// was.
    ///
    /// # Errors
    /// As [`Plan::apply`].
    pub fn apply(&self, before: &mut dyn FnMut(&CopyFile)) -> Result<(), Failure> {
        let interrupt = Interrupt::watch();
        let applied = self.plan.apply(before, &|| interrupt.signal());
        applied.map_err(|error| match error {
            merge::Error::Stopped { signal, copied } => {
                let wanted = self.plan.copies.len();
                Failure::interrupted(signal, &format!("{copied} of {wanted} file(s)"))
            }
            other => other.into(),
        })
    }
}

/// Plans the merge that `args` ask for.
///
/// # Errors
/// Options that contradict each other; there is no such run, or it is of another
/// project; files that must not be written.
pub(super) fn prepare(args: &Args, context: &Context) -> Result<Merge, Failure> {
    let pairs = [
        (
            ("--sourcecode", args.sourcecode),
            ("--skip-sourcecode", args.skip_sourcecode),
        ),
        (
            ("--replace", args.replace),
            ("--no-replace", args.no_replace),
        ),
    ];
    refuse_both(&pairs, &context.path)?;
    let store = listing::live_runs(context);
    let runs = listing::filtered(&store, &args.keep.keep, context)?;
    let run = listing::pick_one(&runs, args.run.run.as_deref(), context)?;
    let (target, target_name) = target(args, &run, context)?;
    let choice = Choice {
        sourcecode: !args.skip_sourcecode,
        dependencies: !args.skip_deps && !args.sourcecode,
        generated: args.all,
        exclude: args.exclude.clone(),
    };
    let plan = Plan::new(&run, &target, &choice)?;
    if !plan.refused.is_empty() {
        return Err(merge_text::refusal(&plan.refused, &target_name));
    }
    let replacing = match (args.replace, args.no_replace) {
        (true, _) => Replacing::Always,
        (_, true) => Replacing::Never,
        _ => Replacing::IfStaged,
    };
    let objection = plan.objection(replacing, &Git::new("git"));
    Ok(Merge {
        run,
        target,
        target_name,
        plan,
        objection,
    })
}

/// The folder that files go to, and its name for users.
fn target(args: &Args, run: &Run, context: &Context) -> Result<(PathBuf, String), Failure> {
    // Paths on the command line start where the user is, whatever `-C` says.
    let here = real(context.home.process_cwd());
    let typed = args.target_dir.as_deref();
    let typed = match typed.filter(|path| !path.is_empty()) {
        Some(typed) => PathBuf::from(typed),
        None => {
            check_project(run, context)?;
            let cwd = real(context.home.cwd());
            match cwd.strip_prefix(&here) {
                Ok(below) => below.to_path_buf(),
                Err(_) => cwd,
            }
        }
    };
    let target = here.join(&typed);
    let name = if home::tidy(&target) == here {
        "the current directory".to_string()
    } else {
        format!("'{}'", typed.display())
    };
    Ok((target, name))
}

/// Makes sure that the current folder is that of the run's project.
fn check_project(run: &Run, context: &Context) -> Result<(), Failure> {
    let opref = run.opref()?;
    let id = run.id();
    let Some(project) = project(&opref) else {
        return Err(Failure::error(format!(
            "run {id} does not originate from a project - cannot merge to the current directory \
             by default\nUse --target-dir to skip this check or try '{} --help' for more \
             information.",
            context.path
        )));
    };
    let is_known = match opref.kind.as_str() {
        "guildfile" => Path::new(&opref.name).is_file(),
        _ => !opref.name.is_empty(),
    };
    if !is_known {
        return Err(Failure::error(format!(
            "unexpected missing project directory for run {id} ({opref})\nSkip this check by \
             using --target-dir"
        )));
    }
    if real(&context.home.cwd().join(project)) != real(context.home.cwd()) {
        return Err(Failure::error(format!(
            "run {id} was created from a different project ({}) - cannot merge to the current \
             directory by default\nUse '--target-dir .' to override this check or try '{} --help' \
             for more information.",
            context.home.display(project),
            context.path
        )));
    }
    Ok(())
}

/// The folder of the project that a run is of; none where it is of no project.
pub(super) fn project(opref: &OpRef) -> Option<&Path> {
    let is_project = matches!(opref.kind.as_str(), "script" | "guildfile");
    opref.dir().filter(|_| is_project)
}

fn real(path: &Path) -> PathBuf {
    std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf())
}
