"""Looking at a file without downloading it: its text, its picture in cells, or its bytes."""

from __future__ import annotations

import asyncio
from typing import ClassVar, Final

from textual.app import ComposeResult

from bai_tui.diagnosis import explain
from bai_tui.files import Place, PlaceError
from bai_tui.files.model import base
from bai_tui.screens.text import TextView
from bai_tui.widgets.cells import CellsView
from bai_tui.widgets.text import format_size

LIMIT: Final = 2 * 2**20
"""Bytes of a file that are fetched."""
PICTURES: Final = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"RIFF", b"II*\0", b"MM\0*")
"""How files begin that may be pictures; whether they are, the decoder says."""
PICTURE_LIMIT: Final = 16 * 2**20
"""Bytes of a picture that are fetched: only whole ones can be drawn."""
DUMPED: Final = 16 * 2**10
"""Bytes of a binary file that are shown."""


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


def dump(data: bytes) -> str:
    """The bytes in hexadecimal with their characters, sixteen a line."""
    lines = []
    for at in range(0, min(len(data), DUMPED), 16):
        row = data[at : at + 16]
        left, right = row[:8].hex(" "), row[8:].hex(" ")
        shown = "".join(chr(b) if 32 <= b < 127 else "·" for b in row)
        lines.append(f"{at:08x}  {left:<23}  {right:<23}  {shown}")
    return "\n".join(lines)


class FileView(TextView):
    """The beginning of one file of a place."""

    FILE_NAME: ClassVar[str] = "file"

    def compose_body(self) -> ComposeResult:
        """Lines that can be rows of a picture."""
        yield CellsView(id="text")

    def __init__(self, place: Place, path: str, size: int) -> None:
        super().__init__()
        self._place, self._path, self._bytes = place, path, size
        self._remark = ""

    def crumbs(self) -> list[str]:
        """With the name."""
        return [*super().crumbs()[:-1], base(self._path)]

    def file_name(self) -> str:
        """The file's own."""
        return base(self._path)

    def counts(self) -> str:
        """Size, and how much of it is shown."""
        return "  ".join(filter(None, (self._remark, format_size(self._bytes), super().counts())))

    def setup(self) -> None:
        """Ask for it."""
        super().setup()
        self.log_view.set_follow(False)
        self.log_view.set_text(f"loading {self._place.show(self._path)}…")
        self.reload()

    def reload(self) -> None:
        """Fetch it (again)."""
        self.in_background(self._load, "file")

    async def _load(self) -> None:
        try:
            data = await self._place.read(self._path, self._bytes, LIMIT)
            if len(data) < self._bytes <= PICTURE_LIMIT and data.startswith(PICTURES):
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
        self._bytes = max(self._bytes, len(data))
        if looks_binary(data) and data.startswith(PICTURES) and await self._draw(data):
            self._remark = "picture"
        elif looks_binary(data):
            self._remark = "binary"
            kept = min(len(data), DUMPED)
            rest = f"\n… {format_size(self._bytes - kept)} more" if self._bytes > kept else ""
            self.log_view.set_text(dump(data) + rest)
        else:
            cut = self._bytes > len(data)
            self._remark = f"the first {format_size(len(data))} of" if cut else ""
            self.log_view.set_text(decode(data) or "(the file is empty)")
        self.log_view.scroll_home(animate=False)
        self.refresh_bars()

    async def _draw(self, data: bytes) -> bool:
        """Draw a picture as large as there is room; False when it is none."""
        from bai_tui.widgets.pictures import PictureError, draw

        view = self.query_one(CellsView)
        room = view.scrollable_content_region
        ground = view.background_colors[1].rgb
        try:
            rows = await asyncio.to_thread(
                draw, data, max(8, room.width), max(4, room.height), ground
            )
        except PictureError:
            return False
        if self.is_mounted:
            view.set_lines(rows)
        return True
