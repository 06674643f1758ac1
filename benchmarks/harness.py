"""What every benchmark needs: programs in a real pseudo-terminal, CPU time, interleaved runs."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import statistics
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Final

import psutil

OVERLAP: Final = 4096
"""Bytes that a match of a pattern may take at the most."""


def installed() -> dict[str, str]:
    """The environment for programs that find their modules compiled, as pip leaves them."""
    return {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


class TerminalProgram:
    """A command in a pseudo-terminal of its own, watched from outside.

    Use as a context manager; on exit the program is ended with its children.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        columns: int = 120,
        lines: int = 40,
        env: dict[str, str] | None = None,
    ) -> None:
        self.command = list(command)
        self.size = (lines, columns)
        self.env = {
            **{k: v for k, v in installed().items() if not k.startswith(("BACKEND_", "TMUX"))},
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            **(env or {}),
        }
        self.output = bytearray()
        self.arrivals: list[tuple[float, int]] = []
        self.started = 0.0

    def __enter__(self) -> TerminalProgram:
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", *self.size, 0, 0))
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            self.command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=self.env,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(slave)
        self._condition = threading.Condition()
        self._closing = False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        return self

    def _read(self) -> None:
        while not self._closing:
            ready, _, _ = select.select([self.master], [], [], 0.2)
            if not ready:
                continue
            try:
                chunk = os.read(self.master, 65536)
            except OSError:
                return
            if not chunk:
                return
            now = time.perf_counter()
            with self._condition:
                self.output += chunk
                self.arrivals.append((now, len(chunk)))
                self._condition.notify_all()

    def send(self, data: bytes) -> float:
        """Type `data`; returns the moment it was written."""
        now = time.perf_counter()
        os.write(self.master, data)
        return now

    def wait_for(
        self, text: bytes | re.Pattern[bytes], timeout: float = 20.0, start: int = 0
    ) -> float:
        """Wait until `text` (or a match of it) stands in the output after offset `start`.

        Returns the moment of the chunk that completed it.
        """
        wanted = re.compile(re.escape(text)) if isinstance(text, bytes) else text
        # What was looked through once is not again: that would slow down the program measured.
        overlap = len(text) if isinstance(text, bytes) else OVERLAP
        deadline = time.perf_counter() + timeout
        with self._condition:
            while wanted.search(self.output, start) is None:
                start = max(start, len(self.output) - overlap)
                left = deadline - time.perf_counter()
                if left <= 0 or not self._condition.wait(left):
                    tail = bytes(self.output[-400:])
                    raise TimeoutError(f"{text!r} did not appear in {timeout} s; last: {tail!r}")
            return self.arrivals[-1][0]

    def settle(self, seconds: float = 0.3, timeout: float = 20.0) -> None:
        """Wait until nothing was written for so many seconds."""
        deadline = time.perf_counter() + timeout
        while time.perf_counter() < deadline:
            size = len(self.output)
            time.sleep(seconds)
            if len(self.output) == size:
                return

    def memory(self) -> int:
        """Bytes of memory that are its own, without what it shares with other programs."""
        return int(psutil.Process(self.process.pid).memory_full_info().uss)

    def cpu_seconds(self) -> float:
        """User and system time of the program itself, without children."""
        times = psutil.Process(self.process.pid).cpu_times()
        return float(times.user + times.system)

    def observe(self, seconds: float) -> tuple[float, float]:
        """Let it run; returns (share of a core, bytes per second to the terminal)."""
        cpu, written, began = self.cpu_seconds(), len(self.output), time.perf_counter()
        time.sleep(seconds)
        passed = time.perf_counter() - began
        return (self.cpu_seconds() - cpu) / passed, (len(self.output) - written) / passed

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        children = (
            psutil.Process(self.process.pid).children(recursive=True)
            if (self.process.poll() is None)
            else []
        )
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for child in children:
            if child.is_running():
                child.kill()
        self._closing = True
        self._reader.join()
        os.close(self.master)


def wall_time(command: Sequence[str], env: dict[str, str] | None = None) -> float:
    """Seconds from start to end of a command whose output is thrown away."""
    began = time.perf_counter()
    subprocess.run(
        list(command),
        env={**installed(), **(env or {})},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    return time.perf_counter() - began


def interleaved(runs: int, **measures: Callable[[], float]) -> dict[str, list[float]]:
    """Measure in turn, A B A B, so that a drift of the machine hits all alike; one warm-up each."""
    results: dict[str, list[float]] = {name: [] for name in measures}
    for measure in measures.values():
        measure()
    for _ in range(runs):
        for name, measure in measures.items():
            results[name].append(measure())
    return results


def report(title: str, results: dict[str, list[float]], base: str, unit: str = "ms") -> None:
    """Print minimum, median and the ratio of medians to `base`."""
    scale = {"ms": 1000.0, "s": 1.0, "": 1.0}[unit]
    floor = statistics.median(results[base])
    print(f"\n{title}")
    for name, values in results.items():
        median = statistics.median(values)
        print(
            f"  {name:<28} min {min(values) * scale:8.1f}  median {median * scale:8.1f} {unit}"
            f"  {median / floor:5.2f}x  {(median - floor) * scale:+8.1f} {unit}"
        )


PYTHON = sys.executable
