//! Tests of the viewer without a terminal: keys go in, and screens come out.

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::layout::Size;
use ratatui::style::Modifier;

use super::draw::draw;
use super::grid::tests::grid;
use super::keys::Key;
use super::state::{Effect, Viewer};
use super::theme::Theme;
use super::*;

const LABELS: &[&str] = &["run", "operation", "status", "lr", "name", "loss"];

const ROWS: &[&str] = &[
    "[a1b2c3d4, train.py, completed, 0.1, 日本語, 0.333333]",
    "[b2c3d4e5, train.py, error, 0.01, null, null]",
    "[c3d4e5f6, resnet:train, running, 0.00001, 'e\u{301}te\u{301}', 12.5]",
    r#"[d4e5f6a7, train.py, completed, 1, "a\nb", 0.25]"#,
];

fn viewer(width: u16, height: u16) -> Viewer {
    let mut viewer = Viewer::new(Size::new(width, height));
    viewer.load(grid(LABELS, ROWS), Vec::new());
    viewer
}

/// Presses keys: letters, or names such as `<Enter>` and `<C-a>`.
fn press(viewer: &mut Viewer, keys: &str) -> Option<Effect> {
    let mut effect = None;
    let mut rest = keys;
    while let Some(first) = rest.chars().next() {
        let name = rest.strip_prefix('<').and_then(|rest| rest.split_once('>'));
        let (code, modifiers) = match name {
            Some((name, after)) if name.len() > 1 && !name.contains('<') => {
                rest = after;
                match name {
                    "Enter" => (KeyCode::Enter, KeyModifiers::NONE),
                    "Esc" => (KeyCode::Esc, KeyModifiers::NONE),
                    "Down" => (KeyCode::Down, KeyModifiers::NONE),
                    "Right" => (KeyCode::Right, KeyModifiers::NONE),
                    "PgUp" => (KeyCode::PageUp, KeyModifiers::NONE),
                    "PgDn" => (KeyCode::PageDown, KeyModifiers::NONE),
                    "Ins" => (KeyCode::Insert, KeyModifiers::NONE),
                    "BS" => (KeyCode::Backspace, KeyModifiers::NONE),
                    name => {
                        let letter = name.strip_prefix("C-").unwrap();
                        let letter = letter.chars().next().unwrap();
                        (KeyCode::Char(letter), KeyModifiers::CONTROL)
                    }
                }
            }
            _ => {
                rest = &rest[first.len_utf8()..];
                (KeyCode::Char(first), KeyModifiers::NONE)
            }
        };
        effect = viewer.key(Key::of(KeyEvent::new(code, modifiers)).unwrap());
    }
    effect
}

fn buffer(viewer: &mut Viewer) -> Buffer {
    let backend = TestBackend::new(viewer.size.width, viewer.size.height);
    let mut terminal = Terminal::new(backend).unwrap();
    let drawn = terminal.draw(|frame| draw(viewer, Theme::new(true), frame));
    drawn.unwrap().buffer.clone()
}

/// The lines of the screen, without blanks at their ends.
fn screen(viewer: &mut Viewer) -> Vec<String> {
    let buffer = buffer(viewer);
    let line = |y| {
        let mut line = String::new();
        let mut x = 0;
        while x < buffer.area.width {
            let symbol = buffer[(x, y)].symbol();
            line.push_str(symbol);
            x += u16::try_from(text::width(symbol).max(1)).unwrap();
        }
        line.trim_end().to_string()
    };
    (0..buffer.area.height).map(line).collect()
}

/// The run and the column that the cursor is on.
fn place(viewer: &Viewer) -> (String, String) {
    viewer.place().unwrap()
}

fn order(viewer: &Viewer) -> String {
    let runs = (0..viewer.rows.len()).filter_map(|at| viewer.rows.get(at));
    let ids = runs.map(|row| viewer.grid.rows()[row].run_id.clone());
    ids.collect::<Vec<_>>().join("")
}

#[test]
fn the_screen_is_a_table() {
    let mut viewer = viewer(80, 10);
    assert_eq!(
        screen(&mut viewer),
        [
            " run  a1b2c3d4",
            "  run       operation     status          lr  name         loss",
            "▸ a1b2c3d4  train.py      completed  0.1      日本語   0.333333",
            "  b2c3d4e5  train.py      error      0.01",
            "  c3d4e5f6  resnet:train  running    1.0e-05  e\u{301}te\u{301}     12.5",
            "  d4e5f6a7  train.py      completed  1        a\u{240a}b      0.25",
            "",
            "",
            " 4 runs                                                    row 1/4 · column 1/6",
            " ? keys   q quit   Enter details   / search   f filter   s sort   Space pick",
        ]
    );
}

#[test]
fn small_screens_show_the_most_important() {
    assert_eq!(
        screen(&mut viewer(30, 4)),
        [
            "  run       operation     sta…",
            "▸ a1b2c3d4  train.py      com…",
            "  b2c3d4e5  train.py      err…",
            " 4 runs  row 1/4 · column 1/6",
        ]
    );
    assert_eq!(screen(&mut viewer(12, 1)), ["▸ a1b2c3d4"]);
    assert_eq!(screen(&mut viewer(3, 2)), [" r…", "▸a…"]);
}

#[test]
fn no_size_is_too_small() {
    let keys = [
        "",
        "?",
        "?<PgDn>",
        "v",
        "v<Down><Down>",
        "/a",
        "/nothing",
        "floss <<Enter>",
        "<Enter>",
        "L",
        "$G",
        "FfNot there<Enter>",
        "xxxxxx",
        "'",
    ];
    for width in (0..8).chain([16, 23, 24, 25, 80, 300]) {
        for height in (0..10).chain([24]) {
            for keys in keys {
                let mut viewer = viewer(40, 12);
                press(&mut viewer, keys);
                viewer.resize(Size::new(width, height));
                buffer(&mut viewer);
                press(&mut viewer, "jl<PgDn>");
                buffer(&mut viewer);
            }
        }
    }
}

#[test]
fn the_cursor_moves_by_cells_pages_and_numbers() {
    let mut viewer = viewer(80, 10);
    let at = |viewer: &mut Viewer, keys: &str| {
        press(viewer, keys);
        let (run, column) = place(viewer);
        format!("{run} {column}")
    };
    assert_eq!(at(&mut viewer, "jl"), "2 operation");
    assert_eq!(at(&mut viewer, "<Down><Right>"), "3 status");
    assert_eq!(at(&mut viewer, "kh"), "2 operation");
    assert_eq!(at(&mut viewer, "G$"), "4 loss");
    assert_eq!(at(&mut viewer, "jl"), "4 loss");
    assert_eq!(at(&mut viewer, "g0"), "1 run");
    assert_eq!(at(&mut viewer, "kh"), "1 run");
    assert_eq!(at(&mut viewer, "3G"), "3 run");
    assert_eq!(at(&mut viewer, "5|"), "3 name");
    assert_eq!(at(&mut viewer, "^3l"), "3 lr");
    assert_eq!(at(&mut viewer, "99999999999999999999k"), "1 lr");
    assert_eq!(at(&mut viewer, "<C-e>"), "1 loss");
    assert_eq!(at(&mut viewer, "<C-a>"), "1 run");
    assert_eq!(at(&mut viewer, "L"), "1 loss");
    assert_eq!(at(&mut viewer, "H"), "1 run");
    assert_eq!(at(&mut viewer, "<PgDn>"), "4 run");
    assert_eq!(at(&mut viewer, "<PgUp>"), "1 run");
}

#[test]
fn the_cursor_goes_to_changes_and_to_a_place_remembered() {
    let mut viewer = viewer(80, 10);
    press(&mut viewer, "l]");
    assert_eq!(place(&viewer), ("3".to_string(), "operation".to_string()));
    press(&mut viewer, "]");
    assert_eq!(place(&viewer).0, "4");
    press(&mut viewer, "]<Ins>");
    assert_eq!(place(&viewer).0, "4");
    press(&mut viewer, "3[");
    assert_eq!(place(&viewer).0, "1");
    press(&mut viewer, "'");
    assert_eq!(place(&viewer), ("4".to_string(), "operation".to_string()));
    // Two empty cells side by side are no change.
    press(&mut viewer, "gj${");
    assert_eq!(place(&viewer).1, "lr");
    press(&mut viewer, "}");
    assert_eq!(place(&viewer).1, "name");
}

#[test]
fn long_tables_scroll() {
    let rows: Vec<String> = (1..=1000).map(|at| format!("[r{at}, {at}]")).collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let mut viewer = Viewer::new(Size::new(40, 10));
    viewer.load(grid(&["run", "n"], &rows), Vec::new());
    press(&mut viewer, "<PgDn>");
    assert_eq!(screen(&mut viewer)[2], "▸ r7        7");
    press(&mut viewer, "G");
    let shown = screen(&mut viewer);
    assert_eq!(shown[7], "▸ r1000  1000");
    assert_eq!(shown[8], " 1000 runs   row 1000/1000 · column 1/2");
    press(&mut viewer, "kk<PgUp>");
    assert_eq!(place(&viewer).0, "992");
    viewer.resize(Size::new(40, 5));
    assert!(
        screen(&mut viewer)
            .iter()
            .any(|line| line.starts_with("▸ r992"))
    );
}

#[test]
fn rows_are_sorted_by_the_column_of_the_cursor() {
    let mut viewer = viewer(80, 10);
    press(&mut viewer, "$s");
    assert_eq!(order(&viewer), "4132");
    assert!(screen(&mut viewer)[1].ends_with("loss▲"));
    press(&mut viewer, "S");
    assert_eq!(order(&viewer), "3142");
    assert!(screen(&mut viewer)[1].ends_with("loss▼"));
    press(&mut viewer, "03l2");
    assert_eq!(order(&viewer), "4123");
    press(&mut viewer, "1");
    assert_eq!(order(&viewer), "3214");
    press(&mut viewer, "o");
    assert_eq!(order(&viewer), "1234");
    press(&mut viewer, "0A");
    assert_eq!(order(&viewer), "4321");
}

#[test]
fn searches_go_on_while_the_user_types() {
    let mut viewer = viewer(80, 10);
    press(&mut viewer, "/TRAIN");
    assert_eq!(place(&viewer), ("1".to_string(), "operation".to_string()));
    press(&mut viewer, ":");
    assert!(screen(&mut viewer)[8].starts_with("search: TRAIN:   not there"));
    press(&mut viewer, "<BS>.<Enter>n");
    assert_eq!(place(&viewer).0, "2");
    press(&mut viewer, "nn");
    assert_eq!(place(&viewer).0, "1");
    assert!(screen(&mut viewer)[8].contains("past the bottom"));
    press(&mut viewer, "p");
    assert_eq!(place(&viewer).0, "4");
    press(&mut viewer, "\\resnet<Enter>");
    assert_eq!(place(&viewer).0, "3");
    press(&mut viewer, "\\comp<Enter>");
    assert_eq!(place(&viewer), ("1".to_string(), "status".to_string()));
    press(&mut viewer, "/zzz<Esc>");
    assert_eq!(place(&viewer), ("1".to_string(), "status".to_string()));
    press(&mut viewer, "/zzz<Enter>");
    assert!(screen(&mut viewer)[8].contains("'zzz' is not there"));
}

#[test]
fn filters_take_expressions_and_words() {
    let mut viewer = viewer(80, 10);
    press(&mut viewer, "Gfloss < 0.3<Enter>");
    assert_eq!(order(&viewer), "4");
    assert!(screen(&mut viewer)[8].starts_with(" 1 of 4 runs · filter: loss < 0.3"));
    press(&mut viewer, "F");
    assert_eq!(
        (order(&viewer).as_str(), place(&viewer).0.as_str()),
        ("1234", "4")
    );
    press(&mut viewer, "ferr<Enter>");
    assert_eq!(order(&viewer), "2");
    press(&mut viewer, "f<C-u>los < 1<Enter>");
    assert!(screen(&mut viewer)[8].contains("there is no column 'los'"));
    assert_eq!(order(&viewer), "2");
    press(&mut viewer, "<C-u><Enter>");
    assert_eq!(order(&viewer), "1234");
    press(&mut viewer, "fnowhere<Enter>");
    assert!(screen(&mut viewer)[8].contains("press F to show all"));
    assert_eq!(press(&mut viewer, "<Enter>"), None);
    press(&mut viewer, "jG$ y*F");
    assert_eq!(order(&viewer), "1234");
}

#[test]
fn picked_runs_are_told_in_the_end() {
    let mut viewer = viewer(80, 10);
    press(&mut viewer, "j  ");
    assert_eq!(viewer.picked_ids(), ["2", "3"]);
    assert_eq!(place(&viewer).0, "4");
    let shown = screen(&mut viewer);
    assert!(shown[3].starts_with("● b2c3d4e5") && shown[8].contains("2 picked"));
    press(&mut viewer, "t");
    assert_eq!(order(&viewer), "23");
    press(&mut viewer, "t*");
    assert_eq!(viewer.picked_ids().len(), 4);
    press(&mut viewer, "*");
    assert_eq!(viewer.picked_ids().len(), 0);
    press(&mut viewer, "g3 ");
    assert_eq!(viewer.picked_ids(), ["1", "2", "3"]);
}

#[test]
fn columns_are_hidden_moved_and_chosen() {
    let mut viewer = viewer(80, 10);
    let labels = |viewer: &Viewer| {
        let shown = (0..viewer.columns.count()).filter_map(|at| viewer.columns.get(at));
        shown
            .map(|view| view.label.as_str())
            .collect::<Vec<_>>()
            .join(" ")
    };
    press(&mut viewer, "lx");
    assert_eq!(labels(&viewer), "run status lr name loss");
    assert!(screen(&mut viewer)[8].contains("1 column hidden"));
    press(&mut viewer, "$(");
    assert_eq!(labels(&viewer), "run status lr loss name");
    press(&mut viewer, "03)");
    assert_eq!(labels(&viewer), "status lr loss run name");
    press(&mut viewer, "X");
    assert_eq!(viewer.columns.count(), 6);
    press(&mut viewer, "0v<Down> <Down> <Esc>");
    assert_eq!(viewer.columns.hidden(), 2);
    press(&mut viewer, "v");
    let shown = screen(&mut viewer);
    assert!(shown.iter().any(|line| line.contains("[ ] ")), "{shown:#?}");
    press(&mut viewer, "XG<Enter>");
    assert_eq!(viewer.column, 5);
    assert!(viewer.overlay.is_none());
}

#[test]
fn widths_of_columns_change() {
    let mut viewer = viewer(80, 10);
    press(&mut viewer, "l5C");
    assert!(screen(&mut viewer)[2].starts_with("▸ a1b2c3d4  trai…  completed"));
    press(&mut viewer, "-");
    assert!(screen(&mut viewer)[2].starts_with("▸ a1b2c3d4 trai… completed"));
    press(&mut viewer, "C+");
    assert!(screen(&mut viewer)[2].starts_with("▸ a1b2c3d4  train.py      completed"));
    press(&mut viewer, "4c");
    assert!(screen(&mut viewer)[2].starts_with("▸ a1b…  tra…  com…   0.1  日…   0.3…"));
    press(&mut viewer, "c");
    assert!(screen(&mut viewer)[2].starts_with("▸ a1b2c3d4  train.py"));
}

#[test]
fn what_only_the_program_can_do_comes_out() {
    let mut viewer = viewer(80, 10);
    let effects = [
        ("q", Effect::Quit),
        ("Q", Effect::Quit),
        ("<C-c>", Effect::Interrupt),
        ("<C-z>", Effect::Suspend),
        ("<C-l>", Effect::Redraw),
        ("r", Effect::Refresh),
        ("j<Enter>", Effect::Details("2".to_string())),
    ];
    for (keys, effect) in effects {
        assert_eq!(press(&mut viewer, keys), Some(effect), "{keys}");
    }
    let mark = |marked| {
        let run_id = "2".to_string();
        Some(Effect::Mark { run_id, marked })
    };
    assert_eq!(press(&mut viewer, "m"), mark(true));
    viewer.set_marked("2", true);
    assert!(screen(&mut viewer)[3].contains("train.py [marked]  error"));
    assert_eq!(press(&mut viewer, "u"), mark(false));
    let copied = |effect| match effect {
        Some(Effect::Copy { text, .. }) => text,
        other => panic!("{other:?}"),
    };
    assert_eq!(copied(press(&mut viewer, "lly")), "error");
    assert_eq!(copied(press(&mut viewer, "Y")), "2");
    assert_eq!(copied(press(&mut viewer, "  Y")), "2 3");
}

#[test]
fn prompts_and_pages_take_keys_for_themselves() {
    let mut viewer = viewer(80, 24);
    assert_eq!(press(&mut viewer, "/q"), None);
    assert_eq!(press(&mut viewer, "<C-c>"), None);
    assert!(viewer.prompt.is_none());
    press(&mut viewer, "?");
    let shown = screen(&mut viewer);
    assert!(shown[0].contains("╭ Keys ─"), "{shown:#?}");
    assert!(shown[1].contains("Move"));
    press(&mut viewer, "G");
    assert!(screen(&mut viewer).iter().any(|line| line.contains("C-c")));
    assert_eq!(press(&mut viewer, "q"), None);
    assert!(viewer.overlay.is_none());
    viewer.paste("qqq");
    press(&mut viewer, "f");
    viewer.paste("err\nq");
    press(&mut viewer, "<Enter>");
    assert_eq!(order(&viewer), "2");
}

#[test]
fn a_refresh_keeps_what_the_user_did() {
    let mut viewer = viewer(80, 10);
    press(&mut viewer, "$sjj f!error<BS><Enter>");
    press(&mut viewer, "F$floss > 0<Enter>xj ");
    let (before, picked) = (place(&viewer), viewer.picked_ids());
    let mut rows = ROWS.to_vec();
    rows[1] = "[b2c3d4e5, train.py, completed, 0.01, null, 0.01]";
    viewer.load(grid(LABELS, &rows), vec!["run b2c3d4e5 is odd".to_string()]);
    assert_eq!(order(&viewer), "2413");
    assert_eq!((place(&viewer), viewer.picked_ids()), (before, picked));
    assert!(screen(&mut viewer)[8].contains("1 warning about the runs: press `"));
    press(&mut viewer, "`");
    assert!(
        screen(&mut viewer)
            .join("\n")
            .contains("run b2c3d4e5 is odd")
    );
    viewer.fail("no such folder".to_string());
    assert!(screen(&mut viewer)[8].starts_with(" no such folder"));
    press(&mut viewer, "<Esc>");
    viewer.load(grid(&[], &[]), Vec::new());
    assert!(
        screen(&mut viewer)
            .join("\n")
            .contains("There are no such runs")
    );
    press(&mut viewer, "jl$Gsx v/x<Enter><Esc>");
    viewer.load(grid(LABELS, &rows), Vec::new());
    assert_eq!(viewer.columns.count(), 6);
}

#[test]
fn nothing_is_left_of_a_wide_character_that_a_page_covers_half() {
    let name = "日".repeat(40);
    let mut viewer = Viewer::new(Size::new(40, 10));
    viewer.load(grid(&["n"], &[&format!("[{name}]")]), Vec::new());
    for width in 30..40 {
        viewer.resize(Size::new(width, 10));
        press(&mut viewer, "40C?");
        let shown = screen(&mut viewer);
        for line in &shown[..8] {
            assert!(line.chars().any(|c| "│╭╰".contains(c)), "{shown:#?}");
        }
        press(&mut viewer, "q");
    }
}

#[test]
fn the_cell_of_the_cursor_stands_out_without_colours() {
    let mut viewer = viewer(80, 10);
    press(&mut viewer, "jl");
    let backend = TestBackend::new(80, 10);
    let mut terminal = Terminal::new(backend).unwrap();
    let drawn = terminal.draw(|frame| draw(&viewer, Theme::new(false), frame));
    let buffer = drawn.unwrap().buffer;
    assert!(buffer[(12, 3)].modifier.contains(Modifier::REVERSED));
    assert!(!buffer[(12, 2)].modifier.contains(Modifier::REVERSED));
    for cell in buffer.content() {
        assert_eq!(cell.fg, ratatui::style::Color::Reset);
        assert_eq!(cell.bg, ratatui::style::Color::Reset);
    }
}
