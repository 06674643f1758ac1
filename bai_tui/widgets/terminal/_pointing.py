"""The part of the pane that is pointed at: wheel, selection, links, and mice for programs.

What a program asked for is passed on to it; with shift held, or where it did not ask, the mouse
scrolls, selects and copies here.
"""

from __future__ import annotations

from typing import Final

from textual import events, on

from bai_tui.widgets.terminal import keys
from bai_tui.widgets.terminal._feeding import Feeding
from bai_tui.widgets.terminal._history import Point, Selection, address_at, text_of, word_at
from bai_tui.widgets.terminal.link import Link

WHEEL: Final = 3
"""Lines for each step of the wheel."""


class Pointing(Feeding):
    """Takes what the mouse does."""

    def __init__(
        self, link: Link, scrollback: int, name: str | None, id: str | None, classes: str | None
    ) -> None:
        super().__init__(link, scrollback, name, id, classes)
        self._dragging = False
        self._button = 0
        self._cell = (-1, -1)
        self._hovered = ""
        """The address under the mouse."""

    # What the pane does about it.

    def _tell(self) -> None:
        """What others show of the pane is different."""

    def _copied(self, text: str) -> None:
        """Text was selected."""

    def _opened(self, address: str) -> None:
        """An address was clicked."""

    # Scrolling.

    def scroll_lines(self, count: int) -> None:
        """Show what is `count` lines further up (negative: down)."""
        limit = 0 if self.emulator.modes.alternate else self.emulator.history_size
        offset = max(0, min(self._offset + count, limit))
        if offset != self._offset:
            self._offset = offset
            self._paint()
            self._tell()

    # The mouse.

    def _clear_selection(self) -> None:
        if self._selection is not None:
            self._selection = None
            self._paint()

    def _mouse(self, kind: str, event: events.MouseEvent) -> bool:
        """Pass a mouse event on if the program asked for it; shift keeps it here."""
        if event.shift or self._copy is not None or self._offset:
            return False
        modes = self.emulator.modes
        data = keys.encode_mouse(
            kind, self._button, event.x, event.y, modes, alt=event.meta, ctrl=event.ctrl
        )
        if data:
            self.link.send(data)
        return bool(data or modes.mouse)

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
            self._opened(address)
            return
        if event.button == 1:
            self._dragging = True
            self._clear_selection()
            point = self._point(event)
            self._selection = Selection(point, point)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Move: for the program, or further in a selection, also beyond the edges."""
        if self._dragging and self._selection is not None:
            if event.y < 0:
                self.scroll_lines(1)
            elif event.y >= self.size.height:
                self.scroll_lines(-1)
            self._selection = Selection(self._selection.start, self._point(event))
            self._paint()
        elif (event.x, event.y) != self._cell:
            self._cell = (event.x, event.y)
            if not self._mouse("move", event):
                self._hover(self._address(event))

    def _hover(self, address: str) -> None:
        if address != self._hovered:
            self._hovered = address
            self._tell()

    def on_leave(self) -> None:
        """The mouse is elsewhere."""
        self._hover("")

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """Release: for the program, or the end of a selection, which is copied."""
        event.stop()
        self.release_mouse()
        if self._dragging:
            self._dragging = False
            selection = self._selection
            text = ""
            if selection is not None and selection.start != selection.end:
                text = text_of(self.emulator, selection)
            if text.strip():
                self._copied(text)
            else:
                self._clear_selection()
        else:
            self._mouse("up", event)
        self._button = 0

    def on_click(self, event: events.Click) -> None:
        """Twice: the word is selected and copied. Three times: the line."""
        if event.chain < 2 or event.button != 1 or self._copy is not None:
            return
        if self.emulator.modes.mouse and not event.shift:
            return
        selection = word_at(self.emulator, self._point(event), whole=event.chain > 2)
        text = text_of(self.emulator, selection)
        if text.strip():
            self._selection = selection
            self._paint()
            self._copied(text)

    @on(events.MouseScrollUp)
    @on(events.MouseScrollDown)
    @on(events.MouseScrollLeft)
    @on(events.MouseScrollRight)
    def _wheel(self, event: events.MouseEvent) -> None:
        """Wheel: for the program, or through the scrollback."""
        event.stop()
        kind = event.handler_name.removeprefix("on_mouse_")
        if not self._mouse(kind, event):
            self.scroll_lines({"scroll_up": WHEEL, "scroll_down": -WHEEL}.get(kind, 0))

    def _address(self, event: events.MouseEvent) -> str:
        return address_at(self.emulator, self._line(event.y), event.x)
