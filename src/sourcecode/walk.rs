//! Going through a project's folders and asking the rules.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::fs::FileType;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

use super::candidate::Candidate;
use super::rules::{Limit, RuleSet};
use crate::base::files;
use crate::base::folder_trail::{Identity, MAX_VISITS, Refusal, identity};

/// What the rules select.
#[derive(Debug, Default)]
pub struct Selection {
    /// Files relative to the root: those of a folder by name, then its folders.
    pub paths: Vec<PathBuf>,
    /// Files that were left out for their size alone.
    pub too_large: Vec<PathBuf>,
    /// Whether files were left out because of their number alone.
    pub too_many: bool,
    /// What was left out, if that was asked for: of a folder its folders, then
    /// its files.
    pub skipped: Vec<PathBuf>,
    /// What the rules take and nobody can copy.
    pub faults: Vec<Fault>,
}

/// What cannot be copied.
#[derive(Debug)]
pub struct Fault {
    /// The path relative to the root.
    pub path: PathBuf,
    /// Whether it is, or leads to, a folder.
    pub is_folder: bool,
    /// Why, such as `it is a socket`.
    pub reason: String,
}

/// Selects files below `root`, for what they are needed for; what is left out
/// is not told, nor looked for once nothing more can be taken.
///
/// Links are followed, but for those that lead back to a folder on the way to
/// them. Files that are `apart`, by their full paths, are left out whatever the
/// rules say: they come into the run on their own.
pub fn select(root: &Path, rules: &RuleSet, apart: &dyn Fn(&Path) -> bool) -> Selection {
    walk(root, rules, apart, false)
}

/// As [`select`], and tells what is left out.
pub fn survey(root: &Path, rules: &RuleSet, apart: &dyn Fn(&Path) -> bool) -> Selection {
    walk(root, rules, apart, true)
}

fn walk(
    root: &Path,
    rules: &RuleSet,
    apart: &dyn Fn(&Path) -> bool,
    tells_skipped: bool,
) -> Selection {
    if rules.is_disabled() {
        return Selection::default();
    }
    let mut walk = Walk {
        root,
        rules,
        apart,
        tells_skipped,
        counts: vec![0; rules.rules.len()],
        above: Vec::new(),
        visits: HashMap::new(),
        selection: Selection::default(),
    };
    match files::entries(root) {
        Ok(listing) => walk.folder(Folder::default(), listing),
        // That there is no such folder is told by whoever asks for its files.
        Err(error) if error.is_not_found() => {}
        Err(error) => walk.fault(Path::new("."), true, &files::reason(&error.source)),
    }
    walk.selection
}

struct Walk<'a> {
    root: &'a Path,
    rules: &'a RuleSet,
    apart: &'a dyn Fn(&Path) -> bool,
    tells_skipped: bool,
    counts: Vec<usize>,
    // The folders above, and what they are, once that was asked.
    above: Vec<(PathBuf, Option<Identity>)>,
    // How often folders were entered by way of links.
    visits: HashMap<Identity, usize>,
    selection: Selection,
}

/// What is in a folder.
type Listing = Vec<(OsString, FileType)>;

/// A folder that may be entered.
#[derive(Debug, Default)]
struct Folder {
    // Relative to the root, empty for that. Where it is not UTF-8, what it looks
    // like goes for rules.
    path: PathBuf,
    shown: String,
    // Whether a link is on the way to it, without which there is no loop.
    is_linked: bool,
    fault: Option<&'static str>,
}

/// A file that may be taken, or what is in the place of one.
struct File {
    path: PathBuf,
    shown: String,
    fault: Option<String>,
}

impl Walk<'_> {
    /// Goes through a folder with what is in it.
    fn folder(&mut self, folder: Folder, listing: Listing) {
        let (folders, regular) = self.sort_out(&folder, listing);
        let mut entered = Vec::new();
        for folder in folders {
            let full = self.root.join(&folder.path);
            // Read once: rules look for a name in it before it is gone through.
            let mut listing = None;
            let enters = self.rules.enters(&folder.shown, |place| {
                let listing = listing.get_or_insert_with(|| files::entries(&full));
                holds(&full, place, listing.as_ref().ok())
            });
            match enters {
                true => entered.push((folder, listing)),
                false => self.skip(folder.path),
            }
        }
        for file in regular {
            if self.is_done() {
                return;
            }
            self.file(file);
        }
        self.above.push((folder.path, None));
        for (folder, listing) in entered {
            if self.is_done() {
                break;
            }
            self.enter(folder, listing);
        }
        self.above.pop();
    }

    /// The folders and the files of a listing, by name.
    fn sort_out(&self, folder: &Folder, listing: Listing) -> (Vec<Folder>, Vec<File>) {
        let mut folders = Vec::new();
        let mut regular = Vec::new();
        for (name, kind) in listing {
            let unlisted = unlisted(&name);
            let shown = match folder.shown.as_str() {
                "" => name.to_string_lossy().into_owned(),
                above => format!("{above}/{}", name.to_string_lossy()),
            };
            let path = folder.path.join(&name);
            let found = match kind.is_symlink() {
                true => target(&self.root.join(&path)),
                false => what_of(kind),
            };
            match found {
                Ok(What::Folder) => folders.push(Folder {
                    path,
                    shown,
                    is_linked: folder.is_linked || kind.is_symlink(),
                    fault: unlisted,
                }),
                Ok(What::File) => regular.push(File {
                    path,
                    shown,
                    fault: unlisted.map(str::to_string),
                }),
                Err(reason) => regular.push(File {
                    path,
                    shown,
                    fault: Some(reason),
                }),
            }
        }
        folders.sort_by(|left, right| left.path.cmp(&right.path));
        regular.sort_by(|left, right| left.path.cmp(&right.path));
        (folders, regular)
    }

    fn enter(&mut self, folder: Folder, listing: Option<files::Result<Listing>>) {
        let full = self.root.join(&folder.path);
        let fault = match folder.fault {
            Some(fault) => Some(fault.to_string()),
            None if folder.is_linked => self.loop_at(&full).map(|refusal| refusal.to_string()),
            None => None,
        };
        if let Some(fault) = fault {
            self.fault(&folder.path, true, &fault);
            self.skip(folder.path);
            return;
        }
        match listing.unwrap_or_else(|| files::entries(&full)) {
            Ok(listing) => self.folder(folder, listing),
            Err(error) => self.fault(&folder.path, true, &files::reason(&error.source)),
        }
    }

    /// Why the folder at `full`, to which a link leads, is not entered, if it
    /// is not.
    fn loop_at(&mut self, full: &Path) -> Option<Refusal> {
        let identity_of = |path: &Path| path.metadata().ok().map(|meta| identity(&meta));
        let here = identity_of(full)?;
        let root = self.root;
        let mut above = self.above.iter_mut();
        if above.any(|(path, known)| {
            *known = known.or_else(|| identity_of(&root.join(path)));
            *known == Some(here)
        }) {
            return Some(Refusal::Loop);
        }
        let visits = self.visits.entry(here).or_default();
        *visits += 1;
        (*visits > MAX_VISITS).then_some(Refusal::TooOften)
    }

    fn file(&mut self, file: File) {
        if (self.apart)(&self.root.join(&file.path)) {
            self.skip(file.path);
            return;
        }
        let mut candidate = Candidate::new(self.root, &file.shown, file.fault);
        let (taken, limit) = self.rules.takes(&mut candidate, &mut self.counts);
        match (taken, limit, candidate.into_fault()) {
            (true, _, None) => {
                self.selection.paths.push(file.path);
                return;
            }
            (true, _, Some(reason)) => self.fault(&file.path, false, &reason),
            (false, Some(Limit::Size), _) => self.selection.too_large.push(file.path.clone()),
            (false, Some(Limit::Count), _) => self.selection.too_many = true,
            (false, None, _) => {}
        }
        self.skip(file.path);
    }

    fn fault(&mut self, path: &Path, is_folder: bool, reason: &str) {
        self.selection.faults.push(Fault {
            path: path.to_path_buf(),
            is_folder,
            reason: reason.to_string(),
        });
    }

    fn skip(&mut self, path: PathBuf) {
        if self.tells_skipped {
            self.selection.skipped.push(path);
        }
    }

    /// Whether nothing more can come of going on.
    fn is_done(&self) -> bool {
        !self.tells_skipped && self.selection.too_many && self.rules.is_spent(&self.counts)
    }
}

/// What rules can take.
enum What {
    File,
    Folder,
}

/// Why what is called `name` cannot stand in a list of files, if it cannot.
fn unlisted(name: &OsStr) -> Option<&'static str> {
    match name.to_str() {
        None => Some("its name is not UTF-8"),
        Some(name) if name.contains('\n') => Some("its name has a line break"),
        Some(_) => None,
    }
}

fn what_of(kind: FileType) -> Result<What, String> {
    let other = if kind.is_dir() {
        return Ok(What::Folder);
    } else if kind.is_file() {
        return Ok(What::File);
    } else if kind.is_fifo() {
        "it is a named pipe"
    } else if kind.is_socket() {
        "it is a socket"
    } else {
        "it is a device"
    };
    Err(other.to_string())
}

/// What the link at `path` leads to.
fn target(path: &Path) -> Result<What, String> {
    match path.metadata() {
        Ok(meta) => what_of(meta.file_type()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Err("it is a link to nothing".to_string())
        }
        Err(error) => Err(files::reason(&error)),
    }
}

/// Whether something is at `place` in the folder `dir`, which holds `listing`.
fn holds(dir: &Path, place: &str, listing: Option<&Listing>) -> bool {
    let first = place.split('/').next().unwrap_or(place);
    let has_first = listing.is_some_and(|listing| listing.iter().any(|(name, _)| name == first));
    // Only where that name is there, the file system is asked for the rest.
    has_first && (first == place || dir.join(place).exists())
}

#[cfg(test)]
mod tests {
    use super::super::Limits;
    use super::super::rules::{git_rules, plain_rules};
    use super::*;

    fn project(paths: &[&str]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for path in paths {
            let path = dir.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "text\n").unwrap();
        }
        dir
    }

    fn selected(root: &Path, rules: &RuleSet) -> Vec<String> {
        let paths = select(root, rules, &|_| false).paths;
        paths
            .iter()
            .map(|path| path.display().to_string())
            .collect()
    }

    #[test]
    fn outside_git_text_is_taken_and_what_python_makes_is_not() {
        let dir = project(&[
            "b.py",
            "a.py",
            ".hidden",
            "sub/c.txt",
            "sub/build/x.py",
            "__pycache__/a.py",
            ".venv/x.py",
            "env/bin/activate",
            "env/x.py",
            "skip/.guild-nocopy",
            "image.png",
        ]);
        let rules = plain_rules(Limits::default(), true);
        assert_eq!(
            selected(dir.path(), &rules),
            [".hidden", "a.py", "b.py", "sub/c.txt"]
        );
        let rules = plain_rules(Limits::default(), false);
        assert!(selected(dir.path(), &rules).contains(&"sub/build/x.py".to_string()));
    }

    #[test]
    fn limits_leave_out_and_say_so() {
        let dir = project(&["a.txt", "b.txt", "c.txt"]);
        std::fs::write(dir.path().join("b.txt"), "x".repeat(100)).unwrap();
        let limits = Limits {
            file_size: 50,
            file_count: 10,
        };
        let selection = select(dir.path(), &plain_rules(limits, true), &|_| false);
        assert_eq!(selection.paths.len(), 2);
        assert_eq!(selection.too_large, [PathBuf::from("b.txt")]);
        assert!(!selection.too_many);
        let limits = Limits {
            file_size: 1000,
            file_count: 2,
        };
        let selection = select(dir.path(), &plain_rules(limits, true), &|_| false);
        assert_eq!(selection.paths.len(), 2);
        assert!(selection.too_many);
    }

    #[test]
    fn git_rules_mean_exact_places() {
        let dir = project(&[
            "a.py",
            "x/a.py",
            "x/out/f",
            "out/f",
            ".git/config",
            "b[1].py",
        ]);
        let ignored = [
            "a.py".to_string(),
            "out/".to_string(),
            "b[1].py".to_string(),
        ];
        assert_eq!(
            selected(dir.path(), &git_rules(&ignored)),
            ["x/a.py", "x/out/f"]
        );
    }

    #[test]
    fn a_loop_of_links_ends_and_special_files_are_passed_over() {
        let dir = project(&["sub/a.py"]);
        std::os::unix::fs::symlink("..", dir.path().join("sub/up")).unwrap();
        std::os::unix::fs::symlink("nowhere", dir.path().join("dangling")).unwrap();
        let pipe = dir.path().join("pipe");
        nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
        let rules = plain_rules(Limits::default(), true);
        assert_eq!(selected(dir.path(), &rules), ["sub/a.py"]);
    }
}
