//! What guild does most, apart from starting: listing runs, reading and writing
//! attributes, reading and writing event files, and suggesting values.

#![expect(
    clippy::expect_used,
    reason = "a bench that cannot be set up has no result"
)]

use std::hint::black_box;
use std::path::Path;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use guild::base::yaml::{self, Map};
use guild::opref::OpRef;
use guild::runs::{Creation, Run, Store};
use guild::search::{Observation, Outcome, Space, sampler};
use guild::tfevents::{Data, Reader, Writer};

const ATTRIBUTE: &str = "\
batch_size: 64
epochs: 20
lr: 0.001
model: resnet18
name: a longer text with some words in it
sizes:
- 1
- 2
- 3
";

fn listing(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("list");
    for count in [100, 1_000, 10_000] {
        let dir = tempfile::tempdir().expect("benches need a temporary folder");
        let opref = OpRef::script(Path::new("/p"), "train.py");
        for number in 0..count {
            let creation = Creation {
                opref: &opref,
                initialized: number,
            };
            Run::create(&dir.path().join(format!("{number:032}")), &creation)
                .expect("benches need to write runs");
        }
        let store = Store::new(dir.path());
        group.throughput(Throughput::Elements(count as u64));
        group.bench_function(BenchmarkId::from_parameter(count), |bencher| {
            bencher.iter(|| black_box(store.list().expect("the runs are there")));
        });
    }
    group.finish();
}

fn attributes(criterion: &mut Criterion) {
    let value = yaml::load(ATTRIBUTE).expect("the attribute is YAML");
    let mut group = criterion.benchmark_group("yaml");
    group.throughput(Throughput::Bytes(ATTRIBUTE.len() as u64));
    group.bench_function("load", |bencher| {
        bencher.iter(|| yaml::load(black_box(ATTRIBUTE)));
    });
    group.bench_function("dump", |bencher| {
        bencher.iter(|| yaml::dump(black_box(&value)));
    });
    group.finish();
}

/// Events with a scalar each, as output scalars have them.
const EVENTS: u64 = 10_000;

fn write_events() -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = Writer::new(&mut bytes).expect("memory takes all");
    for step in 0..EVENTS as i64 {
        writer
            .scalar("loss", step, 1.0 / (step + 1) as f64, 1.7e9 + step as f64)
            .expect("memory takes all");
    }
    bytes
}

fn read_events(mut bytes: &[u8]) -> f64 {
    let mut sum = 0.0;
    let mut reader = Reader::new(&mut bytes);
    while let Some(event) = reader.next_event().expect("memory can be read") {
        for value in event.values() {
            if let Data::Scalar(number) = value.data {
                sum += number;
            }
        }
    }
    sum
}

fn events(criterion: &mut Criterion) {
    let bytes = write_events();
    let mut group = criterion.benchmark_group("events");
    group.throughput(Throughput::Bytes(bytes.len() as u64));
    group.bench_function("read", |bencher| {
        bencher.iter(|| read_events(black_box(&bytes)));
    });
    group.bench_function("write", |bencher| bencher.iter(write_events));
    group.throughput(Throughput::Elements(EVENTS));
    group.bench_function("read records", |bencher| {
        bencher.iter(|| read_events(black_box(&bytes)));
    });
    group.finish();
}

fn suggesting(criterion: &mut Criterion) {
    const FLAGS: [&str; 5] = [
        "[0.0:1]",
        "loguniform[1e-5:1]",
        "[1:64]",
        "[0.0:9]",
        "[1:6]",
    ];
    let flags: Map = (0..10)
        .map(|index| (format!("f{index}"), FLAGS[index % FLAGS.len()]))
        .collect();
    let space = Space::of_flags(&flags).expect("the flags are a space");
    let of = |name, nth| sampler(name, &Map::new(), &space, 1, nth).expect("there is one");
    let mut random = of("random", 0);
    let past: Vec<Observation> = (0..1000)
        .map(|_| {
            let values = random.suggest(&[]).expect("there are values").values;
            let loss = values.values().filter_map(yaml::Value::as_f64).sum();
            let result = Outcome::Objectives(vec![loss]);
            Observation { values, result }
        })
        .collect();
    let mut group = criterion.benchmark_group("suggest");
    for name in ["tpe", "mvtpe", "cma-es"] {
        let mut sampler = of(name, past.len());
        group.bench_function(BenchmarkId::new(name, past.len()), |bencher| {
            bencher.iter(|| black_box(sampler.suggest(&past)));
        });
    }
    group.finish();
}

criterion_group!(benches, listing, attributes, events, suggesting);
criterion_main!(benches);
