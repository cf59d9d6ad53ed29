//! The `guild` program.
fn main() {}
