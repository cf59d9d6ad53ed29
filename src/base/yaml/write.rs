//! Characters of YAML text: columns, white space between tokens, and scalars in
//! each style with the folding of long lines. Knows no values.

use super::analyze::is_break;

/// Text under construction.
pub(super) struct Writer {
    text: String,
    width: usize,
    /// Characters since the last line break.
    column: usize,
    /// Nothing but white space or an opening bracket precedes on this line.
    after_space: bool,
    /// Nothing but indentation and block indicators precede on this line.
    at_indention: bool,
}

impl Writer {
    pub fn new(width: usize) -> Self {
        Self {
            text: String::new(),
            width,
            column: 0,
            after_space: true,
            at_indention: true,
        }
    }

    pub fn into_text(self) -> String {
        self.text
    }

    pub fn at_indention(&self) -> bool {
        self.at_indention
    }

    pub fn is_past_width(&self) -> bool {
        self.column > self.width
    }

    fn put(&mut self, text: &str) {
        self.text.push_str(text);
        self.column += text.chars().count();
    }

    fn put_token(&mut self, token: &str, spaced: bool) {
        if spaced && !self.after_space {
            self.put(" ");
        }
        self.put(token);
        self.after_space = false;
    }

    /// A token that sticks to what precedes: `:`, `,`, closing brackets.
    pub fn indicator(&mut self, token: &str) {
        self.put_token(token, false);
        self.at_indention = false;
    }

    /// A token set off from what precedes by a space.
    pub fn spaced_indicator(&mut self, token: &str) {
        self.put_token(token, true);
        self.at_indention = false;
    }

    /// An opening bracket: set off from what precedes, but not from what follows.
    pub fn opening(&mut self, token: &str) {
        self.spaced_indicator(token);
        self.after_space = true;
    }

    /// `-`, `?` or `:` of a block collection, which others may follow on its line.
    pub fn indicator_of_block(&mut self, token: &str) {
        self.put_token(token, true);
    }

    fn line_break(&mut self, with: char) {
        self.text.push(with);
        self.column = 0;
        self.after_space = true;
        self.at_indention = true;
    }

    /// Moves to an indent: on this line if nothing else is on it yet.
    pub fn indent(&mut self, indent: usize) {
        let is_here = self.at_indention
            && (self.column < indent || (self.column == indent && self.after_space));
        if !is_here {
            self.line_break('\n');
        }
        if self.column < indent {
            self.text
                .extend(std::iter::repeat_n(' ', indent - self.column));
            self.column = indent;
            self.after_space = true;
        }
    }

    /// A text without quotes, which has neither line breaks nor outer spaces.
    pub fn plain(&mut self, text: &str, indent: usize, folds: bool) {
        if text.is_empty() {
            return;
        }
        if !self.after_space {
            self.put(" ");
        }
        self.after_space = false;
        self.at_indention = false;
        if !(folds && text.contains(' ')) {
            self.put(text);
            return;
        }
        for run in runs(text) {
            if run == " " && self.is_past_width() {
                self.indent(indent);
                self.after_space = false;
                self.at_indention = false;
            } else {
                self.put(run);
            }
        }
    }

    /// A text in single quotes. Line breaks double; single spaces fold.
    pub fn single_quoted(&mut self, text: &str, indent: usize, folds: bool) {
        self.spaced_indicator("'");
        let mut at = 0;
        for run in runs(text) {
            let is_inside = at > 0 && at + run.len() < text.len();
            at += run.len();
            if run == " " && folds && is_inside && self.is_past_width() {
                self.indent(indent);
            } else if run.starts_with(is_break) {
                if run.starts_with('\n') {
                    self.line_break('\n');
                }
                for c in run.chars() {
                    self.line_break(c);
                }
                self.indent(indent);
            } else {
                self.put(&run.replace('\'', "''"));
            }
        }
        self.indicator("'");
    }

    /// A text in double quotes, ASCII only. Folds before a space, and before or
    /// after an escape.
    pub fn double_quoted(&mut self, text: &str, indent: usize, folds: bool) {
        self.spaced_indicator("\"");
        let chars: Vec<char> = text.chars().collect();
        // Characters that need no escape are written when something else is met,
        // which is also when the column is known that folding looks at.
        let mut pending = String::new();
        for (at, &c) in chars.iter().enumerate() {
            let is_escaped = !(' '..='~').contains(&c) || matches!(c, '"' | '\\');
            if is_escaped {
                self.put(&std::mem::take(&mut pending));
                self.put(&escape(c));
            }
            let is_inside = at > 0 && at + 1 < chars.len();
            let may_fold = is_inside && (c == ' ' || pending.is_empty());
            // PyYAML measures up to the character, and an escaped one is already
            // written by then.
            let column = self.column + pending.len() - usize::from(is_escaped);
            if folds && may_fold && column > self.width {
                self.put(&std::mem::take(&mut pending));
                self.put("\\");
                self.indent(indent);
                self.after_space = false;
                self.at_indention = false;
                let next_is_space = if is_escaped {
                    chars[at + 1] == ' '
                } else {
                    c == ' '
                };
                if next_is_space {
                    self.put("\\");
                }
            }
            if !is_escaped {
                pending.push(c);
            }
        }
        self.put(&pending);
        self.indicator("\"");
    }

    /// A block of whole lines that end in one line break each.
    pub fn literal(&mut self, text: &str, indent: usize) {
        self.spaced_indicator("|");
        for line in text.lines() {
            self.indent(indent);
            self.put(line);
            self.at_indention = false;
        }
        self.line_break('\n');
    }
}

/// Splits a text into runs of spaces, runs of line breaks and what is between.
fn runs(text: &str) -> impl Iterator<Item = &str> {
    let kind = |c: char| (c == ' ', is_break(c));
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let end = rest.find(|c| kind(c) != kind(first)).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        rest = after;
        Some(run)
    })
}

fn escape(c: char) -> String {
    let letter = match c {
        '\0' => '0',
        '\x07' => 'a',
        '\x08' => 'b',
        '\t' => 't',
        '\n' => 'n',
        '\x0B' => 'v',
        '\x0C' => 'f',
        '\r' => 'r',
        '\x1B' => 'e',
        '"' => '"',
        '\\' => '\\',
        '\u{85}' => 'N',
        '\u{A0}' => '_',
        '\u{2028}' => 'L',
        '\u{2029}' => 'P',
        _ => {
            return match u32::from(c) {
                code @ ..=0xFF => format!("\\x{code:02X}"),
                code @ ..=0xFFFF => format!("\\u{code:04X}"),
                code => format!("\\U{code:08X}"),
            };
        }
    };
    format!("\\{letter}")
}
