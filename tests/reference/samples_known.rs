//! What guild says otherwise than Guild AI of its sample projects, and why.

use crate::samples::Known;

/// The known differences.
pub const KNOWN: &[Known] = &[
    Known {
        project: "",
        command: "",
        ours: "batches are not available yet",
        theirs: "",
        reason: "batches come with a later version",
    },
    Known {
        project: "",
        command: "",
        ours: "contains an error (see above for details)",
        theirs: "contains an error (see above for details)",
        reason: "errors in guild files name line and key",
    },
    Known {
        project: "",
        command: "--print-cmd",
        ours: "Run the command again with these flags or try",
        theirs: "Run the command again with these flags",
        reason: "the words of Guild AI after 0.9.0",
    },
    Known {
        project: "",
        command: "",
        ours: "DEFAULT.",
        theirs: "",
        reason: "[DEFAULT] is an ordinary section, as in Guild AI after 0.9.0",
    },
    Known {
        project: "steps",
        command: "",
        ours: "invalid step [1, 2, 3]",
        theirs: "",
        reason: "a step of no form is an error when the guild file is read",
    },
    Known {
        project: "flags-2",
        command: "",
        ours: "",
        theirs: "<object object at 0x>",
        reason: "a default that has no text is left to the script",
    },
    Known {
        project: "flags",
        command: "syntax_error.py",
        ours: "",
        theirs: "foo bar",
        reason: "the second line of a warning that guild gives in one",
    },
    Known {
        project: "flags-3",
        command: "run global_",
        ours: "",
        theirs: "",
        reason: "Guild AI takes what it kept of the script for another destination",
    },
    Known {
        project: "flags-dest",
        command: "run params",
        ours: "",
        theirs: "",
        reason: "Guild AI takes what it kept of the script for another destination",
    },
    Known {
        project: "flags-dest",
        command: "run args2.py",
        ours: "",
        theirs: "",
        reason: "Guild AI takes what it kept of the script for another destination",
    },
    Known {
        project: "flags-3",
        command: "run config-legacy --print-cmd",
        ours: "--b false",
        theirs: "--b ''",
        reason: "values for global variables are YAML, also where no flags are imported",
    },
];
