"""The terminal engine beside a real xterm: random sequences, the same screen and answers?

    python -m tools.compare_xterm CASES [SEED]

Needs `xterm` and `Xvfb`. One xterm is started on a display of its own; this file, run inside it,
writes each case and asks what came of it: the cursor by DECXCPR, every cell by DECRQCRA. Cases
that differ are shortened and printed as Python; there is 1 for an exit status then.

Left out is what we do differently with reason: erasing right after the last column was written
(xterm loses that character), a wide character without autowrap, tabs beyond the right margin, and
what DECFRA fills with: DEC's manuals put it through the character set in force, xterm does not.
What is left is some case in a thousand with wide characters at the right margin: of one that is
shifted out by half xterm keeps that half, and where one does not fit it keeps what stood there.
"""

from __future__ import annotations

import json
import os
import random
import re
import select
import subprocess
import sys
import tempfile
import time
import tty
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

COLUMNS: Final = 20
LINES: Final = 6
WAIT: Final = 5.0
"""Seconds for an answer of xterm."""
ROUNDS: Final = 10
"""Times that cases are shortened."""

_POSITION = rb"\x1b\[\?[0-9;]+R"
_CLEAR: Final = b'\x18\x1bc\x1b[64;1"p\x1b[?47h\x1b[2J\x1b[H\x1b7\x1b[?47l\x1bc\x1b[?6n'
_LEAVE: Final = b"\x1b[?6l\x1b[?69l\x1b[r"
"""Rectangles are relative to margins in origin mode."""

Seen = tuple[str, list[str]]
"""Answers, and the rows of the screen; NUL is the right half of a wide character."""


def sequences() -> dict[str, Callable[[random.Random], str]]:
    """Ways to make a piece of output."""

    def count(chance: random.Random) -> str:
        return chance.choice(["", "", "1", "2", "3", "5", "8", str(chance.randint(4, 25))])

    def goto(chance: random.Random) -> str:
        return f"\x1b[{chance.randint(1, LINES)};{chance.randint(1, COLUMNS)}H"

    def one_of(*pieces: str) -> Callable[[random.Random], str]:
        return lambda chance: chance.choice(pieces).replace("^", "\x1b")

    def counted(finals: Iterable[str]) -> Callable[[random.Random], str]:
        pool = list(finals)
        return lambda chance: f"\x1b[{count(chance)}{chance.choice(pool)}"

    def erase(chance: random.Random) -> str:
        how = chance.choice(["", "0", "1", "2", "?", "?1", "?2"])
        return f"{goto(chance)}\x1b[{how}{chance.choice('JK')}"

    def area(chance: random.Random) -> str:
        top, left = chance.randint(1, 7), chance.randint(1, 20)
        where = f"{top};{left};{top + chance.randint(0, 4)};{left + chance.randint(0, 9)}"
        to = f"1;{chance.randint(1, 6)};{chance.randint(1, 20)};1"
        return "\x1b[" + chance.choice([f"162;{where}$x", f"{where}$z", f"{where}${{",
                                        f"{where};{to}$v"])  # fmt: skip

    return {
        "text": one_of("a", "bcd", "efghijklmn", "opqrstuvwxyz0123456789", "X"),
        "wide": one_of("中", "한국", "a中b", "日本語日本語日本語日"),
        "controls": one_of("\r", "\n", "\b", "\t", "\r\n", "\v", "\f", "\b\b\b"),
        "escapes": one_of("^D", "^M", "^E", "^6", "^9"),
        "goto": goto,
        "edge": lambda chance: f"\x1b[{chance.randint(1, LINES)};{COLUMNS - chance.randint(0, 2)}H",
        "moves": counted("ABCDEFGZ`ade"),
        "edits": counted(["@", "P", "L", "M", "X", " @", " A", "'}", "'~"]),
        "scrolls": counted("ST"),
        "repeats": counted("b"),
        "erases": erase,
        "protects": one_of('^[1"q', '^[0"q', '^[2"q', "^V", "^W"),
        "margins": one_of("^[r", "^[2;4r", "^[3r", "^[1;5r", "^[5;2r", "^[2;9r"),
        "sides": one_of("^[?69h", "^[?69h^[5;12s", "^[?69h^[3;20s", "^[?69l", "^[4;15s"),
        "modes": one_of("^[?6h", "^[?6l", "^[?7h", "^[4h", "^[4l", "^[20h", "^[20l"),
        "saves": one_of("^7", "^8", "^[u", "^[?1048h", "^[?1048l"),
        "screens": one_of("^[?47h", "^[?47l", "^[?1047h", "^[?1047l", "^[?1049h", "^[?1049l"),
        "areas": area,
        "stops": one_of("^[g", "^H", "^[?5W"),
        "sets": one_of("^(0", "^(B", "\x0e", "\x0f", "^)0", "^(>", "^(K"),
        "questions": one_of("^[6n", "^[5n", "^P$qr^\\", "^P$qs^\\", "^[?7$p", "^[4$p", "^P$qm^\\"),
        "others": one_of("^[!p", "^#8", "^]0;t^\\", "^Pzz^\\", "^_abc^\\", "^[1;7m", "^[m"),
    }


def ask(cases: list[str]) -> list[Seen]:
    """What a real xterm makes of each case."""
    with tempfile.TemporaryDirectory() as folder:
        todo, done = Path(folder, "todo"), Path(folder, "done")
        todo.write_text(json.dumps(cases))
        subprocess.run(
            ["xvfb-run", "-a", "xterm", "-u8", "-geometry", f"{COLUMNS}x{LINES}",
             "-xrm", "*checksumExtension: 23", "-e", sys.executable, __file__, todo, done],
            check=True, timeout=60 + len(cases), env={**os.environ, "LC_ALL": "C.UTF-8"},
        )  # fmt: skip
        return [(answers, rows) for answers, rows in json.loads(done.read_text())]


def inside(todo: Path, done: Path) -> None:
    """Run in xterm: write the cases, and keep what it says."""
    tty.setraw(0)
    waiting = b""

    def answer(end: bytes) -> bytes:
        nonlocal waiting
        until = time.monotonic() + WAIT
        while not (match := re.search(end, waiting)):
            ready, _, _ = select.select([0], [], [], max(0.0, until - time.monotonic()))
            if not ready:
                return b""
            waiting += os.read(0, 65536)
        found, waiting = waiting[: match.end()], waiting[match.end() :]
        return found

    cells = [(y, x) for y in range(1, LINES + 1) for x in range(1, COLUMNS + 1)]
    questions = b"".join(b"\x1b[1;1;%d;%d;%d;%d*y" % (*cell, *cell) for cell in cells)
    results = []
    for case in json.loads(todo.read_text()):
        os.write(1, _CLEAR)
        answer(_POSITION)
        os.write(1, case.encode() + b"\x18\x1b[?6n")
        said = answer(_POSITION)
        os.write(1, _LEAVE + questions + b"\x1b[?6n")
        sums = [int(part, 16) for part in re.findall(rb"!~([0-9A-F]{4})", answer(_POSITION))]
        text = "".join(chr(part or 32).replace("\uffff", "\0") for part in sums)
        rows = [text[start : start + COLUMNS] for start in range(0, len(text), COLUMNS)]
        results.append((said.decode("latin-1"), rows))
    done.write_text(json.dumps(results))


def engine(case: str) -> Seen:
    """What our engine makes of it."""
    from bai_tui.widgets.terminal.emulator import Emulator

    emulator = Emulator(COLUMNS, LINES)
    emulator.feed(case.encode() + b"\x18\x1b[?6n")
    rows = ["".join(emulator.cell(x, y).text[:1] or "\0" for x in range(COLUMNS))
            for y in range(LINES)]  # fmt: skip
    return emulator.replies().decode("latin-1"), rows


def shorter(cases: list[list[str]]) -> list[list[str]]:
    """Take pieces away as long as there still is a difference."""
    for _ in range(ROUNDS):
        tries = [(n, [*case[:cut], *case[cut + 1 :]]) for n, case in enumerate(cases)
                 for cut in range(len(case)) if len(case) > 1]  # fmt: skip
        found = {}
        for (n, case), seen in zip(tries, ask(["".join(c) for _, c in tries]), strict=True):
            if n not in found and engine("".join(case)) != seen:
                found[n] = case
        if not found:
            break
        cases = [found.get(n, case) for n, case in enumerate(cases)]
    return cases


def main(count: int, seed: int) -> int:
    """Compare; 1 if there are differences."""
    chance, ways = random.Random(seed), sequences()
    pool = [chance.sample(sorted(ways), 6) for _ in range(count)]
    cases = [[ways[chance.choice(some)](chance) for _ in range(chance.randint(2, 10))]
             for some in pool]  # fmt: skip
    seen = ask(["".join(case) for case in cases])
    bad = [case for case, one in zip(cases, seen, strict=True) if engine("".join(case)) != one]
    print(f"{len(bad)} of {count} differ")
    if bad:
        texts = sorted({"".join(case) for case in shorter(bad[:30])}, key=len)
        for text, (answers, rows) in zip(texts, ask(texts), strict=True):
            ours, own_rows = engine(text)
            print(f"{text!r}\n  xterm {answers!r}\n  ours  {ours!r}")
            for row, own in zip(rows, own_rows, strict=False):
                if row != own:
                    print(f"  xterm {row!r}\n  ours  {own!r}")
    return bool(bad)


if __name__ == "__main__":
    if not sys.argv[1].isdigit():
        inside(Path(sys.argv[1]), Path(sys.argv[2]))
    else:
        sys.exit(main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1))
