"""Pictures in terminal cells: two pixels each, by half blocks. Pillow is loaded when first used."""

from __future__ import annotations

import io
from typing import Final

from bai_tui.widgets.output import Line

MAX_BYTES: Final = 32 * 1024 * 1024
MAX_PIXELS: Final = 64_000_000
"""Larger pictures are not decoded: they are saved all the same."""
HALF: Final = "▀"


class PictureError(Exception):
    """The picture cannot be drawn; the text says why."""


def size_of(data: bytes) -> tuple[int, int]:
    """Pixels across and down of a picture that can be drawn; only its head is read."""
    from PIL import Image

    with Image.open(io.BytesIO(data)) as opened:
        return opened.size


def draw(data: bytes, columns: int, rows: int, background: tuple[int, int, int]) -> list[Line]:
    """The picture in at most `columns` x `rows` cells, in its own proportions, never enlarged
    beyond one pixel per half cell. Takes a while: call it in a thread.

    Raises:
        PictureError: not a picture, or too large.
    """
    from PIL import Image, UnidentifiedImageError

    if len(data) > MAX_BYTES:
        raise PictureError(f"{len(data) / 2**20:.0f} MiB are too much to draw")
    try:
        with Image.open(io.BytesIO(data)) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                raise PictureError(f"{opened.width}x{opened.height} pixels are too many to draw")
            # JPEG is decoded at a smaller size at once.
            opened.draft("RGB", (columns * 2, rows * 4))
            picture = opened.convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as error:
        raise PictureError(f"it cannot be decoded ({error})") from None
    except Image.DecompressionBombError as error:
        raise PictureError(str(error)) from None
    share = min(1.0, columns / picture.width, rows * 2 / picture.height)
    width = max(1, round(picture.width * share))
    height = max(1, round(picture.height * share))
    small = picture.resize((width, height), Image.Resampling.LANCZOS)
    ground = Image.new("RGBA", (width, height + height % 2), (*background, 255))
    ground.alpha_composite(small)
    pixels = ground.convert("RGB").tobytes()

    def colour(x: int, y: int) -> str:
        at = 3 * (y * width + x)
        return f"#{pixels[at : at + 3].hex()}"

    return [
        Line.of(
            HALF * width,
            "picture",
            pixels=((colour(x, y), colour(x, y + 1)) for x in range(width)),
        )
        for y in range(0, ground.height, 2)
    ]
