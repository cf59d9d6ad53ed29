//! The real TensorBoard, started by `guild tensorboard` on real runs and asked what
//! it shows.
//!
//! It is looked for in the virtual environment `target/tensorboard`, which
//! `.ci/run` makes, and in that which `TENSORBOARD_VENV` names. Without it the
//! tests say that they are skipped, unless `TENSORBOARD_REQUIRED` is set.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::print_stderr, reason = "a skipped test says so")]

mod tensorboard_python;

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};

/// Logs a scalar, makes a picture, and ends when it is told to.
const SCRIPT: &str = "
import os, sys, time
lr = 0.1
name = 'abc'
on = True
wait = ''
for step in range(3):
    print('step: %i' % step)
    print('loss: %f' % (lr * step))
print('kind: digits', flush=True)
with open('dot.gif', 'wb') as file:
    file.write(bytes.fromhex('47494638396102000100800000000000ffffff2c00000000020001000002020c0a003b'))
while wait and not os.path.exists(wait):
    time.sleep(0.02)
";

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// A project and a guild home, removed with all that is in them.
struct Place {
    dir: tempfile::TempDir,
    python: PathBuf,
}

impl Place {
    fn new(python: PathBuf) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for name in ["home", "project", "tmp"] {
            fs::create_dir(dir.path().join(name)).unwrap();
        }
        fs::write(dir.path().join("project/train.py"), SCRIPT).unwrap();
        Self { dir, python }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn command(&self, words: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_guild"));
        command
            .args(words.split_whitespace())
            .current_dir(self.path("project"))
            .env("GUILD_HOME", self.path("home"))
            .env("GUILD_PYTHON_EXE", &self.python)
            .env("TMPDIR", self.path("tmp"))
            .env("NO_PIP_FREEZE", "1");
        command
    }

    fn guild(&self, words: &str) -> Output {
        let output = self.command(words).output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "guild {words}: {errors}");
        output
    }

    /// The log directories there are.
    fn log_dirs(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.path("tmp")).unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
        let is_ours = |path: &PathBuf| path.display().to_string().contains("guild-tensorboard-");
        paths.filter(is_ours).collect()
    }
}

/// A running `guild tensorboard`.
struct Board {
    child: Child,
    url: String,
    said: Arc<Mutex<String>>,
}

impl Board {
    fn start(place: &Place, options: &str) -> Self {
        let words = format!("tensorboard --host 127.0.0.1 --refresh-interval 1 {options}");
        let mut child = place
            .command(&words)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let errors = BufReader::new(child.stderr.take().unwrap());
        let said = Arc::new(Mutex::new(String::new()));
        let keep = Arc::clone(&said);
        std::thread::spawn(move || {
            for line in errors.lines() {
                *keep.lock().unwrap() += &format!("{}\n", line.unwrap());
            }
        });
        let mut board = Self {
            child,
            url: String::new(),
            said,
        };
        board.url = board.wait("an address", |board| {
            let said = board.said();
            let (_, rest) = said.split_once(" at ")?;
            Some(rest.split_once(" (")?.0.to_string())
        });
        board
    }

    fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }

    /// Waits until `look` sees something.
    fn wait<T>(&mut self, what: &str, look: impl Fn(&Self) -> Option<T>) -> T {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = look(self) {
                return found;
            }
            let status = self.child.try_wait().unwrap();
            assert!(status.is_none(), "no {what}, {status:?}: {}", self.said());
            assert!(Instant::now() < end, "no {what}: {}", self.said());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn get(&self, path: &str) -> Option<Value> {
        let mut answer = ureq::get(format!("{}/{path}", self.url)).call().ok()?;
        serde_json::from_str(&answer.body_mut().read_to_string().ok()?).ok()
    }

    fn ask(&self, path: &str, question: &Value) -> Option<Value> {
        let request = ureq::post(format!("{}/{path}", self.url));
        let request = request.header("Content-Type", "application/json");
        let mut answer = request.send(question.to_string()).ok()?;
        serde_json::from_str(&answer.body_mut().read_to_string().ok()?).ok()
    }

    /// The runs with scalars of the output, without what comes before the label.
    fn labels(&self) -> Vec<String> {
        let runs = self.get("data/runs").unwrap_or_default();
        let names = runs
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str);
        let names = names.filter_map(|name| name.strip_suffix("/.guild"));
        let mut labels: Vec<String> = names
            .map(|name| name.splitn(5, ' ').nth(4).unwrap_or_default().to_string())
            .collect();
        labels.sort();
        labels
    }

    fn wait_for_labels(&mut self, labels: &[&str]) {
        let wanted = format!("{labels:?}");
        self.wait(&format!("runs {wanted}"), |board| {
            (format!("{:?}", board.labels()) == wanted).then_some(())
        });
    }

    /// The sessions of the hparams page, by their groups' names.
    fn sessions(&self) -> Vec<Value> {
        let question = json!({
            "experimentName": "", "colParams": [], "startIndex": 0, "sliceSize": 100,
            "allowedStatuses":
                ["STATUS_UNKNOWN", "STATUS_SUCCESS", "STATUS_FAILURE", "STATUS_RUNNING"],
        });
        let answer = self.ask("data/plugin/hparams/session_groups", &question);
        let groups = answer.unwrap_or_default()["sessionGroups"].clone();
        groups.as_array().cloned().unwrap_or_default()
    }

    /// How the session with the value `name` of the flag of that name stands.
    fn status(&self, name: &str) -> Option<String> {
        let mut sessions = self.sessions().into_iter();
        let found = sessions.find(|group| group["hparams"]["name"] == name)?;
        let status = found["sessions"][0]["status"].as_str();
        // Protocol buffers leave out what is 0.
        Some(status.unwrap_or("STATUS_UNKNOWN").to_string())
    }

    fn signal(&mut self, signal: Signal) {
        kill(Pid::from_raw(self.child.id() as i32), signal).unwrap();
    }
}

impl Drop for Board {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// TensorBoard shows what runs have, and what becomes of them.
fn follows_runs(options: &str) {
    let Some(python) = tensorboard_python::python() else {
        return;
    };
    let place = Place::new(python);
    place.guild("run train.py lr=0.5 --label first -y");
    place.guild("run train.py lr=1 name=def --label second -y");
    let mut board = Board::start(&place, &format!("--no-open {options}"));
    board.wait_for_labels(&["first", "second"]);

    let runs = board.get("data/runs").unwrap();
    let runs = runs.as_array().unwrap();
    let of_first = |name: &str| name.contains("first") && name.ends_with("/.guild");
    let first = runs
        .iter()
        .find(|name| of_first(name.as_str().unwrap()))
        .unwrap();
    let first = first.as_str().unwrap();
    let encoded = first.replace(' ', "%20");
    let points = format!("data/plugin/scalars/scalars?tag=loss&run={encoded}");
    let points = board.wait("scalars", |board| {
        let points = board.get(&points)?;
        (points.as_array()?.len() == 3).then_some(points)
    });
    let steps: Vec<_> = points
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (&it[1], &it[2]))
        .collect();
    assert_eq!(
        format!("{steps:?}"),
        "[(Number(0), Number(0.0)), (Number(1), Number(0.5)), (Number(2), Number(1.0))]"
    );
    let tags = board.get("data/plugin/scalars/tags").unwrap();
    assert!(tags[first].get("time").is_some(), "{tags}");
    board.wait("text", |board| {
        let tags = board.get("data/plugin/text/tags")?;
        tags[first]
            .as_array()?
            .contains(&json!("kind"))
            .then_some(())
    });
    board.wait("pictures", |board| {
        let tags = board.get("data/plugin/images/tags")?;
        let picture = &tags[first.replace(".guild", ".images")]["dot.gif"];
        (picture["samples"] == 1).then_some(())
    });

    let experiment = board.wait("parameters", |board| {
        let experiment = board.ask(
            "data/plugin/hparams/experiment",
            &json!({"experimentName": ""}),
        )?;
        (experiment["hparamInfos"].as_array()?.len() == 5).then_some(experiment)
    });
    let infos = experiment["hparamInfos"].as_array().unwrap();
    let types: Vec<String> = infos
        .iter()
        .map(|it| format!("{} {}", it["name"], it["type"]))
        .collect();
    assert_eq!(
        types,
        [
            "\"lr\" \"DATA_TYPE_FLOAT64\"",
            "\"name\" \"DATA_TYPE_STRING\"",
            "\"on\" \"DATA_TYPE_BOOL\"",
            "\"sourcecode\" \"DATA_TYPE_STRING\"",
            "\"wait\" \"DATA_TYPE_STRING\"",
        ]
    );
    assert_eq!(infos[1]["domainDiscrete"], json!(["abc", "def"]));
    let metrics = experiment["metricInfos"].as_array().unwrap();
    let metrics: Vec<&Value> = metrics.iter().map(|it| &it["name"]["tag"]).collect();
    assert_eq!(metrics, ["loss", "time"]);
    let sessions = board.wait("sessions", |board| {
        let sessions = board.sessions();
        (sessions.len() == 2).then_some(sessions)
    });
    let found = sessions
        .iter()
        .find(|it| it["hparams"]["name"] == "def")
        .unwrap();
    assert_eq!(found["hparams"]["lr"], 1.0);
    assert_eq!(found["hparams"]["on"], true);
    assert_eq!(found["metricValues"][0]["value"], 2.0);
    assert_eq!(board.status("def").as_deref(), Some("STATUS_SUCCESS"));

    // A run that goes on while it is shown, of which TensorBoard was not told.
    place.guild("run train.py --label third name=xyz wait=go --background -y");
    board.wait_for_labels(&["first", "second", "third"]);
    let status = board.wait("the third session", |board| board.status("xyz"));
    assert_eq!(status, "STATUS_UNKNOWN");
    let late = "cannot be displayed in the HPARAMS plugin: name=xyz, wait=go.";
    board.wait("a warning", |board| {
        board.said().contains(late).then_some(())
    });
    let run = place.guild("select --path 1");
    let run = String::from_utf8(run.stdout).unwrap();
    fs::write(Path::new(run.trim()).join("go"), "").unwrap();
    board.wait("the end of the third session", |board| {
        (board.status("xyz")? == "STATUS_SUCCESS").then_some(())
    });

    place.guild("runs delete -Fl first -y");
    place.guild("label 2 --set other -y");
    board.wait_for_labels(&["other", "third"]);

    board.signal(Signal::SIGINT);
    assert_eq!(
        board.child.wait().unwrap().code(),
        Some(0),
        "{}",
        board.said()
    );
    assert!(place.log_dirs().is_empty());
    assert!(board.get("data/runs").is_none());
}

#[test]
fn tensorboard_follows_runs() {
    follows_runs("");
}

#[test]
fn tensorboard_follows_runs_without_its_data_server() {
    follows_runs("-O load_fast=false");
}

#[test]
fn nothing_stays_of_a_killed_guild() {
    let Some(python) = tensorboard_python::python() else {
        return;
    };
    let place = Place::new(python);
    let mut board = Board::start(&place, "--no-open");
    assert_eq!(board.get("data/runs"), Some(json!([])));
    let left = place.log_dirs();
    assert_eq!(left.len(), 1);
    board.signal(Signal::SIGKILL);
    board.child.wait().unwrap();
    let end = Instant::now() + PATIENCE;
    while board.get("data/runs").is_some() {
        assert!(Instant::now() < end, "TensorBoard goes on");
        std::thread::sleep(Duration::from_millis(50));
    }
    // One that is in use is not taken for one that is left.
    let other = Board::start(&place, "--no-open");
    let mut third = Board::start(&place, "--no-open --keep-logdir");
    assert!(!left[0].exists());
    assert_eq!(place.log_dirs().len(), 2);
    assert_eq!(other.get("data/runs"), Some(json!([])));
    drop(other);
    third.signal(Signal::SIGTERM);
    assert_eq!(third.child.wait().unwrap().code(), Some(143));
    let last = Board::start(&place, "--no-open");
    let kept = place.log_dirs();
    assert_eq!(kept.len(), 2, "the kept one and its own: {kept:?}");
    drop(last);
}

#[test]
fn a_browser_is_opened_and_options_are_passed_on() {
    use std::os::unix::fs::PermissionsExt;
    let Some(python) = tensorboard_python::python() else {
        return;
    };
    let place = Place::new(python);
    let opener = place.path("xdg-open");
    let opened = place.path("opened");
    let text = format!(
        "#!/bin/sh\necho \"$1\" > {0}.new && mv {0}.new {0}\n",
        opened.display()
    );
    fs::write(&opener, text).unwrap();
    fs::set_permissions(&opener, fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!(
        "{}:{}",
        place.dir.path().display(),
        std::env::var("PATH").unwrap()
    );
    let mut command = place.command("");
    command.env("PATH", path);
    let words = "tensorboard --host 127.0.0.1 --tab scalars --dark-mode -O path_prefix=/board";
    let mut child = command
        .args(words.split(' '))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let end = Instant::now() + PATIENCE;
    while !opened.exists() {
        assert!(Instant::now() < end, "no browser is opened");
        std::thread::sleep(Duration::from_millis(50));
    }
    let url = fs::read_to_string(&opened).unwrap();
    let (page, tab) = url.trim().split_once('#').unwrap();
    assert_eq!(tab, "scalars");
    assert!(page.ends_with("/board"), "{page}");
    let mut shown = ureq::get(format!("{page}/")).call().unwrap();
    let body = shown.body_mut().read_to_string().unwrap();
    assert!(body.contains("<title>TensorBoard</title>"));
    let uri = ureq::ResponseExt::get_uri(&shown).to_string();
    assert!(uri.ends_with("/board/?darkMode=true"), "{uri}");
    kill(Pid::from_raw(child.id() as i32), Signal::SIGTERM).unwrap();
    child.wait().unwrap();
}

#[test]
fn what_tensorboard_refuses_is_told() {
    let Some(python) = tensorboard_python::python() else {
        return;
    };
    let place = Place::new(python);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let words = format!("tensorboard --no-open --host 127.0.0.1 --port {port}");
    let output = place.command(&words).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("guild: TensorBoard cannot start: "), "{said}");
    assert!(said.contains(&port.to_string()), "{said}");

    let output = place
        .command("tensorboard --no-open -O nonsense=1")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("usage: tensorboard"), "{said}");
    assert!(place.log_dirs().is_empty());

    let output = place.guild("tensorboard --list-plugins");
    let plugins = String::from_utf8(output.stdout).unwrap();
    assert!(
        plugins.lines().any(|name| name.ends_with(".HParamsPlugin")),
        "{plugins}"
    );
}
