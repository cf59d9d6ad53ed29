//! Writing event files.

use std::io::{self, Write};

use super::hparams::{self, Hparam, HparamValue, SessionStatus};
use super::record;
use super::wire::Message;

/// The version that the first record of every file tells.
const VERSION: &[u8] = b"brain.Event:2";

/// The element type of texts.
const STRING: u64 = 7;

/// A picture as TensorBoard shows it.
#[derive(Debug, Clone, Copy)]
pub struct Image<'a> {
    /// Its width in pixels.
    pub width: u32,
    /// Its height in pixels.
    pub height: u32,
    /// How many numbers a pixel has: 1 is grey, 2 grey and alpha, 3 RGB, 4 RGBA.
    pub channels: u32,
    /// The content of a PNG, JPEG or GIF file.
    pub encoded: &'a [u8],
}

/// Writes events, each in one piece and at once, so that a reader beside the
/// writer finds whole records.
#[derive(Debug)]
pub struct Writer<W> {
    output: W,
    record: Vec<u8>,
}

impl<W: Write> Writer<W> {
    /// Starts a file with the record of its version.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn new(output: W) -> io::Result<Self> {
        let mut writer = Self {
            output,
            record: Vec::new(),
        };
        writer.write(&Message::new().bytes(3, VERSION))?;
        Ok(writer)
    }

    /// Adds the scalar `tag`, at `wall_time` in seconds since the epoch. Event
    /// files have 32 bits for `value`.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn scalar(&mut self, tag: &str, step: i64, value: f64, wall_time: f64) -> io::Result<()> {
        let value = Message::new()
            .bytes(1, tag.as_bytes())
            .float(2, value as f32);
        self.event(step, &value, wall_time)
    }

    /// Adds the text `tag`, at `wall_time` in seconds since the epoch.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn text(&mut self, tag: &str, text: &str, wall_time: f64) -> io::Result<()> {
        let tensor = Message::new()
            .varint(1, STRING)
            .bytes(2, b"")
            .bytes(8, text.as_bytes());
        let plugin = Message::new().bytes(1, b"text");
        let value = Message::new()
            .bytes(1, tag.as_bytes())
            .message(8, &tensor)
            .message(9, &Message::new().message(1, &plugin));
        self.event(0, &value, wall_time)
    }

    /// Adds the picture `tag`, at `wall_time` in seconds since the epoch.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn image(
        &mut self,
        tag: &str,
        step: i64,
        image: Image<'_>,
        wall_time: f64,
    ) -> io::Result<()> {
        let picture = Message::new()
            .varint(1, image.height.into())
            .varint(2, image.width.into())
            .varint(3, image.channels.into())
            .bytes(4, image.encoded);
        let value = Message::new().bytes(1, tag.as_bytes()).message(4, &picture);
        self.event(step, &value, wall_time)
    }

    /// Adds an experiment: its parameters, and the tags of the scalars that
    /// measure it. `wall_time` is in seconds since the epoch.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn experiment(
        &mut self,
        hparams: &[Hparam],
        metrics: &[&str],
        wall_time: f64,
    ) -> io::Result<()> {
        self.event(0, &hparams::experiment(hparams, metrics), wall_time)
    }

    /// Adds the start of a session of the experiment: the name of its group, and
    /// its parameters by name. `wall_time`, in seconds since the epoch, is when it
    /// started.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn session_start(
        &mut self,
        group: &str,
        hparams: &[(&str, HparamValue)],
        wall_time: f64,
    ) -> io::Result<()> {
        let value = hparams::session_start(group, hparams, wall_time);
        self.event(0, &value, wall_time)
    }

    /// Adds how a session ended or stands, at `wall_time` in seconds since the
    /// epoch.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn session_end(&mut self, status: SessionStatus, wall_time: f64) -> io::Result<()> {
        self.event(0, &hparams::session_end(status, wall_time), wall_time)
    }

    fn event(&mut self, step: i64, value: &Message, wall_time: f64) -> io::Result<()> {
        let mut event = Message::new().double(1, wall_time);
        if step != 0 {
            event = event.varint(2, step.cast_unsigned());
        }
        let summary = Message::new().message(1, value);
        self.write(&event.message(5, &summary))
    }

    fn write(&mut self, event: &Message) -> io::Result<()> {
        self.record.clear();
        record::append(&mut self.record, event.as_bytes());
        self.output.write_all(&self.record)?;
        self.output.flush()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::tfevents::{Data, Domain, Hparams, Reader};
    use proptest::prelude::*;

    /// The event file of section 11.1 of the run format: `loss` is 0 at step 0
    /// and 0.001 at step 1.
    pub(in crate::tfevents) const EXAMPLE: &[u8] = b"\
        \x0f\0\0\0\0\0\0\0\x6d\x53\x2b\x09\x1a\x0dbrain.Event:2\xfc\x98\x51\x29\
        \x18\0\0\0\0\0\0\0\xa3\x7f\x4b\x22\
        \x09\xeb\xb4\xec\x3f\xba\xc0\xda\x41\x2a\x0d\x0a\x0b\x0a\x04loss\x15\0\0\0\0\xeb\x25\xd6\x6e\
        \x1a\0\0\0\0\0\0\0\x12\x9b\xd8\x2d\
        \x09\xa7\x17\x1a\x40\xba\xc0\xda\x41\x10\x01\x2a\x0d\x0a\x0b\x0a\x04loss\x15\x6f\x12\x83\x3a\
        \xc5\xee\x83\x92";

    fn wall_time(bytes: [u8; 8]) -> f64 {
        f64::from_le_bytes(bytes)
    }

    #[test]
    fn scalars_are_written_as_documented() {
        let mut bytes = Vec::new();
        let mut writer = Writer::new(&mut bytes).unwrap();
        let first = wall_time(*b"\xeb\xb4\xec\x3f\xba\xc0\xda\x41");
        let second = wall_time(*b"\xa7\x17\x1a\x40\xba\xc0\xda\x41");
        writer.scalar("loss", 0, 0.0, first).unwrap();
        writer.scalar("loss", 1, 0.001, second).unwrap();
        assert_eq!(bytes.len(), 113);
        assert_eq!(bytes, EXAMPLE);
    }

    #[test]
    fn texts_are_written_as_documented() {
        let mut bytes = Vec::new();
        let mut writer = Writer::new(&mut bytes).unwrap();
        let time = wall_time(*b"\xce\xfc\x29\xa6\xba\xc0\xda\x41");
        writer.text("e", "hello", time).unwrap();
        let payload = b"\x09\xce\xfc\x29\xa6\xba\xc0\xda\x41\x2a\x1c\x0a\x1a\x0a\x01e\
            \x42\x0b\x08\x07\x12\0\x42\x05hello\x4a\x08\x0a\x06\x0a\x04text";
        assert_eq!(bytes[31 + 12..bytes.len() - 4], payload[..]);
    }

    #[test]
    fn pictures_are_written_as_documented() {
        let mut bytes = Vec::new();
        let mut writer = Writer::new(&mut bytes).unwrap();
        let image = Image {
            width: 3,
            height: 2,
            channels: 4,
            encoded: b"PNG",
        };
        writer.image("img", 0, image, 0.0).unwrap();
        let payload = b"\x09\0\0\0\0\0\0\0\0\x2a\x14\x0a\x12\x0a\x03img\"\x0b\
            \x08\x02\x10\x03\x18\x04\"\x03PNG";
        assert_eq!(bytes[31 + 12..bytes.len() - 4], payload[..]);
    }

    #[test]
    fn numbers_beyond_32_bits_become_infinite() {
        let mut bytes = Vec::new();
        let mut writer = Writer::new(&mut bytes).unwrap();
        writer.scalar("x", -3, -1e300, 1.0).unwrap();
        let mut reader = Reader::new(&bytes[..]);
        reader.next_event().unwrap();
        let event = reader.next_event().unwrap().unwrap();
        assert_eq!(event.step, -3);
        let data: Vec<_> = event.values().map(|value| value.data).collect();
        assert_eq!(data, [Data::Scalar(f64::NEG_INFINITY)]);
    }

    #[test]
    fn hparams_can_be_read() {
        let hparam = |name: &str, domain| Hparam {
            name: name.to_string(),
            domain,
        };
        let hparams = vec![
            hparam("a", Domain::Any),
            hparam("b", Domain::Bools),
            hparam("i", Domain::Interval(0.0, f64::INFINITY)),
            hparam("n", Domain::Numbers(vec![1.0, 0.0])),
            hparam("t", Domain::Texts(vec!["x".into(), "".into()])),
        ];
        let values = [
            ("b", HparamValue::Bool(false)),
            ("n", HparamValue::Number(-1.5)),
            ("t", HparamValue::Text("é".into())),
        ];
        let mut bytes = Vec::new();
        let mut writer = Writer::new(&mut bytes).unwrap();
        writer.experiment(&hparams, &["loss"], 1.0).unwrap();
        writer.session_start("run", &values, 2.0).unwrap();
        writer.session_end(SessionStatus::Failure, 3.0).unwrap();
        let mut reader = Reader::new(&bytes[..]);
        let mut told = Vec::new();
        while let Some(event) = reader.next_event().unwrap() {
            for value in event.values() {
                if let Data::Hparams(data) = value.data {
                    told.extend(data.decode());
                }
            }
        }
        let values = values.map(|(name, value)| (name.to_string(), value));
        let expected = [
            Hparams::Experiment {
                hparams,
                metrics: vec!["loss".to_string()],
            },
            Hparams::SessionStart {
                group: "run".to_string(),
                hparams: values.to_vec(),
            },
            Hparams::SessionEnd(SessionStatus::Failure),
        ];
        assert_eq!(told, expected);
    }

    proptest! {
        #[test]
        fn what_is_written_can_be_read(
            tag in ".{0,20}",
            text in ".{0,200}",
            step in any::<i64>(),
            value in any::<f32>(),
            time in any::<f64>(),
        ) {
            let mut bytes = Vec::new();
            let mut writer = Writer::new(&mut bytes).unwrap();
            writer.scalar(&tag, step, value.into(), time).unwrap();
            writer.text(&tag, &text, time).unwrap();
            let mut reader = Reader::new(&bytes[..]);
            prop_assert_eq!(reader.next_event().unwrap().unwrap().values().count(), 0);
            let event = reader.next_event().unwrap().unwrap();
            prop_assert_eq!(event.step, step);
            prop_assert_eq!(event.wall_time.to_bits(), time.to_bits());
            let read = event.values().next().unwrap();
            prop_assert_eq!(&*read.tag, &tag);
            prop_assert_eq!(read.data, Data::Scalar(value.into()));
            let event = reader.next_event().unwrap().unwrap();
            let read = event.values().next().unwrap();
            prop_assert_eq!(read.data, Data::Text(text.into()));
            prop_assert!(reader.next_event().unwrap().is_none());
        }
    }
}
