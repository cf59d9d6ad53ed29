//! Files: source code, what is published, resources and their sources.

use crate::guildfile::form::{
    Form, Key, Object, Others, Rule, Shape, TEXT, TEXTS, anything, form, key, map, text, texts,
    truth,
};

/// Which source code is meant.
pub const SOURCECODE_SHAPE: Shape = Shape::Either(&[
    Shape::Switch,
    Shape::Str,
    Shape::List(&RULE),
    Shape::Object(&SOURCECODE_OBJECT),
]);

/// What is said of other values.
pub const SOURCECODE_WORDS: &str =
    "invalid select files spec {}: expected a string, list, or mapping";

const SELECT_SHAPE: Shape = Shape::Either(&[Shape::Off, Shape::Str, Shape::List(&RULE)]);

static SOURCECODE_OBJECT: Object = Object {
    name: "sourcecode",
    about: "Which source code runs keep.",
    keys: &[
        text(
            "root",
            "The folder to look in, relative to the guild file's.",
        ),
        key(
            "dest",
            Shape::Inside,
            "invalid dest value {}: expected a path inside the run directory",
            "Where it is put, relative to the run directory.",
        ),
        key(
            "digest",
            Shape::Truth,
            "invalid digest value {}: expected yes or no",
            "Whether a digest of it is kept.",
        ),
        key(
            "select",
            SELECT_SHAPE,
            SOURCECODE_WORDS,
            "Rules that are tried in order; the last that fits counts.",
        ),
    ],
    others: Others::Unknown,
    rules: &[],
};

static RULE: Form = form(
    Shape::Either(&[Shape::Str, Shape::Object(&RULE_OBJECT)]),
    "invalid sourcecode {}: expected a string or mapping",
);

static RULE_OBJECT: Object = Object {
    name: "rule",
    about: "Whether files of some names are meant.",
    keys: &[
        key(
            "include",
            RULE_SHAPE,
            RULE_WORDS,
            "Patterns of files that are meant.",
        )
        .not_null(),
        key(
            "exclude",
            RULE_SHAPE,
            RULE_WORDS,
            "Patterns of files that are not meant.",
        )
        .not_null(),
    ],
    others: Others::Unknown,
    rules: &[Rule::OneKey {
        names: &["include", "exclude"],
        none: "unsupported file select spec: {}",
        many: "invalid file select spec {}: cannot include both include and exclude - use \
               multiple select specs in the order you want to apply the filters",
    }],
};

const RULE_WORDS: &str = "unsupported {key} value: {}";

const RULE_SHAPE: Shape = Shape::Either(&[
    Shape::Str,
    Shape::List(&TEXT),
    Shape::Object(&TYPED_PATTERNS),
]);

static TYPED_PATTERNS: Object = Object {
    name: "patterns",
    about: "Patterns for one kind of file.",
    keys: &[
        texts("dir", "Patterns of folders."),
        texts("text", "Patterns of text files."),
        texts("binary", "Patterns of files that are not text."),
    ],
    others: Others::Unknown,
    rules: &[Rule::AnyKey {
        names: &["dir", "text", "binary"],
        words: "unsupported {key} value: {}",
    }],
};

/// What of a run is published.
pub const PUBLISH: Key = key(
    "publish",
    Shape::Object(&PUBLISH_OBJECT),
    "invalid publish value {}: expected a mapping",
    "What of runs is published.",
);

static PUBLISH_OBJECT: Object = Object {
    name: "publish",
    about: "What of runs is published.",
    keys: &[
        key(
            "files",
            SOURCECODE_SHAPE,
            SOURCECODE_WORDS,
            "Files of the run that are published.",
        ),
        text("template", "The template that reports are made from."),
    ],
    others: Others::Unknown,
    rules: &[],
};

/// Resources by name.
pub const RESOURCES_SHAPE: Shape = Shape::Section(&RESOURCE);

/// A resource.
pub static RESOURCE: Form = form(
    Shape::Either(&[Shape::List(&SOURCE), Shape::Object(&RESOURCE_OBJECT)]),
    "invalid resource value {}: expected a mapping or a list",
);

/// What an operation requires: one thing or several.
pub const DEPENDENCIES: Shape =
    Shape::Either(&[Shape::Str, NAMED_OR_INLINE, Shape::List(&DEPENDENCY)]);

static DEPENDENCY: Form = form(
    Shape::Either(&[Shape::Str, NAMED_OR_INLINE]),
    "invalid dependency value {}: expected a string or mapping",
);

/// A named resource, a resource of the operation's own, or one source of it.
const NAMED_OR_INLINE: Shape = Shape::ByKey(
    &[
        ("resource", &DEPENDENCY_OBJECT),
        ("sources", &RESOURCE_OBJECT),
    ],
    &SOURCE_OBJECT,
);

static DEPENDENCY_OBJECT: Object = Object {
    name: "dependency",
    about: "A resource by its name.",
    keys: &[
        text(
            "resource",
            "The resource: NAME, MODEL:NAME or PACKAGE/NAME.",
        ),
        text("description", "Why it is needed."),
    ],
    others: Others::Unknown,
    rules: &[],
};

const TARGET_PATH: Key = text(
    "target-path",
    "Where files are put, relative to the run directory.",
);

const PATH: Key = text(
    "path",
    "The same as 'target-path', which is to be preferred.",
);

const TARGET_TYPE: Key = key(
    "target-type",
    Shape::Word(&["copy", "link"]),
    "invalid {key} value {}: expected 'copy' or 'link'",
    "Whether files are copied or linked: 'copy' or 'link'.",
);

const PRESERVE_PATH: Key = truth("preserve-path", "Whether folders of files are kept.");

const HELP: Key = anything("help", "What to do where a file is missing.");

const SOURCES_WORDS: &str = "invalid sources value for resource '{owner}': {}";

/// The keys of a resource.
const RESOURCE_KEYS: &[Key] = &[
    key(
        "sources",
        Shape::List(&SOURCE),
        SOURCES_WORDS,
        "Where files come from.",
    )
    .not_null(),
    text("description", "What it is."),
    truth("private", "Whether other projects may not use it."),
    truth(
        "default-unpack",
        "Whether archives are unpacked unless a source says.",
    ),
    texts("references", "Links and texts that tell more."),
    text("name", "What it is called."),
    TARGET_PATH,
    PATH,
    TARGET_TYPE,
    PRESERVE_PATH,
];

static RESOURCE_OBJECT: Object = Object {
    name: "resource",
    about: "Files that operations need.",
    keys: RESOURCE_KEYS,
    others: Others::Unknown,
    rules: &[],
};

static SOURCE: Form = form(
    Shape::Either(&[Shape::Str, Shape::Object(&SOURCE_OBJECT)]),
    "invalid source for resource '{owner}': {}",
);

const SELECT_WORDS: &str = "invalid {key} val: {}";

/// The keys of a source.
const SOURCE_KEYS: &[Key] = &[
    text("file", "A file or folder of the project."),
    text("url", "What is downloaded."),
    text("module", "A Python module that must be installed."),
    text(
        "config",
        "A file of the project in which flag values are set.",
    ),
    key(
        "operation",
        TEXTS,
        "invalid {key} value {}: expected a string or list",
        "Operations whose latest run files come from.",
    ),
    text("dvcfile", "A file that DvC keeps."),
    text(
        "dvcstage",
        "A stage of DvC whose latest run files come from.",
    ),
    truth(
        "always-pull",
        "Whether DvC is asked also for files that are there.",
    ),
    text("remote", "Where DvC keeps the file."),
    text("name", "What the source is called."),
    text("flag-name", "The flag that says where files come from."),
    text("sha256", "The SHA-256 digest that the file must have."),
    truth("unpack", "Whether an archive is unpacked."),
    text("type", "The kind of an archive: 'zip', 'tar' or 'gzip'."),
    key(
        "select",
        TEXTS,
        SELECT_WORDS,
        "Patterns of files that are meant.",
    ),
    key(
        "select-min",
        TEXTS,
        SELECT_WORDS,
        "Patterns of files, of which the one with the smallest number in the group is meant.",
    ),
    key(
        "select-max",
        TEXTS,
        SELECT_WORDS,
        "Patterns of files, of which the one with the largest number in the group is meant.",
    ),
    truth("optional", "Whether the source may be missing."),
    truth("warn-if-empty", "Whether it is told if no file is found."),
    truth(
        "fail-if-empty",
        "Whether it is an error if no file is found.",
    ),
    key(
        "rename",
        RENAMES,
        RENAME_WORDS,
        "How files are called instead: 'PATTERN NAME', or a list of these.",
    ),
    text(
        "post-process",
        "A command line that is run on what was downloaded.",
    ),
    truth(
        "replace-existing",
        "Whether files that are there are replaced.",
    ),
    truth(
        "always-resolve",
        "Whether the source is looked for again on restart.",
    ),
    map("params", "Values for the config file, beside flags."),
    TARGET_PATH,
    PATH,
    TARGET_TYPE,
    PRESERVE_PATH,
    HELP,
];

static SOURCE_OBJECT: Object = Object {
    name: "source",
    about: "Where files come from.",
    keys: SOURCE_KEYS,
    others: Others::Unknown,
    rules: SOURCE_RULES,
};

const SOURCE_RULES: &[Rule] = &[Rule::OneOf {
    names: &["config", "file", "module", "url", "operation"],
    others: &["dvcfile", "dvcstage"],
    none: "invalid source {} in resource '{owner}': missing required attribute (one of config, \
           file, module, url, operation)",
    many: "invalid source {} in resource '{owner}': conflicting attributes ({names})",
}];

const RENAME_WORDS: &str = "invalid rename spec {}: expected string or map";

static RENAME: Form = form(
    Shape::Either(&[Shape::Str, Shape::Object(&RENAME_OBJECT)]),
    RENAME_WORDS,
);

static RENAME_OBJECT: Object = Object {
    name: "rename",
    about: "How a file is called instead.",
    keys: &[
        text("pattern", "The names that are changed."),
        text("repl", "What is put for the part that fits."),
    ],
    others: Others::Unknown,
    rules: &[],
};

/// New names for files.
const RENAMES: Shape = Shape::Either(&[
    Shape::Str,
    Shape::Object(&RENAME_OBJECT),
    Shape::List(&RENAME),
]);
