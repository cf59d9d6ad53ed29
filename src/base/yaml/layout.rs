//! Where the parts of a text are, for edits that leave the rest of it as it is:
//! the tree as written, with the range of bytes of each node. What the nodes
//! mean is `compose`'s affair: aliases stay aliases, and merge keys are keys.

use std::ops::Range;

use super::parse::{Content, Syntax, parse};
use super::{Error, Mark, Value, load};

/// A node as written.
#[derive(Debug, Clone, PartialEq)]
pub struct Layout {
    /// Its bytes in the text, without anchor and tag, and without blank lines
    /// after it. Empty where nothing is written: `a:` has a value there.
    pub range: Range<usize>,
    /// What it consists of.
    pub kind: LayoutKind,
}

/// What a [`Layout`] consists of.
#[derive(Debug, Clone, PartialEq)]
pub enum LayoutKind {
    /// Neither a list nor a map; an alias, too.
    Scalar,
    /// A list.
    List {
        /// Its items.
        items: Vec<Layout>,
        /// The column of its dashes, from 0; none in brackets.
        indent: Option<usize>,
    },
    /// A map.
    Map {
        /// Its entries in order: the key, where it is, and the value.
        entries: Vec<(Value, Range<usize>, Layout)>,
        /// The column of its keys, from 0; none in braces.
        indent: Option<usize>,
    },
}

/// The layout of the one document of a text; none for an empty text.
///
/// # Errors
/// The text is not YAML.
pub fn layout(text: &str) -> Result<Option<Layout>, Error> {
    let Some(root) = parse(text)? else {
        return Ok(None);
    };
    let lines = Lines::of(text);
    Ok(Some(lines.layout(&root)))
}

/// The lines of a text by the rules that marks are counted by.
struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    fn of(text: &'a str) -> Self {
        let mut starts = vec![0];
        let mut chars = text.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            let is_pair = c == '\r' && chars.peek().is_some_and(|(_, next)| *next == '\n');
            if matches!(c, '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}') && !is_pair {
                starts.push(at + c.len_utf8());
            }
        }
        Self { text, starts }
    }

    fn offset(&self, mark: Mark) -> usize {
        let start = self
            .starts
            .get(mark.line)
            .copied()
            .unwrap_or(self.text.len());
        // Byte order marks have no column.
        let counted = self.text[start..]
            .char_indices()
            .filter(|(_, c)| *c != '\u{FEFF}')
            .nth(mark.column);
        counted.map_or(self.text.len(), |(offset, _)| start + offset)
    }

    fn layout(&self, node: &Syntax) -> Layout {
        let (start, end) = (self.offset(node.span.0), self.offset(node.span.1));
        let written = self.text[start..end.max(start)].trim_end();
        let indent = (!node.is_flow).then_some(node.span.0.column);
        let kind = match &node.content {
            Content::Alias(_) | Content::Scalar { .. } => LayoutKind::Scalar,
            Content::Sequence(items) => LayoutKind::List {
                items: items.iter().map(|item| self.layout(item)).collect(),
                indent,
            },
            Content::Mapping(pairs) => LayoutKind::Map {
                entries: pairs
                    .iter()
                    .map(|(key, value)| {
                        (key_value(key), self.layout(key).range, self.layout(value))
                    })
                    .collect(),
                indent,
            },
        };
        Layout {
            range: start..start + written.len(),
            kind,
        }
    }
}

/// The value of a key; null for one that is no scalar, which none can be.
fn key_value(key: &Syntax) -> Value {
    match &key.content {
        Content::Scalar {
            text,
            is_plain: true,
        } if key.tag.is_none() => load(text).unwrap_or_else(|_| text.as_str().into()),
        Content::Scalar { text, .. } => text.as_str().into(),
        _ => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The texts of all values that are neither list nor map.
    fn scalars<'a>(text: &'a str, node: &Layout, into: &mut Vec<&'a str>) {
        match &node.kind {
            LayoutKind::Scalar => into.push(&text[node.range.clone()]),
            LayoutKind::List { items, .. } => {
                items.iter().for_each(|item| scalars(text, item, into));
            }
            LayoutKind::Map { entries, .. } => {
                entries
                    .iter()
                    .for_each(|(_, _, value)| scalars(text, value, into));
            }
        }
    }

    fn written(text: &str) -> Vec<&str> {
        let mut found = Vec::new();
        if let Some(root) = layout(text).unwrap() {
            scalars(text, &root, &mut found);
        }
        found
    }

    #[test]
    fn every_scalar_is_where_it_is_written() {
        let text = "\u{feff}# c\r\na: &x 1 # one\r\nb:\r\n  - 'é two' # t\r\n  - [x , {k: \"v\"}]\r\nc: *x\r\nd:\r\ne: |\r\n  text\r\n  more\r\n\r\nf: !!str 3\r\n";
        assert_eq!(
            written(text),
            [
                "1",
                "'é two'",
                "x",
                "\"v\"",
                "*x",
                "",
                "|\r\n  text\r\n  more",
                "3"
            ]
        );
        assert_eq!(written("a:\n- x y\n- z\nb: q\n"), ["x y", "z", "q"]);
        assert_eq!(
            written("a: one\n  two\n# c\nb: &n\nc: 1"),
            ["one\n  two", "", "1"]
        );
        assert_eq!(written("# nothing\n"), [] as [&str; 0]);
    }

    #[test]
    fn collections_know_their_columns_and_their_ends() {
        let text = "a:\n  b:\n  - 1\n  - 2\n\n  # c\n  c: {d: 1 } # e\nz: 0\n";
        let root = layout(text).unwrap().unwrap();
        let LayoutKind::Map { entries, indent } = &root.kind else {
            panic!("a map");
        };
        assert_eq!(*indent, Some(0));
        let LayoutKind::Map { entries, indent } = &entries[0].2.kind else {
            panic!("a map");
        };
        assert_eq!(*indent, Some(2));
        assert_eq!(&text[entries[0].1.clone()], "b");
        assert_eq!(&text[entries[0].2.range.clone()], "- 1\n  - 2");
        assert!(matches!(
            entries[0].2.kind,
            LayoutKind::List {
                indent: Some(2),
                ..
            }
        ));
        assert_eq!(&text[entries[1].2.range.clone()], "{d: 1 }");
        assert!(matches!(
            entries[1].2.kind,
            LayoutKind::Map { indent: None, .. }
        ));
    }
}
