//! Paths as texts: nothing here asks the file system.

use std::path::{Component, Path, PathBuf};

/// `~` and `~/x` below the user's home; other texts as they are.
pub fn expand_user(text: &str, user_home: Option<&Path>) -> PathBuf {
    match (text, user_home) {
        ("~", Some(home)) => home.to_path_buf(),
        (_, Some(home)) if text.starts_with("~/") => home.join(&text[2..]),
        _ => PathBuf::from(text),
    }
}

/// How the path `to` is reached from the folder `from`, by their texts alone; both
/// are absolute.
pub fn relative_path(from: &Path, to: &Path) -> PathBuf {
    let pairs = from.components().zip(to.components());
    let shared = pairs.take_while(|(left, right)| left == right).count();
    let up = from.components().skip(shared).map(|_| "..");
    let down = to.components().skip(shared);
    up.map(PathBuf::from)
        .chain(down.map(|part| PathBuf::from(part.as_os_str())))
        .collect()
}

/// `path` without `.` and `..` parts, by its text alone.
pub fn tidy(path: &Path) -> PathBuf {
    let mut tidied = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                tidied.pop();
            }
            other => tidied.push(other),
        }
    }
    tidied
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_reached_by_way_of_the_folder_that_both_are_in() {
        for (from, to, way) in [
            ("/a/b", "/a/c/d", "../c/d"),
            ("/a", "/a/b", "b"),
            ("/a/b", "/a", ".."),
            ("/a", "/a", ""),
        ] {
            assert_eq!(
                relative_path(Path::new(from), Path::new(to)),
                Path::new(way)
            );
        }
    }
}
