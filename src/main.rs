//! The `guild` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    guild::cli::main()
}
