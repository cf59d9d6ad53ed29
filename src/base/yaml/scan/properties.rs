//! Reading directives, anchors and tags: what stands before a document or a
//! node and says something about it.

use super::cursor::{is_blank_or_end, is_break_or_end, is_name_char};
use super::{Directive, Scanner, Tag};
use crate::base::python_text::str_repr;
use crate::base::yaml::{Error, Mark};

const IN_DIRECTIVE: &str = "while scanning a directive";
const IN_TAG: &str = "while scanning a tag";
const NAME_EXPECTED: &str = "alphabetic or numeric character";

fn ends_word(c: char) -> bool {
    c == ' ' || is_break_or_end(c)
}

impl Scanner {
    /// Reads the name of an anchor or an alias after its first character.
    pub(super) fn anchor_name(&mut self, context: &str) -> Result<String, Error> {
        let start = self.cursor.mark();
        self.cursor.skip(1);
        let name = self.cursor.take_while(is_name_char);
        let next = self.cursor.peek();
        if name.is_empty() || !(is_blank_or_end(next) || "?:,]}%@`".contains(next)) {
            return Err(self.cursor.unexpected(NAME_EXPECTED, context, start));
        }
        Ok(name)
    }

    /// Reads a directive and the rest of its line.
    pub(super) fn directive(&mut self) -> Result<Directive, Error> {
        let start = self.cursor.mark();
        self.cursor.skip(1);
        let name = self.cursor.take_while(is_name_char);
        if name.is_empty() || !ends_word(self.cursor.peek()) {
            return Err(self.cursor.unexpected(NAME_EXPECTED, IN_DIRECTIVE, start));
        }
        let directive = match name.as_str() {
            "YAML" => self.yaml_directive(start)?,
            "TAG" => self.tag_directive(start)?,
            _ => {
                self.cursor.skip_while(|c| !is_break_or_end(c));
                Directive::Other
            }
        };
        self.end_line(IN_DIRECTIVE, start)?;
        Ok(directive)
    }

    fn yaml_directive(&mut self, start: Mark) -> Result<Directive, Error> {
        self.cursor.skip_while(|c| c == ' ');
        let major = self.version_number(start)?;
        if self.cursor.peek() != '.' {
            let expected = "a digit or '.'";
            return Err(self.cursor.unexpected(expected, IN_DIRECTIVE, start));
        }
        self.cursor.skip(1);
        self.version_number(start)?;
        if !ends_word(self.cursor.peek()) {
            let expected = "a digit or ' '";
            return Err(self.cursor.unexpected(expected, IN_DIRECTIVE, start));
        }
        Ok(Directive::Yaml { major })
    }

    fn version_number(&mut self, start: Mark) -> Result<String, Error> {
        let digits = self.cursor.take_while(|c| c.is_ascii_digit());
        if digits.is_empty() {
            return Err(self.cursor.unexpected("a digit", IN_DIRECTIVE, start));
        }
        Ok(digits)
    }

    fn tag_directive(&mut self, start: Mark) -> Result<Directive, Error> {
        self.cursor.skip_while(|c| c == ' ');
        let handle = self.tag_handle(IN_DIRECTIVE, start)?;
        if self.cursor.peek() != ' ' {
            return Err(self.cursor.unexpected("' '", IN_DIRECTIVE, start));
        }
        self.cursor.skip_while(|c| c == ' ');
        let prefix = self.tag_uri("directive", start)?;
        if !ends_word(self.cursor.peek()) {
            return Err(self.cursor.unexpected("' '", IN_DIRECTIVE, start));
        }
        Ok(Directive::Tag { handle, prefix })
    }

    /// Passes blanks, a comment and the end of the line.
    pub(super) fn end_line(&mut self, context: &str, start: Mark) -> Result<(), Error> {
        self.cursor.skip_while(|c| c == ' ');
        if self.cursor.peek() == '#' {
            self.cursor.skip_while(|c| !is_break_or_end(c));
        }
        if !is_break_or_end(self.cursor.peek()) {
            let expected = "a comment or a line break";
            return Err(self.cursor.unexpected(expected, context, start));
        }
        self.cursor.take_break();
        Ok(())
    }

    /// Reads `!`, `!suffix`, `!handle!suffix` or `!<uri>`.
    pub(super) fn tag(&mut self) -> Result<Tag, Error> {
        let start = self.cursor.mark();
        let tag = match self.cursor.peek_at(1) {
            '<' => {
                self.cursor.skip(2);
                let suffix = self.tag_uri("tag", start)?;
                if self.cursor.peek() != '>' {
                    return Err(self.cursor.unexpected("'>'", "while parsing a tag", start));
                }
                self.cursor.skip(1);
                Tag {
                    handle: None,
                    suffix,
                }
            }
            next if is_blank_or_end(next) => {
                self.cursor.skip(1);
                Tag {
                    handle: None,
                    suffix: "!".to_owned(),
                }
            }
            _ => {
                let handle = if self.has_second_mark() {
                    self.tag_handle(IN_TAG, start)?
                } else {
                    self.cursor.skip(1);
                    "!".to_owned()
                };
                let suffix = self.tag_uri("tag", start)?;
                Tag {
                    handle: Some(handle),
                    suffix,
                }
            }
        };
        if !ends_word(self.cursor.peek()) {
            return Err(self.cursor.unexpected("' '", IN_TAG, start));
        }
        Ok(tag)
    }

    /// Whether another `!` follows in the word that begins here.
    fn has_second_mark(&self) -> bool {
        (1..)
            .map(|offset| self.cursor.peek_at(offset))
            .take_while(|c| !ends_word(*c))
            .any(|c| c == '!')
    }

    /// Reads `!`, `!!` or `!name!`.
    fn tag_handle(&mut self, context: &str, start: Mark) -> Result<String, Error> {
        if self.cursor.peek() != '!' {
            return Err(self.cursor.unexpected("'!'", context, start));
        }
        let mut handle = self.cursor.take(1);
        if self.cursor.peek() == ' ' {
            return Ok(handle);
        }
        handle.push_str(&self.cursor.take_while(is_name_char));
        if self.cursor.peek() != '!' {
            return Err(self.cursor.unexpected("'!'", context, start));
        }
        handle.push_str(&self.cursor.take(1));
        Ok(handle)
    }

    fn tag_uri(&mut self, what: &str, start: Mark) -> Result<String, Error> {
        let mut uri = String::new();
        loop {
            let c = self.cursor.peek();
            if c == '%' {
                uri.push_str(&self.uri_escapes(what, start)?);
            } else if c.is_ascii_alphanumeric() || "-;/?:@&=+$,_.!~*'()[]".contains(c) {
                uri.push(c);
                self.cursor.skip(1);
            } else {
                break;
            }
        }
        if uri.is_empty() {
            let context = format!("while parsing a {what}");
            return Err(self.cursor.unexpected("URI", &context, start));
        }
        Ok(uri)
    }

    /// Reads `%41%42...`: the bytes of UTF-8 text.
    fn uri_escapes(&mut self, what: &str, start: Mark) -> Result<String, Error> {
        let context = format!("while scanning a {what}");
        let mark = self.cursor.mark();
        let mut bytes = Vec::new();
        while self.cursor.peek() == '%' {
            self.cursor.skip(1);
            let digit = |offset: usize| self.cursor.peek_at(offset).to_digit(16);
            let (Some(high), Some(low)) = (digit(0), digit(1)) else {
                let found = self.cursor.peek_at(usize::from(digit(0).is_some()));
                let found = str_repr(&found.to_string());
                let problem = format!(
                    "expected URI escape sequence of 2 hexadecimal numbers, but found {found}"
                );
                return Err(Error::new(problem, self.cursor.mark()).within(context, start));
            };
            let byte = (high << 4 | low) as u8;
            bytes.push(byte);
            self.cursor.skip(2);
        }
        String::from_utf8(bytes)
            .map_err(|_| Error::new("invalid utf-8 in URI", mark).within(context, start))
    }
}
