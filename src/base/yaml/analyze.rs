//! In which styles a string can be written: plain, or in single or double
//! quotes. Looks at the text alone; what it would be taken for is `resolve`'s
//! affair, and where it stands the emitter's.

/// What a text allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Analysis {
    pub is_empty: bool,
    pub has_breaks: bool,
    /// Without quotes, in a block collection.
    pub block_plain: bool,
    /// Without quotes, in a flow collection.
    pub flow_plain: bool,
    /// In single quotes; double quotes always do.
    pub single_quoted: bool,
}

/// The line breaks of YAML 1.1. A carriage return is not among them, as it is
/// always escaped.
pub(super) fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn is_blank_or_break(c: char) -> bool {
    is_break(c) || matches!(c, ' ' | '\0' | '\t' | '\r')
}

/// What a text allows in which nothing needs a closer look.
const INERT: Analysis = Analysis {
    is_empty: false,
    has_breaks: false,
    block_plain: true,
    flow_plain: true,
    single_quoted: true,
};

/// Whether there is nothing in a text that needs a closer look, which holds for
/// most: names, numbers, paths.
fn is_inert(text: &str) -> bool {
    let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'/');
    let is_harmless = |byte: &u8| is_letter(byte) || matches!(byte, b'-' | b'.' | b'+' | b'=');
    let bytes = text.as_bytes();
    bytes.first().is_some_and(is_letter) && bytes.iter().all(is_harmless)
}

/// Analyzes a text.
pub(super) fn analyze(text: &str) -> Analysis {
    if text.is_empty() {
        return Analysis {
            is_empty: true,
            has_breaks: false,
            block_plain: true,
            flow_plain: false,
            single_quoted: true,
        };
    }
    if is_inert(text) {
        return INERT;
    }
    look_at(text)
}

fn look_at(text: &str) -> Analysis {
    let indicators = Indicators::find(text);
    let mut has_breaks = false;
    let mut is_special = false;
    let mut space_then_break = false;
    let mut break_then_space = false;
    let mut previous = None;
    for c in text.chars() {
        if c.is_ascii_graphic() {
            previous = Some(c);
            continue;
        }
        has_breaks |= is_break(c);
        is_special |= !(c == '\n' || (' '..='~').contains(&c));
        space_then_break |= previous == Some(' ') && is_break(c);
        break_then_space |= previous.is_some_and(is_break) && c == ' ';
        previous = Some(c);
    }
    let is_edge = |c: char| c == ' ' || is_break(c);
    let unquotable = is_special
        || has_breaks
        || space_then_break
        || text.starts_with(is_edge)
        || text.ends_with(is_edge);
    Analysis {
        is_empty: false,
        has_breaks,
        block_plain: !unquotable && !indicators.in_block,
        flow_plain: !unquotable && !indicators.in_flow,
        single_quoted: !is_special && !space_then_break && !break_then_space,
    }
}

/// Whether a plain text would be taken for syntax.
struct Indicators {
    in_block: bool,
    in_flow: bool,
}

impl Indicators {
    fn find(text: &str) -> Self {
        let is_document_mark = text.starts_with("---") || text.starts_with("...");
        let mut found = Self {
            in_block: is_document_mark,
            in_flow: is_document_mark,
        };
        let mut chars = text.chars().peekable();
        let mut before = None;
        while let Some(c) = chars.next() {
            if c.is_ascii_alphanumeric() {
                before = Some(c);
                continue;
            }
            let at_word_end = chars.peek().is_none_or(|next| is_blank_or_break(*next));
            let at_word_start = before.is_none_or(is_blank_or_break);
            let (in_block, in_flow) = match c {
                '#' => (at_word_start, at_word_start),
                ':' => (at_word_end, true),
                '?' => (before.is_none() && at_word_end, true),
                ',' | '[' | ']' | '{' | '}' => (before.is_none(), true),
                '-' => {
                    let is_entry = before.is_none() && at_word_end;
                    (is_entry, is_entry)
                }
                '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`' => {
                    (before.is_none(), before.is_none())
                }
                _ => (false, false),
            };
            found.in_block |= in_block;
            found.in_flow |= in_flow;
            before = Some(c);
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_text_that_is_not_looked_at_closely_is_what_it_would_be(text in "[a-c/_0][a-c0_/.+=-]{0,6}") {
            prop_assert!(is_inert(&text));
            prop_assert_eq!(look_at(&text), INERT);
        }
    }
}
