//! Regular expressions as Python's `re` has them, in the syntax of the crate
//! that matches them here.
//!
//! Both are alike but for what some letters after a backslash mean, brackets
//! inside brackets, braces that repeat nothing, and a few groups. What Python
//! refuses is refused with its words where the crate would take it.

mod classes;
mod escapes;
mod groups;
mod replacement;
#[cfg(test)]
mod tests;

pub use replacement::Replacement;

/// Why Python would not take an expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason} at position {position}")]
pub struct Refused {
    reason: String,
    position: usize,
}

type Result<T> = std::result::Result<T, Refused>;

/// The expression `pattern` in the syntax of `fancy_regex`.
///
/// # Errors
/// Python would not take it. Not all such expressions are found here; the
/// others the crate refuses.
pub fn translate(pattern: &str) -> Result<String> {
    let mut translator = Translator {
        pattern: pattern.chars().collect(),
        at: 0,
        out: String::with_capacity(pattern.len() + 16),
        last: Last::Nothing,
        groups: Vec::new(),
        ascii: false,
        verbose: false,
    };
    translator.run()?;
    Ok(translator.out)
}

/// What a repetition would repeat.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    Nothing,
    Item,
    Repetition,
}

struct Translator {
    pattern: Vec<char>,
    at: usize,
    out: String,
    last: Last,
    // Where each open group began, and whether white space counted outside.
    groups: Vec<(usize, bool)>,
    ascii: bool,
    verbose: bool,
}

impl Translator {
    fn run(&mut self) -> Result<()> {
        while let Some(c) = self.next() {
            let start = self.at - 1;
            match c {
                c if self.verbose && c.is_ascii_whitespace() => {}
                '#' if self.verbose => while self.next().is_some_and(|c| c != '\n') {},
                '\\' => self.escape(start)?,
                '[' => self.class(start)?,
                '(' => self.open_group(start)?,
                ')' => self.close_group(start)?,
                '|' => self.push_between('|'),
                '^' | '$' => self.push_between(c),
                '*' | '+' | '?' => self.repeat(start, &c.to_string())?,
                '{' => self.braces(start)?,
                '.' => self.push_item("."),
                c => self.push_literal(c),
            }
        }
        match self.groups.last() {
            Some(&(start, _)) => Err(refused("missing ), unterminated subpattern", start)),
            None => Ok(()),
        }
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += 1;
        Some(c)
    }

    fn peek(&self) -> Option<char> {
        self.pattern.get(self.at).copied()
    }

    /// Goes past `text` if it comes next.
    fn eat(&mut self, text: &str) -> bool {
        let comes = text.chars().eq(self
            .pattern
            .iter()
            .skip(self.at)
            .take(text.chars().count())
            .copied());
        if comes {
            self.at += text.chars().count();
        }
        comes
    }

    fn push_item(&mut self, text: &str) {
        self.out.push_str(text);
        self.last = Last::Item;
    }

    /// What stands between items, and can itself not be repeated.
    fn push_between(&mut self, c: char) {
        self.out.push(c);
        self.last = Last::Nothing;
    }

    fn push_literal(&mut self, c: char) {
        if r"\.+*?()|[]{}^$#".contains(c) {
            self.out.push('\\');
        }
        self.out.push(c);
        self.last = Last::Item;
    }

    /// `*`, `+`, `?` and what changes how they repeat.
    fn repeat(&mut self, start: usize, text: &str) -> Result<()> {
        match self.last {
            Last::Nothing => return Err(refused("nothing to repeat", start)),
            Last::Repetition => return Err(refused("multiple repeat", start)),
            Last::Item => {}
        }
        self.out.push_str(text);
        if let Some(c @ ('?' | '+')) = self.peek() {
            self.at += 1;
            self.out.push(c);
        }
        self.last = Last::Repetition;
        Ok(())
    }

    /// `{2}`, `{2,}`, `{,3}` and `{2,3}`; other braces stand for themselves.
    fn braces(&mut self, start: usize) -> Result<()> {
        let after = self.at;
        let least = self.digits();
        let is_range = self.eat(",");
        let most = if is_range {
            self.digits()
        } else {
            least.clone()
        };
        if self.next() != Some('}') || !is_range && least.is_empty() {
            self.at = after;
            self.push_literal('{');
            return Ok(());
        }
        if let (Ok(least), Ok(most)) = (least.parse::<u32>(), most.parse::<u32>())
            && most < least
        {
            let reason = "min repeat greater than max repeat";
            return Err(refused(reason, start + 1));
        }
        let least = if least.is_empty() { "0" } else { &least };
        let range = if is_range {
            format!("{{{least},{most}}}")
        } else {
            format!("{{{least}}}")
        };
        self.repeat(start, &range)
    }

    fn digits(&mut self) -> String {
        let mut digits = String::new();
        while let Some(c) = self.peek().filter(char::is_ascii_digit) {
            digits.push(c);
            self.at += 1;
        }
        digits
    }
}

fn refused(reason: impl Into<String>, position: usize) -> Refused {
    Refused {
        reason: reason.into(),
        position,
    }
}
