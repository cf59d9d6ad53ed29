//! The syntax of YAML, for the `yaml` module of specs.
//!
//! A text becomes a list of events. What the scalars mean is decided in
//! `python/harness_worker/yaml_scalars.py`.

use std::borrow::Cow;

use saphyr_parser::{Event as Parsed, Marker, Parser, ScalarStyle, ScanError, Tag};
use serde::Serialize;

/// What YAML is made of. Anchors are numbers in decimal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub(crate) enum Event {
    /// A document starts.
    Document,
    /// A document ends.
    DocumentEnd,
    /// The node of an anchor once more.
    Alias { anchor: String },
    /// A scalar; whether it has no quotes.
    Scalar {
        anchor: Option<String>,
        tag: Option<String>,
        value: String,
        plain: bool,
        /// Whether it is introduced by `|` or `>`.
        #[serde(skip)]
        block: bool,
    },
    /// A sequence starts.
    Sequence {
        anchor: Option<String>,
        tag: Option<String>,
    },
    /// A mapping starts.
    Mapping {
        anchor: Option<String>,
        tag: Option<String>,
    },
    /// The innermost sequence ends.
    SequenceEnd,
    /// The innermost mapping ends.
    MappingEnd,
}

/// An event and where it starts: line, column, and character, counted from zero.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Placed {
    #[serde(flatten)]
    pub event: Event,
    pub mark: [usize; 3],
}

/// A text that is not YAML.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{problem}")]
pub(crate) struct YamlError {
    problem: String,
    mark: [usize; 3],
}

/// The events of a text, without those of the stream.
pub(crate) fn parse(text: &str) -> Result<Vec<Placed>, YamlError> {
    // The parser ends the last line of a block scalar even if the text does not.
    let is_cut = !text.ends_with('\n');
    let length = text.chars().count();
    let mut events = Vec::new();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| fault(&error))?;
        let mark = place(span.start);
        if let Some(mut event) = read(event) {
            if is_cut && span.end.index() >= length {
                event.drop_line_end();
            }
            events.push(Placed { event, mark });
        }
    }
    Ok(events)
}

impl Event {
    fn drop_line_end(&mut self) {
        if let Event::Scalar {
            value, block: true, ..
        } = self
            && value.ends_with('\n')
        {
            value.pop();
        }
    }
}

fn read(event: Parsed<'_>) -> Option<Event> {
    Some(match event {
        Parsed::Nothing | Parsed::StreamStart | Parsed::StreamEnd => return None,
        Parsed::DocumentStart(_) => Event::Document,
        Parsed::DocumentEnd => Event::DocumentEnd,
        Parsed::Alias(anchor) => Event::Alias {
            anchor: anchor.to_string(),
        },
        Parsed::Scalar(value, style, anchor, tag) => Event::Scalar {
            anchor: name(anchor),
            tag: tag.map(whole_tag),
            value: value.into_owned(),
            plain: style == ScalarStyle::Plain,
            block: matches!(style, ScalarStyle::Literal | ScalarStyle::Folded),
        },
        Parsed::SequenceStart(anchor, tag) => Event::Sequence {
            anchor: name(anchor),
            tag: tag.map(whole_tag),
        },
        Parsed::MappingStart(anchor, tag) => Event::Mapping {
            anchor: name(anchor),
            tag: tag.map(whole_tag),
        },
        Parsed::SequenceEnd => Event::SequenceEnd,
        Parsed::MappingEnd => Event::MappingEnd,
    })
}

fn place(mark: Marker) -> [usize; 3] {
    [mark.line().saturating_sub(1), mark.col(), mark.index()]
}

/// The parser numbers anchors from one.
fn name(anchor: usize) -> Option<String> {
    (anchor > 0).then(|| anchor.to_string())
}

fn whole_tag(tag: Cow<'_, Tag>) -> String {
    format!("{}{}", tag.handle, tag.suffix)
}

fn fault(error: &ScanError) -> YamlError {
    YamlError {
        problem: error.info().to_owned(),
        mark: place(*error.marker()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn quotes_and_places_are_told() {
        let events = parse("[yes, 'yes', !x y]").unwrap();
        let scalars: Vec<_> = events
            .iter()
            .filter_map(|placed| match &placed.event {
                Event::Scalar { plain, tag, .. } => Some((*plain, tag.as_deref(), placed.mark[1])),
                _ => None,
            })
            .collect();
        assert_eq!(
            scalars,
            [(true, None, 1), (false, None, 6), (true, Some("!x"), 13)]
        );
    }

    #[test]
    fn anchors_are_told() {
        let events = parse("&x [a]\n---\n&y {a: *y}").unwrap();
        let told = serde_json::to_value(events).unwrap();
        assert_eq!(told[1]["event"], "sequence");
        assert_eq!(told[1]["anchor"], "1");
        assert_eq!(told[4]["event"], "document-end");
        assert_eq!(told[6]["anchor"], told[8]["anchor"]);
    }

    #[test]
    fn a_text_may_end_within_a_line() {
        let last = |text: &str| {
            let events = parse(text).unwrap().into_iter().rev();
            let mut values = events.filter_map(|placed| match placed.event {
                Event::Scalar { value, .. } => Some(value),
                _ => None,
            });
            values.next().unwrap()
        };
        assert_eq!(last("a: |\n  x\n"), "x\n");
        assert_eq!(last("a: |\n  x"), "x");
        assert_eq!(last("a: |+\n  x\n\n"), "x\n\n");
        assert_eq!(last("a: |\n  x\n# end"), "x\n");
        assert_eq!(last("a: \"x\\n\""), "x\n");
    }

    #[test]
    fn faults_are_told_with_their_place() {
        assert_eq!(parse("x: 1\na: b: c").unwrap_err().mark, [1, 4, 9]);
        assert!(parse("[a").is_err());
    }

    proptest! {
        #[test]
        fn no_text_ends_the_harness(
            text in "[-?:,\\[\\]{}#&*!|>'\"%@` a0~\n\t.=<é\u{feff}\\\\]{0,40}"
        ) {
            let _ = parse(&text);
        }
    }
}
