//! The languages that examples are written in, and their prompts.

use serde::{Deserialize, Serialize};

/// What the examples of a spec are written in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Language {
    /// Python, at the prompts `>>> ` and `... `.
    #[default]
    Python,
    /// Shell commands, at the prompts `$ ` and `> `.
    Shell,
}

impl Language {
    /// The names that `doctest-type` takes.
    pub const NAMES: &[&str] = &["python", "bash"];

    /// The language that `doctest-type` names so.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "python" => Some(Language::Python),
            "bash" => Some(Language::Shell),
            _ => None,
        }
    }

    /// What `doctest-type` calls it.
    pub fn name(self) -> &'static str {
        match self {
            Language::Python => "python",
            Language::Shell => "bash",
        }
    }

    /// The prompt of the first line of an example, without its blank.
    pub fn prompt(self) -> &'static str {
        match self {
            Language::Python => ">>>",
            Language::Shell => "$",
        }
    }

    /// The prompt of the other lines of an example, without its blank.
    pub fn continuation(self) -> &'static str {
        match self {
            Language::Python => "...",
            Language::Shell => ">",
        }
    }

    /// A source with its prompts, as a document shows it.
    pub fn with_prompts(self, source: &str) -> String {
        let mut text = String::new();
        for (index, line) in source.lines().enumerate() {
            let prompt = match index {
                0 => self.prompt(),
                _ => self.continuation(),
            };
            text.push_str(format!("{prompt} {line}").trim_end());
            text.push('\n');
        }
        text
    }

    /// The languages of fenced blocks in which a line that starts as a prompt
    /// does can only be meant as one; in YAML, say, `...` has a meaning of its
    /// own. The empty one is a block that names none.
    pub(crate) fn fences(self) -> &'static [&'static str] {
        match self {
            Language::Python => &["", "python", "py", "pycon", "doctest"],
            Language::Shell => &[
                "",
                "bash",
                "console",
                "sh",
                "shell",
                "shell-session",
                "shellsession",
                "terminal",
            ],
        }
    }
}
