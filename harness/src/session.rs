//! The conversation with the worker of one spec: what it is told to run, what it
//! asks for meanwhile, and how long that may take.

use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags};

use crate::calls::Calls;
use crate::command::wait;
use crate::deadline::{Deadline, Level};
use crate::escape::text;
use crate::follows::Names;
use crate::interrupt::Interrupt;
use crate::matcher::{Actual, Binding, Captured, Scope, captured};
use crate::options::OptionSet;
use crate::protocol::{Bind, Evaluate, Examine, Message, SetUp};
use crate::sandbox::Sandbox;
use crate::verdict::{ExampleReport, Unrun, Verdict};
use crate::worker::{Heard, Worker};

/// How long an example may take to end by itself once a command of it was ended
/// for being late, so that what follows can still be run.
const GRACE: Duration = Duration::from_secs(1);

/// What starts the line that says how much of an output was cut.
const CUT: &str = "\n[output cut: ";

/// The waits between attempts of an example: the first, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));

/// The conversation with the worker of one spec.
pub(crate) struct Session<'a> {
    pub worker: Worker,
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
    pub fn new(worker: Worker, calls: Calls<'a>, sandbox: &'a Sandbox) -> Self {
        Session {
            interrupt: calls.interrupt,
            deadline: calls.deadline,
            worker,
            calls,
            sandbox,
            over: None,
        }
    }

    /// Why no more examples can be run.
    pub fn over(&self) -> Option<&Over> {
        self.over.as_ref()
    }

    /// Ends the worker.
    pub fn finish(&mut self) -> io::Result<()> {
        self.worker.finish(self.over.is_none())
    }

    /// Prepares the namespace. Returns what came of the prelude, `None` if the
    /// conversation is over.
    pub fn set_up(&mut self, message: &SetUp<'_>) -> io::Result<Option<Actual>> {
        let limit = Deadline::after(self.calls.limits.example, Level::Example);
        self.worker
            .say(message, limit.or(self.deadline).at, self.interrupt)?;
        self.listen(limit)
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
            let captures = self.attempt(entry, filename, options.duration("TIMEOUT"))?;
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
        own_limit: Option<Duration>,
    ) -> io::Result<Vec<Captured>> {
        let start = Instant::now();
        let limit = own_limit.unwrap_or(self.calls.limits.example);
        let limit = Deadline::since(start, limit, Level::Example);
        self.calls.has_own_limit = own_limit.is_some();
        self.calls.deadline = match own_limit {
            Some(_) => limit.or(self.deadline),
            None => self.deadline,
        };
        let message = Evaluate {
            source: &entry.example.source,
            filename,
        };
        self.worker
            .say(&message, limit.or(self.deadline).at, self.interrupt)?;
        let actual = self.listen(limit)?;
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
        let captures = if entry.is_cut || is_late {
            None
        } else {
            captured(&entry.example.expected, &actual, &entry.rules)
        };
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
        let limit = Deadline::after(self.calls.limits.example, Level::Example);
        let message = Bind {
            bind: pairs.collect(),
        };
        self.worker
            .say(&message, limit.or(self.deadline).at, self.interrupt)?;
        // That it cannot go on shows at the next example.
        self.listen(limit).map(|_| ())
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
            match self.worker.hear(until, self.interrupt)? {
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
                    self.worker.say(&reply, until, self.interrupt)?;
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
        self.worker.say(&message, limit.at, self.interrupt)?;
        match self.worker.hear(limit.at, self.interrupt)? {
            Heard::Message(Message::Names { names }) => Ok(names),
            // Whatever is wrong shows at the next example.
            _ => Ok(Names::default()),
        }
    }
}
