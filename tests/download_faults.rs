//! Downloads and archives under fire: killed at random instants, side by side, on a
//! full disk. Afterwards what is visible in guild home is whole, and the next run
//! has all it needs.
//!
//! `GUILD_KILLS` sets how many commands are killed; `GUILD_KILLS_SEED` repeats a
//! sequence.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod mounts;
mod rounds;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rounds::rounds;

const FILES: usize = 60;
const DEFAULT_KILLS: u64 = 60;

/// A project whose operations need an archive from a server, and one of its own.
struct Place {
    dir: tempfile::TempDir,
    server: Server,
}

impl Place {
    fn new() -> Self {
        let place = Self {
            dir: tempfile::tempdir().unwrap(),
            server: Server::start(archive()),
        };
        fs::create_dir_all(place.home()).unwrap();
        fs::write(place.dir.path().join("own.tar.gz"), archive().as_slice()).unwrap();
        let url = |path: &str| format!("http://127.0.0.1:{}/{path}", place.server.port);
        let op = |name: &str, source: String| {
            format!("{name}: {{exec: 'true', sourcecode: no, requires: [{{{source}}}]}}\n")
        };
        let ops = [
            op("slow", format!("url: '{}'", url("slow/data.tar.gz"))),
            op("untold", format!("url: '{}'", url("untold/data.tar.gz"))),
            op("fast", format!("url: '{}'", url("fast/data.tar.gz"))),
            op("own", "file: own.tar.gz".to_string()),
        ];
        fs::write(place.dir.path().join("guild.yml"), ops.concat()).unwrap();
        place
    }

    fn home(&self) -> PathBuf {
        self.dir.path().join("home")
    }

    fn resources(&self) -> PathBuf {
        self.home().join("cache/resources")
    }

    /// A command of guild; `limits` is what a shell does before it.
    fn guild(&self, limits: &str, args: &[&str]) -> Command {
        let mut command = Command::new("sh");
        command
            .arg("-c")
            .arg(format!("{limits}\nexec \"$@\""))
            .args(["sh", env!("CARGO_BIN_EXE_guild")])
            .args(args)
            .current_dir(self.dir.path())
            .env("GUILD_HOME", self.home())
            .env("HOME", self.dir.path())
            .env("no_proxy", "*")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        let output = self.guild("", args).output().unwrap();
        let said = text(&output.stderr);
        assert!(output.status.success(), "{args:?}: {said}");
        output
    }

    /// That each download and each unpacked archive that shows is whole.
    fn check(&self) {
        for folder in entries(&self.resources()) {
            let download = folder.join("data.tar.gz");
            if download.exists() {
                assert!(fs::read(&download).unwrap() == *archive(), "{download:?}");
            }
            let lists = ["data", "own"].map(|name| format!(".guild-cache-{name}.tar.gz.unpacked"));
            if lists.iter().any(|name| folder.join(name).exists()) {
                assert_whole(&folder.join("files"));
            }
        }
        let output = self.run(&["runs", "--json"]);
        assert_eq!(text(&output.stderr), "");
    }

    /// That the latest run of `op` has what it needs.
    fn check_run(&self, op: &str) {
        let dir = self.run(&["select", "-Fo", op, "--dir"]);
        assert_whole(&PathBuf::from(text(&dir.stdout).trim()).join("files"));
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn entries(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

fn content(number: usize) -> Vec<u8> {
    let mut random = fastrand::Rng::with_seed(number as u64);
    std::iter::repeat_with(|| random.u8(..))
        .take(8000)
        .collect()
}

/// A tar file with gzip of files in a folder.
fn archive() -> Arc<Vec<u8>> {
    static MADE: std::sync::OnceLock<Arc<Vec<u8>>> = std::sync::OnceLock::new();
    let make = || {
        let encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        let mut builder = tar::Builder::new(encoder);
        for number in 0..FILES {
            let content = content(number);
            let mut header = tar::Header::new_gnu();
            header.set_size(content.len() as u64);
            header.set_mode(0o644);
            let name = format!("files/{}/{number}", number % 7);
            builder
                .append_data(&mut header, name, content.as_slice())
                .unwrap();
        }
        Arc::new(builder.into_inner().unwrap().finish().unwrap())
    };
    Arc::clone(MADE.get_or_init(make))
}

fn assert_whole(dir: &Path) {
    for number in 0..FILES {
        let path = dir.join(format!("{}/{number}", number % 7));
        assert!(fs::read(&path).unwrap() == content(number), "{path:?}");
    }
}

/// Serves the archive: below `fast` at once, below `slow` in small pieces, below
/// `untold` without its length; parts of it are given where the length is.
struct Server {
    port: u16,
    continued: Arc<AtomicUsize>,
}

impl Server {
    fn start(body: Arc<Vec<u8>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let continued = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&continued);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (body, count) = (Arc::clone(&body), Arc::clone(&count));
                std::thread::spawn(move || {
                    // The other side is killed all the time.
                    let _ = answer(stream, &body, &count);
                });
            }
        });
        Self { port, continued }
    }
}

fn answer(mut stream: TcpStream, body: &[u8], continued: &AtomicUsize) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let first = lines.next().unwrap_or_else(|| Ok(String::new()))?;
    let mut start = 0;
    for line in lines {
        let line = line?.to_lowercase();
        if let Some(range) = line.strip_prefix("range: bytes=") {
            start = range.trim_end_matches('-').parse().unwrap();
        }
        if line.is_empty() {
            break;
        }
    }
    let is_untold = first.contains("/untold/");
    let common = "ETag: \"v\"\r\nConnection: close\r\n";
    let head = if is_untold {
        start = 0;
        format!("HTTP/1.1 200 OK\r\n{common}\r\n")
    } else if start > 0 {
        continued.fetch_add(1, Ordering::Relaxed);
        let (last, all, left) = (body.len() - 1, body.len(), body.len() - start);
        format!(
            "HTTP/1.1 206 Partial Content\r\n{common}Content-Length: {left}\r\nContent-Range: \
             bytes {start}-{last}/{all}\r\n\r\n"
        )
    } else {
        let all = body.len();
        format!("HTTP/1.1 200 OK\r\n{common}Accept-Ranges: bytes\r\nContent-Length: {all}\r\n\r\n")
    };
    stream.write_all(head.as_bytes())?;
    for piece in body[start..].chunks(20_000) {
        stream.write_all(piece)?;
        if first.contains("/slow/") {
            // So that a kill finds it under way.
            std::thread::sleep(Duration::from_millis(2));
        }
    }
    Ok(())
}

#[test]
fn a_killed_download_or_unpacking_is_never_taken_for_a_whole_one() {
    let (count, mut random) = rounds(DEFAULT_KILLS);
    let place = Place::new();
    for round in 0..count {
        let op = ["slow", "slow", "fast", "untold", "own"][random.usize(..5)];
        let mut child = place.guild("", &["run", op, "-y"]).spawn().unwrap();
        // The instant is what is random here.
        std::thread::sleep(Duration::from_micros(random.u64(..160_000)));
        // One that has ended is as good.
        let _ = child.kill();
        child.wait_with_output().unwrap();
        place.check();
        if round % 6 == 5 {
            place.run(&["run", op, "-y"]);
            place.check();
            place.check_run(op);
            // What a kill left is gone.
            let scratch =
                |path: &PathBuf| path.display().to_string().contains("own.tar.gz.unpacking");
            let left = entries(&place.resources());
            let left = left.iter().flat_map(|dir| entries(dir));
            assert!(op != "own" || left.filter(scratch).count() == 0);
            fs::remove_dir_all(place.home().join("cache")).unwrap();
        }
    }
    println!(
        "{} downloads went on",
        place.server.continued.load(Ordering::Relaxed)
    );
}

#[test]
fn what_a_killed_download_got_is_not_asked_for_again() {
    let place = Place::new();
    let mut child = place.guild("", &["run", "slow", "-y"]).spawn().unwrap();
    let part = || {
        let folders = entries(&place.resources());
        let mut parts = folders
            .iter()
            .map(|dir| dir.join(".guild-cache-data.tar.gz.part"));
        parts
            .find_map(|path| path.metadata().ok())
            .map_or(0, |meta| meta.len())
    };
    while part() < 50_000 {
        assert!(child.try_wait().unwrap().is_none(), "it has ended");
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait_with_output().unwrap();
    place.run(&["run", "slow", "-y"]);
    place.check_run("slow");
    assert_eq!(place.server.continued.load(Ordering::Relaxed), 1);
}

#[test]
fn runs_side_by_side_use_one_download() {
    let place = Place::new();
    let start = || place.guild("", &["run", "slow", "-y"]).spawn().unwrap();
    let children: Vec<_> = (0..4).map(|_| start()).collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
    }
    place.check();
    let dirs = entries(&place.home().join("runs"));
    assert_eq!(dirs.len(), 4);
    for dir in dirs {
        assert_whole(&dir.join("files"));
    }
}

#[test]
fn a_full_disk_is_told_and_keeps_no_part() {
    let size = archive().len() / 1024;
    for (op, kilobytes, expected) in [
        ("fast", size / 2, "bytes, but only"),
        ("untold", size / 2, "no space left on device"),
        // Room for the archive, not for what is in it.
        ("fast", size + size / 2, "no space left on device"),
        ("own", size / 2, "no space left on device"),
    ] {
        // A disk for guild home; what is left in its cache is shown in the end.
        let Some(limits) = mounts::in_namespace(&format!(
            "mount -t tmpfs -o size={kilobytes}k none home; \"$@\"; code=$?; \
             find home/cache/resources -type f; exit $code"
        )) else {
            return;
        };
        let place = Place::new();
        let output = place.guild(&limits, &["run", op, "-y"]).output().unwrap();
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{op} {kilobytes}: {said}");
        assert!(said.contains(expected), "{op} {kilobytes}: {said}");
        assert!(said.contains("a dependency was not met"), "{said}");
        let left = text(&output.stdout);
        let names: Vec<_> = left
            .lines()
            .filter_map(|line| line.rsplit('/').next())
            .collect();
        let whole = kilobytes > size;
        let kept = ["data.tar.gz"].iter().filter(|_| whole).copied();
        let mut expected: Vec<_> = kept.chain([".guild-lock"]).collect();
        let mut names = names;
        names.sort_unstable();
        expected.sort_unstable();
        assert_eq!(names, expected, "{op} {kilobytes}: {said}");
    }
}
