//! Tests of transfers as a whole: what goes in comes out.

use std::cell::RefCell;
use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::runs::Run;

const ID: &str = "0123456789abcdef0123456789abcdef";

const COPY: Manner = Manner {
    moves: false,
    copies_resources: false,
};

/// Asks to end once so many bytes were dealt with.
struct StopAfter {
    left: RefCell<u64>,
}

impl Observer for StopAfter {
    fn transferred(&self, bytes: u64) {
        let left = self.left.borrow().saturating_sub(bytes);
        self.left.replace(left);
    }

    fn stop_requested(&self) -> Option<i32> {
        (*self.left.borrow() == 0).then_some(2)
    }

    fn remark(&self, _text: &str) {}
}

fn make_run(dir: &Path, files: &[(String, Vec<u8>)]) -> Run {
    let run = Run::at(dir.join(ID));
    fs::create_dir_all(run.dir().join(".guild/attrs")).unwrap();
    fs::write(run.dir().join(".guild/opref"), "script:/p '' '' x.py").unwrap();
    for (name, content) in files {
        fs::write(run.dir().join(name), content).unwrap();
    }
    symlink("..", run.dir().join("up")).unwrap();
    symlink("../other", run.dir().join("step")).unwrap();
    run
}

/// Everything below `dir`: path, kind and permission bits, content or target.
fn tree(dir: &Path) -> Vec<(String, u32, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in walkdir::WalkDir::new(dir).sort_by_file_name() {
        let entry = entry.unwrap();
        let meta = entry.metadata().unwrap();
        let content = if meta.is_symlink() {
            let target = fs::read_link(entry.path()).unwrap();
            target.into_os_string().into_encoded_bytes()
        } else if meta.is_file() {
            fs::read(entry.path()).unwrap()
        } else {
            Vec::new()
        };
        let path = entry.path().strip_prefix(dir).unwrap();
        found.push((path.display().to_string(), meta.mode(), content));
    }
    found
}

fn open_zip(path: &Path) -> Result<ZipSource> {
    ZipSource::open(path, path, path.parent().unwrap())
}

fn names() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9äß雪 ._:'\\-]{1,20}".prop_filter("a name of its own", |name| {
        !name.chars().all(|letter| letter == '.')
            && !["up", "step", ".guild"].contains(&name.as_str())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn a_run_comes_out_of_a_zip_file_and_a_folder_as_it_was(
        files in proptest::collection::btree_map(
            names(), proptest::collection::vec(any::<u8>(), 0..2000), 0..6),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let files: Vec<_> = files.into_iter().collect();
        let run = make_run(&dir.path().join("runs"), &files);
        let path = dir.path().join("runs.zip");
        let mut target = ZipTarget::open(&path, &Unobserved).unwrap();
        prop_assert_eq!(target.take(&run, COPY, &Unobserved).unwrap(), Outcome::Done);
        prop_assert_eq!(target.take(&run, COPY, &Unobserved).unwrap(), Outcome::Exists);
        target.finish().unwrap();
        let mut folder = Folder::open(dir.path().join("out")).unwrap();
        let mut source = open_zip(&path).unwrap();
        let listed = source.list(Depth::Attributes, &Unobserved).unwrap();
        prop_assert_eq!(listed.len(), 1);
        source.give(ID, &mut folder, &Unobserved).unwrap();
        prop_assert_eq!(tree(run.dir()), tree(&folder.dir().join(ID)));
        let mut copies = Folder::open(dir.path().join("copies")).unwrap();
        copies.take(&run, COPY, &Unobserved).unwrap();
        prop_assert_eq!(tree(run.dir()), tree(&copies.dir().join(ID)));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_zip_file_with_changed_bytes_does_no_harm(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let run = make_run(&dir.path().join("from"), &[("a".to_string(), vec![1; 500])]);
        let path = dir.path().join("x.zip");
        let mut target = ZipTarget::open(&path, &Unobserved).unwrap();
        target.take(&run, COPY, &Unobserved).unwrap();
        target.finish().unwrap();
        let mut bytes = fs::read(&path).unwrap();
        for (index, byte) in changes {
            let at = index.index(bytes.len());
            bytes[at] = byte;
        }
        fs::write(&path, bytes).unwrap();
        if let Ok(mut source) = open_zip(&path) {
            let listed = source.list(Depth::Events, &Unobserved).unwrap_or_default();
            let mut folder = Folder::open(dir.path().join("home/runs")).unwrap();
            for run in &listed {
                let given = source.give(run.id(), &mut folder, &Unobserved);
                prop_assert_eq!(given.is_ok(), folder.has(run.id()));
            }
        }
        let _ = ZipTarget::open(&path, &Unobserved);
        for name in files::names(dir.path()).unwrap() {
            prop_assert!(["from", "home", "x.zip"].contains(&name.to_str().unwrap()));
        }
    }
}

#[test]
fn a_transfer_that_is_ended_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let content = vec![7; 3 << 20];
    let files = [
        ("a".to_string(), content.clone()),
        ("b".to_string(), content),
    ];
    let run = make_run(&dir.path().join("runs"), &files);
    let stop = || StopAfter {
        left: RefCell::new(4 << 20),
    };
    let mut folder = Folder::open(dir.path().join("out")).unwrap();
    let error = folder.take(&run, COPY, &stop()).unwrap_err();
    assert!(matches!(error, Error::Stopped(2)), "{error}");
    assert_eq!(fs::read_dir(folder.dir()).unwrap().count(), 0);

    let path = dir.path().join("runs.zip");
    let mut target = ZipTarget::open(&path, &Unobserved).unwrap();
    assert!(target.take(&run, COPY, &stop()).is_err());
    assert_eq!(target.take(&run, COPY, &Unobserved).unwrap(), Outcome::Done);
    target.finish().unwrap();
    let mut source = open_zip(&path).unwrap();
    assert!(source.give(ID, &mut folder, &stop()).is_err());
    assert_eq!(fs::read_dir(folder.dir()).unwrap().count(), 0);
    source.give(ID, &mut folder, &Unobserved).unwrap();
    assert_eq!(tree(run.dir()), tree(&folder.dir().join(ID)));
    drop((folder, source));
    let left: Vec<_> = fs::read_dir(dir.path()).unwrap().flatten().collect();
    assert_eq!(left.len(), 3, "{left:?}");
}

#[test]
fn what_is_no_zip_file_is_told_from_a_damaged_one() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.zip");
    for text in ["", "x", "PK\x03\x04 and nothing else"] {
        fs::write(&path, text).unwrap();
        assert!(matches!(open_zip(&path), Err(Error::NotZip)), "{text:?}");
        let target = ZipTarget::open(&path, &Unobserved);
        assert!(matches!(target, Err(Error::NotZip)), "{text:?}");
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn of_two_that_bring_one_run_the_second_finds_it_there() {
    let dir = tempfile::tempdir().unwrap();
    let run = make_run(&dir.path().join("runs"), &[]);
    let out = dir.path().join("out");
    let mut first = Folder::open(&out).unwrap();
    let mut second = Folder::open(&out).unwrap();
    // The second has looked already when the first is done.
    let outcome = second.place(ID, |made| {
        first.take(&run, COPY, &Unobserved)?;
        super::tree::copy(run.dir(), made, (COPY, dir.path()), &Unobserved)
    });
    assert_eq!(outcome.unwrap(), Outcome::Exists);
    assert_eq!(tree(run.dir()), tree(&out.join(ID)));
}

#[test]
fn a_run_that_cannot_be_removed_keeps_no_other_from_it() {
    let dir = tempfile::tempdir().unwrap();
    let [gone, there] = ["a", "b"].map(|name| make_run(&dir.path().join(name), &[]));
    let other = Run::at(dir.path().join("b/other"));
    fs::rename(there.dir(), other.dir()).unwrap();
    let path = dir.path().join("runs.zip");
    let mut target = ZipTarget::open(&path, &Unobserved).unwrap();
    let manner = Manner {
        moves: true,
        ..COPY
    };
    for run in [&gone, &other] {
        assert_eq!(
            target.take(run, manner, &Unobserved).unwrap(),
            Outcome::Done
        );
    }
    fs::rename(gone.dir(), dir.path().join("elsewhere")).unwrap();
    let left = target.finish().unwrap();
    assert_eq!(left.len(), 1, "{left:?}");
    assert!(!other.dir().exists());
    assert_eq!(
        open_zip(&path)
            .unwrap()
            .list(Depth::Times, &Unobserved)
            .unwrap()
            .len(),
        2
    );
}

#[test]
fn of_two_commands_that_write_one_zip_file_one_is_refused() {
    for exists in [false, true] {
        let dir = tempfile::tempdir().unwrap();
        let run = make_run(dir.path(), &[]);
        let path = dir.path().join("runs.zip");
        let moves = Manner {
            moves: true,
            ..COPY
        };
        if exists {
            let other = Run::at(dir.path().join("first"));
            fs::rename(make_run(&dir.path().join("a"), &[]).dir(), other.dir()).unwrap();
            let mut target = ZipTarget::open(&path, &Unobserved).unwrap();
            target.take(&other, COPY, &Unobserved).unwrap();
            target.finish().unwrap();
        }
        let mut slow = ZipTarget::open(&path, &Unobserved).unwrap();
        slow.take(&run, moves, &Unobserved).unwrap();
        let other = Run::at(dir.path().join("other"));
        fs::rename(make_run(&dir.path().join("b"), &[]).dir(), other.dir()).unwrap();
        let mut quick = ZipTarget::open(&path, &Unobserved).unwrap();
        quick.take(&other, moves, &Unobserved).unwrap();
        assert!(quick.finish().unwrap().is_empty());
        assert!(matches!(slow.finish(), Err(Error::Changed(_))));
        assert!(run.exists() && !other.dir().exists());
        let mut source = open_zip(&path).unwrap();
        let listed = source.list(Depth::Times, &Unobserved).unwrap();
        assert_eq!(listed.len(), 1 + usize::from(exists));
    }
}
