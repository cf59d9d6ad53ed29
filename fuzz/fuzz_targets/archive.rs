//! Archives of anybody are unpacked without a panic, and without anything being
//! written outside of the folder that is for them. The bytes are an archive as they
//! are; and, since few of those get past the checksums, also the entries of a tar
//! file that is written here: kind, name, and content or target.

#![no_main]

use std::path::Path;
use std::sync::LazyLock;

use guild::resolve::archive::{Kind, unpack};
use libfuzzer_sys::fuzz_target;
use tar::{Builder, EntryType, Header};

/// A folder in memory where there is one.
static PLACE: LazyLock<tempfile::TempDir> = LazyLock::new(|| {
    let memory = Path::new("/dev/shm");
    match memory.is_dir() {
        true => tempfile::tempdir_in(memory).unwrap(),
        false => tempfile::tempdir().unwrap(),
    }
});

fuzz_target!(|bytes: &[u8]| {
    for (name, kind) in [("x.zip", Kind::Zip), ("x.tar", Kind::Tar), ("x.gz", Kind::Gzip)] {
        try_archive(name, kind, bytes);
    }
    if let Some(tar) = built(bytes) {
        try_archive("x.tar", Kind::Tar, &tar);
    }
});

/// A tar file with the entries that `bytes` say: a byte for the kind, one for the
/// length of each text, and the texts.
fn built(mut bytes: &[u8]) -> Option<Vec<u8>> {
    let mut take = |count: usize| {
        let (taken, rest) = bytes.split_at_checked(count)?;
        bytes = rest;
        Some(taken)
    };
    let mut tar = Builder::new(Vec::new());
    while let Some(head) = take(3) {
        let kind = match head[0] % 8 {
            0 => EntryType::Directory,
            1 => EntryType::Symlink,
            2 => EntryType::Link,
            3 => EntryType::Fifo,
            _ => EntryType::Regular,
        };
        let name = take(usize::from(head[1]) % 48)?;
        let text = take(usize::from(head[2]) % 48)?;
        let mut header = Header::new_gnu();
        header.set_entry_type(kind);
        header.set_mode(u32::from(head[0]));
        header.as_old_mut().name[..name.len()].copy_from_slice(name);
        header.as_old_mut().linkname[..text.len()].copy_from_slice(text);
        let content = if kind == EntryType::Regular { text } else { &[] };
        header.set_size(content.len() as u64);
        header.set_cksum();
        tar.append(&header, content).ok()?;
    }
    tar.into_inner().ok()
}

fn try_archive(name: &str, kind: Kind, bytes: &[u8]) {
    let place = PLACE.path();
    let archive = place.join("archive").join(name);
    std::fs::create_dir_all(place.join("archive")).unwrap();
    std::fs::write(&archive, bytes).unwrap();
    let folder = place.join("folder");
    if let Ok(names) = unpack(&archive, kind, &folder, &mut |_| {}) {
        for name in &names {
            let path = folder.join(name);
            let meta = path.symlink_metadata().unwrap();
            assert!(meta.is_file() || meta.is_dir() || meta.is_symlink());
            if let Ok(real) = path.canonicalize() {
                assert!(real.starts_with(folder.canonicalize().unwrap()), "{path:?}");
            }
        }
    }
    let mut left: Vec<_> = std::fs::read_dir(place).unwrap().flatten().collect();
    left.retain(|entry| entry.file_name() != "archive" && entry.file_name() != "folder");
    assert!(left.is_empty(), "{left:?} was written");
    assert_eq!(std::fs::read_dir(place.join("archive")).unwrap().count(), 1);
    let _ = std::fs::remove_dir_all(&folder);
    let _ = std::fs::remove_dir_all(place.join("archive"));
}
