//! A trace in the format of Chrome's profiler: what ran when, side by side.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::point;
use super::record::{Document, Outcome, Spec, Verdict};

/// Writes a document.
pub(super) fn write(document: &Document, out: &mut dyn Write) -> io::Result<()> {
    let mut events = vec![json!({
        "name": "process_name", "ph": "M", "pid": 1, "tid": 0,
        "args": { "name": "harness" },
    })];
    for (lane, spec) in lanes(&document.specs) {
        events.push(event(
            &spec.path,
            lane,
            (spec.start_ms, spec.duration_ms),
            json!({ "outcome": spec.outcome, "attempts": spec.attempts }),
        ));
        let ran = |verdict| matches!(verdict, Verdict::Passed | Verdict::Failed);
        for example in spec.examples.iter().filter(|example| ran(example.verdict)) {
            events.push(event(
                &point::name(example),
                lane,
                (example.start_ms, example.duration_ms),
                json!({ "verdict": example.verdict, "command_ms": example.command_ms }),
            ));
        }
    }
    let trace = json!({ "displayTimeUnit": "ms", "traceEvents": events });
    serde_json::to_writer(&mut *out, &trace)?;
    out.write_all(b"\n")
}

/// An event with a beginning and a length, in milliseconds.
fn event(name: &str, lane: usize, (start, duration): (f64, f64), arguments: Value) -> Value {
    json!({
        "name": name, "ph": "X", "pid": 1, "tid": lane,
        "ts": start * 1000.0, "dur": duration * 1000.0, "args": arguments,
    })
}

/// The specs that ran, each with the number of a lane that was free when it
/// started: as many lanes as ever ran side by side.
fn lanes(specs: &[Spec]) -> Vec<(usize, &Spec)> {
    let never = [Outcome::Skipped, Outcome::NotRun];
    let ran = |spec: &&Spec| spec.attempts > 0 && !never.contains(&spec.outcome);
    let mut specs: Vec<&Spec> = specs.iter().filter(ran).collect();
    specs.sort_by(|a, b| a.start_ms.total_cmp(&b.start_ms));
    let mut free_at: Vec<f64> = Vec::new();
    let mut placed = Vec::new();
    for spec in specs {
        let lane = free_at.iter().position(|end| *end <= spec.start_ms);
        let lane = lane.unwrap_or_else(|| {
            free_at.push(0.0);
            free_at.len() - 1
        });
        free_at[lane] = spec.start_ms + spec.duration_ms;
        placed.push((lane + 1, spec));
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn lanes_are_as_many_as_ran_side_by_side() {
        let spec = |start_ms, duration_ms| Spec {
            start_ms,
            duration_ms,
            attempts: 1,
            outcome: Outcome::Passed,
            ..Spec::default()
        };
        let specs = [
            spec(0.0, 10.0),
            spec(1.0, 2.0),
            spec(4.0, 9.0),
            spec(11.0, 1.0),
        ];
        let found: Vec<usize> = lanes(&specs).iter().map(|(lane, _)| *lane).collect();
        assert_eq!(found, [1, 2, 2, 1]);
    }

    #[test]
    fn events_are_of_what_ran() {
        let mut text = Vec::new();
        write(&sample::document(), &mut text).unwrap();
        let trace: Value = serde_json::from_slice(&text).unwrap();
        let events = trace["traceEvents"].as_array().unwrap();
        let names: Vec<&str> = events
            .iter()
            .filter_map(|event| event["name"].as_str())
            .collect();
        assert!(names.contains(&"specs/flaky.md"));
        assert!(!names.contains(&"specs/b/skipped.md"));
        assert_eq!(events[1]["ts"], json!(1500.0));
        assert_eq!(events[1]["dur"], json!(100250.0));
    }
}
