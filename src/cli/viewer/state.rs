//! What the viewer shows and how keys change it. No terminal here: keys go in,
//! and what only the program around it can do comes out.

use ratatui::layout::Size;

use super::columns::{Columns, Placed};
use super::grid::{Grid, Row};
use super::keys::{Command, Key};
use super::overlay::{Outcome as PageOutcome, Overlay, Page};
use super::prompt::Prompt;
use super::rows::Rows;
use super::screen::Screen;
use super::search::Search;
use super::sort::{By, Sort};

/// The most that a number before a key may be.
const MOST: usize = 1_000_000;

/// What the program around the viewer is asked to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Leave, and print the ids of picked runs.
    Quit,
    /// Leave as one does by Ctrl-C.
    Interrupt,
    /// Stop, until the shell lets it go on.
    Suspend,
    /// Draw all of the screen anew.
    Redraw,
    /// Read the runs again.
    Refresh,
    /// Put `text` on the clipboard, and say that `what` was copied.
    Copy {
        /// The text.
        text: String,
        /// What it is, for the user.
        what: String,
    },
    /// Show what there is to say of the run with this id.
    Details(String),
    /// Mark the run with the id `run_id`, or take its mark away.
    Mark {
        /// The run.
        run_id: String,
        /// Whether it is to be marked.
        marked: bool,
    },
}

/// Something to tell the user, until the next key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// What was done.
    Info(String),
    /// What could not be done.
    Problem(String),
}

/// What is known of the runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// Nothing yet.
    First,
    /// They were read.
    Done,
    /// They are being read again, for so many seconds.
    Again(u64),
}

/// The viewer.
#[derive(Debug)]
pub struct Viewer {
    pub(super) grid: Grid,
    pub(super) columns: Columns,
    pub(super) rows: Rows,
    /// The place of the cursor among rows and columns that are shown.
    pub(super) row: usize,
    pub(super) column: usize,
    /// The first row on the screen.
    pub(super) top: usize,
    pub(super) size: Size,
    pub(super) prompt: Option<Prompt>,
    pub(super) overlay: Option<Overlay>,
    pub(super) notice: Option<Notice>,
    pub(super) search: Option<Search>,
    pub(super) reading: Reading,
    pub(super) keeps_refreshing: bool,
    pub(super) warnings: Vec<String>,
    /// A number that was typed before a key.
    pub(super) number: Option<usize>,
    /// The run and the column to come back to.
    remembered: Option<(String, String)>,
}

impl Viewer {
    /// One that has no runs yet, on a screen of this size.
    pub fn new(size: Size) -> Self {
        Self {
            grid: Grid::default(),
            columns: Columns::default(),
            rows: Rows::default(),
            row: 0,
            column: 0,
            top: 0,
            size,
            prompt: None,
            overlay: None,
            notice: None,
            search: None,
            reading: Reading::First,
            keeps_refreshing: false,
            warnings: Vec::new(),
            number: None,
            remembered: None,
        }
    }

    /// Takes runs that were read, and what there was to warn of. Sort, filter,
    /// columns, picks and cursor stay where they are.
    pub fn load(&mut self, grid: Grid, warnings: Vec<String>) {
        let place = self.place();
        let first = self.reading == Reading::First || self.columns.all().is_empty();
        self.grid = grid;
        if first {
            self.columns = Columns::new(&self.grid);
        } else {
            self.columns.renew(&self.grid);
        }
        self.rows.forget_gone(&self.grid);
        self.rows.renew(&self.grid);
        self.reading = Reading::Done;
        if warnings.len() > self.warnings.len() {
            let count = match warnings.len() {
                1 => "1 warning".to_string(),
                count => format!("{count} warnings"),
            };
            self.inform(format!("{count} about the runs: press ` to see"));
        }
        self.warnings = warnings;
        self.go_to(place);
    }

    /// Tells why runs could not be read.
    pub fn fail(&mut self, problem: String) {
        self.reading = Reading::Done;
        self.notice = Some(Notice::Problem(problem));
    }

    /// Takes note of the size of the screen.
    pub fn resize(&mut self, size: Size) {
        self.size = size;
        self.reveal();
    }

    /// Ids of picked runs, in the order of rows.
    pub fn picked_ids(&self) -> Vec<String> {
        self.rows.picked_ids(&self.grid)
    }

    /// Says that something was done.
    pub fn inform(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice::Info(text.into()));
    }

    /// Says that something could not be done.
    pub fn object(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice::Problem(text.into()));
    }

    /// Shows lines of text over the table.
    pub fn show<'a>(&mut self, title: &str, lines: impl IntoIterator<Item = &'a str>) {
        self.overlay = Some(Overlay::Text(Page::of_lines(title, lines)));
    }

    /// Shows that the run with this id is marked, or is not any more.
    pub fn set_marked(&mut self, run_id: &str, marked: bool) {
        self.grid.set_marked(run_id, marked);
        self.columns.fit(&self.grid);
        self.rows.renew(&self.grid);
        self.reveal();
    }

    /// The row of the grid that the cursor is on.
    pub(super) fn current_row(&self) -> Option<&Row> {
        self.rows.get(self.row).map(|row| &self.grid.rows()[row])
    }

    /// The run and the column that the cursor is on.
    pub(super) fn place(&self) -> Option<(String, String)> {
        let row = self.current_row()?;
        let column = self.columns.get(self.column)?;
        Some((row.run_id.clone(), column.label.clone()))
    }

    /// Puts the cursor on a run and a column, as far as they are there.
    pub(super) fn go_to(&mut self, place: Option<(String, String)>) {
        if let Some((run_id, label)) = place {
            if let Some(row) = self.rows.find(&run_id, &self.grid) {
                self.row = row;
            }
            if let Some(column) = self.columns.find(&label) {
                self.column = column;
            }
        }
        self.reveal();
    }

    /// How many rows are on the screen.
    fn page(&self) -> usize {
        Screen::new(self.size).rows().max(1)
    }

    /// Keeps the cursor on the table, and on the screen.
    pub(super) fn reveal(&mut self) {
        self.row = self.row.min(self.rows.len().saturating_sub(1));
        self.column = self.column.min(self.columns.count().saturating_sub(1));
        let page = self.page();
        self.top = self
            .top
            .min(self.row)
            .max((self.row + 1).saturating_sub(page));
        // No empty lines below while there are rows above.
        self.top = self.top.min(self.rows.len().saturating_sub(page));
        self.columns.reveal(self.column, self.size.width.into());
    }

    /// The columns on the screen.
    pub(super) fn placed(&self) -> Vec<Placed> {
        self.columns.layout(self.size.width.into())
    }

    /// Takes text that was pasted: into a prompt, and nowhere else.
    pub fn paste(&mut self, text: &str) {
        if let Some(prompt) = &mut self.prompt {
            prompt.insert(text);
            self.prompt_changed();
        }
    }

    /// Takes a key.
    pub fn key(&mut self, key: Key) -> Option<Effect> {
        self.notice = None;
        match key.command() {
            Some(Command::Suspend) => return Some(Effect::Suspend),
            Some(Command::Redraw) => return Some(Effect::Redraw),
            Some(Command::Interrupt) if self.prompt.is_none() => return Some(Effect::Interrupt),
            _ => {}
        }
        if self.prompt.is_some() {
            self.prompt_key(key);
            return None;
        }
        match &mut self.overlay {
            Some(Overlay::Text(page)) => {
                if page.key(key, self.size) == PageOutcome::Closed {
                    self.overlay = None;
                }
                None
            }
            Some(Overlay::Columns(_)) => {
                self.column_list_key(key);
                None
            }
            None => self.table_key(key),
        }
    }

    fn table_key(&mut self, key: Key) -> Option<Effect> {
        if let Some(digit) = key.typed().and_then(|c| c.to_digit(10))
            && (self.number.is_some() || key.command().is_none())
        {
            let number = self.number.unwrap_or(0) * 10 + digit as usize;
            self.number = Some(number.min(MOST));
            return None;
        }
        let number = self.number.take();
        let effect = key.command().and_then(|command| self.act(command, number));
        self.reveal();
        effect
    }

    fn act(&mut self, command: Command, number: Option<usize>) -> Option<Effect> {
        if self.go(command, number) || self.arrange(command, number) {
            return None;
        }
        match command {
            Command::Quit => return Some(Effect::Quit),
            Command::Refresh => return Some(Effect::Refresh),
            Command::KeepRefreshing => self.keep_refreshing(),
            Command::Details => {
                let row = self.current_row()?;
                return Some(Effect::Details(row.run_id.clone()));
            }
            Command::Mark | Command::Unmark => {
                let run_id = self.current_row()?.run_id.clone();
                let marked = command == Command::Mark;
                return Some(Effect::Mark { run_id, marked });
            }
            Command::Copy => return self.copy(),
            Command::CopyRuns => return self.copy_runs(),
            Command::Pick => self.pick(number),
            Command::PickAll => self.rows.toggle_all(&self.grid),
            Command::OnlyPicked => self.toggle_only_picked(),
            Command::Search => self.ask_search(false),
            Command::SearchBackwards => self.ask_search(true),
            Command::Next => self.search_on(false),
            Command::Previous => self.search_on(true),
            Command::Filter => self.ask_filter(),
            Command::Unfilter => self.set_filter(None),
            Command::Help => self.overlay = Some(Overlay::Text(Page::help())),
            Command::Logs => self.show_warnings(),
            Command::Escape => self.search = None,
            _ => {}
        }
        None
    }

    fn keep_refreshing(&mut self) {
        self.keeps_refreshing = !self.keeps_refreshing;
        self.inform(match self.keeps_refreshing {
            true => "Reading the runs again every few seconds",
            false => "The runs are read again when you press r",
        });
    }

    fn show_warnings(&mut self) {
        let warnings = std::mem::take(&mut self.warnings);
        match warnings.is_empty() {
            true => self.inform("There are no warnings"),
            false => self.show("Warnings", warnings.iter().map(String::as_str)),
        }
        self.warnings = warnings;
    }

    fn copy(&mut self) -> Option<Effect> {
        let view = self.columns.get(self.column)?;
        let text = self.current_row()?.cells[view.column].text().to_string();
        let what = match text.is_empty() {
            true => "nothing: the cell is empty".to_string(),
            false => text.clone(),
        };
        Some(Effect::Copy { text, what })
    }

    fn copy_runs(&mut self) -> Option<Effect> {
        let mut ids = self.picked_ids();
        if ids.is_empty() {
            ids.push(self.current_row()?.run_id.clone());
        }
        let what = match ids.as_slice() {
            [id] => format!("run {id}"),
            ids => format!("the ids of {} runs", ids.len()),
        };
        let text = ids.join(" ");
        Some(Effect::Copy { text, what })
    }

    fn pick(&mut self, number: Option<usize>) {
        for _ in 0..number.unwrap_or(1).min(self.rows.len()) {
            let Some(row) = self.current_row() else {
                return;
            };
            let run_id = row.run_id.clone();
            self.rows.toggle(&run_id);
            self.row = (self.row + 1).min(self.rows.len() - 1);
        }
    }

    fn toggle_only_picked(&mut self) {
        if !self.rows.only_picked() && self.rows.picked() == 0 {
            self.inform("No runs are picked: press Space on a run to pick it");
            return;
        }
        let place = self.place();
        let only = !self.rows.only_picked();
        self.rows.set_only_picked(only, &self.grid);
        self.go_to(place);
    }

    /// Sorts by the column that the cursor is on.
    pub(super) fn sort(&mut self, by: By, descending: bool) {
        let Some(view) = self.columns.get(self.column) else {
            return;
        };
        let sort = Sort {
            label: view.label.clone(),
            by,
            descending,
        };
        self.rows.set_sort(Some(sort), &self.grid);
    }

    /// Has the rows as the runs came.
    pub(super) fn unsort(&mut self) {
        let place = self.place();
        self.rows.set_sort(None, &self.grid);
        self.go_to(place);
    }

    /// Comes back to this place by [`Viewer::recall`].
    pub(super) fn remember(&mut self) {
        self.remembered = self.place();
        self.inform("Remembered this place");
    }

    /// Goes to the place that was remembered.
    pub(super) fn recall(&mut self) {
        match self.remembered.clone() {
            Some(place) => self.go_to(Some(place)),
            None => self.inform("No place was remembered: press Insert to do so"),
        }
    }
}
