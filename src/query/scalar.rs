//! Which scalar is meant, and what of it.

/// A scalar by its name, and which of its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scalar {
    /// The folder of its event files; any where empty.
    pub prefix: String,
    /// Its name in the event files.
    pub tag: String,
    /// Which of its values.
    pub which: Which,
    /// That value's step instead of the value.
    pub step: bool,
}

/// Which value of a scalar, over all its steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// That of the first step.
    First,
    /// That of the last step.
    Last,
    /// The smallest.
    Min,
    /// The largest.
    Max,
    /// The mean.
    Avg,
    /// The sum.
    Total,
    /// How many there are.
    Count,
}

impl Which {
    /// All, in the order of their declaration.
    pub const ALL: [Which; 7] = [
        Which::First,
        Which::Last,
        Which::Min,
        Which::Max,
        Which::Avg,
        Which::Total,
        Which::Count,
    ];

    /// What `word` stands for.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|which| which.as_str() == word)
    }

    /// The word.
    pub fn as_str(self) -> &'static str {
        match self {
            Which::First => "first",
            Which::Last => "last",
            Which::Min => "min",
            Which::Max => "max",
            Which::Avg => "avg",
            Which::Total => "total",
            Which::Count => "count",
        }
    }
}

impl Scalar {
    /// The last value of the scalar `name`: a tag, or `PREFIX#TAG`.
    pub fn last(name: &str) -> Self {
        let (prefix, tag) = name.split_once('#').unwrap_or(("", name));
        Self {
            prefix: prefix.to_string(),
            tag: tag.to_string(),
            which: Which::Last,
            step: false,
        }
    }
}
