//! Zip files of anybody are listed and imported without a panic, and without
//! anything being written beside the folder of runs. The bytes are a zip file as
//! they are; and, since few of those get past the checksums, also the entries of
//! one that is written here: kind, name and content.

#![no_main]

use std::io::{Cursor, Write};
use std::path::Path;
use std::sync::LazyLock;

use guild::runs::transfer::{Depth, Folder, Unobserved, ZipSource, ZipTarget};
use libfuzzer_sys::fuzz_target;
use zip::ZipWriter;
use zip::write::FullFileOptions;

const ID: &str = "0123456789abcdef0123456789abcdef";

/// A folder in memory where there is one.
static PLACE: LazyLock<tempfile::TempDir> = LazyLock::new(|| {
    let memory = Path::new("/dev/shm");
    match memory.is_dir() {
        true => tempfile::tempdir_in(memory).unwrap(),
        false => tempfile::tempdir().unwrap(),
    }
});

fuzz_target!(|bytes: &[u8]| {
    try_zip(bytes);
    if let Some(zip) = built(bytes) {
        try_zip(&zip);
    }
});

/// A zip file with one whole run and the entries that `bytes` say: a byte for the
/// kind, one for the length of each text, and the texts.
fn built(mut bytes: &[u8]) -> Option<Vec<u8>> {
    let mut take = |count: usize| {
        let (taken, rest) = bytes.split_at_checked(count)?;
        bytes = rest;
        Some(taken)
    };
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let plain = FullFileOptions::default();
    zip.start_file(format!("{ID}/.guild/opref"), plain.clone()).ok()?;
    zip.write_all(b"script:/p '' '' x.py").ok()?;
    while let Some(head) = take(3) {
        let name = String::from_utf8_lossy(take(usize::from(head[1]) % 48)?).into_owned();
        let name = if head[0] & 8 == 0 { format!("{ID}/{name}") } else { name };
        let text = take(usize::from(head[2]) % 48)?.to_vec();
        let target = String::from_utf8_lossy(&text).into_owned();
        let mut options = plain.clone();
        if head[0] & 4 != 0 {
            let data = [b"guild-link\0", text.as_slice()].concat();
            options.add_extra_field(0x7567, data, false).ok()?;
        }
        match head[0] & 3 {
            0 => zip.add_directory(name, options).ok()?,
            1 => zip.add_symlink(name, target, options).ok()?,
            _ => {
                zip.start_file(name, options).ok()?;
                zip.write_all(&text).ok()?;
            }
        }
    }
    Some(zip.finish().ok()?.into_inner())
}

fn try_zip(bytes: &[u8]) {
    let place = PLACE.path();
    let path = place.join("x.zip");
    std::fs::write(&path, bytes).unwrap();
    let runs = place.join("home/runs");
    if let Ok(mut zip) = ZipSource::open(&path, &path, place) {
        let listed = zip.list(Depth::Events, &Unobserved).unwrap_or_default();
        let mut folder = Folder::open(&runs).unwrap();
        if zip.check_room(listed.iter().map(|run| run.id()), &runs).is_ok() {
            for run in &listed {
                // One that says it holds gigabytes only costs time.
                let _ = zip.give(run.id(), &mut folder, &Unobserved);
            }
        }
    }
    let _ = ZipTarget::open(&path, &Unobserved);
    let left: Vec<_> = std::fs::read_dir(place).unwrap().flatten().collect();
    let expected = |name: &str| name == "x.zip" || name == "home";
    for entry in left {
        let name = entry.file_name();
        assert!(expected(&name.to_string_lossy()), "{name:?} was written");
    }
    let home = std::fs::read_dir(place.join("home")).into_iter().flatten();
    for entry in home.flatten() {
        assert_eq!(entry.file_name(), "runs");
        let meta = entry.path().symlink_metadata().unwrap();
        assert!(meta.is_dir());
    }
    let _ = std::fs::remove_dir_all(place.join("home"));
}
