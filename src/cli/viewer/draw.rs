//! The viewer on the screen. Only what is visible is looked at.

use ratatui::Frame;
use ratatui::buffer::{Buffer, CellWidth};
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use super::columns::Placed;
use super::grid::Row;
use super::number::Shape;
use super::overlay::Overlay;
use super::prompt::Prompt;
use super::screen::Screen;
use super::state::{Notice, Reading, Viewer};
use super::text;
use super::theme::Theme;

mod lines;
mod over;

/// Signs in the gutter: the current row, and picked runs.
const POINTER: &str = "▸";
const PICKED: &str = "●";

/// Signs of the sorted column.
const ASCENDING: &str = "▲";
const DESCENDING: &str = "▼";

/// Text on the screen; whatever would be beside it is left out.
struct Canvas<'a> {
    buffer: &'a mut Buffer,
}

impl Canvas<'_> {
    /// Writes `text` in at most `room` cells, and says how many it took.
    fn put(&mut self, x: usize, y: u16, text: &str, room: usize, style: Style) -> usize {
        let area = self.buffer.area;
        let Ok(x) = u16::try_from(x) else { return 0 };
        if !area.contains(Position::new(x, y)) {
            return 0;
        }
        let (end, _) = self.buffer.set_stringn(x, y, text, room, style);
        usize::from(end - x)
    }

    /// Gives a line, or part of it, a style.
    fn paint(&mut self, area: Rect, style: Style) {
        self.buffer
            .set_style(area.intersection(self.buffer.area), style);
    }

    /// Empties `area`. Of a wide character that is half in it, nothing is left.
    fn clear(&mut self, area: Rect) {
        let area = area.intersection(self.buffer.area);
        for y in area.top()..area.bottom() {
            let before = area.left().checked_sub(1);
            let before = before.and_then(|x| self.buffer.cell_mut((x, y)));
            if let Some(cell) = before.filter(|cell| cell.symbol().cell_width() > 1) {
                cell.set_symbol(" ");
            }
            for x in area.left()..area.right() {
                self.buffer[(x, y)].reset();
            }
        }
    }
}

/// Draws `viewer`.
pub fn draw(viewer: &Viewer, theme: Theme, frame: &mut Frame<'_>) {
    let screen = Screen::new(viewer.size);
    let mut canvas = Canvas {
        buffer: frame.buffer_mut(),
    };
    let picture = Picture {
        viewer,
        theme,
        screen,
        width: viewer.size.width.into(),
    };
    picture.cell(&mut canvas);
    let placed = viewer.placed();
    picture.header(&placed, &mut canvas);
    picture.body(&placed, &mut canvas);
    picture.status(&mut canvas);
    picture.hints(&mut canvas);
    if let Some(overlay) = &viewer.overlay {
        picture.overlay(overlay, &mut canvas);
    }
    if let Some(prompt) = &viewer.prompt
        && let Some(cursor) = picture.prompt(prompt, &mut canvas)
    {
        frame.set_cursor_position(cursor);
    }
}

/// What is drawn, and how.
struct Picture<'a> {
    viewer: &'a Viewer,
    theme: Theme,
    screen: Screen,
    width: usize,
}

impl Picture<'_> {
    /// All of the current cell, which may be cut off in the table.
    fn cell(&self, canvas: &mut Canvas<'_>) {
        let (Some(y), viewer) = (self.screen.cell, self.viewer) else {
            return;
        };
        let Some(view) = viewer.columns.get(viewer.column) else {
            return;
        };
        let label = text::cut(&view.label, self.width / 2);
        let x = 1 + canvas.put(1, y, &label, self.width, self.theme.cell_label());
        let text = viewer
            .text_at(viewer.row, viewer.column)
            .unwrap_or_default();
        let room = self.width.saturating_sub(x + 3);
        canvas.put(x + 2, y, &text::cut(text, room), room, Style::new());
    }

    fn header(&self, placed: &[Placed], canvas: &mut Canvas<'_>) {
        let (Some(y), viewer) = (self.screen.header, self.viewer) else {
            return;
        };
        let line = Rect::new(0, y, viewer.size.width, 1);
        canvas.paint(line, self.theme.header());
        for placed in placed {
            let Some(view) = viewer.columns.get(placed.at) else {
                continue;
            };
            let column = &viewer.grid.columns()[view.column];
            let sort = viewer.rows.sort().filter(|sort| sort.label == view.label);
            let style = match sort {
                Some(_) => self.theme.sorted_header(),
                None => self.theme.header(),
            };
            let label = text::cut(column.label(), placed.width);
            let indent = match column.shape() {
                Some(_) => placed.width - text::width(&label),
                None => 0,
            };
            let x = placed.x + indent;
            let end = x + canvas.put(x, y, &label, placed.width, style);
            if let Some(sort) = sort {
                let sign = if sort.descending {
                    DESCENDING
                } else {
                    ASCENDING
                };
                let last = self.width.saturating_sub(1);
                canvas.put(end.min(last), y, sign, 1, style);
            }
        }
    }

    fn body(&self, placed: &[Placed], canvas: &mut Canvas<'_>) {
        let viewer = self.viewer;
        if viewer.rows.len() == 0 {
            let text = match viewer.reading {
                Reading::First => "Reading runs…",
                _ if viewer.grid.rows().is_empty() => {
                    "There are no such runs. Press r to look again."
                }
                _ => "No run is shown.",
            };
            let lines = u16::try_from(self.screen.rows() / 2).unwrap_or(0);
            let x = self.width.saturating_sub(text::width(text)) / 2;
            canvas.put(
                x,
                self.screen.body + lines,
                text,
                self.width,
                self.theme.hint(),
            );
            return;
        }
        for line in 0..self.screen.rows() {
            let at = viewer.top + line;
            let Some(row) = viewer.rows.get(at) else {
                break;
            };
            let y = self.screen.body + u16::try_from(line).unwrap_or(u16::MAX);
            self.row(
                &viewer.grid.rows()[row],
                at == viewer.row,
                y,
                placed,
                canvas,
            );
        }
    }

    fn row(&self, row: &Row, current: bool, y: u16, placed: &[Placed], canvas: &mut Canvas<'_>) {
        let viewer = self.viewer;
        let picked = viewer.rows.is_picked(&row.run_id);
        let style = self.theme.row(current);
        if placed.first().is_some_and(|first| first.x > 0) {
            let (sign, style) = match (picked, current) {
                (true, _) => (PICKED, self.theme.picked(style)),
                (false, true) => (POINTER, self.theme.pointer()),
                (false, false) => (" ", style),
            };
            canvas.put(0, y, sign, 1, style);
        }
        for placed in placed {
            let Some(view) = viewer.columns.get(placed.at) else {
                continue;
            };
            let cell = &row.cells[view.column];
            let mut style = style;
            if view.label == "status" {
                style = self.theme.status(cell.text(), style);
            }
            if picked && placed.at == 0 {
                style = self.theme.picked(style);
            }
            let search = viewer.search.as_ref();
            if search.is_some_and(|search| search.is_in(cell)) {
                style = self.theme.found(style);
            }
            let here = current && placed.at == viewer.column;
            if here {
                let y = Rect::new(clamped(placed.x), y, clamped(placed.width), 1);
                style = style.patch(self.theme.cursor());
                canvas.paint(y, style);
            }
            let shape = viewer.grid.columns()[view.column].shape();
            let (indent, text) = fitted(cell.text(), shape, placed.width);
            canvas.put(placed.x + indent, y, &text, placed.width, style);
        }
    }
}

/// How far to indent the text of a cell of `width`, and what there is room for.
fn fitted(text: &str, shape: Option<Shape>, width: usize) -> (usize, String) {
    let text = text::cut(text, width);
    match shape {
        Some(shape) if text.is_ascii() => (shape.indent(&text, width), text),
        _ => (0, text),
    }
}

fn clamped(cells: usize) -> u16 {
    u16::try_from(cells).unwrap_or(u16::MAX)
}
