//! `harness run --watch`: runs specs again when what they depend on changes.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use notify::{RecommendedWatcher, RecursiveMode, Watcher};

use super::keys::{self, Key};
use super::rounds::Rounds;
use super::{Chosen, RunArgs};
use crate::cli::{FAULT, Stop, USAGE};
use crate::interrupt::Interrupt;
use crate::terminal::SingleKeys;
use crate::watch::{Inputs, affected, changes, may_be_new, roots};

/// How long nothing may happen before what happened is taken as one save.
const QUIET: Duration = Duration::from_millis(50);
/// The same for a program, which a linker writes in pieces.
const QUIET_PROGRAM: Duration = Duration::from_millis(200);
/// How many changed files are named.
const NAMED: usize = 3;

/// What the loop waits for.
enum Event {
    /// Something changed at these paths.
    Changed(Vec<PathBuf>),
    /// More changed than the system could tell.
    Lost,
    /// A key.
    Key(Key),
    /// The round has ended.
    Over,
}

impl From<notify::Error> for Stop {
    fn from(error: notify::Error) -> Self {
        Stop {
            message: format!("cannot watch: {error}"),
            code: FAULT,
        }
    }
}

/// Runs the specs, and those that changes are about again and again, until told to
/// end. Returns the exit code of the last round.
pub(super) fn watch(args: &RunArgs, interrupt: Arc<Interrupt>) -> Result<u8, Stop> {
    let (sender, events) = mpsc::channel();
    let told = sender.clone();
    let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        let event = match event {
            Ok(event) if event.need_rescan() => Event::Lost,
            Ok(event) => Event::Changed(changes(&event)),
            Err(_) => Event::Lost,
        };
        let is_nothing = matches!(&event, Event::Changed(paths) if paths.is_empty());
        if !is_nothing {
            // The loop may have ended.
            let _ = told.send(event);
        }
    })?;
    let terminal = SingleKeys::prepare();
    let pressed = sender.clone();
    keys::listen(interrupt, terminal.is_some(), move |key| {
        pressed.send(Event::Key(key)).is_ok()
    })?;
    let mut watch = Watch {
        args,
        events,
        sender,
        watcher,
        folders: BTreeSet::new(),
        inputs: Vec::new(),
        changed: BTreeSet::new(),
        again: BTreeSet::new(),
        all: true,
        is_over: false,
        has_keys: terminal.is_some(),
        has_told: false,
    };
    watch.run()
}

struct Watch<'a> {
    args: &'a RunArgs,
    events: Receiver<Event>,
    sender: Sender<Event>,
    watcher: RecommendedWatcher,
    /// Those that are watched.
    folders: BTreeSet<PathBuf>,
    /// Those of every spec that was chosen last.
    inputs: Vec<Inputs>,
    /// What changed and was not yet acted upon.
    changed: BTreeSet<PathBuf>,
    /// The specs of a round that was cut short.
    again: BTreeSet<PathBuf>,
    /// Whether every spec is to run.
    all: bool,
    /// Whether the user wants no more.
    is_over: bool,
    has_keys: bool,
    /// Whether it was told what is waited for.
    has_told: bool,
}

impl Watch<'_> {
    fn run(&mut self) -> Result<u8, Stop> {
        let chosen = self.choose()?;
        let mut code = self.round(chosen)?;
        while !self.is_over {
            // What came in while a round ran is not waited for again.
            if self.changed.is_empty() && self.again.is_empty() && !self.all {
                self.wait();
            }
            code = match self.due() {
                Some(chosen) => self.round(chosen)?,
                None => code,
            };
        }
        Ok(code)
    }

    /// Waits until there are specs to run, or the end.
    fn due(&mut self) -> Option<Chosen> {
        loop {
            self.settle();
            if self.is_over {
                return None;
            }
            let unfinished = |path: &&PathBuf| self.inputs.iter().any(|i| i.has_unfinished(path));
            let unfinished = self.changed.iter().find(unfinished);
            match unfinished.filter(|_| !self.all).cloned() {
                Some(program) => tell(&format!(
                    "waiting for {}, which is not an executable file now",
                    shown(&program)
                )),
                None => {
                    let names = self.names();
                    match self.choose() {
                        Ok(chosen) if chosen.work.is_empty() => {}
                        Ok(chosen) => {
                            if !names.is_empty() {
                                tell(&format!("changed: {names}"));
                            }
                            return Some(chosen);
                        }
                        // What changed stays, for when this is mended.
                        Err(stop) => tell(&stop.message),
                    }
                }
            }
            self.wait();
        }
    }

    /// Chooses specs as a run does, and leaves those that are due.
    fn choose(&mut self) -> Result<Chosen, Stop> {
        self.watch_folders(roots(&self.args.select.paths));
        let mut chosen = Chosen::find(self.args)?;
        let mut now: Vec<Inputs> = Vec::with_capacity(chosen.work.len());
        for work in &chosen.work {
            let mut inputs = Inputs::of(&work.found, &work.setting);
            let is_same = |before: &&Inputs| before.spec == inputs.spec;
            if let (Err(_), Some(before)) =
                (&work.found.spec, self.inputs.iter().find(is_same).cloned())
            {
                inputs.merge(&before);
            }
            now.push(inputs);
        }
        self.watch_folders(now.iter().flat_map(Inputs::watched).collect());
        if !self.all {
            let mut due = affected(&self.inputs, &now, &self.changed);
            due.append(&mut self.again);
            chosen.work.retain(|work| due.contains(&work.found.path));
        }
        self.inputs = now;
        self.changed.clear();
        self.again.clear();
        self.all = false;
        Ok(chosen)
    }

    /// Watches these folders besides those that are watched. One that has gone
    /// is of no interest.
    fn watch_folders(&mut self, folders: BTreeSet<PathBuf>) {
        self.folders.retain(|folder| folder.is_dir());
        for folder in folders {
            if !self.folders.contains(&folder) {
                match self.watcher.watch(&folder, RecursiveMode::NonRecursive) {
                    Ok(()) => {
                        self.folders.insert(folder);
                    }
                    Err(error) if folder.is_dir() => tell(&format!("cannot watch: {error}")),
                    Err(_) => {}
                }
            }
        }
    }

    /// Runs specs until they are done, or there is a reason to start again.
    fn round(&mut self, chosen: Chosen) -> Result<u8, Stop> {
        let Chosen {
            work,
            left_out,
            history,
        } = chosen;
        let reports = self.args.reports(&work)?;
        let is_dropped = AtomicBool::new(false);
        let flight = Interrupt::new()?;
        let rounds = Rounds {
            args: self.args,
            work: &work,
            left_out: &left_out,
            skips: None,
            is_dropped: &is_dropped,
        };
        self.has_told = false;
        let over = Over(self.sender.clone());
        let ended = thread::scope(|scope| {
            let (rounds, interrupt) = (&rounds, &flight);
            let run = scope.spawn(move || {
                let _over = over;
                rounds.run(interrupt, history, reports)
            });
            while let Ok(event) = self.events.recv() {
                if matches!(event, Event::Over) {
                    break;
                }
                if self.take(event) {
                    is_dropped.store(!self.is_over, Ordering::SeqCst);
                    flight.trigger();
                }
            }
            run.join()
        });
        if is_dropped.load(Ordering::SeqCst) {
            self.again = work.into_iter().map(|work| work.found.path).collect();
        }
        match ended {
            Ok(code) => code,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }

    /// Takes note of an event. Returns whether specs that run should run no more.
    fn take(&mut self, event: Event) -> bool {
        match event {
            Event::Changed(paths) => {
                let is_input = |path: &PathBuf| self.inputs.iter().any(|one| one.has(path));
                let ends = paths.iter().any(is_input);
                let matter = paths.into_iter().filter(|p| is_input(p) || may_be_new(p));
                self.changed.extend(matter.collect::<Vec<_>>());
                ends
            }
            Event::Lost | Event::Key(Key::Again) => {
                self.all = true;
                true
            }
            Event::Key(Key::End) => {
                self.is_over = true;
                true
            }
            Event::Over => false,
        }
    }

    /// Waits until something has happened that may matter.
    fn wait(&mut self) {
        if !std::mem::replace(&mut self.has_told, true) {
            self.tell_watching();
        }
        let before = self.changed.len();
        while self.changed.len() == before && !self.all && !self.is_over {
            match self.events.recv() {
                // Of a program that is awaited, the change is known already.
                Ok(event) => {
                    if self.take(event) {
                        return;
                    }
                }
                // Not while there is a sender in this very struct.
                Err(_) => self.is_over = true,
            }
        }
    }

    /// Waits until nothing has happened for a while.
    fn settle(&mut self) {
        loop {
            let is_program = |path: &PathBuf| self.inputs.iter().any(|i| i.has_program(path));
            let quiet = match self.changed.iter().any(is_program) {
                true => QUIET_PROGRAM,
                false => QUIET,
            };
            match self.events.recv_timeout(quiet) {
                Ok(event) => {
                    self.take(event);
                }
                Err(RecvTimeoutError::Timeout) => return,
                Err(RecvTimeoutError::Disconnected) => self.is_over = true,
            }
            if self.is_over {
                return;
            }
        }
    }

    /// The files that changed, a few by name.
    fn names(&self) -> String {
        let is_input = |path: &&PathBuf| self.inputs.iter().any(|one| one.has(path));
        let (known, new): (Vec<&PathBuf>, Vec<&PathBuf>) =
            self.changed.iter().partition(|path| is_input(path));
        let of = if known.is_empty() { new } else { known };
        let mut names: Vec<String> = of.iter().take(NAMED).map(|path| shown(path)).collect();
        if of.len() > NAMED {
            names.push(format!("{} more", of.len() - NAMED));
        }
        names.join(", ")
    }

    fn tell_watching(&self) {
        let count = self.inputs.len();
        let plural = if count == 1 { "" } else { "s" };
        let how = match self.has_keys {
            true => "q quits, Enter runs all again",
            false => "SIGINT or SIGTERM ends it",
        };
        // With no standard error there is nobody to tell.
        let _ = writeln!(io::stderr(), "watching {count} spec{plural}; {how}");
    }
}

/// Tells of the end of a round, however it ends.
struct Over(Sender<Event>);

impl Drop for Over {
    fn drop(&mut self) {
        // The loop outlives the round.
        let _ = self.0.send(Event::Over);
    }
}

/// Refuses what cannot be done again and again.
pub(super) fn refuse(args: &RunArgs) -> Result<(), Stop> {
    if args.output.report.iter().any(|report| report.is_output()) {
        return Err(Stop {
            message: "--watch writes reports to files, not to standard output".into(),
            code: USAGE,
        });
    }
    Ok(())
}

fn tell(message: &str) {
    // With no standard error there is nobody to tell.
    let _ = writeln!(io::stderr(), "harness: {message}");
}

/// A path from the current folder, where it is below it.
fn shown(path: &Path) -> String {
    let current = std::env::current_dir().and_then(|folder| folder.canonicalize());
    let below = current.ok().and_then(|folder| {
        let below = path.strip_prefix(folder).ok()?;
        Some(below.display().to_string())
    });
    below.unwrap_or_else(|| path.display().to_string())
}
