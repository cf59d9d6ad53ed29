//! What lies over the table.

use ratatui::style::Style;
use ratatui::widgets::{Block, BorderType, Widget};

use super::{Canvas, Overlay, Picture, clamped, text};
use crate::cli::viewer::overlay::{self, Frame, Page, Tone};

impl Picture<'_> {
    pub(super) fn overlay(&self, overlay: &Overlay, canvas: &mut Canvas<'_>) {
        match overlay {
            Overlay::Text(page) => self.page(page, canvas),
            Overlay::Columns(at) => self.column_list(*at, canvas),
        }
    }

    fn page(&self, page: &Page, canvas: &mut Canvas<'_>) {
        let (lines, frame) = page.layout(self.viewer.size);
        self.frame(frame, &page.title, page.top(), lines.len(), canvas);
        let height = usize::from(frame.inside.height);
        let shown = lines.iter().skip(page.top()).take(height).enumerate();
        for (at, (tone, line)) in shown {
            let y = frame.inside.y + clamped(at);
            let room = usize::from(frame.inside.width);
            let style = self.theme.tone(*tone);
            canvas.put(frame.inside.x.into(), y, line, room, style);
        }
    }

    /// An empty frame for so many lines, of which those from `top` on are shown.
    fn frame(&self, frame: Frame, title: &str, top: usize, lines: usize, canvas: &mut Canvas<'_>) {
        canvas.clear(frame.whole);
        if !overlay::is_framed(self.viewer.size) {
            return;
        }
        let room = usize::from(frame.inside.width);
        let title = format!(" {} ", text::cut(title, room.saturating_sub(2)));
        let block = Block::bordered()
            .border_type(BorderType::Rounded)
            .border_style(self.theme.frame())
            .title(title)
            .title_style(self.theme.tone(Tone::Heading));
        block.render(frame.whole.intersection(canvas.buffer.area), canvas.buffer);
        let height = usize::from(frame.inside.height);
        if lines > height {
            let range = format!(" {}-{} of {lines} ", top + 1, (top + height).min(lines));
            let x = frame.whole.right().saturating_sub(clamped(range.len()) + 2);
            let y = frame.whole.bottom().saturating_sub(1);
            canvas.put(x.into(), y, &range, room, self.theme.frame());
        }
    }

    /// The columns, each with whether it is shown.
    fn column_list(&self, at: usize, canvas: &mut Canvas<'_>) {
        let views = self.viewer.columns.all();
        let widest = views.iter().map(|view| text::width(&view.label)).max();
        let width = widest.unwrap_or(0) + "[x] ".len();
        let frame = Frame::new(self.viewer.size, width, views.len());
        let height = usize::from(frame.inside.height);
        // The cursor stays in the middle where there is more than fits.
        let last = views.len().saturating_sub(height);
        let top = at.saturating_sub(height / 2).min(last);
        self.frame(frame, "Columns", top, views.len(), canvas);
        let room = usize::from(frame.inside.width);
        let shown = views.iter().enumerate().skip(top).take(height);
        for (place, view) in shown {
            let sign = if view.hidden { "[ ]" } else { "[x]" };
            let line = text::cut(&format!("{sign} {}", view.label), room);
            let style = match (place == at, view.hidden) {
                (true, _) => self.theme.cursor(),
                (false, true) => self.theme.hint(),
                (false, false) => Style::new(),
            };
            let y = frame.inside.y + clamped(place - top);
            canvas.put(frame.inside.x.into(), y, &line, room, style);
        }
    }
}
