//! Runs that one program staged, or that were stopped, are started by the other: a
//! script, a command, a pipeline, and an operation that requires all kinds of things.

use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use libtest_mimic::Failed;

use crate::place::Program::{self, Ours, Theirs};
use crate::place::{Place, check};

const GUILD_FILE: &str = "\
- model: ''
  operations:
    shell:
      exec: sh -c 'test -e ${project_dir}/stop && kill -15 $$; echo shell ${text}'
      flags: {text: a}
    prep: {main: prep}
    step: {main: job, flags-import: all}
    pipe:
      flags: {rate: 0.1}
      steps:
        - prep
        - step rate=${rate}
        - {run: uses, name: last}
    uses:
      main: needs --short
      requires: {operation: prep, select: made}
    packed:
      main: packed
      flags-import: no
      requires:
        - {file: pack.zip, select: inside}
        - {file: linked.txt, target-type: link}
    needs:
      main: needs
      flags: {depth: 1}
      flags-import: no
      flags-dest: none
      requires:
        - file: data.txt
          rename: data.txt renamed.txt
        - config: conf.yml
        - module: json
        - named
  resources:
    named:
      sources:
        - {file: folder, target-path: put}
        - {operation: prep, select: made}
        - url: SERVER/plain.txt
        - {url: SERVER/again.txt, always-resolve: yes, replace-existing: yes}
";

const FILES: &[(&str, &str)] = &[
    ("guild.yml", GUILD_FILE),
    ("prep.py", "open('made', 'w').write('made\\n')\n"),
    (
        "job.py",
        "import os, signal
rate = 0.1
if os.path.exists(os.path.join(os.environ['PROJECT_DIR'], 'stop')):
    os.kill(os.getpid(), signal.SIGTERM)
print('job', rate)
",
    ),
    (
        "needs.py",
        "import os, signal, sys
if os.path.exists(os.path.join(os.environ['PROJECT_DIR'], 'stop')):
    os.kill(os.getpid(), signal.SIGTERM)
read = lambda *names: ' '.join(open(name).readline().strip() for name in names)
names = ['made', 'renamed.txt', 'conf.yml', 'put/folder/file', 'plain.txt', 'again.txt']
names = names[:1] if '--short' in sys.argv else names
print('has', read(*names))
",
    ),
    (
        "packed.py",
        "import os, signal
if os.path.exists(os.path.join(os.environ['PROJECT_DIR'], 'stop')):
    os.kill(os.getpid(), signal.SIGTERM)
print('has', *[open(name).readline().strip() for name in ('inside', 'linked.txt', 'extra.txt')])
",
    ),
    ("linked.txt", "linked\n"),
    ("extra.txt", "extra\n"),
    ("conf.yml", "depth: 0\n"),
    ("folder/file", "inner\n"),
];

/// Words for the operation, and what its run prints in the end.
const OPERATIONS: &[(&[&str], &[&str])] = &[
    (&["job.py", "rate=0.5"], &["job 0.5"]),
    (&["shell", "text=b"], &["shell b"]),
    (&["packed", "-D", "extra.txt"], &["has packed linked extra"]),
    (&["pipe", "rate=0.7"], &["job 0.7", "has made"]),
    (
        &["needs", "depth=3"],
        &["has made data depth: 3 inner plain again"],
    ),
];

/// A web server: what it has at a path is the path's last word before a dot.
struct Server {
    address: SocketAddr,
    is_done: Arc<AtomicBool>,
}

impl Server {
    fn new() -> Result<Self, Failed> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let is_done = Arc::new(AtomicBool::new(false));
        let ends = Arc::clone(&is_done);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if ends.load(Ordering::Relaxed) {
                    break;
                }
                // A client that goes away fails its own test.
                let _ = answer(&stream);
            }
        });
        Ok(Self { address, is_done })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.is_done.store(true, Ordering::Relaxed);
        // The last request, which nobody reads the answer of.
        let _ = TcpStream::connect(self.address);
    }
}

fn answer(mut stream: &TcpStream) -> io::Result<()> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next().transpose()?.unwrap_or_default();
    let is_head_line = |line: &io::Result<String>| line.as_ref().is_ok_and(|line| !line.is_empty());
    lines.take_while(is_head_line).for_each(drop);
    let path = first.split(' ').nth(1).unwrap_or_default();
    let name = path.rsplit('/').next().unwrap_or_default();
    let body = format!("{}\n", name.split('.').next().unwrap_or_default());
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
}

/// A project whose jobs stop as long as it has a file for that.
struct Project<'a> {
    place: &'a Place,
    dir: PathBuf,
    _server: Server,
}

impl<'a> Project<'a> {
    fn new(place: &'a Place) -> Result<Self, Failed> {
        let dir = place.path().join("project");
        let server = Server::new()?;
        for (name, text) in FILES {
            let path = dir.join(name);
            fs::create_dir_all(path.parent().unwrap_or(&dir))?;
            fs::write(
                path,
                text.replace("SERVER", &format!("http://{}", server.address)),
            )?;
        }
        fs::write(dir.join("data.txt"), "data\n")?;
        let project = Self {
            place,
            dir,
            _server: server,
        };
        project.pack()?;
        project.run(Ours, &["run", "prep", "-y"])?;
        Ok(project)
    }

    /// Makes an archive.
    fn pack(&self) -> Result<(), Failed> {
        let program = "import zipfile\n\
                       zipfile.ZipFile('pack.zip', 'w').writestr('inside', 'packed\\n')";
        let status = std::process::Command::new(self.place.reference_python())
            .args(["-c", program])
            .current_dir(&self.dir)
            .status()?;
        check(status.success(), "no archive was made")
    }

    fn run(&self, program: Program, words: &[&str]) -> Result<String, Failed> {
        let python = self.place.reference_python();
        let python = format!("GUILD_PYTHON_EXE={}", python.display());
        self.place.run(program, &[&[&*python], words].concat(), "")
    }

    /// Makes a run with `words` by `program`, and returns its directory: that of the
    /// operation itself, not of a step.
    fn make(&self, program: Program, words: &[&str]) -> Result<(PathBuf, String), Failed> {
        let before = self.runs()?;
        let printed = self.run(program, words)?;
        let op = format!("{:?}", words.get(1).unwrap_or(&""));
        let is_new = |dir: &PathBuf| {
            let opref = fs::read_to_string(dir.join(".guild/opref")).unwrap_or_default();
            !before.contains(dir) && opref.ends_with(&format!(" {}", op.trim_matches('"')))
        };
        let made = self.runs()?.into_iter().find(is_new);
        let made = made.ok_or_else(|| format!("{program:?} {words:?} made no run\n{printed}"))?;
        Ok((made, printed))
    }

    fn runs(&self) -> Result<Vec<PathBuf>, Failed> {
        let entries = fs::read_dir(self.place.home().join("runs"));
        let entries = entries.into_iter().flatten();
        Ok(entries
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<_, _>>()?)
    }

    /// `program` starts the run in `dir`, which then prints `lines` and ends well.
    fn start(&self, program: Program, dir: &Path, lines: &[&str]) -> Result<(), Failed> {
        let id = dir.file_name().unwrap_or_default().to_string_lossy();
        let printed = self.run(program, &["run", "--restart", &id, "-y"])?;
        for line in lines {
            let is_there = printed.lines().any(|printed| printed == *line);
            check(
                is_there,
                &format!("{program:?} does not print {line}:\n{printed}"),
            )?;
        }
        let attrs = dir.join(".guild/attrs");
        let status = fs::read_to_string(attrs.join("exit_status")).unwrap_or_default();
        check(
            status == "0\n",
            &format!("{program:?} {status}:\n{printed}"),
        )?;
        for marker in ["STAGED", "PENDING", "LOCK"] {
            let path = dir.join(".guild").join(marker);
            check(!path.exists(), &format!("{} stays", path.display()))?;
        }
        Ok(())
    }
}

/// What one program has staged, the other starts, whatever the project has become.
pub fn each_starts_what_the_other_staged(place: &Place) -> Result<(), Failed> {
    let project = Project::new(place)?;
    for (maker, starter) in [(Ours, Theirs), (Theirs, Ours)] {
        for (words, lines) in OPERATIONS {
            let stage = [&["run"], *words, &["--stage", "-y"]].concat();
            let (dir, printed) = project.make(maker, &stage)?;
            check(printed.contains("staged as"), &printed)?;
            fs::write(project.dir.join("data.txt"), "changed since\n")?;
            project.start(starter, &dir, lines)?;
            fs::write(project.dir.join("data.txt"), "data\n")?;
        }
    }
    place.same(&["runs"]).map(drop)
}

/// A run of one program that was stopped is started again by the other.
pub fn each_restarts_what_was_stopped(place: &Place) -> Result<(), Failed> {
    let project = Project::new(place)?;
    let marker = project.dir.join("stop");
    for (maker, starter) in [(Ours, Theirs), (Theirs, Ours)] {
        for (words, lines) in OPERATIONS {
            fs::write(&marker, "")?;
            let (dir, printed) = project.make(maker, &[&["run"], *words, &["-y"]].concat())?;
            fs::remove_file(&marker)?;
            let status = fs::read_to_string(dir.join(".guild/attrs/exit_status"))?;
            // A pipeline has the exit code that its step's process made of the signal.
            check(["-15\n", "241\n"].contains(&&*status), &printed)?;
            project.start(starter, &dir, lines)?;
        }
    }
    place.same(&["runs"]).map(drop)
}

/// Of two staged runs, of which one is made from the other, each is started by the
/// program that did not stage it, and takes what was staged for it.
pub fn each_starts_staged_runs_that_need_each_other(place: &Place) -> Result<(), Failed> {
    let project = Project::new(place)?;
    for (maker, starter) in [(Ours, Theirs), (Theirs, Ours)] {
        let (prep, _) = project.make(maker, &["run", "prep", "--stage", "-y"])?;
        let (uses, printed) = project.make(maker, &["run", "uses", "--stage", "-y"])?;
        check(printed.contains("because it's being staged"), &printed)?;
        // A later run is not the one that it takes.
        project.run(maker, &["run", "prep", "-y"])?;
        project.start(starter, &prep, &[])?;
        project.start(starter, &uses, &["has made"])?;
        let id = prep.file_name().unwrap_or_default().to_string_lossy();
        let deps = fs::read_to_string(uses.join(".guild/attrs/deps"))?;
        check(deps.contains(&format!("config: {id}")), &deps)?;
    }
    place.same(&["runs"]).map(drop)
}
