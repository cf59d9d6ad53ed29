//! Searching and filtering by what the user types.

use super::filter::Filter;
use super::keys::Key;
use super::prompt::{Outcome, Prompt, Purpose};
use super::search::Search;
use super::state::Viewer;

impl Viewer {
    pub(super) fn ask_search(&mut self, backwards: bool) {
        let from = (self.row, self.column);
        self.prompt = Some(Prompt::new(Purpose::Search { backwards, from }, ""));
    }

    pub(super) fn ask_filter(&mut self) {
        let text = self.rows.filter().map_or("", Filter::text);
        self.prompt = Some(Prompt::new(Purpose::Filter, text));
    }

    pub(super) fn prompt_key(&mut self, key: Key) {
        let Some(prompt) = &mut self.prompt else {
            return;
        };
        match prompt.key(key) {
            Outcome::Unchanged => {}
            Outcome::Changed => self.prompt_changed(),
            Outcome::Done => self.prompt_done(),
            Outcome::Cancelled => {
                if let Purpose::Search { from, .. } = prompt.purpose() {
                    (self.row, self.column) = from;
                    self.search = None;
                }
                self.prompt = None;
            }
        }
        self.reveal();
    }

    /// A search goes on while the user types.
    pub(super) fn prompt_changed(&mut self) {
        let Some(prompt) = &mut self.prompt else {
            return;
        };
        let Purpose::Search { backwards, from } = prompt.purpose() else {
            return;
        };
        let search = Search::new(&prompt.text(), backwards);
        (self.row, self.column) = from;
        if let Some(search) = &search {
            match search.find(&self.grid, &self.rows, &self.columns, from, backwards, true) {
                Some(found) => (self.row, self.column) = found.place,
                None => prompt.problem = Some("not there".to_string()),
            }
        }
        self.search = search;
        self.reveal();
    }

    fn prompt_done(&mut self) {
        let Some(mut prompt) = self.prompt.take() else {
            return;
        };
        match prompt.purpose() {
            Purpose::Search { .. } if prompt.problem.is_some() => {
                self.object(format!("'{}' is not there", prompt.text()));
            }
            Purpose::Search { .. } => {}
            Purpose::Filter if prompt.text().trim().is_empty() => self.set_filter(None),
            Purpose::Filter => match Filter::parse(&prompt.text(), &self.grid) {
                Ok(filter) => self.set_filter(Some(filter)),
                Err(problem) => {
                    prompt.problem = Some(problem);
                    self.prompt = Some(prompt);
                }
            },
        }
    }

    pub(super) fn set_filter(&mut self, filter: Option<Filter>) {
        let place = self.place();
        self.rows.set_filter(filter, &self.grid);
        if self.rows.len() == 0 && self.rows.filter().is_some() {
            self.inform("The filter lets no run through: press F to show all again");
        }
        self.go_to(place);
    }

    pub(super) fn search_on(&mut self, opposite: bool) {
        let Some(search) = &self.search else {
            self.inform("Press / to search");
            return;
        };
        let backwards = search.is_backwards() != opposite;
        let from = (self.row, self.column);
        let (grid, rows, columns) = (&self.grid, &self.rows, &self.columns);
        match search.find(grid, rows, columns, from, backwards, false) {
            Some(found) => {
                (self.row, self.column) = found.place;
                if found.wrapped {
                    let (from, to) = match backwards {
                        false => ("bottom", "top"),
                        true => ("top", "bottom"),
                    };
                    self.inform(format!("Searched past the {from}, on from the {to}"));
                }
            }
            None => self.object(format!("'{}' is not there", search.text())),
        }
    }
}
