"""The terminal as a widget: keys and mouse to the session, copy mode, search, what others show.

Everything typed goes to the session, but for what follows the leader `ctrl+]`: `c` enters the copy
mode, `/` searches, `y` and `n` answer a program that wants the clipboard, and `ctrl+]` sends
itself. `d`, `f`, `?` and whatever else is for the screen around the pane.
"""

from __future__ import annotations

import asyncio
import gc
import time
from typing import Final

from textual import events
from textual.message import Message

from bai_tui.widgets.terminal import keys
from bai_tui.widgets.terminal._history import CopyMode, Point, find, text_of
from bai_tui.widgets.terminal._pointing import Pointing
from bai_tui.widgets.terminal.link import Link, LinkState

LEADER: Final = "ctrl+right_square_bracket"
LEADER_TEXT: Final = "ctrl+]"
LATE: Final = 512 * 1024
"""Bytes waiting after which a full-screen program would answer too late: they are skipped."""
BELL_EVERY: Final = 0.5
"""Seconds between two sounds of the bell, whatever a program does."""


class TerminalPane(Pointing, can_focus=True):
    """One terminal on one link.

    Args:
        link: not started yet; started when mounted and closed with the widget.
        scrollback: lines kept above the screen.
    """

    DEFAULT_CSS = """
    TerminalPane { width: 1fr; height: 1fr; }
    """

    class Event(Message):
        """What a pane tells; `pane` is the one."""

        def __init__(self, pane: TerminalPane) -> None:
            super().__init__()
            self.pane = pane

    class LeaveRequested(Event):
        """Leader d."""

    class FullScreenRequested(Event):
        """Leader f."""

    class HelpRequested(Event):
        """Leader ?."""

    class StateChanged(Event):
        """The link, the title, the bell or the mode of the pane changed: see `status`."""

    class Commanded(Event):
        """Leader and another key, which the pane itself has no use for."""

        def __init__(self, pane: TerminalPane, key: str) -> None:
            super().__init__(pane)
            self.key = key

    class Ended(Event):
        """The terminal is over and will not come back by itself."""

        def __init__(self, pane: TerminalPane, reason: str) -> None:
            super().__init__(pane)
            self.reason = reason

    class Copied(Event):
        """Text was selected to be copied, or the user let a program copy it."""

        def __init__(self, pane: TerminalPane, text: str) -> None:
            super().__init__(pane)
            self.text = text

    class LinkClicked(Event):
        """An address was clicked with ctrl held."""

        def __init__(self, pane: TerminalPane, address: str) -> None:
            super().__init__(pane)
            self.address = address

        @property
        def is_web(self) -> bool:
            """Whether it may be opened; anything else could start programs."""
            return self.address.startswith(("http://", "https://"))

    def __init__(
        self,
        link: Link,
        *,
        scrollback: int = 10_000,
        name: str | None = None,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(link, scrollback, name, id, classes)
        self.notice = ""
        """A sentence about the last thing that could not be done."""
        self.rang = False
        """The bell rang while the pane had no focus."""
        self.kept_key = False
        """The last key told nothing to what the pane is in: the next one need not wait for that."""
        self._leader = False
        self._wanted: str | None = None
        """Text that a program wants in the clipboard, until the user answers."""
        self._clipboard: bool | None = None
        """What the user answered; None: not asked yet."""
        self._rang_at = 0.0
        self._seen = ("", 0, False)

    # Life.

    def on_mount(self) -> None:
        """Begin to connect."""
        if not gc.get_freeze_count():
            # The program is complete now. To look through all of it for garbage takes 100 ms, and
            # a flood makes that happen again and again.
            gc.freeze()
        self.emulator.on_clipboard = self._clipboard_wanted
        self.link.on_data = self._data_arrived
        self.link.on_state = self._state_changed
        self.link.start()

    async def on_unmount(self) -> None:
        """End the connection; the session goes on."""
        self._cancel_paint()
        self.link.on_data = self.link.on_state = lambda: None
        await self.link.close()

    def on_resize(self, event: events.Resize) -> None:
        """The emulator follows at once, the session after a moment of quiet."""
        size = self.size
        if size.width > 0 and size.height > 0:
            self.emulator.resize(size.width, size.height)
            self.link.resize(size.width, size.height)
            self._offset = min(self._offset, self.emulator.history_size)
            self._repaint()

    # What others show of us.

    @property
    def title(self) -> str:
        """What the program calls its window."""
        return self.emulator.title

    @property
    def status(self) -> str:
        """One line: state of the link, or of the mode the pane is in."""
        link = self.link
        if self._wanted is not None and self._copy is None:
            first = self._wanted.strip().partition("\n")[0][:30]
            return (
                f"{LEADER_TEXT} y lets programs copy, {LEADER_TEXT} n never: one wants to copy "
                f"{len(self._wanted):,} characters ({first})"
            )
        if self._leader:
            return "leader: d leave · c copy · / search · f full screen · ? help · ctrl+] send"
        live = link.state is LinkState.LIVE
        if self.notice and (live or self._copy is not None):
            return self.notice
        if self._copy is not None:
            return self._copy.status
        if self._hovered:
            return f"ctrl+click opens {self._hovered}"
        if self._offset:
            return f"{self._offset} lines up · shift+end returns"
        if live:
            return f"live ({link.carrier}) · {LEADER_TEXT} d leaves"
        return f"{self.notice} · {self._absence}" if self.notice else self._absence

    @property
    def _absence(self) -> str:
        """Why there is no connection, and when there will be."""
        link = self.link
        match link.state:
            case LinkState.CONNECTING:
                return "connecting…"
            case LinkState.WAITING:
                loop = asyncio.get_running_loop()
                left = max(0.0, (link.retry_at or 0.0) - loop.time())
                return f"reconnecting in {left:.0f} s: {link.reason}"
            case _:
                return f"ended: {link.reason} · enter connects again"

    @property
    def asking(self) -> bool:
        """Whether the status tells what the next key does: no message may stand in its place."""
        return self._leader or self._copy is not None or self._wanted is not None

    def _tell(self) -> None:
        self.post_message(self.StateChanged(self))

    def _copied(self, text: str) -> None:
        self.post_message(self.Copied(self, text))

    def _opened(self, address: str) -> None:
        self.post_message(self.LinkClicked(self, address))

    def _say(self, notice: str) -> None:
        self.notice = notice
        self._tell()

    def _state_changed(self) -> None:
        if self.link.state is LinkState.LIVE:
            self.notice = ""
        self._tell()
        if self.link.state is LinkState.ENDED:
            self.post_message(self.Ended(self, self.link.reason))
        self._repaint()

    def _say_skipped(self, count: int) -> None:
        """Tell how much was never shown: in its place, and in the state."""
        note = f"{count / 2**20:.1f} MB of output skipped"
        if not self.emulator.modes.alternate:
            self.emulator.feed(f"\x18\x1b[0m\r\n[{note}]\r\n".encode())
        self._say(note)

    def _say_broken(self, error: Exception) -> None:
        self._say(f"a part of the output could not be shown: {type(error).__name__}")

    def _fed(self) -> None:
        emulator = self.emulator
        seen = (emulator.title, emulator.bell, emulator.modes.alternate)
        if seen == self._seen:
            return
        if seen[1] != self._seen[1]:
            self.rang = not self.has_focus
            now = time.monotonic()
            if now - self._rang_at > BELL_EVERY:
                self._rang_at = now
                self.app.bell()
        self._seen = seen
        self._tell()

    # The clipboard, for programs in the session: only with the user's consent.

    def _clipboard_wanted(self, text: str) -> None:
        if self._clipboard:
            self._copied(text)
        elif self._clipboard is None:
            self._wanted = text
            self._tell()

    def _answer(self, yes: bool) -> None:
        wanted, self._wanted = self._wanted, None
        if wanted is None:
            self.notice = "no program wants the clipboard"
            return
        self._clipboard = yes
        self.notice = f"programs in this terminal {'may' if yes else 'may not'} copy"
        if yes:
            self._copied(wanted)

    # Keys.

    def on_key(self, event: events.Key) -> None:
        """Everything goes to the session, but for the leader and the copy mode."""
        event.stop()
        event.prevent_default()
        before = (self.notice, self._leader, self._copy)
        self.notice = ""
        self.kept_key = not self._leader
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
        elif self.link.state is LinkState.ENDED and event.key == "enter":
            self.link.start()
        else:
            self._send(self._encode(event))
        if self._copy is not None or before != (self.notice, self._leader, self._copy):
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
        if self.emulator.modes.alternate and self.link.waiting > LATE:
            self.link.hurry()
        if not self.link.send(data):
            self.notice = "not sent"
            if self.link.state is LinkState.WAITING:
                self.link.retry_now()

    def _command(self, event: events.Key) -> None:
        """The key after the leader."""
        match event.key:
            case "d" | "upper_d":
                self.post_message(self.LeaveRequested(self))
            case "c":
                self._start_copy()
            case "f":
                self.post_message(self.FullScreenRequested(self))
            case "slash":
                self._start_copy()
                assert self._copy is not None
                self._copy.begin_search()
            case "y" | "n" if self._wanted is not None:
                self._answer(event.key == "y")
            case "question_mark" | "shift+question_mark":
                self.post_message(self.HelpRequested(self))
            case _ if event.key == LEADER or event.character == "\x1d":
                self._send(b"\x1d")
            case "escape":
                pass
            case _:
                self.post_message(self.Commanded(self, event.key))

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
        self.rang = False
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
            if selection is not None and (text := text_of(emulator, selection)).strip():
                self._copied(text)
            else:
                self.notice = "nothing is selected"
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
