//! The lines below the table.

use ratatui::layout::{Position, Rect};

use super::{Canvas, Notice, Overlay, Picture, Prompt, Reading, clamped, text};

/// Keys that are worth knowing, the most useful first, and what they do.
const TABLE_HINTS: &[(&str, &str)] = &[
    ("?", "keys"),
    ("q", "quit"),
    ("Enter", "details"),
    ("/", "search"),
    ("f", "filter"),
    ("s", "sort"),
    ("Space", "pick"),
    ("x", "hide"),
    ("v", "columns"),
    ("r", "refresh"),
    ("y", "copy"),
];
const PAGE_HINTS: &[(&str, &str)] = &[("Esc", "back"), ("Up Down PgUp PgDn", "scroll")];
const COLUMNS_HINTS: &[(&str, &str)] = &[
    ("Esc", "back"),
    ("Space", "show or hide"),
    ("( )", "move"),
    ("X", "show all"),
    ("Enter", "go there"),
];
const SEARCH_HINTS: &[(&str, &str)] = &[("Enter", "stay here"), ("Esc", "back")];
const FILTER_HINTS: &[(&str, &str)] = &[
    ("Enter", "filter"),
    ("Esc", "back"),
    ("loss < 0.1 and status = completed", "an expression"),
    ("resnet best", "words"),
];

impl Picture<'_> {
    /// What is shown, of how much; or what there is to tell.
    pub(super) fn status(&self, canvas: &mut Canvas<'_>) {
        let (Some(y), viewer) = (self.screen.prompt(), self.viewer) else {
            return;
        };
        if self.screen.status.is_none() && viewer.notice.is_none() {
            return;
        }
        let (left, style) = match &viewer.notice {
            Some(Notice::Info(text)) => (text.clone(), self.theme.notice()),
            Some(Notice::Problem(text)) => (text.clone(), self.theme.problem()),
            None => (self.counts().join(" · "), self.theme.status_line()),
        };
        let line = Rect::new(0, y, viewer.size.width, 1);
        canvas.clear(line);
        canvas.paint(line, style);
        let right = self.place();
        let left = crate::base::terminal::visible(&left).into_owned();
        let room = self.width.saturating_sub(2);
        let left = text::cut(&left, room);
        let end = 1 + canvas.put(1, y, &left, room, style);
        let start = self.width.saturating_sub(text::width(&right) + 1);
        if start >= end + 2 {
            canvas.put(start, y, &right, room, style);
        }
    }

    fn counts(&self) -> Vec<String> {
        let viewer = self.viewer;
        let total = viewer.grid.rows().len();
        let noun = if total == 1 { "run" } else { "runs" };
        let mut counts = vec![match viewer.rows.len() {
            shown if shown == total => format!("{total} {noun}"),
            shown => format!("{shown} of {total} {noun}"),
        }];
        match viewer.reading {
            Reading::First => counts = vec!["reading…".to_string()],
            Reading::Again(0) => counts.push("refreshing…".to_string()),
            Reading::Again(seconds) => counts.push(format!("refreshing… {seconds} s")),
            Reading::Done if viewer.keeps_refreshing => counts.push("kept fresh".to_string()),
            Reading::Done => {}
        }
        if viewer.rows.picked() > 0 {
            let only = if viewer.rows.only_picked() {
                "only "
            } else {
                ""
            };
            counts.push(format!("{only}{} picked", viewer.rows.picked()));
        }
        if let Some(filter) = viewer.rows.filter() {
            counts.push(format!("filter: {}", filter.text()));
        }
        if let Some(search) = &viewer.search {
            counts.push(format!("search: {}", search.text()));
        }
        match viewer.columns.hidden() {
            0 => {}
            1 => counts.push("1 column hidden".to_string()),
            count => counts.push(format!("{count} columns hidden")),
        }
        counts
    }

    /// Where the cursor is, and a number that was typed.
    fn place(&self) -> String {
        let viewer = self.viewer;
        if viewer.rows.len() == 0 {
            return String::new();
        }
        let number = viewer.number.map(|number| format!("{number}  "));
        format!(
            "{}row {}/{} · column {}/{}",
            number.unwrap_or_default(),
            viewer.row + 1,
            viewer.rows.len(),
            viewer.column + 1,
            viewer.columns.count()
        )
    }

    /// Some keys, as many as there is room for.
    pub(super) fn hints(&self, canvas: &mut Canvas<'_>) {
        let (Some(y), viewer) = (self.screen.hints, self.viewer) else {
            return;
        };
        let hints = match (&viewer.prompt, &viewer.overlay) {
            (Some(prompt), _) => match prompt.purpose() {
                super::super::prompt::Purpose::Filter => FILTER_HINTS,
                super::super::prompt::Purpose::Search { .. } => SEARCH_HINTS,
            },
            (None, Some(Overlay::Text(_))) => PAGE_HINTS,
            (None, Some(Overlay::Columns(_))) => COLUMNS_HINTS,
            (None, None) => TABLE_HINTS,
        };
        let mut x = 1;
        for (key, meaning) in hints {
            if x + key.len() + 1 + meaning.len() > self.width {
                break;
            }
            x += canvas.put(x, y, key, self.width, self.theme.key()) + 1;
            x += canvas.put(x, y, meaning, self.width, self.theme.hint()) + 3;
        }
    }

    /// The line that the user types, and where its cursor is.
    pub(super) fn prompt(&self, prompt: &Prompt, canvas: &mut Canvas<'_>) -> Option<Position> {
        let y = self.screen.prompt()?;
        canvas.clear(Rect::new(0, y, self.viewer.size.width, 1));
        let label = match self.width < 40 {
            true => prompt.label().split_once(' ').map_or("", |_| "> "),
            false => prompt.label(),
        };
        let x = canvas.put(0, y, label, self.width, self.theme.prompt());
        let (before, after) = prompt.parts();
        let room = self.width.saturating_sub(x + 1);
        let before = text::tail(before, room);
        let cursor = x + canvas.put(x, y, before, room, ratatui::style::Style::new());
        let room = self.width.saturating_sub(cursor);
        let after = text::cut(after, room);
        let end = cursor + canvas.put(cursor, y, &after, room, ratatui::style::Style::new());
        if let Some(problem) = &prompt.problem {
            let room = self.width.saturating_sub(end + 3);
            let problem = text::cut(&crate::base::terminal::visible(problem), room);
            canvas.put(end + 3, y, &problem, room, self.theme.problem());
        }
        let cursor = clamped(cursor).min(self.viewer.size.width.saturating_sub(1));
        Some(Position::new(cursor, y))
    }
}
