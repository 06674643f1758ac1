"""Looking at a file without downloading it: its text, its picture in cells, or its bytes."""

from __future__ import annotations

import asyncio
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType

from bai_tui import actions
from bai_tui.actions import Action
from bai_tui.diagnosis import explain
from bai_tui.files import Place, PlaceError
from bai_tui.files.model import base
from bai_tui.screens.text import TextView
from bai_tui.widgets.cells import CellsView
from bai_tui.widgets.logview import LIMIT as LINES
from bai_tui.widgets.text import format_size

LIMIT: Final = 2 * 2**20
"""Bytes of a part of a file."""
PICTURES: Final = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"RIFF", b"II*\0", b"MM\0*")
"""How files begin that may be pictures; whether they are, the decoder says."""
PICTURE_LIMIT: Final = 16 * 2**20
"""Bytes of a picture that are fetched: only whole ones can be drawn."""
DUMPED: Final = 16 * 2**10
"""Bytes of a part of a binary file."""


def looks_binary(data: bytes) -> bool:
    """Whether it is no text in any encoding people look at in a terminal."""
    start = data[:8192]
    if b"\0" in start:
        return True
    controls = sum(byte < 9 or (13 < byte < 32 and byte != 27) for byte in start)
    return controls > len(start) // 50


def decode(data: bytes) -> str:
    """Text of bytes: UTF-8, else one byte a character."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if error.start > len(data) - 4 or data.decode("utf-8", "replace").count("�") < 10:
            return data.decode("utf-8", "replace")  # cut in the middle of a character, or damaged
        return data.decode("latin-1")


def whole_lines(data: bytes) -> int:
    """Bytes up to the end of the last whole line; without one, of the last whole character.

    No more lines than a text shows at once, a last one for the remark left over.
    """
    lines = data.split(b"\n", LINES - 1)
    end = len(data) - len(lines[-1]) if len(lines) == LINES else data.rfind(b"\n") + 1
    if end:
        return end
    end = len(data)
    while end > max(0, len(data) - 4) and data[end - 1] & 0xC0 == 0x80:
        end -= 1
    return end - 1 if end > 1 and data[end - 1] >= 0xC0 else len(data)


def before_end(data: bytes) -> int:
    """Bytes at the beginning that a view of the end has no room for."""
    if looks_binary(data):
        return max(0, len(data) - DUMPED)
    lines = data.rsplit(b"\n", LINES - 1)
    return len(lines[0]) + 1 if len(lines) == LINES else data.find(b"\n") + 1


def dump(data: bytes, start: int = 0) -> str:
    """The bytes in hexadecimal with their characters, sixteen a line; the first is at `start`."""
    lines = []
    for at in range(0, min(len(data), DUMPED), 16):
        row = data[at : at + 16]
        left, right = row[:8].hex(" "), row[8:].hex(" ")
        shown = "".join(chr(b) if 32 <= b < 127 else "·" for b in row)
        lines.append(f"{start + at:08x}  {left:<23}  {right:<23}  {shown}")
    return "\n".join(lines)


class FileView(TextView):
    """One file of a place; of large ones a part at a time."""

    FILE_NAME: ClassVar[str] = "file"
    GROWS = False
    SCOPES: ClassVar[tuple[str, ...]] = ("parts", "log")
    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings("parts")]

    def compose_body(self) -> ComposeResult:
        """Lines that can be rows of a picture."""
        yield CellsView(id="text")

    def __init__(self, place: Place, path: str, size: int) -> None:
        super().__init__()
        self._place, self._path, self._bytes = place, path, size
        self._remark = ""
        self._pixels = b""
        """What is drawn as a picture; empty for everything else."""
        self._starts = [0]
        """Where the parts shown so far begin; the last one is on the screen."""
        self._next: int | None = None
        """Where the part after it begins; None at the end of the file."""
        self._tail = False
        """The end of the file is to be shown, as much of it as there is room for."""

    def crumbs(self) -> list[str]:
        """With the name; what is of this machine is in no folder."""
        above = super().crumbs()[:-1]
        if self._place.kind == "local":
            above[-1] = self._place.label
        return [*above, base(self._path)]

    def file_name(self) -> str:
        """The file's own."""
        return base(self._path)

    def counts(self) -> str:
        """Size, and which part of it is shown."""
        part = ""
        if len(self._starts) > 1 or self._next is not None:
            end = self._bytes if self._next is None else self._next
            start = format_size(self._starts[-1])
            part = f"part {len(self._starts)}: {start}-{format_size(end)} of"
        size = f"{format_size(self._bytes)}B"
        # Of a part the number of lines says little, but what is searched stays.
        lines = "" if self._pixels else super().counts()
        lines = lines.partition(" · ")[2] if part else lines
        return "  ".join(filter(None, (self._remark, f"{part} {size}".strip(), lines)))

    def setup(self) -> None:
        """Ask for it."""
        super().setup()
        self.log_view.set_text(f"loading {self._place.show(self._path)}…")
        self.reload()

    def reload(self) -> None:
        """Fetch it (again)."""
        self.in_background(self._load, "file")

    def on_resize(self) -> None:
        """A picture has another size then; a text is wrapped anew by itself."""
        if self._pixels:
            self.call_after_refresh(self.in_background, self._draw_again, "picture")

    async def _draw_again(self) -> None:
        await self._draw(self._pixels)

    def absent(self, action: Action) -> str:
        """A file shown as a whole has no parts, a picture no lines."""
        if action.scope == "parts" and len(self._starts) == 1 and self._next is None:
            return "the whole file is shown"
        if self._pixels and action.scope == "log":
            return "this is a picture"
        return super().absent(action)

    def why_not(self, action: Action) -> str:
        """There is a part before and after, or not."""
        if action.id == "parts.next" and self._next is None:
            return "this is the end of the file"
        if action.id == "parts.previous" and len(self._starts) == 1:
            return "this is the beginning of the file"
        return super().why_not(action)

    def do_parts_next(self, argument: str) -> None:
        """The part after this one."""
        if self._next is not None:
            self._starts.append(self._next)
            self._next = None
            self.reload()

    def do_parts_previous(self, argument: str) -> None:
        """The part before."""
        self._starts.pop()
        self.reload()

    def do_parts_end(self, argument: str) -> None:
        """The last part, such as the newest lines of a log."""
        if self._next is not None:
            self._starts.append(max(self._next, self._bytes - LIMIT))
            self._tail = True
            self.reload()

    async def _load(self) -> None:
        start = self._starts[-1]
        try:
            data = await self._place.read(self._path, self._bytes, LIMIT, start)
            if not start and len(data) < self._bytes <= PICTURE_LIMIT and data.startswith(PICTURES):
                data = await self._place.read(self._path, self._bytes, PICTURE_LIMIT)
        except Exception as error:
            self.connection.suspect(error)
            if isinstance(error, PlaceError):
                text = str(error)
            else:
                problem = explain(error)
                text = f"{problem.what}\n{problem.why}\n\nctrl+r retries"
            self.log_view.set_text(f"{self._place.show(self._path)} cannot be shown.\n\n{text}")
            return
        if not self.is_mounted:
            return
        if self._tail:
            self._tail = False
            skipped = before_end(data)
            data, start = data[skipped:], start + skipped
            self._starts[-1] = start
        self._bytes = max(self._bytes, start + len(data))
        self._next = None
        self._pixels = data if not start and await self._draw(data) else b""
        if self._pixels:
            pass
        elif looks_binary(data):
            self._remark = "binary"
            self._show(dump(data, start), start + min(len(data), DUMPED))
        else:
            self._remark = ""
            whole = start + len(data) >= self._bytes and data.count(b"\n") < LINES - 1
            part = data if whole else data[: whole_lines(data)]
            self._show(decode(part) or "(the file is empty)", start + len(part))
        self.log_view.scroll_home(animate=False)
        self.refresh_bars()

    def _show(self, text: str, end: int) -> None:
        self._next = end if end < self._bytes else None
        if self._next is not None:
            more = f"… {format_size(self._bytes - end)}B more: ] shows the next part"
            text = text.removesuffix("\n") + f"\n{more}"
        self.log_view.set_text(text)

    async def _draw(self, data: bytes) -> bool:
        """Draw a picture as large as there is room; False when it is none."""
        if not (data.startswith(PICTURES) and looks_binary(data)):
            return False
        from bai_tui.widgets.pictures import PictureError, draw, size_of

        view = self.query_one(CellsView)
        room = view.scrollable_content_region
        ground = view.background_colors[1].rgb
        try:
            rows = await asyncio.to_thread(
                draw, data, max(8, room.width), max(4, room.height), ground
            )
            width, height = size_of(data)
        except PictureError:
            return False
        self._remark = f"picture {width}x{height}"
        if self.is_mounted:
            view.set_lines(rows)
        return True
