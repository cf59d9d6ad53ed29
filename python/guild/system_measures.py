"""How busy the machine is, by the names that plugins have for it.

Each measure has `read(step)`, which returns scalars by name. What can only be
told for a time begins with the second reading. Where the system does not tell,
there is nothing.
"""

import os
import threading
import time

# The shortest time between two readings, in seconds.
INTERVAL = 5


class Cpu:
    """The share of time that processors are busy."""

    def __init__(self):
        self._earlier = {}

    def read(self, _step):
        earlier, self._earlier = self._earlier, {}
        shares = {}
        for line in _lines("/proc/stat"):
            words = line.split()
            if not words or not words[0].startswith("cpu"):
                continue
            # The time of guests, which is last, is part of that of users.
            ticks = [int(word) for word in words[1:9]]
            total = sum(ticks)
            busy = total - sum(ticks[3:5])
            self._earlier[words[0]] = busy, total
            if words[0] in earlier:
                busy_then, total_then = earlier[words[0]]
                if total > total_then:
                    share = (busy - busy_then) / (total - total_then)
                    shares["sys/%s/util" % words[0]] = min(max(share, 0.0), 1.0)
        return shares


class Memory:
    """Memory and swap space, in bytes, and the shares that are used."""

    def read(self, _step):
        sizes = {}
        for line in _lines("/proc/meminfo"):
            name, _colon, rest = line.partition(":")
            sizes[name] = int(rest.split()[0]) * 1024
        if "MemTotal" not in sizes:
            return {}
        total, free = sizes["MemTotal"], sizes["MemFree"]
        cache = sum(sizes.get(name, 0) for name in ("Buffers", "Cached", "SReclaimable"))
        available = sizes.get("MemAvailable", free + cache)
        swap, swap_free = sizes.get("SwapTotal", 0), sizes.get("SwapFree", 0)
        return {
            "sys/mem_total": total,
            "sys/mem_free": free,
            "sys/mem_used": max(total - free - cache, 0) or total - free,
            "sys/mem_util": (total - available) / total,
            "sys/swap_total": swap,
            "sys/swap_free": swap_free,
            "sys/swap_used": swap - swap_free,
            "sys/swap_util": (swap - swap_free) / swap if swap else 0.0,
        }


class Disk:
    """Reads and writes of mounted disks in a second, in requests and KiB."""

    def __init__(self):
        self._earlier = {}

    def read(self, _step):
        now = time.monotonic()
        mounted = {
            os.path.basename(line.split()[0])
            for line in _lines("/proc/self/mounts")
            if line.startswith("/dev/")
        }
        earlier, self._earlier = self._earlier, {}
        rates = {}
        for line in _lines("/proc/diskstats"):
            words = line.split()
            name = words[2]
            if name not in mounted:
                continue
            reads, read, writes, written, busy = (int(words[i]) for i in (3, 5, 7, 9, 12))
            # Sectors have 512 bytes.
            counts = writes, reads, written / 2, read / 2, busy / 1000
            self._earlier[name] = now, counts
            if name in earlier:
                then, counts_then = earlier[name]
                kinds = "wps", "rps", "wkbps", "rkbps", "util"
                for kind, count, before in zip(kinds, counts, counts_then):
                    rate = max(count - before, 0) / max(now - then, 1e-3)
                    rates["sys/dev%s/%s" % (name, kind)] = rate
        return rates


class Gpu:
    """What `nvidia-smi` tells of graphics devices."""

    QUERY = (
        "index,fan.speed,pstate,memory.total,memory.used,"
        "utilization.gpu,utilization.memory,temperature.gpu,power.draw"
    )

    def __init__(self):
        self._given_up = False

    def read(self, _step):
        if self._given_up:
            return {}
        import subprocess

        command = ["nvidia-smi", "--format=csv,noheader", "--query-gpu=" + self.QUERY]
        try:
            told = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=3,
            )
        except (OSError, subprocess.TimeoutExpired):
            # It is not there, or hangs, and would again.
            self._given_up = True
            return {}
        scalars = {}
        for line in told.stdout.decode("utf-8", "replace").splitlines():
            columns = [column.strip() for column in line.split(",")]
            if len(columns) == 9 and columns[0].isdigit():
                scalars.update(self._device(*columns))
        return scalars

    @staticmethod
    def _device(index, fan, state, total, used, util, mem_util, heat, power):
        def number(text, unit="", times=1):
            try:
                return float(text[: len(text) - len(unit)]) * times if text.endswith(unit) else None
            except ValueError:
                return None

        total, used = number(total, " MiB", 1 << 20), number(used, " MiB", 1 << 20)
        values = {
            "fanspeed": number(fan, " %", 0.01),
            "pstate": number(state.lstrip("P")),
            "mem_total": total,
            "mem_used": used,
            "mem_free": None if None in (total, used) else total - used,
            "mem_util": number(mem_util, " %", 0.01),
            "util": number(util, " %", 0.01),
            "temp": number(heat),
            "powerdraw": number(power, " W"),
        }
        return {
            "sys/gpu%s/%s" % (index, name): value
            for name, value in values.items()
            if value is not None
        }


class Perf:
    """How long a step takes."""

    def __init__(self):
        self._earlier = None

    def read(self, step):
        now = time.monotonic()
        earlier, self._earlier = self._earlier, (step, now)
        if earlier is None or step <= earlier[0] or now <= earlier[1]:
            return {}
        steps, seconds = step - earlier[0], now - earlier[1]
        return {
            "performance/sec_per_step": seconds / steps,
            "performance/step_per_sec": steps / seconds,
        }


MEASURES = {"cpu": Cpu, "disk": Disk, "gpu": Gpu, "memory": Memory, "perf": Perf}


class Measures:
    """Several measures, taken together and not too often."""

    def __init__(self, names):
        self._measures = [MEASURES[name]() for name in names]
        self._due = 0.0
        self._lock = threading.Lock()

    def log(self, add, step):
        """Calls `add` with the name and value of each measure, if it is time."""
        # Whatever goes wrong here is no business of the script.
        try:
            for name, value in self._read(int(step)).items():
                add(name, float(value))
        except Exception:
            pass

    def _read(self, step):
        with self._lock:
            if time.monotonic() < self._due:
                return {}
            self._due = time.monotonic() + INTERVAL
            scalars = {}
            for measure in self._measures:
                try:
                    scalars.update(measure.read(step))
                except Exception:
                    # The system tells it in another way than is known.
                    pass
            return scalars


def _lines(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as opened:
            return opened.read().splitlines()
    except OSError:
        return []
