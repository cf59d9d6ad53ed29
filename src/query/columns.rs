//! Columns: what of each run a comparison shows, `=lr, min loss step as best`.
//!
//! Text in, meaning out. Which values a run has, and which of them a wildcard
//! matches, is for others.
//!
//! The grammar:
//!
//! ```text
//! columns   = column { "," column }
//! column    = source { "as" NAME }
//! source    = ( "=" | "flag:" ) NAME | ( "." | "attr:" ) NAME | scalar
//! scalar    = [ qualifier ] [ "scalar:" ] NAME [ "step" ]
//! qualifier = "first" | "last" | "min" | "max" | "avg" | "total" | "count"
//! ```
//!
//! A NAME is a word without blanks and commas, or a text in quotes. That of a
//! scalar may have the folder of its event files before a `#`. A name with `*`,
//! `?`, `.+` or `[...]` in it stands for all that match it, see [`Wildcard`].

mod parse;
mod print;
#[cfg(test)]
mod tests;
mod token;
mod wildcard;

pub use wildcard::Wildcard;

use super::{Place, Scalar};

/// A column: what of each run it shows, and what it is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnSpec {
    /// What of a run.
    pub source: Source,
    /// Its heading, where it is not that of the source.
    pub label: Option<String>,
}

/// What of a run a column shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// `.NAME`
    Attribute(String),
    /// `=NAME`
    Flag(String),
    /// A value of a scalar, or that value's step.
    Scalar(Scalar),
}

impl ColumnSpec {
    /// The columns that `text` lists, at least one.
    ///
    /// # Errors
    /// What is wrong with the text, and where.
    pub fn parse_list(text: &str) -> Result<Vec<Self>, Error> {
        parse::parse(text)
    }

    /// What stands above the column: its name, else that of what it shows.
    pub fn heading(&self) -> String {
        match &self.label {
            Some(label) => label.clone(),
            None => self.source.heading(),
        }
    }
}

impl From<Source> for ColumnSpec {
    fn from(source: Source) -> Self {
        Self {
            source,
            label: None,
        }
    }
}

impl Source {
    /// What a column of this is called unless it has a name. Which of the values
    /// of a scalar it is does not show in it.
    pub fn heading(&self) -> String {
        match self {
            Source::Attribute(name) | Source::Flag(name) => name.clone(),
            Source::Scalar(scalar) => {
                let key = format!("{}#{}", scalar.prefix, scalar.tag).replace('#', " ");
                let step = if scalar.step { " step" } else { "" };
                format!("{}{step}", key.trim())
            }
        }
    }
}

/// Why a text is no list of columns. Messages have places as Guild AI has them,
/// which counts in a query `select COLUMNS`; [`Error::marked`] shows them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Nothing is there.
    #[error("query string cannot be empty")]
    Empty,
    /// It ends where more is needed.
    #[error("unexpected end, {}", in_query(*.0))]
    UnexpectedEnd(Place),
    /// Something stands where it cannot.
    #[error("unexpected token '{token}', {}", in_query(*place))]
    Unexpected {
        /// It.
        token: String,
        /// Where.
        place: Place,
    },
    /// A quote that no other ends.
    #[error("no quote ends the text, {}", in_query(*.0))]
    OpenQuote(Place),
    /// A quoted text has an escape that means nothing.
    #[error("{reason} in {text}, {}", in_query(*place))]
    Text {
        /// Where it starts.
        place: Place,
        /// What is wrong with it.
        reason: String,
        /// It, with its quotes.
        text: String,
    },
}

impl Error {
    /// Where in the text it is; none where the text is empty.
    pub fn place(&self) -> Option<Place> {
        match self {
            Error::Empty => None,
            Error::UnexpectedEnd(place) | Error::OpenQuote(place) => Some(*place),
            Error::Unexpected { place, .. } | Error::Text { place, .. } => Some(*place),
        }
    }

    /// The line of `text`, which was read, that is wrong, and a mark below the
    /// place.
    pub fn marked(&self, text: &str) -> String {
        let Some(place) = self.place() else {
            return String::new();
        };
        let before: String = text.chars().take(place.position).collect();
        let start = before.rfind('\n').map_or(0, |end| end + 1);
        let line = text[start..].lines().next().unwrap_or_default();
        let blanks = before[start..].chars();
        let blanks: String = blanks.map(|c| if c == '\t' { c } else { ' ' }).collect();
        format!("  {line}\n  {blanks}^")
    }
}

fn in_query(place: Place) -> String {
    let position = "select ".len() + place.position;
    format!("line {}, pos {position}", place.line)
}
