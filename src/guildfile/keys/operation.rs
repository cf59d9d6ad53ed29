//! An operation, its flags and its steps.

use super::files::{DEPENDENCIES, PUBLISH, SOURCECODE_SHAPE, SOURCECODE_WORDS};
use crate::guildfile::form::{
    ANYTHING, Form, Key, Object, Others, Rule, Shape, TEXT, anything, form, key, map, text, texts,
    truth,
};

/// Operations by name.
pub const OPERATIONS: Key = key(
    "operations",
    Shape::Section(&OPERATION),
    "invalid operations value {}: expected a mapping",
    "Operations by name.",
)
.not_null();

/// One operation.
pub static OPERATION: Form = form(
    OPERATION_SHAPE,
    "invalid value for operation '{}' '{key}': expected a string or a mapping",
);

/// A Python module to run, or all of an operation.
pub const OPERATION_SHAPE: Shape = Shape::Either(&[Shape::Str, Shape::Object(&OPERATION_OBJECT)]);

/// Flags by name.
pub const FLAGS: Key = key(
    "flags",
    Shape::Section(&FLAG),
    "invalid flags value {}: expected a mapping",
    "Flags by name: a default value, or all of a flag.",
)
.not_null();

/// Which plugins take part.
pub const PLUGINS: Key = key(
    "plugins",
    PLUGIN_NAMES,
    "invalid plugins value {}: expected a string or list",
    "Plugins that take part: names, 'no' for none, 'yes' for those that always do.",
);

static OPERATION_OBJECT: Object = Object {
    name: "operation",
    about: "Something that can be run.",
    keys: &[
        text(
            "main",
            "The Python module that is run, and base arguments for it.",
        ),
        text("exec", "The command line that is run instead of a module."),
        text("notebook", "The notebook that is run instead of a module."),
        key(
            "steps",
            Shape::List(&STEP),
            "invalid steps data {}: expected a list",
            "Operations that are run one after the other.",
        ),
        text("description", "What it is for."),
        truth("default", "Whether it is meant where none is named."),
        FLAGS,
        key(
            "flags-import",
            Shape::Either(&[Shape::Switch, Shape::Exactly("all"), Shape::List(&TEXT)]),
            "invalid flags-import value {}: expected yes/all, no, or a list of flag names",
            "Flags of the script that become flags of the operation: 'all', 'no' or names.",
        )
        .not_null(),
        texts(
            "flags-import-skip",
            "Flags of the script that do not become flags of the operation.",
        ),
        text(
            "flags-dest",
            "How flags reach the script: 'args', 'globals', 'global:NAME', 'config:FILE', ...",
        ),
        truth(
            "default-flag-arg-skip",
            "Whether flags become arguments only if they say 'arg-skip: no'.",
        ),
        text(
            "flag-encoder",
            "What encodes flag values, as MODULE:FUNCTION.",
        ),
        text(
            "label",
            "The label of runs; '${NAME}' stands for the value of a flag.",
        ),
        texts("tags", "Tags of runs."),
        map("env", "Variables for the process."),
        texts("env-secrets", "Variables whose values are not recorded."),
        texts("python-path", "Folders that Python imports from first."),
        text(
            "python-requires",
            "Versions of Python that it runs under, such as '>=3.8'.",
        ),
        truth(
            "pip-freeze",
            "Whether runs record which Python packages are installed.",
        ),
        key(
            "requires",
            DEPENDENCIES,
            "invalid dependency value {}: expected a string or mapping",
            "What a run needs before it starts: names of resources, or sources.",
        ),
        key(
            "sourcecode",
            SOURCECODE_SHAPE,
            SOURCECODE_WORDS,
            "Which source code runs keep: 'no', patterns, or rules.",
        ),
        key(
            "output-scalars",
            PATTERNS,
            "invalid output-scalars {}: expected a mapping, list, string, or false",
            "How numbers are read from output: patterns, or 'no'.",
        ),
        key(
            "output-attrs",
            PATTERNS,
            "invalid output-attrs {}: expected a mapping, list, string, or false",
            "How attributes are read from output: patterns, or 'no'.",
        ),
        map("run-attrs", "Attributes of runs."),
        key(
            "system-metrics",
            Shape::Either(&[Shape::Switch, Shape::Number]),
            "invalid system-metrics {}: expected seconds, yes, or no",
            "How often runs record how busy the machine is: seconds, or 'yes' for every 5.",
        ),
        texts("compare", "Columns for comparing runs.").tolerant(),
        key(
            "objective",
            Shape::Either(&[Shape::Str, Shape::Map(&TEXT)]),
            "invalid objective value {}: expected a string or mapping",
            "The scalar that searches make small, or 'maximize: SCALAR'.",
        )
        .tolerant(),
        OPTIMIZER,
        OPTIMIZERS,
        key(
            "default-max-trials",
            Shape::Count,
            "invalid {key} value {}: expected a whole number",
            "How many trials a search has where nothing else says.",
        )
        .tolerant(),
        truth("can-stage-trials", "Whether trials may be staged."),
        PLUGINS,
        PUBLISH,
        truth(
            "delete-on-success",
            "Whether runs that end well are deleted.",
        ),
        truth("stoppable", "Whether stopping a run is no error."),
        truth(
            "handle-keyboard-interrupt",
            "Whether an interrupted run shows no traceback.",
        ),
        anything("extra", "Whatever others want to know."),
    ],
    others: Others::Unknown,
    rules: &[Rule::NotBoth(
        "optimizer",
        "optimizers",
        "conflicting optimizer configuration in operation '{owner}' - cannot define both \
         'optimizer' and 'optimizers'",
    )],
};

/// Patterns for output.
const PATTERNS: Shape = Shape::Either(&[
    Shape::Off,
    Shape::Str,
    Shape::Map(&ANYTHING),
    Shape::List(&PATTERN),
]);

static PATTERN: Form = form(
    Shape::Either(&[Shape::Str, Shape::Map(&ANYTHING)]),
    "invalid {key} item {}: expected a string or mapping",
);

const OPTIMIZER: Key = key(
    "optimizer",
    OPTIMIZER_SHAPE,
    "invalid optimizer config {}: expected a string or mapping",
    "The operation that searches for flag values, with values of its flags.",
);

const OPTIMIZERS: Key = key(
    "optimizers",
    OPTIMIZERS_SHAPE,
    "invalid optimizer config {'optimizers': {}}: expected list or mapping",
    "Operations that search for flag values, by name.",
);

static NAMED_OPTIMIZER: Form = form(
    Shape::Either(&[Shape::Str, Shape::Object(&OPTIMIZER_OBJECT)]),
    "invalid optimizer config {}: expected a string or mapping",
);

static ONE_OPTIMIZER: Object = Object {
    name: "optimizer",
    about: "A way to search for flag values.",
    keys: OPTIMIZER_KEYS,
    others: Others::Fine,
    rules: &[Rule::Required("algorithm")],
};

static OPTIMIZER_OBJECT: Object = Object {
    name: "optimizer",
    about: "A way to search for flag values.",
    keys: OPTIMIZER_KEYS,
    others: Others::Fine,
    rules: &[],
};

const OPTIMIZER_KEYS: &[Key] = &[
    text("algorithm", "The operation that searches."),
    truth("default", "Whether it is meant where none is named."),
];

// A step that is none is an error of its operation alone: where that is run.
static STEP: Form = form(
    Shape::Either(&[Shape::Str, Shape::Object(&STEP_OBJECT), Shape::Anything]),
    "",
);

static STEP_OBJECT: Object = Object {
    name: "step",
    about: "A run that is part of another.",
    keys: &[
        anything(
            "run",
            "The operation, with flags and options as on a command line.",
        ),
        anything("name", "The name that the run goes by among the steps."),
        key(
            "flags",
            Shape::Section(&ANYTHING),
            "invalid flags value {}: expected a mapping",
            "Values of flags.",
        ),
        anything(
            "isolate-runs",
            "Whether the step sees only the runs of its pipeline (yes unless set).",
        ),
        anything("expect", "What the step must have made."),
        anything("checks", "The same as expect."),
        anything("additional-deps", "Files that the run needs as well."),
        anything("batch-label", "The label of the batch."),
        anything("batch-tags", "Tags of the batch."),
        anything("break", "Where to stop for the debugger."),
        anything("break-on-error", "Whether an error opens the debugger."),
        anything(
            "fail-on-trial-error",
            "Whether the batch ends where a trial fails.",
        ),
        anything("force-flags", "Whether flags may have any values."),
        anything("gpus", "The graphics devices that the run may use."),
        anything("label", "The label of the run."),
        anything("max-trials", "How many trials there are at most."),
        anything("maximize", "The scalar that should be large."),
        anything("minimize", "The scalar that should be small."),
        anything(
            "needed",
            "Whether the step is left out where a run like it is there.",
        ),
        anything("no-gpus", "Whether the run may use no graphics devices."),
        anything("opt-flags", "Flags of the optimizer."),
        anything("optimize", "Whether flag values are searched for."),
        anything("optimizer", "What searches for flag values."),
        anything("random-seed", "The seed of what is chosen by chance."),
        anything("stop-after", "After how many minutes the run is stopped."),
        anything(
            "system-metrics",
            "How often the load of the machine and of the run is recorded, in seconds, or yes.",
        ),
        anything("tags", "Tags of the run."),
    ],
    // What else there is, running the step tells.
    others: Others::Fine,
    rules: &[],
};

static FLAG: Form = form(
    Shape::Either(&[Shape::Object(&FLAG_OBJECT), Shape::Anything]),
    "",
);

/// The types of flags.
const TYPES: &[&str] = &[
    "auto",
    "string",
    "int",
    "float",
    "number",
    "boolean",
    "path",
    "existing-path",
];

const ENCODING_WORDS: &str = "invalid {key} value {}: expected a mapping";

static FLAG_OBJECT: Object = Object {
    name: "flag",
    about: "A value that a run is given.",
    keys: &[
        anything("default", "The value where none is given."),
        key(
            "type",
            Shape::Word(TYPES),
            "invalid flag type {}: expected a string",
            "What values are taken as.",
        ),
        text("description", "What it is for."),
        truth("required", "Whether a value must be given."),
        key(
            "choices",
            Shape::List(&CHOICE),
            "invalid flag choice data {}: expected a list of values or mappings",
            "The values that it may have.",
        ),
        truth("allow-other", "Whether values that are no choice are fine."),
        key(
            "min",
            Shape::Number,
            "invalid {key} value {}: expected a number",
            "The smallest value.",
        ),
        key(
            "max",
            Shape::Number,
            "invalid {key} value {}: expected a number",
            "The largest value.",
        ),
        text("null-label", "What is shown where there is no value."),
        key(
            "distribution",
            Shape::Word(&["uniform", "log-uniform"]),
            "invalid {key} value {}: expected a string",
            "How a search draws values between 'min' and 'max'.",
        )
        .tolerant(),
        text(
            "arg-name",
            "The name of the argument or variable, if not the flag's own.",
        ),
        truth("arg-skip", "Whether it does not become an argument."),
        anything(
            "arg-switch",
            "The value for which the argument is there, without a value.",
        ),
        anything(
            "arg-split",
            "Whether the value is several arguments, or what is between them.",
        ),
        key(
            "arg-encoding",
            Shape::Map(&ANYTHING),
            ENCODING_WORDS,
            "What values are as arguments.",
        ),
        text("env-name", "The name of the variable in the environment."),
        key(
            "env-encoding",
            Shape::Map(&ANYTHING),
            ENCODING_WORDS,
            "What values are in the environment.",
        ),
        text("alias", "Another name that users may type."),
        anything("extra", "Whatever others want to know."),
    ],
    others: Others::Extra,
    rules: &[],
};

static CHOICE: Form = form(
    Shape::Either(&[Shape::Object(&CHOICE_OBJECT), Shape::Anything]),
    "",
);

static CHOICE_OBJECT: Object = Object {
    name: "choice",
    about: "A value that a flag may have.",
    keys: &[
        anything("value", "The value."),
        anything("alias", "What users type for it."),
        text("description", "What it means."),
        key(
            "flags",
            Shape::Map(&ANYTHING),
            "invalid flags value {}: expected a mapping",
            "Values of other flags that come with it.",
        ),
    ],
    others: Others::Unknown,
    rules: &[Rule::Required("value")],
};

/// Names of plugins.
const PLUGIN_NAMES: Shape = Shape::Either(&[Shape::Switch, Shape::Str, Shape::List(&TEXT)]);

/// One optimizer.
const OPTIMIZER_SHAPE: Shape = Shape::Either(&[Shape::Str, Shape::Object(&ONE_OPTIMIZER)]);

/// Several optimizers.
const OPTIMIZERS_SHAPE: Shape = Shape::Either(&[Shape::List(&TEXT), Shape::Map(&NAMED_OPTIMIZER)]);
