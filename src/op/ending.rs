//! How a run's process is brought to its end, by what the user does and by the
//! clock: an interrupt, a request to end, a time limit; first politely, later by
//! force.

use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use super::stop::{CHILDREN_GRACE, ORPHANS_GRACE, Tree};
use super::supervise::Remark;
use crate::base::process::Process;
use crate::runs::Run;

/// How long after a Ctrl-C the user is told what is waited for.
const INTERRUPT_NOTICE: Duration = Duration::from_secs(2);

/// Interrupts that come closer together than this are one: a program that
/// interrupts both this process and its group sends two.
const SAME_INTERRUPT: Duration = Duration::from_millis(250);

/// When an interrupt that another program sent is passed on. It may have been
/// for the whole group, and then a script that is still saving its work must not
/// get a second one at once.
const FORWARD_DELAY: Duration = Duration::from_secs(5);

/// When an interrupt that came before the process did is passed on.
const FORWARD_EARLY_DELAY: Duration = Duration::from_secs(1);

/// How long output is still read after everything was killed. Whoever holds it
/// open then cannot be found.
const OUTPUT_GRACE: Duration = Duration::from_secs(2);

/// How a run's process is on its way to an end.
pub(super) struct Ending<'a> {
    run: &'a Run,
    pid: i32,
    begun: Instant,
    /// How long a process may take to end when it was asked to.
    kill_delay: Duration,
    tell: &'a dyn Fn(Remark),
    state: State,
    // What is to be done when, in no order.
    schedule: Vec<(Instant, Step)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nobody asked.
    Running,
    /// Interrupted at this instant.
    Interrupted(Instant),
    /// Asked to end.
    Terminating,
    /// Killed.
    Killed,
    /// Killed, and its output is not waited for.
    Abandoned,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    ReachLimit,
    TellInterrupted,
    Forward,
    KillInterrupted,
    TerminateTree,
    KillTerminated,
    Abandon,
}

/// Where an interrupt came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Interrupt {
    /// The terminal, which interrupts all processes of the group.
    Terminal,
    /// Another program; the process may have it too or not.
    Program,
    /// Anyone, while the process was being started.
    Early,
}

impl<'a> Ending<'a> {
    /// The process `pid` of `run`, just started, with a time limit if it has one.
    pub(super) fn new(
        run: &'a Run,
        pid: i32,
        limit: Option<Duration>,
        kill_delay: Duration,
        tell: &'a dyn Fn(Remark),
    ) -> Self {
        let begun = Instant::now();
        // A limit too far away for the clock is none.
        let limit = limit.and_then(|limit| begun.checked_add(limit));
        Self {
            run,
            pid,
            begun,
            kill_delay,
            tell,
            state: State::Running,
            schedule: limit.map(|at| (at, Step::ReachLimit)).into_iter().collect(),
        }
    }

    /// When there is something to do next.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.schedule.iter().map(|(at, _)| *at).min()
    }

    /// Whether the end of output is not to be waited for.
    pub(super) fn is_abandoned(&self) -> bool {
        self.state == State::Abandoned
    }

    /// Whether everything was killed.
    pub(super) fn has_killed(&self) -> bool {
        matches!(self.state, State::Killed | State::Abandoned)
    }

    /// An interrupt arrived.
    pub(super) fn interrupt(&mut self, from: Interrupt) {
        let now = Instant::now();
        match self.state {
            State::Running => {
                self.state = State::Interrupted(now);
                self.schedule = vec![
                    (now + INTERRUPT_NOTICE, Step::TellInterrupted),
                    (now + self.kill_delay, Step::KillInterrupted),
                ];
                match from {
                    Interrupt::Terminal => {}
                    Interrupt::Program => self.plan(FORWARD_DELAY, Step::Forward),
                    Interrupt::Early => self.plan(FORWARD_EARLY_DELAY, Step::Forward),
                }
            }
            State::Interrupted(at) if now < at + SAME_INTERRUPT => {
                // Two in a row came from a program that has sent one to the group.
                self.schedule.retain(|(_, step)| *step != Step::Forward);
            }
            State::Interrupted(_) | State::Terminating => self.kill(),
            State::Killed | State::Abandoned => self.state = State::Abandoned,
        }
    }

    /// A request to end arrived.
    pub(super) fn request(&mut self) {
        if matches!(self.state, State::Running | State::Interrupted(_)) {
            (self.tell)(Remark::Ending(self.pid));
        }
        self.terminate();
    }

    /// The process is to end.
    fn terminate(&mut self) {
        if !matches!(self.state, State::Running | State::Interrupted(_)) {
            return;
        }
        self.state = State::Terminating;
        if let Some(process) = Process::find(self.pid) {
            // A process that cannot be signalled is killed later on.
            let _ = process.signal(Signal::SIGTERM);
        }
        let now = Instant::now();
        self.schedule = vec![
            (now + CHILDREN_GRACE, Step::TerminateTree),
            (now + self.kill_delay, Step::KillTerminated),
        ];
    }

    /// The process has gone; others may still hold its output open.
    pub(super) fn exited(&mut self) {
        match self.state {
            State::Running => self.schedule.retain(|(_, step)| *step == Step::ReachLimit),
            State::Terminating => {
                self.schedule
                    .retain(|(_, step)| *step != Step::TerminateTree);
                self.plan(ORPHANS_GRACE, Step::TerminateTree);
            }
            _ => {}
        }
    }

    /// Does what is due.
    pub(super) fn tick(&mut self) {
        let now = Instant::now();
        let due: Vec<Step> = self
            .schedule
            .iter()
            .filter(|(at, _)| *at <= now)
            .map(|(_, step)| *step)
            .collect();
        self.schedule.retain(|(at, _)| *at > now);
        for step in due {
            self.take(step);
        }
    }

    fn take(&mut self, step: Step) {
        let pid = self.pid;
        match step {
            Step::ReachLimit => {
                let minutes = self.begun.elapsed().as_secs_f64() / 60.0;
                self.info(format!(
                    "Stopping process early (pid {pid}) - {minutes:.1} minute(s) elapsed"
                ));
                self.terminate();
            }
            Step::TellInterrupted => {
                self.info("Operation interrupted - waiting for process to exit".to_string());
            }
            Step::Forward => {
                if let Some(process) = Process::find(pid) {
                    let _ = process.signal(Signal::SIGINT);
                }
            }
            Step::KillInterrupted => {
                self.warn("Operation process did not exit - stopping forcefully".to_string());
                self.kill();
            }
            Step::TerminateTree => self.tree().signal(Signal::SIGTERM),
            Step::KillTerminated => {
                self.warn(format!("Process did not terminate (pid {pid}), killing"));
                self.kill();
            }
            Step::Abandon => self.state = State::Abandoned,
        }
    }

    /// Kills the process and everything that came from it.
    pub(super) fn kill(&mut self) {
        self.tree().signal(Signal::SIGKILL);
        if let Some(process) = Process::find(self.pid) {
            let _ = process.signal(Signal::SIGKILL);
        }
        self.state = State::Killed;
        self.schedule.clear();
        self.plan(OUTPUT_GRACE, Step::Abandon);
    }

    /// What is left of the process and what came from it. Until its start is recorded,
    /// the run names the process that starts it, and perhaps others as well.
    fn tree(&self) -> Tree {
        Tree::rooted(self.run, Process::find(self.pid))
    }

    fn plan(&mut self, delay: Duration, step: Step) {
        self.schedule.push((Instant::now() + delay, step));
    }

    fn info(&self, text: String) {
        (self.tell)(Remark::Info(text));
    }

    fn warn(&self, text: String) {
        (self.tell)(Remark::Warning(text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // No process has this id, so that nothing here is ever signalled.
    const PID: i32 = i32::MAX;

    fn ending<'a>(run: &'a Run, tell: &'a dyn Fn(Remark)) -> Ending<'a> {
        Ending::new(run, PID, None, Duration::from_secs(30), tell)
    }

    fn steps(ending: &Ending<'_>) -> Vec<Step> {
        let mut schedule = ending.schedule.clone();
        schedule.sort_by_key(|(at, _)| *at);
        schedule.into_iter().map(|(_, step)| step).collect()
    }

    #[test]
    fn an_interrupt_from_the_terminal_is_not_passed_on() {
        let run = Run::at("/nowhere/r1");
        let mut ending = ending(&run, &|_| {});
        assert_eq!(ending.deadline(), None);
        ending.interrupt(Interrupt::Terminal);
        assert_eq!(
            steps(&ending),
            [Step::TellInterrupted, Step::KillInterrupted]
        );
    }

    #[test]
    fn one_from_a_program_is_unless_it_comes_twice_at_once() {
        let run = Run::at("/nowhere/r1");
        let mut ending = ending(&run, &|_| {});
        ending.interrupt(Interrupt::Program);
        assert!(steps(&ending).contains(&Step::Forward));
        ending.interrupt(Interrupt::Program);
        assert_eq!(
            steps(&ending),
            [Step::TellInterrupted, Step::KillInterrupted]
        );
        assert!(matches!(ending.state, State::Interrupted(_)));
    }

    #[test]
    fn a_second_interrupt_kills_and_a_third_does_not_wait() {
        let run = Run::at("/nowhere/r1");
        let mut ending = ending(&run, &|_| {});
        ending.state = State::Interrupted(Instant::now() - Duration::from_secs(1));
        ending.interrupt(Interrupt::Terminal);
        assert_eq!(steps(&ending), [Step::Abandon]);
        assert!(!ending.is_abandoned());
        ending.interrupt(Interrupt::Terminal);
        assert!(ending.is_abandoned());
    }

    #[test]
    fn a_limit_asks_the_process_to_end() {
        let run = Run::at("/nowhere/r1");
        let told = std::cell::RefCell::new(Vec::new());
        let tell = |remark: Remark| told.borrow_mut().push(remark);
        let limit = Some(Duration::ZERO);
        let mut ending = Ending::new(&run, PID, limit, Duration::from_secs(30), &tell);
        ending.tick();
        assert_eq!(steps(&ending), [Step::TerminateTree, Step::KillTerminated]);
        let text = "Stopping process early (pid 2147483647) - 0.0 minute(s) elapsed";
        assert_eq!(*told.borrow(), [Remark::Info(text.to_string())]);
        // Its descendants are asked soon after it has gone.
        ending.exited();
        assert!(ending.deadline().unwrap() < Instant::now() + Duration::from_secs(1));
    }
}
