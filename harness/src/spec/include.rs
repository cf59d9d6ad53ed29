//! The files that a spec includes: documents, whose examples run first, and
//! helpers, whose source does.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Fault, Role, Script, Spec, bytes_of, parse};
use crate::front_matter::Include;
use crate::language::Language;
use crate::options::Vocabulary;

/// Takes what the included files say into the spec. A file counts once, where it
/// is first included.
pub(super) fn resolve(spec: Spec, vocabulary: &Vocabulary) -> Result<Spec, Vec<Fault>> {
    if spec.include.is_empty() {
        return Ok(spec);
    }
    let path = spec.path.clone();
    let mut loader = Loader {
        vocabulary,
        language: spec.language,
        chain: vec![Link::new(&path)],
        seen: HashSet::new(),
        whole: Spec::default(),
    };
    loader.document(spec, None)?;
    loader.whole.path = path;
    Ok(loader.whole)
}

/// A file that is being read: as it was named, and as the system knows it.
struct Link {
    path: PathBuf,
    resolved: PathBuf,
}

impl Link {
    fn new(path: &Path) -> Self {
        Link {
            path: path.to_owned(),
            resolved: path.canonicalize().unwrap_or_else(|_| path.to_owned()),
        }
    }
}

struct Loader<'a> {
    vocabulary: &'a Vocabulary,
    language: Language,
    /// The files whose includes are being read, the spec first.
    chain: Vec<Link>,
    seen: HashSet<PathBuf>,
    whole: Spec,
}

impl Loader<'_> {
    /// Adds a document after all that it includes. `file` is set for one that is
    /// itself included.
    fn document(&mut self, document: Spec, file: Option<&Path>) -> Result<(), Vec<Fault>> {
        for include in &document.include {
            self.include(&document.path, include)?;
        }
        let mut setup = std::mem::take(&mut self.whole.setup);
        let mut examples = std::mem::take(&mut self.whole.examples);
        let mut requires = std::mem::take(&mut self.whole.requires);
        let outer = std::mem::take(&mut self.whole.teardown);
        setup.extend(document.setup.iter().cloned());
        requires.extend(document.requires.iter().cloned());
        // What was set up first is taken down last.
        let teardown = document.teardown.iter().cloned().chain(outer).collect();
        let file: Option<Arc<Path>> = file.map(Arc::from);
        for mut example in document.examples.iter().cloned() {
            if let Some(file) = &file {
                example.options = document.options.overlaid(&example.options);
                example.file = Some(Arc::clone(file));
            }
            examples.push(example);
        }
        self.whole = Spec {
            setup,
            teardown,
            requires,
            examples,
            ..document
        };
        Ok(())
    }

    fn include(&mut self, from: &Path, include: &Include) -> Result<(), Vec<Fault>> {
        let fault = |message: String| vec![Fault::new(from, include.place, message)];
        let path = from.parent().unwrap_or(Path::new("")).join(&include.path);
        let shown = path.display();
        let bytes = bytes_of(&path).map_err(|error| fault(format!("{shown}: {error}")))?;
        let link = Link::new(&path);
        if self.chain.iter().any(|one| one.resolved == link.resolved) {
            let chain = self.chain.iter().chain([&link]);
            let chain: Vec<String> = chain.map(|one| one.path.display().to_string()).collect();
            let message = format!("a file includes itself: {}", chain.join(" -> "));
            return Err(fault(message));
        }
        if !self.seen.insert(link.resolved.clone()) {
            return Ok(());
        }
        match kind_of(&path) {
            Some(Kind::Document) => {
                let document = parse(&path, &bytes, self.vocabulary)?;
                if document.language != self.language {
                    let (its, ours) = (document.language.name(), self.language.name());
                    let message = format!("{shown}: its doctest type is {its}, not {ours}");
                    return Err(fault(message));
                }
                self.chain.push(link);
                self.document(document, Some(&path))?;
                self.chain.pop();
            }
            Some(Kind::Helper(language)) if language == self.language => {
                let source =
                    String::from_utf8(bytes).map_err(|_| fault(format!("{shown}: not UTF-8")))?;
                self.whole.setup.push(Script {
                    role: Role::Helper,
                    file: path,
                    line: 1,
                    source,
                });
            }
            _ => {
                let helpers = match self.language {
                    Language::Python => ".py",
                    Language::Shell => ".sh or .bash",
                };
                return Err(fault(format!(
                    "{shown}: cannot be included here: neither a document (.md) nor a helper ({helpers})"
                )));
            }
        }
        Ok(())
    }
}

enum Kind {
    Document,
    Helper(Language),
}

fn kind_of(path: &Path) -> Option<Kind> {
    match path.extension()?.to_str()? {
        "md" => Some(Kind::Document),
        "py" => Some(Kind::Helper(Language::Python)),
        "sh" | "bash" => Some(Kind::Helper(Language::Shell)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::read;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        folder
    }

    fn fault(files: &[(&str, &str)]) -> String {
        let folder = folder(files);
        let error = read(&folder.path().join(files[0].0), &Vocabulary::default()).unwrap_err();
        let root = format!("{}/", folder.path().display());
        error.to_string().replace(&root, "")
    }

    #[test]
    fn what_is_included_comes_first_and_once() {
        let folder = folder(&[
            (
                "x.md",
                "---\ninclude: [help.py, sub/a.md, b.md]\nsetup: s = 1\nteardown: t = 1\n---\n>>> 'x'\n",
            ),
            (
                "sub/a.md",
                "---\ndoctest: +STRICT\ninclude: ../b.md\nsetup: s = 2\nteardown: t = 2\n---\n>>> 'a'\n",
            ),
            ("b.md", "---\nrequires: git\n---\n>>> 'b'\n"),
            ("help.py", "def h(): pass\n"),
        ]);
        let spec = read(&folder.path().join("x.md"), &Vocabulary::default()).unwrap();
        let sources: Vec<&str> = spec.examples.iter().map(|e| e.source.trim()).collect();
        assert_eq!(sources, ["'b'", "'a'", "'x'"]);
        assert!(spec.examples[1].options.is_on("STRICT"));
        assert!(!spec.examples[0].options.is_on("STRICT"));
        assert!(spec.examples[0].file.is_some() && spec.examples[2].file.is_none());
        let roles: Vec<&str> = spec.setup.iter().map(|s| s.source.trim()).collect();
        assert_eq!(roles, ["def h(): pass", "s = 2", "s = 1"]);
        let ends: Vec<&str> = spec.teardown.iter().map(|s| s.source.trim()).collect();
        assert_eq!(ends, ["t = 1", "t = 2"]);
        assert_eq!(spec.requires.len(), 1);
        assert!(spec.path.ends_with("x.md") && spec.options.is_empty());
    }

    #[test]
    fn faults_name_the_place() {
        assert_eq!(
            fault(&[("x.md", "---\ninclude: none.md\n---\n")]),
            "x.md:2:10: none.md: No such file or directory (os error 2)"
        );
        assert_eq!(
            fault(&[
                ("x.md", "---\ninclude: y.md\n---\n"),
                ("y.md", "---\ninclude:\n  - x.md\n---\n"),
            ]),
            "y.md:3:5: a file includes itself: x.md -> y.md -> x.md"
        );
        assert_eq!(
            fault(&[("x.md", "---\ninclude: y.md\n---\n"), ("y.md", "\n>>>1\n")]),
            "y.md:2:4: no space after `>>>`"
        );
        assert_eq!(
            fault(&[
                ("x.md", "---\ninclude: y.md\n---\n"),
                ("y.md", "---\ndoctest-type: bash\n---\n"),
            ]),
            "x.md:2:10: y.md: its doctest type is bash, not python"
        );
        let told = fault(&[("x.md", "---\ninclude: y.sh\n---\n"), ("y.sh", "")]);
        assert!(
            told.contains("neither a document (.md) nor a helper (.py)"),
            "{told}"
        );
    }
}
