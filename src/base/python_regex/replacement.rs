//! What is put in the place of what an expression found, as Python's `re.sub` has
//! it: `\1` and `\g<name>` stand for groups, `\n` and the like for characters.

use fancy_regex::{Captures, Regex};

use super::{Refused, Result};

/// A replacement for what an expression finds.
#[derive(Debug, Clone)]
pub struct Replacement {
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Group(usize),
}

impl Replacement {
    /// The replacement `text` for what `regex` finds.
    ///
    /// # Errors
    /// Python would not take it, in its words.
    pub fn parse(text: &str, regex: &Regex) -> Result<Self> {
        let mut parser = Parser {
            text: text.chars().collect(),
            at: 0,
            regex,
            pieces: Vec::new(),
        };
        while let Some(c) = parser.next() {
            match c {
                '\\' => parser.escape()?,
                c => parser.push(c),
            }
        }
        Ok(Self {
            pieces: parser.pieces,
        })
    }

    /// What comes in the place of what was found. Groups that have nothing are empty.
    pub fn expand(&self, found: &Captures<'_, str>) -> String {
        let text = |piece: &Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Group(number) => found
                .get(*number)
                .map_or_else(String::new, |group| group.as_str().to_string()),
        };
        self.pieces.iter().map(text).collect()
    }
}

struct Parser<'a> {
    text: Vec<char>,
    at: usize,
    regex: &'a Regex,
    pieces: Vec<Piece>,
}

impl Parser<'_> {
    fn next(&mut self) -> Option<char> {
        let next = self.text.get(self.at).copied();
        self.at += usize::from(next.is_some());
        next
    }

    /// The next character if it is a digit below `base`.
    fn digit(&mut self, base: u32) -> Option<u32> {
        let digit = self.text.get(self.at)?.to_digit(base)?;
        self.at += 1;
        Some(digit)
    }

    fn push(&mut self, c: char) {
        match self.pieces.last_mut() {
            Some(Piece::Text(text)) => text.push(c),
            _ => self.pieces.push(Piece::Text(c.to_string())),
        }
    }

    /// What comes after a backslash.
    fn escape(&mut self) -> Result<()> {
        let start = self.at - 1;
        let Some(c) = self.next() else {
            return Err(refused("bad escape (end of pattern)", start));
        };
        match c {
            'g' => self.named()?,
            '0' => {
                let second = self.digit(8);
                let third = second.and_then(|_| self.digit(8));
                self.push_octal([Some(0), second, third], start)?;
            }
            '1'..='9' => self.numbered(c, start)?,
            'a' => self.push('\x07'),
            'b' => self.push('\x08'),
            'f' => self.push('\x0c'),
            'n' => self.push('\n'),
            'r' => self.push('\r'),
            't' => self.push('\t'),
            'v' => self.push('\x0b'),
            '\\' => self.push('\\'),
            c if c.is_ascii_alphabetic() => {
                return Err(refused(&format!("bad escape \\{c}"), start));
            }
            c => {
                self.push('\\');
                self.push(c);
            }
        }
        Ok(())
    }

    /// A group of one or two digits, or a character of three octal ones.
    fn numbered(&mut self, first: char, start: usize) -> Result<()> {
        let mut number = first.to_digit(10).unwrap_or(0);
        if let Some(second) = self.digit(10) {
            let octal = [first.to_digit(8), Some(second).filter(|&digit| digit < 8)];
            if octal.iter().all(Option::is_some)
                && let Some(third) = self.digit(8)
            {
                return self.push_octal([octal[0], octal[1], Some(third)], start);
            }
            number = number * 10 + second;
        }
        self.group(number as usize, start + 1)
    }

    fn push_octal(&mut self, digits: [Option<u32>; 3], start: usize) -> Result<()> {
        let digits = digits.into_iter().flatten();
        let value = digits.fold(0, |value, digit| value * 8 + digit);
        let Some(c) = u8::try_from(value).ok() else {
            let reason = format!("octal escape value \\{value:o} outside of range 0-0o377");
            return Err(refused(&reason, start));
        };
        self.push(char::from(c));
        Ok(())
    }

    /// The group called what is in `<` and `>`.
    fn named(&mut self) -> Result<()> {
        if self.next() != Some('<') {
            self.at = self.at.min(self.text.len());
            return Err(refused("missing <", self.at.saturating_sub(1)));
        }
        let start = self.at;
        let rest = &self.text[start..];
        let Some(length) = rest.iter().position(|&c| c == '>') else {
            let reason = match rest.is_empty() {
                true => "missing group name",
                false => "missing >, unterminated name",
            };
            return Err(refused(reason, start));
        };
        let name: String = rest[..length].iter().collect();
        self.at = start + length + 1;
        if name.is_empty() {
            return Err(refused("missing group name", start));
        }
        if name.chars().all(|c| c.is_ascii_digit()) {
            let number = name.parse().unwrap_or(usize::MAX);
            return self.group(number, start);
        }
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        if !name.chars().all(is_word) || name.starts_with(char::is_numeric) {
            let reason = format!("bad character in group name '{name}'");
            return Err(refused(&reason, start));
        }
        let mut names = self.regex.capture_names();
        match names.position(|known| known == Some(&name)) {
            Some(number) => self.group(number, start),
            None => Err(refused(&format!("unknown group name '{name}'"), start)),
        }
    }

    fn group(&mut self, number: usize, position: usize) -> Result<()> {
        if number >= self.regex.captures_len() {
            let reason = format!("invalid group reference {number}");
            return Err(refused(&reason, position));
        }
        self.pieces.push(Piece::Group(number));
        Ok(())
    }
}

fn refused(reason: &str, position: usize) -> Refused {
    Refused {
        reason: reason.to_string(),
        position,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replaced(
        pattern: &str,
        replacement: &str,
        text: &str,
    ) -> std::result::Result<String, String> {
        let regex = Regex::new(pattern).unwrap();
        let replacement = Replacement::parse(replacement, &regex);
        let replacement = replacement.map_err(|error| error.to_string())?;
        Ok(replacement.expand(&regex.captures(text).unwrap().unwrap()))
    }

    #[test]
    fn groups_and_characters_are_as_python_has_them() {
        for (pattern, replacement, expected) in [
            ("(.)(.)", r"\2\1", "ba"),
            ("(.)(.)", r"\g<2>0\g<0>", "b0ab"),
            ("(?P<n>.)", r"<\g<n>>", "<a>"),
            ("(x)?.", r"[\1]", "[]"),
            (".", r"\\1\n\t$0${1}", "\\1\n\t$0${1}"),
            (".", r"\.\-", r"\.\-"),
            (".", r"\0\012\101", "\0\nA"),
        ] {
            assert_eq!(replaced(pattern, replacement, "ab").unwrap(), expected);
        }
    }

    #[test]
    fn what_python_refuses_is_refused_in_its_words() {
        for (replacement, expected) in [
            (r"\q", r"bad escape \q at position 0"),
            ("a\\", "bad escape (end of pattern) at position 1"),
            (r"a\2", "invalid group reference 2 at position 2"),
            (r"\18", "invalid group reference 18 at position 1"),
            (r"\g<3>", "invalid group reference 3 at position 3"),
            (r"\g<m>", "unknown group name 'm' at position 3"),
            (r"\g<>", "missing group name at position 3"),
            (r"\g<a", "missing >, unterminated name at position 3"),
            (
                r"\g<a-b>",
                "bad character in group name 'a-b' at position 3",
            ),
            (r"\gx", "missing < at position 2"),
            (
                r"\777",
                r"octal escape value \777 outside of range 0-0o377 at position 0",
            ),
        ] {
            assert_eq!(replaced("(.)", replacement, "a").unwrap_err(), expected);
        }
    }
}
