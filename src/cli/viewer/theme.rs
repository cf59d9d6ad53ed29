//! How things look, with colours and without.

use ratatui::style::{Color, Modifier, Style};

use super::overlay::Tone;

/// How things look.
#[derive(Debug, Clone, Copy)]
pub struct Theme {
    colour: bool,
}

impl Theme {
    /// With colours, or with none at all.
    pub fn new(colour: bool) -> Self {
        Self { colour }
    }

    fn coloured(self, style: Style, colour: Color) -> Style {
        match self.colour {
            true => style.fg(colour),
            false => style,
        }
    }

    /// The name of the current column, before what is in the cell.
    pub fn cell_label(self) -> Style {
        self.coloured(Style::new().bold(), Color::Cyan)
    }

    /// The names of columns.
    pub fn header(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD | Modifier::UNDERLINED)
    }

    /// That of the column by which rows are sorted.
    pub fn sorted_header(self) -> Style {
        self.coloured(self.header(), Color::Cyan)
    }

    /// A row.
    pub fn row(self, current: bool) -> Style {
        match current {
            true => Style::new().bold(),
            false => Style::new(),
        }
    }

    /// The cell that the cursor is on.
    pub fn cursor(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED | Modifier::BOLD)
    }

    /// The sign at the current row.
    pub fn pointer(self) -> Style {
        self.coloured(Style::new().bold(), Color::Cyan)
    }

    /// What belongs to a picked run.
    pub fn picked(self, style: Style) -> Style {
        self.coloured(style.bold(), Color::Yellow)
    }

    /// A cell with what was searched for.
    pub fn found(self, style: Style) -> Style {
        let underlined = style.add_modifier(Modifier::UNDERLINED);
        self.coloured(underlined, Color::Yellow)
    }

    /// The status of a run that is written as `text`.
    pub fn status(self, text: &str, style: Style) -> Style {
        // A run on a remote has that behind its status.
        match text.split(' ').next().unwrap_or_default() {
            "completed" => self.coloured(style, Color::Green),
            "running" => self.coloured(style.bold(), Color::Blue),
            "error" => self.coloured(style, Color::Red),
            "terminated" => self.coloured(style, Color::Magenta),
            "pending" | "staged" => style.dim(),
            _ => style,
        }
    }

    /// The line below the table.
    pub fn status_line(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// What was done, there.
    pub fn notice(self) -> Style {
        self.status_line().bold()
    }

    /// What could not be done.
    pub fn problem(self) -> Style {
        self.coloured(Style::new().bold(), Color::Red)
    }

    /// What stands before a line to type.
    pub fn prompt(self) -> Style {
        self.coloured(Style::new().bold(), Color::Cyan)
    }

    /// A key among the hints.
    pub fn key(self) -> Style {
        Style::new().bold()
    }

    /// What it does.
    pub fn hint(self) -> Style {
        Style::new().dim()
    }

    /// Text over the table.
    pub fn tone(self, tone: Tone) -> Style {
        match tone {
            Tone::Plain => Style::new(),
            Tone::Heading => self.coloured(Style::new().bold(), Color::Cyan),
        }
    }

    /// The lines around it.
    pub fn frame(self) -> Style {
        self.coloured(Style::new(), Color::Cyan)
    }
}
