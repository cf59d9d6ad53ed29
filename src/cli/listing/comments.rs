//! How comments look.

use super::flag_text;
use crate::base::clock::local_text;
use crate::base::wrap;
use crate::base::yaml::{Map, Value};

/// The lines of `comment` for a terminal of `columns`: who wrote it and when
/// behind `start`, an empty line, what it says behind `indent` blanks, and an
/// empty line.
pub fn comment_lines(comment: &Value, start: &str, indent: usize, columns: usize) -> Vec<String> {
    let width = columns.min(80).saturating_sub(2).max(50);
    let empty = Map::new();
    let fields = comment.as_map().unwrap_or(&empty);
    let text = |name| match fields.get(name) {
        None | Some(Value::Null) => String::new(),
        Some(Value::Str(text)) => text.clone(),
        Some(other) => flag_text(other),
    };
    let author = match (text("user"), text("host")) {
        (user, host) if host.is_empty() => user,
        (user, host) => format!("{user}@{host}"),
    };
    let time = match fields.get("time") {
        Some(Value::Int(micros)) => local_text(*micros),
        _ => text("time"),
    };
    let body = match comment {
        Value::Map(_) => text("body"),
        // No comment as guild writes them: it says what it is.
        other => flag_text(other),
    };
    let mut lines = wrap::paragraphs(&format!("{start}{author} {time}"), width, 0);
    lines.push(String::new());
    lines.extend(wrap::paragraphs(&body, width, indent));
    lines.push(String::new());
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::yaml;

    fn lines(comment: &str) -> Vec<String> {
        comment_lines(&yaml::load(comment).unwrap(), "[1] ", 2, 80)
    }

    #[test]
    fn a_comment_is_shown_whatever_it_holds() {
        assert_eq!(
            lines("{body: \"one\\n\\ntwo\", user: u, host: h, time: soon}"),
            ["[1] u@h soon", "", "  one", "", "  two", ""]
        );
        assert_eq!(lines("{body: 3, user: 7}"), ["[1] 7", "", "  3", ""]);
        assert_eq!(lines("odd"), ["[1]", "", "  odd", ""]);
        assert_eq!(lines("{}"), ["[1]", "", "", ""]);
    }
}
