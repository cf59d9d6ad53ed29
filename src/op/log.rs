//! What the process of a run says that runs others: it is neither output of theirs
//! nor addressed to whoever asked for them.

/// Something that the process of a pipeline, a batch or a queue says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Log {
    /// What it does.
    Info(String),
    /// What may be wrong.
    Warning(String),
    /// What is wrong.
    Error(String),
}
