//! The command line: reads words, runs a command, and turns what comes of it
//! into text and an exit code. Nothing but this module prints.

pub mod args;
mod batch_progress;
mod commands;
mod console;
mod download_progress;
mod editor;
mod failure;
mod help;
mod layout;
mod listing;
mod outside;
mod pager;
mod transfer;
mod viewer;
mod whole_screen;
mod words;

use std::ffi::OsString;
use std::mem::ManuallyDrop;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::Arc;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use commands::{
    api, archive, cat, check, comment, compare, diff, download, export, import, internal, label,
    ls, mark, merge, models, open, operations, run, runs, select, stop, tag, tensorboard, watch,
};
use console::Console;
use failure::Failure;
use words::Request;

use crate::base::{files, process, terminal};
use crate::home::{Config, Home};
use crate::op::display::{AsItComes, Display};
use crate::op::supervise::Supervisor;
use crate::opref::GUILD_VERSION;
use crate::scalars;

/// Experiment tracking for machine learning, from the command line.
///
/// Run a script as it is, and guild keeps its flags, source code, output,
/// results and exit status as a run. List runs, look into them, label them, stop
/// them and start them again.
///
/// # Examples
///
/// Run a script and set one of its variables:
///
///     guild run train.py learning_rate=0.1
///
/// Show the latest runs, and what the first of them printed:
///
///     guild runs
///     guild cat --output 1
///
/// Use 'guild COMMAND --help' for help with a command.
#[derive(Debug, Parser)]
#[command(
    name = "guild",
    disable_help_flag = true,
    disable_help_subcommand = true,
    args_override_self = true,
    verbatim_doc_comment
)]
struct Guild<C: Subcommand> {
    /// Work in the folder PATH.
    #[arg(short = 'C', value_name = "PATH")]
    cwd: Option<String>,

    /// Use PATH as guild home, the folder that holds runs.
    #[arg(short = 'H', value_name = "PATH")]
    guild_home: Option<String>,

    /// Tell more of what goes on.
    #[arg(long)]
    debug: bool,

    #[command(subcommand)]
    command: C,
}

#[derive(Debug, Subcommand)]
#[command(disable_help_flag = true)]
enum Command {
    Api(api::Args),
    Archive(archive::Args),
    Cat(cat::Args),
    Check(check::Args),
    Comment(comment::Args),
    Compare(compare::Args),
    Diff(diff::Args),
    Download(download::Args),
    Export(export::Args),
    Help(commands::help::Args),
    Import(import::Args),
    Label(label::Args),
    Ls(ls::Args),
    Mark(mark::Args),
    Merge(merge::Args),
    Models(models::Args),
    Open(open::Args),
    #[command(alias = "ops")]
    Operations(operations::Args),
    Run(run::Args),
    Runs(runs::Args),
    Select(select::Args),
    Stop(stop::Args),
    Tag(tag::Args),
    Tensorboard(tensorboard::Args),
    Watch(watch::Args),
    #[command(flatten)]
    Internal(Internal),
}

/// Commands that guild gives itself.
#[derive(Debug, Subcommand)]
enum Internal {
    #[command(name = "_start", hide = true)]
    Start(internal::StartArgs),
    #[command(name = "_watch", hide = true)]
    Guard(internal::WatchArgs),
    #[command(name = "_steps", hide = true)]
    Steps(internal::StepsArgs),
    #[command(name = "_batch", hide = true)]
    Batch(internal::BatchArgs),
    #[command(name = "_queue", hide = true)]
    Queue(internal::QueueArgs),
}

/// The commands of which each run takes some. To make all of them, with their
/// options, takes a good part of the time that these have.
#[derive(Debug, Subcommand)]
#[command(disable_help_flag = true)]
enum Frequent {
    Run(Box<run::Args>),
    #[command(flatten)]
    Internal(Internal),
}

impl From<Frequent> for Command {
    fn from(command: Frequent) -> Self {
        match command {
            Frequent::Run(args) => Self::Run(*args),
            Frequent::Internal(command) => Self::Internal(command),
        }
    }
}

/// What a command works with.
pub(crate) struct Context {
    home: Home,
    console: Console,
    /// The command's path as typed, such as `guild runs rm`.
    path: String,
    /// What the event files of runs tell.
    scalars: Arc<scalars::Index>,
    /// What follows the runs of this process, where that is for several.
    supervisor: Option<Arc<Supervisor>>,
    /// What those runs are, where it is told that one of them is being ended.
    ending: Option<&'static str>,
    /// What shows the output of runs.
    display: Arc<dyn Display>,
}

/// Runs the program on the words of this process.
pub fn main() -> ExitCode {
    process::survive_file_size_limit();
    ExitCode::from(survive(|| run_words(std::env::args_os().skip(1))))
}

/// Does `act`; a panic in it is an internal error.
fn survive(act: impl FnOnce() -> u8) -> u8 {
    // What it has left half done is not used again.
    catch_unwind(AssertUnwindSafe(act)).unwrap_or_else(|_| {
        // The panic's own message is on stderr already.
        say("guild: internal error (see above); please report it with the command you ran");
        2
    })
}

/// Does `act` as a command, and tells what went wrong; the result is the exit code.
fn code_of(act: impl FnOnce() -> Result<(), Failure>) -> u8 {
    survive(|| match act() {
        Ok(()) => 0,
        Err(failure) => {
            if !failure.message.is_empty() {
                say(&failure.message);
            }
            failure.exit_code
        }
    })
}

fn run_words(typed: impl Iterator<Item = OsString>) -> u8 {
    let typed: Vec<OsString> = typed.collect();
    if let Some((guild, path)) = frequent(&typed) {
        return code_of(|| execute(guild, &path));
    }
    // Not taken apart in the end, which takes as long as to make it.
    let mut program = ManuallyDrop::new(program());
    let request = match words::read(&program, typed.iter().cloned()) {
        Ok(request) => request,
        Err(error) => {
            let help = error.help_path().map(ToString::to_string);
            return fail(&error.to_string(), help.as_deref(), error.exit_code());
        }
    };
    let words = match request {
        Request::Run(words) => words,
        Request::Version => {
            print_line(&format!("guild {GUILD_VERSION}"));
            return 0;
        }
        Request::Help(path) => {
            print_help(&program, &path);
            return 0;
        }
    };
    let path = typed_path(&program, &typed);
    let matches = match program.try_get_matches_from_mut(words) {
        Ok(matches) => matches,
        Err(error) => {
            return fail(
                &usage_message(&program, &path, &error),
                Some(&path),
                failure::USAGE,
            );
        }
    };
    let guild = match Guild::<Command>::from_arg_matches(&matches) {
        Ok(guild) => guild,
        Err(error) => return fail(&error.to_string(), Some(&path), failure::USAGE),
    };
    code_of(|| execute(guild, &path))
}

/// What `typed` asks for, and the path of its command, if that is a frequent one and
/// nothing is wrong.
fn frequent(typed: &[OsString]) -> Option<(Guild<Command>, String)> {
    let is_frequent = |word: &OsString| {
        let word = word.as_encoded_bytes();
        word == b"run" || word.starts_with(b"_")
    };
    if !typed.iter().any(is_frequent) {
        return None;
    }
    let mut program = Guild::<Frequent>::command();
    let Ok(Request::Run(words)) = words::read(&program, typed.iter().cloned()) else {
        return None;
    };
    let path = typed_path(&program, typed);
    let matches = program.try_get_matches_from_mut(words).ok()?;
    let guild = Guild::<Frequent>::from_arg_matches(&matches).ok()?;
    let guild = Guild {
        cwd: guild.cwd,
        guild_home: guild.guild_home,
        debug: guild.debug,
        command: guild.command.into(),
    };
    Some((guild, path))
}

/// The program with every command and option.
fn program() -> clap::Command {
    Guild::<Command>::command()
}

fn execute(guild: Guild<Command>, path: &str) -> Result<(), Failure> {
    let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let home = Home::discover(
        given(&guild.cwd).as_deref(),
        given(&guild.guild_home).as_deref(),
    )
    .map_err(Failure::error)?
    .with_announcements(say);
    let context = Context::new(home, guild.debug, path);
    context.debug(&format!(
        "guild home: {}",
        context.home.guild_home().display()
    ));
    let done = match guild.command {
        Command::Api(args) => api::main(&args, &context),
        Command::Archive(args) => archive::main(&args, &context),
        Command::Cat(args) => cat::main(&args, &context),
        Command::Check(args) => check::main(&args, &context),
        Command::Comment(args) => comment::main(&args, &context),
        Command::Compare(args) => compare::main(&args, &context),
        Command::Diff(args) => diff::main(&args, &context),
        Command::Download(args) => download::main(&args, &context),
        Command::Export(args) => export::main(&args, &context),
        Command::Help(args) => commands::help::main(&args, &context),
        Command::Import(args) => import::main(&args, &context),
        Command::Label(args) => label::main(&args, &context),
        Command::Ls(args) => ls::main(&args, &context),
        Command::Mark(args) => mark::main(&args, &context),
        Command::Open(args) => open::main(&args, &context),
        Command::Merge(args) => merge::main(&args, &context),
        Command::Models(args) => models::main(&args, &context),
        Command::Operations(args) => operations::main(&args, &context),
        Command::Run(args) => run::main(&args, &context),
        Command::Runs(args) => runs::main(&args, &context),
        Command::Select(args) => select::main(&args, &context),
        Command::Stop(args) => stop::main(&args, &context),
        Command::Tag(args) => tag::main(&args, &context),
        Command::Tensorboard(args) => tensorboard::main(&args, &context),
        Command::Watch(args) => watch::main(&args, &context),
        Command::Internal(Internal::Start(args)) => internal::start(&args, &context),
        Command::Internal(Internal::Guard(args)) => internal::watch(&args, &context),
        Command::Internal(Internal::Steps(args)) => internal::steps(&args, &context),
        Command::Internal(Internal::Batch(args)) => internal::batch(&args, &context),
        Command::Internal(Internal::Queue(args)) => internal::queue(&args, &context),
    };
    done.and_then(|()| all_written(&context.console))
}

/// Objects to output that was lost, such as on a full disk.
fn all_written(console: &Console) -> Result<(), Failure> {
    match console.take_write_error() {
        Some(error) => Err(Failure::error(format!(
            "cannot write output: {}",
            files::reason(&error)
        ))),
        None => Ok(()),
    }
}

/// The path of the command as typed, aliases included, for messages.
fn typed_path(program: &clap::Command, typed: &[OsString]) -> String {
    let mut path = vec![program.get_name().to_string()];
    let mut command = program;
    let mut skip_value = false;
    for word in typed {
        let word = word.to_string_lossy();
        if std::mem::take(&mut skip_value) || !command.has_subcommands() {
            continue;
        }
        if word.starts_with('-') {
            // Only the options of the program itself may stand before a command.
            skip_value = matches!(word.as_ref(), "-C" | "-H");
        } else if let Some(next) = command.find_subcommand(word.as_ref()) {
            path.push(word.into_owned());
            command = next;
        }
    }
    path.join(" ")
}

/// What clap objects to, in the contract's words.
fn usage_message(program: &clap::Command, path: &str, error: &clap::Error) -> String {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join(" "),
        _ => String::new(),
    };
    match error.kind() {
        ErrorKind::ValueValidation | ErrorKind::InvalidValue => {
            let reason = std::error::Error::source(error)
                .map_or_else(|| error.to_string(), ToString::to_string);
            let names = option_names(program, path, &text(ContextKind::InvalidArg));
            format!("Invalid value for {names}: {reason}")
        }
        ErrorKind::MissingRequiredArgument => {
            let name = text(ContextKind::InvalidArg);
            let name = name.split(' ').next().unwrap_or_default();
            format!("missing argument for {}", name.trim_matches(['<', '>']))
        }
        ErrorKind::InvalidUtf8 => "invalid argument: expected UTF-8 text".to_string(),
        _ => error.to_string().trim_end().to_string(),
    }
}

/// All names of the option that clap calls `--limit <N>`, quoted.
fn option_names(program: &clap::Command, path: &str, shown: &str) -> String {
    let mut command = program;
    for name in path.split(' ').skip(1) {
        command = command.find_subcommand(name).unwrap_or(command);
    }
    let name = shown.split(' ').next().unwrap_or_default();
    let names = command
        .get_arguments()
        .map(words::option_names)
        .find(|names| names.iter().any(|known| known == name))
        .unwrap_or_else(|| vec![name.to_string()]);
    let quoted: Vec<_> = names.iter().map(|name| format!("'{name}'")).collect();
    quoted.join(" / ")
}

fn print_help(program: &clap::Command, path: &[String]) {
    if let Ok(home) = Home::discover(None, None) {
        let console = Console::new(&home);
        console.data(help::page(program, path, console.columns()).as_bytes());
    }
}

fn print_line(text: &str) {
    use std::io::Write;
    // Nobody reads stdout any more: nothing to do about it.
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// Prints an error message.
fn say(text: &str) {
    use std::io::Write;
    // Nowhere is left to say that stderr is closed.
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Says what is only of interest when looking for a cause.
fn say_remark(text: &str) {
    say(&format!("DEBUG: [guild] {}", terminal::harmless(text)));
}

fn fail(message: &str, help_path: Option<&str>, exit_code: u8) -> u8 {
    say(&format!("guild: {message}"));
    if let Some(path) = help_path {
        say(&format!("Try '{path} --help' for more information."));
    }
    exit_code
}

impl Context {
    /// The context of the command with this path, in `home`; with `debug` it tells
    /// more of what it does.
    fn new(home: Home, debug: bool, path: &str) -> Self {
        let mut console = Console::new(&home);
        if debug {
            console = console.with_debug();
        }
        Self {
            scalars: Arc::new(scalars::Index::new(&home)),
            home: home.with_remarks(console.has_debug().then_some(say_remark)),
            console,
            path: path.to_string(),
            supervisor: None,
            ending: None,
            display: Arc::new(AsItComes),
        }
    }

    /// The same for work beside what the user looks at, where nothing may be told.
    fn quiet(&self) -> Self {
        Self::new(self.home.quiet(), false, &self.path)
    }

    /// Prints what a module wants the user to know.
    fn warn_all(&self, warnings: &[String]) {
        for warning in warnings {
            self.console.warn(warning);
        }
    }

    /// What the user's config file says, for a command that needs it.
    fn config(&self) -> Result<&Config, Failure> {
        let config = self.home.config().map_err(Failure::error)?;
        if let Some(warning) = config.warning() {
            self.console.warn(warning);
        }
        Ok(config)
    }

    /// Prints a remark that is only of interest when looking for a cause.
    fn debug(&self, text: &str) {
        self.home.remark(|| text.to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_declared_commands_are_consistent() {
        program().debug_assert();
    }

    #[test]
    fn the_path_is_the_one_that_was_typed() {
        let path = |line: &str| {
            let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            typed_path(&program(), &words)
        };
        assert_eq!(path("-C runs runs rm 1"), "guild runs rm");
        assert_eq!(path("run train.py run"), "guild run");
        assert_eq!(path("runs --all"), "guild runs");
    }
}
