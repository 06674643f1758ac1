"""The notebook and batch mode, for the pictures of the documentation."""

from __future__ import annotations

from textual.pilot import Pilot

from bai_tui.widgets.editor import CodeEditor
from bai_tui.widgets.fields import TextField
from tools.scenes_work import Shoot, Wait

NOTEBOOK = """import struct, zlib

class Gradient:
    def _repr_png_(self):
        def chunk(kind, data):
            body = kind + data
            return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))
        rows = b"".join(
            b"\\0" + bytes(v for x in range(64) for v in (x * 4, y * 10, 255 - x * 3))
            for y in range(24)
        )
        return (b"\\x89PNG\\r\\n\\x1a\\n"
                + chunk(b"IHDR", struct.pack(">IIBBBBB", 64, 24, 8, 2, 0, 0, 0))
                + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
"""


async def code(pilot: Pilot[None], shoot: Shoot, wait: Wait) -> None:
    """The notebook of the session under the cursor, and batch mode."""
    await pilot.press("r")
    await wait(0.5)
    for source in (
        NOTEBOOK,
        "Gradient()",
        "for epoch in range(3):\n    print('epoch', epoch, 'loss', round(1 / (epoch + 1), 3))",
        "name = input('who? ')",
    ):
        pilot.app.screen.query_one(CodeEditor).load_text(source)
        await pilot.press("ctrl+g")
        await wait(1)
    await shoot("code")
    await pilot.press(*"ann", "enter")
    await wait(0.5)
    await pilot.press("escape", "b")
    await wait(0.5)
    pilot.app.screen.query_one(
        "#build", TextField
    ).value = "python3 -m compileall -q . && echo built"
    pilot.app.screen.query_one("#exec", TextField).value = "echo epoch 1; echo epoch 2; ls"
    await pilot.press("ctrl+g")
    await wait(1.5)
    await shoot("batch")
    await pilot.press("escape", "escape")
