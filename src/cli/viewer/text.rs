//! Text in cells of the screen: how wide it is, and cut to a width. A wide
//! character takes two cells, a combining one none; none is ever cut in two.

use ratatui::buffer::CellWidth;
use unicode_segmentation::UnicodeSegmentation;

/// What stands where text was cut off.
const CUT: &str = "…";

/// How many cells `text` takes.
pub fn width(text: &str) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    parts(text).map(|(_, width)| width).sum()
}

/// What readers take for one character each, with its width in cells.
pub fn parts(text: &str) -> impl DoubleEndedIterator<Item = (&str, usize)> {
    let parts = text.graphemes(true);
    parts.map(|part| (part, usize::from(part.cell_width())))
}

/// `text`, which control characters were taken from, in at most `room` cells; what
/// does not fit gives way to `…`.
pub fn cut(text: &str, room: usize) -> String {
    if width(text) <= room {
        return text.to_string();
    }
    let Some(room) = room.checked_sub(1) else {
        return String::new();
    };
    let mut kept = String::from(&text[..fitting(text, room)]);
    kept.push_str(CUT);
    kept
}

/// The last of `text` that fits `room` cells.
pub fn tail(text: &str, room: usize) -> &str {
    let (mut taken, mut start) = (0, text.len());
    for (part, width) in parts(text).rev() {
        taken += width;
        if taken > room {
            break;
        }
        start -= part.len();
    }
    &text[start..]
}

/// How many bytes of `text` fit `room` cells.
fn fitting(text: &str, room: usize) -> usize {
    let (mut taken, mut end) = (0, 0);
    for (part, width) in parts(text) {
        taken += width;
        if taken > room {
            break;
        }
        end += part.len();
    }
    end
}

/// `text` in lines of at most `room` cells, broken at blanks where there are any;
/// what follows a break is two blanks in.
pub fn wrap(text: &str, room: usize) -> Vec<String> {
    const INDENT: &str = "  ";
    let mut lines = Vec::new();
    let mut rest = text;
    let mut indent = "";
    while width(rest) + indent.len() > room {
        let mut end = fitting(rest, room.saturating_sub(indent.len()));
        if end == 0 {
            // Not even one character fits: it is cut where it is shown.
            end = parts(rest)
                .next()
                .map_or(rest.len(), |(part, _)| part.len());
        } else if let Some(blank) = rest[..end].trim_end().rfind(' ')
            && !rest[..blank].trim().is_empty()
            && !rest[end..].starts_with(' ')
            && !rest[..end].ends_with(' ')
        {
            end = blank;
        }
        lines.push(format!("{indent}{}", rest[..end].trim_end()));
        rest = rest[end..].trim_start_matches(' ');
        indent = if room > 20 { INDENT } else { "" };
    }
    if !rest.is_empty() || lines.is_empty() {
        lines.push(format!("{indent}{rest}"));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_characters_take_two_cells_and_combining_ones_none() {
        assert_eq!(width("train"), 5);
        assert_eq!(width("日本語"), 6);
        assert_eq!(width("e\u{301}t"), 2);
        assert_eq!(width("\u{241b}"), 1);
    }

    #[test]
    fn no_character_is_cut_in_two() {
        assert_eq!(cut("train", 5), "train");
        assert_eq!(cut("train", 4), "tra…");
        assert_eq!(cut("日本語", 5), "日本…");
        assert_eq!(cut("日本語", 4), "日…");
        assert_eq!(cut("e\u{301}e\u{301}e\u{301}", 2), "e\u{301}…");
        assert_eq!(cut("train", 1), "…");
        assert_eq!(cut("train", 0), "");
        assert_eq!(tail("a日本", 4), "日本");
        assert_eq!(tail("a日本", 3), "本");
    }

    #[test]
    fn lines_break_at_blanks_where_there_are_any() {
        assert_eq!(wrap("", 10), [""]);
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(wrap("onetwothree", 4), ["onet", "woth", "ree"]);
        assert_eq!(wrap("日本", 1), ["日", "本"]);
        assert_eq!(
            wrap("label: one two three four five six", 21),
            ["label: one two three", "  four five six"]
        );
    }
}
