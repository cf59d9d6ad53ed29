//! What TensorBoard's hparams plugin reads: the parameters and metrics of an
//! experiment, and the values and the end of each of its sessions.

use super::wire::{Field, Fields, Message};

/// The value of a parameter.
#[derive(Debug, Clone, PartialEq)]
pub enum HparamValue {
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
    /// True or false.
    Bool(bool),
}

/// The values that a parameter may have, all of one type.
#[derive(Debug, Clone, PartialEq)]
pub enum Domain {
    /// Nothing is known of them.
    Any,
    /// Numbers from the first to the last.
    Interval(f64, f64),
    /// These numbers.
    Numbers(Vec<f64>),
    /// These texts.
    Texts(Vec<String>),
    /// True and false.
    Bools,
}

/// A parameter of an experiment.
#[derive(Debug, Clone, PartialEq)]
pub struct Hparam {
    /// Its name.
    pub name: String,
    /// Its values.
    pub domain: Domain,
}

/// How a session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionStatus {
    /// Nobody knows.
    Unknown,
    /// It ended well.
    Success,
    /// It failed.
    Failure,
    /// It goes on.
    Running,
}

/// What the plugin told, not yet decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PluginData<'a> {
    message: &'a [u8],
}

/// What the plugin told.
#[derive(Debug, Clone, PartialEq)]
pub enum Hparams {
    /// An experiment.
    Experiment {
        /// Its parameters.
        hparams: Vec<Hparam>,
        /// The tags of the scalars that measure it.
        metrics: Vec<String>,
    },
    /// The start of a session.
    SessionStart {
        /// The name of its group.
        group: String,
        /// Its parameters by name.
        hparams: Vec<(String, HparamValue)>,
    },
    /// How a session ended or stands.
    SessionEnd(SessionStatus),
}

/// The element type of a tensor without elements.
const FLOAT: u64 = 1;

/// A summary value of the plugin: everything it tells is in its metadata, and
/// its tensor has no elements.
fn value(kind: &str, data: &Message) -> Message {
    let plugin = Message::new().bytes(1, b"hparams").message(2, data);
    let no_elements = Message::new().bytes(2, b"");
    let tensor = Message::new().varint(1, FLOAT).message(2, &no_elements);
    Message::new()
        .bytes(1, format!("_hparams_/{kind}").as_bytes())
        .message(8, &tensor)
        .message(9, &Message::new().message(1, &plugin))
}

/// The experiment with `hparams`, measured by the scalars `metrics`.
pub(super) fn experiment(hparams: &[Hparam], metrics: &[&str]) -> Message {
    let mut experiment = Message::new();
    for hparam in hparams {
        experiment = experiment.message(4, &info(hparam));
    }
    for tag in metrics {
        let name = Message::new().bytes(2, tag.as_bytes());
        experiment = experiment.message(5, &Message::new().message(1, &name));
    }
    value("experiment", &Message::new().message(2, &experiment))
}

fn info(hparam: &Hparam) -> Message {
    const TEXT: u64 = 1;
    const BOOL: u64 = 2;
    const NUMBER: u64 = 3;
    let info = Message::new().bytes(1, hparam.name.as_bytes());
    let discrete = |values: Vec<HparamValue>| {
        let add = |list: Message, value: &HparamValue| list.message(1, &wrapped(value));
        values.iter().fold(Message::new(), add)
    };
    match &hparam.domain {
        Domain::Any => info,
        Domain::Interval(min, max) => {
            let interval = Message::new().double(1, *min).double(2, *max);
            info.varint(4, NUMBER).message(6, &interval)
        }
        Domain::Numbers(numbers) => {
            let numbers = numbers.iter().copied().map(HparamValue::Number);
            info.varint(4, NUMBER)
                .message(5, &discrete(numbers.collect()))
        }
        Domain::Texts(texts) => {
            let texts = texts.iter().cloned().map(HparamValue::Text);
            info.varint(4, TEXT).message(5, &discrete(texts.collect()))
        }
        Domain::Bools => {
            let bools = vec![HparamValue::Bool(false), HparamValue::Bool(true)];
            info.varint(4, BOOL).message(5, &discrete(bools))
        }
    }
}

/// A value as a message of its own, which names its type.
fn wrapped(value: &HparamValue) -> Message {
    match value {
        HparamValue::Number(number) => Message::new().double(2, *number),
        HparamValue::Text(text) => Message::new().bytes(3, text.as_bytes()),
        HparamValue::Bool(yes) => Message::new().varint(4, u64::from(*yes)),
    }
}

/// The start of the session of `group`, with the values of its parameters.
pub(super) fn session_start(
    group: &str,
    hparams: &[(&str, HparamValue)],
    start_seconds: f64,
) -> Message {
    let mut info = Message::new();
    for (name, value) in hparams {
        let entry = Message::new()
            .bytes(1, name.as_bytes())
            .message(2, &wrapped(value));
        info = info.message(1, &entry);
    }
    let info = info.bytes(4, group.as_bytes()).double(5, start_seconds);
    value("session_start_info", &Message::new().message(3, &info))
}

/// The end of a session, or how it stands at `seconds`.
pub(super) fn session_end(status: SessionStatus, seconds: f64) -> Message {
    let number = match status {
        SessionStatus::Unknown => 0,
        SessionStatus::Success => 1,
        SessionStatus::Failure => 2,
        SessionStatus::Running => 3,
    };
    let mut info = Message::new().varint(1, number);
    if status != SessionStatus::Running {
        info = info.double(2, seconds);
    }
    value("session_end_info", &Message::new().message(4, &info))
}

impl<'a> PluginData<'a> {
    pub(super) fn new(message: &'a [u8]) -> Self {
        Self { message }
    }

    /// Decodes it; nothing where it is none of what is known.
    pub fn decode(&self) -> Option<Hparams> {
        Fields::new(self.message).find_map(|field| match field {
            (2, Field::Bytes(message)) => Some(read_experiment(message)),
            (3, Field::Bytes(message)) => Some(read_session_start(message)),
            (4, Field::Bytes(message)) => Some(read_session_end(message)),
            _ => None,
        })
    }
}

fn read_experiment(message: &[u8]) -> Hparams {
    let (mut hparams, mut metrics) = (Vec::new(), Vec::new());
    for field in Fields::new(message) {
        match field {
            (4, Field::Bytes(info)) => hparams.push(read_info(info)),
            (5, Field::Bytes(info)) => {
                metrics.extend(bytes(info, 1).and_then(|name| text(name, 2)))
            }
            _ => {}
        }
    }
    Hparams::Experiment { hparams, metrics }
}

fn read_info(message: &[u8]) -> Hparam {
    let domain = match (bytes(message, 5), bytes(message, 6)) {
        (Some(list), _) => read_discrete(list),
        (None, Some(interval)) => Domain::Interval(number(interval, 1), number(interval, 2)),
        (None, None) => Domain::Any,
    };
    Hparam {
        name: text(message, 1).unwrap_or_default(),
        domain,
    }
}

fn read_discrete(list: &[u8]) -> Domain {
    let (mut numbers, mut texts, mut has_bools) = (Vec::new(), Vec::new(), false);
    let values = Fields::new(list).filter_map(|field| match field {
        (1, Field::Bytes(value)) => unwrapped(value),
        _ => None,
    });
    for value in values {
        match value {
            HparamValue::Number(number) => numbers.push(number),
            HparamValue::Text(text) => texts.push(text),
            HparamValue::Bool(_) => has_bools = true,
        }
    }
    match (numbers.is_empty(), texts.is_empty(), has_bools) {
        (false, true, false) => Domain::Numbers(numbers),
        (true, false, false) => Domain::Texts(texts),
        (true, true, true) => Domain::Bools,
        _ => Domain::Any,
    }
}

fn unwrapped(message: &[u8]) -> Option<HparamValue> {
    Fields::new(message).find_map(|field| match field {
        (2, Field::Fixed64(bytes)) => Some(HparamValue::Number(f64::from_le_bytes(bytes))),
        (3, Field::Bytes(text)) => Some(HparamValue::Text(String::from_utf8_lossy(text).into())),
        (4, Field::Varint(yes)) => Some(HparamValue::Bool(yes != 0)),
        _ => None,
    })
}

fn read_session_start(message: &[u8]) -> Hparams {
    let entries = Fields::new(message).filter_map(|field| match field {
        (1, Field::Bytes(entry)) => {
            let name = text(entry, 1).unwrap_or_default();
            Some((name, unwrapped(bytes(entry, 2)?)?))
        }
        _ => None,
    });
    Hparams::SessionStart {
        group: text(message, 4).unwrap_or_default(),
        hparams: entries.collect(),
    }
}

fn read_session_end(message: &[u8]) -> Hparams {
    let status = Fields::new(message).find_map(|field| match field {
        (1, Field::Varint(1)) => Some(SessionStatus::Success),
        (1, Field::Varint(2)) => Some(SessionStatus::Failure),
        (1, Field::Varint(3)) => Some(SessionStatus::Running),
        _ => None,
    });
    Hparams::SessionEnd(status.unwrap_or(SessionStatus::Unknown))
}

/// The bytes of the field `wanted`.
fn bytes(message: &[u8], wanted: u64) -> Option<&[u8]> {
    Fields::new(message).find_map(|field| match field {
        (number, Field::Bytes(bytes)) if number == wanted => Some(bytes),
        _ => None,
    })
}

fn text(message: &[u8], wanted: u64) -> Option<String> {
    Some(String::from_utf8_lossy(bytes(message, wanted)?).into_owned())
}

/// The number of the field `wanted`; one that is 0 is not written.
fn number(message: &[u8], wanted: u64) -> f64 {
    let found = Fields::new(message).find_map(|field| match field {
        (number, Field::Fixed64(bytes)) if number == wanted => Some(f64::from_le_bytes(bytes)),
        _ => None,
    });
    found.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_experiment_has_the_documented_bytes() {
        let hparam = |name: &str, domain| Hparam {
            name: name.to_string(),
            domain,
        };
        let hparams = [
            hparam("flag", Domain::Bools),
            hparam("lr", Domain::Interval(f64::NEG_INFINITY, f64::INFINITY)),
            hparam("mix", Domain::Any),
            hparam("n", Domain::Any),
            hparam("opt", Domain::Texts(vec!["adam".into(), "sgd".into()])),
        ];
        // As TensorBoard's own code writes it.
        let expected = b"\x0a\x14_hparams_/experimentB\x06\x08\x01\x12\x02\x12\0\
            Jx\x0av\x0a\x07hparams\x12k\x12i\
            \"\x12\x0a\x04flag \x02*\x08\x0a\x02 \0\x0a\x02 \x01\
            \"\x1a\x0a\x02lr \x032\x12\x09\0\0\0\0\0\0\xf0\xff\x11\0\0\0\0\0\0\xf0\x7f\
            \"\x05\x0a\x03mix\"\x03\x0a\x01n\
            \"\x18\x0a\x03opt \x01*\x0f\x0a\x06\x1a\x04adam\x0a\x05\x1a\x03sgd\
            *\x07\x0a\x05\x12\x03acc*\x08\x0a\x06\x12\x04loss";
        assert_eq!(
            experiment(&hparams, &["acc", "loss"]).as_bytes(),
            &expected[..]
        );
    }

    #[test]
    fn a_session_has_the_documented_bytes() {
        let hparams = [
            ("b", HparamValue::Bool(true)),
            ("opt", HparamValue::Text("sgd".into())),
            ("n", HparamValue::Number(3.0)),
        ];
        let started = session_start("run 1", &hparams, 0.1);
        let expected = b"\x0a\x1c_hparams_/session_start_infoB\x06\x08\x01\x12\x02\x12\0\
            JF\x0aD\x0a\x07hparams\x129\x1a7\
            \x0a\x07\x0a\x01b\x12\x02 \x01\x0a\x0c\x0a\x03opt\x12\x05\x1a\x03sgd\
            \x0a\x0e\x0a\x01n\x12\x09\x11\0\0\0\0\0\0\x08@\
            \"\x05run 1)\x9a\x99\x99\x99\x99\x99\xb9\x3f";
        assert_eq!(started.as_bytes(), &expected[..]);
        let ended = session_end(SessionStatus::Success, 0.1);
        let expected = b"\x0a\x1a_hparams_/session_end_infoB\x06\x08\x01\x12\x02\x12\0\
            J\x1a\x0a\x18\x0a\x07hparams\x12\x0d\"\x0b\x08\x01\x11\x9a\x99\x99\x99\x99\x99\xb9\x3f";
        assert_eq!(ended.as_bytes(), &expected[..]);
    }
}
