//! What can be wrong with a search.

/// A search that cannot be.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// A function that no dimension has.
    #[error("unknown function '{function}' used for flag {flag}")]
    UnknownFunction {
        /// The name of the function.
        function: String,
        /// The flag whose value it is.
        flag: String,
    },
    /// A function with too few or too many arguments.
    #[error("{function} requires 2 or 3 args, got {args} for flag {flag}")]
    ArgumentCount {
        /// The name of the function.
        function: String,
        /// The arguments as a Python tuple.
        args: String,
        /// The flag whose value it is.
        flag: String,
    },
    /// A function whose arguments make no dimension.
    #[error("invalid function args in '{flag}={function}': {fault}")]
    Arguments {
        /// The flag whose value it is.
        flag: String,
        /// The function with its arguments.
        function: String,
        /// What is wrong with them.
        fault: String,
    },
    /// A list without values.
    #[error("flag {0} has no values to choose from")]
    NoChoices(String),
    /// A space without dimensions.
    #[error("flags do not contain any search dimensions")]
    NoDimensions,
    /// A text that is no condition.
    #[error("invalid condition '{text}': {fault}")]
    Condition {
        /// The text.
        text: String,
        /// What is wrong with it.
        fault: String,
    },
    /// Values with a condition where combinations are listed.
    #[error(
        "the values of flag {0} have a condition, which lists of trials cannot have: \
         use the optimizer grid or random"
    )]
    Conditional(String),
    /// Flags whose conditions name each other in a circle.
    #[error("the conditions of flags {0} name each other")]
    Circle(String),
    /// No values were found that all constraints allow.
    #[error("found no values that the constraints allow: {0}")]
    Constraints(String),
    /// A search that goes through values has been through all of them.
    #[error("all {0} combinations of values have been tried")]
    Exhausted(usize),
    /// A setting of the sampler that has no sense.
    #[error("invalid value {value} for {name}: expected {expected}")]
    Setting {
        /// The setting.
        name: String,
        /// Its value as it would be shown.
        value: String,
        /// What would be fine.
        expected: String,
    },
    /// No sampler has that name.
    #[error("unknown sampler '{0}'")]
    UnknownSampler(String),
    /// More combinations of values than can be listed.
    #[error("flag values make more than {0} trials: limit them with --max-trials")]
    TooManyTrials(usize),
}
