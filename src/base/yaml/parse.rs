//! The tree of nodes that a text's tokens make: which belong to which, with
//! anchors and tags as written. What the nodes mean is `compose`'s affair.

use std::collections::HashMap;

use super::scan::{Directive, Scanner, Tag, TokenKind};
use super::{Error, Mark};
use crate::base::python_text::str_repr;

/// Whether the next token is of one of some kinds. It stands before the module
/// that uses it too, as macros have to.
macro_rules! next_is {
    ($parser:expr, $($kind:tt)+) => {
        matches!($parser.scanner.peek()?.kind, $($kind)+)
    };
}

mod collections;

/// The most lists and maps inside one another. Python's own limit lies
/// higher and depends on what else is on its stack; no file comes near.
const MAX_DEPTH: usize = 100;

/// A node as written.
#[derive(Debug)]
pub(super) struct Syntax {
    pub content: Content,
    pub anchor: Option<String>,
    /// The tag in full; nothing for none and for `!`.
    pub tag: Option<String>,
    pub mark: Mark,
    /// Where the content is, without anchor and tag. It may end with blank lines.
    pub span: (Mark, Mark),
    /// Whether it is in brackets or braces, or is a collection in such.
    pub is_flow: bool,
}

/// What a node consists of.
#[derive(Debug)]
pub(super) enum Content {
    /// A copy of an anchored node that began before.
    Alias(String),
    Scalar {
        text: String,
        is_plain: bool,
    },
    Sequence(Vec<Syntax>),
    Mapping(Vec<(Syntax, Syntax)>),
}

/// Parses the one document of a text; nothing for an empty text.
pub(super) fn parse(text: &str) -> Result<Option<Syntax>, Error> {
    let mut parser = Parser {
        scanner: Scanner::new(text)?,
        handles: HashMap::new(),
        anchors: HashMap::new(),
        depth: 0,
    };
    parser.document()
}

struct Parser {
    scanner: Scanner,
    /// Tag handles and what they stand for.
    handles: HashMap<String, String>,
    /// Where each anchor was set.
    anchors: HashMap<String, Mark>,
    depth: usize,
}

/// What stands before a node.
#[derive(Default)]
struct Properties {
    anchor: Option<String>,
    tag: Option<(Tag, Mark)>,
}

/// Where a node stands, as far as it decides what it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Block,
    /// Below a key, where dashes need no indentation.
    BlockOrDashes,
    Flow,
}

impl Parser {
    fn document(&mut self) -> Result<Option<Syntax>, Error> {
        self.reset_handles();
        let is_explicit = next_is!(
            self,
            TokenKind::Directive(_) | TokenKind::DocumentStart | TokenKind::StreamEnd
        );
        if is_explicit {
            if self.open_next_document()?.is_none() {
                return Ok(None);
            }
            self.scanner.next()?;
        }
        let is_empty = next_is!(
            self,
            TokenKind::Directive(_)
                | TokenKind::DocumentStart
                | TokenKind::DocumentEnd
                | TokenKind::StreamEnd
        );
        let root = if is_explicit && is_empty {
            self.empty_here()?
        } else {
            self.node(Place::Block)?
        };
        if next_is!(self, TokenKind::DocumentEnd) {
            self.scanner.next()?;
        }
        if let Some(mark) = self.open_next_document()? {
            let error = Error::new("but found another document", mark);
            return Err(error.within("expected a single document in the stream", root.mark));
        }
        Ok(Some(root))
    }

    /// Passes document ends and directives up to a `---`, and returns where the
    /// document begins; nothing at the end of the text.
    fn open_next_document(&mut self) -> Result<Option<Mark>, Error> {
        while next_is!(self, TokenKind::DocumentEnd) {
            self.scanner.next()?;
        }
        if next_is!(self, TokenKind::StreamEnd) {
            return Ok(None);
        }
        let mark = self.scanner.peek()?.start;
        self.directives()?;
        let token = self.scanner.peek()?;
        match token.kind {
            TokenKind::DocumentStart => Ok(Some(mark)),
            _ => {
                let found = str_repr(token.kind.name());
                let problem = format!("expected '<document start>', but found {found}");
                Err(Error::new(problem, token.start))
            }
        }
    }

    fn reset_handles(&mut self) {
        let standard = [("!", "!"), ("!!", "tag:yaml.org,2002:")];
        self.handles = standard
            .map(|(handle, prefix)| (handle.to_owned(), prefix.to_owned()))
            .into();
    }

    fn directives(&mut self) -> Result<(), Error> {
        let mut has_version = false;
        let mut handles: HashMap<String, String> = HashMap::new();
        while next_is!(self, TokenKind::Directive(_)) {
            let token = self.scanner.next()?;
            let TokenKind::Directive(directive) = token.kind else {
                break;
            };
            match directive {
                Directive::Yaml { .. } if has_version => {
                    return Err(Error::new("found duplicate YAML directive", token.start));
                }
                Directive::Yaml { major } if major.trim_start_matches('0') != "1" => {
                    let problem = "found incompatible YAML document (version 1.* is required)";
                    return Err(Error::new(problem, token.start));
                }
                Directive::Yaml { .. } => has_version = true,
                Directive::Tag { handle, prefix } => {
                    let problem = format!("duplicate tag handle {}", str_repr(&handle));
                    if handles.insert(handle, prefix).is_some() {
                        return Err(Error::new(problem, token.start));
                    }
                }
                Directive::Other => {}
            }
        }
        self.reset_handles();
        self.handles.extend(handles);
        Ok(())
    }

    /// The node where there is none: null.
    fn empty(&self, mark: Mark) -> Syntax {
        Syntax {
            content: Content::Scalar {
                text: String::new(),
                is_plain: true,
            },
            anchor: None,
            tag: None,
            mark,
            span: (mark, mark),
            is_flow: false,
        }
    }

    /// The node that is missing before the next token.
    fn empty_here(&mut self) -> Result<Syntax, Error> {
        let mark = self.scanner.peek()?.start;
        Ok(self.empty(mark))
    }

    fn node(&mut self, place: Place) -> Result<Syntax, Error> {
        let first = self.scanner.peek()?;
        let mark = first.start;
        if matches!(first.kind, TokenKind::Alias(_)) {
            return self.alias();
        }
        let Properties { anchor, tag } = self.properties()?;
        let has_properties = anchor.is_some() || tag.is_some();
        let tag = match tag {
            Some((tag, tag_mark)) => Some(self.resolve_tag(tag, mark, tag_mark)?),
            None => None,
        };
        if let Some(name) = &anchor {
            self.set_anchor(name, mark)?;
        }
        let first = self.scanner.peek()?;
        let content_start = first.start;
        let is_flow = place == Place::Flow
            || matches!(
                first.kind,
                TokenKind::FlowSequenceStart | TokenKind::FlowMappingStart
            );
        let mut content = self.content(place, has_properties, mark)?;
        let end = self.scanner.last_end();
        // Where nothing follows the properties, the next token is another node's.
        let start = content_start.min(end);
        // The tag `!` asks for the type by the looks, of a quoted scalar too.
        let by_looks = tag.as_deref() == Some("!");
        if let (true, Content::Scalar { is_plain, .. }) = (by_looks, &mut content) {
            *is_plain = true;
        }
        Ok(Syntax {
            content,
            anchor,
            tag: tag.filter(|_| !by_looks),
            mark,
            span: (start, end),
            is_flow,
        })
    }

    fn alias(&mut self) -> Result<Syntax, Error> {
        let token = self.scanner.next()?;
        let TokenKind::Alias(name) = token.kind else {
            return Ok(self.empty(token.start));
        };
        if !self.anchors.contains_key(&name) {
            let problem = format!("found undefined alias {}", str_repr(&name));
            return Err(Error::new(problem, token.start));
        }
        Ok(Syntax {
            content: Content::Alias(name),
            anchor: None,
            tag: None,
            mark: token.start,
            span: (token.start, token.end),
            is_flow: false,
        })
    }

    fn set_anchor(&mut self, name: &str, mark: Mark) -> Result<(), Error> {
        match self.anchors.insert(name.to_owned(), mark) {
            None => Ok(()),
            Some(first) => {
                let name = str_repr(name);
                let context = format!("found duplicate anchor {name}; first occurrence");
                Err(Error::new("second occurrence", mark).within(context, first))
            }
        }
    }

    /// Reads an anchor and a tag, in any order.
    fn properties(&mut self) -> Result<Properties, Error> {
        let mut found = Properties::default();
        loop {
            match self.scanner.peek()?.kind {
                TokenKind::Anchor(_) if found.anchor.is_none() => {
                    let token = self.scanner.next()?;
                    if let TokenKind::Anchor(name) = token.kind {
                        found.anchor = Some(name);
                    }
                }
                TokenKind::Tag(_) if found.tag.is_none() => {
                    let token = self.scanner.next()?;
                    if let TokenKind::Tag(tag) = token.kind {
                        found.tag = Some((tag, token.start));
                    }
                }
                _ => return Ok(found),
            }
        }
    }

    fn resolve_tag(&self, tag: Tag, node: Mark, at: Mark) -> Result<String, Error> {
        match &tag.handle {
            None => Ok(tag.suffix),
            Some(handle) => match self.handles.get(handle) {
                Some(prefix) => Ok(format!("{prefix}{}", tag.suffix)),
                None => {
                    let problem = format!("found undefined tag handle {}", str_repr(handle));
                    Err(Error::new(problem, at).within("while parsing a node", node))
                }
            },
        }
    }

    fn content(&mut self, place: Place, may_be_empty: bool, mark: Mark) -> Result<Content, Error> {
        let token = self.scanner.peek()?;
        let is_block = place != Place::Flow;
        match token.kind {
            TokenKind::BlockEntry if place == Place::BlockOrDashes => {
                self.nested(mark, Self::dashes)
            }
            TokenKind::Scalar { .. } => match self.scanner.next()?.kind {
                TokenKind::Scalar { text, is_plain } => Ok(Content::Scalar { text, is_plain }),
                _ => Ok(self.empty(mark).content),
            },
            TokenKind::FlowSequenceStart => self.nested(mark, Self::flow_sequence),
            TokenKind::FlowMappingStart => self.nested(mark, Self::flow_mapping),
            TokenKind::BlockSequenceStart if is_block => self.nested(mark, Self::block_sequence),
            TokenKind::BlockMappingStart if is_block => self.nested(mark, Self::block_mapping),
            _ if may_be_empty => Ok(self.empty(mark).content),
            _ => {
                let found = str_repr(token.kind.name());
                let kind = if is_block { "block" } else { "flow" };
                let problem = format!("expected the node content, but found {found}");
                let context = format!("while parsing a {kind} node");
                Err(Error::new(problem, token.start).within(context, mark))
            }
        }
    }

    /// Reads a collection, if it is not too deep inside others.
    fn nested(
        &mut self,
        mark: Mark,
        read: impl Fn(&mut Self) -> Result<Content, Error>,
    ) -> Result<Content, Error> {
        if self.depth == MAX_DEPTH {
            let problem = format!("values are nested more than {MAX_DEPTH} levels deep");
            return Err(Error::new(problem, mark));
        }
        self.depth += 1;
        let content = read(self);
        self.depth -= 1;
        content
    }
}
