//! The objects at the top of a guild file.

use super::files::{RESOURCES_SHAPE, SOURCECODE_SHAPE, SOURCECODE_WORDS};
use super::operation::{FLAGS, OPERATION_SHAPE, OPERATIONS, PLUGINS};
use crate::guildfile::form::{Key, Object, Others, Shape, anything, key, map, text, texts, truth};

const EXTENDS: Key = texts(
    "extends",
    "Models and configs to take over from, or PACKAGE/MODEL of an installed package. \
     What is said here goes before what is taken over.",
);

const DESCRIPTION: Key = text("description", "What it is for.");

const REFERENCES: Key = texts("references", "Links and texts that tell more.").tolerant();

const PARAMS: Key = map(
    "params",
    "Values for '{{ NAME }}' in what the model says and takes over.",
);

const OPERATION_DEFAULTS: Key = key(
    "operation-defaults",
    OPERATION_SHAPE,
    "invalid {key} value {}: expected a string or a mapping",
    "What holds for every operation that does not say otherwise.",
);

const RESOURCE_MAP: Key = key(
    "resources",
    RESOURCES_SHAPE,
    "invalid resources value {}: expected a mapping",
    "What operations may require, by name.",
);

const SOURCECODE: Key = key(
    "sourcecode",
    SOURCECODE_SHAPE,
    SOURCECODE_WORDS,
    "Which source code runs keep, for operations that do not say.",
);

const PYTHON_REQUIRES: Key = text(
    "python-requires",
    "Versions of Python that operations run under, such as '>=3.8'.",
);

const DEFAULT: Key = truth(
    "default",
    "Whether this model is meant where none is named.",
);

const EXTRA: Key = anything("extra", "Whatever others want to know.");

/// The keys that models and configs have alike, behind the one that names them.
const fn with_shared_keys(name: Key) -> [Key; 14] {
    [
        name,
        DESCRIPTION,
        DEFAULT,
        EXTENDS,
        REFERENCES,
        PARAMS,
        OPERATIONS,
        OPERATION_DEFAULTS,
        FLAGS,
        RESOURCE_MAP,
        SOURCECODE,
        PYTHON_REQUIRES,
        PLUGINS,
        EXTRA,
    ]
}

/// A model.
pub static MODEL: Object = Object {
    name: "model",
    about: "Operations that belong together, under one name.",
    keys: &with_shared_keys(text(
        "model",
        "The name; empty for the model that needs none.",
    )),
    others: Others::Unknown,
    rules: &[],
};

/// What models take over and include.
pub static CONFIG: Object = Object {
    name: "config",
    about: "What models take over with 'extends', and operations with '$include'.",
    keys: &with_shared_keys(text("config", "The name.")),
    others: Others::Extra,
    rules: &[],
};

/// Other guild files.
pub static INCLUDE: Object = Object {
    name: "include",
    about: "Other guild files whose objects stand here.",
    keys: &[texts(
        "include",
        "Guild files, relative to this one, or installed packages.",
    )],
    others: Others::Unknown,
    rules: &[],
};

/// A package that is made from the project.
pub static PACKAGE: Object = Object {
    name: "package",
    about: "A Python package that is made from this project.",
    keys: &[
        text("package", "The name."),
        DESCRIPTION,
        text("version", "The version."),
        text("url", "Where the project is on the web."),
        text("author", "Who made it."),
        text("author-email", "How to reach them."),
        text("license", "What others may do with it."),
        texts("tags", "Words to find it by."),
        text("python-tag", "Which Pythons the package is for."),
        texts("data-files", "Files of the project that are packed."),
        text("python-requires", "Versions of Python that it needs."),
        texts("requires", "Packages that it needs."),
        anything("packages", "Folders of Python packages that are packed."),
        REFERENCES,
        EXTRA,
    ],
    others: Others::Unknown,
    rules: &[],
};

/// A test of the project.
pub static TEST: Object = Object {
    name: "test",
    about: "A test of the project.",
    keys: &[
        text("test", "The name."),
        key(
            "steps",
            Shape::Anything,
            "",
            "What is done, and what must come of it.",
        ),
    ],
    others: Others::Fine,
    rules: &[],
};
