//! Brackets: one of several characters.

use super::{Result, Translator, refused};

/// One of what stands in brackets.
enum Member {
    Char(char),
    Category(String),
}

impl Translator {
    /// What stands in brackets.
    pub(super) fn class(&mut self, start: usize) -> Result<()> {
        self.out.push('[');
        if self.eat("^") {
            self.out.push('^');
        }
        let unterminated = || refused("unterminated character set", start);
        let mut is_first = true;
        loop {
            let place = self.at;
            let c = self.next().ok_or_else(unterminated)?;
            if c == ']' && !is_first {
                break;
            }
            is_first = false;
            let low = self.member(c, place)?;
            if self.peek() == Some('-') && !matches!(self.pattern.get(self.at + 1), Some(']')) {
                self.at += 1;
                let high_place = self.at;
                let c = self.next().ok_or_else(unterminated)?;
                let high = self.member(c, high_place)?;
                self.range(low, high, place)?;
            } else {
                self.push_member(low);
            }
        }
        self.push_item("]");
        Ok(())
    }

    fn range(&mut self, low: Member, high: Member, place: usize) -> Result<()> {
        if let (Member::Char(low), Member::Char(high)) = (&low, &high)
            && low <= high
        {
            self.push_member(Member::Char(*low));
            self.out.push('-');
            self.push_member(Member::Char(*high));
            return Ok(());
        }
        let text: String = self.pattern[place..self.at].iter().collect();
        Err(refused(format!("bad character range {text}"), place))
    }

    /// What `c`, which was just passed, stands for in brackets.
    fn member(&mut self, c: char, place: usize) -> Result<Member> {
        if c != '\\' {
            return Ok(Member::Char(c));
        }
        if let Some(category) = self.category() {
            return Ok(Member::Category(category));
        }
        Ok(Member::Char(match self.peek() {
            Some('b') => {
                self.at += 1;
                '\x08'
            }
            Some(c) if c.is_digit(8) => self.octal(place)?,
            _ => self.escaped_char(place)?,
        }))
    }

    fn push_member(&mut self, member: Member) {
        match member {
            Member::Char(c) => {
                if r"\[]^-&~".contains(c) {
                    self.out.push('\\');
                }
                self.out.push(c);
            }
            Member::Category(text) => self.out.push_str(&text),
        }
    }
}
