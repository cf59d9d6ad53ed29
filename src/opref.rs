//! Operation references: which operation of which project a run is of, as the
//! file `.guild/opref` holds it, and the `[MODEL:]OPERATION` that users type.
//!
//! Format: four shell-quoted fields `TYPE:NAME VERSION MODEL OP` on one line
//! without a newline. It is shared with Guild AI 0.9.

use std::path::Path;

use crate::base::shell_text;

/// The version of Guild AI whose behaviour and formats guild has.
pub const GUILD_VERSION: &str = "0.9.1";

/// A reference to the operation a run was made from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OpRef {
    /// What kind of thing defines the operation: `guildfile`, `script`, ...
    pub kind: String,
    /// Where it is defined: a path or a package name, by kind.
    pub name: String,
    /// Version of the definition; for a guild file the MD5 of its bytes.
    pub version: String,
    /// Name of the model, or empty.
    pub model: String,
    /// Name of the operation.
    pub op: String,
}

/// Why a text is no operation reference.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("invalid operation reference {0:?}")]
pub struct Error(pub String);

impl OpRef {
    /// The operation `op` of a script in folder `dir`.
    pub fn script(dir: &Path, op: &str) -> Self {
        Self {
            kind: "script".to_string(),
            name: dir.display().to_string(),
            version: String::new(),
            model: String::new(),
            op: op.to_string(),
        }
    }

    /// The operation `op` of `model` (may be empty) in the guild file at `path`
    /// whose bytes have the MD5 `version`.
    pub fn guild_file(path: &Path, version: &str, model: &str, op: &str) -> Self {
        Self {
            kind: "guildfile".to_string(),
            name: path.display().to_string(),
            version: version.to_string(),
            model: model.to_string(),
            op: op.to_string(),
        }
    }

    /// The operation `op` of `model` (may be empty) that the installed package
    /// `name` brings.
    pub fn package(name: &str, version: &str, model: &str, op: &str) -> Self {
        Self {
            kind: "package".to_string(),
            name: name.to_string(),
            version: version.to_string(),
            model: model.to_string(),
            op: op.to_string(),
        }
    }

    /// The operation `op` of a kind that a program of a third party adds. Guild AI
    /// shows it as `KIND:OP`.
    pub fn external(kind: &str, op: &str) -> Self {
        Self {
            kind: "plugin".to_string(),
            name: kind.to_string(),
            version: String::new(),
            model: kind.to_string(),
            op: op.to_string(),
        }
    }

    /// The operation `op` of `model` (may be empty) that guild brings along.
    pub fn builtin(model: &str, op: &str) -> Self {
        Self {
            kind: "builtin".to_string(),
            name: "guildai".to_string(),
            version: GUILD_VERSION.to_string(),
            model: model.to_string(),
            op: op.to_string(),
        }
    }

    /// Whether it is the operation that starts staged runs.
    pub fn is_queue(&self) -> bool {
        self.kind == "builtin" && self.model.is_empty() && self.op == "queue"
    }

    /// Reads the content of an `opref` file.
    ///
    /// # Errors
    /// Anything but four fields, the first with a `:`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let invalid = || Error(text.to_string());
        let fields = shell_text::split(text).map_err(|_| invalid())?;
        let [source, version, model, op] = fields.try_into().map_err(|_| invalid())?;
        let (kind, name) = source.split_once(':').ok_or_else(invalid)?;
        Ok(Self {
            kind: kind.to_string(),
            name: name.to_string(),
            version,
            model,
            op,
        })
    }

    /// `[MODEL:]OP`, the name within its project.
    pub fn model_op(&self) -> String {
        if self.model.is_empty() {
            self.op.clone()
        } else {
            format!("{}:{}", self.model, self.op)
        }
    }

    /// The name that stands for the operation outside its project, as the
    /// variable `GUILD_OP` has it: with the folder of a script, the name of a
    /// package.
    pub fn op_spec(&self) -> String {
        match self.kind.as_str() {
            "script" => Path::new(&self.name).join(&self.op).display().to_string(),
            "package" => format!("{}/{}", self.name, self.model_op()),
            _ => self.model_op(),
        }
    }

    /// The folder that holds the definition, for kinds that live in one.
    pub fn dir(&self) -> Option<&Path> {
        match self.kind.as_str() {
            "script" => Some(Path::new(&self.name)),
            "guildfile" | "import" => Path::new(&self.name).parent(),
            _ => None,
        }
    }
}

impl std::fmt::Display for OpRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kind = match self.kind.as_str() {
            "" => String::new(),
            kind => shell_text::quote_opref(kind),
        };
        let source = format!("{kind}:{}", shell_text::quote_opref(&self.name));
        write!(
            f,
            "{source} {} {} {}",
            shell_text::quote_opref(&self.version),
            shell_text::quote_opref(&self.model),
            shell_text::quote_opref(&self.op)
        )
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_parses_survives_a_round_trip(
            fields in proptest::collection::vec("[ a:?'\"\\\\\n\u{fffd}]{0,6}", 4)
        ) {
            let text = shell_text::join(&fields);
            if let Ok(opref) = OpRef::parse(&text) {
                prop_assert_eq!(OpRef::parse(&opref.to_string()), Ok(opref));
            }
        }
    }

    #[test]
    fn texts_of_real_runs_survive_a_round_trip() {
        for text in [
            "guildfile:/home/u/proj/guild.yml c6f6bc92ddea53da9d37d94f159b5a69 '' train",
            "guildfile:/home/u/proj/guild.yml f1e3bfa361b563789d5444dfd618edc9 m use",
            "script:/home/u/proj '' '' sc.py",
            "script:'/home/u/sp ace/sub' '' '' b.py",
            "builtin:guildai 0.9.1 '' +",
            "func:'' '' '' hello",
            "pending:? ? ? train",
        ] {
            match OpRef::parse(text) {
                // The `?` of a pending reference is quoted by the writer.
                Ok(opref) if opref.kind != "pending" => assert_eq!(opref.to_string(), text),
                Ok(opref) => assert_eq!(opref.op, "train"),
                Err(error) => panic!("{error}"),
            }
        }
    }

    #[test]
    fn other_texts_are_errors() {
        for text in ["", "a b c", "a b c d", "a:b c d e f", "a:b 'c d e"] {
            assert!(OpRef::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_operation_is_named_by_its_kind() {
        let script = OpRef::script(Path::new("/p"), "train.py");
        assert_eq!(script.op_spec(), "/p/train.py");
        let op = OpRef::guild_file(Path::new("/p/guild.yml"), "", "m", "use");
        assert_eq!(op.op_spec(), "m:use");
        assert_eq!(op.dir(), Some(Path::new("/p")));
    }
}
