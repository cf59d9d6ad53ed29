//! A filter expression, asked of runs.

use std::sync::Arc;

use super::{Facts, Viewer};
use crate::home::Home;
use crate::query::filter::Expression;
use crate::runs::Run;
use crate::scalars::Index;

/// An expression to ask of runs, with what else some attributes depend on.
#[derive(Debug)]
pub struct Question {
    expression: Expression,
    viewer: Viewer,
}

impl Question {
    /// `expression`, asked now by the user of `home`, whose scalars are in `index`.
    pub fn new(expression: Expression, home: &Home, index: &Arc<Index>) -> Self {
        Self {
            expression,
            viewer: Viewer::with_index(home, index),
        }
    }

    /// Whether the expression holds for `run`. What cannot be read counts as not
    /// set.
    pub fn holds_for(&self, run: &Run) -> bool {
        self.expression.holds(&Facts::new(run, &self.viewer))
    }
}
