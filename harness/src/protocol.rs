//! What the harness and the worker say to each other: JSON, one value a line.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::follows::Names;
use crate::matcher::{Actual, Exception};
use crate::suite::Prelude;

/// The first thing the worker is told.
#[derive(Debug, Serialize)]
pub(crate) struct SetUp<'a> {
    pub preludes: &'a [Prelude],
    pub settings: Value,
    /// Bytes of output to keep of an example.
    pub keep: u64,
    /// The file that holds what the current example has printed so far.
    pub journal: String,
}

/// An example to run.
#[derive(Debug, Serialize)]
pub(crate) struct Evaluate<'a> {
    pub source: &'a str,
    /// What tracebacks call it.
    pub filename: &'a str,
}

/// Source to run that is not an example.
#[derive(Debug, Serialize)]
pub(crate) struct RunScript<'a> {
    pub script: &'a str,
    /// What tracebacks call its file.
    pub filename: &'a str,
    /// The line of the file that it starts on, from 1.
    pub line: usize,
}

/// An example to tell the names of.
#[derive(Debug, Serialize)]
pub(crate) struct Examine<'a> {
    pub examine: &'a str,
}

/// Variables to set in the namespace of the examples.
#[derive(Debug, Serialize)]
pub(crate) struct Bind {
    pub bind: BTreeMap<String, String>,
}

/// What the worker says.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Message {
    /// Something is to be done for it.
    Call {
        /// What.
        call: String,
        /// With what.
        arguments: Value,
    },
    /// What the source of an example tells about names.
    Names {
        /// It.
        names: Names,
    },
    /// An example has ended.
    Done {
        /// How.
        done: Done,
    },
}

/// The end of an example.
#[derive(Debug, Deserialize)]
pub(crate) struct Done {
    output: String,
    exception: Option<Raised>,
}

#[derive(Debug, Deserialize)]
struct Raised {
    message: String,
    traceback: String,
}

impl From<Done> for Actual {
    fn from(done: Done) -> Self {
        let exception = done.exception.map(|raised| Exception {
            message: raised.message,
            traceback: raised.traceback,
        });
        Actual {
            output: done.output,
            exception,
        }
    }
}

/// The answer to a call.
#[derive(Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Reply {
    /// It was done.
    Value(Value),
    /// It could not be done.
    Error {
        /// The system's number of the error, if it was the system's.
        errno: Option<i32>,
        /// What is wrong.
        message: String,
    },
}

impl From<std::io::Error> for Reply {
    fn from(error: std::io::Error) -> Self {
        let number = error.raw_os_error();
        let message = match number {
            // Python shows the number itself.
            Some(number) => nix::errno::Errno::from_raw(number).desc().to_owned(),
            None => error.to_string(),
        };
        Reply::Error {
            errno: number,
            message,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies() {
        let shown = |reply: Reply| serde_json::to_string(&reply).unwrap();
        assert_eq!(shown(Reply::Value(Value::Null)), r#"{"value":null}"#);
        let error = Reply::from(std::io::Error::from_raw_os_error(3));
        assert_eq!(
            shown(error),
            r#"{"error":{"errno":3,"message":"No such process"}}"#
        );
    }
}
