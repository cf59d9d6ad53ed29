//! What users type for an operation: `[[PACKAGE/]MODEL:]OPERATION`.

/// An operation as it is named. A text that is no name may still be a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpName<'a> {
    /// What says which model: a part of its name, or with a `/` a part of
    /// `PACKAGE/MODEL`; none means the default one.
    pub model: Option<&'a str>,
    /// The operation's name.
    pub op: &'a str,
}

impl<'a> OpName<'a> {
    /// Reads `text`; none where it has too many parts for a name.
    pub fn parse(text: &'a str) -> Option<Self> {
        let is_part = |part: &str| !part.contains(['/', ':']);
        let name = |model: &'a str, op: &'a str| {
            let model = (!model.is_empty()).then_some(model);
            (!op.is_empty() && is_part(op)).then_some(Self { model, op })
        };
        match (text.split_once(':'), text.split_once('/')) {
            (None, None) => name("", text),
            (Some((model, op)), None) => name(model, op),
            // The model of a package without a name.
            (None, Some((package, op))) => {
                name(&text[..=package.len()], op).filter(|_| !package.is_empty())
            }
            (Some((model, op)), Some((package, rest))) => {
                let own = rest.split_once(':').map_or(rest, |(own, _)| own);
                let is_model = is_part(package) && is_part(own) && !own.contains('?');
                name(model, op).filter(|_| is_model)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_up_to_three_parts() {
        for (text, model, op) in [
            ("train", None, "train"),
            ("train.py", None, "train.py"),
            (":train", None, "train"),
            ("mlp:train", Some("mlp"), "train"),
            ("pkg/train", Some("pkg/"), "train"),
            ("pkg/:train", Some("pkg/"), "train"),
            ("pkg/mlp:train", Some("pkg/mlp"), "train"),
            ("/mlp:train", Some("/mlp"), "train"),
            ("./train.sh", Some("./"), "train.sh"),
        ] {
            assert_eq!(OpName::parse(text), Some(OpName { model, op }), "{text}");
        }
    }

    #[test]
    fn other_texts_are_no_names() {
        for text in [
            "a:", "a:b:c", "a/b/c", "/a", "/a/b", "a/", "a:b/c", "a/b:", "a/b/c:d", "a/b:c/d",
            "a/?:b",
        ] {
            assert_eq!(OpName::parse(text), None, "{text}");
        }
    }
}
