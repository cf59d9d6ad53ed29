//! Runs the Markdown specs beside this file, one test per spec, with the
//! program that was just built.

use std::process::ExitCode;

fn main() -> ExitCode {
    harness::Suite::below(concat!(env!("CARGO_MANIFEST_DIR"), "/specs"))
        .binary(env!("CARGO_BIN_EXE_guild"))
        // The spec this project was born from, where it is at hand.
        .also(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../shared/seed-run-stop.md"
        ))
        .main()
}
