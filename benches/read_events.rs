//! Makes event files and reads them, for `benches/events.sh`:
//! `cargo run --release --example read-events -- make DIR RUNS STEPS` and
//! `... -- read|checksum DIR THREADS`.
//!
//! A run logs four scalars at each step, as training scripts do: a record each.
//! `read` takes every scalar of every file; `checksum` only reads the files and
//! takes their checksum in one piece, which is the least that a reader can do.

#![expect(clippy::print_stdout, reason = "a program whose output is its result")]

use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use guild::tfevents::{Data, Reader, Writer};

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

const TAGS: [&str; 4] = ["train/loss", "train/accuracy", "val/loss", "lr"];

fn main() -> Outcome<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["make", dir, runs, steps] => make(Path::new(dir), runs.parse()?, steps.parse()?),
        ["read", dir, threads] => measure(Path::new(dir), threads.parse()?, read),
        ["checksum", dir, threads] => measure(Path::new(dir), threads.parse()?, checksum),
        _ => Err("usage: read-events make DIR RUNS STEPS | read|checksum DIR THREADS".into()),
    }
}

/// Takes what is written together: the writer flushes every record.
struct Unhurried<W>(W);

impl<W: Write> Write for Unhurried<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn make(dir: &Path, runs: usize, steps: i64) -> Outcome<()> {
    for run in 0..runs {
        let dir = dir.join(format!("run-{run}"));
        std::fs::create_dir_all(&dir)?;
        let mut file = BufWriter::new(File::create(dir.join("events.out.tfevents.1"))?);
        let mut writer = Writer::new(Unhurried(&mut file))?;
        for step in 0..steps {
            for tag in TAGS {
                let value = 1.0 / (step as f64 + 1.0);
                writer.scalar(tag, step, value, 1.7e9 + step as f64)?;
            }
        }
        file.flush()?;
    }
    Ok(())
}

/// Does `work` on every file of `dir`, which tells how many records it found.
fn measure(dir: &Path, threads: usize, work: fn(&Path) -> Outcome<u64>) -> Outcome<()> {
    let mut files: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        files.push(entry?.path().join("events.out.tfevents.1"));
    }
    let bytes = files
        .iter()
        .map(|file| file.metadata().map(|meta| meta.len()));
    let bytes: u64 = bytes.sum::<std::io::Result<u64>>()?;
    let (next, records) = (AtomicUsize::new(0), AtomicU64::new(0));
    let take = || -> Outcome<()> {
        while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            records.fetch_add(work(file)?, Ordering::Relaxed);
        }
        Ok(())
    };
    let start = Instant::now();
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(take)).collect();
        workers
            .into_iter()
            .try_for_each(|worker| worker.join().map_err(|_| "a worker panicked")?)
    })?;
    let seconds = start.elapsed().as_secs_f64();
    let records = records.into_inner();
    println!("{records} records, {bytes} bytes, {seconds:.3} s");
    Ok(())
}

fn read(path: &Path) -> Outcome<u64> {
    let mut reader = Reader::new(File::open(path)?);
    let (mut records, mut total) = (0, 0.0);
    while let Some(event) = reader.next_event()? {
        records += 1;
        for value in event.values() {
            if let Data::Scalar(number) = value.data {
                total += number;
            }
        }
    }
    std::hint::black_box(total);
    Ok(records)
}

fn checksum(path: &Path) -> Outcome<u64> {
    let (mut file, mut block, mut sum) = (File::open(path)?, vec![0; 65536], 0);
    loop {
        let length = file.read(&mut block)?;
        if length == 0 {
            std::hint::black_box(sum);
            return Ok(0);
        }
        sum = crc32c::crc32c_append(sum, &block[..length]);
    }
}
