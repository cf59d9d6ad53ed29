//! What guild does most, apart from starting: listing runs, reading and writing
//! attributes.

#![expect(
    clippy::expect_used,
    reason = "a bench that cannot be set up has no result"
)]

use std::hint::black_box;
use std::path::Path;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use guild::base::yaml;
use guild::opref::OpRef;
use guild::runs::{Creation, Run, Store};

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

criterion_group!(benches, listing, attributes);
criterion_main!(benches);
