"""What margins, the last column, protection and rectangles do: screens as a VT420 and xterm have
them. `tools/compare_xterm.py` compares with a real xterm."""

from __future__ import annotations

import pytest

from bai_tui.widgets.terminal.emulator import Emulator

COLUMNS, LINES = 20, 6
GRID = "\x1b[1;1Habcde\x1b[2;1Hfghij\x1b[3;1Hklmno\x1b[4;1Hpqrst\x1b[5;1Huvwxy"
BOX = "\x1b[?69h\x1b[2;4s\x1b[2;4r"
"""Margins around ghi, lmn and qrs."""


@pytest.mark.parametrize(
    ("text", "shown", "cursor"),
    [
        # Scrolling where there are margins.
        (f"{GRID}\x1b[2;4r\x1b[1;3H\x1b[2S", "abcde|pqrst|||uvwxy", (2, 0)),
        (f"{GRID}\x1b[2;4r\x1b[5;1H\x1b[2T", "abcde|||fghij|uvwxy", (0, 4)),
        (f"{GRID}{BOX}\x1b[1;1H\x1b[S", "abcde|flmnj|kqrso|p   t|uvwxy", (0, 0)),
        (f"{GRID}{BOX}\x1b[5;5H\x1b[9T", "abcde|f   j|k   o|p   t|uvwxy", (4, 4)),
        (f"{GRID}\x1b[S\x1b[2T", "||fghij|klmno|pqrst|uvwxy", (5, 4)),
        (f"{GRID}{BOX}\x1b[4;3H\n\n", "abcde|fqrsj|k   o|p   t|uvwxy", (2, 3)),
        (f"{GRID}{BOX}\x1b[4;6H\nx", "abcde|fghij|klmno|pqrstx|uvwxy", (6, 3)),
        (f"{GRID}{BOX}\x1b[2;3H\x1bM", "abcde|f   j|kghio|plmnt|uvwxy", (2, 1)),
        (f"{GRID}{BOX}\x1b[2;1H\x1bMx", "abcde|xghij|klmno|pqrst|uvwxy", (1, 1)),
        (f"{GRID}{BOX}\x1b[4;1H\x1bEx", "abcde|fghij|klmno|xqrst|uvwxy", (1, 3)),
        (f"{GRID}{BOX}\x1b[4;3H\x1bEx", "abcde|flmnj|kqrso|px  t|uvwxy", (2, 3)),
        (f"{GRID}\x1b[2;4r\x1b[6;2H\nx", "abcde|fghij|klmno|pqrst|uvwxy| x", (2, 5)),
        (f"{GRID}\x1b[2;4r\x1b[1;2H\x1bMx", "axcde|fghij|klmno|pqrst|uvwxy", (2, 0)),
        (f"{GRID}\x1b[3;3r\x1b[6;1H\nx", "fghij|klmno|pqrst|uvwxy||x", (1, 5)),
        (f"{GRID}\x1b[4;2r\x1b[6;1H\nx", "fghij|klmno|pqrst|uvwxy||x", (1, 5)),
        (f"{GRID}\x1b[0;3r\x1b[3;1H\nx", "fghij|klmno|x|pqrst|uvwxy", (1, 2)),
        (f"{GRID}\x1b[5;99r\x1b[6;1H\nx", "abcde|fghij|klmno|pqrst||x", (1, 5)),
        # Lines and columns inserted and deleted.
        (f"{GRID}{BOX}\x1b[3;3H\x1b[Lx", "abcde|fghij|kx  o|plmnt|uvwxy", (2, 2)),
        (f"{GRID}{BOX}\x1b[3;3H\x1b[9Mx", "abcde|fghij|kx  o|p   t|uvwxy", (2, 2)),
        (f"{GRID}{BOX}\x1b[3;1H\x1b[Lx", "abcde|fghij|xlmno|pqrst|uvwxy", (1, 2)),
        (f"{GRID}{BOX}\x1b[1;3H\x1b[Mx", "abxde|fghij|klmno|pqrst|uvwxy", (3, 0)),
        (f"{GRID}\x1b[2;3H\x1b[2Mx", "abcde|xqrst|uvwxy", (1, 1)),
        (f"{GRID}\x1b[2;3H\x1b[Lx", "abcde|x|fghij|klmno|pqrst|uvwxy", (1, 1)),
        (f"{GRID}{BOX}\x1b[3;3H\x1b[2'}}", "abcde|fg  j|kl  o|pq  t|uvwxy", (2, 2)),
        (f"{GRID}{BOX}\x1b[3;3H\x1b[9'~", "abcde|fg  j|kl  o|pq  t|uvwxy", (2, 2)),
        (f"{GRID}{BOX}\x1b[5;3H\x1b['}}", "abcde|fghij|klmno|pqrst|uvwxy", (2, 4)),
        (f"{GRID}{BOX}\x1b[3;3H\x1b[9@", "abcde|fghij|kl  o|pqrst|uvwxy", (2, 2)),
        (f"{GRID}{BOX}\x1b[3;3H\x1b[9P", "abcde|fghij|kl  o|pqrst|uvwxy", (2, 2)),
        (f"{GRID}{BOX}\x1b[5;3H\x1b[P", "abcde|fghij|klmno|pqrst|uvx y", (2, 4)),
        (f"{GRID}{BOX}\x1b[3;2H\x1b6", "abcde|f ghj|k lmo|p qrt|uvwxy", (1, 2)),
        (f"{GRID}{BOX}\x1b[3;4H\x1b9", "abcde|fhi j|kmn o|prs t|uvwxy", (3, 2)),
        (f"{GRID}{BOX}\x1b[3;5H\x1b9x", "abcde|fghij|klmnox|pqrst|uvwxy", (6, 2)),
        # Moving.
        (f"{BOX}\x1b[3;3H\x1b[9Ax", "|  x", (3, 1)),
        (f"{BOX}\x1b[1;3H\x1b[9Ax", "  x", (3, 0)),
        (f"{BOX}\x1b[3;3H\x1b[9Bx", "|||  x", (3, 3)),
        (f"{BOX}\x1b[5;3H\x1b[9Bx", "|||||  x", (3, 5)),
        (f"{BOX}\x1b[3;3H\x1b[9C\x1b[Dx", "||  x", (3, 2)),
        (f"{BOX}\x1b[3;6H\x1b[3Cx", "||        x", (9, 2)),
        (f"{BOX}\x1b[3;6H\x1b[9Dx", "|| x", (2, 2)),
        (f"{BOX}\x1b[3;1H\x1b[Dx", "||x", (1, 2)),
        (f"{BOX}\x1b[3;3H\x1b[Ex", "||| x", (2, 3)),
        (f"{BOX}\x1b[3;3H\x1b[9Fx", "| x", (2, 1)),
        (f"{BOX}\x1b[?6h\x1b[2;2Hx\x1b[6n", "||  x", (3, 2)),
        (f"{BOX}\x1b[?6h\x1b[9;9fx\x1b[6n", "|||   x", (3, 3)),
        (f"{BOX}\x1b[?6h\x1b[2d\x1b[2Gx", "||  x", (3, 2)),
        (f"{BOX}\x1b[?6h\x1b[2ax\x1b[2ey", "|   x||   y", (3, 3)),
        (f"{BOX}\x1b[3;6H\x1b[?6h\rx", "| x", (2, 1)),
        ("\x1b[?69h\x1b[5;12s\x1b[1;6H\tx", "        x", (9, 0)),
        ("\x1b[?69h\x1b[5;12s\x1b[1;6H\x1b[2Zx", "x", (1, 0)),
        ("\x1b[?69h\x1b[5;12s\x1b[3I\x1b[6n", "", (11, 0)),
        # Wrapping.
        (f"{BOX}\x1b[4;3Habcdef", "|  ab| cde| f", (2, 3)),
        (f"{BOX}\x1b[?7l\x1b[3;3Habcdef", "||  af", (3, 2)),
        (f"{BOX}\x1b[3;5Habcdefghijklmnopqrst", "|| qrsabcdefghijklmnop| t", (2, 3)),
        ("abcdefghijklmnopqrst\x1b7\x1b[3;1H\x1b8x", "abcdefghijklmnopqrst|x", (1, 1)),
        ("abcdefghijklmnopqrst\bx", "abcdefghijklmnopqrxt", (19, 0)),
        ("abcdefghijklmnopqrst\x1b[3bx", "abcdefghijklmnopqrst|tttx", (4, 1)),
        ("\x1b[1;19Ha\x1b[3b", "                  aa|aa", (2, 1)),
        (f"{BOX}\x1b[2;2Ha\x1b[3b", "| aaa| a", (2, 2)),
        ("abcdefghijklmnopqrst\x1b[?47hx\x1b[?47ly", "abcdefghijklmnopqrst| y", (2, 1)),
        ("\x1b[20habc\nd\ve\ff", "abc|d|e|f", (1, 3)),
        # Erasing and protection.
        (f"{GRID}\x1b[3;3H\x1b[J", "abcde|fghij|kl", (2, 2)),
        (f"{GRID}\x1b[3;3H\x1b[1J", "||   no|pqrst|uvwxy", (2, 2)),
        (f"{GRID}{BOX}\x1b[3;3H\x1b[2K", "abcde|fghij||pqrst|uvwxy", (2, 2)),
        (f"{GRID}{BOX}\x1b[3;3H\x1b[9X", "abcde|fghij|kl|pqrst|uvwxy", (2, 2)),
        (f'\x1b[1"q{GRID}\x1b[0"q\x1b[3;3HX\x1b[?J', "abcde|fghij|klXno|pqrst|uvwxy", (3, 2)),
        (f'\x1b[1"q{GRID}\x1b[2"q\x1b[3;3HX\x1b[?1J', "abcde|fghij|kl no|pqrst|uvwxy", (3, 2)),
        (f'\x1b[1"q{GRID}\x1b[0"q\x1b[3;3HX\x1b[?3J', "abcde|fghij|klXno|pqrst|uvwxy", (3, 2)),
        (f'\x1b[1"q{GRID}\x1b[0"q\x1b[3;3HX\x1b[?2K', "abcde|fghij|kl no|pqrst|uvwxy", (3, 2)),
        (f'\x1b[1"q{GRID}\x1b[2J', "", (5, 4)),
        ('\x1b[1"q\x1b7\x1b[0"q\x1b8ab\x1b[1;1;1;9${', "ab", (2, 0)),
        (f"{GRID}\x1bVX\x1bWY\x1b[H\x1b[J", "||||     X", (0, 0)),
        # Rectangles.
        (f"{GRID}{BOX}\x1b[1;3;9;9$z", "ab|fg|kl|pq|uv", (0, 0)),
        (f"{GRID}{BOX}\x1b[?6h\x1b[1;1;2;2$z", "abcde|f  ij|k  no|pqrst|uvwxy", (1, 1)),
        (f"{GRID}\x1b[2;2;3;3;1;3;3;1$v", "abcde|fghij|klgho|pqlmt|uvwxy", (5, 4)),
        (f"{GRID}\x1b[1;1;2;2;1;6;19;1$v",
         "abcde|fghij|klmno|pqrst|uvwxy|                  ab", (5, 4)),
        (f"{GRID}\x1b[3;3;2;2;1;1;1;1$v", "abcde|fghij|klmno|pqrst|uvwxy", (5, 4)),
        (f"{GRID}{BOX}\x1b[?6h\x1b[1;1;1;3;1;3;1;1$v", "abcde|fghij|klmno|pghit|uvwxy", (1, 1)),
        (f"{GRID}\x1b[7;1;9;9$z", "abcde|fghij|klmno|pqrst|uvwxy", (5, 4)),
        # Reset, screens, settings.
        (f"{GRID}{BOX}\x1b[?6h\x1b[!p\x1b[6;1Hx", "abcde|fghij|klmno|pqrst|uvwxy|x", (1, 5)),
        ("\x1b[4;4H\x1b7\x1b[!p\x1b8x", "x", (1, 0)),
        (f"{GRID}\x1b[2;3r\x1b[4h\x1bcx\x1b[H", "x", (0, 0)),
        ("m\x1b[?1049ha\x1b[?1049hb\x1b[?1049lc", "mc", (2, 0)),
        ("m\x1b[?1049ha\x1b[?1049h", "", (2, 0)),
        ("m\x1b[?1047ha\x1b[?1047l\x1b[?47hb", "  b", (3, 0)),
        ("\x1b[2;3H\x1b7\x1b[?47h\x1b[4;5H\x1b7\x1b[?47l\x1b8x", "|  x", (3, 1)),
        ("\x1b[?7s\x1b[?7l\x1b[?7rabcdefghijklmnopqrstu", "abcdefghijklmnopqrst|u", (1, 1)),
    ],
)  # fmt: skip
def test_screens(text: str, shown: str, cursor: tuple[int, int]) -> None:
    emulator = Emulator(COLUMNS, LINES)
    emulator.feed(text.encode())
    assert "|".join(row.rstrip() for row in emulator.display).rstrip("|") == shown
    assert emulator.cursor == cursor
