//! Finding event files below a run directory.

use std::path::{Path, PathBuf};

use super::{Error, Result};
use crate::base::files;
use crate::runs::Run;
use crate::tfevents::{Event, Reader};

/// A folder with event files.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct EventDir {
    /// The folder relative to the run directory, with `/` between its parts.
    pub(super) prefix: String,
    /// Its event files, in the order of their names.
    pub(super) files: Vec<PathBuf>,
}

/// The folders with event files below `run_dir`, the runs that it links to
/// included. Problems are handed to `warn`.
pub(super) fn event_dirs(run_dir: &Path, warn: &mut dyn FnMut(Error)) -> Vec<EventDir> {
    let mut walk = Walk {
        found: Vec::new(),
        above: run_dir.canonicalize().into_iter().collect(),
        warn,
    };
    walk.dir(run_dir, "");
    walk.found
}

struct Walk<'a> {
    found: Vec<EventDir>,
    // The runs the walk is in, as links may lead in circles.
    above: Vec<PathBuf>,
    warn: &'a mut dyn FnMut(Error),
}

impl Walk<'_> {
    fn dir(&mut self, dir: &Path, prefix: &str) {
        let entries = match files::list_dir(dir) {
            Ok(entries) => entries,
            Err(error) => return (self.warn)(error.into()),
        };
        let mut events = Vec::new();
        let mut is_event_dir = false;
        for entry in &entries {
            let (path, name) = (entry.path(), entry.file_name());
            let name = name.to_string_lossy();
            // Only of links is more to be asked than the listing tells.
            let Ok(kind) = entry.file_type() else {
                continue;
            };
            if kind.is_dir() {
                self.dir(&path, &below(prefix, &name));
            } else if kind.is_symlink() && path.is_dir() {
                self.linked_dir(&path, &below(prefix, &name));
            } else if name.contains("tfevents") && path.is_file() {
                is_event_dir |= name.contains(".tfevents.");
                events.push(path);
            }
        }
        if is_event_dir {
            self.found.push(EventDir {
                prefix: prefix.to_string(),
                files: events,
            });
        }
    }

    /// Goes into a link to a run. Others lead to input, whose scalars are not
    /// the run's.
    fn linked_dir(&mut self, link: &Path, prefix: &str) {
        let Ok(target) = link.canonicalize() else {
            return;
        };
        if !Run::at(&target).exists() || self.above.contains(&target) {
            return;
        }
        self.above.push(target);
        self.dir(link, prefix);
        self.above.pop();
    }
}

fn below(prefix: &str, name: &str) -> String {
    match prefix {
        "" => name.to_string(),
        _ => format!("{prefix}/{name}"),
    }
}

/// Hands each event of the file at `path` to `each`.
pub(super) fn read(path: &Path, mut each: impl FnMut(&Event<'_>)) -> Result<()> {
    let mut reader = Reader::new(files::open(path)?);
    let failed = |source| files::Error::new("read", path, source);
    while let Some(event) = reader.next_event().map_err(failed)? {
        each(&event);
    }
    if reader.is_damaged() {
        return Err(Error::Damaged {
            path: path.to_path_buf(),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::opref::OpRef;
    use std::os::unix::fs::symlink;

    fn run(home: &Path, id: &str) -> Run {
        let run = Run::at(home.join(id));
        files::create_dir_all(&run.events_dir()).unwrap();
        let opref = OpRef::script(Path::new("/p"), "s.py");
        run.write_opref(&opref).unwrap();
        run
    }

    fn touch(path: &Path) {
        files::create_dir_all(path.parent().unwrap()).unwrap();
        files::create(path).unwrap();
    }

    fn found(run: &Run) -> Vec<String> {
        let dirs = event_dirs(run.dir(), &mut |error| panic!("{error}"));
        let lines = dirs.iter().map(|dir| {
            let names = dir
                .files
                .iter()
                .map(|file| file.file_name().unwrap().to_string_lossy());
            format!("{}: {}", dir.prefix, names.collect::<Vec<_>>().join(" "))
        });
        let mut lines: Vec<_> = lines.collect();
        lines.sort();
        lines
    }

    #[test]
    fn folders_count_by_the_names_of_their_files() {
        let home = tempfile::tempdir().unwrap();
        let run = run(home.path(), "a");
        let dir = run.dir();
        touch(&run.events_dir().join("events.out.tfevents.2.vm.1.0"));
        touch(&run.events_dir().join("events.out.tfevents.1.vm.1.0.attrs"));
        touch(&dir.join("x/.hidden/e.tfevents.1"));
        touch(&dir.join("x/.hidden/b-tfevents"));
        touch(&dir.join("y/b-tfevents"));
        touch(&dir.join("z/other"));
        let expected = [
            ".guild: events.out.tfevents.1.vm.1.0.attrs events.out.tfevents.2.vm.1.0",
            "x/.hidden: b-tfevents e.tfevents.1",
        ];
        assert_eq!(found(&run), expected);
    }

    #[test]
    fn links_to_files_and_to_runs_are_followed() {
        let home = tempfile::tempdir().unwrap();
        let (one, two) = (run(home.path(), "one"), run(home.path(), "two"));
        touch(&two.events_dir().join("e.tfevents.1"));
        touch(&home.path().join("data/e.tfevents.1"));
        symlink(two.dir(), one.dir().join("step")).unwrap();
        symlink(two.events_dir(), one.dir().join("inside")).unwrap();
        symlink(home.path().join("data"), one.dir().join("data")).unwrap();
        symlink(
            home.path().join("data/e.tfevents.1"),
            one.dir().join("l.tfevents.1"),
        )
        .unwrap();
        symlink("/nowhere/x.tfevents.1", one.dir().join("m.tfevents.1")).unwrap();
        assert_eq!(found(&one), [": l.tfevents.1", "step/.guild: e.tfevents.1"]);
    }

    #[test]
    fn links_in_circles_end() {
        let home = tempfile::tempdir().unwrap();
        let (one, two) = (run(home.path(), "one"), run(home.path(), "two"));
        touch(&two.events_dir().join("e.tfevents.1"));
        symlink(two.dir(), one.dir().join("two")).unwrap();
        symlink(one.dir(), two.dir().join("one")).unwrap();
        symlink(one.dir(), one.dir().join("self")).unwrap();
        assert_eq!(found(&one), ["two/.guild: e.tfevents.1"]);
    }
}
