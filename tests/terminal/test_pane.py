"""The pane with a real shell behind it, driven by Textual's pilot."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import groupby
from typing import Any

import pytest
from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.message import Message
from textual.pilot import Pilot

from bai_tui.widgets.terminal import _feeding
from bai_tui.widgets.terminal.link import Carrier, Link, LinkState, Size
from bai_tui.widgets.terminal.pane import TerminalPane
from tests.terminal.localpty import Shell
from tests.waiting import until

SIZES = [(80, 24), (120, 40), (200, 60)]


class PaneApp(App[None], inherit_bindings=False):
    ENABLE_COMMAND_PALETTE = False
    key_at = -1.0
    output_waits = False

    def __init__(self, link: Link) -> None:
        super().__init__()
        self.link = link
        self.heard: list[Message] = []
        self.told = ""

    def compose(self) -> ComposeResult:
        yield TerminalPane(self.link)

    def on_mount(self) -> None:
        self.query_one(TerminalPane).focus()

    def hear(self, message: Message) -> None:
        self.heard.append(message)

    def on_terminal_pane_state_changed(self, event: TerminalPane.StateChanged) -> None:
        self.told = event.pane.status

    on_terminal_pane_leave_requested = hear
    on_terminal_pane_copied = hear
    on_terminal_pane_link_clicked = hear
    on_terminal_pane_commanded = hear
    on_terminal_pane_ended = hear


class Driven:
    def __init__(self, app: PaneApp, pilot: Pilot[None], shell: Shell) -> None:
        self.app, self.pilot, self.shell = app, pilot, shell
        self.pane = app.query_one(TerminalPane)

    @property
    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.pane.emulator.display)

    async def type(self, text: str) -> None:
        names = {" ": "space", "\n": "enter", "\x03": "ctrl+c", "\x1b": "escape"}
        await self.pilot.press(*(names.get(character, character) for character in text))

    async def shows(self, text: str) -> None:
        await until(lambda: text in self.text, f"{text!r} on the screen")

    def strip_text(self, y: int) -> str:
        return self.pane.render_line(y).text

    def heard(self, kind: Any) -> list[Any]:
        return [message for message in self.app.heard if isinstance(message, kind)]


@asynccontextmanager
async def driven(*argv: str, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Driven]:
    shell = Shell(*argv)
    app = PaneApp(Link(shell.connect))
    async with app.run_test(size=size) as pilot:
        result = Driven(app, pilot, shell)
        await until(lambda: result.pane.link.state is LinkState.LIVE, "the link to be live")
        if not argv:
            await result.shows("$")
        yield result


@pytest.mark.parametrize("size", SIZES)
async def test_a_shell_at_every_size(size: tuple[int, int]) -> None:
    async with driven(size=size) as d:
        await d.type("stty size; echo a-$((40+2))\n")
        await d.shows(f"{size[1]} {size[0]}\na-42")
        for y in range(size[1]):
            assert d.pane.render_line(y).cell_length == size[0]


async def test_resizing_reaches_the_program() -> None:
    async with driven() as d:
        await d.pilot.resize_terminal(100, 30)
        carrier = d.shell.carrier
        assert carrier is not None
        await until(lambda: carrier.sizes[-1] == (100, 30), "the new size")
        await d.type("stty size\n")
        await d.shows("30 100")


async def test_keys_of_the_application_go_to_the_session() -> None:
    async with driven("cat", "-v") as d:
        await d.pilot.press(
            "ctrl+q",
            "ctrl+p",
            "tab",
            "escape",
            "up",
            "f1",
            "ctrl+right_square_bracket",
            "ctrl+right_square_bracket",
            "enter",
        )
        carrier = d.shell.carrier
        assert carrier is not None
        await until(lambda: carrier.sent.endswith(b"\r"), "the keys to be sent")
        assert carrier.sent == b"\x11\x10\t\x1b\x1b[A\x1bOP\x1d\r"


async def test_interrupting_with_ctrl_c() -> None:
    async with driven() as d:
        await d.type("sleep 1000\n")
        await d.shows("sleep 1000")
        await d.type("\x03echo back-$((1+1))\n")
        await d.shows("back-2")


async def test_colours_wide_text_and_the_cursor() -> None:
    async with driven() as d:
        await d.type("printf '\\033[31mred\\033[0m 안녕 \\360\\237\\231\\202\\n'\n")
        await d.shows("\nred 안녕 🙂")
        y = next(i for i, line in enumerate(d.pane.emulator.display) if line.startswith("red"))
        strip = d.pane.render_line(y)
        assert strip.text.startswith("red 안녕 🙂")
        assert strip.cell_length == 80
        first = next(iter(strip))
        assert first.text == "red"
        assert first.style is not None
        assert first.style.color is not None
        assert first.style.color.number == 1
        x, y = d.pane.emulator.cursor
        segment = next(iter(d.pane.render_line(y).crop(x, x + 1)))
        assert segment.style is not None
        assert segment.style.reverse


async def test_nothing_a_session_prints_reaches_the_outer_terminal_raw() -> None:
    async with driven() as d:
        await d.type(
            "printf '\\033]0;evil\\007\\033]52;c;aGk=\\007\\033[31;5mx\\001\\002\\n'; echo end\n"
        )
        await d.shows("\nend")
        for y in range(24):
            assert d.strip_text(y).isprintable()
        assert d.pane.title == "evil"
        assert "one wants to copy 2 characters (hi)" in d.pane.status
        assert not d.heard(TerminalPane.Copied)


@pytest.mark.parametrize("answer", ["y", "n"])
async def test_programs_copy_only_when_allowed(answer: str) -> None:
    async with driven() as d:
        await d.type("printf '\\033]52;c;aGk=\\007'\n")
        await until(lambda: "wants to copy" in d.pane.status, "the question")
        await d.pilot.press("ctrl+right_square_bracket", answer)
        # Remembered for this terminal; what is read from the clipboard is never asked at all.
        await d.type("printf '\\033]52;c;aG8=\\007\\033]52;c;?\\007'; echo e-$((1+1))\n")
        await d.shows("\ne-2")
        assert "wants" not in d.pane.status
        texts = [message.text for message in d.heard(TerminalPane.Copied)]
        assert texts == (["hi", "ho"] if answer == "y" else [])
        carrier = d.shell.carrier
        assert carrier is not None
        assert b"\x1b]" not in carrier.sent


async def test_links_are_shown_and_opened_with_ctrl() -> None:
    async with driven() as d:
        d.pane.emulator.feed(
            b"\x1b[H\x1b[2Jsee https://example.org/a?b=1. \x1b]8;;https://example.net/x\x07here"
            b"\x1b]8;;\x07\r\n\x1b]8;;file:///etc/passwd\x07file\x1b]8;;\x07"
        )
        d.pane._paint()
        await d.pilot.hover(TerminalPane, offset=(10, 0))
        await until(lambda: "ctrl+click opens https://example.org/a?b=1" in d.pane.status, "hover")
        for x, y in ((10, 0), (34, 0), (1, 1), (1, 0)):
            await d.pilot.click(TerminalPane, offset=(x, y), control=True)
        await d.pilot.pause()
        clicked = [(m.address, m.is_web) for m in d.heard(TerminalPane.LinkClicked)]
        assert clicked == [
            ("https://example.org/a?b=1", True),
            ("https://example.net/x", True),
            ("file:///etc/passwd", False),
        ]


async def test_a_double_click_copies_a_word() -> None:
    async with driven() as d:
        await d.type("clear; echo hello big-world again\n")
        await d.shows("again\n$")
        await d.pilot.click(TerminalPane, offset=(8, 0), times=2)
        await until(lambda: d.heard(TerminalPane.Copied), "the copy")
        assert d.heard(TerminalPane.Copied)[0].text == "big-world"


async def test_pictures_drawn_as_a_whole_are_never_shown_in_part() -> None:
    async with driven("cat") as d:
        emulator = d.pane.emulator
        d.pane._due = 0.0
        d.pane.link._arrived(b"\x1b[?2026h\x1b[Hone\x1b[?2026l\x1b[?2026h\x1b[Htwo")
        await until(lambda: "two" in emulator.display[0])
        # The first picture was painted before the second one was begun; that one is held back.
        assert d.pane._held_since
        d.pane.link._arrived(b"\x1b[?2026l")
        await until(lambda: not d.pane._held_since)
        await until(lambda: d.pane._marks[0] == d.pane._mark(0))


async def test_some_pictures_of_a_large_screen_are_all_painted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    row = "".join(f"\x1b[4{n % 8}m\x1b[3{n % 7}mword{n % 10}" for n in range(38))
    picture = "".join(f"\x1b[{y};1H{row}" for y in range(1, 60))
    pictures = [f"\x1b[?2026h{picture}\x1b[H{n}th\x1b[?2026l" for n in range(4)]
    async with driven("cat", size=(200, 60)) as d:
        painted = []
        paint = d.pane._paint

        def watched() -> None:
            paint()
            painted.append(d.pane.emulator.display[0][:3])

        monkeypatch.setattr(d.pane, "_paint", watched)
        # Coming in one, as after a hiccup of the network, they are more than a flood of text is.
        d.pane.link._arrived("".join(pictures).encode())
        await until(lambda: "3th" in painted, "the last picture")
        assert {"0th", "1th", "2th", "3th"} <= {*painted}


async def test_pictures_of_a_flood_are_painted_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    row = "".join(f"\x1b[4{n % 8}m\x1b[3{n % 7}mword{n % 10}" for n in range(38))
    picture = "".join(f"\x1b[{y};1H{row}" for y in range(1, 60))
    flood = "".join(
        f"\x1b[?2026h\x1b[H{n:02d}th{picture[6:]}\x1b[60;1H{n:02d}th\x1b[?2026l" for n in range(40)
    )
    async with driven("cat", size=(200, 60)) as d:
        painted = []
        paint = d.pane._paint

        def watched() -> None:
            paint()
            first, *_, last = d.pane.emulator.display
            painted.append((first[:4], last[:4]))

        monkeypatch.setattr(d.pane, "_paint", watched)
        d.pane.link._arrived(flood.encode())
        assert d.pane._behind
        await until(lambda: ("39th", "39th") in painted, "the last picture")
        assert not [pair for pair in painted if "th" in pair[1] and pair[0] != pair[1]]
        assert len({*painted}) > 3


async def test_keys_that_are_for_the_screen_around() -> None:
    async with driven("cat", "-v") as d:
        await d.pilot.press("ctrl+right_square_bracket", "n")
        await until(lambda: d.heard(TerminalPane.Commanded), "the command")
        assert d.heard(TerminalPane.Commanded)[0].key == "n"
        carrier = d.shell.carrier
        assert carrier is not None
        assert carrier.sent == b""


async def test_leaving() -> None:
    async with driven() as d:
        await d.pilot.press("ctrl+right_square_bracket")
        assert d.pane.status.startswith("leader")
        await d.pilot.press("d")
        await until(lambda: d.heard(TerminalPane.LeaveRequested), "the wish to leave")


async def test_scrollback_by_keys_and_wheel() -> None:
    async with driven() as d:
        await d.type("seq 1 100\n")
        await d.shows("\n100\n")
        await d.pilot.press("shift+pageup")
        assert "lines up" in d.pane.status
        assert any(d.strip_text(y).strip() == "70" for y in range(24))
        await d.pilot.press("shift+end")
        assert "live" in d.pane.status
        await d.pilot._post_mouse_events(
            [__import__("textual.events", fromlist=["x"]).MouseScrollUp], TerminalPane
        )
        assert "3 lines up" in d.pane.status
        await d.type("echo typing-returns\n")
        await d.shows("\ntyping-returns")
        assert "live" in d.pane.status


async def test_search_and_copy_by_keyboard() -> None:
    async with driven() as d:
        await d.type("seq 1 300\n")
        await d.shows("\n300\n")
        await d.pilot.press("ctrl+right_square_bracket", "slash", "1", "2", "3", "enter")
        assert any("123" in d.strip_text(y) for y in range(24))
        await d.pilot.press("v", "j", "l", "l", "y")
        await until(lambda: d.heard(TerminalPane.Copied), "the copy")
        assert d.heard(TerminalPane.Copied)[0].text == "123\n124"
        assert "live" in d.pane.status
        await d.pilot.press("ctrl+right_square_bracket", "slash", *"nowhere", "enter")
        assert "not found" in d.pane.status


async def test_what_is_empty_is_not_copied() -> None:
    async with driven() as d:
        await d.type("clear\n")
        await d.shows("$")
        for keys in (("y",), ("0", "v", "j", "y")):
            await d.pilot.press("ctrl+right_square_bracket", "c", "j", *keys)
            assert d.pane.status == "nothing is selected"
        await d.pilot.mouse_down(TerminalPane, offset=(6, 10))
        await d.pilot.hover(TerminalPane, offset=(10, 12))
        await d.pilot.mouse_up(TerminalPane, offset=(10, 12))
        await d.pilot.pause()
        assert not d.heard(TerminalPane.Copied)


async def test_the_pane_tells_when_its_status_is_about_the_next_key() -> None:
    async with driven() as d:
        asked = [d.pane.asking]
        for key in ("ctrl+right_square_bracket", "slash", "a", "escape", "escape"):
            await d.pilot.press(key)
            asked.append(d.pane.asking)
        assert asked == [False, True, True, True, True, False]


@pytest.mark.parametrize("key", ["escape", "q", "y"])
async def test_the_end_of_the_copy_mode_is_told(key: str) -> None:
    async with driven() as d:
        await d.pilot.press("ctrl+right_square_bracket", "c")
        await until(lambda: d.app.told.startswith("copy"), "the copy mode")
        await d.pilot.press(key)
        await d.pilot.pause()
        assert d.app.told == d.pane.status
        assert not d.app.told.startswith("copy")


async def test_selecting_with_the_mouse_copies() -> None:
    async with driven() as d:
        await d.type("clear; echo hello world\n")
        await d.shows("hello world\n$")
        await d.pilot.mouse_down(TerminalPane, offset=(6, 0))
        await d.pilot.hover(TerminalPane, offset=(10, 0))
        await d.pilot.mouse_up(TerminalPane, offset=(10, 0))
        await until(lambda: d.heard(TerminalPane.Copied), "the copy")
        assert d.heard(TerminalPane.Copied)[0].text == "world"


async def test_a_full_screen_program_round_trip() -> None:
    async with driven() as d:
        await d.type("seq 1 200 > /dev/null; seq 1 200 | less\n")
        await d.shows("\n23\n:")
        assert d.pane.emulator.modes.alternate
        await d.type("G")
        await d.shows("\n200\n")
        await d.type("q")
        await until(lambda: not d.pane.emulator.modes.alternate, "the main screen")


async def test_a_paste_is_bracketed_when_wanted() -> None:
    async with driven("cat", "-v") as d:
        from textual.events import Paste

        d.pane.post_message(Paste("one\ntwo"))
        await d.shows("one")
        d.pane.emulator.feed(b"\x1b[?2004h")
        d.pane.post_message(Paste("x\x1b[201~y"))
        carrier = d.shell.carrier
        assert carrier is not None
        await until(lambda: b"\x1b[200~xy\x1b[201~" in carrier.sent, "the bracketed paste")


async def test_a_flood_leaves_keys_answered_and_the_end_right() -> None:
    async with driven() as d:
        await d.type("seq 1 400000; echo flood-$((1+1))\n")
        await until(lambda: "flood-2" in d.text, "the end of the flood", timeout=60)
        assert d.pane.emulator.history_size <= 10_000


LINES = b"\x1b[31mred \x1b[42mgreen \x1b[0mplain\r\n" * 1000


async def test_ctrl_c_in_a_flood_skips_what_waits_and_says_so() -> None:
    async with driven("cat", "-v") as d:
        for _ in range(60):
            d.pane.link._arrived(LINES)
        assert d.pane.link.waiting > 1_500_000
        await d.pilot.press("ctrl+c")
        assert d.pane.link.waiting <= 64 * 1024
        d.pane.link._arrived(b"$ the prompt")
        await d.shows("$ the prompt")
        assert "MB of output skipped" in d.pane.status
        notes = [line for line in d.pane.emulator.history if "MB of output skipped]" in line]
        assert len(notes) == 1
        await until(lambda: not d.pane.link.hurrying, "the end of the hurry")


async def test_a_full_screen_program_far_behind_is_asked_to_paint_anew() -> None:
    async with driven("cat") as d:
        d.pane.emulator.feed(b"\x1b[?1049h")
        carrier = d.shell.carrier
        assert carrier is not None
        await until(lambda: carrier.sizes and carrier.sizes[-1] == (80, 24))
        del carrier.sizes[:]
        for _ in range(60):
            d.pane.link._arrived(LINES)
        await d.pilot.press("x")
        assert d.pane.link.waiting <= 64 * 1024
        await until(lambda: carrier.sizes[-2:] == [(79, 24), (80, 24)], "another size and back")


async def test_other_work_goes_on_between_slices_of_a_flood(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # However long the turns of the loop are here, there have to be enough of them.
    monkeypatch.setattr(_feeding, "REST", 60.0)
    async with driven("cat") as d:
        for _ in range(40):
            d.pane.link._arrived(LINES)
        waiting = []
        while d.pane.link.waiting:
            waiting.append(d.pane.link.waiting)
            await asyncio.sleep(0)
        turns = [len(list(group)) for _, group in groupby(waiting)]
        assert len(turns) > 3
        # The first and the last one are cut.
        assert min(turns[1:-1]) >= _feeding.TURNS


async def test_a_key_is_answered_before_a_flood_goes_on() -> None:
    async with driven("cat") as d:
        d.app.key_at = time.perf_counter() + 60.0
        d.pane.link._arrived(LINES * 10)
        await until(lambda: "plain" in d.text, "the first slice")
        waiting = d.pane.link.waiting
        for _ in range(2 * _feeding.TURNS):
            await asyncio.sleep(0)
        assert d.pane.link.waiting == waiting > 0


@pytest.mark.parametrize("whole", [False, True])
async def test_nothing_is_painted_for_a_terminal_that_does_not_read(whole: bool) -> None:
    async with driven("cat") as d:
        await until(lambda: d.pane._marks, "the first painting")
        d.app.output_waits = True
        if whole:
            d.pane.link._arrived(b"".join(b"\x1b[?2026h\x1b[H%d\x1b[?2026l" % n for n in range(9)))
        d.pane.link._arrived(b"\x1b[Hlate")
        await until(lambda: d.text.startswith("late"))
        shown = d.pane.render_lines(Region(0, 0, 80, 1))[0].text
        assert not shown.strip()
        d.app.output_waits = False
        await until(lambda: d.pane.render_lines(Region(0, 0, 80, 1))[0].text.startswith("late"))


async def test_typing_without_connection_is_refused_visibly() -> None:
    async with driven() as d:
        carrier = d.shell.carrier
        await d.type("exit\n")
        await until(lambda: d.pane.link.state is LinkState.WAITING, "the lost connection")
        assert "reconnecting" in d.pane.status
        shown = d.text
        assert "exit" in shown
        there_again = asyncio.Event()

        @asynccontextmanager
        async def connect(size: Size) -> AsyncIterator[Carrier]:
            await there_again.wait()
            async with d.shell.connect(size) as carrier:
                yield carrier

        d.pane.link._connect = connect
        await d.type("x")
        await until(lambda: d.pane.status == "not sent · connecting…", "the refusal, and why")
        there_again.set()
        await until(lambda: d.pane.link.connections == 2, "the new connection")
        assert d.pane.status.startswith("live")
        assert d.shell.carrier is not carrier
