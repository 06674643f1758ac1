"""Measured figures of sessions and of this machine, in the wire's form (graphql.md 3.5, 3.6)."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

SCRATCH_EVERY = 10
"""Scratch directories are walked at every n-th measurement only."""

Metrics = dict[str, dict[str, Any]]


def _number(value: float, digits: int = 3) -> str:
    text = f"{value:.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def metric(
    current: float, unit: str, capacity: float | None = None, **stats: float
) -> dict[str, Any]:
    """One METRIC; all numbers are texts."""
    share = None if not capacity else _number(current / capacity * 100, 2)
    return {
        "current": _number(current),
        "capacity": None if capacity is None else _number(capacity),
        "pct": share,
        "unit_hint": unit,
        **{f"stats.{name}": _number(value) for name, value in stats.items()},
    }


@dataclass(slots=True)
class _History:
    """What has to be remembered between two measurements of one session."""

    at: float = 0.0
    began: float = field(default_factory=time.monotonic)
    cpu: dict[int, float] = field(default_factory=dict)
    cpu_past: float = 0.0
    cpu_max: float = 0.0
    mem_max: float = 0.0
    read: int = 0
    written: int = 0
    scratch: float = 0.0
    scratch_max: float = 0.0
    rounds: int = 0


class Meter:
    """Measures process trees; call `measure` from a worker thread, one call at a time."""

    def __init__(self) -> None:
        self._history: dict[str, _History] = {}
        self._node: dict[str, float] = {}

    def forget(self, kernel_id: str) -> None:
        """A session is over."""
        self._history.pop(kernel_id, None)

    def measure(
        self, sessions: dict[str, tuple[int, Path, float]], cores: int
    ) -> dict[str, Metrics]:
        """Figures of all sessions.

        Args:
            sessions: kernel id to (supervisor's pid, scratch directory, memory limit in bytes).
            cores: of the machine.
        """
        children: dict[int, list[int]] = {}
        for process in psutil.process_iter(["ppid"]):
            children.setdefault(process.info["ppid"], []).append(process.pid)
        return {
            kernel_id: self._session(kernel_id, _tree(pid, children), scratch, memory, cores)
            for kernel_id, (pid, scratch, memory) in sessions.items()
        }

    def _session(
        self, kernel_id: str, pids: list[int], scratch: Path, memory: float, cores: int
    ) -> Metrics:
        past = self._history.setdefault(kernel_id, _History())
        now = time.monotonic()
        cpu: dict[int, float] = {}
        resident = read = written = 0
        for pid in pids:
            with suppress(psutil.Error):
                process = psutil.Process(pid)
                with process.oneshot():
                    times = process.cpu_times()
                    cpu[pid] = times.user + times.system
                    resident += process.memory_info().rss
                    with suppress(psutil.Error, AttributeError):
                        counters = process.io_counters()
                        read += counters.read_bytes
                        written += counters.write_bytes
        spent = sum(max(0.0, used - past.cpu.get(pid, 0.0)) for pid, used in cpu.items())
        # The first measurement has nothing to compare with: no rate is known yet.
        interval = now - past.at if past.at else 0.0
        share = spent / interval * 100 if interval else 0.0
        past.cpu_past += spent
        past.cpu_max = max(past.cpu_max, share)
        past.mem_max = max(past.mem_max, resident)
        # Processes that ended take their counters along; totals never fall.
        read_rate = max(0, read - past.read) / interval if interval else 0.0
        write_rate = max(0, written - past.written) / interval if interval else 0.0
        past.read, past.written = max(past.read, read), max(past.written, written)
        if past.rounds % SCRATCH_EVERY == 0:
            past.scratch = _size(scratch)
            past.scratch_max = max(past.scratch_max, past.scratch)
        past.rounds += 1
        past.at, past.cpu = now, cpu
        average = past.cpu_past / (now - past.began) * 100 if interval else 0.0
        return {
            "cpu_util": metric(share, "percent", cores * 100, avg=average, max=past.cpu_max),
            "cpu_used": metric(past.cpu_past * 1000, "msec"),
            "mem": metric(resident, "bytes", memory or None, max=past.mem_max),
            "io_read": metric(past.read, "bytes", rate=read_rate),
            "io_write": metric(past.written, "bytes", rate=write_rate),
            "io_scratch_size": metric(past.scratch, "bytes", max=past.scratch_max),
        }

    def node(self) -> dict[str, Any]:
        """Figures of the machine: `{"node": …, "devices": …}`."""
        now = time.monotonic()
        times = psutil.cpu_times()
        busy = sum(times) - times.idle - getattr(times, "iowait", 0.0)
        network = psutil.net_io_counters()
        memory = psutil.virtual_memory()
        disk = psutil.disk_usage("/")
        past, interval = self._node, now - self._node.get("at", now)
        self._node = {"at": now, "busy": busy, "rx": network.bytes_recv, "tx": network.bytes_sent}

        def since(name: str) -> float:
            return max(0.0, self._node[name] - past.get(name, self._node[name]))

        rate = 8 / interval if interval > 0 else 0.0
        rx, tx = since("rx") * rate, since("tx") * rate
        node = {
            "cpu_util": metric(since("busy") * 1000, "msec", interval * 1000 or None),
            "mem": metric(memory.total - memory.available, "bytes", memory.total),
            "disk": metric(disk.used, "bytes", disk.total),
            "net_rx": metric(rx, "bps"),
            "net_tx": metric(tx, "bps"),
        }
        devices = {"mem": {"root": node["mem"]}, "net_rx": {"node": node["net_rx"]}}
        return {"node": node, "devices": devices}


def _tree(root: int, children: dict[int, list[int]]) -> list[int]:
    found, todo = [], [root]
    while todo:
        pid = todo.pop()
        found.append(pid)
        todo += children.get(pid, ())
    return found


def _size(directory: Path) -> float:
    """Bytes of the files below a directory; links are not followed."""
    total = 0
    for folder, _, names in os.walk(directory, onerror=None):
        for name in names:
            with suppress(OSError):
                total += os.lstat(os.path.join(folder, name)).st_size
    return float(total)
