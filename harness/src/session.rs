//! The conversation with what evaluates the examples of one spec, a Python worker
//! or a shell: what it is told to run, what it asks for meanwhile, and how long
//! that may take.

use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags};
use serde::Serialize;

use crate::calls::Calls;
use crate::command::wait;
use crate::deadline::{Deadline, Level};
use crate::escape::text;
use crate::follows::Names;
use crate::interrupt::Interrupt;
use crate::matcher::{Actual, Binding, Captured, Scope, captured};
use crate::options::OptionSet;
use crate::protocol::{Bind, Evaluate, Examine, Message, RunScript, SetUp};
use crate::sandbox::Sandbox;
use crate::shell::Shell;
use crate::spec::{Example, Language, Script};
use crate::verdict::{ExampleReport, Unrun, Verdict};
use crate::worker::{Heard, Worker};

/// How long an example may take to end by itself once a command of it was ended
/// for being late, so that what follows can still be run.
const GRACE: Duration = Duration::from_secs(1);

/// What starts the line that says how much of an output was cut.
const CUT: &str = "\n[output cut: ";

/// The waits between attempts of an example: the first, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));

/// What evaluates the examples of a spec.
#[derive(Debug)]
pub(crate) enum Engine {
    /// Python, one process for all.
    Python(Box<Worker>),
    /// A shell, one process for each.
    Shell(Shell),
}

/// The conversation with what evaluates the examples of one spec.
pub(crate) struct Session<'a> {
    engine: Engine,
    pub calls: Calls<'a>,
    pub interrupt: &'a Interrupt,
    pub sandbox: &'a Sandbox,
    /// When the spec has to be done.
    pub deadline: Deadline,
    /// Why no more examples can be run.
    over: Option<Over>,
}

/// The end of a conversation.
#[derive(Debug, Clone)]
pub(crate) struct Over {
    /// Why.
    pub words: String,
    /// What that means for the examples that follow.
    pub unrun: Unrun,
    /// The limit that was run into.
    pub late: Option<Deadline>,
}

impl Over {
    fn late(deadline: Deadline) -> Self {
        Over {
            words: deadline.told(),
            unrun: Unrun::Timeout,
            late: Some(deadline),
        }
    }

    fn new(words: String, unrun: Unrun) -> Self {
        Over {
            words,
            unrun,
            late: None,
        }
    }
}

impl<'a> Session<'a> {
    /// A conversation that has just started.
    pub fn new(engine: Engine, calls: Calls<'a>, sandbox: &'a Sandbox) -> Self {
        Session {
            interrupt: calls.interrupt,
            deadline: calls.deadline,
            engine,
            calls,
            sandbox,
            over: None,
        }
    }

    /// Why no more examples can be run.
    pub fn over(&self) -> Option<&Over> {
        self.over.as_ref()
    }

    /// Ends the worker, if there is one.
    pub fn finish(&mut self) -> io::Result<()> {
        match &mut self.engine {
            Engine::Python(worker) => worker.finish(self.over.is_none()),
            Engine::Shell(_) => Ok(()),
        }
    }

    /// The end of what was written past the output of examples, at most so many
    /// bytes.
    pub fn log_tail(&mut self, most: usize) -> io::Result<Vec<u8>> {
        match &mut self.engine {
            Engine::Python(worker) => worker.log_tail(most),
            Engine::Shell(_) => Ok(Vec::new()),
        }
    }

    /// Takes secrets out of the log.
    pub fn hide_in_log(&mut self) -> io::Result<()> {
        match &mut self.engine {
            Engine::Python(worker) => worker.hide_in_log(self.calls.secrets),
            Engine::Shell(_) => Ok(()),
        }
    }

    /// Whether the examples are commands of a shell.
    pub fn is_shell(&self) -> bool {
        matches!(self.engine, Engine::Shell(_))
    }

    /// Takes the shell out, whose state outlives the conversation.
    pub fn into_shell(self) -> Option<Shell> {
        match self.engine {
            Engine::Shell(shell) => Some(shell),
            Engine::Python(_) => None,
        }
    }

    /// Says something to the worker and hears it out. A shell is not spoken to:
    /// `None`, as of a conversation that is over.
    fn ask(&mut self, message: &impl Serialize, limit: Deadline) -> io::Result<Option<Actual>> {
        let Engine::Python(worker) = &mut self.engine else {
            return Ok(None);
        };
        worker.say(message, limit.or(self.deadline).at, self.interrupt)?;
        self.listen(limit)
    }

    /// Prepares the namespace, in so much time. Returns what came of the prelude,
    /// `None` if the conversation is over.
    pub fn set_up(&mut self, message: &SetUp<'_>, limit: Duration) -> io::Result<Option<Actual>> {
        self.ask(message, Deadline::after(limit, Level::Example))
    }

    /// Runs a script. Returns what it showed if it failed, or why it could not be
    /// run.
    pub fn script(&mut self, script: &Script) -> io::Result<Option<String>> {
        if let Some(over) = &self.over {
            return Ok(Some(over.words.clone()));
        }
        let limit = Deadline::after(self.calls.limits.example, Level::Example);
        if self.deadline.is_over() {
            self.over = Some(Over::late(self.deadline));
            return Ok(Some(self.deadline.told()));
        }
        self.calls.has_own_limit = false;
        self.calls.deadline = self.deadline;
        let shown = if let Engine::Shell(shell) = &mut self.engine {
            let Script {
                file, line, source, ..
            } = script;
            let ran = shell.script(file, *line, source, &mut self.calls)?;
            self.note_end();
            Some(ran.shown()).filter(|_| ran.code != 0)
        } else {
            let message = RunScript {
                script: &script.source,
                filename: &script.file.display().to_string(),
                line: script.line,
            };
            let done = self.ask(&message, limit)?;
            let exception = done.and_then(|done| Some((done.exception?, done.output)));
            exception.map(|(raised, output)| format!("{output}{}", raised.traceback))
        };
        let mut told: Vec<String> = std::mem::take(&mut self.calls.notes);
        told.extend(shown.map(|text| text.trim_end().to_owned()));
        told.extend(self.over().map(|over| over.words.clone()));
        self.calls.command_time = Duration::ZERO;
        self.calls.timeout = None;
        self.calls.is_late = false;
        Ok((!told.is_empty()).then(|| told.join("\n")))
    }

    /// After a shell has run: whether there is time for more.
    fn note_end(&mut self) {
        if self.interrupt.is_set() {
            self.over = Some(Over::new("interrupted".into(), Unrun::Interrupted));
        } else if self.deadline.is_over() {
            self.over = Some(Over::late(self.deadline));
        }
    }

    /// Runs an example, again as often as its options allow until it agrees. Returns
    /// what its captures bind.
    pub fn example(
        &mut self,
        entry: &mut ExampleReport,
        filename: &str,
        options: &OptionSet,
    ) -> io::Result<Vec<Captured>> {
        let attempts = options
            .count("RETRY")
            .map_or(1, |more| more.saturating_add(1));
        let mut pause = PAUSES.0;
        let captures = loop {
            let captures = self.attempt(entry, filename, options)?;
            let is_last = entry.attempts >= attempts || self.over.is_some();
            if entry.verdict == Verdict::Passed || is_last || self.pause(pause)? {
                break captures;
            }
            pause = (pause * 2).min(PAUSES.1);
        };
        if entry.attempts > 1 {
            let how = match entry.verdict {
                Verdict::Passed => "passed",
                _ => "failed still",
            };
            let attempt = entry.attempts;
            let note = format!("{how} at attempt {attempt} of {attempts}");
            entry.notes.push(note);
        }
        Ok(captures)
    }

    /// Waits. Returns whether there is no time for more.
    fn pause(&self, pause: Duration) -> io::Result<bool> {
        let end = Deadline::after(pause, Level::Example);
        while !end.is_over() && !self.interrupt.is_set() {
            let mut watched = [PollFd::new(self.interrupt.descriptor(), PollFlags::POLLIN)];
            wait(&mut watched, Some(end.left()))?;
        }
        Ok(self.interrupt.is_set() || self.deadline.is_over())
    }

    fn attempt(
        &mut self,
        entry: &mut ExampleReport,
        filename: &str,
        options: &OptionSet,
    ) -> io::Result<Vec<Captured>> {
        let start = Instant::now();
        let own_limit = options.duration("TIMEOUT");
        let limit = own_limit.unwrap_or(self.calls.limits.example);
        let limit = Deadline::since(start, limit, Level::Example);
        self.calls.has_own_limit = own_limit.is_some();
        self.calls.deadline = match own_limit {
            Some(_) => limit.or(self.deadline),
            None => self.deadline,
        };
        let source = &entry.example.source;
        let (actual, exit_code) = match entry.example.language {
            Language::Python => (self.ask(&Evaluate { source, filename }, limit)?, 0),
            Language::Shell => self.shell_example(&entry.example, options)?,
        };
        entry.start.get_or_insert(start);
        entry.attempts += 1;
        entry.duration += start.elapsed();
        entry.command_time += std::mem::take(&mut self.calls.command_time);
        entry.notes = std::mem::take(&mut self.calls.notes);
        entry.timeout = self.calls.timeout.take();
        let is_late = std::mem::take(&mut self.calls.is_late);
        entry.is_cut = actual.is_none();
        let actual = match (actual, &self.over) {
            (Some(actual), _) => actual,
            (None, over) => {
                if let Some(over) = over {
                    entry.timeout = over.late.map(|late| late.limit).or(entry.timeout);
                    if !entry.notes.iter().any(|note| note.starts_with(&over.words)) {
                        entry.notes.push(over.words.clone());
                    }
                }
                self.printed_so_far()?
            }
        };
        let mut captures = if entry.is_cut || is_late {
            None
        } else {
            captured(&entry.example.expected, &actual, &entry.rules)
        };
        if captures.is_some() && exit_code != 0 && !tells_exit_code(&entry.example) {
            // A wildcard at the end took it along with the rest.
            captures = None;
            let note =
                format!("exit code {exit_code}: write `<exit {exit_code}>` as the last line");
            entry.notes.push(note);
        }
        entry.verdict = if captures.is_some() {
            Verdict::Passed
        } else {
            Verdict::Failed
        };
        entry.actual = Some(actual);
        Ok(captures.unwrap_or_default())
    }

    /// Makes what an example captured known to those after it, and variables of
    /// their namespace.
    pub fn bind(
        &mut self,
        captures: Vec<Captured>,
        entry: &mut ExampleReport,
        scope: &mut Scope,
    ) -> io::Result<()> {
        if captures.is_empty() {
            return Ok(());
        }
        let pairs = captures.iter().map(|c| (c.name.clone(), c.value.clone()));
        entry.bindings = pairs.clone().collect();
        let known = Arc::make_mut(&mut scope.bound);
        for captured in &captures {
            let binding = Binding {
                value: captured.value.clone(),
                kind: captured.kind.clone(),
                line: entry.example.expected_line + captured.line,
            };
            known.insert(captured.name.clone(), binding);
        }
        if let Engine::Shell(shell) = &mut self.engine {
            pairs.for_each(|(name, value)| shell.bind(&name, &value));
            return Ok(());
        }
        let limit = Deadline::after(self.calls.limits.example, Level::Example);
        let message = Bind {
            bind: pairs.collect(),
        };
        // That it cannot go on shows at the next example.
        self.ask(&message, limit).map(|_| ())
    }

    /// Runs an example of a shell. Returns what came of it, `None` if there is no time
    /// for it, and its exit code.
    fn shell_example(
        &mut self,
        example: &Example,
        options: &OptionSet,
    ) -> io::Result<(Option<Actual>, i32)> {
        let Engine::Shell(shell) = &mut self.engine else {
            return Ok((None, 0));
        };
        if self.deadline.is_over() {
            self.over = Some(Over::late(self.deadline));
            return Ok((None, 0));
        }
        let start = Instant::now();
        let joined = (!options.or_default("KEEP_LF", true)).then(|| in_one_line(&example.source));
        let source = joined.as_deref().unwrap_or(example.source.trim_end());
        let ran = shell.example(source, &mut self.calls)?;
        self.calls.command_time += start.elapsed();
        let mut output = ran.shown();
        if ran.code == 0 && tells_exit_code(example) {
            output.push_str("<exit 0>\n");
        }
        if !ran.is_kept && self.calls.timeout.is_none() {
            let note = "the shell did not get to its end: its state is as before this example";
            self.calls.notes.push(note.into());
        }
        self.note_end();
        let exception = None;
        Ok((Some(Actual { output, exception }), ran.code))
    }

    /// What an example had printed that did not get to its end.
    fn printed_so_far(&self) -> io::Result<Actual> {
        let mut bytes = Vec::new();
        if let Ok(file) = File::open(self.sandbox.journal()) {
            file.take(self.calls.limits.output)
                .read_to_end(&mut bytes)?;
        }
        let mut output = text(&bytes);
        self.calls.secrets.hide_in_cut(&mut output);
        Ok(Actual {
            output,
            exception: None,
        })
    }

    /// Does what the worker asks until it is done. `None` if it never will be;
    /// `over` then says why.
    fn listen(&mut self, mut limit: Deadline) -> io::Result<Option<Actual>> {
        let mut grace = None;
        loop {
            let deadline = limit.or(self.deadline);
            let until = grace.unwrap_or(deadline.at);
            let Engine::Python(worker) = &mut self.engine else {
                return Ok(None);
            };
            match worker.hear(until, self.interrupt)? {
                Heard::Message(Message::Done { done }) => {
                    if self.deadline.is_over() {
                        self.over = Some(Over::late(self.deadline));
                    }
                    let mut actual = Actual::from(done);
                    self.calls.secrets.hide_in(&mut actual, CUT);
                    return Ok(Some(actual));
                }
                Heard::Message(Message::Call { call, arguments }) => {
                    let start = Instant::now();
                    let reply = self.calls.answer(&call, arguments);
                    let took = start.elapsed();
                    self.calls.command_time += took;
                    if !self.calls.has_own_limit {
                        // A command has a limit of its own.
                        limit = limit.later(took);
                    }
                    let deadline = limit.or(self.deadline);
                    if grace.is_none() && deadline.is_over() {
                        grace = Some(Deadline::after(GRACE, Level::Example).at);
                    }
                    let until = grace.unwrap_or(deadline.at);
                    if let Engine::Python(worker) = &mut self.engine {
                        worker.say(&reply, until, self.interrupt)?;
                    }
                }
                Heard::Message(Message::Names { .. }) => {}
                Heard::Ended(end) => {
                    self.over = Some(Over::new(end.to_string(), Unrun::Ended));
                    return Ok(None);
                }
                Heard::Timeout => {
                    self.over = Some(Over::late(deadline));
                    return Ok(None);
                }
                Heard::Interrupted => {
                    self.over = Some(Over::new("interrupted".into(), Unrun::Interrupted));
                    return Ok(None);
                }
            }
        }
    }

    /// What an example tells about names; nothing if the conversation is over.
    pub fn names(&mut self, source: &str) -> io::Result<Names> {
        let limit = Deadline::after(self.calls.limits.example, Level::Example).or(self.deadline);
        let message = Examine { examine: source };
        let Engine::Python(worker) = &mut self.engine else {
            // What commands tell each other is not seen.
            return Ok(Names::default());
        };
        worker.say(&message, limit.at, self.interrupt)?;
        match worker.hear(limit.at, self.interrupt)? {
            Heard::Message(Message::Names { names }) => Ok(names),
            // Whatever is wrong shows at the next example.
            _ => Ok(Names::default()),
        }
    }
}

/// Whether the last line of expected output is an exit code.
fn tells_exit_code(example: &Example) -> bool {
    let last = example.expected.trim_end().lines().last();
    last.is_some_and(|line| line.trim_start().starts_with("<exit "))
}

/// The lines of a source in one, without the directives, which are comments and
/// would hide what follows them.
fn in_one_line(source: &str) -> String {
    let bare = |line: &str| match line.rfind("# doctest:") {
        Some(at) => line[..at].trim_end().to_owned(),
        None => line.to_owned(),
    };
    let lines: Vec<String> = source.trim_end().lines().map(bare).collect();
    lines.join(" ")
}
