//! The source code of a run: what of an operation's project is copied into it.

use std::path::{Path, PathBuf};

use super::plan::Plan;
use super::requirements;
use crate::base::git::{self, Git};
use crate::base::yaml::Value;
use crate::home::{Config, Home};
use crate::project::Operation;
use crate::python::interpreter;
use crate::runs::{self, Run};
use crate::sourcecode::{self, Definition, Limits, RuleSet, Snapshot, What};

/// How many of those that cannot be copied are named.
const MOST_FAULTS: usize = 20;

/// What is copied of the project that `definition` speaks of; `python` leaves out
/// what Python makes. Runs that are kept inside the project are no part of it,
/// and neither is `run` itself. Where git is needed and does not answer, that is
/// told to `warn`.
pub fn rules(
    definition: &Definition,
    python: bool,
    run: Option<&Run>,
    home: &Home,
    warn: &mut dyn FnMut(String),
) -> RuleSet {
    let root = &definition.root;
    missing_git(definition, home)
        .into_iter()
        .for_each(&mut *warn);
    let mut rules = definition.rules(|| default_rules(root, python, home, warn));
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

fn default_rules(root: &Path, python: bool, home: &Home, warn: &mut dyn FnMut(String)) -> RuleSet {
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
    sourcecode::default_rules(root, &git(home), limits, python, warn)
}

/// What is said where git would tell which files to leave out, but is not there.
fn missing_git(definition: &Definition, home: &Home) -> Option<String> {
    const WORDS: &str = "The current project appears to use Git for version control\n\
        but git is not available on the system path. To apply Git's source\n\
        code rules to this run, install Git [1] or specify the Git executable\n\
        in Guild user config [2].\n\n\
        [1] https://git-scm.com/book/en/v2/Getting-Started-Installing-Git)\n\
        [2] https://guildai.org/t/user-config-reference\n\n\
        To disable this warning, set 'NO_WARN_GIT_MISSING=1'\n";
    let program = home.config().map_or("git", Config::git_executable);
    let is_needed = matches!(definition.what, What::Rules(_))
        && !home.is_on("NO_WARN_GIT_MISSING")
        && git::in_repository(&definition.root);
    (is_needed && interpreter::which(home, program).is_none()).then(|| WORDS.to_string())
}

/// The user's git; a config that makes no sense does not keep runs from starting.
pub(super) fn git(home: &Home) -> Git {
    Git::new(home.config().map_or("git", Config::git_executable))
}

/// Copies source code that `plan` does not bring otherwise, and records its digest
/// and the commit it is at. The digest comes last: a run without one was not
/// copied to the end.
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
    run.append_manifest(&[])?;
    let git = git(home);
    let project = &operation.project_dir;
    let has_project = !project.as_os_str().is_empty();
    let asks_git = has_project && !home.is_on("NO_VCS_COMMIT");
    let (digest, commit) = std::thread::scope(|scope| {
        // Git goes through the project while it is copied.
        let asked =
            (asks_git && git::in_repository(project)).then(|| scope.spawn(|| git.commit(project)));
        let digest = copy_files(run, operation, plan, home, warn);
        let commit = asked.and_then(|asked| match asked.join() {
            Ok(commit) => commit,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        (digest, commit)
    });
    if let Some(commit) = commit {
        let mark = if commit.dirty { "*" } else { "" };
        run.write_attr("vcs_commit", &format!("git:{}{mark}", commit.hash).into())?;
    }
    let digest = digest?.filter(|_| operation.source_code.digest);
    run.write_attr("sourcecode_digest", &Value::from(digest))
}

/// Copies source code in the place of what the run had.
///
/// # Errors
/// The run cannot be read or written.
pub fn replace(
    run: &Run,
    operation: &Operation,
    plan: &Plan,
    home: &Home,
    warn: &mut dyn FnMut(String),
) -> runs::Result<()> {
    run.delete_attr("sourcecode_digest")?;
    run.delete_attr("vcs_commit")?;
    if is_wanted(home) {
        sourcecode::remove(run)?;
    }
    copy(run, operation, plan, home, warn)
}

/// Whether source code is copied at all.
pub(super) fn is_wanted(home: &Home) -> bool {
    !home.is_on("NO_SOURCECODE")
}

/// Whether the copying of source code into `run` has not come to its end, as
/// where it was killed.
pub(super) fn is_half_copied(run: &Run) -> bool {
    run.has_manifest() && !run.attr_path("sourcecode_digest").exists()
}

/// Copies what the rules select, and returns the digest of it.
fn copy_files(
    run: &Run,
    operation: &Operation,
    plan: &Plan,
    home: &Home,
    warn: &mut dyn FnMut(String),
) -> runs::Result<Option<String>> {
    if !is_wanted(home) {
        return Ok(None);
    }
    let definition = &operation.source_code;
    if definition.what == What::NotApplicable && !definition.digest {
        return Ok(None);
    }
    let rules = rules(definition, operation.python, Some(run), home, warn);
    let needs = plan.config.dependencies();
    let brought = requirements::brought(needs, &plan.values.all, &operation.project_dir);
    let selection = sourcecode::select(&definition.root, &rules, &|path| brought.has(path));
    warn_of(&selection, &rules, definition, home, warn);
    let root = &definition.root;
    let snapshot = sourcecode::copy(run, root, &definition.dest, &selection.paths)?;
    warn_of_snapshot(&snapshot, root, home, warn);
    Ok(snapshot.digest)
}

/// Tells what `snapshot`, of files in `root`, does not hold as it should.
pub(super) fn warn_of_snapshot(
    snapshot: &Snapshot,
    root: &Path,
    home: &Home,
    warn: &mut dyn FnMut(String),
) {
    warn_of_faults(&snapshot.faults, root, home, warn);
    for path in &snapshot.torn {
        warn(format!(
            "source code file {} changed again and again while it was copied: the run may have \
             one part of it as it was, and another as it is",
            home.relative(&root.join(path)).display()
        ));
    }
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
    if !definition.root.is_dir() && definition.what != What::NotApplicable {
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
    warn_of_faults(&selection.faults, &definition.root, home, warn);
}

/// Tells what below `root` cannot be copied.
fn warn_of_faults(
    faults: &[sourcecode::Fault],
    root: &Path,
    home: &Home,
    warn: &mut dyn FnMut(String),
) {
    for fault in faults.iter().take(MOST_FAULTS) {
        let what = if fault.is_folder { "folder" } else { "file" };
        let path = home.relative(&root.join(&fault.path));
        let path = match path.to_str() {
            Some(path) if !path.contains('\n') => path.to_string(),
            _ => format!("{path:?}"),
        };
        let reason = &fault.reason;
        warn(format!("skipping source code {what} {path}: {reason}"));
    }
    let more = faults.len().saturating_sub(MOST_FAULTS);
    if more > 0 {
        warn(format!("skipping {more} more that cannot be copied"));
    }
}
