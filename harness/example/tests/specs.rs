//! Runs the specs of `specs/` with the program that was just built.

use std::process::ExitCode;

fn main() -> ExitCode {
    harness::Suite::below("specs")
        .binary(env!("CARGO_BIN_EXE_tally"))
        .main()
}
