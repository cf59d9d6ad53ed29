//! Python's doctest, asked.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Options that the harness knows and doctest does not.
const EXTRA: &[&str] = &[
    "CAPTURES",
    "LINUX",
    "NORMALIZE_PATHS",
    "PY3",
    "STRICT",
    "STRIP_ANSI_FMT",
    "STRIP_EXIT_0",
    "WINDOWS",
];

/// One Python process that answers questions.
pub struct Oracle {
    _child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

/// What doctest makes of a document.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Document {
    Fault(#[expect(dead_code, reason = "shown where a test fails")] String),
    Examples(Vec<Example>),
}

/// An example as doctest reads it.
#[derive(Debug, PartialEq, Eq, Deserialize)]
pub struct Example {
    pub line: usize,
    pub indent: usize,
    pub source: String,
    pub want: String,
    pub message: Option<String>,
    pub options: BTreeMap<String, bool>,
}

/// Which examples doctest ran, by line, and which of them failed.
#[derive(Debug, PartialEq, Eq, Deserialize)]
pub struct Execution {
    pub ran: Vec<usize>,
    pub failed: Vec<usize>,
}

static ORACLE: LazyLock<Mutex<Oracle>> = LazyLock::new(|| Mutex::new(Oracle::start()));

impl Oracle {
    /// The one that all tests share, since a runner of specs ends child processes
    /// that it finds started after it and not by it.
    pub fn get() -> MutexGuard<'static, Oracle> {
        // A test that has failed leaves no question open.
        ORACLE.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn start() -> Self {
        let mut child = Command::new("python3")
            .args(["-I", "-X", "utf8", "-c", include_str!("oracle.py")])
            .arg(json!(EXTRA).to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        Oracle {
            to: child.stdin.take().unwrap(),
            from: BufReader::new(child.stdout.take().unwrap()),
            _child: child,
        }
    }

    fn ask<T: DeserializeOwned>(&mut self, question: &Value) -> T {
        writeln!(self.to, "{question}").unwrap();
        let mut answer = String::new();
        self.from.read_line(&mut answer).unwrap();
        serde_json::from_str(&answer).unwrap_or_else(|_| panic!("{question}: {answer:?}"))
    }

    /// Whether output is as expected.
    pub fn output(&mut self, want: &str, got: &str, options: &[&str]) -> bool {
        self.ask(&json!({"kind": "output", "want": want, "got": got, "options": options}))
    }

    /// Whether an example passes that prints and then raises an exception.
    pub fn exception(&mut self, want: &str, raised: &Raised, options: &[&str]) -> bool {
        self.ask(&json!({
            "kind": "exception", "want": want, "options": options,
            "printed": raised.printed, "type": raised.kind, "message": raised.message,
        }))
    }

    /// The examples of a document.
    pub fn document(&mut self, text: &str) -> Document {
        self.ask(&json!({"kind": "document", "text": text}))
    }

    /// Runs a document.
    pub fn execution(&mut self, text: &str, options: &[&str]) -> Execution {
        self.ask(&json!({"kind": "execution", "text": text, "options": options}))
    }
}

/// What an example does that ends with an exception.
#[derive(Debug, Clone)]
pub struct Raised {
    pub printed: String,
    pub kind: String,
    pub message: String,
}

impl Raised {
    /// The last lines of its traceback.
    pub fn shown(&self) -> String {
        match self.message.as_str() {
            "" => format!("{}\n", self.kind),
            message => format!("{}: {message}\n", self.kind),
        }
    }
}
