"""Decoder of server-sent events, by the rules of the WHATWG standard. Bytes in, events out."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    # The package is not typed; this is what it declares.
    class _BaseEvent:
        def __init__(
            self,
            data: str = "",
            event: str = "message",
            id: str | None = None,
            retry: int | None = None,
        ) -> None: ...
else:
    from aiosseclient import Event as _BaseEvent

MAX_LINE: Final = 16 * 1024 * 1024
"""Characters a line, or the data of one event, may have; a server that sends more is broken."""


class EventTooLargeError(ValueError):
    """A line or an event is larger than `MAX_LINE`."""


class Event(_BaseEvent):
    """One server-sent event.

    Attributes:
        event: its name, `message` when the server gave none.
        data: its text; several data lines are joined by line feeds.
        id: the last event id in force when it came, or None.
        retry: milliseconds the server asked to wait before a reconnect, if with this event.
    """

    data: str
    event: str
    id: str | None
    retry: int | None

    def __getitem__(self, name: str) -> str | int | None:
        """`event["data"]`, as the manual's client has it; KeyError for what there is not."""
        if name not in ("event", "data", "id", "retry"):
            raise KeyError(name)
        value: str | int | None = getattr(self, name)
        if value is None:
            raise KeyError(name)
        return value

    def __repr__(self) -> str:
        return f"Event(event={self.event!r}, id={self.id!r}, data={self.data!r})"


class SSEDecoder:
    """Incremental decoder; chunks may be cut anywhere, also inside a character.

    Attributes:
        retry: the last reconnection time the server sent, in milliseconds, or None.
        last_event_id: what to send as `Last-Event-ID` on reconnect; empty at first.
    """

    def __init__(self) -> None:
        self.retry: int | None = None
        self.last_event_id: str = ""
        self._id_buffer = ""
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._started = False
        self._tail_parts: list[str] = []
        self._tail_size = 0
        self._after_cr = False
        self._name = ""
        self._data: list[str] = []
        self._size = 0
        self._event_retry: int | None = None

    def feed(self, data: bytes) -> list[Event]:
        """Decode the next bytes of the stream; returns the events they completed.

        Raises:
            EventTooLargeError: a line or an event grew past `MAX_LINE`.
        """
        text = self._decode(data)
        if not text:
            return []
        if not self._started:
            self._started = True
            text = text.removeprefix("\ufeff")
        if self._after_cr and text:
            self._after_cr = False
            text = text.removeprefix("\n")
        if not text:
            return []
        if "\r" in text:
            self._after_cr = text[-1] == "\r"
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        lines = text.split("\n")
        if len(lines) == 1:
            self._hold(lines[0])
            return []
        lines[0] = "".join((*self._tail_parts, lines[0]))
        self._tail_parts.clear()
        self._tail_size = 0
        self._hold(lines.pop())
        events: list[Event] = []
        for line in lines:
            if line:
                self._field(line)
            else:
                self._dispatch(events)
        return events

    def _hold(self, tail: str) -> None:
        if tail:
            self._tail_parts.append(tail)
            self._tail_size += len(tail)
            if self._tail_size > MAX_LINE:
                raise EventTooLargeError(f"a line of more than {MAX_LINE:,} characters")

    def _field(self, line: str) -> None:
        name, _, value = line.partition(":")
        if value[:1] == " ":
            value = value[1:]
        if name == "data":
            self._data.append(value)
            self._size += len(value) + 1
            if self._size > MAX_LINE:
                raise EventTooLargeError(f"an event of more than {MAX_LINE:,} characters")
        elif name == "event":
            self._name = value
        elif name == "id":
            if "\0" not in value:
                self._id_buffer = value
        elif name == "retry" and value.isascii() and value.isdigit() and len(value) < 16:
            self.retry = self._event_retry = int(value)

    def _dispatch(self, events: list[Event]) -> None:
        self.last_event_id = self._id_buffer
        if self._data:
            events.append(
                Event(
                    data="\n".join(self._data),
                    event=self._name or "message",
                    id=self.last_event_id or None,
                    retry=self._event_retry,
                )
            )
            self._data = []
            self._size = 0
        self._name = ""
        self._event_retry = None
