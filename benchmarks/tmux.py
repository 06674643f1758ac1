"""How fast tmux takes the same output: the C programs' yardstick for our terminal engine.

A detached tmux runs a writer in a pane of the same size. The writer's clock stops when the answer
to a question at the end of the data comes back, so that all of it has been interpreted. The pty
between the two is part of tmux's time; our engine is fed without one.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import termios
import time
import tty
from pathlib import Path
from types import TracebackType

_QUESTION = b"\x18\x1b\\\x1b[5n"


class Tmux:
    """A tmux server of its own; `speed` is None where there is no tmux."""

    def __init__(self, columns: int, lines: int, scrollback: int) -> None:
        self.program = shutil.which("tmux")
        self.folder = Path(tempfile.mkdtemp(prefix="bench-tmux-"))
        (self.folder / "conf").write_text(
            f"set -g history-limit {scrollback}\nset -s exit-empty off\n"
        )
        self.size = ("-x", str(columns), "-y", str(lines))

    def _tmux(self, *arguments: str) -> None:
        assert self.program is not None
        command = [self.program, "-S", str(self.folder / "s"), "-f", str(self.folder / "conf")]
        subprocess.run([*command, *arguments], check=True, stderr=subprocess.DEVNULL)

    def speed(self, data: bytes) -> float | None:
        """Megabytes per second."""
        if self.program is None:
            return None
        source, result = self.folder / "data", self.folder / "result"
        source.write_bytes(data)
        result.unlink(missing_ok=True)
        writer = [sys.executable, __file__, str(source), str(result)]
        self._tmux("new-session", "-d", *self.size, *writer)
        until = time.monotonic() + 120
        while not result.exists():
            if time.monotonic() > until:
                raise TimeoutError("tmux did not take the data within two minutes")
            time.sleep(0.05)
        return len(data) / 1e6 / float(result.read_text())

    def __enter__(self) -> Tmux:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.program is not None:
            with contextlib.suppress(subprocess.CalledProcessError):  # where none was started
                self._tmux("kill-server")
        shutil.rmtree(self.folder, ignore_errors=True)


def write(source: Path, result: Path) -> None:
    """What runs in the pane."""
    data = source.read_bytes()
    tty.setraw(0, termios.TCSANOW)
    began = time.perf_counter()
    position = 0
    while position < len(data):
        position += os.write(1, data[position : position + 16_384])
    os.write(1, _QUESTION)
    got = b""
    while not got.endswith(b"\x1b[0n"):
        got += os.read(0, 1)
    took = time.perf_counter() - began
    part = result.with_suffix(".part")
    part.write_text(str(took))
    part.rename(result)


if __name__ == "__main__":
    write(Path(sys.argv[1]), Path(sys.argv[2]))
