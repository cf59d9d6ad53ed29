//! Where both programs run: a project, a guild home, and what they are told by
//! their environment.

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use libtest_mimic::Failed;
use nix::pty::{Winsize, openpty};

/// The project whose scripts are run.
const PROJECT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reference/project");

/// Which of the two programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// The one of this project.
    Ours,
    /// Guild AI.
    Theirs,
}

/// A project and a guild home that both programs work in.
pub struct Place {
    dir: Arc<tempfile::TempDir>,
    home: PathBuf,
    /// Where the home is if it is a copy; removed with it.
    _copy: Option<tempfile::TempDir>,
    reference: PathBuf,
}

/// The `guild` of Guild AI, if it is installed.
pub fn reference() -> Option<PathBuf> {
    let variable = |name: &str| std::env::var_os(name).map(PathBuf::from);
    let venv = variable("REFERENCE_VENV").or_else(|| {
        let cache = variable("XDG_CACHE_HOME").or_else(|| Some(variable("HOME")?.join(".cache")));
        Some(cache?.join("guild-reference"))
    });
    variable("GUILD_REFERENCE")
        .or_else(|| Some(venv?.join("bin/guild")))
        .filter(|path| path.is_file())
}

impl Place {
    /// A place with an empty home, for the Guild AI whose `guild` is `reference`.
    pub fn new(reference: PathBuf) -> Result<Self, Failed> {
        // Thousands of small files are quicker in memory.
        let memory = Path::new("/dev/shm");
        let dir = Arc::new(if memory.is_dir() {
            tempfile::tempdir_in(memory)?
        } else {
            tempfile::tempdir()?
        });
        for name in ["home", "project", "user"] {
            fs::create_dir(dir.path().join(name))?;
        }
        for entry in fs::read_dir(PROJECT)? {
            let entry = entry?;
            fs::copy(
                entry.path(),
                dir.path().join("project").join(entry.file_name()),
            )?;
        }
        let home = dir.path().join("home");
        Ok(Self {
            dir,
            home,
            _copy: None,
            reference,
        })
    }

    /// The same place with a copy of the home.
    pub fn with_copied_home(&self) -> Result<Self, Failed> {
        let copy = tempfile::tempdir_in(self.dir.path())?;
        let home = copy.path().join("home");
        let status = Command::new("cp")
            .arg("-a")
            .args([&self.home, &home])
            .status()?;
        check(status.success(), "the home could not be copied")?;
        Ok(Self {
            dir: Arc::clone(&self.dir),
            home,
            _copy: Some(copy),
            reference: self.reference.clone(),
        })
    }

    /// The Python that Guild AI runs in.
    pub fn reference_python(&self) -> PathBuf {
        self.reference.with_file_name("python")
    }

    /// The guild home that commands use.
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// The folder that the project and the first home are in.
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Removes it with everything in it.
    pub fn remove(&self) -> std::io::Result<()> {
        fs::remove_dir_all(self.dir.path())
    }

    /// The command that runs `program` with `words`, where a start such as
    /// `COLUMNS=40` goes to the environment.
    pub fn command(&self, program: Program, words: &[&str]) -> Command {
        let is_setting = |word: &&&str| {
            let name = word.split_once('=').map(|(name, _)| name);
            name.is_some_and(|name| name.bytes().all(|c| c.is_ascii_uppercase() || c == b'_'))
        };
        let settings = words.iter().take_while(is_setting).count();
        let path = match program {
            Program::Ours => Path::new(env!("CARGO_BIN_EXE_guild")),
            Program::Theirs => &self.reference,
        };
        let mut command = Command::new(path);
        command
            .args(&words[settings..])
            .current_dir(self.dir.path().join("project"))
            .env("GUILD_HOME", self.home())
            .env("HOME", self.dir.path().join("user"))
            .env("COLUMNS", "200")
            .env("NO_IMPORT_FLAGS_PROGRESS", "1")
            .env("NO_PIP_FREEZE", "1")
            .env("TERM", "xterm")
            // Without it Guild AI cuts tables one character short of the terminal.
            .env("SHELL", "/bin/sh")
            .env_remove("VISUAL")
            .env("EDITOR", "true")
            .envs(
                words[..settings]
                    .iter()
                    .filter_map(|word| word.split_once('=')),
            );
        command
    }

    /// What a command printed on both streams, and its exit code where not 0.
    pub fn run(&self, program: Program, words: &[&str], typed: &str) -> Result<String, Failed> {
        let mut child = self
            .command(program, words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            // Whoever asks nothing may be gone by now.
            let _ = stdin.write_all(typed.as_bytes());
        }
        text(child.wait_with_output()?)
    }

    /// What a command prints on a terminal of `columns`, without colours.
    pub fn run_on_terminal(
        &self,
        program: Program,
        words: &[&str],
        columns: u16,
    ) -> Result<String, Failed> {
        let size = Winsize {
            ws_row: 24,
            ws_col: columns,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        let terminal = openpty(&size, None)?;
        let mut child = {
            let end = || terminal.slave.try_clone().map(Stdio::from);
            let mut command = self.command(program, words);
            command
                .env_remove("COLUMNS")
                .stdin(end()?)
                .stdout(end()?)
                .stderr(end()?);
            command.spawn()?
        };
        // What is left open here would keep the terminal from ending.
        drop(terminal.slave);
        let mut printed = Vec::new();
        // Linux tells the end of a terminal as an error.
        let _ = fs::File::from(terminal.master).read_to_end(&mut printed);
        let status = child.wait()?;
        let colours = regex::Regex::new("\x1b\\[[0-9;]*m")?;
        let printed = String::from_utf8(printed)?.replace("\r\n", "\n");
        let printed = colours.replace_all(&printed, "");
        Ok(format!("{printed}<exit {:?}>", status.code()))
    }

    /// What guild prints.
    pub fn ours(&self, words: &[&str]) -> Result<String, Failed> {
        self.run(Program::Ours, words, "")
    }

    /// What Guild AI prints.
    pub fn theirs(&self, words: &[&str]) -> Result<String, Failed> {
        self.run(Program::Theirs, words, "")
    }

    /// Both programs print the same for `words`.
    pub fn same(&self, words: &[&str]) -> Result<String, Failed> {
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
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.push_str(&String::from_utf8_lossy(&output.stderr));
    match output.status.code() {
        Some(0) => {}
        code => text.push_str(&format!("<exit {code:?}>")),
    }
    Ok(text)
}

/// Fails with `otherwise` unless `holds`.
pub fn check(holds: bool, otherwise: &str) -> Result<(), Failed> {
    if holds { Ok(()) } else { Err(otherwise.into()) }
}
