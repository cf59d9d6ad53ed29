//! Exports of one program are read, imported and added to by the other.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use libtest_mimic::Failed;

use crate::place::{Place, check};

/// The script that is run.
const SCRIPT: &str = include_str!("project/work.py");

/// Two runs, the later of which has links: into itself, to the other run and to
/// a file of that; ids, latest first.
fn runs_with_links(place: &Place) -> Result<[String; 2], Failed> {
    place.ours(&["run", "work.py", "rate=0.3", "-y"])?;
    place.theirs(&["run", "work.py", "rate=0.4", "-y"])?;
    let ids = [place.ours(&["select"])?, place.ours(&["select", "2"])?];
    let ids = ids.map(|id| id.trim().to_string());
    let later = runs_dir(place).join(&ids[0]);
    symlink("work.py", later.join("copy.py"))?;
    symlink(format!("../{}", ids[1]), later.join("step"))?;
    symlink(format!("../{}/work.py", ids[1]), later.join("dep.py"))?;
    Ok(ids)
}

fn runs_dir(place: &Place) -> PathBuf {
    place.path().join("home/runs")
}

fn no_runs(place: &Place) -> Result<(), Failed> {
    fs::remove_dir_all(runs_dir(place))?;
    Ok(fs::create_dir(runs_dir(place))?)
}

fn lists_same(place: &Place, archive: &str) -> Result<(), Failed> {
    for words in [
        &["runs", "-A", archive][..],
        &["runs", "-A", archive, "--json"],
        &["runs", "-A", archive, "-v"],
        &["runs", "-A", archive, "-Fl", "rate=0.3"],
    ] {
        let shown = place.same(words)?;
        check(shown.contains("rate=0.3"), &shown)?;
    }
    Ok(())
}

/// The run is there, with the text of its script where its links are, and the
/// link to a folder as `is_folder` says of its path.
fn has_run(place: &Place, id: &str, is_folder: fn(&Path) -> bool) -> Result<(), Failed> {
    let run = runs_dir(place).join(id);
    for name in ["work.py", "copy.py", "dep.py"] {
        let text = fs::read_to_string(run.join(name))?;
        check(text == SCRIPT, &format!("{name}: {text}"))?;
    }
    let step = run.join("step");
    check(is_folder(&step), &format!("{step:?} is something else"))
}

fn is_link(path: &Path) -> bool {
    path.is_symlink()
}

fn is_empty_folder(path: &Path) -> bool {
    !path.is_symlink() && fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none())
}

/// Each program's messages for the same transfer, on stdout and stderr.
pub fn exports_and_imports_say_the_same(place: &Place) -> Result<(), Failed> {
    runs_with_links(place)?;
    let clear = || {
        for name in ["out", "out.zip"] {
            let path = place.path().join("project").join(name);
            let _ = fs::remove_dir_all(&path);
            let _ = fs::remove_file(&path);
        }
    };
    let both = |words: &[&str]| -> Result<(), Failed> {
        clear();
        let ours = place.ours(words)?;
        clear();
        let theirs = place.theirs(words)?;
        check(ours == theirs, &format!("{words:?}\n{ours}\n{theirs}"))
    };
    for words in [
        &["export", "out"][..],
        &["export", "out", "-m"],
        &["export", "out", "-y"],
        &["export", "out", "1", "-y", "-r"],
        &["export", "out.zip", "2", "-y"],
        &["export", "out", "-y", "-Se"],
        &["export", "out", "9999999", "-y"],
        &["export", "work.py", "-y"],
    ] {
        both(words)?;
    }
    place.ours(&["export", "all", "-y"])?;
    place.ours(&["export", "all.zip", "-y"])?;
    for words in [
        &["export", "all", "-y"][..],
        &["export", "all.zip", "-y"],
        &["import", "all", "-y"],
        &["import", "all.zip", "-y"],
        &["import", "all"],
        &["import", "all.zip", "1"],
        &["import", "all", "-m"],
        &["import", "all.zip", "-m"],
        &["import", "all", "9999999", "-y"],
        &["import", "all", "-y", "-Se"],
        &["import", "work.py", "-y"],
    ] {
        place.same(words)?;
    }
    Ok(())
}

/// Folders of runs of either.
pub fn each_imports_the_others_folder(place: &Place) -> Result<(), Failed> {
    let [id, _] = runs_with_links(place)?;
    place.ours(&["export", "ours", "-y"])?;
    place.theirs(&["export", "theirs", "-y"])?;
    for archive in ["ours", "theirs"] {
        lists_same(place, archive)?;
        no_runs(place)?;
        let told = place.theirs(&["import", archive, "-y"])?;
        check(told.contains("Imported 2 run(s)"), &told)?;
        has_run(place, &id, is_link)?;
        no_runs(place)?;
        let told = place.ours(&["import", archive, "-y"])?;
        check(told.contains("Imported 2 run(s)"), &told)?;
        has_run(place, &id, is_link)?;
    }
    Ok(())
}

/// A zip file of ours: Guild AI gets what its own would give it, we get the links.
pub fn reference_imports_our_zip(place: &Place) -> Result<(), Failed> {
    let [id, _] = runs_with_links(place)?;
    place.ours(&["export", "ours.zip", "-y"])?;
    lists_same(place, "ours.zip")?;
    no_runs(place)?;
    let told = place.theirs(&["import", "ours.zip", "-y"])?;
    check(told.contains("Imported 2 run(s)"), &told)?;
    has_run(place, &id, is_empty_folder)?;
    place.same(&["runs"])?;
    no_runs(place)?;
    place.ours(&["import", "ours.zip", "-y"])?;
    has_run(place, &id, is_link)
}

/// A zip file of theirs.
pub fn we_import_its_zip(place: &Place) -> Result<(), Failed> {
    let [id, _] = runs_with_links(place)?;
    place.theirs(&["export", "theirs.zip", "-y"])?;
    lists_same(place, "theirs.zip")?;
    no_runs(place)?;
    let told = place.ours(&["import", "theirs.zip", "-y"])?;
    check(told.contains("Imported 2 run(s)"), &told)?;
    has_run(place, &id, is_empty_folder)?;
    place.same(&["runs"])?;
    Ok(())
}

/// Each adds a run to a zip file of the other's.
pub fn each_adds_to_the_others_zip(place: &Place) -> Result<(), Failed> {
    let [id, _] = runs_with_links(place)?;
    place.ours(&["export", "a.zip", "1", "-y"])?;
    place.theirs(&["export", "a.zip", "-y"])?;
    place.theirs(&["export", "b.zip", "2", "-y"])?;
    place.ours(&["export", "b.zip", "-y"])?;
    for zip in ["a.zip", "b.zip"] {
        lists_same(place, zip)?;
        no_runs(place)?;
        let told = place.theirs(&["import", zip, "-y"])?;
        check(told.contains("Imported 2 run(s)"), &told)?;
        has_run(place, &id, is_empty_folder)?;
        no_runs(place)?;
        let told = place.ours(&["import", zip, "-y"])?;
        check(told.contains("Imported 2 run(s)"), &told)?;
        // Guild AI keeps what it does not know of the entries it takes over.
        has_run(place, &id, is_link)?;
    }
    Ok(())
}
