//! A place in a text of YAML: looking ahead, moving on, lines and columns as
//! PyYAML counts them.

use crate::base::python_text::str_repr;
use crate::base::yaml::{Error, Mark};

/// What stands in for the character after the last. The text itself has none.
pub(super) const END: char = '\0';

/// The characters of a text and a place among them.
pub(super) struct Cursor {
    chars: Vec<char>,
    at: usize,
    line: usize,
    column: usize,
}

/// Whether a line ends at the character.
pub(super) fn is_break(c: char) -> bool {
    matches!(c, '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Whether a line or the text ends at the character.
pub(super) fn is_break_or_end(c: char) -> bool {
    c == END || is_break(c)
}

/// Whether a word ends at the character.
pub(super) fn is_blank_or_end(c: char) -> bool {
    matches!(c, ' ' | '\t') || is_break_or_end(c)
}

/// The characters of names: anchors, handles, directives.
pub(super) fn is_name_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_')
}

impl Cursor {
    /// Starts at the beginning of a text, after a byte order mark.
    ///
    /// # Errors
    /// For control characters, which YAML does not allow anywhere.
    pub fn new(text: &str) -> Result<Self, Error> {
        let chars: Vec<char> = text.chars().collect();
        let mut cursor = Self {
            chars,
            at: 0,
            line: 0,
            column: 0,
        };
        if let Some(at) = cursor.chars.iter().position(|c| !is_allowed(*c)) {
            let code = u32::from(cursor.chars[at]);
            cursor.skip(at);
            let problem =
                format!("unacceptable character #x{code:04x}: special characters are not allowed");
            return Err(Error::at_position(problem, cursor.mark(), at));
        }
        if cursor.peek() == '\u{FEFF}' {
            cursor.skip(1);
        }
        Ok(cursor)
    }

    pub fn index(&self) -> usize {
        self.at
    }

    pub fn line(&self) -> usize {
        self.line
    }

    pub fn column(&self) -> usize {
        self.column
    }

    pub fn mark(&self) -> Mark {
        Mark {
            line: self.line,
            column: self.column,
        }
    }

    /// The character here.
    pub fn peek(&self) -> char {
        self.peek_at(0)
    }

    /// The character some way ahead.
    pub fn peek_at(&self, offset: usize) -> char {
        self.chars.get(self.at + offset).copied().unwrap_or(END)
    }

    /// Moves on by a number of characters.
    pub fn skip(&mut self, count: usize) {
        for _ in 0..count {
            let c = self.peek();
            self.at += 1;
            if is_break(c) && !(c == '\r' && self.peek() == '\n') {
                self.line += 1;
                self.column = 0;
            } else if c != '\u{FEFF}' {
                self.column += 1;
            }
        }
    }

    /// Moves on while a condition holds.
    pub fn skip_while(&mut self, holds: impl Fn(char) -> bool) {
        while self.peek() != END && holds(self.peek()) {
            self.skip(1);
        }
    }

    /// Moves on while a condition holds and returns what was passed.
    pub fn take_while(&mut self, holds: impl Fn(char) -> bool) -> String {
        let start = self.at;
        self.skip_while(holds);
        self.chars[start..self.at].iter().collect()
    }

    /// Moves on by a number of characters and returns them.
    pub fn take(&mut self, count: usize) -> String {
        let start = self.at.min(self.chars.len());
        self.skip(count);
        self.chars[start..self.at.min(self.chars.len())]
            .iter()
            .collect()
    }

    /// Passes a line break, if there is one, and returns what it means in a
    /// scalar: a line feed for all but the two breaks of Unicode.
    pub fn take_break(&mut self) -> Option<char> {
        let c = self.peek();
        if !is_break(c) {
            return None;
        }
        let is_pair = c == '\r' && self.peek_at(1) == '\n';
        self.skip(if is_pair { 2 } else { 1 });
        Some(if matches!(c, '\u{2028}' | '\u{2029}') {
            c
        } else {
            '\n'
        })
    }

    /// Whether `---` or `...` stands here as a word. Only asked at a line's start.
    pub fn is_at_document_mark(&self) -> bool {
        self.is_at_word("---") || self.is_at_word("...")
    }

    /// Whether a word of three characters stands here.
    pub fn is_at_word(&self, word: &str) -> bool {
        word.chars()
            .enumerate()
            .all(|(offset, c)| self.peek_at(offset) == c)
            && is_blank_or_end(self.peek_at(3))
    }

    /// The error of finding something else here than was expected.
    pub fn unexpected(&self, expected: &str, context: &str, start: Mark) -> Error {
        let found = str_repr(&self.peek().to_string());
        Error::new(
            format!("expected {expected}, but found {found}"),
            self.mark(),
        )
        .within(context, start)
    }
}

/// Whether YAML allows a character at all.
fn is_allowed(c: char) -> bool {
    match c {
        '\t' | '\n' | '\r' | '\u{85}' => true,
        '\u{FFFE}' | '\u{FFFF}' => false,
        _ => !c.is_control(),
    }
}
