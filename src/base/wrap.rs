//! Breaking text into lines of a given width, where Python's `textwrap` does.

/// How far apart tabs stop.
const TAB: usize = 8;

/// Alone on the first line of a paragraph, it keeps the paragraph as it is.
pub const AS_IS: &str = "\u{8}";

/// The paragraphs of `text` in lines of at most `width` characters, each line
/// behind `indent` blanks, with an empty line between paragraphs. Lines of a
/// paragraph flow together, unless its first line is [`AS_IS`]; one whose first
/// line is indented stays so.
///
/// The result has at least one line, which is empty where there is no text.
pub fn paragraphs(text: &str, width: usize, indent: usize) -> Vec<String> {
    let text = expand_tabs(text);
    let mut lines = Vec::new();
    let mut paragraph: Vec<&str> = Vec::new();
    for line in text.lines().chain([""]) {
        if !line.is_empty() {
            paragraph.push(line);
        } else if let Some((first, rest)) = paragraph.split_first() {
            let trimmed = first.trim_start();
            let own = first.chars().count() - trimmed.chars().count();
            let indent = " ".repeat(indent + own);
            if !lines.is_empty() {
                lines.push(String::new());
            }
            let start = lines.len();
            if trimmed.trim() == AS_IS {
                lines.extend(rest.iter().map(|line| format!("{indent}{line}")));
            } else {
                let joined = [&[trimmed], rest].concat().join(" ");
                fill(&joined, width, &indent, &mut lines);
            }
            if lines.len() == start {
                lines.push(String::new());
            }
            paragraph.clear();
        }
    }
    if lines.is_empty() {
        lines.push(String::new());
    }
    lines
}

fn expand_tabs(text: &str) -> String {
    let mut expanded = String::with_capacity(text.len());
    let mut column = 0;
    for c in text.chars() {
        match c {
            '\t' => {
                let blanks = TAB - column % TAB;
                expanded.extend(std::iter::repeat_n(' ', blanks));
                column += blanks;
            }
            '\n' | '\r' => {
                expanded.push(c);
                column = 0;
            }
            c => {
                expanded.push(c);
                column += 1;
            }
        }
    }
    expanded
}

/// Adds `text` to `lines`, broken to `width`.
fn fill(text: &str, width: usize, indent: &str, lines: &mut Vec<String>) {
    let width = width.saturating_sub(indent.len()).max(1);
    let mut line = Line::default();
    for chunk in chunks(text) {
        let mut rest = chunk;
        loop {
            let length = rest.chars().count();
            if line.length + length <= width {
                line.push(rest, length);
                break;
            }
            if length > width {
                // Longer than any line: as much as fits, then the rest.
                let room = (width - line.length.min(width)).max(1);
                let (at, _) = rest.char_indices().nth(room).unwrap_or((rest.len(), ' '));
                line.push(&rest[..at], room);
                rest = &rest[at..];
            }
            line.end(indent, lines);
            // Blanks where a line was broken are dropped.
            if rest.trim().is_empty() {
                break;
            }
        }
    }
    line.end(indent, lines);
}

#[derive(Default)]
struct Line {
    text: String,
    length: usize,
}

impl Line {
    fn push(&mut self, text: &str, length: usize) {
        self.text.push_str(text);
        self.length += length;
    }

    fn end(&mut self, indent: &str, lines: &mut Vec<String>) {
        let text = self.text.trim_end();
        if !text.is_empty() {
            lines.push(format!("{indent}{text}"));
        }
        *self = Self::default();
    }
}

/// The pieces between which `text` may be broken: blanks, words, and the parts
/// of hyphenated words.
fn chunks(text: &str) -> Vec<&str> {
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    let mut chunks = Vec::new();
    let mut start = 0;
    for at in 1..chars.len() {
        let (position, c) = chars[at];
        let (_, before) = chars[at - 1];
        let blank = c.is_whitespace() != before.is_whitespace();
        if blank || (before == '-' && breaks_after_hyphen(&chars, at - 1)) {
            chunks.push(&text[start..position]);
            start = position;
        }
    }
    chunks.push(&text[start..]);
    chunks
}

/// Whether the hyphen is one inside a word of letters, as in `well-kept` or
/// `e-mail`, rather than in a date or an option; or the end of a dash.
fn breaks_after_hyphen(chars: &[(usize, char)], hyphen: usize) -> bool {
    let at = |offset: isize| {
        let at = hyphen.checked_add_signed(offset)?;
        chars.get(at).map(|(_, c)| *c)
    };
    let letter = |offset| at(offset).is_some_and(|c| c.is_alphabetic() || c == '_');
    let is_hyphen = |offset| at(offset) == Some('-');
    if is_hyphen(-1) {
        let dashes = chars[..hyphen].iter().rev();
        let before = dashes.map(|(_, c)| *c).find(|&c| c != '-');
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        return before.is_some_and(is_word) && at(1).is_some_and(is_word);
    }
    let before = letter(-1) && (letter(-2) || (is_hyphen(-2) && letter(-3)));
    before && letter(1) && (letter(2) || (is_hyphen(2) && letter(3)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_are_filled_and_keep_their_indent() {
        let long = "word ".repeat(20);
        let lines = paragraphs(&format!("one\n two\n\n  {long}\n"), 78, 4);
        assert_eq!(lines[..2], ["    one  two".to_string(), String::new()]);
        assert!(lines[2].starts_with("      word "));
        assert_eq!(lines[2].chars().count(), 6 + 14 * 5 - 1);
        assert_eq!(lines.len(), 4);
        assert_eq!(paragraphs("", 78, 4), [""]);
        assert_eq!(paragraphs("\n\n", 78, 4), [""]);
    }

    #[test]
    fn a_marked_paragraph_stays_as_it_is() {
        let text = "a\nb\n\n\u{8}\n- one\n  two\n\nc\n\n \n";
        let expected = ["  a b", "", "  - one", "    two", "", "  c", "", ""];
        assert_eq!(paragraphs(text, 20, 2), expected);
    }

    #[test]
    fn blanks_are_kept_inside_a_line_and_dropped_at_a_break() {
        assert_eq!(paragraphs("aa   bb    cc", 7, 0), ["aa   bb", "cc"]);
        assert_eq!(paragraphs("aa  bb", 3, 0), ["aa", "bb"]);
    }

    #[test]
    fn words_break_at_hyphens_between_letters() {
        for (text, expected) in [
            ("a well-kept word", &["a well-", "kept", "word"][..]),
            ("abc on 11-22", &["abc on", "11-22"]),
            ("an --add-x", &["an", "--add-x"]),
            ("well--known thing", &["well--", "known", "thing"]),
            (
                "Käse-Brot-Zeit x-y-zebra",
                &["Käse-", "Brot-", "Zeit", "x-y-", "zebra"],
            ),
        ] {
            assert_eq!(paragraphs(text, 8, 0), expected, "{text}");
        }
    }

    #[test]
    fn a_word_longer_than_a_line_fills_lines() {
        let lines = paragraphs("ab 0123456789", 6, 2);
        assert_eq!(lines, ["  ab 0", "  1234", "  5678", "  9"]);
    }

    #[test]
    fn tabs_reach_to_every_eighth_column() {
        assert_eq!(paragraphs("a\tb", 20, 0), ["a       b"]);
    }
}
