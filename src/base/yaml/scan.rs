//! The tokens of a YAML text, with PyYAML's idea of where collections begin and
//! end: by indentation, and by the `:` that makes a key of what precedes it.
//! Knows nothing of what the tokens mean together, which is `parse`'s affair.
//!
//! Written instead of taking a YAML crate because texts that PyYAML refuses must
//! be refused in its words, and none of the crates that were tried is free of
//! panics.

mod cursor;
mod properties;
mod scalars;

use std::collections::{BTreeMap, VecDeque};

use self::cursor::{Cursor, END, is_blank_or_end, is_break_or_end};
use super::{Error, Mark};
use crate::base::python_text::str_repr;

/// How far behind its `:` a key may begin, in characters.
const MAX_KEY_LENGTH: usize = 1024;

/// A token and where it is.
#[derive(Debug)]
pub(super) struct Token {
    pub kind: TokenKind,
    pub start: Mark,
    pub end: Mark,
}

/// What a token is.
#[derive(Debug)]
pub(super) enum TokenKind {
    StreamEnd,
    Directive(Directive),
    DocumentStart,
    DocumentEnd,
    BlockSequenceStart,
    BlockMappingStart,
    BlockEnd,
    FlowSequenceStart,
    FlowSequenceEnd,
    FlowMappingStart,
    FlowMappingEnd,
    BlockEntry,
    FlowEntry,
    Key,
    Value,
    Alias(String),
    Anchor(String),
    Tag(Tag),
    Scalar { text: String, is_plain: bool },
}

/// A line that begins with `%`.
#[derive(Debug)]
pub(super) enum Directive {
    Yaml { major: String },
    Tag { handle: String, prefix: String },
    Other,
}

/// A tag as written: `!!str` has the handle `!!` and the suffix `str`.
#[derive(Debug)]
pub(super) struct Tag {
    pub handle: Option<String>,
    pub suffix: String,
}

impl TokenKind {
    /// PyYAML's name for it, for messages.
    pub fn name(&self) -> &'static str {
        match self {
            Self::StreamEnd => "<stream end>",
            Self::Directive(_) => "<directive>",
            Self::DocumentStart => "<document start>",
            Self::DocumentEnd => "<document end>",
            Self::BlockSequenceStart => "<block sequence start>",
            Self::BlockMappingStart => "<block mapping start>",
            Self::BlockEnd => "<block end>",
            Self::FlowSequenceStart => "[",
            Self::FlowSequenceEnd => "]",
            Self::FlowMappingStart => "{",
            Self::FlowMappingEnd => "}",
            Self::BlockEntry => "-",
            Self::FlowEntry => ",",
            Self::Key => "?",
            Self::Value => ":",
            Self::Alias(_) => "<alias>",
            Self::Anchor(_) => "<anchor>",
            Self::Tag(_) => "<tag>",
            Self::Scalar { .. } => "<scalar>",
        }
    }
}

/// A token that becomes a key if a `:` follows on its line.
struct PossibleKey {
    /// Counted from the first token of the text.
    token_number: usize,
    /// At this place nothing but a key may stand.
    is_required: bool,
    index: usize,
    mark: Mark,
}

/// Reads tokens on demand.
pub(super) struct Scanner {
    cursor: Cursor,
    tokens: VecDeque<Token>,
    tokens_taken: usize,
    /// Where the last token ended that stands for something in the text.
    last_end: Mark,
    is_done: bool,
    flow_depth: usize,
    /// The column of the innermost block collection; nothing outside of any.
    indent: Option<usize>,
    outer_indents: Vec<Option<usize>>,
    /// Whether a key that needs no `?` may begin here.
    allows_key: bool,
    /// At most one for each depth of flow collections.
    possible_keys: BTreeMap<usize, PossibleKey>,
}

impl Scanner {
    pub fn new(text: &str) -> Result<Self, Error> {
        Ok(Self {
            cursor: Cursor::new(text)?,
            tokens: VecDeque::new(),
            tokens_taken: 0,
            last_end: Mark::default(),
            is_done: false,
            flow_depth: 0,
            indent: None,
            outer_indents: Vec::new(),
            allows_key: true,
            possible_keys: BTreeMap::new(),
        })
    }

    /// The next token, left in place. After the last, the end of the stream.
    pub fn peek(&mut self) -> Result<&Token, Error> {
        self.fill()?;
        let mark = self.cursor.mark();
        if self.tokens.is_empty() {
            self.push(TokenKind::StreamEnd, mark);
        }
        Ok(&self.tokens[0])
    }

    /// Takes the next token.
    pub fn next(&mut self) -> Result<Token, Error> {
        self.peek()?;
        self.tokens_taken += 1;
        let end = self.cursor.mark();
        let token = self.tokens.pop_front().unwrap_or(Token {
            kind: TokenKind::StreamEnd,
            start: end,
            end,
        });
        if token.start != token.end {
            self.last_end = token.end;
        }
        Ok(token)
    }

    /// Where the last token ended that was taken, other than those that only
    /// begin or end a block.
    pub fn last_end(&self) -> Mark {
        self.last_end
    }

    /// Reads until the first token cannot become a key any more.
    fn fill(&mut self) -> Result<(), Error> {
        while !self.is_done {
            if !self.tokens.is_empty() {
                self.drop_stale_keys()?;
                let first_key = self.possible_keys.values().next();
                if first_key.is_none_or(|key| key.token_number != self.tokens_taken) {
                    return Ok(());
                }
            }
            self.fetch()?;
        }
        Ok(())
    }

    /// Adds a token that ends here.
    fn push(&mut self, kind: TokenKind, start: Mark) {
        let end = self.cursor.mark();
        self.tokens.push_back(Token { kind, start, end });
    }

    /// Reads a token of some characters that stand for themselves.
    fn push_indicator(&mut self, kind: TokenKind, length: usize) {
        let start = self.cursor.mark();
        self.cursor.skip(length);
        self.push(kind, start);
    }

    fn fetch(&mut self) -> Result<(), Error> {
        self.skip_to_token();
        self.drop_stale_keys()?;
        let column = self.cursor.column();
        self.unwind_indent(Some(column));
        let next = self.cursor.peek_at(1);
        match self.cursor.peek() {
            END => self.fetch_stream_end(),
            '%' if column == 0 => self.fetch_directive(),
            '-' if column == 0 && self.cursor.is_at_word("---") => {
                self.fetch_document_mark(TokenKind::DocumentStart)
            }
            '.' if column == 0 && self.cursor.is_at_word("...") => {
                self.fetch_document_mark(TokenKind::DocumentEnd)
            }
            '[' => self.fetch_flow_start(TokenKind::FlowSequenceStart),
            '{' => self.fetch_flow_start(TokenKind::FlowMappingStart),
            ']' => self.fetch_flow_end(TokenKind::FlowSequenceEnd),
            '}' => self.fetch_flow_end(TokenKind::FlowMappingEnd),
            ',' => self.fetch_flow_entry(),
            '-' if is_blank_or_end(next) => self.fetch_block_entry(),
            '?' if self.flow_depth > 0 || is_blank_or_end(next) => self.fetch_key(),
            ':' if self.flow_depth > 0 || is_blank_or_end(next) => self.fetch_value(),
            '*' | '&' | '!' => self.fetch_property(),
            '|' | '>' if self.flow_depth == 0 => self.fetch_block_scalar(),
            '\'' | '"' => self.fetch_quoted(),
            c if self.starts_plain(c, next) => self.fetch_plain(),
            c => {
                let c = str_repr(&c.to_string());
                let problem = format!("found character {c} that cannot start any token");
                let mark = self.cursor.mark();
                Err(Error::new(problem, mark).within("while scanning for the next token", mark))
            }
        }
    }

    fn starts_plain(&self, c: char, next: char) -> bool {
        match c {
            '-' => !is_blank_or_end(next),
            '?' | ':' => self.flow_depth == 0 && !is_blank_or_end(next),
            _ => !is_blank_or_end(c) && !",[]{}#&*!|>'\"%@`".contains(c),
        }
    }

    /// Passes white space and comments. Tabs are neither.
    fn skip_to_token(&mut self) {
        loop {
            self.cursor.skip_while(|c| c == ' ');
            if self.cursor.peek() == '#' {
                self.cursor.skip_while(|c| !is_break_or_end(c));
            }
            if self.cursor.take_break().is_none() {
                return;
            }
            if self.flow_depth == 0 {
                self.allows_key = true;
            }
        }
    }

    fn missing_colon(&self, key: Mark) -> Error {
        Error::new("could not find expected ':'", self.cursor.mark())
            .within("while scanning a simple key", key)
    }

    /// Forgets keys whose line has ended or that have become too long.
    fn drop_stale_keys(&mut self) -> Result<(), Error> {
        let (line, index) = (self.cursor.line(), self.cursor.index());
        let is_stale =
            |key: &PossibleKey| key.mark.line != line || index - key.index > MAX_KEY_LENGTH;
        let required = self
            .possible_keys
            .values()
            .find(|key| is_stale(key) && key.is_required);
        if let Some(key) = required {
            return Err(self.missing_colon(key.mark));
        }
        self.possible_keys.retain(|_, key| !is_stale(key));
        Ok(())
    }

    /// Remembers that the token about to be read may be a key.
    fn save_possible_key(&mut self) -> Result<(), Error> {
        if !self.allows_key {
            return Ok(());
        }
        self.drop_possible_key()?;
        let column = self.cursor.column();
        let key = PossibleKey {
            token_number: self.tokens_taken + self.tokens.len(),
            is_required: self.flow_depth == 0 && self.indent == Some(column),
            index: self.cursor.index(),
            mark: self.cursor.mark(),
        };
        self.possible_keys.insert(self.flow_depth, key);
        Ok(())
    }

    /// Forgets the possible key of this depth.
    fn drop_possible_key(&mut self) -> Result<(), Error> {
        match self.possible_keys.remove(&self.flow_depth) {
            Some(key) if key.is_required => Err(self.missing_colon(key.mark)),
            _ => Ok(()),
        }
    }

    /// Ends the block collections that are indented further than a column.
    fn unwind_indent(&mut self, column: Option<usize>) {
        if self.flow_depth > 0 {
            return;
        }
        while self.indent > column {
            self.indent = self.outer_indents.pop().flatten();
            self.push(TokenKind::BlockEnd, self.cursor.mark());
        }
    }

    /// Enters a block collection if a column is indented further than the
    /// current one.
    fn add_indent(&mut self, column: usize) -> bool {
        let is_deeper = self.indent < Some(column);
        if is_deeper {
            self.outer_indents.push(self.indent.replace(column));
        }
        is_deeper
    }

    fn fetch_stream_end(&mut self) -> Result<(), Error> {
        self.unwind_indent(None);
        self.drop_possible_key()?;
        self.possible_keys.clear();
        self.push(TokenKind::StreamEnd, self.cursor.mark());
        self.is_done = true;
        Ok(())
    }

    fn fetch_document_mark(&mut self, kind: TokenKind) -> Result<(), Error> {
        self.unwind_indent(None);
        self.drop_possible_key()?;
        self.allows_key = false;
        self.push_indicator(kind, 3);
        Ok(())
    }

    fn fetch_flow_start(&mut self, kind: TokenKind) -> Result<(), Error> {
        self.save_possible_key()?;
        self.flow_depth += 1;
        self.allows_key = true;
        self.push_indicator(kind, 1);
        Ok(())
    }

    fn fetch_flow_end(&mut self, kind: TokenKind) -> Result<(), Error> {
        self.drop_possible_key()?;
        self.flow_depth = self.flow_depth.saturating_sub(1);
        self.allows_key = false;
        self.push_indicator(kind, 1);
        Ok(())
    }

    fn fetch_flow_entry(&mut self) -> Result<(), Error> {
        self.allows_key = true;
        self.drop_possible_key()?;
        self.push_indicator(TokenKind::FlowEntry, 1);
        Ok(())
    }

    /// Starts a block collection at this column if there is none yet.
    fn enter_block(&mut self, kind: TokenKind, refusal: &str) -> Result<(), Error> {
        let mark = self.cursor.mark();
        if !self.allows_key {
            return Err(Error::new(refusal, mark));
        }
        if self.add_indent(mark.column) {
            self.push(kind, mark);
        }
        Ok(())
    }

    fn fetch_block_entry(&mut self) -> Result<(), Error> {
        if self.flow_depth == 0 {
            let refusal = "sequence entries are not allowed here";
            self.enter_block(TokenKind::BlockSequenceStart, refusal)?;
        }
        self.allows_key = true;
        self.drop_possible_key()?;
        self.push_indicator(TokenKind::BlockEntry, 1);
        Ok(())
    }

    fn fetch_key(&mut self) -> Result<(), Error> {
        if self.flow_depth == 0 {
            let refusal = "mapping keys are not allowed here";
            self.enter_block(TokenKind::BlockMappingStart, refusal)?;
        }
        self.allows_key = self.flow_depth == 0;
        self.drop_possible_key()?;
        self.push_indicator(TokenKind::Key, 1);
        Ok(())
    }

    fn fetch_value(&mut self) -> Result<(), Error> {
        if let Some(key) = self.possible_keys.remove(&self.flow_depth) {
            self.insert_key(&key);
            self.allows_key = false;
        } else {
            if self.flow_depth == 0 {
                let refusal = "mapping values are not allowed here";
                self.enter_block(TokenKind::BlockMappingStart, refusal)?;
            }
            self.allows_key = self.flow_depth == 0;
            self.drop_possible_key()?;
        }
        self.push_indicator(TokenKind::Value, 1);
        Ok(())
    }

    /// Makes a key of a token that has been read already.
    fn insert_key(&mut self, key: &PossibleKey) {
        let at = key.token_number - self.tokens_taken;
        let token = |kind| Token {
            kind,
            start: key.mark,
            end: key.mark,
        };
        self.tokens.insert(at, token(TokenKind::Key));
        if self.flow_depth == 0 && self.add_indent(key.mark.column) {
            self.tokens.insert(at, token(TokenKind::BlockMappingStart));
        }
    }

    fn fetch_block_scalar(&mut self) -> Result<(), Error> {
        self.allows_key = true;
        self.drop_possible_key()?;
        let start = self.cursor.mark();
        let text = self.block_scalar()?;
        self.push_text(text, start);
        Ok(())
    }

    fn fetch_quoted(&mut self) -> Result<(), Error> {
        self.save_possible_key()?;
        self.allows_key = false;
        let start = self.cursor.mark();
        let text = self.quoted_scalar()?;
        self.push_text(text, start);
        Ok(())
    }

    /// Adds a scalar that is a text whatever it looks like.
    fn push_text(&mut self, text: String, start: Mark) {
        let kind = TokenKind::Scalar {
            text,
            is_plain: false,
        };
        self.push(kind, start);
    }

    fn fetch_plain(&mut self) -> Result<(), Error> {
        self.save_possible_key()?;
        self.allows_key = false;
        let start = self.cursor.mark();
        let (text, end) = self.plain_scalar();
        let kind = TokenKind::Scalar {
            text,
            is_plain: true,
        };
        self.tokens.push_back(Token { kind, start, end });
        Ok(())
    }

    fn fetch_directive(&mut self) -> Result<(), Error> {
        self.unwind_indent(None);
        self.drop_possible_key()?;
        self.allows_key = false;
        let start = self.cursor.mark();
        let directive = self.directive()?;
        self.push(TokenKind::Directive(directive), start);
        Ok(())
    }

    fn fetch_property(&mut self) -> Result<(), Error> {
        self.save_possible_key()?;
        self.allows_key = false;
        let start = self.cursor.mark();
        let kind = match self.cursor.peek() {
            '*' => TokenKind::Alias(self.anchor_name("while scanning an alias")?),
            '&' => TokenKind::Anchor(self.anchor_name("while scanning an anchor")?),
            _ => TokenKind::Tag(self.tag()?),
        };
        self.push(kind, start);
        Ok(())
    }
}
