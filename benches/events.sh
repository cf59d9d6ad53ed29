#!/usr/bin/env bash
# How fast event files are read: by guild, by TensorBoard's Python reader and by its
# data server, beside the bare checksum. Needs TensorBoard 2.20 with its data server
# in the virtual environment that TENSORBOARD_VENV names (target/tensorboard).
#
#   benches/events.sh [RUNS [STEPS]]
#
# Prints for each the seconds that passed and those that processors worked. The Python
# reader gets one run and is told by the same measure: megabytes in a second of work.
set -euo pipefail
cd "$(dirname "$0")/.."
runs=${1:-8} steps=${2:-250000}
venv=${TENSORBOARD_VENV:-target/tensorboard}
cores=$(nproc)
dir=$(mktemp -d)
trap 'rm -r "$dir"' EXIT

cargo build --release --quiet --example read-events
program=${READ_EVENTS:-target/release/examples/read-events}
"$program" make "$dir/all" "$runs" "$steps"
"$program" make "$dir/one" 1 "$steps"
bytes=$(du --bytes --summarize "$dir/all" | cut -f1)
cat "$dir"/all/*/* >/dev/null

"$venv/bin/python" - "$dir" "$program" "$cores" "$bytes" <<'PYTHON'
import os, pathlib, resource, subprocess, sys, time

dir, program, cores, size = sys.argv[1:]
size = int(size)
server = ["-c", "import tensorboard_data_server as it; print(it.server_binary())"]
server = subprocess.check_output([sys.executable] + server, text=True).strip()
loader = """
import sys, warnings
warnings.simplefilter("ignore")
from tensorboard.backend.event_processing import event_file_loader
for event in event_file_loader.EventFileLoader(sys.argv[1]).Load():
    pass
"""

def work():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime

def told(name, size, seconds, worked):
    rates = [size / value / 1e6 for value in (seconds, worked)]
    print("%-24s %8.2f s %8.2f s of work %9.1f MB/s %9.1f MB/s of work" % (name, seconds, worked, *rates))

def run(name, words, size=size):
    start, before = time.time(), work()
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    told(name, size, time.time() - start, work() - before)

def serve(name, words):
    start, before = time.time(), work()
    words = words + [server, "--logdir", dir + "/all", "--reload", "once", "--port", "0", "-v"]
    process = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
    for line in process.stderr:
        if "Finished load cycle" in line:
            break
    seconds = time.time() - start
    process.kill()
    process.wait()
    told(name, size, seconds, work() - before)

for name, pin, threads in ("one core", ["taskset", "-c", "0"], "1"), ("all cores", [], cores):
    run("checksum, " + name, pin + [program, "checksum", dir + "/all", threads])
    run("guild, " + name, pin + [program, "read", dir + "/all", threads])
    serve("data server, " + name, pin)
file = dir + "/one/run-0/events.out.tfevents.1"
run("Python, one run", [sys.executable, "-c", loader, file], os.path.getsize(file))
PYTHON
