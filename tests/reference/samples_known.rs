//! What guild says otherwise than Guild AI of its sample projects, and why.

use crate::samples::Known;

/// The known differences.
pub const KNOWN: &[Known] = &[
    Known {
        project: "",
        command: "--print-cmd",
        ours: "guild _steps",
        theirs: "<python> -um guild.steps_main",
        reason: "the process of a pipeline is guild itself",
    },
    Known {
        project: "",
        command: "--print-cmd",
        ours: "guild _batch",
        theirs: "<python> -um guild.",
        reason: "the process of a batch is guild itself",
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
        project: "",
        command: "_namespace.py",
        ours: "",
        theirs: "SimpleNamespace is not JSON serializable",
        reason: "Guild AI fails on a script with a namespace",
    },
];
