use super::*;
use crate::opref::OpRef;
use crate::runs::Creation;

const EVENTS: &str = "events.out.tfevents.1.me";

/// A folder for runs and one for logs.
struct Place {
    dir: tempfile::TempDir,
    home: Home,
}

impl Place {
    fn new() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
            home: Home::discover(None, None).unwrap(),
        }
    }

    fn run(&self, id: &str) -> Run {
        let opref = OpRef::script(Path::new("/p"), "x.py");
        let creation = Creation {
            opref: &opref,
            initialized: 1,
        };
        let run = Run::create(&self.dir.path().join("runs").join(id), &creation).unwrap();
        run.clear_pending().unwrap();
        run
    }

    fn monitor(&self) -> Monitor<'_> {
        let content = Content {
            images: true,
            parameters: true,
        };
        let log_dir = self.dir.path().join("logs");
        Monitor::new(&self.home, &log_dir, Names::new(None), content)
    }

    /// Refreshes, and returns what was told.
    fn refresh(&self, monitor: &mut Monitor<'_>, runs: &[&Run]) -> Vec<String> {
        let runs: Vec<Run> = runs.iter().copied().cloned().collect();
        let mut told = Vec::new();
        monitor.refresh(&runs, &|| false, &mut |text| told.push(text));
        told
    }

    /// The links below the folder of `run`.
    fn links(&self, run: &Run) -> Vec<String> {
        let logs = self.dir.path().join("logs");
        let names = files::names(&logs).unwrap();
        let is_of_run = |name: &&std::ffi::OsString| name.to_string_lossy().starts_with(run.id());
        let Some(name) = names.iter().find(is_of_run) else {
            return Vec::new();
        };
        let folder = logs.join(name);
        let walk = walkdir::WalkDir::new(&folder).sort_by_file_name();
        walk.into_iter()
            .map(|entry| entry.unwrap().into_path())
            .filter(|path| path.is_symlink())
            .map(|path| path.strip_prefix(&folder).unwrap().display().to_string())
            .collect()
    }
}

fn write(run: &Run, path: &str) {
    let path = run.dir().join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, "").unwrap();
}

#[test]
fn a_folder_may_become_a_file_and_a_file_a_folder() {
    let place = Place::new();
    let run = place.run("aaaaaaaa");
    let mut monitor = place.monitor();
    write(&run, "one");
    write(&run, &format!("two/deep/{EVENTS}"));
    assert_eq!(place.refresh(&mut monitor, &[&run]), [] as [&str; 0]);
    assert_eq!(place.links(&run), ["one", &format!("two/deep/{EVENTS}")]);
    std::fs::remove_file(run.dir().join("one")).unwrap();
    std::fs::remove_dir_all(run.dir().join("two")).unwrap();
    write(&run, &format!("one/deep/{EVENTS}"));
    write(&run, "two");
    write(&run, "zoo");
    assert_eq!(place.refresh(&mut monitor, &[&run]), [] as [&str; 0]);
    let links = place.links(&run);
    assert_eq!(links, [&format!("one/deep/{EVENTS}"), "two", "zoo"]);
}

#[test]
fn what_cannot_be_linked_is_told_once_and_keeps_nothing_else_from_it() {
    let place = Place::new();
    let (first, second) = (place.run("aaaaaaaa"), place.run("bbbbbbbb"));
    let mut monitor = place.monitor();
    place.refresh(&mut monitor, &[&first, &second]);
    let logs = place.dir.path().join("logs");
    // TensorBoard's plugins may write there.
    for name in files::names(&logs).unwrap() {
        std::fs::write(logs.join(name).join("middle"), "").unwrap();
    }
    for name in ["before", "middle", "zoo"] {
        write(&first, name);
        write(&first, &format!("{name}.d/{EVENTS}"));
    }
    std::fs::remove_dir_all(second.dir()).unwrap();
    let third = place.run("cccccccc");
    write(&third, "file");
    let told = place.refresh(&mut monitor, &[&first, &second, &third]);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("/middle"), "{told:?}");
    let links = place.links(&first);
    let expected = [
        "before",
        &format!("before.d/{EVENTS}"),
        &format!("middle.d/{EVENTS}"),
    ];
    assert_eq!(links[..3], expected);
    assert_eq!(links[3..], ["zoo", &format!("zoo.d/{EVENTS}")]);
    assert_eq!(place.links(&third), ["file"]);
    assert_eq!(
        place.refresh(&mut monitor, &[&first, &third]),
        [] as [&str; 0]
    );
}
