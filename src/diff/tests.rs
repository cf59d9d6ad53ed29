//! What a comparison says, and that `patch` understands it.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use proptest::prelude::*;

use super::*;
use crate::diff::content::LARGEST;

/// Two folders, `a` and `b`, in a folder of their own.
fn folders() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("a")).unwrap();
    fs::create_dir(dir.path().join("b")).unwrap();
    dir
}

/// What is said of the sides, with the folder that both are in left out.
fn said_of(dir: &Path, left: &Side, right: &Side, missing: Missing) -> (String, Outcome) {
    let mut out = Vec::new();
    let mut outcome = compare(left, right, missing, false, &mut out).unwrap();
    let dir = format!("{}/", dir.display());
    let shorten = |text: &str| text.replace(&dir, "");
    for fault in &mut outcome.faults {
        *fault = shorten(fault);
    }
    (shorten(&String::from_utf8_lossy(&out)), outcome)
}

fn said(dir: &Path) -> String {
    let sides = ["a", "b"].map(|name| Side::whole(dir.join(name)));
    let (said, outcome) = said_of(dir, &sides[0], &sides[1], Missing::Fault);
    assert_eq!(outcome, Outcome::default());
    said
}

#[test]
fn changed_added_and_removed_files_are_told_in_order() {
    let dir = folders();
    let write = |path: &str, text: &str| {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("a/same", "x\n");
    write("b/same", "x\n");
    write("a/old/f", "x\n");
    write("b/new", "x\n");
    write("a/sub/f", "1\n2\n");
    write("b/sub/f", "1\n3");
    write("a/bin", "x\0y");
    write("b/bin", "x\0z");
    write("a/turned", "x\n");
    write("b/turned/f", "x\n");
    assert_eq!(
        said(dir.path()),
        "Binary files a/bin and b/bin differ\n\
         Only in b: new\n\
         Only in a: old\n\
         --- a/sub/f\n+++ b/sub/f\n@@ -1,2 +1,2 @@\n 1\n-2\n+3\n\\ No newline at end of file\n\
         File a/turned is a regular file while file b/turned is a directory\n"
    );
}

#[test]
fn links_are_compared_as_links_below_the_sides() {
    let dir = folders();
    let link = |to: &str, path: &str| symlink(to, dir.path().join(path)).unwrap();
    link("nowhere", "a/same");
    link("nowhere", "b/same");
    link("x", "a/other");
    link("y", "b/other");
    link("..", "a/up");
    fs::write(dir.path().join("b/up"), "").unwrap();
    assert_eq!(
        said(dir.path()),
        "Symbolic links a/other -> x and b/other -> y differ\n\
         File a/up is a symbolic link while file b/up is a regular file\n"
    );
    link("a", "linked");
    let sides = ["linked", "a"].map(|name| Side::whole(dir.path().join(name)));
    let (said, _) = said_of(dir.path(), &sides[0], &sides[1], Missing::Fault);
    assert_eq!(said, "");
}

#[test]
fn pipes_are_not_waited_for() {
    let dir = folders();
    for side in ["a", "b"] {
        let path = dir.path().join(side).join("pipe");
        nix::unistd::mkfifo(&path, nix::sys::stat::Mode::S_IRWXU).unwrap();
    }
    let expected = "File a/pipe is a pipe while file b/pipe is a pipe\n";
    assert_eq!(said(dir.path()), expected);
}

#[test]
fn only_listed_files_are_compared_where_there_is_a_list() {
    let dir = folders();
    for path in ["a/x", "a/sub/y", "a/z", "b/x", "b/w"] {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, path.display().to_string()).unwrap();
    }
    let side = |name: &str, only: &[&str]| {
        let only = only.iter().map(PathBuf::from).collect();
        Side::files(dir.path().join(name), only)
    };
    let (left, right) = (side("a", &["sub/y", "z"]), side("b", &["w", "nowhere"]));
    let (said, _) = said_of(dir.path(), &left, &right, Missing::Fault);
    assert_eq!(said, "Only in a: sub\nOnly in b: w\nOnly in a: z\n");
}

#[test]
fn what_is_missing_means_what_the_caller_says() {
    let dir = folders();
    fs::write(dir.path().join("a/x"), "1\n").unwrap();
    let [x, y, z] = ["a/x", "b/y", "b/z"].map(|path| Side::whole(dir.path().join(path)));
    let said = |left, right, missing| {
        let (said, outcome) = said_of(dir.path(), left, right, missing);
        said + &outcome.faults.join("\n")
    };
    assert_eq!(said(&x, &y, Missing::Fault), "b/y does not exist");
    assert_eq!(said(&x, &y, Missing::Difference), "Only in a: x\n");
    assert_eq!(
        said(&y, &x, Missing::Empty),
        "--- b/y\n+++ a/x\n@@ -0,0 +1 @@\n+1\n"
    );
    assert_eq!(
        said(&y, &z, Missing::Difference),
        "neither b/y nor b/z exists"
    );
    assert_eq!(said(&y, &z, Missing::Empty), "");
}

#[test]
fn large_files_are_only_said_to_differ() {
    let dir = folders();
    let bytes = vec![b'x'; LARGEST as usize + 1];
    for side in ["a", "b"] {
        fs::write(dir.path().join(side).join("same"), &bytes).unwrap();
        fs::write(dir.path().join(side).join("text"), &bytes).unwrap();
        fs::write(dir.path().join(side).join("bin"), &bytes).unwrap();
    }
    let mut other = bytes.clone();
    other[LARGEST as usize] = b'y';
    fs::write(dir.path().join("b/text"), &other).unwrap();
    other[0] = 0;
    fs::write(dir.path().join("b/bin"), &other).unwrap();
    let sides = ["a", "b"].map(|name| Side::whole(dir.path().join(name)));
    let (said, outcome) = said_of(dir.path(), &sides[0], &sides[1], Missing::Fault);
    assert_eq!(
        said,
        "Binary files a/bin and b/bin differ\n\
         Files a/text and b/text differ (too large to show: 4.2 MB and 4.2 MB)\n"
    );
    assert!(outcome.too_large && outcome.faults.is_empty());
}

#[test]
fn lines_have_colours_where_wanted() {
    let dir = folders();
    fs::write(dir.path().join("a/f"), "0\n1\n").unwrap();
    fs::write(dir.path().join("b/f"), "0\n2\n").unwrap();
    let [left, right] = ["a/f", "b/f"].map(|path| Side::whole(dir.path().join(path)));
    let mut out = Vec::new();
    compare(&left, &right, Missing::Fault, true, &mut out).unwrap();
    let said = String::from_utf8(out).unwrap();
    let lines: Vec<&str> = said.lines().skip(2).collect();
    assert_eq!(
        lines,
        [
            "\u{1b}[36m@@ -1,2 +1,2 @@\u{1b}[0m",
            " 0",
            "\u{1b}[31m-1\u{1b}[0m",
            "\u{1b}[32m+2\u{1b}[0m"
        ]
    );
}

/// A text of few different lines, the last of which may have no line break.
fn a_text() -> impl Strategy<Value = Vec<u8>> {
    let line = prop_oneof![
        4 => "[ab]{0,2}".prop_map(String::into_bytes),
        1 => proptest::collection::vec(1..=255_u8, 0..6),
    ];
    (proptest::collection::vec(line, 0..40), any::<bool>()).prop_map(|(lines, ends)| {
        let mut text = lines.join(&b'\n');
        if ends && !text.is_empty() {
            text.push(b'\n');
        }
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn patch_makes_the_other_file_of_it(old in a_text(), new in a_text()) {
        let dir = tempfile::tempdir().unwrap();
        let [old_path, new_path] = ["old file", "new\tfile"].map(|name| dir.path().join(name));
        fs::write(&old_path, &old).unwrap();
        fs::write(&new_path, &new).unwrap();
        let mut diff = Vec::new();
        let sides = [&old_path, &new_path].map(Side::whole);
        compare(&sides[0], &sides[1], Missing::Fault, false, &mut diff).unwrap();
        prop_assert_eq!(diff.is_empty(), old == new);
        fs::write(dir.path().join("diff"), &diff).unwrap();
        if !diff.is_empty() {
            let patched = Command::new("patch")
                .args(["--binary", "--silent", "--posix", "-i", "diff", "old file"])
                .current_dir(dir.path())
                .output()
                .unwrap();
            prop_assert!(patched.status.success(), "{:?}", patched);
            let patched = fs::read(&old_path).unwrap_or_default();
            prop_assert_eq!(patched, new);
        }
    }
}
