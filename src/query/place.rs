//! Where in a text something is wrong.

/// A place in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The line, from 1.
    pub line: usize,
    /// The character of the whole text, from 0.
    pub position: usize,
}

impl Place {
    /// Where every text starts.
    pub(super) const START: Self = Self {
        line: 1,
        position: 0,
    };

    /// The place behind `passed`, which starts here.
    pub(super) fn after(self, passed: &str) -> Self {
        Self {
            line: self.line + passed.matches('\n').count(),
            position: self.position + passed.chars().count(),
        }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Place { line, position } = self;
        match line {
            1 => write!(f, "at position {position}"),
            _ => write!(f, "on line {line}, position {position}"),
        }
    }
}
