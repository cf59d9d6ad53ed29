//! `guild ls`: the files of a run.

use std::ffi::{OsStr, OsString};
use std::fs::Metadata;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;

use crate::base::files;
use crate::base::folder_trail::{Refusal, Trail};
use crate::base::text::{fnmatch, natural_cmp};
use crate::cli::Context;
use crate::cli::args::{MatchArgs, RunArg};
use crate::cli::failure::Failure;
use crate::cli::listing;
use crate::runs::{EntryKind, Manifest, Run};

/// List the files of a run.
///
/// RUN is a run's number in the list of runs, or its id or the start of it.
/// Without RUN it is the latest run. Filters choose among which runs RUN
/// counts.
///
/// Files whose names start with a dot are shown with '--all' or when PATH names
/// them. PATH is a file, or a folder that is shown with all that is in it, or a
/// pattern with '*' and '?', each part of which stands for one name: '*.txt'
/// are text files of the run directory itself, 'out/*' all that is in 'out'.
///
/// '--sourcecode', '--dependencies' and '--generated' keep files by where they
/// came from: copied from the project, resolved for the run, or made by it.
/// Several of them add up.
///
/// # Examples
///
/// List the files of the latest run, then those that it made:
///
///     guild ls
///     guild ls --generated
///
/// Give the full paths of the checkpoints of the second run to a program:
///
///     guild ls 2 -p 'checkpoints/*' --full-path
#[derive(Debug, ClapArgs)]
#[command(verbatim_doc_comment, args_override_self = true)]
pub struct Args {
    #[command(flatten)]
    run: RunArg,

    /// List PATH only.
    #[arg(short, long, value_name = "PATH")]
    path: Option<OsString>,

    /// List source code files.
    #[arg(short, long)]
    sourcecode: bool,

    /// List dependencies.
    #[arg(short, long)]
    dependencies: bool,

    /// List files that the run made.
    #[arg(short, long)]
    generated: bool,

    /// List all files, guild's own and hidden ones too.
    #[arg(short, long)]
    all: bool,

    /// Show full paths.
    #[arg(short, long)]
    full_path: bool,

    /// List what is in linked folders too.
    #[arg(short = 'L', long)]
    follow_links: bool,

    /// Show just the paths, for programs to read.
    #[arg(short, long)]
    no_format: bool,

    /// Show sizes for people to read, where sizes are shown.
    #[arg(short = 'h', long)]
    human_readable: bool,

    #[command(flatten)]
    matching: MatchArgs,
}

/// Lists files.
///
/// # Errors
/// There is no such run, or its manifest cannot be read where it is asked for.
pub fn main(args: &Args, context: &Context) -> Result<(), Failure> {
    let path = args.path.as_ref().filter(|path| !path.is_empty());
    if path.is_some_and(|path| Path::new(path).is_absolute()) {
        return Err(Failure::with_help("PATH must be relative", &context.path));
    }
    args.matching.remote.check()?;
    let store = listing::live_runs(context);
    let runs = listing::filtered(&store, &args.matching.keep, context)?;
    let run = listing::pick_one(&runs, args.run.run.as_deref(), context)?;
    let origins = Origins::of(&run, args)?;
    let wanted = Wanted {
        path: path.map(|path| PathMatch::new(path)),
        all: args.all || origins.is_some(),
    };
    let mut walk = Walk {
        root: run.dir(),
        wanted,
        origins,
        follow_links: args.follow_links,
        found: Vec::new(),
        warnings: Vec::new(),
        unlisted: 0,
    };
    let mut trail = Trail::default();
    if let Ok(root) = std::fs::metadata(run.dir()) {
        // Nothing is above it.
        let _ = trail.enter(&root);
    }
    walk.folder(Path::new(""), &mut trail);
    if walk.unlisted > 0 {
        walk.warnings.push(format!(
            "links lead to the same folders again and again: {} are not listed once more",
            walk.unlisted
        ));
    }
    context.warn_all(&walk.warnings);
    let mut found = walk.found;
    found.sort_by(|left, right| natural_path_cmp(&left.path, &right.path));
    print(&run, &found, args, context);
    Ok(())
}

fn print(run: &Run, found: &[Found], args: &Args, context: &Context) {
    let mut bytes = Vec::new();
    let plain = args.full_path || args.no_format;
    if !plain {
        bytes.extend_from_slice(header(run, context).as_bytes());
        bytes.extend_from_slice(b":\n");
    }
    for found in found {
        let full;
        let path = if args.full_path {
            full = run.dir().join(&found.path);
            &full
        } else {
            &found.path
        };
        if !plain {
            bytes.extend_from_slice(b"  ");
        }
        bytes.extend_from_slice(path.as_os_str().as_bytes());
        bytes.extend_from_slice(if found.is_dir { b"/\n" } else { b"\n" });
    }
    context.console.data(&bytes);
}

/// The run directory; with `NO_HEADER_PATH=1` its name below the current
/// folder, which the reference's own tests rely on.
fn header(run: &Run, context: &Context) -> String {
    match context.home.variable("NO_HEADER_PATH").as_deref() {
        Some("1") => context
            .home
            .display(&context.home.process_cwd().join(run.id())),
        _ => context.home.display(run.dir()),
    }
}

/// Paths in natural order; `natural_cmp` alone would put `.x` before `9`.
pub(super) fn natural_path_cmp(left: &Path, right: &Path) -> std::cmp::Ordering {
    let key = |path: &Path| path.to_string_lossy().into_owned();
    let (left, right) = (key(left), key(right));
    let is_text = |text: &str| !text.starts_with(|c: char| c.is_ascii_digit());
    let by_number = is_text(&left).cmp(&is_text(&right));
    by_number.then_with(|| natural_cmp(&left, &right))
}

/// A file or folder to be shown.
struct Found {
    /// Relative to the run directory.
    path: PathBuf,
    is_dir: bool,
}

/// Which files are shown by their paths.
struct Wanted {
    path: Option<PathMatch>,
    all: bool,
}

/// What `--path` says.
enum PathMatch {
    /// A path in its parts.
    Exact(Vec<OsString>),
    /// Patterns, one for each part.
    Pattern(Vec<String>),
}

impl PathMatch {
    fn new(path: &OsStr) -> Self {
        let text = path.to_string_lossy();
        if text.contains(['*', '?']) {
            let parts = text.split('/').filter(|part| !matches!(*part, "" | "."));
            return Self::Pattern(parts.map(str::to_string).collect());
        }
        let parts = path.as_bytes().split(|&byte| byte == b'/');
        let parts = parts.filter(|part| !matches!(*part, b"" | b"."));
        Self::Exact(parts.map(|part| OsStr::from_bytes(part).into()).collect())
    }
}

impl Wanted {
    /// Whether the path with these parts is shown.
    fn matches(&self, parts: &[&OsStr]) -> bool {
        match &self.path {
            None => self.all || !parts.iter().any(|part| is_hidden(part)),
            Some(PathMatch::Exact(wanted)) => {
                let below = parts.len() >= wanted.len()
                    && wanted
                        .iter()
                        .zip(parts)
                        .all(|(wanted, part)| wanted == part);
                let rest = parts.iter().skip(wanted.len());
                below && (self.all || !rest.into_iter().any(|part| is_hidden(part)))
            }
            Some(PathMatch::Pattern(patterns)) => {
                let matched = parts.len() >= patterns.len()
                    && patterns
                        .iter()
                        .zip(parts)
                        .all(|(pattern, part)| fnmatch(pattern, &part.to_string_lossy()));
                let named = |at: usize| patterns.get(at).is_some_and(|p| p.starts_with('.'));
                let mut parts = parts.iter().enumerate();
                matched && (self.all || parts.all(|(at, part)| !is_hidden(part) || named(at)))
            }
        }
    }

    /// Whether anything below the folder with these parts may be shown.
    fn may_hold(&self, parts: &[&OsStr]) -> bool {
        match &self.path {
            None => self.matches(parts),
            Some(PathMatch::Exact(wanted)) => {
                wanted
                    .iter()
                    .zip(parts)
                    .all(|(wanted, part)| wanted == part)
                    && (parts.len() < wanted.len() || self.matches(parts))
            }
            Some(PathMatch::Pattern(patterns)) => {
                parts.len() < patterns.len() || self.matches(parts)
            }
        }
    }
}

fn is_hidden(name: &OsStr) -> bool {
    name.as_bytes().starts_with(b".")
}

/// Which files are shown by where they came from.
struct Origins {
    manifest: Manifest,
    source: bool,
    dependencies: bool,
    generated: bool,
}

impl Origins {
    /// What the options say; none where all files are shown.
    fn of(run: &Run, args: &Args) -> Result<Option<Self>, Failure> {
        if !args.sourcecode && !args.dependencies && !args.generated {
            return Ok(None);
        }
        Ok(Some(Self {
            manifest: run.manifest()?,
            source: args.sourcecode,
            dependencies: args.dependencies,
            generated: args.generated,
        }))
    }

    fn matches(&self, path: &Path, is_dir: bool) -> bool {
        let mut entries = path
            .ancestors()
            .filter_map(|path| self.manifest.get(path.to_str()?));
        let entry = match is_dir {
            true => path.to_str().and_then(|path| self.manifest.get(path)),
            false => entries.next(),
        };
        match entry.map(|entry| entry.kind) {
            Some(EntryKind::SourceCode) => self.source,
            Some(EntryKind::Dependency) => self.dependencies,
            Some(EntryKind::Internal) => false,
            None => self.generated && !is_dir && !path.starts_with(".guild"),
        }
    }
}

/// A walk through a run directory.
struct Walk<'a> {
    root: &'a Path,
    wanted: Wanted,
    origins: Option<Origins>,
    follow_links: bool,
    found: Vec<Found>,
    warnings: Vec<String>,
    // How many folders were not listed for the many ways to them.
    unlisted: usize,
}

impl Walk<'_> {
    /// Goes through `folder`, relative to the root; `trail` is the way to it.
    fn folder(&mut self, folder: &Path, trail: &mut Trail) {
        let entries = match files::list_dir(&self.root.join(folder)) {
            Ok(entries) => entries,
            Err(error) => return self.warnings.push(error.to_string()),
        };
        for entry in entries {
            let path = folder.join(entry.file_name());
            let is_link = entry.file_type().is_ok_and(|kind| kind.is_symlink());
            let dir = std::fs::metadata(entry.path())
                .ok()
                .filter(Metadata::is_dir);
            let parts: Vec<&OsStr> = path.iter().collect();
            let may_hold = self.wanted.may_hold(&parts);
            if self.is_wanted(&path, &parts, dir.is_some()) {
                self.found.push(Found {
                    path: path.clone(),
                    is_dir: dir.is_some(),
                });
            }
            let Some(dir) = dir.filter(|_| may_hold && (self.follow_links || !is_link)) else {
                continue;
            };
            match trail.enter(&dir) {
                Ok(()) => {
                    self.folder(&path, trail);
                    trail.leave();
                }
                Err(Refusal::Loop) => {}
                Err(Refusal::TooOften) => self.unlisted += 1,
            }
        }
    }

    fn is_wanted(&self, path: &Path, parts: &[&OsStr], is_dir: bool) -> bool {
        let by_origin = self.origins.as_ref();
        self.wanted.matches(parts) && by_origin.is_none_or(|origins| origins.matches(path, is_dir))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATHS: [&str; 9] = [
        ".guild",
        ".guild/opref",
        "a.txt",
        "d",
        "d/.h",
        "d/b.txt",
        "d/e",
        "d/e/c.txt",
        "d/e/.x/y",
    ];

    fn shown(path: &str, all: bool) -> Vec<&'static str> {
        let wanted = Wanted {
            path: (!path.is_empty()).then(|| PathMatch::new(OsStr::new(path))),
            all,
        };
        let parts = |path: &'static str| Path::new(path).iter().collect::<Vec<_>>();
        for path in PATHS
            .into_iter()
            .filter(|path| wanted.matches(&parts(path)))
        {
            let mut above = Path::new(path).ancestors().skip(1);
            assert!(
                above.all(|above| wanted.may_hold(&above.iter().collect::<Vec<_>>())),
                "{path} would not be reached"
            );
        }
        PATHS
            .into_iter()
            .filter(|path| wanted.matches(&parts(path)))
            .collect()
    }

    #[test]
    fn hidden_files_are_shown_when_named_or_on_request() {
        assert_eq!(shown("", true), PATHS);
        assert_eq!(
            shown("", false),
            ["a.txt", "d", "d/b.txt", "d/e", "d/e/c.txt"]
        );
        assert_eq!(shown(".", false), shown("", false));
        assert_eq!(shown(".guild", false), [".guild", ".guild/opref"]);
        assert_eq!(shown("d/.h", false), ["d/.h"]);
        assert_eq!(shown("d/e/.x", false), ["d/e/.x/y"]);
        assert_eq!(shown(".g*", false), [".guild", ".guild/opref"]);
        assert_eq!(
            shown("d/*", true),
            ["d/.h", "d/b.txt", "d/e", "d/e/c.txt", "d/e/.x/y"]
        );
    }

    #[test]
    fn a_path_is_a_folder_with_all_in_it_or_a_pattern_part_by_part() {
        assert_eq!(shown("d/", false), ["d", "d/b.txt", "d/e", "d/e/c.txt"]);
        assert_eq!(shown("d/e/c.txt", false), ["d/e/c.txt"]);
        assert_eq!(shown("*.txt", false), ["a.txt"]);
        assert_eq!(shown("?", false), ["d", "d/b.txt", "d/e", "d/e/c.txt"]);
        assert_eq!(shown("d/*/c*", false), ["d/e/c.txt"]);
        assert_eq!(shown("[d]", false), [] as [&str; 0]);
        assert_eq!(shown("nope", false), [] as [&str; 0]);
    }

    #[test]
    fn paths_sort_as_people_count() {
        let paths = ["é", "d/f10", "f", "data", "ez", ".g", "d/f9", "D", "9", "d"];
        let mut paths = paths.map(PathBuf::from);
        paths.sort_by(|left, right| natural_path_cmp(left, right));
        let expected = ["9", ".g", "D", "d", "d/f9", "d/f10", "data", "ez", "é", "f"];
        let expected = expected.map(PathBuf::from);
        assert_eq!(paths, expected);
    }
}
