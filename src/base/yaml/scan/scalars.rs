//! Reading scalars: block, quoted and plain, with the folding of their lines.

use super::Scanner;
use super::cursor::{END, is_blank_or_end, is_break, is_break_or_end};
use crate::base::python_text::str_repr;
use crate::base::yaml::{Error, Mark};

const IN_BLOCK: &str = "while scanning a block scalar";
const IN_DOUBLE: &str = "while scanning a double-quoted scalar";
const IN_QUOTED: &str = "while scanning a quoted scalar";

/// What becomes of the line breaks at the end of a block scalar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Chomp {
    /// `-`: none stays.
    Strip,
    /// The first stays.
    Clip,
    /// `+`: all stay.
    Keep,
}

/// Joins two lines: a single line feed between them becomes a space.
fn push_folded(text: &mut String, first: char, others: &str) {
    if first != '\n' {
        text.push(first);
    } else if others.is_empty() {
        text.push(' ');
    }
    text.push_str(others);
}

impl Scanner {
    /// Reads a scalar that begins with `|` or `>`.
    pub(super) fn block_scalar(&mut self) -> Result<String, Error> {
        let start = self.cursor.mark();
        let folds = self.cursor.peek() == '>';
        self.cursor.skip(1);
        let (chomp, increment) = self.block_scalar_header(start)?;
        self.end_line(IN_BLOCK, start)?;

        let least = self.indent.map_or(1, |indent| indent + 1);
        let (indent, mut breaks) = match increment {
            Some(increment) => {
                let indent = least + increment - 1;
                (indent, self.block_breaks(indent))
            }
            None => {
                let (deepest, breaks) = self.leading_block_breaks();
                (least.max(deepest), breaks)
            }
        };
        let mut text = String::new();
        let mut line_end = None;
        while self.cursor.column() == indent && self.cursor.peek() != END {
            text.push_str(&breaks);
            let is_text = |c| !matches!(c, ' ' | '\t');
            let begins_with_text = is_text(self.cursor.peek());
            text.push_str(&self.cursor.take_while(|c| !is_break_or_end(c)));
            line_end = self.cursor.take_break();
            breaks = self.block_breaks(indent);
            let next = self.cursor.peek();
            if self.cursor.column() != indent || next == END {
                break;
            }
            match line_end {
                Some('\n') if folds && begins_with_text && is_text(next) => {
                    if breaks.is_empty() {
                        text.push(' ');
                    }
                }
                _ => text.extend(line_end),
            }
        }
        if chomp != Chomp::Strip {
            text.extend(line_end);
        }
        if chomp == Chomp::Keep {
            text.push_str(&breaks);
        }
        Ok(text)
    }

    /// Reads `+` or `-` and a digit, in any order.
    fn block_scalar_header(&mut self, start: Mark) -> Result<(Chomp, Option<usize>), Error> {
        let mut chomp = Chomp::Clip;
        let mut increment = None;
        let mut chomp_is_given = false;
        loop {
            match self.cursor.peek() {
                sign @ ('+' | '-') if !chomp_is_given => {
                    chomp = if sign == '+' {
                        Chomp::Keep
                    } else {
                        Chomp::Strip
                    };
                    chomp_is_given = true;
                }
                '0' if increment.is_none() => {
                    let problem = "expected indentation indicator in the range 1-9, but found 0";
                    return Err(Error::new(problem, self.cursor.mark()).within(IN_BLOCK, start));
                }
                digit @ '1'..='9' if increment.is_none() => {
                    increment = digit.to_digit(10).map(|digit| digit as usize);
                }
                c if c == ' ' || is_break_or_end(c) => return Ok((chomp, increment)),
                _ => {
                    let expected = "chomping or indentation indicators";
                    return Err(self.cursor.unexpected(expected, IN_BLOCK, start));
                }
            }
            self.cursor.skip(1);
        }
    }

    /// Passes the empty lines before a block scalar and the indentation of its
    /// first line, and returns the deepest indentation among them.
    fn leading_block_breaks(&mut self) -> (usize, String) {
        let mut breaks = String::new();
        let mut deepest = 0;
        loop {
            self.cursor.skip_while(|c| c == ' ');
            deepest = deepest.max(self.cursor.column());
            match self.cursor.take_break() {
                Some(c) => breaks.push(c),
                None => return (deepest, breaks),
            }
        }
    }

    /// Passes empty lines, and indentation up to a column.
    fn block_breaks(&mut self, indent: usize) -> String {
        let mut breaks = String::new();
        loop {
            while self.cursor.column() < indent && self.cursor.peek() == ' ' {
                self.cursor.skip(1);
            }
            match self.cursor.take_break() {
                Some(c) => breaks.push(c),
                None => return breaks,
            }
        }
    }

    /// Reads a scalar in single or double quotes.
    pub(super) fn quoted_scalar(&mut self) -> Result<String, Error> {
        let start = self.cursor.mark();
        let quote = self.cursor.peek();
        self.cursor.skip(1);
        let mut text = String::new();
        loop {
            self.quoted_word(quote, start, &mut text)?;
            if self.cursor.peek() == quote {
                self.cursor.skip(1);
                return Ok(text);
            }
            self.quoted_space(start, &mut text)?;
        }
    }

    /// Reads up to white space or the closing quote.
    fn quoted_word(&mut self, quote: char, start: Mark, text: &mut String) -> Result<(), Error> {
        loop {
            let run = |c| !matches!(c, '\'' | '"' | '\\') && !is_blank_or_end(c);
            text.push_str(&self.cursor.take_while(run));
            let c = self.cursor.peek();
            if quote == '\'' && c == '\'' && self.cursor.peek_at(1) == '\'' {
                text.push(c);
                self.cursor.skip(2);
            } else if c != quote && (c == '\'' || (quote == '\'' && matches!(c, '"' | '\\'))) {
                text.push(c);
                self.cursor.skip(1);
            } else if quote == '"' && c == '\\' {
                self.cursor.skip(1);
                self.escape(start, text)?;
            } else {
                return Ok(());
            }
        }
    }

    /// Reads an escape after its backslash.
    fn escape(&mut self, start: Mark, text: &mut String) -> Result<(), Error> {
        let c = self.cursor.peek();
        let meaning = match c {
            '0' => '\0',
            'a' => '\x07',
            'b' => '\x08',
            't' | '\t' => '\t',
            'n' => '\n',
            'v' => '\x0B',
            'f' => '\x0C',
            'r' => '\r',
            'e' => '\x1B',
            ' ' | '"' | '\\' | '/' => c,
            'N' => '\u{85}',
            '_' => '\u{A0}',
            'L' => '\u{2028}',
            'P' => '\u{2029}',
            'x' => self.escaped_char(2, start)?,
            'u' => self.escaped_char(4, start)?,
            'U' => self.escaped_char(8, start)?,
            _ if is_break(c) => {
                self.cursor.take_break();
                text.push_str(&self.quoted_breaks(start)?);
                return Ok(());
            }
            _ => {
                let c = str_repr(&c.to_string());
                let problem = format!("found unknown escape character {c}");
                return Err(Error::new(problem, self.cursor.mark()).within(IN_DOUBLE, start));
            }
        };
        text.push(meaning);
        if !matches!(c, 'x' | 'u' | 'U') {
            self.cursor.skip(1);
        }
        Ok(())
    }

    /// Reads the letter and the digits of an escape by number. A pair of
    /// surrogates, as JSON writes characters past U+FFFF, makes one character.
    fn escaped_char(&mut self, length: usize, start: Mark) -> Result<char, Error> {
        self.cursor.skip(1);
        let mark = self.cursor.mark();
        let code = self.hex_number(length, start)?;
        if (0xD800..0xDC00).contains(&code)
            && self.cursor.peek() == '\\'
            && self.cursor.peek_at(1) == 'u'
            && let Some(low) = self.hex_digits_at(2, 4)
            && (0xDC00..0xE000).contains(&low)
        {
            self.cursor.skip(6);
            let code = 0x1_0000 + ((code - 0xD800) << 10) + (low - 0xDC00);
            return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        if code > u32::from(char::MAX) {
            let problem = "escaped character is past U+10FFFF";
            return Err(Error::new(problem, mark).within(IN_DOUBLE, start));
        }
        // A lone surrogate, which Python's strings can hold and Rust's cannot.
        Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn hex_number(&mut self, length: usize, start: Mark) -> Result<u32, Error> {
        let bad = (0..length).find(|offset| !self.cursor.peek_at(*offset).is_ascii_hexdigit());
        match self.hex_digits_at(0, length) {
            Some(number) if bad.is_none() => {
                self.cursor.skip(length);
                Ok(number)
            }
            _ => {
                let found = self.cursor.peek_at(bad.unwrap_or_default());
                let found = str_repr(&found.to_string());
                let problem = format!(
                    "expected escape sequence of {length} hexadecimal numbers, but found {found}"
                );
                Err(Error::new(problem, self.cursor.mark()).within(IN_DOUBLE, start))
            }
        }
    }

    fn hex_digits_at(&self, offset: usize, length: usize) -> Option<u32> {
        (offset..offset + length).try_fold(0, |number: u32, at| {
            let digit = self.cursor.peek_at(at).to_digit(16)?;
            Some(number << 4 | digit)
        })
    }

    /// Reads white space inside quotes.
    fn quoted_space(&mut self, start: Mark, text: &mut String) -> Result<(), Error> {
        let blanks = self.cursor.take_while(|c| matches!(c, ' ' | '\t'));
        if self.cursor.peek() == END {
            let problem = "found unexpected end of stream";
            return Err(Error::new(problem, self.cursor.mark()).within(IN_QUOTED, start));
        }
        match self.cursor.take_break() {
            None => text.push_str(&blanks),
            Some(first) => {
                let others = self.quoted_breaks(start)?;
                push_folded(text, first, &others);
            }
        }
        Ok(())
    }

    /// Passes empty lines and indentation inside quotes.
    fn quoted_breaks(&mut self, start: Mark) -> Result<String, Error> {
        let mut breaks = String::new();
        loop {
            if self.cursor.is_at_document_mark() {
                let problem = "found unexpected document separator";
                return Err(Error::new(problem, self.cursor.mark()).within(IN_QUOTED, start));
            }
            self.cursor.skip_while(|c| matches!(c, ' ' | '\t'));
            match self.cursor.take_break() {
                Some(c) => breaks.push(c),
                None => return Ok(breaks),
            }
        }
    }

    /// Reads a scalar without quotes and returns where it ends.
    pub(super) fn plain_scalar(&mut self) -> (String, Mark) {
        let least = self.indent.map_or(0, |indent| indent + 1);
        let mut text = String::new();
        let mut space = String::new();
        let mut end = self.cursor.mark();
        loop {
            let length = self.plain_word_length();
            if self.cursor.peek() == '#' || length == 0 {
                return (text, end);
            }
            self.allows_key = false;
            text.push_str(&space);
            text.push_str(&self.cursor.take(length));
            end = self.cursor.mark();
            space = self.plain_space();
            let is_dedented = self.flow_depth == 0 && self.cursor.column() < least;
            if space.is_empty() || self.cursor.peek() == '#' || is_dedented {
                return (text, end);
            }
        }
    }

    fn plain_word_length(&self) -> usize {
        let in_flow = self.flow_depth > 0;
        let ends = |offset: usize| {
            let c = self.cursor.peek_at(offset);
            let next = self.cursor.peek_at(offset + 1);
            match c {
                ':' => is_blank_or_end(next) || (in_flow && ",[]{}".contains(next)),
                ',' | '?' | '[' | ']' | '{' | '}' => in_flow,
                _ => is_blank_or_end(c),
            }
        };
        (0..).find(|offset| ends(*offset)).unwrap_or_default()
    }

    /// Passes white space after a word and returns what it means between words;
    /// nothing if the scalar ends.
    fn plain_space(&mut self) -> String {
        let blanks = self.cursor.take_while(|c| c == ' ');
        let Some(first) = self.cursor.take_break() else {
            return blanks;
        };
        self.allows_key = true;
        if self.cursor.is_at_document_mark() {
            return String::new();
        }
        let mut others = String::new();
        loop {
            self.cursor.skip_while(|c| c == ' ');
            match self.cursor.take_break() {
                Some(c) => others.push(c),
                None => break,
            }
            if self.cursor.is_at_document_mark() {
                return String::new();
            }
        }
        let mut space = String::new();
        push_folded(&mut space, first, &others);
        space
    }
}
