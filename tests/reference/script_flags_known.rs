//! What guild finds otherwise than Guild AI in the scripts of
//! `tests/flag-corpus`, and why.

use crate::script_flags::Known;

const ANNOTATED: &str = "annotated assignments are assignments";
const CHOICES: &str = "choices may be in any container, and values of an enumeration";
const DEFAULT: &str = "a default is what an argument can have: numbers that JSON has not, several values; else the script's own";
const SUPPRESS: &str = "what is suppressed is no default and no description";
const MAIN: &str = "a command of click may be called by its `main`";
const NESTED: &str = "arguments of outer commands come before the name of the inner one";
const SWITCH: &str =
    "a switch of two names is turned off by the second one; counts and --version are no flags";
const NO_PARSER: &str = "a script that parses nothing has globals, even if it imports argparse";

/// The known differences.
pub const KNOWN: &[Known] = &[
    Known {
        script: "ap_big_numbers",
        name: "limit",
        ours: Some("default=.inf type=float"),
        theirs: Some("default=Infinity type=float"),
        reason: DEFAULT,
    },
    Known {
        script: "ap_choices",
        name: "level",
        ours: Some("type=int choices=[1, 2, 3]"),
        theirs: Some("type=int choices=['range(1, 4)']"),
        reason: CHOICES,
    },
    Known {
        script: "ap_choices",
        name: "mode",
        ours: Some("default=a choices=[b, a]"),
        theirs: Some("default=a choices=[{a: 2, b: 1}]"),
        reason: CHOICES,
    },
    Known {
        script: "ap_enum",
        name: "color",
        ours: Some("default=red choices=[red, blue]"),
        theirs: Some(
            "default=Color.RED choices=['[<Color.RED: ''red''>, <Color.BLUE: ''blue''>]']",
        ),
        reason: CHOICES,
    },
    Known {
        script: "ap_nargs",
        name: "one",
        ours: Some("default=x arg-split=true"),
        theirs: Some("default=[x]"),
        reason: DEFAULT,
    },
    Known {
        script: "ap_nargs",
        name: "pair",
        ours: Some("default=0.9 0.999 type=float arg-split=true"),
        theirs: Some("default=[0.9, 0.999] type=float arg-split=true"),
        reason: DEFAULT,
    },
    Known {
        script: "ap_path_types",
        name: "items",
        ours: Some(""),
        theirs: Some("default=[a, b]"),
        reason: DEFAULT,
    },
    Known {
        script: "ap_suppress",
        name: "absent",
        ours: Some(""),
        theirs: Some("default===SUPPRESS=="),
        reason: SUPPRESS,
    },
    Known {
        script: "ap_suppress",
        name: "hidden",
        ours: Some("default=1"),
        theirs: Some("default=1 description===SUPPRESS=="),
        reason: SUPPRESS,
    },
    Known {
        script: "ap_suppress",
        name: "shown",
        ours: Some("description=in the help"),
        theirs: Some("default===SUPPRESS== description=in the help"),
        reason: SUPPRESS,
    },
    Known {
        script: "click_main",
        name: "dropout",
        ours: Some("default=0.125 type=float"),
        theirs: None,
        reason: MAIN,
    },
    Known {
        script: "click_main",
        name: "seed",
        ours: Some("type=string"),
        theirs: None,
        reason: MAIN,
    },
    Known {
        script: "click_multiple",
        name: "pair",
        ours: Some("default=0.1 0.2 type=float arg-split=true"),
        theirs: Some("default=[0.1, 0.2] type=float"),
        reason: DEFAULT,
    },
    Known {
        script: "click_multiple",
        name: "tag",
        ours: Some("type=string"),
        theirs: Some("default=[a] type=string"),
        reason: DEFAULT,
    },
    Known {
        script: "click_nested",
        name: "level",
        ours: None,
        theirs: Some("default=1 type=int"),
        reason: NESTED,
    },
    Known {
        script: "click_nested",
        name: "size",
        ours: Some("default=100 type=int"),
        theirs: None,
        reason: NESTED,
    },
    Known {
        script: "click_switches",
        name: "shout",
        ours: Some("default=true type=boolean arg-name=no-shout arg-switch=false"),
        theirs: Some("default=true type=boolean arg-switch=false"),
        reason: SWITCH,
    },
    Known {
        script: "click_switches",
        name: "verbose",
        ours: None,
        theirs: Some("default=0 type=int"),
        reason: SWITCH,
    },
    Known {
        script: "click_switches",
        name: "version",
        ours: None,
        theirs: Some(
            "default=false type=boolean arg-switch=true description=Show the version and exit.",
        ),
        reason: SWITCH,
    },
    Known {
        script: "globals_annotated",
        name: "lr",
        ours: Some("default=0.1 type=number"),
        theirs: None,
        reason: ANNOTATED,
    },
    Known {
        script: "globals_annotated",
        name: "name",
        ours: Some("default=x type=string"),
        theirs: None,
        reason: ANNOTATED,
    },
    Known {
        script: "globals_annotated",
        name: "steps",
        ours: Some("default=10 type=number"),
        theirs: None,
        reason: ANNOTATED,
    },
    Known {
        script: "static_globals",
        name: "epochs",
        ours: Some("default=10 type=number"),
        theirs: None,
        reason: ANNOTATED,
    },
    Known {
        script: "static_globals",
        name: "nested",
        ours: Some("default='''[1, 2]'' ''[3]''' arg-split=true"),
        theirs: Some("default='''- 1\n\n  - 2'' ''- 3''' arg-split=true"),
        reason: DEFAULT,
    },
    Known {
        script: "static_merely_imported",
        name: "$dest",
        ours: Some("globals"),
        theirs: Some("args"),
        reason: NO_PARSER,
    },
    Known {
        script: "static_merely_imported",
        name: "lr",
        ours: Some("default=0.1 type=number"),
        theirs: None,
        reason: NO_PARSER,
    },
    Known {
        script: "static_merely_imported",
        name: "steps",
        ours: Some("default=5 type=number"),
        theirs: None,
        reason: NO_PARSER,
    },
];
