//! Groups, and letters that change how an expression is read.

use super::{Last, Result, Translator, refused};

impl Translator {
    /// What follows an opening bracket at `start`.
    pub(super) fn open_group(&mut self, start: usize) -> Result<()> {
        let verbose = self.verbose;
        if !self.eat("?") {
            self.out.push('(');
        } else if self.eat("#") {
            while self
                .next()
                .ok_or_else(|| refused("missing ), unterminated comment", start))?
                != ')'
            {}
            return Ok(());
        } else if self.eat("P=") {
            let name = self.name(')')?;
            self.push_item(&format!("(?P={name})"));
            return Ok(());
        } else if self.eat("P<") {
            let name = self.name('>')?;
            self.out.push_str(&format!("(?P<{name}>"));
        } else if self.eat("(") {
            let name = self.name(')')?;
            let is_number = name.bytes().all(|byte| byte.is_ascii_digit());
            let name = if is_number { name } else { format!("<{name}>") };
            self.out.push_str(&format!("(?({name})"));
        } else if let Some(kind) = [":", "=", "!", "<=", "<!", ">"]
            .into_iter()
            .find(|kind| self.eat(kind))
        {
            self.out.push_str(&format!("(?{kind}"));
        } else if !self.flags(start)? {
            return Ok(());
        }
        self.groups.push((start, verbose));
        self.last = Last::Nothing;
        Ok(())
    }

    /// The name of a group, up to `end`.
    fn name(&mut self, end: char) -> Result<String> {
        let start = self.at;
        let mut name = String::new();
        loop {
            match self.next() {
                Some(c) if c == end => break,
                Some(c) if c.is_alphanumeric() || c == '_' => name.push(c),
                Some(c) => {
                    let reason = format!("bad character in group name '{name}{c}'");
                    return Err(refused(reason, start));
                }
                None => {
                    let reason = format!("missing {end}, unterminated name");
                    return Err(refused(reason, start));
                }
            }
        }
        if name.is_empty() {
            return Err(refused("missing group name", start));
        }
        Ok(name)
    }

    /// Letters that change how an expression is read; whether they open a group.
    fn flags(&mut self, start: usize) -> Result<bool> {
        let mut kept = String::new();
        let mut is_on = true;
        loop {
            match self.next() {
                Some(c @ ('i' | 'm' | 's')) => kept.push(c),
                Some('x') => self.verbose = is_on,
                Some('a') => self.ascii = true,
                Some('u') => self.ascii = false,
                Some('-') if is_on => {
                    is_on = false;
                    kept.push('-');
                }
                Some(end @ (')' | ':')) => {
                    let opens = end == ':';
                    let kept = kept.strip_suffix('-').unwrap_or(&kept);
                    return self.push_flags(kept, opens, start);
                }
                Some(c) => {
                    // What `(?<` may begin takes one letter more.
                    let more = self.peek().filter(|_| matches!(c, '<' | 'P'));
                    let more = more.map(String::from).unwrap_or_default();
                    let reason = format!("unknown extension ?{c}{more}");
                    return Err(refused(reason, start + 1));
                }
                None => return Err(refused("unexpected end of pattern", self.at)),
            }
        }
    }

    fn push_flags(&mut self, flags: &str, opens: bool, start: usize) -> Result<bool> {
        if opens {
            self.out.push_str(&format!("(?{flags}:"));
        } else if start > 0 {
            let reason = "global flags not at the start of the expression";
            return Err(refused(reason, start));
        } else if !flags.is_empty() {
            self.out.push_str(&format!("(?{flags})"));
        }
        Ok(opens)
    }

    /// A closing bracket at `start`.
    pub(super) fn close_group(&mut self, start: usize) -> Result<()> {
        let (_, verbose) = self
            .groups
            .pop()
            .ok_or_else(|| refused("unbalanced parenthesis", start))?;
        self.verbose = verbose;
        self.push_item(")");
        Ok(())
    }
}
