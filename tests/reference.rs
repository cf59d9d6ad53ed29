//! Guild AI and guild on the same runs: each lists, reads and restarts what the
//! other made, and filters mean the same to both.
//!
//! Needs Guild AI 0.9.0 (`pip install guildai==0.9.0 'click<8.2' 'chardet<6'`).
//! `GUILD_REFERENCE` names its `guild`; else it is looked for in the folder
//! `guild-reference` of the user's cache. Where there is none, the tests are
//! skipped and say so.

#[path = "reference/queries.rs"]
mod queries;
#[path = "reference/transfer.rs"]
mod transfer;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output};

use libtest_mimic::{Arguments, Completion, Failed, Trial};

const SCRIPT: &str = "\
rate = 0.1
name = 'two words'

print('rate', rate, 'name', name)
";

type Test = fn(&Place) -> Result<(), Failed>;

fn main() -> ExitCode {
    let tests: [(&str, Test); 12] = [
        ("reference_lists_our_runs", reference_lists_our_runs),
        ("reference_restarts_our_run", reference_restarts_our_run),
        ("we_list_its_runs", we_list_its_runs),
        ("we_restart_its_run", we_restart_its_run),
        ("both_delete_and_restore", both_delete_and_restore),
        ("filters_mean_the_same", |place| {
            queries::filters_mean_the_same(&place.reference)
        }),
        ("time_ranges_mean_the_same", |place| {
            queries::time_ranges_mean_the_same(&place.reference)
        }),
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
    ];
    let trials = tests
        .into_iter()
        .map(|(name, test)| {
            Trial::ignorable_test(name, move || match reference() {
                Some(reference) => test(&Place::new(reference)?).map(|()| Completion::Completed),
                None => Ok(Completion::ignored_with(
                    "Guild AI is not installed; GUILD_REFERENCE may name it",
                )),
            })
        })
        .collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// The `guild` of Guild AI.
fn reference() -> Option<PathBuf> {
    let variable = |name: &str| std::env::var_os(name).map(PathBuf::from);
    let venv = variable("REFERENCE_VENV").or_else(|| {
        let cache = variable("XDG_CACHE_HOME").or_else(|| Some(variable("HOME")?.join(".cache")));
        Some(cache?.join("guild-reference"))
    });
    variable("GUILD_REFERENCE")
        .or_else(|| Some(venv?.join("bin/guild")))
        .filter(|path| path.is_file())
}

/// A project and a guild home that both programs work in.
struct Place {
    dir: tempfile::TempDir,
    reference: PathBuf,
}

impl Place {
    fn new(reference: PathBuf) -> Result<Self, Failed> {
        let dir = tempfile::tempdir()?;
        for name in ["home", "project", "user"] {
            fs::create_dir(dir.path().join(name))?;
        }
        fs::write(dir.path().join("project/work.py"), SCRIPT)?;
        fs::write(dir.path().join("project/fail.py"), "raise SystemExit(3)\n")?;
        Ok(Self { dir, reference })
    }

    fn run(&self, program: &Path, words: &[&str]) -> Result<Output, Failed> {
        let output = Command::new(program)
            .args(words)
            .current_dir(self.dir.path().join("project"))
            .env("GUILD_HOME", self.dir.path().join("home"))
            .env("HOME", self.dir.path().join("user"))
            .env("COLUMNS", "200")
            .env("NO_IMPORT_FLAGS_PROGRESS", "1")
            .env("NO_PIP_FREEZE", "1")
            .output()?;
        Ok(output)
    }

    fn ours(&self, words: &[&str]) -> Result<String, Failed> {
        text(self.run(Path::new(env!("CARGO_BIN_EXE_guild")), words)?)
    }

    fn theirs(&self, words: &[&str]) -> Result<String, Failed> {
        text(self.run(&self.reference, words)?)
    }

    /// Both programs print the same for `words`.
    fn same(&self, words: &[&str]) -> Result<String, Failed> {
        let (ours, theirs) = (self.ours(words)?, self.theirs(words)?);
        check(
            ours == theirs,
            &format!("{words:?}\n-- guild:\n{ours}\n-- Guild AI:\n{theirs}"),
        )?;
        Ok(ours)
    }
}

/// What a command printed on both streams, and its exit code where not 0.
fn text(output: Output) -> Result<String, Failed> {
    let mut text = String::from_utf8(output.stdout)?;
    text.push_str(&String::from_utf8(output.stderr)?);
    match output.status.code() {
        Some(0) => {}
        code => text.push_str(&format!("<exit {code:?}>")),
    }
    Ok(text)
}

fn check(holds: bool, otherwise: &str) -> Result<(), Failed> {
    if holds { Ok(()) } else { Err(otherwise.into()) }
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
    check(printed == "rate 0.3 name two words\n", &printed)?;
    let staged = place.ours(&["run", "work.py", "name=x", "--stage", "-y"])?;
    check(staged.contains("staged as"), &staged)?;
    let id = place.ours(&["select"])?;
    let printed = place.theirs(&["run", "--start", id.trim(), "-y"])?;
    check(printed == "rate 0.1 name x\n", &printed)?;
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
    check(printed == "rate 0.3 name two words\n", &printed)?;
    place.theirs(&["run", "work.py", "name=x", "--stage", "-y"])?;
    let id = place.theirs(&["select"])?;
    let printed = place.ours(&["run", "--start", id.trim(), "rate=9", "-y"])?;
    check(printed == "rate 9 name x\n", &printed)?;
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
