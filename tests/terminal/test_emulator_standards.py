"""What ECMA-48, the manuals of DEC's VT420 and VT510, and xterm's list of sequences say."""

from __future__ import annotations

import pytest

from bai_tui.widgets.terminal.emulator import BLINK, BOLD, DEFAULT, REVERSE, RGB, Attr, Emulator


def play(text: str | bytes, columns: int = 10, lines: int = 5) -> Emulator:
    emulator = Emulator(columns, lines, 100)
    emulator.feed(text if isinstance(text, bytes) else text.encode())
    return emulator


def shown(emulator: Emulator) -> list[str]:
    lines = [line.rstrip() for line in emulator.display]
    while lines and not lines[-1]:
        lines.pop()
    return lines


GRID = "abcdefghij\r\nklmnopqrst\r\nuvwxyzABCD\r\nEFGHIJKLMN\r\nOPQRSTUVWX"
SIDES = f"{GRID}\x1b[?69h\x1b[3;6s"
"""A full screen with margins at columns 3 and 6; the cursor is at home."""
INNER = f"{SIDES}\x1b[2;4r"
"""Also with margins at lines 2 and 4."""


@pytest.mark.parametrize(
    ("text", "expected", "cursor"),
    [
        # DECSLRM: text wraps, and the cursor stays, between the margins it is in.
        ("\x1b[?69h\x1b[3;6s\x1b[1;3Hwxyz12", ["  wxyz", "  12"], (4, 1)),
        ("\x1b[?69h\x1b[3;6s\x1b[1;8Hab\x1b[9C", ["       ab"], (9, 0)),
        ("\x1b[?69h\x1b[3;6s\x1b[1;4H\x1b[9C", [], (5, 0)),
        ("\x1b[?69h\x1b[3;6s\x1b[1;4H\x1b[9D", [], (2, 0)),
        ("\x1b[?69h\x1b[3;6s\x1b[1;5H\r", [], (2, 0)),
        ("\x1b[?69h\x1b[3;6s\x1b[1;2H\r", [], (0, 0)),
        ("\x1b[?69h\x1b[3;6s\x1b[?6h\x1b[1;1Hx\x1b[9;9Hy", ["  x", "", "", "", "     y"], (5, 4)),
        ("\x1b[?69h\x1b[6;3s\x1b[1;8Hx", ["       x"], (8, 0)),
        ("ab\x1b[s\x1b[3;3H\x1b[ux", ["abx"], (3, 0)),
        # Outside of them nothing scrolls or is shifted, also at the end of the last line.
        ("\x1b[?69h\x1b[1;5sabcde\x1b[5;10Hxy", ["abcde", "", "", "", "y        x"], (1, 4)),
        ("0123456789\x1b[4h\x1b[?69h\x1b[5;6sab", ["ab23456789"], (2, 0)),
        # Setting the mode once more keeps the margins; a pending wrap outlives DECSTR.
        ("\x1b[?69h\x1b[3;6s\x1b[?69h\x1b[1;3Hwxyz12", ["  wxyz", "  12"], (4, 1)),
        ("0123456789\x1b[2Ka", ["", "a"], (1, 1)),
        ("0123456789\x1b[!pa", ["0123456789", "a"], (1, 1)),
        # Scrolling, inserting and deleting touch only what is between the margins.
        (f"{INNER}\x1b[S", ["abcdefghij", "klwxyzqrst", "uvGHIJABCD", "EF    KLMN", "OPQRSTUVWX"],
         (0, 0)),
        (f"{INNER}\x1b[T", ["abcdefghij", "kl    qrst", "uvmnopABCD", "EFwxyzKLMN", "OPQRSTUVWX"],
         (0, 0)),
        (f"{INNER}\x1b[2;3H\x1b[L", ["abcdefghij", "kl    qrst", "uvmnopABCD", "EFwxyzKLMN",
                                     "OPQRSTUVWX"], (2, 1)),
        (f"{INNER}\x1b[3;4H\x1b[M", ["abcdefghij", "klmnopqrst", "uvGHIJABCD", "EF    KLMN",
                                     "OPQRSTUVWX"], (2, 2)),
        (f"{INNER}\x1b[3;2H\x1b[M", ["abcdefghij", "klmnopqrst", "uvwxyzABCD", "EFGHIJKLMN",
                                     "OPQRSTUVWX"], (1, 2)),
        (f"{SIDES}\x1b[1;4H\x1b[@", ["abc deghij"], (3, 0)),
        (f"{SIDES}\x1b[1;4H\x1b[P", ["abcef ghij"], (3, 0)),
        (f"{SIDES}\x1b[1;1H\x1b[P", ["abcdefghij"], (0, 0)),
        (INNER + "\x1b[2;4H\x1b['}", ["abcdefghij", "klm noqrst", "uvw xyABCD", "EFG HIKLMN",
                                      "OPQRSTUVWX"], (3, 1)),
        (f"{INNER}\x1b[2;4H\x1b['~", ["abcdefghij", "klmop qrst", "uvwyz ABCD", "EFGIJ KLMN",
                                      "OPQRSTUVWX"], (3, 1)),
        (f"{INNER}\x1b[2;4H\x1b[ @", ["abcdefghij", "klnop qrst", "uvxyz ABCD", "EFHIJ KLMN",
                                      "OPQRSTUVWX"], (3, 1)),
        (f"{INNER}\x1b[2;4H\x1b[ A", ["abcdefghij", "kl mnoqrst", "uv wxyABCD", "EF GHIKLMN",
                                      "OPQRSTUVWX"], (3, 1)),
        # DECBI and DECFI.
        (f"{GRID}\x1b[1;1H\x1b6", [" abcdefghi", " klmnopqrs", " uvwxyzABC", " EFGHIJKLM",
                                   " OPQRSTUVW"], (0, 0)),
        (f"{GRID}\x1b[1;10H\x1b9", ["bcdefghij", "lmnopqrst", "vwxyzABCD", "FGHIJKLMN",
                                    "PQRSTUVWX"], (9, 0)),
        ("\x1b[1;5H\x1b6x\x1b9y", ["   x y"], (6, 0)),
        # Rectangles.
        ("\x1b[42;2;3;3;5$x", ["", "  ***", "  ***"], (0, 0)),
        (f"{GRID}\x1b[2;2;4;9$z", ["abcdefghij", "k        t", "u        D", "E        N",
                                   "OPQRSTUVWX"], (9, 4)),
        (f"{GRID}\x1b[1;1;2;3;1;4;5;1$v", ["abcdefghij", "klmnopqrst", "uvwxyzABCD", "EFGHabcLMN",
                                           "OPQRklmVWX"], (9, 4)),
        (f"{GRID}\x1b[1;1;2;3;1;2;2;1$v", ["abcdefghij", "kabcopqrst", "uklmyzABCD", "EFGHIJKLMN",
                                           "OPQRSTUVWX"], (9, 4)),
        (f"{GRID}\x1b[3;3;2;2$z\x1b[7;7;9;9$z", GRID.split("\r\n"), (9, 4)),
        # Protection: DECSCA is for selective erasing, SPA for all.
        ('a\x1b[1"qb\x1b[0"qc\x1b[?2K', [" b"], (3, 0)),
        ('a\x1b[1"qb\x1b[0"qc\x1b[2K', [], (3, 0)),
        ('a\x1b[1"qb\x1b[0"qc\r\nd\x1b[?2J', [" b"], (1, 1)),
        ('a\x1b[1"qb\x1b[0"qc\x1b[1;1;1;9${', [" b"], (3, 0)),
        ("a\x1bVb\x1bWc\x1b[1;1;1;9${\x1b[1;1;1;9$z", [], (3, 0)),
        ("a\x1bVb\x1bWc\x1b[?2K", [" b"], (3, 0)),
        ('a\x1b[1"qb\x1bVc\x1b[?2K', [" bc"], (3, 0)),
        ('a\x1bVb\x1bW\x1b[1"qc\x1b[2K', [], (3, 0)),
        ("a\x1bVb\x1bWc\x1b[2K", [" b"], (3, 0)),
        ("a\x1bVb\x1bWc\x1b[1;1H\x1b[J", [" b"], (0, 0)),
        ("a\x1bVb\x1bWc\x1b[1;1H\x1b[9X", [" b"], (0, 0)),
        # Single and locking shifts.
        ("\x1b*0\x1bNqq\x1b+0\x1bOqq", ["─q─q"], (4, 0)),
        ("\x1b*0\x1bnqq\x0fq", ["──q"], (3, 0)),
        ("\x1b[?42h\x1b(Kä[{]\x1b(B[", ["äÄäÜ["], (5, 0)),
        ("\x1b(00+`~", ["0+◆·"], (4, 0)),
        ("\x1b.A\x1bNi\x1bn#\x0f#", ["é£#"], (3, 0)),
        ("\x1b(A#\x1b(B#", ["£#"], (2, 0)),
        # National sets are ASCII until DECNRCM is set; DEC's mathematical and multinational ones.
        ("\x1b(Kä[{]\x1b[?42h[{]\x1b[?42l[", ["ä[{]ÄäÜ["], (8, 0)),
        ("\x1b[?42h\x1b*K\x1bN[\x1b[!p\x1b*K\x1bN[", ["Ä["], (2, 0)),
        ("\x1b(>ac{\x1b(%5(w}", ["αχ←¤œÿ"], (6, 0)),
        # What DECRQPSR tells is taken back by DECRSPS, and nothing else.
        ("\x1bP1$t2;4;1;@;@;@;1;2;@;B0BB\x1b\\qq\x0fq", ["", "   ──q"], (6, 1)),
        ("\x1bP1$t1;10;1;@;@;H;0;2;@;BBBB\x1b\\xy", ["", "xy"], (2, 1)),
        ("\x1b[2;4r\x1bP1$t9;9;1;@;@;A;0;2;@;BBBB\x1b\\x", ["", "", "", "        x"], (9, 3)),
        ("\x1bP1$t2;4;1;@;@;@;0;2;@;BBB\x1b\\x\x1bP1$t2;4\x1b\\\x1bP1$t\x1b\\", ["x"], (1, 0)),
        ("\x1bP2$t3/7/99999/x\x1b\\\t1\t2\t3", ["  1   2  3"], (9, 0)),
        # Mode 41: a tab behind the last column goes on in the next line.
        ("0123456789\x1b[?41h\tx", ["0123456789", "        x"], (9, 1)),
        ("0123456789\tx", ["0123456789", "x"], (1, 1)),
        # DECCOLM, where it is allowed: the width stays, all else happens.
        ("\x1b[?3hab", ["ab"], (2, 0)),
        ("ab\x1b[2;3r\x1b[?40;95hx\x1b[?3h\x1b[5Bc", ["", "", "", "", "c"], (1, 4)),
        # Reverse wrap: 45 back into what was wrapped, 1045 anywhere.
        ("\x1b[?45h0123456789ab\x08\x08\x08X", ["012345678X", "ab"], (9, 0)),
        ("\x1b[?45h012\r\n\x08X", ["012", "X"], (1, 1)),
        ("\x1b[?1045h012\r\n\x08X", ["012      X"], (9, 0)),
        ("\x1b[?1045h\x08X", ["", "", "", "", "         X"], (9, 4)),
        # Alternate screens: 1049 clears when it comes, 1047 when it goes, 47 never.
        ("m\x1b[?47hx\x1b[?47l\x1b[?47h", [" x"], (2, 0)),
        ("m\x1b[?47hx\x1b[?1047l\x1b[?47h", [], (2, 0)),
        ("m\x1b[?47hx\x1b[?47l\x1b[?1049h", [], (2, 0)),
        ("m\x1b[?1049hxyz\x1b[?1049l", ["m"], (1, 0)),
        ("m\x1b[?1047hxyz\x1b[?1047l", ["m"], (4, 0)),
        ("m\x1b[?1049hxyz\x1b[?1049h", [], (4, 0)),
        # Tabs.
        ("\x1b[3g\x1b[1;5H\x1bH\r\tx", ["    x"], (5, 0)),
        ("\x1b[3g\x1b[?5W\r\tx", ["        x"], (9, 0)),
        ("\x1b[1;10H\x1b[Zx", ["        x"], (9, 0)),
        # The new line mode.
        ("\x1b[20hab\nc", ["ab", "c"], (1, 1)),
        # REP takes what was just printed, and nothing else.
        ("한\x1b[2b", ["한한한"], (6, 0)),
        ("a\r\x1b[2b", ["a"], (0, 0)),
        # Behind the last column there is nothing to erase.
        ("0123456789\x1b[K", ["0123456789"], (9, 0)),
        ("0123456789\x1b[Kx", ["0123456789", "x"], (1, 1)),
        ("\x1b[;HX\x1b[0;0HY", ["Y"], (1, 0)),
        # DECSTR resets what a program may have left behind, and not the text.
        ("ab\x1b[4h\x1b[?6h\x1b[2;3r\x1b[!p\x1b[1;1HX", ["Xb"], (1, 0)),
    ],
)  # fmt: skip
def test_screens(text: str, expected: list[str], cursor: tuple[int, int]) -> None:
    emulator = play(text)
    assert shown(emulator)[: len(expected) or None] == expected
    assert emulator.cursor == cursor


def test_alignment_display_also_resets_the_margins() -> None:
    emulator = play("\x1b[2;3r\x1b[?6h\x1b#8")
    assert emulator.display == ["E" * 10] * 5
    assert emulator.cursor == (0, 0)


def test_looks_in_rectangles() -> None:
    emulator = play(f"{GRID}\x1b[2*x\x1b[1;1;2;2;1;7$r")
    assert emulator.cell(1, 1).attr == Attr(flags=BOLD | REVERSE)
    assert emulator.cell(2, 1).attr is DEFAULT
    emulator.feed(b"\x1b[1;1;1;2;7;5$t")
    assert emulator.cell(0, 0).attr == Attr(flags=BOLD | BLINK)
    emulator.feed(b"\x1b[1*x\x1b[1;9;2;2;4$r")
    assert [emulator.cell(x, 0).attr.underline for x in (7, 8, 9)] == [0, 1, 1]
    assert [emulator.cell(x, 1).attr.underline for x in (0, 1, 2)] == [1, 1, 0]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("\x1b[=c", "\x1bP!|00000000\x1b\\"),
        ("\x1bZ", "\x1b[?64;6;9;15;17;21;22;28c"),
        ("\x1b[>q", "\x1bP>|bai-tui\x1b\\"),
        ("\x1b[14t", "\x1b[4;100;100t"),
        ("\x1b[15t", "\x1b[5;100;100t"),
        ("\x1b[16t", "\x1b[6;20;10t"),
        ("\x1b[18t", "\x1b[8;5;10t"),
        ("\x1b[19t", "\x1b[9;5;10t"),
        ("\x1b]1;icon\x07\x1b[20t", "\x1b]L\x1b\\"),
        ("\x1b]2;title\x07\x1b[21t", "\x1b]l\x1b\\"),
        ("\x1b[?15n", "\x1b[?13n"),
        ("\x1b[?25n", "\x1b[?20n"),
        ("\x1b[?26n", "\x1b[?27;1;0;0n"),
        ("\x1b[?55n", "\x1b[?50n"),
        ("\x1b[?56n", "\x1b[?57;0n"),
        ("\x1b[?62n", "\x1b[0000*{"),
        ("\x1b[?63;7n", "\x1bP7!~0000\x1b\\"),
        ("\x1b[?75n", "\x1b[?70n"),
        ("\x1b[?85n", "\x1b[?83n"),
        ("\x1b[?996n", "\x1b[?997;1n"),
        ("\x1b[2;4r\x1b[?6h\x1b[2;3H\x1b[6n", "\x1b[2;3R"),
        ("\x1b[?69h\x1b[3;7s\x1bP$qs\x1b\\", "\x1bP1$r3;7s\x1b\\"),
        ("\x1b[2;4r\x1bP$qr\x1b\\", "\x1bP1$r2;4r\x1b\\"),
        ("\x1bP$qt\x1b\\", "\x1bP1$r5t\x1b\\"),
        ("\x1bP$q$|\x1b\\", "\x1bP1$r10$|\x1b\\"),
        ("\x1bP$q*|\x1b\\", "\x1bP1$r5*|\x1b\\"),
        ("\x1b[2*x\x1bP$q*x\x1b\\", "\x1bP1$r2*x\x1b\\"),
        ("\x1b[3 q\x1bP$q q\x1b\\", "\x1bP1$r3 q\x1b\\"),
        ('\x1b[1"q\x1bP$q"q\x1b\\', '\x1bP1$r1"q\x1b\\'),
        ('\x1bP$q"p\x1b\\', '\x1bP1$r64;1"p\x1b\\'),
        ('\x1b[62;1"p\x1bP$q"p\x1b\\', '\x1bP1$r62;1"p\x1b\\'),
        ("\x1b[1;4:3;38;5;9;48:2::1:2:3m\x1bP$qm\x1b\\", "\x1bP1$r0;1;4:3;91;48:2::1:2:3m\x1b\\"),
        ("\x1bP+q544E\x1b\\", "\x1bP1+r544E=787465726D2D323536636F6C6F72\x1b\\"),
        ("\x1bP+q436F;6162\x1b\\", "\x1bP1+r436F=323536\x1b\\\x1bP0+r\x1b\\"),
        ("\x1bP+qzz\x1b\\", "\x1bP0+r\x1b\\"),
        ("\x1b[2$p", "\x1b[2;2$y"),
        ("\x1b[20h\x1b[20$p", "\x1b[20;1$y"),
        ("\x1b[1$p", "\x1b[1;4$y"),
        ("\x1b[?7$p\x1b[?25$p\x1b[?1007$p", "\x1b[?7;1$y\x1b[?25;1$y\x1b[?1007;1$y"),
        ("\x1b[?69$p\x1b[?69h\x1b[?69$p", "\x1b[?69;2$y\x1b[?69;1$y"),
        ("\x1b[?1049h\x1b[?1049$p\x1b[?47$p", "\x1b[?1049;1$y\x1b[?47;1$y"),
        ("\x1b[?1002h\x1b[?1000$p\x1b[?1002$p", "\x1b[?1000;2$y\x1b[?1002;1$y"),
        ("\x1b[x", "\x1b[2;1;1;128;128;1;0x"),
        ("\x1b[7;1;1;1;1;1*y", "\x1bP7!~FFE0\x1b\\"),
        ("A\x1b[1;1;1;1;1;1*y", "\x1bP1!~FFBF\x1b\\"),
        # Modes that are set at first; modes nobody may ask for on a VT200, nor side margins have.
        ("\x1b[12$p\x1b[?8$p\x1b[?1048$p", "\x1b[12;1$y\x1b[?8;1$y\x1b[?1048;1$y"),
        ('\x1b[62;1"p\x1b[4$p\x1b[?7$p', ""),
        ('\x1b[63;1"p\x1b[?69h\x1b[?69$p', "\x1b[?69;2$y"),
        # DECSCL also says how; there is nothing above level 4, and only above it mode 95.
        ('\x1b[64;2"p\x1bP$q"p\x1b\\', '\x901$r64;0"p\x9c'),
        ('\x1b[63"p\x1b[64;1"p\x1bP$q"p\x1b\\', '\x1bP1$r64;1"p\x1b\\'),
        ('\x1b[65;1"p\x1bP$q"p\x1b\\', '\x1bP1$r64;1"p\x1b\\'),
        ("\x1b[?95h\x1b[?95$p", "\x1b[?95;0$y"),
        ("\x1b[?2027l\x1b[?2027$p", "\x1b[?2027;3$y"),
        ("\x1bP$q*x\x1b\\\x1b[1*x\x1bP$q*x\x1b\\", "\x1bP1$r0*x\x1b\\\x1bP1$r1*x\x1b\\"),
        # Sizes and themes are told when they change, to whom that concerns.
        ("\x1b[?2048h\x1b[?2048$p", "\x1b[48;5;10;100;100t\x1b[?2048;1$y"),
        ("\x1b[?2031h\x1b[?2031$p", "\x1b[?2031;1$y"),
        # DECCIR and DECTABSR.
        ("\x1b[1$w", "\x1bP1$u1;1;1;@;@;@;0;2;@;BBBB\x1b\\"),
        (
            '\x1b[3;5H\x1b[1;4;7m\x1b[1"q\x1b[?6h\x1b)0\x1b.A\x0e\x1b[2;9Hx\x1bN\x1b[1$w',
            "\x1bP1$u2;10;1;K;A;C;1;2;D;B0AB\x1b\\",
        ),
        ("012345678\x1b[5m9\x1b[1$w", "\x1bP1$u1;10;1;D;@;H;0;2;@;BBBB\x1b\\"),
        ("\x1b[1;4H\x1bH\x1b[2$w\x1b[3g\x1b[2$w", "\x1bP2$u4/9\x1b\\\x1bP2$u\x1b\\"),
        ("\x1b[3$w\x1b[0$w", ""),
        # S8C1T, S7C1T: how the controls in answers are written.
        ("\x1b G\x1b[6n\x1b F\x1b[6n", "\x9b1;1R\x1b[1;1R"),
        ("\x1b G\x1bP$qr\x1b\\", "\x901$r1;5r\x9c"),
        # Colours of X: digits that are missing are zeros in # and repeated in rgb:.
        ("\x1b]4;7;#fa9;7;?\x1b\\", "\x1b]4;7;rgb:f0f0/a0a0/9090\x1b\\"),
        ("\x1b]4;7;rgb:f/a/9;7;?\x1b\\", "\x1b]4;7;rgb:ffff/aaaa/9999\x1b\\"),
        ("\x1b]4;7;rgbi:1.0/.5/0;7;?\x1b\\", "\x1b]4;7;rgb:e5e5/e5e5/e5e5\x1b\\"),
        ("\x1b]4;7;rgbi:1.0/0/9;7;?\x1b\\", "\x1b]4;7;rgb:ffff/0000/ffff\x1b\\"),
        # Special colours, by their own numbers and on from the palette's.
        (
            "\x1b]5;1;#123456\x07\x1b]5;1;?\x07\x1b]4;257;?\x07",
            "\x1b]5;1;rgb:1212/3434/5656\x07\x1b]4;257;rgb:1212/3434/5656\x07",
        ),
        ("\x1b]5;0;#123456\x07\x1b]105;0\x07\x1b]5;0;?\x07", "\x1b]5;0;rgb:d0d0/d0d0/d0d0\x07"),
        ("\x1b]5;5;?\x07\x1b]4;261;?\x07", ""),
        ("\x1bP+q5463;5375\x1b\\", "\x1bP1+r5463\x1b\\\x1bP1+r5375\x1b\\"),
        ("\x1b[?4;25s\x1b[?25l\x1b[?25r\x1b[?25$p", "\x1b[?25;1$y"),
    ],
)
def test_answers(question: str, answer: str) -> None:
    assert play(question).replies().decode("latin-1") == answer


def test_looks_are_put_aside() -> None:
    emulator = play("\x1b[1;31m\x1b[#{\x1b[0;7mx\x1b[#}y\x1b[#}z")
    looks = [emulator.cell(x, 0).attr for x in range(3)]
    assert looks == [Attr(flags=REVERSE), Attr(fg=1, flags=BOLD), Attr(fg=1, flags=BOLD)]
    emulator.feed(b"\x1b[#p" * 1000)
    assert len(emulator.screen.looks_aside) <= 10


def test_colours_are_set_asked_and_reset() -> None:
    emulator = play("\x1b[31mx\x1b]4;1;rgb:12/34/56\x07\x1b]4;1;?\x07")
    assert emulator.replies() == b"\x1b]4;1;rgb:1212/3434/5656\x07"
    assert emulator.cell(0, 0).fg == RGB | 0x123456
    emulator.feed(b"\x1b]104;1\x07\x1b]4;1;?\x07")
    assert emulator.replies() == b"\x1b]4;1;rgb:cdcd/0000/0000\x07"
    assert emulator.cell(0, 0).fg == 1
    for number, name in ((10, "fg"), (11, "bg"), (12, "cursor")):
        default = emulator.colors.get(name)
        emulator.feed(b"\x1b]%d;#abcdef\x1b\\\x1b]%d;?\x1b\\" % (number, number))
        assert emulator.replies() == b"\x1b]%d;rgb:abab/cdcd/efef\x1b\\" % number
        emulator.feed(b"\x1b]%d\x1b\\" % (number + 100))
        assert emulator.colors.get(name) == default
    emulator.feed(b"\x1b]10;red;?\x07")
    assert emulator.replies().startswith(b"\x1b]11;rgb:")
    assert emulator.colors.get("fg") == 0xFF0000


def test_a_changed_palette_repaints_what_stands_there() -> None:
    emulator = play("x")
    assert emulator.dirty
    assert not emulator.dirty
    emulator.feed(b"\x1b]4;3;#010203\x07")
    assert emulator.dirty == set(range(5))


def test_titles_are_stacked() -> None:
    emulator = play("\x1b]2;one\x07\x1b[22;0t\x1b]2;two\x07\x1b[22;2t\x1b]2;three\x07")
    assert emulator.title == "three"
    emulator.feed(b"\x1b[23t")
    assert emulator.title == "two"
    emulator.feed(b"\x1b[23;0t")
    assert emulator.title == "one"
    emulator.feed(b"\x1b[23t\x1b[23t")
    assert emulator.title == "one"
    emulator.feed(b"\x1b[22t" * 1000)
    assert len(emulator.screen.titles) == 10


def test_marks_of_a_shell_go_with_their_lines() -> None:
    emulator = play("\x1b]133;A\x07$ ls\r\n\x1b]133;C\x07out\r\n\x1b]133;D;0\x07")
    assert [emulator.line(y).mark for y in range(4)] == ["A", "C", "D", ""]
    emulator.feed(b"\r\n" * 5)
    assert emulator.line(-emulator.history_size).mark == "A"


def test_hyperlinks_never_run_out() -> None:
    emulator = Emulator(20, 5, 20_000)
    for number in range(10_000):
        emulator.feed(b"\x1b]8;;http://x/%d\x07%d\x1b]8;;\x07\r\n" % (number, number))
    assert len(emulator.hyperlinks) <= 4096
    for y in range(-2000, 4):
        line = emulator.line(y)
        link = line.attrs[0].link
        assert emulator.hyperlinks[link] == f"http://x/{line.text.strip()}"
    oldest = emulator.line(-emulator.history_size)
    assert oldest.text.strip() == "0"
    assert oldest.attrs[0].link == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\u009b1;5Hb", ["a   b"]),
        ("a\u0085b", ["a", "b"]),
        ("a\u0084b", ["a", " b"]),
        ("\u009d0;t\u009cb", ["b"]),
        ("\u0090$qm\u009cb", ["b"]),
        ("a\u0080\u0081\u0099b", ["ab"]),
        ("a\x1b[3\x18b", ["ab"]),
        ("a\x1b[3\x1ab", ["ab"]),
        ("a\x1b]0;t\x18b", ["ab"]),
        ("a\x1bPq\x1ab", ["ab"]),
        ("a\x1b[3\x1b[Cb", ["a b"]),
        ("a\x1b[3\x07Cb", ["a   b"]),
        ("a\x1b\x08[2Cb", ["a b"]),
        ("a\x1b[3한b", ["a한b"]),
        ("a\x1b[<999999999999999999999qb", ["ab"]),
        ("a\x1b[" + ";" * 300 + "Hb", ["ab"]),
        ("a\x1b[1!2Hb", ["ab"]),
        ("a\x1b%Gb\x1b#3c\x1b F", ["abc"]),
        ("a\x1b_G;AAAA\x1b\\b\x1b^x\x1b\\c\x1bXx\x07y\x1b\\d", ["abcd"]),
        ("a\x1b]0;x\x1b[2Cb", ["a  b"]),
    ],
)
def test_broken_and_foreign_sequences(text: str, expected: list[str]) -> None:
    data = text.encode()
    whole = play(data)
    assert shown(whole) == expected
    for size in (1, 2, 3):
        pieces = Emulator(10, 5, 100)
        for start in range(0, len(data), size):
            pieces.feed(data[start : start + size])
        assert pieces.display == whole.display
        assert pieces.cursor == whole.cursor


def test_modes_are_counted_as_asked() -> None:
    emulator = play("\x1b[?25l\x1b[?1003h\x1b[?1006h\x1b[5 q\x1b[?5h")
    modes = emulator.modes
    assert not modes.cursor_visible
    assert (modes.mouse, modes.mouse_encoding) == (1003, 1006)
    assert (modes.cursor_shape, modes.cursor_blink) == ("bar", True)
    assert modes.reverse_screen
    emulator.feed(b"\x1b[!p")
    assert emulator.modes.cursor_visible


def test_titles_put_aside_apart_come_back_together() -> None:
    emulator = play("\x1b]2;title\x07\x1b]1;icon\x07\x1b[22;1t\x1b[22;2t\x1b]0;other\x07\x1b[23t")
    assert (emulator.title, emulator.screen.icon_name) == ("title", "icon")
    emulator = play("\x1b]0;both\x07\x1b[22t\x1b]0;other\x07\x1b[23;1t\x1b[23;2t")
    assert (emulator.title, emulator.screen.icon_name) == ("other", "both")


def test_a_hard_reset_takes_colours_back() -> None:
    emulator = play("x\x1b]4;1;#123456\x07\x1b]11;#ffffff\x07\x1bc")
    assert not emulator.colors.changed
    assert emulator.colors.dark


def test_sizes_and_themes_are_told_to_programs_that_asked() -> None:
    emulator = play("\x1b[?2048h\x1b[?2031h")
    emulator.replies()
    emulator.resize(10, 5)
    assert emulator.replies() == b""
    emulator.resize(8, 4)
    assert emulator.replies() == b"\x1b[48;4;8;80;80t"
    emulator.recolor(fg=0xFFFFFF, bg=0x101010, cursor=0)
    assert emulator.replies() == b""
    emulator.recolor(fg=0, bg=0xF0F0F0, cursor=0)
    assert emulator.replies() == b"\x1b[?997;2n"
    emulator.feed(b"\x1b[?2048;2031l")
    emulator.recolor(fg=0xFFFFFF, bg=0, cursor=0)
    emulator.resize(10, 5)
    assert emulator.replies() == b""
