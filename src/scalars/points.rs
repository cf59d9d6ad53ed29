//! Each value of each scalar of a run, as it was written.

use std::path::Path;

use super::{Error, Point, event_dirs};
use crate::tfevents::Data;

/// Hands each value of each scalar of the run in `run_dir` to `each`, with the
/// folder of its event file relative to the run directory and its tag: folder by
/// folder, each before those in it, and there in the order they were written.
/// What cannot be read is handed to `warn`, and the rest read all the same.
pub fn points(
    run_dir: &Path,
    each: &mut dyn FnMut(&str, &str, Point),
    warn: &mut dyn FnMut(Error),
) {
    let mut dirs = event_dirs::event_dirs(run_dir, warn);
    dirs.sort_by(|left, right| left.prefix.split('/').cmp(right.prefix.split('/')));
    for dir in dirs {
        for file in &dir.files {
            let read = event_dirs::read(file, |event| {
                for value in event.values() {
                    if let Data::Scalar(number) = value.data {
                        let point = Point {
                            value: number,
                            step: event.step,
                        };
                        each(&dir.prefix, &value.tag, point);
                    }
                }
            });
            if let Err(error) = read {
                warn(error);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::files;
    use crate::tfevents::Writer;

    #[test]
    fn values_come_folder_by_folder_as_they_were_written() {
        let dir = tempfile::tempdir().unwrap();
        for folder in ["b/c", "b", "", "a"] {
            let folder = dir.path().join(folder);
            files::create_dir_all(&folder).unwrap();
            let file = files::create(&folder.join("e.tfevents.1")).unwrap();
            let mut writer = Writer::new(file).unwrap();
            writer.scalar("y", 2, 1.0, 0.0).unwrap();
            writer.scalar("x", 1, 2.0, 0.0).unwrap();
        }
        let mut found = Vec::new();
        let mut each = |prefix: &str, tag: &str, point: Point| {
            found.push(format!("{prefix} {tag} {} {}", point.value, point.step));
        };
        points(dir.path(), &mut each, &mut |error| panic!("{error}"));
        let expected =
            ["", "a", "b", "b/c"].map(|it| [format!("{it} y 1 2"), format!("{it} x 2 1")]);
        assert_eq!(found, expected.concat());
    }
}
