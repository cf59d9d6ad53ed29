//! What a backslash and what follows it stand for.

use super::{Last, Result, Translator, refused};

/// White space of Python's texts: that of Unicode and four separators more.
const SPACE: &str = r"\s\x1c-\x1f";
const ASCII_SPACE: &str = r"\x09-\x0d\x20";

impl Translator {
    /// What follows a backslash outside of brackets.
    pub(super) fn escape(&mut self, start: usize) -> Result<()> {
        match self.peek() {
            Some('A') => self.boundary(r"\A"),
            Some('Z') => self.boundary(r"\z"),
            Some('b') => self.boundary(r"\b"),
            Some('B') => self.boundary(r"\B"),
            Some(c) if c.is_ascii_digit() => self.number(start)?,
            _ => match self.category() {
                Some(category) => self.push_item(&format!("[{category}]")),
                None => {
                    let c = self.escaped_char(start)?;
                    self.push_literal(c);
                }
            },
        }
        Ok(())
    }

    fn boundary(&mut self, text: &str) {
        self.at += 1;
        self.out.push_str(text);
        self.last = Last::Nothing;
    }

    /// A number after a backslash: a character in octal, or a group.
    fn number(&mut self, start: usize) -> Result<()> {
        let digits: String = self.pattern[self.at..]
            .iter()
            .take(3)
            .take_while(|c| c.is_ascii_digit())
            .collect();
        let is_octal = |text: &str| text.bytes().all(|digit| digit < b'8');
        if digits.starts_with('0') || digits.len() == 3 && is_octal(&digits) {
            let c = self.octal(start)?;
            self.push_literal(c);
        } else {
            let digits = &digits[..digits.len().min(2)];
            self.at += digits.len();
            // In a group of its own, so that digits that follow are none of it.
            self.push_item(&format!(r"(?:\{digits})"));
        }
        Ok(())
    }

    /// A character by its number in octal.
    pub(super) fn octal(&mut self, start: usize) -> Result<char> {
        let mut code = 0;
        let mut digits = 0;
        while let Some(digit) = self.peek().and_then(|c| c.to_digit(8))
            && digits < 3
        {
            code = code * 8 + digit;
            digits += 1;
            self.at += 1;
        }
        let text: String = self.pattern[start..self.at].iter().collect();
        let reason = format!("octal escape value {text} outside of range 0-0o377");
        match u8::try_from(code) {
            Ok(code) => Ok(char::from(code)),
            Err(_) => Err(refused(reason, start)),
        }
    }

    /// The members of `\d`, `\W` and the like, to stand in brackets.
    pub(super) fn category(&mut self) -> Option<String> {
        let text = match (self.peek()?, self.ascii) {
            ('s', false) => SPACE.to_string(),
            ('S', false) => format!("[^{SPACE}]"),
            ('s', true) => ASCII_SPACE.to_string(),
            ('S', true) => format!("[^{ASCII_SPACE}]"),
            ('d', true) => "0-9".to_string(),
            ('D', true) => "[^0-9]".to_string(),
            ('w', true) => "0-9A-Za-z_".to_string(),
            ('W', true) => "[^0-9A-Za-z_]".to_string(),
            (c @ ('d' | 'D' | 'w' | 'W'), false) => format!("\\{c}"),
            _ => return None,
        };
        self.at += 1;
        Some(text)
    }

    /// The character that a backslash and what follows stand for.
    pub(super) fn escaped_char(&mut self, start: usize) -> Result<char> {
        let Some(c) = self.next() else {
            return Err(refused("bad escape (end of pattern)", start));
        };
        Ok(match c {
            'a' => '\x07',
            'f' => '\x0c',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\x0b',
            'x' => self.hexadecimal(start, 2)?,
            'u' => self.hexadecimal(start, 4)?,
            'U' => self.hexadecimal(start, 8)?,
            c if c.is_ascii_alphanumeric() => {
                return Err(refused(format!("bad escape \\{c}"), start));
            }
            c => c,
        })
    }

    fn hexadecimal(&mut self, start: usize, length: usize) -> Result<char> {
        let digits: String = self.pattern[self.at..]
            .iter()
            .take(length)
            .take_while(|c| c.is_ascii_hexdigit())
            .collect();
        self.at += digits.len();
        let code = u32::from_str_radix(&digits, 16).ok();
        let c = code
            .filter(|_| digits.len() == length)
            .and_then(char::from_u32);
        c.ok_or_else(|| {
            let text: String = self.pattern[start..self.at].iter().collect();
            refused(format!("incomplete escape {text}"), start)
        })
    }
}
