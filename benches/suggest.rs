//! Suggests values to another program, for `benches/search.sh`:
//! `cargo run --release --example suggest`.
//!
//! The first line of standard input is a search, in JSON: `sampler`, `settings`,
//! `flags` and `seed`. From then on there is one line out with the values to try,
//! and one line in with their loss, or `null` for a trial that failed.

#![expect(clippy::print_stdout, reason = "a program whose output is its result")]

use std::io::{BufRead, Write};

use guild::base::yaml::{self, Map, Value};
use guild::search::{Observation, Outcome, Space, sampler};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut lines = std::io::stdin().lock().lines();
    let search = yaml::load(&lines.next().ok_or("no search")??)?;
    let search = search.as_map().ok_or("no search")?;
    let map = |name| search.get(name).and_then(Value::as_map).cloned();
    let space = Space::of_flags(&map("flags").ok_or("no flags")?)?;
    let name = search.get("sampler").and_then(Value::as_str);
    let seed = search.get("seed").and_then(Value::as_i64).unwrap_or(0);
    let settings = map("settings").unwrap_or_default();
    let name = name.ok_or("no sampler")?;
    let mut sampler = sampler(name, &settings, &space, seed.unsigned_abs(), 0)?;
    let mut past = Vec::new();
    loop {
        let values = sampler.suggest(&past)?.values;
        println!("{}", json(&values));
        std::io::stdout().flush()?;
        let Some(line) = lines.next() else {
            return Ok(());
        };
        let result = match line?.parse() {
            Ok(loss) => Outcome::Objectives(vec![loss]),
            Err(_) => Outcome::Failed,
        };
        past.push(Observation { values, result });
    }
}

fn json(values: &Map) -> serde_json::Value {
    let value = |value: &Value| match value {
        Value::Bool(truth) => (*truth).into(),
        Value::Int(number) => (*number).into(),
        Value::Float(number) => (*number).into(),
        Value::Str(text) => text.as_str().into(),
        _ => serde_json::Value::Null,
    };
    let values = values
        .iter()
        .filter_map(|(name, of)| Some((name.as_str()?.to_owned(), value(of))));
    serde_json::Value::Object(values.collect())
}
