"""How fast the terminal engine takes output, beside stock pyte and tmux in the same run.

python -m benchmarks.terminal [MEGABYTES]
"""

from __future__ import annotations

import gc
import math
import random
import re
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pyte

from bai_tui.widgets.terminal.emulator import Emulator
from benchmarks.tmux import Tmux

COLUMNS, LINES = 80, 24
FEED = 16 * 1024
SCROLLBACK = 10_000


def words(count: int, seed: int = 1) -> list[str]:
    chooser = random.Random(seed)
    letters = "abcdefghijklmnopqrstuvwxyz"
    return ["".join(chooser.choices(letters, k=chooser.randint(1, 10))) for _ in range(count)]


def plain(size: int) -> bytes:
    chooser, some = random.Random(2), words(500)
    lines: list[str] = []
    while sum(map(len, lines[-1:])) + len(lines) * 60 < size:
        lines.append(" ".join(chooser.choices(some, k=chooser.randint(2, 14))) + "\r\n")
    return "".join(lines).encode()


def yes(size: int) -> bytes:
    return b"y\r\n" * (size // 3)


def long_lines(size: int) -> bytes:
    return (" ".join(words(size // 7))).encode()


def coloured(size: int) -> bytes:
    chooser = random.Random(3)
    parts = [f"\x1b[{chooser.choice((31, 32, 33, 1, 0, 4))}m{word} " for word in words(size // 11)]
    return "".join(parts).encode()


def cells(size: int) -> bytes:
    chooser, parts = random.Random(4), []
    for _ in range(size // 45):
        red, green, blue = (chooser.randrange(256) for _ in range(3))
        parts.append(f"\x1b[38;2;{red};{green};{blue};48;2;{blue};{red};{green}m#")
    return "".join(parts).encode()


def frames(size: int) -> bytes:
    chooser, some, parts, length = random.Random(5), words(300), [], 0
    while length < size:
        frame = ["\x1b[H"]
        for y in range(1, LINES + 1):
            text = " ".join(chooser.choices(some, k=8))[:60]
            frame.append(f"\x1b[{y};1H\x1b[1;3{y % 8}m{y:3}\x1b[m {text}\x1b[K")
        parts.append("".join(frame))
        length += len(parts[-1])
    return "".join(parts).encode()


def source(size: int) -> bytes:
    """Source code with tabs, as `cat` shows it."""
    text = Path(__file__).read_text().replace("    ", "\t").replace("\n", "\r\n")
    return (text * (size // len(text) + 1)).encode()[:size]


def light(size: int) -> bytes:
    """Every cell written, colours by the line."""
    chooser, parts, length = random.Random(8), [], 0
    while length < size:
        parts.append(f"\x1b[{chooser.randint(1, LINES)}H\x1b[48;5;{chooser.randrange(256)}m")
        parts.append("".join(chooser.choices("abcdefghij #", k=COLUMNS - 1)))
        length += len(parts[-1]) + 14
    return "".join(parts).encode()


def motion(size: int) -> bytes:
    chooser = random.Random(6)
    parts = [
        f"\x1b[{chooser.randint(1, LINES)};{chooser.randint(1, COLUMNS)}Hx"
        for _ in range(size // 8)
    ]
    return "".join(parts).encode()


def region(size: int) -> bytes:
    return b"\x1b[5;20r\x1b[20;1H" + b"scrolled line\r\n" * (size // 15)


def wide(size: int) -> bytes:
    text = "안녕하세요 세계 漢字かな 🙂 e\u0301 plain text\r\n"
    return (text * (size // len(text.encode()))).encode()


def progress(size: int) -> bytes:
    bars = (f"\r{i % 100:3}%|{'█' * (i % 50):50}| {i}/s" for i in range(size // 120))
    return "".join(bars).encode()


LOADS: dict[str, Callable[[int], bytes]] = {
    "yes": yes,
    "plain text": plain,
    "source code": source,
    "long lines": long_lines,
    "coloured words": coloured,
    "24-bit cells": cells,
    "full cells": light,
    "full-screen frames": frames,
    "cursor motion": motion,
    "scroll region": region,
    "wide text and emoji": wide,
    "progress bars": progress,
}


def recordings(size: int) -> bytes:
    """What real programs wrote, as the tests keep it."""
    folder = Path(__file__).parent.parent / "tests" / "terminal" / "recordings"
    data = b"".join(path.read_bytes() for path in sorted(folder.glob("*.bin")))
    # The words a multiplexer asks with are left out: stock pyte stops at them.
    data = b"\x1bc" + re.sub(rb"\x1b\[[<=>?][0-9;]*[a-gi-km-z]", b"", data)
    return data * (size // len(data) + 1)


LOADS["recordings"] = recordings


def speed(feed: Callable[[bytes], None], data: bytes) -> float:
    """Megabytes per second."""
    began = time.perf_counter()
    for start in range(0, len(data), FEED):
        feed(data[start : start + FEED])
    return len(data) / 1e6 / (time.perf_counter() - began)


def memory(data: bytes) -> float:
    """Bytes per line of a full scrollback."""
    gc.collect()
    tracemalloc.start()
    emulator = Emulator(COLUMNS, LINES, SCROLLBACK)
    speed(emulator.feed, data)
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return used / emulator.history_size


def main(megabytes: float) -> None:
    print(f"{COLUMNS}x{LINES}, scrollback {SCROLLBACK} (stock pyte: none), best of 3, MB/s")
    with Tmux(COLUMNS, LINES, SCROLLBACK) as tmux:
        compare(megabytes, tmux)
    full = b"".join(b"%-79d#\r\n" % number for number in range(SCROLLBACK + LINES))
    words = b"".join(
        b"".join(b"\x1b[%dm%-9d " % (30 + n % 8, n) for n in range(8)) + b"\x1b[m\r\n"
        for _ in range(SCROLLBACK + LINES)
    )
    print(f"  a line of {COLUMNS} columns in the scrollback: {memory(full):.0f} bytes,")
    print(f"  with eight colours in it {memory(words):.0f}")


def compare(megabytes: float, tmux: Tmux) -> None:
    ratios, beside = [], []
    for name, make in LOADS.items():
        data = make(int(megabytes * 1e6))
        ours = theirs = 0.0
        for _ in range(3):
            ours = max(ours, speed(Emulator(COLUMNS, LINES, SCROLLBACK).feed, data))
            # A quarter is enough for the slower one.
            stock = pyte.ByteStream(pyte.Screen(COLUMNS, LINES))
            theirs = max(theirs, speed(stock.feed, data[: len(data) // 4]))
        ratios.append(ours / theirs)
        line = f"  {name:<22} {ours:8.2f}  pyte {theirs:6.2f}  {ours / theirs:6.1f}x"
        if rates := [rate for rate in (tmux.speed(data) for _ in range(3)) if rate]:
            beside.append(ours / max(rates))
            line += f"  tmux {max(rates):6.2f}  {beside[-1]:5.2f}x"
        print(line, flush=True)
    print(f"  geometric mean: {mean(ratios):.1f}x stock pyte, least {min(ratios):.1f}x", end="")
    print(f"; {mean(beside):.2f}x tmux" if beside else "")


def mean(ratios: list[float]) -> float:
    """The geometric mean."""
    return math.exp(sum(map(math.log, ratios)) / len(ratios))


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 2.0)
