"""The terminal as a widget: paints the engine, sends keys and mouse over the link.

Everything typed goes to the session, but for the leader `ctrl+]`: with it `d` leaves, `c` enters
the copy mode, `f` asks for the full screen, `/` searches, `?` asks for help, and `ctrl+]` sends
itself.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from typing import Final, NamedTuple

from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from bai_tui.widgets.terminal import keys
from bai_tui.widgets.terminal._history import CopyMode, Point, Selection, find, text_of
from bai_tui.widgets.terminal._styles import Span, strip_of
from bai_tui.widgets.terminal.emulator import Emulator
from bai_tui.widgets.terminal.link import Link, LinkState

LEADER: Final = "ctrl+right_square_bracket"
LEADER_TEXT: Final = "ctrl+]"
FRAME: Final = 1 / 60
"""Seconds between two paintings at the most frequent."""
SLICE: Final = 0.006
"""Seconds of work on output per turn of the event loop: what keeps keys answered in a flood."""
BITE: Final = 16 * 1024
HOLD: Final = 0.15
"""Seconds a program may hold painting back (mode 2026)."""
WHEEL: Final = 3
CACHE: Final = 1024


class _Mark(NamedTuple):
    """Everything the picture of a row depends on; what is equal looks equal."""

    version: int
    cursor: tuple[int, str] | None
    selected: Span | None
    matches: tuple[Span, ...]
    reverse: bool


class TerminalPane(Widget, can_focus=True):
    """One terminal on one link.

    Args:
        link: not started yet; started when mounted and closed with the widget.
        scrollback: lines kept above the screen.
    """

    DEFAULT_CSS = """
    TerminalPane { width: 1fr; height: 1fr; }
    """

    class LeaveRequested(Message):
        """Leader d."""

    class FullScreenRequested(Message):
        """Leader f."""

    class HelpRequested(Message):
        """Leader ?."""

    class StateChanged(Message):
        """The link, the title, or the mode of the pane changed: see `status`."""

    class Ended(Message):
        """The terminal is over and will not come back."""

        def __init__(self, reason: str) -> None:
            super().__init__()
            self.reason = reason

    class Copied(Message):
        """Text was selected to be copied."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class ClipboardRequested(Message):
        """The program in the session wants text in the clipboard; the user has to agree."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class LinkClicked(Message):
        """A hyperlink was clicked with ctrl held."""

        def __init__(self, address: str) -> None:
            super().__init__()
            self.address = address

    def __init__(
        self,
        link: Link,
        *,
        scrollback: int = 10_000,
        name: str | None = None,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self.link = link
        self.emulator = Emulator(80, 24, scrollback)
        self.notice = ""
        """A sentence about the last thing that could not be done."""
        self._leader = False
        self._copy: CopyMode | None = None
        self._offset = 0
        """Lines the view is scrolled up."""
        self._selection: Selection | None = None
        self._dragging = False
        self._button = 0
        self._cell = (-1, -1)
        self._matches: dict[int, tuple[Span, ...]] = {}
        self._pumping = False
        self._painted_at = 0.0
        self._paint_timer: asyncio.TimerHandle | None = None
        self._held_since = 0.0
        self._shown: list[_Mark | None] = []
        self._strips: OrderedDict[tuple[_Mark, int, Style], Strip] = OrderedDict()
        self._seen = ("", 0, False)

    # Life.

    def on_mount(self) -> None:
        """Begin to connect."""
        self.emulator.on_clipboard = self._clipboard_wanted
        self.link.on_data = self._data_arrived
        self.link.on_state = self._state_changed
        self.link.start()

    async def on_unmount(self) -> None:
        """End the connection; the session goes on."""
        if self._paint_timer is not None:
            self._paint_timer.cancel()
        self.link.on_data = self.link.on_state = lambda: None
        await self.link.close()

    def on_resize(self, event: events.Resize) -> None:
        """The emulator follows at once, the session after a moment of quiet."""
        size = self.size
        if size.width > 0 and size.height > 0:
            self.emulator.resize(size.width, size.height)
            self.link.resize(size.width, size.height)
            self._offset = min(self._offset, self.emulator.history_size)
            self._strips.clear()
            self.refresh()

    # What others show of us.

    @property
    def title(self) -> str:
        """What the program calls its window."""
        return self.emulator.title

    @property
    def status(self) -> str:
        """One line: state of the link, or of the mode the pane is in."""
        link = self.link
        if self.notice:
            return self.notice
        if self._leader:
            return "leader: d leave · c copy · / search · f full screen · ? help · ctrl+] send"
        if self._copy is not None:
            return self._copy.status
        if self._offset:
            return f"{self._offset} lines up · end returns"
        match link.state:
            case LinkState.LIVE:
                return f"live · {LEADER_TEXT} d leaves"
            case LinkState.CONNECTING:
                return "connecting…"
            case LinkState.WAITING:
                loop = asyncio.get_running_loop()
                left = max(0.0, (link.retry_at or 0.0) - loop.time())
                return f"reconnecting in {left:.0f} s: {link.reason}"
            case _:
                return f"ended: {link.reason}"

    def _tell(self) -> None:
        self.post_message(self.StateChanged())

    def _state_changed(self) -> None:
        self._tell()
        if self.link.state is LinkState.ENDED:
            self.post_message(self.Ended(self.link.reason))
        self._strips.clear()
        self.refresh()

    def _clipboard_wanted(self, text: str) -> None:
        self.post_message(self.ClipboardRequested(text))

    # Output.

    def _data_arrived(self) -> None:
        if not self._pumping:
            self._pumping = True
            asyncio.get_running_loop().call_soon(self._pump)

    def _pump(self) -> None:
        """Feed what waits, for one slice of time; paint by the clock."""
        began = time.perf_counter()
        emulator, link = self.emulator, self.link
        before = emulator.scrolled
        if skipped := link.take_skipped():
            self._say_skipped(skipped)
        while data := link.take(BITE):
            try:
                emulator.feed(data)
            except Exception as error:  # what a session prints must not end the program
                self.log.error(error)
                self.notice = f"a part of the output could not be shown: {type(error).__name__}"
            if time.perf_counter() - began > SLICE:
                break
        if self._offset:
            # The lines looked at stay where they are.
            self._offset = min(self._offset + emulator.scrolled - before, emulator.history_size)
        if answer := emulator.replies():
            link.send(answer)
        self._schedule_paint()
        if link.waiting and self.is_attached:
            asyncio.get_running_loop().call_later(0.001, self._pump)
        else:
            self._pumping = False
        seen = (emulator.title, emulator.bell, emulator.modes.alternate)
        if seen != self._seen:
            if seen[1] != self._seen[1]:
                self.app.bell()
            self._seen = seen
            self._tell()

    def _say_skipped(self, count: int) -> None:
        """Tell how much was never shown; a program that paints is asked to do it again."""
        note = f"{count / 2**20:.1f} MB of output skipped"
        self.notice = note
        if self.emulator.modes.alternate:
            self.link.nudge()
        else:
            self.emulator.feed(f"\x18\x1b[0m\r\n[{note}]\r\n".encode())
        self._tell()

    def _schedule_paint(self) -> None:
        if self._paint_timer is not None:
            return
        now = time.perf_counter()
        if self.emulator.modes.synchronized:
            self._held_since = self._held_since or now
            if now - self._held_since < HOLD:
                self._paint_later(HOLD)
                return
        wait = self._painted_at + FRAME - now
        if wait > 0:
            self._paint_later(wait)
        else:
            self._paint()

    def _paint_later(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        self._paint_timer = loop.call_later(seconds, self._paint_now)

    def _paint_now(self) -> None:
        self._paint_timer = None
        self._paint()

    def _paint(self) -> None:
        """Repaint the lines that changed since the last painting."""
        if not self.is_attached:
            return
        self._held_since = 0.0
        self._painted_at = time.perf_counter()
        marks = [self._mark(y) for y in range(self.size.height)]
        old, self._shown = self._shown, marks
        if len(old) != len(marks):
            self.refresh()
            return
        width = self.size.width
        changed = [y for y, mark in enumerate(marks) if mark != old[y]]
        if len(changed) * 2 > len(marks):
            self.refresh()
        elif changed:
            self.refresh(*(Region(0, y, width, 1) for y in changed))

    # Painting.

    def _line(self, y: int) -> int:
        """Line of the emulator shown at row `y`: negative in the scrollback."""
        return y - self._offset

    def _mark(self, y: int) -> _Mark | None:
        """The state of a row; None where there is no line."""
        emulator = self.emulator
        line = self._line(y)
        if line >= emulator.lines or line < -emulator.history_size:
            return None
        return _Mark(
            emulator.version(line),
            self._cursor_at(line),
            self._span(line),
            self._matches.get(self._absolute(line), ()),
            emulator.modes.reverse_screen,
        )

    def _absolute(self, line: int) -> int:
        """A number that stays with a line when it scrolls."""
        return self.emulator.scrolled + line

    def _cursor_at(self, line: int) -> tuple[int, str] | None:
        emulator = self.emulator
        if self._copy is not None:
            point = self._copy.point
            return (point.x, "block") if point.line == self._absolute(line) else None
        x, y = emulator.cursor
        if line != y or not emulator.modes.cursor_visible:
            return None
        live = self.has_focus and self.link.state is LinkState.LIVE
        return x, emulator.modes.cursor_shape if live else "hollow"

    def _span(self, line: int) -> Span | None:
        selection = self._copy.selection if self._copy is not None else self._selection
        if selection is None:
            return None
        return selection.span(self._absolute(line), self.emulator.columns)

    def render_line(self, y: int) -> Strip:
        """One row, from the cache where nothing changed."""
        width = self.size.width
        base = self._base()
        mark = self._mark(y)
        if mark is None:
            return Strip.blank(width, base)
        key = (mark, width, base)
        strip = self._strips.get(key)
        if strip is None:
            strip = strip_of(
                self.emulator.line(self._line(y)),
                width,
                base,
                cursor=mark.cursor,
                selected=mark.selected,
                marked=mark.matches,
                reverse=mark.reverse,
            )
            self._strips[key] = strip
            if len(self._strips) > CACHE:
                self._strips.popitem(last=False)
        return strip

    def _base(self) -> Style:
        style = self.rich_style
        return style + Style(dim=True) if self.link.state is not LinkState.LIVE else style

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """As wide as there is room."""
        return container.width

    def notify_style_update(self) -> None:
        """The theme changed."""
        super().notify_style_update()
        self._strips.clear()

    # Keys.

    def on_key(self, event: events.Key) -> None:
        """Everything goes to the session, but for the leader and the copy mode."""
        event.stop()
        event.prevent_default()
        self.notice = ""
        if self._leader:
            self._leader = False
            self._command(event)
        elif event.key == LEADER or event.character == "\x1d":
            self._leader = True
        elif self._copy is not None:
            self._copy_key(event)
        elif event.key in ("shift+pageup", "shift+pagedown", "shift+home", "shift+end"):
            page = max(1, self.size.height - 1)
            moves = {"pageup": page, "pagedown": -page, "home": 10**9, "end": -(10**9)}
            self.scroll_lines(moves[event.key.removeprefix("shift+")])
        else:
            self._send(self._encode(event))
        self._tell()

    def _encode(self, event: events.Key) -> bytes:
        raw = getattr(event, "raw", None)
        return keys.encode_key(event.key, event.character, self.emulator.modes, raw)

    def _send(self, data: bytes) -> None:
        if not data:
            return
        self._clear_selection()
        if self._offset:
            self.scroll_lines(-(10**9))
        if not self.link.send(data):
            self.notice = f"not sent: the terminal is {self.link.state.value}"
            if self.link.state is LinkState.WAITING:
                self.link.retry_now()

    def _command(self, event: events.Key) -> None:
        """The key after the leader."""
        match event.key:
            case "d" | "upper_d":
                self.post_message(self.LeaveRequested())
            case "c":
                self._start_copy()
            case "f":
                self.post_message(self.FullScreenRequested())
            case "slash":
                self._start_copy()
                assert self._copy is not None
                self._copy.begin_search()
            case "question_mark" | "shift+question_mark":
                self.post_message(self.HelpRequested())
            case _ if event.key == LEADER or event.character == "\x1d":
                self._send(b"\x1d")
            case "escape":
                pass
            case _:
                self.notice = f"{LEADER_TEXT} and then d, c, f, /, ? or {LEADER_TEXT}"

    def on_paste(self, event: events.Paste) -> None:
        """A paste, in pieces and bracketed if the program wants it."""
        event.stop()
        event.prevent_default()
        if self._copy is not None:
            return
        for piece in keys.encode_paste(event.text, self.emulator.modes):
            self._send(piece)

    def on_focus(self) -> None:
        """Tell the program, if it asked."""
        self._focus(True)

    def on_blur(self) -> None:
        """Tell the program, if it asked."""
        self._leader = False
        self._focus(False)

    def _focus(self, focused: bool) -> None:
        data = keys.encode_focus(focused, self.emulator.modes)
        if data and self.link.state is LinkState.LIVE:
            self.link.send(data)
        self._schedule_paint()

    # Scrolling.

    def scroll_lines(self, count: int) -> None:
        """Show what is `count` lines further up (negative: down)."""
        limit = 0 if self.emulator.modes.alternate else self.emulator.history_size
        offset = max(0, min(self._offset + count, limit))
        if offset != self._offset:
            self._offset = offset
            self._paint()
            self._tell()

    # Copy mode and search.

    def _start_copy(self) -> None:
        emulator = self.emulator
        x, y = emulator.cursor
        self._clear_selection()
        self._copy = CopyMode(Point(self._absolute(y), x))
        self._paint()

    def _copy_key(self, event: events.Key) -> None:
        assert self._copy is not None
        emulator = self.emulator
        outcome = self._copy.key(event.key, event.character, emulator)
        if outcome == "search":
            self._matches = find(emulator, self._copy.pattern)
            if not self._copy.jump(sorted(self._matches), backwards=True, spans=self._matches):
                self.notice = f"not found: {self._copy.pattern}"
        elif outcome in ("next", "previous"):
            self._copy.jump(sorted(self._matches), backwards=outcome == "next", spans=self._matches)
        elif outcome == "copy":
            selection = self._copy.selection
            if selection is not None:
                self.post_message(self.Copied(text_of(emulator, selection)))
            self._end_copy()
            return
        elif outcome == "end":
            self._end_copy()
            return
        line = self._copy.point.line - emulator.scrolled
        if line < -self._offset:
            self._offset = -line
        elif line >= self.size.height - self._offset:
            self._offset = max(0, self.size.height - 1 - line)
        self._paint()

    def _end_copy(self) -> None:
        self._copy = None
        self._matches = {}
        self._offset = 0
        self._paint()

    # Mouse.

    def _clear_selection(self) -> None:
        if self._selection is not None:
            self._selection = None
            self._paint()

    def _mouse(self, kind: str, event: events.MouseEvent) -> bool:
        """Pass a mouse event on if the program asked for it; shift keeps it here."""
        if event.shift or self._copy is not None or self._offset:
            return False
        data = keys.encode_mouse(
            kind,
            self._button,
            event.x,
            event.y,
            self.emulator.modes,
            alt=event.meta,
            ctrl=event.ctrl,
        )
        if data:
            self.link.send(data)
        return bool(data) or bool(self.emulator.modes.mouse)

    def _point(self, event: events.MouseEvent) -> Point:
        x = max(0, min(event.x, self.emulator.columns - 1))
        y = max(0, min(event.y, self.size.height - 1))
        return Point(self._absolute(self._line(y)), x)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Press: for the program, or the beginning of a selection."""
        event.stop()
        self.focus()
        self._button = event.button
        self.capture_mouse()
        if self._mouse("down", event):
            return
        if event.ctrl and (address := self._address(event)):
            self.post_message(self.LinkClicked(address))
            return
        if event.button == 1:
            self._dragging = True
            self._clear_selection()
            self._selection = None
            point = self._point(event)
            self._selection = Selection(point, point)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Move: for the program, or further in a selection."""
        if self._dragging and self._selection is not None:
            self._selection = Selection(self._selection.start, self._point(event))
            self._paint()
        elif (event.x, event.y) != self._cell:
            self._cell = (event.x, event.y)
            self._mouse("move", event)

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """Release: for the program, or the end of a selection, which is copied."""
        event.stop()
        self.release_mouse()
        if self._dragging:
            self._dragging = False
            selection = self._selection
            if selection is not None and selection.start != selection.end:
                self.post_message(self.Copied(text_of(self.emulator, selection)))
            else:
                self._clear_selection()
        else:
            self._mouse("up", event)
        self._button = 0

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Wheel: for the program, or through the scrollback."""
        event.stop()
        if not self._mouse("scroll_up", event):
            self.scroll_lines(WHEEL)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Wheel: for the program, or through the scrollback."""
        event.stop()
        if not self._mouse("scroll_down", event):
            self.scroll_lines(-WHEEL)

    def _address(self, event: events.MouseEvent) -> str:
        """The hyperlink under the mouse."""
        line = self._line(event.y)
        emulator = self.emulator
        if line >= emulator.lines or line < -emulator.history_size:
            return ""
        attrs = emulator.line(line).attrs
        number = attrs[event.x].link if event.x < len(attrs) else 0
        return emulator.hyperlinks.get(number, "")
