//! Letting the user write a text in the editor of their choice.

use std::path::{Path, PathBuf};

use super::failure::Failure;
use super::{Context, outside};
use crate::base::files;

/// Editors to look for where none is configured, best first.
const EDITORS: [&str; 3] = ["sensible-editor", "vim", "nano"];

/// What the system's choice of an editor is called.
const SYSTEM_EDITOR: &str = "/usr/bin/editor";

/// What the user wrote, with the file it was written in: so long as that is
/// not discarded, nothing is lost.
#[derive(Debug)]
pub struct Draft {
    text: String,
    path: PathBuf,
}

impl Draft {
    /// The text as it was saved.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text without the lines that start with `#`, and without blanks
    /// around it.
    pub fn without_remarks(&self) -> String {
        let lines = self.text.lines().filter(|line| !line.starts_with('#'));
        lines.collect::<Vec<_>>().join("\n").trim().to_string()
    }

    /// Removes the file.
    pub fn discard(self) {
        // A file left behind in the folder for temporary files does no harm.
        let _ = files::remove_if_exists(&self.path);
    }

    /// `failure`, and where the text is that could not be used because of it.
    pub fn kept_after(self, failure: Failure) -> Failure {
        Failure {
            message: format!(
                "{}\nWhat you wrote is kept in {}",
                failure.message,
                self.path.display()
            ),
            ..failure
        }
    }
}

/// Opens `text` in the user's editor, in a file whose name ends with
/// `extension`, and waits until the editor ends.
///
/// # Errors
/// The file cannot be written or read; the editor cannot be started or fails.
/// What was written until then is kept, and the error says where.
pub fn edit(text: &str, extension: &str, context: &Context) -> Result<Draft, Failure> {
    let name = format!("guild-{}{extension}", &context.home.new_run_id()[..8]);
    let path = context.home.temp_dir().join(name);
    files::write_new(&path, text.as_bytes())?;
    let editor = editor(context);
    let ended = run(&editor, &path, context);
    let read = |path: &Path| files::read(path).map(|b| String::from_utf8_lossy(&b).into_owned());
    let draft = Draft {
        text: read(&path)?,
        path,
    };
    match ended {
        true => Ok(draft),
        false => {
            let failure = Failure::error(format!("{editor}: Editing failed"));
            if draft.text == text {
                draft.discard();
                return Err(failure);
            }
            Err(draft.kept_after(failure))
        }
    }
}

/// Whether the editor ended well. The shell reads its name, so that it may have
/// options, and tells where there is no such program. Ctrl-C is
/// the editor's business: what was written must not be lost by it.
fn run(editor: &str, path: &Path, context: &Context) -> bool {
    let line = format!("{editor} \"$1\"");
    let path = path.display().to_string();
    let args = ["sh", "-c", &line, "sh", &path].map(str::to_string);
    outside::run(&args, context).is_ok_and(|status| status.success())
}

/// `VISUAL`, else `EDITOR`, else the system's editor, else what there is.
fn editor(context: &Context) -> String {
    let home = &context.home;
    let configured = home.variable("VISUAL").or_else(|| home.variable("EDITOR"));
    if let Some(editor) = configured {
        return editor;
    }
    if Path::new(SYSTEM_EDITOR).exists() {
        return SYSTEM_EDITOR.to_string();
    }
    let folders = home.variable("PATH").unwrap_or_default();
    let is_there =
        |name: &str| std::env::split_paths(&folders).any(|folder| folder.join(name).is_file());
    let found = EDITORS.into_iter().find(|name| is_there(name));
    found.unwrap_or("vi").to_string()
}
