//! How long comparing takes: a megabyte of output against a hundred wildcards,
//! then twice and four times that. It is to take below 10 ms, and twice as long
//! for twice as much.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use harness::matcher::{Rules, matches};

/// Lines of 64 bytes, each with its number.
fn output(bytes: usize) -> String {
    (0..bytes / 64)
        .map(|number| format!("{number:>16} {}\n", "x".repeat(46)))
        .collect()
}

/// A hundred lines of that, evenly spread, with a wildcard between any two.
fn expected(output: &str) -> String {
    let lines: Vec<&str> = output.lines().collect();
    let step = lines.len() / 100;
    let kept: Vec<&str> = lines.iter().step_by(step).take(100).copied().collect();
    format!("{}\n...\n", kept.join("\n...\n"))
}

/// Every piece but the last is there, and its first bytes are everywhere: what
/// makes a matcher that goes back do so.
fn hard(output: &str) -> String {
    format!("{}\n...\nnowhere\n", vec!["xxxxxxxx"; 100].join("\n...\n")).replacen(
        "xxxxxxxx",
        &output[..16],
        1,
    )
}

fn benches(criterion: &mut Criterion) {
    let rules = Rules::default();
    for megabytes in [1, 2, 4] {
        let output = output(megabytes << 20);
        let mut group = criterion.benchmark_group(format!("{megabytes} MB, 100 wildcards"));
        group.throughput(Throughput::Bytes(output.len() as u64));
        group.sample_size(20);
        let expected = expected(&output);
        assert!(matches(&expected, &output, &rules));
        group.bench_function("matches", |bencher| {
            bencher.iter(|| matches(black_box(&expected), black_box(&output), &rules));
        });
        let hard = hard(&output);
        assert!(!matches(&hard, &output, &rules));
        group.bench_function("does not match", |bencher| {
            bencher.iter(|| matches(black_box(&hard), black_box(&output), &rules));
        });
        group.finish();
    }
}

criterion_group!(matcher, benches);
criterion_main!(matcher);
