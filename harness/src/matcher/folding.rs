//! White space folded, and text that knows where each part of it came from.

use std::ops::Range;

use regex::Regex;

use crate::whitespace::is_space;

/// Runs of white space as one space, none at the ends.
pub fn fold_whitespace(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for word in text.split(is_space).filter(|word| !word.is_empty()) {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.push_str(word);
    }
    folded
}

/// Text made from another, which knows what each part of it stands for.
#[derive(Debug, Clone)]
pub(crate) struct Traced {
    pub text: String,
    /// Which parts there are, in order, without gaps.
    parts: Vec<Part>,
}

/// A part of a text, up to the next one.
#[derive(Debug, Clone)]
struct Part {
    /// Where it starts.
    at: usize,
    /// What it stands for in the other text.
    origin: Range<usize>,
    /// Whether it is that, byte for byte.
    is_copy: bool,
}

impl Traced {
    /// The text as it is.
    pub fn new(text: &str) -> Self {
        let mut made = Traced::empty();
        made.put(text, 0..text.len(), true);
        made
    }

    fn empty() -> Self {
        Traced {
            text: String::new(),
            parts: Vec::new(),
        }
    }

    /// What a range of the text stands for in the other. What stands for
    /// nothing is an empty range.
    pub fn origin(&self, range: Range<usize>) -> Range<usize> {
        let start = self.origin_of(range.start).start;
        match range.end.checked_sub(1).filter(|_| !range.is_empty()) {
            Some(last) => start..self.origin_of(last).end,
            None => start..start,
        }
    }

    /// What one byte stands for; past the end, the end.
    fn origin_of(&self, at: usize) -> Range<usize> {
        if at >= self.text.len() {
            let end = self.parts.last().map_or(0, |part| part.origin.end);
            return end..end;
        }
        let part = &self.parts[self.parts.partition_point(|part| part.at <= at) - 1];
        if part.is_copy {
            let start = part.origin.start + at - part.at;
            start..start + 1
        } else {
            part.origin.clone()
        }
    }

    /// The text with these ranges, in order and apart, replaced.
    pub fn replaced(&self, changes: impl IntoIterator<Item = (Range<usize>, String)>) -> Traced {
        let mut made = Traced::empty();
        let mut at = 0;
        for (range, with) in changes {
            made.copy(self, at..range.start);
            made.put(&with, self.origin(range.clone()), false);
            at = range.end;
        }
        made.copy(self, at..self.text.len());
        made
    }

    /// The text with every match of a pattern replaced.
    pub fn replaced_all(&self, pattern: &Regex, with: &str) -> Traced {
        let found = pattern.find_iter(&self.text);
        self.replaced(found.map(|part| (part.range(), with.to_owned())))
    }

    /// White space folded: a run of it is one line end if it holds one, else one
    /// blank; none is left at the ends.
    pub fn folded(&self) -> Traced {
        let mut made = Traced::empty();
        let mut end = 0;
        while let Some(skip) = self.text[end..].find(|c| !is_space(c)) {
            let start = end + skip;
            match &self.text[end..start] {
                _ if made.text.is_empty() => {}
                "" | " " | "\n" => made.copy(self, end..start),
                space => {
                    let folded = if space.contains('\n') { "\n" } else { " " };
                    made.put(folded, self.origin(end..start), false);
                }
            }
            let length = self.text[start..].find(is_space);
            end = length.map_or(self.text.len(), |length| start + length);
            made.copy(self, start..end);
        }
        made
    }

    /// Appends a range of another text, part by part.
    fn copy(&mut self, other: &Traced, range: Range<usize>) {
        let mut at = range.start;
        while at < range.end {
            let index = other.parts.partition_point(|part| part.at <= at);
            let part = &other.parts[index - 1];
            let end = other
                .parts
                .get(index)
                .map_or(other.text.len(), |next| next.at);
            let end = end.min(range.end);
            let origin = other.origin(at..end);
            self.put(&other.text[at..end], origin, part.is_copy);
            at = end;
        }
    }

    fn put(&mut self, text: &str, origin: Range<usize>, is_copy: bool) {
        if text.is_empty() {
            return;
        }
        let at = self.text.len();
        self.text.push_str(text);
        match self.parts.last_mut() {
            Some(last) if is_copy && last.is_copy && last.origin.end == origin.start => {
                last.origin.end = origin.end;
            }
            _ => self.parts.push(Part {
                at,
                origin,
                is_copy,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folded_text_knows_where_it_came_from() {
        let raw = "  a \t b\n\n c ";
        let folded = Traced::new(raw).folded();
        assert_eq!(folded.text, "a b\nc");
        assert_eq!(&raw[folded.origin(0..3)], "a \t b");
        assert_eq!(&raw[folded.origin(2..5)], "b\n\n c");
        assert_eq!(folded.origin(5..5), 11..11);
    }

    #[test]
    fn replaced_text_stands_for_what_was_there() {
        let raw = "in /tmp/x now";
        let made = Traced::new(raw).replaced([(3..9, "<tmp>".to_owned())]);
        assert_eq!(made.text, "in <tmp> now");
        assert_eq!(&raw[made.origin(4..6)], "/tmp/x");
        assert_eq!(&raw[made.origin(9..12)], "now");
    }
}
