use std::fs::{File, OpenOptions};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, SystemTime};

use proptest::prelude::*;

use super::*;
use crate::opref::OpRef;
use crate::runs::{Memory, Recalled, RunReader};
use crate::scalars::{logged_attrs, summaries};
use crate::tfevents::Writer;

struct Place {
    dir: tempfile::TempDir,
    /// Whether it is long after whatever was written.
    is_later: AtomicBool,
}

impl Place {
    fn new() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
            is_later: AtomicBool::new(false),
        }
    }

    fn index(&self) -> Index {
        let mut index = Index::at(self.dir.path().to_path_buf(), self.dir.path().join("index"));
        if self.is_later.load(Ordering::Relaxed) {
            index.now = || SystemTime::now() + Duration::from_secs(60);
        }
        index
    }

    /// Lets time pass since all that was written.
    fn age(&self, run: &Run) {
        settle(run.dir());
        // What is written now has other time stamps for sure.
        std::thread::sleep(Duration::from_millis(20));
        self.is_later.store(true, Ordering::Relaxed);
    }

    fn run(&self, id: &str) -> Run {
        let run = Run::at(self.dir.path().join("runs").join(id));
        files::create_dir_all(&run.attrs_dir()).unwrap();
        let opref = OpRef::script(Path::new("/p"), "s.py");
        run.write_opref(&opref).unwrap();
        run
    }

    /// What the index tells of `run`, as another process would ask it.
    fn ask(&self, run: &Run) -> String {
        let results = self.index().results(run);
        shown(results.scalars, results.attrs, results.problems)
    }

    /// The file of the index that belongs to `run`.
    fn shard(&self, run: &Run) -> PathBuf {
        let index = self.index();
        index.path(&index.name(run).unwrap())
    }
}

/// What reading everything tells.
fn read(run: &Run) -> String {
    let mut problems = Vec::new();
    let scalars = summaries(run.dir(), &mut |error| problems.push(error));
    let attrs = logged_attrs(run.dir(), &mut |_| ());
    shown(scalars, attrs, problems)
}

// Numbers that are none are equal in what they show.
fn shown(
    scalars: Vec<ScalarSummary>,
    attrs: Vec<(String, String)>,
    problems: Vec<Error>,
) -> String {
    format!("{scalars:?} {attrs:?} {problems:?}")
}

/// Adds values to the event file at `path`, made with its folder where missing.
fn append(path: &Path, scalars: &[(&str, i64, f64)]) {
    files::create_dir_all(path.parent().unwrap()).unwrap();
    let mut bytes = Vec::new();
    let mut writer = Writer::new(&mut bytes).unwrap();
    for (tag, step, value) in scalars {
        writer.scalar(tag, *step, *value, 0.0).unwrap();
        writer.text(tag, &value.to_string(), 0.0).unwrap();
    }
    let mut bytes = &bytes[..];
    let mut file = OpenOptions::new()
        .append(true)
        .create(true)
        .open(path)
        .unwrap();
    if file.metadata().unwrap().len() > 0 {
        bytes = &bytes[31..];
    }
    std::io::Write::write_all(&mut file, bytes).unwrap();
}

/// Makes the folders of a run look as if they had not changed for a while.
fn settle(dir: &Path) {
    let long_ago = SystemTime::now() - Duration::from_secs(60);
    for entry in walkdir::WalkDir::new(dir) {
        let entry = entry.unwrap();
        if entry.file_type().is_dir() {
            let dir = File::open(entry.path()).unwrap();
            dir.set_modified(long_ago).unwrap();
        }
    }
}

/// Something that happens to the event files of a run.
#[derive(Debug, Clone)]
enum Change {
    Append(usize, i64, f64),
    Cut(usize, u64),
    Flip(usize, u64),
    Replace(usize),
    Remove(usize),
    Settle,
}

/// Places of event files, which a change names by number.
const FILES: [&str; 5] = [
    ".guild/events.out.tfevents.1.vm.1.0",
    ".guild/events.out.tfevents.1.vm.1.1.attrs",
    ".guild/events.out.tfevents.2.vm.1.0",
    "train/events.out.tfevents.1.vm.1.0",
    "events.out.tfevents.1.vm.1.0",
];

fn change() -> impl Strategy<Value = Change> {
    let value = prop_oneof![Just(f64::NAN), Just(f64::INFINITY), -10.0..10.0];
    let file = 0..FILES.len();
    prop_oneof![
        6 => (file.clone(), -3i64..6, value).prop_map(|(file, step, value)| {
            Change::Append(file, step, value)
        }),
        1 => (file.clone(), 0u64..200).prop_map(|(file, size)| Change::Cut(file, size)),
        1 => (file.clone(), 0u64..200).prop_map(|(file, place)| Change::Flip(file, place)),
        1 => file.clone().prop_map(Change::Replace),
        1 => file.prop_map(Change::Remove),
        2 => Just(Change::Settle),
    ]
}

fn apply(run: &Run, change: &Change) {
    let path = |file: &usize| run.dir().join(FILES[*file]);
    match change {
        Change::Append(file, step, value) => {
            append(&path(file), &[("a", *step, *value), ("b", *step, 0.1)]);
        }
        Change::Cut(file, size) => {
            if let Ok(file) = OpenOptions::new().write(true).open(path(file)) {
                let size = file.metadata().unwrap().len().min(*size);
                file.set_len(size).unwrap();
            }
        }
        Change::Flip(file, place) => {
            if let Ok(mut bytes) = std::fs::read(path(file))
                && let Some(byte) = bytes.get_mut(*place as usize)
            {
                *byte ^= 1;
                // In another file, as what is written over in place between two
                // looks of the same instant need not be seen.
                let _ = std::fs::remove_file(path(file));
                std::fs::write(path(file), &bytes).unwrap();
            }
        }
        Change::Replace(file) => {
            let new = run.dir().join("new");
            append(&new, &[("a", 1, 1.0), ("c", 2, 2.0), ("c", 3, 2.5)]);
            if let Some(dir) = path(file).parent() {
                files::create_dir_all(dir).unwrap();
            }
            std::fs::rename(new, path(file)).unwrap();
        }
        Change::Remove(file) => files::remove_if_exists(&path(file)).unwrap(),
        Change::Settle => settle(run.dir()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn the_index_tells_what_reading_everything_tells(
        changes in proptest::collection::vec(change(), 1..25),
    ) {
        let place = Place::new();
        let run = place.run("one");
        for change in &changes {
            apply(&run, change);
            prop_assert_eq!(place.ask(&run), read(&run), "after {:?}", change);
        }
        settle(run.dir());
        prop_assert_eq!(place.ask(&run), read(&run));
        prop_assert_eq!(place.ask(&run), read(&run));
    }
}

#[test]
fn what_was_read_is_not_read_again() {
    let place = Place::new();
    let run = place.run("one");
    let path = run.dir().join(FILES[0]);
    let values: Vec<_> = (1..9).map(|step| ("a", step, 1.0)).collect();
    append(&path, &values);
    place.ask(&run);
    let mut bytes = std::fs::read(&path).unwrap();
    // A damage that reading from the start would end at.
    bytes[40] ^= 1;
    std::fs::write(&path, &bytes).unwrap();
    append(&path, &[("a", 9, 2.0)]);
    let results = place.index().results(&run);
    assert_eq!(
        (results.scalars[0].count, results.scalars[0].last.value),
        (9, 2.0)
    );
    assert!(results.problems.is_empty());
    assert!(read(&run).contains("Damaged"));
}

#[test]
fn what_was_no_record_is_read_once_it_is_one() {
    // As on a network file system, where the end of a file may be zeros for a while.
    let place = Place::new();
    let run = place.run("one");
    let path = run.dir().join(FILES[0]);
    append(&path, &[("a", 1, 1.0)]);
    let start = std::fs::read(&path).unwrap().len();
    append(&path, &[("a", 2, 2.0)]);
    let whole = std::fs::read(&path).unwrap();
    let mut bytes = whole.clone();
    bytes[start..].fill(0);
    std::fs::write(&path, bytes).unwrap();
    let told = place.ask(&run);
    assert!(
        told.contains("count: 1") && told.contains("Damaged"),
        "{told}"
    );
    // Still no record, though there is more behind it.
    append(&path, &[("a", 3, 3.0)]);
    assert_eq!(place.ask(&run), read(&run));
    std::fs::write(&path, whole).unwrap();
    append(&path, &[("a", 3, 3.0), ("a", 4, 4.0)]);
    let told = place.ask(&run);
    assert_eq!(told, read(&run));
    assert!(
        told.contains("count: 4") && !told.contains("Damaged"),
        "{told}"
    );
}

#[test]
fn a_damaged_index_is_made_again() {
    let place = Place::new();
    let run = place.run("one");
    append(&run.dir().join(FILES[0]), &[("a", 1, 1.0)]);
    let told = place.ask(&run);
    let path = place.shard(&run);
    let whole = std::fs::read(&path).unwrap();
    assert!(Shard::read(&path).get("runs/one").is_some());
    for place_of_damage in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[place_of_damage] ^= 0x40;
        std::fs::write(&path, &bytes).unwrap();
        assert_eq!(Shard::read(&path).names().count(), 0, "{place_of_damage}");
        std::fs::write(&path, &whole[..place_of_damage]).unwrap();
        assert_eq!(Shard::read(&path).names().count(), 0, "{place_of_damage}");
    }
    std::fs::write(&path, b"").unwrap();
    assert_eq!(place.ask(&run), told);
    assert_eq!(Shard::read(&path).names().count(), 1);
}

#[test]
fn what_a_killed_process_left_is_in_nobodys_way() {
    let place = Place::new();
    let run = place.run("one");
    append(&run.dir().join(FILES[0]), &[("a", 1, 1.0)]);
    files::create_dir_all(&place.dir.path().join("index")).unwrap();
    let path = place.shard(&run);
    std::fs::write(path.with_extension("part"), b"half").unwrap();
    place.ask(&run);
    assert_eq!(Shard::read(&path).names().count(), 1);
    assert!(!path.with_extension("part").exists());
}

#[test]
fn an_index_that_cannot_be_written_is_done_without() {
    let place = Place::new();
    let run = place.run("one");
    append(&run.dir().join(FILES[0]), &[("a", 1, 1.0)]);
    std::fs::write(place.dir.path().join("index"), b"no folder").unwrap();
    assert_eq!(place.ask(&run), read(&run));
}

#[test]
fn runs_that_are_gone_are_forgotten() {
    let place = Place::new();
    let ids: Vec<String> = (0..2000).map(|number| number.to_string()).collect();
    let runs: Vec<Run> = ids.iter().map(|id| place.run(id)).collect();
    place.index().all(&runs);
    let known = || -> usize {
        let index = place.index();
        let paths = (0..SHARDS).map(|shard| index.dir.join(format!("{shard:02x}")));
        paths.map(|path| Shard::read(&path).names().count()).sum()
    };
    assert_eq!(known(), 2000);
    for run in &runs[..500] {
        files::remove_dir_all(run.dir()).unwrap();
    }
    place.index().all(&runs[500..]);
    assert_eq!(known(), 1500);
}

#[test]
fn processes_that_write_at_once_lose_nothing() {
    let place = Place::new();
    let runs: Vec<Run> = (0..300)
        .map(|number| place.run(&number.to_string()))
        .collect();
    for run in &runs {
        append(&run.dir().join(FILES[0]), &[("a", 1, 1.0)]);
    }
    std::thread::scope(|scope| {
        for part in runs.chunks(50) {
            scope.spawn(|| place.index().all(part));
        }
    });
    for run in &runs {
        let shard = Shard::read(&place.shard(run));
        let name = format!("runs/{}", run.id());
        assert!(shard.get(&name).is_some(), "{name}");
        assert_eq!(place.ask(run), read(run));
    }
}

#[test]
fn a_link_whose_target_becomes_a_run_is_followed() {
    let place = Place::new();
    let run = place.run("one");
    let other = place.dir.path().join("runs/two");
    let links = [
        (&other, "step"),
        (&place.dir.path().join("late"), "l.tfevents.1"),
    ];
    for (target, name) in links {
        symlink(target, run.dir().join(name)).unwrap();
    }
    settle(run.dir());
    assert_eq!(place.ask(&run), read(&run));
    let other = place.run("two");
    append(&other.dir().join(FILES[0]), &[("a", 1, 1.0)]);
    append(links[1].0, &[("b", 1, 1.0)]);
    let told = place.ask(&run);
    assert_eq!(told, read(&run));
    assert!(
        told.contains("step/.guild") && told.contains("\"b\""),
        "{told}"
    );
    append(&other.dir().join(FILES[0]), &[("a", 2, 2.0)]);
    assert_eq!(place.ask(&run), read(&run));
}

#[test]
fn names_that_are_no_text_are_read_each_time() {
    use std::os::unix::ffi::OsStrExt;
    let place = Place::new();
    let run = place.run("one");
    let name = std::ffi::OsStr::from_bytes(b"\xff.tfevents.1");
    let path = run.dir().join(name);
    append(&path, &[("a", 1, 1.0)]);
    settle(run.dir());
    assert_eq!(place.ask(&run), read(&run));
    append(&path, &[("a", 2, 2.0)]);
    let told = place.ask(&run);
    assert_eq!(told, read(&run));
    assert!(told.contains("count: 2"), "{told}");
}

/// Small files of a run as a reader finds them, with what the index knows or without.
fn files_of(reader: &RunReader<'_>) -> String {
    let attrs = ["label", "flags", "none", "exit_status"].map(|name| {
        let attr = reader.attr(name);
        attr.map_err(|error| error.to_string())
    });
    let opref = reader.opref().map_err(|error| error.to_string());
    let (status, is_batch) = (reader.status(), reader.is_batch());
    format!("{attrs:?} {opref:?} {status:?} {is_batch}")
}

/// The same as another process finds them that asks the index.
fn ask_files(place: &Place, run: &Run) -> String {
    let index = place.index();
    index.known(run, |known| files_of(&run.reader().remembering(known)))
}

#[derive(Debug, Clone)]
enum Edit {
    /// Writes into a file that is there, or makes it.
    InPlace(usize, &'static str),
    /// Puts another in its place.
    Replace(usize, &'static str),
    Remove(usize),
    /// A link to nothing, or to another file of the run.
    Link(usize, &'static str),
    /// Makes all look as if it had been so for long.
    Age,
}

/// Files of a run, below the folder that guild keeps in it.
const SMALL: [&str; 9] = [
    "attrs/label",
    "attrs/flags",
    "attrs/exit_status",
    "opref",
    "LOCK",
    "LOCK.remote",
    "PENDING",
    "STAGED",
    "proto",
];

fn edit() -> impl Strategy<Value = Edit> {
    let file = 0..SMALL.len();
    let text = prop::sample::select(vec!["1", "2", "-9", "{a: 1}", "{a: [", "", "999999999"]);
    let target = prop::sample::select(vec!["nothing", "attrs/label", "label"]);
    prop_oneof![
        3 => (file.clone(), text.clone()).prop_map(|(file, text)| Edit::InPlace(file, text)),
        2 => (file.clone(), text).prop_map(|(file, text)| Edit::Replace(file, text)),
        2 => file.clone().prop_map(Edit::Remove),
        1 => (file, target).prop_map(|(file, target)| Edit::Link(file, target)),
        3 => Just(Edit::Age),
    ]
}

fn apply_edit(place: &Place, run: &Run, edit: &Edit) {
    let path = |file: &usize| run.events_dir().join(SMALL[*file]);
    place.is_later.store(false, Ordering::Relaxed);
    match edit {
        Edit::InPlace(file, text) => {
            // Not by way of a link, which might lead into circles.
            if path(file).is_symlink() {
                std::fs::remove_file(path(file)).unwrap();
            }
            std::fs::write(path(file), text).unwrap();
        }
        Edit::Replace(file, text) => files::write_atomic(&path(file), text.as_bytes()).unwrap(),
        Edit::Remove(file) => files::remove_if_exists(&path(file)).unwrap(),
        Edit::Link(file, target) => {
            files::remove_if_exists(&path(file)).unwrap();
            symlink(target, path(file)).unwrap();
        }
        Edit::Age => place.age(run),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn small_files_are_what_reading_them_tells(
        edits in proptest::collection::vec(edit(), 1..25),
    ) {
        let place = Place::new();
        let run = place.run("one");
        for edit in &edits {
            apply_edit(&place, &run, edit);
            let told = files_of(&run.reader());
            prop_assert_eq!(ask_files(&place, &run), told.clone(), "after {:?}", edit);
            prop_assert_eq!(ask_files(&place, &run), told, "again after {:?}", edit);
        }
    }
}

#[test]
fn a_file_that_has_long_been_the_same_is_not_read_again() {
    let place = Place::new();
    let run = place.run("one");
    std::fs::write(run.attr_path("label"), "good").unwrap();
    place.age(&run);
    assert!(ask_files(&place, &run).contains("good"));
    place.index().known(&run, |known| {
        let recalled = |path| known.recall(path);
        assert_eq!(recalled("attrs/label"), Recalled::Text("good"));
        assert_eq!(recalled("attrs/none"), Recalled::Absent);
        assert_eq!(recalled("LOCK"), Recalled::Absent);
        // Nobody asked for it.
        assert_eq!(recalled("attrs/tags"), Recalled::Unknown);
        std::fs::write(run.attr_path("flags"), "a: 1").unwrap();
    });
    // The folder of attributes has another name; the file is the same.
    place.index().known(&run, |known| {
        assert_eq!(known.recall("attrs/flags"), Recalled::Unknown);
        assert_eq!(known.recall("attrs/label"), Recalled::Text("good"));
    });
    std::fs::write(run.attr_path("label"), "well").unwrap();
    assert!(ask_files(&place, &run).contains("well"));
}
