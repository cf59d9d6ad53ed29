//! `guild open`: a run's folder or a file of it, in another program.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;

use crate::base::command::{self, Output};
use crate::base::{desktop, files, shell_text};
use crate::cli::Context;
use crate::cli::args::{KeepArgs, RunArg, refuse_both};
use crate::cli::failure::Failure;
use crate::cli::listing;
use crate::runs::Run;

/// Open a run's folder, a file of it or its output.
///
/// RUN is a run's number in the list of runs, or its id or the start of it.
/// Without RUN it is the latest run. Filters choose among which runs RUN
/// counts.
///
/// Without '--path' it is the run directory that is opened, or with
/// '--sourcecode' the folder with the run's source code. PATH is relative to
/// that folder.
///
/// # Programs
///
/// The desktop decides which program opens a file. '--cmd' names another: CMD is
/// a program and maybe arguments, to which the full path is added. CMD need not
/// be on a desktop, and the path need not be there: the program may make it.
///
/// '--shell' starts a shell in the folder, or in the one that the file is in;
/// '--shell-cmd' names the shell. Exit code and signals are those of the program
/// or the shell.
///
/// # Examples
///
/// Look at the folder of the latest run in the file manager:
///
///     guild open
///
/// Look at its output in an editor:
///
///     guild open --output --cmd 'code --wait'
///
/// Work in the folder of the third run:
///
///     guild open 3 --shell
#[derive(Debug, ClapArgs)]
#[command(verbatim_doc_comment, args_override_self = true)]
pub struct Args {
    #[command(flatten)]
    run: RunArg,

    /// Open PATH instead of the whole folder.
    #[arg(short, long, value_name = "PATH")]
    path: Option<OsString>,

    /// Open the folder with the run's source code, or PATH in it.
    #[arg(short, long)]
    sourcecode: bool,

    /// Open what the run printed.
    #[arg(short = 'O', long)]
    output: bool,

    /// Open with the program CMD.
    #[arg(short, long, value_name = "CMD")]
    cmd: Option<String>,

    /// Start a shell in the folder.
    #[arg(long)]
    shell: bool,

    /// Start the shell CMD in the folder.
    #[arg(long, value_name = "CMD")]
    shell_cmd: Option<String>,

    #[command(flatten)]
    keep: KeepArgs,
}

/// Opens a run.
///
/// # Errors
/// Options that contradict each other; there is no such run or file; no program
/// opens it.
pub fn main(args: &Args, context: &Context) -> Result<(), Failure> {
    let given = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    let (cmd, shell_cmd) = (given(&args.cmd), given(&args.shell_cmd));
    let shell = ("--shell", args.shell);
    let own_shell = ("--shell-cmd", shell_cmd.is_some());
    let own_program = ("--cmd", cmd.is_some());
    refuse_both(
        &[
            (shell, own_program),
            (own_shell, shell),
            (own_shell, own_program),
        ],
        &context.path,
    )?;
    let below = args.path.as_ref().map(Path::new);
    if below.is_some_and(Path::is_absolute) {
        return Err(Failure::with_help("PATH must be relative", &context.path));
    }
    let store = listing::live_runs(context);
    let runs = listing::filtered(&store, &args.keep, context)?;
    let run = listing::pick_one(&runs, args.run.run.as_deref(), context)?;
    let path = path(&run, args, context);
    if args.shell || shell_cmd.is_some() {
        let shell = shell_cmd.or_else(|| context.home.variable("SHELL"));
        return open_shell(&path, shell.as_deref().unwrap_or("sh"), context);
    }
    match cmd {
        Some(cmd) => {
            let mut words = split("--cmd", &cmd)?;
            words.push(path.into());
            Err(replace(&words, context.home.cwd(), context))
        }
        None => open_on_desktop(&path, context),
    }
}

/// What is to be opened. A whole folder ends in `/`.
fn path(run: &Run, args: &Args, context: &Context) -> PathBuf {
    let path = args.path.clone().unwrap_or_default();
    if args.output {
        if !path.is_empty() || args.sourcecode {
            let note = "--output cannot be used with other options - ignorning other options";
            context.console.note(note);
        }
        return run.output_path();
    }
    match args.sourcecode {
        true => run.source_dir().join(path),
        false => run.dir().join(path),
    }
}

fn split(option: &str, command: &str) -> Result<Vec<OsString>, Failure> {
    let words = shell_text::split(command)
        .map_err(|error| Failure::error(format!("cannot read the command of {option}: {error}")))?;
    Ok(words.into_iter().map(OsString::from).collect())
}

/// Makes this process another program; returns why that cannot be.
fn replace(words: &[OsString], dir: &Path, context: &Context) -> Failure {
    let mut environment = context.home.environment().clone();
    if dir != context.home.process_cwd() {
        environment.remove(OsStr::new("PWD"));
    }
    let error = command::replace(words, dir, &environment);
    Failure::system(Path::new(words.first().unwrap_or(&OsString::new())), &error)
}

fn open_shell(path: &Path, shell: &str, context: &Context) -> Result<(), Failure> {
    let dir = match path.metadata() {
        Ok(found) if found.is_dir() => path,
        Ok(_) => path.parent().unwrap_or(path),
        Err(_) => return Err(Failure::does_not_exist(path)),
    };
    let words = split("--shell-cmd", shell)?;
    context.console.note(&format!(
        "Running a new shell in {}\nTo exit the shell, type 'exit' and press Enter.",
        dir.display()
    ));
    Err(replace(&words, dir, context))
}

fn open_on_desktop(path: &Path, context: &Context) -> Result<(), Failure> {
    if !path.exists() {
        return Err(Failure::does_not_exist(path));
    }
    let environment = context.home.environment();
    let words = [desktop::OPENER.into(), path.into()] as [OsString; 2];
    let opened = command::start(&words, context.home.cwd(), environment, Output::Inherited)
        .and_then(|mut child| child.wait());
    let reason = match opened {
        Ok(status) if status.success() => return Ok(()),
        Ok(_) if !desktop::has_display(environment) => {
            format!("{} finds no display", desktop::OPENER)
        }
        Ok(status) => format!("{} failed ({status})", desktop::OPENER),
        Err(error) => format!("{}: {}", desktop::OPENER, files::reason(&error)),
    };
    Err(Failure::error(format!(
        "cannot open {}: {reason}\nName a program with '--cmd', or use '--shell' to start a shell \
         there.",
        path.display()
    )))
}
