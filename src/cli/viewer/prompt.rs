//! A line that the user types at the bottom of the screen.

use ratatui::crossterm::event::KeyCode;
use unicode_segmentation::UnicodeSegmentation;

use super::keys::Key;
use crate::base::terminal;

/// What the line is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To look for it, from a row and a column on.
    Search {
        /// Whether towards the top.
        backwards: bool,
        /// The place of the cursor when the search began.
        from: (usize, usize),
    },
    /// To show only rows with it.
    Filter,
}

/// What a key did to the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing, or it moved the cursor.
    Unchanged,
    /// It changed the text.
    Changed,
    /// The line is whole.
    Done,
    /// The user does not want it.
    Cancelled,
}

/// A line and where the cursor is in it.
#[derive(Debug)]
pub struct Prompt {
    purpose: Purpose,
    before: String,
    after: String,
    /// Why the line cannot be taken.
    pub problem: Option<String>,
}

impl Prompt {
    /// A line that starts as `text`.
    pub fn new(purpose: Purpose, text: &str) -> Self {
        Self {
            purpose,
            before: text.to_string(),
            after: String::new(),
            problem: None,
        }
    }

    /// What it is for.
    pub fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// What stands before it.
    pub fn label(&self) -> &'static str {
        match self.purpose {
            Purpose::Search { backwards, .. } => match backwards {
                true => "search backwards: ",
                false => "search: ",
            },
            Purpose::Filter => "filter: ",
        }
    }

    /// The line.
    pub fn text(&self) -> String {
        format!("{}{}", self.before, self.after)
    }

    /// What is before the cursor, and what is behind it.
    pub fn parts(&self) -> (&str, &str) {
        (&self.before, &self.after)
    }

    /// Puts `text` where the cursor is; only its first line, as one could type it.
    pub fn insert(&mut self, text: &str) {
        let line = text.lines().next().unwrap_or_default();
        self.before
            .push_str(&terminal::visible(&line.replace('\t', " ")));
        self.problem = None;
    }

    /// Takes a key.
    pub fn key(&mut self, key: Key) -> Outcome {
        let length = self.before.len() + self.after.len();
        match (key.code(), key.with_ctrl()) {
            (KeyCode::Enter, _) | (_, Some('j' | 'm')) => return Outcome::Done,
            (KeyCode::Esc, _) | (_, Some('c' | 'g')) => return Outcome::Cancelled,
            (KeyCode::Backspace, _) | (_, Some('h')) => {
                if length == 0 {
                    return Outcome::Cancelled;
                }
                self.cut_before(last_part);
            }
            (KeyCode::Delete, _) | (_, Some('d')) => {
                let part = self.after.graphemes(true).next().map_or(0, str::len);
                self.after.drain(..part);
            }
            (_, Some('w')) => self.cut_before(last_word),
            (_, Some('u')) => self.before.clear(),
            (_, Some('k')) => self.after.clear(),
            (KeyCode::Left, _) | (_, Some('b')) => {
                let at = self.before.len() - last_part(&self.before);
                self.after.insert_str(0, &self.before.split_off(at));
            }
            (KeyCode::Right, _) | (_, Some('f')) => {
                let part = self.after.graphemes(true).next().map_or(0, str::len);
                let part: String = self.after.drain(..part).collect();
                self.before.push_str(&part);
            }
            (KeyCode::Home, _) | (_, Some('a')) => {
                self.after.insert_str(0, &std::mem::take(&mut self.before));
            }
            (KeyCode::End, _) | (_, Some('e')) => {
                self.before.push_str(&std::mem::take(&mut self.after));
            }
            _ => {
                if let Some(c) = key.typed().filter(|c| !c.is_control()) {
                    self.before.push(c);
                }
            }
        }
        if length == self.before.len() + self.after.len() {
            return Outcome::Unchanged;
        }
        self.problem = None;
        Outcome::Changed
    }

    fn cut_before(&mut self, length: fn(&str) -> usize) {
        let kept = self.before.len() - length(&self.before);
        self.before.truncate(kept);
    }
}

/// The length of the last character, with what combines with it.
fn last_part(text: &str) -> usize {
    text.graphemes(true).next_back().map_or(0, str::len)
}

/// The length of the last word, with the blanks behind it.
fn last_word(text: &str) -> usize {
    let kept = text.trim_end().rfind(' ').map_or(0, |blank| blank + 1);
    text.len() - kept
}

#[cfg(test)]
mod tests {
    use ratatui::crossterm::event::{KeyEvent, KeyModifiers};

    use super::*;

    fn press(prompt: &mut Prompt, code: KeyCode, modifiers: KeyModifiers) -> Outcome {
        prompt.key(Key::of(KeyEvent::new(code, modifiers)).unwrap())
    }

    fn type_in(prompt: &mut Prompt, text: &str) {
        for c in text.chars() {
            press(prompt, KeyCode::Char(c), KeyModifiers::NONE);
        }
    }

    #[test]
    fn the_line_is_edited_by_whole_characters() {
        let mut prompt = Prompt::new(Purpose::Filter, "");
        type_in(&mut prompt, "日本e\u{301}x");
        let none = KeyModifiers::NONE;
        assert_eq!(press(&mut prompt, KeyCode::Left, none), Outcome::Unchanged);
        assert_eq!(
            press(&mut prompt, KeyCode::Backspace, none),
            Outcome::Changed
        );
        assert_eq!(prompt.parts(), ("日本", "x"));
        press(&mut prompt, KeyCode::Home, none);
        press(&mut prompt, KeyCode::Delete, none);
        press(&mut prompt, KeyCode::End, none);
        assert_eq!(prompt.parts(), ("本x", ""));
        assert_eq!(press(&mut prompt, KeyCode::Enter, none), Outcome::Done);
    }

    #[test]
    fn words_and_lines_go_at_once() {
        let mut prompt = Prompt::new(Purpose::Filter, "loss < 0.1 and ");
        let ctrl = KeyModifiers::CONTROL;
        press(&mut prompt, KeyCode::Char('w'), ctrl);
        assert_eq!(prompt.text(), "loss < 0.1 ");
        press(&mut prompt, KeyCode::Char('u'), ctrl);
        assert_eq!(prompt.text(), "");
        let outcome = press(&mut prompt, KeyCode::Backspace, KeyModifiers::NONE);
        assert_eq!(outcome, Outcome::Cancelled);
    }

    #[test]
    fn what_is_pasted_is_one_line_that_steers_nothing() {
        let mut prompt = Prompt::new(Purpose::Filter, "");
        prompt.insert("a\tb\x1b[2J\nrest");
        assert_eq!(prompt.text(), "a b\u{241b}[2J");
    }
}
