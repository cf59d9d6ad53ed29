//! Edits that lead from the values of a text to others, for formats whose texts
//! are trees: which places change, and what is written there by a notation.

use std::ops::Range;

use crate::base::yaml::{Layout, LayoutKind, Map, Value};

/// How values are written in a format.
pub trait Notation {
    /// A value on one line, inside brackets or braces.
    fn inline(&self, value: &Value) -> String;

    /// A value in place of another one: how that was written, and the column of
    /// its dashes if it is a list with such.
    fn in_place_of(&self, old: &str, dashes: Option<usize>, value: &Value) -> String;

    /// An entry of a map whose keys are at a column, each on a line of its own.
    fn entry(&self, key: &Value, value: &Value, indent: usize) -> String;

    /// A whole file.
    fn whole(&self, value: &Value) -> String;
}

/// The text with edits that lead from `now`, its values, to `wanted`.
pub fn edited(
    text: &str,
    layout: Option<&Layout>,
    now: &Map,
    wanted: &Map,
    notation: &dyn Notation,
) -> String {
    let mut editor = Editor {
        text,
        line_end: if text.contains("\r\n") { "\r\n" } else { "\n" },
        notation,
        edits: Vec::new(),
    };
    match layout {
        None => editor.append(wanted),
        Some(layout) => match &layout.kind {
            LayoutKind::Map { entries, indent } => {
                editor.map(now, wanted, layout, entries, *indent);
            }
            _ => editor.replace(layout, &Value::Map(wanted.clone()), true),
        },
    }
    editor.applied()
}

type Entries = [(Value, Range<usize>, Layout)];

struct Editor<'a> {
    text: &'a str,
    line_end: &'static str,
    notation: &'a dyn Notation,
    /// Ranges and what is to be there instead; of those at one place, the first
    /// comes first.
    edits: Vec<(Range<usize>, String)>,
}

impl Editor<'_> {
    fn value(&mut self, now: &Value, wanted: &Value, layout: &Layout, in_flow: bool) {
        if now == wanted {
            return;
        }
        match (now, wanted, &layout.kind) {
            (Value::Map(now), Value::Map(wanted), LayoutKind::Map { entries, indent }) => {
                self.map(now, wanted, layout, entries, *indent);
            }
            (Value::List(now), Value::List(wanted), LayoutKind::List { items, indent })
                if now.len() == wanted.len() && items.len() == now.len() =>
            {
                for ((now, wanted), item) in now.iter().zip(wanted).zip(items) {
                    self.value(now, wanted, item, indent.is_none());
                }
            }
            _ => self.replace(layout, wanted, in_flow),
        }
    }

    fn map(
        &mut self,
        now: &Map,
        wanted: &Map,
        layout: &Layout,
        entries: &Entries,
        indent: Option<usize>,
    ) {
        let mut added = Vec::new();
        for (key, value) in wanted.iter() {
            let current = now.get_value(key);
            if current == Some(value) {
                continue;
            }
            // Of repeated keys the last holds.
            let written = entries
                .iter()
                .rev()
                .find(|(known, ..)| known.python_eq(key));
            match (written, current) {
                (Some((_, _, layout)), Some(current)) => {
                    self.value(current, value, layout, indent.is_none());
                }
                _ => added.push((key, value)),
            }
        }
        if added.is_empty() {
            return;
        }
        match (entries.last(), indent) {
            (Some(last), Some(indent)) => self.add_lines(&added, last.2.range.end, indent),
            (last, _) => self.add_inline(&added, layout, last),
        }
    }

    /// Replaces a value. One that was on lines of its own goes behind its key if
    /// it is on one line now.
    fn replace(&mut self, layout: &Layout, value: &Value, in_flow: bool) {
        let mut range = layout.range.clone();
        let old = &self.text[range.clone()];
        let dashes = match layout.kind {
            LayoutKind::List { indent, .. } => indent.filter(|_| !in_flow),
            _ => None,
        };
        let mut new = if in_flow {
            self.notation.inline(value)
        } else {
            self.notation.in_place_of(old, dashes, value)
        };
        let before = &self.text[..range.start];
        let is_block = matches!(
            layout.kind,
            LayoutKind::List {
                indent: Some(_),
                ..
            } | LayoutKind::Map {
                indent: Some(_),
                ..
            }
        );
        let is_dashes = dashes.is_some() && value.as_list().is_some_and(|list| !list.is_empty());
        if is_block && !is_dashes {
            let kept = before.trim_end().len();
            if before[..kept].ends_with(':') {
                range.start = kept;
                new.insert(0, ' ');
            } else {
                // A comment is between; further in than the key is right.
                new.insert_str(0, "  ");
            }
        } else if range.is_empty() && before.ends_with([':', '-', ',', '?']) {
            new.insert(0, ' ');
        }
        let new = new.replace('\n', self.line_end);
        self.edits.push((range, new));
    }

    /// Adds entries below the last one of a map, which ends at `end`.
    fn add_lines(&mut self, added: &[(&Value, &Value)], end: usize, indent: usize) {
        let line = &self.text[end..];
        let line = &line[..line.find('\n').unwrap_or(line.len())];
        let at = end + line.trim_end_matches('\r').len();
        let lines: String = added
            .iter()
            .map(|(key, value)| format!("\n{}", self.notation.entry(key, value, indent)))
            .collect();
        let lines = lines.replace('\n', self.line_end);
        self.edits.push((at..at, lines));
    }

    /// Adds entries inside braces: each on a line of its own if the last one is.
    fn add_inline(
        &mut self,
        added: &[(&Value, &Value)],
        layout: &Layout,
        last: Option<&(Value, Range<usize>, Layout)>,
    ) {
        let entries = added.iter().map(|(key, value)| {
            format!(
                "{}: {}",
                self.notation.inline(key),
                self.notation.inline(value)
            )
        });
        let entries: Vec<_> = entries.collect();
        let Some((_, key, value)) = last else {
            let at = layout.range.start + 1;
            self.edits.push((at..at, entries.join(", ")));
            return;
        };
        let line = &self.text[..key.start];
        let line = &line[line.rfind('\n').map_or(0, |at| at + 1)..];
        let separator = if line.trim().is_empty() && line.len() < key.start {
            format!(",{}{line}", self.line_end)
        } else {
            ", ".to_string()
        };
        let at = value.range.end.max(key.end);
        let new = entries.iter().map(|entry| format!("{separator}{entry}"));
        self.edits.push((at..at, new.collect()));
    }

    /// Adds entries at the end of a text that has no values.
    fn append(&mut self, wanted: &Map) {
        let end = self.text.len();
        let mut lines: String = wanted
            .iter()
            .map(|(key, value)| format!("{}\n", self.notation.entry(key, value, 0)))
            .collect();
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            lines.insert(0, '\n');
        }
        let lines = lines.replace('\n', self.line_end);
        self.edits.push((end..end, lines));
    }

    fn applied(mut self) -> String {
        self.edits.sort_by_key(|(range, _)| range.start);
        let mut text = self.text.to_owned();
        for (range, new) in self.edits.iter().rev() {
            text.replace_range(range.clone(), new);
        }
        text
    }
}
