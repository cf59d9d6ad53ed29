//! Zip files whose entries are compressed in ways that our own writer has not.

use std::io::Write;

use ruzstd::encoding::{CompressionLevel, compress_to_vec};

use super::Place;

/// A zip file with one file `name`, which is `content` compressed by `method`, whose
/// number that is, to `packed`.
fn zip_with(method: u16, name: &str, content: &[u8], packed: &[u8]) -> Vec<u8> {
    let length = |bytes: &[u8]| u32::try_from(bytes.len()).unwrap().to_le_bytes();
    let mut about = [20, 0, 0, 0].to_vec();
    about.extend(method.to_le_bytes());
    about.extend([0; 4]);
    about.extend(crc32fast::hash(content).to_le_bytes());
    about.extend([length(packed), length(content)].concat());
    about.extend([u8::try_from(name.len()).unwrap(), 0, 0, 0]);
    let name = name.as_bytes();
    let head = [b"PK\x03\x04", &*about, name, packed].concat();
    let list = [b"PK\x01\x02\x14\x03", &*about, &[0; 14], name].concat();
    let end = [&length(&list), &length(&head), &[0, 0][..]].concat();
    [&head, &list, &b"PK\x05\x06\0\0\0\0\x01\0\x01\0"[..], &end].concat()
}

#[test]
fn entries_of_zip_files_are_compressed_in_many_ways() {
    let text = b"some text, and the same text again".repeat(99);
    let mut bzip2 = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    bzip2.write_all(&text).unwrap();
    let options = lzma_rust2::XzOptions::with_preset(1);
    let mut xz = lzma_rust2::XzWriter::new(Vec::new(), options.clone()).unwrap();
    xz.write_all(&text).unwrap();
    let options = options.lzma_options;
    let lzma = lzma_rust2::LzmaWriter::new_use_header(Vec::new(), &options, None);
    let mut lzma = lzma.unwrap();
    lzma.write_all(&text).unwrap();
    let lzma = lzma.finish().unwrap();
    let deflate = flate2::Compression::fast();
    let mut deflate = flate2::write::DeflateEncoder::new(Vec::new(), deflate);
    // Without repetitions, which are longer in the variant.
    deflate.write_all(b"short").unwrap();
    for (method, packed, content) in [
        (9, deflate.finish().unwrap(), &b"short"[..]),
        (12, bzip2.finish().unwrap(), &text),
        (
            14,
            [b"\x09\x14\x05\0", &lzma[..5], &lzma[13..]].concat(),
            &text,
        ),
        (
            93,
            compress_to_vec(text.as_slice(), CompressionLevel::Fastest),
            &text,
        ),
        (95, xz.finish().unwrap(), &text),
    ] {
        let place = Place::new();
        let path = place.write("x.zip", &zip_with(method, "d/a", content, &packed));
        assert_eq!(
            place.unpack(&path),
            Ok((
                vec!["d".into(), "d/a".into()],
                vec![format!("Unpacking {}", path.display())]
            ))
        );
        assert_eq!(place.read("d/a").as_bytes(), content);
        // Another file, and a part of it.
        let mut other = content.to_vec();
        other[0] ^= 1;
        for (content, packed) in [(&*other, &*packed), (content, &packed[..packed.len() / 2])] {
            let path = place.write("y.zip", &zip_with(method, "a", content, packed));
            let error = place.unpack(&path).unwrap_err();
            assert!(
                error.contains("'a' is damaged") || error.contains("'a' has "),
                "{error}"
            );
        }
    }
    let place = Place::new();
    let path = place.write("x.zip", &zip_with(98, "a", b"", b""));
    let error = place.unpack(&path).unwrap_err();
    assert!(
        error.contains("'a' is compressed in a way that guild does not read"),
        "{error}"
    );
    // A small file that asks for a lot of memory.
    let huge = [&b"\x09\x14\x05\0\x5d\0\0\0\xf0"[..], &lzma[13..]].concat();
    let mut zip = zip_with(14, "a", &text, &huge);
    let sizes = 0xf000_0000_u32.to_le_bytes();
    zip[22..26].copy_from_slice(&sizes);
    let list = zip
        .windows(4)
        .position(|four| four == b"PK\x01\x02")
        .unwrap();
    zip[list + 24..list + 28].copy_from_slice(&sizes);
    let path = place.write("y.zip", &zip);
    let error = place.unpack(&path).unwrap_err();
    assert!(error.contains("memory"), "{error}");
}
