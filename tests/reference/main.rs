//! Guild AI and guild on the same runs: each lists, reads, restarts and moves what
//! the other made, filters mean the same to both, and both print the same.
//!
//! Needs Guild AI 0.9.0 (`pip install guildai==0.9.0 'click<8.2' 'chardet<6'`).
//! `GUILD_REFERENCE` names its `guild`; else it is looked for in the folder
//! `guild-reference` of the user's cache. Where there is none, the tests are
//! skipped and say so. The sample projects that come with Guild AI are compared
//! where `GUILD_SAMPLES` is set.

mod attributes;
mod batches;
#[path = "../flag-corpus/corpus.rs"]
mod corpus;
mod equality;
mod flag_values;
mod home;
mod place;
mod queries;
mod restarts;
mod samples;
mod samples_known;
mod scalars;
mod script_flags;
mod script_flags_known;
mod tensorboard;
mod transfer;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::OnceLock;

use libtest_mimic::{Arguments, Completion, Failed, Trial};

use place::{Place, check, reference};

type Test = fn(&Place) -> Result<(), Failed>;
type Meaning = fn(&Path) -> Result<(), Failed>;

const TESTS: [(&str, Test); 18] = [
    (
        "attributes_are_the_same",
        attributes::attributes_are_the_same,
    ),
    ("reference_lists_our_runs", reference_lists_our_runs),
    ("reference_restarts_our_run", reference_restarts_our_run),
    ("we_list_its_runs", we_list_its_runs),
    ("we_restart_its_run", we_restart_its_run),
    ("both_delete_and_restore", both_delete_and_restore),
    (
        "each_starts_batches_that_the_other_staged",
        batches::each_starts_batches_that_the_other_staged,
    ),
    (
        "each_starts_trials_that_the_other_staged",
        batches::each_starts_trials_that_the_other_staged,
    ),
    (
        "each_stops_batches_of_the_other",
        batches::each_stops_batches_of_the_other,
    ),
    (
        "each_starts_what_the_other_staged",
        restarts::each_starts_what_the_other_staged,
    ),
    (
        "each_restarts_what_was_stopped",
        restarts::each_restarts_what_was_stopped,
    ),
    (
        "each_starts_staged_runs_that_need_each_other",
        restarts::each_starts_staged_runs_that_need_each_other,
    ),
    (
        "exports_and_imports_say_the_same",
        transfer::exports_and_imports_say_the_same,
    ),
    (
        "each_imports_the_others_folder",
        transfer::each_imports_the_others_folder,
    ),
    (
        "reference_imports_our_zip",
        transfer::reference_imports_our_zip,
    ),
    ("we_import_its_zip", transfer::we_import_its_zip),
    (
        "each_adds_to_the_others_zip",
        transfer::each_adds_to_the_others_zip,
    ),
    (
        "tensorboard_sees_the_same",
        tensorboard::tensorboard_sees_the_same,
    ),
];

/// Tests of what texts and scripts mean, which need no runs.
const MEANINGS: [(&str, Meaning); 6] = [
    (
        "flags_of_scripts_are_the_same",
        script_flags::flags_of_scripts_are_the_same,
    ),
    (
        "flag_values_mean_the_same",
        flag_values::flag_values_mean_the_same,
    ),
    (
        "scalars_of_its_package_are_the_same",
        scalars::scalars_of_its_package_are_the_same,
    ),
    (
        "scalars_of_generated_files_are_the_same",
        scalars::scalars_of_generated_files_are_the_same,
    ),
    ("filters_mean_the_same", queries::filters_mean_the_same),
    (
        "time_ranges_mean_the_same",
        queries::time_ranges_mean_the_same,
    ),
];

/// Commands for a home with runs of both programs: a name, the commands, whether
/// they change the home, and the widths of terminals they are seen on.
const COMMANDS: [(&str, &str, bool, &[u16]); 12] = [
    ("runs", include_str!("commands/runs.txt"), false, &[]),
    ("info", include_str!("commands/info.txt"), false, &[]),
    ("files", include_str!("commands/files.txt"), false, &[]),
    ("select", include_str!("commands/select.txt"), false, &[]),
    ("changes", include_str!("commands/changes.txt"), true, &[]),
    ("notes", include_str!("commands/notes.txt"), true, &[]),
    ("look", include_str!("commands/look.txt"), false, &[]),
    ("diff", include_str!("commands/diff.txt"), false, &[]),
    ("merge", include_str!("commands/merge.txt"), true, &[]),
    ("compare", include_str!("commands/compare.txt"), false, &[]),
    ("move", include_str!("commands/move.txt"), true, &[]),
    (
        "terminal",
        include_str!("commands/terminal.txt"),
        false,
        &[40, 80, 200],
    ),
];

/// A home with runs of both programs, made when a test first needs it.
static HOME: OnceLock<Result<Place, String>> = OnceLock::new();

fn main() -> ExitCode {
    let mut trials: Vec<Trial> = Vec::new();
    for (name, test) in TESTS {
        trials.push(trial(name.to_string(), move |reference| {
            test(&Place::new(reference)?)
        }));
    }
    for (name, test) in MEANINGS {
        trials.push(trial(name.to_string(), move |reference| test(&reference)));
    }
    for (name, lines, changes, columns) in COMMANDS {
        trials.push(trial(format!("same_output_of_{name}"), move |reference| {
            let home = HOME.get_or_init(|| {
                let made = home::generate(reference);
                made.map_err(|failed| failed.message().unwrap_or_default().to_string())
            });
            equality::compare(home.as_ref()?, lines, changes, columns)
        }));
    }
    // What Guild AI says of them takes it many minutes.
    let wanted = std::env::var_os("GUILD_SAMPLES").is_some();
    let samples = reference().filter(|_| wanted);
    let samples = samples.map(|reference| samples::projects(&reference));
    for (name, dir) in samples.unwrap_or_default() {
        trials.push(trial(format!("sample_project::{name}"), move |reference| {
            samples::same(&name, &dir, &reference)
        }));
    }
    let conclusion = libtest_mimic::run(&Arguments::from_args(), trials);
    if let Some(Ok(home)) = HOME.get() {
        // What fails here leaves a process behind that ends by itself.
        let _ = home::end(home);
    }
    conclusion.exit_code()
}

/// A test that needs Guild AI.
fn trial(name: String, test: impl FnOnce(PathBuf) -> Result<(), Failed> + Send + 'static) -> Trial {
    Trial::ignorable_test(name, move || match reference() {
        Some(reference) => test(reference).map(|()| Completion::Completed),
        None => Ok(Completion::ignored_with(
            "Guild AI is not installed; GUILD_REFERENCE may name it",
        )),
    })
}

fn list_both(place: &Place) -> Result<(), Failed> {
    for words in [
        &["runs"][..],
        &["runs", "-s"],
        &["runs", "--json"],
        &["runs", "-v"],
        &["runs", "info", "1"],
        &["runs", "info", "2"],
        &["runs", "info", "3"],
        &["ls", "1"],
        &["cat", "--output", "3"],
        &["select", "--attr", "flags", "3"],
        &["runs", "-Fo", "work.py", "-Sc"],
        &["runs", "-Fl", "rate=0.3"],
    ] {
        let shown = place.same(words)?;
        check(!shown.contains("guild:"), &shown)?;
    }
    Ok(())
}

fn reference_lists_our_runs(place: &Place) -> Result<(), Failed> {
    place.ours(&["run", "work.py", "rate=0.3", "-y"])?;
    place.ours(&["run", "fail.py", "-y"])?;
    place.ours(&["run", "work.py", "--stage", "-y", "-t", "later"])?;
    list_both(place)?;
    let files = place.theirs(&["ls", "-a", "-n", "3"])?;
    for name in [
        "work.py",
        ".guild/opref",
        ".guild/attrs/flags",
        ".guild/output.index",
    ] {
        check(files.lines().any(|line| line == name), &files)?;
    }
    Ok(())
}

fn reference_restarts_our_run(place: &Place) -> Result<(), Failed> {
    place.ours(&["run", "work.py", "rate=0.3", "-y"])?;
    let id = place.ours(&["select"])?;
    let printed = place.theirs(&["run", "--restart", id.trim(), "-y"])?;
    check(printed.starts_with("rate 0.3 name two words\n"), &printed)?;
    let staged = place.ours(&["run", "work.py", "name=x", "--stage", "-y"])?;
    check(staged.contains("staged as"), &staged)?;
    let id = place.ours(&["select"])?;
    let printed = place.theirs(&["run", "--start", id.trim(), "-y"])?;
    check(printed.starts_with("rate 0.1 name x\n"), &printed)?;
    place.same(&["runs"])?;
    Ok(())
}

fn we_list_its_runs(place: &Place) -> Result<(), Failed> {
    place.theirs(&["run", "work.py", "rate=0.3", "-y"])?;
    place.theirs(&["run", "fail.py", "-y"])?;
    place.theirs(&["run", "work.py", "--stage", "-y", "-t", "later"])?;
    list_both(place)
}

fn we_restart_its_run(place: &Place) -> Result<(), Failed> {
    place.theirs(&["run", "work.py", "rate=0.3", "-y"])?;
    let id = place.theirs(&["select"])?;
    let printed = place.ours(&["run", "--restart", id.trim(), "-y"])?;
    check(printed.starts_with("rate 0.3 name two words\n"), &printed)?;
    place.theirs(&["run", "work.py", "name=x", "--stage", "-y"])?;
    let id = place.theirs(&["select"])?;
    let printed = place.ours(&["run", "--start", id.trim(), "rate=9", "-y"])?;
    check(printed.starts_with("rate 9 name x\n"), &printed)?;
    place.same(&["runs"])?;
    Ok(())
}

fn both_delete_and_restore(place: &Place) -> Result<(), Failed> {
    place.ours(&["run", "work.py", "-y"])?;
    place.theirs(&["run", "fail.py", "-y"])?;
    place.ours(&["runs", "delete", "1", "-y"])?;
    place.theirs(&["runs", "delete", "1", "-y"])?;
    let deleted = place.same(&["runs", "--deleted"])?;
    check(deleted.lines().count() == 2, &deleted)?;
    place.theirs(&["runs", "restore", "1", "-y"])?;
    place.ours(&["runs", "restore", "1", "-y"])?;
    let restored = place.same(&["runs"])?;
    check(restored.lines().count() == 2, &restored)
}
