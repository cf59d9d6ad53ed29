//! The source code of a run: what of an operation's project is copied into it.

use std::path::{Path, PathBuf};

use crate::base::git::Git;
use crate::base::yaml::Value;
use crate::home::{Config, Home};
use crate::project::Operation;
use crate::runs::{self, Run};
use crate::sourcecode::{self, Limits};

/// What is copied of the project in `root`; `python` leaves out what Python makes.
/// Runs that are kept inside the project are no part of it, and neither is `run`
/// itself.
pub fn rules(root: &Path, python: bool, run: Option<&Run>, home: &Home) -> sourcecode::RuleSet {
    let number = |name: &str| home.variable(name).and_then(|text| text.parse().ok());
    let default = Limits::default();
    let limits = Limits {
        file_size: number("MAX_DEFAULT_SOURCECODE_FILE_SIZE").unwrap_or(default.file_size),
        file_count: number("MAX_DEFAULT_SOURCECODE_COUNT").map_or(default.file_count, |count| {
            usize::try_from(count).unwrap_or(usize::MAX)
        }),
    };
    let mut rules = sourcecode::default_rules(root, &git(home), limits, python);
    let kept = [
        home.guild_home().to_path_buf(),
        home.runs_dir(),
        home.trash_dir(),
    ];
    for dir in kept.iter().map(PathBuf::as_path).chain(run.map(Run::dir)) {
        let below = dir.strip_prefix(root).unwrap_or(Path::new(""));
        // Folders called so are left out anyway.
        if below != Path::new("") && !below.starts_with(".guild") {
            rules.leave_out(&below.to_string_lossy());
        }
    }
    rules
}

/// The user's git; a config that makes no sense does not keep runs from starting.
fn git(home: &Home) -> Git {
    Git::new(home.config().map_or("git", Config::git_executable))
}

/// Copies source code, and records its digest and the commit it is at.
///
/// # Errors
/// The run cannot be written.
pub fn copy(
    run: &Run,
    operation: &Operation,
    home: &Home,
    warn: &mut dyn FnMut(String),
) -> runs::Result<()> {
    let fault = match home.config() {
        Ok(config) => config.warning().map(str::to_string),
        Err(error) => Some(format!("ignoring user config: {error}")),
    };
    fault.into_iter().for_each(&mut *warn);
    let off = operation.settings.no_sourcecode || home.variable("NO_SOURCECODE").is_some();
    let mut paths: Vec<PathBuf> = Vec::new();
    if !off {
        let rules = rules(&operation.project_dir, operation.python, Some(run), home);
        let selection = sourcecode::select(&operation.project_dir, &rules);
        warn_of(&selection, &rules, warn);
        paths = selection.paths;
    }
    let digest = sourcecode::copy(run, &operation.project_dir, ".", &paths, warn)?;
    run.write_attr("sourcecode_digest", &Value::from(digest))?;
    if home.variable("NO_VCS_COMMIT").is_none()
        && let Some(commit) = git(home).commit(&operation.project_dir)
    {
        let mark = if commit.dirty { "*" } else { "" };
        run.write_attr("vcs_commit", &format!("git:{}{mark}", commit.hash).into())?;
    }
    Ok(())
}

fn warn_of(
    selection: &sourcecode::Selection,
    rules: &sourcecode::RuleSet,
    warn: &mut dyn FnMut(String),
) {
    const ADVICE: &str = "To control which files are copied, define 'sourcecode' for the \
                          operation in a Guild file.";
    for path in &selection.too_large {
        warn(format!(
            "Skipping source code file {} because it's too big. {ADVICE}",
            path.display()
        ));
    }
    if selection.too_many {
        let most = rules.rules.iter().find_map(|rule| rule.max_matches);
        let most = most.unwrap_or(sourcecode::MAX_DEFAULT_FILE_COUNT);
        warn(format!(
            "Found more than {most} source code files but will only copy {most} as a safety \
             measure. {ADVICE}"
        ));
    }
    for error in &selection.unreadable {
        warn(format!("skipping source code: {error}"));
    }
}
