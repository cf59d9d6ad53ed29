//! The `harness` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    harness::cli::main()
}
