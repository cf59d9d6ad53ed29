//! What is compressed with zstd: frames one after the other, each with a checksum
//! if whoever wrote it wished so, and parts between them that are passed over.

use std::io::{self, BufRead, Read};

use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::compression::{MAX_MEMORY, TRAILING};

/// The number that frames begin with, and that of parts which are passed over
/// without their last four bits.
const FRAME: u32 = 0xfd2f_b528;
const PASSED_OVER: u32 = 0x184d_2a50;

/// Reads what was compressed.
pub(super) struct ZstdReader<R> {
    source: R,
    decoder: FrameDecoder,
    is_in_frame: bool,
    has_frames: bool,
}

impl<R: BufRead> ZstdReader<R> {
    /// Reads the frames in `source`.
    pub fn new(source: R) -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(MAX_MEMORY);
        Self {
            source,
            decoder,
            is_in_frame: false,
            has_frames: false,
        }
    }

    /// Begins the next frame. The result is whether there is one.
    fn begin(&mut self) -> io::Result<bool> {
        let mut head = [0; 4];
        let mut have = 0;
        while have < head.len() {
            match self.source.read(&mut head[have..]) {
                Ok(0) if have == 0 => return Ok(false),
                Ok(0) => break,
                Ok(count) => have += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        let number = u32::from_le_bytes(head);
        if number != FRAME && number & !0xf != PASSED_OVER {
            let reason = if self.has_frames {
                TRAILING
            } else {
                "no frame"
            };
            return Err(damaged(reason));
        }
        match self.decoder.reset(head.as_slice().chain(&mut self.source)) {
            Ok(()) => self.is_in_frame = true,
            Err(FrameDecoderError::FailedToInitialize(_)) => {
                return Err(damaged("it asks for too much memory"));
            }
            Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                length,
                ..
            })) => {
                let length = u64::from(length);
                let passed = io::copy(&mut self.source.by_ref().take(length), &mut io::sink())?;
                if passed < length {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
            }
            Err(error) => return Err(damaged(error)),
        }
        self.has_frames = true;
        Ok(true)
    }

    /// Ends a frame all of whose content was read.
    fn end(&mut self) -> io::Result<()> {
        self.is_in_frame = false;
        let expected = self.decoder.get_checksum_from_data();
        let actual = self.decoder.get_calculated_checksum();
        match expected.is_none() || expected == actual {
            true => Ok(()),
            false => Err(damaged("wrong checksum")),
        }
    }
}

impl<R: BufRead> Read for ZstdReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while !buffer.is_empty() {
            if !self.is_in_frame {
                if !self.begin()? {
                    break;
                }
                continue;
            }
            if self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
                self.decoder
                    .decode_blocks(&mut self.source, BlockDecodingStrategy::UptoBlocks(1))
                    .map_err(damaged)?;
                continue;
            }
            match self.decoder.read(buffer)? {
                0 => self.end()?,
                count => return Ok(count),
            }
        }
        Ok(0)
    }
}

fn damaged(reason: impl ToString) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason.to_string())
}

#[cfg(test)]
mod tests {
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    use super::*;

    fn read(bytes: &[u8]) -> Result<Vec<u8>, String> {
        let mut content = Vec::new();
        let read = ZstdReader::new(bytes).read_to_end(&mut content);
        read.map(|_| content).map_err(|error| error.to_string())
    }

    #[test]
    fn frames_are_read_one_after_the_other() {
        let text = b"some text, and the same text again. ".repeat(9000);
        let frame = compress_to_vec(text.as_slice(), CompressionLevel::Fastest);
        let empty = compress_to_vec([].as_slice(), CompressionLevel::Fastest);
        let passed_over = [0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3];
        assert_eq!(read(&frame).unwrap(), text);
        let all = [&passed_over, &*frame, &empty, &passed_over, &frame].concat();
        assert_eq!(read(&all).unwrap(), [&*text, &text].concat());
        assert_eq!(read(b"").unwrap(), b"");
    }

    #[test]
    fn what_is_damaged_is_told() {
        let text = b"some text".repeat(99);
        let frame = compress_to_vec(text.as_slice(), CompressionLevel::Fastest);
        for end in 1..frame.len() {
            assert!(read(&frame[..end]).is_err(), "{end}");
        }
        let mut wrong = frame.clone();
        *wrong.last_mut().unwrap() ^= 1;
        assert_eq!(read(&wrong).unwrap_err(), "wrong checksum");
        assert_eq!(read(&[&*frame, b"else"].concat()).unwrap_err(), TRAILING);
        assert_eq!(read(b"else").unwrap_err(), "no frame");
        let passed_over = [0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1];
        assert!(read(&passed_over).is_err());
    }
}
