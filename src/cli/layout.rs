//! Help text in the contract's layout: usage, headings, text that is filled to
//! the width, and lists of terms with what they mean.

use crate::base::wrap;

/// Blanks of one level.
const LEVEL: usize = 2;

/// The widest column of terms; what a longer one means is on the next line.
const FIRST_COLUMN: usize = 30;

/// Text that is laid out as it grows.
#[derive(Debug)]
pub struct Layout {
    width: usize,
    indent: usize,
    text: String,
}

impl Layout {
    /// An empty text for a terminal of `columns`.
    pub fn new(columns: usize) -> Self {
        Self {
            width: columns.min(80).saturating_sub(2).max(50),
            indent: 0,
            text: String::new(),
        }
    }

    /// The same with lines that are `columns` shorter.
    #[must_use]
    pub fn narrower(self, columns: usize) -> Self {
        Self {
            width: self.width.saturating_sub(columns),
            ..self
        }
    }

    /// Everything so far.
    pub fn into_text(self) -> String {
        self.text
    }

    /// Starts a deeper level.
    pub fn indent(&mut self) {
        self.indent += LEVEL;
    }

    /// Ends a level.
    pub fn dedent(&mut self) {
        self.indent = self.indent.saturating_sub(LEVEL);
    }

    /// The line `Usage: guild ARGUMENTS`.
    pub fn usage(&mut self, arguments: &str) {
        let start = "Usage: guild ";
        let lines = wrap::paragraphs(arguments, self.width, start.len());
        for (number, line) in lines.iter().enumerate() {
            let line = match number {
                0 => format!("{start}{}", line.trim_start()),
                _ => line.clone(),
            };
            self.line(&line);
        }
    }

    /// An empty line, save at the start of the text.
    pub fn paragraph(&mut self) {
        if !self.text.is_empty() {
            self.line("");
        }
    }

    /// A heading with a colon.
    pub fn heading(&mut self, text: &str) {
        self.line(&format!("{}{text}:", " ".repeat(self.indent)));
    }

    /// Paragraphs of text.
    pub fn text(&mut self, text: &str) {
        for line in wrap::paragraphs(text, self.width, self.indent) {
            self.line(&line);
        }
    }

    /// A list of terms, each with what it means. An empty line follows meanings
    /// of more than a line.
    pub fn definitions(&mut self, rows: &[(String, String)]) {
        let length = |text: &str| text.chars().count();
        let widest = rows.iter().map(|(term, _)| length(term)).max();
        let first = widest.unwrap_or(0).min(FIRST_COLUMN);
        let column = first + LEVEL;
        let room = self.width.saturating_sub(column + LEVEL).max(10);
        let indent = " ".repeat(self.indent);
        let below = " ".repeat(column + self.indent);
        for (term, meaning) in rows {
            if meaning.is_empty() {
                self.line(&format!("{indent}{term}"));
                continue;
            }
            let start = if length(term) <= first {
                format!("{indent}{term:<column$}")
            } else {
                format!("{indent}{term}\n{below}")
            };
            let mut lines = wrap::paragraphs(meaning, room, 0);
            // The end of the last line ends the text: nothing is behind it.
            if lines.len() > 1 && lines.last().is_some_and(String::is_empty) {
                lines.pop();
            }
            self.line(&format!("{start}{}", lines[0]));
            for line in &lines[1..] {
                self.line(&format!("{below}{line}"));
            }
            if lines.len() > 1 {
                self.line("");
            }
        }
    }

    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(term: &str, meaning: &str) -> (String, String) {
        (term.to_string(), meaning.to_string())
    }

    #[test]
    fn lists_have_a_column_of_terms() {
        let mut layout = Layout::new(80);
        layout.heading("Things");
        layout.indent();
        let long = "x".repeat(31);
        let rows = [
            row("a", "first"),
            row("none", ""),
            row("b", "second\n\nmore"),
            row(&long, "third"),
        ];
        layout.definitions(&rows);
        layout.dedent();
        let first = " ".repeat(34);
        let expected = format!(
            "Things:\n  a{0}first\n  none\n  b{0}second\n{first}\n{first}more\n\n  {long}\n{first}third\n",
            " ".repeat(31),
        );
        assert_eq!(layout.into_text(), expected);
    }

    #[test]
    fn text_is_filled_behind_the_indent() {
        let mut layout = Layout::new(60);
        layout.paragraph();
        layout.usage(&format!("run {}", "[OPTIONS] ".repeat(6)));
        layout.paragraph();
        layout.indent();
        layout.text(&"word ".repeat(14));
        let usage = format!(
            "Usage: guild run{}\n{}{}\n",
            " [OPTIONS]".repeat(4),
            " ".repeat(13),
            ["[OPTIONS]"; 2].join(" ")
        );
        let text = format!("  {}\n  word word word\n", ["word"; 11].join(" "));
        assert_eq!(layout.into_text(), format!("{usage}\n{text}"));
    }
}
