#!/usr/bin/env bash
# How fast event files are read: by guild, by TensorBoard's data server and by its
# Python reader, beside the bare checksum. Needs TensorBoard 2.20 with its data server
# in the virtual environment that TENSORBOARD_VENV names (target/tensorboard).
#
#   benches/events.sh [RUNS [STEPS]] > table.md
#
# RUNS files of STEPS steps are read on one core and on all, and one of 1 GB (GIGABYTE=no
# leaves it out). Each reader gets its turn in each of ROUNDS rounds (3), so that what the
# computer does besides falls on all. Prints, from the rounds' medians, megabytes in a
# second of processor time and in one on the clock, and the most memory. The Python
# reader gets a small file. READ_EVENTS is a program that was built before.
set -euo pipefail
cd "$(dirname "$0")/.."
runs=${1:-8} steps=${2:-250000}
venv=${TENSORBOARD_VENV:-target/tensorboard}
dir=$(mktemp -d ${WORK:+-p "$WORK"})
trap 'rm -r "$dir"' EXIT

if [ -z "${READ_EVENTS:-}" ]; then
  cargo build --release --quiet --example read-events
fi
program=${READ_EVENTS:-target/release/examples/read-events}
"$program" make "$dir/all" "$runs" "$steps"
"$program" make "$dir/small" 1 20000
[ "${GIGABYTE:-yes}" = no ] || "$program" make "$dir/gigabyte" 1 5600000

"$venv/bin/python" - "$dir" "$program" <<'PYTHON'
import glob, os, statistics, subprocess, sys, time

dir, program = sys.argv[1:]
cores = str(os.cpu_count())
rounds = int(os.environ.get("ROUNDS", "3"))
server = ["-c", "import tensorboard_data_server as it; print(it.server_binary())"]
server = subprocess.check_output([sys.executable] + server, text=True).strip()
loader = """
import sys, warnings
warnings.simplefilter("ignore")
from tensorboard.backend.event_processing import event_file_loader
for event in event_file_loader.EventFileLoader(sys.argv[1]).Load():
    pass
"""
PIN = ["taskset", "-c", "0"]


def peak(process):
    """The most memory in megabytes, of which the system forgets once it has ended."""
    try:
        lines = open(f"/proc/{process.pid}/status").read().splitlines()
    except OSError:
        return 0
    return max((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), default=0)


def finished(process, start, memory):
    """Seconds on the clock, seconds of work, megabytes of memory."""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = status
    return time.monotonic() - start, usage.ru_utime + usage.ru_stime, memory


def run(words):
    start, memory = time.monotonic(), 0
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
    while not os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
        memory = max(memory, peak(process))
        time.sleep(0.005)
    return finished(process, start, memory)


def serve(pin, folder):
    words = pin + [server, "--logdir", folder, "--reload", "once", "--port", "0", "-v"]
    start = time.monotonic()
    process = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
    for line in process.stderr:
        if "Finished load cycle" in line:
            break
    seconds, memory = time.monotonic() - start, peak(process)
    process.kill()
    return (seconds, *finished(process, start, memory)[1:])


def readers(folder, pin, threads):
    return [
        ("bare checksum", lambda: run(pin + [program, "checksum", folder, threads])),
        ("guild", lambda: run(pin + [program, "read", folder, threads])),
        ("data server", lambda: serve(pin, folder)),
    ]


python = glob.glob(dir + "/small/*/*")[0]
cases = [("one core", dir + "/all", PIN, "1"), ("all cores", dir + "/all", [], cores)]
if os.path.isdir(dir + "/gigabyte"):
    cases.append(("one file of 1 GB, one core", dir + "/gigabyte", PIN, "1"))

print("| files | reader | of work | on the clock | guild's rate of work is | peak |")
print("|---|---|---|---|---|---|")


def table(name, size, readers):
    told = {reader: [] for reader, _ in readers}
    for _ in range(rounds):
        for reader, read in readers:
            told[reader].append(read())
    medians = {reader: [statistics.median(c) for c in zip(*rows)] for reader, rows in told.items()}
    for reader, (clock, work, memory) in medians.items():
        ratio = work / medians["guild"][1] if "guild" in medians and reader != "guild" else None
        ratio = "" if ratio is None else "%.2g of it" % ratio if ratio < 1 else "%.1f times it" % ratio
        cells = [name, reader, "%.1f MB/s" % (size / work / 1e6), "%.1f MB/s" % (size / clock / 1e6)]
        print("| %s | %s | %.0f MB |" % (" | ".join(cells), ratio, memory), flush=True)


for name, folder, pin, threads in cases:
    size = sum(os.path.getsize(file) for file in glob.glob(folder + "/*/*"))
    for file in glob.glob(folder + "/*/*"):
        with open(file, "rb") as opened:
            while opened.read(1 << 24):
                pass
    table("%d MB, %s" % (size / 1e6, name), size, readers(folder, pin, threads))
size = os.path.getsize(python)
words = [sys.executable, "-c", loader, python]
small = [("guild", lambda: run(PIN + [program, "read", dir + "/small", "1"])), ("Python", lambda: run(words))]
table("%d MB" % (size / 1e6), size, small)
PYTHON
