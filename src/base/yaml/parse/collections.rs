//! Lists and maps: on lines of their own, and in brackets and braces.

use super::{Content, Parser, Place, Syntax};
use crate::base::python_text::str_repr;
use crate::base::yaml::scan::TokenKind;
use crate::base::yaml::{Error, Mark};

impl Parser {
    /// The error of a collection that should end or go on.
    fn refuse_next(&mut self, what: &str, expected: &str, start: Mark) -> Error {
        match self.scanner.peek() {
            Ok(token) => {
                let found = str_repr(token.kind.name());
                Error::new(format!("{expected} {found}"), token.start)
                    .within(format!("while parsing a {what}"), start)
            }
            Err(error) => error,
        }
    }

    /// Items behind dashes.
    pub(super) fn block_sequence(&mut self) -> Result<Content, Error> {
        let start = self.scanner.next()?.start;
        let mut items = Vec::new();
        while next_is!(self, TokenKind::BlockEntry) {
            let dash = self.scanner.next()?;
            items.push(
                if next_is!(self, TokenKind::BlockEntry | TokenKind::BlockEnd) {
                    self.empty(dash.end)
                } else {
                    self.node(Place::Block)?
                },
            );
        }
        self.end_block("block collection", start)?;
        Ok(Content::Sequence(items))
    }

    fn end_block(&mut self, what: &str, start: Mark) -> Result<(), Error> {
        if !next_is!(self, TokenKind::BlockEnd) {
            return Err(self.refuse_next(what, "expected <block end>, but found", start));
        }
        self.scanner.next()?;
        Ok(())
    }

    /// The items of a sequence that is no further indented than its key.
    pub(super) fn dashes(&mut self) -> Result<Content, Error> {
        let mut items = Vec::new();
        while next_is!(self, TokenKind::BlockEntry) {
            let dash = self.scanner.next()?;
            let is_empty = next_is!(
                self,
                TokenKind::BlockEntry | TokenKind::Key | TokenKind::Value | TokenKind::BlockEnd
            );
            items.push(if is_empty {
                self.empty(dash.end)
            } else {
                self.node(Place::Block)?
            });
        }
        Ok(Content::Sequence(items))
    }

    /// Entries on lines of their own.
    pub(super) fn block_mapping(&mut self) -> Result<Content, Error> {
        let start = self.scanner.next()?.start;
        let mut entries = Vec::new();
        while next_is!(self, TokenKind::Key) {
            let key = self.block_mapping_part()?;
            let has_value = next_is!(self, TokenKind::Value);
            let value = if has_value {
                self.block_mapping_part()?
            } else {
                self.empty_here()?
            };
            entries.push((key, value));
        }
        self.end_block("block mapping", start)?;
        Ok(Content::Mapping(entries))
    }

    /// The node after the `?` or `:` of a block mapping.
    fn block_mapping_part(&mut self) -> Result<Syntax, Error> {
        let indicator = self.scanner.next()?;
        if next_is!(
            self,
            TokenKind::Key | TokenKind::Value | TokenKind::BlockEnd
        ) {
            return Ok(self.empty(indicator.end));
        }
        self.node(Place::BlockOrDashes)
    }

    /// Items in brackets.
    pub(super) fn flow_sequence(&mut self) -> Result<Content, Error> {
        let start = self.scanner.next()?.start;
        let mut items = Vec::new();
        while !next_is!(self, TokenKind::FlowSequenceEnd) {
            if !items.is_empty() {
                if !next_is!(self, TokenKind::FlowEntry) {
                    let expected = "expected ',' or ']', but got";
                    return Err(self.refuse_next("flow sequence", expected, start));
                }
                self.scanner.next()?;
            }
            if next_is!(self, TokenKind::Key) {
                items.push(self.flow_pair()?);
            } else if !next_is!(self, TokenKind::FlowSequenceEnd) {
                items.push(self.node(Place::Flow)?);
            }
        }
        self.scanner.next()?;
        Ok(Content::Sequence(items))
    }

    /// A mapping of one entry without braces, as an item of a sequence.
    fn flow_pair(&mut self) -> Result<Syntax, Error> {
        let mark = self.scanner.peek()?.start;
        let content = self.nested(mark, |parser| {
            let key = parser.flow_part(false)?;
            let has_value = next_is!(parser, TokenKind::Value);
            let value = if has_value {
                parser.flow_part(false)?
            } else {
                parser.empty_here()?
            };
            Ok(Content::Mapping(vec![(key, value)]))
        })?;
        Ok(Syntax {
            content,
            anchor: None,
            tag: None,
            mark,
            span: (mark, self.scanner.last_end()),
            is_flow: true,
        })
    }

    /// The node after the `?` or `:` of an entry in brackets or braces.
    fn flow_part(&mut self, in_braces: bool) -> Result<Syntax, Error> {
        let indicator = self.scanner.next()?;
        let is_empty = match self.scanner.peek()?.kind {
            TokenKind::FlowEntry => true,
            TokenKind::FlowMappingEnd => in_braces,
            TokenKind::FlowSequenceEnd => !in_braces,
            TokenKind::Value => matches!(indicator.kind, TokenKind::Key),
            _ => false,
        };
        if is_empty {
            return Ok(self.empty(indicator.end));
        }
        self.node(Place::Flow)
    }

    /// Entries in braces.
    pub(super) fn flow_mapping(&mut self) -> Result<Content, Error> {
        let start = self.scanner.next()?.start;
        let mut entries = Vec::new();
        while !next_is!(self, TokenKind::FlowMappingEnd) {
            if !entries.is_empty() {
                if !next_is!(self, TokenKind::FlowEntry) {
                    let expected = "expected ',' or '}', but got";
                    return Err(self.refuse_next("flow mapping", expected, start));
                }
                self.scanner.next()?;
            }
            if next_is!(self, TokenKind::FlowMappingEnd) {
                break;
            }
            let has_key = next_is!(self, TokenKind::Key);
            let key = if has_key {
                self.flow_part(true)?
            } else {
                self.node(Place::Flow)?
            };
            let has_value = has_key && next_is!(self, TokenKind::Value);
            let value = if has_value {
                self.flow_part(true)?
            } else {
                self.empty_here()?
            };
            entries.push((key, value));
        }
        self.scanner.next()?;
        Ok(Content::Mapping(entries))
    }
}
