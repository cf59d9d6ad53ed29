//! The viewer of `guild compare` in a real terminal: tmux starts the program on
//! generated runs, presses keys, changes the size of the screen, and tells what is
//! on it.
//!
//! Without tmux the tests say that they are skipped, unless `TMUX_REQUIRED` is set.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::print_stderr, reason = "a skipped test says so")]

mod runs;
mod terminal;

use terminal::{PROMPT, Terminal};

/// Four runs, compared on a screen of 120 columns and 24 lines.
fn four_runs() -> Option<(tempfile::TempDir, Terminal)> {
    let dir = runs::folder();
    runs::write_four(dir.path());
    let terminal = Terminal::open(120, 24, dir.path())?;
    terminal.run("guild compare; echo left with $?");
    terminal.wait_for("4 runs");
    Some((dir, terminal))
}

/// The lines of rows, in order: the numbers of runs and whether the cursor is there.
fn rows(screen: &str) -> Vec<(usize, bool)> {
    let rows = screen.lines().filter_map(|line| {
        let id: String = line.chars().skip(2).take(8).collect();
        let number = id.parse().ok()?;
        Some((number, line.starts_with('▸')))
    });
    rows.collect()
}

fn numbers(screen: &str) -> Vec<usize> {
    rows(screen).into_iter().map(|(number, _)| number).collect()
}

/// Waits until the rows are these runs, in this order.
fn wait_for_rows(terminal: &Terminal, expected: &[usize]) -> String {
    let what = format!("the rows {expected:?}");
    terminal.wait_until(&what, |screen| numbers(screen) == expected)
}

/// Leaves, and waits for the shell.
fn leave(terminal: &Terminal) -> String {
    terminal.press(&["q"]);
    terminal.wait_for("left with 0")
}

#[test]
fn runs_are_rows_that_line_up() {
    let Some((_dir, terminal)) = four_runs() else {
        return;
    };
    let screen = wait_for_rows(&terminal, &[4, 3, 2, 1]);
    let line = |at: usize| screen.lines().nth(at).unwrap().trim_end();
    assert_eq!(line(0), " run  00000004");
    assert!(
        line(1).starts_with("  run       operation  started"),
        "{screen}"
    );
    // What is wide, what combines and what would steer the terminal moves nothing.
    let label = "東京 \u{241b}[2J\u{2407}\u{240a}BEL";
    assert!(line(4).contains(label), "{screen}");
    assert!(line(4).contains("日本語 e\u{301}"), "{screen}");
    let ends: Vec<&str> = [2, 4, 5]
        .into_iter()
        .map(|at| line(at).rsplit(' ').next().unwrap())
        .collect();
    assert_eq!(ends, ["12.25", "0.125", "0.5"]);
    leave(&terminal);
}

#[test]
fn keys_sort_search_and_filter() {
    let Some((_dir, terminal)) = four_runs() else {
        return;
    };
    terminal.press(&["$", "s"]);
    wait_for_rows(&terminal, &[2, 1, 4, 3]);
    terminal.press(&["S"]);
    let screen = wait_for_rows(&terminal, &[4, 1, 2, 3]);
    assert!(screen.contains("loss▼"), "{screen}");
    terminal.press(&["o"]);
    wait_for_rows(&terminal, &[4, 3, 2, 1]);
    terminal.press(&["/"]);
    terminal.type_in("THIRD OF");
    terminal.wait_for("search: THIRD OF");
    terminal.press(&["Enter"]);
    terminal.wait_for(" label  third of them");
    terminal.press(&["f"]);
    terminal.type_in("loss < 1 and status = completed");
    terminal.press(&["Enter"]);
    wait_for_rows(&terminal, &[2, 1]);
    terminal.wait_for("2 of 4 runs · filter: loss < 1 and status = completed");
    terminal.press(&["F"]);
    wait_for_rows(&terminal, &[4, 3, 2, 1]);
    terminal.press(&["f"]);
    terminal.type_in("東京");
    terminal.press(&["Enter"]);
    wait_for_rows(&terminal, &[2]);
    leave(&terminal);
}

#[test]
fn details_help_and_columns_lie_over_the_table() {
    let Some((_dir, terminal)) = four_runs() else {
        return;
    };
    terminal.press(&["j", "j", "Enter"]);
    terminal.wait_until("details of run 2", |screen| {
        let title = format!("Run {}", runs::id(2));
        let texts = [
            "operation: train.py",
            "status: completed",
            "flags:",
            "lr: 0.01",
        ];
        screen.contains(&title) && texts.iter().all(|text| screen.contains(text))
    });
    terminal.press(&["End"]);
    terminal.wait_for("loss: 0.125000 (step 20)");
    terminal.press(&["q", "?"]);
    terminal.wait_for("Keys");
    terminal.press(&["G"]);
    terminal.wait_for("Quit and print nothing");
    terminal.press(&["Escape", "v"]);
    terminal.wait_for("[x] operation");
    terminal.press(&["Down", "Space"]);
    terminal.wait_for("[ ] operation");
    terminal.press(&["q"]);
    let screen = terminal.wait_for("1 column hidden");
    assert!(!screen.contains("train.py"), "{screen}");
    terminal.press(&["X"]);
    terminal.wait_for("train.py");
    leave(&terminal);
}

#[test]
fn picked_runs_are_printed_and_the_terminal_is_as_it_was() {
    let Some((_dir, terminal)) = four_runs() else {
        return;
    };
    terminal.press(&["Space", "j", "Space"]);
    terminal.wait_for("2 picked");
    let screen = leave(&terminal);
    let printed = format!("{}\n{}\nleft with 0", runs::id(4), runs::id(2));
    assert!(screen.contains(&printed), "{screen}");
    // The screen is the shell's again, and so is the keyboard.
    assert!(screen.contains("guild compare; echo"), "{screen}");
    wait_for_shell_modes(&terminal);
}

/// Waits until the terminal has the modes that a shell gives to programs.
fn wait_for_shell_modes(terminal: &Terminal) {
    terminal.run("stty -a | tr ' ' '\\n' | grep -xE 'icanon|echo|isig' | sort | paste -sd+");
    terminal.wait_for("\necho+icanon+isig");
}

#[test]
fn marks_are_written_and_runs_read_again() {
    let Some((dir, terminal)) = four_runs() else {
        return;
    };
    let marked = runs::run_dir(dir.path(), 4).join(".guild/attrs/marked");
    terminal.press(&["m"]);
    terminal.wait_for("train.py [marked]");
    assert!(marked.exists());
    terminal.press(&["u"]);
    terminal.wait_for("Unmarked");
    assert!(!marked.exists());
    // One run goes, one comes, and one is told apart by another label.
    terminal.press(&["$", "s"]);
    wait_for_rows(&terminal, &[2, 1, 4, 3]);
    std::fs::remove_dir_all(runs::run_dir(dir.path(), 3)).unwrap();
    let fifth = runs::write(dir.path(), 5, Default::default(), "the fifth");
    runs::log_loss(&fifth, 1, 0.25);
    let label = runs::run_dir(dir.path(), 1).join(".guild/attrs/label");
    std::fs::write(label, "renamed").unwrap();
    terminal.press(&["r"]);
    let screen = wait_for_rows(&terminal, &[2, 5, 1, 4]);
    assert!(
        screen.contains("renamed") && screen.contains("the fifth"),
        "{screen}"
    );
    terminal.press(&["R"]);
    terminal.wait_for("every few seconds");
    std::fs::remove_dir_all(runs::run_dir(dir.path(), 5)).unwrap();
    wait_for_rows(&terminal, &[2, 1, 4]);
    leave(&terminal);
}

#[test]
fn cells_and_ids_are_copied() {
    let Some((_dir, terminal)) = four_runs() else {
        return;
    };
    let copied = |text: &str| {
        terminal.wait_until("a copy", |_| terminal.clipboard().as_deref() == Some(text));
    };
    terminal.press(&["G", "$", "y"]);
    terminal.wait_for("Copied 0.5");
    copied("0.5");
    terminal.press(&["g", "Space", "Space", "Y"]);
    copied(&format!("{} {}", runs::id(4), runs::id(3)));
    terminal.press(&["C-c"]);
    terminal.wait_for_prompts(2);
    terminal.run("echo ended with $?");
    terminal.wait_for("ended with 130");
}

#[test]
fn any_size_will_do() {
    let Some((_dir, terminal)) = four_runs() else {
        return;
    };
    for overlay in ["", "?", "v", "Enter", "/", "f"] {
        if !overlay.is_empty() {
            terminal.press(&[overlay]);
        }
        for (columns, lines) in [
            (80, 24),
            (40, 8),
            (20, 3),
            (2, 2),
            (1, 1),
            (300, 1),
            (1, 60),
        ] {
            terminal.resize(columns, lines);
            terminal.press(&["Down", "Up"]);
        }
        terminal.resize(80, 24);
        terminal.press(&["Escape"]);
        wait_for_rows(&terminal, &[4, 3, 2, 1]);
    }
    let screen = terminal.wait_for("? keys   q quit");
    assert_eq!(screen.lines().count(), 24);
    terminal.resize(60, 5);
    let screen = wait_for_rows(&terminal, &[4, 3, 2]);
    assert!(screen.contains("row 1/4"), "{screen}");
    leave(&terminal);
}

#[test]
fn signals_end_it_and_give_the_terminal_back() {
    let dir = runs::folder();
    runs::write_four(dir.path());
    let Some(terminal) = Terminal::open(120, 24, dir.path()) else {
        return;
    };
    for (signal, code) in [("TERM", 143), ("INT", 130), ("HUP", 129)] {
        terminal.run("clear; guild compare");
        terminal.wait_for("4 runs");
        terminal.signal_foreground(signal);
        // That before the command was cleared away.
        terminal.wait_for_prompts(1);
        terminal.run("echo ended with $?");
        terminal.wait_for(&format!("ended with {code}"));
        wait_for_shell_modes(&terminal);
    }
}

#[test]
fn charts_that_are_watched_give_the_terminal_back() {
    let dir = runs::folder();
    for number in 1..=300 {
        let run = runs::write(dir.path(), number, guild::base::yaml::Map::new(), "");
        runs::log_loss(&run, 1, 0.5);
        runs::log_loss(&run, 2, 0.25);
        // Watched for as long as it may log more.
        std::fs::write(run.dir().join(".guild/PENDING"), "").unwrap();
    }
    let Some(terminal) = Terminal::open(100, 30, dir.path()) else {
        return;
    };
    for signals in [&["TERM"] as &[&str], &["HUP"], &["INT"], &["INT", "INT"]] {
        terminal.run("clear; guild runs plot : -s loss --watch");
        terminal.wait_for("loss");
        assert!(terminal.has_other_screen());
        for signal in signals {
            terminal.signal_foreground(signal);
        }
        terminal.wait_until("the prompt", |screen| screen.trim_end().ends_with(PROMPT));
        assert!(!terminal.has_other_screen(), "{signals:?}");
        wait_for_shell_modes(&terminal);
    }
}

#[test]
fn the_shell_stops_it_and_lets_it_go_on() {
    let Some((_dir, terminal)) = four_runs() else {
        return;
    };
    for _ in 0..2 {
        terminal.press(&["j", "C-z"]);
        let screen = terminal.wait_for("Stopped");
        assert!(!screen.contains("4 runs"), "{screen}");
        terminal.run("echo at the $((1 + 1))nd prompt");
        terminal.wait_for("at the 2nd prompt");
        terminal.run("clear; fg");
        terminal.wait_for("4 runs");
    }
    let screen = wait_for_rows(&terminal, &[4, 3, 2, 1]);
    assert_eq!(rows(&screen)[2], (2, true));
    // A stop that cannot be noticed: the shell has changed the terminal meanwhile.
    terminal.signal_foreground("STOP");
    terminal.wait_for("Stopped");
    terminal.run("clear; fg");
    terminal.wait_for("4 runs");
    terminal.press(&["j"]);
    terminal.wait_until("the cursor at run 1", |screen| {
        rows(screen).contains(&(1, true))
    });
    leave_stopped_once(&terminal);
}

/// The `echo` behind a command is not for one that was stopped.
fn leave_stopped_once(terminal: &Terminal) {
    terminal.press(&["q"]);
    terminal.wait_for(PROMPT);
}

#[test]
fn ten_thousand_runs_of_sixty_columns_are_at_hand() {
    let dir = runs::folder();
    runs::write_many(dir.path(), 10_000, 54);
    let Some(terminal) = Terminal::open(80, 24, dir.path()) else {
        return;
    };
    terminal.run("guild compare; echo left with $?");
    terminal.wait_for("10000 runs");
    terminal.press(&["G"]);
    terminal.wait_for("row 10000/10000 · column 1/60");
    terminal.press(&["$"]);
    let screen = terminal.wait_for("column 60/60");
    assert!(rows(&screen).contains(&(1, true)), "{screen}");
    assert!(screen.contains("f53"), "{screen}");
    terminal.press(&["0", "a", "g"]);
    terminal.wait_until("run 1 first", |screen| {
        rows(screen).first() == Some(&(1, true))
    });
    terminal.press(&["/"]);
    terminal.type_in("number 7777");
    terminal.press(&["Enter"]);
    terminal.wait_for(" label  run number 7777");
    terminal.press(&["f"]);
    terminal.type_in("f00 = 7 and f01 > 3");
    terminal.press(&["Enter"]);
    terminal.wait_for("of 10000 runs");
    leave(&terminal);
}

#[test]
fn without_colours_there_are_none() {
    let dir = runs::folder();
    runs::write_four(dir.path());
    let Some(terminal) = Terminal::open(120, 24, dir.path()) else {
        return;
    };
    let coloured = |looks: &str| looks.contains("[38;") || looks.contains(";38;");
    for (variables, expected) in [("", true), ("NO_COLOR=1", false)] {
        terminal.run(&format!("clear; {variables} guild compare"));
        terminal.wait_for("4 runs");
        assert_eq!(coloured(&terminal.screen_with_looks()), expected);
        terminal.press(&["q"]);
        terminal.wait_for_prompts(1);
    }
}

#[test]
fn where_there_is_no_screen_the_table_is_printed() {
    let dir = runs::folder();
    runs::write_four(dir.path());
    let Some(terminal) = Terminal::open(120, 24, dir.path()) else {
        return;
    };
    for command in [
        "TERM=dumb guild compare",
        "guild compare | cat -v",
        "env -u TERM guild compare",
    ] {
        terminal.run(&format!("clear; {command}; echo printed with $?"));
        let screen = terminal.wait_for("printed with 0");
        let at_the_edge = screen
            .lines()
            .filter(|line| line.starts_with("0000000"))
            .count();
        assert_eq!(at_the_edge, 4, "{screen}");
    }
}
