//! Guild AI and guild on the sample projects that come with Guild AI: both list
//! the same operations, tell the same of each, and would run the same command.
//!
//! There is a test for each project. What Guild AI says takes minutes to gather
//! and does not change: it is kept in the folder for temporary files of the
//! build, a file for each project, and gathered again where that is deleted.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use libtest_mimic::Failed;

use crate::place::{Program, check};
use crate::samples_known::KNOWN;

/// Changes with what is asked or how answers are kept.
const FORMAT: &str = "3";

/// Projects in which one script takes flags in several ways. Guild AI keeps what
/// it finds in a script, whatever way it was looked for: what it says then depends
/// on what it was asked before, unless it keeps nothing.
const SHARE_SCRIPTS: [&str; 2] = ["flags-3", "flags-dest"];

/// The line between what goes to stdout and to stderr.
const STDERR: &str = "<stderr>";

/// Where the sample projects are, below the folder of Guild AI's package.
const PROJECTS: &str = "tests/samples/projects";

/// The sample projects of the Guild AI whose `guild` is `reference`: their
/// folders, by name.
pub fn projects(reference: &Path) -> Vec<(String, PathBuf)> {
    let mut projects = Vec::new();
    if let Some(dir) = package(reference).map(|package| package.join(PROJECTS)) {
        add_projects(&dir, &dir, &mut projects);
    }
    projects.sort();
    projects
}

/// The folder of Guild AI's package.
fn package(reference: &Path) -> Option<PathBuf> {
    let libraries = fs::read_dir(reference.parent()?.parent()?.join("lib")).ok()?;
    let mut packages = libraries
        .flatten()
        .map(|entry| entry.path().join("site-packages/guild"));
    packages.find(|package| package.is_dir())
}

/// Adds the folders below `dir` with a guild file, and those right in `root` that
/// have scripts.
fn add_projects(root: &Path, dir: &Path, projects: &mut Vec<(String, PathBuf)>) {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    for path in entries.map(|entry| entry.path()) {
        if !path.is_dir() || path.ends_with("__pycache__") {
            continue;
        }
        add_projects(root, &path, projects);
        let is_simple = dir == root && !scripts(&path).is_empty();
        if is_simple || path.join("guild.yml").is_file() {
            let name = path.strip_prefix(root).unwrap_or(&path);
            projects.push((name.display().to_string(), path));
        }
    }
}

/// The names of the Python scripts in `dir`.
fn scripts(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| name.ends_with(".py") && name != "__init__.py")
        .collect();
    names.sort();
    names
}

/// Both programs say the same of the project called `name` in `dir`, save what
/// is listed as a known difference.
pub fn same(name: &str, dir: &Path, reference: &Path) -> Result<(), Failed> {
    let scene = Scene::new(dir, reference)?;
    let mut kept = Kept::read(name, reference);
    let mut differences = String::new();
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    let mut cases = 0;
    let mut ask = |words: &[&str]| -> Result<String, Failed> {
        let theirs = kept.get_or(words, || scene.run(Program::Theirs, words))?;
        let ours = scene.run(Program::Ours, words)?;
        let (ours, theirs) = (comparable(&ours), comparable(&theirs));
        let command = words.join(" ");
        let is_known = |known: &&Known| known.is_about(name, &command, &ours, &theirs);
        cases += 1;
        if ours != theirs {
            match KNOWN.iter().find(is_known) {
                Some(known) => *reasons.entry(known.reason).or_insert(0) += 1,
                None => differences.push_str(&difference(&command, &ours, &theirs)),
            }
        }
        Ok(theirs)
    };
    let listed = ask(&["operations", "-a"])?;
    ask(&["operations", "-v"])?;
    ask(&["models", "-v"])?;
    let operations: Vec<&str> = match listed.contains("<exit") {
        true => Vec::new(),
        false => listed
            .lines()
            .take_while(|line| *line != STDERR)
            .filter_map(|line| line.split_whitespace().next())
            .collect(),
    };
    let scripts = scripts(dir);
    for operation in operations
        .into_iter()
        .chain(scripts.iter().map(String::as_str))
    {
        ask(&["run", operation, "--help-op"])?;
        ask(&["run", operation, "--print-cmd", "-y"])?;
    }
    kept.write()?;
    check(
        differences.is_empty(),
        &format!("of {cases} commands (known: {reasons:?}), these differ:\n{differences}"),
    )
}

/// A difference, with the lines that only one of the two says.
fn difference(command: &str, ours: &str, theirs: &str) -> String {
    let diff = similar::TextDiff::from_lines(theirs, ours);
    let diff = diff.unified_diff().header("Guild AI", "guild").to_string();
    format!("\n$ guild {command}\n{diff}")
}

/// Something that the two say differently, and why that is so. Texts are those
/// that have to be there; empty ones always are.
#[derive(Debug)]
pub struct Known {
    /// The project, or those below it.
    pub project: &'static str,
    /// What is in the command.
    pub command: &'static str,
    /// What guild says.
    pub ours: &'static str,
    /// What Guild AI says.
    pub theirs: &'static str,
    /// The reason.
    pub reason: &'static str,
}

impl Known {
    fn is_about(&self, project: &str, command: &str, ours: &str, theirs: &str) -> bool {
        Path::new(project).starts_with(self.project)
            && command.contains(self.command)
            && ours.contains(self.ours)
            && theirs.contains(self.theirs)
    }
}

/// An answer without what cannot be the same. Warnings are left out: Guild AI
/// warns of all operations of a project with every command, guild of the one that
/// a command is about.
fn comparable(answer: &str) -> String {
    let (data, chatter) = answer.split_once(STDERR).unwrap_or((answer, ""));
    let is_kept = |line: &&str| !line.is_empty() && !line.starts_with("WARNING: ");
    let chatter: Vec<&str> = chatter.lines().filter(is_kept).collect();
    let answer = match chatter.is_empty() {
        true => data.to_string(),
        false => format!("{data}{STDERR}\n{}", chatter.join("\n")),
    };
    // The address of an object in memory.
    let words = answer.split("0x").enumerate().map(|(number, part)| {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_hexdigit());
        if number == 0 { part } else { rest }
    });
    words.collect::<Vec<_>>().join("0x")
}

/// A copy of a project in which commands run. Each program has a guild home of its
/// own, in which it may keep what it found out of the project's scripts.
struct Scene {
    root: tempfile::TempDir,
    project: PathBuf,
    reference: PathBuf,
    /// Whether Guild AI is told to keep nothing of what it finds in scripts.
    keeps_nothing: bool,
}

impl Scene {
    fn new(project: &Path, reference: &Path) -> Result<Self, Failed> {
        let root = tempfile::tempdir()?;
        let samples = package(reference).ok_or("Guild AI has no samples")?;
        let samples = samples.join(PROJECTS);
        // Projects refer to one another.
        let status = Command::new("cp")
            .arg("-r")
            .args([&samples, &root.path().join("projects")])
            .status()?;
        check(status.success(), "the samples could not be copied")?;
        let below = project
            .strip_prefix(&samples)
            .map_err(|error| error.to_string())?;
        Ok(Self {
            project: root.path().join("projects").join(below),
            root,
            reference: reference.to_path_buf(),
            keeps_nothing: SHARE_SCRIPTS.iter().any(|name| below == Path::new(name)),
        })
    }

    /// What `program` says to `words`: stdout, stderr and exit code, with paths
    /// of this place replaced.
    fn run(&self, program: Program, words: &[&str]) -> Result<String, Failed> {
        let home = self.root.path().join(format!("{program:?}"));
        fs::create_dir_all(&home)?;
        let path = match program {
            Program::Ours => Path::new(env!("CARGO_BIN_EXE_guild")),
            Program::Theirs => &self.reference,
        };
        let python = self.reference.with_file_name("python");
        let child = Command::new(path)
            .args(words)
            .current_dir(&self.project)
            .env_clear()
            .env("GUILD_HOME", &home)
            .env("HOME", &home)
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("LANG", "C.UTF-8")
            .env("COLUMNS", "80")
            .env("SHELL", "/bin/sh")
            .env("NO_IMPORT_FLAGS_PROGRESS", "1")
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("GUILD_PYTHON_EXE", &python)
            .envs(self.keeps_nothing.then_some(("NO_IMPORT_FLAGS_CACHE", "1")))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let output = child.wait_with_output()?;
        let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
        if !output.stderr.is_empty() {
            text.push_str(&format!("{STDERR}\n"));
            text.push_str(&String::from_utf8_lossy(&output.stderr));
        }
        match output.status.code() {
            Some(0) => {}
            code => text.push_str(&format!("<exit {code:?}>")),
        }
        let root = self.root.path().display().to_string();
        let python = python.display().to_string();
        Ok(text
            .replace(&format!("{python}3"), "<python>")
            .replace(&python, "<python>")
            .replace(&home.display().to_string(), "<home>")
            .replace(&root, "<root>"))
    }
}

/// What Guild AI said of a project.
struct Kept {
    path: PathBuf,
    key: String,
    answers: BTreeMap<String, String>,
    is_new: bool,
}

impl Kept {
    fn read(project: &str, reference: &Path) -> Self {
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("reference-samples");
        let path = dir.join(format!("{}.json", project.replace('/', "+")));
        let modified = fs::metadata(reference).and_then(|meta| meta.modified());
        let key = format!("{FORMAT} {} {modified:?}", reference.display());
        let answers = fs::read(&path)
            .ok()
            .and_then(|bytes| serde_json::from_slice::<Vec<(String, String)>>(&bytes).ok())
            .unwrap_or_default();
        let mut answers: BTreeMap<String, String> = answers.into_iter().collect();
        if answers.remove("key").as_deref() != Some(&key) {
            answers.clear();
        }
        Self {
            path,
            key,
            answers,
            is_new: false,
        }
    }

    fn get_or(
        &mut self,
        words: &[&str],
        ask: impl FnOnce() -> Result<String, Failed>,
    ) -> Result<String, Failed> {
        let command = words.join(" ");
        if let Some(answer) = self.answers.get(&command) {
            return Ok(answer.clone());
        }
        let answer = ask()?;
        self.answers.insert(command, answer.clone());
        self.is_new = true;
        Ok(answer)
    }

    fn write(mut self) -> Result<(), Failed> {
        if !self.is_new {
            return Ok(());
        }
        self.answers.insert("key".to_string(), self.key);
        let pairs: Vec<(String, String)> = self.answers.into_iter().collect();
        let dir = self.path.parent().ok_or("no folder to keep answers in")?;
        fs::create_dir_all(dir)?;
        let mut file = tempfile::NamedTempFile::new_in(dir)?;
        file.write_all(&serde_json::to_vec_pretty(&pairs)?)?;
        file.persist(&self.path)?;
        Ok(())
    }
}
