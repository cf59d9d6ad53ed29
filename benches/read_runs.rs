//! Reads of each run in a guild home what a listing cannot do without, and
//! nothing more: the floor that `guild runs` is measured against.
//! `cargo run --release --example read-runs -- HOME`.

#![expect(clippy::print_stdout, reason = "a program whose output is its result")]

use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let home = std::env::args().nth(1).ok_or("usage: read-runs HOME")?;
    let mut newest = Vec::new();
    for entry in std::fs::read_dir(Path::new(&home).join("runs"))? {
        let meta = entry?.path().join(".guild");
        if meta.join("opref").exists() {
            let started = std::fs::read(meta.join("attrs/started"))?;
            newest.push(started);
        }
    }
    newest.sort();
    println!("{}", newest.len());
    Ok(())
}
