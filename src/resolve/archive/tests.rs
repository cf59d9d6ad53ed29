use std::fs;
use std::io::{Cursor, Write};
use std::os::unix::fs::PermissionsExt;

use ::tar::{Builder, EntryType, Header};
use ::zip::ZipWriter;
use ::zip::write::SimpleFileOptions;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

use super::*;

mod compressed_entries;

/// A folder with an archive, and one that it is unpacked to.
struct Place {
    dir: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
        }
    }

    fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.dir.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    fn unpacked(&self) -> PathBuf {
        self.dir.path().join("unpacked")
    }

    /// Unpacks an archive. The result is the names, and what is told.
    fn unpack(&self, path: &Path) -> Result<(Vec<String>, Vec<String>), String> {
        let mut told = Vec::new();
        let mut tell = |notice: Notice| {
            if let Notice::Info(text) = notice {
                told.push(text);
            }
        };
        let name = path.file_name().unwrap().to_string_lossy();
        let kind = Kind::of_name(&name).unwrap();
        let names = unpack(path, kind, &self.unpacked(), &mut tell);
        names
            .map(|names| (names, told))
            .map_err(|error| error.to_string())
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.unpacked().join(name)).unwrap()
    }

    /// The names in the folder that it is unpacked to.
    fn left(&self) -> Vec<String> {
        let mut names: Vec<_> = files::names(&self.unpacked())
            .unwrap()
            .into_iter()
            .map(|name| name.into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

/// An entry of a tar file: kind, name, content or target.
type Entry<'a> = (EntryType, &'a str, &'a str);

fn tar_of(entries: &[Entry<'_>]) -> Vec<u8> {
    let mut builder = Builder::new(Vec::new());
    for (kind, name, text) in entries {
        let mut header = Header::new_gnu();
        header.set_entry_type(*kind);
        header.set_mode(0o640);
        header.set_mtime(1_000_000_000);
        let is_link = matches!(kind, EntryType::Symlink | EntryType::Link);
        let content = if is_link { "" } else { text };
        header.set_size(content.len() as u64);
        // Names that the library would refuse to write.
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        if is_link {
            header.as_old_mut().linkname[..text.len()].copy_from_slice(text.as_bytes());
        }
        header.set_cksum();
        builder.append(&header, content.as_bytes()).unwrap();
    }
    builder.into_inner().unwrap()
}

fn zip_of(entries: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in entries {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

const TREE: &[Entry<'_>] = &[
    (EntryType::Regular, "./data/a.txt", "A"),
    (EntryType::Regular, "data/inner/b.txt", "B"),
    (EntryType::Directory, "empty/", ""),
    (EntryType::Symlink, "data/inner/up", "../a.txt"),
    (EntryType::Link, "same.txt", "data/a.txt"),
];

#[test]
fn kinds_are_told_by_names() {
    for (name, kind) in [
        ("a.zip", Some(Kind::Zip)),
        ("A.ZIP", Some(Kind::Zip)),
        ("a.tar", Some(Kind::Tar)),
        ("a.tgz", Some(Kind::Tar)),
        ("a.tar.xz", Some(Kind::Tar)),
        ("a.b.tar.anything", Some(Kind::Tar)),
        ("a.txt.gz", Some(Kind::Gzip)),
        ("zip", None),
        ("tar.x", None),
        ("a.txt", None),
    ] {
        assert_eq!(Kind::of_name(name), kind, "{name}");
    }
    let error = Kind::named("rar", Path::new("/a.rar")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "'/a.rar' cannot be unpacked (unsupported archive type 'rar')"
    );
}

#[test]
fn a_tar_file_is_unpacked_once() {
    let place = Place::new();
    let path = place.write("x.tar", &tar_of(TREE));
    let (names, told) = place.unpack(&path).unwrap();
    let expected = [
        "data",
        "data/inner",
        "data/a.txt",
        "data/inner/b.txt",
        "empty",
        "data/inner/up",
        "same.txt",
    ];
    assert_eq!(names, expected);
    assert_eq!(told, [format!("Unpacking {}", path.display())]);
    assert_eq!(place.read("data/inner/up"), "A");
    assert_eq!(place.read("same.txt"), "A");
    let meta = fs::metadata(place.unpacked().join("data/a.txt")).unwrap();
    assert_eq!(meta.permissions().mode() & 0o777, 0o640);
    assert_eq!(meta.mtime(), 1_000_000_000);
    let list = place.read(".guild-cache-x.tar.unpacked");
    assert_eq!(list, expected.join("\n") + "\n");
    assert_eq!(place.unpack(&path).unwrap(), (names, Vec::new()));
}

#[test]
fn compressions_are_told_by_content() {
    let plain = tar_of(TREE);
    let mut bzip2 = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    bzip2.write_all(&plain).unwrap();
    let options = lzma_rust2::XzOptions::with_preset(1);
    let mut xz = lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
    xz.write_all(&plain).unwrap();
    for bytes in [
        gzip(&plain),
        [gzip(&plain[..700]), gzip(&plain[700..])].concat(),
        bzip2.finish().unwrap(),
        xz.finish().unwrap(),
        compress_to_vec(plain.as_slice(), CompressionLevel::Fastest),
    ] {
        let place = Place::new();
        let path = place.write("x.tar.any", &bytes);
        assert_eq!(place.unpack(&path).unwrap().0.len(), 7);
        assert_eq!(place.read("data/inner/b.txt"), "B");
        // What is cut off is never taken for the whole.
        let path = place.write("cut.tar.any", &bytes[..bytes.len() - 3]);
        let error = place.unpack(&path).unwrap_err();
        assert!(
            error.contains("cut.tar.any' cannot be unpacked: "),
            "{error}"
        );
        assert!(!place.left().iter().any(|name| name.contains("cut")));
        // What comes after the end is passed over.
        let path = place.write(
            "more.tar.any",
            &[&bytes, b", and something more".as_slice()].concat(),
        );
        assert_eq!(place.unpack(&path).unwrap().0.len(), 7);
    }
}

#[test]
fn zip_and_gzip_files_are_unpacked() {
    let place = Place::new();
    let path = place.write("x.zip", &zip_of(&[("d/a", "A"), ("e/", ""), ("b c", "B")]));
    let (names, _) = place.unpack(&path).unwrap();
    assert_eq!(names, ["d", "d/a", "e", "b c"]);
    assert_eq!(place.read("b c"), "B");
    let path = place.write("y.txt.gz", &gzip(b"content"));
    let (names, told) = place.unpack(&path).unwrap();
    assert_eq!((names, told), (vec!["y.txt".to_string()], Vec::new()));
    assert_eq!(place.read("y.txt"), "content");
}

#[test]
fn files_with_holes_are_read_in_all_forms() {
    let place = Place::new();
    let mut tar = Builder::new(Vec::new());
    let mut in_data = b"1\n5\n3\n".to_vec();
    in_data.resize(512, 0);
    in_data.extend(b"abc");
    let told = [
        ("name", "d/new.bin"),
        ("major", "1"),
        ("minor", "0"),
        ("realsize", "9"),
    ];
    let listed = [("map", "5,3"), ("size", "9")];
    for (name, told, data) in [("new", &told[..], &*in_data), ("old", &listed[..], b"abc")] {
        let told: Vec<_> = told
            .iter()
            .map(|(key, value)| (format!("GNU.sparse.{key}"), value.as_bytes()))
            .collect();
        tar.append_pax_extensions(told.iter().map(|(key, value)| (&**key, *value)))
            .unwrap();
        let mut header = Header::new_ustar();
        header.set_size(data.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, name, data).unwrap();
    }
    let path = place.write("x.tar", &tar.into_inner().unwrap());
    assert_eq!(place.unpack(&path).unwrap().0, ["d", "d/new.bin", "old"]);
    for name in ["d/new.bin", "old"] {
        assert_eq!(place.read(name), "\0\0\0\0\0abc\0");
    }
}

#[test]
fn what_is_larger_than_the_disk_is_refused_before_it_is_full() {
    let place = Place::new();
    let mut tar = Builder::new(Vec::new());
    let told = [
        ("GNU.sparse.map", &b"0,0"[..]),
        ("GNU.sparse.size", b"9000000000000000000"),
    ];
    tar.append_pax_extensions(told).unwrap();
    let mut header = Header::new_ustar();
    header.set_size(0);
    header.set_mode(0o644);
    tar.append_data(&mut header, "huge", &b""[..]).unwrap();
    let path = place.write("x.tar", &tar.into_inner().unwrap());
    let error = place.unpack(&path).unwrap_err();
    assert!(
        error.contains("'huge' has 9000000000000000000 bytes, but only"),
        "{error}"
    );
}

#[test]
fn entries_that_lead_out_are_refused_by_name() {
    use EntryType as Type;
    let file = Type::Regular;
    for (entries, expected) in [
        (vec![(file, "../x", "")], "'../x' climbs out"),
        (vec![(file, "a/../../x", "")], "'a/../../x' climbs out"),
        (vec![(file, "/etc/x", "")], "'/etc/x' has an absolute path"),
        (
            vec![(Type::Symlink, "l", "/etc")],
            "'l' is a link that leads outside, to '/etc'",
        ),
        (
            vec![(Type::Symlink, "a/l", "../../x")],
            "'a/l' is a link that leads outside",
        ),
        (
            vec![(Type::Symlink, "l", "d"), (file, "l/x", "")],
            "'l/x' would be written through a link",
        ),
        (
            vec![
                (Type::Symlink, "d/l", "."),
                (Type::Symlink, "m", "d/l/../.."),
            ],
            "'m' is a link that leads outside",
        ),
        (
            vec![(file, "f", ""), (file, "f/x", "")],
            "'f/x' is below a file",
        ),
        (
            vec![(file, "d/x", ""), (file, "d", "")],
            "'d' is a folder and",
        ),
        (
            vec![(file, "d/x", ""), (Type::Symlink, "d", "e")],
            "'d' is a folder and",
        ),
        (
            vec![(Type::Link, "h", "/etc/passwd")],
            "'/etc/passwd' has an absolute",
        ),
        (
            vec![(Type::Link, "h", "nothing")],
            "'h' is a hard link to what is no file",
        ),
        (
            vec![(Type::Symlink, "l", "x"), (Type::Link, "h", "l")],
            "'h' is a hard link to what is no file",
        ),
        (vec![(Type::Char, "dev", "")], "'dev' is a device"),
        (vec![(Type::Block, "dev", "")], "'dev' is a device"),
        (vec![(Type::Fifo, "pipe", "")], "'pipe' is a pipe"),
        (
            vec![(file, ".guild-cache-x.tar.sha", "")],
            "is taken beside the archive",
        ),
        (vec![(file, "a\nb", "")], "has a line break"),
    ] {
        let place = Place::new();
        let path = place.write("x.tar", &tar_of(&entries));
        let error = place.unpack(&path).unwrap_err();
        assert!(error.contains(expected), "{error}");
        assert_eq!(place.left(), [".guild-lock"]);
        assert_eq!(fs::read_dir(place.dir.path()).unwrap().count(), 2);
    }
    for name in ["../x", "/x", "a/../../x"] {
        let place = Place::new();
        let path = place.write("x.zip", &zip_of(&[(name, "")]));
        let error = place.unpack(&path).unwrap_err();
        assert!(error.contains(&format!("'{name}'")), "{error}");
        assert_eq!(place.left(), [".guild-lock"]);
    }
}

#[test]
fn what_is_no_archive_is_told() {
    let place = Place::new();
    for (name, bytes, expected) in [
        ("x.zip", b"text".as_slice(), "it is not a zip file"),
        ("x.tar", b"text", "it is not a tar file"),
        ("e.tar", b"", "it is empty"),
        ("x.tar.gz", b"\x1f\x8bxx", "it is not a tar file"),
        ("x.tar.zst", b"\x28\xb5\x2f\xfd", "it is not a tar file"),
        ("x.txt.gz", b"text", "it is not a gzip file"),
        (
            "y.txt.gz",
            b"\x1f\x8b\x08",
            "'y.txt' is damaged (unexpected end of file)",
        ),
    ] {
        let path = place.write(name, bytes);
        let error = place.unpack(&path).unwrap_err();
        assert!(error.contains(expected), "{error}");
        assert!(error.starts_with(&format!("'{}' cannot be unpacked: ", path.display())));
    }
}

#[test]
fn an_archive_that_changes_is_unpacked_anew() {
    let place = Place::new();
    let path = place.write("x.zip", &zip_of(&[("d/a", "old"), ("d/b", "old")]));
    place.unpack(&path).unwrap();
    // With a time before that of the list.
    fs::write(&path, zip_of(&[("d/a", "new")])).unwrap();
    let long_ago = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
    let file = fs::File::options().append(true).open(&path).unwrap();
    file.set_modified(long_ago).unwrap();
    assert_eq!(place.unpack(&path).unwrap().0, ["d", "d/a"]);
    assert_eq!(place.read("d/a"), "new");
    assert!(!place.unpacked().join("d/b").exists());
    // Something is missing.
    fs::remove_file(place.unpacked().join("d/a")).unwrap();
    assert_eq!(place.unpack(&path).unwrap().1.len(), 1);
    assert_eq!(place.read("d/a"), "new");
}

#[test]
fn what_guild_ai_unpacked_is_used() {
    let place = Place::new();
    let path = place.write("x.zip", b"not looked at");
    fs::create_dir_all(place.unpacked().join("d")).unwrap();
    fs::write(place.unpacked().join("d/a"), "").unwrap();
    let list = place.unpacked().join(".guild-cache-x.zip.unpacked");
    fs::write(&list, "d\nd/\nd/a\n").unwrap();
    assert_eq!(place.unpack(&path).unwrap().0, ["d", "d", "d/a"]);
    let long_ago = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
    let file = fs::File::options().append(true).open(&list).unwrap();
    file.set_modified(long_ago).unwrap();
    assert!(place.unpack(&path).is_err());
}

#[test]
fn what_a_killed_program_left_goes() {
    let place = Place::new();
    let path = place.write("x.zip", &zip_of(&[("a", "A")]));
    let left = place
        .unpacked()
        .join(".guild-cache-x.zip.unpacking/new/half");
    fs::create_dir_all(&left).unwrap();
    fs::write(place.unpacked().join("a"), "half").unwrap();
    place.unpack(&path).unwrap();
    assert_eq!(place.read("a"), "A");
    assert_eq!(
        place.left(),
        [
            ".guild-cache-x.zip.unpacked",
            ".guild-cache-x.zip.unpacked-from",
            ".guild-lock",
            "a"
        ]
    );
}

#[test]
fn an_archive_does_not_replace_itself() {
    let place = Place::new();
    fs::create_dir_all(place.unpacked()).unwrap();
    let path = place.unpacked().join("x.zip");
    fs::write(&path, zip_of(&[("x.zip", "other")])).unwrap();
    let error = place.unpack(&path).unwrap_err();
    assert!(
        error.contains("'x.zip' has a name that is taken"),
        "{error}"
    );
}
