//! Reads of each run in a guild home what a listing cannot do without, and
//! nothing more: the floor that `guild runs` is measured against. With names of
//! attributes it reads those too, as a filter on them must.
//! `cargo run --release --example read-runs -- HOME [ATTRIBUTE...]`.

#![expect(clippy::print_stdout, reason = "a program whose output is its result")]

use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut words = std::env::args().skip(1);
    let home = words.next().ok_or("usage: read-runs HOME [ATTRIBUTE...]")?;
    let attributes: Vec<String> = words.collect();
    let mut bytes = 0;
    let mut newest = Vec::new();
    for entry in std::fs::read_dir(Path::new(&home).join("runs"))? {
        let meta = entry?.path().join(".guild");
        if meta.join("opref").exists() {
            let started = std::fs::read(meta.join("attrs/started"))?;
            newest.push(started);
            for name in &attributes {
                bytes += std::fs::read(meta.join("attrs").join(name))?.len();
            }
        }
    }
    newest.sort();
    println!("{} {bytes}", newest.len());
    Ok(())
}
