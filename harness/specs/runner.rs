//! The harness's own specs, which test the built `harness`.

use std::process::ExitCode;

fn main() -> ExitCode {
    harness::Suite::below("specs")
        .binary(env!("CARGO_BIN_EXE_harness"))
        .main()
}
