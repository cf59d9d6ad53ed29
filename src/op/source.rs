//! The source code of a run: what of an operation's project is copied into it.

use std::path::{Path, PathBuf};

use super::make::Plan;
use super::requirements;
use crate::base::git::{self, Git};
use crate::base::yaml::Value;
use crate::home::{Config, Home};
use crate::project::Operation;
use crate::python::interpreter;
use crate::runs::{self, Run};
use crate::sourcecode::{self, Definition, Limits, RuleSet, What};

/// What is copied of the project that `definition` speaks of; `python` leaves out
/// what Python makes. Runs that are kept inside the project are no part of it,
/// and neither is `run` itself.
pub fn rules(definition: &Definition, python: bool, run: Option<&Run>, home: &Home) -> RuleSet {
    let root = &definition.root;
    let mut rules = definition.rules(|| default_rules(root, python, home));
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

fn default_rules(root: &Path, python: bool, home: &Home) -> RuleSet {
    let number = |name: &str| {
        home.variable(name)?
            .parse()
            .ok()
            .filter(|&number| number > 0)
    };
    let default = Limits::default();
    let limits = Limits {
        file_size: number("MAX_DEFAULT_SOURCECODE_FILE_SIZE").unwrap_or(default.file_size),
        file_count: number("MAX_DEFAULT_SOURCECODE_COUNT").map_or(default.file_count, |count| {
            usize::try_from(count).unwrap_or(usize::MAX)
        }),
    };
    sourcecode::default_rules(root, &git(home), limits, python)
}

/// What is said where git would tell which files to leave out, but is not there.
pub fn missing_git(definition: &Definition, home: &Home) -> Option<String> {
    const WORDS: &str = "The current project appears to use Git for version control\n\
        but git is not available on the system path. To apply Git's source\n\
        code rules to this run, install Git [1] or specify the Git executable\n\
        in Guild user config [2].\n\n\
        [1] https://git-scm.com/book/en/v2/Getting-Started-Installing-Git)\n\
        [2] https://guildai.org/t/user-config-reference\n\n\
        To disable this warning, set 'NO_WARN_GIT_MISSING=1'\n";
    let program = home.config().map_or("git", Config::git_executable);
    let is_needed = matches!(definition.what, What::Rules(_))
        && home.variable("NO_WARN_GIT_MISSING").as_deref() != Some("1")
        && git::in_repository(&definition.root);
    (is_needed && interpreter::which(home, program).is_none()).then(|| WORDS.to_string())
}

/// The user's git; a config that makes no sense does not keep runs from starting.
pub(super) fn git(home: &Home) -> Git {
    Git::new(home.config().map_or("git", Config::git_executable))
}

/// Copies source code that `plan` does not bring otherwise, and records its digest
/// and the commit it is at.
///
/// # Errors
/// The run cannot be written.
pub fn copy(
    run: &Run,
    operation: &Operation,
    plan: &Plan,
    home: &Home,
    warn: &mut dyn FnMut(String),
) -> runs::Result<()> {
    let fault = match home.config() {
        Ok(config) => config.warning().map(str::to_string),
        Err(error) => Some(format!("ignoring user config: {error}")),
    };
    fault.into_iter().for_each(&mut *warn);
    let definition = &operation.source_code;
    let mut paths: Vec<PathBuf> = Vec::new();
    if home.variable("NO_SOURCECODE").is_none() {
        missing_git(definition, home)
            .into_iter()
            .for_each(&mut *warn);
        let rules = rules(definition, operation.python, Some(run), home);
        let selection = sourcecode::select(&definition.root, &rules);
        warn_of(&selection, &rules, definition, home, warn);
        // Files of the project that are brought into the run on their own are no
        // source code.
        let needs = plan.config.dependencies();
        let brought = requirements::brought(needs, &plan.values.all, &operation.project_dir);
        paths = selection.paths;
        paths.retain(|path| !brought.has(&definition.root.join(path)));
    }
    let digest = sourcecode::copy(run, &definition.root, &definition.dest, &paths, warn)?;
    let digest = digest.filter(|_| definition.digest);
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
    rules: &RuleSet,
    definition: &Definition,
    home: &Home,
    warn: &mut dyn FnMut(String),
) {
    const ADVICE: &str = "To control which files are copied, define 'sourcecode' for the \
                          operation in a Guild file.";
    if !definition.root.is_dir() {
        warn(format!(
            "there is no source code to copy: '{}' is not a folder",
            home.display(&definition.root)
        ));
    }
    let limited = rules.has_limits();
    for path in selection.too_large.iter().filter(|_| limited) {
        let path = home.relative(&definition.root.join(path));
        warn(format!(
            "Skipping source code file {} because it's too big. {ADVICE}",
            path.display()
        ));
    }
    if selection.too_many && limited {
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
