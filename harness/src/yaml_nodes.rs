//! YAML with places: a tree of nodes that know where in the file they stand.
//!
//! For the front matter of specs, so it is strict: a key stands once in its
//! map, and anchors, aliases and tags, which a reader does not expect there, are
//! refused. Numbers stay as they are written, so that `3.10` is not `3.1`.

use std::borrow::Cow;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle};

/// Where something stands in a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

impl Place {
    /// This line and column, both from 1.
    pub fn new(line: usize, column: usize) -> Self {
        Place { line, column }
    }
}

impl From<&Marker> for Place {
    fn from(marker: &Marker) -> Self {
        Place::new(marker.line(), marker.col() + 1)
    }
}

/// A value and where it starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Node {
    /// Where it starts; of a block of text, its first line.
    pub place: Place,
    /// What it is.
    pub data: Data,
}

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Data {
    Null,
    Bool(bool),
    /// A number, as it is written.
    Number(String),
    Text(String),
    List(Vec<Node>),
    /// The entries in order; every key is a scalar.
    Map(Vec<(Key, Node)>),
}

/// A key of a map, as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key {
    pub place: Place,
    pub name: String,
}

impl Node {
    /// What kind of value it is, for messages.
    pub fn kind(&self) -> &'static str {
        match self.data {
            Data::Null => "empty",
            Data::Bool(_) => "a boolean",
            Data::Number(_) => "a number",
            Data::Text(_) => "a string",
            Data::List(_) => "a list",
            Data::Map(_) => "a map",
        }
    }
}

/// YAML that cannot be read: where, and what is wrong.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct YamlError {
    /// Where.
    pub place: Place,
    /// What, as a lowercase fragment.
    pub message: String,
}

fn error(place: Place, message: impl Into<String>) -> YamlError {
    let message = message.into();
    YamlError { place, message }
}

/// Reads the one document of a text; `Null` if there is nothing in it.
pub(crate) fn read(text: &str) -> Result<Node, YamlError> {
    let mut reader = Reader {
        events: Parser::new_from_str(text),
    };
    loop {
        let (event, place) = reader.next()?;
        match event {
            Event::StreamStart | Event::DocumentStart(_) => {}
            Event::StreamEnd | Event::DocumentEnd => {
                return Ok(Node {
                    place,
                    data: Data::Null,
                });
            }
            event => return reader.node(event, place),
        }
    }
}

struct Reader<'a> {
    events: Parser<'a, saphyr_parser::StrInput<'a>>,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<(Event<'a>, Place), YamlError> {
        match self.events.next() {
            Some(Ok((event, span))) => Ok((event, Place::from(&span.start))),
            Some(Err(fault)) => Err(error(Place::from(fault.marker()), fault.info())),
            None => Ok((Event::StreamEnd, Place::default())),
        }
    }

    fn node(&mut self, event: Event<'a>, place: Place) -> Result<Node, YamlError> {
        let data = match event {
            Event::Alias(_) => return Err(error(place, "aliases are not supported")),
            Event::Scalar(_, _, _, Some(_))
            | Event::SequenceStart(_, Some(_))
            | Event::MappingStart(_, Some(_)) => {
                return Err(error(place, "tags are not supported"));
            }
            Event::Scalar(_, _, 1.., _)
            | Event::SequenceStart(1.., _)
            | Event::MappingStart(1.., _) => {
                return Err(error(place, "anchors are not supported"));
            }
            Event::Scalar(text, style, ..) => return Ok(scalar(text, style, place)),
            Event::SequenceStart(..) => Data::List(self.list()?),
            Event::MappingStart(..) => Data::Map(self.map()?),
            other => return Err(error(place, format!("unexpected {other:?}"))),
        };
        Ok(Node { place, data })
    }

    fn list(&mut self) -> Result<Vec<Node>, YamlError> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(items),
                (event, place) => items.push(self.node(event, place)?),
            }
        }
    }

    fn map(&mut self) -> Result<Vec<(Key, Node)>, YamlError> {
        let mut entries: Vec<(Key, Node)> = Vec::new();
        loop {
            let (event, place) = self.next()?;
            if event == Event::MappingEnd {
                return Ok(entries);
            }
            let node = self.node(event, place)?;
            let name = match node.data {
                Data::Text(text) | Data::Number(text) => text,
                Data::Bool(value) => value.to_string(),
                _ => return Err(error(place, format!("a key is {}", node.kind()))),
            };
            if entries.iter().any(|(key, _)| key.name == name) {
                return Err(error(place, format!("`{name}` is given twice")));
            }
            let (event, at) = self.next()?;
            entries.push((Key { place, name }, self.node(event, at)?));
        }
    }
}

fn scalar(text: Cow<'_, str>, style: ScalarStyle, mut place: Place) -> Node {
    let text = text.into_owned();
    let data = match style {
        ScalarStyle::Plain => match text.as_str() {
            "" | "~" | "null" | "Null" | "NULL" => Data::Null,
            "true" | "True" | "TRUE" => Data::Bool(true),
            "false" | "False" | "FALSE" => Data::Bool(false),
            _ if is_number(&text) => Data::Number(text),
            _ => Data::Text(text),
        },
        ScalarStyle::Literal | ScalarStyle::Folded => {
            // The parser tells where the first line stands that is not empty.
            let empty = text.chars().take_while(|c| *c == '\n').count();
            place.line = place.line.saturating_sub(empty);
            Data::Text(text)
        }
        _ => Data::Text(text),
    };
    Node { place, data }
}

fn is_number(text: &str) -> bool {
    let digits = text.trim_start_matches(['+', '-']);
    digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') && text.parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(text: &str) -> Vec<(Key, Node)> {
        match read(text).unwrap().data {
            Data::Map(entries) => entries,
            other => panic!("{other:?}"),
        }
    }

    fn fault(text: &str) -> (usize, usize, String) {
        let YamlError { place, message } = read(text).unwrap_err();
        (place.line, place.column, message)
    }

    #[test]
    fn scalars_and_their_places() {
        let entries = map("a: 3.10\nb: text # why\nc:\nd: [x, {e: yes}]\n\"f\": '1'\ng: true\n");
        let at = |index: usize| &entries[index].1;
        assert_eq!(at(0).data, Data::Number("3.10".into()));
        assert_eq!(at(0).place, Place::new(1, 4));
        assert_eq!(at(1).data, Data::Text("text".into()));
        assert_eq!(at(2).data, Data::Null);
        let Data::List(items) = &at(3).data else {
            panic!()
        };
        assert_eq!(items[1].place, Place::new(4, 8));
        assert_eq!(entries[4].0.name, "f");
        assert_eq!(at(4).data, Data::Text("1".into()));
        assert_eq!(at(5).data, Data::Bool(true));
        assert_eq!(read("").unwrap().data, Data::Null);
        assert_eq!(read("# only a comment\n").unwrap().data, Data::Null);
    }

    #[test]
    fn the_place_of_a_block_is_its_first_line() {
        let entries = map("a: |\n  x = 1\nb: |\n\n\n  y = 2\nc: one\n");
        let places: Vec<usize> = entries.iter().map(|(_, node)| node.place.line).collect();
        assert_eq!(places, [2, 4, 7]);
    }

    #[test]
    fn faults() {
        assert_eq!(
            fault("a: 1\nb: 2\na: 3\n"),
            (3, 1, "`a` is given twice".into())
        );
        assert_eq!(fault("a: &x 1\n").2, "anchors are not supported");
        assert_eq!(fault("a: !!str 1\n").2, "tags are not supported");
        assert_eq!(fault("[a]: 1\n").2, "a key is a list");
        let (line, column, message) = fault("a: b: c\n");
        assert_eq!((line, column), (1, 5));
        assert!(message.contains("not allowed"));
        assert!(read("a: [\n").is_err());
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[-a:{}\\[\\]|&*!'\"#\\n 1]{0,30}") {
            let _ = read(&text);
        }
    }
}
