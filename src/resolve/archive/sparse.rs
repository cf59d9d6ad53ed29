//! Files with holes in tar files, as headers of the extended format tell of them:
//! the data is what is between the holes. The older format is the library's.

use std::io::{self, Read};

use tar::Entry;

/// The most parts that a file may have between its holes.
const MAX_PARTS: usize = 1 << 22;

/// How much of the data belongs together.
const BLOCK: usize = 512;

/// Where the names of what is told begin.
const PREFIX: &str = "GNU.sparse.";

/// A part of a file: where it begins, and its length.
type Part = (u64, u64);

/// What is told of a file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Sparse {
    /// The name, where the entry has another one.
    pub name: Option<Vec<u8>>,
    /// How long the file is.
    pub size: u64,
    /// What the data is of; none where the data itself begins with that.
    parts: Option<Vec<Part>>,
}

impl Sparse {
    /// What is told of the file that `entry` is; none for one without holes.
    ///
    /// # Errors
    /// It makes no sense.
    pub fn of<R: Read>(entry: &mut Entry<'_, R>) -> io::Result<Option<Self>> {
        let Some(extensions) = entry.pax_extensions()? else {
            return Ok(None);
        };
        let mut told = Vec::new();
        for extension in extensions {
            let extension = extension?;
            let name = extension
                .key()
                .ok()
                .and_then(|key| key.strip_prefix(PREFIX));
            if let Some(name) = name {
                told.push((name.to_string(), extension.value_bytes().to_vec()));
            }
        }
        match told.is_empty() {
            true => Ok(None),
            false => Self::told(&told).map(Some),
        }
    }

    fn told(told: &[(String, Vec<u8>)]) -> io::Result<Self> {
        let mut sparse = Self::default();
        let mut parts = Vec::new();
        let mut is_in_data = false;
        for (name, value) in told {
            match name.as_str() {
                "name" => sparse.name = Some(value.clone()),
                "size" | "realsize" => sparse.size = number(value)?,
                "major" => is_in_data = number(value)? == 1,
                "map" => {
                    let mut numbers = value.split(|&byte| byte == b',').map(number);
                    while let Some(start) = numbers.next() {
                        push(&mut parts, start?)?;
                        end(
                            &mut parts,
                            numbers.next().unwrap_or_else(|| Err(senseless()))?,
                        )?;
                    }
                }
                "offset" => push(&mut parts, number(value)?)?,
                "numbytes" => end(&mut parts, number(value)?)?,
                _ => {}
            }
        }
        sparse.parts = (!is_in_data).then_some(parts);
        Ok(sparse)
    }

    /// Reads the whole file, of which `data` is what the archive has.
    ///
    /// # Errors
    /// What the data begins with makes no sense.
    pub fn reader<R: Read>(self, mut data: R) -> io::Result<SparseReader<R>> {
        let parts = match self.parts {
            Some(parts) => parts,
            None => parts_in(&mut data)?,
        };
        let mut last = 0;
        for &(start, length) in &parts {
            let end = start.checked_add(length).filter(|&end| end <= self.size);
            if start < last {
                return Err(senseless());
            }
            last = end.ok_or_else(senseless)?;
        }
        Ok(SparseReader {
            data,
            parts: parts.into_iter().peekable(),
            position: 0,
            size: self.size,
        })
    }
}

/// The parts as the first blocks of `data` tell them: how many there are, then where
/// each begins and its length, a number a line.
fn parts_in(data: &mut impl Read) -> io::Result<Vec<Part>> {
    let mut block = [0; BLOCK];
    let mut at = BLOCK;
    let mut next = || {
        let mut digits = Vec::new();
        loop {
            if at == BLOCK {
                data.read_exact(&mut block)?;
                at = 0;
            }
            at += 1;
            match block[at - 1] {
                b'\n' => return number(&digits),
                digit if digits.len() < 20 => digits.push(digit),
                _ => return Err(senseless()),
            }
        }
    };
    let mut parts = Vec::new();
    for _ in 0..next()? {
        push(&mut parts, next()?)?;
        end(&mut parts, next()?)?;
    }
    Ok(parts)
}

/// Begins a part.
fn push(parts: &mut Vec<Part>, start: u64) -> io::Result<()> {
    if parts.len() == MAX_PARTS {
        return Err(senseless());
    }
    parts.push((start, 0));
    Ok(())
}

/// Sets the length of the last part.
fn end(parts: &mut [Part], length: u64) -> io::Result<()> {
    let last = parts.last_mut().ok_or_else(senseless)?;
    last.1 = length;
    Ok(())
}

fn number(text: &[u8]) -> io::Result<u64> {
    let text = std::str::from_utf8(text).ok();
    text.and_then(|text| text.parse().ok())
        .ok_or_else(senseless)
}

fn senseless() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        "what is said of its holes makes no sense",
    )
}

/// Reads a file with zeros in its holes.
pub(super) struct SparseReader<R> {
    data: R,
    parts: std::iter::Peekable<std::vec::IntoIter<Part>>,
    position: u64,
    size: u64,
}

impl<R: Read> Read for SparseReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let position = self.position;
        while self
            .parts
            .next_if(|(start, length)| start + length <= position)
            .is_some()
        {}
        let part = self.parts.peek().copied();
        let (is_hole, end) = match part {
            Some((start, length)) if start <= position => (false, start + length),
            Some((start, _)) => (true, start),
            None => (true, self.size),
        };
        let room = usize::try_from(end - position).unwrap_or(usize::MAX);
        let room = room.min(buffer.len());
        let buffer = &mut buffer[..room];
        let count = match is_hole {
            true => {
                buffer.fill(0);
                room
            }
            false => self.data.read(buffer)?,
        };
        if count == 0 && room > 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.position += count as u64;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(told: &[(&str, &str)], data: &[u8]) -> Result<String, String> {
        let told: Vec<_> = told
            .iter()
            .map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()))
            .collect();
        let read = || {
            let mut content = Vec::new();
            Sparse::told(&told)?
                .reader(data)?
                .read_to_end(&mut content)?;
            Ok::<_, io::Error>(content)
        };
        let content = read().map_err(|error| error.to_string())?;
        Ok(String::from_utf8(content).unwrap().replace('\0', "."))
    }

    #[test]
    fn all_forms_are_read() {
        let first = [("size", "9"), ("numblocks", "2")];
        let parts = [
            ("offset", "1"),
            ("numbytes", "2"),
            ("offset", "5"),
            ("numbytes", "3"),
        ];
        assert_eq!(
            read(
                &[first, [parts[0], parts[1]], [parts[2], parts[3]]].concat(),
                b"abcde"
            )
            .unwrap(),
            ".ab..cde."
        );
        assert_eq!(
            read(&[("map", "0,2,4,1,6,0"), ("size", "6")], b"abc").unwrap(),
            "ab..c."
        );
        assert_eq!(
            read(&[("map", "6,0"), ("size", "6")], b"").unwrap(),
            "......"
        );
        let mut data = b"2\n0\n1\n600\n2\n".to_vec();
        data.resize(BLOCK, 0);
        data.extend(b"abc");
        let told = [("major", "1"), ("minor", "0"), ("realsize", "602")];
        let content = read(&told, &data).unwrap();
        assert_eq!(content.len(), 602);
        assert!(content.starts_with("a.") && content.ends_with(".bc"));
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let lines = |text: &str| {
            let mut data = text.as_bytes().to_vec();
            data.resize(BLOCK, 0);
            read(&[("major", "1"), ("realsize", "9")], &data)
        };
        for text in [
            "",
            "x\n",
            "-1\n",
            "1\n",
            "1\n0\n10\n",
            "2\n4\n1\n0\n1\n",
            "123456789012345678901\n",
            "1\n18446744073709551615\n1\n",
        ] {
            assert!(lines(text).is_err(), "{text}");
        }
        assert!(read(&[("map", "0"), ("size", "6")], b"").is_err());
        assert!(read(&[("map", ""), ("size", "6")], b"").is_err());
        assert!(read(&[("numbytes", "0"), ("size", "6")], b"").is_err());
        assert!(read(&[("map", "0,3"), ("size", "6")], b"a").is_err());
    }
}
