//! What lies over the table for a while: help, a run's details, warnings, the list
//! of columns.

use ratatui::layout::{Margin, Rect, Size};

use super::keys::{Command, Key, SECTIONS};
use super::screen::Screen;
use super::text;
use crate::base::terminal;

/// How wide the names of keys are in the help.
const KEYS: usize = 15;

/// The widest and the narrowest that an overlay is.
const WIDEST: u16 = 110;
const NARROWEST: u16 = 24;

/// Less of the screen than this is no place for a frame.
const FRAMED: Size = Size::new(24, 6);

/// How a line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// As it is.
    Plain,
    /// The title of what follows.
    Heading,
}

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// The title of what follows.
    Heading(String),
    /// Text, in as many lines as it needs.
    Text(String),
    /// A name and what there is to say of it.
    Item(String, String),
}

/// What lies over the table.
#[derive(Debug)]
pub enum Overlay {
    /// Text to read.
    Text(Page),
    /// The list of columns, with the place of the cursor in it.
    Columns(usize),
}

/// Text in a frame, and how far it is scrolled.
#[derive(Debug)]
pub struct Page {
    /// Its title.
    pub title: String,
    parts: Vec<Part>,
    top: usize,
}

/// What a key did to an overlay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It stays.
    Stays,
    /// It goes.
    Closed,
}

impl Page {
    /// Text with a title. Nothing in it steers a terminal.
    pub fn new(title: &str, parts: Vec<Part>) -> Self {
        Self {
            title: terminal::visible(title).into_owned(),
            parts,
            top: 0,
        }
    }

    /// Lines of text.
    pub fn of_lines<'a>(title: &str, lines: impl IntoIterator<Item = &'a str>) -> Self {
        let parts = lines.into_iter().map(|line| {
            let line = terminal::visible(line).into_owned();
            // A name at the left edge starts a section.
            match line.ends_with(':') && !line.starts_with(' ') {
                true => Part::Heading(line),
                false => Part::Text(line),
            }
        });
        Self::new(title, parts.collect())
    }

    /// The keys and what they do.
    pub fn help() -> Self {
        let mut parts = Vec::new();
        for section in SECTIONS {
            if !parts.is_empty() {
                parts.push(Part::Text(String::new()));
            }
            parts.push(Part::Heading(section.title.to_string()));
            let told = section.bindings.iter();
            let told = told.filter(|binding| !binding.shown.is_empty());
            parts.extend(
                told.map(|binding| Part::Item(binding.shown.to_string(), binding.help.to_string())),
            );
        }
        Self::new("Keys", parts)
    }

    /// Its lines in `room` cells.
    fn lines(&self, room: usize) -> Vec<(Tone, String)> {
        let mut lines = Vec::new();
        for part in &self.parts {
            match part {
                Part::Heading(heading) => lines.push((Tone::Heading, text::cut(heading, room))),
                Part::Text(line) => {
                    let indent = line.len() - line.trim_start_matches(' ').len();
                    let indent = indent.min(room / 2);
                    let wrapped = text::wrap(line.trim_start_matches(' '), room - indent);
                    let indented = |line| format!("{}{line}", " ".repeat(indent));
                    lines.extend(
                        wrapped
                            .into_iter()
                            .map(|line| (Tone::Plain, indented(line))),
                    );
                }
                Part::Item(name, meaning) => lines.extend(item(name, meaning, room)),
            }
        }
        lines
    }

    /// The first line to be shown where `height` fit.
    pub fn top(&self) -> usize {
        self.top
    }

    /// How wide its lines are where they need not be broken.
    fn width(&self) -> usize {
        let width = |part: &Part| match part {
            Part::Heading(text) | Part::Text(text) => text::width(text),
            Part::Item(_, meaning) => KEYS + text::width(meaning),
        };
        let title = text::width(&self.title) + 2;
        self.parts.iter().map(width).max().unwrap_or(0).max(title)
    }

    /// Its lines on a screen of this size, and where they are.
    pub fn layout(&self, screen: Size) -> (Vec<(Tone, String)>, Frame) {
        let width = self.width();
        let room = Frame::new(screen, width, 0).inside.width;
        let lines = self.lines(room.into());
        let frame = Frame::new(screen, width, lines.len());
        (lines, frame)
    }

    /// Takes a key, on a screen of this size.
    pub fn key(&mut self, key: Key, screen: Size) -> Outcome {
        let (lines, frame) = self.layout(screen);
        let lines = lines.len();
        let page = usize::from(frame.inside.height).max(1);
        let last = lines.saturating_sub(page);
        let to = match key.command() {
            Some(Command::Up) => self.top.saturating_sub(1),
            Some(Command::Down) => self.top + 1,
            Some(Command::PageUp) => self.top.saturating_sub(page),
            Some(Command::PageDown | Command::Pick) => self.top + page,
            Some(Command::Top | Command::FirstColumn) => 0,
            Some(Command::Row | Command::LastColumn) => last,
            Some(Command::Left | Command::Right) => self.top,
            _ => return Outcome::Closed,
        };
        self.top = to.min(last);
        Outcome::Stays
    }
}

/// Where an overlay is.
#[derive(Debug, Clone, Copy)]
pub struct Frame {
    /// All of it.
    pub whole: Rect,
    /// What is inside its lines; all of it on a screen too small for them.
    pub inside: Rect,
}

impl Frame {
    /// The one of `lines` lines of `width` cells on a screen of this size, above
    /// what stands below the table.
    pub fn new(screen: Size, width: usize, lines: usize) -> Self {
        let below = Screen::new(screen).prompt().unwrap_or(0);
        if !is_framed(screen) {
            let whole = Rect::new(0, 0, screen.width, below.max(1).min(screen.height));
            return Self {
                whole,
                inside: whole,
            };
        }
        let number = |number: usize| u16::try_from(number).unwrap_or(u16::MAX);
        let width = number(width).saturating_add(4).max(NARROWEST);
        let width = width.min(screen.width - 2).min(WIDEST);
        let height = number(lines).saturating_add(2).min(below).max(3);
        let x = (screen.width - width) / 2;
        let y = (below - height) / 2;
        let whole = Rect::new(x, y, width, height);
        Self {
            whole,
            inside: whole.inner(Margin::new(2, 1)),
        }
    }
}

/// Whether a screen of this size has room for the lines around an overlay.
pub fn is_framed(screen: Size) -> bool {
    screen.width >= FRAMED.width && screen.height >= FRAMED.height
}

fn item(name: &str, meaning: &str, room: usize) -> Vec<(Tone, String)> {
    let beside = room.saturating_sub(KEYS);
    if beside < KEYS {
        return vec![(Tone::Plain, text::cut(&format!("{name}: {meaning}"), room))];
    }
    let wrapped = text::wrap(meaning, beside).into_iter().enumerate();
    let line = |(at, line): (usize, String)| {
        let name = if at == 0 { name } else { "" };
        (Tone::Plain, format!("{name:KEYS$}{}", line.trim_start()))
    };
    wrapped.map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_fits_its_frame() {
        let lines = [
            "id: 1",
            "flags:",
            "  lr: one two three four five",
            "\u{1b}[2J",
        ];
        let page = Page::of_lines("Run", lines);
        assert_eq!(
            page.lines(16),
            [
                (Tone::Plain, "id: 1".to_string()),
                (Tone::Heading, "flags:".to_string()),
                (Tone::Plain, "  lr: one two".to_string()),
                (Tone::Plain, "  three four".to_string()),
                (Tone::Plain, "  five".to_string()),
                (Tone::Plain, "\u{241b}[2J".to_string()),
            ]
        );
        let help = Page::help();
        for room in [0, 1, 10, 40, 100] {
            for (_, line) in help.lines(room) {
                assert!(text::width(&line) <= room, "{room}: {line}");
            }
        }
    }

    #[test]
    fn frames_are_on_the_screen() {
        for (width, height) in [(0, 0), (1, 1), (24, 6), (80, 24), (300, 100)] {
            for lines in [0, 1, 10, 1000, 100_000] {
                let screen = Size::new(width, height);
                let frame = Frame::new(screen, lines / 2, lines);
                let area = Rect::new(0, 0, width, height);
                assert_eq!(frame.whole.intersection(area), frame.whole);
                assert_eq!(frame.inside.intersection(frame.whole), frame.inside);
            }
        }
    }
}
