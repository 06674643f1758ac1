"""The programs the dashboard's benchmarks run: clusters of their own, and dashboards on them."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from bai_tui.api import APIConfig
from benchmarks.harness import PYTHON, TerminalProgram


class Cluster:
    """A local cluster of its own process.

    Attributes:
        told: what it announced: endpoint, keys.
    """

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.told: dict[str, Any] = json.loads(self._line())

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    @property
    def config(self) -> APIConfig:
        """To work on it besides the dashboard."""
        names = ("endpoint", "access_key", "secret_key")
        return APIConfig(**{name: self.told[name] for name in names})

    def send_events(self, rate: float, seconds: float) -> None:
        """Let a busy cluster send so many events a second from now on."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{rate} {seconds}\n")
        self._process.stdin.flush()

    def events_sent(self) -> int:
        """Wait for the end of the events; how many they were."""
        return int(self._line())


@contextmanager
def cluster(sessions: int = 0) -> Iterator[Cluster]:
    """A local cluster; with `sessions` one that has so many and can send events."""
    with tempfile.TemporaryDirectory() as state:
        busy: Sequence[str] = ["-m", "benchmarks.busy_cluster", state, str(sessions)]
        plain = ["-m", "bai_tui.local", "--state-dir", state, "--json", "--exit-with-parent"]
        process = subprocess.Popen(
            [PYTHON, *(busy if sessions else plain)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            yield Cluster(process)
        finally:
            process.communicate()


@contextmanager
def dashboard(cluster: Cluster, *, text: str = "▸ sessions") -> Iterator[TerminalProgram]:
    """The dashboard on a cluster, once `text` is painted."""
    with tempfile.TemporaryDirectory() as home:
        env = {
            "BACKEND_ENDPOINT": cluster.told["endpoint"],
            "BACKEND_ACCESS_KEY": cluster.told["access_key"],
            "BACKEND_SECRET_KEY": cluster.told["secret_key"],
            "XDG_STATE_HOME": home,
            "XDG_CONFIG_HOME": home,
        }
        with TerminalProgram([PYTHON, "-m", "bai_tui"], env=env) as program:
            program.wait_for(text.encode(), 90)  # ten thousand sessions come in many pages
            yield program
