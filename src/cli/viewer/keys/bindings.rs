//! Which key does what. The same table is the help.

use ratatui::crossterm::event::KeyCode;

use super::{Command, Section, bind, ctrl, key, letter};

/// All bindings, in the order of the help.
pub const SECTIONS: &[Section] = &[
    Section {
        title: "Move",
        bindings: &[
            bind(
                Command::Up,
                &[key(KeyCode::Up), letter('k')],
                "Up k",
                "Row above; with a number before it, so many rows",
            ),
            bind(
                Command::Down,
                &[key(KeyCode::Down), letter('j')],
                "Down j",
                "Row below",
            ),
            bind(
                Command::Left,
                &[key(KeyCode::Left), letter('h')],
                "Left h",
                "Column to the left",
            ),
            bind(
                Command::Right,
                &[key(KeyCode::Right), letter('l')],
                "Right l",
                "Column to the right",
            ),
            bind(
                Command::PageUp,
                &[key(KeyCode::PageUp), letter('K'), ctrl('b')],
                "PgUp K",
                "Page up",
            ),
            bind(
                Command::PageDown,
                &[key(KeyCode::PageDown), letter('J'), ctrl('f')],
                "PgDn J",
                "Page down",
            ),
            bind(Command::PageLeft, &[letter('H')], "H", "Page to the left"),
            bind(Command::PageRight, &[letter('L')], "L", "Page to the right"),
            bind(Command::Top, &[letter('g')], "g", "First row"),
            bind(
                Command::Row,
                &[letter('G')],
                "G",
                "Last row; with a number, that row",
            ),
            bind(
                Command::FirstColumn,
                &[key(KeyCode::Home), letter('0'), letter('^'), ctrl('a')],
                "Home 0 ^ C-a",
                "First column",
            ),
            bind(
                Command::LastColumn,
                &[key(KeyCode::End), letter('$'), ctrl('e')],
                "End $ C-e",
                "Last column",
            ),
            bind(
                Command::Column,
                &[letter('|')],
                "|",
                "First column; with a number, that column",
            ),
            bind(
                Command::LastRowChange,
                &[letter('[')],
                "[",
                "Up to where the value of the column changes",
            ),
            bind(
                Command::NextRowChange,
                &[letter(']')],
                "]",
                "Down to where the value of the column changes",
            ),
            bind(
                Command::LastColumnChange,
                &[letter('{')],
                "{",
                "Left to where the value of the row changes",
            ),
            bind(
                Command::NextColumnChange,
                &[letter('}')],
                "}",
                "Right to where the value of the row changes",
            ),
            bind(
                Command::Remember,
                &[key(KeyCode::Insert)],
                "Insert",
                "Remember this place",
            ),
            bind(
                Command::Recall,
                &[key(KeyCode::Delete), letter('\'')],
                "Delete '",
                "Back to the place remembered",
            ),
        ],
    },
    Section {
        title: "Sort",
        bindings: &[
            bind(
                Command::Sort,
                &[letter('s')],
                "s",
                "By the column, lowest first",
            ),
            bind(
                Command::SortDescending,
                &[letter('S')],
                "S",
                "By the column, highest first",
            ),
            bind(
                Command::SortNumbers,
                &[letter('1'), letter('#')],
                "1 #",
                "By the numbers in the column, lowest first",
            ),
            bind(
                Command::SortNumbersDescending,
                &[letter('2'), letter('!'), letter('@')],
                "2 ! @",
                "By the numbers in the column, highest first",
            ),
            bind(
                Command::SortNaturally,
                &[letter('a')],
                "a",
                "By the text of the column, 'a2' before 'a10'",
            ),
            bind(
                Command::SortNaturallyDescending,
                &[letter('A')],
                "A",
                "The same, last first",
            ),
            bind(Command::Unsort, &[letter('o')], "o", "As the runs came"),
        ],
    },
    Section {
        title: "Search and filter",
        bindings: &[
            bind(
                Command::Search,
                &[letter('/')],
                "/",
                "Search while you type, in any case",
            ),
            bind(
                Command::SearchBackwards,
                &[letter('\\')],
                "\\",
                "Search backwards",
            ),
            bind(Command::Next, &[letter('n')], "n", "Next match"),
            bind(
                Command::Previous,
                &[letter('p'), letter('N')],
                "p N",
                "Previous match",
            ),
            bind(
                Command::Filter,
                &[letter('f'), letter('&')],
                "f &",
                "Show only rows with some words, or for which an expression such as 'loss < 0.1' holds",
            ),
            bind(
                Command::Unfilter,
                &[letter('F')],
                "F",
                "Show all rows again",
            ),
        ],
    },
    Section {
        title: "Runs",
        bindings: &[
            bind(
                Command::Details,
                &[key(KeyCode::Enter)],
                "Enter",
                "Everything about the run",
            ),
            bind(
                Command::Pick,
                &[letter(' ')],
                "Space",
                "Pick the run, or not; ids of picked runs are printed in the end",
            ),
            bind(
                Command::PickAll,
                &[letter('*')],
                "*",
                "Pick all rows shown, or none of them",
            ),
            bind(
                Command::OnlyPicked,
                &[letter('t')],
                "t",
                "Show only picked runs, or all again",
            ),
            bind(Command::Mark, &[letter('m')], "m", "Mark the run"),
            bind(Command::Unmark, &[letter('u')], "u", "Take its mark away"),
            bind(Command::Refresh, &[letter('r')], "r", "Read the runs again"),
            bind(
                Command::KeepRefreshing,
                &[letter('R')],
                "R",
                "Read them again every few seconds, or stop that",
            ),
        ],
    },
    Section {
        title: "Columns",
        bindings: &[
            bind(Command::Hide, &[letter('x')], "x", "Hide the column"),
            bind(Command::ShowAll, &[letter('X')], "X", "Show all columns"),
            bind(
                Command::Choose,
                &[letter('v')],
                "v",
                "List the columns, to hide, show and move them",
            ),
            bind(
                Command::MoveLeft,
                &[letter('(')],
                "(",
                "Move the column to the left",
            ),
            bind(
                Command::MoveRight,
                &[letter(')')],
                ")",
                "Move the column to the right",
            ),
            bind(
                Command::Narrower,
                &[letter(',')],
                ",",
                "Make the column narrower",
            ),
            bind(Command::Wider, &[letter('.')], ".", "Make the column wider"),
            bind(
                Command::AllNarrower,
                &[letter('<')],
                "<",
                "Make all columns narrower",
            ),
            bind(
                Command::AllWider,
                &[letter('>')],
                ">",
                "Make all columns wider",
            ),
            bind(
                Command::Width,
                &[letter('C')],
                "C",
                "Make the column as wide as what is in it; with a number, that wide",
            ),
            bind(
                Command::Widths,
                &[letter('c')],
                "c",
                "The same for all columns, or back",
            ),
            bind(
                Command::LessGap,
                &[letter('-')],
                "-",
                "Less room between columns",
            ),
            bind(
                Command::MoreGap,
                &[letter('+')],
                "+",
                "More room between columns",
            ),
        ],
    },
    Section {
        title: "Else",
        bindings: &[
            bind(
                Command::Copy,
                &[letter('y')],
                "y",
                "Copy what is in the cell",
            ),
            bind(
                Command::CopyRuns,
                &[letter('Y')],
                "Y",
                "Copy the ids of picked runs, or of this one",
            ),
            bind(
                Command::Logs,
                &[letter('`')],
                "`",
                "Show warnings about the runs",
            ),
            bind(
                Command::Redraw,
                &[ctrl('l')],
                "C-l",
                "Draw the screen again",
            ),
            bind(
                Command::Suspend,
                &[ctrl('z')],
                "C-z",
                "Back to the shell; 'fg' comes back here",
            ),
            bind(
                Command::Help,
                &[letter('?'), key(KeyCode::F(1))],
                "? F1",
                "Show the keys",
            ),
            bind(Command::Quit, &[letter('q'), letter('Q')], "q Q", "Quit"),
            bind(
                Command::Interrupt,
                &[ctrl('c')],
                "C-c",
                "Quit and print nothing",
            ),
            bind(Command::Escape, &[key(KeyCode::Esc)], "", ""),
        ],
    },
];
