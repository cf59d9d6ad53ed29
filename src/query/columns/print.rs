//! Writing columns so that they read back as the same.

use std::borrow::Cow;
use std::fmt::{self, Display, Formatter};

use super::token::is_word;
use super::{ColumnSpec, Source};
use crate::query::{Scalar, Which, quoted};

impl Display for ColumnSpec {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.source)?;
        match &self.label {
            Some(label) => write!(f, " as {}", written(label)),
            None => Ok(()),
        }
    }
}

impl Display for Source {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Source::Attribute(name) => write!(f, ".{}", written(name)),
            Source::Flag(name) => write!(f, "={}", written(name)),
            Source::Scalar(scalar) => write_scalar(scalar, f),
        }
    }
}

fn write_scalar(scalar: &Scalar, f: &mut Formatter<'_>) -> fmt::Result {
    let Scalar {
        prefix,
        tag,
        which,
        step,
    } = scalar;
    if *which != Which::Last {
        write!(f, "{} ", which.as_str())?;
    }
    let key = match prefix.is_empty() && !tag.contains('#') {
        true => tag.clone(),
        false => format!("{prefix}#{tag}"),
    };
    // In quotes a word has no other meaning than to be a name.
    let plain = Which::of(&key).is_none() && key != "step";
    match plain {
        true => f.write_str(&written(&key))?,
        false => f.write_str(&quoted::quote(&key))?,
    }
    f.write_str(if *step { " step" } else { "" })
}

fn written(text: &str) -> Cow<'_, str> {
    match is_word(text) && !matches!(text, "as" | "AS") {
        true => Cow::Borrowed(text),
        false => Cow::Owned(quoted::quote(text)),
    }
}
