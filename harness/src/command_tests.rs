//! Commands that end, that do not, and that leave something behind.

use super::*;
use crate::processes;

fn run_line(line: &str, timeout: Duration, keep: u64) -> (Outcome, std::sync::Arc<Owner>) {
    let owner = Owner::new(std::sync::Arc::default());
    let command = Command {
        environment: vec![("PATH".into(), std::env::var("PATH").unwrap().into())],
        timeout,
        keep,
        ..Command::of_line(line.as_bytes(), Path::new("/"))
    };
    let reaper = Reaper::get().unwrap();
    let outcome = run(command, &owner, reaper, &Interrupt::new().unwrap()).unwrap();
    (outcome, owner)
}

const LONG: Duration = Duration::from_secs(60);

fn text(outcome: &Outcome) -> &str {
    std::str::from_utf8(&outcome.output).unwrap()
}

#[test]
fn output_in_order_and_exit_code() {
    let (outcome, owner) = run_line("echo a; echo b >&2; echo c; pwd; exit 3", LONG, 1 << 20);
    assert_eq!(text(&outcome), "a\nb\nc\n/\n");
    assert_eq!(outcome.code, 3);
    assert!(outcome.killed.is_none());
    assert!(owner.processes().is_empty());
}

#[test]
fn a_signal_is_a_negative_code() {
    assert_eq!(run_line("kill -9 $$", LONG, 1 << 20).0.code, -9);
}

#[test]
fn unset_variables_and_failures_end_the_shell() {
    assert_eq!(run_line("false; echo no", LONG, 1 << 20).0.code, 1);
    assert_ne!(run_line("echo $NOT_SET_AT_ALL", LONG, 1 << 20).0.code, 0);
}

#[test]
fn stdin_is_empty_and_the_session_is_new() {
    let (outcome, _) = run_line("cat; ps -o sid= -p $$; echo $$", LONG, 1 << 20);
    let numbers: Vec<&str> = text(&outcome).split_whitespace().collect();
    assert_eq!(numbers[0], numbers[1]);
}

#[test]
fn a_flood_is_cut() {
    let (outcome, _) = run_line("head -c 3000000 /dev/zero", LONG, 1000);
    assert_eq!(outcome.output.len(), 1000);
    assert_eq!(outcome.dropped, 2_999_000);
}

#[test]
fn a_timeout_kills_the_whole_tree() {
    let start = Instant::now();
    let line = "echo out; trap '' TERM; setsid sleep 98761 & (sleep 98762 &) ; sleep 98763";
    let (outcome, owner) = run_line(line, Duration::from_millis(300), 1 << 20);
    assert!(start.elapsed() < Duration::from_secs(3));
    assert_eq!((text(&outcome), outcome.code), ("out\n", -9));
    let killed = outcome.killed.unwrap().join("\n");
    for name in ["sleep 98761", "sleep 98762", "sleep 98763"] {
        assert!(killed.contains(name), "{killed}");
    }
    assert!(owner.processes().is_empty());
}

#[test]
fn a_survivor_that_holds_the_output_is_not_waited_for() {
    let start = Instant::now();
    let (outcome, owner) = run_line("setsid sleep 98764 & echo $!", LONG, 1 << 20);
    assert!(start.elapsed() < Duration::from_secs(10));
    let pid: i32 = text(&outcome).trim().parse().unwrap();
    assert!(owner.processes().iter().any(|process| process.pid == pid));
    assert_eq!(owner.kill().len(), 1);
    // Adopted by this process, and reaped at once.
    assert!(processes::find(pid).is_none_or(|process| process.parent != std::process::id() as i32));
}

#[test]
fn a_cleared_environment_does_not_hide_a_child() {
    let (outcome, owner) = run_line(
        "env -i sleep 98765 & env -i setsid sleep 98766",
        Duration::from_millis(200),
        1 << 20,
    );
    assert_eq!(outcome.killed.unwrap().len(), 3);
    assert!(owner.processes().is_empty());
}
