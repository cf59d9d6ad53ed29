//! What a search makes small or large.

use super::Error;
use crate::query::Scalar;
use crate::query::columns::{ColumnSpec, Source};
use crate::query::filter::Subject;
use crate::select::Facts;

/// A scalar of the trials, and whether it is to be large.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Objective {
    scalar: Scalar,
    maximize: bool,
}

impl Objective {
    /// The scalar that is searched for where nothing says.
    pub const DEFAULT: &'static str = "loss";

    /// Reads the objective of a batch: a column, with a `-` before it where it is to
    /// be large.
    ///
    /// # Errors
    /// It is no column, several, or none of numbers.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let (maximize, column) = match text.strip_prefix('-') {
            Some(column) => (true, column),
            None => (false, text),
        };
        let invalid = |reason: String| Error::Objective {
            text: column.to_string(),
            reason,
        };
        let columns = ColumnSpec::parse_list(column).map_err(|error| invalid(error.to_string()))?;
        match &columns[..] {
            [
                ColumnSpec {
                    source: Source::Scalar(scalar),
                    ..
                },
            ] => Ok(Self {
                scalar: scalar.clone(),
                maximize,
            }),
            [_] => Err(invalid("it is not a scalar".to_string())),
            _ => Err(invalid("too many columns".to_string())),
        }
    }

    /// What is to be made small of a run; none where the run has no such number.
    pub fn of(&self, facts: &Facts<'_>) -> Option<f64> {
        let value = facts.scalar(&self.scalar)?.as_f64()?;
        value
            .is_finite()
            .then_some(if self.maximize { -value } else { value })
    }

    /// The value of the scalar that is made small as `result`, and the other way round.
    pub fn shown(&self, result: f64) -> f64 {
        if self.maximize { -result } else { result }
    }

    /// The scalar as messages show it.
    pub fn name(&self) -> String {
        match self.scalar.prefix.as_str() {
            "" => self.scalar.tag.clone(),
            prefix => format!("{prefix}#{}", self.scalar.tag),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_objective_is_one_scalar() {
        let objective = Objective::parse("-max train#acc").unwrap();
        assert!(objective.maximize);
        assert_eq!(objective.name(), "train#acc");
        assert!(!Objective::parse("loss").unwrap().maximize);
        for (text, expected) in [
            ("a, b", "invalid objective 'a, b': too many columns"),
            ("-=x", "invalid objective '=x': it is not a scalar"),
        ] {
            assert_eq!(Objective::parse(text).unwrap_err().to_string(), expected);
        }
    }
}
