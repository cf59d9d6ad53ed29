//! How busy the machine is, and a process with its descendants: processors,
//! memory, disks.
//!
//! Linux answers from `/proc`. What cannot be read, there or on other systems, is
//! left out.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::time::Instant;

use super::process::{self, Process};

/// How large the pieces are that `/proc/diskstats` counts, in bytes.
const SECTOR: f64 = 512.0;

/// Counters that only grow, read at one moment. Two such readings tell the load
/// between them.
#[derive(Debug)]
pub struct Counters {
    at: Instant,
    /// By name: `cpu` for all processors, `cpu0` for the first.
    processors: BTreeMap<String, Ticks>,
    disks: BTreeMap<String, Disk>,
    memory: Memory,
    tree: Option<Tree>,
}

/// The time of a processor since boot, in clock ticks.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Ticks {
    busy: f64,
    total: f64,
}

/// What a disk did since boot.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Disk {
    reads: f64,
    read_bytes: f64,
    writes: f64,
    written_bytes: f64,
    busy_millis: f64,
}

/// Sizes in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Memory {
    total: Option<f64>,
    free: Option<f64>,
    /// What programs hold, without what the system only keeps to be faster.
    used: Option<f64>,
    /// What new programs could have.
    available: Option<f64>,
    swap_total: Option<f64>,
    swap_free: Option<f64>,
}

/// A process and its descendants.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Tree {
    /// The processor time of all, in seconds; with that of descendants that ended.
    cpu_seconds: f64,
    /// The memory of all, in bytes; what several share counts for each.
    memory: f64,
    processes: f64,
}

/// How many processes run or wait to run, on average over the last minute; none where
/// the system does not tell.
pub fn average() -> Option<f64> {
    let text = fs::read_to_string("/proc/loadavg").ok()?;
    text.split_ascii_whitespace().next()?.parse().ok()
}

/// The memory that new programs could have, in bytes: of the machine, or of the
/// control group that this process is in, if that has less. None where the system
/// does not tell.
pub fn available_memory() -> Option<f64> {
    let machine = fs::read_to_string("/proc/meminfo").ok();
    let machine = machine.and_then(|text| parse_memory(&text).available);
    let all = [machine, available_in_group()].into_iter().flatten();
    all.min_by(f64::total_cmp)
}

/// The memory that is left of what the control group may have (cgroups(7), version
/// 2), with what is only kept of files to be faster.
fn available_in_group() -> Option<f64> {
    let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
    let path = groups.lines().find_map(|line| line.strip_prefix("0::/"))?;
    let folder = std::path::Path::new("/sys/fs/cgroup").join(path);
    let text = |name: &str| fs::read_to_string(folder.join(name)).ok();
    // The word max where there is no limit.
    let limit = number_of(text("memory.max")?.trim())?;
    let used = number_of(text("memory.current")?.trim())?;
    let stat = text("memory.stat").unwrap_or_default();
    let mut stat = stat.lines();
    let cached = stat.find_map(|line| number_of(line.strip_prefix("inactive_file ")?));
    Some((limit - used + cached.unwrap_or(0.0)).max(0.0))
}

impl Counters {
    /// Reads the counters of the machine and of `root` with its descendants.
    pub fn read(root: Process) -> Self {
        let text = |path| {
            let bytes = fs::read(path).unwrap_or_default();
            String::from_utf8_lossy(&bytes).into_owned()
        };
        let mounted = mounted_devices(&text("/proc/self/mounts"));
        let mut disks = parse_disks(&text("/proc/diskstats"));
        disks.retain(|name, _| mounted.contains(name));
        Self {
            at: Instant::now(),
            processors: parse_processors(&text("/proc/stat")),
            disks,
            memory: parse_memory(&text("/proc/meminfo")),
            tree: read_tree(root),
        }
    }

    /// The load since `earlier`, by the names that Guild AI has for it and those
    /// below `sys/run`: shares between 0 and 1 (`util`), bytes (`mem_...`,
    /// `swap_...`), and for disks requests and KiB in a second. `sys/run/cpu_util`
    /// is 1 for each processor that is kept busy.
    pub fn since(&self, earlier: &Self) -> Vec<(String, f64)> {
        let mut load = Vec::new();
        for (name, now) in &self.processors {
            if let Some(before) = earlier.processors.get(name) {
                let total = now.total - before.total;
                if total > 0.0 {
                    let share = (now.busy - before.busy) / total;
                    load.push((format!("sys/{name}/util"), share.clamp(0.0, 1.0)));
                }
            }
        }
        self.memory.tell(&mut load);
        let seconds = self.at.duration_since(earlier.at).as_secs_f64();
        if seconds <= 0.0 {
            return load;
        }
        for (name, now) in &self.disks {
            if let Some(before) = earlier.disks.get(name) {
                now.tell(before, seconds, name, &mut load);
            }
        }
        if let (Some(now), Some(before)) = (self.tree, earlier.tree) {
            let busy = (now.cpu_seconds - before.cpu_seconds).max(0.0);
            load.push(("sys/run/cpu_util".to_string(), busy / seconds));
            load.push(("sys/run/mem_used".to_string(), now.memory));
            load.push(("sys/run/processes".to_string(), now.processes));
        }
        load
    }
}

impl Disk {
    fn tell(&self, before: &Self, seconds: f64, name: &str, load: &mut Vec<(String, f64)>) {
        // A counter begins again where a disk is taken away and another comes.
        let rate = |now: f64, before: f64| (now - before).max(0.0) / seconds;
        let busy = rate(self.busy_millis, before.busy_millis) / 1000.0;
        for (what, value) in [
            ("wps", rate(self.writes, before.writes)),
            ("rps", rate(self.reads, before.reads)),
            (
                "wkbps",
                rate(self.written_bytes, before.written_bytes) / 1024.0,
            ),
            ("rkbps", rate(self.read_bytes, before.read_bytes) / 1024.0),
            ("util", busy),
        ] {
            load.push((format!("sys/dev{name}/{what}"), value));
        }
    }
}

impl Memory {
    fn tell(&self, load: &mut Vec<(String, f64)>) {
        let swap_used = less(self.swap_total, self.swap_free);
        for (name, value) in [
            ("mem_total", self.total),
            ("mem_free", self.free),
            ("mem_used", self.used),
            (
                "mem_util",
                share(less(self.total, self.available), self.total),
            ),
            ("swap_total", self.swap_total),
            ("swap_free", self.swap_free),
            ("swap_used", swap_used),
            ("swap_util", share(swap_used, self.swap_total)),
        ] {
            load.extend(value.map(|value| (format!("sys/{name}"), value)));
        }
    }
}

fn less(all: Option<f64>, part: Option<f64>) -> Option<f64> {
    Some((all? - part?).max(0.0))
}

/// Which share of `all` the `part` is; none of nothing.
fn share(part: Option<f64>, all: Option<f64>) -> Option<f64> {
    let (part, all) = (part?, all?);
    Some(if all > 0.0 { part / all } else { 0.0 })
}

/// Reads the lines `cpu...` of `/proc/stat` (proc_stat(5)). The time of guests,
/// which comes last, is part of that of users, which comes first.
fn parse_processors(text: &str) -> BTreeMap<String, Ticks> {
    let line = |line: &str| {
        let mut words = line.split_ascii_whitespace();
        let name = words.next()?;
        let number = name.strip_prefix("cpu")?;
        if !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let ticks: Vec<f64> = words.map_while(number_of).take(8).collect();
        let (idle, waiting) = (ticks.get(3)?, ticks.get(4).unwrap_or(&0.0));
        let total: f64 = ticks.iter().sum();
        let busy = total - idle - waiting;
        Some((name.to_string(), Ticks { busy, total }))
    };
    text.lines().filter_map(line).collect()
}

/// Reads `/proc/meminfo` (proc_meminfo(5)), whose sizes are in KiB.
fn parse_memory(text: &str) -> Memory {
    let sizes: BTreeMap<&str, f64> = text
        .lines()
        .filter_map(|line| {
            let (name, rest) = line.split_once(':')?;
            let size = rest.split_ascii_whitespace().next().and_then(number_of)?;
            Some((name, size * 1024.0))
        })
        .collect();
    let size = |name: &str| sizes.get(name).copied();
    let cache: f64 = ["Buffers", "Cached", "SReclaimable"]
        .into_iter()
        .filter_map(size)
        .sum();
    let held = less(size("MemTotal"), size("MemFree"));
    Memory {
        total: size("MemTotal"),
        free: size("MemFree"),
        used: held.map(|held| if held > cache { held - cache } else { held }),
        // Older systems do not tell.
        available: size("MemAvailable").or_else(|| Some(size("MemFree")? + cache)),
        swap_total: size("SwapTotal"),
        swap_free: size("SwapFree"),
    }
}

/// Reads `/proc/diskstats` (proc_diskstats(5)).
fn parse_disks(text: &str) -> BTreeMap<String, Disk> {
    let line = |line: &str| {
        let mut words = line.split_ascii_whitespace().skip(2);
        let name = words.next()?.to_string();
        let counts: Vec<f64> = words.map_while(number_of).collect();
        let disk = Disk {
            reads: *counts.first()?,
            read_bytes: counts.get(2)? * SECTOR,
            writes: *counts.get(4)?,
            written_bytes: counts.get(6)? * SECTOR,
            busy_millis: *counts.get(9)?,
        };
        Some((name, disk))
    };
    text.lines().filter_map(line).collect()
}

/// The names of the devices that file systems are mounted from.
fn mounted_devices(mounts: &str) -> BTreeSet<String> {
    let device = |line: &str| {
        let path = line
            .split_ascii_whitespace()
            .next()?
            .strip_prefix("/dev/")?;
        Some(path.rsplit('/').next()?.to_string())
    };
    mounts.lines().filter_map(device).collect()
}

/// A number that counts something: finite and not negative.
fn number_of(word: &str) -> Option<f64> {
    let number: u64 = word.parse().ok()?;
    Some(number as f64)
}

fn read_tree(root: Process) -> Option<Tree> {
    let ticks_per_second = nix::unistd::sysconf(nix::unistd::SysconfVar::CLK_TCK).ok()??;
    let page = nix::unistd::sysconf(nix::unistd::SysconfVar::PAGE_SIZE).ok()??;
    if !root.is_alive() {
        return None;
    }
    let mut tree = Tree::default();
    for process in std::iter::once(root).chain(process::descendants(root)) {
        let text = fs::read(format!("/proc/{}/stat", process.pid)).unwrap_or_default();
        // One that ended meanwhile counts for its parent.
        if let Some((ticks, pages)) = parse_usage(&String::from_utf8_lossy(&text)) {
            tree.cpu_seconds += ticks / ticks_per_second as f64;
            tree.memory += pages * page as f64;
            tree.processes += 1.0;
        }
    }
    Some(tree)
}

/// Reads the processor time of a process and of its children that ended, in
/// ticks, and its memory in pages from `/proc/PID/stat` (proc_pid_stat(5), fields
/// 14 to 17 and 24).
fn parse_usage(text: &str) -> Option<(f64, f64)> {
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_ascii_whitespace().collect();
    let mut ticks = 0.0;
    for field in fields.get(11..15)? {
        ticks += number_of(field)?;
    }
    Some((ticks, number_of(fields.get(21)?)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAT: &str = "cpu  100 0 50 800 40 0 10 0 30 0\n\
        cpu0 60 0 20 400 20 0 0 0 30 0\n\
        cpu1 40 0 30 400 20 0 10 0 0 0\n\
        intr 123 4 5\nctxt 99\nbtime 1795224558\nprocesses 7\n";

    #[test]
    fn time_that_is_not_idle_is_busy() {
        let processors = parse_processors(STAT);
        let names: Vec<_> = processors.keys().map(String::as_str).collect();
        assert_eq!(names, ["cpu", "cpu0", "cpu1"]);
        let ticks = |busy, total| Ticks { busy, total };
        assert_eq!(processors["cpu"], ticks(160.0, 1000.0));
        assert_eq!(processors["cpu0"], ticks(80.0, 500.0));
        // As Linux 2.4 had it.
        assert_eq!(parse_processors("cpu 3 0 1 6\n")["cpu"], ticks(4.0, 10.0));
    }

    #[test]
    fn memory_that_only_makes_the_system_faster_is_not_used() {
        let memory = parse_memory(
            "MemTotal:       1000 kB\nMemFree:         100 kB\nMemAvailable:    600 kB\n\
             Buffers:          50 kB\nCached:          400 kB\nSwapCached:        0 kB\n\
             SReclaimable:     50 kB\nSwapTotal:       200 kB\nSwapFree:        150 kB\n\
             HugePages_Total:   0\n",
        );
        let mut load = Vec::new();
        memory.tell(&mut load);
        let expected = [
            ("sys/mem_total", 1_024_000.0),
            ("sys/mem_free", 102_400.0),
            ("sys/mem_used", 409_600.0),
            ("sys/mem_util", 0.4),
            ("sys/swap_total", 204_800.0),
            ("sys/swap_free", 153_600.0),
            ("sys/swap_used", 51_200.0),
            ("sys/swap_util", 0.25),
        ];
        assert_eq!(
            load,
            expected.map(|(name, value)| (name.to_string(), value))
        );
    }

    #[test]
    fn where_there_is_no_swap_none_is_used() {
        let mut load = Vec::new();
        parse_memory("SwapTotal: 0 kB\nSwapFree: 0 kB\n").tell(&mut load);
        assert_eq!(load.last().unwrap(), &("sys/swap_util".to_string(), 0.0));
        assert_eq!(load.len(), 4);
    }

    const DISKS: &str = "   7       0 loop0 0 0 0 0 0 0 0 0 0 0 0\n \
        254       0 vda 10 2 80 7 20 3 400 9 0 500 16 0 0 0 0 0 0\n \
        254       1 vda1 10 2 80 7 20 3 400 9 0 500 16\n";

    #[test]
    fn disks_are_those_that_are_mounted() {
        let disks = parse_disks(DISKS);
        let expected = Disk {
            reads: 10.0,
            read_bytes: 40_960.0,
            writes: 20.0,
            written_bytes: 204_800.0,
            busy_millis: 500.0,
        };
        assert_eq!(disks["vda"], expected);
        assert_eq!(disks["vda1"], expected);
        let mounts = "proc /proc proc rw 0 0\n/dev/vda1 / ext4 rw 0 0\n\
                      /dev/mapper/data /data xfs rw 0 0\nhost:/x /x nfs rw 0 0\n";
        let mounted = mounted_devices(mounts);
        assert_eq!(mounted.iter().collect::<Vec<_>>(), ["data", "vda1"]);
    }

    #[test]
    fn the_usage_of_a_process_is_behind_its_name() {
        let stat = "12 (a) b) S 1 12 12 0 -1 4194304 9 8 7 6 150 50 20 30 20 0 1 0 345 \
                    1000000 256 18446744073709551615 1 1";
        assert_eq!(parse_usage(stat), Some((250.0, 256.0)));
    }

    fn counters(seconds: u64, ticks: Ticks, disk: Disk, tree: Tree) -> Counters {
        Counters {
            at: Instant::now() + std::time::Duration::from_secs(seconds),
            processors: BTreeMap::from([("cpu0".to_string(), ticks)]),
            disks: BTreeMap::from([("vda".to_string(), disk)]),
            memory: Memory::default(),
            tree: Some(tree),
        }
    }

    #[test]
    fn two_readings_tell_the_load_between_them() {
        let disk = parse_disks(DISKS)["vda"];
        let ticks = |busy, total| Ticks { busy, total };
        let before = counters(0, ticks(10.0, 100.0), disk, Tree::default());
        let more = Disk {
            writes: disk.writes + 20.0,
            read_bytes: disk.read_bytes + 20_480.0,
            busy_millis: disk.busy_millis + 2500.0,
            ..disk
        };
        let tree = Tree {
            cpu_seconds: 5.0,
            memory: 4096.0,
            processes: 2.0,
        };
        let now = counters(10, ticks(60.0, 200.0), more, tree);
        let load: BTreeMap<_, _> = now.since(&before).into_iter().collect();
        let near = |name: &str, value: f64| (load[name] - value).abs() < 1e-3;
        assert!(near("sys/cpu0/util", 0.5), "{load:?}");
        assert!(near("sys/devvda/wps", 2.0), "{load:?}");
        assert!(near("sys/devvda/rps", 0.0), "{load:?}");
        assert!(near("sys/devvda/rkbps", 2.0), "{load:?}");
        assert!(near("sys/devvda/util", 0.25), "{load:?}");
        assert!(near("sys/run/cpu_util", 0.5), "{load:?}");
        assert_eq!(load["sys/run/mem_used"], 4096.0);
        assert_eq!(load["sys/run/processes"], 2.0);
        // Counters that went back say nothing of a load below zero.
        let load = before.since(&now);
        assert!(load.iter().all(|(_, value)| *value >= 0.0), "{load:?}");
    }

    #[test]
    fn what_is_malformed_is_left_out() {
        for text in [
            "",
            "cpu",
            "cpu0 1 2",
            "cpu 1 2 3 -4",
            "cpux 1 2 3 4",
            "cpu\u{ff11} 1 2 3 4",
            "\0",
        ] {
            assert!(parse_processors(text).is_empty(), "{text}");
        }
        for text in ["", "MemTotal", "MemTotal: many kB", "MemTotal: -1 kB", ":"] {
            let mut load = Vec::new();
            parse_memory(text).tell(&mut load);
            assert!(load.is_empty(), "{text}");
        }
        for text in [
            "",
            "1 2",
            "1 2 vda",
            "1 2 vda 1 2 3 4 5 6 7 8 9",
            "1 2 vda a b c d e f g h i j",
        ] {
            assert!(parse_disks(text).is_empty(), "{text}");
        }
        for text in [
            "",
            "1 (a",
            "1 (a) S 1 2 3",
            "1 (a) S 1 1 1 0 -1 4 9 8 7 6 x 50 20 30 20 0 1 0 3 1 2",
        ] {
            assert_eq!(parse_usage(text), None, "{text}");
        }
        assert!(mounted_devices("\n/dev/\n x").contains(""));
    }

    #[test]
    fn this_process_has_a_load() {
        let this = Process::current().unwrap();
        let before = Counters::read(this);
        let load = Counters::read(this).since(&before);
        let names: Vec<_> = load.iter().map(|(name, _)| name.as_str()).collect();
        for name in ["sys/mem_total", "sys/mem_used", "sys/run/mem_used"] {
            assert!(names.contains(&name), "{names:?}");
        }
    }
}
