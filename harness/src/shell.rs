//! The shell of a spec whose examples are shell commands.
//!
//! Each example has a bash process of its own, so that none can end the shell of
//! those that follow. The process takes up the state of the one before it, and
//! writes its own down when it exits: directory and directory stack, variables
//! with their attributes, functions, positional parameters, aliases, options,
//! umask and exit code. A process that does not get to write its state (it was
//! killed, or replaced itself by `exec`) leaves the state as it was.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::calls::Calls;
use crate::command::Command;
use crate::python::find_program;
use crate::sandbox::Sandbox;

/// What the shell does when it exits.
const SAVE: &str = include_str!("../shell/save.bash");

/// The last line of a state that was written whole.
const WHOLE: &str = "\n# whole\n";

/// A variable and its value, as the system takes them.
type Variable = (Vec<u8>, Vec<u8>);

/// The shell of one spec, between its examples.
#[derive(Debug)]
pub(crate) struct Shell {
    file: PathBuf,
    /// Where the files of this module are.
    folder: PathBuf,
    /// Where the first example starts.
    directory: PathBuf,
    /// The environment that the first example starts with.
    environment: Vec<Variable>,
    /// The number of examples started.
    started: usize,
    /// The number of the example whose state holds.
    state: Option<usize>,
    /// What to bind before the next example.
    bindings: String,
}

/// What came of a source.
#[derive(Debug)]
pub(crate) struct Ran {
    /// The exit code, or the negative number of the signal.
    pub code: i32,
    /// What it wrote, without blanks around it.
    pub output: String,
    /// Whether its state was kept.
    pub is_kept: bool,
}

impl Ran {
    /// The output with `<exit N>` below it, unless that is zero.
    pub fn shown(&self) -> String {
        let mut shown = self.output.clone();
        if !shown.is_empty() {
            shown.push('\n');
        }
        if self.code != 0 {
            shown.push_str(&format!("<exit {}>\n", self.code));
        }
        shown
    }
}

impl Shell {
    /// The shell of a sandbox, with variables besides those of the sandbox.
    /// `None` if there is no bash.
    pub fn new(sandbox: &Sandbox, variables: &[(&str, &Path)]) -> io::Result<Option<Self>> {
        let Some(file) = find_program("bash") else {
            return Ok(None);
        };
        let folder = sandbox.path("shell");
        fs::create_dir(&folder)?;
        let mut environment = sandbox.environment();
        for (name, path) in variables {
            let value = path.as_os_str().as_encoded_bytes().to_vec();
            environment.push((name.as_bytes().to_vec(), value));
        }
        Ok(Some(Shell {
            file,
            folder,
            directory: sandbox.path("work"),
            environment,
            started: 0,
            state: None,
            bindings: String::new(),
        }))
    }

    /// Binds a variable before the next example. One that is exported stays so.
    pub fn bind(&mut self, name: &str, value: &str) {
        self.bindings
            .push_str(&format!("{name}={}\n", quoted(value)));
    }

    /// Runs an example.
    pub fn example(&mut self, source: &str, calls: &mut Calls<'_>) -> io::Result<Ran> {
        self.run("bash", source, "", calls)
    }

    /// Runs a script that starts on a line of a file; messages of the shell name
    /// both. The first command that fails ends it.
    pub fn script(
        &mut self,
        file: &Path,
        line: usize,
        source: &str,
        calls: &mut Calls<'_>,
    ) -> io::Result<Ran> {
        let source = format!("{}{source}", "\n".repeat(line.saturating_sub(1)));
        self.run(&file.display().to_string(), &source, STOP, calls)
    }

    /// `before` is run right before the source.
    fn run(
        &mut self,
        name: &str,
        source: &str,
        before: &str,
        calls: &mut Calls<'_>,
    ) -> io::Result<Ran> {
        self.started += 1;
        let restore = self.write_scripts(before)?;
        let mut command = Command::of_program(&self.file, &self.directory);
        command.arguments.extend([
            b"-c".to_vec(),
            source.as_bytes().to_vec(),
            name.as_bytes().to_vec(),
        ]);
        command.environment = self.inherited();
        command.environment.push((
            b"BASH_ENV".to_vec(),
            restore.into_os_string().into_encoded_bytes(),
        ));
        let (code, output) = calls.shell_command(command, source.trim())?;
        let is_kept = self.take_up()?;
        Ok(Ran {
            code,
            output: output.trim().to_owned(),
            is_kept,
        })
    }

    /// The environment of the next process. Once there is a state it holds all
    /// variables, but for those whose names no shell can hold.
    fn inherited(&self) -> Vec<Variable> {
        let is_held = |name: &[u8]| {
            !name.first().is_none_or(u8::is_ascii_digit)
                && name.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_')
        };
        let all = self.environment.iter();
        all.filter(|(name, _)| self.state.is_none() || !is_held(name))
            .cloned()
            .collect()
    }

    fn path(&self, name: &str, number: usize) -> PathBuf {
        self.folder.join(format!("{name}-{number}"))
    }

    /// Writes what the next process runs first and last; returns the first.
    fn write_scripts(&self, before: &str) -> io::Result<PathBuf> {
        let number = self.started;
        let quote = |path: PathBuf| quoted(&path.display().to_string());
        let save = self.path("save", number);
        let script = SAVE
            .replace("@STATE@", &quote(self.path("state", number)))
            .replace("@OPTIONS@", &quote(self.path("options", number)))
            .replace("@SCRATCH@", &quote(self.path("scratch", number)));
        fs::write(&save, script)?;

        let mut restore = String::from("builtin unset BASH_ENV\n");
        if let Some(state) = self.state {
            let state = quote(self.path("state", state));
            restore.push_str(&format!("builtin source {state} >/dev/null 2>&1\n"));
        }
        restore.push_str(&self.bindings);
        let on_exit = quoted(&format!(
            "{{ builtin source {}; }} 2>/dev/null",
            quote(save)
        ));
        restore.push_str(&format!("builtin trap -- {on_exit} EXIT\n"));
        if let Some(state) = self.state {
            // Options last, since some change how the lines after them run; then
            // the exit code, which would be a failure where those are fatal.
            let options = quote(self.path("options", state));
            restore.push_str(&RESTORE.replace("@OPTIONS@", &options));
        }
        restore.push_str(before);
        let file = self.path("restore", number);
        fs::write(&file, restore)?;
        Ok(file)
    }

    /// Makes the state that was just written the one that holds, if it is whole.
    fn take_up(&mut self) -> io::Result<bool> {
        let state = fs::read(self.path("state", self.started)).unwrap_or_default();
        let is_whole = state.ends_with(WHOLE.as_bytes());
        if is_whole {
            if let Some(old) = self.state.replace(self.started) {
                self.remove(old)?;
            }
            self.bindings.clear();
        } else {
            self.remove(self.started)?;
        }
        for name in ["save", "restore", "scratch"] {
            remove_if_there(&self.path(name, self.started))?;
        }
        Ok(is_whole)
    }

    fn remove(&self, number: usize) -> io::Result<()> {
        remove_if_there(&self.path("state", number))?;
        remove_if_there(&self.path("options", number))
    }
}

/// Ends a script at the first command that fails, and says which.
const STOP: &str = "builtin trap -- '{ __harness_status=$?; } 2>/dev/null; builtin printf \
\"%s: line %s: exit code %s of: %s\\n\" \"$0\" \"$LINENO\" \"$__harness_status\" \"$BASH_COMMAND\" >&2; \
builtin exit \"$__harness_status\"' ERR\n";

/// Takes up the options and the exit code.
const RESTORE: &str =
    "__harness_return() { builtin unset -f __harness_return; builtin return \"$1\"; }
{
  builtin source @OPTIONS@
  case $- in
    *e*) builtin unset -f __harness_return ;;
    *) __harness_return \"$__harness_status\" ;;
  esac
} 2>/dev/null
";

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// A text as one word of the shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
