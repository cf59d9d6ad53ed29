//! The attributes that a run logged: texts in event files of their own.

use std::collections::BTreeMap;
use std::path::Path;

use super::capture::ATTRS_SUFFIX;
use super::{Error, event_dirs, key};
use crate::tfevents::Data;

/// What TensorBoard's writers append to the tags of texts.
const TEXT_SUFFIX: &str = "/text_summary";

/// The names and values of the attributes that the run in `run_dir` logged, by
/// name; the last value counts. What cannot be read is handed to `warn`, and
/// the rest read all the same.
pub fn logged_attrs(run_dir: &Path, warn: &mut dyn FnMut(Error)) -> Vec<(String, String)> {
    let mut attrs = BTreeMap::new();
    for dir in event_dirs::event_dirs(run_dir, warn) {
        for file in &dir.files {
            if !file.to_string_lossy().ends_with(ATTRS_SUFFIX) {
                continue;
            }
            let read = event_dirs::read(file, |event| {
                for value in event.values() {
                    if let Data::Text(text) = value.data {
                        let name = attr_name(&value.tag);
                        attrs.insert(key(&dir.prefix, name), text.into_owned());
                    }
                }
            });
            if let Err(error) = read {
                warn(error);
            }
        }
    }
    attrs.into_iter().collect()
}

/// The name of the attribute whose text has the tag `tag`.
pub(super) fn attr_name(tag: &str) -> &str {
    tag.strip_suffix(TEXT_SUFFIX).unwrap_or(tag)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::files;
    use crate::tfevents::Writer;

    fn write(path: &Path, texts: &[(&str, &str)]) {
        files::create_dir_all(path.parent().unwrap()).unwrap();
        let mut writer = Writer::new(files::create(path).unwrap()).unwrap();
        for (tag, text) in texts {
            writer.text(tag, text, 0.0).unwrap();
        }
        writer.scalar("scalar", 0, 1.0, 0.0).unwrap();
    }

    #[test]
    fn texts_of_attribute_files_are_attributes() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        let texts = [("model", "rnn"), ("a/text_summary", "é"), ("model", "cnn")];
        write(&path(".guild/e.tfevents.1.attrs"), &texts);
        write(&path(".guild/e.tfevents.1"), &[("not", "read")]);
        write(&path("train/e.tfevents.1.attrs"), &[("model", "x y")]);
        let attrs = logged_attrs(dir.path(), &mut |error| panic!("{error}"));
        let expected = [("a", "é"), ("model", "cnn"), ("train#model", "x y")];
        let attrs: Vec<_> = attrs
            .iter()
            .map(|(name, text)| (&name[..], &text[..]))
            .collect();
        assert_eq!(attrs, expected);
    }
}
