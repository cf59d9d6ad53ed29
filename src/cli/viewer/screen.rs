//! How the lines of the screen are given out. What matters least goes first where
//! there are too few.

use ratatui::layout::Size;

/// Which line is for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Screen {
    /// Where all of the current cell is shown.
    pub cell: Option<u16>,
    /// The names of columns.
    pub header: Option<u16>,
    /// The first line of rows.
    pub body: u16,
    /// How many lines of rows there are.
    height: u16,
    /// What is shown, of how much.
    pub status: Option<u16>,
    /// Some keys.
    pub hints: Option<u16>,
}

impl Screen {
    /// The lines of a screen of this size.
    pub fn new(size: Size) -> Self {
        let height = size.height;
        let cell = u16::from(height >= 6);
        let header = u16::from(height >= 2);
        let status = u16::from(height >= 3);
        let hints = u16::from(height >= 8);
        let body = cell + header;
        let rows = height.saturating_sub(body + status + hints);
        Self {
            cell: (cell > 0).then_some(0),
            header: (header > 0).then_some(cell),
            body,
            height: rows,
            status: (status > 0).then_some(body + rows),
            hints: (hints > 0).then_some(body + rows + status),
        }
    }

    /// How many rows there is room for.
    pub fn rows(&self) -> usize {
        self.height.into()
    }

    /// The line that the user types in, if there is any line at all.
    pub fn prompt(&self) -> Option<u16> {
        let last = self.body + self.height;
        self.status.or(last.checked_sub(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_lines_are_given_out_once() {
        for height in 0..100 {
            let screen = Screen::new(Size::new(80, height));
            let lines = [screen.cell, screen.header, screen.status, screen.hints];
            let mut lines: Vec<u16> = lines.into_iter().flatten().collect();
            lines.extend(screen.body..screen.body + screen.height);
            lines.sort_unstable();
            assert_eq!(lines, (0..height).collect::<Vec<_>>());
            assert!(height == 0 || screen.rows() > 0);
            assert!(screen.prompt().is_none_or(|line| line < height));
        }
    }
}
