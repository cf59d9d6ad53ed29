//! `guild check`: what guild finds on this machine.

use std::str::FromStr;

use pep440_rs::{Version, VersionSpecifiers};

use super::check_facts::{self, Facts};
use crate::base::exchange;
use crate::cli::Context;
use crate::cli::args::RemoteArg;
use crate::cli::failure::Failure;
use crate::opref::GUILD_VERSION;
use crate::python::interpreter;

/// Check the setup.
///
/// Shows what guild is, where its files are, and what it finds on this machine.
/// Facts that keep guild from working are marked, and the exit code is 1.
///
/// Python and its packages are those that scripts are run with. None but Python
/// itself is needed by guild.
///
/// # Versions
///
/// '--version REQUIRED' ends with exit code 1 if guild's version does not match
/// REQUIRED, a version or conditions that are separated by commas. Quote '<' and
/// '>', which mean something else to the shell.
///
/// # Examples
///
/// Make sure in a script that guild is new enough:
///
///     guild check --no-info --version '>=0.9'
///
/// Show what takes up space:
///
///     guild check --space
///
/// Show what PyTorch says of graphics devices:
///
///     guild check --pytorch
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// Show only what is about guild and Python.
    #[arg(long)]
    env: bool,

    /// Show what TensorFlow says.
    #[arg(long)]
    tensorflow: bool,

    /// Show what PyTorch says.
    #[arg(long)]
    pytorch: bool,

    /// Show the version of Rscript.
    #[arg(long)]
    r_script: bool,

    /// Run Guild AI's test suite, which is not part of this program.
    #[arg(short = 'T', long = "tests")]
    all_tests: bool,

    /// Run a test of Guild AI's suite, which is not part of this program.
    #[arg(short, long = "test", value_name = "TEST")]
    tests: Vec<String>,

    /// Show nothing.
    #[arg(short, long)]
    no_info: bool,

    /// Skip a test; means something with '--tests' only.
    #[arg(short, long, value_name = "TEST")]
    skip: Vec<String>,

    /// Run tests that would be skipped; means something with '--tests' only.
    #[arg(long)]
    force_test: bool,

    /// Stop at the first failure; means something with '--tests' only.
    #[arg(short, long)]
    fast: bool,

    /// How many tests to run at once; means something with '--tests' only.
    #[arg(short, long, value_name = "N", value_parser = crate::base::number::integer)]
    concurrency: Option<i64>,

    /// Show more.
    #[arg(short, long)]
    verbose: bool,

    /// Show how much space guild's files take up.
    #[arg(long)]
    space: bool,

    /// Fail unless guild's version matches REQUIRED.
    #[arg(long, value_name = "REQUIRED")]
    version: Option<String>,

    /// Tell the outcome on the desktop.
    #[arg(long)]
    notify: bool,

    #[command(flatten)]
    remote: RemoteArg,

    /// Do not look for a newer version, which guild never does.
    #[arg(long, overrides_with = "no_offline")]
    offline: bool,

    /// Look for a newer version; there is nothing to ask yet.
    #[arg(long)]
    no_offline: bool,

    /// Where to ask for the newest version.
    #[arg(long, value_name = "URL", hide = true)]
    check_url: Option<String>,

    /// Run Guild AI's acceptance tests, which are not part of this program.
    #[arg(long, hide = true)]
    uat: bool,

    /// Run all of Guild AI's acceptance tests, which are not part of this program.
    #[arg(long, hide = true)]
    force_uat: bool,

    /// Check something outside: 'git-ls-files'.
    #[arg(long, value_name = "NAME", hide = true)]
    external: Option<String>,

    /// Leave out what is not the outcome of tests.
    #[arg(long, hide = true)]
    no_chrome: bool,
}

/// Shows what is found, and fails if that is not as it should be.
pub fn main(args: &Args, context: &Context) -> Result<(), Failure> {
    args.remote.check()?;
    let checked = check(args, context);
    if args.notify {
        notify(&checked, context);
    }
    checked
}

fn check(args: &Args, context: &Context) -> Result<(), Failure> {
    if let Some(required) = &args.version {
        check_version(required)?;
    }
    if let Some(name) = &args.external {
        return external(name, context);
    }
    let asked = [
        ("--tests", args.all_tests),
        ("--test", !args.tests.is_empty()),
        ("--uat", args.uat),
        ("--force-uat", args.force_uat),
    ];
    if let Some((name, _)) = asked.iter().find(|(_, asked)| *asked) {
        return Err(Failure::error(format!(
            "{name} is about the test suite of Guild AI, which tests its Python code and is no part \
             of this program\nRun 'guild check' without it to check the setup."
        )));
    }
    if args.no_info {
        return Ok(());
    }
    if args.no_offline {
        context
            .console
            .warn("guild does not look for newer versions - ignoring --no-offline");
    }
    let mut facts = check_facts::gather(args.env, args.verbose, &options(args), context);
    if args.space && !args.env {
        facts.add_space(context);
    }
    show(&facts, context);
    if facts.are_fine() {
        return Ok(());
    }
    let more = match args.verbose {
        true => "",
        false => " or rerun check with the --verbose option",
    };
    Err(Failure::error(format!(
        "there are problems with your setup\nRefer to the issues above for more information{more}."
    )))
}

/// What is asked for beside the ordinary facts.
fn options(args: &Args) -> Vec<&'static str> {
    let options = [
        ("--tensorflow", args.tensorflow),
        ("--pytorch", args.pytorch),
        ("--r-script", args.r_script),
    ];
    let wanted = options.into_iter().filter(|(_, wanted)| *wanted);
    wanted.map(|(name, _)| name).collect()
}

fn check_version(required: &str) -> Result<(), Failure> {
    let invalid = || {
        Failure::error(format!(
            "invalid requirement spec '{required}'\nSee https://bit.ly/guild-help-req-spec for more \
             information."
        ))
    };
    let conditions: Vec<String> = required
        .split(',')
        .map(str::trim)
        .map(
            |part| match part.starts_with(|c: char| c.is_ascii_digit()) {
                true => format!("=={part}"),
                false => part.to_string(),
            },
        )
        .collect();
    let conditions = VersionSpecifiers::from_str(&conditions.join(",")).map_err(|_| invalid())?;
    let version = Version::from_str(GUILD_VERSION).map_err(|_| invalid())?;
    if conditions.contains(&version) {
        return Ok(());
    }
    Err(Failure::error(format!(
        "version mismatch: current version '{GUILD_VERSION}' does not match '{required}'"
    )))
}

/// Checks a program outside.
fn external(name: &str, context: &Context) -> Result<(), Failure> {
    if name != "git-ls-files" {
        return Err(Failure::error(format!(
            "unsupported external check: {name}"
        )));
    }
    let git = context.config()?.git_executable();
    let exe = interpreter::which(&context.home, git)
        .ok_or_else(|| Failure::error(format!("git-ls-files NOT OK ('{git}' is not found)")))?;
    let version = check_facts::tool_version(&context.home, &exe, &["--version"], r"version (\S+)");
    context.console.line(&format!(
        "git-ls-files is ok (git version {}; {})",
        version.unwrap_or_else(|| "unknown".to_string()),
        exe.display()
    ));
    Ok(())
}

fn show(facts: &Facts, context: &Context) {
    for fact in &facts.list {
        let line = format!("{:<27}{}", format!("{}:", fact.name), fact.value);
        context.console.line(line.trim_end());
    }
}

/// Tells the desktop how it went.
fn notify(checked: &Result<(), Failure>, context: &Context) {
    let home = &context.home;
    let Some(program) = interpreter::which(home, "notify-send") else {
        context
            .console
            .warn("cannot notify check result - notify-send not available");
        return;
    };
    let (urgency, body) = match checked {
        Ok(()) => ("normal", "PASSED".to_string()),
        Err(failure) => (
            "critical",
            format!("FAILED ({}): {}", failure.exit_code, failure.message),
        ),
    };
    let program = program.display().to_string();
    let args = [program.as_str(), "-u", urgency, "guild check", &body];
    if let Err(error) = exchange::ask(
        &args,
        home.cwd(),
        home.environment(),
        b"",
        check_facts::BOUNDS,
    ) {
        context
            .console
            .warn(&format!("cannot notify check result: notify-send {error}"));
    }
}
