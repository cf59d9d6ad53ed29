//! From what the user typed to an operation: of the guild file of the current
//! directory, of an installed package, a Python script, an executable file.
//!
//! `spec` reads names; `catalog` has the models there are; `lookup` finds what a
//! name means, of a definition (`definition`), a file (`direct`), a program that adds
//! a kind of operations (`external`) or of guild's own (`builtin`), and `requirements` what that
//! requires; `missing` helps where there is nothing. `plugins` tells which plugins take part.

mod builtin;
pub mod catalog;
mod config_flags;
mod definition;
mod direct;
mod external;
mod lookup;
mod missing;
mod module;
pub mod plugins;
mod requirements;
mod resource_flags;
mod script_flags;
mod spec;

use std::path::PathBuf;
use std::sync::Arc;

pub use lookup::{find, find_again};
pub use requirements::{Located, Undefined};
pub use script_flags::{ScriptFlags, Unread};

use crate::base::yaml::{Map, Value};
use crate::guildfile::{self, FlagDef, FlagsImport};
use crate::opref::OpRef;
use crate::sourcecode;

/// Where flag arguments go in a command template.
pub const FLAG_ARGS: &str = "${flag_args}";

const SEE_OPERATIONS: &str = "Try 'guild operations' for a list of available operations.";

/// Why there is no operation to run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nothing was named and nothing is the default.
    #[error("cannot find a default operation\nTry 'guild operations' for a list.")]
    NoDefault,
    /// The project's default model has no default operation.
    #[error("a default operation is not defined for {0}\n{SEE_OPERATIONS}")]
    NoDefaultOperation(String),
    /// Nothing of this name is there.
    #[error(
        "cannot find operation {spec}\n{}{SEE_OPERATIONS}{hint}",
        model_advice(spec)
    )]
    NotFound {
        /// The name.
        spec: String,
        /// What else there is to say, from a line break on.
        hint: String,
        /// What is wrong with the package that has such a model.
        reason: Option<String>,
    },
    /// The guild file has no such operation.
    #[error(
        "operation '{op}' is not defined for {model}\nTry '{command}' for a list of available \
         operations.{hint}"
    )]
    NotDefined {
        /// The operation.
        op: String,
        /// `this project` or the model.
        model: String,
        /// What lists those that are.
        command: String,
        /// What else there is to say, from a line break on.
        hint: String,
    },
    /// Several models have such a name.
    #[error(
        "there are multiple models that match '{reference}'\nTry specifying one of the \
         following:{}",
        .models.iter().map(|name| format!("\n  {name}")).collect::<String>()
    )]
    ManyModels {
        /// The name.
        reference: String,
        /// The models, by name.
        models: Vec<String>,
    },
    /// The name is of no form.
    #[error("invalid operation '{spec}'\n{SEE_OPERATIONS}{hint}")]
    InvalidSpec {
        /// The name.
        spec: String,
        /// What else there is to say, from a line break on.
        hint: String,
    },
    /// Something of Guild AI's own that is not there yet.
    #[error("cannot run '{spec}': {what} are not available yet")]
    NotAvailable {
        /// The name.
        spec: String,
        /// What it is, as a plural.
        what: &'static str,
    },
    /// A file that cannot be run.
    #[error("cannot run '{0}': must be an executable file")]
    NotExecutable(String),
    /// A program that adds a kind of operations is of no help.
    #[error("cannot run '{spec}': {program} {reason}")]
    External {
        /// The name.
        spec: String,
        /// The program.
        program: String,
        /// What is wrong, after its name.
        reason: String,
    },
    /// The guild file is wrong.
    #[error(transparent)]
    GuildFile(#[from] guildfile::Error),
}

impl Error {
    fn not_found(spec: &str) -> Self {
        Self::NotFound {
            spec: spec.to_string(),
            hint: String::new(),
            reason: None,
        }
    }

    /// What is wrong elsewhere, for which there is this error.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::NotFound { reason, .. } => reason.as_deref(),
            _ => None,
        }
    }

    fn because(mut self, text: Option<String>) -> Self {
        if let Self::NotFound { reason, .. } = &mut self {
            *reason = text;
        }
        self
    }

    fn invalid(spec: &str) -> Self {
        Self::InvalidSpec {
            spec: spec.to_string(),
            hint: String::new(),
        }
    }

    /// The error with what else there is to say, if it is one that something is
    /// not there.
    fn with_hint(mut self, text: String) -> Self {
        if let Self::NotFound { hint, .. }
        | Self::NotDefined { hint, .. }
        | Self::InvalidSpec { hint, .. } = &mut self
        {
            *hint = text;
        }
        self
    }
}

fn model_advice(spec: &str) -> &'static str {
    if spec.contains(':') {
        ""
    } else {
        "You may need to include a model in the form MODEL:OPERATION. "
    }
}

/// Everything a definition says of an operation: what a run of it is made from.
#[derive(Debug, Clone)]
pub struct Operation {
    /// The reference that runs keep.
    pub opref: OpRef,
    /// The name as it is shown to the user.
    pub spec: String,
    /// The project's folder.
    pub project_dir: PathBuf,
    /// Which source code its runs keep.
    pub source_code: sourcecode::Definition,
    /// The command line: arguments with `${...}` references.
    pub command: Vec<String>,
    /// Its flags, in order.
    pub flags: Vec<FlagDef>,
    /// How flags reach the process, if known.
    pub flags_dest: Option<String>,
    /// Which flags of the script are taken over.
    pub flags_import: FlagsImport,
    /// What its script says of its flags, if it was asked.
    pub script_flags: Option<ScriptFlags>,
    /// Whether the process is Python started through `guild.op_main`.
    pub python: bool,
    /// The plugins that take part in its runs.
    pub plugins: Vec<&'static str>,
    /// The guild file's definition, if it is of one.
    pub definition: Option<Arc<guildfile::Operation>>,
    /// The model it was found in, if it is of one.
    pub model: Option<catalog::FoundModel>,
    /// The model that the names of what it requires are those of.
    pub scope: Option<catalog::FoundModel>,
    /// What the definition adds: environment, label, tags and the like.
    pub settings: Settings,
    /// Things the user should know, such as a script that cannot be read.
    pub warnings: Vec<String>,
}

/// What a guild file says of an operation beside its command and flags.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// What it is for.
    pub description: String,
    /// Variables for the process.
    pub env: Map,
    /// Names of variables that are not recorded.
    pub env_secrets: Vec<String>,
    /// Which versions of Python it runs under.
    pub python_requires: Option<String>,
    /// Template of the label.
    pub label: Option<String>,
    /// Tags of its runs.
    pub tags: Vec<String>,
    /// Whether a run that ends well is moved to the trash.
    pub delete_on_success: bool,
    /// How scalars are read from output; by the default patterns if not set.
    pub output_scalars: Option<Value>,
}
