"""Broken output for the terminal engine: mutated recordings of programs, and random sequences.

    python -m tools.fuzz_terminal SECONDS [SEED]

Holds each case to what must be true of any bytes: nothing raises; any chunking gives the same
screen; every row measures exactly the width of the screen, also after changes of size; no case
takes longer than its bytes allow; what is kept has bounds. Prints the first case that fails as
Python, shortened, and leaves with 1.
"""

from __future__ import annotations

import random
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Final

from rich.cells import cell_len

from bai_tui.widgets.terminal._machine import MAX_LINKS
from bai_tui.widgets.terminal._rows import MAX_CLUSTERS
from bai_tui.widgets.terminal._stream import CACHE, MAX_STRING
from bai_tui.widgets.terminal.emulator import Emulator

RECORDINGS: Final = Path(__file__).parents[1] / "tests" / "terminal" / "recordings"
SCROLLBACK: Final = 50
SECONDS_PER_KIB: Final = 0.25
"""Far more than any byte may cost on a busy machine; a loop without bounds costs more at once."""

TEXTS: Final = """a|hello world |漢字|한국어|e\u0301|👩\u200d💻|❤\ufe0f|🇰🇷|\u200d|\ufe0f|\u202e
\U00100001|\U0010ffff|\r\n|\r|\t|\b|\x07|\x0e|\x0f|\x18|\x1a|\x7f|\x9b|\x9d|E|E[|E]|EP|E_|E\\|E7|E8|ED|EM|EH|Ec|E6|E9|EN|EV|EW
E(0|E(B|E)0|E#8|E G|E[?69hE[3;9s|E[?1049h|E[?1049l|E[?1047h|E[?47l|E[4h|E[?7l|E[?7h|E[?6h|E[?45h
E[?1045h|E[5;2r|E[2;5r|E[38;2;1;2;3m|E[4:3;58:5:9m|E[7;1;44m|E[m|E[1"q|E[99999b|E[3J|E[2J|E[!p
E]8;;http://a/b\x07|E]8;;\x07|E]133;A\x07|E]4;1;#fff\x07|E]104\x07|E]52;c;aGk=\x07|E]0;titleE\\
EP$qmE\\|EP+q544eE\\
E[?2048;2031h|E[1$w|E[2$w|EP1$t2;4;1;@;A;C;1;2;D;B0ABE\\|EP2$t3/7/9999E\\|E[?42h|E(K|E(>|E[?41h"""
PIECES: Final = [
    *(piece.replace("E", "\x1b").encode() for piece in TEXTS.replace("\n", "|").split("|")),
    *(b"\n", b"x" * 300, b"line\r\n" * 40, b"\x1b[1;" * 90),
    "".join(f"\x1b[3{n}mab\x1b[4{n}m漢\x1b[7m\x1b[mxyz\x1b[48;5;{n}m" for n in range(8)).encode(),
    "".join(f"\x1b[3{n}mab\x1b[4{n}m-\x1b[7m\x1b[mxyz\x1b[48;5;{n}m" for n in range(8)).encode(),
]
"""Text and sequences that meet much; E stands for ESC."""


def _sequence(chance: random.Random) -> bytes:
    """A control sequence of any kind, most of them absurd."""
    numbers = [chance.choice([0, 1, 2, 3, 5, 8, 25, 47, 69, 80, 1006, 1049, 2004, 2**31, 10**30])
               for _ in range(chance.randrange(5))]  # fmt: skip
    return (
        "\x1b["
        + chance.choice(["", "", "", "?", ">", "=", "<"])
        + chance.choice(";;;:").join(map(str, numbers))
        + chance.choice(["", "", "", " ", "!", '"', "$", "'", "*", "#"])
        + chr(chance.randrange(0x40, 0x7F))
    ).encode()


def mutated(chance: random.Random, recordings: list[bytes]) -> bytes:
    """Some bytes of a recording with bytes changed, dropped, doubled, and things put between."""
    source = chance.choice(recordings)
    start = chance.randrange(len(source))
    data = bytearray(source[start : start + chance.choice([40, 300, 2000])])
    for _ in range(chance.randrange(1, 20)):
        at = chance.randrange(len(data) + 1)
        match chance.randrange(6):
            case 0:
                data[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                del data[at : at + chance.choice([1, 3, 30])]
            case 2:
                data[at:at] = data[at : at + chance.choice([2, 20, 200])]
            case 3:
                data[at:at] = chance.randbytes(chance.randrange(1, 8))
            case 4:
                data[at:at] = _sequence(chance)
            case _:
                data[at:at] = chance.choice(PIECES)
    return bytes(data)


def composed(chance: random.Random, _recordings: list[bytes]) -> bytes:
    """Nothing but sequences and pieces of text."""
    count = chance.randrange(1, 60)
    return b"".join(
        chance.choice(PIECES) if chance.random() < 0.6 else _sequence(chance) for _ in range(count)
    )


def picture(emulator: Emulator) -> object:
    """Everything that can be seen or asked."""
    lines = [emulator.line(y) for y in range(-emulator.history_size, emulator.lines)]
    screen = emulator.screen
    return (
        [(line.runs(), line.wrapped, line.mark) for line in lines],
        (emulator.cursor, emulator.scrolled, emulator.title, emulator.bell, emulator.modes),
        (emulator.hyperlinks, emulator.in_sequence, emulator.colors.changed),
        (screen.pen, screen.pending, screen.mode, screen.charsets, screen.tabstops, screen.saved),
        (screen.top, screen.bottom, screen.left, screen.right, screen.titles),
        # What REP repeats, while it would.
        emulator._stream._printed and screen.last[-1:],
    )


def check(emulator: Emulator) -> None:
    """Rows measure the width, and what is kept has bounds."""
    for y in range(-emulator.history_size, emulator.lines):
        text = emulator.line(y).text
        assert cell_len(text) == emulator.columns, f"line {y} measures {cell_len(text)}: {text!r}"
        assert text.isprintable() or not any(c < " " or "\x7f" <= c < "\xa0" for c in text), text
    x, y = emulator.cursor
    assert 0 <= x < emulator.columns
    assert 0 <= y < emulator.lines
    screen, stream = emulator.screen, emulator._stream
    assert emulator.history_size <= SCROLLBACK
    assert len(screen.clusters.texts) <= MAX_CLUSTERS + 1
    assert len(emulator.hyperlinks) <= MAX_LINKS
    assert len(stream._actions) <= CACHE
    assert stream._size <= MAX_STRING + 65_536
    assert len(screen.titles) <= 10
    assert len(emulator.title) <= 512
    assert len(emulator.replies()) <= 4096


def run(data: bytes, seed: int, elder: Emulator | None = None) -> None:
    """One case; `elder` is a terminal that has lived through the cases before."""
    chance = random.Random(seed)
    columns, lines = chance.choice([(80, 24), (20, 6), (7, 3), (2, 2), (1, 1)])
    whole, cut = (Emulator(columns, lines, SCROLLBACK) for _ in range(2))
    began = time.process_time()
    whole.feed(data)
    took = time.process_time() - began
    assert took < SECONDS_PER_KIB * (1 + len(data) / 1024), f"{took:.2f} s for {len(data)} bytes"
    at, longest = 0, chance.choice([1, 3, 17, 200])
    while at < len(data):
        size = chance.randint(1, longest)
        cut.feed(data[at : at + size])
        at += size
    assert picture(cut) == picture(whole), "chunks gave another screen"
    assert cut.replies() == whole.replies(), "chunks gave other answers"
    check(whole)
    for emulator in filter(None, (whole, elder)):
        emulator.resize(chance.randint(1, 90), chance.randint(1, 30))
        check(emulator)
        emulator.feed(data)
        check(emulator)


def shortened(data: bytes, fails: Callable[[bytes], bool]) -> bytes:
    """The case without what it does not need to fail."""
    size = len(data) // 2
    while size:
        at = 0
        while at < len(data):
            shorter = data[:at] + data[at + size :]
            if fails(shorter):
                data = shorter
            else:
                at += size
        size //= 2
    return data


def main(seconds: float, seed: int) -> int:
    """Run for a time; returns the exit code."""
    recordings = [path.read_bytes() for path in sorted(RECORDINGS.glob("*.bin"))]
    elder = Emulator(80, 24, SCROLLBACK)
    until, cases, size = time.monotonic() + seconds, 0, 0

    def fails(data: bytes) -> bool:
        try:
            run(data, seed)
        except Exception:
            return True
        return False

    while time.monotonic() < until:
        seed += 1
        chance = random.Random(seed)
        data = chance.choice([mutated, composed])(chance, recordings)
        try:
            run(data, seed, elder)
        except Exception:
            traceback.print_exc()
            short = shortened(data, fails) if fails(data) else data
            print(f"after {cases} cases, seed {seed}:\n{short!r}")
            return 1
        cases, size = cases + 1, size + len(data)
    print(f"{cases} cases, {size / 1e6:.1f} MB, up to seed {seed}: nothing found")
    return 0


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3) or not all(word.isdigit() for word in sys.argv[1:]):
        sys.exit(__doc__)
    sys.exit(main(float(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0))
