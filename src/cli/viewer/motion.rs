//! Keys that move the cursor, and those that arrange rows and columns.

use super::keys::{Command, Key};
use super::overlay::Overlay;
use super::screen::Screen;
use super::sort::By;
use super::state::Viewer;

impl Viewer {
    /// Moves the cursor, so many times where there is a `number`; false where
    /// `command` does not.
    pub(super) fn go(&mut self, command: Command, number: Option<usize>) -> bool {
        let times = number.unwrap_or(1);
        let page = Screen::new(self.size).rows().max(1);
        let room = usize::from(self.size.width);
        match command {
            Command::Up => self.row = self.row.saturating_sub(times),
            Command::Down => self.row = self.row.saturating_add(times),
            Command::Left => self.column = self.column.saturating_sub(times),
            Command::Right => self.column = self.column.saturating_add(times),
            Command::PageUp => self.scroll(page * times, true),
            Command::PageDown => self.scroll(page * times, false),
            Command::PageLeft | Command::PageRight => {
                let right = command == Command::PageRight;
                for _ in 0..times.min(self.columns.count()) {
                    self.column = self.columns.page(self.column, room, right);
                }
            }
            Command::Top => self.row = 0,
            Command::Row => self.row = number.map_or(usize::MAX, |number| number.saturating_sub(1)),
            Command::FirstColumn => self.column = 0,
            Command::LastColumn => self.column = usize::MAX,
            Command::Column => self.column = times.saturating_sub(1),
            Command::NextRowChange => self.change(times, (1, 0)),
            Command::LastRowChange => self.change(times, (-1, 0)),
            Command::NextColumnChange => self.change(times, (0, 1)),
            Command::LastColumnChange => self.change(times, (0, -1)),
            Command::Remember => self.remember(),
            Command::Recall => self.recall(),
            _ => return false,
        }
        true
    }

    /// Scrolls by so many rows, the cursor with them.
    fn scroll(&mut self, rows: usize, up: bool) {
        if up {
            self.top = self.top.saturating_sub(rows);
            self.row = self.row.saturating_sub(rows);
        } else {
            self.top = self.top.saturating_add(rows).min(self.rows.len());
            self.row = self.row.saturating_add(rows);
        }
    }

    /// Goes by steps of `direction` (rows, columns) to where the text of cells
    /// changes, so many times, or to the edge.
    fn change(&mut self, times: usize, direction: (isize, isize)) {
        for _ in 0..times {
            let start = self.text_at(self.row, self.column).map(str::to_string);
            let (mut row, mut column) = (self.row, self.column);
            loop {
                let next_row = row.saturating_add_signed(direction.0);
                let next_column = column.saturating_add_signed(direction.1);
                let text = self.text_at(next_row, next_column);
                if text.is_none() || (next_row, next_column) == (row, column) {
                    break;
                }
                let changed = text != start.as_deref();
                (row, column) = (next_row, next_column);
                if changed {
                    break;
                }
            }
            if (row, column) == (self.row, self.column) {
                return;
            }
            (self.row, self.column) = (row, column);
        }
    }

    /// The text of a cell of those that are shown.
    pub(super) fn text_at(&self, row: usize, column: usize) -> Option<&str> {
        let row = self.rows.get(row)?;
        let view = self.columns.get(column)?;
        Some(self.grid.rows()[row].cells[view.column].text())
    }

    /// Arranges rows and columns; false where `command` does not.
    pub(super) fn arrange(&mut self, command: Command, number: Option<usize>) -> bool {
        let at = self.column;
        match command {
            Command::Sort => self.sort(By::Value, false),
            Command::SortDescending => self.sort(By::Value, true),
            Command::SortNumbers => self.sort(By::Number, false),
            Command::SortNumbersDescending => self.sort(By::Number, true),
            Command::SortNaturally => self.sort(By::Nature, false),
            Command::SortNaturallyDescending => self.sort(By::Nature, true),
            Command::Unsort => self.unsort(),
            Command::Hide => {
                if !self.columns.hide(at) {
                    self.inform("The last column stays");
                }
            }
            Command::ShowAll => {
                let place = self.columns.get(at).map(|view| view.label.clone());
                self.columns.show_all();
                let found = place.and_then(|label| self.columns.find(&label));
                self.column = found.unwrap_or(at);
            }
            Command::Choose => {
                let label = self.columns.get(at).map(|view| view.label.as_str());
                let mut all = self.columns.all().iter();
                let at = all.position(|view| Some(view.label.as_str()) == label);
                self.overlay = Some(Overlay::Columns(at.unwrap_or(0)));
            }
            Command::MoveLeft => {
                let to = at.saturating_sub(number.unwrap_or(1));
                self.move_column(to);
            }
            Command::MoveRight => {
                let last = self.columns.count().saturating_sub(1);
                self.move_column(at.saturating_add(number.unwrap_or(1)).min(last));
            }
            Command::Narrower => self.columns.resize(Some(at), false),
            Command::Wider => self.columns.resize(Some(at), true),
            Command::AllNarrower => self.columns.resize(None, false),
            Command::AllWider => self.columns.resize(None, true),
            Command::Width => self.columns.set_width(at, number, &self.grid),
            Command::Widths => self.columns.set_widths(number, &self.grid),
            Command::LessGap => self.columns.set_gap(false),
            Command::MoreGap => self.columns.set_gap(true),
            _ => return false,
        }
        true
    }

    /// Moves the column of the cursor to the place `to`, and the cursor with it.
    fn move_column(&mut self, to: usize) {
        while self.column != to {
            let next = match self.column < to {
                true => self.column + 1,
                false => self.column - 1,
            };
            self.columns.swap(self.column, next);
            self.column = next;
        }
    }

    /// Takes a key in the list of columns.
    pub(super) fn column_list_key(&mut self, key: Key) {
        let Some(Overlay::Columns(at)) = self.overlay else {
            return;
        };
        let last = self.columns.all().len().saturating_sub(1);
        let page = usize::from(self.size.height / 2).max(1);
        let to = match key.command() {
            Some(Command::Up) => at.saturating_sub(1),
            Some(Command::Down) => at + 1,
            Some(Command::PageUp) => at.saturating_sub(page),
            Some(Command::PageDown) => at + page,
            Some(Command::Top | Command::FirstColumn) => 0,
            Some(Command::Row | Command::LastColumn) => last,
            Some(Command::Pick | Command::Hide) => {
                let hidden = self.columns.all().get(at).is_some_and(|view| view.hidden);
                if !self.columns.set_hidden(at, !hidden) {
                    self.inform("The last column stays");
                }
                at + 1
            }
            Some(Command::ShowAll) => {
                self.columns.show_all();
                at
            }
            Some(Command::MoveLeft | Command::MoveRight) => {
                let to = match key.command() {
                    Some(Command::MoveLeft) => at.saturating_sub(1),
                    _ => (at + 1).min(last),
                };
                self.columns.swap_views(at, to);
                to
            }
            Some(Command::Left | Command::Right) => at,
            Some(Command::Details) => {
                let label = self.columns.all().get(at).map(|view| view.label.clone());
                let found = label.and_then(|label| self.columns.find(&label));
                self.column = found.unwrap_or(self.column);
                return self.close_column_list();
            }
            _ => return self.close_column_list(),
        };
        self.overlay = Some(Overlay::Columns(to.min(last)));
    }

    fn close_column_list(&mut self) {
        self.overlay = None;
        self.resize(self.size);
    }
}
